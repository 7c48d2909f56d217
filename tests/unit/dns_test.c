/* dns_test.c - questions for a name server, and which answers are taken */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns.h"

#define NAME "\003www\007example\003com"
#define QUESTION NAME "\0\0\001\0\001"
#define HEAD(flags, records) "\x12\x34" flags "\0\001\0" records "\0\0\0\0"
#define POINTER "\xc0\x0c"
#define RECORD(type, life_and_length) POINTER "\0" type "\0\001\0\0\0" life_and_length
#define A_RECORD RECORD("\001", "\x3c\0\004") "\300\000\002\001"

static struct str asked(enum dns_type type)
{
	static char storage[DNS_MESSAGE_MAX];
	struct buf b = buf_of(storage, sizeof(storage));

	assert_int_equal(dns_ask(&b, 0x1234, STR("www.example.com"), type), 0);
	return buf_view(&b);
}

static void a_question_has_the_form_of_the_rfc(void **state)
{
	static const char wanted[] = "\x12\x34\001\0\0\001\0\0\0\0\0\0" QUESTION;
	struct str q = asked(DNS_A);

	(void)state;
	assert_int_equal(q.n, sizeof(wanted) - 1);
	assert_memory_equal(q.p, wanted, q.n);
}

static void a_dot_at_the_end_changes_nothing(void **state)
{
	BUF(b, DNS_MESSAGE_MAX);

	(void)state;
	assert_int_equal(dns_ask(&b, 0x1234, STR("www.example.com."), DNS_A), 0);
	assert_true(str_eq(buf_view(&b), asked(DNS_A)));
}

static void what_is_no_name_is_not_asked(void **state)
{
	static char label[66], name[300];
	const char *const bad[] = { "", ".", "..", "a..b", ".a", "a..", label, name };

	(void)state;
	memset(label, 'a', 64);
	memset(name, 'a', 254);
	for (size_t i = 40; i < 254; i += 40)
		name[i] = '.';
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		BUF(b, DNS_MESSAGE_MAX);

		if (dns_ask(&b, 1, str_of(bad[i]), DNS_A) != ERR_FORMAT)
			fail_msg("asked: %s", bad[i]);
	}
}

static int read_answer(struct str answer, struct sock_address *out, size_t cap)
{
	return dns_read(answer, asked(DNS_A), out, cap);
}

static void assert_address(const struct sock_address *a, const char *text)
{
	BUF(b, 80);

	sock_add_text(&b, a);
	assert_string_equal(buf_text(&b), text);
}

static void addresses_are_read(void **state)
{
	struct sock_address a[2];

	(void)state;
	assert_int_equal(read_answer(STR(HEAD("\x81\x80", "\001") QUESTION A_RECORD), a, 2), 1);
	assert_address(&a[0], "192.0.2.1:0");
}

static void addresses_of_six_are_read(void **state)
{
	struct str answer = STR(HEAD("\x81\x80", "\001") NAME "\0\0\x1c\0\001" RECORD(
		"\x1c", "\x3c\0\x10") "\x20\001\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\001");
	struct sock_address a;

	(void)state;
	assert_int_equal(dns_read(answer, asked(DNS_AAAA), &a, 1), 1);
	assert_address(&a, "[2001:db8::1]:0");
}

static void an_alias_is_passed_over(void **state)
{
	struct sock_address a;

	(void)state;
	assert_int_equal(read_answer(STR(HEAD("\x81\x80", "\002") QUESTION RECORD(
					     "\005", "\x3c\0\004") "\001x" POINTER A_RECORD),
				 &a, 1),
		1);
	assert_address(&a, "192.0.2.1:0");
}

static void no_more_than_fit_are_taken(void **state)
{
	struct sock_address a[3];

	(void)state;
	memset(a, 0, sizeof(a));
	assert_int_equal(
		read_answer(
			STR(HEAD("\x81\x80", "\003") QUESTION A_RECORD A_RECORD A_RECORD), a, 2),
		2);
	assert_int_equal(a[2].n, 0);
}

