/* client.h - requests to http and https URLs: names, proxies, TLS, and connections that are kept */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "data/url.h"
#include "net/http.h"
#include "net/tls.h"

#define CLIENT_ORIGIN_MAX (URL_HOST_MAX + 32)
#define CLIENT_HEADERS_MAX 16

struct client_proxy {
	struct str text;  /* "[http://][user:password@]host[:port]"; empty: none */
	const char *from; /* the variable where it stands, for words */
};

/* One client holds at most one connection. Zeroed, it is ready for http; the settings may be
 * changed while it is closed. */
struct client {
	/* settings */
	int64_t connect_ms, read_ms; /* 0: only the deadline counts */
	struct client_proxy http_proxy, https_proxy;
	struct str no_proxy;  /* "*", or host suffixes with commas between them */
	const char *ca_file;  /* PEM; NULL: the system's bundle, else the compiled-in anchors */
	struct buf ca_text;   /* room for it, TLS_BUNDLE_MAX or less; read at the first https
				 connection */
	bool believe_anybody; /* certificates are not checked */
	int64_t now;          /* the time by which they are */

	/* state */
	struct http_conn conn;
	struct tls tls;
	struct tls_trust trust;
	bool open;
	bool ca_read;
	char origin[CLIENT_ORIGIN_MAX]; /* "http://host:port" of the connection */
	unsigned connections;           /* made so far */
};

/* Sends rq to the URL's host (rq's own host and target do not count) and waits for the whole
 * answer. A connection to the same place that is still open is used again; when it turns out to
 * have ended without a byte, a new one. a as in http_exchange. 0, ERR_NET, ERR_FORMAT, ERR_LIMIT,
 * ERR_USAGE (settings), ERR_DENIED (TLS: the server is not who it should be; or a proxy refuses).
 */
int client_exchange(struct client *c, const struct url *u, const struct http_request *rq,
	struct http_answer *a, struct deadline d) MUST_CHECK;
void client_close(struct client *c);

/* Can this build reach such a URL at all? 0, or ERR_DENIED with the way to a build that can.
 * Nothing is looked up; client_exchange asks this itself. */
int client_check(const struct url *u) MUST_CHECK;

#endif
