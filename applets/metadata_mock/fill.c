/* fill.c - texts with the values of an object in them */
#include "fill.h"

#include <string.h>

#include "data/json.h"
#include "data/xml.h"

enum { TEXT_MAX = 8192 };

/* FNV-1a: what is derived must look random, stay the same, and differ; nothing else */
uint64_t mix(const char *salt, const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (int i = 0; i < 2; i++)
		for (const char *p = i == 0 ? salt : text; *p; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211u;
	return h ^ h >> 29;
}

static const char *value_of(const struct fill *f, struct str name)
{
	for (size_t i = 0; i < f->n_pairs; i++)
		if (str_is(name, f->pairs[i].name))
			return f->pairs[i].value;
	if (!f->members)
		return NULL;
	/* what belongs to an account begins with a pointer to it */
	if (str_is(name, "account"))
		return (*(const struct account *const *)f->object)->id;
	return member_text(f->members, f->object, name);
}

static bool add_value(struct buf *out, const struct fill *f, struct str name)
{
	char how = name.n > 0 ? name.p[0] : 0;
	const char *value;

	if (how == '-' || how == '#')
		(void)str_take(&name, 1, &(struct str){ 0 });
	value = value_of(f, name);
	if (!value)
		return false;
	if (how == '#')
		buf_addf(out, "0%016llx", (unsigned long long)mix(buf_text(out), value));
	else if (how == '-')
		for (; *value; value++)
			buf_putc(out, *value == '.' || *value == ':' ? '-' : *value);
	else
		buf_puts(out, value);
	return true;
}

bool fill(struct buf *out, const struct fill *f, struct str text)
{
	struct str part;
	bool all = true;

	while (str_cut(&text, '{', &part)) {
		buf_str(out, part);
		if (text.n > 0 && str_cut(&text, '}', &part) && !add_value(out, f, part))
			all = false;
	}
	return all;
}

void fill_xml(struct buf *out, const struct fill *f, const char *text)
{
	struct str rest = str_of(text), word, name;

	while (str_take_word(&rest, &word)) {
		BUF(value, TEXT_MAX);
		BUF(tag, 64);

		if (word.p[0] == '<') {
			buf_str(out, word);
			continue;
		}
		(void)str_cut(&word, '=', &name);
		buf_str(&tag, name);
		if (fill(&value, f, word))
			xml_element(out, buf_text(&tag), buf_view(&value));
	}
}

void fill_object(struct buf *out, const struct fill *f, const char *text)
{
	struct str rest = str_of(text), part, name;
	const char *before = "{\n";

	while (str_cut(&rest, '|', &part)) {
		BUF(value, TEXT_MAX);
		struct json_out o = json_out(out, 0);

		(void)str_cut(&part, '=', &name);
		buf_addf(out, "%s  \"%.*s\" : ", before, STR_ARG(name));
		if (fill(&value, f, part))
			json_add_str(&o, buf_view(&value));
		else
			buf_puts(out, "null");
		before = ",\n";
	}
	buf_puts(out, "\n}");
}
