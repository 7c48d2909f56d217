/* witness.c - texts that stand for all others
 *
 * Each pattern is a row of at most 63 units: a character, one of any kind, or any run. Where a text
 * can have come to in all patterns at once is a state, and there are few of them; going through
 * them breadth first finds the shortest text for each.
 */
#include "iam/witness.h"

#include "iam/match.h"

enum { UNITS_MAX = 63, CHARS_MAX = 96, STATES_MAX = 4096, TABLE = 2 * STATES_MAX, TEXT_MAX = 128 };

struct state {
	const struct state *before;
	struct str by; /* the character that led here from before */
	size_t len;    /* of the text, in bytes */
	bool ok;
	uint64_t at[]; /* for each pattern: the units that may come next, as bits */
};

struct machine {
	size_t n;
	uint64_t run[WITNESS_PATTERNS], one[WITNESS_PATTERNS];
	uint8_t units[WITNESS_PATTERNS];
	uint64_t (*is)[CHARS_MAX]; /* [pattern][character]: units that are this character */
	struct str chars[CHARS_MAX];
	size_t n_chars;
	bool (*ok)(struct str s);
	struct arena *arena;
	const struct state **state; /* in the order they were found */
	const struct state **table; /* by hash */
	size_t n_states;
};

static int full(void)
{
	return err(ERR_LIMIT, "the patterns are too many, or too entangled");
}

/* ---- characters ---- */

static bool take_char(struct str *s, struct str *c)
{
	size_t n = 1;

	while (n < s->n && ((uint8_t)s->p[n] & 0xc0) == 0x80)
		n++;
	return str_take(s, n, c);
}

static bool is_mark(struct str c)
{
	return c.p[0] == MATCH_ANY || c.p[0] == MATCH_ONE;
}

/* Whether it can stand in a text at all. */
static bool may_stand(const struct machine *m, struct str c)
{
	char text[8] = "a";
	struct buf b = buf_of(text + 1, sizeof(text) - 1);

	buf_str(&b, c);
	return !m->ok || m->ok((struct str){ text, b.len + 1 }) || m->ok(buf_view(&b));
}

static int add_char(struct machine *m, struct str c)
{
	for (size_t i = 0; i < m->n_chars; i++)
		if (str_eq(m->chars[i], c))
			return 0;
	if (!may_stand(m, c))
		return 0;
	if (m->n_chars == CHARS_MAX)
		return full();
	m->chars[m->n_chars++] = c;
	return 0;
}

static int add_letter(struct machine *m, struct str c, bool fold)
{
	static const char letters[] = "aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ";
	int e = add_char(m, c);

	for (size_t i = 0; e == 0 && fold && i + 1 < sizeof(letters); i++)
		if (str_ieq(c, (struct str){ letters + i, 1 }))
			e = add_char(m, (struct str){ letters + i, 1 });
	return e;
}

/* One that no pattern names, for all of those; the first that is tried. */
static int add_stranger(struct machine *m)
{
	static const char others[] =
		"qzxjkvwyfghmbpdclunotisraeQZXJKVWYFGHMBPDCLUNOTISRAE_0123456789";
	size_t n = m->n_chars, i = 0;
	int e = 0;

	for (; e == 0 && m->n_chars == n && i + 1 < sizeof(others); i++)
		e = add_char(m, (struct str){ others + i, 1 });
	if (m->n_chars > n) {
		m->chars[n] = m->chars[0];
		m->chars[0] = (struct str){ others + i - 1, 1 };
	}
	return e;
}

static int add_pattern(struct machine *m, const struct witness_pattern *p, size_t k)
{
	struct str rest = p->form, c;
	unsigned i = 0;
	int e = 0;

	for (; e == 0 && take_char(&rest, &c); i++) {
		if (i == UNITS_MAX)
			return full();
		if (c.p[0] == MATCH_ANY)
			m->run[k] |= (uint64_t)1 << i;
		else if (c.p[0] == MATCH_ONE)
			m->one[k] |= (uint64_t)1 << i;
		else
			e = add_letter(m, c, p->fold);
	}
	m->units[k] = (uint8_t)i;
	return e;
}

static void fill_row(struct machine *m, const struct witness_pattern *p, size_t k)
{
	struct str rest = p->form, c;

	for (unsigned i = 0; take_char(&rest, &c); i++)
		for (size_t j = 0; j < m->n_chars && !is_mark(c); j++)
			if (p->fold ? str_ieq(c, m->chars[j]) : str_eq(c, m->chars[j]))
				m->is[k][j] |= (uint64_t)1 << i;
}

