/* scalar.c - the numbers, dates and addresses that conditions compare */
#include "iam/scalar.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/clock.h"

#define DIGITS "0123456789"

/* ---- numbers ---- */

bool decimal_read(struct decimal *d, struct str s)
{
	struct str sign;

	*d = (struct decimal){ .negative = str_starts(s, "-") };
	if (d->negative || str_starts(s, "+"))
		(void)str_take(&s, 1, &sign);
	if (!str_cut(&s, '.', &d->whole) || !str_all(d->whole, DIGITS))
		return false;
	d->fraction = s;
	/* "1." has nothing behind its point */
	if (s.n > 0 ? !str_all(s, DIGITS) : s.p != d->whole.p + d->whole.n)
		return false;
	while (d->whole.n > 0 && d->whole.p[0] == '0')
		(void)str_take(&d->whole, 1, &sign);
	while (d->fraction.n > 0 && d->fraction.p[d->fraction.n - 1] == '0')
		d->fraction.n--;
	if (d->whole.n == 0 && d->fraction.n == 0)
		d->negative = false;
	return true;
}

static int compare_text(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	int r;

	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	if (a->whole.n != b->whole.n)
		r = a->whole.n < b->whole.n ? -1 : 1;
	else
		r = compare_text(a->whole, b->whole);
	if (r == 0)
		r = compare_text(a->fraction, b->fraction);
	return a->negative ? -r : r;
}

/* ---- dates ---- */

/* Digits of a fraction of a second as nanoseconds; what is finer is dropped. */
static bool read_fraction(struct str digits, uint32_t *ns)
{
	*ns = 0;
	if (!str_all(digits, DIGITS))
		return false;
	for (size_t i = 0; i < 9; i++)
		*ns = *ns * 10 + (i < digits.n ? (uint32_t)(digits.p[i] - '0') : 0);
	return true;
}

static bool read_epoch(struct moment *m, struct str s)
{
	struct str whole, fraction = s;
	uint64_t v;

	if (!str_cut(&fraction, '.', &whole) || !str_u64(whole, INT64_MAX, &v))
		return false;
	m->seconds = (int64_t)v;
	if (fraction.n == 0)
		return fraction.p == whole.p + whole.n;
	return read_fraction(fraction, &m->nanoseconds);
}

static bool take_number(struct str *s, size_t digits, int *out)
{
	struct str part;
	uint64_t v;

	if (s->n < digits)
		return false;
	part = (struct str){ s->p, digits };
	if (!str_u64(part, 9999, &v))
		return false;
	*out = (int)v;
	return str_take(s, digits, &part);
}

static bool take_mark(struct str *s, char c)
{
	struct str mark;

	return s->n > 0 && s->p[0] == c && str_take(s, 1, &mark);
}

/* Z or +hh:mm or -hh:mm, as seconds to take off */
static bool read_zone(struct str s, int *seconds)
{
	int sign = take_mark(&s, '+') ? 1 : take_mark(&s, '-') ? -1 : 0, hours = 0, minutes = 0;

	*seconds = 0;
	if (sign == 0)
		return take_mark(&s, 'Z') && s.n == 0;
	if (!take_number(&s, 2, &hours) || !take_mark(&s, ':') || !take_number(&s, 2, &minutes) ||
		s.n > 0 || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool take_time(struct str *s, int time[3], uint32_t *ns)
{
	struct str digits;

	if (!take_number(s, 2, &time[0]) || !take_mark(s, ':') || !take_number(s, 2, &time[1]))
		return false;
	if (!take_mark(s, ':'))
		return true;
	if (!take_number(s, 2, &time[2]))
		return false;
	if (!take_mark(s, '.'))
		return true;
	digits = (struct str){ s->p, 0 };
	while (digits.n < s->n && strchr(DIGITS, s->p[digits.n]) && s->p[digits.n])
		digits.n++;
	return str_take(s, digits.n, &digits) && read_fraction(digits, ns);
}

static bool read_date(struct moment *m, struct str s)
{
	int year, month = 1, day = 1, time[3] = { 0 }, zone = 0;

	if (!take_number(&s, 4, &year))
		return false;
	if (take_mark(&s, '-') && !take_number(&s, 2, &month))
		return false;
	if (s.n > 0 && (!take_mark(&s, '-') || !take_number(&s, 2, &day)))
		return false;
	if (s.n > 0 &&
		(!take_mark(&s, 'T') || !take_time(&s, time, &m->nanoseconds) ||
			!read_zone(s, &zone)))
		return false;
	if (time[0] > 23 || time[1] > 59 || time[2] > 59 ||
		!clock_from_utc(year, month, day, time[0], time[1], time[2], &m->seconds))
		return false;
	m->seconds -= zone;
	return true;
}

bool moment_read(struct moment *m, struct str s)
{
	*m = (struct moment){ 0 };
	if (s.n != 4 && read_epoch(m, s))
		return true;
	*m = (struct moment){ 0 };
	return read_date(m, s);
}

int moment_compare(const struct moment *a, const struct moment *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return (a->nanoseconds > b->nanoseconds) - (a->nanoseconds < b->nanoseconds);
}

/* ---- addresses ---- */

bool network_read(struct network *n, struct str s, bool range)
{
	struct str address, prefix = s;
	char text[48];
	uint64_t v;

	*n = (struct network){ .bits = str_has(s, ':') ? 128 : 32 };
	if (!str_cut(&prefix, '/', &address) || !str_copy(text, sizeof(text), address))
		return false;
	if (inet_pton(n->bits == 128 ? AF_INET6 : AF_INET, text, n->address) != 1)
		return false;
	n->prefix = n->bits;
	if (!str_has(s, '/'))
		return true;
	if (!range || prefix.n > 3 || !str_u64(prefix, n->bits, &v))
		return false;
	n->prefix = (uint8_t)v;
	return true;
}

bool network_has(const struct network *n, const struct network *address)
{
	unsigned bytes = n->prefix / 8, rest = n->prefix % 8;

	if (n->bits != address->bits || memcmp(n->address, address->address, bytes) != 0)
		return false;
	return rest == 0 || ((n->address[bytes] ^ address->address[bytes]) >> (8 - rest)) == 0;
}
