/* imds_test.c - the request plan against metadata services of all tempers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aws/imds.h"
#include "scripted.h"

#define OK(body) "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" body
#define KEEP(body, n) "HTTP/1.1 200 OK\r\nContent-Length: " n "\r\n\r\n" body
#define CHUNKED(c) "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n" c "\r\n0\r\n\r\n"
#define STATUS(s) "HTTP/1.1 " s "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define TOKEN OK("AQAEAtoken==")

static struct imds m;
static struct script s;
static char body_storage[64];
static struct buf body;

static bool takes_its_time;

static void open_at(int64_t ms)
{
	BUF(base, 64);

	buf_puts(&base, "http://");
	sock_add_text(&base, &s.address);
	body = buf_of(body_storage, sizeof(body_storage));
	assert_int_equal(imds_open(&m, buf_view(&base), false, deadline_in(ms)), 0);
	m.rounds = takes_its_time ? 0 : 1000; /* as if it had answered so many times at once */
}

static int get_in(const char *const *answers, size_t n, int64_t ms)
{
	int r;

	s = (struct script){ .answers = answers, .n = n };
	script_start(&s);
	open_at(ms);
	r = imds_get(&m, "meta-data/x", &body);
	imds_close(&m);
	script_stop(&s);
	return r;
}

static int get(const char *const *answers, size_t n)
{
	return get_in(answers, n, 20000);
}

