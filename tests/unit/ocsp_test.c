/* ocsp_test.c - stapled OCSP responses */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/pki.h"

#define RESPONSE_MAX 16000

/* The issuer and the certificate asked about are certificates 0 and 1 of known; 2 is another
 * certificate of the issuer. */
static struct pk issuer_key, leaf_key, delegate_key, other_key;
static struct certs known;
static const struct cert *issuer, *leaf, *other;

static struct pki_cert delegate(void)
{
	return (struct pki_cert){ .name = "responder",
		.issuer = "ca",
		.key = &delegate_key,
		.issuer_key = &issuer_key,
		.usage = STR("\x07\x80"),
		.extended = STR(PKI_OCSP),
		.san = STR("") };
}

static struct pki_ocsp good(void)
{
	return (struct pki_ocsp){ .about = leaf, .issuer = issuer, .key = &issuer_key };
}

static int verify(struct pki_ocsp o)
{
	BUF(der, RESPONSE_MAX);

	pki_add_ocsp(&der, &o);
	return ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW);
}

static bool about(struct pki_ocsp o)
{
	BUF(der, RESPONSE_MAX);

	pki_add_ocsp(&der, &o);
	return ocsp_is_about(buf_view(&der), leaf, issuer);
}

/* Signed by a delegate of this certificate. */
static int verify_delegated(struct pki_cert c, struct pki_ocsp o)
{
	BUF(der, PKI_MAX);
	struct certs one = { 0 };
	int r;

	pki_add_cert(&der, &c);
	assert_int_equal(certs_add_der(&one, buf_view(&der)), 0);
	o.responder = certs_at(&one, 0);
	o.key = &delegate_key;
	o.certs = buf_view(&der);
	r = verify(o);
	certs_close(&one);
	return r;
}

#define SPOIL(field, ...) \
	do { \
		struct pki_ocsp o_ = good(); \
		o_.field = __VA_ARGS__; \
		assert_int_equal(verify(o_), ERR_DENIED); \
	} while (0)

#define WORKS(field, ...) \
	do { \
		struct pki_ocsp o_ = good(); \
		o_.field = __VA_ARGS__; \
		assert_int_equal(verify(o_), 0); \
		assert_true(about(o_)); \
	} while (0)

static void a_good_response_of_the_issuer_is_proven(void **state)
{
	(void)state;
	assert_int_equal(verify(good()), 0);
	assert_true(about(good()));
	WORKS(by_key, true);
	WORKS(id, DIGEST_SHA256);
	WORKS(no_null, true);
	WORKS(certs, cert_der(issuer));
	WORKS(certs, cert_der(other));
	WORKS(next, PKI_NOW + PKI_DAY);
}

static void skew_is_five_minutes_either_way(void **state)
{
	(void)state;
	WORKS(at, PKI_NOW + OCSP_SKEW);
	SPOIL(at, PKI_NOW + OCSP_SKEW + 1);
	WORKS(next, PKI_NOW - OCSP_SKEW);
	SPOIL(next, PKI_NOW - OCSP_SKEW - 1);
	SPOIL(next, PKI_NOW - 3601); /* before thisUpdate */
}

static void nothing_older_than_fourteen_days_counts(void **state)
{
	struct pki_ocsp o = good();

	(void)state;
	WORKS(at, PKI_NOW - OCSP_AGE_MAX);
	SPOIL(at, PKI_NOW - OCSP_AGE_MAX - 1);
	o.at = PKI_NOW - OCSP_AGE_MAX - 1;
	o.next = PKI_NOW + 365 * PKI_DAY;
	assert_int_equal(verify(o), ERR_DENIED);
	SPOIL(at, -1);
	SPOIL(at, 253402300799);
}

static void odd_times_of_the_judge_prove_nothing(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX, 0, -1, 253402300799 };
	struct pki_ocsp o = good();
	BUF(der, RESPONSE_MAX);

	(void)state;
	o.next = 253402300799;
	pki_add_ocsp(&der, &o);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, times[i]), ERR_DENIED);
	assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), 0);
}

static void only_good_is_good(void **state)
{
	(void)state;
	SPOIL(status, DER_CONTEXT_OF_PARTS | 1); /* revoked */
	SPOIL(status, DER_CONTEXT | 2);          /* unknown */
	SPOIL(status, DER_CONTEXT_OF_PARTS);     /* good, but constructed */
	SPOIL(status, DER_CONTEXT | 1);
	SPOIL(status, DER_CONTEXT | 3);
	SPOIL(status, DER_NULL);
}

