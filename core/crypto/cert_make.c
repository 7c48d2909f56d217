/* cert_make.c - X.509 certificates, made: for the mock, and for tests */
#include <arpa/inet.h>
#include <string.h>

#include <mbedtls/oid.h>

#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "crypto/der.h"
#include "data/enc.h"

#define KEY_DER_MAX 800 /* RSA-4096 */
#define SERIAL_SIZE 16
#define PEM_WIDTH 64
#define OID(literal) STR(literal)

/* key usage, with the count of unused bits in front (RFC 5280 section 4.2.1.3) */
#define USAGE_CA STR("\x01\x06")     /* keyCertSign, cRLSign */
#define USAGE_LEAF STR("\x05\xa0")   /* digitalSignature, keyEncipherment */
#define USAGE_SIGNER STR("\x07\x80") /* digitalSignature */
#define ID_PKIX_OCSP_NOCHECK "\x2b\x06\x01\x05\x05\x07\x30\x01\x05"

/* AlgorithmIdentifier and digest of what a key signs */
static struct str algorithm_of(const struct pk *key, enum digest *d)
{
	*d = DIGEST_SHA256;
	switch (pk_type(key)) {
	case PK_RSA: return STR("\x30\x0d\x06\x09" MBEDTLS_OID_PKCS1_SHA256 "\x05\x00");
	case PK_P256: return STR("\x30\x0a\x06\x08" MBEDTLS_OID_ECDSA_SHA256);
	case PK_P384: *d = DIGEST_SHA384; return STR("\x30\x0a\x06\x08" MBEDTLS_OID_ECDSA_SHA384);
	default: return (struct str){ 0 };
	}
}

int der_sign(struct buf *out, size_t start, const struct pk *key)
{
	BUF(signature, PK_SIGNATURE_MAX + 1);
	enum digest d;
	struct str algorithm = algorithm_of(key, &d);
	struct str text = { out->p + start, out->len - start };
	int r;

	if (algorithm.n == 0)
		return err(ERR_USAGE, "signature: needs a key of RSA, P-256 or P-384");
	r = buf_check(out, "what is signed");
	if (r == 0)
		r = pk_sign(key, d, text, &signature);
	if (r < 0)
		return r;
	buf_str(out, algorithm);
	der_add_bits(out, buf_view(&signature));
	return 0;
}

static void add_attribute(struct buf *out, struct str oid, const char *value)
{
	size_t start = out->len;

	if (!value)
		return;
	der_add(out, DER_OID, oid);
	der_add(out, DER_UTF8_STRING, str_of(value));
	der_wrap(out, start, DER_SEQUENCE);
	der_wrap(out, start, DER_SET);
}

static void add_name(struct buf *out, const char *common_name, const char *organization)
{
	size_t start = out->len;

	add_attribute(out, OID(MBEDTLS_OID_AT_ORGANIZATION), organization);
	add_attribute(out, OID(MBEDTLS_OID_AT_CN), common_name);
	der_wrap(out, start, DER_SEQUENCE);
}

