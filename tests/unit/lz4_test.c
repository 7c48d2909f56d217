/* lz4_test.c - what lz4 packed is unpacked, and nothing else */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/lz4.h"
#include "data/enc.h"

#define TEXT_SIZE 6000

/* Words, odd bytes and repetitions from near and far, so that every kind of match occurs. */
static void make_text(unsigned char text[static TEXT_SIZE])
{
	static const struct str words[] = { STR("policy "), STR("signer "), STR("staple"),
		STR("s "), STR("\n"), STR("key "), STR("of an instance "), STR("\0\1\2") };
	static char storage[TEXT_SIZE + 200];
	struct buf b = buf_of(storage, sizeof(storage));
	uint32_t x = 1;

	while (b.len < TEXT_SIZE) {
		x = x * 1664525 + 1013904223;
		buf_str(&b, words[x >> 29]);
		if ((x >> 16) % 13 == 0)
			buf_putc(&b, (char)(x >> 8));
		if ((x >> 16) % 17 == 0 && b.len > 1000) {
			size_t far = (x >> 20) % 900 + 1;

			buf_add(&b, b.p + b.len - far, far < 40 ? far : 40);
		}
	}
	memcpy(text, b.p, TEXT_SIZE);
}

/* That text as `lz4 -12 -B7 --no-frame-crc` packs it: the block of its only frame. */
static const char packed_text[] =
	"8gxzaWduZXIgWXN0YXBsZQoBa2V5IHBvbGljeSATAPMBb2YgYW4gaW5zdGFuY2UgCh0AJGtlIQA7cyAKJAADVABM"
	"7wABAhoAATIAADwAEwolAANPAAlzAAMbAAInAA+HAAMzAAECJgACHwAAEAAwIApzGAAwAAECOgACCgAJJQABtAAD"
	"EQAECQAfCqIAAgOPAAZBAAsmAASvAA64AA4sAA5rAAbEAAr+AA0wAQA8ABMgzQARnb4ABk4AA+cAASUBFQqQABAK"
	"swAPMQEBBScBASoBBFYBB80BBF8AH7ARAQkW7kkBD/oAAQ8BAQMgCgqWABT7dAAWAboAALEADvwACmQBFHk+AQMQ"
	"AAASAgZ5AQMdAQEGAQ9sAgYPFAEFGwqFAhy7QwANnwEJTwIE/wIPeAACGutbAATxACsgCr0AAwsAC0QAA/sCB7EC"
	"BnADHmpxAw5ZAg6UAA7/AA6GAATUAQxzAC1rZaIADvcAB6IBATUAK6ZzVwAOTgEjIAosAAG5Aw53BAheAA/WABUC"
	"NgEPSAMEDywAAg8rABUEiQIGgQMJCAIIKAMFZgQOtQAOJAMG8QEP0AADFQpOAB8KiQIVAlwDAAYAH6YbAwsP1gEL"
	"D1gCDg9XAhUFLAEaCjAEFiADAgYBAg9QAAMNqgAejG8FDhUCB18BD1EAFR5ztwEK1gAO+wICiQAZynIEDl4BDocB"
	"BdsBD9ADCw7NAgzPBgoOBQVeAQAQABPoDgAWaM8DAgYGD7sBFT4KcyAIAg9nABUJ7wEUukIDBA4FDw8BFRdzXgQL"
	"HAAPzwIVDlMBDh4HDlgDDyQBBw+5ASEcCgECA/sCD7EAFQ8hBAQPdQcDCZ4BBD0BHR3MASKpCg4CBQwHD08ACwe9"
	"BQUzAQ/jARQGKwADXwEKowAHfAIPbQkFAjcAKR0KYwIFSwgCVAAaCh8JAcsDHsrECg/fCQsOEwcL2AUAkAIDbQMN"
	"TAAHGgsIEAQMEAADoQAGPwASgBUADucCA3MDDFgAAgcBD4cCEQSUAU+uAAECDgEVCKYHCX0ADzYCFQ2LAw/nAhUC"
	"ZwAPIgIVBP8BEM4FAB8qAwoJCxwAEPu/AA74AQ2JCAZ3CitrZRQAD4EBFwUrDQ9aAxUPOgQNGr/nAg9OCAEPTAIG"
	"C7oDDhsBB20BFwqZCBdKVw0POgARDh8AAvQJJmtlqgYLYAMeLOMEDk8BBhQNFQpAAA+wABUK4gEpa2XtBgokDQ8J"
	"AxUMUg4DngMP6wUDCu8ABMcAC48AD9IBBAybDg5gAQXqAAynBQvwDQ9cARUCNQAf/UEDAwsPAB4TSQAGHwMbDGoB"
	"Ck8FGuAPAA8IDAkPtwIVDy8QBwy4ABqsEwIeCtkMBz4ADxUGDQ+ECAEPewIUDhoCD7IABQ/7AQIEUAAouQpeEQEU"
	"EQUaBwoFAgtYDw55AAROEQ+TAxEOiAQLkgEGsAQPNAEVCOcKAssHDwgDFTNzIA1vAwkqCBuTRQYeCkELD8ABBgxR"
	"Awc1Bxh3BhIPDAESD4EMBR4KNQQ6IAoHkwoJbwcF3QMJFgAC4hEJEwAGrgAUCvcBEgpUARXznAYHmxMOiBMP6gAV"
	"L3MgfQIVA1YCDwoBFA9bAwgPpQAVChASCFkIG2BYABQuWAEPLQAZHnMGEBOVewAcXOIOBo8BC0MED7UBAQ/1EBMH"
	"6wUAcwAV5DULBLkGH3NCAgIfTcAIAwMlFA4xFQWWAA98ABYCNgAPHwAMCD0BDpgJDTMJHLMAAw5cBw4HAAh2BQ8f"
	"AREN6xQACwAVDTkADzQDFwS+AFBzdGFuYw==";

