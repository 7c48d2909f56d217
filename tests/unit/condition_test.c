/* condition_test.c - every operator, every form of absence */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iam/condition.h"

static unsigned char memory[1 << 18];
static struct iam_context context;

/* The key k:k as a row gives it: NULL is absent, "?" not stated, "a|b" two values, "|" an empty
 * list. */
static void set_key(const char *given)
{
	static struct str values[8];
	struct str rest, part;
	size_t n = 0;

	if (!given) {
		assert_int_equal(context_derive_absent(&context, STR("k:k")), 0);
		return;
	}
	if (strcmp(given, "?") == 0)
		return;
	rest = str_of(given);
	if (!str_has(rest, '|')) {
		assert_int_equal(context_set(&context, STR("k:k"), rest), 0);
		return;
	}
	while (strcmp(given, "|") != 0 && str_cut(&rest, '|', &part))
		values[n++] = part;
	assert_int_equal(context_set_many(&context, STR("k:k"), values, n), 0);
}

static enum truth test(const char *version, const char *op, const char *values, const char *given)
{
	struct arena a = arena_of(memory, sizeof(memory));
	struct iam_policy p;
	BUF(text, 2048);

	buf_addf(&text,
		"{\"Version\":\"%s\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
		"\"Resource\":\"*\",\"Condition\":{\"%s\":{\"K:k\":%s}}}}",
		version, op, values);
	if (policy_read(&p, IAM_IDENTITY, "p", buf_view(&text), &a, POLICY_LENIENT) != 0)
		fail_msg("%s", err_text());
	context.n = 0;
	assert_int_equal(context_set(&context, STR("v:ann"), STR("ann")), 0);
	assert_int_equal(context_set(&context, STR("v:star"), STR("a*")), 0);
	assert_int_equal(
		context_set_many(&context, STR("v:many"), (struct str[]){ STR("a"), STR("b") }, 2),
		0);
	assert_int_equal(context_derive_absent(&context, STR("v:none")), 0);
	set_key(given);
	return conditions_hold(p.statements[0].conditions, &context);
}

struct row {
	const char *op, *values, *given;
	enum truth want;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum truth t = test("2012-10-17", rows[i].op, rows[i].values, rows[i].given);

		if (t != rows[i].want)
			fail_msg("%s %s, request %s: %d", rows[i].op, rows[i].values,
				rows[i].given ? rows[i].given : "absent", t);
	}
}

#define YES TRUTH_YES
#define NO TRUTH_NO
#define UNKNOWN TRUTH_UNKNOWN
#define ROWS(...) \
	static const struct row rows[] = { __VA_ARGS__ }; \
	(void)state; \
	check_rows(rows, sizeof(rows) / sizeof(rows[0]))

static void strings_are_compared(void **state)
{
	ROWS({ "StringEquals", "\"a\"", "a", YES }, { "StringEquals", "\"a\"", "A", NO },
		{ "StringEquals", "[\"b\",\"a\"]", "a", YES },
		{ "StringEquals", "\"a*\"", "ab", NO }, { "StringEquals", "\"a*\"", "a*", YES },
		{ "StringEquals", "\"\"", "", YES }, { "StringEquals", "22", "22", YES },
		{ "StringEquals", "true", "true", YES }, { "StringNotEquals", "\"a\"", "a", NO },
		{ "StringNotEquals", "\"a\"", "b", YES },
		{ "StringNotEquals", "[\"a\",\"b\"]", "b", NO },
		{ "StringEqualsIgnoreCase", "\"Root\"", "rOOT", YES },
		{ "StringEqualsIgnoreCase", "\"Root\"", "rot", NO },
		{ "StringNotEqualsIgnoreCase", "\"Root\"", "root", NO },
		{ "StringNotEqualsIgnoreCase", "\"Root\"", "x", YES },
		{ "StringLike", "\"r*\"", "root", YES }, { "StringLike", "\"r*\"", "Root", NO },
		{ "StringLike", "\"r??t\"", "root", YES }, { "StringLike", "\"*\"", "", YES },
		{ "StringLike", "\"a*c\"", "a\nc", YES }, { "StringNotLike", "\"r*\"", "root", NO },
		{ "StringNotLike", "\"r*\"", "ann", YES });
}

