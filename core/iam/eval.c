/* eval.c - allowed, or denied and why
 *
 * The rules, in the words of "Policy evaluation logic":
 *
 *  1. A statement applies when its action, its resource, its principal and all of its conditions
 * match.
 *  2. A Deny that applies, in any layer, ends it.
 *  3. Resource control policies only deny, and never EC2 Instance Connect.
 *  4. Of the service control policies every node of the path has to allow; service-linked roles are
 * exempt.
 *  5. A VPC endpoint policy has to allow.
 *  6. In the same account a resource-based policy that names the user, the session or everyone
 * allows by itself; one that names the role does so within the boundary and the session policy; one
 * that names the account leaves it to the identity.
 *  7. Else an identity-based policy has to allow; the root user needs none.
 *  8. So have the permissions boundary and the session policy.
 *  9. From another account both the identity and the resource have to allow; instances have no
 * policy of their own.
 *
 * All of it in three values: what a key decides that nobody stated is unknown.
 */
#include "iam/eval.h"

#include <stddef.h>
#include <string.h>

/* ---- rule 1: the parts of a statement ---- */

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
	struct arn form;
	BUF(b, MATCH_VALUE_MAX * 2);
	enum truth t;

	if (str_is(v->raw, "*"))
		return TRUTH_YES;
	if (!v->arn || !v->form.p || r->arn.n < 6)
		return TRUTH_NO;
	form = *v->arn;
	if (!v->variables)
		return arn_match(&form, &r->arn) ? TRUTH_YES : TRUTH_NO;
	t = condition_expand(&b, form.part[ARN_RESOURCE], r->context);
	form.part[ARN_RESOURCE] = buf_view(&b);
	return t != TRUTH_YES ? t : arn_match(&form, &r->arn) ? TRUTH_YES : TRUTH_NO;
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

static enum iam_named match_principal(
	enum iam_principal_type type, struct str value, const struct iam_principal *p)
{
	if (type != IAM_PRINCIPAL_AWS)
		return type == IAM_PRINCIPAL_SERVICE && p->who == IAM_SERVICE &&
				str_eq(value, p->arn)
			? IAM_NAMED_SELF
			: IAM_NAMED_NOT;
	if (str_is(value, "*"))
		return IAM_NAMED_SELF;
	if (p->role_arn.n > 0 && str_eq(value, p->role_arn))
		return IAM_NAMED_ROLE;
	if (p->who != IAM_SERVICE && str_eq(value, p->arn) && p->who != IAM_ROOT)
		return IAM_NAMED_SELF;
	return names_account(value, p) ? IAM_NAMED_ACCOUNT : IAM_NAMED_NOT;
}

/* The set of ways in which a list names the principal, as bits. */
static unsigned names_of(const struct iam_statement *s, const struct iam_principal *p)
{
	unsigned named = 0;

	for (const struct iam_principals *l = s->principals; l; l = l->next) {
		if (l->type == IAM_PRINCIPAL_ANY)
			named |= 1u << IAM_NAMED_SELF;
		for (size_t i = 0; i < l->values.n; i++)
			named |= 1u << match_principal(l->type, l->values.v[i].raw, p);
	}
	return named & ~(1u << IAM_NAMED_NOT);
}

/* NotPrincipal in a Deny spares only those of whom everything is listed: account, role and session,
 * or account and user. */
static bool spared(const struct iam_statement *s, const struct iam_principal *p, unsigned named)
{
	unsigned all = 1u << IAM_NAMED_ACCOUNT |
		(p->who == IAM_ROLE ? 1u << IAM_NAMED_ROLE : 1u << IAM_NAMED_SELF) |
		(p->who == IAM_SESSION_OF_ROLE ? 1u << IAM_NAMED_ROLE : 0);

	if (!s->deny || p->account.n == 0)
		return named != 0;
	if (p->who == IAM_ROOT)
		all = 1u << IAM_NAMED_ACCOUNT;
	return (named & all) == all;
}

enum iam_named statement_has_principal(const struct iam_statement *s, const struct iam_principal *p)
{
	unsigned named;

	if (!s->principals)
		return IAM_NAMED_SELF;
	named = names_of(s, p);
	if (s->not_principal)
		return spared(s, p, named) ? IAM_NAMED_NOT : IAM_NAMED_SELF;
	for (enum iam_named i = IAM_NAMED_SELF; i > IAM_NAMED_NOT; i--)
		if (named & 1u << i)
			return i;
	return IAM_NAMED_NOT;
}

