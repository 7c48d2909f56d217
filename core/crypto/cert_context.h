/* cert_context.h - what struct cert is, for this room only */
#ifndef CRYPTO_CERT_CONTEXT_H
#define CRYPTO_CERT_CONTEXT_H

#include <mbedtls/x509_crt.h>

#include "crypto/cert.h"

static inline const mbedtls_x509_crt *crt(const struct cert *c)
{
	return (const mbedtls_x509_crt *)(const void *)c;
}

static inline struct str view(mbedtls_x509_buf b)
{
	return (struct str){ (const char *)b.p, b.len };
}

#endif
