/* dpop.h - proofs that a request comes from who holds a key (RFC 9449) */
#ifndef AWS_DPOP_H
#define AWS_DPOP_H

#include <stdint.h>

#include "base/buf.h"
#include "crypto/pk.h"

#define DPOP_MAX 1024

/* Appends the DPoP header's value for a POST to url: a JWT, signed with key, which is a pair on
 * P-256. ERR_FORMAT for another key. */
int dpop_add(struct buf *out, const struct pk *key, const char *url, int64_t now) MUST_CHECK;

#endif
