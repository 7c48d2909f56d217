/* xml_test.c - the XML that EC2 and STS answer, and what is refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "data/xml.h"

static struct xml root;

static const char answer[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
	"  <!-- <requestId>no</requestId> -->\n"
	"  <requestId>r&lt;1&gt;</requestId>\n"
	"  "
	"<set><item><id>i-1</id><tags/></item><item><id>i-2</id></item><other/><item/"
	"><item><id>i-3</id></item></set>\n"
	"</DescribeInstancesResponse>\n";

static void elements_are_found_by_path(void **state)
{
	BUF(b, 32);

	(void)state;
	assert_int_equal(xml_parse(&root, str_of(answer)), 0);
	assert_true(str_is(root.name, "DescribeInstancesResponse"));
	assert_int_equal(xml_get(root, "requestId", &b), 0);
	assert_string_equal(buf_text(&b), "r<1>");
	buf_clear(&b);
	assert_int_equal(xml_get(root, "set/item/id", &b), 0);
	assert_string_equal(buf_text(&b), "i-1");
}

static void what_is_not_there_is_not_found(void **state)
{
	struct xml e;
	BUF(b, 32);

	(void)state;
	assert_int_equal(xml_parse(&root, str_of(answer)), 0);
	assert_false(xml_find(root, "id", &e) || xml_find(root, "set/id", &e) ||
		xml_find(root, "request", &e));
	assert_null(e.name.p);
	assert_int_equal(xml_get(root, "set/none", &b), ERR_ABSENT);
	assert_int_equal(xml_get(root, "set", &b), ERR_FORMAT);
}

static void items_are_listed_in_order(void **state)
{
	struct xml set, item = { 0 };
	BUF(b, 32);

	(void)state;
	assert_int_equal(xml_parse(&root, str_of(answer)), 0);
	assert_true(xml_find(root, "set", &set));
	while (xml_next(set, "item", &item)) {
		if (xml_get(item, "id", &b) < 0)
			buf_putc(&b, '-');
		buf_putc(&b, ' ');
	}
	assert_string_equal(buf_text(&b), "i-1 i-2 - i-3 ");
}

static void text_is_decoded(void **state)
{
	BUF(b, 32);

	(void)state;
	assert_int_equal(
		xml_parse(&root, STR("<a>&amp;&quot;&apos;&#65;&#x20ac;<!-- x -->\xc3\xa4</a>")),
		0);
	assert_int_equal(xml_text(root, &b), 0);
	assert_string_equal(buf_text(&b), "&\"'A\xe2\x82\xac\xc3\xa4");
	b = buf_of(b.p, 4);
	assert_int_equal(xml_text(root, &b), ERR_LIMIT);
}

static void what_is_no_answer_of_aws_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "x", "<a>", "<a></b>", "</a>", "<a/><b/>",
		"<a/>x", "x<a/>", "<a></a></a>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a/>",
		"<a><![CDATA[x]]></a>", "<a><?php x?></a>", "<?xml version=\"1.0\"<a/>",
		"<a b></a>", "<a b=c/>", "<a b=\"<\"/>", "<a b=\"x/>", "<a b=\"1\"c=\"2\"/>", "<a",
		"<", "<a/", "< a/>", "<1/>", "<a>&x;</a>", "<a>&amp</a>", "<a>& b;</a>",
		"<a>&#0;</a>", "<a>&#xd800;</a>", "<a>&#x110000;</a>", "<a>&#;</a>", "<a>&#xg;</a>",
		"<a>&#99999999999;</a>", "<a>\x01</a>", "<a>\xff</a>", "<a>\xc0\x80</a>",
		"<a><!-- x</a>", "\xef\xbb\xbf<a/>" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (xml_parse(&root, str_of(bad[i])) != ERR_FORMAT)
			fail_msg("%s", bad[i]);
	assert_int_equal(xml_parse(&root, STR("<a>\0</a>")), ERR_FORMAT);
}

static void depth_has_a_limit(void **state)
{
	BUF(b, 1024);

	(void)state;
	for (unsigned i = 0; i < XML_DEPTH_MAX; i++)
		buf_puts(&b, "<a>");
	for (unsigned i = 0; i < XML_DEPTH_MAX; i++)
		buf_puts(&b, "</a>");
	assert_int_equal(xml_parse(&root, buf_view(&b)), 0);
	buf_clear(&b);
	for (unsigned i = 0; i < XML_DEPTH_MAX; i++)
		buf_puts(&b, "<a>");
	buf_puts(&b, "<a/>");
	assert_int_equal(xml_parse(&root, buf_view(&b)), ERR_FORMAT);
	assert_non_null(strstr(err_text(), "byte 96: nested too deeply"));
}

static void written_text_reads_back(void **state)
{
	static const struct str text = { "<&>\"'\r\n\t \xc3\xa4", 11 };
	BUF(b, 128);
	BUF(back, 32);

	(void)state;
	xml_element(&b, "a", text);
	assert_string_equal(buf_text(&b), "<a>&lt;&amp;&gt;&quot;&apos;&#13;\n\t \xc3\xa4</a>");
	assert_int_equal(xml_parse(&root, buf_view(&b)), 0);
	assert_int_equal(xml_text(root, &back), 0);
	assert_true(str_eq(buf_view(&back), text));
	buf_clear(&b);
	xml_add(&b, STR("\x01\x00\xff"));
	assert_string_equal(buf_text(&b), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_found_by_path),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(items_are_listed_in_order),
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(what_is_no_answer_of_aws_is_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(written_text_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
