/* err_test.c - the words of a failure */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"

static void a_failure_hands_its_number_on(void **state)
{
	(void)state;
	assert_int_equal(err(ERR_FORMAT, "%s: bad", "x"), ERR_FORMAT);
	assert_string_equal(err_text(), "x: bad");
	assert_int_equal(err_in(ERR_NET, "line %d", 3), ERR_NET);
	assert_string_equal(err_text(), "line 3: x: bad");
}

static void new_words_replace_the_old(void **state)
{
	(void)state;
	(void)err(ERR_BUG, "a long first message");
	(void)err(ERR_BUG, "short");
	assert_string_equal(err_text(), "short");
}

static void the_last_words_may_be_an_argument(void **state)
{
	(void)state;
	(void)err(ERR_BUG, "inner");
	(void)err(ERR_BUG, "outer (%s)", err_text());
	assert_string_equal(err_text(), "outer (inner)");
	(void)err_in(ERR_BUG, "<%s>", err_text());
	assert_string_equal(err_text(), "<outer (inner)>: outer (inner)");
}

static void a_missing_file_is_absent_and_all_else_the_system(void **state)
{
	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno("%s", "f"), ERR_ABSENT);
	assert_string_equal(err_text(), "f: No such file or directory");
	errno = EACCES;
	assert_int_equal(err_errno("f"), ERR_SYSTEM);
	assert_string_equal(err_text(), "f: Permission denied");
}

static void words_too_long_are_cut(void **state)
{
	(void)state;
	char text[ERR_TEXT_MAX * 2];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	(void)err(ERR_LIMIT, "%s", text);
	assert_int_equal(strlen(err_text()), ERR_TEXT_MAX - 1);
	(void)err_in(ERR_LIMIT, "front");
	assert_int_equal(strlen(err_text()), ERR_TEXT_MAX - 1);
	assert_memory_equal(err_text(), "front: xxx", 10);
	errno = EACCES;
	(void)err_errno("%s", text);
	assert_int_equal(strlen(err_text()), ERR_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_hands_its_number_on),
		cmocka_unit_test(new_words_replace_the_old),
		cmocka_unit_test(the_last_words_may_be_an_argument),
		cmocka_unit_test(a_missing_file_is_absent_and_all_else_the_system),
		cmocka_unit_test(words_too_long_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
