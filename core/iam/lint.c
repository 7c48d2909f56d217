/* lint.c - what could go wrong with a policy that can be read, and what to write instead */
#include "iam/lint.h"

#include <string.h>

#include "iam/keys.h"

const struct lint_code lint_codes[] = {
	{ "osuser-unrestricted", LINT_HIGH,
		"lets the key be pushed for any OS user, root included: add a Condition "
		"StringEquals on ec2:osuser that lists the users" },
	{ "osuser-root-allowed", LINT_HIGH,
		"restricts the OS user, but root passes: list the users that are meant, without "
		"patterns" },
	{ "unknown-condition-key", LINT_HIGH,
		"is no condition key: a positive operator never holds, a negated one always does; "
		"use ec2:osuser, ec2:ResourceTag/KEY or aws:..." },
	{ "condition-key-not-for-action", LINT_HIGH,
		"is not sent with this action, so that the condition decides as for an absent key: "
		"move it to a statement of the action that has it" },
	{ "serial-console-granted", LINT_HIGH,
		"also grants the serial console, which knows no ec2:osuser: name SendSSHPublicKey "
		"alone" },
	{ "any-instance", LINT_HIGH,
		"reaches every instance: name instances, or add a Condition on "
		"aws:ResourceTag/KEY" },
	{ "tunnel-port-unrestricted", LINT_HIGH,
		"opens tunnels to any port: add NumericEquals ec2-instance-connect:remotePort" },
	{ "tunnel-address-unrestricted", LINT_HIGH,
		"opens tunnels to any address of the VPC: add IpAddress "
		"ec2-instance-connect:privateIpAddress" },
	{ "set-operator-on-single-valued-key", LINT_HIGH,
		"has one value at most, and ForAllValues holds when it is absent: leave the "
		"ForAllValues or ForAnyValue out" },
	{ "if-exists-on-osuser", LINT_HIGH,
		"would let a request without an OS user pass: leave the IfExists out" },
	{ "allow-with-not-principal", LINT_HIGH,
		"allows everybody who is not listed, also strangers: use Principal" },
	{ "deny-never-matches", LINT_HIGH,
		"can never hold, so this Deny denies nothing: correct or remove the condition" },
	{ "wildcard-without-like", LINT_MEDIUM,
		"is compared as it stands, * and ? included: use StringLike" },
	{ "resource-type-mismatch", LINT_MEDIUM,
		"is no resource of this action: SendSSHPublicKey acts on ...:instance/ID, "
		"OpenTunnel on ...:instance-connect-endpoint/ID, both of the "
		"service ec2" },
	{ "duration-out-of-range", LINT_MEDIUM,
		"has no effect, as no tunnel lasts longer than 3600 seconds: use 3600 or less" },
	{ "variable-unsupported-version", LINT_MEDIUM,
		"is ordinary text without \"Version\": \"2012-10-17\": add that" },
	{ "variable-unsupported-operator", LINT_MEDIUM,
		"holds a variable, which only String, Arn and Bool operators know: never matches" },
	{ "variable-malformed", LINT_MEDIUM,
		"never matches: a variable is ${key} or ${key, 'default'}" },
	{ "variable-misplaced", LINT_MEDIUM, "is no place for a variable: it is taken as text" },
	{ "username-of-role", LINT_MEDIUM,
		"is absent for role sessions, and then never matches: use ${aws:PrincipalTag/KEY} "
		"for those" },
	{ "value-type-mismatch", LINT_MEDIUM,
		"cannot be read by its operator, and never matches: correct the value" },
	{ "operator-type-mismatch", LINT_MEDIUM,
		"has values of another type than this operator compares" },
	{ "private-source-ip", LINT_MEDIUM,
		"is a private address, and aws:SourceIp is the public one: use aws:VpcSourceIp, or "
		"the public range" },
	{ "missing-tag-key", LINT_MEDIUM, "names no tag: write aws:ResourceTag/KEY" },
	{ "unknown-action", LINT_MEDIUM,
		"is no action: EC2 Instance Connect has ec2-instance-connect:SendSSHPublicKey, "
		":SendSerialConsoleSSHPublicKey and :OpenTunnel" },
	{ "describe-needs-star", LINT_MEDIUM,
		"knows no resources, and is only allowed by Resource \"*\"" },
	{ "malformed-json", LINT_HIGH, "is not JSON" },
	{ "malformed", LINT_HIGH, "is not what a policy is made of" },
	{ "duplicate-key", LINT_HIGH, "stands twice" },
	{ "duplicate-sid", LINT_MEDIUM,
		"is the Sid of an earlier statement, which AWS refuses: give each its own" },
	{ "invalid-sid", LINT_MEDIUM, "is refused by AWS as a Sid: letters and digits only" },
	{ "invalid-arn", LINT_HIGH, "is no ARN" },
	{ "unsupported-principal", LINT_HIGH, "has no place here" },
	{ "unknown-operator", LINT_HIGH, "is no condition operator" },
	{ "unsupported-character", LINT_HIGH, "is not taken by AWS" },
	{ "policy-too-long", LINT_LOW, "is longer than AWS takes for most policies of this kind" },
	{ "missing-version", LINT_LOW,
		"makes variables text and is from 2008: write \"Version\": \"2012-10-17\"" },
	{ "empty-list", LINT_LOW, "is empty: it has no effect, or one that surprises" },
	{ "redundant-action", LINT_LOW, "is covered by another entry of the list" },
	{ "operator-case", LINT_LOW, "is documented in another case" },
	{ "scp-new-syntax", LINT_LOW,
		"is refused in service control policies by tools older than September 2025" },
};
const size_t lint_code_count = sizeof(lint_codes) / sizeof(lint_codes[0]);

