/* match.c - patterns of policies: wildcards, variables, ARNs */
#include "iam/match.h"

#include <string.h>

/* ---- variables ---- */

/* One ${...}, taken apart. */
struct variable {
	struct str key, value; /* value: the default */
	bool has_default;
};

static bool key_char(char c)
{
	unsigned u = (uint8_t)c;

	return (u | 0x20) - 'a' < 26 || u - '0' < 10 || (c != 0 && strchr(":/-_.@+=", c)) ||
		u >= 0x80;
}

static const char *split_default(struct variable *v, struct str text)
{
	struct str quote;
	const char *comma = text.n > 0 ? memchr(text.p, ',', text.n) : NULL;

	v->key = text;
	v->has_default = comma != NULL;
	if (!comma)
		return NULL;
	v->key.n = (size_t)(comma - text.p);
	v->value = str_trim((struct str){ comma + 1, text.n - v->key.n - 1 });
	if (v->value.p == comma + 1)
		return "a variable's default needs a blank before it";
	if (v->value.n < 2 || v->value.p[0] != '\'' || v->value.p[v->value.n - 1] != '\'')
		return "a variable's default needs single quotes";
	v->value.n--;
	(void)str_take(&v->value, 1, &quote);
	return str_has(v->value, '\'') ? "a variable's default may hold no quote" : NULL;
}

/* Takes "${...}" off the front; what is wrong with it, or NULL. */
static const char *take_variable(struct str *in, struct variable *v)
{
	struct str text, mark;
	const char *wrong;

	(void)str_take(in, 2, &mark);
	if (!str_has(*in, '}'))
		return "a variable without its closing brace";
	(void)str_cut(in, '}', &text);
	wrong = split_default(v, text);
	if (wrong)
		return wrong;
	if (v->key.n == 0)
		return "a variable without a name";
	if (v->key.n == 1 && strchr("*?$", v->key.p[0]))
		return v->has_default ? "an escaped character has no default" : NULL;
	for (size_t i = 0; i < v->key.n; i++)
		if (!key_char(v->key.p[i]))
			return "a variable's name may hold no blanks and other marks";
	return NULL;
}

const char *match_bad_variable(struct str pattern)
{
	struct variable v;
	struct str c;

	while (pattern.n > 0) {
		const char *wrong = str_starts(pattern, "${") ? take_variable(&pattern, &v) : NULL;

		if (wrong)
			return wrong;
		if (!str_starts(pattern, "${") && !str_take(&pattern, 1, &c))
			break;
	}
	return NULL;
}

/* ---- compiling ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static void add_variable(struct buf *b, const struct variable *v)
{
	if (v->key.n == 1 && strchr("*?$", v->key.p[0])) {
		buf_str(b, v->key);
		return;
	}
	buf_putc(b, MATCH_VAR);
	buf_str(b, v->key);
	if (v->has_default) {
		buf_putc(b, MATCH_DEFAULT);
		buf_str(b, v->value);
	}
	buf_putc(b, MATCH_END);
}

static void add_plain(struct buf *b, char c, unsigned flags)
{
	if (flags & COMPILE_WILD && c == '?')
		buf_putc(b, MATCH_ONE);
	else if (!(flags & COMPILE_WILD) || c != '*')
		buf_putc(b, flags & COMPILE_LOWER ? lower(c) : c);
	else if (b->len == 0 || b->p[b->len - 1] != MATCH_ANY)
		buf_putc(b, MATCH_ANY);
}

static bool needs_compiling(struct str pattern, unsigned flags)
{
	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];

		if ((flags & COMPILE_WILD && (c == '*' || c == '?')) ||
			(flags & COMPILE_VARIABLES && c == '$') ||
			(flags & COMPILE_LOWER && lower(c) != c))
			return true;
	}
	return false;
}

bool match_compile(struct str *form, struct str pattern, unsigned flags, struct arena *a)
{
	struct variable v;
	struct str c;
	struct buf b;
	char *p;

	*form = pattern;
	if (!needs_compiling(pattern, flags))
		return true;
	p = arena_take(a, pattern.n + 1);
	if (!p)
		return false;
	b = buf_of(p, pattern.n + 1);
	while (pattern.n > 0) {
		if (flags & COMPILE_VARIABLES && str_starts(pattern, "${")) {
			if (take_variable(&pattern, &v)) {
				*form = (struct str){ 0 };
				return true;
			}
			add_variable(&b, &v);
		} else if (str_take(&pattern, 1, &c)) {
			add_plain(&b, c.p[0], flags);
		}
	}
	*form = buf_view(&b);
	return true;
}

bool match_has_variables(struct str form)
{
	return str_has(form, MATCH_VAR);
}

/* ---- wildcards ---- */

