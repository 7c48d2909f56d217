/* output.h - a trusted key as a line of authorized_keys */
#ifndef AUTHKEYS_OUTPUT_H
#define AUTHKEYS_OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "crypto/sshkey.h"
#include "eic/keyblob.h"

/* What stands in front of each key. */
struct output_options {
	const char *restrict_to; /* option words of sshd, from the allow-list; or NULL */
	bool caller_env;         /* environment="EIC_CALLER=ARN" */
	bool expiry;             /* expiry-time="…Z" */
};

/* ERR_USAGE with words unless words is a list, separated by commas, from the allow-list. */
int output_check_restrict(const char *words) MUST_CHECK;

/* "options type base64" and LF, made anew from the parsed key: nothing that anybody wrote behind it
 * gets through. */
void output_add(struct buf *out, const struct output_options *o, const struct keyblob *block,
	const struct sshkey *key);

#endif
