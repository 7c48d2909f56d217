/* api.h - calls of AWS services, signed and answered */
#ifndef AWS_API_H
#define AWS_API_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/creds.h"
#include "base/buf.h"
#include "base/clock.h"
#include "data/url.h"
#include "net/client.h"

#define API_ANSWER_MAX (64 * 1024)
#define API_STORAGE (HTTP_HEAD_MAX + API_ANSWER_MAX)

struct api_call {
	struct url endpoint;
	const char *method;       /* NULL: POST */
	const char *content_type; /* NULL: AWS JSON 1.1 */
	const char *target;       /* "AWSEC2InstanceConnectService.SendSSHPublicKey"; NULL: none */
	struct http_header extra; /* one more header, not signed; without name: none */
	/* Makes extra anew for an attempt at call->now; NULL: it stays as it is. */
	int (*prove)(void *owner, struct api_call *call);
	void *owner;
	struct str body;
	const struct creds *creds;  /* NULL: not signed */
	struct str region, service; /* as they are signed: "ec2-instance-connect" */
	const char *user_agent;
	unsigned attempt, attempts; /* told to AWS when not 0 */
	int64_t now;                /* as it is signed */
	struct deadline deadline;
};

/* What came back. body borrows from the storage. */
struct api_answer {
	int status;
	struct str body;
	char error[96]; /* "": success; AWS's code without namespace, or "HTTP 502" where there was
			   none */
	char message[512]; /* of an error never ""; control characters are '?' */
	char request_id[96];
	int64_t date;     /* of the Date header; 0: none */
	int64_t retry_ms; /* of the X-Amz-Retry-After header; -1: none */
};

/* One attempt. storage (API_STORAGE) is overwritten. 0: an answer came (look at error); ERR_NET,
 * ERR_FORMAT, ERR_LIMIT, ERR_DENIED (TLS) with words. */
int api_call(struct client *client, const struct api_call *call, struct api_answer *answer,
	struct buf *storage) MUST_CHECK;

/* Appends the request as api_call would send it, with signature and session token masked. */
int api_describe(const struct api_call *call, struct buf *out) MUST_CHECK;

#endif
