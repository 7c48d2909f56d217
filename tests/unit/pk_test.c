/* pk_test.c - RSA and EC keys and their signatures, against openssl's */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/pk.h"
#include "data/enc.h"
#include "key_vectors.h"

#define TEXT STR("the text")

static struct str decoded(struct buf *b, const char *base64)
{
	buf_clear(b);
	assert_int_equal(base64_read(str_of(base64), false, b), 0);
	return buf_view(b);
}

static void read_public(struct pk *key, const char *base64)
{
	BUF(der, 1024);

	assert_int_equal(pk_read_public(key, decoded(&der, base64)), 0);
}

static void read_private(struct pk *key, const char *pem)
{
	assert_int_equal(pk_read_private(key, str_of(pem)), 0);
}

static void signatures_of_openssl_are_proven(void **state)
{
	struct pk rsa, p256, p384;
	BUF(s, 1024);

	(void)state;
	read_public(&rsa, spki_rsa);
	read_public(&p256, spki_ec256);
	read_public(&p384, spki_ec384);
	assert_int_equal(pk_type(&rsa), PK_RSA);
	assert_int_equal(pk_bits(&rsa), 2048);
	assert_int_equal(pk_type(&p256), PK_P256);
	assert_int_equal(pk_type(&p384), PK_P384);
	assert_int_equal(pk_verify_pss(&rsa, TEXT, decoded(&s, signed_pss32)), 0);
	assert_int_equal(pk_verify(&rsa, DIGEST_SHA256, TEXT, decoded(&s, signed_v15)), 0);
	assert_int_equal(pk_verify(&p256, DIGEST_SHA256, TEXT, decoded(&s, signed_s256)), 0);
	assert_int_equal(pk_verify(&p384, DIGEST_SHA384, TEXT, decoded(&s, signed_s384)), 0);
	pk_close(&rsa);
	pk_close(&p256);
	pk_close(&p384);
}

static void pss_with_another_salt_or_digest_is_denied(void **state)
{
	struct pk key;
	BUF(s, 1024);

	(void)state;
	read_public(&key, spki_rsa);
	assert_int_equal(pk_verify_pss(&key, TEXT, decoded(&s, signed_pss20)), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&key, TEXT, decoded(&s, signed_pss384)), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&key, TEXT, decoded(&s, signed_v15)), ERR_DENIED);
	assert_int_equal(
		pk_verify(&key, DIGEST_SHA256, TEXT, decoded(&s, signed_pss32)), ERR_DENIED);
	pk_close(&key);
}

static void each_changed_byte_of_a_signature_is_denied(void **state)
{
	struct pk rsa, ec;
	BUF(s, 1024);

	(void)state;
	read_public(&rsa, spki_rsa);
	read_public(&ec, spki_ec256);
	for (size_t i = 0; i < 256; i++) {
		decoded(&s, signed_pss32);
		s.p[i] = (char)(s.p[i] ^ 1);
		assert_int_equal(pk_verify_pss(&rsa, TEXT, buf_view(&s)), ERR_DENIED);
	}
	decoded(&s, signed_s256);
	for (size_t i = 0; i < s.len; i++) {
		s.p[i] = (char)(s.p[i] ^ 1);
		assert_int_equal(pk_verify(&ec, DIGEST_SHA256, TEXT, buf_view(&s)), ERR_DENIED);
		s.p[i] = (char)(s.p[i] ^ 1);
	}
	pk_close(&rsa);
	pk_close(&ec);
}

static void another_text_key_or_length_is_denied(void **state)
{
	struct pk rsa, ec, none = { 0 };
	BUF(s, 1024);
	struct str pss;

	(void)state;
	read_public(&rsa, spki_rsa);
	read_public(&ec, spki_ec256);
	pss = decoded(&s, signed_pss32);
	assert_int_equal(pk_verify_pss(&rsa, STR("the text\n"), pss), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&rsa, STR(""), pss), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&ec, TEXT, pss), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&none, TEXT, pss), ERR_DENIED);
	assert_int_equal(pk_verify(&none, DIGEST_SHA256, TEXT, pss), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&rsa, TEXT, (struct str){ pss.p, pss.n - 1 }), ERR_DENIED);
	buf_putc(&s, 0);
	assert_int_equal(pk_verify_pss(&rsa, TEXT, buf_view(&s)), ERR_DENIED);
	assert_int_equal(pk_verify_pss(&rsa, TEXT, STR("")), ERR_DENIED);
	decoded(&s, signed_s256);
	buf_putc(&s, 0);
	assert_int_equal(pk_verify(&ec, DIGEST_SHA256, TEXT, buf_view(&s)), ERR_DENIED);
	assert_int_equal(pk_verify(&ec, DIGEST_SHA384, TEXT, decoded(&s, signed_s256)), ERR_DENIED);
	pk_close(&rsa);
	pk_close(&ec);
}

