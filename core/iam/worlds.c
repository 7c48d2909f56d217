/* worlds.c - what the keys that nobody stated could be, and which of them the answer depends on
 *
 * In three values "a or not a" is unknown. So for each unknown key the values are found that stand
 * for all others, as far as the conditions on it can tell, and the request is decided with each of
 * their combinations. A key of which that cannot be said for certain (ARNs, several values,
 * variables) stays unknown in all of them: then more may seem possible than is, never less.
 */
#include <string.h>

#include "base/address.h"
#include "iam/condition.h"
#include "iam/eval.h"
#include "iam/keys.h"
#include "iam/witness.h"

enum { KEYS_MAX = 12, VALUES_MAX = 96, WORLDS_MAX = 512 };

struct guess {
	struct str key;
	const struct iam_key *known;
	uint8_t family; /* of its conditions; IAM_NULL: none that compares */
	bool open;      /* stays unknown */
	struct str values[VALUES_MAX];
	size_t n; /* 0: open */
	struct witness_pattern pattern[WITNESS_PATTERNS];
	size_t n_patterns;
	size_t stride; /* of the number of a world */
};

struct worlds {
	const struct iam_request *r;
	const struct iam_layer *layers;
	size_t n_layers;
	struct guess *guess;
	size_t n, count;
	uint8_t *possible; /* of each world */
	struct iam_answer answer;
	void (*one)(void *data, struct str key, bool changes);
	void *data;
};

/* ---- values ---- */

/* Stands for "the key is absent". */
static const struct str absent = { NULL, 0 };

static void add(struct guess *g, struct str value)
{
	if (g->n == VALUES_MAX)
		g->open = true;
	else
		g->values[g->n++] = value;
}

static void add_copy(struct guess *g, struct arena *a, const struct buf *b)
{
	char *p = arena_take(a, b->len + 1);

	if (!p || b->full) {
		g->open = true;
		return;
	}
	memcpy(p, b->p, b->len);
	add(g, (struct str){ p, b->len });
}

/* A whole number of the service: each side of each number of the policies. */
static void add_whole(struct guess *g, struct arena *a, const struct iam_value *v)
{
	uint64_t n;

	if (v->number.negative || !str_u64(v->number.whole, UINT32_MAX, &n))
		n = v->number.negative || v->number.whole.n == 0 ? 0 : g->known->max;
	for (uint64_t i = n > 0 ? n - 1 : 0; i <= n + 1; i++) {
		BUF(b, 32);

		buf_addf(&b, "%llu", (unsigned long long)i);
		if (i > 0 && i <= g->known->max)
			add_copy(g, a, &b);
	}
}

/* Any number: it, and the next one away from 0 that is closer than any that people write. */
static void add_number(struct guess *g, struct arena *a, const struct iam_value *v)
{
	BUF(b, 64);

	if (g->known->max > 0) {
		add_whole(g, a, v);
		return;
	}
	if (v->raw.n > 20)
		g->open = true;
	buf_str(&b, v->raw);
	add_copy(g, a, &b);
	buf_puts(&b, str_has(v->raw, '.') ? "" : ".");
	buf_puts(&b, "000000000000000000000001");
	add_copy(g, a, &b);
}

/* The moment, and the nanoseconds around it. */
static void add_date(struct guess *g, struct arena *a, const struct iam_value *v)
{
	if (v->date.seconds < 1)
		g->open = true;
	for (int i = -1; i <= 1 && !g->open; i++) {
		int64_t ns = (int64_t)v->date.nanoseconds + i, seconds = v->date.seconds;
		BUF(b, 64);
		BUF(digits, 16);

		seconds += ns < 0 ? -1 : ns > 999999999 ? 1 : 0;
		ns = ns < 0 ? 999999999 : ns > 999999999 ? 0 : ns;
		buf_addf(&digits, "%llu", (unsigned long long)ns + 1000000000u);
		buf_addf(&b, "%lld.%s", (long long)seconds, digits.p + 1);
		add_copy(g, a, &b);
	}
}

