/* imds.c - the instance metadata service, asked the way the agent has to
 *
 * IMDSv2: a PUT of /latest/api/token, then GETs that carry what it answered. How often something is
 * asked for again, and how long, is decided here; imds_fetch.c does the asking. */
#include "aws/imds.h"

#include <poll.h>
#include <string.h>

#include "aws/imds_fetch.h"
#include "base/mem.h"

#define HTTP_PORT 80
#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS 1000
#define BROKEN_MAX 3 /* connections that end without a byte, a round */

/* Splits "http://ADDRESS[:PORT][/]" behind the address, which keeps its brackets. */
static bool split_base(struct str base, struct str *host, uint64_t *port)
{
	struct str skipped;
	size_t n = 0;

	if (!str_starts(base, "http://") || !str_take(&base, strlen("http://"), &skipped))
		return false;
	base.n -= str_ends(base, "/");
	if (str_starts(base, "["))
		(void)str_find(base, "]", &n);
	while (n < base.n && base.p[n] != ':')
		n++;
	*port = HTTP_PORT;
	if (!str_take(&base, n, host) || base.n == 0)
		return true;
	return str_take(&base, 1, &skipped) && str_u64(base, UINT16_MAX, port) && *port > 0;
}

/* Only IPv6 stands in brackets, and always. */
static int read_address(struct sock_address *a, struct str host, uint64_t port)
{
	bool six = str_starts(host, "[") && str_ends(host, "]");
	struct str address = six ? (struct str){ host.p + 1, host.n - 2 } : host;
	int r = sock_literal(a, address, (uint16_t)port);

	return r == 0 && six != (a->storage.ss_family == AF_INET6) ? ERR_FORMAT : r;
}

int imds_open(struct imds *m, struct str base, bool anywhere, struct deadline d)
{
	struct buf header = buf_of(m->host, sizeof(m->host));
	struct str host;
	uint64_t port;

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	m->deadline = d;
	if (!split_base(base, &host, &port) || read_address(&m->address, host, port) < 0)
		return err(ERR_USAGE, "metadata service: %.*s: not http://ADDRESS[:PORT]",
			STR_ARG(base));
	if (!anywhere && !sock_is_loopback(&m->address) && !sock_is_link_local(&m->address))
		return err(ERR_USAGE, "metadata service: %.*s: neither link-local nor loopback",
			STR_ARG(base));
	buf_str(&header, host);
	if (port != HTTP_PORT)
		buf_addf(&header, ":%u", (unsigned)port);
	return buf_check(&header, "metadata service");
}

void imds_close(struct imds *m)
{
	if (m->host[0])
		imds_drop(m);
	mem_wipe(m->token, sizeof(m->token));
}

static size_t count(const struct imds_job *jobs, size_t n, int why)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += jobs[i].result == why;
	return k;
}

static void give_up(struct imds_job *jobs, size_t n)
{
	static const char *const why[] = {
		[IMDS_PENDING] = "is not available",
		[IMDS_BUSY] = "is not available",
		[IMDS_REFUSED] = "refuses connections",
		[IMDS_BROKEN] = "ends the connection",
		[IMDS_NO_TOKEN] = "does not take its own token",
	};

	for (size_t i = 0; i < n; i++) {
		struct imds_job *j = &jobs[i];

		if (j->result > 0)
			j->result = err(j->result == IMDS_NO_TOKEN ? ERR_DENIED : ERR_NET,
				"%s: the metadata service %s", j->path, why[j->result]);
	}
}

static void pause_for(const struct imds *m, unsigned tries)
{
	int64_t ms = PAUSE_FIRST_MS << (tries < 5 ? tries : 5);
	struct deadline d = deadline_in(ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);

	(void)poll(NULL, 0, deadline_left(deadline_first(d, m->deadline)));
}

/* How often and how long something is asked for again. */
struct patience {
	struct deadline refused; /* for a service that is switched off, the end comes soon */
	unsigned tries;
};

static bool worth_again(const struct patience *p, int result)
{
	return result == IMDS_BUSY || (result == IMDS_REFUSED && !deadline_passed(p->refused)) ||
		(result == IMDS_BROKEN && p->tries < BROKEN_MAX);
}

/* Makes those pending that are worth it. Were there any? */
static bool again(struct imds_job *jobs, size_t n, const struct patience *p)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!worth_again(p, jobs[i].result))
			continue;
		jobs[i].result = IMDS_PENDING;
		any = true;
	}
	return any;
}

static int get_token(struct imds *m);

/* A token has died, or was never one: the jobs that it was refused for are asked with another. */
static int renew(struct imds *m, struct imds_job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (jobs[i].result == IMDS_NO_TOKEN)
			jobs[i].result = IMDS_PENDING;
	m->renewed = true;
	return get_token(m);
}

/* Asks until everything has its result or the time is over. */
static int run(struct imds *m, struct imds_job *jobs, size_t n, bool token)
{
	struct patience p = { .tries = 0 };
	bool more = true;
	int r;

	for (; more && !(p.tries > 0 && deadline_passed(m->deadline)); p.tries++) {
		imds_round(m, jobs, n);
		if (p.tries == 0 || count(jobs, n, IMDS_REFUSED) == 0)
			p.refused = deadline_in(IMDS_REFUSED_MS);
		more = again(jobs, n, &p);
		if (more)
			pause_for(m, p.tries);
		if (!token || m->renewed || count(jobs, n, IMDS_NO_TOKEN) == 0)
			continue;
		more = true;
		r = renew(m, jobs, n);
		if (r < 0)
			return r;
	}
	give_up(jobs, n);
	return 0;
}

static int get_token(struct imds *m)
{
	char storage[EIC_TOKEN_MAX];
	struct buf token = buf_of(storage, sizeof(storage));
	struct imds_job j = {
		.path = "api/token", .body = &token, .result = IMDS_PENDING, .token = true
	};
	int r;

	m->token[0] = 0;
	r = run(m, &j, 1, false);
	if (r == 0)
		r = j.result;
	if (r == 0 &&
		(!eic_token_ok(buf_view(&token)) ||
			!str_copy(m->token, sizeof(m->token), buf_view(&token))))
		r = err(ERR_FORMAT, "api/token: not a token");
	if (r == ERR_ABSENT)
		r = err(ERR_DENIED, "api/token: not there: no metadata service of version 2");
	return r;
}

int imds_get_all(struct imds *m, struct imds_item *items, size_t n)
{
	struct imds_job jobs[IMDS_ITEMS_MAX];
	int r = 0;

	if (n > IMDS_ITEMS_MAX)
		return err(ERR_BUG, "metadata service: more than %d questions at once",
			IMDS_ITEMS_MAX);
	if (!m->token[0])
		r = get_token(m);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		jobs[i] = (struct imds_job){
			.path = items[i].path, .body = items[i].body, .result = IMDS_PENDING
		};
	r = run(m, jobs, n, true);
	for (size_t i = 0; i < n; i++) {
		items[i].result = r < 0 ? r : jobs[i].result;
		if (items[i].result < 0)
			buf_clear(items[i].body);
	}
	return r;
}

int imds_get(struct imds *m, const char *path, struct buf *body)
{
	struct imds_item item = { .path = path, .body = body };
	int r = imds_get_all(m, &item, 1);

	return r < 0 ? r : item.result;
}
