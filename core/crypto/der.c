/* der.c - DER, taken apart */
#include "crypto/der.h"

#include "base/clock.h"

#define LENGTH_BYTES_MAX 3
#define TIME_DIGITS 14

static bool take_length(struct str *in, size_t *n)
{
	uint8_t first, byte;

	if (!str_take_u8(in, &first))
		return false;
	if (first < 0x80) {
		*n = first;
		return true;
	}
	first &= 0x7f;
	if (first == 0 || first > LENGTH_BYTES_MAX)
		return false;
	*n = 0;
	for (unsigned i = 0; i < first; i++) {
		if (!str_take_u8(in, &byte) || (i == 0 && byte == 0))
			return false;
		*n = *n << 8 | byte;
	}
	return *n >= 0x80;
}

bool der_take_any(struct str *in, unsigned *tag, struct str *content)
{
	struct str rest = *in, inner;
	uint8_t t;
	size_t n;

	if (!str_take_u8(&rest, &t) || (t & 0x1f) == 0x1f)
		return false;
	if (!take_length(&rest, &n) || !str_take(&rest, n, &inner))
		return false;
	*tag = t;
	*in = rest;
	*content = inner; /* last, so that in may step into it: der_take(&x, DER_SEQUENCE, &x) */
	return true;
}

bool der_next_is(struct str in, unsigned tag)
{
	return in.n > 0 && (unsigned char)in.p[0] == tag;
}

bool der_take(struct str *in, unsigned tag, struct str *content)
{
	unsigned got;

	return der_next_is(*in, tag) && der_take_any(in, &got, content);
}

bool der_take_whole(struct str *in, unsigned tag, struct str *whole)
{
	struct str start = *in, content;

	if (!der_take(in, tag, &content))
		return false;
	*whole = (struct str){ start.p, start.n - in->n };
	return true;
}

bool der_take_bits(struct str *in, struct str *bytes)
{
	struct str rest = *in, content;
	uint8_t unused;

	if (!der_take(&rest, DER_BIT_STRING, &content) || !str_take_u8(&content, &unused) ||
		unused != 0)
		return false;
	*bytes = content;
	*in = rest;
	return true;
}

static bool take_number(struct str *in, size_t digits, int *n)
{
	struct str text;
	uint64_t v;

	if (!str_take(in, digits, &text) || !str_u64(text, 9999, &v))
		return false;
	*n = (int)v;
	return true;
}

bool der_take_time(struct str *in, int64_t *t)
{
	struct str rest = *in, text;
	int year, month, day, hour, minute, second;

	if (!der_take(&rest, DER_GENERALIZED_TIME, &text) || text.n != TIME_DIGITS + 1)
		return false;
	if (!take_number(&text, 4, &year) || !take_number(&text, 2, &month) ||
		!take_number(&text, 2, &day) || !take_number(&text, 2, &hour) ||
		!take_number(&text, 2, &minute) || !take_number(&text, 2, &second))
		return false;
	if (!str_is(text, "Z") || !clock_from_utc(year, month, day, hour, minute, second, t))
		return false;
	*in = rest;
	return true;
}

bool der_take_signed(struct str *in, struct der_signed *parts)
{
	struct str rest = *in, content;

	if (!der_take(&rest, DER_SEQUENCE, &content) ||
		!der_take_whole(&content, DER_SEQUENCE, &parts->text) ||
		!der_take_whole(&content, DER_SEQUENCE, &parts->algorithm) ||
		!der_take_bits(&content, &parts->signature))
		return false;
	parts->more = content;
	*in = rest;
	return true;
}
