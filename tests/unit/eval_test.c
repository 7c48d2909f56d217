/* eval_test.c - the layers together: what allows, what denies, what is open */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iam/eval.h"

#define ANN "arn:aws:iam::111122223333:user/ann"
#define NIGHT "arn:aws:sts::111122223333:assumed-role/ops/night"
#define OPS "arn:aws:iam::111122223333:role/ops"
#define PLACE "arn:aws:ec2:eu-west-1:111122223333:"
#define INSTANCE PLACE "instance/i-0a1b2c3d"
#define ENDPOINT PLACE "instance-connect-endpoint/eice-0a1b2c3d"
#define QUEUE "arn:aws:sqs:eu-west-1:111122223333:jobs"

#define ALL "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}"
#define NONE "{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}"
#define DENY "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}"
#define WHEN(effect, op, key, value) \
	"{\"Effect\":\"" effect "\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"" op \
	"\":{\"" key "\":\"" value "\"}}}"
#define TO(effect, principal) \
	"{\"Effect\":\"" effect "\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":" principal \
	"}"

static unsigned char memory[1 << 20];
static struct arena arena;
static struct iam_layer layers[8];
static size_t n_layers;
static struct iam_context context;
static struct iam_principal principal;
static struct iam_request request;
static struct iam_answer answer;

static int setup(void **state)
{
	(void)state;
	arena = arena_of(memory, sizeof(memory));
	n_layers = 0;
	context.n = 0;
	context.closed = false;
	return 0;
}

/* One more layer with these statements; NULL: without any policy. */
static void layer(enum iam_kind kind, const char *statements)
{
	struct iam_policy *p = NULL;
	char *text = arena_take(&arena, 4096);
	struct buf b = buf_of(text, 4096);

	if (statements) {
		p = arena_take(&arena, sizeof(*p));
		buf_addf(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", statements);
		if (policy_read(p, kind, "p.json", buf_view(&b), &arena, 0) != 0)
			fail_msg("%s", err_text());
	}
	layers[n_layers++] = (struct iam_layer){ kind, NULL, p };
}

static void ask(const char *who, const char *action, const char *resource)
{
	assert_int_equal(principal_read(&principal, str_of(who)), 0);
	assert_int_equal(request_set(&request, &principal, str_of(action), str_of(resource),
				 (struct str){ 0 }, &context),
		0);
	request.room = &arena;
	iam_eval(&answer, &request, layers, n_layers);
}

static enum iam_decision push(const char *who)
{
	ask(who, "push", INSTANCE);
	return answer.decision;
}

static void nothing_is_allowed_without_a_policy(void **state)
{
	(void)state;
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	layer(IAM_IDENTITY, NONE);
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	layer(IAM_BOUNDARY, ALL);
	layer(IAM_SESSION, ALL);
	layer(IAM_SCP, ALL);
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_int_equal(answer.kind, IAM_IDENTITY);
}

static void a_deny_anywhere_wins(void **state)
{
	static const enum iam_kind kinds[] = { IAM_IDENTITY, IAM_BOUNDARY, IAM_SESSION, IAM_SCP };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		setup(state);
		layer(IAM_IDENTITY, ALL);
		layer(kinds[i], ALL "," DENY);
		assert_int_equal(push(ANN), IAM_EXPLICIT_DENY);
		assert_int_equal(answer.kind, kinds[i]);
		assert_int_equal(answer.statement->index, 1);
	}
}

static void each_limit_has_to_allow(void **state)
{
	static const enum iam_kind kinds[] = { IAM_BOUNDARY, IAM_SESSION, IAM_SCP };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		setup(state);
		layer(IAM_IDENTITY, ALL);
		assert_int_equal(push(ANN), IAM_ALLOWED);
		layer(kinds[i], NONE);
		assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
		assert_int_equal(answer.kind, kinds[i]);
	}
}

static void every_node_of_an_organisation_has_to_allow(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_SCP, ALL);
	layer(IAM_SCP, NONE "," ALL);
	assert_int_equal(push(ANN), IAM_ALLOWED);
	layer(IAM_SCP, NULL);
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_int_equal(answer.kind, IAM_SCP);
}

static void service_linked_roles_are_exempt_from_organisations(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_SCP, DENY);
	assert_int_equal(push("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/"
			      "AWSServiceRoleForX"),
		IAM_ALLOWED);
	assert_int_equal(push("arn:aws:iam::111122223333:role/ops"), IAM_EXPLICIT_DENY);
}

static void root_needs_no_policy_and_obeys_the_organisation(void **state)
{
	(void)state;
	assert_int_equal(push("arn:aws:iam::111122223333:root"), IAM_ALLOWED);
	layer(IAM_IDENTITY, DENY);
	assert_int_equal(push("arn:aws:iam::111122223333:root"), IAM_ALLOWED);
	layer(IAM_SCP, NONE);
	assert_int_equal(push("arn:aws:iam::111122223333:root"), IAM_IMPLICIT_DENY);
}

