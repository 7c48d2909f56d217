/* url_test.c - URLs, split */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/url.h"

static void check_url(
	const char *text, const char *host, unsigned port, const char *path, const char *query)
{
	struct url u;

	assert_int_equal(url_parse(&u, str_of(text)), 0);
	assert_true(str_is(u.host, host) && str_is(u.path, path) && str_is(u.query, query));
	assert_int_equal(u.port, port);
}

static void parts_are_found(void **state)
{
	(void)state;
	check_url("https://ec2-instance-connect.eu-west-1.amazonaws.com",
		"ec2-instance-connect.eu-west-1.amazonaws.com", 443, "", "");
	check_url("http://169.254.169.254/latest/meta-data/", "169.254.169.254", 80,
		"/latest/meta-data/", "");
	check_url("http://127.0.0.1:8080?a=b", "127.0.0.1", 8080, "", "a=b");
	check_url("http://[fd00:ec2::254]:81/x?y?z", "fd00:ec2::254", 81, "/x", "y?z");
	check_url("http://localhost/?", "localhost", 80, "/", "");
	check_url("https://a_b.1c.d/%2F", "a_b.1c.d", 443, "/%2F", "");
}

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
	static const char *const bad[] = { "", "ftp://h/", "//h/", "h/", "HTTP://h/", "http:/h",
		"http://", "http:///x", "http://:80/", "http://u@h/", "http://u:p@h/", "http://h:/",
		"http://h:0/", "http://h:65536/", "http://h:080000/", "http://h:8a/",
		"http://h:-1/", "http://h/#f", "http://h#f", "http://h/a b", "http://h/\t",
		"http://h/\x7f", "http://h/\xc3\xa4", "http://h\\x/", "http://h/\\x",
		"http://h/?a b", "http://h..x/", "http://.h/", "http://h./", "http://-h/",
		"http://h%41/", "http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/",
		"http://127.0.0.01/", "http://1.2.3.256/", "http://1.2.3.4.5/", "http://[::1/",
		"http://::1/", "http://[1.2.3.4]/", "http://[fe80::1%25eth0]/", "http://[::1]x/",
		"http://[]/", " http://h/", "http://h/ ", "http://h/<", "http://h/\"" };
	struct url u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (url_parse(&u, str_of(bad[i])) != ERR_FORMAT)
			fail_msg("%s", bad[i]);
	assert_int_equal(url_parse(&u, STR("http://h/\0x")), ERR_FORMAT);
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char text[300] = "http://";
	struct url u;

	(void)state;
	memset(text + 7, 'a', 64);
	assert_int_equal(url_parse(&u, (struct str){ text, 7 + 63 }), 0);
	assert_int_equal(url_parse(&u, (struct str){ text, 7 + 64 }), ERR_FORMAT);
	for (size_t i = 0; i < URL_HOST_MAX + 1; i++)
		text[7 + i] = i % 2 ? '.' : 'a';
	assert_int_equal(url_parse(&u, (struct str){ text, 7 + URL_HOST_MAX }), 0);
	text[7 + URL_HOST_MAX] = 'a';
	assert_int_equal(url_parse(&u, (struct str){ text, 7 + URL_HOST_MAX + 1 }), ERR_FORMAT);
}

static void the_host_header_names_only_unusual_ports(void **state)
{
	static const char *const cases[][2] = { { "https://h:443/", "h" },
		{ "https://h:80/", "h:80" }, { "http://h:80", "h" },
		{ "http://[::1]:81", "[::1]:81" }, { "http://[::1]", "[::1]" } };
	struct url u;
	BUF(b, 64);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		assert_int_equal(url_parse(&u, str_of(cases[i][0])), 0);
		url_host(&b, &u);
		assert_string_equal(buf_text(&b), cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(the_host_header_names_only_unusual_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