static void the_case_of_the_question_does_not_matter(void **state)
{
	struct sock_address a;

	(void)state;
	assert_int_equal(
		read_answer(STR(HEAD("\x81\x80",
				    "\001") "\003WWW\007Example\003com\0\0\001\0\001" A_RECORD),
			&a, 1),
		1);
}

static void a_name_without_addresses_has_none(void **state)
{
	struct sock_address a;

	(void)state;
	assert_int_equal(read_answer(STR(HEAD("\x81\x80", "\0") QUESTION), &a, 1), 0);
}

static void what_the_server_says_instead_is_told_apart(void **state)
{
	struct sock_address a;

	(void)state;
	assert_int_equal(read_answer(STR(HEAD("\x81\x83", "\0") QUESTION), &a, 1), ERR_ABSENT);
	assert_int_equal(read_answer(STR(HEAD("\x81\x82", "\0") QUESTION), &a, 1), ERR_NET);
	assert_int_equal(read_answer(STR(HEAD("\x81\x85", "\0") QUESTION), &a, 1), ERR_NET);
}

static void answers_to_something_else_are_ignored(void **state)
{
	static const struct str bad[] = {
		STR("\x12\x35\x81\x80\0\001\0\001\0\0\0\0" QUESTION A_RECORD), /* another id */
		STR(HEAD("\001\0", "\001") QUESTION A_RECORD),                 /* a question */
		STR("\x12\x34\x81\x80\0\002\0\001\0\0\0\0" QUESTION A_RECORD), /* two questions */
		STR("\x12\x34\x81\x80\0\0\0\001\0\0\0\0" QUESTION A_RECORD),
		STR(HEAD("\x81\x80", "\001") "\003wwx\007example\003com\0\0\001\0\001" A_RECORD),
		STR(HEAD("\x81\x80", "\001") NAME "\0\0\x1c\0\001" A_RECORD),
		STR(HEAD("\x81\x80", "\001") NAME "\0\0\001\0\003" A_RECORD),
		STR(HEAD("\x81\x80", "\001") A_RECORD),
		STR(""),
	};
	struct sock_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_answer(bad[i], &a, 1) != ERR_FORMAT)
			fail_msg("answer %zu was taken", i);
}

static void a_broken_record_is_refused(void **state)
{
	static const struct str bad[] = {
		STR(HEAD("\x81\x80", "\002") QUESTION A_RECORD),
		STR(HEAD("\x81\x80", "\001")
				QUESTION RECORD("\001", "\x3c\0\005") "\300\000\002\001\001"),
		STR(HEAD("\x81\x80", "\001") QUESTION RECORD("\001", "\x3c\0\003") "\300\000\002"),
		STR(HEAD("\x81\x80", "\001") QUESTION "\x40" A_RECORD),
		STR(HEAD("\x81\x80", "\001") QUESTION "\x3f" A_RECORD),
	};
	struct sock_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_answer(bad[i], &a, 1) != ERR_FORMAT)
			fail_msg("answer %zu was taken", i);
}

static void an_answer_that_is_cut_off_anywhere_is_refused(void **state)
{
	struct str whole = STR(HEAD("\x81\x80", "\001") QUESTION A_RECORD);
	struct sock_address a;

	(void)state;
	for (struct str cut = { whole.p, 0 }; cut.n < whole.n; cut.n++)
		assert_int_equal(read_answer(cut, &a, 1), ERR_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_has_the_form_of_the_rfc),
		cmocka_unit_test(a_dot_at_the_end_changes_nothing),
		cmocka_unit_test(what_is_no_name_is_not_asked),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(addresses_of_six_are_read),
		cmocka_unit_test(an_alias_is_passed_over),
		cmocka_unit_test(no_more_than_fit_are_taken),
		cmocka_unit_test(the_case_of_the_question_does_not_matter),
		cmocka_unit_test(a_name_without_addresses_has_none),
		cmocka_unit_test(what_the_server_says_instead_is_told_apart),
		cmocka_unit_test(answers_to_something_else_are_ignored),
		cmocka_unit_test(a_broken_record_is_refused),
		cmocka_unit_test(an_answer_that_is_cut_off_anywhere_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
