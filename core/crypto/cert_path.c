/* cert_path.c - a chain of certificates proven to an anchor
 *
 * The path is our own walk, because mbedTLS's takes a leaf that is itself an anchor for proven, and
 * says neither which path it took nor how often it checked a signature.
 */
#include <string.h>

#include <mbedtls/oid.h>

#include "crypto/cert_context.h"
#include "crypto/der.h"
#include "crypto/pk_context.h"

#define RSA_BITS_MIN 2048
#define RSA_EXPONENT_BITS_MAX 256 /* as FIPS 186-5; the larger, the longer a signature takes */
#define NAME_MAX_SHOWN 128        /* bytes of a name in our words */
#define CHECKS_MAX 16             /* signatures that one search for a path will check */

static int deny(const struct cert *c, const char *why)
{
	BUF(name, NAME_MAX_SHOWN);

	if (cert_common_name(c, &name) < 0 && name.len == 0)
		buf_puts(&name, "(no name)");
	return err(ERR_DENIED, "certificate '%s': %s", buf_text(&name), why);
}

static bool strong(const mbedtls_pk_context *key)
{
	mbedtls_ecp_group_id curve;

	if (mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA)
		return mbedtls_pk_get_bitlen(key) >= RSA_BITS_MIN &&
			mbedtls_mpi_bitlen(&mbedtls_pk_rsa(*key)->MBEDTLS_PRIVATE(E)) <=
			RSA_EXPONENT_BITS_MAX;
	if (mbedtls_pk_get_type(key) != MBEDTLS_PK_ECKEY)
		return false;
	curve = mbedtls_ecp_keypair_get_group_id(mbedtls_pk_ec(*key));
	return curve == MBEDTLS_ECP_DP_SECP256R1 || curve == MBEDTLS_ECP_DP_SECP384R1;
}

/* SEQUENCE { OID, parameters }: NULL or nothing for the signatures that we take */
static bool read_algorithm(struct str algorithm, enum digest *d, mbedtls_pk_type_t *pk)
{
	struct str parts, oid, nothing;
	mbedtls_md_type_t md;
	mbedtls_asn1_buf b;

	if (!der_take(&algorithm, DER_SEQUENCE, &parts) || !der_take(&parts, DER_OID, &oid))
		return false;
	if (parts.n > 0 && (!der_take(&parts, DER_NULL, &nothing) || nothing.n > 0 || parts.n > 0))
		return false;
	b = (mbedtls_asn1_buf){ MBEDTLS_ASN1_OID, oid.n, (unsigned char *)(uintptr_t)oid.p };
	if (mbedtls_oid_get_sig_alg(&b, &md, pk) != 0 ||
		(*pk != MBEDTLS_PK_RSA && *pk != MBEDTLS_PK_ECDSA))
		return false;
	for (*d = DIGEST_SHA256; *d < DIGEST_SHA512 && digest_md(*d) != md;)
		(*d)++;
	return digest_md(*d) == md;
}

int cert_signs(const struct cert *signer, const struct der_signed *parts)
{
	mbedtls_pk_context *key = (mbedtls_pk_context *)(uintptr_t)&crt(signer)->pk;
	unsigned char hash[DIGEST_MAX];
	enum digest d;
	mbedtls_pk_type_t pk;

	if (!read_algorithm(parts->algorithm, &d, &pk))
		return err(ERR_DENIED, "signature: neither RSA nor ECDSA with SHA-256 or better");
	if (!strong(key) || !mbedtls_pk_can_do(key, pk))
		return deny(signer, "its key is too weak or of another kind than the signature");
	digest(d, parts->text.p, parts->text.n, hash);
	if (mbedtls_pk_verify(key, digest_md(d), hash, digest_size(d),
		    (const unsigned char *)parts->signature.p, parts->signature.n) != 0)
		return deny(signer, "did not make the signature");
	return 0;
}

int cert_signed_by(const struct cert *c, const struct cert *issuer)
{
	struct str der = cert_der(c);
	struct der_signed parts;

	if (!str_eq(cert_issuer(c), cert_subject(issuer)))
		return deny(c, "names another issuer");
	if (!der_take_signed(&der, &parts) || der.n > 0 || parts.more.n > 0)
		return deny(c, "not DER");
	return cert_signs(issuer, &parts);
}

