/* opt_test.c - command lines and the help that is made from the same table */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "base/opt.h"

static struct {
	bool force, quiet;
	const char *type, *file;
	struct opt_list tags;
} got;

static const struct opt rows[] = {
	{ 't', "type", "TYPE", "ed25519 or rsa [ed25519]", .value = &got.type },
	{ 0, "key-type", "TYPE", NULL, .value = &got.type },
	{ 'f', "force", NULL, "overwrite existing files", .flag = &got.force },
	{ 'q', NULL, NULL, "say nothing", .flag = &got.quiet },
	{ 0, "output-file", "FILE", "where to write", .value = &got.file },
	{ OPT_LIST, "tag", "NAME=VALUE-OF-THE-TAG-WITH-THAT-NAME", "may be given again",
		.list = &got.tags },
	{ OPT_REFUSED | 'P', NULL, "PASS", NULL, .refused = "passphrases are not written" },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "FILE...",
	.summary = "Does things.",
	.opts = rows,
	.more = "Example:\n  x -t rsa f",
};

static char *words[128];
static int count;

static int parse_with(const struct opt_spec *s, const char *line)
{
	static char storage[1024];
	struct str rest, word;
	char *to = storage;

	memset(&got, 0, sizeof(got));
	got.type = "ed25519";
	count = 0;
	words[count++] = (char *)(uintptr_t) "applet";
	for (rest = str_of(line); str_take_word(&rest, &word); to += word.n + 1) {
		assert_true(str_copy(to, (size_t)(storage + sizeof(storage) - to), word));
		words[count++] = strcmp(to, "''") == 0 ? to + 2 : to;
	}
	words[count] = NULL;
	return opt_parse(s, &count, words);
}

static int parse(const char *line)
{
	return parse_with(&spec, line);
}

static void refused(const char *line, const char *why)
{
	assert_int_equal(parse(line), ERR_USAGE);
	assert_string_equal(err_text(), why);
}

static void no_option_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(""), OPT_DONE);
	assert_int_equal(count, 1);
	assert_null(words[1]);
	assert_string_equal(got.type, "ed25519");
	assert_false(got.force);
}

static void values_follow_or_are_joined(void **state)
{
	(void)state;
	static const char *const lines[] = {
		"-t rsa",
		"-trsa",
		"--type rsa",
		"--type=rsa",
		"-ft rsa",
		"-qftrsa",
		"--key-type rsa",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(parse(lines[i]), OPT_DONE);
		assert_string_equal(got.type, "rsa");
		assert_int_equal(count, 1);
	}
	assert_true(parse("-t=rsa") == OPT_DONE && strcmp(got.type, "=rsa") == 0);
}

static void a_value_may_look_like_an_option(void **state)
{
	(void)state;
	assert_true(parse("-t -f") == OPT_DONE && !got.force);
	assert_string_equal(got.type, "-f");
	assert_true(parse("--type --") == OPT_DONE);
	assert_string_equal(got.type, "--");
	assert_true(parse("--type=a=b") == OPT_DONE);
	assert_string_equal(got.type, "a=b");
	assert_true(parse("--type=") == OPT_DONE);
	assert_string_equal(got.type, "");
	assert_true(parse("-t ''") == OPT_DONE);
	assert_string_equal(got.type, "");
}

static void words_between_options_stay_in_order(void **state)
{
	(void)state;
	assert_int_equal(parse("a -f b --type rsa - ''"), OPT_DONE);
	assert_int_equal(count, 5);
	assert_string_equal(words[1], "a");
	assert_string_equal(words[2], "b");
	assert_string_equal(words[3], "-");
	assert_string_equal(words[4], "");
	assert_null(words[5]);
	assert_true(got.force);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_int_equal(parse("a -- -f -- --bogus"), OPT_DONE);
	assert_int_equal(count, 5);
	assert_string_equal(words[2], "-f");
	assert_string_equal(words[3], "--");
	assert_string_equal(words[4], "--bogus");
	assert_false(got.force);
}

static void without_permuting_the_first_word_ends_the_options(void **state)
{
	(void)state;
	struct opt_spec strict = spec;

	strict.no_permute = true;
	assert_int_equal(parse_with(&strict, "-f a -q --bogus"), OPT_DONE);
	assert_true(got.force && !got.quiet);
	assert_int_equal(count, 4);
	assert_string_equal(words[2], "-q");
	assert_int_equal(parse_with(&strict, "-- -f"), OPT_DONE);
	assert_int_equal(count, 2);
}

static void unknown_options_are_named(void **state)
{
	(void)state;
	refused("-x", "no option -x");
	refused("-fx", "no option -x");
	refused("--bogus", "no option --bogus");
	refused("--bogus=1", "no option --bogus");
	refused("--typ rsa", "no option --typ");
	refused("--types rsa", "no option --types");
	refused("--Type rsa", "no option --Type");
	refused("--t rsa", "no option --t");
	refused("--=x", "no option --");
	refused("---", "no option ---");
	refused("--q", "no option --q");
	refused("-f-q", "no option --");
}

static void a_missing_value_is_named(void **state)
{
	(void)state;
	refused("-t", "option -t: TYPE is missing");
	refused("-ft", "option -t: TYPE is missing");
	refused("--output-file", "option --output-file: FILE is missing");
}

static void a_flag_takes_no_value(void **state)
{
	(void)state;
	refused("--force=yes", "option --force: takes no value");
	refused("--force=", "option --force: takes no value");
}

static void a_value_given_twice_is_refused(void **state)
{
	(void)state;
	refused("-t a -t b", "option -t: given twice");
	refused("-t a --type=a", "option --type: given twice");
	refused("--key-type a -ta", "option -t: given twice");
	assert_int_equal(parse("-f -f -ff"), OPT_DONE);
	assert_int_equal(parse("-t a --output-file b"), OPT_DONE);
}

