/* policy_test.c - what is a policy, and what AWS would refuse */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iam/policy.h"

static unsigned char memory[1 << 20];
static struct iam_policy policy;

static int reads(enum iam_kind kind, const char *text, unsigned flags)
{
	struct arena a = arena_of(memory, sizeof(memory));

	return policy_read(&policy, kind, "p.json", str_of(text), &a, flags);
}

struct refusal {
	const char *text, *code, *words;
};

static void check_refusals(enum iam_kind kind, const struct refusal *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = reads(kind, table[i].text, 0);

		const char *code = policy.refused ? policy.refused->code : "";

		if (r != ERR_FORMAT || strcmp(code, table[i].code) != 0 ||
			!strstr(err_text(), table[i].words))
			fail_msg("%s: %d, %s, '%s'", table[i].text, r, code,
				r < 0 ? err_text() : "");
	}
}

#define REFUSE(kind, ...) \
	static const struct refusal table[] = { __VA_ARGS__ }; \
	check_refusals(kind, table, sizeof(table) / sizeof(table[0]))

/* A document around one statement, around its members besides Effect, Action and Resource, or
 * around its Condition */
#define DOC(statement) "{\"Version\":\"2012-10-17\",\"Statement\":" statement "}"
#define S(more) DOC("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"" more "}")
#define C(condition) S(",\"Condition\":" condition)

static void what_is_no_document_is_refused(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY, { "", "malformed-json", "p.json:1:1: " },
		{ "{\"Statement\":[}", "malformed-json", "p.json:1:15: " },
		{ "[]", "malformed", "has to be an object" },
		{ "5", "malformed", "has to be an object" },
		{ "{}", "malformed", "without Statement" },
		{ "{\"statement\":[]}", "malformed", "'statement' is no element" },
		{ DOC("{}") "x", "malformed-json", "behind the end" },
		{ "{\"Statement\":5}", "malformed", "a statement has to be an object" },
		{ "{\"Statement\":[[]]}", "malformed", "a statement has to be an object" },
		{ "{\"Statement\":null}", "malformed", "a statement has to be an object" },
		{ "{\"Version\":\"2012-10-18\",\"Statement\":[]}", "malformed",
			"p.json:1:12: Version" },
		{ "{\"Version\":2012,\"Statement\":[]}", "malformed", "Version" },
		{ "{\"Id\":5,\"Statement\":[]}", "malformed", "a string" },
		{ "{\"Statement\":[],\"Other\":1}", "malformed",
			"'Other' is no element of a policy" },
		{ "{\"Statement\":[],\"Statement\":[]}", "duplicate-key", "p.json:1:17: " },
		{ "\xef\xbb\xbf{}", "malformed-json", "save it without" },
		{ "{\"Policy\":{\"PolicyName\":\"p\",\"Arn\":\"a\"}}", "malformed",
			"PolicyName, which is no policy: take one of get-policy-version" },
		{ "{\"Versions\":[]}", "malformed", "with Versions, which is no policy" },
		{ "{\"Role\":{}}", "malformed", "with Role, which is no policy" },
		{ "{\"RoleDetailList\":[]}", "malformed", "--what-principals" },
		{ "%7Bx", "malformed-json", "p.json:1:2: " },
		{ "%7B%7", "malformed", "p.json:1:1: " });
}

