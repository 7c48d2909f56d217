/* cert.c - X.509: certificates read through mbedTLS, and what one says; see cert_path.c for proof
 */
#include "crypto/cert.h"

#include <string.h>

#include <mbedtls/oid.h>
#include <mbedtls/platform.h>

#include "base/clock.h"
#include "crypto/cert_context.h"
#include "crypto/der.h"
#include "data/enc.h"

#define DER_MAX 8192 /* one certificate */

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