#define GET(...) \
	get((const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void only_a_near_literal_address_is_asked(void **state)
{
	static const char *const bad[] = {
		"http://localhost",
		"https://127.0.0.1",
		"http://10.0.0.1",
		"http://[2001:db8::1]",
		"127.0.0.1",
		"http://127.0.0.1/latest",
		"http://127.0.0.1/?x",
		"http://user@127.0.0.1",
		"http://127.0.0.1:0x50",
		"http://127.0.0.1:0",
		"http://127.0.0.1:",
		"http://127.0.0.1:80:80",
		"http://1338",
		"http://[127.0.0.1]",
		"http://[::1",
		"http://::1",
		"http://[::1]80",
		"http://127.0.0.1//",
		"",
	};
	static const char *const good[] = {
		"http://169.254.169.254",
		"http://[fd00:ec2::254]",
		"http://127.0.0.1:1338",
		"http://[::1]:80/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (imds_open(&m, str_of(bad[i]), false, deadline_in(1)) != ERR_USAGE)
			fail_msg("taken: %s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(imds_open(&m, str_of(good[i]), false, deadline_in(1)), 0);
	assert_int_equal(imds_open(&m, STR("http://10.0.0.1"), true, deadline_in(1)), 0);
}

static void a_value_costs_two_requests(void **state)
{
	(void)state;
	assert_int_equal(GET(TOKEN, OK("hello")), 0);
	assert_string_equal(buf_text(&body), "hello");
	assert_int_equal(m.requests, 2);
	assert_int_equal(m.connections, 2);
}

static void a_kept_connection_is_used_again(void **state)
{
	(void)state;
	assert_int_equal(GET(KEEP("token", "5") "\1" KEEP("hello", "5")), 0);
	assert_string_equal(buf_text(&body), "hello");
	assert_int_equal(m.connections, 1);
}

static void a_kept_connection_that_ended_is_no_failure(void **state)
{
	(void)state;
	assert_int_equal(GET(KEEP("token", "5"), OK("hello")), 0);
	assert_string_equal(buf_text(&body), "hello");
	assert_int_equal(m.connections, 2);
}

static void refusals_have_their_own_results(void **state)
{
	(void)state;
	assert_int_equal(GET(TOKEN, STATUS("404 Not Found")), ERR_ABSENT);
	assert_int_equal(GET(TOKEN, STATUS("403 Forbidden")), ERR_DENIED);
	assert_int_equal(GET(TOKEN, STATUS("500 Oops")), ERR_NET);
	assert_int_equal(GET(STATUS("403 Forbidden")), ERR_DENIED);
	assert_int_equal(GET(STATUS("404 Not Found")), ERR_DENIED);
	assert_int_equal(GET(STATUS("405 Not Allowed")), ERR_NET);
}

static void a_page_behind_a_404_is_not_the_value(void **state)
{
	(void)state;
	assert_int_equal(GET(TOKEN,
				 "HTTP/1.0 404 Not Found\r\n\r\n<html>a page that is longer than "
				 "the value could "
				 "ever be, and not of interest to anybody who asked</html>"),
		ERR_ABSENT);
	assert_int_equal(body.len, 0);
}

static void a_redirect_is_not_followed(void **state)
{
	(void)state;
	assert_int_equal(GET(TOKEN,
				 "HTTP/1.1 302 Found\r\nLocation: "
				 "http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n",
				 OK("no")),
		ERR_NET);
	assert_int_equal(m.requests, 2);
}

static void a_token_with_odd_bytes_is_not_used(void **state)
{
	(void)state;
	assert_int_equal(GET(OK("a\r\nX: y"), OK("no")), ERR_FORMAT);
	assert_int_equal(GET(OK("a b"), OK("no")), ERR_FORMAT);
	assert_int_equal(GET(OK("\x7f"), OK("no")), ERR_FORMAT);
	assert_int_equal(GET(OK(""), OK("no")), ERR_FORMAT);
	assert_int_equal(m.requests, 1);
}

static void a_401_gets_one_new_token(void **state)
{
	(void)state;
	assert_int_equal(GET(TOKEN, STATUS("401 Unauthorized"), TOKEN, OK("hello")), 0);
	assert_string_equal(buf_text(&body), "hello");
	assert_int_equal(
		GET(TOKEN, STATUS("401 Unauthorized"), TOKEN, STATUS("401 Unauthorized"), TOKEN),
		ERR_DENIED);
	assert_int_equal(m.requests, 4);
}

static void a_503_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(GET(STATUS("503 Later"), TOKEN, STATUS("503 Later"), STATUS("503 Later"),
				 OK("hello")),
		0);
	assert_string_equal(buf_text(&body), "hello");
}

static void a_503_for_ever_ends_at_the_deadline(void **state)
{
	const char *const answers[] = {
		TOKEN,
		STATUS("503 Later"),
		STATUS("503 Later"),
		STATUS("503 Later"),
		STATUS("503 Later"),
		STATUS("503 Later"),
	};

	(void)state;
	assert_int_equal(get_in(answers, sizeof(answers) / sizeof(answers[0]), 200), ERR_NET);
}

static void a_refused_connection_is_tried_again(void **state)
{
	(void)state;
	assert_int_equal(get_in(NULL, 0, 200), ERR_NET);
	assert_true(m.connections > 1);
}

/* Until the deadline of 300 seconds there would be hundreds of tries. */
static void a_service_that_is_switched_off_is_given_up_soon(void **state)
{
	(void)state;
	assert_int_equal(get_in(NULL, 0, 300000), ERR_NET);
	assert_true(m.connections > 1 && m.connections < 20);
	assert_non_null(strstr(err_text(), "refuses connections"));
}

static void connections_that_end_without_a_byte_are_tried_again(void **state)
{
	(void)state;
	assert_int_equal(GET("", TOKEN, "", OK("hello")), 0);
	assert_int_equal(GET(TOKEN, "", "", "", "", "", OK("too late")), ERR_NET);
	assert_int_equal(body.len, 0);
}

static void a_broken_answer_is_final(void **state)
{
	(void)state;
	assert_int_equal(
		GET(TOKEN, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", OK("no")), ERR_NET);
	assert_int_equal(body.len, 0);
	assert_int_equal(GET(TOKEN, "nonsense\r\n\r\n", OK("no")), ERR_FORMAT);
	assert_int_equal(GET(TOKEN,
				 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: "
				 "chunked\r\n\r\nx"),
		ERR_FORMAT);
	assert_int_equal(GET(TOKEN, "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n"), ERR_LIMIT);
	assert_int_equal(
		GET(TOKEN, OK("0123456789012345678901234567890123456789012345678901234567890123")),
		ERR_LIMIT);
	assert_int_equal(body.len, 0);
}

static void old_and_chunked_answers_are_read(void **state)
{
	(void)state;
	assert_int_equal(GET("HTTP/1.0 200 OK\r\n\r\ntoken", "HTTP/1.0 200 OK\r\n\r\nhello"), 0);
	assert_string_equal(buf_text(&body), "hello");
	assert_int_equal(GET(TOKEN,
				 "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
				 "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
		0);
	assert_string_equal(buf_text(&body), "hello");
}

static void the_deadline_holds_against_every_delay(void **state)
{
	const char *const silent[] = { TOKEN, SCRIPT_HOLD }, *const mute[] = { SCRIPT_HOLD };

	(void)state;
	assert_int_equal(get_in(mute, 1, 100), ERR_NET);
	assert_int_equal(get_in(silent, 2, 100), ERR_NET);
	assert_non_null(strstr(err_text(), "no answer in time"));
}

static void the_deadline_holds_against_endless_interim_answers(void **state)
{
	static char text[65536];
	struct buf b = buf_of(text, sizeof(text));
	const char *const answers[] = { text };

	(void)state;
	while (buf_room(&b) > 32)
		buf_puts(&b, "HTTP/1.1 103 x\r\n\r\n");
	s = (struct script){ .answers = answers, .n = 1, .drip = true };
	script_start(&s);
	open_at(100);
	assert_int_equal(imds_get(&m, "x", &body), ERR_NET);
	imds_close(&m);
	script_stop(&s);
}

/* Asks for n values at once and puts their bodies one behind the other. */
static int get_many(const char *const *answers, size_t n_answers, size_t n, struct buf *all)
{
	static char storage[IMDS_ITEMS_MAX][32];
	struct buf bodies[IMDS_ITEMS_MAX];
	struct imds_item items[IMDS_ITEMS_MAX];
	int r;

	for (size_t i = 0; i < n; i++) {
		bodies[i] = buf_of(storage[i], sizeof(storage[i]));
		items[i] = (struct imds_item){ .path = "x", .body = &bodies[i], .result = 99 };
	}
	s = (struct script){ .answers = answers, .n = n_answers };
	script_start(&s);
	open_at(20000);
	r = imds_get_all(&m, items, n);
	imds_close(&m);
	script_stop(&s);
	for (size_t i = 0; i < n; i++)
		buf_addf(all, "%d%s ", items[i].result, buf_text(&bodies[i]));
	return r;
}

static void many_values_run_beside_each_other(void **state)
{
	const char *answers[22];
	BUF(all, 512);

	(void)state;
	answers[0] = TOKEN;
	for (int i = 1; i < 22; i++)
		answers[i] = OK("v");
	assert_int_equal(get_many(answers, 22, 21, &all), 0);
	assert_string_equal(
		buf_text(&all), "0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v 0v ");
	assert_int_equal(m.requests, 22);
}

static void many_values_come_over_a_kept_connection(void **state)
{
	const char *const answers[] = { KEEP("token", "5") "\1" KEEP("a", "1") KEEP(
		"bb", "2") "HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nxxx" KEEP("d", "1") };
	BUF(all, 512);

	(void)state;
	assert_int_equal(get_many(answers, 1, 4, &all), 0);
	assert_string_equal(buf_text(&all), "0a 0bb -7 0d ");
	assert_int_equal(m.connections, 1);
	assert_int_equal(m.requests, 5);
}

static void chunked_values_over_a_kept_connection_stay_apart(void **state)
{
	const char *const answers[] = {
		KEEP("token", "5") "\1" CHUNKED("a") CHUNKED("b") KEEP("c", "1"), OK("d"), OK("d")
	};
	BUF(all, 512);

	(void)state;
	assert_int_equal(get_many(answers, 3, 3, &all), 0);
	assert_string_equal(buf_text(&all), "0a 0d 0d ");
}

static void many_values_of_a_slow_service_do_not_queue(void **state)
{
	const char *const answers[] = { KEEP("token", "5"), OK("x"), OK("x"), OK("x") };
	BUF(all, 512);

	(void)state;
	takes_its_time = true;
	assert_int_equal(get_many(answers, 4, 3, &all), 0);
	takes_its_time = false;
	assert_string_equal(buf_text(&all), "0x 0x 0x ");
	assert_int_equal(m.connections, 4);
}

static void a_service_that_stops_keeping_is_asked_elsewhere(void **state)
{
	const char *const answers[] = { KEEP("token", "5") "\1" KEEP("a", "1"), OK("x"), OK("x") };
	BUF(all, 512);

	(void)state;
	assert_int_equal(get_many(answers, 3, 3, &all), 0);
	assert_string_equal(buf_text(&all), "0a 0x 0x ");
}

static void one_bad_answer_does_not_spoil_the_others(void **state)
{
	const char *const answers[] = { TOKEN, OK("v"), STATUS("503 Later"), OK("w"), OK("w") };
	BUF(all, 512);

	(void)state;
	assert_int_equal(get_many(answers, 5, 3, &all), 0);
	assert_int_equal(all.len, 9);
	assert_null(strstr(buf_text(&all), "-"));
}

static void a_token_that_dies_on_the_way_is_renewed_for_all(void **state)
{
	const char *const answers[] = {
		TOKEN,
		STATUS("401 No"),
		STATUS("401 No"),
		STATUS("401 No"),
		TOKEN,
		OK("v"),
		OK("v"),
		OK("v"),
	};
	BUF(all, 512);

	(void)state;
	assert_int_equal(get_many(answers, 8, 3, &all), 0);
	assert_string_equal(buf_text(&all), "0v 0v 0v ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_near_literal_address_is_asked),
		cmocka_unit_test(a_value_costs_two_requests),
		cmocka_unit_test(a_kept_connection_is_used_again),
		cmocka_unit_test(a_kept_connection_that_ended_is_no_failure),
		cmocka_unit_test(refusals_have_their_own_results),
		cmocka_unit_test(a_page_behind_a_404_is_not_the_value),
		cmocka_unit_test(a_redirect_is_not_followed),
		cmocka_unit_test(a_token_with_odd_bytes_is_not_used),
		cmocka_unit_test(a_401_gets_one_new_token),
		cmocka_unit_test(a_503_is_tried_again),
		cmocka_unit_test(a_503_for_ever_ends_at_the_deadline),
		cmocka_unit_test(a_refused_connection_is_tried_again),
		cmocka_unit_test(a_service_that_is_switched_off_is_given_up_soon),
		cmocka_unit_test(connections_that_end_without_a_byte_are_tried_again),
		cmocka_unit_test(a_broken_answer_is_final),
		cmocka_unit_test(old_and_chunked_answers_are_read),
		cmocka_unit_test(the_deadline_holds_against_every_delay),
		cmocka_unit_test(the_deadline_holds_against_endless_interim_answers),
		cmocka_unit_test(many_values_run_beside_each_other),
		cmocka_unit_test(many_values_come_over_a_kept_connection),
		cmocka_unit_test(chunked_values_over_a_kept_connection_stay_apart),
		cmocka_unit_test(many_values_of_a_slow_service_do_not_queue),
		cmocka_unit_test(a_service_that_stops_keeping_is_asked_elsewhere),
		cmocka_unit_test(one_bad_answer_does_not_spoil_the_others),
		cmocka_unit_test(a_token_that_dies_on_the_way_is_renewed_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
