/* client.c - requests to http and https URLs: names, proxies, TLS, and connections that are kept */
#include "net/client.h"

#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "config.h"
#include "net/names.h"
#include "net/proxy.h"

/* One request on its way. */
struct trip {
	const struct url *u;
	struct proxy proxy;
	bool proxied;
};

static struct deadline within(int64_t ms, struct deadline d)
{
	return ms > 0 ? deadline_first(deadline_in(ms), d) : d;
}

void client_close(struct client *c)
{
	if (!c->open)
		return;
	if (CONFIG_TLS)
		tls_close(&c->tls);
	close(c->conn.fd);
	c->open = false;
}

/* The bundle that was asked for, else the system's where there is one. */
static int read_bundle(struct client *c)
{
	static const char *const usual[] = {
		"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine */
		"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, Amazon Linux */
		"/etc/ssl/cert.pem",
	};
	int r = ERR_ABSENT;

	c->ca_read = true;
	buf_clear(&c->ca_text);
	if (c->ca_file)
		return io_read_file(c->ca_file, &c->ca_text);
	for (size_t i = 0; r == ERR_ABSENT && i < sizeof(usual) / sizeof(usual[0]); i++)
		r = io_read_file(usual[i], &c->ca_text);
	return r == ERR_ABSENT ? 0 : r;
}

static int start_tls(struct client *c, int fd, struct str host, struct deadline d)
{
	int r = c->ca_read || c->believe_anybody ? 0 : read_bundle(c);
	BUF(words, 128);

	c->trust = (struct tls_trust){ buf_view(&c->ca_text), c->believe_anybody, c->now };
	if (r == 0)
		r = tls_connect(&c->tls, fd, host, &c->trust, d);
	if (r < 0)
		return err_in(r, "%.*s", STR_ARG(host));
	c->conn = tls_conn(&c->tls, fd);
	tls_describe(&words, &c->tls);
	log_debug("%.*s: %s", STR_ARG(host), buf_text(&words));
	return 0;
}

/* A connection to where u's requests go: its host or the proxy. */
static int connect_to(const struct url *u, struct deadline d)
{
	struct sock_address addresses[NAMES_MAX];
	int n = names_find(addresses, u->host, u->port, d);

	if (n < 0)
		return n;
	for (int i = 0; i < n; i++) {
		BUF(text, 80);

		sock_add_text(&text, &addresses[i]);
		log_debug("%.*s: address %s", STR_ARG(u->host), buf_text(&text));
	}
	return sock_race(addresses, (size_t)n, d);
}

/* A connection to the proxy, with the tunnel that HTTPS needs there. */
static int connect_through(const struct trip *t, struct deadline d)
{
	int fd = connect_to(&t->proxy.url, d);
	int r = fd >= 0 && t->u->https ? proxy_tunnel(fd, &t->proxy, t->u, d) : fd;

	if (r < 0 && fd >= 0)
		close(fd);
	return r < 0 ? proxy_blame(&t->proxy, r) : fd;
}

static int open_connection(struct client *c, const struct trip *t, struct deadline d)
{
	int fd = t->proxied ? connect_through(t, d) : connect_to(t->u, d), r = 0;

	if (fd < 0)
		return fd;
	c->conn = http_plain(fd);
	if (CONFIG_TLS && r == 0 && t->u->https)
		r = start_tls(c, fd, t->u->host, d);
	if (r < 0) {
		close(fd);
		return r;
	}
	c->open = true;
	c->connections++;
	return 0;
}

