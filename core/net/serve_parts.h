/* serve_parts.h - what the files of the server loop share: its state, and the verbs of its parts
 *
 * A connection is in exactly one line (a doubly linked list). In all lines but that of the delayed
 * answers the time limit is the same, so that the front of a line is what ends first and no event
 * ever searches:
 *
 *	FRESH    has not sent a complete request yet, or is being listened out after a refusal
 *	IDLE     was answered, and may ask again
 *	WRITING  has an answer on its way that the socket did not take at once
 *	DELAYED  has an answer that waits for its time; ordered by that time
 *	NEXT     has asked for so much at once that others have their turn first
 *
 * Bytes are read into, parsed in and answered from storage that all connections share; only what is
 * left over when a socket has no more to give or to take is kept, in pages of a pool. */
#ifndef NET_SERVE_PARTS_H
#define NET_SERVE_PARTS_H

#include <sys/uio.h>

#include "net/serve.h"

enum { PAGE_BYTES = 1024 - sizeof(void *), POOL_EXTRA = 2048, CARRIED = 4096 };
enum { HEAD_MAX = SERVE_HEADERS_MAX + 1024 };
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

/* --- serve_pages.c: bytes that wait, in pages of the pool --- */

void chain_drop(struct serve *s, struct chain *chain);
/* Whoever adds has asked have_pages before. */
void chain_add(struct serve *s, struct chain *chain, const char *p, size_t n);
size_t chain_copy(const struct chain *chain, char *to); /* all of it */
void chain_sent(struct serve *s, struct chain *chain, size_t n);

/* --- serve_conn.c: connections, the lines they stand in, and who goes when there is no room --- */

void line_join(struct serve *s, struct conn *c, enum line line, int64_t due);
void conn_close(struct serve *s, struct conn *c);
void conn_wants(struct serve *s, struct conn *c, uint32_t events); /* of epoll */
ssize_t conn_recv(struct serve *s, struct conn *c, char *p, size_t n);
ssize_t conn_send(struct serve *s, struct conn *c, struct iovec *v, int n);
unsigned slot_of(const struct serve *s, const struct conn *c);
uint64_t event_word(enum kind kind, uint32_t generation, size_t i);
/* Room in the table, in the pool, among those that are carried. False: nobody can go. */
bool make_room(struct serve *s);
bool have_pages(struct serve *s, const struct conn *c, size_t bytes);
bool make_carried_room(struct serve *s, const struct conn *c);

/* --- serve_answer.c: answers on their way out --- */

/* Not HTTP as we understand it: an answer without body, then nothing more is read. */
void conn_refuse(struct serve *s, struct conn *c, int status);
void conn_handle(struct serve *s, struct conn *c, struct str body); /* s->head is the request's */
void conn_answered(struct serve *s, struct conn *c);
int conn_flush(struct serve *s, struct conn *c); /* 1: all is out, 0: not yet, negative: broken */

/* --- serve_request.c: from bytes to requests --- */

void conn_event(struct serve *s, struct conn *c, uint32_t events);
void conn_writable(struct serve *s, struct conn *c);

#endif
