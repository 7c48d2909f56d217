/* imds_fetch.c - questions to the metadata service, on as few or as many connections as it likes
 *
 * The service closes the connection after each answer; doubles of it may not, and are then asked
 * for everything at once on one connection. */
#include "aws/imds_fetch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "net/http.h"

#define REQUEST_MAX 2048

/* An answer on its way. */
struct fetch {
	struct imds_job *job;
	int fd; /* -1: not running */
	bool sent;
	char storage[IMDS_HEAD_MAX];
	struct buf raw;
	struct http_answer answer;
};

void imds_drop(struct imds *m)
{
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
}

static void add_request(const struct imds *m, const struct imds_job *j, struct buf *out)
{
	bool put = j->token;
	struct http_header header = { STR("X-aws-ec2-metadata-token"), str_of(m->token) };
	struct http_request rq = {
		.method = put ? "PUT" : "GET",
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
static int judge(const struct imds_job *j, int status)
{
	switch (status) {
	case 200: return 0;
	case 404: return err(ERR_ABSENT, "%s: not there", j->path);
	case 401: return IMDS_NO_TOKEN;
	case 503: return IMDS_BUSY;
	case 403: return err(ERR_DENIED, "%s: refused by the metadata service", j->path);
	}
	return err(ERR_NET, "%s: status %d", j->path, status);
}

static void answer_of(struct fetch *f, struct imds_job *j)
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
	return f->answer.head_done || f->raw.len > 0 ? err_in(ERR_NET, "%s", f->job->path)
						     : IMDS_BROKEN;
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
static void start(struct imds *m, struct fetch *f, struct imds_job *j)
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
static int lost(const struct imds_job *j, int e)
{
	if (e == ECONNREFUSED)
		return IMDS_REFUSED;
	if (e == ECONNRESET || e == EPIPE)
		return IMDS_BROKEN;
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
	stop(f, n < 0 ? lost(f->job, errno) : IMDS_BROKEN);
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
static void run_apart(struct imds *m, struct imds_job **jobs, size_t n)
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
	if (f->job->result == IMDS_BROKEN)
		f->job->result = IMDS_PENDING;
}

/* Asks for the jobs on the kept connection, all at once, and reads the answers in their order. What
 * it does not answer stays pending, to be asked for elsewhere. */
static void run_pipelined(struct imds *m, struct imds_job **jobs, size_t n)
{
	BUF(out, REQUEST_MAX * 4);
	struct fetch f = { .fd = m->fd };
	size_t sent = 0, done = 0;

	while (sent < n && buf_room(&out) > REQUEST_MAX)
		add_request(m, jobs[sent++], &out);
	f.raw = buf_of(f.storage, sizeof(f.storage));
	if (out.full || sock_write(m->fd, buf_view(&out), m->deadline) < 0) {
		imds_drop(m);
		return;
	}
	m->requests += (unsigned)sent;
	while (done < sent) {
		answer_of(&f, jobs[done++]);
		await_answer(m, &f);
		if (!f.answer.complete || !f.answer.reusable) {
			imds_drop(m);
			return;
		}
		buf_drop(&f.raw, f.answer.used);
	}
}

static size_t unfinished(struct imds_job *jobs, size_t n, struct imds_job **out, size_t cap)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k < cap; i++)
		if (jobs[i].result == IMDS_PENDING)
			out[k++] = &jobs[i];
	return k;
}

/* On one connection the answers come one after the other: where each takes a millisecond or more,
 * several connections are faster than one that stands already. */
static bool better_apart(const struct imds *m, size_t n)
{
	return m->fd < 0 || (n > 1 && m->waited_ms >= m->rounds);
}

void imds_round(struct imds *m, struct imds_job *jobs, size_t n)
{
	struct imds_job *todo[IMDS_PARALLEL];
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