static void numbers_are_compared_exactly(void **state)
{
	ROWS({ "NumericEquals", "22", "22", YES }, { "NumericEquals", "\"22.0\"", "22", YES },
		{ "NumericEquals", "22", "022.00", YES }, { "NumericEquals", "22", "23", NO },
		{ "NumericEquals", "\"-0\"", "0", YES }, { "NumericEquals", "\"+5\"", "5", YES },
		{ "NumericEquals", "10", "10abc", NO }, { "NumericNotEquals", "22", "23", YES },
		{ "NumericNotEquals", "22", "22", NO }, { "NumericNotEquals", "22", "x", NO },
		{ "NumericLessThan", "22", "21.9", YES }, { "NumericLessThan", "22", "22", NO },
		{ "NumericLessThan", "\"-1\"", "-2", YES }, { "NumericLessThan", "0", "-1", YES },
		{ "NumericLessThanEquals", "22", "22", YES },
		{ "NumericLessThanEquals", "22", "22.1", NO },
		{ "NumericGreaterThan", "9", "10", YES }, { "NumericGreaterThan", "10", "9", NO },
		{ "NumericGreaterThanEquals", "10", "10", YES },
		{ "NumericGreaterThanEquals", "10", "9.9", NO },
		{ "NumericEquals", "\"9007199254740993\"", "9007199254740992", NO },
		{ "NumericGreaterThan", "1", "100000000000000000000000", YES });
}

static void dates_are_compared(void **state)
{
	ROWS({ "DateEquals", "\"2026-01-31T12:00:00Z\"", "2026-01-31T13:00:00+01:00", YES },
		{ "DateEquals", "\"2026-01-31\"", "2026-01-31T00:00:00Z", YES },
		{ "DateEquals", "\"2026\"", "2026-01-01T00:00:00Z", YES },
		{ "DateEquals", "1769860800", "2026-01-31T12:00:00Z", YES },
		{ "DateEquals", "\"1769860800.5\"", "2026-01-31T12:00:00.5Z", YES },
		{ "DateEquals", "\"2026-01-31T12:00Z\"", "2026-01-31T12:00:01Z", NO },
		{ "DateNotEquals", "\"2026-02\"", "2026-02-01T00:00:00Z", NO },
		{ "DateNotEquals", "\"2026-02\"", "2026-02-02", YES },
		{ "DateNotEquals", "\"2026-02\"", "soon", NO },
		{ "DateLessThan", "\"2026-01-31T12:00:00-05:00\"", "2026-01-31T16:59:59Z", YES },
		{ "DateLessThan", "\"2026\"", "2026-01-01", NO },
		{ "DateLessThanEquals", "\"2026\"", "2026-01-01", YES },
		{ "DateGreaterThan", "\"2026\"", "2026-01-01T00:00:00.001Z", YES },
		{ "DateGreaterThan", "\"2026\"", "2025-12-31T23:59:59Z", NO },
		{ "DateGreaterThanEquals", "\"2026\"", "2026", YES });
}

static void booleans_bytes_and_null_are_compared(void **state)
{
	ROWS({ "Bool", "\"true\"", "true", YES }, { "Bool", "true", "TRUE", YES },
		{ "Bool", "false", "true", NO }, { "Bool", "[\"true\",\"false\"]", "false", YES },
		{ "Bool", "true", "1", NO }, { "Bool", "true", "yes", NO },
		{ "BinaryEquals", "\"Zm9v\"", "Zm9v", YES },
		{ "BinaryEquals", "\"Zm9v\"", "YmFy", NO },
		{ "BinaryEquals", "\"Zm9v\"", "Zm9", NO }, { "Null", "\"true\"", NULL, YES },
		{ "Null", "\"true\"", "x", NO }, { "Null", "false", "x", YES },
		{ "Null", "false", NULL, NO }, { "Null", "\"true\"", "", YES },
		{ "Null", "\"true\"", "|", YES }, { "Null", "[true,false]", NULL, YES },
		{ "Null", "[true,false]", "?", YES }, { "Null", "true", "?", UNKNOWN },
		{ "ForAllValues:Null", "true", "x", YES },
		{ "ForAnyValue:Null", "true", NULL, NO });
}

static void addresses_are_compared(void **state)
{
	ROWS({ "IpAddress", "\"192.0.2.0/24\"", "192.0.2.255", YES },
		{ "IpAddress", "\"192.0.2.0/24\"", "192.0.3.0", NO },
		{ "IpAddress", "\"192.0.2.7\"", "192.0.2.7", YES },
		{ "IpAddress", "\"192.0.2.77/30\"", "192.0.2.79", YES },
		{ "IpAddress", "\"0.0.0.0/0\"", "192.0.2.1", YES },
		{ "IpAddress", "\"0.0.0.0/0\"", "2001:db8::1", NO },
		{ "IpAddress", "\"::/0\"", "192.0.2.1", NO },
		{ "IpAddress", "\"2001:db8::/32\"", "2001:DB8:0:0:0:0:0:1", YES },
		{ "IpAddress", "\"2001:db8::1\"", "2001:0db8::0001", YES },
		{ "IpAddress", "\"192.0.2.1\"", "::ffff:192.0.2.1", NO },
		{ "IpAddress", "\"192.0.2.0/24\"", "192.0.2", NO },
		{ "IpAddress", "\"192.0.2.0/24\"", "192.0.2.0/25", NO },
		{ "NotIpAddress", "\"192.0.2.0/24\"", "192.0.3.1", YES },
		{ "NotIpAddress", "\"192.0.2.0/24\"", "192.0.2.1", NO },
		{ "NotIpAddress", "\"192.0.2.1\"", "2001:db8::1", YES },
		{ "NotIpAddress", "\"192.0.2.0/24\"", "here", NO });
}

