/* tls_test.c - servers that do not let a handshake end; good ones are in interop/push_tls.t */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/tls.h"
#include "scripted.h"

#define PATIENCE 60 /* seconds: a client that is held for ever ends with its test */

/* Warnings that mean nothing, as fast as they are taken. */
static void warn_for_ever(int listener)
{
	static const char warning[] = { 21, 3, 3, 0, 2, 1, 90 };
	char flood[7 * 4096];
	int fd = -1;

	for (size_t i = 0; i < sizeof(flood); i++)
		flood[i] = warning[i % sizeof(warning)];
	while (fd < 0)
		fd = accept(listener, NULL, NULL);
	while (send(fd, flood, sizeof(flood), MSG_NOSIGNAL) > 0)
		;
	_exit(0);
}

static void the_deadline_holds_against_endless_warnings(void **state)
{
	struct tls_trust trust = { .nobody = true };
	struct sock_address a;
	struct tls t = { 0 };
	int listener, fd;
	pid_t pid;

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	listener = sock_listen(&a, 1);
	assert_int_equal(sock_local(listener, &a), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		warn_for_ever(listener);
	}
	fd = sock_connect(&a, deadline_in(20000));
	alarm(PATIENCE);
	assert_int_equal(tls_connect(&t, fd, STR("localhost"), &trust, deadline_in(200)), ERR_NET);
	alarm(0);
	assert_string_equal(err_text(), "timed out");
	tls_close(&t);
	close(fd);
	close(listener);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_deadline_holds_against_endless_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
