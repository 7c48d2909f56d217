/* pkcs7.h - PKCS#7 signed data (RFC 2315), as the signature of an instance identity document has it
 */
#ifndef CRYPTO_PKCS7_H
#define CRYPTO_PKCS7_H

#include "base/buf.h"
#include "base/str.h"
#include "crypto/cert.h"
#include "crypto/pk.h"

/* Appends the DER of a ContentInfo that holds content and one signature over it (RSA with SHA-256,
 * no signed attributes), which names the signer's certificate by issuer and serial number and does
 * not include it. */
int pkcs7_make(struct str content, const struct cert *signer, const struct pk *key,
	struct buf *der) MUST_CHECK;

#endif
