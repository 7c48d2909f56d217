/* serve.h - a server loop for many small requests: one thread, epoll, fixed tables
 *
 * The owner gives a handler that turns one complete request into one answer, at once. Slow clients
 * wait for themselves: each has its own time limit, and what it has not sent or not read yet lies
 * in small pages of one pool. When the table of connections or the pool is full, the oldest
 * connection without a complete request goes. Every event costs the same, however many connections
 * there are. */
#ifndef NET_SERVE_H
#define NET_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/http.h"
#include "net/sock.h"

#define SERVE_LISTENERS_MAX 1100
#define SERVE_WATCHES_MAX 16
#define SERVE_REQUEST_MAX (64 * 1024) /* head and body */
#define SERVE_ANSWER_MAX (512 * 1024) /* body */
#define SERVE_HEADERS_MAX 8192        /* what the handler may add to an answer's head */

struct serve_request {
	const struct http_head *head;
	struct str body;
	const struct sock_address *peer, *local;
	int listener; /* as returned by serve_listen */
	bool tls;
};

/* What the handler fills in. Status line, Content-Length, Date and Connection are written by the
 * loop. A body or headers that did not fit become a 500 without body. */
struct serve_answer {
	int status;
	const char *reason;  /* NULL: the usual words for the status */
	struct buf *headers; /* "Name: value\r\n" lines, given empty */
	struct buf *body;    /* given empty */
	bool close;          /* close the connection after the answer */
	bool no_body;        /* HEAD: Content-Length of body, but no body */
	/* Faults, for tests of clients. */
	int64_t delay_ms; /* before the first byte; others are served meanwhile */
	bool drop;        /* close without a byte */
	size_t cut;       /* send only this many bytes of the body, then close; 0: all */
	int ttl;          /* IP TTL or hop limit of the answer's packets; 0: the system's */
};

struct serve; /* storage is the caller's: serve_size() zeroed bytes, aligned for any type */

struct serve_config {
	void (*handle)(void *owner, const struct serve_request *rq, struct serve_answer *a);
	void (*tick)(void *owner);   /* about once a second, and at least after each signal; may be
					NULL */
	int64_t (*now)(void *owner); /* for Date, in seconds since 1970; NULL: the system's clock */
	/* A way to carry a listener's bytes other than plain TCP; NULL: all are plain. */
	const struct serve_carrier *carrier;
	void *owner;
	unsigned connections; /* size of the table */
	int64_t idle_ms; /* a connection without a complete request, or with nobody reading, lives
			    this long */
};

/* How bytes travel on a listener that is not plain (TLS). All calls are non-blocking; slot is the
 * number of the connection, below serve_config.connections. After ERR_LIMIT of open the oldest
 * connection that is carried goes, and open is called once more. read and write return a count, 0
 * at the end (read only), SERVE_AGAIN when the socket has to be waited for, or another negative
 * number: the connection is closed. */
#define SERVE_AGAIN (-1000)
struct serve_carrier {
	bool (*takes)(void *owner, int listener);
	int (*open)(void *owner, unsigned slot, int fd, int listener);
	int (*read)(void *owner, unsigned slot, void *p, size_t n);
	int (*write)(void *owner, unsigned slot, const void *p, size_t n);
	void (*close)(void *owner, unsigned slot);
};

size_t serve_size(const struct serve_config *c);
/* NULL with words when the system gives no epoll. c is copied. */
struct serve *serve_open(void *storage, const struct serve_config *c);
/* Adds a listening socket, which belongs to the loop from now on; its number, or ERR_*. */
int serve_listen(struct serve *s, int fd) MUST_CHECK;
/* Closes a listening socket and its connections; those with an answer on its way end with that. Its
 * number may be given again. Not from handle. */
void serve_unlisten(struct serve *s, int listener);
/* Adds a connected socket as if the listener had accepted it. */
int serve_adopt(struct serve *s, int fd, int listener) MUST_CHECK;
/* Watches another descriptor (a control socket): ready is called when it can be read. The
 * descriptor stays the caller's; serve_unwatch before it is closed. */
int serve_watch(struct serve *s, int fd, void (*ready)(void *owner, int fd)) MUST_CHECK;
void serve_unwatch(struct serve *s, int fd);

/* Runs until serve_stop (from a handler, tick or signal handler). Answers that are on their way get
 * half a second. */
int serve_run(struct serve *s) MUST_CHECK;
/* One round: waits at most so long (-1: until something happens) and does what is due. Number of
 * connections left. */
int serve_step(struct serve *s, int wait_ms) MUST_CHECK;
void serve_stop(struct serve *s);
/* Milliseconds of the monotonic clock at which the present round began to do what is due. */
int64_t serve_round_ms(const struct serve *s);
void serve_close(struct serve *s);

#endif
