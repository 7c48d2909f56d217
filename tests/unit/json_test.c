/* json_test.c - what is JSON, what is not, and what the writer makes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/json.h"

#define TOKENS 256

static struct json_token tokens[TOKENS];
static struct json_doc doc;

static int parse_str(struct str s)
{
	return json_parse(&doc, s, tokens, TOKENS);
}

static struct json parsed(const char *text)
{
	assert_int_equal(parse_str(str_of(text)), 0);
	return json_root(&doc);
}

/* A text and the place and words of its refusal. */
struct refusal {
	const char *text, *words;
};

static void check_refusals(const struct refusal *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = parse_str(str_of(table[i].text));

		if (r != ERR_FORMAT || !strstr(err_text(), table[i].words))
			fail_msg("%s: %d, '%s'", table[i].text, r, r < 0 ? err_text() : "");
		assert_int_equal(json_type(json_root(&doc)), JSON_NONE);
	}
}

#define REFUSE(...) \
	static const struct refusal table[] = { __VA_ARGS__ }; \
	check_refusals(table, sizeof(table) / sizeof(table[0]))

static void what_jsmn_takes_between_values_is_refused(void **state)
{
	(void)state;
	REFUSE({ "{\"a\":1,}", "line 1, column 8: a member name" },
		{ "[1,]", "column 4: no JSON value" }, { "[,1]", "column 2: no JSON value" },
		{ "[1,,2]", "column 4: no JSON value" },
		{ "[1 2]", "column 4: ',' or ']' is missing" },
		{ "{\"a\"}", "column 5: ':' is missing" },
		{ "{\"a\":}", "column 6: no JSON value" },
		{ "{\"a\":1 \"b\":2}", "column 8: ',' or '}'" },
		{ "{\"a\",\"b\"}", "column 5: ':'" }, { "{\"a\"::1}", "column 6" },
		{ "[\"a\":1]", "column 5" }, { "{\"a\":1:2}", "column 7" },
		{ "{\"a\":\"b\":\"c\"}", "column 9" }, { "{\"a\":\"x\" \"y\"}", "column 10" },
		{ "{,}", "column 2" }, { "[1:2]", "column 3" }, { "{\"a\":,\"b\":1}", "column 6" },
		{ ":", "column 1" }, { ",", "column 1" },
		{ "{\"a\":1}{\"b\":2}", "column 8: something behind the end" },
		{ "{}{}", "column 3" }, { "", "column 1: the text ends" },
		{ " \n ", "line 2, column 2: the text ends" });
}

static void what_jsmn_takes_for_words_and_numbers_is_refused(void **state)
{
	(void)state;
	REFUSE({ "{\"a\":tru}", "column 6" }, { "{\"a\":nope}", "column 6" },
		{ "{\"a\":1abc}", "column 7" }, { "[t]", "column 2" }, { "[nul]", "column 2" },
		{ "[trUe]", "column 2" }, { "[truee]", "column 6" }, { "01", "column 2" },
		{ "[-]", "column 3: a number without digits" }, { "[1.]", "column 4" },
		{ "[--1]", "column 3" }, { "[1e]", "column 4" }, { "[1e++]", "column 5" },
		{ "[+1]", "column 2" }, { "[.5]", "column 2" }, { "[0x1]", "column 3" },
		{ "[NaN]", "column 2" }, { "[-Infinity]", "column 3" }, { "[1_000]", "column 3" });
}

static void what_jsmn_takes_inside_strings_is_refused(void **state)
{
	(void)state;
	REFUSE({ "[\"a\nb\"]", "column 4: a control character" },
		{ "[\"\t\"]", "a control character" }, { "[\"\x1f\"]", "a control character" },
		{ "[\"\\ud800\"]", "column 3: an escape" }, { "[\"\\udc00\"]", "an escape" },
		{ "[\"\\ud800\\u0041\"]", "an escape" }, { "[\"\\ud800x\"]", "an escape" },
		{ "[\"\\q\"]", "an escape" }, { "[\"\\u12g4\"]", "an escape" },
		{ "[\"\\u12", "an escape" }, { "[\"\\", "an escape" }, { "[\"\x80\"]", "no UTF-8" },
		{ "[\"\xc0\x80\"]", "no UTF-8" }, { "[\"\xed\xa0\x80\"]", "no UTF-8" },
		{ "[\"\xf4\x90\x80\x80\"]", "no UTF-8" }, { "[\"\xe2\x82\"]", "no UTF-8" },
		{ "[\"\xff\"]", "no UTF-8" }, { "[\"abc", "without its end" });
}

