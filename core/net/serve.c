/* serve.c - a server loop for many small requests: one thread, epoll, fixed tables
 *
 * A connection is in exactly one line (a doubly linked list). In all lines but that of the delayed
 *answers the time limit is the same, so that the front of a line is what ends first and no event
 *ever searches:
 *
 *	FRESH    has not sent a complete request yet, or is being listened out after a refusal
 *	IDLE     was answered, and may ask again
 *	WRITING  has an answer on its way that the socket did not take at once
 *	DELAYED  has an answer that waits for its time; ordered by that time
 *	NEXT     has asked for so much at once that others have their turn first
 *
 * Bytes are read into, parsed in and answered from storage that all connections share; only what is
 *left over when a socket has no more to give or to take is kept, in pages of a pool. */
#define _GNU_SOURCE 1 /* accept4 */
#include "net/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	PAGE_BYTES = 1024 - sizeof(void *),
	POOL_EXTRA = 2048,
	EVENTS = 64,
	ACCEPTS = 64,
	TICK_MS = 1000
};
enum { STOP_MS = 500, CARRIED = 4096, TURN = 32, EVICTED = 5, HEAD_MAX = SERVE_HEADERS_MAX + 1024 };
enum line { NOWHERE, FRESH, IDLE, WRITING, DELAYED, NEXT, LINES };
enum kind { LISTENER, WATCH, CONN, WAKE };

struct page {
	struct page *next;
	char data[PAGE_BYTES];
};

/* Bytes in pages. skip of the first page's bytes are gone already. */
struct chain {
	struct page *first, *last;
	size_t n, skip;
};

struct conn {
	struct conn *next, *prev; /* of its line; free ones use next */
	int64_t due;              /* milliseconds: it ends, or (DELAYED) the answer goes out */
	struct chain in, out;
	struct sock_address peer, local;
	uint32_t generation; /* events of an earlier connection in this place are not its own */
	int fd, listener, ttl;
	enum line line;
	bool carried;       /* by serve_config.carrier */
	bool close;         /* when out is sent */
	bool listening_out; /* was refused; what still comes is thrown away so that the answer is
			       not lost */
	bool continued;     /* 100 Continue was sent for the request that is coming in */
	uint32_t events;
	size_t again; /* bytes of a carried write that has to be made again */
};

struct watch {
	int fd;
	void (*ready)(void *owner, int fd);
};

struct line_ends {
	struct conn *first, *last;
};

struct serve {
	struct serve_config config;
	int epoll, wake;
	volatile bool stopping;
	bool deaf; /* no descriptors left: listeners are not asked until the next tick */
	bool closed_something;
	int64_t now_ms, tick_at, date_at;
	char date[64];
	unsigned live;
	int listeners[SERVE_LISTENERS_MAX];
	size_t n_listeners;
	struct watch watches[SERVE_WATCHES_MAX];
	size_t n_watches;
	struct line_ends lines[LINES];
	struct conn *free_conns, *conns; /* those from fresh_conns on were never used, and their
					    memory never touched */
	struct page *free_pages, *pages; /* likewise */
	size_t pages_left, fresh_pages;
	unsigned fresh_conns;
	struct http_head head;
	char request[SERVE_REQUEST_MAX + 1];
	char gathered[CARRIED];
	char answer_head[HEAD_MAX];
	char answer_headers[SERVE_HEADERS_MAX];
	char answer_body[SERVE_ANSWER_MAX];
};

/* --- lines --- */

static void line_leave(struct serve *s, struct conn *c)
{
	struct line_ends *l = &s->lines[c->line];

	if (c->line == NOWHERE)
		return;
	*(c->prev ? &c->prev->next : &l->first) = c->next;
	*(c->next ? &c->next->prev : &l->last) = c->prev;
	c->next = c->prev = NULL;
	c->line = NOWHERE;
}

/* behind the last one that is due no later: with equal limits that is the end */
static void line_join(struct serve *s, struct conn *c, enum line line, int64_t due)
{
	struct line_ends *l = &s->lines[line];
	struct conn *before = l->last;

	line_leave(s, c);
	while (before && before->due > due)
		before = before->prev;
	c->due = due;
	c->line = line;
	c->prev = before;
	c->next = before ? before->next : l->first;
	*(c->prev ? &c->prev->next : &l->first) = c;
	*(c->next ? &c->next->prev : &l->last) = c;
}

/* --- pages --- */

