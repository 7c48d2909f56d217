/* http.c - HTTP/1.1 messages, bounded: requests and answers, read and written
 *
 *	request = method SP target SP "HTTP/1." digit CRLF *(name ":" value CRLF) CRLF body
 *	answer  = "HTTP/1." digit SP 3digits [SP reason] CRLF *(name ":" value CRLF) CRLF body
 *	chunked = *(size [";" words] CRLF bytes CRLF) "0" CRLF *(trailer CRLF) CRLF
 *
 * RFC 9110 and 9112. */
#include "net/http.h"

#include <string.h>

#include "net/sock.h"

#define CONTENT_LENGTH_MAX ((uint64_t)1 << 40)
#define CHUNK_LINE_MAX 256
#define CHUNK_DIGITS_MAX 10

static bool token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!token_char(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

/* What may stand in a value: anything but control characters; bytes over 0x7f are nobody's
 * business. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* The length of the head with its empty line; 0: its end is not there yet. */
static size_t head_end(struct str data)
{
	const char *end = data.p + data.n;
	const char *at = data.n ? memchr(data.p, '\n', data.n) : NULL;

	for (; at && at + 1 < end; at = memchr(at, '\n', (size_t)(end - at))) {
		at++;
		if (at[0] == '\n')
			return (size_t)(at + 1 - data.p);
		if (at[0] == '\r' && at + 1 < end && at[1] == '\n')
			return (size_t)(at + 2 - data.p);
	}
	return 0;
}

/* A line without its end, which must be CRLF unless lf_alone is set. */
static bool take_line(struct str *in, bool lf_alone, struct str *line)
{
	if (!str_take_line(in, line))
		return false;
	if (str_ends(*line, "\r"))
		line->n--;
	else if (!lf_alone)
		return false;
	return true;
}

static int bad(const char *what)
{
	return err(ERR_FORMAT, "not HTTP: %s", what);
}

static bool read_version(struct http_head *h, struct str s)
{
	if (s.n != 8 || !str_starts(s, "HTTP/1.") || s.p[7] < '0' || s.p[7] > '9')
		return false;
	h->http_1_0 = s.p[7] == '0';
	h->keep_alive = !h->http_1_0;
	return true;
}

static int read_request_line(struct http_head *h, struct str line)
{
	if (!str_cut(&line, ' ', &h->method) || !is_token(h->method))
		return bad("the method");
	if (!str_cut(&line, ' ', &h->target) || !is_visible(h->target))
		return bad("the target");
	return read_version(h, line) ? 0 : bad("the version");
}

static int read_status_line(struct http_head *h, struct str line)
{
	struct str version, status;
	uint64_t n;

	if (!str_cut(&line, ' ', &version) || !read_version(h, version))
		return bad("the version");
	if (!str_cut(&line, ' ', &status) || status.n != 3 || !str_u64(status, 599, &n) || n < 100)
		return bad("the status");
	h->status = (int)n;
	return is_value(line) ? 0 : bad("the reason");
}

static int set_length(struct http_head *h, struct str value)
{
	uint64_t n;

	if (h->content_length >= 0 || !str_u64(value, CONTENT_LENGTH_MAX, &n))
		return bad("Content-Length");
	h->content_length = (int64_t)n;
	return 0;
}

static int set_encoding(struct http_head *h, struct str value)
{
	if (h->chunked || h->http_1_0 || !str_ieq(value, STR("chunked")))
		return bad("Transfer-Encoding");
	h->chunked = true;
	return 0;
}

static int set_connection(struct http_head *h, struct str value)
{
	struct str word;

	while (str_cut(&value, ',', &word)) {
		word = str_trim(word);
		if (str_ieq(word, STR("close")))
			h->keep_alive = false;
		else if (str_ieq(word, STR("keep-alive")) && h->http_1_0)
			h->keep_alive = true;
	}
	return 0;
}

static int set_host(struct http_head *h, struct str value)
{
	(void)value;
	for (size_t i = 0; i + 1 < h->n_headers; i++)
		if (h->method.n > 0 && str_ieq(h->headers[i].name, STR("host")))
			return bad("two Hosts");
	return 0;
}

/* The headers that decide how the message goes on. */
static const struct {
	struct str name;
	int (*set)(struct http_head *h, struct str value);
} framing[] = {
	{ { "content-length", 14 }, set_length },
	{ { "transfer-encoding", 17 }, set_encoding },
	{ { "connection", 10 }, set_connection },
	{ { "host", 4 }, set_host },
};

static int read_header(struct http_head *h, struct str line)
{
	struct http_header *header = &h->headers[h->n_headers];

	if (h->n_headers == HTTP_HEADERS_MAX)
		return err(ERR_LIMIT, "HTTP: more than %d headers", HTTP_HEADERS_MAX);
	if (!str_has(line, ':') || !str_cut(&line, ':', &header->name) || !is_token(header->name))
		return bad("a header's name");
	header->value = str_trim(line);
	if (!is_value(line))
		return bad("a header's value");
	h->n_headers++;
	for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++)
		if (str_ieq(header->name, framing[i].name))
			return framing[i].set(h, header->value);
	return 0;
}