const char *lint_severity_words(enum lint_severity s)
{
	return s == LINT_HIGH ? "high" : s == LINT_MEDIUM ? "medium" : "low";
}

const struct lint_code *lint_code_find(const char *code)
{
	for (size_t i = 0; i < lint_code_count; i++)
		if (str_is(str_of(code), lint_codes[i].code))
			return &lint_codes[i];
	return NULL;
}

struct lint {
	const struct iam_policy *policy;
	lint_report *report;
	void *data;
};

static void found(const struct lint *l, const char *code, uint32_t at, struct str about)
{
	struct lint_finding f = { lint_code_find(code), l->policy, at, about };

	l->report(l->data, &f);
}

/* ---- what a statement is about ---- */

static const char *const eic_names[] = { [EIC_PUSH] = "ec2-instance-connect:sendsshpublickey",
	[EIC_SERIAL] = "ec2-instance-connect:sendserialconsolesshpublickey",
	[EIC_TUNNEL] = "ec2-instance-connect:opentunnel" };

static bool covers(const struct iam_statement *s, enum iam_eic action)
{
	struct iam_request r = { .eic = action };

	r.action_n = strlen(eic_names[action]);
	memcpy(r.action_form, eic_names[action], r.action_n);
	return statement_has_action(s, &r);
}

/* The actions of EC2 Instance Connect that the statement is about, as bits of keys.h. */
static unsigned covered(const struct iam_statement *s)
{
	unsigned bits = 0;

	for (unsigned i = EIC_PUSH; i <= EIC_TUNNEL; i++)
		if (covers(s, (enum iam_eic)i))
			bits |= 1u << i;
	return bits;
}

static bool has_prefix(struct str s, const char *prefix)
{
	struct str p = str_of(prefix);

	return s.n >= p.n && str_ieq((struct str){ s.p, p.n }, p);
}

/* Whether it is about nothing else. */
static bool only_eic(const struct iam_statement *s)
{
	for (size_t i = 0; i < s->actions.n; i++)
		if (!has_prefix(s->actions.v[i].raw, "ec2-instance-connect:"))
			return false;
	return !s->not_action;
}

static const struct iam_condition *condition_on(const struct iam_statement *s, const char *key)
{
	for (const struct iam_condition *c = s->conditions; c; c = c->next)
		if (str_ieq(c->key, str_of(key)))
			return c;
	return NULL;
}