static void chain_drop(struct serve *s, struct chain *chain)
{
	while (chain->first) {
		struct page *p = chain->first;

		chain->first = p->next;
		p->next = s->free_pages;
		s->free_pages = p;
		s->pages_left++;
	}
	*chain = (struct chain){ 0 };
}

static size_t pages_for(size_t n)
{
	return (n + PAGE_BYTES - 1) / PAGE_BYTES;
}

static struct page *chain_grow(struct serve *s, struct chain *chain)
{
	struct page *p = s->free_pages ? s->free_pages : &s->pages[s->fresh_pages++];

	if (p == s->free_pages)
		s->free_pages = p->next;
	s->pages_left--;
	p->next = NULL;
	*(chain->last ? &chain->last->next : &chain->first) = p;
	chain->last = p;
	return p;
}

/* The caller has seen to it that the pages are there. */
static void chain_add(struct serve *s, struct chain *chain, const char *p, size_t n)
{
	while (n > 0) {
		size_t at = (chain->skip + chain->n) % PAGE_BYTES;
		struct page *page = chain->last && at > 0 ? chain->last : chain_grow(s, chain);
		size_t take = PAGE_BYTES - at < n ? PAGE_BYTES - at : n;

		memcpy(page->data + at, p, take);
		chain->n += take;
		p += take;
		n -= take;
	}
}

static size_t chain_copy(const struct chain *chain, char *to)
{
	size_t done = 0;

	for (const struct page *p = chain->first; p; p = p->next) {
		size_t n = chain->n - done < PAGE_BYTES ? chain->n - done : PAGE_BYTES;

		memcpy(to + done, p->data, n);
		done += n;
	}
	return done;
}

/* n bytes at the front were sent. */
static void chain_sent(struct serve *s, struct chain *chain, size_t n)
{
	chain->n -= n;
	chain->skip += n;
	while (chain->first && (chain->skip >= PAGE_BYTES || chain->n == 0)) {
		struct page *p = chain->first;

		chain->first = p->next;
		chain->skip -= chain->skip < PAGE_BYTES ? chain->skip : PAGE_BYTES;
		p->next = s->free_pages;
		s->free_pages = p;
		s->pages_left++;
	}
	if (!chain->first)
		*chain = (struct chain){ 0 };
}

/* --- connections --- */

static unsigned slot_of(const struct serve *s, const struct conn *c)
{
	return (unsigned)(c - s->conns);
}

static void conn_close(struct serve *s, struct conn *c)
{
	if (c->carried)
		s->config.carrier->close(s->config.owner, slot_of(s, c));
	line_leave(s, c);
	chain_drop(s, &c->in);
	chain_drop(s, &c->out);
	close(c->fd);
	c->fd = -1;
	c->generation++;
	c->next = s->free_conns;
	s->free_conns = c;
	s->live--;
}

/* The connection that stands longest in the first line of order that has one goes. */
static bool evict(struct serve *s, const enum line order[EVICTED], const struct conn *but)
{
	for (size_t i = 0; i < EVICTED; i++) {
		struct conn *c = s->lines[order[i]].first;

		if (c && c == but)
			c = c->next;
		if (c) {
			conn_close(s, c);
			return true;
		}
	}
	return false;
}

/* Room in the table: who never sent a whole request goes first. */
static bool make_room(struct serve *s)
{
	static const enum line order[EVICTED] = { FRESH, IDLE, WRITING, NEXT, DELAYED };

	return evict(s, order, NULL);
}

/* Room in the pool: those who do not read fill it, so they go first. */
static bool have_pages(struct serve *s, const struct conn *c, size_t bytes)
{
	static const enum line order[EVICTED] = { WRITING, NEXT, FRESH, IDLE, DELAYED };

	while (s->pages_left < pages_for(bytes) + 1)
		if (!evict(s, order, c))
			return false;
	return true;
}

static uint64_t event_word(enum kind kind, uint32_t generation, size_t i)
{
	return (uint64_t)kind << 56 | (uint64_t)(generation & 0xffffff) << 32 | (uint32_t)i;
}

static void conn_wants(struct serve *s, struct conn *c, uint32_t events)
{
	struct epoll_event e = { .events = events };

	e.data.u64 = event_word(CONN, c->generation, slot_of(s, c));
	if (c->events != events && epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &e) == 0)
		c->events = events;
}

static ssize_t conn_recv(struct serve *s, struct conn *c, char *p, size_t n)
{
	ssize_t r;

	if (c->carried)
		return s->config.carrier->read(s->config.owner, slot_of(s, c), p, n);
	do
		r = recv(c->fd, p, n, 0);
	while (r < 0 && errno == EINTR);
	return r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? SERVE_AGAIN : r;
}

