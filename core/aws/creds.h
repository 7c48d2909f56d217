/* creds.h - whose keys sign a request: the chain of providers */
#ifndef AWS_CREDS_H
#define AWS_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/config.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#define CREDS_STORAGE 16384
#define CREDS_TOKEN_MAX 12288

/* Filled by creds_find; the texts stand in storage and live as long. */
struct creds {
	struct str id, secret, token; /* token may be empty */
	struct buf source; /* for words: "environment", "profile dev (credential_process)" */
	int64_t expires;   /* 0: never, or not known */
	char source_storage[256];
	char storage[CREDS_STORAGE];
};

/* What providers need. */
struct client;
struct retry;
struct creds_world {
	const struct config *config;
	struct client *client; /* to AWS */
	struct retry *retry;
	struct str region; /* of STS */
	const char *user_agent;
	int64_t now;
	int64_t patience_ms;  /* with one call and its retries; 0: without end */
	char *const *environ; /* for credential_process */
	/* Asks a person for a code; NULL: there is nobody. */
	int (*ask)(struct buf *answer, const char *question);
	struct buf storage; /* API_STORAGE, overwritten by each call */
	struct buf work;    /* CREDS_WORK, the same */
};
#define CREDS_WORK (64 * 1024)

/* The first provider that has keys, in the AWS CLI's order:
 *	environment, assumed role, web identity, SSO, credentials file, login session,
 *credential_process, config file, container, instance role One that is set up but fails ends the
 *search. With an explicit profile the environment's keys are not used. ERR_ABSENT with what was
 *looked for and where; ERR_USAGE for settings that cannot work. */
int creds_find(struct creds *c, struct creds_world *w) MUST_CHECK;
void creds_close(struct creds *c); /* wipes */

/* Appends the region that this instance is in; ERR_ABSENT where it is none. */
int creds_region(struct creds_world *w, struct buf *region) MUST_CHECK;

/* For providers: replaces what c holds. ERR_LIMIT when it does not fit, ERR_FORMAT when id or
 * secret is empty or one of the three holds other than visible ASCII. */
int creds_set(struct creds *c, struct str id, struct str secret, struct str token) MUST_CHECK;

#endif