static bool continues(char c)
{
	return ((uint8_t)c & 0xc0) == 0x80;
}

static size_t after_char(struct str s, size_t i)
{
	for (i++; i < s.n && continues(s.p[i]); i++)
		;
	return i;
}

/* Goes back to the last * and lets it take one character more; fast for nearly everything, and
 * gives up (-1) when it has taken more steps than that can need. */
static int match_greedily(struct str form, struct str value)
{
	size_t f = 0, v = 0, star = SIZE_MAX, from = 0, steps = 16 * (form.n + value.n) + 256;

	while (v < value.n) {
		if (steps-- == 0)
			return -1;
		if (f < form.n && form.p[f] == MATCH_ANY) {
			star = ++f;
			from = v;
		} else if (f < form.n && form.p[f] == MATCH_ONE) {
			f++;
			v = after_char(value, v);
		} else if (f < form.n && form.p[f] == value.p[v]) {
			f++;
			v++;
		} else if (star == SIZE_MAX) {
			return 0;
		} else {
			f = star;
			v = from = after_char(value, from);
		}
	}
	while (f < form.n && form.p[f] == MATCH_ANY)
		f++;
	return f == form.n;
}

/* Sets of places in a value, as bits: which ones the pattern can have reached so far. */
enum { WORDS = MATCH_VALUE_MAX / 64 + 1 };

struct places {
	uint64_t w[WORDS];
};

static void places_add(struct places *s, size_t i)
{
	s->w[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool places_has(const struct places *s, size_t i)
{
	return s->w[i / 64] >> (i % 64) & 1;
}

/* The places behind those that are in s and in where. Returns false when there are none. */
static bool places_step(struct places *s, const struct places *where)
{
	uint64_t carry = 0, any = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		uint64_t w = s->w[i] & where->w[i];

		s->w[i] = w << 1 | carry;
		carry = w >> 63;
		any |= s->w[i];
	}
	return any != 0;
}

/* From the middle of a character to its end: the bytes that continue it are passed one by one. */
static void places_finish(struct places *s, const struct places *middle)
{
	for (unsigned round = 0; round < 3; round++) {
		struct places moved = *s;

		if (!places_step(&moved, middle))
			return;
		for (unsigned i = 0; i < WORDS; i++)
			s->w[i] = (s->w[i] & ~middle->w[i]) | moved.w[i];
	}
}

static void places_spread(struct places *s)
{
	bool on = false;

	for (unsigned i = 0; i < WORDS; i++) {
		uint64_t w = s->w[i];

		s->w[i] = on ? UINT64_MAX : w ? ~(w & -w) + 1 : 0;
		on = on || w;
	}
}

/* One table row for each byte that occurs, so that a step costs WORDS operations. */
struct table {
	struct places of[256], starts, middle;
};

static bool match_by_places(struct str form, struct str value)
{
	struct table t;
	struct places s = { { 1 } };

	memset(&t, 0, sizeof(t));
	for (size_t i = 0; i < value.n; i++) {
		places_add(&t.of[(uint8_t)value.p[i]], i);
		places_add(continues(value.p[i]) ? &t.middle : &t.starts, i);
	}
	for (size_t i = 0; i < form.n; i++) {
		if (form.p[i] == MATCH_ANY) {
			places_spread(&s);
			continue;
		}
		if (!places_step(
			    &s, form.p[i] == MATCH_ONE ? &t.starts : &t.of[(uint8_t)form.p[i]]))
			return false;
		if (form.p[i] == MATCH_ONE)
			places_finish(&s, &t.middle);
	}
	return places_has(&s, value.n);
}

bool match_wild(struct str form, struct str value)
{
	int r;

	if (value.n > MATCH_VALUE_MAX)
		return false;
	if (str_eq(form, value))
		return true;
	r = match_greedily(form, value);
	return r < 0 ? match_by_places(form, value) : r;
}

/* ---- ARNs ---- */

struct arn arn_split(struct str s)
{
	struct arn a = { .n = 1 };
	size_t start = 0;
	bool variable = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == MATCH_VAR || s.p[i] == MATCH_END)
			variable = s.p[i] == MATCH_VAR;
		if (s.p[i] != ':' || variable || a.n == 6)
			continue;
		a.part[a.n - 1] = (struct str){ s.p + start, i - start };
		start = i + 1;
		a.n++;
	}
	a.part[a.n - 1] = (struct str){ s.p + start, s.n - start };
	return a;
}

bool arn_match(const struct arn *form, const struct arn *value)
{
	if (form->n < 6 || value->n < 6)
		return false;
	for (unsigned i = 6; i-- > 0;)
		if (!match_wild(form->part[i], value->part[i]))
			return false;
	return true;
}
