/* users.c - the OS users worth asking about */
#include "iam/users.h"

#include <string.h>

#include "iam/condition.h"

#define OSUSER "ec2:osuser"

static int full(void)
{
	return err(ERR_LIMIT, "more than %d names and patterns of OS users", WITNESS_PATTERNS);
}

static bool is_pattern(struct str form)
{
	return str_has(form, MATCH_ANY) || str_has(form, MATCH_ONE);
}

/* No name is longer than 32 characters. */
static bool too_long(struct str form)
{
	size_t n = 0;

	for (size_t i = 0; i < form.n; i++)
		n += form.p[i] != MATCH_ANY;
	return n > 32;
}

static int add(struct iam_users *u, struct str form, struct str raw, bool fold)
{
	if (too_long(form))
		return 0;
	for (size_t i = 0; i < u->n; i++)
		if (str_eq(u->pattern[i].form, form) && u->pattern[i].fold == fold)
			return 0;
	if (u->n == WITNESS_PATTERNS)
		return full();
	u->pattern[u->n] = (struct witness_pattern){ form, fold };
	u->raw[u->n++] = raw;
	return 0;
}

static int keep(struct arena *a, struct str *s)
{
	char *p = arena_take(a, s->n + 1);

	if (!p)
		return full();
	memcpy(p, s->p, s->n);
	s->p = p;
	return 0;
}

/* A value that ec2:osuser is compared with. */
static int add_value(struct iam_users *u, const struct iam_condition *c, const struct iam_value *v,
	struct iam_context *context, struct arena *a)
{
	BUF(b, 512);
	struct str form = v->form;
	int e = 0;

	if (c->op->family > IAM_LIKE || v->wrong || !form.p)
		return 0;
	if (v->variables) {
		if (condition_expand(&b, form, context) != TRUTH_YES)
			return 0;
		form = buf_view(&b);
		e = keep(a, &form);
	}
	return e < 0 ? e : add(u, form, v->raw, c->op->family == IAM_STRING_IGNORE_CASE);
}

/* A value that names the user: "x-${ec2:osuser}" compared with a key that is known to be "x-ann".
 */
static int add_named(struct iam_users *u, const struct iam_condition *c, const struct iam_value *v,
	struct iam_context *context)
{
	struct str rest = v->form, front, variable;
	struct iam_fact *f;

	if (!v->variables || !condition_names(v->form, STR(OSUSER)) ||
		context_get(context, c->key, &f) != TRUTH_YES)
		return 0;
	(void)str_cut(&rest, MATCH_VAR, &front);
	(void)str_cut(&rest, MATCH_END, &variable);
	for (size_t i = 0; i < f->n; i++) {
		struct str given = fact_value(f, i), user = given;

		if (given.n <= front.n + rest.n ||
			!str_eq((struct str){ given.p, front.n }, front) ||
			!str_eq((struct str){ given.p + given.n - rest.n, rest.n }, rest))
			continue;
		user = (struct str){ given.p + front.n, given.n - front.n - rest.n };
		if (add(u, user, user, false) < 0)
			return full();
	}
	return 0;
}

static int add_statement(struct iam_users *u, const struct iam_statement *s,
	struct iam_context *context, struct arena *a)
{
	int e = 0;

	for (const struct iam_condition *c = s->conditions; c; c = c->next)
		for (size_t i = 0; e == 0 && i < c->values.n; i++)
			e = context_same_key(c->key, STR(OSUSER))
				? add_value(u, c, &c->values.v[i], context, a)
				: add_named(u, c, &c->values.v[i], context);
	return e;
}

int iam_users_add(struct iam_users *u, const struct iam_policy *first, struct iam_context *context,
	struct arena *a)
{
	int e = u->n == 0 ? add(u, STR("root"), STR("root"), false) : 0;

	for (const struct iam_policy *p = first; p; p = p->next)
		for (size_t i = 0; e == 0 && i < p->n; i++)
			e = add_statement(u, &p->statements[i], context, a);
	return e;
}

bool iam_users_can_be(struct str form, bool fold, bool (*is_user)(struct str s), struct arena *a)
{
	const struct witness_pattern p = { form, fold };
	struct witness found[2];
	int n = too_long(form) ? 0 : witness_find(&p, 1, is_user, found, 2, a);

	for (int i = 0; i < n; i++)
		if (found[i].matches)
			return true;
	return n < 0;
}

static bool names(const struct iam_users *u, const struct witness *w)
{
	for (size_t i = 0; i < u->n; i++)
		if (w->matches >> i & 1 && !is_pattern(u->pattern[i].form) &&
			str_eq(u->pattern[i].form, w->text))
			return true;
	return false;
}

static unsigned count(uint64_t bits)
{
	unsigned n = 0;

	for (; bits; bits &= bits - 1)
		n++;
	return n;
}

int iam_users_find(const struct iam_users *u, bool (*is_user)(struct str s), struct iam_user *out,
	size_t cap, struct arena *a)
{
	struct witness found[2 * WITNESS_PATTERNS];
	int n = witness_find(u->pattern, u->n, is_user, found, 2 * WITNESS_PATTERNS, a);
	struct iam_user *anyone = NULL;
	size_t k = 0;

	if (n < 0)
		return n;
	if ((size_t)n > cap)
		return full();
	for (int named = 1; named >= 0; named--)
		for (int i = 0; i < n; i++)
			if (names(u, &found[i]) == named)
				out[k++] = (struct iam_user){ found[i].text, found[i].matches,
					named, false };
	for (size_t i = 0; i < k; i++)
		if (!out[i].named && (!anyone || count(out[i].matches) < count(anyone->matches)))
			anyone = &out[i];
		else if (out[i].matches & 1) { /* root: the first of all patterns */
			struct iam_user root = out[i];

			memmove(&out[1], &out[0], i * sizeof(out[0]));
			out[0] = root;
		}
	if (anyone) {
		struct iam_user last = *anyone;

		memmove(anyone, anyone + 1, (size_t)(&out[k - 1] - anyone) * sizeof(*anyone));
		last.anyone = true;
		out[k - 1] = last;
	}
	return n;
}
