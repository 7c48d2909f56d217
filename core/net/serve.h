/* serve.h - a server loop for many small requests: one thread, epoll, fixed tables
 *
 * The owner gives a handler that turns one complete request into one answer, at once. Slow clients wait for themselves: each connection has its
 * own buffers and its own time limit; when the table is full, the oldest connection without a complete request goes. */
#ifndef NET_SERVE_H
#define NET_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/http.h"
#include "net/sock.h"

#define SERVE_LISTENERS_MAX 64
#define SERVE_REQUEST_MAX (64 * 1024) /* head and body */

struct serve_request {
	const struct http_head *head;
	struct str body;
	const struct sock_address *peer, *local;
	int listener;   /* as returned by serve_listen */
	bool tls;
};

/* What the handler fills in. Status line, Content-Length, Date and Connection are written by the loop. */
struct serve_answer {
	int status;
	const char *reason;      /* NULL: the usual words for the status */
	struct buf *headers;     /* "Name: value\r\n" lines, given empty */
	struct buf *body;        /* given empty */
	bool close;              /* close the connection after the answer */
	bool no_body;            /* HEAD: Content-Length of body, but no body */
	/* Faults, for tests of clients. */
	int64_t delay_ms;        /* before the first byte; others are served meanwhile */
	bool drop;               /* close without a byte */
	size_t cut;              /* send only this many bytes of the body, then close; 0: all */
	int ttl;                 /* IP TTL of the answer's packets; 0: leave */
};

struct serve; /* storage is the caller's: serve_size() bytes */

struct serve_config {
	void (*handle)(void *owner, const struct serve_request *rq, struct serve_answer *a);
	void (*tick)(void *owner);   /* about once a second, and at least after each signal; may be NULL */
	void *owner;
	unsigned connections;        /* size of the table */
	int64_t idle_ms;             /* a connection without a complete request, or with nobody reading, lives this long */
};

size_t serve_size(const struct serve_config *c);
struct serve *serve_open(void *storage, const struct serve_config *c);
/* Adds a listening socket; its number, or ERR_*. */
int serve_listen(struct serve *s, int fd) MUST_CHECK;
/* Watches another descriptor (a control socket): ready is called when it can be read. */
int serve_watch(struct serve *s, int fd, void (*ready)(void *owner, int fd)) MUST_CHECK;
/* Runs until serve_stop (from a handler, tick or signal handler). */
int serve_run(struct serve *s) MUST_CHECK;
void serve_stop(struct serve *s);
void serve_close(struct serve *s);

#endif
