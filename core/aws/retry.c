/* retry.c - which failures of a call are worth another attempt, and when */
#include "aws/retry.h"

#include <poll.h>
#include <string.h>

#include "base/log.h"
#include "crypto/crypto.h"

static bool is_one_of(const char *code, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(code, *list) == 0)
			return true;
	return false;
}

int retry_open(struct retry *t, const struct config *c)
{
	struct str attempts = config_setting(c, "AWS_MAX_ATTEMPTS", "max_attempts");
	struct str mode = config_setting(c, "AWS_RETRY_MODE", "retry_mode");
	uint64_t n = RETRY_ATTEMPTS;

	*t = (struct retry){ .tokens = RETRY_TOKENS };
	if (mode.n > 0 && str_ieq(mode, STR("legacy")))
		n = 5;
	else if (mode.n > 0 && !str_ieq(mode, STR("standard")) && !str_ieq(mode, STR("adaptive")))
		return err(ERR_USAGE, "AWS_RETRY_MODE '%.*s': not standard, adaptive or legacy",
			STR_ARG(mode));
	if (attempts.n > 0 && (!str_u64(attempts, RETRY_ATTEMPTS_MAX, &n) || n == 0))
		return err(ERR_USAGE, "AWS_MAX_ATTEMPTS '%.*s': not a number from 1 to %d",
			STR_ARG(attempts), RETRY_ATTEMPTS_MAX);
	t->attempts = (unsigned)n;
	return 0;
}

enum retry_why retry_why(const struct api_answer *answer, int r)
{
	static const char *const throttled[] = { "Throttling", "ThrottlingException",
		"ThrottledException", "RequestThrottledException", "TooManyRequestsException",
		"ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
		"RequestThrottled", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException",
		NULL };
	static const char *const transient[] = { "RequestTimeout", "RequestTimeoutException",
		"InternalFailure", "InternalError", "ServiceException", "ServiceUnavailable",
		"IDPCommunicationError", "SerialConsoleSessionUnavailableException", NULL };

	if (r == ERR_NET)
		return str_find(str_of(err_text()), "timed out", NULL) ? RETRY_TIMEOUT
								       : RETRY_TRANSIENT;
	if (r < 0 || !answer->error[0])
		return RETRY_NOT;
	if (is_one_of(answer->error, throttled))
		return RETRY_THROTTLED;
	if (strcmp(answer->error, "EC2InstanceUnavailableException") == 0)
		return RETRY_BOOTING;
	if (answer->status == 500 || (answer->status >= 502 && answer->status <= 504) ||
		is_one_of(answer->error, transient))
		return RETRY_TRANSIENT;
	return RETRY_NOT;
}

bool retry_is_skew(const struct api_answer *answer, int64_t now)
{
	static const char *const codes[] = { "InvalidSignatureException", "SignatureDoesNotMatch",
		"AuthFailure", "RequestTimeTooSkewed", "AccessDeniedException", "RequestExpired",
		"RequestInTheFuture", NULL };
	int64_t off = answer->date - now;

	return answer->date != 0 && (off > RETRY_SKEW_MIN || off < -RETRY_SKEW_MIN) &&
		is_one_of(answer->error, codes);
}

int64_t retry_pause(struct retry *t, unsigned attempt, enum retry_why why,
	const struct api_answer *answer, unsigned random)
{
	int cost = why == RETRY_TIMEOUT ? RETRY_COST_TIMEOUT : RETRY_COST;
	int64_t most = (int64_t)1000 << (attempt < 6 ? attempt - 1 : 5);

	if (why == RETRY_NOT || attempt >= t->attempts || t->tokens < cost)
		return -1;
	t->tokens -= cost;
	if (answer->retry_ms >= 0 && answer->retry_ms <= RETRY_PAUSE_MAX_MS)
		return answer->retry_ms;
	if (most > RETRY_PAUSE_MAX_MS)
		most = RETRY_PAUSE_MAX_MS;
	/* an instance that boots needs more than a moment */
	return why == RETRY_BOOTING ? most : most * random / 1000;
}

static unsigned dice(void)
{
	uint16_t n;

	crypto_random(&n, sizeof(n));
	return n % 1001u;
}

/* Waits; false when the deadline comes first. */
static bool wait_ms(int64_t ms, struct deadline d)
{
	int left = deadline_left(d);

	if (left >= 0 && left <= ms)
		return false;
	(void)poll(NULL, 0, (int)ms);
	return true;
}

static int once(struct retry *t, struct client *client, struct api_call *call, int64_t started,
	int64_t now, struct api_answer *answer, struct buf *storage)
{
	int r = 0;

	call->now = now + (clock_mono_ms() - started) / 1000 + t->skew;
	if (call->prove)
		r = call->prove(call->owner, call);
	if (r == 0)
		r = api_call(client, call, answer, storage);
	if (r == 0 && answer->error[0])
		log_debug("attempt %u: %s", call->attempt, answer->error);
	else if (r < 0)
		log_debug("attempt %u: %s", call->attempt, err_text());
	return r;
}

int retry_call(struct retry *t, struct client *client, const struct api_call *call,
	struct api_answer *answer, struct buf *storage, unsigned *used)
{
	struct api_call mine = *call;
	int64_t started = clock_mono_ms(), pause;
	bool corrected = false;
	int r;

	mine.attempt = 1;
	mine.attempts = t->attempts;
	for (;; mine.attempt++) {
		enum retry_why why;

		r = once(t, client, &mine, started, call->now, answer, storage);
		if (r == 0 && !corrected && retry_is_skew(answer, mine.now)) {
			corrected = true;
			t->skew += answer->date - mine.now;
			log_debug("AWS's clock is %lld s ahead: once more with its time",
				(long long)t->skew);
			continue;
		}
		why = retry_why(answer, r);
		t->throttled += why == RETRY_THROTTLED;
		pause = retry_pause(t, mine.attempt, why, answer, dice());
		if (pause < 0 || !wait_ms(pause, call->deadline))
			break;
	}
	if (r == 0 && !answer->error[0] && mine.attempt > 1 && t->tokens < RETRY_TOKENS)
		t->tokens += RETRY_COST;
	if (used)
		*used = mine.attempt;
	return r;
}