static void a_refused_option_says_why(void **state)
{
	(void)state;
	refused("-P x", "option -P: passphrases are not written");
	refused("-fP", "option -P: passphrases are not written");
}

static void a_list_keeps_its_order_and_its_limit(void **state)
{
	(void)state;
	BUF(line, 1024);

	assert_int_equal(parse("--tag a --tag=b --tag a"), OPT_DONE);
	assert_int_equal(got.tags.n, 3);
	assert_string_equal(got.tags.value[1], "b");
	for (int i = 0; i < OPT_LIST_MAX; i++)
		buf_puts(&line, "--tag=a ");
	assert_int_equal(parse(buf_text(&line)), OPT_DONE);
	buf_puts(&line, "--tag=a");
	refused(buf_text(&line), "option --tag: given more than 64 times");
}

static void help_needs_no_row(void **state)
{
	(void)state;
	assert_int_equal(parse("-h"), OPT_HELP);
	assert_int_equal(parse("--help"), OPT_HELP);
	assert_int_equal(parse("a -fh --bogus"), OPT_HELP);
	assert_int_equal(parse("-- -h"), OPT_DONE);
	assert_int_equal(parse("-t -h"), OPT_DONE);
	refused("--bogus --help", "no option --bogus");
	refused("--help=x", "no option --help");
}

static void a_row_of_its_own_replaces_help(void **state)
{
	(void)state;
	const char *host = NULL;
	const struct opt own[] = { { 'h', "host", "HOST", "h", .value = &host }, { 0 } };
	const struct opt_spec s = { .args = "", .summary = "s", .opts = own };

	assert_int_equal(parse_with(&s, "-h x"), OPT_DONE);
	assert_string_equal(host, "x");
	assert_int_equal(parse_with(&s, "--help"), OPT_HELP);
}

static void a_table_may_be_empty(void **state)
{
	(void)state;
	const struct opt_spec s = { .args = "", .summary = "Nothing." };
	BUF(out, 256);

	assert_int_equal(parse_with(&s, "a"), OPT_DONE);
	assert_int_equal(parse_with(&s, "-f"), ERR_USAGE);
	opt_help(&out, "x", &s);
	assert_string_equal(buf_text(&out),
		"Usage: x [options]\n\nNothing.\n\n"
		"  -h, --help  print this help\n");
}

static void an_empty_command_line_is_survived(void **state)
{
	(void)state;
	char *none[] = { NULL };
	int n = 0;

	assert_int_equal(opt_parse(&spec, &n, none), OPT_DONE);
	assert_int_equal(n, 0);
}

static void the_help_has_a_line_for_every_explained_option(void **state)
{
	(void)state;
	BUF(out, 2048);

	opt_help(&out, "keygen", &spec);
	assert_string_equal(buf_text(&out),
		"Usage: keygen [options] FILE...\n\n"
		"Does things.\n\n"
		"  -t, --type TYPE         ed25519 or rsa [ed25519]\n"
		"  -f, --force             overwrite existing files\n"
		"  -q                      say nothing\n"
		"      --output-file FILE  where to write\n"
		"      --tag NAME=VALUE-OF-THE-TAG-WITH-THAT-NAME\n"
		"                          may be given again\n"
		"  -h, --help              print this help\n\n"
		"Example:\n  x -t rsa f\n");
}

static void numbers_are_whole_and_in_range(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"-",
		"--1",
		"+1",
		"1x",
		" 1",
		"1.5",
		"0x1",
		"11",
		"-6",
		"99999999999999999999",
		"-9223372036854775809",
	};
	long n = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(opt_number("--n", wrong[i], -5, 10, &n), ERR_USAGE);
	assert_int_equal(n, 77);
	assert_true(opt_number("--n", "10", -5, 10, &n) == 0 && n == 10);
	assert_true(opt_number("--n", "-5", -5, 10, &n) == 0 && n == -5);
	assert_true(
		opt_number("--n", "9223372036854775807", 0, LONG_MAX, &n) == 0 && n == LONG_MAX);
	assert_int_equal(opt_number("--n", "11", -5, 10, &n), ERR_USAGE);
	assert_string_equal(err_text(), "option --n: 11 is not between -5 and 10");
	assert_int_equal(opt_number("--n", "x", -5, 10, &n), ERR_USAGE);
	assert_string_equal(err_text(), "option --n: \"x\" is not a whole number");
	assert_int_equal(opt_number("--n", "9223372036854775808", 0, LONG_MAX, &n), ERR_USAGE);
	assert_int_equal(opt_number("--n", "99999999999999999999", -5, 10, &n), ERR_USAGE);
	assert_string_equal(
		err_text(), "option --n: 99999999999999999999 is not between -5 and 10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_option_changes_nothing),
		cmocka_unit_test(values_follow_or_are_joined),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(words_between_options_stay_in_order),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(without_permuting_the_first_word_ends_the_options),
		cmocka_unit_test(unknown_options_are_named),
		cmocka_unit_test(a_missing_value_is_named),
		cmocka_unit_test(a_flag_takes_no_value),
		cmocka_unit_test(a_value_given_twice_is_refused),
		cmocka_unit_test(a_refused_option_says_why),
		cmocka_unit_test(a_list_keeps_its_order_and_its_limit),
		cmocka_unit_test(help_needs_no_row),
		cmocka_unit_test(a_row_of_its_own_replaces_help),
		cmocka_unit_test(a_table_may_be_empty),
		cmocka_unit_test(an_empty_command_line_is_survived),
		cmocka_unit_test(the_help_has_a_line_for_every_explained_option),
		cmocka_unit_test(numbers_are_whole_and_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
