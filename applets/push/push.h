/* push.h - what the parts of push share */
#ifndef APPLETS_PUSH_PUSH_H
#define APPLETS_PUSH_PUSH_H

#include <stdbool.h>

#include "aws/api.h"
#include "aws/config.h"
#include "aws/creds.h"
#include "aws/retry.h"
#include "base/buf.h"
#include "base/opt.h"
#include "crypto/sshkey.h"
#include "net/client.h"

#define PUSH_BODY_MAX 8192
#define PUSH_SERVICE "ec2-instance-connect"

/* As on the command line. */
struct push_options {
	struct opt_list instances;
	const char *user, *key, *zone, *region, *profile, *endpoint, *output;
	const char *serial_port, *connect_timeout, *read_timeout;
	const char *ca_bundle, *ignored_value;
	bool serial, no_verify, debug, version, ignored;
};

/* Everything a push needs, made once and then only read; except the client. */
struct push {
	struct push_options options;
	struct config config;
	struct creds creds;
	struct client client;
	struct retry retry;
	struct url endpoint;
	struct str region;
	struct buf key;     /* the public key's line, as it is sent */
	struct buf storage; /* of answers */
	bool text_output;
	bool send_zone;
};

/* The public key that --ssh-public-key means: a text, a path, or file://path. Read, checked and
 * written again without its comment. ERR_DENIED for a private key and for types that EC2 Instance
 * Connect does not take. */
int push_key(struct buf *line, const char *given) MUST_CHECK;

/* Asks on the terminal for a code, which is not shown. ERR_ABSENT without a terminal. */
int push_ask(struct buf *answer, const char *question) MUST_CHECK;

const char *push_operation(const struct push *p); /* "SendSSHPublicKey" */

/* The JSON object of the request for one instance. */
int push_body(const struct push *p, struct str instance, struct buf *out) MUST_CHECK;

/* What came back, as the AWS CLI prints it; ERR_FORMAT when it is no answer of this service. */
int push_show(const struct push *p, const struct api_answer *answer, struct buf *out) MUST_CHECK;

#endif
