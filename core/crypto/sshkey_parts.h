/* sshkey_parts.h - what making, writing and reading of key pairs share */
#ifndef CRYPTO_SSHKEY_PARTS_H
#define CRYPTO_SSHKEY_PARTS_H

#include "crypto/sshkey.h"

#define SSHKEY_MAGIC "openssh-key-v1" /* its NUL belongs to it */
#define SSHKEY_OPENSSH_LABEL "OPENSSH PRIVATE KEY"
#define SSHKEY_BLOCK 8           /* of the cipher "none" */
#define SSHKEY_SECTION_MAX 12288 /* the private section of an RSA-16384 key */
#define SSHKEY_NUMBER_MAX 2049   /* bytes of RSA-16384's modulus and a NUL */

/* The wire form (RFC 4251), written. */
void sshkey_add_u32(struct buf *out, size_t v);
void sshkey_add_blob(struct buf *out, struct str s);
void sshkey_add_number(struct buf *out, struct str number); /* a positive one */

const char *sshkey_curve(enum sshkey_type type);   /* "nistp256" */
struct str sshkey_point(const struct sshkey *key); /* of an Ed25519 key, borrowed from it */
extern const enum sshkey_type sshkey_of_pk[PK_P521 + 1];

/* Fill in pair->key from the secret half. */
int sshkey_set_public_ed25519(struct sshkey_pair *pair) MUST_CHECK;
int sshkey_set_public_pk(struct sshkey_pair *pair) MUST_CHECK;

#endif