/* The key without - and _ ends in what ec2:osuser ends in. */
static bool means_osuser(struct str key)
{
	char plain[64];
	size_t n = 0;

	for (size_t i = 0; i < key.n && n + 1 < sizeof(plain); i++)
		if (key.p[i] != '-' && key.p[i] != '_')
			plain[n++] = (char)(key.p[i] >= 'A' && key.p[i] <= 'Z' ? key.p[i] | 0x20
									       : key.p[i]);
	return str_find((struct str){ plain, n }, "osuser", NULL);
}

static bool is_unknown_key(const struct iam_statement *s, struct str key)
{
	if (iam_key_find(key))
		return false;
	if (means_osuser(key) || has_prefix(key, "aws:") ||
		has_prefix(key, "ec2-instance-connect:"))
		return true;
	return has_prefix(key, "ec2:") && only_eic(s);
}

/* No service sends a key that does not exist. */
static void drop_unknown_keys(struct iam_context *context, const struct iam_statement *s)
{
	for (const struct iam_condition *c = s->conditions; c; c = c->next)
		if (is_unknown_key(s, c->key) && context_derive_absent(context, c->key) < 0)
			return;
}

/* Whether the statement can apply to a request that lacks a key. */
static bool holds_without(const struct iam_statement *s, struct str key)
{
	static struct iam_context context;

	context.n = 0;
	drop_unknown_keys(&context, s);
	if (context_derive_absent(&context, key) < 0)
		return true;
	return conditions_hold(s->conditions, &context) != TRUTH_NO;
}

/* ---- actions ---- */

static const char *const describes[] = { "ec2:DescribeInstances",
	"ec2:DescribeInstanceConnectEndpoints", "ec2:DescribeVpcs", "ec2:DescribeInstanceTypes" };

static bool is_action(struct str raw)
{
	for (unsigned i = EIC_PUSH; i <= EIC_TUNNEL; i++) {
		struct str name = str_of(eic_names[i]);

		if (str_ieq(raw, name))
			return true;
	}
	return false;
}

static bool matches_action(const struct iam_value *v)
{
	for (unsigned i = EIC_PUSH; i <= EIC_TUNNEL; i++)
		if (match_wild(v->form, str_of(eic_names[i])))
			return true;
	return false;
}

static bool strange_action(const struct iam_value *v)
{
	struct str name = v->raw, service;

	if (str_has(v->raw, ' ') || str_has(v->raw, ',') || str_has(v->raw, '\t'))
		return true;
	if (has_prefix(v->raw, "ec2-instance-connect:"))
		return !matches_action(v);
	return has_prefix(v->raw, "ec2:") && str_cut(&name, ':', &service) &&
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
			found(l, "unknown-action", v->at, v->raw);
		if (str_has(v->raw, '$'))
			found(l, "variable-misplaced", v->at, v->raw);
		if (redundant(&s->actions, i))
			found(l, "redundant-action", v->at, v->raw);
		for (size_t k = 0; k < sizeof(describes) / sizeof(describes[0]); k++)
			if (!s->deny && !s->not_action && !s->not_resource &&
				str_ieq(v->raw, str_of(describes[k])) && !has_star(&s->resources))
				found(l, "describe-needs-star", v->at, v->raw);
	}
	if (s->actions.n == 0)
		found(l, "empty-list", s->at, STR("Action"));
}

static bool names_serial(const struct iam_statement *s)
{
	for (size_t i = 0; i < s->actions.n; i++)
		if (is_action(s->actions.v[i].raw) &&
			str_ieq(s->actions.v[i].raw, str_of(eic_names[EIC_SERIAL])))
			return true;
	return s->not_action;
}

static void check_serial(const struct lint *l, const struct iam_statement *s)
{
	if (!s->deny && covers(s, EIC_SERIAL) && !names_serial(s) &&
		holds_without(s, STR("ec2:osuser")))
		found(l, "serial-console-granted", s->at,
			s->actions.n > 0 ? s->actions.v[0].raw : s->sid);
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

	if (bits && only_eic(s) && !str_is(v->raw, "*") && !fits_type(v->raw, bits))
		found(l, "resource-type-mismatch", v->at, v->raw);
	if (!str_has(v->raw, '$'))
		return;
	for (unsigned i = 0; i < ARN_RESOURCE && i < a.n; i++)
		if (str_has(a.part[i], '$'))
			found(l, "variable-misplaced", v->at, v->raw);
	if (!l->policy->variables)
		found(l, "variable-unsupported-version", v->at, v->raw);
	else if (match_bad_variable(a.part[a.n - 1]))
		found(l, "variable-malformed", v->at, v->raw);
}

