/* address.c - IP addresses as text */
#include "base/address.h"

void address_add_v4(struct buf *out, const uint8_t p[static 4])
{
	buf_addf(out, "%u.%u.%u.%u", p[0], p[1], p[2], p[3]);
}

/* The longest run of two or more zero words, which RFC 5952 writes as "::"; 8 when there is none.
 */
static unsigned longest_zeros(const uint16_t words[static 8], unsigned *length)
{
	unsigned best = 8, n;

	*length = 1;
	for (unsigned i = 0; i < 8; i += n + 1) {
		for (n = 0; i + n < 8 && words[i + n] == 0; n++)
			;
		if (n > *length) {
			best = i;
			*length = n;
		}
	}
	return best;
}

void address_add_v6(struct buf *out, const uint8_t p[static 16])
{
	uint16_t words[8];
	unsigned length, zeros;

	for (unsigned i = 0; i < 8; i++)
		words[i] = (uint16_t)(p[2 * i] << 8 | p[2 * i + 1]);
	zeros = longest_zeros(words, &length);
	for (unsigned i = 0; i < 8; i++) {
		if (i == zeros) {
			buf_puts(out, "::");
			i += length - 1;
			continue;
		}
		buf_addf(out, i == 0 || i == zeros + length ? "%x" : ":%x", words[i]);
	}
}
