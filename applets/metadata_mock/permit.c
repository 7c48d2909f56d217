/* permit.c - what IAM says about a call, by the same core/iam that policy-check asks */
#include <string.h>

#include "base/err.h"
#include "iam/eval.h"

#include "call.h"

enum { ARENA = 128 * 1024, POLICIES_MAX = 64, LAYERS = 5, KEY_MAX = 160 };

/* What one decision needs; large, and there is one at a time. */
struct decision {
	struct call *c;
	struct arena arena;
	struct iam_principal principal;
	struct iam_request request;
	struct iam_context context;
	struct iam_policy merged[POLICIES_MAX];
	size_t n_merged;
	struct iam_policy session;
	struct iam_layer layers[LAYERS];
	size_t n_layers;
	struct iam_answer answer;
};

static unsigned char memory[ARENA];
static struct decision d;

/* --- layers --- */

/* Copies, because a policy of a group stands in the lists of several users. */
static int merge(const struct policies *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct iam_policy *p = &d.merged[d.n_merged];

		/* one that is left out could be the one that denies */
		if (d.n_merged++ == POLICIES_MAX)
			return err(ERR_LIMIT, "more than %d policies", POLICIES_MAX);
		*p = list->at[i].policy;
		p->next = NULL;
		if (p != d.merged && p[-1].kind == p->kind)
			p[-1].next = p;
	}
	return 0;
}

static void add_layer(enum iam_kind kind, const struct iam_policy *first)
{
	d.layers[d.n_layers++] = (struct iam_layer){ .kind = kind, .policies = first };
}

static int add_identity(const struct principal *p)
{
	size_t from = d.n_merged;
	int r = p ? merge(&p->policies) : 0;

	for (size_t i = 0; r >= 0 && p && i < p->groups.n; i++)
		r = merge(&world_group(&d.c->m->world, p->account, p->groups.at[i])->policies);
	add_layer(IAM_IDENTITY, d.n_merged > from ? &d.merged[from] : NULL);
	return r;
}

/* An organization without any policy denies all; no organization at all says nothing. */
static int add_scps(const struct account *a)
{
	size_t from = d.n_merged;
	int r = merge(&a->scps);

	if (a->scps.given)
		add_layer(IAM_SCP, d.n_merged > from ? &d.merged[from] : NULL);
	return r;
}

static int add_session(const struct identity *w)
{
	int r;

	if (!w->temporary || w->session.policy.n == 0)
		return 0;
	r = policy_read(&d.session, IAM_SESSION, "session policy", w->session.policy, &d.arena,
		POLICY_LENIENT);
	if (r >= 0)
		add_layer(IAM_SESSION, &d.session);
	return r;
}

static int add_layers(const struct identity *w)
{
	int r = add_identity(w->principal);

	if (w->principal && w->principal->boundary.text.n > 0)
		add_layer(IAM_BOUNDARY, &w->principal->boundary.policy);
	if (r >= 0)
		r = add_scps(w->account);
	return r < 0 ? r : add_session(w);
}

/* --- what is known --- */

static int state(const char *key, struct str value)
{
	return context_set(&d.context, str_of(key), value);
}

/* PREFIX/NAME, kept in the arena */
static int state_tag(const char *prefix, const struct pair *tag)
{
	size_t room = strlen(prefix) + strlen(tag->name) + 1;
	char *p = arena_take(&d.arena, room);
	struct buf key;

	if (!p)
		return err(ERR_LIMIT, "too many tags");
	key = buf_of(p, room);
	buf_addf(&key, "%s%s", prefix, tag->name);
	return context_set(&d.context, buf_view(&key), str_of(tag->value));
}

static int state_tags(const char *prefix, const struct pairs *tags)
{
	int r = 0;

	for (size_t i = 0; tags && r >= 0 && i < tags->n; i++)
		r = state_tag(prefix, &tags->at[i]);
	return r;
}

static int state_caller(const struct identity *w)
{
	int r = state("aws:userid", str_of(w->id));

	if (r >= 0 && w->principal)
		r = state("aws:PrincipalArn", str_of(w->principal->arn));
	if (r >= 0 && w->principal)
		r = state_tags("aws:PrincipalTag/", &w->principal->tags);
	if (r >= 0 && w->temporary)
		r = state("aws:MultiFactorAuthPresent", STR("false"));
	if (r >= 0 && w->account->organization)
		r = state("aws:PrincipalOrgID", str_of(w->account->organization));
	return r;
}

static int state_call(
	const struct call *c, const struct pair *keys, size_t n_keys, const struct pairs *tags)
{
	int r = state_caller(&c->who);

	if (r >= 0)
		r = state("aws:SourceIp", str_of(c->source));
	if (r >= 0)
		r = state("aws:UserAgent", c->user_agent);
	if (r >= 0)
		r = state("aws:RequestedRegion", str_of(c->region));
	if (r >= 0)
		r = state("aws:SecureTransport", c->rq->tls ? STR("true") : STR("false"));
	for (size_t i = 0; r >= 0 && i < n_keys; i++)
		r = state(keys[i].name, str_of(keys[i].value));
	if (r >= 0)
		r = state_tags("aws:ResourceTag/", tags);
	if (r >= 0)
		r = state_tags("ec2:ResourceTag/", tags);
	d.context.closed = true; /* the service knows everything there is to know */
	return r;
}