/* Told by the first bytes: who speaks another protocol may never end the line. */
static bool speaks_http(struct str data)
{
	struct str start = STR("HTTP/");

	if (data.n < start.n)
		start.n = data.n;
	return start.n == 0 || memcmp(data.p, start.p, start.n) == 0;
}

static int read_head(struct http_head *h, struct str data, bool answer)
{
	size_t n = head_end(data);
	struct str in = { data.p, n }, line;
	int r;

	h->status = 0;
	h->n_headers = 0;
	h->method = h->target = (struct str){ "", 0 };
	h->content_length = -1;
	h->chunked = false;
	h->bytes = n;
	if (answer && !speaks_http(data))
		return bad("the answer does not begin with HTTP/");
	if (n > HTTP_HEAD_MAX || (n == 0 && data.n >= HTTP_HEAD_MAX))
		return err(ERR_LIMIT, "HTTP: a head of more than %d bytes", HTTP_HEAD_MAX);
	if (n == 0)
		return 0;
	if (!take_line(&in, answer, &line))
		return bad("a line without CR");
	r = answer ? read_status_line(h, line) : read_request_line(h, line);
	while (r == 0 && in.n > 0) {
		if (!take_line(&in, answer, &line))
			return bad("a line without CR");
		if (line.n > 0)
			r = read_header(h, line);
	}
	if (r == 0 && h->chunked && h->content_length >= 0)
		r = bad("Content-Length and Transfer-Encoding");
	return r < 0 ? r : 1;
}

int http_read_request_head(struct http_head *h, struct str data)
{
	return read_head(h, data, false);
}

int http_read_answer_head(struct http_head *h, struct str data)
{
	return read_head(h, data, true);
}

struct str http_header(const struct http_head *h, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < h->n_headers; i++)
		if (str_ieq(h->headers[i].name, wanted))
			return h->headers[i].value;
	return (struct str){ NULL, 0 };
}

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
	if (!take_line(&in, false, line) || line->n > CHUNK_LINE_MAX || !is_value(*line))
		return bad("a chunk's line");
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
		return bad("a chunk's size");
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
		return bad("a chunk is longer than its size");
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

static bool has_length(const struct http_request *rq)
{
	return rq->body.n > 0 || strcmp(rq->method, "POST") == 0 || strcmp(rq->method, "PUT") == 0;
}