static enum truth both(enum truth a, enum truth b)
{
	if (a == TRUTH_NO || b == TRUTH_NO)
		return TRUTH_NO;
	return a == TRUTH_UNKNOWN || b == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : TRUTH_YES;
}

static enum truth either(enum truth a, enum truth b)
{
	if (a == TRUTH_YES || b == TRUTH_YES)
		return TRUTH_YES;
	return a == TRUTH_UNKNOWN || b == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : TRUTH_NO;
}

static enum truth applies(const struct iam_statement *s, const struct iam_request *r)
{
	enum truth resource;

	if (!statement_has_action(s, r))
		return TRUTH_NO;
	resource = statement_has_resource(s, r);
	return resource == TRUTH_NO ? TRUTH_NO
				    : both(resource, conditions_hold(s->conditions, r->context));
}

/* ---- the layers ---- */

/* Of a resource-based policy: what its Allows say, by how they name the principal (rule 6). */
struct named_allows {
	enum truth self, role, account;
};

static void note(enum truth *sum, const struct iam_statement **by, enum truth t,
	const struct iam_statement *s)
{
	if (t == TRUTH_NO || *sum == TRUTH_YES || t == *sum)
		return;
	*sum = t;
	*by = s;
}

static void add_statement(struct iam_layer_result *l, struct named_allows *named,
	const struct iam_statement *s, const struct iam_request *r)
{
	enum iam_named name = statement_has_principal(s, r->principal);
	enum truth t = name == IAM_NAMED_NOT ? TRUTH_NO : applies(s, r);

	if (s->deny) {
		note(&l->deny, &l->denied_by, t, s);
		return;
	}
	note(&l->allow, &l->allowed_by, t, s);
	if (name == IAM_NAMED_SELF)
		named->self = either(named->self, t);
	else if (name == IAM_NAMED_ROLE)
		named->role = either(named->role, t);
	else if (name == IAM_NAMED_ACCOUNT)
		named->account = either(named->account, t);
}

static bool is_service_linked(const struct iam_principal *p)
{
	return p->role_arn.n > 0 &&
		str_starts(arn_split(p->role_arn).part[ARN_RESOURCE], "role/aws-service-role/");
}

static const char *why_skipped(const struct iam_layer *l, const struct iam_request *r)
{
	if (l->kind == IAM_RCP && (r->eic || str_starts(r->action, "ec2:")))
		return "does not apply to EC2";
	if (l->kind == IAM_SCP && is_service_linked(r->principal))
		return "does not apply to service-linked roles";
	if (l->kind == IAM_IDENTITY && r->principal->who == IAM_ROOT)
		return "does not limit the root user";
	return NULL;
}