/* ---- states ---- */

/* A run may also be over. */
static uint64_t over(const struct machine *m, size_t k, uint64_t at)
{
	for (uint64_t more = at; (more = (at & m->run[k]) << 1 & ~at) != 0;)
		at |= more;
	return at;
}

static struct str text_of(const struct state *s, char *text)
{
	struct str all = { text, s->len };

	for (; s->before; s = s->before)
		for (size_t i = 0; i < s->by.n; i++)
			text[s->before->len + i] = s->by.p[i];
	return all;
}

static const struct state **find(const struct machine *m, const struct state *s)
{
	uint64_t hash = s->ok;

	for (size_t k = 0; k < m->n; k++)
		hash = (hash ^ s->at[k]) * 0x9e3779b97f4a7c15u ^ hash >> 29;
	for (size_t i = (size_t)(hash >> 40) % TABLE;; i = (i + 1) % TABLE) {
		const struct state *t = m->table[i];
		bool same = t && t->ok == s->ok;

		for (size_t k = 0; same && k < m->n; k++)
			same = t->at[k] == s->at[k];
		if (!t || same)
			return &m->table[i];
	}
}

/* The state behind before and the character c, or the first one when before is NULL; kept when it
 * is new. */
static int add_state(struct machine *m, const struct state *before, size_t c)
{
	size_t mark = m->arena->used;
	struct state *s = arena_take(m->arena, sizeof(*s) + m->n * sizeof(s->at[0]));
	const struct state **place;
	char text[TEXT_MAX];

	if (!s)
		return full();
	if (before) {
		s->before = before;
		s->by = m->chars[c];
		s->len = before->len + s->by.n;
	}
	for (size_t k = 0; k < m->n; k++) {
		uint64_t at = before ? before->at[k] : 0;

		at = before ? (at & (m->one[k] | m->is[k][c])) << 1 | (at & m->run[k]) : 1;
		s->at[k] = over(m, k, at);
	}
	if (s->len > TEXT_MAX)
		return full();
	s->ok = !m->ok || m->ok(text_of(s, text));
	place = find(m, s);
	if (*place) {
		m->arena->used = mark;
		return 0;
	}
	if (m->n_states == STATES_MAX)
		return full();
	*place = m->state[m->n_states++] = s;
	return 0;
}

static uint64_t matches(const struct machine *m, const struct state *s)
{
	uint64_t all = 0;

	for (size_t k = 0; k < m->n; k++)
		all |= (s->at[k] >> m->units[k] & 1) << k;
	return all;
}

static int collect(struct machine *m, struct witness *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_states; i++) {
		const struct state *s = m->state[i];
		uint64_t all = matches(m, s);
		size_t known = 0;
		char *text;

		while (known < n && out[known].matches != all)
			known++;
		if (!s->ok || known < n)
			continue;
		text = arena_take(m->arena, s->len + 1);
		if (!text || n == cap)
			return full();
		out[n++] = (struct witness){ text_of(s, text), all };
	}
	return (int)n;
}

static int prepare(struct machine *m, const struct witness_pattern *p)
{
	int e = 0;

	m->is = arena_take(m->arena, (m->n + 1) * sizeof(*m->is));
	m->state = arena_take(m->arena, STATES_MAX * sizeof(*m->state));
	m->table = arena_take(m->arena, TABLE * sizeof(*m->table));
	if (!m->is || !m->state || !m->table)
		return full();
	for (size_t k = 0; e == 0 && k < m->n; k++)
		e = add_pattern(m, &p[k], k);
	if (e == 0)
		e = add_stranger(m);
	for (size_t k = 0; e == 0 && k < m->n; k++)
		fill_row(m, &p[k], k);
	return e;
}

int witness_find(const struct witness_pattern *p, size_t n, bool (*ok)(struct str s),
	struct witness *out, size_t cap, struct arena *a)
{
	struct machine m = { .n = n, .ok = ok, .arena = a };
	int e;

	if (n > WITNESS_PATTERNS)
		return full();
	e = prepare(&m, p);
	if (e == 0)
		e = add_state(&m, NULL, 0);
	for (size_t i = 0; e == 0 && i < m.n_states; i++)
		for (size_t c = 0; e == 0 && c < m.n_chars; c++)
			e = add_state(&m, m.state[i], c);
	return e < 0 ? e : collect(&m, out, cap);
}
