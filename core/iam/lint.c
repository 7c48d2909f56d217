/* lint.c - what could go wrong with a policy: its document, its actions and its resources */
#include "iam/lint.h"

#include <string.h>

#include "iam/keys.h"
#include "iam/lint_parts.h"

void lint_found(const struct lint *l, const char *code, uint32_t at, struct str about)
{
	struct lint_finding f = { lint_code_find(code), l->policy, at, about };

	l->report(l->data, &f);
}

/* ---- what a statement is about ---- */

const char *const lint_actions[] = { [EIC_PUSH] = "ec2-instance-connect:sendsshpublickey",
	[EIC_SERIAL] = "ec2-instance-connect:sendserialconsolesshpublickey",
	[EIC_TUNNEL] = "ec2-instance-connect:opentunnel" };

static bool covers(const struct iam_statement *s, unsigned action)
{
	struct iam_request r = { .action_n = strlen(lint_actions[action]) };

	memcpy(r.action_form, lint_actions[action], r.action_n);
	return statement_has_action(s, &r);
}

unsigned lint_covered(const struct iam_statement *s)
{
	unsigned bits = 0;

	for (unsigned i = EIC_PUSH; i <= EIC_TUNNEL; i++)
		if (covers(s, i))
			bits |= 1u << i;
	return bits;
}

bool lint_has_prefix(struct str s, const char *prefix)
{
	struct str p = str_of(prefix);

	return s.n >= p.n && str_ieq((struct str){ s.p, p.n }, p);
}

bool lint_only_eic(const struct iam_statement *s)
{
	for (size_t i = 0; i < s->actions.n; i++)
		if (!lint_has_prefix(s->actions.v[i].raw, "ec2-instance-connect:"))
			return false;
	return !s->not_action;
}

/* ---- actions ---- */

static bool matches_action(const struct iam_value *v)
{
	for (unsigned i = EIC_PUSH; i <= EIC_TUNNEL; i++)
		if (match_wild(v->form, str_of(lint_actions[i])))
			return true;
	return false;
}

static bool strange_action(const struct iam_value *v)
{
	struct str name = v->raw, service;

	if (str_has(v->raw, ' ') || str_has(v->raw, ',') || str_has(v->raw, '\t'))
		return true;
	if (lint_has_prefix(v->raw, "ec2-instance-connect:"))
		return !matches_action(v);
	return lint_has_prefix(v->raw, "ec2:") && str_cut(&name, ':', &service) &&
		(str_ieq(name, STR("SendSSHPublicKey")) ||
			str_ieq(name, STR("SendSerialConsoleSSHPublicKey")) ||
			str_ieq(name, STR("OpenTunnel")));
}

static bool redundant(const struct iam_list *list, size_t i)
{
	if (str_has(list->v[i].form, MATCH_ANY) || str_has(list->v[i].form, MATCH_ONE))
		return false;
	for (size_t k = 0; k < list->n; k++)
		if (k != i && match_wild(list->v[k].form, list->v[i].form) &&
			(k < i || !str_eq(list->v[k].form, list->v[i].form)))
			return true;
	return false;
}

static bool has_star(const struct iam_list *resources)
{
	for (size_t i = 0; i < resources->n; i++)
		if (str_is(resources->v[i].raw, "*"))
			return true;
	return false;
}

static void check_actions(const struct lint *l, const struct iam_statement *s)
{
	for (size_t i = 0; i < s->actions.n; i++) {
		const struct iam_value *v = &s->actions.v[i];

		if (strange_action(v))
			lint_found(l, "unknown-action", v->at, v->raw);
		if (str_has(v->raw, '$'))
			lint_found(l, "variable-misplaced", v->at, v->raw);
		if (redundant(&s->actions, i))
			lint_found(l, "redundant-action", v->at, v->raw);
		if (!s->deny && !s->not_action && !s->not_resource &&
			iam_action_has_no_resources(v->raw) && !has_star(&s->resources))
			lint_found(l, "describe-needs-star", v->at, v->raw);
	}
	if (s->actions.n == 0)
		lint_found(l, "empty-list", s->at, STR("Action"));
}

/* ---- resources ---- */

