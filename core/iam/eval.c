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

static struct str action_of(const struct iam_request *r)
{
	return (struct str){ r->action_form, r->action_n };
}

/* ---- the layers ---- */

static void note(enum truth *sum, const struct iam_statement **by, enum truth t,
	const struct iam_statement *s)
{
	if (t == TRUTH_NO || *sum == TRUTH_YES || t == *sum)
		return;
	*sum = t;
	*by = s;
}

/* named: of a resource-based policy, what its Allows say by how they name the principal (rule 6) */
static void add_statement(struct iam_layer_result *l, struct iam_named *named,
	const struct iam_statement *s, const struct iam_request *r, bool bounded)
{
	struct iam_named n;
	enum truth t;

	if (!s->deny && r->only && r->only != s)
		return;
	n = statement_names(s, r, bounded);
	t = statement_applies(s, r, iam_named_at_all(&n));
	if (s->deny) {
		note(&l->deny, &l->denied_by, t, s);
		return;
	}
	note(&l->allow, &l->allowed_by, t, s);
	named->self = truth_or(named->self, truth_and(n.self, t));
	named->role = truth_or(named->role, truth_and(n.role, t));
	named->account = truth_or(named->account, truth_and(n.account, t));
}

/* Service-linked roles stand in a path of their own, which the ARN of a session does not tell. */
static enum truth is_service_linked(const struct iam_request *r)
{
	const struct iam_principal *p = r->principal;
	struct str arn = p->arn;
	struct iam_fact *f;
	enum truth known;

	if (p->who != IAM_ROLE && p->who != IAM_SESSION_OF_ROLE)
		return TRUTH_NO;
	if (p->who == IAM_SESSION_OF_ROLE) {
		if (!str_starts(p->name, "AWSServiceRoleFor"))
			return TRUTH_NO;
		known = context_get(r->context, STR("aws:PrincipalArn"), &f);
		if (known != TRUTH_YES)
			return known;
		arn = fact_value(f, 0);
	}
	return str_starts(arn_split(arn).part[ARN_RESOURCE], "role/aws-service-role/") ? TRUTH_YES
										       : TRUTH_NO;
}

static const char *why_skipped(const struct iam_layer *l, const struct iam_request *r)
{
	if (l->kind == IAM_RCP && (r->eic || match_wild(STR("ec2:\1"), action_of(r))))
		return "does not apply to EC2";
	if (l->kind == IAM_SCP && is_service_linked(r) == TRUTH_YES)
		return "does not apply to service-linked roles";
	if (l->kind == IAM_IDENTITY && r->principal->who == IAM_ROOT)
		return "does not limit the root user";
	return NULL;
}

static void eval_layer(struct iam_layer_result *out, struct iam_named *named,
	const struct iam_layer *l, const struct iam_request *r, bool bounded)
{
	*out = (struct iam_layer_result){ .skipped = why_skipped(l, r) };
	if (out->skipped) {
		out->allow = TRUTH_YES;
		return;
	}
	for (const struct iam_policy *p = l->policies; p; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			add_statement(out, named, &p->statements[i], r, bounded);
	if (l->kind == IAM_RCP) /* rule 3: one that allows all is always attached */
		out->allow = TRUTH_YES;
	if (l->kind == IAM_SCP && is_service_linked(r) == TRUTH_UNKNOWN) {
		out->allow = truth_or(out->allow, TRUTH_UNKNOWN);
		out->deny = truth_and(out->deny, TRUTH_UNKNOWN);
	}
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
			t = truth_and(t, a->of[i].allow);
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

static enum truth combine(const struct iam_answer *a, const struct iam_named *named,
	const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	enum truth identity = r->principal->who == IAM_ROOT ? TRUTH_YES
							    : allow_of(a, layers, n, IAM_IDENTITY);
	enum truth limits = truth_and(
		allow_of(a, layers, n, IAM_BOUNDARY), allow_of(a, layers, n, IAM_SESSION));
	enum truth core;

	if (!needs_identity(r->principal))
		core = named->self;
	else if (a->cross_account)
		core = truth_and(
			truth_and(identity,
				truth_or(truth_or(named->self, named->role), named->account)),
			limits);
	else
		core = truth_or(named->self, truth_and(truth_or(identity, named->role), limits));
	core = truth_and(core, allow_of(a, layers, n, IAM_RCP));
	return truth_and(truth_and(core, allow_of(a, layers, n, IAM_SCP)),
		allow_of(a, layers, n, IAM_ENDPOINT));
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
		t = truth_or(t, a->of[i].deny);
	return t;
}

static bool owns(const struct iam_request *r)
{
	return r->account.n == 0 || str_eq(r->account, r->principal->account);
}

void iam_eval_once(
	struct iam_answer *a, const struct iam_request *r, const struct iam_layer *layers, size_t n)
{
	struct iam_named named = { TRUTH_NO, TRUTH_NO, TRUTH_NO };
	enum truth deny, core;

	*a = (struct iam_answer){ .decision = IAM_IMPLICIT_DENY,
		.possible = 1u << IAM_IMPLICIT_DENY };
	r->context->n_unknown = 0;
	if (n > IAM_LAYERS_MAX)
		return;
	a->cross_account = needs_identity(r->principal) && !owns(r);
	for (size_t i = 0; i < n; i++)
		a->bounded = a->bounded || layers[i].kind == IAM_BOUNDARY;
	for (size_t i = 0; i < n; i++) {
		struct iam_named ignored = { TRUTH_NO, TRUTH_NO, TRUTH_NO };

		eval_layer(&a->of[i], layers[i].kind == IAM_RESOURCE ? &named : &ignored,
			&layers[i], r, a->bounded);
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
