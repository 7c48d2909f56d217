/* proxy.h - which proxy a request goes through, and the tunnel that HTTPS needs there */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "data/url.h"

#define PROXY_AUTHORIZATION_MAX 512

struct proxy {
	const char *from;         /* the variable that names it, for words */
	struct url url;           /* borrows from text */
	struct buf authorization; /* "Basic ..."; empty: none */
	char text[URL_HOST_MAX + 32], storage[PROXY_AUTHORIZATION_MAX];
};

/* Reads "[http://][user:password@]host[:port]", which stands in the variable from. ERR_USAGE with
 * words that do not show the password: another scheme, nonsense. */
int proxy_read(struct proxy *p, struct str text, const char *from) MUST_CHECK;

/* Puts the proxy's host, port and variable in front of the recorded words, and returns r. */
int proxy_blame(const struct proxy *p, int r);

/* What a status that refuses means, in words. ERR_DENIED; ERR_NET when another attempt may help. */
int proxy_refused(const struct proxy *p, const struct url *u, int status) MUST_CHECK;

/* Is the host, or host:port, on the list: "*", or suffixes of whole labels with commas between
 * them, with or without a dot in front. */
bool proxy_is_exempt(struct str list, const struct url *u);

/* Asks the proxy at the other end of fd for a tunnel to u's host. ERR_NET, ERR_FORMAT, or as
 * proxy_refused. */
int proxy_tunnel(int fd, const struct proxy *p, const struct url *u, struct deadline d) MUST_CHECK;

#endif
