/* json_write.c - JSON is written: compact, or one member a line */
#include <string.h>

#include "data/json_parts.h"
#include "data/utf8.h"

struct json_out json_out(struct buf *b, unsigned indent)
{
	return (struct json_out){ .b = b, .indent = indent };
}

static void new_line(struct json_out *o)
{
	if (o->indent == 0)
		return;
	buf_putc(o->b, '\n');
	for (unsigned i = 0; i < o->depth * o->indent; i++)
		buf_putc(o->b, ' ');
}

/* Before anything that stands at the present level. */
static void begin(struct json_out *o)
{
	if (!o->named) {
		if (o->filled)
			buf_putc(o->b, ',');
		if (o->depth > 0)
			new_line(o);
	}
	o->named = false;
	o->filled = true;
}

static void add_quoted(struct buf *b, struct str s)
{
	static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";

	buf_putc(b, '"');
	for (;;) {
		struct str part;
		uint32_t c;
		const char *at;

		(void)str_take(&s, json_plain(s), &part);
		buf_str(b, part);
		if (s.n == 0)
			break;
		if (!utf8_take(&s, &c)) {
			(void)str_take(&s, 1, &part);
			c = UTF8_REPLACEMENT;
		}
		at = c > 0 && c < 0x80 ? strchr(plain, (int)c) : NULL;
		if (at)
			buf_addf(b, "\\%c", names[at - plain]);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			utf8_add(b, c);
	}
	buf_putc(b, '"');
}

void json_open(struct json_out *o, char bracket)
{
	begin(o);
	buf_putc(o->b, bracket);
	o->depth++;
	o->filled = false;
}

void json_close(struct json_out *o, char bracket)
{
	o->depth--;
	if (o->filled)
		new_line(o);
	buf_putc(o->b, bracket);
	o->filled = true;
}

void json_name(struct json_out *o, const char *name)
{
	begin(o);
	add_quoted(o->b, str_of(name));
	buf_puts(o->b, o->indent ? ": " : ":");
	o->named = true;
}

void json_add_str(struct json_out *o, struct str value)
{
	begin(o);
	add_quoted(o->b, value);
}

void json_add_raw(struct json_out *o, struct str json)
{
	begin(o);
	buf_str(o->b, json);
}

void json_add_int(struct json_out *o, int64_t value)
{
	begin(o);
	buf_addf(o->b, "%lld", (long long)value);
}

void json_add_bool(struct json_out *o, bool value)
{
	json_add_raw(o, str_of(value ? "true" : "false"));
}

void json_add_null(struct json_out *o)
{
	json_add_raw(o, STR("null"));
}

void json_member(struct json_out *o, const char *name, const char *value)
{
	json_name(o, name);
	if (value)
		json_add_str(o, str_of(value));
	else
		json_add_null(o);
}