static void arns_are_compared_part_by_part(void **state)
{
	ROWS({ "ArnEquals", "\"arn:aws:iam::1:user/ann\"", "arn:aws:iam::1:user/ann", YES },
		{ "ArnEquals", "\"arn:aws:iam::*:user/*\"", "arn:aws:iam::1:user/a:b", YES },
		{ "ArnLike", "\"arn:aws:iam:*:user/ann\"", "arn:aws:iam::1:user/ann", NO },
		{ "ArnLike", "\"arn:aws:iam::1:user/ANN\"", "arn:aws:iam::1:user/ann", NO },
		{ "ArnLike", "\"arn:aws:*\"", "arn:aws:iam::1:user/ann", NO },
		{ "ArnLike", "\"*\"", "arn:aws:iam::1:user/ann", NO },
		{ "ArnLike", "\"arn:*:*:*:*:*\"", "ann", NO },
		{ "ArnNotEquals", "\"arn:aws:iam::1:user/ann\"", "arn:aws:iam::1:user/ann", NO },
		{ "ArnNotLike", "\"arn:aws:iam::1:user/a*\"", "arn:aws:iam::1:user/bob", YES },
		{ "ArnNotLike", "\"arn:aws:iam::1:*\"", "ann", NO },
		{ "ArnLike", "\"arn:aws:iam::1:user/${v:ann}\"", "arn:aws:iam::1:user/ann", YES },
		{ "ArnLike", "\"arn:aws:iam::1:user/${v:star}\"", "arn:aws:iam::1:user/ann", NO });
}

static void absence_is_decided_by_the_form(void **state)
{
	ROWS({ "StringEquals", "\"a\"", NULL, NO }, { "StringNotEquals", "\"a\"", NULL, YES },
		{ "StringEqualsIfExists", "\"a\"", NULL, YES },
		{ "StringEqualsIfExists", "\"a\"", "b", NO },
		{ "StringNotEqualsIfExists", "\"a\"", NULL, YES },
		{ "StringNotEqualsIfExists", "\"a\"", "a", NO },
		{ "ForAllValues:StringEquals", "\"a\"", NULL, YES },
		{ "ForAnyValue:StringEquals", "\"a\"", NULL, NO },
		{ "ForAnyValue:StringNotEquals", "\"a\"", NULL, NO },
		{ "ForAnyValue:StringEqualsIfExists", "\"a\"", NULL, YES },
		{ "NumericLessThan", "5", NULL, NO }, { "NumericNotEquals", "5", NULL, YES },
		{ "NotIpAddress", "\"10.0.0.0/8\"", NULL, YES },
		{ "ArnNotLike", "\"arn:aws:iam::1:*\"", NULL, YES },
		{ "BoolIfExists", "true", NULL, YES }, { "Bool", "false", NULL, NO },
		{ "StringEquals", "\"a\"", "?", UNKNOWN },
		{ "StringNotEquals", "\"a\"", "?", UNKNOWN },
		{ "StringEqualsIfExists", "\"a\"", "?", UNKNOWN },
		{ "ForAllValues:StringEquals", "\"a\"", "?", UNKNOWN });
}

static void sets_are_compared_value_by_value(void **state)
{
	ROWS({ "ForAllValues:StringEquals", "[\"a\",\"b\"]", "a|b", YES },
		{ "ForAllValues:StringEquals", "\"a\"", "a|b", NO },
		{ "ForAllValues:StringEquals", "\"a\"", "a", YES },
		{ "ForAllValues:StringNotEquals", "\"a\"", "b|c", YES },
		{ "ForAllValues:StringNotEquals", "\"a\"", "a|b", NO },
		{ "ForAnyValue:StringEquals", "\"a\"", "a|b", YES },
		{ "ForAnyValue:StringEquals", "\"a\"", "b|c", NO },
		{ "ForAnyValue:StringNotEquals", "\"a\"", "a|b", YES },
		{ "ForAnyValue:StringNotEquals", "[\"a\",\"b\"]", "a|b", NO },
		{ "ForAllValues:StringEquals", "\"a\"", "|", YES },
		{ "ForAnyValue:StringEquals", "\"a\"", "|", NO },
		{ "ForAllValues:StringEquals", "\"a\"", "", YES },
		{ "ForAnyValue:StringEquals", "\"\"", "", NO },
		{ "StringEquals", "[\"a\",\"b\"]", "a|b", NO },
		{ "StringNotEquals", "\"c\"", "a|b", NO },
		{ "ForAllValues:NumericLessThan", "10", "1|9", YES },
		{ "ForAnyValue:IpAddress", "\"10.0.0.0/8\"", "192.0.2.1|10.1.1.1", YES });
}

