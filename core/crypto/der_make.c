/* der_make.c - DER, put together */
#include "crypto/der.h"

#include <string.h>

#include "base/clock.h"

#define HEADER_MAX 5
#define YEAR_2050 2524608000 /* RFC 5280 section 4.1.2.5 */

static size_t write_header(unsigned char *to, unsigned tag, size_t n)
{
	size_t at = 0, bytes = 0;

	to[at++] = (unsigned char)tag;
	if (n < 0x80) {
		to[at++] = (unsigned char)n;
		return at;
	}
	while (n >> (8 * bytes))
		bytes++;
	to[at++] = (unsigned char)(0x80 | bytes);
	while (bytes-- > 0)
		to[at++] = (unsigned char)(n >> (8 * bytes));
	return at;
}

void der_wrap(struct buf *out, size_t start, unsigned tag)
{
	unsigned char header[HEADER_MAX];
	size_t n = out->len - start, h;

	if (n >> 24)
		out->full = true;
	if (out->full)
		return;
	h = write_header(header, tag, n);
	buf_add(out, header, h);
	if (out->full)
		return;
	memmove(out->p + start + h, out->p + start, n);
	memcpy(out->p + start, header, h);
}

void der_add(struct buf *out, unsigned tag, struct str content)
{
	size_t start = out->len;

	buf_str(out, content);
	der_wrap(out, start, tag);
}

void der_add_bits(struct buf *out, struct str bytes)
{
	size_t start = out->len;

	buf_putc(out, 0);
	buf_str(out, bytes);
	der_wrap(out, start, DER_BIT_STRING);
}

void der_add_time(struct buf *out, int64_t t, bool generalized)
{
	size_t start = out->len;
	BUF(basic, 32); /* 20150830T123600Z */
	size_t skip = generalized || t < 0 || t >= YEAR_2050 ? 0 : 2;

	clock_basic(&basic, t);
	for (size_t i = skip; i < basic.len; i++)
		if (basic.p[i] != 'T')
			buf_putc(out, basic.p[i]);
	der_wrap(out, start, skip ? DER_UTC_TIME : DER_GENERALIZED_TIME);
}