void http_add_request(struct buf *out, const struct http_request *rq)
{
	buf_addf(out, "%s %.*s HTTP/1.1\r\n", rq->method, STR_ARG(rq->target));
	buf_addf(out, "Host: %.*s\r\n", STR_ARG(rq->host));
	for (size_t i = 0; i < rq->n_headers; i++) {
		buf_str(out, rq->headers[i].name);
		buf_puts(out, ": ");
		buf_str(out, rq->headers[i].value);
		buf_puts(out, "\r\n");
	}
	if (has_length(rq))
		buf_addf(out, "Content-Length: %zu\r\n", rq->body.n);
	buf_puts(out, rq->keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
	buf_str(out, rq->body);
}

/* Where the body is collected, and where in it the body starts. */
static struct buf *body_buf(const struct http_answer *a, size_t *start)
{
	bool apart = a->into && a->head.status == 200;

	*start = apart ? 0 : a->head.bytes;
	return apart ? a->into : a->raw;
}

struct http_space http_answer_space(struct http_answer *a)
{
	struct buf *b = a->raw;
	size_t start = 0, room, left;

	if (a->head_done)
		b = body_buf(a, &start);
	room = buf_room(b);
	if (a->head_done && a->head.content_length >= 0) {
		left = (size_t)a->head.content_length - (b->len - start);
		room = left < room ? left : room;
	}
	return (struct http_space){ buf_tail(b), room };
}

void http_answer_grew(struct http_answer *a, size_t n)
{
	size_t start;

	buf_grew(a->head_done ? body_buf(a, &start) : a->raw, n);
}

/* What has come behind the head, as far as it is this message's and fits, goes where the body is
 * wanted. */
static void move_body(struct http_answer *a)
{
	size_t start, n = a->raw->len - a->used;
	struct buf *b = body_buf(a, &start);

	if (b == a->raw)
		return;
	if (a->head.content_length >= 0 && (uint64_t)a->head.content_length - b->len < n)
		n = (size_t)a->head.content_length - b->len;
	if (buf_room(b) < n)
		n = buf_room(b);
	buf_add(b, a->raw->p + a->used, n);
	a->used += n;
}

/* Reads the head when it is all there, passing over those with a 1xx status. */
static int feed_head(struct http_answer *a)
{
	int r;

	for (;;) {
		r = http_read_answer_head(&a->head, buf_view(a->raw));
		if (r == 0 && buf_room(a->raw) == 0)
			return err(ERR_LIMIT, "HTTP: a head of more than %zu bytes", a->raw->len);
		if (r <= 0)
			return r;
		if (a->head.status >= 200)
			break;
		if (a->head.status == 101)
			return bad("an upgrade that nobody asked for");
		buf_drop(a->raw, a->head.bytes);
	}
	a->head_done = true;
	a->used = a->head.bytes;
	if (a->no_body || a->head.status == 204 || a->head.status == 304) {
		a->head.content_length = 0;
		a->head.chunked = false;
	}
	return 1;
}

static int finish(struct http_answer *a, struct buf *b, size_t start, size_t n, bool leftover)
{
	a->body = (struct str){ b->p + start, n };
	if (b == a->raw)
		a->used = start + n;
	a->reusable = a->head.keep_alive && !leftover;
	a->complete = true;
	return 1;
}

/* Decodes what is there. What is decoded gives its room back, so that the frames of many chunks do
 * not fill it. */
static int decode(struct http_answer *a, struct buf *b, size_t start)
{
	struct http_chunks *c = &a->chunks;
	int r = http_read_chunks(c, b->p + start, b->len - start);
	size_t gap = c->at - c->out, behind = b->len - start - c->at;

	if (r < 0)
		return r;
	memmove(b->p + start + c->out, b->p + start + c->at, behind);
	b->len -= gap;
	b->p[b->len] = 0;
	c->at = c->out;
	return r > 0 ? finish(a, b, start, c->out, behind > 0) : 0;
}

static int feed_chunks(struct http_answer *a, struct buf *b, size_t start)
{
	int r;

	for (;;) {
		size_t moved = a->used;

		move_body(a);
		r = decode(a, b, start);
		if (r != 0 || a->used == moved)
			return r;
	}
}

static int feed_plain(struct http_answer *a, struct buf *b, size_t start, bool closed)
{
	int64_t want = a->head.content_length;
	size_t cap = b->cap - 1 - start;

	move_body(a);
	if (want >= 0 && (uint64_t)want > cap)
		return err(ERR_LIMIT, "HTTP: a body of more than %zu bytes", cap);
	if (want >= 0)
		return b->len - start < (size_t)want ? 0 : finish(a, b, start, (size_t)want, false);
	a->head.keep_alive = false;
	if (closed && (b == a->raw || a->used == a->raw->len))
		return finish(a, b, start, b->len - start, false);
	return 0;
}

static int feed_body(struct http_answer *a, bool closed)
{
	size_t start;
	struct buf *b = body_buf(a, &start);
	int r = a->head.chunked ? feed_chunks(a, b, start) : feed_plain(a, b, start, closed);

	if (r == 0 && buf_room(b) == 0)
		return err(ERR_LIMIT, "HTTP: a body of more than %zu bytes", b->cap - 1 - start);
	return r;
}

int http_answer_feed(struct http_answer *a, bool closed)
{
	int r = a->head_done ? 1 : feed_head(a);

	if (r > 0)
		r = feed_body(a, closed);
	if (r == 0 && closed)
		return err(ERR_NET, "the connection ended before the answer was complete");
	return r;
}

static int plain_write(struct http_conn *c, struct str p, struct deadline d)
{
	return sock_write(c->fd, p, d);
}

static int plain_read(struct http_conn *c, void *p, size_t n, struct deadline d)
{
	return sock_read(c->fd, p, n, d);
}

struct http_conn http_plain(int fd)
{
	return (struct http_conn){ .fd = fd, .write = plain_write, .read = plain_read };
}

static int send_request(
	struct http_conn *c, const struct http_request *rq, struct buf *b, struct deadline d)
{
	int r;

	buf_clear(b);
	http_add_request(b, rq);
	r = buf_check(b, "request");
	if (r == 0)
		r = c->write(c, buf_view(b), d);
	buf_clear(b);
	return r;
}

int http_exchange(struct http_conn *c, const struct http_request *rq, struct http_answer *a,
	struct deadline d)
{
	int r = send_request(c, rq, a->raw, d);

	while (r == 0) {
		struct http_space space = http_answer_space(a);
		int n;

		if (space.n == 0)
			return err(
				ERR_LIMIT, "HTTP: an answer of more than %zu bytes", a->raw->len);
		n = c->read(c, space.p, space.n, d);
		if (n < 0)
			return n;
		http_answer_grew(a, (size_t)n);
		r = http_answer_feed(a, n == 0);
	}
	return r < 0 ? r : 0;
}
