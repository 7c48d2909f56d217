/* ocsp_make.c - OCSP responses, made: for the mock, and for tests (ocsp.c says how they look) */
#include "crypto/ocsp.h"

#include <mbedtls/oid.h>

#include "crypto/crypto.h"
#include "crypto/der.h"

#define ID_PKIX_OCSP_BASIC "\x2b\x06\x01\x05\x05\x07\x30\x01\x01"

static void add_hash(struct buf *out, enum digest d, struct str of)
{
	unsigned char hash[DIGEST_MAX];

	digest(d, of.p, of.n, hash);
	der_add(out, DER_OCTET_STRING, (struct str){ (const char *)hash, digest_size(d) });
}

static void add_cert_id(struct buf *out, const struct ocsp_request *q)
{
	enum digest d = q->sha256_id ? DIGEST_SHA256 : DIGEST_SHA1;
	size_t start = out->len;

	der_add(out, DER_OID,
		q->sha256_id ? STR(MBEDTLS_OID_DIGEST_ALG_SHA256)
			     : STR(MBEDTLS_OID_DIGEST_ALG_SHA1));
	der_add(out, DER_NULL, (struct str){ 0 });
	der_wrap(out, start, DER_SEQUENCE);
	add_hash(out, d, cert_subject(q->issuer));
	add_hash(out, d, cert_key_bits(q->issuer));
	der_add(out, DER_INTEGER, cert_serial(q->about));
	der_wrap(out, start, DER_SEQUENCE);
}

static void add_status(struct buf *out, const struct ocsp_request *q)
{
	size_t start = out->len;

	if (q->status == OCSP_REVOKED) {
		der_add_time(out, q->this_update, true); /* when it was revoked; no reason is given
							  */
		der_wrap(out, start, DER_CONTEXT_OF_PARTS | 1);
		return;
	}
	der_add(out, q->status == OCSP_GOOD ? DER_CONTEXT : DER_CONTEXT | 2, (struct str){ 0 });
}

static void add_single(struct buf *out, const struct ocsp_request *q)
{
	size_t start = out->len, next;

	add_cert_id(out, q);
	add_status(out, q);
	der_add_time(out, q->this_update, true);
	if (q->next_update) {
		next = out->len;
		der_add_time(out, q->next_update, true);
		der_wrap(out, next, DER_CONTEXT_OF_PARTS);
	}
	der_wrap(out, start, DER_SEQUENCE);
}

static void add_data(struct buf *out, const struct ocsp_request *q)
{
	size_t start = out->len, list;

	der_add(out, DER_CONTEXT_OF_PARTS | 1, cert_subject(q->delegate ? q->delegate : q->issuer));
	der_add_time(out, q->this_update, true);
	list = out->len;
	add_single(out, q);
	der_wrap(out, list, DER_SEQUENCE);
	der_wrap(out, start, DER_SEQUENCE);
}

static int add_basic(struct buf *out, const struct ocsp_request *q)
{
	size_t start = out->len, certs;
	int r;

	add_data(out, q);
	r = der_sign(out, start, q->key);
	if (r < 0)
		return r;
	if (q->delegate) {
		certs = out->len;
		buf_str(out, cert_der(q->delegate));
		der_wrap(out, certs, DER_SEQUENCE);
		der_wrap(out, certs, DER_CONTEXT_OF_PARTS);
	}
	der_wrap(out, start, DER_SEQUENCE);
	return 0;
}

int ocsp_make(const struct ocsp_request *q, struct buf *der)
{
	size_t start = der->len, bytes, basic;
	int r;

	der_add(der, DER_ENUMERATED, STR("\0")); /* successful */
	bytes = der->len;
	der_add(der, DER_OID, STR(ID_PKIX_OCSP_BASIC));
	basic = der->len;
	r = add_basic(der, q);
	if (r < 0)
		return r;
	der_wrap(der, basic, DER_OCTET_STRING);
	der_wrap(der, bytes, DER_SEQUENCE);
	der_wrap(der, bytes, DER_CONTEXT_OF_PARTS);
	der_wrap(der, start, DER_SEQUENCE);
	return buf_check(der, "OCSP response");
}
