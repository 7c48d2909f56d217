/* sigv4_parts.h - what signing and checking share */
#ifndef CRYPTO_SIGV4_PARTS_H
#define CRYPTO_SIGV4_PARTS_H

#include "crypto/sigv4.h"

#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
#define SIGV4_SIGNATURE_SIZE 64 /* hexadecimal digits */

int sigv4_compare(struct str a, struct str b); /* below 0, 0 or above 0, by bytes */
/* The first header of that name; NULL: there is none. */
const struct sigv4_header *sigv4_find_header(const struct sigv4_request *rq, const char *name);
/* Appends the signature of a request whose names and scope are settled. */
int sigv4_sign_request(const struct sigv4_request *rq, struct str names,
	const struct sigv4_scope *scope, struct str secret, struct buf *hex) MUST_CHECK;

#endif