static void an_unsuccessful_answer_says_nothing(void **state)
{
	static const unsigned errors[] = { 1, 2, 3, 5, 6, 0x80 };
	struct pki_ocsp o = good();

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		SPOIL(envelope, errors[i]);
		o.envelope = errors[i];
		o.no_bytes = true;
		assert_int_equal(verify(o), ERR_DENIED);
		assert_false(about(o));
	}
	SPOIL(no_bytes, true);
	SPOIL(type, STR("\x2b\x06\x01\x05\x05\x07\x30\x01\x02"));
	SPOIL(type, STR(""));
}

static void the_signature_has_to_be_the_issuers(void **state)
{
	struct pki_ocsp o = good();

	(void)state;
	SPOIL(flipped, true);
	SPOIL(key, &other_key);
	SPOIL(key, &leaf_key);
	SPOIL(sha1, true);
	SPOIL(responder, leaf); /* names another responder */
	SPOIL(responder, other);
	o.by_key = true;
	o.responder = other;
	assert_int_equal(verify(o), ERR_DENIED);
}

static void a_response_about_something_else_is_none(void **state)
{
	BUF(elsewhere, 512);
	struct pki_ocsp o = good();

	(void)state;
#define ELSE(field, ...) \
	do { \
		struct pki_ocsp o_ = good(); \
		o_.field = __VA_ARGS__; \
		assert_false(about(o_)); \
		assert_int_equal(verify(o_), ERR_DENIED); \
	} while (0)
	ELSE(about, other);
	ELSE(serial, STR("\x52"));
	ELSE(serial, STR("\x00\x51"));
	ELSE(serial, STR(""));
	ELSE(id, DIGEST_SHA512);
	ELSE(raw_id, STR("\x30\x00"));
#undef ELSE
	o.issuer = other; /* the hashes of another issuer */
	o.responder = issuer;
	assert_int_equal(verify(o), ERR_DENIED);

	o = good(); /* an answer about another certificate in front of ours does not matter */
	o.about = other;
	o.status = DER_CONTEXT_OF_PARTS | 1;
	pki_add_single(&elsewhere, &o);
	WORKS(in_front, buf_view(&elsewhere));
}

static void of_two_answers_about_one_certificate_both_count(void **state)
{
	BUF(revoked, 512);
	struct pki_ocsp o = good();

	(void)state;
	o.status = DER_CONTEXT_OF_PARTS | 1;
	o.id = DIGEST_SHA256;
	pki_add_single(&revoked, &o);
	SPOIL(in_front, buf_view(&revoked));
	buf_clear(&revoked);
	o.status = 0;
	pki_add_single(&revoked, &o);
	WORKS(in_front, buf_view(&revoked));
}

static void no_extension_may_be_critical(void **state)
{
	static const char nonce[] = "\x2b\x06\x01\x05\x05\x07\x30\x01\x02";
	struct str oid = str_of(nonce), broken = STR("\x30\x04\x30\x02\x06\x01");
	BUF(plain, 64);
	BUF(critical, 64);

	(void)state;
	pki_add_extension(&plain, oid, false, STR("\x04\x01x"));
	der_wrap(&plain, 0, DER_SEQUENCE);
	pki_add_extension(&critical, oid, true, STR("\x04\x01x"));
	der_wrap(&critical, 0, DER_SEQUENCE);
	WORKS(extensions, buf_view(&plain));
	WORKS(single_extensions, buf_view(&plain));
	SPOIL(extensions, buf_view(&critical));
	SPOIL(single_extensions, buf_view(&critical));
	SPOIL(extensions, broken);
	SPOIL(single_extensions, broken);
	SPOIL(extensions, STR("\x05\x00"));
}

static void a_delegate_of_the_issuer_may_sign(void **state)
{
	struct pki_ocsp o = good();
	struct pki_cert d = delegate();

	(void)state;
	assert_int_equal(verify_delegated(d, o), 0);
	o.by_key = true;
	assert_int_equal(verify_delegated(d, o), 0);
	d.usage = STR("");
	assert_int_equal(verify_delegated(d, o), 0);
	d.no_basic = true;
	assert_int_equal(verify_delegated(d, o), 0);
	d.extended = STR(PKI_SERVER PKI_OCSP);
	assert_int_equal(verify_delegated(d, o), 0);
}