/* What stands before the first wildcard or variable. */
static struct str literal_front(struct str raw)
{
	for (size_t i = 0; i < raw.n; i++)
		if (strchr("*?$", raw.p[i]))
			return (struct str){ raw.p, i };
	return raw;
}

static bool can_be(struct str resource, const char *type)
{
	struct str front = literal_front(resource), t = str_of(type);
	size_t n = front.n < t.n ? front.n : t.n;

	return memcmp(front.p, type, n) == 0 && (front.n >= t.n || front.n < resource.n);
}

static bool fits_type(struct str raw, unsigned bits)
{
	struct arn a = arn_split(raw);
	struct str service;

	if (a.n < 3)
		return true;
	service = a.part[ARN_SERVICE];
	if (!can_be(service, "ec2") ||
		(!str_is(service, "ec2") && literal_front(service).n == service.n))
		return false;
	if (a.n < 6)
		return true;
	return (bits & ~(1u << EIC_TUNNEL) && can_be(a.part[ARN_RESOURCE], "instance/")) ||
		(bits & 1u << EIC_TUNNEL &&
			can_be(a.part[ARN_RESOURCE], "instance-connect-endpoint/"));
}

static void check_resource(const struct lint *l, const struct iam_statement *s,
	const struct iam_value *v, unsigned bits)
{
	struct arn a = arn_split(v->raw);

	if (bits && lint_only_eic(s) && !str_is(v->raw, "*") && !fits_type(v->raw, bits))
		lint_found(l, "resource-type-mismatch", v->at, v->raw);
	if (!str_has(v->raw, '$'))
		return;
	for (unsigned i = 0; i < ARN_RESOURCE && i < a.n; i++)
		if (str_has(a.part[i], '$'))
			lint_found(l, "variable-misplaced", v->at, v->raw);
	if (!l->policy->variables)
		lint_found(l, "variable-unsupported-version", v->at, v->raw);
	else if (match_bad_variable(a.part[a.n - 1]))
		lint_found(l, "variable-malformed", v->at, v->raw);
}

static void check_resources(const struct lint *l, const struct iam_statement *s)
{
	unsigned bits = lint_covered(s);

	for (size_t i = 0; i < s->resources.n; i++)
		check_resource(l, s, &s->resources.v[i], bits);
	if (s->has_resource && s->resources.n == 0)
		lint_found(l, "empty-list", s->at, STR("Resource"));
}

/* ---- the statement and the document ---- */

static void check_kind(const struct lint *l, const struct iam_statement *s)
{
	if (s->not_principal && !s->deny)
		lint_found(l, "allow-with-not-principal", s->at, STR("NotPrincipal"));
	if (l->policy->kind == IAM_SCP &&
		(s->not_resource ||
			(!s->deny && (s->conditions || s->not_action || !has_star(&s->resources)))))
		lint_found(l, "scp-new-syntax", s->at, s->sid);
}

static void check_document(const struct lint *l)
{
	static const uint16_t limits[IAM_KINDS] = { [IAM_IDENTITY] = 6144,
		[IAM_BOUNDARY] = 6144,
		[IAM_SESSION] = 2048,
		[IAM_SCP] = 5120,
		[IAM_RCP] = 5120,
		[IAM_ENDPOINT] = 20480,
		[IAM_RESOURCE] = 20480 };
	const struct iam_policy *p = l->policy;

	if (!p->variables)
		lint_found(l, "missing-version", 0,
			p->version.n > 0 ? p->version : STR("the document"));
	if (p->size > limits[p->kind])
		lint_found(l, "policy-too-long", 0, STR("the document"));
	if (p->n == 0)
		lint_found(l, "empty-list", 0, STR("Statement"));
}

void lint_policy(const struct iam_policy *p, bool (*is_user)(struct str s), struct arena *a,
	lint_report *report, void *data)
{
	const struct lint l = { p, is_user, a, report, data };

	check_document(&l);
	for (size_t i = 0; i < p->n; i++) {
		const struct iam_statement *s = &p->statements[i];

		check_kind(&l, s);
		check_actions(&l, s);
		check_resources(&l, s);
		lint_conditions(&l, s);
	}
}