static void empty_lists_of_the_policy_hold_for_nothing(void **state)
{
	ROWS({ "StringEquals", "[]", "a", NO }, { "StringEquals", "[]", NULL, NO },
		{ "StringNotEquals", "[]", "a", YES }, { "StringEqualsIfExists", "[]", NULL, YES },
		{ "StringEqualsIfExists", "[]", "a", NO },
		{ "ForAllValues:StringEquals", "[]", "a", NO },
		{ "ForAllValues:StringEquals", "[]", NULL, YES },
		{ "ForAnyValue:StringEquals", "[]", "a", NO });
}

static void variables_stand_for_their_values(void **state)
{
	ROWS({ "StringEquals", "\"${v:ann}\"", "ann", YES },
		{ "StringEquals", "\"${V:ANN}\"", "ann", YES },
		{ "StringEquals", "\"x-${v:ann}-y\"", "x-ann-y", YES },
		{ "StringLike", "\"${v:star}\"", "abc", NO },
		{ "StringLike", "\"${v:star}\"", "a*", YES },
		{ "StringLike", "\"${v:ann}*\"", "anna", YES },
		{ "StringEquals", "\"${*}\"", "*", YES }, { "StringLike", "\"${*}\"", "x", NO },
		{ "StringLike", "\"a${?}\"", "a?", YES },
		{ "StringEquals", "\"${$}{x}\"", "${x}", YES },
		{ "StringEquals", "\"$x\"", "$x", YES },
		{ "StringEqualsIgnoreCase", "\"${v:ann}\"", "ANN", YES },
		{ "Bool", "\"${v:none, 'true'}\"", "true", YES });
}

static void a_variable_that_is_absent_matches_nothing(void **state)
{
	ROWS({ "StringEquals", "\"${v:none}\"", "", NO },
		{ "StringEquals", "\"${v:none}\"", "${v:none}", NO },
		{ "StringNotEquals", "\"${v:none}\"", "x", YES },
		{ "StringEquals", "\"${v:none, 'd'}\"", "d", YES },
		{ "StringEquals", "\"${v:ann, 'd'}\"", "d", NO },
		{ "StringEquals", "\"x${v:none, ''}\"", "x", YES },
		{ "StringEquals", "\"${v:many}\"", "a", NO },
		{ "StringEquals", "\"${v:ann\"", "ann", NO }, { "StringLike", "\"${}\"", "x", NO },
		{ "StringEquals", "\"${v:unsaid}\"", "x", UNKNOWN },
		{ "StringNotEquals", "\"${v:unsaid}\"", "x", UNKNOWN },
		{ "StringEquals", "[\"${v:unsaid}\",\"x\"]", "x", YES },
		{ "StringEquals", "\"${v:unsaid, 'd'}\"", "d", UNKNOWN },
		{ "ForAllValues:StringEquals", "[\"a\",\"${v:unsaid}\"]", "a|b", UNKNOWN });
}

static void old_versions_have_no_variables(void **state)
{
	(void)state;
	assert_int_equal(test("2008-10-17", "StringEquals", "\"${v:ann}\"", "ann"), TRUTH_NO);
	assert_int_equal(test("2008-10-17", "StringEquals", "\"${v:ann}\"", "${v:ann}"), TRUTH_YES);
	assert_int_equal(test("2008-10-17", "StringLike", "\"${*}\"", "${x}"), TRUTH_YES);
}

static void a_value_cannot_smuggle_a_wildcard(void **state)
{
	(void)state;
	assert_int_equal(test("2012-10-17", "StringLike", "\"${k:k}\"", "\1"), TRUTH_NO);
	assert_int_equal(test("2012-10-17", "StringEquals", "\"${k:k}\"", "\3v:ann\5"), TRUTH_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_compared),
		cmocka_unit_test(numbers_are_compared_exactly),
		cmocka_unit_test(dates_are_compared),
		cmocka_unit_test(booleans_bytes_and_null_are_compared),
		cmocka_unit_test(addresses_are_compared),
		cmocka_unit_test(arns_are_compared_part_by_part),
		cmocka_unit_test(absence_is_decided_by_the_form),
		cmocka_unit_test(sets_are_compared_value_by_value),
		cmocka_unit_test(empty_lists_of_the_policy_hold_for_nothing),
		cmocka_unit_test(variables_stand_for_their_values),
		cmocka_unit_test(a_variable_that_is_absent_matches_nothing),
		cmocka_unit_test(old_versions_have_no_variables),
		cmocka_unit_test(a_value_cannot_smuggle_a_wildcard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
