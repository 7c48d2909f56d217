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

#define PUSH_NAME "push"
#define PUSH_BODY_MAX 8192
#define PUSH_SERVICE "ec2-instance-connect"
#define PUSH_INSTANCES_MAX 10000
#define PUSH_ID_MAX 33 /* of an instance, with NUL */
#define PUSH_JOBS_MAX 64

/* As on the command line, or in --cli-input-json. */
struct push_options {
	struct opt_list instances;
	const char *instances_file, *jobs;
	const char *user, *key, *zone, *region, *profile, *endpoint, *output, *input;
	const char *serial_port, *connect_timeout, *read_timeout;
	const char *ca_bundle, *color, *binary_format;
	bool serial, no_verify, dry_run, debug, version, ignored;
};

/* Everything a push needs, made once and then only read; except client, retry and storage. */
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
	char (*instances)[PUSH_ID_MAX];
	size_t n_instances;
	long jobs;
	bool text_output;
	bool send_zone;
};

/* --- input.c --- */

#define PUSH_FILE_SCHEME "file://"
/* Appends what the file of "file://PATH" or "PATH" holds. ~ and $VARIABLES in it are filled in, as
 * the AWS CLI does: in the middle of a word no shell has done it. */
int push_read_file(struct buf *text, const struct config *c, const char *given) MUST_CHECK;
/* Fills the options that are not given from the JSON of --cli-input-json, a text or file://PATH. */
int push_input(struct push_options *o, const struct config *c) MUST_CHECK;
/* The instances of --instance-id and --instances, each once; all are checked. ERR_USAGE names the
 * bad one. */
int push_instances(struct push *p) MUST_CHECK;

/* --- key.c --- */

/* Nothing was given: "" or file:// alone. */
bool push_key_empty(const char *given);
/* The public key that --ssh-public-key means: a text, a path, or file://path. Read, checked and
 * written again without its comment. ERR_USAGE with words: also for a private key and for types
 * that EC2 Instance Connect does not take. */
int push_key(struct buf *line, const struct config *c, const char *given) MUST_CHECK;

/* --- ask.c --- */

/* Asks on the terminal for a code, which is not shown. ERR_ABSENT without a terminal. */
int push_ask(struct buf *answer, const char *question) MUST_CHECK;

/* --- send.c --- */

const char *push_operation(const struct push *p); /* "SendSSHPublicKey" */

/* One instance, with retries. 0: answer->error tells whether AWS refused. */
int push_send(struct push *p, struct str instance, struct api_answer *answer) MUST_CHECK;
/* The request that would be sent, its secrets masked. */
int push_dry_run(const struct push *p, struct str instance, struct buf *out) MUST_CHECK;

/* What AWS's answer says. ERR_FORMAT when it is no answer of this service. */
struct push_result {
	bool success;
	char id[128];
};
int push_read(struct push_result *result, const struct api_answer *answer) MUST_CHECK;
/* Words for an answer without success. ERR_DENIED. */
int push_failed(const struct push_result *result);
/* As the AWS CLI prints it. */
void push_show(const struct push *p, const struct push_result *result, struct buf *out);

/* --- words.c --- */

/* Says AWS's own words on stderr, then what to do where that can be said. The exit status. */
int push_refuse(const struct push *p, struct str instance, const struct api_answer *answer);

/* --- many.c --- */

/* All instances, several at once, one line each as it comes; the exit status. */
int push_many(struct push *p);

#endif
