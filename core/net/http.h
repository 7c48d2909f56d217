/* http.h - HTTP/1.1 messages, bounded: requests and answers, read and written
 *
 * Grammar of RFC 9112, strictly: CRLF (a lone LF ends a line in an answer's head, never in a
 * request), no obsolete folding, one Content-Length, never together with Transfer-Encoding, which
 * can only be chunked; HTTP/1.0 is read. Redirects are never followed. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#define HTTP_HEADERS_MAX 64
#define HTTP_HEAD_MAX 16384

struct http_header {
	struct str name, value;
};

/* A message's head, borrowed from the bytes it was read from. */
struct http_head {
	bool http_1_0;
	struct str method, target; /* of a request */
	int status;                /* of an answer */
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t n_headers;
	int64_t content_length; /* -1: none given */
	bool chunked;
	bool keep_alive; /* by version and Connection */
	size_t bytes;    /* of the head with its empty line */
};

struct str http_header(const struct http_head *h, const char *name); /* first of that name; .p NULL:
									absent */

/* Reads a head from the front of data. 1: read; 0: more bytes are needed; ERR_FORMAT or ERR_LIMIT.
 */
int http_read_request_head(struct http_head *h, struct str data) MUST_CHECK;
int http_read_answer_head(struct http_head *h, struct str data) MUST_CHECK;

/* A chunked body, decoded in place as bytes come. */
struct http_chunks {
	size_t at, out; /* read position and end of what is decoded, from the body's start */
	size_t left;    /* of the chunk being read */
	int state;
};
/* Goes on with the n bytes of body that are there. 1: complete (out bytes; at is the first byte
 * behind the message); 0: needs more. */
int http_read_chunks(struct http_chunks *c, char *body, size_t n) MUST_CHECK;

/* A request to send. The Host header, Content-Length (when there is a body or the method is PUT or
 * POST) and Connection are added by us. */
struct http_request {
	const char *method;
	struct str host, target;
	const struct http_header *headers;
	size_t n_headers;
	struct str body;
	bool keep_alive;
};
void http_add_request(struct buf *out, const struct http_request *rq);

/* One answer being collected on a connection. Set raw (and into, no_body) and zero the rest. What
 * does not fit is ERR_LIMIT. */
struct http_answer {
	struct http_head head;
	struct buf *raw;  /* the head, and the body behind it; the caller's */
	struct buf *into; /* the caller's, empty: the body of a 200 goes here instead; NULL: it
			     stays in raw */
	struct str body;  /* once complete */
	struct http_chunks chunks;
	bool head_done, complete;
	bool no_body;  /* set by the caller: it answers a HEAD */
	size_t used;   /* once complete: bytes of raw that belong to this message */
	bool reusable; /* once complete: the connection can carry another request */
};
/* Where the next bytes are to be read to: 1 to n of them; then tell how many came. n 0: nothing
 * more fits. */
struct http_space {
	char *p;
	size_t n;
};
struct http_space http_answer_space(struct http_answer *a);
void http_answer_grew(struct http_answer *a, size_t n);
/* Looks at what has come; closed: the peer has ended. 1: complete; 0: needs more; ERR_*. Answers
 * with a 1xx status are skipped. */
int http_answer_feed(struct http_answer *a, bool closed) MUST_CHECK;

/* A way to carry bytes, so that TLS is only another one. */
struct http_conn {
	int fd;
	void *tls; /* NULL: plain */
	int (*write)(struct http_conn *c, struct str p, struct deadline d);
	int (*read)(struct http_conn *c, void *p, size_t n, struct deadline d); /* 0: end */
};
struct http_conn http_plain(int fd);

/* Sends the request (put together in a->raw, which needs room for it) and waits for the whole
 * answer. 0, or ERR_NET, ERR_FORMAT, ERR_LIMIT with words. */
int http_exchange(struct http_conn *c, const struct http_request *rq, struct http_answer *a,
	struct deadline d) MUST_CHECK;

#endif
