/* ocsp.c - stapled OCSP responses (RFC 6960), read and proven
 *
 *	OCSPResponse      { ENUMERATED status, [0] { OID type, OCTET STRING basic } }
 *	BasicOCSPResponse { ResponseData, AlgorithmIdentifier, BIT STRING,
 *	                    [0] { Certificate... } OPTIONAL }
 *	ResponseData      { [0] version OPTIONAL, [1] name or [2] key hash of the responder,
 *	                    producedAt, { SingleResponse... }, [1] extensions OPTIONAL }
 *	SingleResponse    { CertID, [0] good | [1] revoked | [2] unknown, thisUpdate,
 *	                    [0] nextUpdate OPTIONAL, [1] extensions OPTIONAL }
 *	CertID            { { OID hash, NULL }, OCTET STRING hash of the issuer's name,
 *	                    OCTET STRING hash of the issuer's key, INTEGER serial }
 *
 * A delegate is taken from the response itself and may only say yes because the issuer signed it
 * for that purpose.
 */
#include "crypto/ocsp.h"

#include <string.h>

#include <mbedtls/oid.h>

#include "crypto/crypto.h"
#include "crypto/der.h"

#define DELEGATES_MAX 4 /* certificates in a response that are looked at */

struct response {
	struct der_signed parts;
	struct str name, key_hash; /* of the responder; one of them is empty */
	struct str singles;
	struct str certs;
};

struct single {
	struct str id;
	unsigned status; /* the tag */
	int64_t this_update, next_update;
	bool has_next;
};

/* --- reading --- */

static int malformed(const char *what)
{
	return err(ERR_DENIED, "OCSP response: malformed %s", what);
}

/* [tag] Extensions, where present. None is known here, so none may be critical; the nonce means
 * nothing in a staple. */
static int skip_extensions(struct str *in, unsigned tag)
{
	struct str outer, list, one, oid, critical, value;

	if (!der_next_is(*in, tag))
		return 0;
	if (!der_take(in, tag, &outer) || !der_take(&outer, DER_SEQUENCE, &list) || outer.n > 0)
		return malformed("extensions");
	while (list.n > 0) {
		if (!der_take(&list, DER_SEQUENCE, &one) || !der_take(&one, DER_OID, &oid))
			return malformed("extensions");
		if (der_next_is(one, DER_BOOLEAN)) {
			if (!der_take(&one, DER_BOOLEAN, &critical) || critical.n != 1)
				return malformed("extensions");
			if (critical.p[0] != 0)
				return err(ERR_DENIED, "OCSP response: a critical extension");
		}
		if (!der_take(&one, DER_OCTET_STRING, &value) || one.n > 0)
			return malformed("extensions");
	}
	return 0;
}

static int read_responder(struct str *data, struct response *r)
{
	struct str content;

	if (der_take(data, DER_CONTEXT_OF_PARTS | 1, &content)) {
		if (!der_take_whole(&content, DER_SEQUENCE, &r->name) || content.n > 0)
			return malformed("responder");
	} else if (!der_take(data, DER_CONTEXT_OF_PARTS | 2, &content) ||
		!der_take(&content, DER_OCTET_STRING, &r->key_hash) || content.n > 0 ||
		r->key_hash.n != 20) {
		return malformed("responder");
	}
	return 0;
}

static int read_data(struct str text, struct response *r)
{
	struct str data, version;
	int64_t produced;
	int e;

	if (!der_take(&text, DER_SEQUENCE, &data))
		return malformed("data");
	if (der_take(&data, DER_CONTEXT_OF_PARTS, &version) &&
		!str_eq(version, STR("\x02\x01\x00")))
		return err(ERR_DENIED, "OCSP response: of another version");
	e = read_responder(&data, r);
	if (e < 0)
		return e;
	if (!der_take_time(&data, &produced) || !der_take(&data, DER_SEQUENCE, &r->singles))
		return malformed("data");
	e = skip_extensions(&data, DER_CONTEXT_OF_PARTS | 1);
	if (e == 0 && data.n > 0)
		return malformed("data");
	return e;
}

static int read_certs(struct response *r)
{
	struct str rest = r->parts.more, outer;

	if (rest.n == 0)
		return 0;
	if (!der_take(&rest, DER_CONTEXT_OF_PARTS, &outer) || rest.n > 0 ||
		!der_take(&outer, DER_SEQUENCE, &r->certs) || outer.n > 0)
		return malformed("certificates");
	return 0;
}

