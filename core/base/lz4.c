/* lz4.c - unpacks LZ4
 *
 * A block is a row of sequences: a byte with two lengths of four bits, bytes to take as they are,
 * and a match, that is a distance back (16 bits) and how much is repeated from there. The last
 * sequence has no match. A length of 15 goes on in the bytes that follow, until one is not 255. */
#include "base/lz4.h"

#include <stdint.h>

enum { LONG = 15, MATCH_MIN = 4 };

struct bytes {
	const unsigned char *p, *end;
};

static bool read_length(struct bytes *in, size_t *len)
{
	unsigned char more = 255;

	if (*len != LONG)
		return true;
	while (more == 255) {
		if (in->p == in->end)
			return false;
		more = *in->p++;
		*len += more;
	}
	return true;
}

bool lz4_unpack(unsigned char *to, size_t n, const unsigned char *p, size_t packed)
{
	const unsigned char *const begin = to, *const end = to + n;
	struct bytes in = { p, p + packed };

	while (in.p < in.end) {
		unsigned token = *in.p++;
		size_t len = token >> 4, distance;

		if (!read_length(&in, &len) || len > (size_t)(in.end - in.p) ||
			len > (size_t)(end - to))
			return false;
		for (; len > 0; len--)
			*to++ = *in.p++;
		if (to == end)
			return true;
		if (in.end - in.p < 2)
			return false;
		distance = in.p[0] | (size_t)in.p[1] << 8;
		in.p += 2;
		len = token & LONG;
		if (!read_length(&in, &len))
			return false;
		len += MATCH_MIN;
		if (distance == 0 || distance > (size_t)(to - begin) || len > (size_t)(end - to))
			return false;
		for (; len > 0; len--, to++)
			*to = to[-(ptrdiff_t)distance];
	}
	return false;
}