/* --- the decision --- */

static int prepare(struct call *c, const char *resource, const struct pair *keys, size_t n_keys,
	const struct pairs *tags)
{
	char action[KEY_MAX];
	struct buf name = buf_of(action, sizeof(action));
	char *kept;
	int r;

	d = (struct decision){ .c = c, .arena = arena_of(memory, sizeof(memory)) };
	buf_addf(&name, "%s:%s", c->action->prefix, c->action->name);
	kept = arena_take(&d.arena, name.len + 1);
	memcpy(kept, action, name.len + 1);
	r = principal_read(&d.principal, str_of(c->who.arn));
	if (r >= 0)
		r = request_set(&d.request, &d.principal, str_of(kept), str_of(resource), STR(""),
			&d.context);
	if (r >= 0)
		r = state_call(c, keys, n_keys, tags);
	if (r >= 0)
		r = request_derive(&d.request, c->now, &d.arena);
	return r < 0 ? r : add_layers(&c->who);
}

static enum failure answer_of(struct call *c, int r)
{
	BUF(reason, 900);

	if (r < 0)
		return call_fail(c, FAIL_SERVICE, "policies cannot be evaluated: %s", err_text());
	iam_eval(&d.answer, &d.request, d.layers, d.n_layers);
	if (d.answer.decision == IAM_ALLOWED)
		return FAIL_NONE;
	iam_reason(&reason, &d.answer, &d.request);
	return call_fail(c, FAIL_DENIED, "%s%s",
		call_protocol(c) == PROTOCOL_EC2
			? "You are not authorized to perform this operation. "
			: "",
		buf_text(&reason));
}

enum failure permit(struct call *c, const char *resource, const struct pair *keys, size_t n_keys,
	const struct pairs *tags)
{
	return answer_of(c, prepare(c, resource, keys, n_keys, tags));
}

/* Both sides: the role's trust policy must allow, whatever the caller's own policies say. */
enum failure permit_assume(
	struct call *c, const struct principal *role, const struct pair *keys, size_t n_keys)
{
	int r = prepare(c, role->arn, keys, n_keys, NULL);
	bool trusts = role->trust.text.n > 0;
	size_t at = d.n_layers;
	enum failure f;

	if (r >= 0 && trusts)
		add_layer(IAM_RESOURCE, &role->trust.policy);
	f = answer_of(c, r);
	if (f != FAIL_NONE ||
		(trusts ? d.answer.of[at].allow == TRUTH_YES : role->account == c->who.account))
		return f;
	return call_fail(c, FAIL_DENIED,
		"User: %s is not authorized to perform: sts:AssumeRole on resource: %s because no "
		"resource-based policy allows the sts:AssumeRole action",
		c->who.arn, role->arn);
}

/* Of ARNs of providers what counts is their end: the address of the issuer. */
static bool names_provider(const struct iam_statement *s, const char *provider)
{
	BUF(end, 300);

	buf_addf(&end, ":oidc-provider/%s", provider);
	for (const struct iam_principals *p = s->principals; p; p = p->next) {
		if (p->type == IAM_PRINCIPAL_ANY)
			return true;
		for (size_t i = 0; p->type == IAM_PRINCIPAL_FEDERATED && i < p->values.n; i++) {
			struct str value = p->values.v[i].raw;

			if (str_is(value, provider) || str_ends(value, buf_text(&end)))
				return true;
		}
	}
	return false;
}

enum failure permit_federated(struct call *c, const struct principal *role, const char *provider,
	const struct pair *keys, size_t n_keys)
{
	const struct iam_policy *trust = &role->trust.policy;
	enum failure f = FAIL_DENIED;

	(void)str_copy(c->who.arn, sizeof(c->who.arn), STR("*"));
	if (prepare(c, role->arn, keys, n_keys, NULL) < 0)
		return call_fail(c, FAIL_SERVICE, "policies cannot be evaluated: %s", err_text());
	for (size_t i = 0; role->trust.text.n > 0 && i < trust->n; i++) {
		const struct iam_statement *s = &trust->statements[i];

		if (names_provider(s, provider) == s->not_principal ||
			!statement_has_action(s, &d.request) ||
			conditions_hold(s->conditions, &d.context) != TRUTH_YES)
			continue;
		if (s->deny)
			return FAIL_DENIED;
		f = FAIL_NONE;
	}
	return f;
}

enum failure permit_policy(struct call *c, struct str policy)
{
	d.arena = arena_of(memory, sizeof(memory));
	return policy_read(&d.session, IAM_SESSION, "policy", policy, &d.arena, 0) < 0
		? call_fail(c, FAIL_POLICY, "%s", err_text())
		: FAIL_NONE;
}