static struct buf packed;
static unsigned char text[TEXT_SIZE], to[TEXT_SIZE + 1];

static int unpack_vector(void **state)
{
	static char storage[4096];

	(void)state;
	packed = buf_of(storage, sizeof(storage));
	make_text(text);
	return base64_read(str_of(packed_text), false, &packed);
}

static bool unpack(size_t n, size_t size)
{
	return lz4_unpack(to, n, (const unsigned char *)packed.p, size);
}

static void what_was_packed_is_unpacked(void **state)
{
	(void)state;
	to[TEXT_SIZE] = 0x55;
	assert_true(unpack(TEXT_SIZE, packed.len));
	assert_memory_equal(to, text, TEXT_SIZE);
	assert_int_equal(to[TEXT_SIZE], 0x55);
}

static void what_follows_the_packed_bytes_does_not_matter(void **state)
{
	(void)state;
	assert_true(packed.len + 100 < packed.cap);
	assert_true(unpack(TEXT_SIZE, packed.len + 100));
	assert_memory_equal(to, text, TEXT_SIZE);
}

static void missing_bytes_are_found(void **state)
{
	(void)state;
	for (size_t size = 0; size < packed.len; size++)
		assert_false(unpack(TEXT_SIZE, size));
}

static void more_than_was_packed_is_never_had(void **state)
{
	(void)state;
	assert_false(unpack(TEXT_SIZE + 1, packed.len));
}

/* A room that ends behind the bytes of a sequence is full; any other is too small. */
static void what_does_not_fit_is_refused(void **state)
{
	bool refused = false;

	(void)state;
	for (size_t n = 1; n < TEXT_SIZE; n++) {
		to[n] = 0x55;
		if (!unpack(n, packed.len))
			refused = true;
		else
			assert_memory_equal(to, text, n);
		assert_int_equal(to[n], 0x55);
	}
	assert_true(refused);
}

static void assert_refused(const unsigned char *bytes, size_t size)
{
	assert_false(lz4_unpack(to, 20, bytes, size));
}

static void a_match_must_lie_in_what_came_before(void **state)
{
	static const unsigned char before[] = { 0x11, 'a', 2, 0, 0 },
				   nowhere[] = { 0x11, 'a', 0, 0, 0 };
	static const unsigned char good[] = { 0x1a, 'a', 1, 0, 0x50, 'e', 'n', 'd', '.', '!' };

	(void)state;
	assert_refused(before, sizeof(before));
	assert_refused(nowhere, sizeof(nowhere));
	assert_true(lz4_unpack(to, 20, good, sizeof(good)));
	assert_memory_equal(to, "aaaaaaaaaaaaaaaend.!", 20);
}

static void a_match_longer_than_the_room_is_refused(void **state)
{
	static const unsigned char bytes[] = { 0x1f, 'a', 1, 0, 1, 0 };

	(void)state;
	assert_refused(bytes, sizeof(bytes));
}

static void a_length_without_an_end_is_refused(void **state)
{
	static const unsigned char bytes[] = { 0xf0, 255, 255, 255 };

	(void)state;
	assert_refused(bytes, sizeof(bytes));
}

static void nothing_is_unpacked_from_nothing(void **state)
{
	(void)state;
	assert_false(lz4_unpack(to, 1, text, 0));
	assert_false(lz4_unpack(to, 0, text, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_is_unpacked),
		cmocka_unit_test(what_follows_the_packed_bytes_does_not_matter),
		cmocka_unit_test(missing_bytes_are_found),
		cmocka_unit_test(more_than_was_packed_is_never_had),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(a_match_must_lie_in_what_came_before),
		cmocka_unit_test(a_match_longer_than_the_room_is_refused),
		cmocka_unit_test(a_length_without_an_end_is_refused),
		cmocka_unit_test(nothing_is_unpacked_from_nothing),
	};

	return cmocka_run_group_tests(tests, unpack_vector, NULL);
}
