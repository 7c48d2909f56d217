/* config_test.c - profiles, sections, precedence and what is no setting */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/config.h"
#include "aws/creds.h"
#include "aws/region.h"

static const char *env_pairs[16]; /* name, value, ..., NULL */

static const char *env(const char *name)
{
	for (size_t i = 0; env_pairs[i]; i += 2)
		if (strcmp(env_pairs[i], name) == 0)
			return env_pairs[i + 1];
	return NULL;
}

static char storage[2][CONFIG_FILE_MAX];
static struct config config;
static char paths[2][64];

static void put(int which, const char *text)
{
	FILE *f;
	int fd;

	(void)str_copy(paths[which], sizeof(paths[which]), STR("/tmp/eicbox-config.XXXXXX"));
	fd = mkstemp(paths[which]);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_true(f && fputs(text, f) >= 0);
	fclose(f);
}

static int open_with(const char *file, const char *credentials, const char *profile)
{
	int r;

	put(0, file);
	put(1, credentials);
	env_pairs[0] = "AWS_CONFIG_FILE";
	env_pairs[1] = paths[0];
	env_pairs[2] = "AWS_SHARED_CREDENTIALS_FILE";
	env_pairs[3] = paths[1];
	config.file = buf_of(storage[0], sizeof(storage[0]));
	config.credentials = buf_of(storage[1], sizeof(storage[1]));
	r = config_open(&config, env, profile);
	unlink(paths[0]);
	unlink(paths[1]);
	return r;
}

static int reset(void **state)
{
	(void)state;
	memset(env_pairs, 0, sizeof(env_pairs));
	return 0;
}

#define IS(key, value) assert_true(str_is(config_get(&config, key), value))
#define ABSENT(key) assert_null(config_get(&config, key).p)

static void the_credentials_file_goes_before_the_config_file(void **state)
{
	(void)state;
	assert_int_equal(open_with("[default]\na = 1\nb = 2\n", "[default]\nb = 3\n", NULL), 0);
	IS("a", "1");
	IS("b", "3");
	ABSENT("c");
}

static void names_need_a_prefix_in_one_file_and_none_in_the_other(void **state)
{
	(void)state;
	assert_int_equal(open_with("[x]\na = 1\n[profile x]\nb = 2\n",
				 "[profile x]\nc = 3\n[x]\nd = 4\n", "x"),
		0);
	ABSENT("a");
	IS("b", "2");
	ABSENT("c");
	IS("d", "4");
}

static void names_that_are_none_hide_nothing(void **state)
{
	(void)state;
	assert_int_equal(open_with("[profilex]\na = 1\n[profile in valid]\nb = 2\n[profile x!y]\n"
				   "c = 3\n[   profile x    ]\nd = 4\n[sso-sessionx]\ne = 5\n",
				 "[   x   ]\nf = 6\n[in valid 2]\ng = 7\n", "x"),
		0);
	ABSENT("a");
	ABSENT("b");
	ABSENT("c");
	IS("d", "4");
	ABSENT("e");
	IS("f", "6");
	ABSENT("g");
	assert_true(open_with("[profilex]\n", "", "x") == ERR_USAGE);
	assert_true(open_with("[profile some-thing:long/the_one%only.foo@bar+]\n", "",
			    "some-thing:long/the_one%only.foo@bar+") == 0);
}

static void both_prefixed_defaults_count_and_the_credentials_too(void **state)
{
	(void)state;
	assert_int_equal(open_with("[profile default]\na = 1\n[default]\nb = 2\n[profile default]\n"
				   "c = 3\n",
				 "[default]\nd = 4\n", NULL),
		0);
	IS("a", "1");
	ABSENT("b");
	IS("c", "3");
	IS("d", "4");
}

static void a_value_can_go_on_over_lines(void **state)
{
	(void)state;
	assert_int_equal(
		open_with("[default]\ncredential_process = cmd\n  --one # two\nregion = x\n", "",
			NULL),
		0);
	IS("credential_process", "cmd\n  --one # two");
	IS("region", "x");
}

static void a_prefixed_default_hides_the_other(void **state)
{
	(void)state;
	assert_int_equal(open_with("[default]\na = 1\n[profile default]\nb = 2\n", "", NULL), 0);
	ABSENT("a");
	IS("b", "2");
}

static void sections_of_one_name_are_one_and_the_last_value_counts(void **state)
{
	(void)state;
	assert_int_equal(open_with("[profile x]\na=1\nb=1\n[profile y]\na=9\n[profile\tx]\nA = 2\n",
				 "", "x"),
		0);
	IS("a", "2");
	IS("b", "1");
}

