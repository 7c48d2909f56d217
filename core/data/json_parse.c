/* json_parse.c - a text becomes tokens: jsmn finds them, this module decides whether they are JSON
 *
 * jsmn takes a lot for JSON that is none (missing commas, two documents, "tru", lone surrogates,
 * ...), and is quadratic in the depth. So the text is checked first, and jsmn only sees what is
 * JSON. Its tokens are then rewritten in place as ours; equal names are found last, by sorting each
 * object's members.
 */
#include <assert.h>
#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

#include "data/json_parts.h"

static_assert(sizeof(jsmntok_t) == sizeof(struct json_token), "both share the caller's storage");

#define NOWHERE UINT32_MAX

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

static int compare(struct str a, struct str b)
{
	uint32_t x, y;

	while (a.n > 0 && b.n > 0) {
		(void)json_take_char(&a, &x);
		(void)json_take_char(&b, &y);
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
		int order = compare(
			json_bytes(&s->tokens[a], s->text), json_bytes(&s->tokens[b], s->text));
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

static int refuse(struct json_doc *doc, const char *at, const char *what)
{
	unsigned line, column;

	doc->wrong = what;
	doc->wrong_at = (size_t)(at - doc->text.p);
	json_locate(doc->text.p, at, &line, &column);
	return err(ERR_FORMAT, "line %u, column %u: %s", line, column, what);
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
	struct json_check c = { .rest = text };
	int r;

	*doc = (struct json_doc){ .text = text, .tokens = tokens };
	if (text.n > INT32_MAX)
		return err(ERR_LIMIT, "JSON of %zu bytes", text.n);
	if (!json_check(&c))
		return refuse(doc, c.rest.p, c.what);
	r = tokenize(doc, tokens, cap);
	if (r == 0)
		r = refuse_twins(doc, tokens);
	if (r < 0)
		doc->n = 0;
	return r;
}
