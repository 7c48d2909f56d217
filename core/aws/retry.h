/* retry.h - which failures of a call are worth another attempt, and when ("standard" mode of the
 * AWS SDKs) */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/api.h"
#include "aws/config.h"

#define RETRY_ATTEMPTS 3
#define RETRY_ATTEMPTS_MAX 100
#define RETRY_TOKENS 500 /* of the bucket that all calls of a process share */
#define RETRY_COST 5
#define RETRY_COST_TIMEOUT 10
#define RETRY_PAUSE_MAX_MS 20000
#define RETRY_SKEW_MIN 240 /* seconds that clocks may differ without harm */

enum retry_why {
	RETRY_NOT,
	RETRY_TRANSIENT, /* a fault on the way or over there */
	RETRY_TIMEOUT,
	RETRY_THROTTLED, /* too many requests */
	RETRY_BOOTING,   /* EC2InstanceUnavailableException: the SDKs do not try that again, but AWS
			    says to */
};

struct retry {
	unsigned attempts; /* of one call, 1 or more */
	int tokens;
	int64_t skew;       /* seconds that AWS's clock is ahead of ours, as far as is known */
	unsigned throttled; /* answers of that kind so far */
};

/* AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, or the profile's max_attempts and retry_mode. ERR_USAGE. */
int retry_open(struct retry *t, const struct config *c) MUST_CHECK;

/* What api_call's result r and its answer mean. */
enum retry_why retry_why(const struct api_answer *answer, int r);

/* Is this a refusal that a clock which is off by answer->date - now explains? */
bool retry_is_skew(const struct api_answer *answer, int64_t now);

/* How long to wait before the attempt behind this one (from 1), with random a number from 0 to
 * 1,000; -1: it was the last, or the bucket is empty. Takes from the bucket. */
int64_t retry_pause(struct retry *t, unsigned attempt, enum retry_why why,
	const struct api_answer *answer, unsigned random);

/* api_call, as often as it is worth it, until call->deadline; signed and proven anew each time.
 * Once more with AWS's time when that is the reason. What comes back is of the last attempt; used
 * (may be NULL) gets their number. call->now is the time at the start. */
int retry_call(struct retry *t, struct client *client, const struct api_call *call,
	struct api_answer *answer, struct buf *storage, unsigned *used) MUST_CHECK;

#endif
