/* buf_test.c - bounded buffers and the formatter */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "base/buf.h"

/* The format comes through a variable, because the compiler knows what is wrong with some of them.
 */
static const char *formatted(const char *fmt, ...)
{
	static char storage[128];
	struct buf b = buf_of(storage, sizeof(storage));
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return buf_text(&b);
}

static void a_new_buffer_is_an_empty_text(void **state)
{
	(void)state;
	BUF(b, 8);

	assert_int_equal(b.len, 0);
	assert_false(b.full);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_room(&b), 7);
	assert_int_equal(buf_check(&b, "b"), 0);
}

static void what_fits_exactly_is_not_cut(void **state)
{
	(void)state;
	BUF(b, 4);

	buf_puts(&b, "abc");
	assert_string_equal(buf_text(&b), "abc");
	assert_false(b.full);
	assert_int_equal(buf_room(&b), 0);
}

static void one_byte_too_many_is_cut_and_remembered(void **state)
{
	(void)state;
	BUF(b, 4);

	buf_puts(&b, "abcd");
	assert_string_equal(buf_text(&b), "abc");
	assert_true(b.full);
	assert_int_equal(buf_check(&b, "the name"), ERR_LIMIT);
	assert_string_equal(err_text(), "the name: longer than 3 bytes");
}

static void full_stays_set_when_later_bytes_would_fit(void **state)
{
	(void)state;
	BUF(b, 4);

	buf_puts(&b, "abcd");
	buf_drop(&b, 3);
	buf_puts(&b, "x");
	assert_string_equal(buf_text(&b), "x");
	assert_true(b.full);
	buf_clear(&b);
	assert_false(b.full);
	assert_string_equal(buf_text(&b), "");
}

static void a_buffer_without_storage_takes_nothing(void **state)
{
	(void)state;
	struct buf b = buf_of(NULL, 0);

	buf_add(&b, "", 0);
	assert_false(b.full);
	buf_puts(&b, "x");
	buf_drop(&b, 1);
	buf_wipe(&b);
	buf_putc(&b, 'x');
	assert_true(b.full);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_text(&b), "");
	assert_int_equal(buf_check(&b, "b"), ERR_LIMIT);
}

static void a_buffer_of_one_byte_holds_only_the_end(void **state)
{
	(void)state;
	BUF(b, 1);

	assert_int_equal(buf_room(&b), 0);
	buf_putc(&b, 'x');
	assert_true(b.full);
	assert_string_equal(buf_text(&b), "");
}

static void a_nul_byte_is_a_byte(void **state)
{
	(void)state;
	BUF(b, 8);

	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(buf_view(&b).p, "a\0b", 3);
}

static void a_buffer_can_be_appended_to_itself(void **state)
{
	(void)state;
	BUF(b, 8);

	buf_puts(&b, "abc");
	buf_str(&b, buf_view(&b));
	assert_string_equal(buf_text(&b), "abcabc");
}

static void a_tail_that_grew_too_much_is_cut(void **state)
{
	(void)state;
	BUF(b, 4);

	memcpy(buf_tail(&b), "ab", 2);
	buf_grew(&b, 2);
	assert_string_equal(buf_text(&b), "ab");
	buf_grew(&b, 2);
	assert_int_equal(b.len, 3);
	assert_true(b.full);
}

static void dropping_more_than_there_is_empties(void **state)
{
	(void)state;
	BUF(b, 8);

	buf_puts(&b, "abc");
	buf_drop(&b, 1);
	assert_string_equal(buf_text(&b), "bc");
	buf_drop(&b, 9);
	assert_string_equal(buf_text(&b), "");
}

static void wiping_leaves_no_byte(void **state)
{
	(void)state;
	BUF(b, 8);

	buf_puts(&b, "secret");
	buf_wipe(&b);
	for (size_t i = 0; i < sizeof(b_storage); i++)
		assert_int_equal(b_storage[i], 0);
}

static void texts_are_formatted(void **state)
{
	(void)state;
	assert_string_equal(formatted("%s-%c-%%", "a", 'b'), "a-b-%");
	assert_string_equal(formatted("%.*s", 2, "abc"), "ab");
	assert_string_equal(formatted("%.2s", "abc"), "ab");
	assert_string_equal(formatted("%.9s", "abc"), "abc");
	assert_string_equal(formatted("%5s|", "abc"), "  abc|");
	assert_string_equal(formatted("%*s|", 4, "abc"), " abc|");
	assert_string_equal(formatted("%.*s", -1, "abc"), "abc");
	assert_string_equal(formatted("%.s|", "abc"), "|");
	assert_string_equal(formatted("%s", (char *)NULL), "(null)");
	assert_string_equal(formatted("%.*s", 0, (char *)NULL), "");
}