static void what_only_looks_like_json_is_refused(void **state)
{
	(void)state;
	REFUSE({ "\xef\xbb\xbf{}", "byte order mark" }, { "{a:1}", "column 2" },
		{ "{'a':1}", "column 2" }, { "{1:2}", "column 2" }, { "{[]:2}", "column 2" },
		{ "// c\n{}", "column 1" }, { "[1}", "column 3" }, { "{\"a\":1]", "column 7" },
		{ "]", "column 1" }, { "[[]", "column 4" }, { "[]]", "column 3" },
		{ "{\"a\" 1}", "column 6" }, { "\v1", "column 1" }, { "[1\f]", "column 3" });
}

static void equal_names_are_refused_however_they_are_written(void **state)
{
	(void)state;
	REFUSE({ "{\"a\":1,\"a\":2}", "line 1, column 8: a member of this name" },
		{ "{\"a\":1,\"b\":{},\"c\":[1,2],\"a\":2}", "column 25" },
		{ "{\"a\":1,\n\"\\u0061\":2}", "line 2, column 1" },
		{ "{\"\":1,\"\":2}", "column 7" },
		{ "[{\"x\":{\"k\":1,\"l\":2,\"k\":3}}]", "column 20" },
		{ "{\"\xc3\xa4\":1,\"\\u00e4\":2}", "a member" },
		{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", "a member" },
		{ "{\"a/\":1,\"a\\/\":1}", "a member" });
	parsed("{\"a\":1,\"A\":2,\"b\":{\"a\":3},\"aa\":4}");
}

static void a_nul_byte_does_not_end_the_text(void **state)
{
	(void)state;
	assert_int_equal(parse_str(STR("{}\0junk")), ERR_FORMAT);
	assert_int_equal(parse_str(STR("{\"a\0b\":1}")), ERR_FORMAT);
	assert_int_equal(parse_str(STR("{}\0")), ERR_FORMAT);
}

static void depth_has_a_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 3];

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(parse_str((struct str){ text + 1, 2 * JSON_DEPTH_MAX }), 0);
	assert_int_equal(parse_str((struct str){ text, 2 * JSON_DEPTH_MAX + 2 }), ERR_FORMAT);
	assert_non_null(strstr(err_text(), "column 65: nested too deeply"));
}

static void more_values_than_tokens_are_refused(void **state)
{
	struct json_token few[3];

	(void)state;
	assert_int_equal(json_parse(&doc, STR("[1,2]"), few, 3), 0);
	assert_int_equal(json_parse(&doc, STR("[1,2,3]"), few, 3), ERR_LIMIT);
	assert_int_equal(json_parse(&doc, STR("{\"a\":[]}"), few, 2), ERR_LIMIT);
	assert_int_equal(json_parse(&doc, STR("7"), few, 0), ERR_LIMIT);
	assert_int_equal(json_parse(&doc, STR("[]"), few, 0), ERR_LIMIT);
}

/* Would not end within the lifetime of the tester if names were compared pairwise or tokens
 * searched. */
static void a_hundred_thousand_names_are_no_burden(void **state)
{
	enum { N = 100000 };
	size_t cap = N * 16 + 3;
	char *text = malloc(cap);
	struct json_token *many = malloc((2 * N + 1) * sizeof(*many));
	struct buf b = buf_of(text, cap);

	(void)state;
	for (unsigned i = 0; i < N; i++)
		buf_addf(&b, "%c\"n%06u\":[]", i ? ',' : '{', i * 7919 % N);
	buf_putc(&b, '}');
	assert_int_equal(json_parse(&doc, buf_view(&b), many, 2 * N + 1), 0);
	assert_int_equal(json_count(json_root(&doc)), N);
	text[2] = text[14] = 'm';
	memcpy(text + 3, text + 15, 6);
	assert_int_equal(json_parse(&doc, buf_view(&b), many, 2 * N + 1), ERR_FORMAT);
	free(many);
	free(text);
}