static void another_account_needs_both_sides(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	ask(ANN, "push", "arn:aws:ec2:eu-west-1:444455556666:instance/i-0a1b2c3d");
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
	assert_true(answer.cross_account);
	assert_int_equal(answer.kind, IAM_RESOURCE);
	layer(IAM_RESOURCE, TO("Allow", "{\"AWS\":\"111122223333\"}"));
	ask(ANN, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:jobs");
	assert_int_equal(answer.decision, IAM_ALLOWED);
	layers[0].policies = NULL;
	ask(ANN, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:jobs");
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
}

static enum iam_decision resource_policy(const char *principals, const char *who, bool limited)
{
	BUF(text, 512);

	setup(NULL);
	buf_addf(&text,
		"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":%s}",
		principals);
	layer(IAM_RESOURCE, buf_text(&text));
	if (limited)
		layer(IAM_BOUNDARY, NONE);
	ask(who, "sqs:SendMessage", QUEUE);
	return answer.decision;
}

static void how_a_resource_policy_names_somebody_decides_what_it_grants(void **state)
{
	(void)state;
	assert_int_equal(resource_policy("\"*\"", ANN, true), IAM_ALLOWED);
	assert_int_equal(resource_policy("{\"AWS\":\"" ANN "\"}", ANN, true), IAM_ALLOWED);
	assert_int_equal(resource_policy("{\"AWS\":\"" NIGHT "\"}", NIGHT, true), IAM_ALLOWED);
	assert_int_equal(resource_policy("{\"AWS\":\"" OPS "\"}", OPS, false), IAM_ALLOWED);
	assert_int_equal(resource_policy("{\"AWS\":\"" OPS "\"}", OPS, true), IAM_IMPLICIT_DENY);
	assert_int_equal(
		resource_policy("{\"AWS\":\"111122223333\"}", ANN, false), IAM_IMPLICIT_DENY);
	assert_int_equal(
		resource_policy("{\"AWS\":\"arn:aws:iam::111122223333:root\"}", ANN, false),
		IAM_IMPLICIT_DENY);
	assert_int_equal(resource_policy("{\"AWS\":\"" ANN "\"}",
				 "arn:aws:iam::111122223333:user/bob", false),
		IAM_IMPLICIT_DENY);
	assert_int_equal(
		resource_policy("{\"AWS\":\"arn:aws:iam::111122223333:user/Ann\"}", ANN, false),
		IAM_IMPLICIT_DENY);
	assert_int_equal(
		resource_policy("{\"Service\":\"ec2.amazonaws.com\"}", "ec2.amazonaws.com", false),
		IAM_ALLOWED);
	assert_int_equal(resource_policy("{\"Service\":\"ec2.amazonaws.com\"}", ANN, false),
		IAM_IMPLICIT_DENY);
	assert_int_equal(resource_policy("\"*\"", "*", false), IAM_ALLOWED);
	assert_int_equal(
		resource_policy("{\"AWS\":\"111122223333\"}", "*", false), IAM_IMPLICIT_DENY);
}

static void not_principal_spares_only_who_is_listed_with_the_account(void **state)
{
#define NOT(list) \
	"{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"NotPrincipal\":{\"AWS\":" \
	"[" list "]}}"
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RESOURCE, NOT("\"" ANN "\",\"111122223333\""));
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
	ask("arn:aws:iam::111122223333:user/bob", "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
	setup(state);
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RESOURCE, NOT("\"" ANN "\""));
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
}

static void see(void *data, struct str key, bool changes)
{
	struct buf *b = data;

	buf_addf(b, "%.*s%s ", STR_ARG(key), changes ? "" : "(explicit only)");
}

static void missing_is(const char *want)
{
	BUF(b, 512);

	iam_missing(&request, layers, n_layers, see, &b);
	assert_string_equal(buf_text(&b), want);
}

static void not_principal_spares_nobody_who_has_a_boundary(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RESOURCE, NOT("\"" ANN "\",\"111122223333\""));
	layer(IAM_BOUNDARY, ALL);
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
}

