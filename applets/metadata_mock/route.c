/* route.c - which part of the mock a request is for, and who may ask */
#include "base/log.h"

#include "mock.h"

/* A page in a browser can make a name of its own mean our address; it cannot make it an address. */
static bool host_ok(const struct mock *m, struct str host)
{
	struct str name = host, port;
	struct sock_address a;

	if (host.n > 0 && host.p[0] == '[')
		return sock_parse(&a, host) >= 0 ||
			(str_ends(host, "]") && host.n > 2 &&
				sock_literal(&a, (struct str){ host.p + 1, host.n - 2 }, 1) >= 0);
	port = host;
	(void)str_cut(&port, ':', &name);
	if (str_ieq(name, STR("localhost")) || sock_literal(&a, name, 1) >= 0)
		return true;
	for (size_t i = 0; i < m->hosts->n; i++)
		if (str_ieq(name, str_of(m->hosts->value[i])))
			return true;
	return false;
}

static void refuse(struct serve_answer *a, int status, const char *words)
{
	a->status = status;
	buf_puts(a->headers, "Content-Type: text/plain\r\n");
	buf_puts(a->body, words);
}

static void route(struct mock *m, const struct serve_request *rq, struct serve_answer *a)
{
	const struct listener *l = &m->listeners[rq->listener];
	const struct instance *in = l->instance ? l->instance : &m->world.instances.at[0];
	struct str host = http_header(rq->head, "host");
	bool api = str_is(rq->head->method, "POST") && str_is(rq->head->target, "/");

	if (rq->local->storage.ss_family == AF_INET6 && !in->imds_ipv6 && !api)
		a->drop = true; /* nobody listens there */
	else if (host.p && !host_ok(m, host))
		refuse(a, 403, "This host name is not served here: see --host\n");
	else if (api && (l->serves & SERVES_API))
		service_handle(m, rq, a);
	else if (l->serves & SERVES_IMDS) {
		imds_handle(m, in, rq, a);
		faults_apply(faults_take(&m->faults, rq->head->target, false), a);
	} else
		refuse(a, 404, "");
}

void mock_handle(void *owner, const struct serve_request *rq, struct serve_answer *a)
{
	struct mock *m = owner;

	mock_refresh(m);
	route(m, rq, a);
	if (m->verbose) {
		BUF(peer, 64);

		sock_add_text(&peer, rq->peer);
		log_info("%s \"%.*s %.*s\" %d %zu", buf_text(&peer), STR_ARG(rq->head->method),
			STR_ARG(rq->head->target), a->status, a->body->len);
	}
}
