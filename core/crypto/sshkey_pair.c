/* sshkey_pair.c - SSH key pairs: made, and their public half */
#include "crypto/sshkey_parts.h"

#include <string.h>

#include <sodium/crypto_scalarmult_ed25519.h>

#include "base/mem.h"
#include "config.h"
#include "crypto/crypto.h"

#define RSA_BITS_DEFAULT 3072

void sshkey_add_u32(struct buf *out, size_t v)
{
	const unsigned char p[] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
		(unsigned char)(v >> 8), (unsigned char)v };

	buf_add(out, p, sizeof(p));
}

void sshkey_add_blob(struct buf *out, struct str s)
{
	sshkey_add_u32(out, s.n);
	buf_str(out, s);
}

/* A positive number: one zero byte in front where the top bit would make it negative. */
void sshkey_add_number(struct buf *out, struct str number)
{
	bool high;

	while (number.n > 0 && number.p[0] == 0) {
		number.p++;
		number.n--;
	}
	high = number.n > 0 && (unsigned char)number.p[0] >= 0x80;
	sshkey_add_u32(out, number.n + high);
	if (high)
		buf_putc(out, 0);
	buf_str(out, number);
}

const char *sshkey_curve(enum sshkey_type type)
{
	return strrchr(sshkey_name(type), '-') + 1;
}

/* The public key of an Ed25519 pair is the end of its blob. */
struct str sshkey_point(const struct sshkey *key)
{
	return (struct str){ (const char *)key->blob + key->n - 32, 32 };
}

/* --- the public half --- */

static int set_public(struct sshkey_pair *pair, const struct buf *blob)
{
	int r = buf_check(blob, "public key");

	return r < 0 ? r : sshkey_read_blob(&pair->key, buf_view(blob));
}

/* The point is the base point times half the hash of the seed (RFC 8032 section 5.1.5). libsodium's
 * function for whole key pairs has a table of 30 KB to be faster at it. */
int sshkey_set_public_ed25519(struct sshkey_pair *pair)
{
	unsigned char base[32], point[32], secret[64];
	BUF(blob, 64);
	int r;

	if (!CONFIG_ED25519_KEYGEN)
		return err(ERR_USAGE, "Ed25519: this build makes no key pairs");
	memset(base, 0x66, sizeof(base)); /* y = 4/5, as RFC 8032 writes it */
	base[0] = 0x58;
	digest(DIGEST_SHA512, pair->seed, sizeof(pair->seed), secret);
	r = crypto_scalarmult_ed25519(point, secret, base);
	mem_wipe(secret, sizeof(secret));
	if (r != 0)
		return err(ERR_BUG, "Ed25519: no key from this seed");
	sshkey_add_blob(&blob, STR("ssh-ed25519"));
	sshkey_add_blob(&blob, (struct str){ (const char *)point, sizeof(point) });
	return set_public(pair, &blob);
}

static int set_public_rsa(struct sshkey_pair *pair)
{
	BUF(n, SSHKEY_NUMBER_MAX);
	BUF(e, SSHKEY_NUMBER_MAX);
	BUF(blob, SSHKEY_BLOB_MAX);
	const struct pk_rsa parts = { .n = &n, .e = &e };
	int r = pk_rsa_parts(&pair->pk, &parts);

	if (r < 0)
		return r;
	sshkey_add_blob(&blob, STR("ssh-rsa"));
	sshkey_add_number(&blob, buf_view(&e));
	sshkey_add_number(&blob, buf_view(&n));
	return set_public(pair, &blob);
}

static int set_public_ec(struct sshkey_pair *pair, enum sshkey_type type)
{
	BUF(point, 256);
	BUF(blob, SSHKEY_BLOB_MAX);
	int r = pk_ec_parts(&pair->pk, &point, NULL);

	if (r < 0)
		return r;
	sshkey_add_blob(&blob, str_of(sshkey_name(type)));
	sshkey_add_blob(&blob, str_of(sshkey_curve(type)));
	sshkey_add_blob(&blob, buf_view(&point));
	return set_public(pair, &blob);
}

const enum sshkey_type sshkey_of_pk[] = {
	[PK_RSA] = SSHKEY_RSA,
	[PK_P256] = SSHKEY_P256,
	[PK_P384] = SSHKEY_P384,
	[PK_P521] = SSHKEY_P521,
};

static enum pk_type to_pk(enum sshkey_type type)
{
	for (enum pk_type i = PK_RSA; i <= PK_P521; i++)
		if (sshkey_of_pk[i] == type)
			return i;
	return PK_NONE;
}

/* The SSH key that pair->pk is. */
int sshkey_set_public_pk(struct sshkey_pair *pair)
{
	enum pk_type type = pk_type(&pair->pk);

	if (type == PK_NONE)
		return err(ERR_FORMAT, "private key: of a kind that SSH does not have");
	return type == PK_RSA ? set_public_rsa(pair) : set_public_ec(pair, sshkey_of_pk[type]);
}

/* --- making --- */

int sshkey_generate(struct sshkey_pair *pair, enum sshkey_type type, unsigned bits)
{
	int r;

	memset(pair, 0, sizeof(*pair));
	if (type == SSHKEY_ED25519) {
		crypto_random(pair->seed, sizeof(pair->seed));
		r = sshkey_set_public_ed25519(pair);
	} else if (to_pk(type) != PK_NONE) {
		r = pk_generate(&pair->pk, to_pk(type), bits ? bits : RSA_BITS_DEFAULT);
		if (r == 0)
			r = sshkey_set_public_pk(pair);
	} else {
		r = err(ERR_USAGE, "%s keys live in a security token and cannot be made here",
			sshkey_label(type));
	}
	if (r < 0)
		sshkey_close(pair);
	return r;
}

void sshkey_close(struct sshkey_pair *pair)
{
	pk_close(&pair->pk);
	mem_wipe(pair, sizeof(*pair));
}
