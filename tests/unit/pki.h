/* pki.h - certificates and OCSP responses for tests, of which every part can be made wrong */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "crypto/der.h"
#include "crypto/ocsp.h"
#include "crypto/pk.h"

#define PKI_NOW 1800000000 /* 2027-01-15 */
#define PKI_DAY 86400
#define PKI_MAX 8192

#define PKI_OID_CN "\x06\x03\x55\x04\x03"
#define PKI_OID_BASIC "\x55\x1d\x13"
#define PKI_OID_USAGE "\x55\x1d\x0f"
#define PKI_OID_EXTENDED "\x55\x1d\x25"
#define PKI_OID_SAN "\x55\x1d\x11"
#define PKI_OID_UNKNOWN "\x2a\x03\x04"
#define PKI_USAGE_CA STR("\x01\x06")
#define PKI_USAGE_SIGN STR("\x05\xa0")
#define PKI_USAGE_ENCIPHER STR("\x05\x20")
#define PKI_SERVER "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01"
#define PKI_CLIENT "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02"
#define PKI_EMAIL "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x04"
#define PKI_OCSP "\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09"
#define PKI_ANY "\x06\x04\x55\x1d\x25\x00"
#define PKI_SHA256_RSA STR("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00")
#define PKI_SHA256_EC STR("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define PKI_SHA1_RSA STR("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00")
#define PKI_SHA1_EC STR("\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01")

/* What a part is when it is left empty is what a good one has; absent parts are "". */
struct pki_cert {
	const char *name, *issuer; /* common names */
	struct str subject;        /* DER of the whole name, in place of name */
	const struct pk *key, *issuer_key;
	int64_t from, until; /* 0: a day before and after PKI_NOW */
	bool ca, no_basic, version1, sha1, flipped;
	int path_length;            /* of a CA, plus 1; 0 none */
	struct str usage, extended; /* NULL: by kind; empty: absent */
	struct str san;             /* GeneralNames; NULL: name, for a leaf */
	struct str more;            /* further extensions */
	const char *serial;         /* content; NULL: "\x51" */
};

static inline void pki_check(bool ok)
{
	if (!ok)
		abort();
}

static inline void pki_key(struct pk *key, enum pk_type type)
{
	pki_check(pk_generate(key, type, 2048) == 0);
}

static inline void pki_add_name(struct buf *out, unsigned tag, struct str name)
{
	size_t start = out->len;

	buf_str(out, STR(PKI_OID_CN));
	der_add(out, tag, name);
	der_wrap(out, start, DER_SEQUENCE);
	der_wrap(out, start, DER_SET);
}

/* A Name of one common name. */
static inline void pki_add_names(struct buf *out, unsigned tag, struct str name)
{
	size_t start = out->len;

	pki_add_name(out, tag, name);
	der_wrap(out, start, DER_SEQUENCE);
}

static inline void pki_add_extension(
	struct buf *out, struct str oid, bool critical, struct str value)
{
	size_t start = out->len;

	der_add(out, DER_OID, oid);
	if (critical)
		der_add(out, DER_BOOLEAN, STR("\xff"));
	der_add(out, DER_OCTET_STRING, value);
	der_wrap(out, start, DER_SEQUENCE);
}

static inline void pki_add_wrapped(
	struct buf *out, struct str oid, bool critical, unsigned tag, struct str content)
{
	BUF(value, 2048);

	der_add(&value, tag, content);
	pki_add_extension(out, oid, critical, buf_view(&value));
}

static inline void pki_add_basic(struct buf *out, const struct pki_cert *c)
{
	BUF(value, 16);
	char length = (char)(c->path_length - 1);

	if (c->ca)
		der_add(&value, DER_BOOLEAN, STR("\xff"));
	if (c->path_length > 0)
		der_add(&value, DER_INTEGER, (struct str){ &length, 1 });
	pki_add_wrapped(out, STR(PKI_OID_BASIC), true, DER_SEQUENCE, buf_view(&value));
}