static void a_text_without_end_is_read_no_further_than_its_precision(void **state)
{
	(void)state;
	char raw[3] = { 'a', 'b', 'c' };

	assert_string_equal(formatted("%.*s", 3, raw), "abc");
}

static void numbers_are_formatted(void **state)
{
	(void)state;
	assert_string_equal(formatted("%d %i %d", 0, -1, 42), "0 -1 42");
	assert_string_equal(formatted("%d", INT_MIN), "-2147483648");
	assert_string_equal(formatted("%ld", LONG_MIN), "-9223372036854775808");
	assert_string_equal(formatted("%lld", (long long)INT64_MIN), "-9223372036854775808");
	assert_string_equal(formatted("%lld", (long long)INT64_MAX), "9223372036854775807");
	assert_string_equal(formatted("%u", UINT_MAX), "4294967295");
	assert_string_equal(
		formatted("%llu", (unsigned long long)UINT64_MAX), "18446744073709551615");
	assert_string_equal(formatted("%zu %zd", (size_t)7, (ptrdiff_t)-7), "7 -7");
	assert_string_equal(
		formatted("%x %X %lx", 0xbeefu, 0xbeefu, 1ul << 40), "beef BEEF 10000000000");
	assert_string_equal(formatted("%x", 0u), "0");
}

static void widths_pad_with_blanks_or_zeros(void **state)
{
	(void)state;
	assert_string_equal(formatted("%04d", 7), "0007");
	assert_string_equal(formatted("%04d", -7), "-007");
	assert_string_equal(formatted("%4d", -7), "  -7");
	assert_string_equal(formatted("%02x", 10u), "0a");
	assert_string_equal(formatted("%02d", 123), "123");
	assert_string_equal(formatted("%016llx", 1ull), "0000000000000001");
	assert_string_equal(formatted("%05s", "ab"), "   ab");
	assert_string_equal(formatted("%*d", 5, 1), "    1");
	assert_string_equal(formatted("%*s", -5, "a"), "a");
}

static void unknown_conversions_end_the_formatting(void **state)
{
	(void)state;
	/* the arguments are wrong on purpose: none may be looked at */
	assert_string_equal(formatted("a%pb%s", 1, 1), "a%?b%s");
	assert_string_equal(formatted("%f", 1.0), "%?");
	assert_string_equal(formatted("%-5s|", 1), "%?5s|");
	assert_string_equal(formatted("%+d", 1), "%?d");
	assert_string_equal(formatted("%hd", 1), "%?d");
	assert_string_equal(formatted("%llld", 1), "%?");
	assert_string_equal(formatted("%lzd", 1), "%?");
	assert_string_equal(formatted("%n", 1), "%?");
	assert_string_equal(formatted("100%", 1), "100%?");
	assert_string_equal(formatted("%5", 1), "%?");
}

static void a_huge_width_only_fills_the_buffer(void **state)
{
	(void)state;
	BUF(b, 8);

	buf_addf(&b, "%*d", 5000, 1);
	assert_true(b.full);
	assert_string_equal(buf_text(&b), "       ");
	assert_int_equal(strlen(formatted("%99999999999999999999d", 1)), 127);
}

static void formatting_cuts_like_everything_else(void **state)
{
	(void)state;
	BUF(b, 6);

	buf_addf(&b, "%s=%d", "abc", 1234);
	assert_string_equal(buf_text(&b), "abc=1");
	assert_true(b.full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_buffer_is_an_empty_text),
		cmocka_unit_test(what_fits_exactly_is_not_cut),
		cmocka_unit_test(one_byte_too_many_is_cut_and_remembered),
		cmocka_unit_test(full_stays_set_when_later_bytes_would_fit),
		cmocka_unit_test(a_buffer_without_storage_takes_nothing),
		cmocka_unit_test(a_buffer_of_one_byte_holds_only_the_end),
		cmocka_unit_test(a_nul_byte_is_a_byte),
		cmocka_unit_test(a_buffer_can_be_appended_to_itself),
		cmocka_unit_test(a_tail_that_grew_too_much_is_cut),
		cmocka_unit_test(dropping_more_than_there_is_empties),
		cmocka_unit_test(wiping_leaves_no_byte),
		cmocka_unit_test(texts_are_formatted),
		cmocka_unit_test(a_text_without_end_is_read_no_further_than_its_precision),
		cmocka_unit_test(numbers_are_formatted),
		cmocka_unit_test(widths_pad_with_blanks_or_zeros),
		cmocka_unit_test(unknown_conversions_end_the_formatting),
		cmocka_unit_test(a_huge_width_only_fills_the_buffer),
		cmocka_unit_test(formatting_cuts_like_everything_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
