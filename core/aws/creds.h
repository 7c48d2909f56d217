/* creds.h - whose keys sign a request: the environment and the shared files */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include "base/buf.h"
#include "base/str.h"

/* Filled by creds_find; the texts stand in storage and live as long. Wipe storage (buf_wipe) after the last use. */
struct creds {
	struct str id, secret, token; /* token may be empty */
	const char *source;           /* for words: "environment", "profile default" */
	char storage[8192];
};

/* env is getenv(3) or a test's own. profile NULL: AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". With an explicit profile the environment's keys are
 * not used. ERR_ABSENT with what was looked for and where; ERR_USAGE for half a pair or a profile that does not exist. */
struct creds_question {
	const char *(*env)(const char *name);
	const char *profile;
};
int creds_find(struct creds *c, const struct creds_question *q) MUST_CHECK;
void creds_close(struct creds *c);

#endif
