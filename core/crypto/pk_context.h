/* pk_context.h - what struct pk holds, for this room only */
#ifndef CRYPTO_PK_CONTEXT_H
#define CRYPTO_PK_CONTEXT_H

#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>

#include "crypto/pk.h"

_Static_assert(sizeof(mbedtls_pk_context) <= sizeof(struct pk), "struct pk is too small");

/* mbedTLS takes no const, even where it changes nothing. */
static inline mbedtls_pk_context *pk_context(const struct pk *key)
{
	return (mbedtls_pk_context *)(uintptr_t)key;
}

/* Makes a pair of so many bits, which are even and at most 8192, with the exponent 65537. */
int pk_generate_rsa(mbedtls_rsa_context *rsa, unsigned bits) MUST_CHECK;

/* mbedTLS's name of a digest. */
mbedtls_md_type_t digest_md(enum digest d);

#endif
