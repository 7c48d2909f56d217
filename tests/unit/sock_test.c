/* sock_test.c - addresses, connections and their deadlines */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/sock.h"
#include "scripted.h"

static void only_literal_addresses_are_taken(void **state)
{
	static const char *const bad[] = {
		"localhost",
		"127.1",
		"0x7f.0.0.1",
		"127.0.0.1 ",
		"",
		"256.0.0.1",
		"::1::",
		"[::1]",
		"fe80::1%lo",
		"1.2.3.4.5",
	};
	struct sock_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sock_literal(&a, str_of(bad[i]), 80) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(sock_literal(&a, STR("127.0.0.1"), 80), 0);
	assert_int_equal(sock_literal(&a, STR("::1"), 80), 0);
}

static void an_address_is_written_as_it_was_read(void **state)
{
	static const struct {
		const char *text, *said;
	} good[] = {
		{ "127.0.0.1:80", "127.0.0.1:80" },
		{ "[::1]:0", "[::1]:0" },
		{ "8080", "127.0.0.1:8080" },
		{ "[::ffff:127.0.0.1]:80", "127.0.0.1:80" },
	};
	struct sock_address a;
	BUF(out, 80);

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_clear(&out);
		assert_int_equal(sock_parse(&a, str_of(good[i].text)), 0);
		sock_add_text(&out, &a);
		assert_string_equal(buf_text(&out), good[i].said);
	}
}

static void a_malformed_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"::1:80",
		"[::1]",
		"[::1]80",
		"[::1:80",
		"host:80",
		"65536",
		"127.0.0.1:80:80",
		"[]:80",
	};
	struct sock_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sock_parse(&a, str_of(bad[i])) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
}

static void near_addresses_are_told_from_far_ones(void **state)
{
	static const struct {
		const char *text;
		bool loopback, link_local;
	} table[] = {
		{ "127.0.0.1", true, false },
		{ "127.255.0.9", true, false },
		{ "128.0.0.1", false, false },
		{ "::1", true, false },
		{ "::2", false, false },
		{ "::ffff:127.0.0.1", true, false },
		{ "169.254.169.254", false, true },
		{ "169.253.0.1", false, false },
		{ "fe80::1", false, true },
		{ "fd00:ec2::254", false, true },
		{ "fd00:ec3::254", false, false },
		{ "::ffff:10.0.0.1", false, false },
		{ "::ffff:169.254.1.1", false, true },
		{ "0.0.0.0", false, false },
		{ "::", false, false },
	};
	struct sock_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(sock_literal(&a, str_of(table[i].text), 1), 0);
		if (sock_is_loopback(&a) != table[i].loopback ||
			sock_is_link_local(&a) != table[i].link_local)
			fail_msg("misjudged: %s", table[i].text);
	}
}

static void a_refused_connection_says_where(void **state)
{
	struct sock_address a;
	int fd;
	BUF(want, 128);

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	fd = sock_listen(&a, 1);
	assert_true(fd >= 0);
	assert_int_equal(sock_local(fd, &a), 0);
	assert_int_not_equal(sock_port(&a), 0);
	close(fd);
	sock_add_text(&want, &a);
	buf_puts(&want, ": connection refused");
	assert_int_equal(sock_connect(&a, deadline_in(20000)), ERR_NET);
	assert_string_equal(err_text(), buf_text(&want));
}

static void a_port_in_use_is_named(void **state)
{
	struct sock_address a;
	int fd;

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	fd = sock_listen(&a, 1);
	assert_true(fd >= 0);
	assert_int_equal(sock_local(fd, &a), 0);
	assert_int_equal(sock_listen(&a, 1), ERR_NET);
	assert_non_null(strstr(err_text(), "in use"));
	close(fd);
}

static void a_full_backlog_ends_at_the_deadline(void **state)
{
	struct sock_address a;
	int fd, fds[4];

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	fd = sock_listen(&a, 0);
	assert_true(fd >= 0 && sock_local(fd, &a) == 0);
	for (int i = 0; i < 4; i++)
		fds[i] = sock_connect(&a, deadline_in(50));
	assert_int_equal(fds[3], ERR_NET);
	for (int i = 0; i < 4; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	close(fd);
}

static void a_peer_that_does_not_read_ends_at_the_deadline(void **state)
{
	static char much[1 << 20];
	struct sock_address a;
	int fd, peer;

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	fd = sock_listen(&a, 1);
	assert_true(fd >= 0 && sock_local(fd, &a) == 0);
	peer = sock_connect(&a, deadline_in(20000));
	assert_true(peer >= 0);
	for (int i = 0; i < 64; i++)
		if (sock_write(peer, (struct str){ much, sizeof(much) }, deadline_in(50)) ==
			ERR_NET)
			break;
	assert_int_equal(
		sock_write(peer, (struct str){ much, sizeof(much) }, deadline_in(50)), ERR_NET);
	assert_int_equal(sock_read(peer, much, sizeof(much), deadline_in(50)), ERR_NET);
	close(peer);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_literal_addresses_are_taken),
		cmocka_unit_test(an_address_is_written_as_it_was_read),
		cmocka_unit_test(a_malformed_address_is_refused),
		cmocka_unit_test(near_addresses_are_told_from_far_ones),
		cmocka_unit_test(a_refused_connection_says_where),
		cmocka_unit_test(a_port_in_use_is_named),
		cmocka_unit_test(a_full_backlog_ends_at_the_deadline),
		cmocka_unit_test(a_peer_that_does_not_read_ends_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
