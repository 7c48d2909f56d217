/* api.h - calls of AWS JSON 1.1 services, signed and answered */
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
	struct str region, service; /* as they are signed: "ec2-instance-connect" */
	const char *target;         /* "AWSEC2InstanceConnectService.SendSSHPublicKey" */
	struct str body;
	const struct creds *creds;
	const char *user_agent;
	int64_t now; /* as it is signed */
	struct deadline deadline;
};

/* What came back. body borrows from the storage. */
struct api_answer {
	int status;
	struct str body;
	char error[96]; /* "": success; AWS's code without namespace, or "HTTP 502" where there was
			   none */
	char message[512]; /* control characters are '?' */
	char request_id[96];
	int64_t date; /* of the Date header; 0: none */
};

/* One attempt. storage (API_STORAGE) is overwritten. 0: an answer came (look at error); ERR_NET,
 * ERR_FORMAT, ERR_LIMIT, ERR_DENIED (TLS) with words. */
int api_call(struct client *client, const struct api_call *call, struct api_answer *answer,
	struct buf *storage) MUST_CHECK;

#endif
