/* lint_test.c - each code has a policy that earns it and one that does not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eic/limits.h"
#include "iam/lint.h"

static unsigned char memory[1 << 20];

static void collect(void *data, const struct lint_finding *f)
{
	assert_non_null(f->code);
	buf_addf(data, " %s", f->code->code);
}

/* The codes of a policy, each with a blank in front. */
static void lint(struct buf *out, enum iam_kind kind, const char *text)
{
	struct arena a = arena_of(memory, sizeof(memory));
	struct iam_policy p;

	buf_clear(out);
	if (policy_read(&p, kind, "p.json", str_of(text), &a, POLICY_LENIENT) != 0) {
		assert_non_null(lint_code_find(p.refused->code));
		buf_addf(out, " %s", p.refused->code);
		return;
	}
	lint_policy(&p, eic_api_user_ok, &a, collect, out);
	if (kind == IAM_IDENTITY)
		assert_int_equal(lint_logins(&p, eic_api_user_ok, &a, collect, out), 0);
}

static bool has_code(const struct buf *codes, const char *code)
{
	struct str rest = buf_view(codes), one;

	while (str_cut(&rest, ' ', &one))
		if (str_is(one, code))
			return true;
	return false;
}

#define DOC(statements) "{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
#define PUSH "\"ec2-instance-connect:SendSSHPublicKey\""
#define SERIAL "\"ec2-instance-connect:SendSerialConsoleSSHPublicKey\""
#define TUNNEL "\"ec2-instance-connect:OpenTunnel\""
#define ONE "\"arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d\""
#define EICE "\"arn:aws:ec2:eu-west-1:111122223333:instance-connect-endpoint/eice-0a1b2c3d\""
#define ST(effect, action, resource, condition) \
	"{\"Effect\":\"" effect "\",\"Action\":[" action "],\"Resource\":[" resource \
	"],\"Condition\":{" condition "}}"
#define OSUSER "\"StringEquals\":{\"ec2:osuser\":\"ann\"}"
#define GUARDED(condition) ST("Allow", PUSH, ONE, OSUSER "," condition)
#define PORT "\"NumericEquals\":{\"ec2-instance-connect:remotePort\":22}"
#define ADDRESS "\"IpAddress\":{\"ec2-instance-connect:privateIpAddress\":\"10.0.0.0/8\"}"

struct row {
	const char *code, *bad, *good;
};

static void check_rows(enum iam_kind kind, const struct row *rows, size_t n)
{
	BUF(codes, 4096);

	for (size_t i = 0; i < n; i++) {
		lint(&codes, kind, rows[i].bad);
		if (!has_code(&codes, rows[i].code))
			fail_msg("%s is not found in %s:%s", rows[i].code, rows[i].bad,
				buf_text(&codes));
		lint(&codes, kind, rows[i].good);
		if (has_code(&codes, rows[i].code))
			fail_msg("%s is found in %s", rows[i].code, rows[i].good);
	}
}

#define CLEAN DOC(ST("Allow", PUSH, ONE, OSUSER))
#define ROWS(kind, ...) \
	static const struct row rows[] = { __VA_ARGS__ }; \
	(void)state; \
	check_rows(kind, rows, sizeof(rows) / sizeof(rows[0]))

static void the_seed_policy_has_no_finding(void **state)
{
	BUF(codes, 512);

	(void)state;
	lint(&codes, IAM_IDENTITY, CLEAN);
	assert_string_equal(buf_text(&codes), "");
}