static void check_round(const char *pem, const char *spki, enum digest d)
{
	struct pk private, public;
	BUF(s, PK_SIGNATURE_MAX + 1);

	read_private(&private, pem);
	read_public(&public, spki);
	assert_int_equal(pk_sign(&private, d, TEXT, &s), 0);
	assert_int_equal(pk_verify(&public, d, TEXT, buf_view(&s)), 0);
	buf_clear(&s);
	if (pk_type(&private) == PK_RSA) {
		assert_int_equal(pk_sign_pss(&private, TEXT, PK_PSS_SALT, &s), 0);
		assert_int_equal(pk_verify_pss(&public, TEXT, buf_view(&s)), 0);
		buf_clear(&s);
		assert_int_equal(pk_sign_pss(&private, TEXT, 20, &s), 0);
		assert_int_equal(pk_verify_pss(&public, TEXT, buf_view(&s)), ERR_DENIED);
		buf_clear(&s);
		assert_int_equal(pk_sign(&private, DIGEST_SHA256, TEXT, &s), 0); /* PSS left no
										    trace */
		assert_int_equal(pk_verify(&public, DIGEST_SHA256, TEXT, buf_view(&s)), 0);
	}
	pk_close(&private);
	pk_close(&public);
}

static void private_keys_of_each_form_sign_for_their_public_key(void **state)
{
	(void)state;
	check_round(file_rsa_pem, spki_rsa, DIGEST_SHA256);
	check_round(file_rsa_p8, spki_rsa, DIGEST_SHA512);
	check_round(file_ec256_pem, spki_ec256, DIGEST_SHA256);
	check_round(file_ec384_p8, spki_ec384, DIGEST_SHA384);
}

static void a_public_key_or_none_cannot_sign(void **state)
{
	struct pk rsa, ec, none = { 0 };
	BUF(s, PK_SIGNATURE_MAX + 1);

	(void)state;
	read_public(&rsa, spki_rsa);
	read_public(&ec, spki_ec256);
	assert_int_equal(pk_sign(&rsa, DIGEST_SHA256, TEXT, &s), ERR_BUG);
	assert_int_equal(pk_sign_pss(&rsa, TEXT, 32, &s), ERR_BUG);
	assert_int_equal(pk_sign(&ec, DIGEST_SHA256, TEXT, &s), ERR_BUG);
	assert_int_equal(pk_sign_pss(&ec, TEXT, 32, &s), ERR_BUG);
	assert_int_equal(pk_sign(&none, DIGEST_SHA256, TEXT, &s), ERR_BUG);
	assert_int_equal(pk_sign_pss(&none, TEXT, 32, &s), ERR_BUG);
	assert_int_equal(s.len, 0);
	pk_close(&rsa);
	pk_close(&ec);
}

static void a_signature_that_does_not_fit_is_an_error(void **state)
{
	struct pk key;
	BUF(s, 256);

	(void)state;
	read_private(&key, file_rsa_pem);
	assert_int_equal(pk_sign_pss(&key, TEXT, 32, &s), ERR_LIMIT);
	pk_close(&key);
}

static void encrypted_damaged_and_foreign_private_keys_are_refused(void **state)
{
	static const char *const encrypted[] = { file_rsa_pem_enc, file_rsa_p8_enc };
	static const char *const foreign[] = { "", "x", line_rsa, file_ed, file_x25519_p8,
		file_k1_pem, "-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n",
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", "-----BEGIN " };
	char cut[sizeof(file_rsa_pem)];
	struct pk key;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pk_read_private(&key, str_of(encrypted[i])), ERR_DENIED);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		assert_int_equal(pk_read_private(&key, str_of(foreign[i])), ERR_FORMAT);
		assert_int_equal(pk_type(&key), PK_NONE);
		pk_close(&key);
	}
	for (size_t n = 0; n < sizeof(cut) - 2; n += 7) {
		memcpy(cut, file_rsa_pem, n);
		assert_int_equal(pk_read_private(&key, (struct str){ cut, n }), ERR_FORMAT);
	}
}

