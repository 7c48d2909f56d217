/* http_answer.c - one request is sent, and its answer collected */
#include <string.h>

#include "net/http_parts.h"
#include "net/sock.h"

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
			return http_bad("an upgrade that nobody asked for");
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

/* What is left over behind a body of chunks is the next answer's, and no part of this one. */
static int finish(struct http_answer *a, struct buf *b, size_t start, size_t n, bool leftover)
{
	a->body = (struct str){ b->p + start, n };
	if (b == a->raw) {
		a->used = start + n;
	} else {
		b->len = n;
		b->p[n] = 0;
	}
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