/* Positive, of fixed length, and not to be guessed. */
static void add_serial(struct buf *out)
{
	unsigned char serial[SERIAL_SIZE];

	crypto_random(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	der_add(out, DER_INTEGER, (struct str){ (const char *)serial, sizeof(serial) });
}

static int key_id(const struct pk *key, unsigned char id[static 20])
{
	BUF(der, KEY_DER_MAX);
	struct str info, parts, algorithm, bits;
	int r = pk_write_public_der(key, &der);

	if (r < 0)
		return r;
	info = buf_view(&der);
	if (!der_take(&info, DER_SEQUENCE, &parts) || !der_take(&parts, DER_SEQUENCE, &algorithm) ||
		!der_take_bits(&parts, &bits))
		return err(ERR_BUG, "public key: not as it was written");
	digest(DIGEST_SHA1, bits.p, bits.n, id);
	return 0;
}

/* An extension is open from its first byte on; what is added until it is closed is its value. */
struct extension {
	size_t start, value;
};

static struct extension open_extension(struct buf *out, struct str oid, bool critical)
{
	struct extension e = { .start = out->len };

	der_add(out, DER_OID, oid);
	if (critical)
		der_add(out, DER_BOOLEAN, STR("\xff"));
	e.value = out->len;
	return e;
}

static void close_extension(struct buf *out, struct extension e)
{
	der_wrap(out, e.value, DER_OCTET_STRING);
	der_wrap(out, e.start, DER_SEQUENCE);
}

static void add_basic_constraints(struct buf *out, const struct cert_request *q)
{
	struct extension e = open_extension(out, OID(MBEDTLS_OID_BASIC_CONSTRAINTS), true);
	char length = (char)q->path_length;

	if (q->ca)
		der_add(out, DER_BOOLEAN, STR("\xff"));
	if (q->ca && q->path_length >= 0)
		der_add(out, DER_INTEGER, (struct str){ &length, 1 });
	der_wrap(out, e.value, DER_SEQUENCE);
	close_extension(out, e);
}

static void add_usage(struct buf *out, const struct cert_request *q)
{
	struct extension e = open_extension(out, OID(MBEDTLS_OID_KEY_USAGE), true);

	der_add(out, DER_BIT_STRING,
		q->ca                     ? USAGE_CA
			: q->ocsp_signing ? USAGE_SIGNER
					  : USAGE_LEAF);
	close_extension(out, e);
}

static void add_extended_usage(struct buf *out, const struct cert_request *q)
{
	struct extension e;

	if (q->ca)
		return;
	e = open_extension(out, OID(MBEDTLS_OID_EXTENDED_KEY_USAGE), false);
	if (q->ocsp_signing) {
		der_add(out, DER_OID, OID(MBEDTLS_OID_OCSP_SIGNING));
	} else {
		der_add(out, DER_OID, OID(MBEDTLS_OID_SERVER_AUTH));
		der_add(out, DER_OID, OID(MBEDTLS_OID_CLIENT_AUTH));
	}
	der_wrap(out, e.value, DER_SEQUENCE);
	close_extension(out, e);
}

static void add_no_check(struct buf *out, const struct cert_request *q)
{
	struct extension e;

	if (!q->ocsp_signing)
		return;
	e = open_extension(out, OID(ID_PKIX_OCSP_NOCHECK), false);
	der_add(out, DER_NULL, (struct str){ 0 });
	close_extension(out, e);
}

static int add_address(struct buf *out, const char *text)
{
	unsigned char address[16];
	size_t n = 4;

	if (!text)
		return 0;
	if (inet_pton(AF_INET, text, address) != 1) {
		n = 16;
		if (inet_pton(AF_INET6, text, address) != 1)
			return err(ERR_USAGE, "'%s': not an IP address", text);
	}
	der_add(out, DER_CONTEXT | 7, (struct str){ (const char *)address, n });
	return 0;
}

static int add_alternative_names(struct buf *out, const struct cert_request *q)
{
	struct extension e;
	int r;

	if (!q->dns_names[0] && !q->ip_address)
		return 0;
	e = open_extension(out, OID(MBEDTLS_OID_SUBJECT_ALT_NAME), false);
	for (size_t i = 0; i < sizeof(q->dns_names) / sizeof(q->dns_names[0]) && q->dns_names[i];
		i++)
		der_add(out, DER_CONTEXT | 2, str_of(q->dns_names[i]));
	r = add_address(out, q->ip_address);
	der_wrap(out, e.value, DER_SEQUENCE);
	close_extension(out, e);
	return r;
}

static int add_key_ids(struct buf *out, const struct cert_request *q)
{
	unsigned char own[20], issuer[20];
	struct extension e;

	if (key_id(q->key, own) < 0 || key_id(q->issuer_key, issuer) < 0)
		return ERR_BUG;
	e = open_extension(out, OID(MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER), false);
	der_add(out, DER_OCTET_STRING, (struct str){ (const char *)own, sizeof(own) });
	close_extension(out, e);
	e = open_extension(out, OID(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER), false);
	der_add(out, DER_CONTEXT, (struct str){ (const char *)issuer, sizeof(issuer) });
	der_wrap(out, e.value, DER_SEQUENCE);
	close_extension(out, e);
	return 0;
}

static int add_extensions(struct buf *out, const struct cert_request *q)
{
	size_t start = out->len;
	int r;

	add_basic_constraints(out, q);
	add_usage(out, q);
	add_extended_usage(out, q);
	add_no_check(out, q);
	r = add_alternative_names(out, q);
	if (r == 0)
		r = add_key_ids(out, q);
	der_wrap(out, start, DER_SEQUENCE);
	der_wrap(out, start, DER_CONTEXT_OF_PARTS | 3);
	return r;
}

static void add_validity(struct buf *out, const struct cert_request *q)
{
	size_t start = out->len;

	der_add_time(out, q->not_before, false);
	der_add_time(out, q->not_after, false);
	der_wrap(out, start, DER_SEQUENCE);
}

static int add_body(struct buf *out, const struct cert_request *q)
{
	size_t start = out->len;
	enum digest d;
	int r;

	der_add(out, DER_CONTEXT_OF_PARTS, STR("\x02\x01\x02")); /* version 3 */
	add_serial(out);
	buf_str(out, algorithm_of(q->issuer_key, &d));
	add_name(out, q->issuer_name, q->issuer_organization);
	add_validity(out, q);
	add_name(out, q->common_name, q->organization);
	r = pk_write_public_der(q->key, out);
	if (r == 0)
		r = add_extensions(out, q);
	der_wrap(out, start, DER_SEQUENCE);
	return r;
}

int cert_make(const struct cert_request *q, struct buf *der)
{
	size_t start = der->len;
	int r;

	if (q->path_length > 127)
		return err(ERR_USAGE, "path length: larger than 127");
	r = add_body(der, q);
	if (r == 0)
		r = der_sign(der, start, q->issuer_key);
	if (r < 0)
		return r;
	der_wrap(der, start, DER_SEQUENCE);
	return buf_check(der, "certificate");
}

void pem_add(struct buf *out, const char *label, struct str der)
{
	buf_addf(out, "-----BEGIN %s-----\n", label);
	base64_add_lines(out, der.p, der.n, PEM_WIDTH);
	buf_addf(out, "-----END %s-----\n", label);
}