static void eval_layer(struct iam_layer_result *out, struct named_allows *named,
	const struct iam_layer *l, const struct iam_request *r)
{
	*out = (struct iam_layer_result){ .skipped = why_skipped(l, r) };
	if (out->skipped) {
		out->allow = TRUTH_YES;
		return;
	}
	for (const struct iam_policy *p = l->policies; p; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			add_statement(out, named, &p->statements[i], r);
	if (l->kind == IAM_RCP) /* rule 3: one that allows all is always attached */
		out->allow = TRUTH_YES;
}

/* ---- rules 4 to 9: all layers together ---- */

/* What of is for the kinds: the conjunction of their layers. A kind without layers is what it means
 * when it is not there. */
static enum truth allow_of(
	const struct iam_answer *a, const struct iam_layer *layers, size_t n, enum iam_kind kind)
{
	enum truth t = TRUTH_YES;
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if (layers[i].kind == kind) {
			t = both(t, a->of[i].allow);
			any = true;
		}
	if (any)
		return t;
	return kind == IAM_IDENTITY || kind == IAM_RESOURCE ? TRUTH_NO : TRUTH_YES;
}

static bool needs_identity(const struct iam_principal *p)
{
	return p->who != IAM_ANONYMOUS && p->who != IAM_SERVICE;
}

static enum truth combine(const struct iam_answer *a, const struct named_allows *named,
	const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	enum truth identity = r->principal->who == IAM_ROOT ? TRUTH_YES
							    : allow_of(a, layers, n, IAM_IDENTITY);
	enum truth limits = both(
		allow_of(a, layers, n, IAM_BOUNDARY), allow_of(a, layers, n, IAM_SESSION));
	enum truth core;

	if (!needs_identity(r->principal))
		core = named->self;
	else if (a->cross_account)
		core = both(
			both(identity, either(either(named->self, named->role), named->account)),
			limits);
	else
		core = either(named->self, both(either(identity, named->role), limits));
	core = both(core, allow_of(a, layers, n, IAM_RCP));
	return both(
		both(core, allow_of(a, layers, n, IAM_SCP)), allow_of(a, layers, n, IAM_ENDPOINT));
}

/* The order in which the documentation looks at the kinds: the first that denies is named. */
static const enum iam_kind order[] = { IAM_RCP, IAM_SCP, IAM_ENDPOINT, IAM_RESOURCE, IAM_IDENTITY,
	IAM_BOUNDARY, IAM_SESSION };
enum { ORDERED = sizeof(order) / sizeof(order[0]) };

static void name_layer(
	struct iam_answer *a, const struct iam_layer *l, const struct iam_statement *s)
{
	a->kind = l->kind;
	a->layer = l;
	a->statement = s;
}

static void name_denial(
	struct iam_answer *a, const struct iam_layer *layers, size_t n, enum truth want)
{
	for (size_t k = 0; k < ORDERED; k++)
		for (size_t i = 0; i < n; i++)
			if (layers[i].kind == order[k] && a->of[i].deny == want) {
				name_layer(a, &layers[i], a->of[i].denied_by);
				return;
			}
}

static bool counts(const struct iam_answer *a, const struct iam_request *r, enum iam_kind kind)
{
	if (kind == IAM_RESOURCE)
		return a->cross_account || !needs_identity(r->principal);
	return kind != IAM_IDENTITY ||
		(needs_identity(r->principal) && r->principal->who != IAM_ROOT);
}

/* The first layer that does not surely allow. */
static void name_gap(
	struct iam_answer *a, const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	a->kind = needs_identity(r->principal) ? IAM_IDENTITY : IAM_RESOURCE;
	for (size_t k = 0; k < ORDERED; k++) {
		bool any = false;

		if (!counts(a, r, order[k]))
			continue;
		for (size_t i = 0; i < n; i++) {
			any = any || layers[i].kind == order[k];
			if (layers[i].kind == order[k] && a->of[i].allow != TRUTH_YES) {
				name_layer(a, &layers[i], NULL);
				return;
			}
		}
		if (!any && (order[k] == IAM_IDENTITY || order[k] == IAM_RESOURCE)) {
			a->kind = order[k];
			return;
		}
	}
}

static void name_allowance(struct iam_answer *a, const struct iam_layer *layers, size_t n)
{
	static const enum iam_kind first[] = { IAM_IDENTITY, IAM_RESOURCE };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < n; i++)
			if (layers[i].kind == first[k] && a->of[i].allow == TRUTH_YES) {
				name_layer(a, &layers[i], a->of[i].allowed_by);
				return;
			}
}

static unsigned possible(enum truth deny, enum truth core)
{
	unsigned p = 0;

	if (deny != TRUTH_NO)
		p |= 1u << IAM_EXPLICIT_DENY;
	if (deny != TRUTH_YES && core != TRUTH_YES)
		p |= 1u << IAM_IMPLICIT_DENY;
	if (deny != TRUTH_YES && core != TRUTH_NO)
		p |= 1u << IAM_ALLOWED;
	return p;
}

static enum truth deny_of(const struct iam_answer *a, size_t n)
{
	enum truth t = TRUTH_NO;

	for (size_t i = 0; i < n; i++)
		t = either(t, a->of[i].deny);
	return t;
}

static bool owns(const struct iam_request *r)
{
	return r->account.n == 0 || str_eq(r->account, r->principal->account);
}

void iam_eval(
	struct iam_answer *a, const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	struct named_allows named = { TRUTH_NO, TRUTH_NO, TRUTH_NO };
	enum truth deny, core;

	*a = (struct iam_answer){ .decision = IAM_IMPLICIT_DENY,
		.possible = 1u << IAM_IMPLICIT_DENY };
	if (n > IAM_LAYERS_MAX)
		return;
	a->cross_account = needs_identity(r->principal) && !owns(r);
	for (size_t i = 0; i < n; i++) {
		struct named_allows ignored = { TRUTH_NO, TRUTH_NO, TRUTH_NO };

		eval_layer(&a->of[i], layers[i].kind == IAM_RESOURCE ? &named : &ignored,
			&layers[i], r);
	}
	deny = deny_of(a, n);
	core = combine(a, &named, r, layers, n);
	a->possible = possible(deny, core);
	a->undetermined = a->possible & 1u << IAM_ALLOWED && a->possible != 1u << IAM_ALLOWED;
	if (a->possible == 1u << IAM_ALLOWED) {
		a->decision = IAM_ALLOWED;
		name_allowance(a, layers, n);
	} else if (deny == TRUTH_YES || core == TRUTH_YES) {
		a->decision = IAM_EXPLICIT_DENY;
		name_denial(a, layers, n, deny);
	} else {
		name_gap(a, r, layers, n);
	}
}

