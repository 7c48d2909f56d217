/* imds.c - the instance metadata service, asked the way the agent has to
 *
 * IMDSv2: a PUT of /latest/api/token, then GETs that carry what it answered. The service closes the
 * connection after each answer; doubles of it may not, and are then asked for everything at once on
 * one connection. */
#include "aws/imds.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/http.h"

#define HTTP_PORT 80
#define REQUEST_MAX 2048
#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS 1000
#define BROKEN_MAX 3 /* connections that end without a byte, a round */

/* Results that are not final: ask again, and why. */
enum { PENDING = 1, BUSY, BROKEN, NO_TOKEN };

/* One request to make. */
struct job {
	const char *method, *path;
	struct buf *body;
	int result; /* one of the above, 0 or ERR_* */
};

/* An answer on its way. */
struct fetch {
	struct job *job;
	int fd; /* -1: not running */
	bool sent;
	char storage[IMDS_HEAD_MAX];
	struct buf raw;
	struct http_answer answer;
};

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

static void drop_connection(struct imds *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

void imds_close(struct imds *m)
{
	if (m->host[0])
		drop_connection(m);
	mem_wipe(m->token, sizeof(m->token));
}

static void add_request(const struct imds *m, const struct job *j, struct buf *out)
{
	bool put = strcmp(j->method, "PUT") == 0;
	struct http_header header = { STR("X-aws-ec2-metadata-token"), str_of(m->token) };
	struct http_request rq = {
		.method = j->method,
		.host = str_of(m->host),
		.headers = &header,
		.n_headers = 1,
		.keep_alive = true,
	};
	BUF(seconds, 16);
	BUF(target, REQUEST_MAX / 2);

	if (put) {
		buf_addf(&seconds, "%d", IMDS_TOKEN_SECONDS);
		header = (struct http_header){ STR("X-aws-ec2-metadata-token-ttl-seconds"),
			buf_view(&seconds) };
	}
	buf_addf(&target, "/latest/%s", j->path);
	rq.target = buf_view(&target);
	http_add_request(out, &rq);
	out->full = out->full || target.full;
}

/* The result that an answer means for its job. */
static int judge(const struct job *j, int status)
{
	switch (status) {
	case 200: return 0;
	case 404: return err(ERR_ABSENT, "%s: not there", j->path);
	case 401: return NO_TOKEN;
	case 503: return BUSY;
	case 403: return err(ERR_DENIED, "%s: refused by the metadata service", j->path);
	}
	return err(ERR_NET, "%s: status %d", j->path, status);
}

static void answer_of(struct fetch *f, struct job *j)
{
	f->job = j;
	f->answer = (struct http_answer){ .raw = &f->raw, .into = j->body };
	buf_clear(j->body);
}

static void stop(struct fetch *f, int result)
{
	f->job->result = result;
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* A connection that failed before the answer was there. What came in part counts for nothing. */
static int broken(const struct fetch *f)
{
	buf_clear(f->job->body);
	return f->answer.head_done || f->raw.len > 0 ? err_in(ERR_NET, "%s", f->job->path) : BROKEN;
}

/* Reads once and looks at it. 1: the answer is complete or failed and the job has its result; 0:
 * more is to come. */
static int advance(struct fetch *f)
{
	struct http_space space = http_answer_space(&f->answer);
	ssize_t n = space.n > 0 ? recv(f->fd, space.p, space.n, 0) : 0;
	int r;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0) {
		(void)err(ERR_NET, "the connection was lost");
		f->job->result = broken(f);
		return 1;
	}
	http_answer_grew(&f->answer, (size_t)n);
	r = http_answer_feed(&f->answer, n == 0);
	if (r == 0)
		return 0;
	/* of a refusal only the status counts, however its body ends */
	if (r > 0 || (f->answer.head_done && f->answer.head.status != 200))
		f->job->result = judge(f->job, f->answer.head.status);
	else if (r == ERR_NET)
		f->job->result = broken(f);
	else
		f->job->result = err_in(r, "%s", f->job->path);
	return 1;
}

/* Starts a connection. A refusal may come at once or with the first write. */
static void start(struct imds *m, struct fetch *f, struct job *j)
{
	f->raw = buf_of(f->storage, sizeof(f->storage));
	answer_of(f, j);
	f->sent = false;
	f->fd = sock_start(&m->address);
	m->connections++;
	if (f->fd < 0)
		stop(f, f->fd);
}

/* What an error of the connection means for the job that waits on it. */
static int lost(const struct job *j, int e)
{
	if (e == ECONNREFUSED)
		return BUSY;
	if (e == ECONNRESET || e == EPIPE)
		return BROKEN;
	return err(ERR_NET, "%s: %s", j->path, err_words(e));
}

/* Sends the request, which fits the socket's buffer whole. */
static void send_one(struct imds *m, struct fetch *f)
{
	BUF(request, REQUEST_MAX);
	ssize_t n;

	add_request(m, f->job, &request);
	if (request.full) {
		stop(f, err(ERR_LIMIT, "%s: the request is too long", f->job->path));
		return;
	}
	n = send(f->fd, request.p, request.len, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == (ssize_t)request.len) {
		f->sent = true;
		m->requests++;
		return;
	}
	stop(f, n < 0 ? lost(f->job, errno) : BROKEN);
}

/* The connection is kept when nothing else may come on it. */
static void keep(struct imds *m, struct fetch *f)
{
	if (m->fd >= 0 || !f->answer.complete || !f->answer.reusable || f->raw.len > f->answer.used)
		return;
	m->fd = f->fd;
	f->fd = -1;
}

static void step(struct imds *m, struct fetch *f)
{
	if (!f->sent) {
		send_one(m, f);
		return;
	}
	if (advance(f) == 0)
		return;
	keep(m, f);
	stop(f, f->job->result);
}

/* Until when this one may wait. */
static struct deadline patience(
	const struct imds *m, const struct fetch *f, struct deadline connect)
{
	return f->sent ? m->deadline : deadline_first(connect, m->deadline);
}

/* Waits until something happens to one of the fetches that run. Their number; 0: none does. */
static size_t wait_any(
	const struct imds *m, struct fetch *f, size_t n, struct deadline connect, struct pollfd *p)
{
	struct deadline d = m->deadline;
	size_t running = 0;

	for (size_t i = 0; i < n; i++) {
		p[i] = (struct pollfd){ .fd = f[i].fd, .events = f[i].sent ? POLLIN : POLLOUT };
		if (f[i].fd < 0)
			continue;
		running++;
		d = deadline_first(d, patience(m, &f[i], connect));
	}
	if (running > 0 && poll(p, n, deadline_left(d)) < 0)
		for (size_t i = 0; i < n; i++)
			p[i].revents = 0;
	return running;
}

/* Makes up to IMDS_PARALLEL requests, each on a connection of its own. */
static void run_apart(struct imds *m, struct job **jobs, size_t n)
{
	struct fetch f[IMDS_PARALLEL];
	struct pollfd p[IMDS_PARALLEL];
	struct deadline connect = deadline_in(IMDS_CONNECT_MS);

	for (size_t i = 0; i < n; i++) {
		start(m, &f[i], jobs[i]);
		if (f[i].fd >= 0)
			send_one(m, &f[i]);
	}
	while (wait_any(m, f, n, connect, p) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (f[i].fd < 0)
				continue;
			/* first, because a service that never stops talking is ready at any time */
			if (deadline_passed(patience(m, &f[i], connect)))
				stop(&f[i], err(ERR_NET, "%s: no answer in time", jobs[i]->path));
			else if (p[i].revents)
				step(m, &f[i]);
		}
	}
}

