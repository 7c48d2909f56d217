/* crypto.h - what all of this room stands on: memory, time, randomness, digests */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Gives mbedTLS the only memory it may use; call once, before anything else of crypto/ or net/tls.
 * The block must live as long as the process. Where the build has no arena (tests) the block is not
 * used. */
void crypto_init(void *arena, size_t n);

/* The most bytes of the arena that were ever in use. */
size_t crypto_peak(void);

/* The time by which certificates are judged until the next call, in seconds since 1970. 0 (the
 * start): nothing is valid. */
void crypto_set_time(int64_t now);

/* Random bytes of the kernel. Never fails: a kernel that cannot give any stops the process. */
void crypto_random(void *out, size_t n);

/* The same in the shape that mbedTLS wants its source of randomness in (f_rng, with NULL for
 * p_rng); returns 0. */
int eic_random(void *unused, unsigned char *out, size_t n);

enum digest { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };

#define DIGEST_MAX 64

size_t digest_size(enum digest d);
void digest(enum digest d, const void *p, size_t n, unsigned char *out); /* digest_size(d) bytes */
void digest_sha256(unsigned char out[static 32], const void *p, size_t n);
void hmac_sha256(unsigned char out[static 32], struct str key, struct str text);

#endif
