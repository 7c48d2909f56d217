/* ocsp.h - OCSP responses (RFC 6960), stapled: read and proven, or made for the mock */
#ifndef CRYPTO_OCSP_H
#define CRYPTO_OCSP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/cert.h"

#define OCSP_MAX (16 * 1024)          /* bytes of DER */
#define OCSP_SKEW 300                 /* seconds that clocks may differ */
#define OCSP_AGE_MAX (14 * 24 * 3600) /* seconds since thisUpdate, whatever nextUpdate says */

/* Does the response speak about this certificate of this issuer (by CertID, SHA-1 or SHA-256)?
 * Nothing is proven. */
bool ocsp_is_about(struct str der, const struct cert *c, const struct cert *issuer);

/* Proves that the response says "good" about c: successful, id-pkix-ocsp-basic, signed by issuer or
 * by a delegate in it that issuer signed itself, in date, with EKU OCSPSigning; no SHA-1 signature;
 * thisUpdate and nextUpdate within OCSP_SKEW of now; not older than OCSP_AGE_MAX; no unknown
 * critical extension. 0 proven, ERR_DENIED with the reason. */
int ocsp_verify(
	struct str der, const struct cert *c, const struct cert *issuer, int64_t now) MUST_CHECK;

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

struct ocsp_request {
	const struct cert *about, *issuer;
	const struct pk *key;        /* of the issuer, or of the delegate */
	const struct cert *delegate; /* embedded; NULL: the issuer signs */
	enum ocsp_status status;
	int64_t this_update, next_update; /* next_update 0: absent */
	bool sha256_id;                   /* CertID by SHA-256 in place of SHA-1 */
};
int ocsp_make(const struct ocsp_request *request, struct buf *der) MUST_CHECK;

#endif
