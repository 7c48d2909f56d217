/* match_test.c - wildcards, variables and ARNs of policies */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "iam/match.h"

static unsigned char memory[65536];

static bool like(const char *pattern, const char *value)
{
	struct arena a = arena_of(memory, sizeof(memory));
	struct str form;

	assert_true(match_compile(&form, str_of(pattern), COMPILE_WILD, &a));
	return match_wild(form, str_of(value));
}

static void patterns_match_what_they_say(void **state)
{
	static const char *const yes[][2] = { { "", "" }, { "*", "" }, { "*", "abc" },
		{ "**", "x" }, { "a*", "a" }, { "a*c", "abbc" }, { "a*c", "acc" }, { "?", "x" },
		{ "?", "\xc3\xb6" }, { "r??t", "r\xc3\xb6\xc3\xb6t" }, { "*?", "x" },
		{ "a?c*e", "abcde" }, { "*a*b*", "xxaxxbxx" }, { "*/*", "a/b/c" }, { "a*", "a\nb" },
		{ "a*b", "a:b/:b" }, { "*abab", "ababab" }, { "[a]", "[a]" } };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!like(yes[i][0], yes[i][1]))
			fail_msg("%s does not match %s", yes[i][0], yes[i][1]);
}

static void patterns_match_nothing_else(void **state)
{
	static const char *const no[][2] = { { "", "a" }, { "a", "" }, { "?", "" }, { "?", "ab" },
		{ "a", "A" }, { "a*c", "ab" }, { "a*", "ba" }, { "*a", "ab" }, { "??", "\xc3\xb6" },
		{ "a?c", "ac" }, { "*a*b*", "ba" }, { "a.c", "abc" }, { "[a]", "a" },
		{ "*ab*ab", "ab" }, { "r?t", "root" } };

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (like(no[i][0], no[i][1]))
			fail_msg("%s matches %s", no[i][0], no[i][1]);
}

/* Repeats unit to n bytes, then end. */
static struct str repeat(char *to, const char *unit, size_t n, const char *end)
{
	struct buf b = buf_of(to, 8192);

	while (b.len < n)
		buf_puts(&b, unit);
	buf_puts(&b, end);
	return buf_view(&b);
}

/* Patterns that would take years with backtracking: the other way to match has to come to the same
 * answer. */
static void hostile_patterns_come_to_an_answer(void **state)
{
	static char pattern[8192], value[8192];
	static const char *const units[] = { "*a", "a*a", "*a?", "?*", "*aa?a", "*a*?b", "a?*" };

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		repeat(pattern, units[i], 600, "b");
		repeat(value, "a", 2000, "");
		assert_false(like(pattern, value));
		repeat(pattern, units[i], 300, "*a");
		assert_int_equal(like(pattern, value), strchr(units[i], 'b') == NULL);
	}
	repeat(pattern, "*\xc3\xa4?", 900, "c");
	repeat(value, "\xc3\xa4", 2000, "c");
	assert_true(like(pattern, value));
	repeat(value, "\xc3\xa4", 2000, "d");
	assert_false(like(pattern, value));
}

static void a_value_that_is_too_long_matches_nothing(void **state)
{
	static char value[8192];

	(void)state;
	repeat(value, "a", MATCH_VALUE_MAX, "");
	assert_true(like("*", value));
	repeat(value, "a", MATCH_VALUE_MAX + 1, "");
	assert_false(like("*", value));
}

static void malformed_variables_are_named(void **state)
{
	static const char *const bad[] = { "${", "a${b", "${}", "${a b}", "${a,'b'}", "${a, b}",
		"${a, 'b}", "${a, 'b'c'}", "${*, 'a'}", "${a,}", "${ a}", "${a!}", "${a}${" };
	static const char *const good[] = { "", "a", "$", "$a", "{a}", "${a}",
		"${aws:PrincipalTag/K-1}", "${a, 'b'}", "${a, ''}", "${*}", "${?}${$}", "${a}}",
		"$${a}" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!match_bad_variable(str_of(bad[i])))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (match_bad_variable(str_of(good[i])))
			fail_msg("%s", good[i]);
}

