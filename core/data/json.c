/* json.c - JSON (RFC 8259), strictly: jsmn finds the tokens, this room decides whether they are
 * JSON
 *
 * jsmn takes a lot for JSON that is none (missing commas, two documents, "tru", lone surrogates,
 * ...), and is quadratic in the depth. So the text is checked first, byte by byte and with a limit
 * on the depth, and jsmn only sees what is JSON. Its tokens are then rewritten in place as ours;
 * equal names are found last, by sorting each object's members.
 */
#include "data/json.h"

#include <assert.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

#include "data/utf8.h"

static_assert(sizeof(jsmntok_t) == sizeof(struct json_token), "both share the caller's storage");

#define NOWHERE UINT32_MAX

/* ---- the check ---- */

struct check {
	struct str rest;
	const char *what; /* is wrong at rest */
};

static void place_of(const char *from, const char *at, unsigned *line, unsigned *column)
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

static bool wrong(struct check *c, const char *what)
{
	c->what = what;
	return false;
}

static void skip(struct check *c, size_t n)
{
	struct str ignored;

	(void)str_take(&c->rest, n, &ignored);
}

static char peek(const struct check *c)
{
	return c->rest.n > 0 ? c->rest.p[0] : 0;
}

static void skip_space(struct check *c)
{
	while (c->rest.n > 0 && memchr(" \t\r\n", peek(c), 4))
		skip(c, 1);
}

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

/* Takes the character that stands at the front of a string, decoded. False where none of JSON
 * stands. */
static bool take_char(struct str *s, uint32_t *out)
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