static void guards_of_the_os_user_come_from_evaluation(void **state)
{
#define DENY_BUT(op, users) ST("Deny", PUSH, "\"*\"", "\"" op "\":{\"ec2:osuser\":" users "}")
#define OPEN "{\"Effect\":\"Allow\",\"Action\":" PUSH ",\"Resource\":" ONE "}"
	ROWS(IAM_IDENTITY, { "osuser-unrestricted", DOC(OPEN), CLEAN },
		{ "osuser-unrestricted", DOC(OPEN "," DENY_BUT("StringEquals", "\"root\"")),
			DOC(OPEN "," DENY_BUT("StringNotEquals", "[\"ann\",\"bob\"]")) },
		{ "osuser-unrestricted",
			DOC(ST("Allow", PUSH, ONE, "\"StringLike\":{\"ec2:osuser\":\"*\"}")),
			DOC(ST("Allow", PUSH, ONE, "\"StringLike\":{\"ec2:osuser\":\"dev-*\"}")) },
		{ "osuser-unrestricted",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringNotEquals\":{\"ec2:osuser\":\"root\"}")),
			CLEAN },
		{ "osuser-unrestricted",
			DOC(OPEN "," ST("Deny", PUSH, "\"*\"",
				"\"StringNotEquals\":{\"ec2:osuser\":\"ann\",\"aws:username\":"
				"\"x\"}")),
			DOC(OPEN "," DENY_BUT("StringNotLike", "\"dev-*\"")) },
		{ "osuser-unrestricted",
			DOC("{\"Effect\":\"Allow\",\"NotAction\":\"iam:*\",\"NotResource\":\"arn:"
			    "aws:s3:::*\"}"),
			DOC("{\"Effect\":\"Allow\",\"Action\":" PUSH ",\"Resource\":" EICE "}") },
#define DEV "\"StringEquals\":{\"aws:ResourceTag/Env\":\"dev\"}"
		/* to each his own */
		{ "osuser-unrestricted",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringLike\":{\"ec2:osuser\":\"${aws:username}*\"}") "," OPEN),
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"${aws:PrincipalTag/"
				"login}\"}")) },
		{ "osuser-unrestricted",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringNotEquals\":{\"ec2:osuser\":\"${aws:username}\"}")),
			DOC(OPEN "," DENY_BUT("StringNotEquals", "\"${aws:username}\"")) },
		/* the same doubt on both sides is none */
		{ "osuser-unrestricted", DOC(ST("Allow", PUSH, ONE, DEV)),
			DOC(ST("Allow", PUSH, ONE, DEV) "," ST("Deny", PUSH, "\"*\"",
				DEV ",\"StringNotEquals\":{\"ec2:osuser\":\"ann\"}")) },
		{ "osuser-unrestricted", DOC(ST("Allow", PUSH, ONE, DEV)),
			DOC(ST("Allow", PUSH, ONE,
				DEV ",\"StringLike\":{\"aws:resourcetag/env\":\"prod*\"}")) },
		{ "osuser-root-allowed",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringLike\":{\"ec2:osuser\":[\"?oot\",\"x\"]}")),
			DOC(ST("Allow", PUSH, ONE,
				"\"StringLike\":{\"ec2:osuser\":\"?oot\"},\"StringNotLike\":{"
				"\"EC2:OSUSER\":\"r*\"}")) },
		{ "osuser-root-allowed",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":[\"ann\",\"root\"]}")),
			CLEAN },
		{ "osuser-root-allowed",
			DOC(ST("Allow", PUSH, ONE, "\"StringLike\":{\"ec2:osuser\":\"r*\"}")),
			DOC(ST("Allow", PUSH, ONE, "\"StringLike\":{\"ec2:osuser\":\"ro\"}")) },
		{ "osuser-root-allowed",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEqualsIgnoreCase\":{\"ec2:osuser\":\"ROOT\"}")),
			DOC(ST("Allow", PUSH, ONE,
				"\"StringLike\":{\"ec2:osuser\":\"r*\"}") "," DENY_BUT("StringEqual"
										       "s",
				"\"root\"")) });
}