/* A connection for the trip: the open one, else a new one; fresh tells which. */
static int ready(struct client *c, const struct trip *t, bool *fresh, struct deadline d)
{
	BUF(origin, CLIENT_ORIGIN_MAX);

	buf_addf(&origin, "%s://%.*s:%u", t->u->https ? "https" : "http", STR_ARG(t->u->host),
		t->u->port);
	*fresh = false;
	if (c->open && strcmp(c->origin, buf_text(&origin)) == 0)
		return 0;
	client_close(c);
	*fresh = true;
	memcpy(c->origin, origin.p, origin.len + 1);
	return open_connection(c, t, within(c->connect_ms, d));
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

static int attempt(struct client *c, const struct trip *t, const struct http_request *rq,
	struct http_answer *a, bool *fresh, struct deadline d)
{
	int r = ready(c, t, fresh, d);

	if (r < 0)
		return r;
	r = http_exchange(&c->conn, rq, a, within(c->read_ms, d));
	if (r < 0 || !a->reusable)
		client_close(c);
	if (r == 0)
		return 0;
	r = err_in(r, "%s", c->origin);
	return t->proxied && !t->u->https ? proxy_blame(&t->proxy, r) : r;
}

static int choose_proxy(const struct client *c, struct trip *t)
{
	const struct client_proxy *p = t->u->https ? &c->https_proxy : &c->http_proxy;

	t->proxied = p->text.n > 0 && !proxy_is_exempt(c->no_proxy, t->u);
	return t->proxied ? proxy_read(&t->proxy, p->text, p->from) : 0;
}

/* The path and query, behind a proxy for plain HTTP the whole URL. */
static int add_target(struct buf *out, const struct trip *t, struct str host)
{
	if (t->proxied && !t->u->https)
		buf_addf(out, "http://%.*s", STR_ARG(host));
	buf_str(out, t->u->path.n > 0 ? t->u->path : STR("/"));
	if (t->u->query.n > 0)
		buf_addf(out, "?%.*s", STR_ARG(t->u->query));
	return buf_check(out, "URL");
}

static int exchange(struct client *c, const struct trip *t, const struct http_request *rq,
	struct http_answer *a, struct deadline d)
{
	bool fresh;
	int r;

	restart(a);
	r = attempt(c, t, rq, a, &fresh, d);
	/* a kept connection may have ended since: that is nobody's failure */
	if (r == ERR_NET && !fresh && !a->head_done && a->raw->len == 0 && !deadline_passed(d)) {
		restart(a);
		r = attempt(c, t, rq, a, &fresh, d);
	}
	return r;
}

int client_check(const struct url *u)
{
	if (CONFIG_TLS || !u->https)
		return 0;
	return err(ERR_DENIED,
		"https://%.*s: this build has no HTTPS: build it with 'make client_defconfig' or "
		"'make everything_defconfig'",
		STR_ARG(u->host));
}

int client_exchange(struct client *c, const struct url *u, const struct http_request *rq,
	struct http_answer *a, struct deadline d)
{
	struct http_header headers[CLIENT_HEADERS_MAX + 1];
	struct http_request whole = *rq;
	struct trip t = { .u = u };
	BUF(host, CLIENT_ORIGIN_MAX);
	BUF(target, HTTP_HEAD_MAX / 4);
	int r = client_check(u);

	if (r == 0)
		r = choose_proxy(c, &t);
	if (rq->n_headers > CLIENT_HEADERS_MAX)
		return err(ERR_BUG, "HTTP: more than %d headers to send", CLIENT_HEADERS_MAX);
	url_host(&host, u);
	if (r == 0)
		r = add_target(&target, &t, buf_view(&host));
	for (size_t i = 0; i < rq->n_headers; i++)
		headers[i] = rq->headers[i];
	if (t.proxied && !u->https && t.proxy.authorization.len > 0)
		headers[whole.n_headers++] = (struct http_header){ STR("Proxy-Authorization"),
			buf_view(&t.proxy.authorization) };
	whole.headers = headers;
	whole.host = buf_view(&host);
	whole.target = buf_view(&target);
	whole.keep_alive = true;
	if (r == 0)
		r = exchange(c, &t, &whole, a, d);
	if (r == 0 && t.proxied && a->head.status == 407)
		r = proxy_blame(&t.proxy, proxy_refused(&t.proxy, u, 407));
	mem_wipe(&t.proxy, sizeof(t.proxy));
	return r;
}
