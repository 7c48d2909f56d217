/* serve.c - a server loop for many small requests: one thread, epoll, fixed tables */
#define _GNU_SOURCE 1 /* accept4 */
#include "net/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "net/serve_parts.h"

enum { EVENTS = 64, ACCEPTS = 64, TICK_MS = 1000, STOP_MS = 500 };

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
		/* a carrier can have room for fewer: then the oldest that is half-open goes */
		int r = s->config.carrier->open(s->config.owner, slot_of(s, c), fd, listener);

		if (r == ERR_LIMIT && make_carried_room(s, c))
			r = s->config.carrier->open(s->config.owner, slot_of(s, c), fd, listener);
		if (r < 0) {
			conn_close(s, c);
			return r;
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
	for (int i = FRESH; i < LINES; i++)
		for (struct conn *c = s->lines[i].first, *next; c; c = next) {
			next = c->next;
			if (c->listener != listener)
				continue;
			if (i == WRITING || i == DELAYED)
				c->close = true;
			else
				conn_close(s, c);
		}
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