static void what_is_no_statement_is_refused(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY,
		{ DOC("{\"Action\":\"*\",\"Resource\":\"*\"}"), "malformed", "without Effect" },
		{ DOC("{\"Effect\":\"Allow\",\"Resource\":\"*\"}"), "malformed", "without Action" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":\"*\"}"), "malformed", "without Resource" },
		{ DOC("{\"Effect\":\"allow\",\"Action\":\"*\",\"Resource\":\"*\"}"), "malformed",
			"\"Allow\" or \"Deny\"" },
		{ DOC("{\"Effect\":true,\"Action\":\"*\",\"Resource\":\"*\"}"), "malformed",
			"\"Allow\" or \"Deny\"" },
		{ S(",\"effect\":\"Allow\""), "malformed", "'effect' is no element" },
		{ S(",\"NotAction\":\"*\""), "malformed", "exclude each other" },
		{ S(",\"NotResource\":\"*\""), "malformed", "exclude each other" },
		{ S(",\"Sid\":5"), "malformed", "a string" },
		{ S(",\"Sid\":\"a\",\"Sid\":\"b\""), "duplicate-key", "p.json:1:93: " },
		{ S(",\"Condition\":[]"), "malformed", "Condition has to be an object" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":5,\"Resource\":\"*\"}"), "malformed",
			"a string" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":[[\"*\"]],\"Resource\":\"*\"}"),
			"malformed", "a string" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":\"RunInstances\",\"Resource\":\"*\"}"),
			"malformed", "is not service:Name" },
#define ACTION(a) DOC("{\"Effect\":\"Allow\",\"Action\":\"" a "\",\"Resource\":\"*\"}")
		{ ACTION(":"), "malformed", "1:64: action ':' is not service:Name" },
		{ ACTION("ec2:"), "malformed", "is not service:Name" },
		{ ACTION(":Run"), "malformed", "is not service:Name" },
		{ ACTION("a:b:c"), "malformed", "is not service:Name" },
		{ ACTION(""), "malformed", "is not service:Name" },
#define RESOURCE(r) DOC("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"" r "\"}")
		{ RESOURCE("arn"), "invalid-arn", "1:79: resource 'arn'" },
		{ RESOURCE("arn:"), "invalid-arn", "neither" },
		{ RESOURCE("arn::ec2:*"), "invalid-arn", "neither" },
		{ RESOURCE("arn:aws::*"), "invalid-arn", "neither" },
		{ RESOURCE("i-*"), "invalid-arn", "neither" },
		{ RESOURCE("a*:aws:ec2:*"), "invalid-arn", "neither" },
		{ RESOURCE("**"), "invalid-arn", "neither" },
		{ RESOURCE("arn:aws:ec2:*:*:instance/${a:b"), "invalid-arn", "closing brace" },
		{ S(",\"Sid\":\"a b\""), "invalid-sid", "1:89: Sid 'a b' is not letters" },
		{ DOC("[{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},"
		      "{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]"),
			"duplicate-sid", "Sid 'a' stands twice" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"i-1\"}"),
			"invalid-arn", "neither an ARN nor" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":[\"*\",\"\"]}"),
			"invalid-arn", "neither an ARN nor" },
		{ DOC("{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":{\"a\":1}}"),
			"malformed", "a string" });
}

static void principals_belong_to_resource_policies(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY, { S(",\"Principal\":\"*\""), "unsupported-principal", "no place" },
		{ S(",\"NotPrincipal\":\"*\""), "unsupported-principal", "no place" });
}