static void a_single_value_is_a_text(void **state)
{
	int64_t n;
	bool b;

	(void)state;
	assert_int_equal(json_type(parsed("5")), JSON_NUMBER);
	assert_true(json_int(parsed(" -12 "), &n) && n == -12);
	assert_true(json_bool(parsed("true\n"), &b) && b);
	assert_int_equal(json_type(parsed("null")), JSON_NULL);
	assert_true(json_is(parsed("\"x\""), "x"));
	assert_int_equal(json_count(parsed("[]")), 0);
	assert_int_equal(json_type(json_first(parsed("{}"))), JSON_NONE);
}

static void members_are_found_and_walked_in_order(void **state)
{
	struct json v = parsed("{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":[[],[3,4],{}],\"c\":\"d\"}"), i;
	const char *names = "abc";
	int64_t n = 0;

	(void)state;
	assert_int_equal(json_count(v), 3);
	for (i = json_first(v); json_type(i); i = json_next(v, i)) {
		char name[2] = { *names++, 0 };

		assert_true(json_is(i, name));
	}
	assert_int_equal(*names, 0);
	assert_true(json_is(json_get(v, "c"), "d"));
	assert_int_equal(json_type(json_get(v, "y")), JSON_NONE);
	assert_int_equal(json_type(json_get(json_get(v, "b"), "a")), JSON_NONE);
	v = json_get(v, "b");
	assert_int_equal(json_count(v), 3);
	i = json_next(v, json_first(v));
	assert_int_equal(json_count(i), 2);
	assert_true(json_int(json_next(i, json_first(i)), &n) && n == 4);
	assert_int_equal(json_type(json_next(i, json_next(i, json_first(i)))), JSON_NONE);
	assert_int_equal(json_type(json_next(v, i)), JSON_OBJECT);
	assert_int_equal(json_type(json_next(v, json_next(v, i))), JSON_NONE);
}

static void what_is_absent_is_nothing_and_does_no_harm(void **state)
{
	struct json none = { 0 };
	BUF(out, 8);
	int64_t n;
	bool b;
	unsigned line, column;

	(void)state;
	assert_int_equal(json_type(json_get(none, "a")), JSON_NONE);
	assert_int_equal(json_type(json_first(none)), JSON_NONE);
	assert_int_equal(json_type(json_next(none, none)), JSON_NONE);
	assert_int_equal(json_type(json_value(none)), JSON_NONE);
	assert_int_equal(json_raw(none).n, 0);
	assert_int_equal(json_text(none, &out), ERR_FORMAT);
	assert_false(json_is(none, "") || json_bool(none, &b) || json_int(none, &n));
	json_place(none, &line, &column);
	assert_int_equal(line + column, 0);
}

static void strings_are_decoded(void **state)
{
	BUF(out, 64);

	(void)state;
	assert_int_equal(json_text(parsed("\"\\\"\\\\\\/"
					  "\\b\\f\\n\\r\\t\\u00e4\\u20AC\\ud83d\\ude00\xc3\xa4\""),
				 &out),
		0);
	assert_string_equal(
		buf_text(&out), "\"\\/\b\f\n\r\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa4");
	assert_true(json_is(parsed("\"\\u0061b\""), "ab"));
	assert_false(json_is(parsed("\"ab\""), "a"));
	assert_false(json_is(parsed("\"a\""), "ab"));
	assert_false(json_is(parsed("\"a\\u0000\""), "a"));
	assert_false(json_is(parsed("5"), "5"));
}

