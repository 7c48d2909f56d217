/* http_test.c - HTTP messages: what is read, what is refused, and answers of servers that misbehave
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/http.h"
#include "scripted.h"

static struct http_head head;

static int request(const char *text)
{
	return http_read_request_head(&head, str_of(text));
}

static int answer(const char *text)
{
	return http_read_answer_head(&head, str_of(text));
}

static void a_request_is_read(void **state)
{
	(void)state;
	assert_int_equal(request("GET /a?b=c HTTP/1.1\r\nHost: x\r\nA:  b c \t\r\n\r\nrest"), 1);
	assert_true(str_is(head.method, "GET"));
	assert_true(str_is(head.target, "/a?b=c"));
	assert_true(str_is(http_header(&head, "host"), "x"));
	assert_true(str_is(http_header(&head, "a"), "b c"));
	assert_null(http_header(&head, "b").p);
	assert_true(head.keep_alive);
	assert_int_equal(head.content_length, -1);
	assert_int_equal(head.bytes, 43);
}

static void an_unfinished_head_wants_more(void **state)
{
	const char *text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

	(void)state;
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(http_read_request_head(&head, (struct str){ text, n }), 0);
	assert_int_equal(request(text), 1);
}

static void a_malformed_request_is_refused(void **state)
{
	static const char *const bad[] = {
		"GET /\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		"GET / HTTP/2.0\r\n\r\n",
		"GET / HTTP/1.1 \r\n\r\n",
		"G(T / HTTP/1.1\r\n\r\n",
		"\r\nGET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\nHost: x\n\n",
		"GET /\x01 HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
		"GET / HTTP/1.1\r\n: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
		"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
		"chunked\r\n\r\n",
		"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (request(bad[i]) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
}

static void an_answer_is_read(void **state)
{
	(void)state;
	assert_int_equal(answer("HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\n"), 1);
	assert_int_equal(head.status, 404);
	assert_int_equal(head.content_length, 3);
	assert_int_equal(answer("HTTP/1.1 200\r\n\r\n"), 1);
	assert_int_equal(answer("HTTP/1.1 200 OK\nConnection: Close\n\n"), 1);
	assert_false(head.keep_alive);
	assert_int_equal(answer("HTTP/1.0 200 OK\r\n\r\n"), 1);
	assert_false(head.keep_alive);
	assert_int_equal(answer("HTTP/1.0 200 OK\r\nConnection: x, keep-alive\r\n\r\n"), 1);
	assert_true(head.keep_alive);
}

static void a_malformed_answer_is_refused(void **state)
{
	static const char *const bad[] = {
		"HTTP/1.1 20 OK\r\n\r\n",
		"HTTP/1.1 2000 OK\r\n\r\n",
		"HTTP/1.1 099 OK\r\n\r\n",
		"HTTP/1.1 600 OK\r\n\r\n",
		"HTTP/1.1  200 OK\r\n\r\n",
		"HTTP/3 200 OK\r\n\r\n",
		"SSH-2.0-x\r\n\r\n",
		"\r\n\r\n",
		"HTTP/1.1 +20 x\r\n\r\n",
		"HTTP/1.1 200 O\x07K\r\n\r\n",
		"HTTP/1.1 200 OK\r\n x: y\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (answer(bad[i]) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
}

static void a_flood_of_headers_is_refused(void **state)
{
	static char text[HTTP_HEAD_MAX * 2];
	struct buf b = buf_of(text, sizeof(text));

	(void)state;
	buf_puts(&b, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i <= HTTP_HEADERS_MAX; i++)
		buf_puts(&b, "a: b\r\n");
	buf_puts(&b, "\r\n");
	assert_int_equal(http_read_answer_head(&head, buf_view(&b)), ERR_LIMIT);
	buf_clear(&b);
	buf_puts(&b, "HTTP/1.1 200 OK\r\na: ");
	while (b.len < HTTP_HEAD_MAX)
		buf_putc(&b, 'x');
	assert_int_equal(http_read_answer_head(&head, buf_view(&b)), ERR_LIMIT);
}

/* Decodes text as it comes in pieces of the given size. */
static int chunks(const char *text, size_t piece, char *out, size_t cap)
{
	struct http_chunks c = { 0 };
	size_t n = strlen(text), have = 0;
	int r = 0;

	assert_true(n < cap);
	memcpy(out, text, n + 1);
	while (r == 0 && have < n) {
		have = have + piece < n ? have + piece : n;
		r = http_read_chunks(&c, out, have);
	}
	if (r > 0)
		out[c.out] = 0;
	return r;
}

