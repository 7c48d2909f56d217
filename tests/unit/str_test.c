/* str_test.c - borrowed bytes, comparisons, numbers and cursors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"

static const struct str nothing = { NULL, 0 };

static void null_is_the_empty_text(void **state)
{
	(void)state;
	assert_int_equal(str_of(NULL).n, 0);
	assert_true(str_eq(str_of(NULL), nothing));
	assert_true(str_eq(nothing, STR("")));
	assert_true(str_is(nothing, ""));
	assert_true(str_is(nothing, NULL));
	assert_true(str_starts(nothing, ""));
	assert_true(str_ends(nothing, ""));
	assert_false(str_starts(nothing, "a"));
	assert_false(str_ends(nothing, "a"));
	assert_false(str_has(nothing, 0));
	assert_int_equal(str_trim(nothing).n, 0);
}

static void texts_of_another_length_differ(void **state)
{
	(void)state;
	assert_true(str_eq(STR("abc"), STR("abc")));
	assert_false(str_eq(STR("abc"), STR("abcd")));
	assert_false(str_eq(STR("abc"), STR("abd")));
	assert_false(str_is(STR("abc\0"), "abc"));
	assert_false(str_is(STR("Abc"), "abc"));
}

static void only_ascii_is_case_folded(void **state)
{
	(void)state;
	assert_true(str_ieq(STR("aBc-1"), STR("AbC-1")));
	assert_false(str_ieq(STR("a["), STR("a{")));
	assert_false(str_ieq(STR("a@"), STR("a`")));
	assert_false(str_ieq(STR("\xc4"), STR("\xe4")));
	assert_false(str_ieq(STR("a"), STR("ab")));
}

static void prefixes_and_suffixes_are_no_longer_than_the_text(void **state)
{
	(void)state;
	assert_true(str_starts(STR("abc"), "ab"));
	assert_true(str_starts(STR("abc"), "abc"));
	assert_false(str_starts(STR("abc"), "abcd"));
	assert_true(str_ends(STR("abc"), "bc"));
	assert_false(str_ends(STR("abc"), "ab"));
	assert_false(str_ends(STR("bc"), "abc"));
}

static void an_empty_text_is_not_all_of_a_set(void **state)
{
	(void)state;
	assert_true(str_all(STR("0110"), "01"));
	assert_false(str_all(STR(""), "01"));
	assert_false(str_all(STR("012"), "01"));
	assert_false(str_all(STR("0\0001"), "01"));
	assert_true(str_has(STR("a\0b"), 0));
	assert_false(str_has(STR("ab"), 'c'));
}

static void trimming_leaves_the_blanks_inside(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t\r\na b\n ")), "a b"));
	assert_true(str_is(str_trim(STR(" \n ")), ""));
	assert_true(str_is(str_trim(STR("\va")), "\va"));
}

static void numbers_are_digits_and_nothing_else(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		" 1",
		"1 ",
		"+1",
		"-1",
		"0x10",
		"1.0",
		"1e3",
		"/",
		":",
		"1\n",
		"\xb2",
		"18446744073709551616",
		"99999999999999999999999999",
	};
	uint64_t v = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(str_u64(str_of(wrong[i]), UINT64_MAX, &v));
	assert_false(str_u64(STR("1\0002"), UINT64_MAX, &v));
	assert_int_equal(v, 77);
}

static void numbers_end_at_the_maximum(void **state)
{
	(void)state;
	uint64_t v = 77;

	assert_true(str_u64(STR("18446744073709551615"), UINT64_MAX, &v));
	assert_true(v == UINT64_MAX);
	assert_true(str_u64(STR("255"), 255, &v));
	assert_int_equal(v, 255);
	assert_false(str_u64(STR("256"), 255, &v));
	assert_int_equal(v, 255);
	assert_true(str_u64(STR("000"), 0, &v));
	assert_int_equal(v, 0);
}

static void a_cursor_does_not_take_past_its_end(void **state)
{
	(void)state;
	struct str in = STR("abc"), out = STR("old");

	assert_false(str_take(&in, 4, &out));
	assert_false(str_take(&in, SIZE_MAX, &out));
	assert_true(str_is(in, "abc") && str_is(out, "old"));
	assert_true(str_take(&in, 2, &out));
	assert_true(str_is(in, "c") && str_is(out, "ab"));
	assert_true(str_take(&in, 0, &out));
	assert_int_equal(out.n, 0);
	in = nothing;
	assert_true(str_take(&in, 0, &out));
	assert_false(str_take(&in, 1, &out));
}

static void lines_end_with_lf_or_the_text(void **state)
{
	(void)state;
	struct str in = STR("a\r\n\nb"), out;

	assert_true(str_take_line(&in, &out) && str_is(out, "a\r"));
	assert_true(str_take_line(&in, &out) && str_is(out, ""));
	assert_true(str_take_line(&in, &out) && str_is(out, "b"));
	assert_false(str_take_line(&in, &out));
	assert_true(str_is(out, "b"));
}

static void a_last_lf_opens_no_empty_line(void **state)
{
	(void)state;
	struct str in = STR("a\n"), out;

	assert_true(str_take_line(&in, &out));
	assert_false(str_take_line(&in, &out));
}

static void words_stand_between_blanks(void **state)
{
	(void)state;
	struct str in = STR(" \ta  b\tc \t"), out;

	assert_true(str_take_word(&in, &out) && str_is(out, "a"));
	assert_true(str_take_word(&in, &out) && str_is(out, "b"));
	assert_true(str_take_word(&in, &out) && str_is(out, "c"));
	assert_false(str_take_word(&in, &out));
	assert_true(str_is(out, "c") && str_is(in, " \t"));
	assert_false(str_take_word(&(struct str){ NULL, 0 }, &out));
}

static void a_line_end_is_part_of_a_word(void **state)
{
	(void)state;
	struct str in = STR("a\nb"), out;

	assert_true(str_take_word(&in, &out));
	assert_true(str_is(out, "a\nb"));
}

static void cutting_keeps_what_follows(void **state)
{
	(void)state;
	struct str in = STR("a::b"), out;

	assert_true(str_cut(&in, ':', &out) && str_is(out, "a") && str_is(in, ":b"));
	assert_true(str_cut(&in, ':', &out) && str_is(out, ""));
	assert_true(str_cut(&in, ':', &out) && str_is(out, "b"));
	assert_false(str_cut(&in, ':', &out));
	in = nothing;
	assert_false(str_cut(&in, ':', &out));
}

static void integers_are_big_endian(void **state)
{
	(void)state;
	struct str in = STR("\xff\x80\x01\x02\xfe\x00");
	uint8_t small = 0;
	uint32_t v = 0;

	assert_true(str_take_u8(&in, &small));
	assert_int_equal(small, 255);
	assert_true(str_take_u32(&in, &v));
	assert_true(v == 0x800102fe);
	assert_false(str_take_u32(&in, &v));
	assert_int_equal(in.n, 1);
	assert_true(str_take_u8(&in, &small));
	assert_false(str_take_u8(&in, &small));
}

static void a_blob_longer_than_the_rest_is_refused(void **state)
{
	(void)state;
	struct str in = STR("\0\0\0\4abc"), out = STR("old");

	assert_false(str_take_blob(&in, &out));
	assert_int_equal(in.n, 7);
	assert_true(str_is(out, "old"));
	in = STR("\xff\xff\xff\xff"
		 "abc");
	assert_false(str_take_blob(&in, &out));
	in = STR("\0\0\0");
	assert_false(str_take_blob(&in, &out));
	in = STR("\0\0\0\3abcd");
	assert_true(str_take_blob(&in, &out));
	assert_true(str_is(out, "abc") && str_is(in, "d"));
	in = STR("\0\0\0\0");
	assert_true(str_take_blob(&in, &out));
	assert_int_equal(out.n, 0);
}

static void a_copy_that_does_not_fit_is_empty(void **state)
{
	(void)state;
	char to[4] = "old";

	assert_false(str_copy(to, sizeof(to), STR("abcd")));
	assert_string_equal(to, "");
	assert_true(str_copy(to, sizeof(to), STR("abc")));
	assert_string_equal(to, "abc");
	assert_false(str_copy(to, sizeof(to), STR("a\0b")));
	assert_string_equal(to, "");
	assert_true(str_copy(to, 1, nothing));
	assert_false(str_copy(to, 0, nothing));
}

static void a_word_is_found_where_it_stands_first(void **state)
{
	(void)state;
	size_t at = 77;

	assert_false(str_find(STR("aab"), "abc", &at));
	assert_false(str_find(nothing, "a", &at));
	assert_int_equal(at, 77);
	assert_true(str_find(STR("aabab"), "ab", &at));
	assert_int_equal(at, 1);
	assert_true(str_find(STR("ab"), "", &at));
	assert_int_equal(at, 0);
	assert_true(str_find(STR("xab"), "ab", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_the_empty_text),
		cmocka_unit_test(texts_of_another_length_differ),
		cmocka_unit_test(only_ascii_is_case_folded),
		cmocka_unit_test(prefixes_and_suffixes_are_no_longer_than_the_text),
		cmocka_unit_test(an_empty_text_is_not_all_of_a_set),
		cmocka_unit_test(trimming_leaves_the_blanks_inside),
		cmocka_unit_test(numbers_are_digits_and_nothing_else),
		cmocka_unit_test(numbers_end_at_the_maximum),
		cmocka_unit_test(a_cursor_does_not_take_past_its_end),
		cmocka_unit_test(lines_end_with_lf_or_the_text),
		cmocka_unit_test(a_last_lf_opens_no_empty_line),
		cmocka_unit_test(words_stand_between_blanks),
		cmocka_unit_test(a_line_end_is_part_of_a_word),
		cmocka_unit_test(cutting_keeps_what_follows),
		cmocka_unit_test(integers_are_big_endian),
		cmocka_unit_test(a_blob_longer_than_the_rest_is_refused),
		cmocka_unit_test(a_word_is_found_where_it_stands_first),
		cmocka_unit_test(a_copy_that_does_not_fit_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