/* How many bytes at the front stand for themselves in a string. */
static size_t plain_run(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7f && s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

static bool check_string(struct check *c)
{
	uint32_t ignored;

	skip(c, 1);
	for (skip(c, plain_run(c->rest)); c->rest.n > 0 && peek(c) != '"';
		skip(c, plain_run(c->rest)))
		if (!take_char(&c->rest, &ignored))
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

static bool check_digits(struct check *c)
{
	size_t before = c->rest.n;

	while (peek(c) >= '0' && peek(c) <= '9')
		skip(c, 1);
	return c->rest.n < before || wrong(c, "a number without digits");
}

static bool check_number(struct check *c)
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

static bool check_word(struct check *c)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (str_starts(c->rest, words[i])) {
			skip(c, strlen(words[i]));
			return true;
		}
	return wrong(c, c->rest.n > 0 ? "no JSON value" : "the text ends where a value is missing");
}

static bool check_value(struct check *c, unsigned depth);

static bool check_member(struct check *c, unsigned depth)
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

static bool check_group(struct check *c, char end, unsigned depth)
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

static bool check_value(struct check *c, unsigned depth)
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

static bool check_text(struct check *c)
{
	if (str_starts(c->rest, "\xef\xbb\xbf"))
		return wrong(c, "a byte order mark stands in front of the text: save it without");
	if (!check_value(c, 0))
		return false;
	skip_space(c);
	return c->rest.n == 0 || wrong(c, "something behind the end of the value");
}

static int refuse(struct json_doc *doc, const char *at, const char *what)
{
	unsigned line, column;

	doc->wrong = what;
	doc->wrong_at = (size_t)(at - doc->text.p);
	place_of(doc->text.p, at, &line, &column);
	return err(ERR_FORMAT, "line %u, column %u: %s", line, column, what);
}

/* ---- the tokens ---- */

static enum json_type primitive_type(char c)
{
	return c == 't' || c == 'f' ? JSON_BOOL : c == 'n' ? JSON_NULL : JSON_NUMBER;
}

static uint8_t type_of(const jsmntok_t *t, struct str text)
{
	switch (t->type) {
	case JSMN_OBJECT: return JSON_OBJECT;
	case JSMN_ARRAY: return JSON_ARRAY;
	case JSMN_STRING: return JSON_STRING;
	default: return (uint8_t)primitive_type(text.p[t->start]);
	}
}

/* Rewrites jsmn's tokens as ours, from front to back; what is still open knows its end when a token
 * begins behind it. */
static void rewrite(struct json_token *tokens, uint32_t n, struct str text)
{
	uint32_t open[JSON_DEPTH_MAX], depth = 0;

	for (uint32_t i = 0; i < n; i++) {
		jsmntok_t t;

		memcpy(&t, &tokens[i], sizeof(t));
		while (depth > 0 && tokens[open[depth - 1]].end <= (uint32_t)t.start)
			tokens[open[--depth]].next = i;
		tokens[i] = (struct json_token){ .start = (uint32_t)t.start,
			.end = (uint32_t)t.end,
			.next = i + 1,
			.type = type_of(&t, text) };
		if (t.type == JSMN_OBJECT || t.type == JSMN_ARRAY) {
			tokens[i].n = (uint32_t)t.size;
			open[depth++] = i;
		}
	}
	while (depth > 0)
		tokens[open[--depth]].next = n;
}

static int tokenize(struct json_doc *doc, struct json_token *tokens, size_t cap)
{
	struct str body = str_trim(doc->text);
	jsmn_parser parser;
	int n;

	/* jsmn's strict mode has no word or number at the top */
	if (cap > 0 && body.p[0] != '{' && body.p[0] != '[' && body.p[0] != '"') {
		uint32_t start = (uint32_t)(body.p - doc->text.p);

		tokens[0] = (struct json_token){ .start = start,
			.end = start + (uint32_t)body.n,
			.next = 1,
			.type = (uint8_t)primitive_type(body.p[0]) };
		doc->n = 1;
		return 0;
	}
	jsmn_init(&parser);
	n = cap > 0 ? jsmn_parse(&parser, doc->text.p, doc->text.n, (void *)tokens,
			      cap < INT32_MAX ? (unsigned)cap : INT32_MAX)
		    : JSMN_ERROR_NOMEM;
	if (n == JSMN_ERROR_NOMEM)
		return err(ERR_LIMIT, "JSON of more than %zu values and names", cap);
	if (n <= 0)
		return err(ERR_FORMAT, "not JSON");
	rewrite(tokens, (uint32_t)n, doc->text);
	doc->n = (size_t)n;
	return 0;
}

/* ---- equal names ---- */

static struct str raw(const struct json_token *t, struct str text)
{
	return (struct str){ text.p + t->start, t->end - t->start };
}

static int compare(struct str a, struct str b)
{
	uint32_t x, y;

	while (a.n > 0 && b.n > 0) {
		(void)take_char(&a, &x);
		(void)take_char(&b, &y);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > 0) - (b.n > 0);
}

/* The members of one object while they are sorted: a list that uses their own next fields. */
struct names {
	struct json_token *tokens;
	struct str text;
	uint32_t twin; /* one that is equal to another */
};

static uint32_t merge(struct names *s, uint32_t a, uint32_t b)
{
	uint32_t head = NOWHERE, *tail = &head;

	while (a != NOWHERE && b != NOWHERE) {
		int order = compare(raw(&s->tokens[a], s->text), raw(&s->tokens[b], s->text));
		uint32_t *from = order <= 0 ? &a : &b;

		if (order == 0)
			s->twin = a > b ? a : b;
		*tail = *from;
		tail = &s->tokens[*from].next;
		*from = *tail;
	}
	*tail = a != NOWHERE ? a : b;
	return head;
}

/* Takes n names off the front of *list and returns them sorted. */
static uint32_t sort(struct names *s, uint32_t *list, uint32_t n)
{
	uint32_t first = *list, second;

	if (n == 1) {
		*list = s->tokens[first].next;
		s->tokens[first].next = NOWHERE;
		return first;
	}
	first = sort(s, list, n / 2);
	second = sort(s, list, n - n / 2);
	return merge(s, first, second);
}

/* The later of two equal names of the object, or NOWHERE. */
static uint32_t find_twin(struct json_token *tokens, struct str text, uint32_t object)
{
	struct names s = { tokens, text, NOWHERE };
	uint32_t i = object + 1, n = tokens[object].n, list = i, end = tokens[object].next;

	if (n < 2)
		return NOWHERE;
	for (; i < end; i = tokens[i + 1].next)
		tokens[i].next = tokens[i + 1].next;
	(void)sort(&s, &list, n);
	for (i = object + 1; i < end; i = tokens[i + 1].next)
		tokens[i].next = i + 1;
	return s.twin;
}

static int refuse_twins(struct json_doc *doc, struct json_token *tokens)
{
	for (uint32_t i = 0; i < doc->n; i++) {
		uint32_t twin = tokens[i].type == JSON_OBJECT ? find_twin(tokens, doc->text, i)
							      : NOWHERE;

		if (twin != NOWHERE)
			return refuse(doc, doc->text.p + tokens[twin].start - 1,
				"a member of this name stands in the object already");
	}
	return 0;
}

int json_parse(struct json_doc *doc, struct str text, struct json_token *tokens, size_t cap)
{
	struct check c = { .rest = text };
	int r;

	*doc = (struct json_doc){ .text = text, .tokens = tokens };
	if (text.n > INT32_MAX)
		return err(ERR_LIMIT, "JSON of %zu bytes", text.n);
	if (!check_text(&c))
		return refuse(doc, c.rest.p, c.what);
	r = tokenize(doc, tokens, cap);
	if (r == 0)
		r = refuse_twins(doc, tokens);
	if (r < 0)
		doc->n = 0;
	return r;
}

/* ---- reading ---- */

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
	return json_type(v) ? raw(token(v), v.doc->text) : (struct str){ 0 };
}

int json_text(struct json v, struct buf *out)
{
	struct str s = json_raw(v);
	uint32_t c;

	if (json_type(v) != JSON_STRING)
		return err(ERR_FORMAT, "not a string");
	while (take_char(&s, &c)) {
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
	while (take_char(&s, &c))
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
		place_of(v.doc->text.p, s.p - (json_type(v) == JSON_STRING), line, column);
}

/* ---- writing ---- */

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

		(void)str_take(&s, plain_run(s), &part);
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