static void a_public_key_ends_where_it_ends(void **state)
{
	struct pk key;
	BUF(der, 1024);

	(void)state;
	decoded(&der, spki_rsa);
	for (size_t n = 0; n < der.len; n++)
		assert_int_equal(pk_read_public(&key, (struct str){ der.p, n }), ERR_FORMAT);
	buf_putc(&der, 0);
	assert_int_equal(pk_read_public(&key, buf_view(&der)), ERR_FORMAT);
	assert_int_equal(pk_type(&key), PK_NONE);
}

static void what_is_made_signs_and_is_written_and_read(void **state)
{
	static const enum pk_type types[] = { PK_RSA, PK_P256, PK_P384, PK_P521 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct pk key, copy, public;
		BUF(pem, 8192);
		BUF(der, 2048);
		BUF(s, PK_SIGNATURE_MAX + 1);

		assert_int_equal(pk_generate(&key, types[i], 2048), 0);
		assert_int_equal(pk_type(&key), types[i]);
		assert_int_equal(pk_write_private_pem(&key, &pem), 0);
		assert_int_equal(pk_read_private(&copy, buf_view(&pem)), 0);
		assert_int_equal(pk_write_public_der(&copy, &der), 0);
		assert_int_equal(pk_read_public(&public, buf_view(&der)), 0);
		assert_int_equal(pk_bits(&public), pk_bits(&key));
		assert_int_equal(pk_sign(&key, DIGEST_SHA256, TEXT, &s), 0);
		assert_int_equal(pk_verify(&public, DIGEST_SHA256, TEXT, buf_view(&s)), 0);
		pk_close(&key);
		pk_close(&copy);
		pk_close(&public);
	}
}

static void keys_that_are_too_weak_odd_or_large_are_not_made(void **state)
{
	static const unsigned bits[] = { 0, 512, 1024, 2047, 2049, 8194, 16384 };
	struct pk key;

	(void)state;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		assert_int_equal(pk_generate(&key, PK_RSA, bits[i]), ERR_USAGE);
	assert_int_equal(pk_generate(&key, PK_NONE, 2048), ERR_BUG);
	pk_close(&key);
}

struct numbers {
	char n[600], e[16], d[600], p[300], q[300];
};

static void take_apart(const struct pk *key, struct numbers *room, struct str out[5])
{
	struct buf n = buf_of(room->n, sizeof(room->n)), e = buf_of(room->e, sizeof(room->e));
	struct buf d = buf_of(room->d, sizeof(room->d)), p = buf_of(room->p, sizeof(room->p));
	struct buf q = buf_of(room->q, sizeof(room->q));
	const struct pk_rsa parts = { &n, &e, &d, &p, &q, NULL };

	assert_int_equal(pk_rsa_parts(key, &parts), 0);
	out[0] = buf_view(&n);
	out[1] = buf_view(&e);
	out[2] = buf_view(&d);
	out[3] = buf_view(&p);
	out[4] = buf_view(&q);
}

static void an_rsa_key_is_put_together_from_its_numbers_and_only_from_its_own(void **state)
{
	struct pk key, copy;
	struct numbers room;
	struct str s[5];
	const struct str none = STR("");

	(void)state;
	read_private(&key, file_rsa_pem);
	take_apart(&key, &room, s);
	assert_int_equal(pk_from_rsa(&copy, s[0], s[1], s[2], s[3], s[4]), 0);
	pk_close(&copy);
	assert_int_equal(pk_from_rsa(&copy, s[0], s[1], none, none, none), 0);
	assert_int_equal(pk_bits(&copy), 2048);
	pk_close(&copy);
	for (size_t i = 0; i < 5; i++) {
		char *last = (char *)(uintptr_t)s[i].p + s[i].n - 1;

		*last = (char)(*last ^ 2);
		assert_int_equal(pk_from_rsa(&copy, s[0], s[1], s[2], s[3], s[4]), ERR_FORMAT);
		*last = (char)(*last ^ 2);
	}
	assert_int_equal(pk_from_rsa(&copy, s[0], none, s[2], s[3], s[4]), ERR_FORMAT);
	assert_int_equal(pk_from_rsa(&copy, none, s[1], s[2], s[3], s[4]), ERR_FORMAT);
	assert_int_equal(pk_from_rsa(&copy, s[0], s[1], s[2], none, s[4]), ERR_FORMAT);
	pk_close(&key);
}

