/* der_test.c - DER, taken apart and put together */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/der.h"

static void an_element_is_taken_and_the_cursor_moves(void **state)
{
	struct str in = STR("\x04\x02hi\x05\x00rest"), content;

	(void)state;
	assert_true(der_next_is(in, DER_OCTET_STRING));
	assert_false(der_take(&in, DER_NULL, &content));
	assert_true(der_take(&in, DER_OCTET_STRING, &content));
	assert_true(str_is(content, "hi"));
	assert_true(der_take_whole(&in, DER_NULL, &content));
	assert_int_equal(content.n, 2);
	assert_true(str_is(in, "rest"));
}

static void a_cursor_may_step_into_its_own_element(void **state)
{
	struct str in = STR("\x30\x04\x30\x02\x05\x00 behind");

	(void)state;
	assert_true(der_take(&in, DER_SEQUENCE, &in));
	assert_true(der_take(&in, DER_SEQUENCE, &in));
	assert_int_equal(in.n, 2);
}

static void lengths_that_are_not_der_are_refused(void **state)
{
	static const struct str bad[] = { { "\x04", 1 }, { "", 0 }, { "\x04\x01", 2 },
		{ "\x04\x02x", 3 }, { "\x04\x80x\0\0", 5 }, { "\x04\x81\x01x", 4 },
		{ "\x04\x81\x7f", 3 }, { "\x04\x82\x00\x01x", 5 },
		{ "\x04\x84\x00\x00\x00\x01x", 7 }, { "\x04\x84\xff\xff\xff\xff", 6 },
		{ "\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 }, { "\x04\xff", 2 },
		{ "\x1f\x01x", 3 }, { "\x3f\x81\x01\x01x", 5 }, { "\x04\x81", 2 },
		{ "\x04\x82\x01", 3 } };
	struct str content = STR("untouched");
	unsigned tag = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct str in = bad[i];

		assert_false(der_take_any(&in, &tag, &content));
		assert_ptr_equal(in.p, bad[i].p);
		assert_int_equal(in.n, bad[i].n);
		assert_int_equal(tag, 7);
		assert_true(str_is(content, "untouched"));
	}
}

static void what_is_written_is_read_at_every_length(void **state)
{
	static const size_t lengths[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, 100000 };
	static char text[100008], bytes[100000];
	struct str in, content;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct buf b = buf_of(text, sizeof(text));

		der_add(&b, DER_OCTET_STRING, (struct str){ bytes, lengths[i] });
		assert_false(b.full);
		in = buf_view(&b);
		assert_true(der_take(&in, DER_OCTET_STRING, &content));
		assert_int_equal(content.n, lengths[i]);
		assert_int_equal(in.n, 0);
	}
}

static void what_does_not_fit_is_told_and_nothing_is_moved(void **state)
{
	BUF(b, 8);

	(void)state;
	der_add(&b, DER_OCTET_STRING, STR("123456"));
	assert_true(b.full);
	buf_clear(&b);
	der_add(&b, DER_OCTET_STRING, STR("12345"));
	assert_false(b.full);
	der_wrap(&b, 0, DER_SEQUENCE);
	assert_true(b.full);
}

static void a_bit_string_has_whole_bytes(void **state)
{
	struct str good = STR("\x03\x03\x00xy"), odd = STR("\x03\x02\x01x"),
		   empty = STR("\x03\x00"), bits;

	(void)state;
	assert_true(der_take_bits(&good, &bits));
	assert_true(str_is(bits, "xy"));
	assert_false(der_take_bits(&odd, &bits));
	assert_false(der_take_bits(&empty, &bits));
}

static bool time_is(const char *text, int64_t *t)
{
	BUF(b, 64);
	struct str in;

	der_add(&b, DER_GENERALIZED_TIME, str_of(text));
	in = buf_view(&b);
	return der_take_time(&in, t) && in.n == 0;
}

static void a_time_has_one_form(void **state)
{
	static const char *const bad[] = { "", "20270115080000", "20270115080000+", "202701150800Z",
		"270115080000Z", "20270115080000.5Z", "20270115080000+0100", "20271315080000Z",
		"20270230080000Z", "20270115240000Z", "20270115086000Z", "20270115080061Z",
		"2027011508000xZ", "-0270115080000Z", "20270115080000ZZ", "20270115080000z",
		" 0270115080000Z" };
	int64_t t;

	(void)state;
	assert_true(time_is("20270115080000Z", &t));
	assert_int_equal(t, 1800000000);
	assert_true(time_is("19691231235959Z", &t));
	assert_int_equal(t, -1);
	assert_true(time_is("99991231235959Z", &t));
	assert_int_equal(t, 253402300799);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_is(bad[i], &t))
			fail_msg("taken: %s", bad[i]);
}

static void a_time_is_written_in_two_digits_until_2049(void **state)
{
	static const struct {
		int64_t t;
		bool generalized;
		const char *text;
	} times[] = {
		{ 0, false,
			"\x17\x0d"
			"700101000000Z" },
		{ 2524607999, false,
			"\x17\x0d"
			"491231235959Z" },
		{ 2524608000, false,
			"\x18\x0f"
			"20500101000000Z" },
		{ -1, false,
			"\x18\x0f"
			"19691231235959Z" },
		{ 0, true,
			"\x18\x0f"
			"19700101000000Z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		BUF(b, 32);

		der_add_time(&b, times[i].t, times[i].generalized);
		assert_string_equal(buf_text(&b), times[i].text);
	}
}

static void what_is_signed_is_taken_apart(void **state)
{
	struct str good = STR("\x30\x0a\x30\x00\x30\x00\x03\x02\x00x\x05\x00"), content;
	struct str bad[] = { STR("\x30\x08\x30\x00\x03\x02\x00x\x05\x00"),
		STR("\x30\x04\x30\x00\x30\x00"), STR("\x30\x08\x30\x00\x30\x00\x03\x02\x07x"),
		STR("\x31\x08\x30\x00\x30\x00\x03\x02\x00x") };
	struct der_signed parts;

	(void)state;
	assert_true(der_take_signed(&good, &parts));
	assert_int_equal(parts.text.n, 2);
	assert_true(str_is(parts.signature, "x"));
	assert_true(der_take(&parts.more, DER_NULL, &content));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(der_take_signed(&bad[i], &parts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_is_taken_and_the_cursor_moves),
		cmocka_unit_test(a_cursor_may_step_into_its_own_element),
		cmocka_unit_test(lengths_that_are_not_der_are_refused),
		cmocka_unit_test(what_is_written_is_read_at_every_length),
		cmocka_unit_test(what_does_not_fit_is_told_and_nothing_is_moved),
		cmocka_unit_test(a_bit_string_has_whole_bytes),
		cmocka_unit_test(a_time_has_one_form),
		cmocka_unit_test(a_time_is_written_in_two_digits_until_2049),
		cmocka_unit_test(what_is_signed_is_taken_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
