/* pkcs7.c - PKCS#7 signed data (RFC 2315), as the signature of an instance identity document has it
 *
 *	ContentInfo { signedData, [0] SignedData { 1, { sha256 }, { data, [0] OCTET STRING content
 *}, { SignerInfo { 1, { issuer, serial }, { sha256 }, { rsaEncryption }, OCTET STRING signature } }
 *} } */
#include "crypto/pkcs7.h"

#include "crypto/der.h"

#define OID_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_SHA256 "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"

static void add_algorithm(struct buf *out, struct str oid)
{
	size_t start = out->len;

	der_add(out, DER_OID, oid);
	der_add(out, DER_NULL, STR(""));
	der_wrap(out, start, DER_SEQUENCE);
}

static void add_content(struct buf *out, struct str content)
{
	size_t start = out->len, explicit;

	der_add(out, DER_OID, STR(OID_DATA));
	explicit = out->len;
	der_add(out, DER_OCTET_STRING, content);
	der_wrap(out, explicit, DER_CONTEXT_OF_PARTS);
	der_wrap(out, start, DER_SEQUENCE);
}

static void add_signer(struct buf *out, const struct cert *signer, struct str signature)
{
	size_t start = out->len, name;

	der_add(out, DER_INTEGER, STR("\x01"));
	name = out->len;
	buf_str(out, cert_issuer(signer));
	der_add(out, DER_INTEGER, cert_serial(signer));
	der_wrap(out, name, DER_SEQUENCE);
	add_algorithm(out, STR(OID_SHA256));
	add_algorithm(out, STR(OID_RSA));
	der_add(out, DER_OCTET_STRING, signature);
	der_wrap(out, start, DER_SEQUENCE);
}

static void add_signed_data(
	struct buf *out, struct str content, const struct cert *signer, struct str signature)
{
	size_t start = out->len, set;

	der_add(out, DER_INTEGER, STR("\x01"));
	set = out->len;
	add_algorithm(out, STR(OID_SHA256));
	der_wrap(out, set, DER_SET);
	add_content(out, content);
	set = out->len;
	add_signer(out, signer, signature);
	der_wrap(out, set, DER_SET);
	der_wrap(out, start, DER_SEQUENCE);
}

int pkcs7_make(struct str content, const struct cert *signer, const struct pk *key, struct buf *der)
{
	BUF(signature, PK_SIGNATURE_MAX + 1);
	size_t start = der->len, explicit;
	int r = pk_sign(key, DIGEST_SHA256, content, &signature);

	if (r < 0)
		return r;
	der_add(der, DER_OID, STR(OID_SIGNED_DATA));
	explicit = der->len;
	add_signed_data(der, content, signer, buf_view(&signature));
	der_wrap(der, explicit, DER_CONTEXT_OF_PARTS);
	der_wrap(der, start, DER_SEQUENCE);
	return buf_check(der, "PKCS#7");
}