static void chunks_are_joined(void **state)
{
	char out[128];

	(void)state;
	for (size_t piece = 1; piece < 40; piece++) {
		assert_int_equal(chunks("3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
					 piece, out, sizeof(out)),
			1);
		assert_string_equal(out, "abc0123456789");
	}
}

static void malformed_chunks_are_refused(void **state)
{
	static const char *const bad[] = {
		"\r\n",
		"g\r\n",
		"-1\r\n",
		"0x1\r\n",
		"1\nab",
		"1\r\nab\r\n",
		"1\r\na\n0\r\n\r\n",
		"11111111111\r\n",
		";x\r\n",
		"1\r\na\r\n\r\n",
	};
	char out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (chunks(bad[i], 1, out, sizeof(out)) != ERR_FORMAT)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(chunks("5\r\nabc", 1, out, sizeof(out)), 0);
}

static char raw_storage[HTTP_HEAD_MAX + 1024];
static struct buf raw;

/* Asks a server that answers so, and takes at most 1,024 bytes of body (into, where given). */
static int ask(struct script *s, struct http_answer *a, int64_t ms)
{
	struct http_request rq = { .method = "GET", .host = STR("x"), .target = STR("/") };
	struct deadline d = deadline_in(ms);
	struct http_conn c;
	struct buf *into = a->into;
	int r;

	*a = (struct http_answer){ .raw = &raw, .into = into, .no_body = a->no_body };
	raw = buf_of(raw_storage, sizeof(raw_storage));
	script_start(s);
	c = http_plain(sock_connect(&s->address, d));
	r = c.fd < 0 ? c.fd : http_exchange(&c, &rq, a, d);
	close(c.fd);
	script_stop(s);
	return r;
}

static int ask_for(const char *text, struct http_answer *a)
{
	struct script s = { .answers = &text, .n = 1 };

	return ask(&s, a, 20000);
}

static void an_answer_comes_whole(void **state)
{
	static const struct {
		const char *text, *body;
	} good[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "" },
		{ "HTTP/1.0 200 OK\r\n\r\nhello", "hello" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
		  "Chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
			"hello" },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 200 "
		  "OK\r\nContent-Length: 5\r\n\r\nhello",
			"hello" },
		{ "HTTP/1.1 204 None\r\nContent-Length: 9\r\n\r\n", "" },
		{ "HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno",
			"no" },
	};
	struct http_answer a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(ask_for(good[i].text, &a), 0);
		assert_true(str_is(a.body, good[i].body));
	}
}

static void a_dripping_answer_comes_whole(void **state)
{
	const char *text =
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
	struct script s = { .answers = &text, .n = 1, .drip = true };
	struct http_answer a = { 0 };

	(void)state;
	assert_int_equal(ask(&s, &a, 20000), 0);
	assert_true(str_is(a.body, "abc"));
}

static void a_broken_answer_fails(void **state)
{
	static const struct {
		const char *text;
		int r;
	} bad[] = {
		{ "", ERR_NET },
		{ "HTTP/1.1 200 OK\r\nContent-Le", ERR_NET },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", ERR_NET },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", ERR_NET },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
			ERR_FORMAT },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
			ERR_FORMAT },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nhello", ERR_LIMIT },
		{ "HTTP/1.1 101 Switch\r\n\r\n", ERR_FORMAT },
		{ "SSH-2.0-OpenSSH\r\n\r\n", ERR_FORMAT },
		{ "SSH-2.0-OpenSSH\r\n", ERR_FORMAT },
		{ "SSH", ERR_FORMAT },
		{ "HTT", ERR_NET },
	};
	struct http_answer a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ask_for(bad[i].text, &a) != bad[i].r)
			fail_msg("not refused as expected: %s", bad[i].text);
}

static void a_body_over_the_limit_is_refused(void **state)
{
	static char text[4096];
	char small[16];
	struct buf b = buf_of(text, sizeof(text)), into = buf_of(small, sizeof(small));
	struct http_answer a = { .into = &into };

	(void)state;
	buf_puts(&b, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 16; i++)
		buf_putc(&b, 'x');
	assert_int_equal(ask_for(text, &a), ERR_LIMIT);
	buf_clear(&b);
	buf_clear(&into);
	buf_puts(&b, "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n0123456789012345");
	assert_int_equal(ask_for(text, &a), ERR_LIMIT);
}