/* A carrier wants the bytes of a write that could not be made once more, and as many: so they are
 * gathered. */
static ssize_t carried_send(struct serve *s, struct conn *c, const struct iovec *v, int n)
{
	ssize_t sent = 0;
	size_t skip = 0;

	for (;;) {
		size_t want = c->again > 0 ? c->again : CARRIED, got = 0, at = skip;
		int r;

		for (int i = 0; i < n && got < want; i++) {
			size_t from = at < v[i].iov_len ? at : v[i].iov_len;
			size_t take = v[i].iov_len - from < want - got ? v[i].iov_len - from
								       : want - got;

			at -= from;
			memcpy(s->gathered + got, (const char *)v[i].iov_base + from, take);
			got += take;
		}
		if (got == 0)
			return sent;
		r = s->config.carrier->write(s->config.owner, slot_of(s, c), s->gathered, got);
		c->again = r == SERVE_AGAIN ? got : 0;
		if (r < 0)
			return sent > 0 && r == SERVE_AGAIN ? sent : r;
		skip += (size_t)r;
		sent += r;
	}
}

static ssize_t conn_send(struct serve *s, struct conn *c, struct iovec *v, int n)
{
	struct msghdr m = { .msg_iov = v, .msg_iovlen = (size_t)n };
	ssize_t r;

	if (c->carried)
		return carried_send(s, c, v, n);
	do
		r = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? SERVE_AGAIN : r;
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

/* --- answers --- */

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
static int flush(struct serve *s, struct conn *c)
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
static void answered(struct serve *s, struct conn *c)
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
		answered(s, c);
	else
		(void)keep_rest(s, c, v, (size_t)r, a->delay_ms);
}

/* Not HTTP as we understand it: an answer without body, then nothing more is read. */
static void refuse(struct serve *s, struct conn *c, int status)
{
	struct buf headers = buf_of(s->answer_headers, sizeof(s->answer_headers));
	struct buf body = buf_of(s->answer_body, 1);
	struct serve_answer a = {
		.status = status, .headers = &headers, .body = &body, .close = true
	};

	c->listening_out = true;
	send_answer(s, c, &a);
}

static void handle(struct serve *s, struct conn *c, struct str body)
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

/* --- requests --- */

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
		refuse(s, c, r == ERR_LIMIT ? 431 : 400);
	else if (r > 0 && s->head.chunked)
		refuse(s, c, 411);
	if (r <= 0 || s->head.chunked)
		return 0;
	length = s->head.content_length > 0 ? (size_t)s->head.content_length : 0;
	if (length > SERVE_REQUEST_MAX || s->head.bytes + length > SERVE_REQUEST_MAX) {
		refuse(s, c, 413);
		return 0;
	}
	if (data->n < s->head.bytes + length) {
		say_continue(s, c);
		return 0;
	}
	body = (struct str){ data->p + s->head.bytes, length };
	data->p += s->head.bytes + length;
	data->n -= s->head.bytes + length;
	handle(s, c, body);
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
static void conn_writable(struct serve *s, struct conn *c)
{
	uint32_t generation = c->generation;
	int r = flush(s, c);
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
	answered(s, c);
	if (c->generation != generation || c->listening_out || c->in.n == 0)
		return;
	n = chain_copy(&c->in, s->request);
	chain_drop(s, &c->in);
	consume(s, c, n);
}

static void conn_event(struct serve *s, struct conn *c, uint32_t events)
{
	if (c->line == WRITING && (events & EPOLLOUT))
		conn_writable(s, c);
	else if ((c->line == FRESH || c->line == IDLE) && (events & EPOLLIN))
		conn_readable(s, c);
	else if (events & (EPOLLERR | EPOLLHUP))
		conn_close(s, c);
}

/* --- listening --- */

