/* enc_test.c - hexadecimal, base64 and percent encoding */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/enc.h"

/* RFC 4648 section 10 */
static const char *const vectors[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
	{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" } };

static void base64_agrees_with_the_vectors_of_the_rfc(void **state)
{
	BUF(b, 32);

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		buf_clear(&b);
		base64_add(&b, vectors[i][0], strlen(vectors[i][0]));
		assert_string_equal(buf_text(&b), vectors[i][1]);
		buf_clear(&b);
		assert_int_equal(base64_read(str_of(vectors[i][1]), false, &b), 0);
		assert_string_equal(buf_text(&b), vectors[i][0]);
	}
}

static void base64url_has_no_padding_and_no_plus(void **state)
{
	BUF(b, 32);

	(void)state;
	buf_puts(&b, "+/=");
	base64url_add(&b, "\xfb\xff\xfe\xff", 4);
	assert_string_equal(buf_text(&b), "+/=-__-_w");
	buf_clear(&b);
	base64url_add(&b, "", 0);
	assert_int_equal(b.len, 0);
}

static void loose_base64_is_refused_and_leaves_nothing(void **state)
{
	static const char *const bad[] = { "Zg", "Zg=", "Zg===", "Z", "Z===", "=",
		"====", "Zh==", "Zm9=", "Zm9v=", "Zg==Zg==", "Zg= =", " Zg==", "Zg==\n", "Zm 9v",
		"Zm9-", "Zm9_", "Zm9v\x80", "Z=g=", "Zm9v====" };
	BUF(b, 32);

	(void)state;
	buf_putc(&b, '>');
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(base64_read(str_of(bad[i]), false, &b), ERR_FORMAT);
		assert_string_equal(buf_text(&b), ">");
	}
	assert_int_equal(base64_read(STR("Zm9v\0"), false, &b), ERR_FORMAT);
}

static void lines_are_read_only_when_asked_for(void **state)
{
	BUF(b, 32);

	(void)state;
	assert_int_equal(base64_read(STR("Zm9v\r\n\tYg = =\n"), true, &b), 0);
	assert_string_equal(buf_text(&b), "foob");
	assert_int_equal(base64_read(STR("Zm9v\fYg=="), true, &b), ERR_FORMAT);
	assert_int_equal(base64_read(STR("Zm9v\nYg="), true, &b), ERR_FORMAT);
}

static void lines_are_written_with_the_last_one_ended(void **state)
{
	BUF(b, 32);

	(void)state;
	base64_add_lines(&b, "foobar", 6, 3);
	assert_string_equal(buf_text(&b), "Zm9\nvYm\nFy\n");
	buf_clear(&b);
	base64_add_lines(&b, "foobar", 6, 8);
	assert_string_equal(buf_text(&b), "Zm9vYmFy\n");
	buf_clear(&b);
	base64_add_lines(&b, "", 0, 8);
	assert_string_equal(buf_text(&b), "");
}

static void base64_without_room_is_a_limit(void **state)
{
	BUF(b, 3);

	(void)state;
	assert_int_equal(base64_read(STR("Zm9v"), false, &b), ERR_LIMIT);
}

static void base64url_has_its_own_digits_and_no_padding(void **state)
{
	BUF(b, 32);

	(void)state;
	assert_int_equal(base64url_read(STR("--___g"), &b), 0);
	assert_memory_equal(b.p, "\xfb\xef\xff\xfe", 4);
	assert_int_equal(base64url_read(STR("--___g=="), &b), ERR_FORMAT);
	assert_int_equal(base64url_read(STR("++"), &b), ERR_FORMAT);
	assert_int_equal(base64url_read(STR("A"), &b), ERR_FORMAT);
	assert_int_equal(base64url_read(STR("AB"), &b), ERR_FORMAT);
}

static void hex_takes_exactly_its_digits(void **state)
{
	uint8_t out[2] = { 0 };
	BUF(b, 8);

	(void)state;
	hex_add(&b, "\x00\xAf", 2);
	assert_string_equal(buf_text(&b), "00af");
	assert_true(hex_read(STR("aFfE"), out, 2));
	assert_int_equal(out[0] << 8 | out[1], 0xaffe);
	assert_false(hex_read(STR("aff"), out, 2) || hex_read(STR("affe0"), out, 2) ||
		hex_read(STR("affg"), out, 2) || hex_read(STR("0x12"), out, 2) ||
		hex_read(STR(" aff"), out, 2));
}

static void percent_keeps_only_what_is_unreserved_or_named(void **state)
{
	BUF(b, 64);

	(void)state;
	percent_add(&b, STR("aZ09-_.~/ \xc3\xa4+\0"), "");
	assert_string_equal(buf_text(&b), "aZ09-_.~%2F%20%C3%A4%2B%00");
	buf_clear(&b);
	percent_add(&b, STR("/a b"), "/");
	assert_string_equal(buf_text(&b), "/a%20b");
}

static void a_bad_percent_is_refused(void **state)
{
	static const char *const bad[] = { "%", "%1", "a%", "%zz", "%0g", "%00", "%%20", "%-1" };
	BUF(b, 16);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(percent_read(str_of(bad[i]), &b), ERR_FORMAT);
	buf_clear(&b);
	assert_int_equal(percent_read(STR("a%2fB%2F+%c3"), &b), 0);
	assert_string_equal(buf_text(&b), "a/B/+\xc3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_agrees_with_the_vectors_of_the_rfc),
		cmocka_unit_test(base64url_has_no_padding_and_no_plus),
		cmocka_unit_test(loose_base64_is_refused_and_leaves_nothing),
		cmocka_unit_test(lines_are_read_only_when_asked_for),
		cmocka_unit_test(lines_are_written_with_the_last_one_ended),
		cmocka_unit_test(base64_without_room_is_a_limit),
		cmocka_unit_test(base64url_has_its_own_digits_and_no_padding),
		cmocka_unit_test(hex_takes_exactly_its_digits),
		cmocka_unit_test(percent_keeps_only_what_is_unreserved_or_named),
		cmocka_unit_test(a_bad_percent_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
