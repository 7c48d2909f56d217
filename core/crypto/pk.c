/* pk.c - RSA and ECDSA keys, read, and their signatures, made and checked */
#include "crypto/pk.h"

#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>

#include "base/mem.h"
#include "crypto/pk_context.h"

#define KEY_FILE_MAX 16384
#define RSA_BITS_MIN 1024

void pk_close(struct pk *key)
{
	mbedtls_pk_free(pk_context(key));
	mem_wipe(key, sizeof(*key));
}

enum pk_type pk_type(const struct pk *key)
{
	mbedtls_pk_context *c = pk_context(key);

	if (mbedtls_pk_get_type(c) == MBEDTLS_PK_RSA)
		return PK_RSA;
	if (mbedtls_pk_get_type(c) != MBEDTLS_PK_ECKEY)
		return PK_NONE;
	switch (mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*c))) {
	case MBEDTLS_ECP_DP_SECP256R1: return PK_P256;
	case MBEDTLS_ECP_DP_SECP384R1: return PK_P384;
	case MBEDTLS_ECP_DP_SECP521R1: return PK_P521;
	default: return PK_NONE;
	}
}

unsigned pk_bits(const struct pk *key)
{
	return pk_type(key) == PK_NONE ? 0 : (unsigned)mbedtls_pk_get_bitlen(pk_context(key));
}

/* What was read must be of a kind that the rest of this file knows. */
static int known(struct pk *key, const char *what)
{
	if (pk_type(key) == PK_NONE || (pk_type(key) == PK_RSA && pk_bits(key) < RSA_BITS_MIN)) {
		pk_close(key);
		return err(ERR_FORMAT, "%s: neither RSA of %d bits or more nor a NIST curve", what,
			RSA_BITS_MIN);
	}
	return 0;
}

int pk_read_private(struct pk *key, struct str pem_or_der)
{
	unsigned char text[KEY_FILE_MAX];
	size_t n = pem_or_der.n;
	int r;

	memset(key, 0, sizeof(*key));
	if (str_find(pem_or_der, "-----BEGIN ENCRYPTED", NULL) ||
		str_find(pem_or_der, "4,ENCRYPTED", NULL))
		return err(ERR_DENIED, "private key: encrypted with a passphrase");
	if (n >= sizeof(text))
		return err(ERR_LIMIT, "private key: larger than %zu bytes", sizeof(text) - 1);
	if (n == 0)
		return err(ERR_FORMAT, "private key: empty");
	memcpy(text, pem_or_der.p, n);
	text[n] = 0;
	if (str_find(pem_or_der, "-----BEGIN ", NULL))
		n++; /* mbedTLS takes PEM with its NUL and DER without */
	mbedtls_pk_init(pk_context(key));
	r = mbedtls_pk_parse_key(pk_context(key), text, n, NULL, 0, eic_random, NULL);
	mem_wipe(text, sizeof(text));
	if (r != 0) {
		pk_close(key);
		return err(ERR_FORMAT, "private key: not a PKCS#1, SEC1 or PKCS#8 key");
	}
	r = known(key, "private key");
	/* mbedTLS believes a file that says which public key belongs to an EC key */
	if (r == 0 &&
		mbedtls_pk_check_pair(pk_context(key), pk_context(key), eic_random, NULL) != 0) {
		pk_close(key);
		r = err(ERR_FORMAT,
			"private key: damaged, its two halves belong to different keys");
	}
	return r;
}

int pk_read_public(struct pk *key, struct str der)
{
	unsigned char *at = (unsigned char *)(uintptr_t)der.p;

	memset(key, 0, sizeof(*key));
	mbedtls_pk_init(pk_context(key));
	if (der.n == 0 ||
		mbedtls_pk_parse_subpubkey(
			&at, (unsigned char *)(uintptr_t)der.p + der.n, pk_context(key)) != 0 ||
		at != (const unsigned char *)der.p + der.n) {
		pk_close(key);
		return err(ERR_FORMAT, "public key: not a SubjectPublicKeyInfo");
	}
	return known(key, "public key");
}

int pk_verify_pss(const struct pk *key, struct str text, struct str signature)
{
	const mbedtls_pk_rsassa_pss_options options = { MBEDTLS_MD_SHA256, PK_PSS_SALT };
	unsigned char hash[32];

	if (pk_type(key) != PK_RSA)
		return err(ERR_DENIED, "signature: not by an RSA key");
	digest_sha256(hash, text.p, text.n);
	if (mbedtls_pk_verify_ext(MBEDTLS_PK_RSASSA_PSS, &options, pk_context(key),
		    MBEDTLS_MD_SHA256, hash, sizeof(hash), (const unsigned char *)signature.p,
		    signature.n) != 0)
		return err(ERR_DENIED, "signature: does not match");
	return 0;
}

int pk_verify(const struct pk *key, enum digest d, struct str text, struct str signature)
{
	unsigned char hash[DIGEST_MAX];

	if (pk_type(key) == PK_NONE)
		return err(ERR_DENIED, "signature: no key");
	digest(d, text.p, text.n, hash);
	if (mbedtls_pk_verify(pk_context(key), digest_md(d), hash, digest_size(d),
		    (const unsigned char *)signature.p, signature.n) != 0)
		return err(ERR_DENIED, "signature: does not match");
	return 0;
}

/* A signature has to fit; mbedTLS itself refuses a key without its private half. */
static int check_signer(const struct pk *key)
{
	if (pk_type(key) == PK_RSA && pk_bits(key) > PK_SIGNATURE_MAX * 8)
		return err(ERR_LIMIT, "signature: RSA keys of more than %d bits do not sign here",
			PK_SIGNATURE_MAX * 8);
	return 0;
}

static int append(struct buf *out, const unsigned char *p, size_t n)
{
	buf_add(out, p, n);
	return buf_check(out, "signature");
}

int pk_sign_pss(const struct pk *key, struct str text, int salt, struct buf *signature)
{
	unsigned char hash[32], made[PK_SIGNATURE_MAX];
	mbedtls_rsa_context *rsa;
	int r = check_signer(key);

	if (r < 0)
		return r;
	if (pk_type(key) != PK_RSA)
		return err(ERR_BUG, "signature: PSS needs an RSA key");
	rsa = mbedtls_pk_rsa(*pk_context(key));
	digest_sha256(hash, text.p, text.n);
	r = mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
	if (r == 0)
		r = mbedtls_rsa_rsassa_pss_sign_ext(
			rsa, eic_random, NULL, MBEDTLS_MD_SHA256, sizeof(hash), hash, salt, made);
	if (mbedtls_rsa_set_padding(rsa, MBEDTLS_RSA_PKCS_V15, MBEDTLS_MD_NONE) != 0 || r != 0)
		return err(ERR_BUG, "signature: RSA-PSS failed (-0x%04x)", (unsigned)-r);
	return append(signature, made, mbedtls_rsa_get_len(rsa));
}

int pk_sign(const struct pk *key, enum digest d, struct str text, struct buf *signature)
{
	unsigned char hash[DIGEST_MAX], made[PK_SIGNATURE_MAX];
	size_t n = 0;
	int r = check_signer(key);

	if (r < 0)
		return r;
	if (pk_type(key) == PK_NONE)
		return err(ERR_BUG, "signature: no key");
	digest(d, text.p, text.n, hash);
	r = mbedtls_pk_sign(pk_context(key), digest_md(d), hash, digest_size(d), made, sizeof(made),
		&n, eic_random, NULL);
	if (r != 0)
		return err(ERR_BUG, "signature: signing failed (-0x%04x)", (unsigned)-r);
	return append(signature, made, n);
}
