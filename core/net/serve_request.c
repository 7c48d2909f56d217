/* serve_request.c - from bytes to requests, as many at a time as is fair */
#include <sys/epoll.h>

#include "base/err.h"
#include "net/serve_parts.h"

enum { TURN = 32 };

static void say_continue(struct serve *s, struct conn *c)
{
	static char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct iovec v = { words, sizeof(words) - 1 };

	if (!c->continued && str_ieq(http_header(&s->head, "expect"), STR("100-continue")))
		(void)conn_send(s, c, &v, 1);
	c->continued = true;
}

/* Takes one request off the front of data and answers it. 1: done; 0: more is needed, or c is gone
 * or refused. */
static int take_request(struct serve *s, struct conn *c, struct str *data)
{
	int r = http_read_request_head(&s->head, *data);
	size_t length;
	struct str body;

	if (r > 0 && !s->head.http_1_0 && !http_header(&s->head, "host").p)
		r = ERR_FORMAT; /* RFC 9112, section 3.2 */
	if (r == 0 && data->n >= HTTP_HEAD_MAX)
		r = ERR_LIMIT;
	if (r < 0)
		conn_refuse(s, c, r == ERR_LIMIT ? 431 : 400);
	else if (r > 0 && s->head.chunked)
		conn_refuse(s, c, 411);
	if (r <= 0 || s->head.chunked)
		return 0;
	length = s->head.content_length > 0 ? (size_t)s->head.content_length : 0;
	if (length > SERVE_REQUEST_MAX || s->head.bytes + length > SERVE_REQUEST_MAX) {
		conn_refuse(s, c, 413);
		return 0;
	}
	if (data->n < s->head.bytes + length) {
		say_continue(s, c);
		return 0;
	}
	body = (struct str){ data->p + s->head.bytes, length };
	data->p += s->head.bytes + length;
	data->n -= s->head.bytes + length;
	conn_handle(s, c, body);
	return 1;
}

static bool reads(const struct conn *c)
{
	return c->fd >= 0 && (c->line == FRESH || c->line == IDLE) && !c->listening_out;
}

/* Answers the complete requests in the first n bytes of s->request, so many at a time that others
 * have their turn; keeps what is left. */
static void consume(struct serve *s, struct conn *c, size_t n)
{
	struct str data = { s->request, n };
	uint32_t generation = c->generation;
	int taken = 0;

	while (taken < TURN && reads(c) && data.n > 0 && take_request(s, c, &data) > 0)
		taken++;
	if (c->generation != generation || data.n == 0 || c->listening_out || c->fd < 0)
		return;
	if (!have_pages(s, c, data.n)) {
		conn_close(s, c);
		return;
	}
	chain_add(s, &c->in, data.p, data.n);
	if (taken == TURN && reads(c)) {
		line_join(s, c, NEXT, s->now_ms + 1);
		conn_wants(s, c, 0);
	}
}

static void conn_readable(struct serve *s, struct conn *c)
{
	size_t kept = chain_copy(&c->in, s->request);
	ssize_t n = conn_recv(s, c, s->request + kept, SERVE_REQUEST_MAX - kept);

	if (n == SERVE_AGAIN)
		return;
	if (n <= 0) {
		conn_close(s, c);
		return;
	}
	if (c->listening_out)
		return;
	chain_drop(s, &c->in);
	consume(s, c, kept + (size_t)n);
}

/* The answer is on its way again, by time or because the socket takes more. */
void conn_writable(struct serve *s, struct conn *c)
{
	uint32_t generation = c->generation;
	int r = conn_flush(s, c);
	size_t n;

	if (r < 0) {
		conn_close(s, c);
		return;
	}
	if (r == 0) {
		if (c->line == DELAYED)
			line_join(s, c, WRITING, s->now_ms + s->config.idle_ms);
		conn_wants(s, c, EPOLLOUT);
		return;
	}
	conn_answered(s, c);
	if (c->generation != generation || c->listening_out || c->in.n == 0)
		return;
	n = chain_copy(&c->in, s->request);
	chain_drop(s, &c->in);
	consume(s, c, n);
}

void conn_event(struct serve *s, struct conn *c, uint32_t events)
{
	if (c->line == WRITING && (events & EPOLLOUT))
		conn_writable(s, c);
	else if ((c->line == FRESH || c->line == IDLE) && (events & EPOLLIN))
		conn_readable(s, c);
	else if (events & (EPOLLERR | EPOLLHUP))
		conn_close(s, c);
}
