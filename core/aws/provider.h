/* provider.h - the links of the chain in creds.c, and what they share
 *
 * A provider returns 1 when c has its keys, 0 when it is not set up, or an error with words, which
 * ends the search. */
#ifndef AWS_PROVIDER_H
#define AWS_PROVIDER_H

#include "aws/api.h"
#include "aws/creds.h"
#include "aws/endpoint.h"
#include "crypto/crypto.h"
#include "data/json.h"

#define PROVIDER_TOKENS 256
#define PROVIDER_TOKEN_MAX 8192 /* of a text in a cache of the AWS CLI */

int provider_env(struct creds *c, struct creds_world *w) MUST_CHECK;
int provider_web_identity(struct creds *c, struct creds_world *w, struct str profile) MUST_CHECK;
int provider_sso(struct creds *c, struct creds_world *w, struct str profile) MUST_CHECK;
int provider_login(struct creds *c, struct creds_world *w, struct str profile) MUST_CHECK;
int provider_process(struct creds *c, struct creds_world *w, struct str profile) MUST_CHECK;
int provider_container(struct creds *c, struct creds_world *w) MUST_CHECK;
int provider_instance(struct creds *c, struct creds_world *w) MUST_CHECK;

/* Replaces the keys in c by those of profile's role, which they are asked for with. */
int provider_assume(struct creds *c, struct creds_world *w, struct str profile) MUST_CHECK;

/* The same from an earlier run, into c. Not having any is no error. */
bool provider_assumed(struct creds *c, struct creds_world *w, struct str profile);

/* Keys that are kept and good for a while, into c; role is for words. arguments are what they were
 * asked for with, in the AWS CLI's own JSON, to the byte. */
bool role_cache_read(struct creds *c, struct creds_world *w, struct str arguments, struct str role);
/* Keeps them, where that is possible. sso_account is empty for a role of STS. */
void role_cache_write(
	const struct creds *c, struct creds_world *w, struct str arguments, struct str sso_account);

/* A key of a profile. */
struct str provider_key(const struct creds_world *w, struct str profile, const char *key);

/* How a JSON object names its parts; token and expires may be NULL. */
struct provider_names {
	const char *id, *secret, *token, *expires;
	bool milliseconds; /* expires is a number of them, not a text */
};
extern const struct provider_names provider_process_names; /* AccessKeyId ... Expiration */
extern const struct provider_names provider_token_names;   /* the same with Token */
extern const struct provider_names provider_cache_names;   /* accessKeyId ... expiresAt */
/* Sets c from an object. ERR_FORMAT; ERR_DENIED when they have expired. */
int provider_set(struct creds *c, const struct creds_world *w, struct json object,
	const struct provider_names *names) MUST_CHECK;

/* Parses text, which must outlive doc, as an object; what names it in words. */
struct provider_doc {
	struct json_token tokens[PROVIDER_TOKENS];
	struct json_doc doc;
	struct json root;
};
int provider_parse(struct provider_doc *d, struct str text, const char *what) MUST_CHECK;
/* Appends a member that is a string; false, and *out is empty, when there is none. */
bool provider_text(struct json object, const char *name, struct buf *out);
bool provider_time(struct json object, const char *name, int64_t *t);

/* What asks for a successor of the refresh token that a cache of the AWS CLI holds. */
int provider_renewal(struct json cache, bool with_secret, struct buf *out) MUST_CHECK;
/* Appends a path to a service's URL, which is in text, and splits it again. */
int provider_path(struct url *u, struct buf *text, const char *path) MUST_CHECK;

/* The AWS CLI's file FOLDER/HASH(name).json; the folder may hold ~ and $VARIABLES. */
int provider_cache_path(const struct creds_world *w, struct str folder, enum digest kind,
	struct str name, struct buf *path) MUST_CHECK;

/* Puts what failed in front of the recorded words and what to run behind them; returns r. */
int provider_log_in(int r, struct str profile, const char *what, const char *command);

/* A name and a string. */
void provider_member(struct json_out *o, const char *name, struct str value);

/* Around the renewal of what stands in the file path: one at a time does it. Who has waited looks
 * into the file again, for somebody else may have done it. begin returns what end takes. */
int renewal_begin(const char *path);
void renewal_end(int lock);
/* Replaces the file by old with the new values that own writes, where it returns true for a name,
 * and fresh's refreshToken if it has one; the rest stays as it is. That it cannot be done is only
 * logged: what was got serves this time. */
void renewal_write(struct creds_world *w, const char *path, struct json old, struct json fresh,
	bool (*own)(struct json_out *o, struct json name, const void *owner), const void *owner);

/* Calls a service with retries; an answer that refuses is ERR_DENIED "CODE: message". */
int provider_call(
	struct creds_world *w, struct api_call *call, struct api_answer *answer) MUST_CHECK;

/* Asks a service on this machine or its link, never through a proxy, up to tries times while there
 * is no answer below 500. The answer is in w->storage. ERR_ABSENT: it was there, but did not answer
 * in wait_ms; else as client_exchange. */
int provider_fetch(struct creds_world *w, const struct url *u, const struct http_request *rq,
	int64_t wait_ms, unsigned tries, struct http_answer *a) MUST_CHECK;

bool provider_visible(struct str s); /* visible ASCII only: it can be a header's value */

#endif
