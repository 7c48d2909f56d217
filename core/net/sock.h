/* sock.h - TCP connections whose every wait ends at one deadline */
#ifndef NET_SOCK_H
#define NET_SOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

/* An address with its port, from a literal: "127.0.0.1", "::1"; "::ffff:127.0.0.1" is 127.0.0.1.
 * ERR_FORMAT for anything else; names are never looked up here. */
struct sock_address {
	struct sockaddr_storage storage;
	socklen_t n;
};
int sock_literal(struct sock_address *a, struct str host, uint16_t port) MUST_CHECK;
/* "127.0.0.1:1338", "[::1]:0", or a port alone (127.0.0.1). */
int sock_parse(struct sock_address *a, struct str text) MUST_CHECK;
bool sock_is_loopback(const struct sock_address *a);
bool sock_is_link_local(const struct sock_address *a); /* 169.254/16, fe80::/10, and fd00:ec2::/32
							*/
void sock_add_text(struct buf *out, const struct sock_address *a); /* "127.0.0.1:80", "[::1]:80" */
uint16_t sock_port(const struct sock_address *a);

/* A connected, non-blocking, close-on-exec socket, or ERR_NET with words ("127.0.0.1:80: refused").
 */
int sock_connect(const struct sock_address *a, struct deadline d) MUST_CHECK;
/* Starts a connection without waiting: the socket, writable once it stands. ERR_NET. */
int sock_start(const struct sock_address *a) MUST_CHECK;
/* Of a socket that has become writable: 0 when it is connected, else ERR_NET with words. */
int sock_finish(int fd, const struct sock_address *a) MUST_CHECK;
/* Connects to the first of n addresses that answers: the next is tried when the one before fails,
 * or has not answered after a quarter of a second (RFC 8305). */
int sock_race(const struct sock_address *a, size_t n, struct deadline d) MUST_CHECK;
/* A listening socket. ERR_NET with words ("127.0.0.1:80: in use"). */
int sock_listen(const struct sock_address *a, int backlog) MUST_CHECK;
int sock_local(int fd, struct sock_address *a) MUST_CHECK;

/* Waits until fd can be read or written: 0, or ERR_NET "timed out". */
int sock_await(int fd, bool writable, struct deadline d) MUST_CHECK;
/* All of p, or ERR_NET. */
int sock_write(int fd, struct str p, struct deadline d) MUST_CHECK;
/* At least one byte into p: their number; 0 at the end; ERR_NET. */
int sock_read(int fd, void *p, size_t n, struct deadline d) MUST_CHECK;

#endif
