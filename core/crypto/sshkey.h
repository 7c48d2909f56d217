/* sshkey.h - SSH keys: wire form, public line, fingerprint, private key file */
#ifndef CRYPTO_SSHKEY_H
#define CRYPTO_SSHKEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/pk.h"

#define SSHKEY_BLOB_MAX 2100      /* an RSA-16384 public key */
#define SSHKEY_LINE_MAX 4096      /* what SendSSHPublicKey takes */
#define SSHKEY_FINGERPRINT_MAX 64 /* "SHA256:" and 43 characters, or "MD5:" and 47, and NUL */
#define SSHKEY_FILE_MAX 16384     /* a private key file */

enum sshkey_type {
	SSHKEY_NONE,
	SSHKEY_ED25519,
	SSHKEY_RSA,
	SSHKEY_P256,
	SSHKEY_P384,
	SSHKEY_P521,
	SSHKEY_SK_ED25519,
	SSHKEY_SK_P256
};

/* A public key, checked: the blob is canonical wire form of its type and nothing else. */
struct sshkey {
	enum sshkey_type type;
	unsigned bits;
	unsigned char blob[SSHKEY_BLOB_MAX];
	size_t n;
};

const char *sshkey_name(enum sshkey_type type);  /* "ssh-ed25519" */
const char *sshkey_label(enum sshkey_type type); /* "ED25519", as ssh-keygen -l says it */

/* Wire form. ERR_FORMAT: unknown type, a number that is negative or has a leading zero, e even or
 * below 3, bytes left over; RSA below 1024 or over 16384 bits is ERR_FORMAT too. */
int sshkey_read_blob(struct sshkey *key, struct str blob) MUST_CHECK;

/* "type base64 [comment]" without options, on one line. comment may be NULL and borrows from line.
 * A private key in line is ERR_DENIED with words that say so. */
int sshkey_read_line(struct sshkey *key, struct str line, struct str *comment) MUST_CHECK;

/* A whole file of the other form that EC2 Instance Connect takes, "---- BEGIN SSH2 PUBLIC KEY ----"
 * (RFC 4716). ERR_FORMAT. */
bool sshkey_is_ssh2(struct str text);
int sshkey_read_ssh2(struct sshkey *key, struct str text) MUST_CHECK;

/* "type base64", and " comment" when there is one (control characters in it become '?'). No LF. */
void sshkey_add_line(struct buf *out, const struct sshkey *key, struct str comment);

/* "SHA256:…" without padding, or "MD5:aa:bb:…", as sshd's %f has it. */
void sshkey_fingerprint(struct buf *out, const struct sshkey *key, bool md5);
/* Does a fingerprint in either form name this key? Another form: false. */
bool sshkey_matches(const struct sshkey *key, struct str fingerprint);
bool sshkey_fingerprint_ok(struct str fingerprint); /* the grammar of the two forms */

/* A key pair. secret holds what the file needs and is wiped by sshkey_close. */
struct sshkey_pair {
	struct sshkey key;
	unsigned char seed[32]; /* of an Ed25519 key */
	struct pk pk;           /* of any other */
};

/* ed25519, rsa (bits 2048 to 8192) or an ECDSA curve. */
int sshkey_generate(struct sshkey_pair *pair, enum sshkey_type type, unsigned bits) MUST_CHECK;
void sshkey_close(struct sshkey_pair *pair);

enum sshkey_format { SSHKEY_OPENSSH, SSHKEY_PEM, SSHKEY_PKCS8 };

/* The private key file's text, unencrypted. OPENSSH is PROTOCOL.key's openssh-key-v1 with padding 1
 * 2 3…; PEM is PKCS#1 or SEC1 and not for Ed25519. */
int sshkey_write_private(const struct sshkey_pair *pair, enum sshkey_format format,
	struct str comment, struct buf *out) MUST_CHECK;
/* Any of the three; an encrypted one is ERR_DENIED with words. comment gets the one in an OpenSSH
 * file. */
int sshkey_read_private(struct sshkey_pair *pair, struct str text, struct buf *comment) MUST_CHECK;

#endif
