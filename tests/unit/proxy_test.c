/* proxy_test.c - proxies: how they are written, which hosts go past them, and tunnels through them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/proxy.h"
#include "scripted.h"

static struct proxy p;

static void a_proxy_is_read(void **state)
{
	(void)state;
	assert_int_equal(proxy_read(&p, STR("http://proxy:3128"), "HTTPS_PROXY"), 0);
	assert_true(str_is(p.url.host, "proxy"));
	assert_int_equal(p.url.port, 3128);
	assert_int_equal(p.authorization.len, 0);
	assert_int_equal(proxy_read(&p, STR("proxy"), "HTTPS_PROXY"), 0);
	assert_int_equal(p.url.port, 80);
	assert_int_equal(
		proxy_read(&p, STR("http://Aladdin:open%20sesame@[::1]:8080/"), "HTTPS_PROXY"), 0);
	assert_true(p.url.ipv6);
	assert_string_equal(buf_text(&p.authorization), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_int_equal(proxy_read(&p, STR("me@proxy"), "HTTPS_PROXY"), 0);
	assert_int_equal(p.authorization.len, 0);
}

static void a_malformed_proxy_is_refused_without_its_password(void **state)
{
	static const char *const bad[] = {
		"",
		"https://proxy",
		"socks5://proxy",
		"http://",
		"http://me:secret@",
		"http://me:secret@pro xy",
		"http://me:secret@proxy:99999",
		"http://me:%zzsecret@proxy",
		"ftp://secret",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (proxy_read(&p, str_of(bad[i]), "HTTPS_PROXY") != ERR_USAGE)
			fail_msg("taken: %s", bad[i]);
		assert_null(strstr(err_text(), "secret"));
	}
}

static void exempt_hosts_are_suffixes_of_whole_labels(void **state)
{
	static const struct {
		const char *list, *url;
		bool exempt;
	} table[] = {
		{ "*", "http://a.b", true },
		{ "", "http://a.b", false },
		{ "example.com", "http://example.com", true },
		{ "example.com", "http://EC2.Example.com", true },
		{ ".example.com", "http://ec2.example.com", true },
		{ ".example.com", "http://example.com", true },
		{ "example.com", "http://badexample.com", false },
		{ "x, example.com ,y", "http://a.example.com", true },
		{ "example.com:8080", "http://example.com:8080", true },
		{ "example.com:8080", "http://example.com", false },
		{ "127.0.0.1", "http://127.0.0.1:9", true },
		{ "0.0.1", "http://127.0.0.1:9", true },
		{ "10.0.0.0/8", "http://10.1.1.1", false },
		{ ",,", "http://a", false },
		{ ".", "http://a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct url u;

		assert_int_equal(url_parse(&u, str_of(table[i].url)), 0);
		if (proxy_is_exempt(str_of(table[i].list), &u) != table[i].exempt)
			fail_msg("misjudged: %s by %s", table[i].url, table[i].list);
	}
}

static int tunnel(const char *answer)
{
	struct script s = { .answers = &answer, .n = 1 };
	struct url u;
	int fd, r;

	assert_int_equal(url_parse(&u, STR("https://example.com")), 0);
	assert_int_equal(proxy_read(&p, STR("http://a:b@127.0.0.1"), "HTTPS_PROXY"), 0);
	script_start(&s);
	fd = sock_connect(&s.address, deadline_in(20000));
	assert_true(fd >= 0);
	r = proxy_tunnel(fd, &p, &u, deadline_in(500));
	close(fd);
	script_stop(&s);
	return r;
}

static void a_tunnel_is_there_or_is_not(void **state)
{
	(void)state;
	assert_int_equal(tunnel("HTTP/1.0 200 Connection established\r\n\r\n"), 0);
	assert_int_equal(
		tunnel("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"), ERR_DENIED);
	assert_non_null(strstr(err_text(), "407"));
	assert_int_equal(
		tunnel("HTTP/1.1 302 x\r\nLocation: http://127.0.0.1\r\n\r\n"), ERR_DENIED);
	assert_int_equal(tunnel("HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"), ERR_DENIED);
	assert_int_equal(tunnel("HTTP/1.1 503 later\r\nContent-Length: 0\r\n\r\n"), ERR_NET);
	assert_int_equal(tunnel("SSH-2.0-x\r\n\r\n"), ERR_FORMAT);
	assert_int_equal(tunnel("HTTP/1.1 200 OK\r\n"), ERR_NET);
	assert_int_equal(tunnel(""), ERR_NET);
	assert_int_equal(tunnel(SCRIPT_HOLD), ERR_NET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_is_read),
		cmocka_unit_test(a_malformed_proxy_is_refused_without_its_password),
		cmocka_unit_test(exempt_hosts_are_suffixes_of_whole_labels),
		cmocka_unit_test(a_tunnel_is_there_or_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
