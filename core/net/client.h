/* client.h - requests to http and https URLs: names, proxies, TLS, and connections that are kept */
#ifndef NET_CLIENT_H
#define NET_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "data/url.h"
#include "net/http.h"

#define CLIENT_ORIGIN_MAX (URL_HOST_MAX + 32)

/* One client holds at most one connection. Zeroed, it is ready; the settings may be changed while
 * it is closed. */
struct client {
	/* settings */
	int64_t connect_ms, read_ms; /* 0: only the deadline counts */

	/* state */
	struct http_conn conn;
	bool open;
	char origin[CLIENT_ORIGIN_MAX]; /* "http://host:port" of the connection */
	unsigned connections;           /* made so far */
};

/* Sends rq to the URL's host (rq's own host and target do not count) and waits for the whole
 * answer. A connection to the same place that is still open is used again; when it turns out to
 * have ended without a byte, a new one. a as in http_exchange. 0, ERR_NET, ERR_FORMAT, ERR_LIMIT,
 * ERR_DENIED (TLS: the server is not who it should be). */
int client_exchange(struct client *c, const struct url *u, const struct http_request *rq,
	struct http_answer *a, struct deadline d) MUST_CHECK;
void client_close(struct client *c);

#endif