static inline void pki_add_extensions(struct buf *out, const struct pki_cert *c)
{
	struct str usage = c->usage.p ? c->usage : c->ca ? PKI_USAGE_CA : PKI_USAGE_SIGN;
	struct str extended = c->extended.p ? c->extended
		: c->ca                     ? STR("")
					    : STR(PKI_SERVER PKI_CLIENT);
	BUF(san, 1024);
	size_t start = out->len;

	if (c->san.p)
		buf_str(&san, c->san);
	else if (!c->ca && c->name)
		der_add(&san, DER_CONTEXT | 2, str_of(c->name));
	if (!c->no_basic)
		pki_add_basic(out, c);
	if (usage.n > 0)
		pki_add_wrapped(out, STR(PKI_OID_USAGE), true, DER_BIT_STRING, usage);
	if (extended.n > 0)
		pki_add_wrapped(out, STR(PKI_OID_EXTENDED), false, DER_SEQUENCE, extended);
	if (san.len > 0)
		pki_add_wrapped(out, STR(PKI_OID_SAN), false, DER_SEQUENCE, buf_view(&san));
	buf_str(out, c->more);
	der_wrap(out, start, DER_SEQUENCE);
	der_wrap(out, start, DER_CONTEXT_OF_PARTS | 3);
}

static inline struct str pki_algorithm(const struct pk *key, bool sha1)
{
	if (pk_type(key) == PK_RSA)
		return sha1 ? PKI_SHA1_RSA : PKI_SHA256_RSA;
	return sha1 ? PKI_SHA1_EC : PKI_SHA256_EC;
}

/* Signs what out holds from start on, and closes it with what follows the signature. */
static inline void pki_sign(struct buf *out, size_t start, const struct pk *key, bool sha1,
	bool flipped, struct str more)
{
	BUF(signature, PK_SIGNATURE_MAX + 1);
	struct str text = { out->p + start, out->len - start };

	pki_check(pk_sign(key, sha1 ? DIGEST_SHA1 : DIGEST_SHA256, text, &signature) == 0);
	if (flipped)
		signature.p[signature.len - 1] ^= 1;
	buf_str(out, pki_algorithm(key, sha1));
	der_add_bits(out, buf_view(&signature));
	buf_str(out, more);
	der_wrap(out, start, DER_SEQUENCE);
}

static inline void pki_add_cert(struct buf *out, const struct pki_cert *c)
{
	const struct pk *signer = c->issuer_key ? c->issuer_key : c->key;
	size_t start = out->len, part;

	if (!c->version1)
		der_add(out, DER_CONTEXT_OF_PARTS, STR("\x02\x01\x02"));
	der_add(out, DER_INTEGER, str_of(c->serial ? c->serial : "\x51"));
	buf_str(out, pki_algorithm(signer, c->sha1));
	pki_add_names(out, DER_UTF8_STRING, str_of(c->issuer ? c->issuer : c->name));
	part = out->len;
	der_add_time(out, c->from ? c->from : PKI_NOW - PKI_DAY, false);
	der_add_time(out, c->until ? c->until : PKI_NOW + PKI_DAY, false);
	der_wrap(out, part, DER_SEQUENCE);
	if (c->subject.p)
		buf_str(out, c->subject);
	else
		pki_add_names(out, DER_UTF8_STRING, str_of(c->name));
	pki_check(pk_write_public_der(c->key, out) == 0);
	if (!c->version1)
		pki_add_extensions(out, c);
	der_wrap(out, start, DER_SEQUENCE);
	pki_sign(out, start, signer, c->sha1, c->flipped, (struct str){ 0 });
	pki_check(!out->full);
}

/* Adds it to a list; what certs_add_der says. */
static inline int pki_list(struct certs *list, const struct pki_cert *c)
{
	BUF(der, PKI_MAX);

	pki_add_cert(&der, c);
	return certs_add_der(list, buf_view(&der));
}

static inline void pki_add_pem(struct buf *out, const struct pki_cert *c)
{
	BUF(der, PKI_MAX);

	pki_add_cert(&der, c);
	pem_add(out, "CERTIFICATE", buf_view(&der));
}

/* --- OCSP --- */

struct pki_ocsp {
	const struct cert *about, *issuer;
	const struct pk *key;         /* who signs */
	const struct cert *responder; /* whom the responder id names; NULL: the issuer */
	bool by_key, sha1, flipped, no_bytes, no_null;
	enum digest id;                           /* 0: SHA-1 */
	unsigned envelope;                        /* responseStatus */
	unsigned status;                          /* tag of the certStatus; 0: good */
	struct str type;                          /* OID of the response; NULL: basic */
	struct str raw_id;                        /* in place of the CertID */
	struct str serial, in_front;              /* another serial; SingleResponses before ours */
	struct str single_extensions, extensions; /* Extensions in DER */
	struct str certs;                         /* DER of certificates */
	int64_t at, next;                         /* 0: an hour ago; no nextUpdate */
};

