/* retry_test.c - what is worth another attempt, how long to wait for it, and when the bucket is
 * empty */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/retry.h"

static struct api_answer refusal(int status, const char *code)
{
	struct api_answer a = { .status = status, .retry_ms = -1 };

	(void)str_copy(a.error, sizeof(a.error), str_of(code));
	return a;
}

static enum retry_why why(int status, const char *code)
{
	struct api_answer a = refusal(status, code);

	return retry_why(&a, 0);
}

static void refusals_are_told_apart_by_their_code(void **state)
{
	(void)state;
	assert_int_equal(why(400, "ThrottlingException"), RETRY_THROTTLED);
	assert_int_equal(why(429, "TooManyRequestsException"), RETRY_THROTTLED);
	assert_int_equal(why(429, "Whatever"), RETRY_NOT);
	assert_int_equal(why(400, "EC2InstanceUnavailableException"), RETRY_BOOTING);
	assert_int_equal(why(503, "EC2InstanceUnavailableException"), RETRY_BOOTING);
	assert_int_equal(why(400, "ServiceException"), RETRY_TRANSIENT);
	assert_int_equal(why(502, "HTTP 502"), RETRY_TRANSIENT);
	assert_int_equal(why(501, "HTTP 501"), RETRY_NOT);
	assert_int_equal(why(400, "AccessDeniedException"), RETRY_NOT);
	assert_int_equal(why(404, "EC2InstanceNotFoundException"), RETRY_NOT);
	assert_int_equal(why(400, "RequestTimeout"), RETRY_TRANSIENT);
	assert_int_equal(why(200, ""), RETRY_NOT);
}

static void failures_on_the_way_are_worth_it(void **state)
{
	struct api_answer none = refusal(0, "");

	(void)state;
	assert_int_equal(retry_why(&none, err(ERR_NET, "x: connection refused")), RETRY_TRANSIENT);
	assert_int_equal(retry_why(&none, err(ERR_NET, "x: timed out")), RETRY_TIMEOUT);
	assert_int_equal(retry_why(&none, err(ERR_DENIED, "TLS: another name")), RETRY_NOT);
	assert_int_equal(retry_why(&none, err(ERR_FORMAT, "not HTTP")), RETRY_NOT);
	assert_int_equal(retry_why(&none, err(ERR_LIMIT, "too large")), RETRY_NOT);
}

static void pauses_grow_up_to_a_limit(void **state)
{
	struct retry t = { .attempts = 20, .tokens = 10000 };
	struct api_answer a = refusal(400, "ThrottlingException");

	(void)state;
	assert_int_equal(retry_pause(&t, 1, RETRY_THROTTLED, &a, 1000), 1000);
	assert_int_equal(retry_pause(&t, 2, RETRY_THROTTLED, &a, 1000), 2000);
	assert_int_equal(retry_pause(&t, 3, RETRY_THROTTLED, &a, 500), 2000);
	assert_int_equal(retry_pause(&t, 3, RETRY_THROTTLED, &a, 0), 0);
	assert_int_equal(retry_pause(&t, 19, RETRY_THROTTLED, &a, 1000), RETRY_PAUSE_MAX_MS);
	assert_int_equal(retry_pause(&t, 2, RETRY_BOOTING, &a, 0), 2000);
	a.retry_ms = 1234;
	assert_int_equal(retry_pause(&t, 1, RETRY_THROTTLED, &a, 1000), 1234);
	a.retry_ms = INT32_MAX;
	assert_int_equal(retry_pause(&t, 1, RETRY_THROTTLED, &a, 1000), 1000);
}

static void the_last_attempt_is_the_last(void **state)
{
	struct retry t = { .attempts = 3, .tokens = RETRY_TOKENS };
	struct api_answer a = refusal(500, "ServiceException");

	(void)state;
	assert_true(retry_pause(&t, 2, RETRY_TRANSIENT, &a, 0) >= 0);
	assert_int_equal(retry_pause(&t, 3, RETRY_TRANSIENT, &a, 0), -1);
	assert_int_equal(retry_pause(&t, 1, RETRY_NOT, &a, 0), -1);
}

static void an_empty_bucket_ends_it(void **state)
{
	struct retry t = { .attempts = 3, .tokens = RETRY_TOKENS };
	struct api_answer a = refusal(500, "ServiceException");
	int n = 0;

	(void)state;
	while (retry_pause(&t, 1, RETRY_TRANSIENT, &a, 0) >= 0)
		n++;
	assert_int_equal(n, RETRY_TOKENS / RETRY_COST);
	t.tokens = RETRY_COST_TIMEOUT - 1;
	assert_int_equal(retry_pause(&t, 1, RETRY_TIMEOUT, &a, 0), -1);
	assert_int_equal(t.tokens, RETRY_COST_TIMEOUT - 1);
}

static void only_a_clock_that_is_off_explains_a_refusal(void **state)
{
	static const int64_t now = 1700000000;
	struct api_answer a = refusal(403, "InvalidSignatureException");

	(void)state;
	a.date = now + RETRY_SKEW_MIN + 1;
	assert_true(retry_is_skew(&a, now));
	a.date = now - RETRY_SKEW_MIN - 1;
	assert_true(retry_is_skew(&a, now));
	a.date = now + RETRY_SKEW_MIN;
	assert_false(retry_is_skew(&a, now));
	a.date = 0;
	assert_false(retry_is_skew(&a, now));
	a = refusal(400, "InvalidArgsException");
	a.date = now + 3600;
	assert_false(retry_is_skew(&a, now));
}

static const char *attempts, *mode;

static const char *env(const char *name)
{
	if (strcmp(name, "AWS_MAX_ATTEMPTS") == 0)
		return attempts;
	return strcmp(name, "AWS_RETRY_MODE") == 0 ? mode : NULL;
}

static void settings_are_read_or_refused(void **state)
{
	static const struct {
		const char *attempts, *mode;
		int r;
		unsigned n;
	} table[] = {
		{ NULL, NULL, 0, 3 },
		{ "7", NULL, 0, 7 },
		{ NULL, "legacy", 0, 5 },
		{ "2", "legacy", 0, 2 },
		{ NULL, "Adaptive", 0, 3 },
		{ "0", NULL, ERR_USAGE, 0 },
		{ "-1", NULL, ERR_USAGE, 0 },
		{ "many", NULL, ERR_USAGE, 0 },
		{ "1000", NULL, ERR_USAGE, 0 },
		{ NULL, "always", ERR_USAGE, 0 },
	};
	struct config c = { .env = env, .profile = "default" };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct retry t;

		attempts = table[i].attempts;
		mode = table[i].mode;
		assert_int_equal(retry_open(&t, &c), table[i].r);
		if (table[i].r == 0)
			assert_int_equal(t.attempts, table[i].n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_are_told_apart_by_their_code),
		cmocka_unit_test(failures_on_the_way_are_worth_it),
		cmocka_unit_test(pauses_grow_up_to_a_limit),
		cmocka_unit_test(the_last_attempt_is_the_last),
		cmocka_unit_test(an_empty_bucket_ends_it),
		cmocka_unit_test(only_a_clock_that_is_off_explains_a_refusal),
		cmocka_unit_test(settings_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
