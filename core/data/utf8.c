/* utf8.c - UTF-8, one character at a time */
#include "data/utf8.h"

/* How many bytes a character takes whose first byte is b; 0 where none starts so. */
static size_t length(uint8_t b)
{
	if (b < 0x80)
		return 1;
	if (b < 0xc2 || b > 0xf4)
		return 0;
	return b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
}

bool utf8_take(struct str *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)s->p;
	size_t n = s->n > 0 ? length(p[0]) : 0;
	uint32_t v;

	if (n == 0 || n > s->n)
		return false;
	v = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return false;
	*c = v;
	s->p += n;
	s->n -= n;
	return true;
}

void utf8_add(struct buf *out, uint32_t c)
{
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t mark[] = { 0, 0xc0, 0xe0, 0xf0 };

	buf_putc(out, (char)(mark[more] | c >> (6 * more)));
	while (more-- > 0)
		buf_putc(out, (char)(0x80 | (c >> (6 * more) & 0x3f)));
}