static void a_string_with_nul_or_without_room_is_refused(void **state)
{
	BUF(out, 4);

	(void)state;
	assert_int_equal(json_text(parsed("\"a\\u0000b\""), &out), ERR_FORMAT);
	buf_clear(&out);
	assert_int_equal(json_text(parsed("\"abcd\""), &out), ERR_LIMIT);
	assert_int_equal(json_text(parsed("5"), &out), ERR_FORMAT);
}

static void only_whole_numbers_that_fit_are_integers(void **state)
{
	static const char *const no[] = { "1.0", "1e2", "9223372036854775808",
		"-9223372036854775809", "\"1\"", "true" };
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(json_int(parsed(no[i]), &n));
	assert_true(json_int(parsed("9223372036854775807"), &n) && n == INT64_MAX);
	assert_true(json_int(parsed("-9223372036854775808"), &n) && n == INT64_MIN);
	assert_true(json_int(parsed("-0"), &n) && n == 0);
}

static void places_are_counted_in_characters(void **state)
{
	unsigned line, column;
	struct json v = parsed("{\n \"\xc3\xa4\": \"x\",\n\"b\": [1]}");

	(void)state;
	json_place(json_get(v, "\xc3\xa4"), &line, &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 7);
	json_place(json_get(v, "b"), &line, &column);
	assert_int_equal(line, 3);
	assert_int_equal(column, 6);
}

static void write_sample(struct json_out *o)
{
	json_open(o, '{');
	json_member(o, "a", "b\"\n");
	json_name(o, "list");
	json_open(o, '[');
	json_add_int(o, -5);
	json_add_bool(o, true);
	json_add_null(o);
	json_open(o, '{');
	json_close(o, '}');
	json_close(o, ']');
	json_member(o, "none", NULL);
	json_name(o, "raw");
	json_add_raw(o, STR("[0]"));
	json_close(o, '}');
}

static void the_writer_sets_commas_and_quotes(void **state)
{
	BUF(b, 256);
	struct json_out o = json_out(&b, 0);

	(void)state;
	write_sample(&o);
	assert_string_equal(buf_text(&b),
		"{\"a\":\"b\\\"\\n\",\"list\":[-5,true,null,{}],\"none\":null,\"raw\":[0]}");
	buf_clear(&b);
	o = json_out(&b, 2);
	write_sample(&o);
	assert_string_equal(buf_text(&b),
		"{\n  \"a\": \"b\\\"\\n\",\n  \"list\": [\n    -5,\n    true,\n    null,\n    {}\n "
		" ],\n"
		"  \"none\": null,\n  \"raw\": [0]\n}");
}

static void the_writer_lets_no_foreign_byte_out(void **state)
{
	BUF(b, 64);
	struct json_out o = json_out(&b, 0);

	(void)state;
	json_add_str(&o, STR("\x01\x00\x7f\xff\xc3\xa4\\"));
	assert_string_equal(buf_text(&b), "\"\\u0001\\u0000\\u007f\xef\xbf\xbd\xc3\xa4\\\\\"");
	assert_int_equal(parse_str(buf_view(&b)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_jsmn_takes_between_values_is_refused),
		cmocka_unit_test(what_jsmn_takes_for_words_and_numbers_is_refused),
		cmocka_unit_test(what_jsmn_takes_inside_strings_is_refused),
		cmocka_unit_test(what_only_looks_like_json_is_refused),
		cmocka_unit_test(equal_names_are_refused_however_they_are_written),
		cmocka_unit_test(a_nul_byte_does_not_end_the_text),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(more_values_than_tokens_are_refused),
		cmocka_unit_test(a_hundred_thousand_names_are_no_burden),
		cmocka_unit_test(a_single_value_is_a_text),
		cmocka_unit_test(members_are_found_and_walked_in_order),
		cmocka_unit_test(what_is_absent_is_nothing_and_does_no_harm),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(a_string_with_nul_or_without_room_is_refused),
		cmocka_unit_test(only_whole_numbers_that_fit_are_integers),
		cmocka_unit_test(places_are_counted_in_characters),
		cmocka_unit_test(the_writer_sets_commas_and_quotes),
		cmocka_unit_test(the_writer_lets_no_foreign_byte_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
