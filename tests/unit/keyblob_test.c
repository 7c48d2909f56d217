/* keyblob_test.c - the signed list of keys */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "eic/keyblob.h"
#include "eic/limits.h"

#define META "#Timestamp=2000000000\n#Instance=i-abcd1234\n"
#define KEY "ssh-ed25519 AAAA\n"
#define SIG "c2lnbmF0dXJl\n" /* "signature" */
#define GOOD META KEY SIG "\n"

/* The one block of a text; what keyblob_take returned for it. */
static int only(const char *text, struct keyblob *block)
{
	struct str rest = str_of(text);
	struct keyblob more;
	int r = keyblob_take(&rest, block);

	assert_int_equal(keyblob_take(&rest, &more), 0);
	return r;
}

static void a_block_is_read_and_its_signed_bytes_are_exact(void **state)
{
	static const char head[] = "#Timestamp=2000000000\n#Instance=i-abcd1234\n#Caller=arn:aws:"
				   "iam::123456789012:user/alice\n"
				   "#Request=6f1c1c3e-0000-4000-8000-000000000001\n#Future=x=y\n#"
				   "note\nssh-ed25519 AAAA me\n";
	BUF(text, 1024);
	struct keyblob b;

	(void)state;
	buf_addf(&text, "\n\n%sc2ln\nbmF0dXJl\n", head);
	assert_int_equal(only(buf_text(&text), &b), 1);
	assert_true(str_is(b.signed_text, head));
	assert_true(str_is(b.key, "ssh-ed25519 AAAA me"));
	assert_true(str_is(b.instance, "i-abcd1234"));
	assert_true(str_is(b.caller, "arn:aws:iam::123456789012:user/alice"));
	assert_true(str_is(b.request, "6f1c1c3e-0000-4000-8000-000000000001"));
	assert_true(str_is(b.expiry, "2000000000"));
	assert_int_equal(b.earliest, 2000000000);
	assert_false(b.instances_differ);
	assert_int_equal(b.signature_n, 9);
	assert_memory_equal(b.signature, "signature", 9);
}

static void blank_lines_and_the_last_line_end_do_not_matter(void **state)
{
	static const char *const texts[] = { META KEY SIG, GOOD, "\n\n\n" GOOD, GOOD "\n\n",
		META KEY "c2lnbmF0dXJl", META KEY "c2ln\nbmF0\ndXJl",
		META KEY "c2ln\nbmF0\ndXJl\n\n" };
	struct keyblob b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(only(texts[i], &b), 1);
		assert_int_equal(b.signature_n, 9);
		assert_true(str_is(b.signed_text, META KEY));
	}
}

static void what_is_no_block_is_passed_over(void **state)
{
	static const char *const texts[] = {
		META, /* metadata only */
		META "\n",
		KEY SIG,
		"ssh-ed25519 AAAA\n",                                     /* no metadata */
		"#Timestamp=2000000000\n" KEY SIG,                        /* no instance */
		"#Instance=i-abcd1234\n" KEY SIG,                         /* no time */
		" #Timestamp=2000000000\n#Instance=i-abcd1234\n" KEY SIG, /* a blank before '#' */
		" " META KEY SIG,
		"#Timestamp=\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=x\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=-1\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=+2000000000\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp= 2000000000\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=2000000000 \n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=2e9\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=00000000002000000000\n#Instance=i-abcd1234\n" KEY SIG, /* 20 digits */
		"#Timestamp=9999999999999999999\n#Instance=i-abcd1234\n" KEY SIG,  /* over 2^63 */
		"#Timestamp=2000000000\n#Timestamp=x\n#Instance=i-abcd1234\n" KEY SIG,
		"#timestamp=2000000000\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp =2000000000\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp\n#Instance=i-abcd1234\n" KEY SIG,
		"#Timestamp=2000000000\n#Instance=\n" KEY SIG,
		"#Timestamp=2000000000\n#Instance\n" KEY SIG,
		META "#Caller=\x1b[2J\n" KEY SIG,
		META "ssh-ed25519 AAAA \x07\n" SIG,
		META "ssh-ed25519 \x7f\n" SIG,
		META "ssh-ed25519 AAAA\x0b\n" SIG,
	};
	struct keyblob b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (only(texts[i], &b) != ERR_FORMAT)
			fail_msg("taken: %s", texts[i]);
}

