/* enc.c - hexadecimal, base64 and percent encoding */
#include "data/enc.h"

#include <stdint.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_byte(const char *p)
{
	int high = hex_digit(p[0]), low = hex_digit(p[1]);

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

void hex_add(struct buf *out, const void *p, size_t n)
{
	const uint8_t *u = p;

	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%02x", u[i]);
}

bool hex_read(struct str text, void *out, size_t n)
{
	uint8_t *to = out;

	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int b = hex_byte(text.p + 2 * i);

		if (b < 0)
			return false;
		to[i] = (uint8_t)b;
	}
	return true;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 1 to 3 bytes as 4 digits, the last of them '=' */
static void to_digits(char to[4], const uint8_t *p, size_t n)
{
	uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

	for (unsigned i = 0; i < 4; i++)
		to[i] = i > n ? '=' : base64_digits[v >> (18 - 6 * i) & 63];
}

static void add_digits(struct buf *out, const void *p, size_t n, size_t width)
{
	const uint8_t *u = p;
	size_t column = 0;

	for (size_t i = 0; i < n; i += 3) {
		char four[4];

		to_digits(four, u + i, n - i);
		for (size_t k = 0; k < 4; k++) {
			buf_putc(out, four[k]);
			if (width > 0 && ++column == width) {
				buf_putc(out, '\n');
				column = 0;
			}
		}
	}
	if (column > 0)
		buf_putc(out, '\n');
}

void base64_add(struct buf *out, const void *p, size_t n)
{
	add_digits(out, p, n, 0);
}

void base64url_add(struct buf *out, const void *p, size_t n)
{
	size_t start = out->len;

	base64_add(out, p, n);
	while (out->len > start && out->p[out->len - 1] == '=')
		out->p[--out->len] = 0;
	for (size_t i = start; i < out->len; i++)
		out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
}

void base64_add_lines(struct buf *out, const void *p, size_t n, size_t width)
{
	add_digits(out, p, n, width);
}

/* Private keys pass here: no table, so no cache line tells which digit it was. */
static int digit_value(char c, bool url)
{
	unsigned u = (uint8_t)c;

	if (u - 'A' < 26)
		return (int)(u - 'A');
	if (u - 'a' < 26)
		return (int)(u - 'a' + 26);
	if (u - '0' < 10)
		return (int)(u - '0' + 52);
	if (c == (url ? '-' : '+'))
		return 62;
	return c == (url ? '_' : '/') ? 63 : -1;
}

/* What has been read of a base64 text. */
struct reading {
	bool url, lines;
	uint32_t bits;   /* not yet written */
	unsigned digits; /* of the group, 0 to 3 */
	unsigned pads;   /* '=' seen */
};

static bool skipped(const struct reading *r, char c)
{
	return r->lines && (c == '\n' || c == '\r' || c == ' ' || c == '\t');
}

static int read_char(struct reading *r, char c, struct buf *out)
{
	int v;

	if (skipped(r, c))
		return 0;
	if (c == '=' && !r->url && r->digits >= 2 && r->digits + r->pads < 4) {
		r->pads++;
		return 0;
	}
	v = digit_value(c, r->url);
	if (v < 0 || r->pads > 0)
		return err(ERR_FORMAT, "not base64");
	r->bits = (r->bits << 6 | (uint32_t)v) & 0xffff;
	r->digits = (r->digits + 1) & 3;
	if (r->digits != 1)
		buf_putc(out, (char)(r->bits >> (r->digits == 2 ? 4 : r->digits == 3 ? 2 : 0)));
	return 0;
}

/* RFC 4648 section 3.5: the bits behind the last byte are zero, so that each text has one form only
 */
static bool ends_well(const struct reading *r)
{
	uint32_t unused = r->digits == 2 ? 0xf : r->digits == 3 ? 3 : 0;

	if (r->digits == 1 || (r->bits & unused) != 0)
		return false;
	return r->url || r->digits == 0 || r->digits + r->pads == 4;
}

static int read_digits(struct reading *r, struct str text, struct buf *out)
{
	size_t before = out->len;
	int result = 0;

	for (size_t i = 0; i < text.n && result == 0; i++)
		result = read_char(r, text.p[i], out);
	if (result == 0 && !ends_well(r))
		result = err(ERR_FORMAT, "base64 ends too early");
	if (result == 0)
		result = buf_check(out, "base64");
	if (result < 0 && out->cap > 0) {
		out->len = before;
		out->p[before] = 0;
	}
	return result;
}

int base64_read(struct str text, bool lines, struct buf *out)
{
	struct reading r = { .lines = lines };

	return read_digits(&r, text, out);
}

int base64url_read(struct str text, struct buf *out)
{
	struct reading r = { .url = true };

	return read_digits(&r, text, out);
}

static bool unreserved(char c)
{
	unsigned u = (uint8_t)c;

	return (u | 0x20) - 'a' < 26 || u - '0' < 10 || c == '-' || c == '_' || c == '.' ||
		c == '~';
}

void percent_add(struct buf *out, struct str s, const char *keep)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (unreserved(c) || (c != 0 && strchr(keep, c)))
			buf_putc(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned)(uint8_t)c);
	}
}

int percent_read(struct str s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int b = (uint8_t)s.p[i];

		if (b == '%') {
			b = s.n - i > 2 ? hex_byte(s.p + i + 1) : -1;
			if (b <= 0)
				return err(ERR_FORMAT,
					"not percent-encoded: a %% without two digits, or %%00");
			i += 2;
		}
		buf_putc(out, (char)b);
	}
	return buf_check(out, "percent-encoded text");
}
