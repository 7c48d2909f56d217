/* xml.c - the few XML elements that EC2 and STS answer: found by path, listed, read as text; and an
 * escaping writer
 *
 * A part of XML 1.0: a declaration, elements with attributes, text with the five named entities and
 * character references, comments. No DTD, so there is nothing that an entity could expand to.
 */
#include "data/xml.h"

#include <stdint.h>
#include <string.h>

#include "data/utf8.h"

enum kind { END, TEXT, OPEN, CLOSE, EMPTY, COMMENT, BAD };

/* What stands at the cursor: name of a tag, or text. */
struct piece {
	enum kind kind;
	struct str text;
};

static bool name_char(char c, bool first)
{
	unsigned u = (uint8_t)c;

	if ((u | 0x20) - 'a' < 26 || c == '_' || u >= 0x80)
		return true;
	return !first && (u - '0' < 10 || c == '-' || c == '.' || c == ':');
}

static bool take_name(struct str *in, struct str *name)
{
	size_t n = 0;

	while (n < in->n && name_char(in->p[n], n == 0))
		n++;
	return n > 0 && str_take(in, n, name);
}

static void skip_space(struct str *in)
{
	while (in->n > 0 && memchr(" \t\r\n", in->p[0], 4)) {
		in->p++;
		in->n--;
	}
}

static bool take_char(struct str *in, char c)
{
	struct str ignored;

	return in->n > 0 && in->p[0] == c && str_take(in, 1, &ignored);
}

/* Up to and with mark. */
static bool skip_past(struct str *in, const char *mark)
{
	for (; in->n > 0; in->p++, in->n--)
		if (str_starts(*in, mark)) {
			in->p += strlen(mark);
			in->n -= strlen(mark);
			return true;
		}
	return false;
}

/* name="value" or name='value' */
static bool skip_attribute(struct str *in)
{
	struct str ignored;
	char quote;

	if (!take_name(in, &ignored))
		return false;
	skip_space(in);
	if (!take_char(in, '='))
		return false;
	skip_space(in);
	quote = in->n > 0 ? in->p[0] : 0;
	if ((quote != '"' && quote != '\'') || !take_char(in, quote) || !str_has(*in, quote))
		return false;
	if (str_cut(in, quote, &ignored) && str_has(ignored, '<'))
		return false;
	return true;
}

static enum kind take_open(struct str *in, struct str *name)
{
	if (!take_name(in, name))
		return BAD;
	for (;;) {
		const char *before = in->p;

		skip_space(in);
		if (take_char(in, '>'))
			return OPEN;
		if (take_char(in, '/'))
			return take_char(in, '>') ? EMPTY : BAD;
		if (in->p == before || !skip_attribute(in))
			return BAD;
	}
}

static enum kind take_close(struct str *in, struct str *name)
{
	if (!take_name(in, name))
		return BAD;
	skip_space(in);
	return take_char(in, '>') ? CLOSE : BAD;
}

static struct piece take_piece(struct str *in)
{
	struct piece p = { .kind = END };
	size_t n = 0;

	if (in->n == 0)
		return p;
	while (n < in->n && in->p[n] != '<')
		n++;
	if (n > 0) {
		p.kind = TEXT;
		(void)str_take(in, n, &p.text);
	} else if (str_starts(*in, "<!--")) {
		p.kind = skip_past(in, "-->") ? COMMENT : BAD;
	} else if (take_char(in, '<')) {
		p.kind = take_char(in, '/') ? take_close(in, &p.text) : take_open(in, &p.text);
	}
	return p;
}

/* ---- text ---- */

static bool xml_char(uint32_t c)
{
	return c >= 0x20 ? c != 0xfffe && c != 0xffff : c == '\t' || c == '\n' || c == '\r';
}

/* &#N; and &#xN;, without the mark in front */
static bool char_reference(struct str digits, uint32_t *c)
{
	struct str x;
	unsigned base = 10;
	uint32_t v = 0;

	if (str_starts(digits, "x") && str_take(&digits, 1, &x))
		base = 16;
	if (digits.n == 0 || digits.n > 8)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		unsigned u = (uint8_t)digits.p[i];
		unsigned d = u - '0' < 10      ? u - '0'
			: (u | 0x20) - 'a' < 6 ? (u | 0x20) - 'a' + 10
					       : 16;

		if (d >= base || v > 0x10ffff)
			return false;
		v = v * base + d;
	}
	*c = v;
	return v <= 0x10ffff && (v & 0xfff800) != 0xd800 && xml_char(v);
}

static bool take_entity(struct str *in, uint32_t *c)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' },
		{ "apos", '\'' } };
	struct str rest = *in, name, mark;
	bool known = false;

	if (!take_char(&rest, '&') || !str_has(rest, ';') || !str_cut(&rest, ';', &name))
		return false;
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (str_is(name, entities[i].name)) {
			*c = (uint8_t)entities[i].c;
			known = true;
		}
	if (!known &&
		!(str_starts(name, "#") && str_take(&name, 1, &mark) && char_reference(name, c)))
		return false;
	*in = rest;
	return true;
}

static bool take_text_char(struct str *in, uint32_t *c)
{
	if (in->n > 0 && in->p[0] == '&')
		return take_entity(in, c);
	return utf8_take(in, c) && xml_char(*c);
}

static bool is_text(struct str s)
{
	uint32_t c;

	while (s.n > 0)
		if (!take_text_char(&s, &c))
			return false;
	return true;
}

/* ---- the check ---- */