static void who_was_not_made_a_responder_may_not_sign(void **state)
{
	struct pki_cert d;

	(void)state;
#define DELEGATE(field, ...) \
	d = delegate(); \
	d.field = __VA_ARGS__; \
	assert_int_equal(verify_delegated(d, good()), ERR_DENIED)
	DELEGATE(extended, STR(""));
	DELEGATE(extended, STR(PKI_SERVER PKI_CLIENT));
	DELEGATE(extended, STR(PKI_ANY));
	DELEGATE(usage, PKI_USAGE_ENCIPHER);
	DELEGATE(until, PKI_NOW - 1);
	DELEGATE(from, PKI_NOW + 1);
	DELEGATE(issuer_key, &other_key);
	DELEGATE(issuer, "CA");
	DELEGATE(flipped, true);
	DELEGATE(sha1, true);
	DELEGATE(version1, true);
#undef DELEGATE
	d = delegate(); /* self-signed */
	d.issuer = "responder";
	d.issuer_key = &delegate_key;
	assert_int_equal(verify_delegated(d, good()), ERR_DENIED);
	d = delegate(); /* called like the issuer, by itself */
	d.name = "ca";
	d.issuer_key = &delegate_key;
	assert_int_equal(verify_delegated(d, good()), ERR_DENIED);
}

static void a_delegate_has_to_be_in_the_response_and_sign_it(void **state)
{
	BUF(der, PKI_MAX);
	struct pki_cert d = delegate();
	struct certs one = { 0 };
	struct pki_ocsp o = good();

	(void)state;
	pki_add_cert(&der, &d);
	assert_int_equal(certs_add_der(&one, buf_view(&der)), 0);
	o.responder = certs_at(&one, 0);
	o.key = &delegate_key;
	assert_int_equal(verify(o), ERR_DENIED); /* not in it */
	o.certs = STR("\x30\x03garbage");
	assert_int_equal(verify(o), ERR_DENIED);
	o.certs = cert_der(leaf);
	assert_int_equal(verify(o), ERR_DENIED);
	o.certs = buf_view(&der);
	assert_int_equal(verify(o), 0);
	o.key = &other_key;
	assert_int_equal(verify(o), ERR_DENIED);
	o.key = &delegate_key;
	o.flipped = true;
	assert_int_equal(verify(o), ERR_DENIED);
	certs_close(&one);
}

static void only_so_many_certificates_are_looked_at(void **state)
{
	BUF(der, 8 * PKI_MAX / 8);
	BUF(single, PKI_MAX);
	struct pki_cert d = delegate();
	struct certs one = { 0 };
	struct pki_ocsp o = good();

	(void)state;
	pki_add_cert(&single, &d);
	assert_int_equal(certs_add_der(&one, buf_view(&single)), 0);
	for (int i = 0; i < 4; i++)
		buf_str(&der, cert_der(leaf));
	buf_str(&der, buf_view(&single));
	assert_false(der.full);
	o.responder = certs_at(&one, 0);
	o.key = &delegate_key;
	o.certs = buf_view(&der);
	assert_int_equal(verify(o), ERR_DENIED);
	certs_close(&one);
}

static void every_cut_and_every_flipped_bit_is_noticed(void **state)
{
	struct pki_ocsp o = good();
	BUF(der, RESPONSE_MAX);

	(void)state;
	o.next = PKI_NOW + PKI_DAY;
	pki_add_ocsp(&der, &o);
	for (size_t i = 0; i < der.len; i++) {
		struct str cut = { der.p, i };

		assert_int_equal(ocsp_verify(cut, leaf, issuer, PKI_NOW), ERR_DENIED);
		assert_false(ocsp_is_about(cut, leaf, issuer));
		for (int bit = 0; bit < 8; bit += 3) {
			der.p[i] = (char)(der.p[i] ^ 1 << bit);
			assert_int_equal(
				ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), ERR_DENIED);
			der.p[i] = (char)(der.p[i] ^ 1 << bit);
		}
	}
	buf_putc(&der, 0);
	assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), ERR_DENIED);
	assert_int_equal(ocsp_verify((struct str){ 0 }, leaf, issuer, PKI_NOW), ERR_DENIED);
	assert_int_equal(ocsp_verify(STR("not DER at all"), leaf, issuer, PKI_NOW), ERR_DENIED);
}