static void an_allow_of_others_keeps_a_role_within_its_boundary(void **state)
{
	static const char others[] = "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
				     "\"NotPrincipal\":{\"AWS\":\"444455556666\"}}";

	(void)state;
	layer(IAM_RESOURCE, others);
	ask(OPS, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
	layer(IAM_BOUNDARY, NONE);
	ask(OPS, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
}

static void not_principal_wants_the_session_of_a_role_too(void **state)
{
	(void)state;
	assert_int_equal(context_set(&context, STR("aws:PrincipalArn"), STR(OPS)), 0);
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RESOURCE, NOT("\"" OPS "\",\"111122223333\""));
	ask(NIGHT, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
	n_layers = 1;
	layer(IAM_RESOURCE, NOT("\"" OPS "\",\"" NIGHT "\",\"111122223333\""));
	ask(NIGHT, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
}

#define FROM(effect, principal) TO(effect, "{\"AWS\":\"" principal "\"}")
#define DEEP "arn:aws:iam::111122223333:role/team/ops"

static void the_path_of_a_role_is_never_guessed(void **state)
{
	static const char *const named[] = { FROM("Deny", OPS), FROM("Deny", DEEP) };

	for (size_t i = 0; i < 2; i++) {
		setup(state);
		layer(IAM_IDENTITY, ALL);
		layer(IAM_RESOURCE, named[i]);
		ask(NIGHT, "sqs:SendMessage", QUEUE);
		assert_true(answer.undetermined);
		missing_is("aws:PrincipalArn ");
		assert_int_equal(context_set(&context, STR("aws:PrincipalArn"), STR(DEEP)), 0);
		ask(NIGHT, "sqs:SendMessage", QUEUE);
		assert_int_equal(answer.decision, i == 0 ? IAM_ALLOWED : IAM_EXPLICIT_DENY);
		context.n = 0;
		context.closed = true;
		ask(NIGHT, "sqs:SendMessage", QUEUE);
		assert_int_equal(answer.decision, i == 0 ? IAM_EXPLICIT_DENY : IAM_ALLOWED);
	}
	setup(state);
	layer(IAM_RESOURCE, FROM("Allow", OPS));
	ask(NIGHT, "sqs:SendMessage", QUEUE);
	assert_true(answer.undetermined);
	ask("arn:aws:sts::111122223333:assumed-role/dev/x", "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.possible, 1 << IAM_IMPLICIT_DENY);
}

static void the_session_of_a_role_is_never_guessed(void **state)
{
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RESOURCE, FROM("Deny", NIGHT));
	ask(OPS, "sqs:SendMessage", QUEUE);
	assert_true(answer.undetermined);
	missing_is("aws:userid ");
	assert_int_equal(context_set(&context, STR("aws:userid"), STR("AROAX:day")), 0);
	ask(OPS, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
	assert_int_equal(context_set(&context, STR("aws:userid"), STR("AROAX:night")), 0);
	ask(OPS, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
	setup(state);
	layer(IAM_IDENTITY, ALL);
	layer(IAM_SCP, DENY);
	ask("arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/x", "sqs:SendMessage",
		QUEUE);
	assert_true(answer.undetermined);
	missing_is("aws:PrincipalArn ");
}

static void an_empty_principal_names_nobody(void **state)
{
	(void)state;
	layer(IAM_RESOURCE, TO("Allow", "{}"));
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
	setup(state);
	layer(IAM_RESOURCE, TO("Allow", "{\"AWS\":[]}"));
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
}

static void resource_control_policies_never_touch_ec2(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_RCP,
		"{\"Effect\":\"Deny\",\"Action\":[\"sqs:*\",\"ec2*:*\"],\"Resource\":\"*\","
		"\"Principal\":\"*\"}");
	assert_int_equal(push(ANN), IAM_ALLOWED);
	ask(ANN, "EC2:StartInstances", INSTANCE);
	assert_int_equal(answer.decision, IAM_ALLOWED);
	ask(ANN, "sqs:SendMessage", QUEUE);
	assert_int_equal(answer.decision, IAM_EXPLICIT_DENY);
}

static void an_endpoint_policy_is_one_more_gate(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_ENDPOINT, TO("Allow", "\"*\""));
	assert_int_equal(push(ANN), IAM_ALLOWED);
	layers[1].policies = NULL;
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_int_equal(answer.kind, IAM_ENDPOINT);
}

static bool applies(const char *action, const char *resource, const char *asked, const char *of)
{
	BUF(text, 512);

	setup(NULL);
	buf_addf(&text, "{\"Effect\":\"Allow\",%s,%s}", action, resource);
	layer(IAM_IDENTITY, buf_text(&text));
	ask(ANN, asked, of);
	return answer.decision == IAM_ALLOWED;
}

#define ANY_ACTION "\"Action\":\"*\""
#define ANY_RESOURCE "\"Resource\":\"*\""

static void actions_are_matched_without_case(void **state)
{
	(void)state;
	assert_true(applies("\"Action\":\"EC2-instance-CONNECT:sendsshPUBLICkey\"", ANY_RESOURCE,
		"push", INSTANCE));
	assert_true(applies("\"Action\":\"ec2-instance-connect:Send?SHPublic*\"", ANY_RESOURCE,
		"push", INSTANCE));
	assert_true(applies("\"NotAction\":\"ec2:*\"", ANY_RESOURCE, "push", INSTANCE));
	assert_true(applies("\"Action\":\"*:*\"", ANY_RESOURCE, "push", INSTANCE));
	assert_false(applies("\"Action\":\"ec2:*\"", ANY_RESOURCE, "push", INSTANCE));
	assert_false(applies(
		"\"Action\":\"ec2-instance-connect:SendSSH\"", ANY_RESOURCE, "push", INSTANCE));
	assert_false(applies("\"Action\":\" ec2-instance-connect:SendSSHPublicKey\"", ANY_RESOURCE,
		"push", INSTANCE));
	assert_false(applies("\"NotAction\":[\"ec2:*\",\"ec2-instance-connect:Send*\"]",
		ANY_RESOURCE, "push", INSTANCE));
	assert_false(applies("\"Action\":[]", ANY_RESOURCE, "push", INSTANCE));
	assert_false(applies("\"Action\":\"ec2-instance-connect:SendSSHPublicKey\"", ANY_RESOURCE,
		"serial", INSTANCE));
}

static void resources_are_matched_part_by_part(void **state)
{
	(void)state;
	assert_true(applies(
		ANY_ACTION, "\"Resource\":\"arn:aws:ec2:*:*:instance/*\"", "push", INSTANCE));
	assert_true(applies(ANY_ACTION, "\"Resource\":\"arn:aws:ec2:*\"", "push", INSTANCE));
	assert_true(applies(ANY_ACTION, "\"Resource\":\"arn:aws:ec2\"", "push", INSTANCE));
	assert_true(applies(ANY_ACTION, "\"NotResource\":\"arn:aws:s3:::*\"", "push", INSTANCE));
	assert_false(
		applies(ANY_ACTION, "\"Resource\":\"arn:aws:ec2:*:instance/*\"", "push", INSTANCE));
	assert_false(applies(ANY_ACTION,
		"\"Resource\":\"arn:aws:ec2:eu-west-1:111122223333:instance/I-0A1B2C3D\"", "push",
		INSTANCE));
	assert_false(
		applies(ANY_ACTION, "\"Resource\":\"arn:aws-cn:ec2:*:*:*\"", "push", INSTANCE));
	assert_false(applies(ANY_ACTION, "\"NotResource\":\"arn:aws:ec2:*\"", "push", INSTANCE));
	assert_false(applies(ANY_ACTION, "\"Resource\":[]", "push", INSTANCE));
}

static void an_action_without_resources_needs_the_star(void **state)
{
	(void)state;
	assert_true(applies(ANY_ACTION, ANY_RESOURCE, "ec2:DescribeInstances", INSTANCE));
	assert_false(applies(
		ANY_ACTION, "\"Resource\":\"" INSTANCE "\"", "ec2:describeinstances", INSTANCE));
	assert_false(applies(
		ANY_ACTION, "\"Resource\":\"arn:aws:ec2:*\"", "ec2:DescribeVpcs", INSTANCE));
	assert_true(applies(ANY_ACTION, ANY_RESOURCE, "ec2:DescribeInstances", "*"));
	assert_true(applies(
		ANY_ACTION, "\"NotResource\":\"" INSTANCE "\"", "ec2:DescribeInstances", "*"));
	assert_false(applies(ANY_ACTION, "\"Resource\":\"arn:*\"", "ec2:DescribeInstances", "*"));
	assert_false(
		applies(ANY_ACTION, "\"Resource\":\"" INSTANCE "\"", "ec2:DescribeInstances", "*"));
}

static void what_is_no_resource_has_no_tags(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, WHEN("Allow", "StringEquals", "aws:ResourceTag/a", "b"));
	assert_int_equal(context_set(&context, STR("ec2:ResourceTag/a"), STR("b")), 0);
	assert_int_equal(push(ANN), IAM_ALLOWED);
	ask(ANN, "ec2:DescribeInstances", INSTANCE);
	assert_int_equal(answer.possible, 1 << IAM_IMPLICIT_DENY);
	context.n = 0;
	ask(ANN, "a:B", "*");
	assert_int_equal(answer.possible, 1 << IAM_IMPLICIT_DENY);
}

static void a_short_arn_of_a_service_control_policy_needs_a_star_at_its_end(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL);
	layer(IAM_SCP, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:ec2:*\"}");
	assert_int_equal(push(ANN), IAM_ALLOWED);
	layer(IAM_SCP, "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:ec2\"}");
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
}

static void an_absent_variable_never_widens_not_resource(void **state)
{
#define NOT_OWN(effect) \
	"{\"Effect\":\"" effect "\",\"Action\":\"*\",\"NotResource\":\"arn:aws:ec2:*:*:instance/" \
	"${aws:PrincipalTag/own}\"}"
	(void)state;
	context.closed = true;
	layer(IAM_IDENTITY, NOT_OWN("Allow"));
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	setup(state);
	context.closed = true;
	layer(IAM_IDENTITY, ALL "," NOT_OWN("Deny"));
	assert_int_equal(push(ANN), IAM_EXPLICIT_DENY);
}

/* ---- what was not stated ---- */

static void an_allow_on_an_unstated_key_is_undetermined(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, WHEN("Allow", "StringEquals", "ec2:osuser", "ann"));
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_true(answer.undetermined);
	missing_is("ec2:osuser ");
	assert_int_equal(context_set(&context, STR("ec2:osuser"), STR("ann")), 0);
	assert_int_equal(push(ANN), IAM_ALLOWED);
	missing_is("");
}