/* Resource that reaches all instances of a place. */
static bool reaches_all(const struct iam_value *v)
{
	struct arn a = arn_split(v->raw);

	return str_is(v->raw, "*") || a.n < 6 || str_is(a.part[ARN_RESOURCE], "*") ||
		str_is(a.part[ARN_RESOURCE], "instance/*") ||
		str_is(a.part[ARN_RESOURCE], "instance*");
}

static bool guards_resource(const struct iam_condition *c)
{
	return c->op->family != IAM_NULL &&
		(has_prefix(c->key, "aws:ResourceTag/") ||
			(has_prefix(c->key, "ec2:") && !str_ieq(c->key, STR("ec2:osuser")) &&
				!str_ieq(c->key, STR("ec2:SourceInstanceARN"))));
}

static void check_reach(const struct lint *l, const struct iam_statement *s)
{
	if (s->deny || !covers(s, EIC_PUSH))
		return;
	for (const struct iam_condition *c = s->conditions; c; c = c->next)
		if (guards_resource(c))
			return;
	if (s->not_resource)
		found(l, "any-instance", s->at, STR("NotResource"));
	for (size_t i = 0; i < s->resources.n && !s->not_resource; i++)
		if (reaches_all(&s->resources.v[i]))
			found(l, "any-instance", s->resources.v[i].at, s->resources.v[i].raw);
}

static void check_tunnel(const struct lint *l, const struct iam_statement *s)
{
	struct str about = s->actions.n > 0 ? s->actions.v[0].raw : s->sid;

	if (s->deny || !covers(s, EIC_TUNNEL))
		return;
	if (holds_without(s, STR("ec2-instance-connect:remotePort")))
		found(l, "tunnel-port-unrestricted", s->at, about);
	if (holds_without(s, STR("ec2-instance-connect:privateIpAddress")))
		found(l, "tunnel-address-unrestricted", s->at, about);
}

static void check_resources(const struct lint *l, const struct iam_statement *s)
{
	unsigned bits = covered(s);

	for (size_t i = 0; i < s->resources.n; i++)
		check_resource(l, s, &s->resources.v[i], bits);
	if (s->has_resource && s->resources.n == 0)
		found(l, "empty-list", s->at, STR("Resource"));
	check_reach(l, s);
	check_tunnel(l, s);
}

/* ---- conditions ---- */

static bool is_tag_without_key(struct str key)
{
	static const char *const names[] = { "aws:ResourceTag", "ec2:ResourceTag",
		"aws:PrincipalTag", "aws:RequestTag" };

	for (size_t i = 0; i < 4; i++)
		if (has_prefix(key, names[i]) &&
			(key.n == strlen(names[i]) ||
				(key.n == strlen(names[i]) + 1 && str_ends(key, "/"))))
			return true;
	return false;
}

/* Holds for an absent key. */
static bool holds_absent(const struct iam_condition *c)
{
	return c->if_exists || c->set == IAM_ALL || (c->op->negated && c->set == IAM_SINGLE) ||
		c->op->family == IAM_NULL;
}

/* The covered actions of EC2 Instance Connect that do not send the key. */
static unsigned without_key(const struct iam_key *k, unsigned bits)
{
	return k && k->actions ? bits & ~(unsigned)k->actions : 0;
}

