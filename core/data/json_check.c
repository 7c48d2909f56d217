/* json_check.c - whether a text is JSON (RFC 8259), byte by byte and with a limit on the depth */
#include <string.h>

#include "data/json_parts.h"
#include "data/utf8.h"

static bool hex4(struct str s, uint32_t *out)
{
	*out = 0;
	if (s.n < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		unsigned d = (uint8_t)s.p[i], letter = (d | 0x20) - 'a';

		if (d - '0' > 9 && letter > 5)
			return false;
		*out = *out << 4 | (d - '0' <= 9 ? d - '0' : letter + 10);
	}
	return true;
}

bool json_take_char(struct str *s, uint32_t *out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	struct str mark;
	const char *at;
	uint32_t low;

	if (s->n == 0 || (uint8_t)s->p[0] < 0x20)
		return false;
	if (s->p[0] != '\\')
		return utf8_take(s, out);
	if (s->n < 2)
		return false;
	at = memchr(names, s->p[1], sizeof(names) - 1);
	if (at) {
		*out = (uint8_t)values[at - names];
		return str_take(s, 2, &mark);
	}
	if (s->p[1] != 'u' || !hex4((struct str){ s->p + 2, s->n - 2 }, out) ||
		(*out & 0xfc00) == 0xdc00)
		return false;
	if ((*out & 0xfc00) != 0xd800)
		return str_take(s, 6, &mark);
	if (s->n < 12 || s->p[6] != '\\' || s->p[7] != 'u' ||
		!hex4((struct str){ s->p + 8, s->n - 8 }, &low) || (low & 0xfc00) != 0xdc00)
		return false;
	*out = 0x10000 + ((*out & 0x3ff) << 10 | (low & 0x3ff));
	return str_take(s, 12, &mark);
}

size_t json_plain(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

static bool wrong(struct json_check *c, const char *what)
{
	c->what = what;
	return false;
}

static void skip(struct json_check *c, size_t n)
{
	struct str ignored;

	(void)str_take(&c->rest, n, &ignored);
}

static char peek(const struct json_check *c)
{
	return c->rest.n > 0 ? c->rest.p[0] : 0;
}

static void skip_space(struct json_check *c)
{
	while (c->rest.n > 0 && memchr(" \t\r\n", peek(c), 4))
		skip(c, 1);
}

static bool check_string(struct json_check *c)
{
	uint32_t ignored;

	skip(c, 1);
	for (skip(c, json_plain(c->rest)); c->rest.n > 0 && peek(c) != '"';
		skip(c, json_plain(c->rest)))
		if (!json_take_char(&c->rest, &ignored))
			return wrong(c,
				peek(c) == '\\'
					? "an escape that JSON does not know, or half of a pair"
					: (uint8_t)peek(c) < 0x20
					? "a control character inside a string"
					: "bytes that are no UTF-8");
	if (c->rest.n == 0)
		return wrong(c, "a string without its end");
	skip(c, 1);
	return true;
}

static bool check_digits(struct json_check *c)
{
	size_t before = c->rest.n;

	while (peek(c) >= '0' && peek(c) <= '9')
		skip(c, 1);
	return c->rest.n < before || wrong(c, "a number without digits");
}

static bool check_number(struct json_check *c)
{
	bool zero;

	if (peek(c) == '-')
		skip(c, 1);
	zero = peek(c) == '0';
	if (zero)
		skip(c, 1);
	else if (!check_digits(c))
		return false;
	if (peek(c) == '.') {
		skip(c, 1);
		if (!check_digits(c))
			return false;
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		skip(c, 1);
		if (peek(c) == '+' || peek(c) == '-')
			skip(c, 1);
		if (!check_digits(c))
			return false;
	}
	return true;
}

static bool check_word(struct json_check *c)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (str_starts(c->rest, words[i])) {
			skip(c, strlen(words[i]));
			return true;
		}
	return wrong(c, c->rest.n > 0 ? "no JSON value" : "the text ends where a value is missing");
}

static bool check_value(struct json_check *c, unsigned depth);

static bool check_member(struct json_check *c, unsigned depth)
{
	if (peek(c) != '"')
		return wrong(c, "a member name in double quotes is missing");
	if (!check_string(c))
		return false;
	skip_space(c);
	if (peek(c) != ':')
		return wrong(c, "':' is missing behind a member name");
	skip(c, 1);
	return check_value(c, depth);
}

static bool check_group(struct json_check *c, char end, unsigned depth)
{
	if (depth >= JSON_DEPTH_MAX)
		return wrong(c, "nested too deeply");
	skip(c, 1);
	skip_space(c);
	if (peek(c) == end) {
		skip(c, 1);
		return true;
	}
	for (;;) {
		skip_space(c);
		if (!(end == '}' ? check_member(c, depth + 1) : check_value(c, depth + 1)))
			return false;
		skip_space(c);
		if (peek(c) != ',')
			break;
		skip(c, 1);
	}
	if (peek(c) != end)
		return wrong(c, end == '}' ? "',' or '}' is missing" : "',' or ']' is missing");
	skip(c, 1);
	return true;
}

static bool check_value(struct json_check *c, unsigned depth)
{
	skip_space(c);
	switch (peek(c)) {
	case '{': return check_group(c, '}', depth);
	case '[': return check_group(c, ']', depth);
	case '"': return check_string(c);
	}
	if (peek(c) == '-' || (peek(c) >= '0' && peek(c) <= '9'))
		return check_number(c);
	return check_word(c);
}

bool json_check(struct json_check *c)
{
	if (str_starts(c->rest, "\xef\xbb\xbf"))
		return wrong(c, "a byte order mark stands in front of the text: save it without");
	if (!check_value(c, 0))
		return false;
	skip_space(c);
	return c->rest.n == 0 || wrong(c, "something behind the end of the value");
}