static void rsa_keys_are_made_as_fips_186_5_wants_them(void **state)
{
	static const unsigned bits[] = { 2048, 2050, 3072 };
	struct numbers room;
	struct str s[5];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pk key;
		size_t half = (bits[i] / 2 + 7) / 8;

		assert_int_equal(pk_generate(&key, PK_RSA, bits[i]), 0);
		assert_int_equal(pk_bits(&key), bits[i]);
		take_apart(&key, &room, s);
		assert_true(str_eq(s[1], STR("\1\0\1")));
		assert_true(s[2].n > half);
		assert_int_equal(s[3].n, half);
		assert_int_equal(s[4].n, half);
		assert_true(memcmp(s[3].p, s[4].p, 13) > 0); /* apart by more than 100 bits */
		if (bits[i] % 16 == 0)
			assert_true((unsigned char)s[4].p[0] >= 0xb5); /* sqrt(2) / 2 */
		pk_close(&key);
	}
}

static void an_ec_key_is_put_together_from_its_numbers_and_only_from_its_own(void **state)
{
	struct pk key, copy;
	BUF(point, 100);
	BUF(secret, 100);

	(void)state;
	read_private(&key, file_ec256_pem);
	assert_int_equal(pk_ec_parts(&key, &point, &secret), 0);
	assert_int_equal(point.len, 65);
	assert_int_equal(secret.len, 32);
	assert_int_equal(pk_from_ec(&copy, PK_P256, buf_view(&point), buf_view(&secret)), 0);
	pk_close(&copy);
	assert_int_equal(pk_from_ec(&copy, PK_P256, buf_view(&point), STR("")), 0);
	pk_close(&copy);
	assert_int_equal(
		pk_from_ec(&copy, PK_P384, buf_view(&point), buf_view(&secret)), ERR_FORMAT);
	point.p[64] = (char)(point.p[64] ^ 1);
	assert_int_equal(
		pk_from_ec(&copy, PK_P256, buf_view(&point), buf_view(&secret)), ERR_FORMAT);
	assert_int_equal(pk_from_ec(&copy, PK_P256, buf_view(&point), STR("")), ERR_FORMAT);
	point.p[64] = (char)(point.p[64] ^ 1);
	memset(secret.p, 0, secret.len);
	assert_int_equal(
		pk_from_ec(&copy, PK_P256, buf_view(&point), buf_view(&secret)), ERR_FORMAT);
	memset(secret.p, 0xff, secret.len);
	assert_int_equal(
		pk_from_ec(&copy, PK_P256, buf_view(&point), buf_view(&secret)), ERR_FORMAT);
	assert_int_equal(pk_from_ec(&copy, PK_RSA, buf_view(&point), STR("")), ERR_BUG);
	assert_int_equal(pk_ec_parts(&copy, &point, &secret), ERR_BUG);
	pk_close(&key);
}

static void a_public_key_has_no_private_parts(void **state)
{
	struct pk key;
	BUF(d, 600);
	const struct pk_rsa parts = { .d = &d };

	(void)state;
	read_public(&key, spki_rsa);
	assert_int_equal(pk_rsa_parts(&key, &parts), ERR_BUG);
	assert_int_equal(pk_ec_parts(&key, &d, NULL), ERR_BUG);
	assert_int_equal(d.len, 0);
	pk_close(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_openssl_are_proven),
		cmocka_unit_test(pss_with_another_salt_or_digest_is_denied),
		cmocka_unit_test(each_changed_byte_of_a_signature_is_denied),
		cmocka_unit_test(another_text_key_or_length_is_denied),
		cmocka_unit_test(private_keys_of_each_form_sign_for_their_public_key),
		cmocka_unit_test(a_public_key_or_none_cannot_sign),
		cmocka_unit_test(a_signature_that_does_not_fit_is_an_error),
		cmocka_unit_test(encrypted_damaged_and_foreign_private_keys_are_refused),
		cmocka_unit_test(a_public_key_ends_where_it_ends),
		cmocka_unit_test(what_is_made_signs_and_is_written_and_read),
		cmocka_unit_test(keys_that_are_too_weak_odd_or_large_are_not_made),
		cmocka_unit_test(rsa_keys_are_made_as_fips_186_5_wants_them),
		cmocka_unit_test(an_rsa_key_is_put_together_from_its_numbers_and_only_from_its_own),
		cmocka_unit_test(an_ec_key_is_put_together_from_its_numbers_and_only_from_its_own),
		cmocka_unit_test(a_public_key_has_no_private_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
