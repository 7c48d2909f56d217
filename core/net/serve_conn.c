/* serve_conn.c - connections: the lines they stand in, and who goes when there is no room */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/serve_parts.h"

enum { EVICTED = 5 };

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
void line_join(struct serve *s, struct conn *c, enum line line, int64_t due)
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

unsigned slot_of(const struct serve *s, const struct conn *c)
{
	return (unsigned)(c - s->conns);
}

void conn_close(struct serve *s, struct conn *c)
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
bool make_room(struct serve *s)
{
	static const enum line order[EVICTED] = { FRESH, IDLE, WRITING, NEXT, DELAYED };

	return evict(s, order, NULL);
}

static size_t pages_for(size_t n)
{
	return (n + PAGE_BYTES - 1) / PAGE_BYTES;
}

/* Room in the pool: those who do not read fill it, so they go first. */
bool have_pages(struct serve *s, const struct conn *c, size_t bytes)
{
	static const enum line order[EVICTED] = { WRITING, NEXT, FRESH, IDLE, DELAYED };

	while (s->pages_left < pages_for(bytes) + 1)
		if (!evict(s, order, c))
			return false;
	return true;
}

bool make_carried_room(struct serve *s, const struct conn *but)
{
	for (int i = FRESH; i < LINES; i++)
		for (struct conn *c = s->lines[i].first; c; c = c->next)
			if (c->carried && c != but) {
				conn_close(s, c);
				return true;
			}
	return false;
}

uint64_t event_word(enum kind kind, uint32_t generation, size_t i)
{
	return (uint64_t)kind << 56 | (uint64_t)(generation & 0xffffff) << 32 | (uint32_t)i;
}

void conn_wants(struct serve *s, struct conn *c, uint32_t events)
{
	struct epoll_event e = { .events = events };

	e.data.u64 = event_word(CONN, c->generation, slot_of(s, c));
	if (c->events != events && epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &e) == 0)
		c->events = events;
}

ssize_t conn_recv(struct serve *s, struct conn *c, char *p, size_t n)
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

ssize_t conn_send(struct serve *s, struct conn *c, struct iovec *v, int n)
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