static int add_conn(struct serve *s, int fd, int listener)
{
	struct conn *c = s->free_conns ? s->free_conns : &s->conns[s->fresh_conns++];
	struct epoll_event e = { .events = EPOLLIN };
	uint32_t generation = c->generation;

	if (c == s->free_conns)
		s->free_conns = c->next;
	*c = (struct conn){
		.fd = fd, .listener = listener, .generation = generation, .events = EPOLLIN
	};
	s->live++;
	line_join(s, c, FRESH, s->now_ms + s->config.idle_ms);
	e.data.u64 = event_word(CONN, generation, slot_of(s, c));
	c->local.n = sizeof(c->local.storage);
	c->peer.n = sizeof(c->peer.storage);
	if (getsockname(fd, (struct sockaddr *)&c->local.storage, &c->local.n) < 0 ||
		getpeername(fd, (struct sockaddr *)&c->peer.storage, &c->peer.n) < 0 ||
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
		conn_close(s, c);
		return err(ERR_SYSTEM, "connection: cannot be watched");
	}
	if (s->config.carrier && s->config.carrier->takes(s->config.owner, listener)) {
		if (s->config.carrier->open(s->config.owner, slot_of(s, c), fd, listener) < 0) {
			conn_close(s, c);
			return ERR_LIMIT;
		}
		c->carried = true;
	}
	return 0;
}

int serve_adopt(struct serve *s, int fd, int listener)
{
	if (s->now_ms == 0)
		s->now_ms = clock_mono_ms();
	if (s->live == s->config.connections && !make_room(s)) {
		close(fd);
		return err(ERR_LIMIT, "connections: table full");
	}
	return add_conn(s, fd, listener);
}

/* Without a descriptor to spare the listener would stay readable and the loop would spin. */
static void out_of_descriptors(struct serve *s)
{
	if (make_room(s))
		return;
	s->deaf = true;
	for (size_t i = 0; i < s->n_listeners; i++)
		if (s->listeners[i] >= 0)
			(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, s->listeners[i], NULL);
}

static void accept_some(struct serve *s, int listener)
{
	for (int i = 0; i < ACCEPTS && !s->deaf; i++) {
		int fd = accept4(s->listeners[listener], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE))
			out_of_descriptors(s);
		if (fd < 0)
			return;
		if (serve_adopt(s, fd, listener) < 0)
			return;
	}
}

static int watch_fd(struct serve *s, int fd, enum kind kind, size_t i)
{
	struct epoll_event e = { .events = EPOLLIN };

	e.data.u64 = event_word(kind, 0, i);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		return err_errno("epoll");
	return (int)i;
}

static void hear_again(struct serve *s)
{
	if (!s->deaf)
		return;
	s->deaf = false;
	for (size_t i = 0; i < s->n_listeners; i++)
		if (s->listeners[i] >= 0)
			(void)watch_fd(s, s->listeners[i], LISTENER, i);
}