/* What holds for every certificate of a path. */
static int check_member(const struct cert *c, int64_t now)
{
	struct cert_facts f;
	int r = cert_facts(c, &f);

	if (r < 0)
		return ERR_DENIED;
	if (now < f.not_before)
		return deny(c, "not yet valid");
	if (now > f.not_after)
		return deny(c, "expired");
	if (!strong(&crt(c)->pk))
		return deny(c, "its key is neither RSA of 2048 bits or more nor P-256 nor P-384");
	return 0;
}

/* May c issue the last of a path, with below certificates between it and the leaf? */
static int check_issuer(const struct cert *c, size_t below, int64_t now)
{
	struct cert_facts f;
	int r = check_member(c, now), limit = crt(c)->MBEDTLS_PRIVATE(max_pathlen);

	if (r < 0 || cert_facts(c, &f) < 0)
		return ERR_DENIED;
	if (!f.is_ca)
		return deny(c, "no CA, but named as an issuer");
	if (f.has_usage && !f.key_cert_sign)
		return deny(c, "its key usage forbids signing certificates");
	if (limit > 0 && below > (size_t)limit - 1) /* mbedTLS counts from 1, and 0 is no limit */
		return deny(c, "more certificates below it than its path length allows");
	return 0;
}

/* A search, depth first. A certificate of the chain is entered once, so no pair of signature and
 * key is checked twice. */
struct search {
	const struct certs *chain, *anchors;
	int64_t now;
	struct cert_path *path;
	bool entered[CERT_CHAIN_MAX];
	unsigned checks;
};

static int check_link(struct search *s, const struct cert *issuer)
{
	const struct cert *child = s->path->at[s->path->n - 1];
	int r = check_issuer(issuer, s->path->n - 1, s->now);

	if (r < 0)
		return r;
	if (s->checks == CHECKS_MAX)
		return err(ERR_DENIED, "chain: more than %d signatures to check", CHECKS_MAX);
	s->checks++;
	return cert_signed_by(child, issuer);
}

/* The same name and key, whoever signed it. */
static bool same(const struct cert *a, const struct cert *b)
{
	return str_eq(cert_subject(a), cert_subject(b)) &&
		str_eq(view(crt(a)->pk_raw), view(crt(b)->pk_raw));
}

static int end_at_anchor(struct search *s)
{
	const struct cert *child = s->path->at[s->path->n - 1], *c;
	int r = err(ERR_DENIED, "no trust anchor and nothing in the chain leads on");

	for (size_t i = 0; (c = certs_at(s->anchors, i)); i++) {
		if (!str_eq(cert_issuer(child), cert_subject(c)) || same(child, c))
			continue;
		r = check_link(s, c);
		if (r == 0) {
			s->path->at[s->path->n++] = c;
			return 0;
		}
	}
	return r;
}

static int extend(struct search *s)
{
	const struct cert *child = s->path->at[s->path->n - 1], *c;
	int r = end_at_anchor(s);

	for (size_t i = 1; r != 0 && s->path->n < CERT_PATH_MAX - 1 && (c = certs_at(s->chain, i));
		i++) {
		if (s->entered[i] || !str_eq(cert_issuer(child), cert_subject(c)) ||
			check_link(s, c) != 0)
			continue;
		s->entered[i] = true;
		s->path->at[s->path->n++] = c;
		r = extend(s);
		if (r != 0)
			s->path->n--;
	}
	return r == 0 ? 0 : ERR_DENIED;
}

int cert_verify(
	const struct certs *chain, const struct certs *anchors, int64_t now, struct cert_path *path)
{
	struct search s = { .chain = chain, .anchors = anchors, .now = now, .path = path };
	const struct cert *leaf = certs_at(chain, 0), *c;
	int r;

	memset(path, 0, sizeof(*path));
	if (!leaf || chain->n > CERT_CHAIN_MAX)
		return err(ERR_DENIED, "chain: empty, or of more than %d certificates",
			CERT_CHAIN_MAX);
	for (size_t i = 0; (c = certs_at(anchors, i)); i++)
		if (same(c, leaf))
			return deny(leaf, "an anchor, where a leaf should be");
	r = check_member(leaf, now);
	if (r < 0)
		return r;
	path->at[path->n++] = leaf;
	r = extend(&s);
	if (r != 0)
		memset(path, 0, sizeof(*path));
	return r;
}