static void a_deny_on_an_unstated_key_is_undetermined(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, ALL "," WHEN("Deny", "NotIpAddress", "aws:SourceIp", "192.0.2.0/24"));
	assert_int_equal(push(ANN), IAM_EXPLICIT_DENY);
	assert_true(answer.undetermined);
	missing_is("aws:SourceIp ");
}

static void keys_that_cannot_change_the_answer_are_not_missed(void **state)
{
	(void)state;
	/* an Allow beside a sure one */
	layer(IAM_IDENTITY, ALL "," WHEN("Allow", "StringEquals", "a:b", "c"));
	assert_int_equal(push(ANN), IAM_ALLOWED);
	assert_false(answer.undetermined);
	missing_is("");
	/* anything beside a sure Deny */
	setup(state);
	layer(IAM_IDENTITY, DENY "," WHEN("Allow", "StringEquals", "a:b", "c"));
	assert_int_equal(push(ANN), IAM_EXPLICIT_DENY);
	assert_false(answer.undetermined);
	missing_is("");
	/* another layer denies for sure */
	setup(state);
	layer(IAM_IDENTITY, WHEN("Allow", "StringEquals", "a:b", "c"));
	layer(IAM_BOUNDARY, NONE);
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_false(answer.undetermined);
	missing_is("");
	/* another condition of the statement fails for sure */
	setup(state);
	assert_int_equal(context_set(&context, STR("d:e"), STR("x")), 0);
	layer(IAM_IDENTITY,
		"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{"
		"\"StringEquals\":{\"a:b\":\"c\",\"d:e\":\"f\"}}}");
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_false(answer.undetermined);
	missing_is("");
}

