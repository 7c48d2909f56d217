/* cert.c - X.509: certificates read through mbedTLS, and a chain proven to an anchor
 *
 * The path is our own walk, because mbedTLS's takes a leaf that is itself an anchor for proven, and
 * says neither which path it took nor how often it checked a signature.
 */
#include "crypto/cert.h"

#include <string.h>

#include <mbedtls/oid.h>
#include <mbedtls/platform.h>
#include <mbedtls/x509_crt.h>

#include "base/clock.h"
#include "crypto/der.h"
#include "crypto/pk_context.h"
#include "data/enc.h"

#define DER_MAX 8192 /* one certificate */
#define RSA_BITS_MIN 2048
#define NAME_MAX_SHOWN 128 /* bytes of a name in our words */
#define CHECKS_MAX 16      /* signatures that one search for a path will check */

static const mbedtls_x509_crt *crt(const struct cert *c)
{
	return (const mbedtls_x509_crt *)(const void *)c;
}

static struct str view(mbedtls_x509_buf b)
{
	return (struct str){ (const char *)b.p, b.len };
}

/* --- lists --- */

/* What mbedTLS lets pass and we do not: bytes behind the certificate, a serial that is no INTEGER
 * or empty. */
static int check_form(const mbedtls_x509_crt *c, size_t n)
{
	if (c->raw.len != n)
		return err(ERR_FORMAT, "certificate: %zu bytes too many", n - c->raw.len);
	if (c->serial.tag != MBEDTLS_ASN1_INTEGER || c->serial.len == 0)
		return err(ERR_FORMAT, "certificate: no serial number");
	return 0;
}

int certs_add_der(struct certs *list, struct str der)
{
	mbedtls_x509_crt *c, *last = list->first;
	int r;

	c = mbedtls_calloc(1, sizeof(*c));
	if (!c)
		return err(ERR_LIMIT, "certificate: no room for it");
	mbedtls_x509_crt_init(c);
	r = mbedtls_x509_crt_parse_der(c, (const unsigned char *)der.p, der.n);
	if (r == MBEDTLS_ERR_X509_ALLOC_FAILED)
		r = err(ERR_LIMIT, "certificate: no room for it");
	else if (r != 0)
		r = err(ERR_FORMAT,
			"certificate: not one, or with a critical part unknown here (-0x%04x)",
			(unsigned)-r);
	else
		r = check_form(c, der.n);
	if (r < 0) {
		mbedtls_x509_crt_free(c);
		mbedtls_free(c);
		return r;
	}
	while (last && last->next)
		last = last->next;
	if (last)
		last->next = c;
	else
		list->first = c;
	list->n++;
	return 0;
}

void certs_close(struct certs *list)
{
	if (list->first)
		mbedtls_x509_crt_free(list->first);
	mbedtls_free(list->first);
	memset(list, 0, sizeof(*list));
}

const struct cert *certs_at(const struct certs *list, size_t i)
{
	const mbedtls_x509_crt *c = list->first;

	while (c && i-- > 0)
		c = c->next;
	return (const struct cert *)(const void *)c;
}

/* Skips to the name of a certificate: Certificate { TBSCertificate { [0] version, serial,
 * algorithm, issuer, validity, subject } }. Parsing it all, and its key, costs many times more. */
static bool peek_subject(struct str der, struct str *subject)
{
	struct str parts, skipped;

	if (!der_take(&der, DER_SEQUENCE, &der) || !der_take(&der, DER_SEQUENCE, &parts))
		return false;
	if (der_next_is(parts, DER_CONTEXT_OF_PARTS) &&
		!der_take(&parts, DER_CONTEXT_OF_PARTS, &skipped))
		return false;
	return der_take(&parts, DER_INTEGER, &skipped) &&
		der_take(&parts, DER_SEQUENCE, &skipped) &&
		der_take(&parts, DER_SEQUENCE, &skipped) &&
		der_take(&parts, DER_SEQUENCE, &skipped) &&
		der_take_whole(&parts, DER_SEQUENCE, subject);
}

bool cert_names_issuer(const struct cert *c, struct str der)
{
	struct str subject;

	return peek_subject(der, &subject) && str_eq(cert_issuer(c), subject);
}

int certs_add_named(struct certs *list, struct str der, const struct certs *chain)
{
	struct str subject;

	if (!peek_subject(der, &subject))
		return err(ERR_FORMAT, "certificate: not one");
	for (const mbedtls_x509_crt *c = chain->first; c; c = c->next) {
		if (str_eq(view(c->issuer_raw), subject)) {
			int r = certs_add_der(list, der);

			return r < 0 ? r : 1;
		}
	}
	return 0;
}

/* The lines between BEGIN and END of the next block; text in front of it is passed over. 0: there
 * is none. */
static int take_pem(struct str *pem, struct str *body)
{
	struct str line, end;

	do {
		if (!str_take_line(pem, &line))
			return 0;
	} while (!str_starts(line, "-----BEGIN "));
	if (!str_is(str_trim(line), "-----BEGIN CERTIFICATE-----"))
		return err(ERR_FORMAT, "PEM: a block that is no certificate");
	*body = *pem;
	while (str_take_line(pem, &end)) {
		if (!str_starts(end, "-----"))
			continue;
		if (!str_is(str_trim(end), "-----END CERTIFICATE-----"))
			break;
		body->n = (size_t)(end.p - body->p);
		return 1;
	}
	return err(ERR_FORMAT, "PEM: a certificate without its end");
}

static int add_pem(struct certs *list, struct str body, const struct certs *chain)
{
	BUF(der, DER_MAX + 1);
	int r = base64_read(body, true, &der);

	if (r < 0)
		return err_in(r, "PEM");
	return chain ? certs_add_named(list, buf_view(&der), chain)
		     : certs_add_der(list, buf_view(&der));
}