/* Waits for one answer on the kept connection; part of it may have come behind the one before. */
static void await_answer(struct imds *m, struct fetch *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	int r = f->raw.len > 0 ? http_answer_feed(&f->answer, false) : 0;

	if (r != 0)
		f->job->result = r > 0 ? judge(f->job, f->answer.head.status)
				       : err_in(r, "%s", f->job->path);
	while (r == 0 && !deadline_passed(m->deadline))
		if (poll(&p, 1, deadline_left(m->deadline)) > 0)
			r = advance(f);
	if (r == 0)
		f->job->result = err(ERR_NET, "%s: no answer in time", f->job->path);
	/* the service may end a kept connection at any time: that counts against nobody */
	if (f->job->result == BROKEN)
		f->job->result = PENDING;
}

/* Asks for the jobs on the kept connection, all at once, and reads the answers in their order. What
 * it does not answer stays pending, to be asked for elsewhere. */
static void run_pipelined(struct imds *m, struct job **jobs, size_t n)
{
	BUF(out, REQUEST_MAX * 4);
	struct fetch f = { .fd = m->fd };
	size_t sent = 0, done = 0;

	while (sent < n && buf_room(&out) > REQUEST_MAX)
		add_request(m, jobs[sent++], &out);
	f.raw = buf_of(f.storage, sizeof(f.storage));
	if (out.full || sock_write(m->fd, buf_view(&out), m->deadline) < 0) {
		drop_connection(m);
		return;
	}
	m->requests += (unsigned)sent;
	while (done < sent) {
		answer_of(&f, jobs[done++]);
		await_answer(m, &f);
		if (!f.answer.complete || !f.answer.reusable) {
			drop_connection(m);
			return;
		}
		buf_drop(&f.raw, f.answer.used);
	}
}

