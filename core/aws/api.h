/* api.h - calls of AWS JSON 1.1 services, signed and answered */
#ifndef AWS_API_H
#define AWS_API_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/creds.h"
#include "base/buf.h"
#include "base/clock.h"
#include "data/url.h"

#define API_ANSWER_MAX (64 * 1024)

struct api_call {
	struct url endpoint;
	struct str region, service;  /* "ec2-instance-connect" */
	const char *target;          /* "AWSEC2InstanceConnectService.SendSSHPublicKey" */
	struct str body;
	const struct creds *creds;
	int64_t now;
	struct deadline deadline;
};

/* What came back. Texts stand in storage. */
struct api_answer {
	int status;
	struct str body;
	struct str error, message, request_id; /* error empty: success; names without namespace */
	struct buf storage; /* the caller's, HTTP_HEAD_MAX + API_ANSWER_MAX or more */
	int64_t date;       /* of the Date header, 0 none */
};

/* One attempt. 0: an answer came (look at error); ERR_NET, ERR_FORMAT, ERR_LIMIT with words. */
int api_call(const struct api_call *call, struct api_answer *answer) MUST_CHECK;

#endif