static void a_quoted_name_can_hold_blanks(void **state)
{
	(void)state;
	assert_int_equal(
		open_with("[profile \"a b\"]\nk = v\n[profile c d]\nk = w\n", "", "a b"), 0);
	IS("k", "v");
	assert_int_equal(open_with("[profile c d]\nk = w\n", "", "c d"), ERR_USAGE);
}

static void a_bad_line_hides_nothing_else(void **state)
{
	(void)state;
	assert_int_equal(
		open_with("nonsense\n[default]\nnonsense\n  indented = x\na = 1 # c\n[bad\na = 7\n"
			  "[profile x]\n= 3\nb = 2\n",
			"", NULL),
		0);
	IS("a", "1");
	assert_true(config_has_profile(&config, STR("x")));
}

static void nested_values_are_found_below_their_group_only(void **state)
{
	(void)state;
	assert_int_equal(
		open_with(
			"[services s]\nec2 =\n  endpoint_url = http://ec2\nec2_instance_connect =\n"
			"  endpoint_url = http://eic\nsts =\n",
			"", NULL),
		0);
	assert_true(str_is(config_get_section(&config, "services", STR("s"), "ec2_instance_connect",
				   "endpoint_url"),
		"http://eic"));
	assert_null(config_get_section(&config, "services", STR("s"), "sts", "endpoint_url").p);
	assert_null(config_get_section(&config, "services", STR("t"), "ec2", "endpoint_url").p);
	assert_null(config_get_section(&config, "services", STR("s"), NULL, "endpoint_url").p);
	assert_false(config_has_section(&config, "services", STR("t")));
}

static void the_profile_is_chosen_in_order(void **state)
{
	const char *file = "[profile a]\n[profile b]\n[profile c]\n";

	(void)state;
	env_pairs[4] = "AWS_PROFILE";
	env_pairs[5] = "a";
	env_pairs[6] = "AWS_DEFAULT_PROFILE";
	env_pairs[7] = "b";
	assert_int_equal(open_with(file, "", "c"), 0);
	assert_string_equal(config.profile, "c");
	assert_int_equal(open_with(file, "", NULL), 0);
	assert_string_equal(config.profile, "a");
	env_pairs[5] = "";
	assert_int_equal(open_with(file, "", NULL), 0);
	assert_string_equal(config.profile, "b");
	env_pairs[7] = "nowhere";
	assert_int_equal(open_with(file, "", NULL), ERR_USAGE);
	env_pairs[7] = "";
	assert_int_equal(open_with("", "", NULL), 0);
	assert_string_equal(config.profile, "default");
}

static void missing_files_are_empty_ones(void **state)
{
	(void)state;
	env_pairs[0] = "AWS_CONFIG_FILE";
	env_pairs[1] = "/nonexistent/config";
	config.file = buf_of(storage[0], sizeof(storage[0]));
	config.credentials = buf_of(storage[1], sizeof(storage[1]));
	assert_int_equal(config_open(&config, env, NULL), 0);
	ABSENT("region");
	env_pairs[1] = "/tmp";
	assert_true(config_open(&config, env, NULL) < 0);
}

static void paths_are_filled_in(void **state)
{
	static const struct {
		const char *path, *want;
	} table[] = {
		{ "~/x", "/home/me/x" },
		{ "~", "/home/me" },
		{ "~you/x", "~you/x" },
		{ "$HOME/x", "/home/me/x" },
		{ "${HOME}x", "/home/mex" },
		{ "$NONE/x", "$NONE/x" },
		{ "${NONE}", "${NONE}" },
		{ "a$", "a$" },
		{ "a~", "a~" },
	};

	(void)state;
	env_pairs[0] = "HOME";
	env_pairs[1] = "/home/me";
	config.env = env;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		BUF(out, 64);

		assert_int_equal(config_expand(&config, str_of(table[i].path), &out), 0);
		assert_string_equal(buf_text(&out), table[i].want);
	}
}

static void the_region_is_found_in_order(void **state)
{
	struct str region;

	(void)state;
	assert_int_equal(open_with("[default]\nregion = eu-west-1\n", "", NULL), 0);
	assert_int_equal(config_region(&config, "us-east-1", &region), 0);
	assert_true(str_is(region, "us-east-1"));
	assert_int_equal(config_region(&config, NULL, &region), 0);
	assert_true(str_is(region, "eu-west-1"));
	env_pairs[4] = "AWS_DEFAULT_REGION";
	env_pairs[5] = "eu-west-2";
	assert_int_equal(config_region(&config, NULL, &region), 0);
	assert_true(str_is(region, "eu-west-2"));
	env_pairs[6] = "AWS_REGION";
	env_pairs[7] = "eu-west-3";
	assert_int_equal(config_region(&config, NULL, &region), 0);
	assert_true(str_is(region, "eu-west-3"));
	assert_int_equal(config_region(&config, "us east", &region), ERR_USAGE);
	memset(env_pairs, 0, sizeof(env_pairs));
	assert_int_equal(open_with("", "", NULL), 0);
	assert_int_equal(config_region(&config, NULL, &region), ERR_ABSENT);
}