static int read_basic(struct str basic, struct response *r)
{
	int e;

	if (!der_take_signed(&basic, &r->parts) || basic.n > 0)
		return malformed("signature");
	e = read_certs(r);
	return e < 0 ? e : read_data(r->parts.text, r);
}

static int read_response(struct str der, struct response *r)
{
	struct str outer, status, bytes, typed, type, basic;

	memset(r, 0, sizeof(*r));
	if (der.n > OCSP_MAX)
		return err(ERR_DENIED, "OCSP response: larger than %d bytes", OCSP_MAX);
	if (!der_take(&der, DER_SEQUENCE, &outer) || der.n > 0 ||
		!der_take(&outer, DER_ENUMERATED, &status) || status.n != 1)
		return malformed("envelope");
	if (status.p[0] != 0)
		return err(ERR_DENIED, "OCSP response: the responder answered with error %d",
			status.p[0]);
	if (!der_take(&outer, DER_CONTEXT_OF_PARTS, &bytes) || outer.n > 0 ||
		!der_take(&bytes, DER_SEQUENCE, &typed) || bytes.n > 0 ||
		!der_take(&typed, DER_OID, &type) || !der_take(&typed, DER_OCTET_STRING, &basic) ||
		typed.n > 0)
		return malformed("envelope");
	if (!str_eq(type, STR("\x2b\x06\x01\x05\x05\x07\x30\x01\x01"))) /* id-pkix-ocsp-basic */
		return err(ERR_DENIED, "OCSP response: of an unknown type");
	return read_basic(basic, r);
}

static int read_single(struct str *list, struct single *s)
{
	struct str parts, status, next;

	memset(s, 0, sizeof(*s));
	if (!der_take(list, DER_SEQUENCE, &parts) || !der_take(&parts, DER_SEQUENCE, &s->id) ||
		!der_take_any(&parts, &s->status, &status) ||
		!der_take_time(&parts, &s->this_update))
		return malformed("status");
	if (s->status == DER_CONTEXT && status.n > 0) /* good is NULL */
		return malformed("status");
	s->has_next = der_take(&parts, DER_CONTEXT_OF_PARTS, &next);
	if (s->has_next && (!der_take_time(&next, &s->next_update) || next.n > 0))
		return malformed("nextUpdate");
	if (skip_extensions(&parts, DER_CONTEXT_OF_PARTS | 1) < 0)
		return ERR_DENIED;
	return parts.n > 0 ? malformed("status") : 0;
}

/* --- whom it is about --- */

static bool take_digest(struct str *id, enum digest *d)
{
	struct str algorithm, oid, nothing;

	if (!der_take(id, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid))
		return false;
	if (algorithm.n > 0 &&
		(!der_take(&algorithm, DER_NULL, &nothing) || nothing.n > 0 || algorithm.n > 0))
		return false;
	if (str_is(oid, MBEDTLS_OID_DIGEST_ALG_SHA1))
		*d = DIGEST_SHA1;
	else if (str_is(oid, MBEDTLS_OID_DIGEST_ALG_SHA256))
		*d = DIGEST_SHA256;
	else
		return false;
	return true;
}

static bool hash_is(struct str hash, enum digest d, struct str of)
{
	unsigned char made[DIGEST_MAX];

	if (hash.n != digest_size(d))
		return false;
	digest(d, of.p, of.n, made);
	return memcmp(hash.p, made, hash.n) == 0;
}

static bool id_is(struct str id, const struct cert *c, const struct cert *issuer)
{
	struct str name, key, serial;
	enum digest d;

	if (!take_digest(&id, &d) || !der_take(&id, DER_OCTET_STRING, &name) ||
		!der_take(&id, DER_OCTET_STRING, &key) || !der_take(&id, DER_INTEGER, &serial) ||
		id.n > 0)
		return false;
	return str_eq(serial, cert_serial(c)) && hash_is(name, d, cert_subject(issuer)) &&
		hash_is(key, d, cert_key_bits(issuer));
}