static void principals_have_their_own_grammar(void **state)
{
	(void)state;
	REFUSE(IAM_RESOURCE, { S(""), "malformed", "without Principal" },
		{ S(",\"Principal\":\"111122223333\""), "unsupported-principal", "or an object" },
		{ S(",\"Principal\":{\"aws\":\"*\"}"), "unsupported-principal", "AWS, Federated" },
		{ S(",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:user/*\"}"),
			"unsupported-principal", "is not \"*\"" },
		{ S(",\"Principal\":{\"AWS\":\"11112222333\"}"), "unsupported-principal",
			"is not \"*\"" },
		{ S(",\"Principal\":{\"AWS\":\"arn:aws:s3:::b\"}"), "unsupported-principal",
			"is not \"*\"" },
#define AWS(p) S(",\"Principal\":{\"AWS\":\"" p "\"}")
		{ AWS(""), "unsupported-principal", "is not" },
		{ AWS("arn:aws:iam::111122223333:group/g"), "unsupported-principal", "is not" },
		{ AWS("arn:aws:iam::111122223333:user/"), "unsupported-principal", "is not" },
		{ AWS("arn:aws:iam::111122223333:user/a?"), "unsupported-principal", "is not" },
		{ AWS("arn:aws:iam:eu-west-1:111122223333:user/a"), "unsupported-principal",
			"is not" },
		{ AWS("arn:aws:sts::111122223333:assumed-role/ops"), "unsupported-principal",
			"is not" },
		{ AWS("AIDA"), "unsupported-principal", "is not" },
		{ AWS("ec2.amazonaws.com"), "unsupported-principal", "is not" },
		{ S(",\"Principal\":{\"Service\":\"*\"}"), "unsupported-principal", "a service" },
		{ S(",\"Principal\":{\"Service\":\"ec2\"}"), "unsupported-principal", "a service" },
		{ S(",\"Principal\":{\"Federated\":\"me\"}"), "unsupported-principal",
			"an identity provider" },
		{ S(",\"Principal\":{\"CanonicalUser\":\"79a5\"}"), "unsupported-principal",
			"64 hexadecimal" },
		{ S(",\"Principal\":{\"AWS\":[5]}"), "malformed", "a string" },
		{ S(",\"Principal\":\"*\",\"NotPrincipal\":\"*\""), "malformed",
			"exclude each other" });
	assert_int_equal(
		reads(IAM_RESOURCE,
			S(",\"Principal\":{\"AWS\":[\"111122223333\",\"AROAEXAMPLE234567\"],"
			  "\"Service\":\"ec2.amazonaws.com\"}"),
			0),
		0);
}

static void resource_control_policies_only_deny(void **state)
{
	(void)state;
#define RCP(effect, action, resource) \
	DOC("{\"Effect\":\"" effect "\",\"Action\":\"" action "\",\"Resource\":\"" resource \
	    "\",\"Principal\":\"*\"}")
	REFUSE(IAM_RCP, { RCP("Allow", "s3:*", "*"), "malformed", "only denies" },
		{ RCP("Deny", "*", "*"), "malformed", "names the service" },
		{ RCP("Deny", "s3:*", "arn:aws:s3"), "invalid-arn", "no whole ARN" },
		{ DOC("{\"Effect\":\"Deny\",\"NotAction\":\"s3:*\",\"Resource\":\"*\","
		      "\"Principal\":\"*\"}"),
			"malformed", "only denies" },
		{ DOC("{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Principal\":{"
		      "\"AWS\":\"*\"}}"),
			"unsupported-principal", "is \"*\"" },
		{ "{\"Statement\":[]}", "malformed", "needs Version" });
}

static void what_is_no_condition_is_refused(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY,
		{ C("{\"StringEqual\":{\"a:b\":\"c\"}}"), "unknown-operator",
			"no condition operator 'StringEqual'" },
		{ C("{\"\":{\"a:b\":\"c\"}}"), "unknown-operator", "no condition operator" },
		{ C("{\"ForSomeValues:StringEquals\":{\"a:b\":\"c\"}}"), "unknown-operator",
			"no condition operator" },
		{ C("{\"NullIfExists\":{\"a:b\":\"true\"}}"), "unknown-operator", "IfExists" },
		{ C("{\"StringEquals\":{\"\":\"c\"}}"), "malformed", "is not service:name" },
		{ C("{\"StringEquals\":{\"a\":\"c\"}}"), "malformed", "is not service:name" },
		{ C("{\"StringEquals\":{\":b\":\"c\"}}"), "malformed", "is not service:name" },
		{ C("{\"StringEquals\":{\"a:\":\"c\"}}"), "malformed", "is not service:name" },
		{ C("{\"StringEquals\":{\"a:b\":\"${c:d\"}}"), "variable-malformed",
			"closing brace" },
		{ C("{\"StringLike\":{\"a:b\":\"${}\"}}"), "variable-malformed", "without a name" },
		{ C("{\"ArnLike\":{\"a:b\":\"arn:aws:iam::1:user/${a b}\"}}"), "variable-malformed",
			"blanks" },
		{ C("{\"StringEquals\":\"c\"}"), "malformed", "an object of condition keys" },
		{ C("{\"StringEquals\":{\"a:b\":null}}"), "malformed", "a condition value" },
		{ C("{\"StringEquals\":{\"a:b\":{}}}"), "malformed", "a condition value" },
		{ C("{\"StringEquals\":{\"a:b\":[[\"c\"]]}}"), "malformed", "a condition value" },
		{ C("{\"StringEquals\":{\"a:b\":\"c\",\"A:B\":\"d\"}}"), "duplicate-key",
			"the same condition key" },
		{ C("{\"StringEquals\":{\"a:b\":\"c\",\"a:b\":\"d\"}}"), "duplicate-key",
			"p.json:1:122: " });
}

