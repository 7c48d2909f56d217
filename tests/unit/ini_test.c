/* ini_test.c - the grammar of the AWS CLI's files */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/ini.h"

/* What a text reads as: "[section] key=value key>subkey=value !bad". */
static void reads_as(const char *text, const char *want)
{
	static const char marks[] = { [INI_ENTRY] = ' ', [INI_SUBENTRY] = '>' };
	struct ini in = ini_of(str_of(text));
	enum ini_kind kind;
	BUF(b, 512);

	while ((kind = ini_next(&in)) != INI_END) {
		if (kind == INI_SECTION)
			buf_addf(&b, "[%.*s]", STR_ARG(in.section));
		else if (kind == INI_BAD)
			buf_addf(&b, "!%zu:%.*s", in.line, STR_ARG(in.value));
		else
			buf_addf(
				&b, "%c%.*s=%.*s", marks[kind], STR_ARG(in.key), STR_ARG(in.value));
	}
	assert_string_equal(buf_text(&b), want);
}

static void sections_and_entries_are_read(void **state)
{
	(void)state;
	reads_as("[default]\nregion = eu-west-1\r\n\r\n[ profile a b ]\nkey=v=w\n",
		"[default] region=eu-west-1[profile a b] key=v=w");
	reads_as("[a] # x\nk = v", "[a] k=v");
	reads_as("\xef\xbb\xbf[a]\nk=", "[a] k=");
	reads_as("", "");
}

static void a_comment_needs_a_blank_before_it(void **state)
{
	(void)state;
	reads_as("# c\n; c\n[a]\n  # c\nk = v # c\nl = v#c\nm = v\t;c\nn = # c\n",
		"[a] k=v l=v#c m=v n=");
}

static void indented_lines_below_an_empty_entry_are_its_parts(void **state)
{
	(void)state;
	reads_as("[a]\ns3 =\n  x = 1\n\n\ty = 2\nk = v\n", "[a] s3=>x=1>y=2 k=v");
	reads_as("[a]\ns3 =\n x =\n", "[a] s3=>x=");
	reads_as("[a]\ns3 =\n x\n = 1\nk = v\n", "[a] s3=!3:x!4:= 1 k=v");
	reads_as("[a]\n x = 1\n", "[a]!2:x = 1");
	reads_as("[a]\ns =\n[b]\n x = 1\n", "[a] s=[b]!4:x = 1");
}

static void indented_lines_below_a_value_go_on_with_it(void **state)
{
	(void)state;
	reads_as("[a]\nk = v\n -w\n\t x = y # z \nl = m\n", "[a] k=v\n -w\n\t x = y # z l=m");
	reads_as("[a]\nk = v\n w", "[a] k=v\n w");
	reads_as("[a]\nk = v\n w\nnonsense\n", "[a] k=v\n w!4:nonsense");
	reads_as("[a]\nk = v\n[a]\n w\n", "[a] k=v[a]!4:w");
	reads_as("[a]\nk = v\n\n w\nl = m\n", "[a] k=v!4:w l=m");
	reads_as("[a]\nk = v # c\n w\n", "[a] k=v!3:w");
	reads_as("[a]\nk = v\n # c\n w\n", "[a] k=v!4:w");
	reads_as(" -w\n", "!1:-w");
}

static void names_stand_between_the_brackets_alone(void **state)
{
	(void)state;
	reads_as("[ \tprofile\tx \t]; c\n[y]# c\n[z] ;\n", "[profile\tx][y][z]");
	reads_as("[profilex]\n\t \n[a!b]\nk \t=  \tv \t", "[profilex][a!b] k=v");
}

static void a_bad_line_spoils_nothing_else(void **state)
{
	(void)state;
	reads_as("[a]\nnonsense\nk = v\n", "[a]!2:nonsense k=v");
	reads_as("[a]\n= v\nk k = v\nl = w\n", "[a]!2:= v!3:k k = v l=w");
}

static void what_stands_in_no_section_is_bad(void **state)
{
	(void)state;
	reads_as("k = v\n[a]\n", "!1:k = v[a]");
	reads_as("[a]\n[b\nk = v\n", "[a]!2:b!3:k = v");
	reads_as("[]\nk = v\n", "!1:!2:k = v");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_entries_are_read),
		cmocka_unit_test(a_comment_needs_a_blank_before_it),
		cmocka_unit_test(indented_lines_below_an_empty_entry_are_its_parts),
		cmocka_unit_test(indented_lines_below_a_value_go_on_with_it),
		cmocka_unit_test(names_stand_between_the_brackets_alone),
		cmocka_unit_test(a_bad_line_spoils_nothing_else),
		cmocka_unit_test(what_stands_in_no_section_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
