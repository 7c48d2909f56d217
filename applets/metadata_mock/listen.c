/* listen.c - the addresses that are served, and what changes when another world takes over */
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#include "options.h"

enum { BACKLOG = 1024 };

static int read_address(const char *text, bool expose, struct sock_address *a)
{
	int r = sock_parse(a, str_of(text));

	if (r < 0)
		return err_in(ERR_USAGE, "listen");
	if (!expose && !sock_is_loopback(a))
		return err(ERR_USAGE,
			"listen: %s: not a loopback address; whoever reaches it gets keys and "
			"credentials: give --expose",
			text);
	return 0;
}

static int listen_at(struct mock *m, const char *text, int serves, const struct instance *in,
	bool expose, struct buf *urls)
{
	struct sock_address a;
	BUF(url, sizeof(m->api_url));
	int fd, i, r = read_address(text, expose, &a);

	if (r < 0)
		return r;
	fd = sock_listen(&a, BACKLOG);
	if (fd < 0)
		return fd;
	i = serve_listen(m->serve, fd);
	r = i < 0 ? i : sock_local(fd, &a);
	if (r < 0) {
		close(fd);
		return r;
	}
	m->listeners[i] = (struct listener){ serves, in };
	buf_addf(&url, "%s://", serves & SERVES_TLS ? "https" : "http");
	sock_add_text(&url, &a);
	buf_addf(urls, "%s%s", urls->len > 0 ? " " : "", buf_text(&url));
	if ((serves & SERVES_API) && !m->api_url[0])
		(void)str_copy(m->api_url, sizeof(m->api_url), buf_view(&url));
	if ((serves & SERVES_IMDS) && !m->imds_url[0])
		(void)str_copy(m->imds_url, sizeof(m->imds_url), buf_view(&url));
	return 0;
}

static int listen_list(
	struct mock *m, const struct opt_list *list, int serves, bool expose, struct buf *urls)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->n; i++)
		r = listen_at(m, list->value[i], serves, NULL, expose, urls);
	return r;
}

/* Is the instance served at its own address already? */
static bool is_served(const struct mock *m, const struct instance *in)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++)
		if (m->listeners[i].instance == in)
			return true;
	return false;
}

/* Instances with an address of their own; so many that their URLs are only in the world. */
int listen_instances(struct mock *m)
{
	BUF(ignored, 64);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < m->world.instances.n; i++) {
		const struct instance *in = &m->world.instances.at[i];

		buf_clear(&ignored);
		if (in->imds && !is_served(m, in))
			r = listen_at(m, in->imds, SERVES_IMDS, in, m->expose, &ignored);
	}
	return r;
}

int listen_all(struct mock *m, const struct options *o, struct buf *urls)
{
	bool given = o->listen.n + o->imds.n + o->api.n + o->tls.n > 0;
	int r = given ? 0
		      : listen_at(m, MOCK_LISTEN, SERVES_IMDS | SERVES_API, NULL, o->expose, urls);

	if (r >= 0)
		r = listen_list(m, &o->listen, SERVES_IMDS | SERVES_API, o->expose, urls);
	if (r >= 0)
		r = listen_list(m, &o->imds, SERVES_IMDS, o->expose, urls);
	if (r >= 0)
		r = listen_list(m, &o->api, SERVES_API, o->expose, urls);
	if (r >= 0 && o->tls.n > 0)
		r = tls_listener_open(m);
	if (r >= 0)
		r = listen_list(m, &o->tls, SERVES_API | SERVES_TLS, o->expose, urls);
	return r < 0 ? r : listen_instances(m);
}

/* --- another world --- */

/* Is each address of an instance one that may be served? */
int listeners_check(const struct mock *m, const struct world *w)
{
	struct sock_address a;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->instances.n; i++)
		if (w->instances.at[i].imds)
			r = read_address(w->instances.at[i].imds, m->expose, &a);
	return r;
}

/* Who is still there, at the same address, keeps its listener. */
void listeners_move(struct mock *m, const struct world *to)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++) {
		const struct instance *old = m->listeners[i].instance, *in;

		if (!old)
			continue;
		in = world_instance(to, str_of(old->id));
		if (in && in->imds && strcmp(in->imds, old->imds) == 0) {
			m->listeners[i].instance = in;
			continue;
		}
		serve_unlisten(m->serve, (int)i);
		m->listeners[i] = (struct listener){ 0 };
	}
}