/* ---- words ---- */

static const char *who_words(enum iam_who who)
{
	return who == IAM_ANONYMOUS ? "Anonymous" : who == IAM_SERVICE ? "Service" : "User";
}

void iam_reason(struct buf *out, const struct iam_answer *a, const struct iam_request *r)
{
	const char *words = iam_kind_words(a->kind);

	if (a->decision == IAM_ALLOWED) {
		buf_addf(out, "%.*s is allowed to perform: %.*s on resource: %.*s",
			STR_ARG(r->principal->arn), STR_ARG(r->action), STR_ARG(r->resource));
		return;
	}
	buf_addf(out, "%s: %.*s is not authorized to perform: %.*s on resource: %.*s",
		who_words(r->principal->who), STR_ARG(r->principal->arn), STR_ARG(r->action),
		STR_ARG(r->resource));
	if (a->decision == IAM_EXPLICIT_DENY)
		buf_addf(out, " with an explicit deny in a%s %s", *words == 'i' ? "n" : "", words);
	else
		buf_addf(out, " because no %s allows the %.*s action", words, STR_ARG(r->action));
}

/* ---- what is missing ---- */

struct missing {
	void (*one)(void *data, struct str key, bool changes);
	void *data;
	bool changes;
	struct iam_context *context;
};

static void missing_variables(const struct missing *m, struct str form)
{
	struct str part, key;
	struct iam_fact *f;

	while (str_has(form, MATCH_VAR)) {
		(void)str_cut(&form, MATCH_VAR, &part);
		if (!str_cut(&form, MATCH_END, &part))
			return;
		if (!str_cut(&part, MATCH_DEFAULT, &key))
			continue;
		if (context_get(m->context, key, &f) == TRUTH_UNKNOWN)
			m->one(m->data, key, m->changes);
	}
}

static void missing_of(const struct missing *m, const struct iam_statement *s)
{
	for (size_t i = 0; i < s->resources.n; i++)
		if (s->resources.v[i].variables)
			missing_variables(m, s->resources.v[i].form);
	for (const struct iam_condition *c = s->conditions; c; c = c->next) {
		struct iam_fact *f;

		if (condition_test(c, m->context).result != TRUTH_UNKNOWN)
			continue;
		if (context_get(m->context, c->key, &f) == TRUTH_UNKNOWN)
			m->one(m->data, c->key, m->changes);
		for (size_t i = 0; i < c->values.n; i++)
			if (c->values.v[i].variables)
				missing_variables(m, c->values.v[i].form);
	}
}

static void missing_in_layer(struct missing *m, const struct iam_layer *l,
	const struct iam_layer_result *result, const struct iam_request *r, bool allow_matters)
{
	for (const struct iam_policy *p = l->policies; p; p = p->next)
		for (size_t i = 0; i < p->n; i++) {
			const struct iam_statement *s = &p->statements[i];
			bool relevant = s->deny ? result->deny == TRUTH_UNKNOWN
						: result->allow == TRUTH_UNKNOWN && allow_matters;

			if (!relevant ||
				statement_has_principal(s, r->principal) == IAM_NAMED_NOT ||
				applies(s, r) != TRUTH_UNKNOWN)
				continue;
			missing_of(m, s);
		}
}

void iam_missing(const struct iam_answer *a, const struct iam_request *r,
	const struct iam_layer *layers, size_t n,
	void (*one)(void *data, struct str key, bool changes), void *data)
{
	struct missing m = { one, data, (a->possible & 1u << IAM_ALLOWED) != 0, r->context };
	/* else it is only an unknown Deny that decides */
	bool allow_matters = m.changes && (a->possible & 1u << IAM_IMPLICIT_DENY) != 0;

	if ((a->possible & (a->possible - 1)) == 0 || n > IAM_LAYERS_MAX)
		return; /* only one decision is possible */
	for (size_t i = 0; i < n; i++)
		if (!a->of[i].skipped)
			missing_in_layer(&m, &layers[i], &a->of[i], r, allow_matters);
}
