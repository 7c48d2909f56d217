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

/* The number of a listener on fd, which belongs to the loop then, or is closed. */
static int add_listener(
	struct mock *m, int fd, const struct sock_address *a, int serves, const struct instance *in)
{
	int i = serve_listen(m->serve, fd);

	if (i < 0)
		close(fd);
	else
		m->listeners[i] = (struct listener){
			.serves = serves, .instance = in, .asked = *a
		};
	return i;
}

static int listen_at(struct mock *m, const char *text, int serves, bool expose, struct buf *urls)
{
	struct sock_address a;
	BUF(url, sizeof(m->api_url));
	int fd, r = read_address(text, expose, &a);

	if (r < 0)
		return r;
	fd = sock_listen(&a, BACKLOG);
	if (fd < 0)
		return fd;
	r = add_listener(m, fd, &a, serves, NULL);
	if (r >= 0)
		r = sock_local(fd, &a);
	if (r < 0)
		return r;
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
		r = listen_at(m, list->value[i], serves, expose, urls);
	return r;
}

int listen_all(struct mock *m, const struct options *o, struct buf *urls)
{
	bool given = o->listen.n + o->imds.n + o->api.n + o->tls.n > 0;
	int r = given ? 0 : listen_at(m, MOCK_LISTEN, SERVES_IMDS | SERVES_API, o->expose, urls);

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
	if (r >= 0)
		r = listeners_plan(m, &m->world);
	return r < 0 ? r : listeners_move(m);
}

/* --- instances with an address of their own; so many that their URLs are only in the world --- */

/* Bound, but not served before all are. */
static struct {
	int fd;
	const struct instance *in;
	struct sock_address at;
} pending[SERVE_LISTENERS_MAX];
static size_t n_pending;

static bool same_address(const struct sock_address *a, const struct sock_address *b)
{
	return a->n == b->n && memcmp(&a->storage, &b->storage, a->n) == 0;
}

/* Gives in the listener at its address that has no instance in the next world yet; id: only if it
 * is that instance's now. */
static bool take_over(
	struct mock *m, const struct instance *in, const struct sock_address *a, const char *id)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++) {
		struct listener *l = &m->listeners[i];

		if (!l->instance || l->next || !same_address(&l->asked, a) ||
			(id && strcmp(id, l->instance->id) != 0))
			continue;
		l->next = in;
		return true;
	}
	return false;
}

static bool is_planned(const struct mock *m, const struct instance *in)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++)
		if (m->listeners[i].next == in)
			return true;
	return false;
}

static int bind_pending(const struct instance *in, const struct sock_address *a)
{
	int fd = sock_listen(a, BACKLOG);

	if (fd < 0)
		return fd;
	if (n_pending == SERVE_LISTENERS_MAX) {
		close(fd);
		return err(ERR_LIMIT, "more than %d listening addresses", SERVE_LISTENERS_MAX);
	}
	pending[n_pending].fd = fd;
	pending[n_pending].in = in;
	pending[n_pending++].at = *a;
	return 0;
}

static int plan(struct mock *m, const struct instance *in, bool first)
{
	struct sock_address a;
	int r = in->imds ? read_address(in->imds, m->expose, &a) : 0;

	if (r >= 0 && in->imds && first)
		(void)take_over(m, in, &a, in->id);
	else if (r >= 0 && in->imds && !is_planned(m, in) && !take_over(m, in, &a, NULL))
		r = bind_pending(in, &a);
	return r < 0 ? err_in(r, "instance %s", in->id) : 0;
}

static void unplan(struct mock *m)
{
	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++)
		m->listeners[i].next = NULL;
	while (n_pending > 0)
		close(pending[--n_pending].fd);
}

int listeners_plan(struct mock *m, const struct world *to)
{
	size_t n = to->instances.n;
	int r = 0;

	/* who stays where it is comes first: nobody else gets that place */
	for (size_t i = 0; r >= 0 && i < 2 * n; i++)
		r = plan(m, &to->instances.at[i % n], i < n);
	if (r < 0)
		unplan(m);
	return r;
}

int listeners_move(struct mock *m)
{
	int r = 0;

	for (size_t i = 0; i < SERVE_LISTENERS_MAX; i++) {
		struct listener *l = &m->listeners[i];

		if (l->instance && !l->next) {
			serve_unlisten(m->serve, (int)i);
			*l = (struct listener){ 0 };
		}
		if (l->next) {
			l->instance = l->next;
			l->next = NULL;
		}
	}
	for (size_t i = 0; i < n_pending; i++)
		if (add_listener(m, pending[i].fd, &pending[i].at, SERVES_IMDS, pending[i].in) < 0)
			r = ERR_LIMIT;
	n_pending = 0;
	return r;
}
