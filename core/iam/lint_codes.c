/* lint_codes.c - what can be found: its code, how much it matters, and what to write instead */
#include "iam/lint.h"

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
	{ "condition-never-holds", LINT_MEDIUM,
		"has no value that fulfils all the statement demands of it, so that this Allow "
		"allows nothing: correct the conditions" },
	{ "osuser-impossible", LINT_MEDIUM,
		"matches nobody: an OS user has 1 to 32 of A-Z a-z 0-9 @ . _ -, begins with a "
		"letter, digit or _, and is not digits alone" },
	{ "tag-of-any-value", LINT_MEDIUM,
		"only has to be there, whatever its value, so that whoever may tag an instance "
		"opens it: name the value" },
	{ "wildcard-without-like", LINT_MEDIUM,
		"is compared as it stands, * and ? included: use StringLike" },
	{ "resource-type-mismatch", LINT_MEDIUM,
		"is no resource of this action: SendSSHPublicKey acts on ...:instance/ID, "
		"OpenTunnel on ...:instance-connect-endpoint/ID, both of the "
		"service ec2" },
	{ "duration-out-of-range", LINT_MEDIUM,
		"has no effect, as no tunnel lasts longer than 3600 seconds: use 3600 or less" },
	{ "duration-below-default", LINT_LOW,
		"asks callers to name a duration, as a tunnel lasts 3600 seconds without" },
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