static void a_signature_that_cannot_be_decoded_is_none(void **state)
{
	static const char *const texts[] = {
		META KEY,                                                   /* there is none */
		META KEY "\n", META KEY "!!!!\n", META KEY "c2lnbmF0dXJ\n", /* not base64 */
		META KEY "c2ln bmF0\n", META KEY "c2ln\tbmF0\n",            /* blanks */
		META KEY SIG META KEY SIG, /* two blocks without an empty line between */
		META KEY SIG "#Caller=me\n", META " \n" KEY SIG, /* of a key that rule 14 refuses */
	};
	struct keyblob b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (only(texts[i], &b) != 1 || b.signature_n != 0)
			fail_msg("not a block without signature: %s", texts[i]);
}

static void nothing_is_no_block(void **state)
{
	struct keyblob b;

	(void)state;
	assert_int_equal(only("", &b), 0);
	assert_int_equal(only("\n", &b), 0);
	assert_int_equal(only("\n\n\n\n", &b), 0);
	assert_int_equal(keyblob_take(&(struct str){ 0 }, &b), 0);
}

static void a_bad_block_does_not_hide_a_good_one(void **state)
{
	struct str text = STR(META "\n" GOOD META "\n" GOOD);
	struct keyblob b;

	(void)state;
	assert_int_equal(keyblob_take(&text, &b), ERR_FORMAT);
	assert_int_equal(keyblob_take(&text, &b), 1);
	assert_int_equal(keyblob_take(&text, &b), ERR_FORMAT);
	assert_int_equal(keyblob_take(&text, &b), 1);
	assert_int_equal(keyblob_take(&text, &b), 0);
}

static void a_carriage_return_anywhere_spoils_the_whole_text(void **state)
{
	static const char *const texts[] = { GOOD "\r\n", GOOD GOOD "\r", "\r" GOOD,
		"#Timestamp=2000000000\r\n#Instance=i-abcd1234\r\nssh-ed25519 "
		"AAAA\r\nc2lnbmF0dXJl\r\n\r\n" };
	struct keyblob b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(only(texts[i], &b), ERR_FORMAT);
}

static void a_nul_byte_is_no_end(void **state)
{
	struct str inside_key = STR(META "ssh-ed25519 AAAA\0 x\n" SIG),
		   behind = STR(META KEY SIG "\0\n");
	struct str in_time = STR("#Timestamp=2000000000\0\n#Instance=i-abcd1234\n" KEY SIG);
	struct keyblob b;

	(void)state;
	assert_int_equal(keyblob_take(&inside_key, &b), ERR_FORMAT);
	assert_int_equal(keyblob_take(&behind, &b), ERR_FORMAT);
	assert_int_equal(keyblob_take(&in_time, &b), ERR_FORMAT);
}

static void of_several_times_the_first_to_come_counts(void **state)
{
	struct keyblob b;

	(void)state;
	assert_int_equal(only("#Timestamp=5\n" META KEY SIG, &b), 1);
	assert_int_equal(b.earliest, 5);
	assert_true(str_is(b.expiry, "2000000000"));
	assert_int_equal(only(META "#Timestamp=5\n" KEY SIG, &b), 1);
	assert_int_equal(b.earliest, 5);
	assert_int_equal(only("#Timestamp=9223372036854775807\n#Instance=i-a\n" KEY SIG, &b), 1);
	assert_true(b.earliest == INT64_MAX);
	assert_int_equal(only("#Timestamp=0000000000000000007\n#Instance=i-a\n" KEY SIG, &b), 1);
	assert_int_equal(b.earliest, 7);
}