/* The address with the bits behind the prefix set to fill, moved by one. */
static void add_address(
	struct guess *g, struct arena *a, const struct network *n, bool last, int by)
{
	struct network at = *n;
	unsigned bytes = n->bits / 8u;
	BUF(b, 48);

	for (unsigned i = n->prefix; i < n->bits; i++)
		if (last)
			at.address[i / 8] |= (uint8_t)(0x80 >> i % 8);
		else
			at.address[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	for (unsigned i = bytes; by != 0 && i-- > 0;) {
		at.address[i] = (uint8_t)(at.address[i] + by);
		if (at.address[i] != (by > 0 ? 0 : 0xff))
			break;
	}
	if (n->bits == 128)
		address_add_v6(&b, at.address);
	else
		address_add_v4(&b, at.address);
	add_copy(g, a, &b);
}

/* The ends of the range, and what stands next to them: so every gap between ranges is met. */
static void add_range(struct guess *g, struct arena *a, const struct network *n)
{
	add_address(g, a, n, false, 0);
	add_address(g, a, n, false, -1);
	add_address(g, a, n, true, 0);
	add_address(g, a, n, true, 1);
}

static void add_pattern(struct guess *g, struct arena *a, struct iam_context *context,
	const struct iam_condition *c, const struct iam_value *v)
{
	struct witness_pattern p = { v->form, c->op->family == IAM_STRING_IGNORE_CASE };
	char *text;
	struct buf b;
	enum truth t;

	if (v->variables) {
		text = arena_take(a, MATCH_VALUE_MAX);
		b = buf_of(text, text ? MATCH_VALUE_MAX : 0);
		t = text ? condition_expand(&b, v->form, context) : TRUTH_UNKNOWN;
		g->open = g->open || t == TRUTH_UNKNOWN || b.full;
		p.form = buf_view(&b);
		if (t == TRUTH_NO)
			return;
	}
	for (size_t i = 0; i < g->n_patterns; i++)
		if (str_eq(g->pattern[i].form, p.form) && g->pattern[i].fold == p.fold)
			return;
	if (g->n_patterns + 1 == WITNESS_PATTERNS)
		g->open = true;
	else
		g->pattern[g->n_patterns++] = p;
}

/* ---- the conditions on a key ---- */

static uint8_t family_of(uint8_t family)
{
	return family == IAM_STRING_IGNORE_CASE || family == IAM_LIKE ? IAM_STRING : family;
}

static void add_condition(struct guess *g, const struct iam_condition *c, struct arena *a,
	struct iam_context *context)
{
	uint8_t family = family_of(c->op->family);

	if (family == IAM_NULL)
		return;
	if ((g->family != IAM_NULL && g->family != family) || family == IAM_ARN ||
		family == IAM_BINARY || (family != IAM_STRING && family != g->known->family))
		g->open = true;
	g->family = family;
	for (size_t i = 0; i < c->values.n && !g->open; i++) {
		const struct iam_value *v = &c->values.v[i];

		if (v->wrong || !v->form.p)
			continue;
		if (family == IAM_STRING)
			add_pattern(g, a, context, c, v);
		else if (v->variables)
			g->open = true;
		else if (family == IAM_NUMERIC)
			add_number(g, a, v);
		else if (family == IAM_DATE)
			add_date(g, a, v);
		else if (family == IAM_IP)
			add_range(g, a, &v->network);
	}
}

static bool names(const struct iam_list *l, struct str key)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].variables && condition_names(l->v[i].form, key))
			return true;
	return false;
}

static void add_statement(
	struct guess *g, const struct iam_statement *s, const struct iam_request *r)
{
	if (!statement_has_action(s, r))
		return;
	g->open = g->open || names(&s->resources, g->key);
	for (const struct iam_condition *c = s->conditions; c && !g->open; c = c->next) {
		g->open = names(&c->values, g->key);
		if (!g->open && context_same_key(c->key, g->key))
			add_condition(g, c, r->room, r->context);
	}
}

