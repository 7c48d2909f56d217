/* limits_test.c - the grammars of what the API and the agent accept */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eic/limits.h"

#define A30 "aaaaaaaaaabbbbbbbbbbcccccccccc"
#define LEN(a) (sizeof(a) / sizeof((a)[0]))

typedef bool question(struct str s);

static void all(question *ok, bool expected, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ok(str_of(texts[i])) != expected)
			fail_msg("'%s' is %s", texts[i], expected ? "refused" : "accepted");
}

static void instance_ids_have_8_to_30_lower_case_hex_digits(void **state)
{
	static const char *const good[] = { "i-abcd1234", "i-1234567890abcdef0", "i-" A30 };
	static const char *const bad[] = { "", "i", "i-", "i-abcd123", "i-" A30 "a", "i-ABCD1234",
		"i-abcd123g", "mi-abcd1234", "I-abcd1234", " i-abcd1234", "i-abcd1234 ",
		"i-abcd1234\n", "abcd1234ab", "i-abcd-234" };

	(void)state;
	all(eic_instance_id_ok, true, good, LEN(good));
	all(eic_instance_id_ok, false, bad, LEN(bad));
	assert_false(eic_instance_id_ok(STR("i-abcd123\0")));
	assert_false(eic_instance_id_ok((struct str){ 0 }));
}

static void the_apis_users_follow_both_alternatives_of_its_pattern(void **state)
{
	static const char *const good[] = { "a", "_", "ec2-user", "a@b.c", "a$", "us-er$", "1a",
		"1a$", "12.b", "1-", "a" A30, "a" A30 "b", "a" A30 "$", "_" A30 "-",
		"0123456789012345678901234567890a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@" };
	static const char *const bad[] = { "", "1", "12", "01234567890123456789012345678901", "$",
		"-a", ".a", "@a", "us$er", "a$$", "1$", "1$a", "a b", "a/b", "a%2e", "a:b",
		"a" A30 "@", "a" A30 ".", "a" A30 "bc", "\xc3\xa4", "a\n",
		"0123456789012345678901234567890ab" };

	(void)state;
	all(eic_api_user_ok, true, good, LEN(good));
	all(eic_api_user_ok, false, bad, LEN(bad));
	assert_false(eic_api_user_ok(STR("a\0")));
	assert_false(eic_api_user_ok(STR("\0")));
}

static void a_user_that_could_leave_its_place_in_a_path_is_refused(void **state)
{
	static const char *const good[] = { "root", "ec2-user", "a$", "1", "user@example.com",
		"...", ".profile", "_" };
	static const char *const bad[] = { "", "-x", "-", ".", "..", "a/b", "/", "%2e", "a?b",
		"a#b", "a b", "a\nb", "a\r", "\x01", "\xff", "a\\b", "~", "a:b", "a+b" };
	char text[257];

	(void)state;
	all(eic_agent_user_ok, true, good, LEN(good));
	all(eic_agent_user_ok, false, bad, LEN(bad));
	assert_false(eic_agent_user_ok(STR("a\0b")));
	memset(text, 'a', sizeof(text));
	assert_true(eic_agent_user_ok((struct str){ text, 256 }));
	assert_false(eic_agent_user_ok((struct str){ text, 257 }));
}

static void whom_the_api_accepts_the_agent_accepts(void **state)
{
	static const char *const users[] = { "a", "a@b.c", "a$", "1a$", "12.b", "a" A30 "$", "_-" };

	(void)state;
	all(eic_api_user_ok, true, users, LEN(users));
	all(eic_agent_user_ok, true, users, LEN(users));
}

static void zones_have_three_or_four_words(void **state)
{
	static const char *const good[] = { "us-west-2a", "us-gov-west-1a", "a-b-1_",
		"ap-southeast-12ab" };
	static const char *const bad[] = { "", "us-1a", "us-west-2", "us-east-1-dfw-1a", "use1-az1",
		"us-west-a", "us--2a", "-us-west-2a", "us-west-2a-", "us west-2a", "us-west-2a\n",
		"us-west-2aaaaaaaaaaaaaaaaaaaaaaaa", "a-b-1" };

	(void)state;
	all(eic_zone_ok, true, good, LEN(good));
	all(eic_zone_ok, false, bad, LEN(bad));
}

