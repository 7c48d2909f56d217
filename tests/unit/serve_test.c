/* serve_test.c - tests of core/net/serve.c, over socket pairs and loopback */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/serve.h"

#define BIG (300 * 1024)

/* A loop whose answers are chosen by the path. */
struct world {
	struct serve *s;
	void *storage;
	unsigned handled, ticks;
	char last_body[128];
};

static void handle(void *owner, const struct serve_request *rq, struct serve_answer *a)
{
	struct world *w = owner;
	struct str path = rq->head->target;

	w->handled++;
	(void)str_copy(w->last_body, sizeof(w->last_body), rq->body);
	a->status = 200;
	buf_puts(a->headers, "X-Test: yes\r\n");
	buf_str(a->body, path);
	if (str_is(path, "/slow"))
		a->delay_ms = 30;
	if (str_is(path, "/drop"))
		a->drop = true;
	if (str_is(path, "/cut"))
		a->cut = 2;
	if (str_is(path, "/close"))
		a->close = true;
	if (str_is(path, "/stop"))
		serve_stop(w->s);
	for (size_t i = 0; str_is(path, "/big") && i < BIG; i++)
		buf_putc(a->body, 'x');
	for (size_t i = 0; str_is(path, "/toobig") && i <= SERVE_ANSWER_MAX; i++)
		buf_putc(a->body, 'x');
}

static void tick(void *owner)
{
	((struct world *)owner)->ticks++;
}

static struct world *open_world(unsigned connections, int64_t idle_ms)
{
	struct world *w = calloc(1, sizeof(*w));
	struct serve_config c = { .handle = handle,
		.tick = tick,
		.owner = w,
		.connections = connections,
		.idle_ms = idle_ms };

	assert_non_null(w);
	w->storage = calloc(1, serve_size(&c));
	w->s = serve_open(w->storage, &c);
	assert_non_null(w->s);
	return w;
}

static void close_world(struct world *w)
{
	serve_close(w->s);
	free(w->storage);
	free(w);
}

/* our end of a new connection */
static int client(struct world *w)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	assert_int_equal(serve_adopt(w->s, ends[1], 0), 0);
	return ends[0];
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Steps until nothing happens any more for a moment; what came, and whether the other end closed.
 */
static size_t hear(struct world *w, int fd, char *out, size_t cap, bool *closed)
{
	size_t n = 0;

	*closed = false;
	for (int quiet = 0; quiet < 3 && !*closed;) {
		ssize_t got;

		assert_true(serve_step(w->s, 2) >= 0);
		got = read(fd, out + n, cap - 1 - n);
		quiet = got > 0 ? 0 : quiet + 1;
		if (got > 0)
			n += (size_t)got;
		if (got == 0)
			*closed = true;
	}
	out[n] = 0;
	return n;
}

static unsigned count(const char *text, const char *word)
{
	unsigned n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

#define OPEN(connections, idle) \
	struct world *w = open_world(connections, idle); \
	int fd = client(w); \
	char out[4096]; \
	bool closed

#define CLOSE \
	close(fd); \
	close_world(w)

static void a_request_is_answered_and_the_connection_stays(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "HTTP/1.1 200 OK\r\nX-Test: yes\r\nDate: "));
	assert_non_null(strstr(out, "\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n/a"));
	assert_false(closed);
	CLOSE;
}

static void two_answers_in_one_second_both_have_a_date(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(count(out, " GMT\r\n"), 2);
	CLOSE;
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd,
		"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c "
		"HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(count(out, "HTTP/1.1 200"), 3);
	assert_true(strstr(out, "/a") < strstr(out, "/b") && strstr(out, "/b") < strstr(out, "/c"));
	CLOSE;
}

