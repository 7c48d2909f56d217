/* context.c - what is known of a request: condition keys and their values */
#include "iam/context.h"

static struct iam_fact *find(struct iam_context *c, struct str key)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->fact[i].key.n == key.n && str_ieq(c->fact[i].key, key))
			return &c->fact[i];
	return NULL;
}

static int set(struct iam_context *c, const struct iam_fact *fact)
{
	struct iam_fact *f = find(c, fact->key);

	if (f && fact->derived && !f->derived)
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
	return set(c, &(struct iam_fact){ .key = key, .one = value, .n = 1 });
}

int context_set_many(struct iam_context *c, struct str key, const struct str *values, size_t n)
{
	if (n == 1)
		return context_set(c, key, values[0]);
	return set(c, &(struct iam_fact){ .key = key, .many = values, .n = n });
}

int context_derive(struct iam_context *c, struct str key, struct str value)
{
	return set(c, &(struct iam_fact){ .key = key, .one = value, .n = 1, .derived = true });
}

int context_derive_absent(struct iam_context *c, struct str key)
{
	return set(c, &(struct iam_fact){ .key = key, .absent = true, .derived = true });
}

enum truth context_get(struct iam_context *c, struct str key, struct iam_fact **fact)
{
	struct iam_fact *f = find(c, key);

	*fact = f;
	if (!f)
		return c->closed ? TRUTH_NO : TRUTH_UNKNOWN;
	f->used = true;
	return f->absent ? TRUTH_NO : TRUTH_YES;
}

struct str fact_value(const struct iam_fact *f, size_t i)
{
	return f->many ? f->many[i] : f->one;
}