static size_t unfinished(struct job *jobs, size_t n, struct job **out, size_t cap)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < cap; i++)
		if (jobs[i].result == PENDING)
			out[k++] = &jobs[i];
	return k;
}

/* On one connection the answers come one after the other: where each takes a millisecond or more,
 * several connections are faster than one that stands already. */
static bool better_apart(const struct imds *m, size_t n)
{
	return m->fd < 0 || (n > 1 && m->waited_ms >= m->rounds);
}

/* Every pending job gets a result, if only that it must be asked again. */
static void round_of(struct imds *m, struct job *jobs, size_t n)
{
	struct job *todo[IMDS_PARALLEL];
	size_t k;

	while ((k = unfinished(jobs, n, todo, IMDS_PARALLEL)) > 0) {
		int64_t began = clock_mono_ms();

		if (better_apart(m, k))
			run_apart(m, todo, k);
		else
			run_pipelined(m, todo, k);
		m->waited_ms += clock_mono_ms() - began;
		m->rounds++;
	}
}

/* Makes the jobs pending again that ended with why. */
static void again(struct job *jobs, size_t n, int why)
{
	for (size_t i = 0; i < n; i++)
		if (jobs[i].result == why)
			jobs[i].result = PENDING;
}

static size_t count(const struct job *jobs, size_t n, int why)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		k += jobs[i].result == why;
	return k;
}

static void give_up(struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct job *j = &jobs[i];

		if (j->result == NO_TOKEN)
			j->result = err(ERR_DENIED,
				"%s: the metadata service does not take its own token", j->path);
		else if (j->result == BUSY)
			j->result = err(
				ERR_NET, "%s: the metadata service is not available", j->path);
		else if (j->result > 0)
			j->result = err(
				ERR_NET, "%s: the metadata service ends the connection", j->path);
	}
}

static void pause_for(const struct imds *m, unsigned tries)
{
	int64_t ms = PAUSE_FIRST_MS << (tries < 5 ? tries : 5);
	struct deadline d = deadline_in(ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS);

	(void)poll(NULL, 0, deadline_left(deadline_first(d, m->deadline)));
}

static int get_token(struct imds *m);

/* Asks until everything has its result or the time is over. */
static int run(struct imds *m, struct job *jobs, size_t n, bool token)
{
	for (unsigned tries = 0;; tries++) {
		bool wait, renew;
		int r = 0;

		round_of(m, jobs, n);
		wait = count(jobs, n, BUSY) > 0 ||
			(tries < BROKEN_MAX && count(jobs, n, BROKEN) > 0);
		renew = token && !m->renewed && count(jobs, n, NO_TOKEN) > 0;
		if (wait)
			pause_for(m, tries);
		if ((!wait && !renew) || deadline_passed(m->deadline))
			break;
		if (renew) {
			m->renewed = true;
			r = get_token(m);
			again(jobs, n, NO_TOKEN);
		}
		if (r < 0)
			return r;
		again(jobs, n, BUSY);
		if (tries < BROKEN_MAX)
			again(jobs, n, BROKEN);
	}
	give_up(jobs, n);
	return 0;
}

static int get_token(struct imds *m)
{
	char storage[EIC_TOKEN_MAX];
	struct buf token = buf_of(storage, sizeof(storage));
	struct job j = { "PUT", "api/token", &token, PENDING };
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
	struct job jobs[IMDS_ITEMS_MAX];
	int r = 0;

	if (n > IMDS_ITEMS_MAX)
		return err(ERR_BUG, "metadata service: more than %d questions at once",
			IMDS_ITEMS_MAX);
	if (!m->token[0])
		r = get_token(m);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		jobs[i] = (struct job){ "GET", items[i].path, items[i].body, PENDING };
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
