/* dpop_test.c - proofs of possession: complete for every signature, and for the right kind of key
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/dpop.h"
#include "crypto/der.h"
#include "data/enc.h"
#include "data/json.h"

#define URL "https://us-east-1.signin.aws.amazon.com/v1/token"
#define NUMBER 32
#define ROUNDS 200 /* one number in 256 is short, and half of them begin with a high bit */

static void add_integer(struct buf *der, struct str n)
{
	BUF(bytes, NUMBER + 2);

	while (n.n > 1 && n.p[0] == 0) {
		n.p++;
		n.n--;
	}
	if ((unsigned char)n.p[0] >= 0x80)
		buf_putc(&bytes, 0);
	buf_str(&bytes, n);
	der_add(der, DER_INTEGER, buf_view(&bytes));
}

/* Is the last part of a proof the signature of the first two? */
static void assert_signed(const struct pk *key, struct str proof)
{
	struct str rest = proof, part, text;
	BUF(numbers, 2 * NUMBER + 1);
	BUF(der, 128);

	assert_true(str_cut(&rest, '.', &part));
	assert_true(str_cut(&rest, '.', &part));
	text = (struct str){ proof.p, (size_t)(part.p + part.n - proof.p) };
	assert_int_equal(base64url_read(rest, &numbers), 0);
	assert_int_equal(numbers.len, 2 * NUMBER);
	add_integer(&der, (struct str){ numbers.p, NUMBER });
	add_integer(&der, (struct str){ numbers.p + NUMBER, NUMBER });
	der_wrap(&der, 0, DER_SEQUENCE);
	assert_int_equal(pk_verify(key, DIGEST_SHA256, text, buf_view(&der)), 0);
}

static void every_proof_is_complete(void **state)
{
	struct pk key;

	(void)state;
	assert_int_equal(pk_generate(&key, PK_P256, 0), 0);
	for (int i = 0; i < ROUNDS; i++) {
		BUF(proof, DPOP_MAX);

		assert_int_equal(dpop_add(&proof, &key, URL, i), 0);
		assert_signed(&key, buf_view(&proof));
	}
	pk_close(&key);
}

static void no_two_proofs_have_the_same_number(void **state)
{
	BUF(a, DPOP_MAX);
	BUF(b, DPOP_MAX);
	struct str rest[2], claims[2];
	struct pk key;

	(void)state;
	assert_int_equal(pk_generate(&key, PK_P256, 0), 0);
	assert_int_equal(dpop_add(&a, &key, URL, 1), 0);
	assert_int_equal(dpop_add(&b, &key, URL, 1), 0);
	rest[0] = buf_view(&a);
	rest[1] = buf_view(&b);
	for (int i = 0; i < 2; i++) {
		assert_true(str_cut(&rest[i], '.', &claims[i]));
		assert_true(str_cut(&rest[i], '.', &claims[i]));
	}
	assert_false(str_eq(claims[0], claims[1]));
	pk_close(&key);
}

static void another_kind_of_key_is_refused(void **state)
{
	BUF(proof, DPOP_MAX);
	struct pk key;

	(void)state;
	assert_int_equal(pk_generate(&key, PK_P384, 0), 0);
	assert_int_equal(dpop_add(&proof, &key, URL, 1), ERR_FORMAT);
	assert_int_equal(proof.len, 0);
	pk_close(&key);
}

static void a_proof_without_room_is_a_limit(void **state)
{
	BUF(proof, 300);
	struct pk key;

	(void)state;
	assert_int_equal(pk_generate(&key, PK_P256, 0), 0);
	assert_int_equal(dpop_add(&proof, &key, URL, 1), ERR_LIMIT);
	pk_close(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_proof_is_complete),
		cmocka_unit_test(no_two_proofs_have_the_same_number),
		cmocka_unit_test(another_kind_of_key_is_refused),
		cmocka_unit_test(a_proof_without_room_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
