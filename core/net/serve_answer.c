/* serve_answer.c - answers on their way out */
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/serve_parts.h"

static const char *reason_of(int status)
{
	static const struct {
		int status;
		const char *words;
	} table[] = {
		{ 200, "OK" },
		{ 301, "Moved Permanently" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].words;
	return "Answer";
}

/* Put into words once a second. */
static const char *date_now(struct serve *s)
{
	int64_t now = s->config.now ? s->config.now(s->config.owner) : clock_now();
	struct buf b;

	if (now == s->date_at)
		return s->date;
	s->date_at = now;
	b = buf_of(s->date, sizeof(s->date));
	clock_http(&b, now);
	return s->date;
}

/* one iovec for each page that waits; what is left stays */
int conn_flush(struct serve *s, struct conn *c)
{
	while (c->out.n > 0) {
		struct iovec v[16];
		size_t at = c->out.skip, left = c->out.n;
		int n = 0;
		ssize_t r;

		for (struct page *p = c->out.first; p && n < 16 && left > 0; p = p->next) {
			v[n].iov_base = p->data + at;
			v[n].iov_len = PAGE_BYTES - at < left ? PAGE_BYTES - at : left;
			left -= v[n++].iov_len;
			at = 0;
		}
		r = conn_send(s, c, v, n);
		if (r == SERVE_AGAIN)
			return 0;
		if (r < 0)
			return -1;
		chain_sent(s, &c->out, (size_t)r);
	}
	return 1;
}

/* The answer is out: the connection waits for the next request, or ends. */
void conn_answered(struct serve *s, struct conn *c)
{
	if (c->close && !c->listening_out) {
		conn_close(s, c);
		return;
	}
	if (c->listening_out)
		(void)shutdown(c->fd, SHUT_WR);
	line_join(s, c, c->listening_out ? FRESH : IDLE, s->now_ms + s->config.idle_ms);
	conn_wants(s, c, EPOLLIN);
}

/* Keeps what the socket did not take. False: the connection is gone. */
static bool keep_rest(
	struct serve *s, struct conn *c, const struct iovec v[2], size_t sent, int64_t delay)
{
	if (!have_pages(s, c, v[0].iov_len + v[1].iov_len - sent)) {
		conn_close(s, c);
		return false;
	}
	for (int i = 0; i < 2; i++) {
		size_t skip = sent < v[i].iov_len ? sent : v[i].iov_len;

		chain_add(s, &c->out, (const char *)v[i].iov_base + skip, v[i].iov_len - skip);
		sent -= skip;
	}
	line_join(s, c, delay > 0 ? DELAYED : WRITING,
		s->now_ms + (delay > 0 ? delay : s->config.idle_ms));
	conn_wants(s, c, delay > 0 ? 0 : EPOLLOUT);
	return true;
}

static void set_ttl(struct conn *c, int ttl)
{
	int value = ttl > 0 ? ttl : -1;

	if (c->ttl == ttl)
		return;
	c->ttl = ttl;
	if (c->local.storage.ss_family == AF_INET6)
		(void)setsockopt(c->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, sizeof(value));
	(void)setsockopt(c->fd, IPPROTO_IP, IP_TTL, &value, sizeof(value));
}

static void send_answer(struct serve *s, struct conn *c, const struct serve_answer *a)
{
	struct buf head = buf_of(s->answer_head, sizeof(s->answer_head));
	struct iovec v[2];
	size_t body = a->no_body ? 0 : a->body->len;
	ssize_t r = 0;

	if (a->cut > 0 && a->cut < body)
		body = a->cut;
	c->close = a->close || (a->cut > 0 && body == a->cut);
	buf_addf(&head, "HTTP/1.1 %d %s\r\n", a->status,
		a->reason ? a->reason : reason_of(a->status));
	buf_str(&head, buf_view(a->headers));
	buf_addf(&head, "Date: %s\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n", date_now(s),
		a->body->len, c->close ? "close" : "keep-alive");
	v[0] = (struct iovec){ head.p, head.len };
	v[1] = (struct iovec){ a->body->p, body };
	set_ttl(c, a->ttl);
	if (a->delay_ms <= 0)
		r = conn_send(s, c, v, body > 0 ? 2 : 1);
	if (r == SERVE_AGAIN)
		r = 0;
	if (r < 0)
		conn_close(s, c);
	else if ((size_t)r == head.len + body)
		conn_answered(s, c);
	else
		(void)keep_rest(s, c, v, (size_t)r, a->delay_ms);
}

/* Not HTTP as we understand it: an answer without body, then nothing more is read. */
void conn_refuse(struct serve *s, struct conn *c, int status)
{
	struct buf headers = buf_of(s->answer_headers, sizeof(s->answer_headers));
	struct buf body = buf_of(s->answer_body, 1);
	struct serve_answer a = {
		.status = status, .headers = &headers, .body = &body, .close = true
	};

	c->listening_out = true;
	send_answer(s, c, &a);
}

void conn_handle(struct serve *s, struct conn *c, struct str body)
{
	struct buf headers = buf_of(s->answer_headers, sizeof(s->answer_headers));
	struct buf out = buf_of(s->answer_body, sizeof(s->answer_body));
	struct serve_answer a = { .status = 500,
		.headers = &headers,
		.body = &out,
		.close = !s->head.keep_alive,
		.no_body = str_is(s->head.method, "HEAD") };
	struct serve_request rq = { &s->head, body, &c->peer, &c->local, c->listener, c->carried };

	s->config.handle(s->config.owner, &rq, &a);
	c->continued = false;
	if (a.drop) {
		conn_close(s, c);
		return;
	}
	if (headers.full || out.full) {
		buf_clear(&headers);
		buf_clear(&out);
		a.status = 500;
		a.reason = NULL;
	}
	send_answer(s, c, &a);
}
