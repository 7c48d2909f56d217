/* client.c - requests to http and https URLs: names, proxies, TLS, and connections that are kept */
#include "net/client.h"

#include <string.h>
#include <unistd.h>

#include "net/names.h"

static struct deadline within(int64_t ms, struct deadline d)
{
	return ms > 0 ? deadline_first(deadline_in(ms), d) : d;
}

void client_close(struct client *c)
{
	if (!c->open)
		return;
	close(c->conn.fd);
	c->open = false;
}

static int connect_to(struct client *c, const struct url *u, struct deadline d)
{
	struct sock_address addresses[NAMES_MAX];
	int n, fd;

	if (u->https)
		return err(ERR_USAGE, "%.*s: this build has no HTTPS", STR_ARG(u->host));
	n = names_find(addresses, u->host, u->port, d);
	if (n < 0)
		return n;
	fd = sock_race(addresses, (size_t)n, d);
	if (fd < 0)
		return fd;
	c->conn = http_plain(fd);
	c->open = true;
	c->connections++;
	return 0;
}

/* A connection to u's host: the open one, else a new one; fresh tells which. */
static int ready(struct client *c, const struct url *u, bool *fresh, struct deadline d)
{
	BUF(origin, CLIENT_ORIGIN_MAX);

	buf_addf(&origin, "%s://%.*s:%u", u->https ? "https" : "http", STR_ARG(u->host), u->port);
	*fresh = false;
	if (c->open && strcmp(c->origin, buf_text(&origin)) == 0)
		return 0;
	client_close(c);
	*fresh = true;
	memcpy(c->origin, origin.p, origin.len + 1);
	return connect_to(c, u, within(c->connect_ms, d));
}

/* Empties a for another attempt. */
static void restart(struct http_answer *a)
{
	struct buf *raw = a->raw, *into = a->into;
	bool no_body = a->no_body;

	*a = (struct http_answer){ .raw = raw, .into = into, .no_body = no_body };
	buf_clear(raw);
	if (into)
		buf_clear(into);
}

static int attempt(struct client *c, const struct url *u, const struct http_request *rq,
	struct http_answer *a, bool *fresh, struct deadline d)
{
	int r = ready(c, u, fresh, d);

	if (r < 0)
		return r;
	r = http_exchange(&c->conn, rq, a, within(c->read_ms, d));
	if (r < 0 || !a->reusable)
		client_close(c);
	return r < 0 ? err_in(r, "%s", c->origin) : 0;
}

int client_exchange(struct client *c, const struct url *u, const struct http_request *rq,
	struct http_answer *a, struct deadline d)
{
	struct http_request whole = *rq;
	BUF(host, CLIENT_ORIGIN_MAX);
	BUF(target, HTTP_HEAD_MAX / 4);
	bool fresh;
	int r;

	url_host(&host, u);
	buf_str(&target, u->path.n > 0 ? u->path : STR("/"));
	if (u->query.n > 0)
		buf_addf(&target, "?%.*s", STR_ARG(u->query));
	r = buf_check(&target, "URL");
	if (r < 0)
		return r;
	whole.host = buf_view(&host);
	whole.target = buf_view(&target);
	whole.keep_alive = true;
	restart(a);
	r = attempt(c, u, &whole, a, &fresh, d);
	if (r == ERR_NET && !fresh && !a->head_done && a->raw->len == 0 && !deadline_passed(d)) {
		restart(a);
		r = attempt(c, u, &whole, a, &fresh, d);
	}
	return r;
}