static void values_that_the_operator_cannot_read_are_refused(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY,
		{ C("{\"NumericEquals\":{\"a:b\":\"ten\"}}"), "value-type-mismatch",
			"'ten' is no value" },
		{ C("{\"NumericEquals\":{\"a:b\":1e3}}"), "value-type-mismatch", "'1e3'" },
		{ C("{\"NumericEquals\":{\"a:b\":\"0x10\"}}"), "value-type-mismatch", "0x10" },
		{ C("{\"NumericEquals\":{\"a:b\":\"1.\"}}"), "value-type-mismatch", "1." },
		{ C("{\"NumericEquals\":{\"a:b\":\"${x}\"}}"), "value-type-mismatch", "${x}" },
		{ C("{\"DateEquals\":{\"a:b\":\"yesterday\"}}"), "value-type-mismatch",
			"yesterday" },
		{ C("{\"DateEquals\":{\"a:b\":\"2026-02-30\"}}"), "value-type-mismatch",
			"2026-02-30" },
		{ C("{\"DateEquals\":{\"a:b\":\"2026-01-01T24:00:00Z\"}}"), "value-type-mismatch",
			"T24" },
		{ C("{\"DateEquals\":{\"a:b\":\"20260101T000000Z\"}}"), "value-type-mismatch",
			"20260101T" },
		{ C("{\"DateEquals\":{\"a:b\":\"2026-01-01T00:00:00\"}}"), "value-type-mismatch",
			"T00" },
		{ C("{\"Bool\":{\"a:b\":\"yes\"}}"), "value-type-mismatch", "yes" },
		{ C("{\"Bool\":{\"a:b\":1}}"), "value-type-mismatch", "1" },
		{ C("{\"Null\":{\"a:b\":\"\"}}"), "value-type-mismatch", "Null" },
		{ C("{\"BinaryEquals\":{\"a:b\":\"Zg\"}}"), "value-type-mismatch", "Zg" },
		{ C("{\"IpAddress\":{\"a:b\":\"10.0.0\"}}"), "value-type-mismatch", "10.0.0" },
		{ C("{\"IpAddress\":{\"a:b\":\"10.0.0.0/33\"}}"), "value-type-mismatch", "/33" },
		{ C("{\"IpAddress\":{\"a:b\":\"10.0.0.0/\"}}"), "value-type-mismatch",
			"10.0.0.0/" },
		{ C("{\"IpAddress\":{\"a:b\":\"10.0.0.01\"}}"), "value-type-mismatch",
			"10.0.0.01" },
		{ C("{\"IpAddress\":{\"a:b\":\"2001:db8::/129\"}}"), "value-type-mismatch",
			"/129" },
		{ C("{\"IpAddress\":{\"a:b\":\"10.*\"}}"), "value-type-mismatch", "10.*" });
}

static void lenient_reading_marks_bad_values(void **state)
{
	(void)state;
	assert_int_equal(reads(IAM_IDENTITY, C("{\"NumericEquals\":{\"a:b\":[\"ten\",\"10\"]}}"),
				 POLICY_LENIENT),
		0);
	assert_true(policy.statements[0].conditions->values.v[0].wrong);
	assert_false(policy.statements[0].conditions->values.v[1].wrong);
}

