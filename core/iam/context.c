/* context.c - what is known of a request: condition keys and their values */
#include "iam/context.h"

/* ---- three values ---- */

enum truth truth_not(enum truth t)
{
	return t == TRUTH_UNKNOWN ? t : t == TRUTH_NO ? TRUTH_YES : TRUTH_NO;
}

enum truth truth_and(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_UNKNOWN ? a : b;
}

enum truth truth_or(enum truth a, enum truth b)
{
	return truth_not(truth_and(truth_not(a), truth_not(b)));
}

/* ---- names ---- */

static struct str behind(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

static bool is_tag(struct str key)
{
	struct str service = { key.p, 3 }, name = { key.p + 3, 13 };

	return key.n > 16 && str_ieq(name, STR(":ResourceTag/")) &&
		(str_ieq(service, STR("aws")) || str_ieq(service, STR("ec2")));
}

bool context_same_key(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	return str_ieq(a, b) || (is_tag(a) && is_tag(b) && str_ieq(behind(a, 3), behind(b, 3)));
}

static struct iam_fact *find(struct iam_context *c, struct str key)
{
	for (size_t i = 0; i < c->n; i++)
		if (context_same_key(c->fact[i].key, key))
			return &c->fact[i];
	return NULL;
}

/* ---- setting ---- */

struct str fact_value(const struct iam_fact *f, size_t i)
{
	return f->many ? f->many[i] : f->one;
}

static bool same(const struct iam_fact *a, const struct iam_fact *b)
{
	if (a->absent != b->absent || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(fact_value(a, i), fact_value(b, i)))
			return false;
	return true;
}

static bool contradicts(const struct iam_fact *a, const struct iam_fact *b)
{
	if (same(a, b))
		return false;
	if (a->derived != b->derived)
		return a->firm || b->firm;
	return !a->derived && a->rank == b->rank && a->rank > 0;
}

static struct str shown(const struct iam_fact *f)
{
	if (f->absent || f->n == 0)
		return STR("absent");
	return fact_value(f, 0);
}

static int set(struct iam_context *c, const struct iam_fact *fact)
{
	struct iam_fact *f = find(c, fact->key);

	if (f && contradicts(f, fact) && (f->absent || fact->absent))
		return err(ERR_USAGE, "%.*s cannot be '%.*s': what is asked for has no such key",
			STR_ARG(fact->key), STR_ARG(shown(f->absent ? fact : f)));
	if (f && contradicts(f, fact))
		return err(ERR_USAGE, "%.*s cannot be '%.*s' and '%.*s'", STR_ARG(fact->key),
			STR_ARG(shown(f)), STR_ARG(shown(fact)));
	if (f && !f->derived && (fact->derived || fact->rank < f->rank))
		return 0;
	if (!f && c->n == IAM_FACTS_MAX)
		return err(ERR_LIMIT, "more than %d condition keys", IAM_FACTS_MAX);
	if (!f)
		f = &c->fact[c->n++];
	*f = *fact;
	return 0;
}

int context_set(struct iam_context *c, struct str key, struct str value)
{
	return set(c, &(struct iam_fact){ .key = key, .one = value, .n = 1, .rank = c->rank });
}

int context_set_many(struct iam_context *c, struct str key, const struct str *values, size_t n)
{
	if (n == 1)
		return context_set(c, key, values[0]);
	return set(c, &(struct iam_fact){ .key = key, .many = values, .n = n, .rank = c->rank });
}

int context_set_absent(struct iam_context *c, struct str key)
{
	return set(c, &(struct iam_fact){ .key = key, .absent = true, .rank = c->rank });
}

int context_derive(struct iam_context *c, struct str key, struct str value)
{
	return set(c, &(struct iam_fact){ .key = key, .one = value, .n = 1, .derived = true });
}

int context_derive_absent(struct iam_context *c, struct str key)
{
	return set(c, &(struct iam_fact){ .key = key, .absent = true, .derived = true });
}

int context_fix(struct iam_context *c, struct str key, struct str value)
{
	return set(c,
		&(struct iam_fact){
			.key = key, .one = value, .n = 1, .derived = true, .firm = true });
}

int context_fix_absent(struct iam_context *c, struct str key)
{
	return set(
		c, &(struct iam_fact){ .key = key, .absent = true, .derived = true, .firm = true });
}

/* ---- asking ---- */

static void note_unknown(struct iam_context *c, struct str key)
{
	for (size_t i = 0; i < c->n_unknown; i++)
		if (context_same_key(c->unknown[i], key))
			return;
	if (c->n_unknown < IAM_FACTS_MAX)
		c->unknown[c->n_unknown++] = key;
}

static bool is_known_absent(const struct iam_context *c, struct str key)
{
	struct str front = { key.p, 17 };

	return (c->untagged && is_tag(key)) ||
		(c->all_tags && key.n > front.n && str_ieq(front, STR("aws:PrincipalTag/")));
}

enum truth context_get(struct iam_context *c, struct str key, struct iam_fact **fact)
{
	struct iam_fact *f = find(c, key);

	if (f && c->untagged && is_tag(key))
		f = NULL;
	*fact = f;
	if (!f && (c->closed || is_known_absent(c, key)))
		return TRUTH_NO;
	if (!f) {
		note_unknown(c, key);
		return TRUTH_UNKNOWN;
	}
	f->used = true;
	return f->absent ? TRUTH_NO : TRUTH_YES;
}

const struct iam_fact *context_stated(struct iam_context *c, struct str key)
{
	const struct iam_fact *f = find(c, key);

	return f && !f->derived ? f : NULL;
}