static void a_client_with_many_requests_does_not_keep_others_waiting(void **state)
{
	static char many[60000], large[200000];
	OPEN(4, 1000);
	int other = client(w);
	unsigned n = 0;
	(void)state;

	for (size_t at = 0; at + 64 < sizeof(many); at += strlen(many + at), n++)
		memcpy(many + at, "GET /m HTTP/1.1\r\nHost: x\r\n\r\n", 29);
	say(fd, many);
	say(other, "GET /o HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(serve_step(w->s, 2) >= 0);
	assert_true(read(other, out, sizeof(out)) > 0);
	assert_true(w->handled < n);
	hear(w, fd, large, sizeof(large), &closed);
	for (int i = 0; i < 1000 && w->handled < n + 1; i++) {
		assert_true(serve_step(w->s, 2) >= 0);
		(void)!read(fd, large, sizeof(large));
	}
	assert_int_equal(w->handled, n + 1);
	close(other);
	CLOSE;
}

static void a_request_that_comes_byte_by_byte_is_answered_once(void **state)
{
	static const char text[] = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
	OPEN(4, 1000);
	(void)state;
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		assert_int_equal(write(fd, text + i, 1), 1);
		assert_true(serve_step(w->s, 0) >= 0);
	}
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(w->handled, 1);
	assert_string_equal(w->last_body, "hello");
	CLOSE;
}

static void expect_refusal(const char *text, const char *status)
{
	OPEN(4, 1000);

	say(fd, text);
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(strncmp(out, status, strlen(status)), 0);
	assert_non_null(strstr(out, "Connection: close"));
	assert_true(closed);
	assert_int_equal(w->handled, 0);
	CLOSE;
}

