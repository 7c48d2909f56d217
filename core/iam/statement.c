/* statement.c - which requests a statement is about: its action, its resource, its principal */
#include "iam/eval.h"

#include "iam/condition.h"

bool statement_has_action(const struct iam_statement *s, const struct iam_request *r)
{
	struct str action = { r->action_form, r->action_n };
	bool found = false;

	for (size_t i = 0; i < s->actions.n && !found; i++)
		found = match_wild(s->actions.v[i].form, action);
	return found != s->not_action;
}

static enum truth match_resource(const struct iam_value *v, const struct iam_request *r)
{
	BUF(b, MATCH_VALUE_MAX * 2);
	struct arn form;
	enum truth t;

	if (str_is(v->raw, "*"))
		return TRUTH_YES;
	if (!v->arn || !v->form.p || r->arn.n < 6)
		return TRUTH_NO;
	form = *v->arn;
	if (v->variables) /* do the other parts match? */
		form.part[ARN_RESOURCE] = STR("\1");
	if (!arn_match(&form, &r->arn))
		return TRUTH_NO;
	if (!v->variables)
		return TRUTH_YES;
	t = condition_expand(&b, v->form, r->context);
	if (t != TRUTH_YES)
		return t;
	return match_wild(buf_view(&b), r->arn.part[ARN_RESOURCE]) ? TRUTH_YES : TRUTH_NO;
}

/* A variable of NotResource that is absent excludes nothing, and so would widen an Allow: then the
 * Allow does not apply. */
static bool unresolved(const struct iam_value *v, const struct iam_request *r)
{
	BUF(b, MATCH_VALUE_MAX * 2);

	return !v->form.p ||
		(v->variables && condition_expand(&b, v->form, r->context) == TRUTH_NO);
}

enum truth statement_has_resource(const struct iam_statement *s, const struct iam_request *r)
{
	enum truth any = s->has_resource ? TRUTH_NO : TRUTH_YES;

	for (size_t i = 0; i < s->resources.n && any != TRUTH_YES; i++) {
		enum truth one = match_resource(&s->resources.v[i], r);

		if (one != TRUTH_NO)
			any = one;
		if (s->not_resource && !s->deny && unresolved(&s->resources.v[i], r))
			return TRUTH_NO;
	}
	if (!s->not_resource || any == TRUTH_UNKNOWN)
		return any;
	return any == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

static bool names_account(struct str value, const struct iam_principal *p)
{
	struct arn a = arn_split(value);

	if (p->account.n == 0)
		return false;
	return str_eq(value, p->account) ||
		(a.n == 6 && str_is(a.part[ARN_SERVICE], "iam") &&
			str_is(a.part[ARN_RESOURCE], "root") &&
			str_eq(a.part[ARN_ACCOUNT], p->account) &&
			str_eq(a.part[ARN_PARTITION], p->partition));
}

/* Whether the ARN is that of the role whose session asks. Its path is what was stated of
 * aws:PrincipalArn, and never guessed; who takes the rest for absent says that there is none. */
static enum truth is_own_role(struct str arn, const struct iam_request *r)
{
	struct str what = arn_split(arn).part[ARN_RESOURCE], front;
	struct iam_fact *f;
	enum truth known;

	if (!principal_may_be_role(r->principal, arn))
		return TRUTH_NO;
	known = context_get(r->context, STR("aws:PrincipalArn"), &f);
	if (known == TRUTH_YES)
		return f->n == 1 && str_eq(fact_value(f, 0), arn) ? TRUTH_YES : TRUTH_NO;
	if (known == TRUTH_UNKNOWN)
		return known;
	return str_cut(&what, '/', &front) && str_eq(what, r->principal->name) ? TRUTH_YES
									       : TRUTH_NO;
}

/* Whether the ARN is that of the session in which the role asks: its name stands in aws:userid,
 * behind the id of the role. */
static enum truth is_own_session(struct str arn, const struct iam_request *r)
{
	struct iam_principal session;
	struct str what = arn_split(arn).part[ARN_RESOURCE], id, part;
	struct iam_fact *f;
	enum truth known;

