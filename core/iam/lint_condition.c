/* lint_condition.c - what could go wrong with the conditions of a statement */
#include <string.h>

#include "iam/condition.h"
#include "iam/keys.h"
#include "iam/lint_parts.h"

/* ---- keys ---- */

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

bool lint_is_unknown_key(const struct iam_statement *s, struct str key)
{
	if (iam_key_find(key))
		return false;
	if (means_osuser(key) || lint_has_prefix(key, "aws:") ||
		lint_has_prefix(key, "ec2-instance-connect:"))
		return true;
	return lint_has_prefix(key, "ec2:") && lint_only_eic(s);
}

static bool is_tag_without_key(struct str key)
{
	static const char *const names[] = { "aws:ResourceTag", "ec2:ResourceTag",
		"aws:PrincipalTag", "aws:RequestTag" };

	for (size_t i = 0; i < 4; i++)
		if (lint_has_prefix(key, names[i]) &&
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

/* Demands of a key no more than that it is there. */
static bool is_any_value(const struct iam_condition *c)
{
	bool null = c->op->family == IAM_NULL, any = null;

	for (size_t i = 0; i < c->values.n; i++) {
		const struct iam_value *v = &c->values.v[i];

		if (null)
			any = any && !v->wrong && !v->yes;
		else
			any = any || (str_all(v->raw, "*?") && str_has(v->raw, '*'));
	}
	return any && c->values.n > 0 && !c->op->negated && (null || c->op->family == IAM_LIKE);
}

/* The only guard by this tag. */
static bool is_any_tag(const struct iam_statement *s, const struct iam_condition *c)
{
	if (s->deny || !lint_covered(s) ||
		(!lint_has_prefix(c->key, "aws:ResourceTag/") &&
			!lint_has_prefix(c->key, "ec2:ResourceTag/")))
		return false;
	for (const struct iam_condition *i = s->conditions; i; i = i->next)
		if (context_same_key(i->key, c->key) && !is_any_value(i))
			return false;
	return true;
}

/* No request fulfils it: then a Deny does not deny, and an Allow not allow. */
static void check_never(const struct lint *l, const struct iam_statement *s,
	const struct iam_condition *c, unsigned bits, unsigned lacking)
{
	bool never = lint_never_holds(l, s, c);

	if (s->deny && !holds_absent(c) &&
		(lint_is_unknown_key(s, c->key) ||
			(lacking && lacking == bits && lint_only_eic(s)) || c->values.n == 0))
		never = true;
	if (never)
		lint_found(
			l, s->deny ? "deny-never-matches" : "condition-never-holds", c->at, c->key);
}

static void check_key(
	const struct lint *l, const struct iam_statement *s, const struct iam_condition *c)
{
	const struct iam_key *k = iam_key_find(c->key);
	unsigned bits = lint_covered(s), lacking = without_key(k, bits);

	if (is_tag_without_key(c->key)) {
		lint_found(l, "missing-tag-key", c->at, c->key);
		return;
	}
	if (lint_is_unknown_key(s, c->key))
		lint_found(l, "unknown-condition-key", c->at, c->key);
	if (lacking && (lacking == bits || holds_absent(c)))
		lint_found(l, "condition-key-not-for-action", c->at, c->key);
	check_never(l, s, c, bits, lacking);
	if (is_any_tag(s, c))
		lint_found(l, "tag-of-any-value", c->at, c->key);
	if (k && !(k->flags & KEY_MANY) && c->set != IAM_SINGLE)
		lint_found(l, "set-operator-on-single-valued-key", c->at, c->key);
	if (!s->deny && c->if_exists && str_ieq(c->key, STR("ec2:osuser")))
		lint_found(l, "if-exists-on-osuser", c->at, c->key);
	if (str_has(c->key, '$'))
		lint_found(l, "variable-misplaced", c->at, c->key);
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
		lint_found(l, "operator-case", c->at, c->words);
	if (k && !fits_family(k, c->op->family))
		lint_found(l, "operator-type-mismatch", c->at, c->key);
	if (c->values.n == 0)
		lint_found(l, "empty-list", c->at, c->key);
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

static void check_variables(
	const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	uint8_t family = c->op->family;
	bool knows = family <= IAM_LIKE || family == IAM_BOOL || family == IAM_ARN;

	if (!l->policy->variables)
		lint_found(l, "variable-unsupported-version", v->at, v->raw);
	else if (!knows)
		lint_found(l, "variable-unsupported-operator", v->at, v->raw);
	else if (match_bad_variable(v->raw))
		lint_found(l, "variable-malformed", v->at, v->raw);
	else if (condition_names(v->form, STR("aws:username")))
		lint_found(l, "username-of-role", v->at, v->raw);
}

/* Of maxTunnelDuration: which side of the hour that a tunnel lasts by itself the value is on. */
static void check_duration(
	const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	struct decimal hour;
	int side;

	if (!str_ieq(c->key, STR("ec2-instance-connect:maxTunnelDuration")) ||
		c->op->family != IAM_NUMERIC || v->wrong || !decimal_read(&hour, STR("3600")))
		return;
	side = decimal_compare(&v->number, &hour);
	if (side > 0)
		lint_found(l, "duration-out-of-range", v->at, v->raw);
	else if (side < 0)
		lint_found(l, "duration-below-default", v->at, v->raw);
}

static void check_value(
	const struct lint *l, const struct iam_condition *c, const struct iam_value *v)
{
	uint8_t family = c->op->family;

	if (has_variable(v->raw))
		check_variables(l, c, v);
	else if (v->wrong)
		lint_found(l, "value-type-mismatch", v->at, v->raw);
	if ((family == IAM_STRING || family == IAM_STRING_IGNORE_CASE) && has_wildcard(v->raw))
		lint_found(l, "wildcard-without-like", v->at, v->raw);
	else if (lint_is_nobody(l, c, v))
		lint_found(l, "osuser-impossible", v->at, v->raw);
	if (family == IAM_IP && !v->wrong && str_ieq(c->key, STR("aws:SourceIp")) &&
		private_address(v))
		lint_found(l, "private-source-ip", v->at, v->raw);
	check_duration(l, c, v);
}

void lint_conditions(const struct lint *l, const struct iam_statement *s)
{
	for (const struct iam_condition *c = s->conditions; c; c = c->next) {
		check_key(l, s, c);
		check_operator(l, c);
		for (size_t i = 0; i < c->values.n; i++)
			check_value(l, c, &c->values.v[i]);
	}
	if (s->empty_condition)
		lint_found(l, "empty-list", s->at, STR("Condition"));
}
