/* creds.h - whose keys sign a request: the chain of providers */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include <stdint.h>

#include "aws/config.h"
#include "base/buf.h"
#include "base/str.h"

#define CREDS_STORAGE 16384

/* Filled by creds_find; the texts stand in storage and live as long. */
struct creds {
	struct str id, secret, token; /* token may be empty */
	struct buf source; /* for words: "environment", "profile dev (credential_process)" */
	int64_t expires;   /* 0: never, or not known */
	char source_storage[256];
	char storage[CREDS_STORAGE];
};

/* The first provider that has keys, in the AWS CLI's order; one that is set up but fails ends the
 * search. With an explicit profile the environment's keys are not used. ERR_ABSENT with what was
 * looked for and where; ERR_USAGE for half a pair. */
int creds_find(struct creds *c, const struct config *config) MUST_CHECK;
void creds_close(struct creds *c); /* wipes */

/* For providers: replaces what c holds. ERR_LIMIT when it does not fit, ERR_FORMAT when id or
 * secret is empty or holds other than visible ASCII. */
int creds_set(struct creds *c, struct str id, struct str secret, struct str token) MUST_CHECK;

#endif