static void check_key(
	const struct lint *l, const struct iam_statement *s, const struct iam_condition *c)
{
	const struct iam_key *k = iam_key_find(c->key);
	unsigned bits = covered(s), lacking = without_key(k, bits);

	if (is_tag_without_key(c->key)) {
		found(l, "missing-tag-key", c->at, c->key);
		return;
	}
	if (is_unknown_key(s, c->key))
		found(l, "unknown-condition-key", c->at, c->key);
	if (lacking && (lacking == bits || holds_absent(c)))
		found(l, "condition-key-not-for-action", c->at, c->key);
	if (s->deny && !holds_absent(c) &&
		(is_unknown_key(s, c->key) || (lacking && lacking == bits && only_eic(s)) ||
			c->values.n == 0))
		found(l, "deny-never-matches", c->at, c->key);
	if (k && !k->many && c->set != IAM_SINGLE)
		found(l, "set-operator-on-single-valued-key", c->at, c->key);
	if (!s->deny && c->if_exists && str_ieq(c->key, STR("ec2:osuser")))
		found(l, "if-exists-on-osuser", c->at, c->key);
	if (str_has(c->key, '$'))
		found(l, "variable-misplaced", c->at, c->key);
}

static bool fits_family(const struct iam_key *k, uint8_t family)
{
	bool text = family == IAM_STRING || family == IAM_STRING_IGNORE_CASE || family == IAM_LIKE;

	if (family == IAM_NULL || family == k->family)
		return true;
	if (text)
		return k->family == IAM_STRING || k->family == IAM_ARN;
	return family == IAM_NUMERIC && str_is(str_of(k->name), "aws:EpochTime");
}

static void check_operator(const struct lint *l, const struct iam_condition *c)
{
	const struct iam_key *k = iam_key_find(c->key);
	struct str words = c->words, name = str_of(c->op->name), part;
	bool right = false;

	if (str_has(words, ':'))
		(void)str_cut(&words, ':', &part);
	right = str_starts(words, c->op->name) &&
		(words.n == name.n ||
			str_is((struct str){ words.p + name.n, words.n - name.n }, "IfExists"));
	if (!right)
		found(l, "operator-case", c->at, c->words);
	if (k && !fits_family(k, c->op->family))
		found(l, "operator-type-mismatch", c->at, c->key);
	if (c->values.n == 0)
		found(l, "empty-list", c->at, c->key);
}