/* One more pattern tells "" from the rest: for Null it is as good as absent. */
static void add_texts(struct guess *g, struct arena *a)
{
	struct witness found[VALUES_MAX];
	int n;

	g->pattern[g->n_patterns] = (struct witness_pattern){ STR("\2\1"), false };
	n = witness_find(g->pattern, g->n_patterns + 1, NULL, found, VALUES_MAX, a);
	g->open = g->open || n < 0;
	for (int i = 0; i < n; i++)
		if (found[i].text.n > 0 || !(g->known->flags & KEY_ALWAYS))
			add(g, found[i].text);
}

/* Keys that something else than a condition looks at, that can have several values, or of which
 * nothing is known, stay unknown. */
static void make_guess(struct worlds *w, struct guess *g)
{
	static const struct iam_value all[] = { { .network = { .bits = 32 } },
		{ .network = { .bits = 128 } } };

	g->known = iam_key_find(g->key);
	g->family = IAM_NULL;
	g->open = !g->known || g->known->flags & KEY_MANY ||
		context_same_key(g->key, STR("aws:PrincipalArn")) ||
		context_same_key(g->key, STR("aws:userid"));
	for (size_t i = 0; i < w->n_layers && !g->open; i++)
		for (const struct iam_policy *p = w->layers[i].policies; p; p = p->next)
			for (size_t k = 0; k < p->n; k++)
				add_statement(g, &p->statements[k], w->r);
	if (g->open)
		return;
	if (!(g->known->flags & KEY_ALWAYS))
		add(g, absent);
	if (g->family == IAM_STRING || g->family == IAM_NULL)
		add_texts(g, w->r->room);
	if (g->family == IAM_BOOL) {
		add(g, STR("true"));
		add(g, STR("false"));
	} else if (g->family == IAM_DATE) {
		add(g, STR("1"));
	} else if (g->family == IAM_IP) {
		add_range(g, w->r->room, &all[0].network);
		add_range(g, w->r->room, &all[1].network);
	} else if (g->family == IAM_NUMERIC) {
		add(g, STR("1"));
		if (g->known->max == 0) {
			add(g, STR("0"));
			add(g, STR("-0.000000000000000000000001"));
			add(g, STR("-999999999999999999999999"));
		}
	}
}

/* ---- all of them together ---- */

static void fill_in(struct worlds *w, size_t world)
{
	struct iam_context *c = w->r->context;

	for (size_t i = 0; i < w->n; i++) {
		const struct guess *g = &w->guess[i];
		struct str v;

		if (g->open)
			continue;
		v = g->values[world / g->stride % g->n];
		c->fact[c->n++] = (struct iam_fact){
			.key = g->key, .one = v, .n = 1, .absent = !v.p
		};
	}
}

/* Whether the statement is undecided, and its layer waits for it. The keys are then in
 * c->unknown. */
static bool waits(struct worlds *w, size_t layer, const struct iam_statement *s, unsigned possible)
{
	const struct iam_layer_result *of = &w->answer.of[layer];
	struct iam_named named;

	if ((s->deny ? of->deny : of->allow) != TRUTH_UNKNOWN || of->skipped ||
		(!s->deny && !(possible & 1u << IAM_IMPLICIT_DENY)))
		return false;
	w->r->context->n_unknown = 0;
	named = statement_names(s, w->r, w->answer.bounded);
	return statement_applies(s, w->r, iam_named_at_all(&named)) == TRUTH_UNKNOWN;
}

static void note_unknown(struct worlds *w, unsigned possible)
{
	const struct iam_context *c = w->r->context;

	for (size_t i = 0; i < c->n_unknown; i++)
		w->one(w->data, c->unknown[i], (possible & 1u << IAM_ALLOWED) != 0);
}