static void a_key_that_only_sharpens_a_denial_is_told_apart(void **state)
{
	(void)state;
	layer(IAM_IDENTITY, WHEN("Deny", "StringEquals", "a:b", "c"));
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_false(answer.undetermined);
	missing_is("a:b(explicit only) ");
}

static void unstated_variables_are_missed_too(void **state)
{
	(void)state;
	layer(IAM_IDENTITY,
		"{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:ec2:*:*:instance/"
		"${aws:PrincipalTag/own}\"}");
	layer(IAM_SCP, WHEN("Allow", "StringEquals", "aws:ResourceTag/t", "${aws:PrincipalTag/t}"));
	assert_int_equal(context_set(&context, STR("aws:resourcetag/t"), STR("x")), 0);
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_true(answer.undetermined);
	missing_is("aws:PrincipalTag/own aws:PrincipalTag/t ");
	/* and together with the key that they are compared with */
	setup(state);
	layer(IAM_IDENTITY,
		WHEN("Allow", "StringEquals", "aws:ResourceTag/t", "${aws:PrincipalTag/t}"));
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_true(answer.undetermined);
	missing_is("aws:ResourceTag/t aws:PrincipalTag/t ");
}

static void assumed_absence_decides(void **state)
{
	(void)state;
	context.closed = true;
	layer(IAM_IDENTITY, WHEN("Allow", "StringEquals", "ec2:osuser", "ann"));
	assert_int_equal(push(ANN), IAM_IMPLICIT_DENY);
	assert_false(answer.undetermined);
}

/* ---- what unstated keys could be ---- */

#define IF(effect, conditions) \
	"{\"Effect\":\"" effect \
	"\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{" conditions "}}"

