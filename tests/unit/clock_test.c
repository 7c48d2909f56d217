/* clock_test.c - deadlines, and times as they are written and read */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "base/clock.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *written(void (*write)(struct buf *, int64_t), int64_t t)
{
	static char storage[64];
	struct buf b = buf_of(storage, sizeof(storage));

	write(&b, t);
	return buf_text(&b);
}

static const struct {
	int64_t t;
	const char *iso, *basic, *http;
} moments[] = {
	{ 0, "1970-01-01T00:00:00Z", "19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ -1, "1969-12-31T23:59:59Z", "19691231T235959Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ 1440938160, "2015-08-30T12:36:00Z", "20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT" },
	{ 951782399, "2000-02-28T23:59:59Z", "20000228T235959Z", "Mon, 28 Feb 2000 23:59:59 GMT" },
	{ 951782400, "2000-02-29T00:00:00Z", "20000229T000000Z", "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ 951868800, "2000-03-01T00:00:00Z", "20000301T000000Z", "Wed, 01 Mar 2000 00:00:00 GMT" },
	{ 4107542400, "2100-03-01T00:00:00Z", "21000301T000000Z", "Mon, 01 Mar 2100 00:00:00 GMT" },
	{ 1735689599, "2024-12-31T23:59:59Z", "20241231T235959Z", "Tue, 31 Dec 2024 23:59:59 GMT" },
	{ 253402300799, "9999-12-31T23:59:59Z", "99991231T235959Z",
		"Fri, 31 Dec 9999 23:59:59 GMT" },
	{ -62167219200, "0000-01-01T00:00:00Z", "00000101T000000Z",
		"Sat, 01 Jan 0000 00:00:00 GMT" },
	{ 2147483648, "2038-01-19T03:14:08Z", "20380119T031408Z", "Tue, 19 Jan 2038 03:14:08 GMT" },
};

static void moments_are_written_in_three_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		assert_string_equal(written(clock_iso, moments[i].t), moments[i].iso);
		assert_string_equal(written(clock_basic, moments[i].t), moments[i].basic);
		assert_string_equal(written(clock_http, moments[i].t), moments[i].http);
	}
}

static void what_was_written_reads_as_the_same_moment(void **state)
{
	(void)state;
	int64_t t;

	for (size_t i = 0; i < COUNT(moments); i++) {
		assert_true(clock_read(str_of(moments[i].iso), &t) && t == moments[i].t);
		assert_true(clock_read(str_of(moments[i].basic), &t) && t == moments[i].t);
		assert_true(clock_read_http(str_of(moments[i].http), &t) && t == moments[i].t);
	}
}

static void every_day_of_four_centuries_comes_back(void **state)
{
	(void)state;
	int64_t t, first = -11676096000; /* 1600-01-01 */

	for (int64_t day = 0; day < 146097 * 2; day += 7) {
		assert_true(clock_read(str_of(written(clock_iso, first + day * 86400)), &t));
		assert_true(t == first + day * 86400);
		assert_true(clock_read_http(str_of(written(clock_http, first + day * 86400)), &t));
	}
	assert_string_equal(written(clock_iso, first), "1600-01-01T00:00:00Z");
}

static void times_beyond_the_years_are_moved_to_the_end(void **state)
{
	(void)state;
	assert_string_equal(written(clock_iso, INT64_MAX), "9999-12-31T23:59:59Z");
	assert_string_equal(written(clock_iso, 253402300800), "9999-12-31T23:59:59Z");
	assert_string_equal(written(clock_iso, INT64_MIN), "0000-01-01T00:00:00Z");
}

static void fractions_are_dropped_and_zones_count(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t t;
	} good[] = {
		{ "2015-08-30T12:36:00.999999Z", 1440938160 },
		{ "2015-08-30T12:36:00.0Z", 1440938160 },
		{ "2015-08-30T14:36:00+02:00", 1440938160 },
		{ "2015-08-30T07:06:00.5-05:30", 1440938160 },
		{ "2015-08-31T12:35:00+23:59", 1440938160 },
		{ "2015-08-30T12:36:00-00:00", 1440938160 },
	};
	int64_t t;

	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(clock_read(str_of(good[i].text), &t) && t == good[i].t);
}

static void a_time_that_is_not_exactly_one_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"2015",
		"2015-08-30",
		"2015-08-30T12:36:00",
		"2015-08-30 12:36:00Z",
		"2015-08-30t12:36:00z",
		"2015-08-30T12:36Z",
		"2015-8-30T12:36:00Z",
		"2015-08-30T12:36:00ZZ",
		" 2015-08-30T12:36:00Z",
		"2015-08-30T12:36:00Z ",
		"2015-08-30T12:36:00.Z",
		"2015-08-30T12:36:00,5Z",
		"2015-08-30T12:36:00+0200",
		"2015-08-30T12:36:00+02",
		"2015-08-30T12:36:00+24:00",
		"2015-08-30T12:36:00+02:60",
		"2015-08-30T12:36:00Z+02:00",
		"+015-08-30T12:36:00Z",
		"-015-08-30T12:36:00Z",
		"10000-01-01T00:00:00Z",
		"2015-00-30T12:36:00Z",
		"2015-13-30T12:36:00Z",
		"2015-08-00T12:36:00Z",
		"2015-08-32T12:36:00Z",
		"2015-04-31T12:36:00Z",
		"2015-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2015-08-30T24:00:00Z",
		"2015-08-30T23:60:00Z",
		"2015-08-30T23:59:60Z",
		"20150830T123600",
		"20150830T1236Z",
		"20150830123600Z",
		"20150830T123600.5Z",
		"20150830T123600+02:00",
		"20150230T123600Z",
		"2015-0830T123600Z",
		"\xb2"
		"015-08-30T12:36:00Z",
	};
	int64_t t = 77;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(clock_read(str_of(bad[i]), &t));
	assert_false(clock_read((struct str){ NULL, 0 }, &t));
	assert_false(clock_read(STR("2015-08-30T12:36:00Z\0"), &t));
	assert_int_equal(t, 77);
}

