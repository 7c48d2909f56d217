/* lint_never.c - what no request fulfils: conditions that contradict each other, and names that no
 * OS user has
 *
 * The conditions of a statement on one key are asked about alone: does any value of the key fulfil
 * all of them? The evaluator tries those that stand for all others.
 */
#include "iam/lint_parts.h"
#include "iam/users.h"

static const struct str osuser = { "ec2:osuser", 10 };

static bool may_hold(const struct iam_policy *p, struct iam_context *context, struct arena *a)
{
	static const struct iam_principal somebody = { .who = IAM_USER };
	static struct iam_answer answer;
	const struct iam_layer layer = { IAM_IDENTITY, NULL, p };
	const struct iam_request r = { .principal = &somebody, .context = context, .room = a };

	iam_eval(&answer, &r, &layer, 1);
	return (answer.possible & 1u << IAM_ALLOWED) != 0;
}

/* For somebody, or where no user is named. */
static bool may_hold_for_user(const struct lint *l, const struct iam_policy *p)
{
	static struct iam_context context;
	static struct iam_users users;
	struct iam_user found[2 * WITNESS_PATTERNS];
	int n;

	context.n = users.n = 0;
	n = iam_users_add(&users, p, &context, l->arena);
	if (n == 0)
		n = iam_users_find(&users, l->is_user, found, 2 * WITNESS_PATTERNS, l->arena);
	if (n < 0)
		return true;
	for (int i = -1; i < n; i++) {
		int e;

		context.n = 0;
		e = i < 0 ? context_set_absent(&context, osuser)
			  : context_set(&context, osuser, found[i].text);
		if (e < 0 || may_hold(p, &context, l->arena))
			return true;
	}
	return false;
}

/* The conditions on the key of c, in memory of their own; *n: how many. NULL: c is not the first of
 * them, or no memory is left. */
static struct iam_condition *take_conditions(const struct lint *l, const struct iam_statement *s,
	const struct iam_condition *c, size_t *n)
{
	struct iam_condition *first = NULL, **tail = &first;

	*n = 0;
	for (const struct iam_condition *i = s->conditions; i; i = i->next) {
		if (!context_same_key(i->key, c->key))
			continue;
		if (*n == 0 && i != c)
			return NULL;
		*tail = arena_take(l->arena, sizeof(**tail));
		if (!*tail)
			return NULL;
		**tail = *i;
		(*tail)->next = NULL;
		tail = &(*tail)->next;
		++*n;
	}
	return first;
}

bool lint_never_holds(
	const struct lint *l, const struct iam_statement *s, const struct iam_condition *c)
{
	static struct iam_context context;
	size_t mark = l->arena->used, n;
	/* an Allow of everything but nothing, to everybody */
	struct iam_statement alone = { .not_action = true };
	struct iam_policy p = { .kind = IAM_IDENTITY,
		.variables = l->policy->variables,
		.statements = &alone,
		.n = 1 };
	bool user = context_same_key(c->key, osuser), may = true;

	alone.conditions = take_conditions(l, s, c, &n);
	context.n = 0;
	if (alone.conditions && user)
		may = may_hold_for_user(l, &p);
	else if (alone.conditions && n > 1)
		may = may_hold(&p, &context, l->arena);
	l->arena->used = mark;
	return !may;
}

bool lint_is_nobody(const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	size_t mark = l->arena->used;
	bool can;

	if (!context_same_key(c->key, osuser) || c->op->family > IAM_LIKE || v->variables ||
		v->wrong || !v->form.p)
		return false;
	can = iam_users_can_be(
		v->form, c->op->family == IAM_STRING_IGNORE_CASE, l->is_user, l->arena);
	l->arena->used = mark;
	return !can;
}
