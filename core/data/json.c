/* json.c - values of a parsed JSON text: looking them up, walking over them, taking them out */
#include "data/json_parts.h"
#include "data/utf8.h"

void json_locate(const char *from, const char *at, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (; from < at; from++) {
		if (*from == '\n') {
			++*line;
			*column = 1;
		} else if (((uint8_t)*from & 0xc0) != 0x80) {
			++*column;
		}
	}
}

static const struct json nothing;

static const struct json_token *token(struct json v)
{
	static const struct json_token none = { .type = JSON_NONE };

	return v.doc && v.i < v.doc->n ? &v.doc->tokens[v.i] : &none;
}

struct json json_root(const struct json_doc *doc)
{
	return (struct json){ doc, 0 };
}

enum json_type json_type(struct json v)
{
	return (enum json_type)token(v)->type;
}

size_t json_count(struct json v)
{
	return token(v)->n;
}

struct json json_first(struct json v)
{
	return json_count(v) > 0 ? (struct json){ v.doc, v.i + 1 } : nothing;
}

struct json json_value(struct json name)
{
	return json_type(name) == JSON_STRING ? (struct json){ name.doc, name.i + 1 } : nothing;
}

struct json json_next(struct json v, struct json i)
{
	struct json last = json_type(v) == JSON_OBJECT ? json_value(i) : i;
	uint32_t next = token(last)->next;

	return next < token(v)->next ? (struct json){ v.doc, next } : nothing;
}

struct json json_get(struct json object, const char *name)
{
	if (json_type(object) == JSON_OBJECT)
		for (struct json i = json_first(object); json_type(i); i = json_next(object, i))
			if (json_is(i, name))
				return json_value(i);
	return nothing;
}

struct str json_raw(struct json v)
{
	return json_type(v) ? json_bytes(token(v), v.doc->text) : (struct str){ 0 };
}

int json_text(struct json v, struct buf *out)
{
	struct str s = json_raw(v);
	uint32_t c;

	if (json_type(v) != JSON_STRING)
		return err(ERR_FORMAT, "not a string");
	while (json_take_char(&s, &c)) {
		if (c == 0)
			return err(ERR_FORMAT, "a string that holds NUL");
		utf8_add(out, c);
	}
	return buf_check(out, "string");
}

bool json_is(struct json v, const char *text)
{
	struct str s = json_raw(v), want = str_of(text);
	uint32_t c, w;

	if (json_type(v) != JSON_STRING)
		return false;
	while (json_take_char(&s, &c))
		if (!utf8_take(&want, &w) || c != w)
			return false;
	return want.n == 0;
}

bool json_bool(struct json v, bool *out)
{
	if (json_type(v) != JSON_BOOL)
		return false;
	*out = json_raw(v).p[0] == 't';
	return true;
}

bool json_int(struct json v, int64_t *out)
{
	struct str digits = json_raw(v), sign;
	bool negative;
	uint64_t n;

	if (json_type(v) != JSON_NUMBER)
		return false;
	negative = str_starts(digits, "-");
	if (negative)
		(void)str_take(&digits, 1, &sign);
	if (!str_u64(digits, (uint64_t)INT64_MAX + negative, &n))
		return false;
	*out = (int64_t)(negative ? 0 - n : n);
	return true;
}

void json_place(struct json v, unsigned *line, unsigned *column)
{
	struct str s = json_raw(v);

	*line = *column = 0;
	if (json_type(v))
		json_locate(v.doc->text.p, s.p - (json_type(v) == JSON_STRING), line, column);
}
