/* names_test.c - addresses of names that this machine knows by itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/names.h"

static struct sock_address found[NAMES_MAX];

static void a_literal_is_its_own_address(void **state)
{
	BUF(text, 80);

	(void)state;
	assert_int_equal(names_find(found, STR("127.0.0.1"), 80, deadline_in(20000)), 1);
	sock_add_text(&text, &found[0]);
	assert_string_equal(buf_text(&text), "127.0.0.1:80");
	assert_int_equal(names_find(found, STR("::1"), 80, deadline_in(20000)), 1);
}

static void localhost_is_on_this_machine(void **state)
{
	int n = names_find(found, STR("localhost"), 443, deadline_in(20000));

	(void)state;
	assert_true(n >= 1);
	for (int i = 0; i < n; i++) {
		assert_true(sock_is_loopback(&found[i]));
		assert_int_equal(sock_port(&found[i]), 443);
	}
}

static void no_time_is_no_answer(void **state)
{
	(void)state;
	assert_int_equal(names_find(found, STR("example.invalid"), 80, deadline_in(0)), ERR_NET);
	assert_non_null(strstr(err_text(), "example.invalid: timed out"));
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(
		names_find(found, (struct str){ name, sizeof(name) }, 80, deadline_in(20000)),
		ERR_NET);
}

static void no_child_stays_behind(void **state)
{
	(void)state;
	assert_true(names_find(found, STR("localhost"), 80, deadline_in(20000)) > 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_literal_is_its_own_address),
		cmocka_unit_test(localhost_is_on_this_machine),
		cmocka_unit_test(no_time_is_no_answer),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(no_child_stays_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
