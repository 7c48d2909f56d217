/* cert.h - X.509: a chain proven to an anchor, and the mock's own certificates */
#ifndef CRYPTO_CERT_H
#define CRYPTO_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/der.h"
#include "crypto/pk.h"

#define CERT_CHAIN_MAX 10 /* certificates that a served chain may have */
#define CERT_PATH_MAX 8   /* certificates of a validated path, the anchor included */

/* A list of certificates; the words are the module's own. Zeroed is empty. */
struct certs {
	void *first;
	size_t n;
};

/* PEM blocks with any text between them (a bundle's comments), at most max of them. Keys and other
 * blocks are ERR_FORMAT. No certificate at all is ERR_ABSENT. After a failure the list holds what
 * was read before it. */
int certs_read_pem(struct certs *list, struct str pem, size_t max) MUST_CHECK;
int certs_add_der(struct certs *list, struct str der) MUST_CHECK; /* copied */
void certs_close(struct certs *list);

/* The same, but only certificates whose subject is the issuer of one in chain; the others are not
 * even parsed, so that a bundle of all the world's anchors costs little. certs_add_named: 1 added,
 * 0 not named. */
int certs_read_pem_named(
	struct certs *list, struct str pem, size_t max, const struct certs *chain) MUST_CHECK;
int certs_add_named(struct certs *list, struct str der, const struct certs *chain) MUST_CHECK;

/* One certificate of a list, borrowed from it. Index 0 is the leaf. NULL past the end. */
struct cert;
const struct cert *certs_at(const struct certs *list, size_t i);

struct str cert_der(const struct cert *c);
struct str cert_subject(const struct cert *c); /* DER of the name */
struct str cert_issuer(const struct cert *c);
/* Is the subject of the certificate der c's issuer? Names only, for the choice of candidates. */
bool cert_names_issuer(const struct cert *c, struct str der);
struct str cert_serial(const struct cert *c); /* content bytes of the INTEGER */
/* content of the SPKI's BIT STRING, without the byte that counts unused bits */
struct str cert_key_bits(const struct cert *c);
int cert_key(const struct cert *c, struct pk *key) MUST_CHECK; /* a copy; close it */
/* ERR_FORMAT unless there is exactly one CN, a UTF8String, PrintableString or IA5String without
 * control characters. */
int cert_common_name(const struct cert *c, struct buf *out) MUST_CHECK;

/* What the extensions say; has_x false where the extension is absent. */
struct cert_facts {
	bool is_ca, has_basic;
	bool has_usage, digital_signature, key_cert_sign;
	bool has_extended, server_auth, client_auth, ocsp_signing, any_usage;
	bool has_san;
	int64_t not_before, not_after;
};
int cert_facts(const struct cert *c, struct cert_facts *facts) MUST_CHECK;
/* Is one DNS name of the SAN exactly this, byte for byte? */
bool cert_san_is(const struct cert *c, struct str name);

/* The validated path: leaf first, anchor last; borrowed from the two lists. */
struct cert_path {
	const struct cert *at[CERT_PATH_MAX];
	size_t n;
};

/* Finds and proves the path from chain[0] to one of the anchors at time now: signatures (SHA-256 or
 * better; RSA of 2048 bits or more with an exponent of no more than 256, P-256, P-384), validity of
 * every certificate of the path, basic constraints with path length, keyCertSign where key usage is
 * present, no unknown critical extension. The other certificates of chain are only candidates for
 * intermediates; nothing in it becomes an anchor, and each signature is verified once. 0 proven,
 * ERR_DENIED with the reason. */
int cert_verify(const struct certs *chain, const struct certs *anchors, int64_t now,
	struct cert_path *path) MUST_CHECK;

/* Is c signed by issuer's key, and issuer's name its issuer? 0 proven, ERR_DENIED. */
int cert_signed_by(const struct cert *c, const struct cert *issuer) MUST_CHECK;

/* Did the signer's key make this signature (by the rules for signatures above)? Nothing else is
 * asked. 0 proven, ERR_DENIED. */
int cert_signs(const struct cert *signer, const struct der_signed *parts) MUST_CHECK;

/* Making certificates, for metadata-mock. */
struct cert_request {
	const char *common_name, *organization; /* organization may be NULL */
	const struct pk *key;                   /* whose certificate */
	const struct pk *issuer_key;            /* self-signed: the same */
	const char *issuer_name, *issuer_organization;
	int64_t not_before, not_after;
	bool ca;           /* critical CA:TRUE, keyCertSign and cRLSign */
	int path_length;   /* of a CA; -1 none */
	bool ocsp_signing; /* a delegated OCSP responder: that EKU and id-pkix-ocsp-nocheck */
	const char *dns_names[4]; /* SAN of a leaf; NULL ends */
	const char *ip_address;   /* a further SAN of a TLS leaf, or NULL */
};
/* A leaf gets digitalSignature and keyEncipherment, serverAuth and clientAuth, CA:FALSE; every
 * certificate gets a random serial and key identifiers. Appends DER. */
int cert_make(const struct cert_request *request, struct buf *der) MUST_CHECK;
void pem_add(struct buf *out, const char *label, struct str der);

#endif