static int read_pem(struct certs *list, struct str pem, size_t max, const struct certs *chain)
{
	struct str body = { 0 };
	size_t seen = 0;
	int r;

	while ((r = take_pem(&pem, &body)) > 0) {
		if (seen++ == max)
			return err(ERR_LIMIT, "PEM: more than %zu certificates", max);
		r = add_pem(list, body, chain);
		if (r < 0)
			return r;
	}
	if (r == 0 && seen == 0)
		return err(ERR_ABSENT, "PEM: no certificate in it");
	return r;
}

int certs_read_pem(struct certs *list, struct str pem, size_t max)
{
	return read_pem(list, pem, max, NULL);
}

int certs_read_pem_named(struct certs *list, struct str pem, size_t max, const struct certs *chain)
{
	return read_pem(list, pem, max, chain);
}

/* --- one certificate --- */

struct str cert_der(const struct cert *c)
{
	return view(crt(c)->raw);
}

struct str cert_subject(const struct cert *c)
{
	return view(crt(c)->subject_raw);
}

struct str cert_issuer(const struct cert *c)
{
	return view(crt(c)->issuer_raw);
}

struct str cert_serial(const struct cert *c)
{
	return view(crt(c)->serial);
}

struct str cert_key_bits(const struct cert *c)
{
	struct str info = view(crt(c)->pk_raw), parts, algorithm, bits;

	if (!der_take(&info, DER_SEQUENCE, &parts) || !der_take(&parts, DER_SEQUENCE, &algorithm) ||
		!der_take_bits(&parts, &bits))
		return (struct str){ 0 };
	return bits;
}

int cert_key(const struct cert *c, struct pk *key)
{
	return pk_read_public(key, view(crt(c)->pk_raw));
}

/* The other string types are not compared byte for byte with ASCII, so a name in one of them is
 * none. */
static bool plain_string(const mbedtls_x509_buf *value)
{
	if (value->tag != MBEDTLS_ASN1_UTF8_STRING && value->tag != MBEDTLS_ASN1_PRINTABLE_STRING &&
		value->tag != MBEDTLS_ASN1_IA5_STRING)
		return false;
	for (size_t i = 0; i < value->len; i++)
		if (value->p[i] < ' ' || value->p[i] == 0x7f)
			return false;
	return value->len > 0;
}

int cert_common_name(const struct cert *c, struct buf *out)
{
	const mbedtls_x509_name *found = NULL;

	for (const mbedtls_x509_name *n = &crt(c)->subject; n; n = n->next) {
		if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &n->oid) != 0)
			continue;
		if (found)
			return err(ERR_FORMAT, "certificate: several common names");
		found = n;
	}
	if (!found || !plain_string(&found->val))
		return err(ERR_FORMAT, "certificate: no common name in plain text");
	buf_str(out, view(found->val));
	return buf_check(out, "common name");
}

static int read_time(const mbedtls_x509_time *t, int64_t *out)
{
	if (!clock_from_utc(t->year, t->mon, t->day, t->hour, t->min, t->sec, out))
		return err(ERR_FORMAT, "certificate: a date that does not exist");
	return 0;
}

static void read_extended(const mbedtls_x509_crt *c, struct cert_facts *f)
{
	for (const mbedtls_x509_sequence *e = &c->ext_key_usage; e; e = e->next) {
		f->server_auth |= MBEDTLS_OID_CMP(MBEDTLS_OID_SERVER_AUTH, &e->buf) == 0;
		f->client_auth |= MBEDTLS_OID_CMP(MBEDTLS_OID_CLIENT_AUTH, &e->buf) == 0;
		f->ocsp_signing |= MBEDTLS_OID_CMP(MBEDTLS_OID_OCSP_SIGNING, &e->buf) == 0;
		f->any_usage |= MBEDTLS_OID_CMP(MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE, &e->buf) == 0;
	}
}

int cert_facts(const struct cert *c, struct cert_facts *f)
{
	const mbedtls_x509_crt *x = crt(c);
	int r;

	memset(f, 0, sizeof(*f));
	f->has_basic = mbedtls_x509_crt_has_ext_type(x, MBEDTLS_X509_EXT_BASIC_CONSTRAINTS);
	f->is_ca = f->has_basic && mbedtls_x509_crt_get_ca_istrue(x) == 1;
	f->has_usage = mbedtls_x509_crt_has_ext_type(x, MBEDTLS_X509_EXT_KEY_USAGE);
	if (f->has_usage) {
		f->digital_signature = mbedtls_x509_crt_check_key_usage(
					       x, MBEDTLS_X509_KU_DIGITAL_SIGNATURE) == 0;
		f->key_cert_sign = mbedtls_x509_crt_check_key_usage(
					   x, MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0;
	}
	f->has_extended = mbedtls_x509_crt_has_ext_type(x, MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE);
	if (f->has_extended)
		read_extended(x, f);
	f->has_san = mbedtls_x509_crt_has_ext_type(x, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME);
	r = read_time(&x->valid_from, &f->not_before);
	return r < 0 ? r : read_time(&x->valid_to, &f->not_after);
}

bool cert_san_is(const struct cert *c, struct str name)
{
	for (const mbedtls_x509_sequence *s = &crt(c)->subject_alt_names; s; s = s->next)
		if (s->buf.tag == (MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_X509_SAN_DNS_NAME) &&
			str_eq(view(s->buf), name))
			return true;
	return false;
}

/* --- proof --- */

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
		return mbedtls_pk_get_bitlen(key) >= RSA_BITS_MIN;
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