static bool private_address(const struct iam_value *v)
{
	static const char *const ranges[] = { "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"fc00::/7" };
	struct network n;

	for (size_t i = 0; i < 4; i++)
		if (network_read(&n, str_of(ranges[i]), true) && v->network.prefix >= n.prefix &&
			network_has(&n, &v->network))
			return true;
	return false;
}

/* A * or ? that is not written as ${*}. */
static bool has_wildcard(struct str raw)
{
	for (size_t i = 0; i < raw.n; i++)
		if ((raw.p[i] == '*' || raw.p[i] == '?') &&
			(i < 2 || raw.p[i - 1] != '{' || raw.p[i - 2] != '$'))
			return true;
	return false;
}

static bool has_variable(struct str raw)
{
	for (size_t i = 0; i + 1 < raw.n; i++)
		if (raw.p[i] == '$' && raw.p[i + 1] == '{')
			return true;
	return false;
}

static bool names_variable(struct str form, const char *key)
{
	struct str part, name;

	while (str_has(form, MATCH_VAR)) {
		(void)str_cut(&form, MATCH_VAR, &part);
		if (str_cut(&form, MATCH_END, &part) && str_cut(&part, MATCH_DEFAULT, &name) &&
			str_ieq(name, str_of(key)))
			return true;
	}
	return false;
}

static void check_variables(
	const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	uint8_t family = c->op->family;
	bool knows = family <= IAM_LIKE || family == IAM_BOOL || family == IAM_ARN;

	if (!l->policy->variables)
		found(l, "variable-unsupported-version", v->at, v->raw);
	else if (!knows)
		found(l, "variable-unsupported-operator", v->at, v->raw);
	else if (match_bad_variable(v->raw))
		found(l, "variable-malformed", v->at, v->raw);
	else if (names_variable(v->form, "aws:username"))
		found(l, "username-of-role", v->at, v->raw);
}

static bool over_an_hour(const struct iam_condition *c, const struct iam_value *v)
{
	struct decimal hour;

	return str_ieq(c->key, STR("ec2-instance-connect:maxTunnelDuration")) &&
		c->op->family == IAM_NUMERIC && !v->wrong && decimal_read(&hour, STR("3600")) &&
		decimal_compare(&v->number, &hour) > 0;
}

static void check_value(
	const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	uint8_t family = c->op->family;

	if (has_variable(v->raw))
		check_variables(l, c, v);
	else if (v->wrong)
		found(l, "value-type-mismatch", v->at, v->raw);
	if ((family == IAM_STRING || family == IAM_STRING_IGNORE_CASE) && has_wildcard(v->raw))
		found(l, "wildcard-without-like", v->at, v->raw);
	if (family == IAM_IP && !v->wrong && str_ieq(c->key, STR("aws:SourceIp")) &&
		private_address(v))
		found(l, "private-source-ip", v->at, v->raw);
	if (over_an_hour(c, v))
		found(l, "duration-out-of-range", v->at, v->raw);
}

static void check_conditions(const struct lint *l, const struct iam_statement *s)
{
	for (const struct iam_condition *c = s->conditions; c; c = c->next) {
		check_key(l, s, c);
		check_operator(l, c);
		for (size_t i = 0; i < c->values.n; i++)
			check_value(l, c, &c->values.v[i]);
	}
	if (s->empty_condition)
		found(l, "empty-list", s->at, STR("Condition"));
}

/* ---- the statement and the document ---- */

static void check_sid(const struct lint *l, const struct iam_statement *s)
{
	bool strict = l->policy->kind != IAM_RESOURCE && l->policy->kind != IAM_ENDPOINT;

	if (!s->has_sid || !strict)
		return;
	if (s->sid.n > 0 &&
		!str_all(s->sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
		found(l, "invalid-sid", s->at, s->sid);
	for (size_t i = 0; i < s->index; i++)
		if (l->policy->statements[i].has_sid && s->sid.n > 0 &&
			str_eq(l->policy->statements[i].sid, s->sid)) {
			found(l, "duplicate-sid", s->at, s->sid);
			return;
		}
}

static void check_kind(const struct lint *l, const struct iam_statement *s)
{
	if (s->not_principal && !s->deny)
		found(l, "allow-with-not-principal", s->at, STR("NotPrincipal"));
	if (l->policy->kind == IAM_SCP &&
		(s->not_resource ||
			(!s->deny && (s->conditions || s->not_action || !has_star(&s->resources)))))
		found(l, "scp-new-syntax", s->at, s->sid);
}

static void check_document(const struct lint *l)
{
	static const size_t limits[IAM_KINDS] = { [IAM_IDENTITY] = 6144,
		[IAM_BOUNDARY] = 6144,
		[IAM_SESSION] = 2048,
		[IAM_SCP] = 5120,
		[IAM_RCP] = 5120,
		[IAM_ENDPOINT] = 20480,
		[IAM_RESOURCE] = 20480 };
	const struct iam_policy *p = l->policy;

	if (!p->variables)
		found(l, "missing-version", 0, p->version.n > 0 ? p->version : STR("the document"));
	if (p->size > limits[p->kind])
		found(l, "policy-too-long", 0, STR("the document"));
	if (p->n == 0)
		found(l, "empty-list", 0, STR("Statement"));
}

void lint_policy(const struct iam_policy *p, lint_report *report, void *data)
{
	const struct lint l = { p, report, data };

	check_document(&l);
	for (size_t i = 0; i < p->n; i++) {
		const struct iam_statement *s = &p->statements[i];

		check_sid(&l, s);
		check_kind(&l, s);
		check_actions(&l, s);
		check_serial(&l, s);
		check_resources(&l, s);
		check_conditions(&l, s);
	}
}

/* ---- who could log in: by evaluation ---- */

#define ANY_INSTANCE "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"

/* One part of an ARN that the pattern matches: the usual one if it does, else the pattern with its
 * wildcards filled. */
static void add_part(struct buf *b, struct str form, struct str usual)
{
	if (!form.p || match_has_variables(form) || match_wild(form, usual)) {
		buf_str(b, usual);
		return;
	}
	for (size_t i = 0; i < form.n; i++)
		if (form.p[i] == MATCH_ANY || form.p[i] == MATCH_ONE)
			buf_putc(b, '0');
		else
			buf_putc(b, form.p[i]);
}

/* An instance that the pattern reaches; false when it reaches none. */
static bool make_instance(struct buf *b, const struct iam_value *v)
{
	struct arn usual = arn_split(STR(ANY_INSTANCE));

	if (str_is(v->raw, "*")) {
		buf_puts(b, ANY_INSTANCE);
		return true;
	}
	if (!v->arn)
		return false;
	for (unsigned i = 0; i < 6; i++) {
		if (i > 0)
			buf_putc(b, ':');
		add_part(b, v->arn->part[i], usual.part[i]);
	}
	return !b->full && str_starts(arn_split(buf_view(b)).part[ARN_RESOURCE], "instance/");
}

/* Names that nobody gives to users. */
static const char *const strangers[] = { "qz7", "zq9w", "k0v-x8y", "jq_3vb9zk", "wx.q5" };

struct asking {
	const struct iam_policy *first;
	struct iam_principal principal;
	struct iam_context context;
	struct iam_request request;
};

static bool can_apply(struct asking *q, const struct iam_statement *s)
{
	return statement_has_resource(s, &q->request) != TRUTH_NO &&
		conditions_hold(s->conditions, &q->context) != TRUTH_NO;
}

/* Whether some Deny surely applies, whatever else is the case. */
static bool surely_denied(struct asking *q)
{
	for (const struct iam_policy *p = q->first; p; p = p->next)
		for (size_t i = 0; i < p->n; i++) {
			const struct iam_statement *s = &p->statements[i];

			if (s->deny && statement_has_action(s, &q->request) &&
				statement_has_resource(s, &q->request) == TRUTH_YES &&
				conditions_hold(s->conditions, &q->context) == TRUTH_YES)
				return true;
		}
	return false;
}

static bool may_push(
	struct asking *q, const struct iam_statement *s, struct str instance, const char *user)
{
	q->context.n = 0;
	for (const struct iam_policy *p = q->first; p; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			drop_unknown_keys(&q->context, &p->statements[i]);
	if (context_set(&q->context, STR("ec2:osuser"), str_of(user)) < 0 ||
		request_set(&q->request, &q->principal, STR("push"), instance, (struct str){ 0 },
			&q->context) < 0)
		return true;
	return can_apply(q, s) && !surely_denied(q);
}

/* A pattern may happen to match a stranger: what no stranger is refused is open to all. */
static bool open_to_all(struct asking *q, const struct iam_statement *s, struct str instance)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (!may_push(q, s, instance, strangers[i]))
			return false;
	return true;
}

static void check_users(struct asking *q, const struct lint *l, const struct iam_statement *s)
{
	bool all = false, root = false;

	for (size_t i = 0; i < s->resources.n || (i == 0 && s->not_resource); i++) {
		BUF(b, MATCH_VALUE_MAX);

		if (s->not_resource)
			buf_puts(&b, ANY_INSTANCE);
		else if (!make_instance(&b, &s->resources.v[i]))
			continue;
		all = all || open_to_all(q, s, buf_view(&b));
		root = root || may_push(q, s, buf_view(&b), "root");
	}
	if (all)
		found(l, "osuser-unrestricted", s->at, s->sid);
	else if (root)
		found(l, "osuser-root-allowed",
			condition_on(s, "ec2:osuser") ? condition_on(s, "ec2:osuser")->at : s->at,
			s->sid);
}

int lint_users(const struct iam_policy *first, struct arena *a, lint_report *report, void *data)
{
	static struct asking q;
	int e;

	q = (struct asking){ .first = first };
	e = principal_read(&q.principal, STR("arn:aws:iam::111122223333:user/somebody"), a);
	for (const struct iam_policy *p = first; e == 0 && p; p = p->next) {
		const struct lint l = { p, report, data };

		for (size_t i = 0; i < p->n; i++)
			if (!p->statements[i].deny && covers(&p->statements[i], EIC_PUSH))
				check_users(&q, &l, &p->statements[i]);
	}
	return e;
}