/* The keys that stay unknown where that leaves the answer open. */
static void note_open(struct worlds *w, unsigned possible)
{
	bool any = false;

	if (!w->one || (possible & (possible - 1)) == 0)
		return;
	for (size_t i = 0; i < w->n_layers && i < IAM_LAYERS_MAX; i++)
		for (const struct iam_policy *p = w->layers[i].policies; p; p = p->next)
			for (size_t k = 0; k < p->n; k++)
				if (waits(w, i, &p->statements[k], possible)) {
					note_unknown(w, possible);
					any = true;
				}
	if (!any) /* no statement: whether the role is a service-linked one */
		w->one(w->data, STR("aws:PrincipalArn"), true);
}

static void note_guesses(struct worlds *w)
{
	for (size_t i = 0; w->one && i < w->n; i++) {
		const struct guess *g = &w->guess[i];
		bool matters = false, changes = false;

		for (size_t k = 0; !g->open && k < w->count; k++) {
			unsigned first = w->possible[k - k / g->stride % g->n * g->stride],
				 both = first | w->possible[k];

			matters = matters || first != w->possible[k];
			changes = changes || (first != w->possible[k] && both & 1u << IAM_ALLOWED);
		}
		if (matters)
			w->one(w->data, g->key, changes);
	}
}

static int prepare(struct worlds *w)
{
	struct iam_context *c = w->r->context;
	struct arena *a = w->r->room;
	size_t n = c->n_unknown < KEYS_MAX ? c->n_unknown : KEYS_MAX;

	w->count = 1;
	w->guess = a ? arena_take(a, n * sizeof(*w->guess)) : NULL;
	if (!w->guess || c->n + n > IAM_FACTS_MAX)
		n = 0;
	for (size_t i = 0; i < n; i++)
		w->guess[i].key = c->unknown[i];
	for (w->n = 0; w->n < n; w->n++) {
		struct guess *g = &w->guess[w->n];

		make_guess(w, g);
		g->open = g->open || g->n * w->count > WORLDS_MAX;
		g->stride = w->count;
		w->count *= g->open ? 1 : g->n;
	}
	w->possible = a ? arena_take(a, w->count) : NULL;
	return w->possible ? 0 : ERR_LIMIT;
}

/* What is possible in any of them; the answer of the last stays in w. */
static unsigned decide_all(struct worlds *w)
{
	struct iam_context *c = w->r->context;
	size_t facts = c->n;
	unsigned all = 0;

	for (size_t i = 0; i < w->count; i++) {
		fill_in(w, i);
		iam_eval_once(&w->answer, w->r, w->layers, w->n_layers);
		w->possible[i] = (uint8_t)w->answer.possible;
		all |= w->answer.possible;
		note_open(w, w->possible[i]);
		c->n = facts;
	}
	note_guesses(w);
	return all;
}

static unsigned explore(struct worlds *w, unsigned possible)
{
	struct arena *a = w->r->room;
	size_t mark = a ? a->used : 0;

	if (prepare(w) == 0)
		possible = decide_all(w);
	else
		note_open(w, possible);
	if (a)
		a->used = mark;
	return possible;
}

void iam_eval(
	struct iam_answer *a, const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	struct worlds w = { .r = r, .layers = layers, .n_layers = n };

	iam_eval_once(a, r, layers, n);
	if ((a->possible & (a->possible - 1)) == 0 || r->context->closed)
		return;
	a->possible = explore(&w, a->possible);
	if ((a->possible & (a->possible - 1)) == 0)
		*a = w.answer;
	else if (!(a->possible & 1u << a->decision))
		a->decision = IAM_EXPLICIT_DENY;
	a->undetermined = a->possible & 1u << IAM_ALLOWED && a->decision != IAM_ALLOWED;
}

void iam_missing(const struct iam_request *r, const struct iam_layer *layers, size_t n,
	void (*one)(void *data, struct str key, bool changes), void *data)
{
	struct worlds w = { .r = r, .layers = layers, .n_layers = n, .one = one, .data = data };

	iam_eval_once(&w.answer, r, layers, n);
	if ((w.answer.possible & (w.answer.possible - 1)) != 0)
		(void)explore(&w, w.answer.possible);
}