static void regions_are_words_and_one_number(void **state)
{
	static const char *const good[] = { "us-east-1", "us-gov-west-1", "eusc-de-east-1",
		"us-isob-east-1", "ap-southeast-12" };
	static const char *const bad[] = { "", "us-east", "us-1", "us-east-1a", "us-east-123",
		"US-east-1", "us-east-", "-us-east-1", "us--east-1", "us-east-1.evil",
		"us-east-1.amazonaws.com", "us_east-1", "us-east-1\n", "us-e/st-1", "a-b-c-d-e-1",
		"aaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbb-1", "us-east-1-1" };

	(void)state;
	all(eic_region_ok, true, good, LEN(good));
	all(eic_region_ok, false, bad, LEN(bad));
	assert_false(eic_region_ok(STR("us-east-1\0")));
}

static void domains_are_those_of_the_partitions_byte_for_byte(void **state)
{
	static const char *const good[] = { "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu",
		"c2s.ic.gov", "sc2s.sgov.gov", "cloud.adc-e.uk", "csp.hci.ic.gov" };
	static const char *const bad[] = { "", "amazonaws.com.", "Amazonaws.com", "evil.com",
		"amazonaws.com.evil.com", "xamazonaws.com", ".amazonaws.com", "amazonaws.co", "com",
		"aws.amazonaws.com", "amazonaws.com\n" };

	(void)state;
	all(eic_domain_ok, true, good, LEN(good));
	all(eic_domain_ok, false, bad, LEN(bad));
	assert_false(eic_domain_ok(STR("amazonaws.com\0")));
	assert_false(eic_domain_ok(STR("amazonaws.com\0.evil.com")));
}

static void a_token_is_visible_ascii(void **state)
{
	static const char *const good[] = { "AQAEAGYuZw==", "!", "~" };
	static const char *const bad[] = { "", " ", "a b", "a\r\nX: y", "a\n", "\x7f", "\x80",
		"a\t" };
	char text[EIC_TOKEN_MAX + 1];

	(void)state;
	all(eic_token_ok, true, good, LEN(good));
	all(eic_token_ok, false, bad, LEN(bad));
	memset(text, 'A', sizeof(text));
	assert_true(eic_token_ok((struct str){ text, EIC_TOKEN_MAX }));
	assert_false(eic_token_ok((struct str){ text, EIC_TOKEN_MAX + 1 }));
}

static void a_staples_name_stays_in_its_folder(void **state)
{
	static const char *const good[] = { "2AD974A775F73CBDBBD8F5AC3A49255FA8FB1F8C", "a.b_c-d",
		"..." };
	static const char *const bad[] = { "", ".", "..", "a/b", "../x", "a b", "%2e%2e", "a?b",
		"a\r", "a\\b" };
	char text[129];

	(void)state;
	all(eic_staple_name_ok, true, good, LEN(good));
	all(eic_staple_name_ok, false, bad, LEN(bad));
	memset(text, 'A', sizeof(text));
	assert_true(eic_staple_name_ok((struct str){ text, 128 }));
	assert_false(eic_staple_name_ok((struct str){ text, 129 }));
}

static void the_region_of_a_zone_is_found_in_local_zones_too(void **state)
{
	static const char *const zones[][2] = { { "us-west-2a", "us-west-2" },
		{ "us-gov-west-1b", "us-gov-west-1" }, { "us-west-2-lax-1a", "us-west-2" },
		{ "us-east-1-wl1-bos-wlz-1", "us-east-1" }, { "eusc-de-east-1a", "eusc-de-east-1" },
		{ "us-west-2", "" }, { "", "" }, { "use1-az1", "" }, { "us-west-2ab", "" },
		{ "us-west-2.evil", "" }, { "us-west-2a.evil", "" }, { "us-west-2-", "" },
		{ "us-west-2-lax-1a\n", "" }, { "us-west-2-..", "" }, { "us-west-2/", "" },
		{ "us-west-222a", "" } };

	(void)state;
	for (size_t i = 0; i < LEN(zones); i++)
		if (!str_is(eic_zone_region(str_of(zones[i][0])), zones[i][1]))
			fail_msg("'%s': not '%s'", zones[i][0], zones[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instance_ids_have_8_to_30_lower_case_hex_digits),
		cmocka_unit_test(the_apis_users_follow_both_alternatives_of_its_pattern),
		cmocka_unit_test(a_user_that_could_leave_its_place_in_a_path_is_refused),
		cmocka_unit_test(whom_the_api_accepts_the_agent_accepts),
		cmocka_unit_test(zones_have_three_or_four_words),
		cmocka_unit_test(regions_are_words_and_one_number),
		cmocka_unit_test(domains_are_those_of_the_partitions_byte_for_byte),
		cmocka_unit_test(a_token_is_visible_ascii),
		cmocka_unit_test(a_staples_name_stays_in_its_folder),
		cmocka_unit_test(the_region_of_a_zone_is_found_in_local_zones_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
