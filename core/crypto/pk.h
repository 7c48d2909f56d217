/* pk.h - RSA and ECDSA key pairs and signatures, through mbedTLS */
#ifndef CRYPTO_PK_H
#define CRYPTO_PK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/crypto.h"

#define PK_SIGNATURE_MAX 512 /* RSA-4096 */

/* A key; the words are the module's own. A zeroed one is empty and may be closed. */
struct pk {
	uintptr_t opaque[2];
};

enum pk_type { PK_NONE, PK_RSA, PK_P256, PK_P384, PK_P521 };

int pk_generate(struct pk *key, enum pk_type type, unsigned rsa_bits) MUST_CHECK;
/* PKCS#1, SEC1 or PKCS#8; ERR_DENIED for an encrypted one. */
int pk_read_private(struct pk *key, struct str pem_or_der) MUST_CHECK;
/* SubjectPublicKeyInfo */
int pk_read_public(struct pk *key, struct str der) MUST_CHECK;
void pk_close(struct pk *key); /* wipes */

enum pk_type pk_type(const struct pk *key);
unsigned pk_bits(const struct pk *key);

/* PKCS#1 or SEC1, and SubjectPublicKeyInfo */
int pk_write_private_pem(const struct pk *key, struct buf *out) MUST_CHECK;
int pk_write_private_der(const struct pk *key, struct buf *out) MUST_CHECK;
int pk_write_public_der(const struct pk *key, struct buf *out) MUST_CHECK;

/* RSASSA-PSS with SHA-256, MGF1 with SHA-256 and the salt length of the EIC signer, 32 bytes.
 * Verify: 0 proven, ERR_DENIED anything else. */
#define PK_PSS_SALT 32
int pk_sign_pss(const struct pk *key, struct str text, int salt, struct buf *signature) MUST_CHECK;
int pk_verify_pss(const struct pk *key, struct str text, struct str signature) MUST_CHECK;

/* PKCS#1 v1.5, or ECDSA with a DER signature, by the kind of key. */
int pk_sign(const struct pk *key, enum digest d, struct str text, struct buf *signature) MUST_CHECK;
int pk_verify(
	const struct pk *key, enum digest d, struct str text, struct str signature) MUST_CHECK;

/* The numbers of an RSA key, big-endian without leading zeros: n, e and, of a pair, the others. */
struct pk_rsa {
	struct buf *n, *e, *d, *p, *q, *iqmp; /* NULL: not wanted */
};
int pk_rsa_parts(const struct pk *key, const struct pk_rsa *parts) MUST_CHECK;
/* A pair from its numbers, which must fit each other; with d, p and q empty a public key. */
int pk_from_rsa(struct pk *key, struct str n, struct str e, struct str d, struct str p,
	struct str q) MUST_CHECK;

/* The uncompressed point and the private number of an EC key, the number as long as the curve's
 * order. Either may be NULL: not wanted. */
int pk_ec_parts(const struct pk *key, struct buf *point, struct buf *secret) MUST_CHECK;
/* A pair, or with an empty secret a public key. The point is on the curve and belongs to the
 * secret, or it is ERR_FORMAT. */
int pk_from_ec(struct pk *key, enum pk_type type, struct str point, struct str secret) MUST_CHECK;

#endif