static void a_region_has_its_partitions_endpoint(void **state)
{
	static const struct {
		const char *region, *plain, *dual;
	} table[] = {
		{ "us-east-1", "amazonaws.com", "api.aws" },
		{ "cn-north-1", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
		{ "us-gov-east-1", "amazonaws.com", "api.aws" },
		{ "eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu" },
		{ "us-iso-east-1", "c2s.ic.gov", "api.aws.ic.gov" },
		{ "us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud" },
		{ "eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" },
		{ "us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov" },
		{ "xx-new-1", "amazonaws.com", "api.aws" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (int k = 0; k < 4; k++) {
			BUF(out, 256);
			BUF(want, 256);

			region_endpoint(&out, "s", str_of(table[i].region), k & 1, k & 2);
			buf_addf(&want, "https://s%s.%s.%s", k & 1 ? "-fips" : "", table[i].region,
				k & 2 ? table[i].dual : table[i].plain);
			assert_string_equal(buf_text(&out), buf_text(&want));
		}
	}
	assert_string_equal(region_partition(STR("us-gov-west-1"))->name, "aws-us-gov");
}

static void the_sign_in_service_has_names_of_its_own(void **state)
{
	BUF(out, 256);

	(void)state;
	assert_true(region_signin(&out, STR("eu-west-1")));
	assert_string_equal(buf_text(&out), "https://eu-west-1.signin.aws.amazon.com");
	buf_clear(&out);
	assert_true(region_signin(&out, STR("cn-north-1")));
	assert_string_equal(buf_text(&out), "https://cn-north-1.signin.amazonaws.cn");
	buf_clear(&out);
	assert_true(region_signin(&out, STR("us-gov-west-1")));
	assert_string_equal(buf_text(&out), "https://us-gov-west-1.signin.amazonaws-us-gov.com");
	assert_false(region_signin(&out, STR("eusc-de-east-1")));
	assert_false(region_signin(&out, STR("us-iso-east-1")));
}

static void odd_bytes_make_no_credentials(void **state)
{
	static struct creds c;

	(void)state;
	assert_int_equal(creds_set(&c, STR("id"), STR("secret"), STR("")), 0);
	assert_true(str_is(c.id, "id") && str_is(c.secret, "secret"));
	assert_int_equal(creds_set(&c, STR("id\r\nX: y"), STR("secret"), STR("")), ERR_FORMAT);
	assert_int_equal(creds_set(&c, STR("id"), STR("secret"), STR("a\nb")), ERR_FORMAT);
	assert_int_equal(creds_set(&c, STR("id"), STR(""), STR("")), ERR_FORMAT);
	assert_int_equal(creds_set(&c, STR(""), STR("secret"), STR("")), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_credentials_file_goes_before_the_config_file, reset),
		cmocka_unit_test_setup(
			names_need_a_prefix_in_one_file_and_none_in_the_other, reset),
		cmocka_unit_test_setup(a_prefixed_default_hides_the_other, reset),
		cmocka_unit_test_setup(names_that_are_none_hide_nothing, reset),
		cmocka_unit_test_setup(both_prefixed_defaults_count_and_the_credentials_too, reset),
		cmocka_unit_test_setup(a_value_can_go_on_over_lines, reset),
		cmocka_unit_test_setup(
			sections_of_one_name_are_one_and_the_last_value_counts, reset),
		cmocka_unit_test_setup(a_quoted_name_can_hold_blanks, reset),
		cmocka_unit_test_setup(a_bad_line_hides_nothing_else, reset),
		cmocka_unit_test_setup(nested_values_are_found_below_their_group_only, reset),
		cmocka_unit_test_setup(the_profile_is_chosen_in_order, reset),
		cmocka_unit_test_setup(missing_files_are_empty_ones, reset),
		cmocka_unit_test_setup(paths_are_filled_in, reset),
		cmocka_unit_test_setup(the_region_is_found_in_order, reset),
		cmocka_unit_test_setup(a_region_has_its_partitions_endpoint, reset),
		cmocka_unit_test_setup(the_sign_in_service_has_names_of_its_own, reset),
		cmocka_unit_test_setup(odd_bytes_make_no_credentials, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
