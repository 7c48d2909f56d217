/* tls.h - TLS 1.2 and 1.3 on a connected socket; mbedTLS does the work, in its arena */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "net/http.h"

#define TLS_BUNDLE_MAX (1024 * 1024) /* a file of trusted certificates */
#define TLS_AGAIN (-1000)            /* the socket has to be waited for */

/* One connection; zeroed is none and may be closed. */
struct tls {
	void *state;
};

/* Whom a client believes. */
struct tls_trust {
	struct str pem; /* trusted certificates; empty: the compiled-in anchors */
	bool nobody;    /* no check at all: whoever answers is right */
	int64_t now;    /* the time by which certificates are judged */
};

/* The client's handshake on fd. The server must prove to be host (a name, or an address without
 * brackets) under one of the trusted certificates. trust must live as long as t. ERR_DENIED: it
 * does not prove that, or speaks nothing newer than TLS 1.1; ERR_NET. */
int tls_connect(struct tls *t, int fd, struct str host, const struct tls_trust *trust,
	struct deadline d) MUST_CHECK;
struct http_conn tls_conn(struct tls *t, int fd);
/* "TLSv1.3, TLS1-3-AES-256-GCM-SHA384", for people. */
void tls_describe(struct buf *out, const struct tls *t);
/* Says goodbye without waiting; the descriptor stays open and the caller's. */
void tls_close(struct tls *t);

/* A server's certificate and key, for many connections. */
struct tls_identity {
	void *state;
};
int tls_identity_open(struct tls_identity *id, struct str chain_pem, struct str key_pem) MUST_CHECK;
void tls_identity_close(struct tls_identity *id);

/* The server's side of a connection, without waiting: tls_read and tls_write make the handshake on
 * the way. id must live as long as t. */
int tls_accept(struct tls *t, int fd, const struct tls_identity *id) MUST_CHECK;
/* A count, 0 at the end, TLS_AGAIN, ERR_*. After TLS_AGAIN of a write, the same bytes must come
 * again. */
int tls_read(struct tls *t, void *p, size_t n) MUST_CHECK;
int tls_write(struct tls *t, const void *p, size_t n) MUST_CHECK;

#endif