static void values_that_exclude_each_other_are_no_doubt(void **state)
{
	static const struct {
		const char *statements;
		unsigned possible;
		const char *missing;
	} rows[] = {
		/* either way it is allowed */
		{ IF("Allow", "\"Null\":{\"aws:ResourceTag/a\":\"true\"}") "," IF(
			  "Allow", "\"Null\":{\"aws:ResourceTag/a\":\"false\"}"),
			1 << IAM_ALLOWED, "" },
		{ IF("Allow", "\"StringLike\":{\"ec2:osuser\":\"d*\"}") "," IF(
			  "Allow", "\"StringNotLike\":{\"ec2:osuser\":\"d*\"}"),
			1 << IAM_ALLOWED, "" },
		/* no value does both */
		{ IF("Allow",
			  "\"StringEquals\":{\"ec2:osuser\":\"a\"},\"StringLike\":{\"EC2:osuser\":"
			  "\"b*\"}"),
			1 << IAM_IMPLICIT_DENY, "" },
		{ IF("Allow",
			  "\"NumericLessThan\":{\"aws:MultiFactorAuthAge\":\"5\"},"
			  "\"NumericGreaterThan\":{\"aws:MultiFactorAuthAge\":\"5\"}"),
			1 << IAM_IMPLICIT_DENY, "" },
		{ IF("Allow",
			  "\"IpAddress\":{\"aws:SourceIp\":\"192.0.2.0/25\"},\"NotIpAddress\":{"
			  "\"aws:sourceip\":\"192.0.2.0/24\"}"),
			1 << IAM_IMPLICIT_DENY, "" },
		{ IF("Allow", "\"StringEquals\":{\"aws:ResourceTag/e\":\"dev\"}") "," IF(
			  "Deny", "\"StringEquals\":{\"ec2:resourcetag/E\":\"dev\"}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_EXPLICIT_DENY,
			"aws:ResourceTag/e(explicit only) " },
		{ IF("Allow", "\"StringEquals\":{\"aws:ResourceTag/e\":[]}"),
			1 << IAM_IMPLICIT_DENY, "" },
		/* a list that is empty tells what is there from what is absent */
		{ IF("Allow", "\"DateLessThanIfExists\":{\"aws:TokenIssueTime\":[]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:TokenIssueTime " },
		{ IF("Allow", "\"NumericLessThanIfExists\":{\"aws:MultiFactorAuthAge\":[]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:MultiFactorAuthAge " },
		{ IF("Allow", "\"IpAddressIfExists\":{\"aws:SourceIp\":[]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:SourceIp " },
		{ IF("Allow", "\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":[]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:MultiFactorAuthPresent " },
		{ IF("Allow", "\"StringLikeIfExists\":{\"aws:SourceIdentity\":[]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:SourceIdentity " },
		{ IF("Allow", "\"Null\":{\"aws:userid\":\"true\"}"), 1 << IAM_IMPLICIT_DENY, "" },
		/* one does */
		{ IF("Allow",
			  "\"NumericLessThan\":{\"aws:MultiFactorAuthAge\":\"5.5\"},"
			  "\"NumericGreaterThan\":{\"aws:MultiFactorAuthAge\":\"5.4\"}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:MultiFactorAuthAge " },
		{ IF("Allow",
			  "\"StringLike\":{\"ec2:osuser\":\"a*\"},\"StringNotLike\":{"
			  "\"EC2:osuser\":[\"a\",\"ab*\"]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "ec2:osuser " },
		{ IF("Allow",
			  "\"IpAddress\":{\"aws:SourceIp\":\"192.0.2.0/24\"},\"NotIpAddress\":{"
			  "\"aws:sourceip\":[\"192.0.2.0/25\",\"192.0.2.128/26\"]}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:SourceIp " },
		{ IF("Allow",
			  "\"DateLessThan\":{\"aws:TokenIssueTime\":\"2026-01-02\"},"
			  "\"DateGreaterThan\":{\"aws:tokenissuetime\":\"2026-01-01\"}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:TokenIssueTime " },
		/* several keys, of which one cannot matter */
		{ IF("Allow", "\"Bool\":{\"aws:SecureTransport\":\"true\"}") "," IF("Allow",
			  "\"Bool\":{\"aws:securetransport\":\"true\"},\"StringEquals\":{"
			  "\"aws:ResourceTag/e\":\"x\"}"),
			1 << IAM_IMPLICIT_DENY | 1 << IAM_ALLOWED, "aws:SecureTransport " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		layer(IAM_IDENTITY, rows[i].statements);
		(void)push(ANN);
		if (answer.possible != rows[i].possible)
			fail_msg("%s: %u", rows[i].statements, answer.possible);
		missing_is(rows[i].missing);
	}
}

static void what_cannot_be_tried_stays_unknown(void **state)
{
	/* an ARN, a key of several values, one that a variable names, one that nobody knows */
	static const char *const rows[] = {
		IF("Allow", "\"ArnLike\":{\"ec2:SourceInstanceARN\":\"" INSTANCE "\"}"),
		IF("Allow", "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}"),
		IF("Allow", "\"StringEquals\":{\"aws:ResourceTag/a\":\"${aws:PrincipalTag/a}\"}"),
		IF("Allow", "\"StringEquals\":{\"a:b\":\"c\"}"),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(state);
		layer(IAM_IDENTITY, rows[i]);
		(void)push(ANN);
		assert_true(answer.undetermined);
	}
}

/* ---- what follows from a request ---- */

static const char *derived(const char *key)
{
	static char text[128];
	struct iam_fact *f;

	if (context_get(&context, str_of(key), &f) != TRUTH_YES)
		return f ? "absent" : "unknown";
	assert_true(str_copy(text, sizeof(text), fact_value(f, 0)));
	return text;
}

static void derive(const char *who, const char *action)
{
	setup(NULL);
	ask(who, action, str_is(str_of(action), "tunnel") ? ENDPOINT : INSTANCE);
	assert_int_equal(request_derive(&request, 1769860800, &arena), 0);
}

static void keys_follow_from_the_request(void **state)
{
	(void)state;
	derive(ANN, "push");
	assert_string_equal(derived("aws:username"), "ann");
	assert_string_equal(derived("aws:PrincipalArn"), ANN);
	assert_string_equal(derived("aws:RequestedRegion"), "eu-west-1");
	assert_string_equal(derived("aws:CurrentTime"), "2026-01-31T12:00:00Z");
	assert_string_equal(derived("aws:EpochTime"), "1769860800");
	assert_string_equal(derived("ec2:osuser"), "unknown");
	assert_string_equal(derived("ec2-instance-connect:remotePort"), "absent");
	derive(NIGHT, "tunnel");
	assert_string_equal(derived("aws:username"), "absent");
	assert_string_equal(derived("aws:PrincipalArn"), "unknown"); /* the role may have a path */
	assert_string_equal(derived("aws:PrincipalType"), "AssumedRole");
	assert_string_equal(derived("ec2:osuser"), "absent");
	assert_string_equal(derived("ec2-instance-connect:maxTunnelDuration"), "3600");
	assert_string_equal(derived("ec2-instance-connect:remotePort"), "unknown");
}

static void a_role_without_path_is_only_assumed_when_asked_for(void **state)
{
	(void)state;
	context.closed = true;
	ask(NIGHT, "push", INSTANCE);
	assert_int_equal(request_derive(&request, 0, &arena), 0);
	assert_string_equal(derived("aws:PrincipalArn"), OPS);
}

static int stated(const char *who, const char *action, const char *key, const char *value)
{
	setup(NULL);
	context.rank = 1;
	assert_int_equal(context_set(&context, str_of(key), str_of(value)), 0);
	ask(who, action, str_is(str_of(action), "tunnel") ? ENDPOINT : INSTANCE);
	return request_derive(&request, 1769860800, &arena);
}

static void what_contradicts_the_request_is_refused(void **state)
{
	(void)state;
	assert_int_equal(stated(ANN, "push", "aws:username", "bob"), ERR_USAGE);
	assert_int_equal(stated(NIGHT, "push", "aws:username", "ann"), ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "aws:PrincipalArn", OPS), ERR_USAGE);
	assert_int_equal(stated(NIGHT, "push", "aws:PrincipalArn", ANN), ERR_USAGE);
	assert_int_equal(
		stated(NIGHT, "push", "aws:PrincipalArn", "arn:aws:iam::444455556666:role/ops"),
		ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "aws:PrincipalAccount", "444455556666"), ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "aws:ResourceAccount", "444455556666"), ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "aws:PrincipalIsAWSService", "true"), ERR_USAGE);
	assert_int_equal(
		stated(ANN, "push", "aws:PrincipalServiceName", "a.amazonaws.com"), ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "ec2-instance-connect:remotePort", "22"), ERR_USAGE);
	assert_int_equal(stated(ANN, "serial", "ec2:osuser", "ann"), ERR_USAGE);
	assert_int_equal(stated(ANN, "tunnel", "ec2:osuser", "ann"), ERR_USAGE);
	assert_int_equal(stated(ANN, "push", "aws:CurrentTime", "soon"), ERR_USAGE);
	assert_int_equal(stated(NIGHT, "push", "aws:PrincipalArn", DEEP), 0);
	assert_int_equal(stated(ANN, "push", "aws:username", "ann"), 0);
}

static void a_stated_time_moves_both_clocks(void **state)
{
	(void)state;
	assert_int_equal(stated(ANN, "push", "aws:CurrentTime", "2030-01-01T00:00:00Z"), 0);
	assert_string_equal(derived("aws:EpochTime"), "1893456000");
	assert_int_equal(stated(ANN, "push", "aws:EpochTime", "1893456000"), 0);
	assert_string_equal(derived("aws:CurrentTime"), "2030-01-01T00:00:00Z");
	assert_int_equal(context_set(&context, STR("aws:CurrentTime"), STR("2031")), 0);
	assert_int_equal(request_derive(&request, 0, &arena), ERR_USAGE);
}

static void the_way_of_a_request_follows(void **state)
{
	(void)state;
	assert_int_equal(stated(ANN, "push", "aws:SourceVpce", "vpce-1"), 0);
	assert_string_equal(derived("aws:SourceIp"), "absent");
	assert_int_equal(stated(ANN, "push", "aws:SourceIp", "192.0.2.1"), 0);
	assert_string_equal(derived("aws:SourceVpc"), "absent");
	assert_int_equal(stated(ANN, "push", "aws:MultiFactorAuthPresent", "false"), 0);
	assert_string_equal(derived("aws:MultiFactorAuthAge"), "absent");
	assert_int_equal(stated(ANN, "push", "aws:CalledViaLast", "x.amazonaws.com"), 0);
	assert_string_equal(derived("aws:ViaAWSService"), "true");
	assert_int_equal(stated(ANN, "push", "a:b", "c"), 0);
	assert_string_equal(derived("aws:ViaAWSService"), "false");
	assert_string_equal(derived("aws:CalledVia"), "absent");
	assert_string_equal(derived("aws:PrincipalIsAWSService"), "false");
	assert_string_equal(derived("aws:PrincipalServiceName"), "absent");
	assert_string_equal(derived("aws:SourceIp"), "unknown");
	assert_int_equal(stated("ec2.amazonaws.com", "push", "a:b", "c"), 0);
	assert_string_equal(derived("aws:PrincipalIsAWSService"), "true");
	assert_string_equal(derived("aws:PrincipalServiceName"), "ec2.amazonaws.com");
}

static void an_action_acts_on_its_own_type_of_resource(void **state)
{
	static const struct {
		const char *action, *resource;
	} rows[] = { { "push", ENDPOINT }, { "serial", ENDPOINT }, { "tunnel", INSTANCE },
		{ "push", "*" }, { "tunnel", "*" }, { "push", PLACE "volume/vol-0a1b2c3d" },
		{ "push", PLACE "instance/i-1" }, { "push", PLACE "instance/I-0A1B2C3D" },
		{ "push", "arn:aws:ec2:eu-west-1::instance/i-0a1b2c3d" },
		{ "push", "arn:aws:ec2::111122223333:instance/i-0a1b2c3d" },
		{ "push", "arn:aws:s3:eu-west-1:111122223333:instance/i-0a1b2c3d" } };

	(void)state;
	assert_int_equal(principal_read(&principal, STR(ANN)), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(request_set(&request, &principal, str_of(rows[i].action),
					 str_of(rows[i].resource), STR(""), &context),
			ERR_USAGE);
	assert_int_equal(request_set(&request, &principal, STR("push"), STR(INSTANCE),
				 STR("444455556666"), &context),
		ERR_USAGE);
	assert_int_equal(request_set(&request, &principal, STR("sqs:SendMessage"), STR(QUEUE),
				 STR("1"), &context),
		ERR_USAGE);
}

static void what_was_stated_is_not_derived(void **state)
{
	(void)state;
	assert_int_equal(context_set(&context, STR("AWS:requestedregion"), STR("us-east-1")), 0);
	ask(ANN, "push", INSTANCE);
	assert_int_equal(request_derive(&request, 0, &arena), 0);
	assert_string_equal(derived("aws:RequestedRegion"), "us-east-1");
}

static void questions_that_are_none_are_refused(void **state)
{
	static const char *const principals[] = { "", "ann", "arn:aws:iam::111122223333:group/g",
		"arn:aws:iam::1:user/a", "arn:aws:iam::111122223333:user/*",
		"arn:aws:sts::111122223333:assumed-role/ops", "arn:aws:iam::111122223333:user/",
		"arn:aws:ec2::111122223333:instance/i-1" };
	static const char *const actions[] = { "", "login", "ec2:*", "ec2:", ":Run", "a:b:c" };
	static const char *const resources[] = { "", "i-1", "arn:aws:ec2:*:1:instance/i-1",
		"arn:aws:ec2" };

	(void)state;
	for (size_t i = 0; i < sizeof(principals) / sizeof(principals[0]); i++)
		assert_int_equal(principal_read(&principal, str_of(principals[i])), ERR_USAGE);
	assert_int_equal(principal_read(&principal, STR(ANN)), 0);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		assert_int_equal(request_set(&request, &principal, str_of(actions[i]),
					 STR(INSTANCE), STR(""), &context),
			ERR_USAGE);
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		assert_int_equal(request_set(&request, &principal, STR("push"),
					 str_of(resources[i]), STR(""), &context),
			ERR_USAGE);
}

static void reasons_are_in_the_words_of_aws(void **state)
{
	BUF(b, 512);

	(void)state;
	layer(IAM_IDENTITY, NONE);
	(void)push(ANN);
	iam_reason(&b, &answer, &request);
	assert_string_equal(buf_text(&b),
		"User: " ANN " is not authorized to perform: ec2-instance-connect:SendSSHPublicKey "
		"on resource: " INSTANCE " because no identity-based policy allows the "
		"ec2-instance-connect:SendSSHPublicKey action");
	layer(IAM_IDENTITY, DENY);
	(void)push(ANN);
	buf_clear(&b);
	iam_reason(&b, &answer, &request);
	assert_string_equal(buf_text(&b),
		"User: " ANN " is not authorized to perform: ec2-instance-connect:SendSSHPublicKey "
		"on resource: " INSTANCE " with an explicit deny in an identity-based policy");
	layer(IAM_SCP, DENY);
	(void)push(ANN);
	buf_clear(&b);
	iam_reason(&b, &answer, &request);
	assert_true(str_ends(buf_view(&b), "with an explicit deny in a service control policy"));
}

static void too_many_layers_are_a_denial(void **state)
{
	struct iam_layer many[IAM_LAYERS_MAX + 1] = { { IAM_IDENTITY, NULL, NULL } };

	(void)state;
	layer(IAM_IDENTITY, ALL);
	assert_int_equal(push(ANN), IAM_ALLOWED);
	for (size_t i = 0; i <= IAM_LAYERS_MAX; i++)
		many[i] = layers[0];
	iam_eval(&answer, &request, many, IAM_LAYERS_MAX + 1);
	assert_int_equal(answer.decision, IAM_IMPLICIT_DENY);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_is_allowed_without_a_policy),
		T(a_deny_anywhere_wins),
		T(each_limit_has_to_allow),
		T(every_node_of_an_organisation_has_to_allow),
		T(service_linked_roles_are_exempt_from_organisations),
		T(root_needs_no_policy_and_obeys_the_organisation),
		T(another_account_needs_both_sides),
		T(how_a_resource_policy_names_somebody_decides_what_it_grants),
		T(not_principal_spares_only_who_is_listed_with_the_account),
		T(not_principal_spares_nobody_who_has_a_boundary),
		T(an_allow_of_others_keeps_a_role_within_its_boundary),
		T(not_principal_wants_the_session_of_a_role_too),
		T(the_path_of_a_role_is_never_guessed),
		T(the_session_of_a_role_is_never_guessed),
		T(an_empty_principal_names_nobody),
		T(resource_control_policies_never_touch_ec2),
		T(an_endpoint_policy_is_one_more_gate),
		T(actions_are_matched_without_case),
		T(resources_are_matched_part_by_part),
		T(an_action_without_resources_needs_the_star),
		T(what_is_no_resource_has_no_tags),
		T(a_short_arn_of_a_service_control_policy_needs_a_star_at_its_end),
		T(an_absent_variable_never_widens_not_resource),
		T(an_allow_on_an_unstated_key_is_undetermined),
		T(a_deny_on_an_unstated_key_is_undetermined),
		T(keys_that_cannot_change_the_answer_are_not_missed),
		T(a_key_that_only_sharpens_a_denial_is_told_apart),
		T(unstated_variables_are_missed_too),
		T(assumed_absence_decides),
		T(values_that_exclude_each_other_are_no_doubt),
		T(what_cannot_be_tried_stays_unknown),
		T(keys_follow_from_the_request),
		T(a_role_without_path_is_only_assumed_when_asked_for),
		T(what_contradicts_the_request_is_refused),
		T(a_stated_time_moves_both_clocks),
		T(the_way_of_a_request_follows),
		T(an_action_acts_on_its_own_type_of_resource),
		T(what_was_stated_is_not_derived),
		T(questions_that_are_none_are_refused),
		T(reasons_are_in_the_words_of_aws),
		T(too_many_layers_are_a_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
