/* witness_test.c - one text for each set of patterns that a text can match */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eic/limits.h"
#include "iam/match.h"
#include "iam/users.h"
#include "iam/witness.h"

static unsigned char memory[4 << 20];
static struct arena arena;
static struct witness found[64];

static int find(const char *const *patterns, size_t n, bool (*ok)(struct str s))
{
	struct witness_pattern p[WITNESS_PATTERNS + 1];

	arena = arena_of(memory, sizeof(memory));
	for (size_t i = 0; i < n; i++) {
		p[i].fold = patterns[i][0] == '~';
		assert_true(match_compile(&p[i].form, str_of(patterns[i] + p[i].fold),
			p[i].fold ? 0 : COMPILE_WILD, &arena));
	}
	return witness_find(p, n, ok, found, 64, &arena);
}

static const struct witness *of(uint64_t matches, int n)
{
	for (int i = 0; i < n; i++)
		if (found[i].matches == matches)
			return &found[i];
	return NULL;
}

static void is(const struct witness *w, const char *text)
{
	assert_non_null(w);
	if (!str_is(w->text, text))
		fail_msg("'%.*s', not '%s'", STR_ARG(w->text), text);
}

static void without_patterns_all_texts_are_alike(void **state)
{
	(void)state;
	assert_int_equal(find(NULL, 0, NULL), 1);
	is(&found[0], "");
	assert_int_equal(find(NULL, 0, eic_api_user_ok), 1);
	is(&found[0], "q");
}

static void patterns_meet(void **state)
{
	static const char *const both[] = { "dev-*", "*-ann" };
	static const char *const apart[] = { "a*", "b*" };
	static const char *const inside[] = { "r*", "root", "?oo?" };
	int n = find(both, 2, eic_api_user_ok);

	(void)state;
	assert_int_equal(n, 4);
	is(of(0, n), "q");
	is(of(1, n), "dev-");
	assert_true(str_ends(of(2, n)->text, "-ann"));
	is(of(3, n), "dev-ann");
	n = find(apart, 2, eic_api_user_ok);
	assert_int_equal(n, 3);
	assert_null(of(3, n));
	n = find(inside, 3, eic_api_user_ok);
	is(of(7, n), "root");
	assert_null(of(6, n)); /* root is r* */
	assert_non_null(of(5, n));
}

static void case_counts_unless_folded(void **state)
{
	static const char *const patterns[] = { "~Root", "root" };
	int n = find(patterns, 2, eic_api_user_ok);

	(void)state;
	is(of(3, n), "root");
	assert_non_null(of(1, n));
	assert_null(of(2, n));
}

static void what_is_no_user_is_not_found(void **state)
{
	static const char *const patterns[] = { "", "a b", "rööt", "-x", "1*", "a*$", "**" };
	int n = find(patterns, 7, eic_api_user_ok);

	(void)state;
	for (int i = 0; i < n; i++) {
		assert_true(eic_api_user_ok(found[i].text));
		assert_int_equal(found[i].matches & 0xf, 0);
	}
	assert_non_null(of(1 << 4 | 1 << 6, n));
	is(of(1 << 5 | 1 << 6, n), "a$");
	assert_null(of(0, n));
}

static void one_character_is_not_one_byte(void **state)
{
	static const char *const patterns[] = { "?", "\xc3\xa9*" };
	int n = find(patterns, 2, NULL);

	(void)state;
	is(of(3, n), "\xc3\xa9");
}

static void what_is_too_much_is_told(void **state)
{
	static const char *many[WITNESS_PATTERNS + 1];
	static const char *const tangled[] = { "*a*a*a*a*", "*b*b*b*b*", "*c*c*c*c*", "*d*d*d*d*",
		"*e*e*e*e*", "*f*f*f*f*" };
	char text[80];
	const char *const far[] = { text };

	(void)state;
	for (size_t i = 0; i <= WITNESS_PATTERNS; i++)
		many[i] = "a";
	assert_int_equal(find(many, WITNESS_PATTERNS + 1, NULL), ERR_LIMIT);
	memset(text, 'x', 70);
	text[70] = '\0';
	assert_int_equal(find(far, 1, NULL), ERR_LIMIT);
	assert_int_equal(find(tangled, 6, NULL), ERR_LIMIT);
}

static void users_come_in_order(void **state)
{
	static const char text[] =
		"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\","
		"\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"ec2:osuser\":[\"dev-*\","
		"\"ann\","
		"\"${aws:username}\",\"${a:b}\"]},\"StringEquals\":{\"aws:ResourceTag/owner\":"
		"\"team-${ec2:osuser}\"}}}]}";
	static struct iam_context context;
	static struct iam_users users;
	struct iam_user out[16];
	struct iam_policy p;
	int n;

	(void)state;
	arena = arena_of(memory, sizeof(memory));
	assert_int_equal(policy_read(&p, IAM_IDENTITY, "p", str_of(text), &arena, 0), 0);
	assert_int_equal(context_set(&context, STR("aws:username"), STR("bob")), 0);
	assert_int_equal(context_set(&context, STR("ec2:ResourceTag/owner"), STR("team-eve")), 0);
	assert_int_equal(iam_users_add(&users, &p, &context, &arena), 0);
	n = iam_users_find(&users, eic_api_user_ok, out, 16, &arena);
	assert_int_equal(n, 6);
	assert_true(str_is(out[0].text, "root") && out[0].named);
	for (int i = 1; i < 4; i++)
		assert_true(out[i].named &&
			(str_is(out[i].text, "ann") || str_is(out[i].text, "bob") ||
				str_is(out[i].text, "eve")));
	assert_true(str_is(out[4].text, "dev-") && !out[4].named && !out[4].anyone);
	assert_true(out[5].anyone && out[5].matches == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_patterns_all_texts_are_alike),
		cmocka_unit_test(patterns_meet),
		cmocka_unit_test(case_counts_unless_folded),
		cmocka_unit_test(what_is_no_user_is_not_found),
		cmocka_unit_test(one_character_is_not_one_byte),
		cmocka_unit_test(what_is_too_much_is_told),
		cmocka_unit_test(users_come_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
