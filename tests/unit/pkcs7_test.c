/* pkcs7_test.c - tests of core/crypto/pkcs7.c; openssl reads it in tests/interop/mock_openssl.t */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/der.h"
#include "crypto/pkcs7.h"

static struct pk key;
static struct certs list;

static int make_signer(void **state)
{
	struct cert_request q = { .common_name = "signer",
		.issuer_name = "signer",
		.key = &key,
		.issuer_key = &key,
		.not_before = 1700000000,
		.not_after = 1800000000,
		.ca = true,
		.path_length = -1 };
	BUF(der, 4096);

	(void)state;
	if (pk_generate(&key, PK_RSA, 2048) < 0 || cert_make(&q, &der) < 0)
		return -1;
	return certs_add_der(&list, buf_view(&der));
}

static int drop_signer(void **state)
{
	(void)state;
	certs_close(&list);
	pk_close(&key);
	return 0;
}

/* down to the parts of SignedData */
static struct str signed_data(struct str der)
{
	struct str info, oid, explicit, data;

	assert_true(der_take(&der, DER_SEQUENCE, &info) && der.n == 0);
	assert_true(der_take(&info, DER_OID, &oid));
	assert_true(der_take(&info, DER_CONTEXT_OF_PARTS, &explicit) && info.n == 0);
	assert_true(der_take(&explicit, DER_SEQUENCE, &data) && explicit.n == 0);
	return data;
}

static void the_content_is_inside_and_the_signature_is_the_signers(void **state)
{
	struct str data, part, content, explicit, octets, signers, signer, signature, last;
	unsigned tag;
	BUF(der, 4096);

	(void)state;
	assert_int_equal(pkcs7_make(STR("{}"), certs_at(&list, 0), &key, &der), 0);
	data = signed_data(buf_view(&der));
	assert_true(der_take(&data, DER_INTEGER, &part) && der_take(&data, DER_SET, &part));
	assert_true(der_take(&data, DER_SEQUENCE, &content) && der_take(&content, DER_OID, &part));
	assert_true(der_take(&content, DER_CONTEXT_OF_PARTS, &explicit) &&
		der_take(&explicit, DER_OCTET_STRING, &octets));
	assert_true(str_is(octets, "{}"));
	assert_true(der_take(&data, DER_SET, &signers) && data.n == 0);
	assert_true(der_take(&signers, DER_SEQUENCE, &signer) && signers.n == 0);
	while (der_take_any(&signer, &tag, &last))
		signature = last;
	assert_int_equal(pk_verify(&key, DIGEST_SHA256, STR("{}"), signature), 0);
	assert_int_not_equal(pk_verify(&key, DIGEST_SHA256, STR("[]"), signature), 0);
}

static void a_buffer_that_is_too_small_is_a_failure(void **state)
{
	BUF(der, 200);

	(void)state;
	assert_int_equal(pkcs7_make(STR("{}"), certs_at(&list, 0), &key, &der), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_content_is_inside_and_the_signature_is_the_signers),
		cmocka_unit_test(a_buffer_that_is_too_small_is_a_failure),
	};

	return cmocka_run_group_tests(tests, make_signer, drop_signer);
}