static void a_date_of_http_is_an_imf_fixdate(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"Sun, 30 Aug 2015 12:36:00",
		"Sun, 30 Aug 2015 12:36:00 UTC",
		"Mon, 30 Aug 2015 12:36:00 GMT",
		"sun, 30 Aug 2015 12:36:00 GMT",
		"Sun, 30 aug 2015 12:36:00 GMT",
		"Sun, 30 Aux 2015 12:36:00 GMT",
		"Sun, 3 Aug 2015 12:36:00 GMT",
		"Sun 30 Aug 2015 12:36:00 GMT",
		"Sunday, 30-Aug-15 12:36:00 GMT",
		"Sun Aug 30 12:36:00 2015",
		"Sun, 30 Aug 2015 12:36:00 GMT ",
		"Sun, 30 Aug 2015 12:60:00 GMT",
		"Sun, 31 Feb 2015 12:36:00 GMT",
		"uSu, 30 Aug 2015 12:36:00 GMT",
	};
	int64_t t = 77;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(clock_read_http(str_of(bad[i]), &t));
	assert_int_equal(t, 77);
}

static void fields_out_of_range_are_refused(void **state)
{
	(void)state;
	int64_t t = 77;

	assert_true(clock_from_utc(2024, 2, 29, 0, 0, 0, &t) && t == 1709164800);
	assert_true(clock_from_utc(2000, 2, 29, 23, 59, 59, &t));
	t = 77;
	assert_false(clock_from_utc(2023, 2, 29, 0, 0, 0, &t));
	assert_false(clock_from_utc(1900, 2, 29, 0, 0, 0, &t));
	assert_false(clock_from_utc(-1, 1, 1, 0, 0, 0, &t));
	assert_false(clock_from_utc(10000, 1, 1, 0, 0, 0, &t));
	assert_false(clock_from_utc(2024, 0, 1, 0, 0, 0, &t));
	assert_false(clock_from_utc(2024, 13, 1, 0, 0, 0, &t));
	assert_false(clock_from_utc(2024, INT_MIN, 1, 0, 0, 0, &t));
	assert_false(clock_from_utc(2024, 1, 1, -1, 0, 0, &t));
	assert_false(clock_from_utc(2024, 1, 1, 0, -1, 0, &t));
	assert_false(clock_from_utc(2024, 1, 1, 0, 0, 60, &t));
	assert_int_equal(t, 77);
}

static void a_deadline_of_zero_never_passes(void **state)
{
	(void)state;
	struct deadline never = { 0 }, far = deadline_in(3600000);

	assert_false(deadline_passed(never));
	assert_int_equal(deadline_left(never), -1);
	assert_true(deadline_first(never, far).at_ms == far.at_ms);
	assert_true(deadline_first(far, never).at_ms == far.at_ms);
	assert_true(deadline_first(never, never).at_ms == 0);
	assert_true(deadline_in(INT64_MAX).at_ms == 0);
}

static void the_earlier_deadline_comes_first(void **state)
{
	(void)state;
	struct deadline soon = deadline_in(1000000), late = deadline_in(2000000);

	assert_true(deadline_first(soon, late).at_ms == soon.at_ms);
	assert_true(deadline_first(late, soon).at_ms == soon.at_ms);
}

static void a_deadline_that_passed_leaves_nothing(void **state)
{
	(void)state;
	assert_true(deadline_passed(deadline_in(0)));
	assert_true(deadline_passed(deadline_in(-1000)));
	assert_true(deadline_passed(deadline_in(INT64_MIN / 2)));
	assert_int_equal(deadline_left(deadline_in(-1000)), 0);
}

static void what_is_left_fits_an_int(void **state)
{
	(void)state;
	assert_int_equal(deadline_left(deadline_in((int64_t)INT_MAX * 4)), INT_MAX);
	assert_in_range(deadline_left(deadline_in(3600000)), 1, 3600000);
	assert_false(deadline_passed(deadline_in(3600000)));
}

static void a_moment_and_its_fields_are_the_same(void **state)
{
	static const int64_t times[] = { 0, -1, 1709164800, 951782399, 4107542399, -62167219200,
		253402300799 };

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		int f[6];
		int64_t t;

		clock_to_utc(times[i], f);
		assert_true(clock_from_utc(f[0], f[1], f[2], f[3], f[4], f[5], &t));
		assert_true(t == times[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_written_in_three_ways),
		cmocka_unit_test(what_was_written_reads_as_the_same_moment),
		cmocka_unit_test(every_day_of_four_centuries_comes_back),
		cmocka_unit_test(times_beyond_the_years_are_moved_to_the_end),
		cmocka_unit_test(fractions_are_dropped_and_zones_count),
		cmocka_unit_test(a_time_that_is_not_exactly_one_is_refused),
		cmocka_unit_test(a_date_of_http_is_an_imf_fixdate),
		cmocka_unit_test(fields_out_of_range_are_refused),
		cmocka_unit_test(a_moment_and_its_fields_are_the_same),
		cmocka_unit_test(a_deadline_of_zero_never_passes),
		cmocka_unit_test(the_earlier_deadline_comes_first),
		cmocka_unit_test(a_deadline_that_passed_leaves_nothing),
		cmocka_unit_test(what_is_left_fits_an_int),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