struct check {
	struct str open[XML_DEPTH_MAX];
	unsigned depth;
	bool rooted;
};

static const char *check_piece(struct check *c, const struct piece *p)
{
	switch (p->kind) {
	case TEXT:
		if (c->depth == 0 && str_trim(p->text).n > 0)
			return "text outside of the root element";
		return is_text(p->text) ? NULL
					: "an unknown entity or a character that XML does not have";
	case OPEN:
	case EMPTY:
		if (c->depth == 0 && c->rooted)
			return "a second root element";
		if (c->depth == XML_DEPTH_MAX)
			return "nested too deeply";
		c->rooted = true;
		if (p->kind == OPEN)
			c->open[c->depth++] = p->text;
		return NULL;
	case CLOSE:
		return c->depth > 0 && str_eq(c->open[--c->depth], p->text)
			? NULL
			: "a closing tag that fits no opening one";
	case BAD: return "not a tag";
	default: return NULL;
	}
}

static bool skip_declaration(struct str *in)
{
	return !str_starts(*in, "<?xml ") || skip_past(in, "?>");
}

/* The content of an element whose opening tag was just taken. */
static struct str take_inner(struct str *in)
{
	struct str inner = { in->p, 0 };
	unsigned depth = 1;

	while (depth > 0) {
		const char *at = in->p;
		struct piece p = take_piece(in);

		if (p.kind == END || p.kind == BAD)
			break;
		depth += p.kind == OPEN;
		depth -= p.kind == CLOSE;
		inner.n = (size_t)(at - inner.p);
	}
	return inner;
}

static bool take_element(struct str *in, struct xml *out)
{
	for (;;) {
		struct piece p = take_piece(in);

		if (p.kind == END || p.kind == BAD || p.kind == CLOSE)
			return false;
		if (p.kind != OPEN && p.kind != EMPTY)
			continue;
		out->name = p.text;
		out->inner = p.kind == OPEN ? take_inner(in) : (struct str){ in->p, 0 };
		return true;
	}
}

int xml_parse(struct xml *root, struct str text)
{
	struct check c = { .rooted = false };
	struct str rest = text;
	const char *what = NULL, *at = text.p;

	*root = (struct xml){ 0 };
	if (!skip_declaration(&rest))
		return err(ERR_FORMAT, "byte 0: an XML declaration without its end");
	for (struct piece p = { .kind = TEXT }; !what && p.kind != END;) {
		at = rest.p;
		p = take_piece(&rest);
		what = check_piece(&c, &p);
	}
	if (!what && (!c.rooted || c.depth > 0))
		what = "an element without its end";
	if (what)
		return err(
			ERR_FORMAT, "byte %zu: %s", text.n > 0 ? (size_t)(at - text.p) : 0, what);
	rest = text;
	(void)skip_declaration(&rest);
	return take_element(&rest, root) ? 0 : err(ERR_BUG, "XML without a root");
}

/* ---- reading ---- */

bool xml_next(struct xml parent, const char *name, struct xml *child)
{
	struct str rest = parent.inner;
	struct xml e;

	if (child->inner.p) {
		const char *behind = child->inner.p + child->inner.n;
		struct str tag = { behind, (size_t)(rest.p + rest.n - behind) };

		/* <name/> ended before its empty content, <name>...</name> ends behind it */
		if (str_starts(tag, "</"))
			(void)skip_past(&tag, ">");
		rest = tag;
	}
	while (take_element(&rest, &e))
		if (str_is(e.name, name)) {
			*child = e;
			return true;
		}
	*child = (struct xml){ 0 };
	return false;
}

bool xml_find(struct xml parent, const char *path, struct xml *out)
{
	struct str rest = str_of(path), part;
	char name[64];

	while (str_cut(&rest, '/', &part)) {
		*out = (struct xml){ 0 };
		if (!str_copy(name, sizeof(name), part) || !xml_next(parent, name, out))
			return false;
		parent = *out;
	}
	return true;
}

int xml_text(struct xml element, struct buf *out)
{
	struct str rest = element.inner;
	struct piece p;
	uint32_t c;

	while ((p = take_piece(&rest)).kind != END) {
		if (p.kind != TEXT && p.kind != COMMENT)
			return err(ERR_FORMAT, "element %.*s is no text", STR_ARG(element.name));
		while (p.kind == TEXT && take_text_char(&p.text, &c))
			utf8_add(out, c);
	}
	return buf_check(out, "XML text");
}

int xml_get(struct xml parent, const char *path, struct buf *out)
{
	struct xml e;

	if (!xml_find(parent, path, &e))
		return err(ERR_ABSENT, "the answer has no element %s", path);
	return xml_text(e, out);
}

/* ---- writing ---- */

void xml_add(struct buf *out, struct str text)
{
	static const char special[] = "&<>\"'\r";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#13;" };

	while (text.n > 0) {
		struct str bad;
		uint32_t c;
		const char *at;

		if (!utf8_take(&text, &c)) {
			(void)str_take(&text, 1, &bad);
			c = UTF8_REPLACEMENT;
		}
		at = c > 0 && c < 0x80 ? strchr(special, (int)c) : NULL;
		if (at)
			buf_puts(out, names[at - special]);
		else
			utf8_add(out, xml_char(c) ? c : UTF8_REPLACEMENT);
	}
}

void xml_element(struct buf *out, const char *name, struct str text)
{
	buf_addf(out, "<%s>", name);
	xml_add(out, text);
	buf_addf(out, "</%s>", name);
}