static void high_findings(void **state)
{
#define NOT_ACTION(list) "{\"Effect\":\"Allow\",\"NotAction\":[" list "],\"Resource\":" ONE "}"
	ROWS(IAM_IDENTITY,
		/* a key that is known can be there, so that its Deny guards nobody for certain */
		{ "osuser-unrestricted",
			DOC(OPEN "," ST("Deny", PUSH, "\"*\"",
				"\"StringNotEquals\":{\"aws:VpceAccount\":\"111122223333\"}")),
			DOC(OPEN "," ST("Deny", PUSH, "\"*\"",
				"\"StringNotEquals\":{\"ec2:osuser\":\"ann\"}")) },
		{ "unknown-condition-key", DOC(GUARDED("\"Bool\":{\"aws:AssumedRot\":\"true\"}")),
			DOC(GUARDED(
				"\"Bool\":{\"aws:AssumedRoot\":\"false\",\"aws:"
				"ViaAWSMCPService\":\"true\"},\"ArnLike\":{\"aws:SourceVpcArn\":"
				"\"arn:aws:ec2:*:*:vpc/*\",\"aws:SignInSessionArn\":\"arn:*\"}")) },
		{ "unknown-condition-key", DOC(GUARDED("\"StringLike\":{\"ec2:os-user\":\"a\"}")),
			DOC(GUARDED("\"StringLike\":{\"EC2:OSUSER\":\"a\"}")) },
		{ "unknown-condition-key",
			DOC(GUARDED("\"StringLike\":{\"ec2-instance-connect:osuser\":\"a\"}")),
			CLEAN },
		{ "unknown-condition-key",
			DOC(GUARDED("\"Bool\":{\"aws:MultiFactorAuth\":\"true\"}")),
			DOC(GUARDED("\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}")) },
		{ "condition-key-not-for-action", DOC(ST("Allow", SERIAL, ONE, OSUSER)), CLEAN },
		{ "condition-key-not-for-action",
			DOC(ST("Allow", PUSH "," SERIAL, ONE,
				"\"StringNotEquals\":{\"ec2:osuser\":\"root\"}")),
			DOC(ST("Allow", "\"ec2-instance-connect:*\"", ONE, OSUSER)) },
		{ "serial-console-granted",
			DOC(ST("Allow", "\"ec2-instance-connect:Send*\"", ONE, "")),
			DOC(ST("Allow", "\"ec2-instance-connect:Send*\"", ONE, OSUSER)) },
		{ "serial-console-granted", DOC(ST("Allow", "\"*\"", "\"*\"", "")),
			DOC(ST("Allow", SERIAL, ONE, "")) },
		{ "serial-console-granted", DOC(NOT_ACTION("\"iam:*\"")),
			DOC(NOT_ACTION("\"iam:*\"," SERIAL)) },
		{ "serial-console-granted", DOC(ST("Allow", "\"*\"", ONE, "")),
			DOC(ST("Allow", "\"*\"", ONE, "") "," ST("Deny", SERIAL, "\"*\"", "")) },
		{ "serial-console-granted",
			DOC(ST("Allow", "\"*\"", ONE, "") "," ST("Deny", SERIAL, ONE, OSUSER)),
			DOC(ST("Allow", "\"*\"", ONE, "") "," ST("Deny", SERIAL, ONE,
				"\"StringNotEquals\":{\"ec2:osuser\":\"ann\"}")) },
		{ "any-instance", DOC(ST("Allow", PUSH, "\"*\"", OSUSER)),
			DOC(ST("Allow", PUSH, "\"*\"", OSUSER) "," ST("Deny", "\"*\"", "\"*\"",
				"\"StringNotEquals\":{\"ec2:ResourceTag/Env\":\"dev\"}")) },
		{ "any-instance",
			DOC(ST("Allow", PUSH, "\"*\"",
				"\"StringNotEquals\":{\"aws:ResourceTag/Env\":\"prod\"}")),
			DOC(ST("Allow", PUSH, "\"*\"",
				OSUSER) ",{\"Effect\":\"Deny\","
					"\"Action\":\"*\",\"NotResource\":" ONE "}") },
		{ "any-instance",
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:eu-*:444455556666:instance*\"",
				OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/${aws:PrincipalTag/i}\"",
				OSUSER)) },
		{ "any-instance", DOC(ST("Allow", PUSH, "\"arn:aws-cn:ec2:*:*:*\"", OSUSER)),
			CLEAN },
		{ "any-instance", DOC(ST("Allow", PUSH, "\"arn:aws:*:*:4444*:*\"", OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:s3:*:*:*\"", OSUSER)) },
		{ "tunnel-port-unrestricted",
			DOC(ST("Allow", TUNNEL, "\"*\"", ADDRESS) "," ST("Deny", TUNNEL, "\"*\"",
				"\"NumericEquals\":{\"ec2-instance-connect:remotePort\":3389}")),
			DOC(ST("Allow", TUNNEL, "\"*\"", ADDRESS) "," ST("Deny", TUNNEL, "\"*\"",
				"\"NumericGreaterThan\":{\"ec2-instance-connect:remotePort\":"
				"1024}")) },
		{ "tunnel-address-unrestricted",
			DOC(ST("Allow", TUNNEL, EICE,
				"\"IpAddress\":{\"ec2-instance-connect:privateIpAddress\":"
				"\"0.0.0.0/0\"}")),
			DOC(ST("Allow", TUNNEL, EICE, PORT) "," ST("Deny", TUNNEL, EICE,
				"\"NotIpAddress\":{\"ec2-instance-connect:privateIpAddress\":"
				"\"10.0.0.0/16\"}")) },
		{ "any-instance", DOC(ST("Allow", PUSH, "\"*\"", OSUSER)),
			DOC(ST("Allow", PUSH, "\"*\"",
				"\"StringEquals\":{\"aws:ResourceTag/Env\":\"dev\"}")) },
		{ "any-instance", DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/*\"", OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/i-0*\"", OSUSER)) },
		{ "tunnel-port-unrestricted", DOC(ST("Allow", TUNNEL, EICE, ADDRESS)),
			DOC(ST("Allow", TUNNEL, EICE, ADDRESS "," PORT)) },
		{ "tunnel-address-unrestricted", DOC(ST("Allow", TUNNEL, EICE, PORT)),
			DOC(ST("Allow", TUNNEL, EICE, ADDRESS "," PORT)) },
		{ "set-operator-on-single-valued-key",
			DOC(ST("Allow", PUSH, ONE,
				"\"ForAllValues:StringEquals\":{\"ec2:osuser\":\"ann\"}")),
			DOC(GUARDED("\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}")) },
		{ "if-exists-on-osuser",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEqualsIfExists\":{\"ec2:osuser\":\"ann\"}")),
			CLEAN },
		{ "deny-never-matches",
			DOC(ST("Deny", PUSH, "\"*\"",
				"\"StringEquals\":{\"ec2:os_user\":\"root\"}")),
			DOC(ST("Deny", PUSH, "\"*\"",
				"\"StringEquals\":{\"ec2:osuser\":\"root\"}")) },
		{ "deny-never-matches", DOC(ST("Deny", SERIAL, "\"*\"", OSUSER)),
			DOC(ST("Deny", SERIAL, "\"*\"",
				"\"StringNotEquals\":{\"ec2:osuser\":\"root\"}")) },
		{ "deny-never-matches",
			DOC(ST("Deny", PUSH, "\"*\"", "\"StringEquals\":{\"ec2:osuser\":[]}")),
			CLEAN });
}

#define TAG(op, value) "\"" op "\":{\"aws:ResourceTag/Env\":" value "}"

static void conditions_that_nothing_fulfils_are_found(void **state)
{
#define NEVER(bad, good) \
	{ "condition-never-holds", DOC(ST("Allow", PUSH, ONE, bad)), \
		DOC(ST("Allow", PUSH, ONE, good)) }, \
		{ "deny-never-matches", DOC(ST("Deny", PUSH, "\"*\"", bad)), \
			DOC(ST("Deny", PUSH, "\"*\"", good)) }
#define USER(op, value) "\"" op "\":{\"ec2:osuser\":" value "}"
#define IP(op, value) "\"" op "\":{\"aws:SourceIp\":" value "}"
	ROWS(IAM_IDENTITY,
		NEVER(TAG("StringEquals", "\"a\"") "," TAG("StringNotEquals", "\"a\""),
			TAG("StringEquals", "[\"a\",\"b\"]") "," TAG("StringNotEquals", "\"a\"")),
		NEVER(TAG("StringEquals",
			      "\"a\"") ",\"StringLike\":{\"ec2:resourcetag/env\":\"b*\"}",
			TAG("StringEquals",
				"\"a\"") ",\"StringLike\":{\"ec2:ResourceTag/x\":\"b*\"}"),
		NEVER(TAG("StringEquals", "\"a\"") "," TAG("Null", "true"),
			TAG("StringEquals", "\"a\"") "," TAG("Null", "false")),
		NEVER(TAG("StringLike", "\"a*\"") "," TAG("StringNotLike", "\"a*\""),
			TAG("StringLike", "\"a*\"") "," TAG("StringNotLike", "\"ab*\"")),
		NEVER(TAG("StringEqualsIfExists", "\"a\"") "," TAG("StringEquals", "\"b\""),
			TAG("StringEqualsIfExists", "\"a\"") "," TAG("StringNotEquals", "\"b\"")),
		NEVER(IP("IpAddress", "\"192.0.2.0/25\"") "," IP(
			      "NotIpAddress", "\"192.0.2.0/24\""),
			IP("IpAddress", "\"192.0.2.0/24\"") "," IP(
				"NotIpAddress", "\"192.0.2.0/25\"")),
		NEVER("\"DateLessThan\":{\"aws:CurrentTime\":\"2030-01-01\"},\"DateGreaterThan\":{"
		      "\"aws:CurrentTime\":\"2031-01-01\"}",
			"\"DateLessThan\":{\"aws:CurrentTime\":\"2031-01-01\"},\"DateGreaterThan\":"
			"{"
			"\"aws:CurrentTime\":\"2030-01-01\"}"),
		/* names that no OS user has */
		NEVER(USER("StringEquals", "\"web admin\""), USER("StringEquals", "\"web-admin\"")),
		NEVER(USER("StringLike", "\"*/*\""), USER("StringLike", "\"*.*\"")),
		NEVER(USER("StringEquals", "\"0\""), USER("StringEquals", "\"0a\"")),
		NEVER(USER("StringEqualsIgnoreCase", "[\"-a\",\"\"]"),
			USER("StringEqualsIgnoreCase", "[\"-a\",\"A\"]")),
		NEVER(USER("StringEquals", "\"a\"") "," USER("StringNotLike", "\"?\""),
			USER("StringEquals", "\"ab\"") "," USER("StringNotLike", "\"?\"")),
		NEVER(USER("StringEquals", "\"a\"") "," USER("Null", "true"),
			USER("StringEquals", "\"${aws:username}\"") "," USER(
				"StringNotEquals", "\"root\"")),
		NEVER(USER("StringEquals", "\"0123456789abcdef0123456789abcdef0\""),
			USER("StringNotEquals", "\"0123456789abcdef0123456789abcdef0\"")));
}

