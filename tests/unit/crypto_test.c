/* crypto_test.c - digests, HMAC, randomness and the time of judgement */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "data/enc.h"

time_t eic_crypto_time(time_t *out);

/* FIPS 180-4 and RFC 1321: "abc" and the empty message */
static const struct {
	enum digest d;
	const char *abc, *empty;
} digests[] = {
	{ DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e" },
	{ DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ DIGEST_SHA384,
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358"
		"baeca134c825a7",
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd5"
		"1ad2f14898b95b" },
	{ DIGEST_SHA512,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
};

static void digests_agree_with_the_published_vectors(void **state)
{
	unsigned char hash[DIGEST_MAX];
	BUF(hex, 256);

	(void)state;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		enum digest d = digests[i].d;

		buf_clear(&hex);
		digest(d, "abc", 3, hash);
		hex_add(&hex, hash, digest_size(d));
		assert_string_equal(buf_text(&hex), digests[i].abc);
		buf_clear(&hex);
		digest(d, "", 0, hash);
		hex_add(&hex, hash, digest_size(d));
		assert_string_equal(buf_text(&hex), digests[i].empty);
	}
}

/* RFC 4231, cases 1, 2, 6 and 7; the last two have keys longer than a block */
static void check_hmac(struct str key, struct str text, const char *want)
{
	unsigned char mac[32];
	BUF(hex, 65);

	hmac_sha256(mac, key, text);
	hex_add(&hex, mac, sizeof(mac));
	assert_string_equal(buf_text(&hex), want);
}

static void hmac_agrees_with_the_rfc(void **state)
{
	char key[131];

	(void)state;
	memset(key, 0x0b, 20);
	check_hmac((struct str){ key, 20 }, STR("Hi There"),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	check_hmac((struct str){ key, 131 },
		STR("Test Using Larger Than Block-Size Key - Hash Key First"),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	check_hmac((struct str){ key, 131 },
		STR("This is a test using a larger than block-size key and a larger than "
		    "block-size data. "
		    "The key needs to be hashed before being used by the HMAC algorithm."),
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
	check_hmac(STR(""), STR(""),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void random_bytes_do_not_repeat_and_fill_all(void **state)
{
	unsigned char a[300], b[300], seen[300] = { 0 };

	(void)state;
	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (int i = 0; i < 20; i++) {
		assert_int_equal(eic_random(NULL, a, sizeof(a)), 0);
		for (size_t j = 0; j < sizeof(a); j++)
			seen[j] |= a[j];
	}
	for (size_t j = 0; j < sizeof(seen); j++)
		assert_int_not_equal(seen[j], 0);
	crypto_random(NULL, 0);
}

static void the_time_is_the_one_that_was_set(void **state)
{
	time_t t = 1;

	(void)state;
	assert_int_equal(eic_crypto_time(&t), 0);
	assert_int_equal(t, 0);
	crypto_set_time(1440938160);
	assert_int_equal(eic_crypto_time(NULL), 1440938160);
	crypto_set_time(0);
	assert_int_equal(eic_crypto_time(&t), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_agree_with_the_published_vectors),
		cmocka_unit_test(hmac_agrees_with_the_rfc),
		cmocka_unit_test(random_bytes_do_not_repeat_and_fill_all),
		cmocka_unit_test(the_time_is_the_one_that_was_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