static void variables_are_compiled_only_when_asked_for(void **state)
{
	struct arena a = arena_of(memory, sizeof(memory));
	struct str form;

	(void)state;
	assert_true(
		match_compile(&form, STR("a${b, 'c'}${*}*"), COMPILE_VARIABLES | COMPILE_WILD, &a));
	assert_true(str_eq(form, STR("a\3b\4c\5*\1")));
	assert_true(match_has_variables(form));
	assert_true(match_compile(&form, STR("a${b}"), COMPILE_WILD, &a));
	assert_true(str_is(form, "a${b}"));
	assert_true(match_compile(&form, STR("${x"), COMPILE_VARIABLES, &a));
	assert_null(form.p);
	assert_true(match_compile(&form, STR("EC2:Run*"), COMPILE_WILD | COMPILE_LOWER, &a));
	assert_true(str_eq(form, STR("ec2:run\1")));
}

static void a_full_arena_is_told(void **state)
{
	struct arena a = arena_of(memory, 4);
	struct str form;

	(void)state;
	assert_false(match_compile(&form, STR("abcdef*"), COMPILE_WILD, &a));
	assert_true(match_compile(&form, STR("abcdef"), COMPILE_WILD, &a));
}

static void no_star_of_an_arn_crosses_a_colon_before_the_resource(void **state)
{
	static const struct {
		const char *form, *value;
		bool match;
	} rows[] = {
		{ "arn:aws:ec2:eu-west-1:1:instance/i-1", "arn:aws:ec2:eu-west-1:1:instance/i-1",
			true },
		{ "arn:aws:ec2:\1:1:instance/\1", "arn:aws:ec2:eu-west-1:1:instance/i-1", true },
		{ "arn:aws:ec2:\1:instance/i-1", "arn:aws:ec2:eu-west-1:1:instance/i-1", false },
		{ "arn:aws:ec2:us-\1:instance/x", "arn:aws:ec2:us-east-1:1:instance/x", false },
		{ "\1:\1:\1:\1:\1:\1", "arn:aws:ec2:eu-west-1:1:a:b:c", true },
		{ "arn:aws:iam::1:a:b:\1", "arn:aws:iam::1:a:b:c", true },
		{ "arn:aws:ec2", "arn:aws:ec2", false },
		{ "\1", "arn:aws:ec2:eu-west-1:1:instance/i-1", false },
		{ "arn:AWS:ec2:eu-west-1:1:instance/i-1", "arn:aws:ec2:eu-west-1:1:instance/i-1",
			false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arn form = arn_split(str_of(rows[i].form)),
			   value = arn_split(str_of(rows[i].value));

		if (arn_match(&form, &value) != rows[i].match)
			fail_msg("row %zu", i);
	}
}

static void colons_of_a_variable_cut_no_arn(void **state)
{
	struct arn a = arn_split(STR("arn:aws:iam::1:user/\3aws:username\4x:y\5"));

	(void)state;
	assert_int_equal(a.n, 6);
	assert_true(str_eq(a.part[ARN_RESOURCE], STR("user/\3aws:username\4x:y\5")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_what_they_say),
		cmocka_unit_test(patterns_match_nothing_else),
		cmocka_unit_test(hostile_patterns_come_to_an_answer),
		cmocka_unit_test(a_value_that_is_too_long_matches_nothing),
		cmocka_unit_test(malformed_variables_are_named),
		cmocka_unit_test(variables_are_compiled_only_when_asked_for),
		cmocka_unit_test(a_full_arena_is_told),
		cmocka_unit_test(no_star_of_an_arn_crosses_a_colon_before_the_resource),
		cmocka_unit_test(colons_of_a_variable_cut_no_arn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
