/* clock.c - wall time, deadlines, and the ways in which times are written */
#define _GNU_SOURCE
#include "base/clock.h"

#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */

/* The system call itself: libc's way around it, the search through the vDSO, takes 1 KB. */
static struct timespec read_clock(clockid_t which)
{
	struct timespec now = { 0 };

	syscall(SYS_clock_gettime, which, &now);
	return now;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t clock_mono_ms(void)
{
	struct timespec now = read_clock(CLOCK_MONOTONIC);

	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline deadline_in(int64_t ms)
{
	int64_t now = clock_mono_ms();

	if (ms > INT64_MAX - now)
		return (struct deadline){ 0 };
	/* 0 would mean never */
	return (struct deadline){ now + ms > 0 ? now + ms : 1 };
}

struct deadline deadline_first(struct deadline a, struct deadline b)
{
	if (a.at_ms == 0)
		return b;
	if (b.at_ms == 0)
		return a;
	return a.at_ms < b.at_ms ? a : b;
}

bool deadline_passed(struct deadline d)
{
	return d.at_ms != 0 && clock_mono_ms() >= d.at_ms;
}

int deadline_left(struct deadline d)
{
	int64_t left;

	if (d.at_ms == 0)
		return -1;
	left = d.at_ms - clock_mono_ms();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* A date and a time of day, UTC. */
struct date {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

/* Days from 1970-01-01 to the first of March of that year. The year of the count begins in March,
 * so that the leap day is its last. The year is counted from 400 before, because -1 occurs. */
static int64_t days_to_march(int64_t year)
{
	int64_t y = year + 400;

	return y * 365 + y / 4 - y / 100 + y / 400 - 719468 - 146097;
}

/* Days from the first of March to the first of the month that is n months later. */
static int days_of_months(int n)
{
	return (153 * n + 2) / 5;
}

static int64_t days_of(const struct date *d)
{
	int from_march = (d->month + 9) % 12;

	return days_to_march(d->year - (d->month < 3)) + days_of_months(from_march) + d->day - 1;
}

/* Times outside the years 0 to 9999 are moved to the nearest end. */
static struct date date_of(int64_t t)
{
	const int64_t first = -62167219200, last = 253402300799;
	struct date d;
	int64_t days, seconds, year;
	int from_march;

	t = t < first ? first : t > last ? last : t;
	days = t / 86400 - (t % 86400 < 0);
	seconds = t - days * 86400;
	year = (days + 719468) / 365;
	while (days_to_march(year) > days)
		year--;
	days -= days_to_march(year);
	for (from_march = 11; days_of_months(from_march) > days;)
		from_march--;
	d.month = (from_march + 2) % 12 + 1;
	d.year = (int)year + (d.month < 3);
	d.day = (int)days - days_of_months(from_march) + 1;
	d.hour = (int)(seconds / 3600);
	d.minute = (int)(seconds / 60 % 60);
	d.second = (int)(seconds % 60);
	return d;
}

void clock_iso(struct buf *b, int64_t t)
{
	struct date d = date_of(t);

	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, d.hour, d.minute,
		d.second);
}

void clock_basic(struct buf *b, int64_t t)
{
	struct date d = date_of(t);

	buf_addf(b, "%04d%02d%02dT%02d%02d%02dZ", d.year, d.month, d.day, d.hour, d.minute,
		d.second);
}

void clock_http(struct buf *b, int64_t t)
{
	struct date d = date_of(t);
	int64_t weekday = (days_of(&d) % 7 + 7) % 7;

	buf_addf(b, "%.*s, %02d %.*s %04d %02d:%02d:%02d GMT", 3, day_names + weekday * 3, d.day, 3,
		month_names + (d.month - 1) * 3, d.year, d.hour, d.minute, d.second);
}

static int days_in_month(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

static bool in(int v, int min, int max)
{
	return v >= min && v <= max;
}

static bool seconds_of(const struct date *d, int64_t *t)
{
	if (!in(d->year, 0, 9999) || !in(d->month, 1, 12) ||
		!in(d->day, 1, days_in_month(d->year, d->month)) || !in(d->hour, 0, 23) ||
		!in(d->minute, 0, 59) || !in(d->second, 0, 59))
		return false;
	*t = days_of(d) * 86400 + d->hour * 3600 + d->minute * 60 + d->second;
	return true;
}

bool clock_from_utc(int year, int month, int day, int hour, int minute, int second, int64_t *t)
{
	struct date d = { year, month, day, hour, minute, second };

	return seconds_of(&d, t);
}

void clock_to_utc(int64_t t, int fields[static 6])
{
	struct date d = date_of(t);

	fields[0] = d.year;
	fields[1] = d.month;
	fields[2] = d.day;
	fields[3] = d.hour;
	fields[4] = d.minute;
	fields[5] = d.second;
}

static bool take_digits(struct str *from, size_t n, int *out)
{
	struct str digits, rest = *from;
	uint64_t v;

	if (!str_take(&rest, n, &digits) || !str_u64(digits, 9999, &v))
		return false;
	*from = rest;
	*out = (int)v;
	return true;
}

static bool take_text(struct str *from, const char *text)
{
	struct str skipped;

	return str_starts(*from, text) && str_take(from, strlen(text), &skipped);
}

/* ".123": one digit or more, without meaning here */
static bool take_fraction(struct str *from)
{
	int digit;
	size_t n = 0;

	if (!take_text(from, "."))
		return true;
	while (take_digits(from, 1, &digit))
		n++;
	return n > 0;
}

/* "Z", or "+hh:mm" and "-hh:mm" in seconds east of Greenwich */
static bool take_zone(struct str *from, int *east)
{
	int hours, minutes, sign = 1;

	*east = 0;
	if (take_text(from, "Z"))
		return true;
	if (take_text(from, "-"))
		sign = -1;
	else if (!take_text(from, "+"))
		return false;
	if (!take_digits(from, 2, &hours) || !take_text(from, ":") ||
		!take_digits(from, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*east = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool read_iso(struct str s, int64_t *t)
{
	struct date d;
	int east;

	if (!take_digits(&s, 4, &d.year) || !take_text(&s, "-") || !take_digits(&s, 2, &d.month) ||
		!take_text(&s, "-") || !take_digits(&s, 2, &d.day) || !take_text(&s, "T") ||
		!take_digits(&s, 2, &d.hour) || !take_text(&s, ":") ||
		!take_digits(&s, 2, &d.minute) || !take_text(&s, ":") ||
		!take_digits(&s, 2, &d.second) || !take_fraction(&s) || !take_zone(&s, &east) ||
		s.n > 0 || !seconds_of(&d, t))
		return false;
	*t -= east;
	return true;
}

static bool read_basic(struct str s, int64_t *t)
{
	struct date d;

	return take_digits(&s, 4, &d.year) && take_digits(&s, 2, &d.month) &&
		take_digits(&s, 2, &d.day) && take_text(&s, "T") && take_digits(&s, 2, &d.hour) &&
		take_digits(&s, 2, &d.minute) && take_digits(&s, 2, &d.second) &&
		take_text(&s, "Z") && s.n == 0 && seconds_of(&d, t);
}

bool clock_read(struct str s, int64_t *t)
{
	int64_t found;

	if (!read_iso(s, &found) && !read_basic(s, &found))
		return false;
	*t = found;
	return true;
}

/* The number of the three-letter name at the front of in, or -1. */
static int take_name(struct str *from, const char *names)
{
	struct str name, rest = *from;

	if (!str_take(&rest, 3, &name))
		return -1;
	for (int i = 0; names[i * 3]; i++) {
		if (memcmp(names + i * 3, name.p, 3) == 0) {
			*from = rest;
			return i;
		}
	}
	return -1;
}

bool clock_read_http(struct str s, int64_t *t)
{
	struct date d;
	int64_t found;
	int weekday = take_name(&s, day_names);

	if (weekday < 0 || !take_text(&s, ", ") || !take_digits(&s, 2, &d.day) ||
		!take_text(&s, " "))
		return false;
	d.month = take_name(&s, month_names) + 1;
	if (!take_text(&s, " ") || !take_digits(&s, 4, &d.year) || !take_text(&s, " ") ||
		!take_digits(&s, 2, &d.hour) || !take_text(&s, ":") ||
		!take_digits(&s, 2, &d.minute) || !take_text(&s, ":") ||
		!take_digits(&s, 2, &d.second) || !take_text(&s, " GMT") || s.n > 0 ||
		!seconds_of(&d, &found) || (days_of(&d) % 7 + 7) % 7 != weekday)
		return false;
	*t = found;
	return true;
}