static void medium_findings(void **state)
{
	ROWS(IAM_IDENTITY,
		{ "osuser-impossible",
			DOC(ST("Allow", PUSH, ONE, USER("StringLike", "[\"dev-*\",\"a b*\"]"))),
			DOC(ST("Allow", PUSH, ONE, USER("StringLike", "[\"dev-*\",\"a?b*\"]"))) },
		{ "osuser-impossible",
			DOC(ST("Deny", PUSH, ONE,
				USER("StringNotEquals", "[\"ann\",\"DOM\\\\u\"]"))),
			DOC(ST("Deny", PUSH, ONE, USER("StringNotEquals", "[\"ann\",\"*\"]"))) },
		{ "tag-of-any-value",
			DOC(ST("Allow", PUSH, "\"*\"", OSUSER "," TAG("StringLike", "\"*\""))),
			DOC(ST("Allow", PUSH, "\"*\"", OSUSER "," TAG("StringLike", "\"d*\""))) },
		{ "tag-of-any-value",
			DOC(ST("Allow", SERIAL, "\"*\"",
				"\"StringLike\":{\"ec2:ResourceTag/x\":[\"a\",\"?*\"]}")),
			DOC(ST("Allow", "\"s3:*\"", "\"*\"", TAG("StringLike", "\"*\""))) },
		{ "tag-of-any-value",
			DOC(ST("Allow", PUSH, "\"*\"", OSUSER "," TAG("Null", "false"))),
			DOC(ST("Allow", PUSH, "\"*\"",
				OSUSER
				"," TAG("Null", "false") "," TAG("StringEquals", "\"a\""))) },
		{ "tag-of-any-value", DOC(ST("Allow", PUSH, "\"*\"", TAG("StringLike", "\"*\""))),
			DOC(ST("Deny", PUSH, "\"*\"", TAG("StringLike", "\"*\""))) },
		{ "wildcard-without-like",
			DOC(ST("Allow", PUSH, ONE, "\"StringEquals\":{\"ec2:osuser\":\"dev-*\"}")),
			DOC(ST("Allow", PUSH, ONE, "\"StringLike\":{\"ec2:osuser\":\"dev-*\"}")) },
		{ "wildcard-without-like",
			DOC(ST("Allow", PUSH, ONE, "\"StringEquals\":{\"ec2:osuser\":\"a?\"}")),
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"a${*}\"}")) },
		{ "resource-type-mismatch", DOC(ST("Allow", PUSH, EICE, OSUSER)), CLEAN },
		{ "resource-type-mismatch", DOC(ST("Allow", TUNNEL, ONE, PORT)),
			DOC(ST("Allow", TUNNEL, EICE, PORT)) },
		{ "resource-type-mismatch",
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2-instance-connect:*:*:instance/*\"",
				OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:*\"", OSUSER)) },
		{ "duration-out-of-range",
			DOC(ST("Allow", TUNNEL, EICE,
				"\"NumericLessThanEquals\":{\"ec2-instance-connect:"
				"maxTunnelDuration\":7200}")),
			DOC(ST("Allow", TUNNEL, EICE,
				"\"NumericLessThanEquals\":{\"ec2-instance-connect:"
				"maxTunnelDuration\":3600}")) },
		{ "duration-below-default",
			DOC(ST("Allow", TUNNEL, EICE,
				"\"NumericLessThanEquals\":{\"ec2-instance-connect:"
				"maxTunnelDuration\":3599}")),
			DOC(ST("Allow", TUNNEL, EICE,
				"\"NumericLessThanEquals\":{\"ec2-instance-connect:"
				"maxTunnelDuration\":3600}")) },
		{ "variable-unsupported-version",
			"{\"Statement\":" ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"${aws:username}\"}") "}",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"${aws:username}\"}")) },
		{ "variable-unsupported-operator",
			DOC(GUARDED("\"NumericEquals\":{\"a:b\":\"${c:d}\"}")),
			DOC(GUARDED("\"StringLike\":{\"a:b\":\"${c:d}\"}")) },
		{ "variable-malformed", DOC(GUARDED("\"StringLike\":{\"a:b\":\"${c:d\"}")),
			DOC(GUARDED("\"StringLike\":{\"a:b\":\"$c:d\"}")) },
		{ "variable-malformed",
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/${\"", OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/${a:b}\"", OSUSER)) },
		{ "variable-misplaced", DOC(ST("Allow", "\"ec2:${a}\"", "\"*\"", "")), CLEAN },
		{ "variable-misplaced",
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:${aws:RequestedRegion}:*:instance/*\"",
				OSUSER)),
			DOC(ST("Allow", PUSH, "\"arn:aws:ec2:*:*:instance/${a:b}\"", OSUSER)) },
		{ "username-of-role",
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"${aws:username}\"}")),
			DOC(ST("Allow", PUSH, ONE,
				"\"StringEquals\":{\"ec2:osuser\":\"${aws:PrincipalTag/u}\"}")) },
		{ "value-type-mismatch",
			DOC(GUARDED("\"DateLessThan\":{\"aws:CurrentTime\":\"soon\"}")),
			DOC(GUARDED("\"DateLessThan\":{\"aws:CurrentTime\":\"2030\"}")) },
		{ "operator-type-mismatch",
			DOC(GUARDED("\"StringLike\":{\"aws:SourceIp\":\"10.*\"}")),
			DOC(GUARDED("\"IpAddress\":{\"aws:SourceIp\":\"192.0.2.0/24\"}")) },
		{ "operator-type-mismatch",
			DOC(GUARDED("\"NumericEquals\":{\"aws:CurrentTime\":1}")),
			DOC(GUARDED("\"NumericEquals\":{\"aws:EpochTime\":1}")) },
		{ "private-source-ip",
			DOC(GUARDED("\"IpAddress\":{\"aws:SourceIp\":\"172.16.5.0/24\"}")),
			DOC(GUARDED("\"IpAddress\":{\"aws:VpcSourceIp\":\"172.16.5.0/24\"}")) },
		{ "missing-tag-key", DOC(GUARDED("\"StringLike\":{\"aws:ResourceTag/\":\"a\"}")),
			DOC(GUARDED("\"StringLike\":{\"aws:ResourceTag/a\":\"a\"}")) },
		{ "unknown-action",
			DOC(ST("Allow", "\"ec2-instance-connect:SendSSHKey\"", ONE, OSUSER)),
			CLEAN },
		{ "unknown-action", DOC(ST("Allow", "\"ec2:SendSSHPublicKey\"", ONE, OSUSER)),
			DOC(ST("Allow", "\"ec2:RunInstances\"", ONE, "")) },
		{ "unknown-action",
			DOC(ST("Allow", "\"ec2-instance-connect:SendSSHPublicKey \"", ONE, OSUSER)),
			CLEAN },
		{ "describe-needs-star", DOC(ST("Allow", "\"ec2:DescribeInstances\"", ONE, "")),
			DOC(ST("Allow", "\"ec2:DescribeInstances\"", "\"*\"", "")) });
}

static void findings_of_the_grammar(void **state)
{
#define SID(sid) "{\"Sid\":\"" sid "\",\"Effect\":\"Deny\",\"Action\":\"a:B\",\"Resource\":\"*\"}"
	ROWS(IAM_IDENTITY, { "malformed-json", "{", CLEAN }, { "malformed", "{}", CLEAN },
		{ "duplicate-key", "{\"Id\":\"\",\"Id\":\"\"}", CLEAN },
		{ "duplicate-sid", DOC(SID("a") "," SID("a")), DOC(SID("a") "," SID("A")) },
		{ "invalid-sid", DOC(SID("a b")), DOC(SID("aB1")) },
		{ "invalid-arn", DOC(ST("Allow", PUSH, "\"i-1\"", "")), CLEAN },
		{ "unsupported-principal",
			DOC("{\"Principal\":\"*\",\"Effect\":\"Deny\",\"Action\":\"a:B\","
			    "\"Resource\":\"*\"}"),
			CLEAN },
		{ "unknown-operator", DOC(GUARDED("\"StringIs\":{\"a:b\":\"c\"}")), CLEAN },
		{ "unsupported-character", DOC(SID("\xe2\x82\xac")), DOC(SID("\xc3\xa4")) },
		{ "missing-version", "{\"Statement\":" SID("a") "}", CLEAN },
		{ "missing-version", "{\"Version\":\"2008-10-17\",\"Statement\":" SID("a") "}",
			CLEAN },
		{ "empty-list", "{\"Version\":\"2012-10-17\",\"Statement\":[]}", CLEAN },
		{ "empty-list", DOC(ST("Allow", "", ONE, OSUSER)), CLEAN },
		{ "empty-list", DOC(ST("Allow", PUSH, "", OSUSER)), CLEAN },
		{ "empty-list", DOC(ST("Allow", PUSH, ONE, "")), CLEAN },
		{ "empty-list", DOC(GUARDED("\"StringLike\":{\"a:b\":[]}")), CLEAN },
		{ "empty-list", DOC(GUARDED("\"StringLike\":{}")), CLEAN },
		{ "redundant-action",
			DOC(ST("Allow", PUSH ",\"ec2-instance-connect:*\"", ONE, OSUSER)), CLEAN },
		{ "redundant-action", DOC(ST("Allow", PUSH "," PUSH, ONE, OSUSER)),
			DOC(ST("Allow", PUSH "," TUNNEL, ONE, OSUSER)) },
		{ "operator-case", DOC(GUARDED("\"stringLike\":{\"a:b\":\"c\"}")),
			DOC(GUARDED("\"ForAnyValue:StringLikeIfExists\":{\"a:b\":\"c\"}")) });
}

static void findings_of_other_kinds(void **state)
{
	static const struct row scp[] = { { "scp-new-syntax", DOC(ST("Allow", PUSH, ONE, OSUSER)),
						  DOC(ST("Deny", PUSH, ONE, OSUSER)) },
		{ "scp-new-syntax",
			DOC("{\"Effect\":\"Allow\",\"NotAction\":\"a:B\",\"Resource\":\"*\"}"),
			DOC("{\"Effect\":\"Allow\",\"Action\":\"a:B\",\"Resource\":\"*\"}") } };
	static const struct row resource[] = { { "allow-with-not-principal",
		DOC("{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"111122223333\"},\"Action\":"
		    "\"a:B\",\"Resource\":\"*\"}"),
		DOC("{\"Effect\":\"Deny\",\"NotPrincipal\":{\"AWS\":\"111122223333\"},\"Action\":"
		    "\"a:B\",\"Resource\":\"*\"}") } };

	(void)state;
	check_rows(IAM_SCP, scp, 2);
	check_rows(IAM_RESOURCE, resource, 1);
}

static void a_long_policy_is_told(void **state)
{
	static char text[16384];
	struct buf b = buf_of(text, sizeof(text));
	BUF(codes, 512);

	(void)state;
	buf_puts(&b, "{\"Version\":\"2012-10-17\",\"Id\":\"");
	while (b.len < 6000)
		buf_putc(&b, 'x');
	buf_puts(&b, "\",\"Statement\":[");
	for (int i = 0; i < 2000; i++)
		buf_putc(&b, ' ');
	buf_puts(&b, ST("Allow", PUSH, ONE, OSUSER) "]}");
	lint(&codes, IAM_IDENTITY, text);
	assert_true(has_code(&codes, "policy-too-long"));
	memmove(text + 1000, text + 1500, b.len - 1499);
	lint(&codes, IAM_IDENTITY, text);
	assert_string_equal(buf_text(&codes), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed_policy_has_no_finding),
		cmocka_unit_test(guards_of_the_os_user_come_from_evaluation),
		cmocka_unit_test(high_findings),
		cmocka_unit_test(conditions_that_nothing_fulfils_are_found),
		cmocka_unit_test(medium_findings),
		cmocka_unit_test(findings_of_the_grammar),
		cmocka_unit_test(findings_of_other_kinds),
		cmocka_unit_test(a_long_policy_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