static void a_response_over_the_limit_is_refused(void **state)
{
	static char zeros[OCSP_MAX + 1];

	(void)state;
	assert_int_equal(ocsp_verify((struct str){ zeros, sizeof(zeros) }, leaf, issuer, PKI_NOW),
		ERR_DENIED);
	assert_non_null(strstr(err_text(), "larger"));
}

static void what_we_make_is_proven(void **state)
{
	struct ocsp_request q = {
		.about = leaf, .issuer = issuer, .key = &issuer_key, .this_update = PKI_NOW
	};
	struct pki_cert d = delegate();
	struct certs one = { 0 };
	BUF(der, RESPONSE_MAX);

	(void)state;
	assert_int_equal(pki_list(&one, &d), 0);
	for (int i = 0; i < 8; i++) {
		q.sha256_id = i & 1;
		q.next_update = i & 2 ? PKI_NOW + PKI_DAY : 0;
		q.delegate = i & 4 ? certs_at(&one, 0) : NULL;
		q.key = i & 4 ? &delegate_key : &issuer_key;
		buf_clear(&der);
		assert_int_equal(ocsp_make(&q, &der), 0);
		assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), 0);
		assert_int_equal(ocsp_verify(buf_view(&der), other, issuer, PKI_NOW), ERR_DENIED);
	}
	q.status = OCSP_REVOKED;
	buf_clear(&der);
	assert_int_equal(ocsp_make(&q, &der), 0);
	assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), ERR_DENIED);
	assert_non_null(strstr(err_text(), "revoked"));
	q.status = OCSP_UNKNOWN;
	buf_clear(&der);
	assert_int_equal(ocsp_make(&q, &der), 0);
	assert_int_equal(ocsp_verify(buf_view(&der), leaf, issuer, PKI_NOW), ERR_DENIED);
	der.cap = 100;
	buf_clear(&der);
	assert_true(ocsp_make(&q, &der) < 0);
	certs_close(&one);
}

static int make_world(void **state)
{
	struct pki_cert certs[] = {
		{ .name = "ca", .key = &issuer_key, .ca = true },
		{ .name = "leaf", .issuer = "ca", .key = &leaf_key, .issuer_key = &issuer_key },
		{ .name = "other",
			.issuer = "ca",
			.key = &other_key,
			.issuer_key = &issuer_key,
			.serial = "\x53" },
	};

	(void)state;
	pki_key(&issuer_key, PK_P256);
	pki_key(&leaf_key, PK_P256);
	pki_key(&delegate_key, PK_P256);
	pki_key(&other_key, PK_P256);
	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++)
		pki_check(pki_list(&known, &certs[i]) == 0);
	issuer = certs_at(&known, 0);
	leaf = certs_at(&known, 1);
	other = certs_at(&known, 2);
	return 0;
}

static int drop_world(void **state)
{
	(void)state;
	certs_close(&known);
	pk_close(&issuer_key);
	pk_close(&leaf_key);
	pk_close(&delegate_key);
	pk_close(&other_key);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_response_of_the_issuer_is_proven),
		cmocka_unit_test(skew_is_five_minutes_either_way),
		cmocka_unit_test(nothing_older_than_fourteen_days_counts),
		cmocka_unit_test(odd_times_of_the_judge_prove_nothing),
		cmocka_unit_test(only_good_is_good),
		cmocka_unit_test(an_unsuccessful_answer_says_nothing),
		cmocka_unit_test(the_signature_has_to_be_the_issuers),
		cmocka_unit_test(a_response_about_something_else_is_none),
		cmocka_unit_test(of_two_answers_about_one_certificate_both_count),
		cmocka_unit_test(no_extension_may_be_critical),
		cmocka_unit_test(a_delegate_of_the_issuer_may_sign),
		cmocka_unit_test(who_was_not_made_a_responder_may_not_sign),
		cmocka_unit_test(a_delegate_has_to_be_in_the_response_and_sign_it),
		cmocka_unit_test(only_so_many_certificates_are_looked_at),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_noticed),
		cmocka_unit_test(a_response_over_the_limit_is_refused),
		cmocka_unit_test(what_we_make_is_proven),
	};

	return cmocka_run_group_tests(tests, make_world, drop_world);
}