static void what_is_no_http_gets_400_and_the_end(void **state)
{
	(void)state;
	expect_refusal("nonsense\r\n\r\n", "HTTP/1.1 400");
	expect_refusal("GET /a HTTP/1.1\nHost: x\n\n", "HTTP/1.1 400");
	expect_refusal("GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400");
	expect_refusal(
		"GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"HTTP/1.1 400");
}

static void a_chunked_body_gets_411(void **state)
{
	(void)state;
	expect_refusal("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 411");
}

static void a_body_over_the_limit_gets_413_before_it_is_sent(void **state)
{
	(void)state;
	expect_refusal(
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", "HTTP/1.1 413");
	expect_refusal(
		"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n", "HTTP/1.1 413");
	expect_refusal("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\n",
		"HTTP/1.1 400");
}

static void a_head_without_end_gets_431(void **state)
{
	static char text[HTTP_HEAD_MAX + 64];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	expect_refusal(text, "HTTP/1.1 431");
}

static void garbage_behind_a_refused_request_does_not_lose_the_answer(void **state)
{
	static char text[60000];

	(void)state;
	memset(text, 'z', sizeof(text) - 1);
	memcpy(text, "BAD\r\n\r\n", 7);
	expect_refusal(text, "HTTP/1.1 400");
}

static void when_the_table_is_full_the_oldest_half_open_connection_goes(void **state)
{
	OPEN(2, 1000);
	int second = client(w), third;
	(void)state;

	say(fd, "GET /half");
	say(second, "GET /half");
	assert_true(serve_step(w->s, 2) >= 0);
	third = client(w);
	say(third, "GET /whole HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, third, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "/whole"));
	assert_int_equal(read(fd, out, 1), 0);
	assert_int_equal(read(second, out, 1), -1);
	close(second);
	close(third);
	CLOSE;
}

static void a_connection_that_was_answered_outlives_half_open_ones(void **state)
{
	OPEN(2, 1000);
	int halves[8];
	(void)state;

	say(fd, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	for (size_t i = 0; i < 8; i++)
		halves[i] = client(w);
	say(fd, "GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "/b"));
	for (size_t i = 0; i < 8; i++)
		close(halves[i]);
	CLOSE;
}

static void half_requests_that_fill_the_pool_do_not_stop_others(void **state)
{
	static char half[60000];
	OPEN(200, 10000);
	int fds[100];
	(void)state;

	memset(half, 'b', sizeof(half));
	memcpy(half, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", 51);
	for (size_t i = 0; i < 100; i++) {
		fds[i] = client(w);
		(void)!write(fds[i], half, 59000);
		for (int k = 0; k < 4; k++)
			assert_true(serve_step(w->s, 0) >= 0);
	}
	close(fd);
	fd = client(w);
	say(fd, "GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "/good"));
	for (size_t i = 0; i < 100; i++)
		close(fds[i]);
	CLOSE;
}

static void a_connection_without_a_request_ends_after_its_time(void **state)
{
	OPEN(4, 5);
	(void)state;
	say(fd, "GET /half");
	for (int i = 0; i < 200 && serve_step(w->s, 5) > 0; i++)
		;
	hear(w, fd, out, sizeof(out), &closed);
	assert_true(closed);
	CLOSE;
}

static void a_delayed_answer_does_not_hold_up_another_connection(void **state)
{
	OPEN(4, 10000);
	int other = client(w);
	(void)state;
	(void)closed;

	say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(serve_step(w->s, 2) >= 0);
	say(other, "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(serve_step(w->s, 2) >= 0);
	assert_true(read(other, out, sizeof(out)) > 0);
	assert_int_equal(read(fd, out, sizeof(out)), -1);
	for (int i = 0; i < 50 && read(fd, out, sizeof(out)) < 0; i++)
		assert_true(serve_step(w->s, 5) >= 0);
	assert_non_null(strstr(out, "/slow"));
	close(other);
	CLOSE;
}

static void a_request_behind_a_delayed_one_waits_for_it(void **state)
{
	OPEN(4, 10000);
	(void)state;
	say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(serve_step(w->s, 2) >= 0);
	assert_int_equal(w->handled, 1);
	for (int i = 0; i < 100 && w->handled < 2; i++)
		assert_true(serve_step(w->s, 5) >= 0);
	hear(w, fd, out, sizeof(out), &closed);
	assert_true(strstr(out, "/slow") && strstr(out, "/slow") < strstr(out, "/next"));
	CLOSE;
}

static void a_dropped_answer_is_no_byte_and_the_end(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /drop HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(hear(w, fd, out, sizeof(out), &closed), 0);
	assert_true(closed);
	CLOSE;
}

static void a_cut_answer_promises_more_than_it_sends(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "Content-Length: 4\r\n"));
	assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n/c");
	assert_true(closed);
	CLOSE;
}

static void head_has_the_length_but_no_body(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "Content-Length: 4\r\n"));
	assert_string_equal(strstr(out, "\r\n\r\n"), "\r\n\r\n");
	CLOSE;
}

static void http_1_0_ends_after_the_answer(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /a HTTP/1.0\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "Connection: close"));
	assert_true(closed);
	CLOSE;
}

static void an_answer_larger_than_the_socket_takes_arrives_whole(void **state)
{
	static char large[BIG + 4096];
	OPEN(4, 10000);
	size_t n;
	(void)state;

	(void)out;
	say(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n");
	n = hear(w, fd, large, sizeof(large), &closed);
	assert_true(n > BIG);
	assert_int_equal(count(large, "HTTP/1.1 200"), 2);
	assert_string_equal(large + n - 6, "/after");
	CLOSE;
}

static void an_answer_that_does_not_fit_is_500_without_body(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "GET /toobig HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(strncmp(out, "HTTP/1.1 500", 12), 0);
	assert_non_null(strstr(out, "Content-Length: 0\r\n"));
	CLOSE;
}

static void who_expects_100_gets_it_once(void **state)
{
	OPEN(4, 1000);
	(void)state;
	say(fd, "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_string_equal(out, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fd, "h");
	hear(w, fd, out, sizeof(out), &closed);
	assert_string_equal(out, "");
	say(fd, "i");
	hear(w, fd, out, sizeof(out), &closed);
	assert_int_equal(strncmp(out, "HTTP/1.1 200", 12), 0);
	CLOSE;
}

static void a_client_that_closes_leaves_no_connection(void **state)
{
	OPEN(4, 1000);
	(void)state;
	(void)out;
	(void)closed;
	say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(serve_step(w->s, 2), 1);
	close(fd);
	for (int i = 0; i < 50 && serve_step(w->s, 5) > 0; i++)
		;
	assert_int_equal(serve_step(w->s, 0), 0);
	close_world(w);
}

static void stop_ends_the_loop_and_the_answer_is_still_sent(void **state)
{
	OPEN(4, 10000);
	(void)state;
	say(fd, "GET /stop HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(serve_run(w->s), 0);
	assert_true(read(fd, out, sizeof(out)) > 0);
	(void)closed;
	CLOSE;
}

static void a_listener_over_loopback_knows_both_addresses(void **state)
{
	struct world *w = open_world(4, 1000);
	struct sock_address a;
	int listener, fd, i;
	char out[1024];
	bool closed;

	(void)state;
	assert_int_equal(sock_parse(&a, STR("127.0.0.1:0")), 0);
	listener = sock_listen(&a, 16);
	assert_true(listener >= 0);
	assert_int_equal(sock_local(listener, &a), 0);
	i = serve_listen(w->s, listener);
	assert_true(i >= 0);
	fd = sock_connect(&a, deadline_in(2000));
	assert_true(fd >= 0);
	say(fd, "GET /l HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, fd, out, sizeof(out), &closed);
	assert_non_null(strstr(out, "/l"));
	serve_unlisten(w->s, i);
	assert_true(sock_connect(&a, deadline_in(2000)) < 0);
	close(fd);
	close_world(w);
}

/* the number of a listener can be given again, and then stands for something else */
static void connections_end_with_their_listener_but_not_before_their_answer(void **state)
{
	OPEN(4, 10000);
	int idle = client(w), half = client(w), other[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, other), 0);
	assert_int_equal(serve_adopt(w->s, other[1], 1), 0);
	assert_true(serve_listen(w->s, socket(AF_INET, SOCK_STREAM, 0)) == 0);
	say(idle, "GET /i HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, idle, out, sizeof(out), &closed);
	assert_false(closed);
	say(half, "GET /h");
	say(fd, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
	for (int n = 0; n < 100 && w->handled < 2; n++)
		assert_true(serve_step(w->s, 2) >= 0);
	serve_unlisten(w->s, 0);
	assert_int_equal(read(idle, out, sizeof(out)), 0);
	assert_int_equal(read(half, out, sizeof(out)), 0);
	for (int n = 0; n < 100 && !closed; n++) {
		size_t got = hear(w, fd, out, sizeof(out), &closed);

		assert_true(got == 0 || strstr(out, "/slow") != NULL);
	}
	assert_true(closed);
	say(other[0], "GET /o HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(w, other[0], out, sizeof(out), &closed);
	assert_false(closed);
	close(idle);
	close(half);
	close(other[0]);
	CLOSE;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_and_the_connection_stays),
		cmocka_unit_test(two_answers_in_one_second_both_have_a_date),
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(a_client_with_many_requests_does_not_keep_others_waiting),
		cmocka_unit_test(a_request_that_comes_byte_by_byte_is_answered_once),
		cmocka_unit_test(what_is_no_http_gets_400_and_the_end),
		cmocka_unit_test(a_chunked_body_gets_411),
		cmocka_unit_test(a_body_over_the_limit_gets_413_before_it_is_sent),
		cmocka_unit_test(a_head_without_end_gets_431),
		cmocka_unit_test(garbage_behind_a_refused_request_does_not_lose_the_answer),
		cmocka_unit_test(when_the_table_is_full_the_oldest_half_open_connection_goes),
		cmocka_unit_test(a_connection_that_was_answered_outlives_half_open_ones),
		cmocka_unit_test(half_requests_that_fill_the_pool_do_not_stop_others),
		cmocka_unit_test(a_connection_without_a_request_ends_after_its_time),
		cmocka_unit_test(a_delayed_answer_does_not_hold_up_another_connection),
		cmocka_unit_test(a_request_behind_a_delayed_one_waits_for_it),
		cmocka_unit_test(a_dropped_answer_is_no_byte_and_the_end),
		cmocka_unit_test(a_cut_answer_promises_more_than_it_sends),
		cmocka_unit_test(head_has_the_length_but_no_body),
		cmocka_unit_test(http_1_0_ends_after_the_answer),
		cmocka_unit_test(an_answer_larger_than_the_socket_takes_arrives_whole),
		cmocka_unit_test(an_answer_that_does_not_fit_is_500_without_body),
		cmocka_unit_test(who_expects_100_gets_it_once),
		cmocka_unit_test(a_client_that_closes_leaves_no_connection),
		cmocka_unit_test(stop_ends_the_loop_and_the_answer_is_still_sent),
		cmocka_unit_test(a_listener_over_loopback_knows_both_addresses),
		cmocka_unit_test(connections_end_with_their_listener_but_not_before_their_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
