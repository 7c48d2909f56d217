/* http_chunks.c - bodies that come in chunks
 *
 *	chunked = *(size [";" words] CRLF bytes CRLF) "0" CRLF *(trailer CRLF) CRLF
 *
 * RFC 9112, section 7.1. */
#include <string.h>

#include "net/http_parts.h"

#define CHUNK_LINE_MAX 256
#define CHUNK_DIGITS_MAX 10

enum { CHUNK_SIZE, CHUNK_BYTES, CHUNK_END, CHUNK_TRAILER, CHUNK_DONE };

static bool read_hex(struct str s, size_t *out)
{
	size_t n = 0;

	if (s.n == 0 || s.n > CHUNK_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char *digits = "0123456789abcdef";
		char c = s.p[i] >= 'A' && s.p[i] <= 'F' ? (char)(s.p[i] + 32) : s.p[i];
		const char *at = c ? strchr(digits, c) : NULL;

		if (!at)
			return false;
		n = n * 16 + (size_t)(at - digits);
	}
	*out = n;
	return true;
}

/* Takes the line at c->at, which ends with CRLF. 1, 0: not all there, or ERR_*. */
static int chunk_line(struct http_chunks *c, const char *body, size_t n, struct str *line)
{
	struct str in = { body + c->at, n - c->at };
	const char *lf = in.n ? memchr(in.p, '\n', in.n) : NULL;

	if (!lf)
		return in.n > CHUNK_LINE_MAX ? err(ERR_LIMIT, "HTTP: a chunk's line is too long")
					     : 0;
	if (!http_take_line(&in, false, line) || line->n > CHUNK_LINE_MAX || !http_value_ok(*line))
		return http_bad("a chunk's line");
	c->at += (size_t)(lf - (body + c->at)) + 1;
	return 1;
}

static int chunk_size(struct http_chunks *c, const char *body, size_t n)
{
	struct str line, size;
	int r = chunk_line(c, body, n, &line);

	if (r <= 0)
		return r;
	if (!str_cut(&line, ';', &size) || !read_hex(str_trim(size), &c->left))
		return http_bad("a chunk's size");
	c->state = c->left > 0 ? CHUNK_BYTES : CHUNK_TRAILER;
	return 1;
}

static int chunk_bytes(struct http_chunks *c, char *body, size_t n)
{
	size_t k = n - c->at < c->left ? n - c->at : c->left;

	memmove(body + c->out, body + c->at, k);
	c->out += k;
	c->at += k;
	c->left -= k;
	if (c->left > 0)
		return 0;
	c->state = CHUNK_END;
	return 1;
}

static int chunk_end(struct http_chunks *c, const char *body, size_t n)
{
	struct str line;
	int r = chunk_line(c, body, n, &line);

	if (r <= 0)
		return r;
	if (line.n > 0)
		return http_bad("a chunk is longer than its size");
	c->state = CHUNK_SIZE;
	return 1;
}

static int chunk_trailer(struct http_chunks *c, const char *body, size_t n)
{
	struct str line;
	int r = chunk_line(c, body, n, &line);

	if (r > 0 && line.n == 0)
		c->state = CHUNK_DONE;
	return r;
}

int http_read_chunks(struct http_chunks *c, char *body, size_t n)
{
	int r = 1;

	while (r > 0 && c->state != CHUNK_DONE) {
		switch (c->state) {
		case CHUNK_SIZE: r = chunk_size(c, body, n); break;
		case CHUNK_BYTES: r = chunk_bytes(c, body, n); break;
		case CHUNK_END: r = chunk_end(c, body, n); break;
		default: r = chunk_trailer(c, body, n);
		}
	}
	return r;
}
