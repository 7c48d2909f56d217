/* buf.c - bytes are appended to storage that somebody else owns; it never grows */
#include "base/buf.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct buf buf_of(char *p, size_t cap)
{
	struct buf b = { .p = p, .cap = cap };

	if (cap > 0)
		p[0] = 0;
	return b;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->full = false;
	if (b->cap > 0)
		b->p[0] = 0;
}

void buf_wipe(struct buf *b)
{
	mem_wipe(b->p, b->cap);
	buf_clear(b);
}

size_t buf_room(const struct buf *b)
{
	return b->cap > b->len ? b->cap - b->len - 1 : 0;
}

char *buf_tail(struct buf *b)
{
	return b->p + b->len;
}

void buf_grew(struct buf *b, size_t n)
{
	if (n > buf_room(b)) {
		n = buf_room(b);
		b->full = true;
	}
	b->len += n;
	if (b->cap > 0)
		b->p[b->len] = 0;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	size_t room = buf_room(b);

	if (n > 0 && room > 0)
		memmove(buf_tail(b), p, n < room ? n : room);
	buf_grew(b, n);
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	if (buf_room(b) == 0) {
		b->full = true;
		return;
	}
	b->p[b->len++] = c;
	b->p[b->len] = 0;
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

const char *buf_text(const struct buf *b)
{
	return b->cap > 0 ? b->p : "";
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ b->p, b->len };
}

void buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
	b->p[b->len] = 0;
}

int buf_check(const struct buf *b, const char *what)
{
	if (b->full)
		return err(
			ERR_LIMIT, "%s: longer than %zu bytes", what, b->cap > 0 ? b->cap - 1 : 0);
	return 0;
}

#define WIDTH_MAX 10000

enum { LENGTH_INT, LENGTH_L, LENGTH_LL, LENGTH_Z, LENGTH_BAD };

/* One conversion of a format: %[0][width][.precision][length]letter */
struct conv {
	bool zero;
	int width, precision; /* -1: none */
	int length;
	char letter;
};

static int take_number(const char **f, va_list *ap)
{
	int n = 0;

	if (**f == '*') {
		(*f)++;
		return va_arg(*ap, int);
	}
	for (; **f >= '0' && **f <= '9'; (*f)++)
		n = n < WIDTH_MAX ? n * 10 + (**f - '0') : n;
	return n;
}

static struct conv take_conv(const char **f, va_list *ap)
{
	struct conv c = { .precision = -1 };

	if (**f == '0') {
		c.zero = true;
		(*f)++;
	}
	c.width = take_number(f, ap);
	if (**f == '.') {
		(*f)++;
		c.precision = take_number(f, ap);
	}
	for (; **f == 'l'; (*f)++)
		c.length = c.length < LENGTH_LL ? c.length + 1 : LENGTH_BAD;
	if (**f == 'z') {
		c.length = c.length == LENGTH_INT ? LENGTH_Z : LENGTH_BAD;
		(*f)++;
	}
	c.letter = **f;
	if (c.letter)
		(*f)++;
	return c;
}

static void add_padded(struct buf *b, const struct conv *c, const char *p, size_t n, bool negative)
{
	size_t have = n + negative, want = c->width > 0 ? (size_t)c->width : 0;

	for (size_t i = have; i < want && !c->zero; i++)
		buf_putc(b, ' ');
	if (negative)
		buf_putc(b, '-');
	for (size_t i = have; i < want && c->zero; i++)
		buf_putc(b, '0');
	buf_add(b, p, n);
}

static void add_number(struct buf *b, const struct conv *c, uint64_t v, bool negative)
{
	const char *digits = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned base = c->letter == 'x' || c->letter == 'X' ? 16 : 10;
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = digits[v % base];
		v /= base;
	} while (v);
	add_padded(b, c, text + at, sizeof(text) - at, negative);
}

static void add_string(struct buf *b, struct conv *c, const char *s)
{
	size_t n;

	if (!s)
		s = "(null)";
	n = c->precision >= 0 ? strnlen(s, (size_t)c->precision) : strlen(s);
	c->zero = false;
	add_padded(b, c, s, n, false);
}

static int64_t take_signed(const struct conv *c, va_list *ap)
{
	switch (c->length) {
	case LENGTH_INT: return va_arg(*ap, int);
	case LENGTH_L: return va_arg(*ap, long);
	case LENGTH_LL: return va_arg(*ap, long long);
	}
	return va_arg(*ap, ptrdiff_t);
}

static uint64_t take_unsigned(const struct conv *c, va_list *ap)
{
	switch (c->length) {
	case LENGTH_INT: return va_arg(*ap, unsigned);
	case LENGTH_L: return va_arg(*ap, unsigned long);
	case LENGTH_LL: return va_arg(*ap, unsigned long long);
	}
	return va_arg(*ap, size_t);
}

/* False: not one of ours, and nothing is known about its argument. */
static bool add_conv(struct buf *b, struct conv *c, va_list *ap)
{
	int64_t v;

	switch (c->length != LENGTH_BAD ? c->letter : 0) {
	case 's': add_string(b, c, va_arg(*ap, const char *)); break;
	case 'c': buf_putc(b, (char)va_arg(*ap, int)); break;
	case 'd':
	case 'i':
		v = take_signed(c, ap);
		add_number(b, c, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
		break;
	case 'u':
	case 'x':
	case 'X': add_number(b, c, take_unsigned(c, ap), false); break;
	case '%': buf_putc(b, '%'); break;
	default: buf_puts(b, "%?"); return false;
	}
	return true;
}

void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list args;

	va_copy(args, ap);
	while (*fmt) {
		const char *plain = fmt;
		struct conv c;

		while (*fmt && *fmt != '%')
			fmt++;
		buf_add(b, plain, (size_t)(fmt - plain));
		if (!*fmt)
			break;
		fmt++;
		c = take_conv(&fmt, &args);
		if (!add_conv(b, &c, &args)) {
			buf_puts(b, fmt);
			break;
		}
	}
	va_end(args);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}
