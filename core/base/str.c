/* str.c - borrowed bytes with their length, and the one cursor that all parsers use */
#include "base/str.h"

#include <string.h>

struct str str_of(const char *s)
{
	return (struct str){ s ? s : "", s ? strlen(s) : 0 };
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *s)
{
	return str_eq(a, str_of(s));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

bool str_has(struct str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

bool str_find(struct str s, const char *word, size_t *at)
{
	struct str rest = s;

	for (; !str_starts(rest, word); rest.p++, rest.n--)
		if (rest.n == 0)
			return false;
	if (at)
		*at = s.n - rest.n;
	return true;
}

bool str_all(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0 || !strchr(set, s.p[i]))
			return false;
	return s.n > 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.p[i] - '0';

		if (digit > 9 || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

bool str_take(struct str *in, size_t n, struct str *out)
{
	if (n > in->n)
		return false;
	*out = (struct str){ in->p, n };
	if (n > 0) /* in->p may be NULL */
		in->p += n;
	in->n -= n;
	return true;
}

bool str_cut(struct str *in, char sep, struct str *out)
{
	const char *at;

	if (in->n == 0)
		return false;
	at = memchr(in->p, sep, in->n);
	*out = (struct str){ in->p, at ? (size_t)(at - in->p) : in->n };
	in->p += out->n + (at != NULL);
	in->n -= out->n + (at != NULL);
	return true;
}

bool str_take_line(struct str *in, struct str *out)
{
	return str_cut(in, '\n', out);
}

bool str_take_word(struct str *in, struct str *out)
{
	struct str rest = *in;
	size_t n = 0;

	while (rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t')) {
		rest.p++;
		rest.n--;
	}
	while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t')
		n++;
	if (n == 0)
		return false;
	*in = rest;
	return str_take(in, n, out);
}

bool str_take_u8(struct str *in, uint8_t *out)
{
	struct str b;

	if (!str_take(in, 1, &b))
		return false;
	*out = (uint8_t)b.p[0];
	return true;
}

bool str_take_u32(struct str *in, uint32_t *out)
{
	struct str b;
	const unsigned char *u;

	if (!str_take(in, 4, &b))
		return false;
	u = (const unsigned char *)b.p;
	*out = (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
	return true;
}

bool str_take_blob(struct str *in, struct str *out)
{
	struct str rest = *in;
	uint32_t n;

	if (!str_take_u32(&rest, &n) || !str_take(&rest, n, out))
		return false;
	*in = rest;
	return true;
}

bool str_copy(char *to, size_t cap, struct str s)
{
	if (cap > 0)
		to[0] = 0;
	if (s.n >= cap || str_has(s, 0))
		return false;
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = 0;
	return true;
}
