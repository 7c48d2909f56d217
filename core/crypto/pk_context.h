/* pk_context.h - what struct pk holds, for this room only */
#ifndef CRYPTO_PK_CONTEXT_H
#define CRYPTO_PK_CONTEXT_H

#include <mbedtls/pk.h>

#include "crypto/pk.h"

_Static_assert(sizeof(mbedtls_pk_context) <= sizeof(struct pk), "struct pk is too small");

/* mbedTLS takes no const, even where it changes nothing. */
static inline mbedtls_pk_context *pk_context(const struct pk *key)
{
	return (mbedtls_pk_context *)(uintptr_t)key;
}

#endif