static inline void pki_add_id(struct buf *out, const struct pki_ocsp *o)
{
	enum digest d = o->id ? o->id : DIGEST_SHA1;
	unsigned char hash[DIGEST_MAX];
	struct str name = cert_subject(o->issuer), key = cert_key_bits(o->issuer);
	size_t start = out->len;

	if (o->raw_id.p) {
		buf_str(out, o->raw_id);
		return;
	}
	buf_str(out,
		d == DIGEST_SHA1             ? STR("\x06\x05\x2b\x0e\x03\x02\x1a")
			: d == DIGEST_SHA256 ? STR("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")
					     : STR("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03"));
	if (!o->no_null)
		der_add(out, DER_NULL, (struct str){ 0 });
	der_wrap(out, start, DER_SEQUENCE);
	digest(d, name.p, name.n, hash);
	der_add(out, DER_OCTET_STRING, (struct str){ (char *)hash, digest_size(d) });
	digest(d, key.p, key.n, hash);
	der_add(out, DER_OCTET_STRING, (struct str){ (char *)hash, digest_size(d) });
	der_add(out, DER_INTEGER, o->serial.p ? o->serial : cert_serial(o->about));
	der_wrap(out, start, DER_SEQUENCE);
}

static inline void pki_add_single(struct buf *out, const struct pki_ocsp *o)
{
	int64_t at = o->at ? o->at : PKI_NOW - 3600;
	size_t start = out->len, part;

	pki_add_id(out, o);
	part = out->len;
	if (o->status == (DER_CONTEXT_OF_PARTS | 1))
		der_add_time(out, at, true);
	der_wrap(out, part, o->status ? o->status : DER_CONTEXT);
	der_add_time(out, at, true);
	part = out->len;
	if (o->next) {
		der_add_time(out, o->next, true);
		der_wrap(out, part, DER_CONTEXT_OF_PARTS);
	}
	if (o->single_extensions.n > 0)
		der_add(out, DER_CONTEXT_OF_PARTS | 1, o->single_extensions);
	der_wrap(out, start, DER_SEQUENCE);
}

static inline void pki_add_responder(struct buf *out, const struct pki_ocsp *o)
{
	const struct cert *c = o->responder ? o->responder : o->issuer;
	struct str key = cert_key_bits(c);
	unsigned char hash[20];
	size_t start = out->len;

	digest(DIGEST_SHA1, key.p, key.n, hash);
	if (o->by_key)
		der_add(out, DER_OCTET_STRING, (struct str){ (char *)hash, sizeof(hash) });
	else
		buf_str(out, cert_subject(c));
	der_wrap(out, start, DER_CONTEXT_OF_PARTS | (o->by_key ? 2 : 1));
}

static inline void pki_add_basic_response(struct buf *out, const struct pki_ocsp *o)
{
	size_t start = out->len, list;
	BUF(certs, PKI_MAX);

	pki_add_responder(out, o);
	der_add_time(out, o->at ? o->at : PKI_NOW - 3600, true);
	list = out->len;
	buf_str(out, o->in_front);
	pki_add_single(out, o);
	der_wrap(out, list, DER_SEQUENCE);
	if (o->extensions.n > 0)
		der_add(out, DER_CONTEXT_OF_PARTS | 1, o->extensions);
	der_wrap(out, start, DER_SEQUENCE);
	if (o->certs.n > 0) {
		der_add(&certs, DER_SEQUENCE, o->certs);
		der_wrap(&certs, 0, DER_CONTEXT_OF_PARTS);
	}
	pki_sign(out, start, o->key, o->sha1, o->flipped, buf_view(&certs));
}

static inline void pki_add_ocsp(struct buf *out, const struct pki_ocsp *o)
{
	char envelope = (char)o->envelope;
	size_t start = out->len, bytes, basic;

	der_add(out, DER_ENUMERATED, (struct str){ &envelope, 1 });
	bytes = out->len;
	if (!o->no_bytes) {
		der_add(out, DER_OID,
			o->type.p ? o->type : STR("\x2b\x06\x01\x05\x05\x07\x30\x01\x01"));
		basic = out->len;
		pki_add_basic_response(out, o);
		der_wrap(out, basic, DER_OCTET_STRING);
		der_wrap(out, bytes, DER_SEQUENCE);
		der_wrap(out, bytes, DER_CONTEXT_OF_PARTS);
	}
	der_wrap(out, start, DER_SEQUENCE);
	pki_check(!out->full);
}

#endif