static void the_rest_is_read_behind_what_is_refused(void **state)
{
	static const char *const places[] = { "1:12", "1:42", "3:8", "3:12", "3:54", "4:11" };
	static const char text[] =
		"{\"Version\":\"2012\",\"Statement\":[{\"Effect\":\"No\",\"Action\":\"*\","
		"\"Resource\":\"*"
		"\"},\n{\"Sid\":\"a\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"},\n"
		"{\"Sid\":\"a\",\"x\":[1,2],\"Effect\":\"Deny\",\"Action\":[\"b:c\",\"b\",\"*\"],"
		"\"Resource\":\"*\"},"
		"\n{\"Effect\":\"allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
	const struct iam_refusal *f;
	size_t n = 0;

	(void)state;
	assert_int_equal(reads(IAM_IDENTITY, text, POLICY_GO_ON), ERR_FORMAT);
	for (f = policy.refused; f; f = f->next, n++) {
		unsigned line, column;
		BUF(place, 32);

		policy_place(&policy, f->at, &line, &column);
		buf_addf(&place, "%u:%u", line, column);
		assert_true(n < sizeof(places) / sizeof(places[0]));
		assert_string_equal(buf_text(&place), places[n]);
	}
	assert_int_equal(n, sizeof(places) / sizeof(places[0]));
	assert_int_equal(policy.n, 1);
	assert_int_equal(policy.statements[0].index, 1);
	assert_true(str_is(policy.statements[0].sid, "a"));
	assert_int_equal(reads(IAM_IDENTITY, text, 0), ERR_FORMAT);
	assert_null(policy.refused->next);
}

static void the_rest_is_given_up_after_a_hundred_faults(void **state)
{
	static char text[8192];
	struct buf b = buf_of(text, sizeof(text));
	size_t n = 0;

	(void)state;
	buf_puts(&b, "{\"Statement\":[1");
	while (b.len < 8000)
		buf_puts(&b, ",1");
	buf_puts(&b, "]}");
	assert_int_equal(reads(IAM_IDENTITY, buf_text(&b), POLICY_GO_ON), ERR_FORMAT);
	for (const struct iam_refusal *f = policy.refused; f; f = f->next)
		n++;
	assert_int_equal(n, 100);
}

static void characters_that_aws_refuses_are_refused(void **state)
{
	(void)state;
	REFUSE(IAM_IDENTITY, { S(",\"Sid\":\"\xc5\x82\""), "unsupported-character", "p.json:1:90" },
		{ S(",\"Sid\":\"\\u0142\""), "unsupported-character", "U+00FF" },
		{ S(",\"Sid\":\"\\u0001\""), "unsupported-character", "U+00FF" },
		{ S(",\"Sid\":\"\\u0000\""), "unsupported-character", "NUL" });
	assert_int_equal(
		reads(IAM_RESOURCE, S(",\"Principal\":\"*\",\"Sid\":\"\\u00e4\xc3\xa4\\n\""), 0),
		0);
	assert_true(str_is(policy.statements[0].sid, "\xc3\xa4\xc3\xa4\n"));
}

static void documents_are_read_as_the_aws_cli_prints_them(void **state)
{
	static const char *const wrapped[] = {
		S(""),
		"{\"PolicyVersion\":{\"Document\":" S("") ",\"VersionId\":\"v1\"}}",
		"{\"PolicyDocument\":" S("") ",\"PolicyName\":\"p\"}",
		"{\"Policy\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":"
		"\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\"}",
		"{\"Policy\":{\"Content\":\"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\","
		"\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}\"}}",
		"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%"
		"22Resource%22%3A%22%2A%22%7D%7D\n",
		"{\"PolicyDocument\":\"%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%"
		"22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
		if (reads(IAM_IDENTITY, wrapped[i], 0) != 0)
			fail_msg("%s: %s", wrapped[i], err_text());
		assert_int_equal(policy.n, 1);
	}
	assert_int_equal(reads(IAM_IDENTITY, "{\"PolicyDocument\":\"nonsense\"}", 0), ERR_FORMAT);
	assert_int_equal(
		reads(IAM_IDENTITY, "{\"PolicyDocument\":" S("") ",\"Document\":" S("") "}", 0),
		ERR_FORMAT);
	assert_non_null(strstr(err_text(), "two policies"));
	assert_int_equal(reads(IAM_IDENTITY, "\"\\\"\\\\\\\"x\\\\\\\"\\\"\"", 0), ERR_FORMAT);
}