static void a_body_goes_where_it_is_wanted(void **state)
{
	char small[16];
	struct buf into = buf_of(small, sizeof(small));
	struct http_answer a = { .into = &into };

	(void)state;
	assert_int_equal(
		ask_for("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n012345678901234", &a), 0);
	assert_string_equal(small, "012345678901234");
	assert_true(a.reusable);
	buf_clear(&into);
	assert_int_equal(ask_for("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
				 "chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n",
				 &a),
		0);
	assert_true(str_is(a.body, "abc"));
	/* a refusal's words are not the body that was asked for */
	buf_clear(&into);
	assert_int_equal(
		ask_for("HTTP/1.1 404 No\r\nContent-Length: 20\r\n\r\n01234567890123456789", &a),
		0);
	assert_int_equal(into.len, 0);
}

static void many_small_chunks_need_no_more_room_than_their_bytes(void **state)
{
	static char text[16384];
	char small[1025];
	struct buf b = buf_of(text, sizeof(text)), into = buf_of(small, sizeof(small));
	struct http_answer a = { .into = &into };

	(void)state;
	buf_puts(&b, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "1\r\nx\r\n");
	buf_puts(&b, "0\r\n\r\n");
	assert_int_equal(ask_for(text, &a), 0);
	assert_int_equal(a.body.n, 1000);
}

static void the_deadline_holds_while_a_server_drips(void **state)
{
	static char text[4096];
	struct buf b = buf_of(text, sizeof(text));
	const char *p = text;
	struct script s = { .answers = &p, .n = 1, .drip = true };
	struct http_answer a = { 0 };

	(void)state;
	buf_puts(&b, "HTTP/1.1 200 OK\r\nA: ");
	while (buf_room(&b) > 0)
		buf_putc(&b, 'x');
	assert_int_equal(ask(&s, &a, 100), ERR_NET);
	assert_non_null(strstr(err_text(), "timed out"));
}

static void the_deadline_holds_while_a_server_is_silent(void **state)
{
	const char *p = SCRIPT_HOLD;
	struct script s = { .answers = &p, .n = 1 };
	struct http_answer a = { 0 };

	(void)state;
	assert_int_equal(ask(&s, &a, 100), ERR_NET);
	assert_non_null(strstr(err_text(), "timed out"));
}

static void a_request_is_written(void **state)
{
	static const struct http_header h = { { "A", 1 }, { "b", 1 } };
	struct http_request rq = { .method = "GET",
		.host = STR("h:1"),
		.target = STR("/x"),
		.headers = &h,
		.n_headers = 1 };
	BUF(out, 256);

	(void)state;
	http_add_request(&out, &rq);
	assert_string_equal(buf_text(&out),
		"GET /x HTTP/1.1\r\nHost: h:1\r\nA: b\r\nConnection: close\r\n\r\n");
	rq.method = "POST";
	rq.body = STR("{}");
	rq.keep_alive = true;
	buf_clear(&out);
	http_add_request(&out, &rq);
	assert_string_equal(buf_text(&out),
		"POST /x HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 2\r\n\r\n{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_read),
		cmocka_unit_test(an_unfinished_head_wants_more),
		cmocka_unit_test(a_malformed_request_is_refused),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(a_malformed_answer_is_refused),
		cmocka_unit_test(a_flood_of_headers_is_refused),
		cmocka_unit_test(chunks_are_joined),
		cmocka_unit_test(malformed_chunks_are_refused),
		cmocka_unit_test(an_answer_comes_whole),
		cmocka_unit_test(a_dripping_answer_comes_whole),
		cmocka_unit_test(a_broken_answer_fails),
		cmocka_unit_test(a_body_over_the_limit_is_refused),
		cmocka_unit_test(a_body_goes_where_it_is_wanted),
		cmocka_unit_test(many_small_chunks_need_no_more_room_than_their_bytes),
		cmocka_unit_test(the_deadline_holds_while_a_server_drips),
		cmocka_unit_test(the_deadline_holds_while_a_server_is_silent),
		cmocka_unit_test(a_request_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