bool ocsp_is_about(struct str der, const struct cert *c, const struct cert *issuer)
{
	struct response r;
	struct single s;

	if (read_response(der, &r) < 0)
		return false;
	while (r.singles.n > 0) {
		if (read_single(&r.singles, &s) < 0)
			return false;
		if (id_is(s.id, c, issuer))
			return true;
	}
	return false;
}

/* --- what it says --- */

static int check_single(const struct single *s, int64_t now)
{
	if (s->status == (DER_CONTEXT_OF_PARTS | OCSP_REVOKED))
		return err(ERR_DENIED, "OCSP response: the certificate is revoked");
	if (s->status != DER_CONTEXT)
		return err(
			ERR_DENIED, "OCSP response: the responder does not know the certificate");
	if (s->this_update - OCSP_SKEW > now)
		return err(ERR_DENIED, "OCSP response: from the future");
	if (s->this_update + OCSP_AGE_MAX < now)
		return err(ERR_DENIED, "OCSP response: older than %d days", OCSP_AGE_MAX / 86400);
	if (s->has_next && (s->next_update + OCSP_SKEW < now || s->next_update < s->this_update))
		return err(ERR_DENIED, "OCSP response: out of date");
	return 0;
}

/* Every answer about the certificate has to be a good one. */
static int check_singles(
	struct str list, const struct cert *c, const struct cert *issuer, int64_t now)
{
	bool found = false;
	struct single s;
	int r;

	while (list.n > 0) {
		r = read_single(&list, &s);
		if (r < 0)
			return r;
		if (!id_is(s.id, c, issuer))
			continue;
		r = check_single(&s, now);
		if (r < 0)
			return r;
		found = true;
	}
	return found ? 0 : err(ERR_DENIED, "OCSP response: about another certificate");
}

/* --- who says it --- */

static bool is_responder(const struct response *r, const struct cert *c)
{
	if (r->name.n > 0)
		return str_eq(r->name, cert_subject(c));
	return hash_is(r->key_hash, DIGEST_SHA1, cert_key_bits(c));
}

static int check_delegate(const struct cert *c, const struct cert *issuer, int64_t now)
{
	struct cert_facts f;

	if (cert_facts(c, &f) < 0)
		return ERR_DENIED;
	if (!f.ocsp_signing)
		return err(ERR_DENIED, "OCSP responder: not made for signing responses");
	if (f.has_usage && !f.digital_signature)
		return err(ERR_DENIED, "OCSP responder: its key usage forbids signatures");
	if (now < f.not_before || now > f.not_after)
		return err(ERR_DENIED, "OCSP responder: its certificate is out of date");
	return cert_signed_by(c, issuer);
}

/* The certificate of the response that its responder id names, if the issuer made it a responder.
 */
static int try_delegate(
	const struct response *r, struct str der, const struct cert *issuer, int64_t now)
{
	struct certs one = { 0 };
	int e = certs_add_der(&one, der);

	if (e < 0) {
		e = ERR_DENIED;
	} else if (!is_responder(r, certs_at(&one, 0))) {
		e = err(ERR_DENIED, "OCSP response: its responder is neither the issuer nor in it");
	} else {
		e = check_delegate(certs_at(&one, 0), issuer, now);
		if (e == 0)
			e = cert_signs(certs_at(&one, 0), &r->parts);
	}
	certs_close(&one);
	return e;
}

static int check_signature(const struct response *r, const struct cert *issuer, int64_t now)
{
	struct str certs = r->certs, der;
	int e = err(ERR_DENIED, "OCSP response: its responder is neither the issuer nor in it");

	if (is_responder(r, issuer))
		e = cert_signs(issuer, &r->parts);
	for (size_t i = 0; e != 0 && certs.n > 0; i++) {
		if (i == DELEGATES_MAX)
			return err(ERR_DENIED, "OCSP response: more than %d certificates",
				DELEGATES_MAX);
		if (!der_take_whole(&certs, DER_SEQUENCE, &der))
			return malformed("certificates");
		e = try_delegate(r, der, issuer, now);
	}
	return e;
}

int ocsp_verify(struct str der, const struct cert *c, const struct cert *issuer, int64_t now)
{
	struct response response;
	int r = ERR_BUG;

	if (read_response(der, &response) < 0 ||
		check_singles(response.singles, c, issuer, now) < 0)
		return ERR_DENIED;
	r = check_signature(&response, issuer, now);
	return r == 0 ? 0 : ERR_DENIED;
}