static void single_values_and_lists_are_the_same(void **state)
{
	(void)state;
	assert_int_equal(reads(IAM_IDENTITY,
				 DOC("[{\"Effect\":\"Deny\",\"NotAction\":[\"a:B\",\"c:*\"],"
				     "\"NotResource\":[\"arn:aws:ec2:*\"],"
				     "\"Condition\":{\"NumericEqualsIfExists\":{\"a:b\":[22,\"1."
				     "50\"]},\"Bool\":{\"c:d\":true}}}]"),
				 0),
		0);
	assert_int_equal(policy.n, 1);
	assert_true(policy.statements[0].deny && policy.statements[0].not_action &&
		policy.statements[0].not_resource);
	assert_int_equal(policy.statements[0].actions.n, 2);
	assert_true(policy.statements[0].conditions->if_exists);
	assert_true(str_is(policy.statements[0].conditions->values.v[0].raw, "22"));
	assert_true(str_is(policy.statements[0].conditions->next->values.v[0].raw, "true"));
	assert_int_equal(reads(IAM_IDENTITY, "{\"Statement\":[]}", 0), 0);
	assert_int_equal(policy.n, 0);
}

static void operators_are_known_in_any_case(void **state)
{
	bool exact;

	(void)state;
	assert_non_null(iam_operator_find(STR("stringequals"), &exact));
	assert_false(exact);
	assert_true(iam_operator_find(STR("NotIpAddress"), &exact)->negated && exact);
	assert_null(iam_operator_find(STR("StringEqualsIfExists"), &exact));
	assert_int_equal(
		reads(IAM_IDENTITY, C("{\"forallvalues:STRINGLIKEifexists\":{\"a:b\":\"c\"}}"), 0),
		0);
	assert_int_equal(policy.statements[0].conditions->set, IAM_ALL);
}

static void a_full_arena_is_a_limit(void **state)
{
	struct arena a = arena_of(memory, 512);

	(void)state;
	assert_int_equal(
		policy_read(&policy, IAM_IDENTITY, "p.json", str_of(S("")), &a, 0), ERR_LIMIT);
	for (size_t cap = 64; cap < 8192; cap += 64) {
		a = arena_of(memory, cap);
		(void)!policy_read(&policy, IAM_IDENTITY, "p.json",
			str_of(C("{\"ArnLike\":{\"a:b\":[\"arn:aws:iam::1:${x}*\"]}}")), &a, 0);
	}
}

static void places_are_lines_and_columns(void **state)
{
	unsigned line, column;

	(void)state;
	assert_int_equal(reads(IAM_IDENTITY,
				 "{\n \"Statement\": [\n  "
				 "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
				 0),
		0);
	policy_place(&policy, policy.statements[0].at, &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(what_is_no_statement_is_refused),
		cmocka_unit_test(principals_belong_to_resource_policies),
		cmocka_unit_test(principals_have_their_own_grammar),
		cmocka_unit_test(resource_control_policies_only_deny),
		cmocka_unit_test(what_is_no_condition_is_refused),
		cmocka_unit_test(values_that_the_operator_cannot_read_are_refused),
		cmocka_unit_test(lenient_reading_marks_bad_values),
		cmocka_unit_test(the_rest_is_read_behind_what_is_refused),
		cmocka_unit_test(the_rest_is_given_up_after_a_hundred_faults),
		cmocka_unit_test(characters_that_aws_refuses_are_refused),
		cmocka_unit_test(documents_are_read_as_the_aws_cli_prints_them),
		cmocka_unit_test(single_values_and_lists_are_the_same),
		cmocka_unit_test(operators_are_known_in_any_case),
		cmocka_unit_test(a_full_arena_is_a_limit),
		cmocka_unit_test(places_are_lines_and_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