static void instances_that_differ_are_told(void **state)
{
	struct keyblob b;

	(void)state;
	assert_int_equal(only("#Instance=i-other\n" META KEY SIG, &b), 1);
	assert_true(b.instances_differ);
	assert_int_equal(only(META "#Instance=i-other\n#Instance=i-abcd1234\n" KEY SIG, &b), 1);
	assert_true(b.instances_differ);
	assert_int_equal(only(META "#Instance=i-abcd1234\n" KEY SIG, &b), 1);
	assert_false(b.instances_differ);
}

static void of_several_callers_and_requests_the_last_counts(void **state)
{
	struct keyblob b;

	(void)state;
	assert_int_equal(
		only("#Caller=a\n#Request=1\n" META "#Caller=b\n#Request=2\n" KEY SIG, &b), 1);
	assert_true(str_is(b.caller, "b"));
	assert_true(str_is(b.request, "2"));
	assert_int_equal(only(META "#Caller=b\n#Caller=\n" KEY SIG, &b), 1);
	assert_int_equal(b.caller.n, 0);
}

static void the_limits_of_line_and_signature_hold(void **state)
{
	static char text[64 * 1024];
	struct buf t = buf_of(text, sizeof(text));
	struct keyblob b;

	(void)state;
	buf_puts(&t, META "#X=");
	for (int i = 0; i < EIC_KEYS_LINE_MAX; i++)
		buf_putc(&t, 'x');
	buf_puts(&t, "\n" KEY SIG);
	assert_int_equal(only(text, &b), ERR_FORMAT);

	buf_clear(&t);
	buf_puts(&t, META KEY);
	for (int i = 0; i < 170; i++)
		buf_puts(&t, "AAAA");
	buf_puts(&t, "AAA=");
	assert_int_equal(only(text, &b), 1);
	assert_int_equal(b.signature_n, EIC_SIGNATURE_MAX);
	text[t.len - 1] = 'A';
	assert_int_equal(only(text, &b), 1);
	assert_int_equal(b.signature_n, 0);
}

static void many_blocks_end(void **state)
{
	static char text[256 * 1024];
	struct buf t = buf_of(text, sizeof(text));
	struct str rest;
	struct keyblob b;
	int n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_puts(&t, GOOD);
	assert_false(t.full);
	for (rest = buf_view(&t); keyblob_take(&rest, &b) == 1;)
		n++;
	assert_int_equal(n, 1000);
}

static void what_is_written_is_read(void **state)
{
	BUF(text, 1024);
	BUF(whole, 2048);
	struct keyblob b;

	(void)state;
	keyblob_add_text(&text, 2000000000, STR("i-abcd1234"), STR("arn"), (struct str){ 0 },
		STR("ssh-rsa AAAA x"));
	assert_string_equal(buf_text(&text),
		"#Timestamp=2000000000\n#Instance=i-abcd1234\n#Caller=arn\nssh-rsa AAAA x\n");
	keyblob_add(&whole, buf_view(&text), STR("\0\xff\x7f"));
	assert_int_equal(only(buf_text(&whole), &b), 1);
	assert_true(str_eq(b.signed_text, buf_view(&text)));
	assert_int_equal(b.signature_n, 3);
	assert_memory_equal(b.signature, "\0\xff\x7f", 3);
	assert_int_equal(b.request.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_read_and_its_signed_bytes_are_exact),
		cmocka_unit_test(blank_lines_and_the_last_line_end_do_not_matter),
		cmocka_unit_test(what_is_no_block_is_passed_over),
		cmocka_unit_test(a_signature_that_cannot_be_decoded_is_none),
		cmocka_unit_test(nothing_is_no_block),
		cmocka_unit_test(a_bad_block_does_not_hide_a_good_one),
		cmocka_unit_test(a_carriage_return_anywhere_spoils_the_whole_text),
		cmocka_unit_test(a_nul_byte_is_no_end),
		cmocka_unit_test(of_several_times_the_first_to_come_counts),
		cmocka_unit_test(instances_that_differ_are_told),
		cmocka_unit_test(of_several_callers_and_requests_the_last_counts),
		cmocka_unit_test(the_limits_of_line_and_signature_hold),
		cmocka_unit_test(many_blocks_end),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