int serve_listen(struct serve *s, int fd)
{
	size_t i = 0;
	int on = 1;

	/* Answers are written whole; those to pipelined requests must not wait for each other's
	 * acknowledgement. Connections inherit this. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

	while (i < s->n_listeners && s->listeners[i] >= 0)
		i++;
	if (i == SERVE_LISTENERS_MAX)
		return err(ERR_LIMIT, "more than %d listening addresses", SERVE_LISTENERS_MAX);
	if (watch_fd(s, fd, LISTENER, i) < 0)
		return ERR_SYSTEM;
	s->listeners[i] = fd;
	if (i == s->n_listeners)
		s->n_listeners++;
	return (int)i;
}

void serve_unlisten(struct serve *s, int listener)
{
	if (listener < 0 || (size_t)listener >= s->n_listeners || s->listeners[listener] < 0)
		return;
	close(s->listeners[listener]);
	s->listeners[listener] = -1;
}

int serve_watch(struct serve *s, int fd, void (*ready)(void *owner, int fd))
{
	size_t i = 0;

	while (i < s->n_watches && s->watches[i].fd >= 0)
		i++;
	if (i == SERVE_WATCHES_MAX)
		return err(ERR_LIMIT, "more than %d watched descriptors", SERVE_WATCHES_MAX);
	if (watch_fd(s, fd, WATCH, i) < 0)
		return ERR_SYSTEM;
	s->watches[i] = (struct watch){ fd, ready };
	if (i == s->n_watches)
		s->n_watches++;
	return 0;
}

void serve_unwatch(struct serve *s, int fd)
{
	for (size_t i = 0; i < s->n_watches; i++)
		if (s->watches[i].fd == fd) {
			(void)epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
			s->watches[i].fd = -1;
		}
}

/* --- the loop --- */

static void expire(struct serve *s)
{
	static const enum line limited[] = { FRESH, IDLE, WRITING };
	struct conn *c;

	for (size_t i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		while ((c = s->lines[limited[i]].first) && c->due <= s->now_ms)
			conn_close(s, c);
	while ((c = s->lines[DELAYED].first) && c->due <= s->now_ms)
		conn_writable(s, c);
	while ((c = s->lines[NEXT].first) && c->due <= s->now_ms)
		conn_writable(s, c);
}

static int wait_ms(const struct serve *s, int at_most)
{
	int64_t left = s->tick_at - s->now_ms;

	for (int i = FRESH; i < LINES; i++) {
		const struct conn *c = s->lines[i].first;

		if (c && c->due - s->now_ms < left)
			left = c->due - s->now_ms;
	}
	if (left < 0)
		left = 0;
	return at_most >= 0 && at_most < left ? at_most : (int)left;
}

static void tick(struct serve *s, bool interrupted)
{
	if (!interrupted && s->now_ms < s->tick_at)
		return;
	s->tick_at = s->now_ms + TICK_MS;
	hear_again(s);
	if (s->config.tick)
		s->config.tick(s->config.owner);
}

static void dispatch(struct serve *s, const struct epoll_event *e)
{
	size_t i = (uint32_t)e->data.u64;
	uint32_t generation = (uint32_t)(e->data.u64 >> 32) & 0xffffff;
	struct conn *c;
	uint64_t drained;

	switch ((enum kind)(e->data.u64 >> 56)) {
	case LISTENER:
		if (s->listeners[i] >= 0)
			accept_some(s, (int)i);
		break;
	case WATCH:
		if (s->watches[i].fd >= 0)
			s->watches[i].ready(s->config.owner, s->watches[i].fd);
		break;
	case CONN:
		c = &s->conns[i];
		if (c->fd >= 0 && (c->generation & 0xffffff) == generation)
			conn_event(s, c, e->events);
		break;
	case WAKE: (void)!read(s->wake, &drained, sizeof(drained)); break;
	}
}

int serve_step(struct serve *s, int at_most)
{
	struct epoll_event events[EVENTS];
	bool interrupted = false;
	int n;

	s->now_ms = clock_mono_ms();
	n = epoll_wait(s->epoll, events, EVENTS, wait_ms(s, at_most));
	if (n < 0 && errno != EINTR)
		return err_errno("epoll_wait");
	interrupted = n < 0;
	s->now_ms = clock_mono_ms();
	for (int i = 0; i < n; i++)
		dispatch(s, &events[i]);
	expire(s);
	tick(s, interrupted);
	return (int)s->live;
}

/* Nothing new; what is being sent may end. */
static int wind_down(struct serve *s)
{
	int64_t end = clock_mono_ms() + STOP_MS;
	int r = 0;

	for (size_t i = 0; i < s->n_listeners; i++)
		serve_unlisten(s, (int)i);
	while (s->lines[FRESH].first)
		conn_close(s, s->lines[FRESH].first);
	while (r >= 0 && (s->lines[WRITING].first || s->lines[DELAYED].first) &&
		clock_mono_ms() < end)
		r = serve_step(s, 50);
	return r < 0 ? r : 0;
}

int serve_run(struct serve *s)
{
	int r = 0;

	while (r >= 0 && !s->stopping)
		r = serve_step(s, -1);
	return r < 0 ? r : wind_down(s);
}

void serve_stop(struct serve *s)
{
	static const uint64_t one = 1;

	s->stopping = true;
	(void)!write(s->wake, &one, sizeof(one));
}

int64_t serve_round_ms(const struct serve *s)
{
	return s->now_ms;
}

static size_t pool_pages(const struct serve_config *c)
{
	return c->connections + POOL_EXTRA;
}

size_t serve_size(const struct serve_config *c)
{
	return sizeof(struct serve) + c->connections * sizeof(struct conn) +
		pool_pages(c) * sizeof(struct page);
}

struct serve *serve_open(void *storage, const struct serve_config *c)
{
	struct serve *s = storage;

	s->config = *c;
	s->conns = (struct conn *)(void *)(s + 1);
	s->pages = (struct page *)(void *)(s->conns + c->connections);
	s->pages_left = pool_pages(c);
	s->wake = -1;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0) {
		(void)err_errno("epoll");
		return NULL;
	}
	s->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->wake < 0 || watch_fd(s, s->wake, WAKE, 0) < 0) {
		(void)err_errno("eventfd");
		serve_close(s);
		return NULL;
	}
	return s;
}

void serve_close(struct serve *s)
{
	for (int i = FRESH; i < LINES; i++)
		while (s->lines[i].first)
			conn_close(s, s->lines[i].first);
	for (size_t i = 0; i < s->n_listeners; i++)
		serve_unlisten(s, (int)i);
	if (s->wake >= 0)
		close(s->wake);
	if (s->epoll >= 0)
		close(s->epoll);
	s->wake = s->epoll = -1;
}