	if (principal_read(&session, arn) < 0 || session.who != IAM_SESSION_OF_ROLE ||
		!principal_may_be_role(&session, r->principal->arn))
		return TRUTH_NO;
	known = context_get(r->context, STR("aws:userid"), &f);
	if (known != TRUTH_YES)
		return known;
	id = fact_value(f, 0);
	return str_cut(&what, '/', &part) && str_cut(&what, '/', &part) &&
			str_cut(&id, ':', &part) && str_eq(id, what)
		? TRUTH_YES
		: TRUTH_NO;
}

static void add_name(struct iam_named *n, enum iam_principal_type type, struct str value,
	const struct iam_request *r)
{
	const struct iam_principal *p = r->principal;
	bool same = str_eq(value, p->arn);

	if (type == IAM_PRINCIPAL_SERVICE && p->who == IAM_SERVICE && same)
		n->self = TRUTH_YES;
	if (type != IAM_PRINCIPAL_AWS)
		return;
	if (str_is(value, "*"))
		n->self = TRUTH_YES;
	else if (names_account(value, p))
		n->account = TRUTH_YES;
	else if (p->who == IAM_ROLE && same)
		n->role = TRUTH_YES;
	else if (p->who != IAM_SERVICE && same)
		n->self = TRUTH_YES;
	else if (p->who == IAM_SESSION_OF_ROLE)
		n->role = truth_or(n->role, is_own_role(value, r));
	else if (p->who == IAM_ROLE)
		n->self = truth_or(n->self, is_own_session(value, r));
}

static struct iam_named names_of(const struct iam_statement *s, const struct iam_request *r)
{
	struct iam_named n = { TRUTH_NO, TRUTH_NO, TRUTH_NO };

	for (const struct iam_principals *l = s->principals; l; l = l->next) {
		if (l->type == IAM_PRINCIPAL_ANY)
			n.self = TRUTH_YES;
		for (size_t i = 0; i < l->values.n; i++)
			add_name(&n, l->type, l->values.v[i].raw, r);
	}
	return n;
}

/* NotPrincipal in a Deny spares only those of whom everything is listed: account, role and session,
 * or account and user; and nobody who has a permissions boundary ("Permissions boundaries for IAM
 * entities"). */
static enum truth spared(const struct iam_statement *s, const struct iam_request *r,
	const struct iam_named *n, bool bounded)
{
	enum iam_who who = r->principal->who;
	enum truth all = n->account;

	if (s->deny && bounded)
		return TRUTH_NO;
	if (!s->deny || r->principal->account.n == 0)
		return iam_named_at_all(n);
	if (who != IAM_ROOT)
		all = truth_and(all, n->self);
	if (who == IAM_ROLE || who == IAM_SESSION_OF_ROLE)
		all = truth_and(all, n->role);
	return all;
}

struct iam_named statement_names(
	const struct iam_statement *s, const struct iam_request *r, bool bounded)
{
	struct iam_named n = { TRUTH_NO, TRUTH_NO, TRUTH_NO };

	if (s->has_principal)
		n = names_of(s, r);
	else
		n.self = TRUTH_YES;
	if (s->not_principal) {
		enum truth others = truth_not(spared(s, r, &n, bounded));
		/* an Allow of others names a role no more than by its name (rule 6) */
		bool role = !s->deny && r->principal->who == IAM_ROLE;

		n = (struct iam_named){ role ? TRUTH_NO : others, role ? others : TRUTH_NO,
			TRUTH_NO };
	}
	return n;
}

enum truth iam_named_at_all(const struct iam_named *n)
{
	return truth_or(n->self, truth_or(n->role, n->account));
}

enum truth statement_applies(
	const struct iam_statement *s, const struct iam_request *r, enum truth named)
{
	enum truth t = named;

	if (t == TRUTH_NO || !statement_has_action(s, r))
		return TRUTH_NO;
	t = truth_and(t, statement_has_resource(s, r));
	return t == TRUTH_NO ? t : truth_and(t, conditions_hold(s->conditions, r->context));
}
