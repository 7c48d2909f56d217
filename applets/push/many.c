/* many.c - many instances: a few processes push one after the other, and one keeps the books
 *
 * Each worker has a connection of its own, which it keeps. It reads numbers of instances from one
 * pipe and writes what became of them to another; an order and a report are each one write, so none
 * comes in part. When AWS says that requests come too fast, half as many workers get orders, and
 * with every success a little more again. */
#define _GNU_SOURCE /* _Fork: fork brings 1 KB for threads */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/push/push.h"
#include "base/io.h"
#include "data/json.h"

#define AGAIN_MAX 5 /* further goes of an instance that was throttled */
#define AGAIN_FAULTS \
	1 /* of one that met nothing but faults, for which somebody else may find a better moment \
	   */
#define SLOW_STEP_MS 200 /* without orders, after each throttled one */
#define EXPLAINED_MAX 8  /* different refusals whose advice is given */
#define GRACE_MS 10000   /* for what is under way when somebody presses Ctrl-C */

enum outcome { DONE, UNSUCCESSFUL, REFUSED, BROKEN };

struct report {
	uint32_t index;
	uint32_t outcome;
	uint32_t again; /* further goes that make sense */
	uint32_t throttled;
	char id[128];      /* RequestId */
	char code[96];     /* of AWS */
	char message[512]; /* of AWS, or ours */
};

struct worker {
	pid_t pid; /* 0: gone */
	int orders, reports;
	bool busy;
	uint32_t index;
};

struct crew {
	struct push *p;
	struct worker at[PUSH_JOBS_MAX];
	size_t n, busy;
	uint8_t goes[PUSH_INSTANCES_MAX];
	uint32_t queue[PUSH_INSTANCES_MAX * (AGAIN_MAX + 1)];
	size_t next, queued; /* in the queue */
	size_t done, failed;
	long limit, good;     /* orders at once, and successes since it was changed */
	struct deadline slow; /* no orders before it; zeroed: none */
	char explained[EXPLAINED_MAX][sizeof(((struct report *)0)->code)];
	size_t n_explained;
	bool terminal;
};

static struct crew crew;
static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* --- a worker --- */

static void report_on(struct push *p, uint32_t index, struct report *report)
{
	struct api_answer answer;
	struct push_result result = { 0 };
	struct buf message = buf_of(report->message, sizeof(report->message));
	int r = push_send(p, str_of(p->instances[index]), &answer);
	enum retry_why why = retry_why(&answer, r);

	report->throttled = why == RETRY_THROTTLED;
	report->again = report->throttled ? AGAIN_MAX : why != RETRY_NOT ? AGAIN_FAULTS : 0;
	if (r == 0 && answer.error[0]) {
		report->outcome = REFUSED;
		(void)str_copy(report->code, sizeof(report->code), str_of(answer.error));
		buf_puts(&message, answer.message);
		return;
	}
	if (r == 0)
		r = push_read(&result, &answer);
	report->outcome = r < 0 ? BROKEN : result.success ? DONE : UNSUCCESSFUL;
	(void)str_copy(report->id, sizeof(report->id), str_of(result.id));
	if (r == 0 && !result.success)
		r = push_failed(&result);
	if (r < 0)
		buf_puts(&message, err_text());
}

static void work(struct push *p, int orders, int reports)
{
	uint32_t index;
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); /* what is under way comes to its end */
	signal(SIGTERM, SIG_IGN);
	while ((n = read(orders, &index, sizeof(index))) == (ssize_t)sizeof(index) ||
		(n < 0 && errno == EINTR)) {
		struct report report = { .index = index };

		if (n < 0)
			continue;
		report_on(p, index, &report);
		if (io_write(reports, &report, sizeof(report)) < 0)
			break;
	}
	_exit(0);
}

static int start_worker(struct crew *c)
{
	struct worker *w = &c->at[c->n];
	int orders[2], reports[2];

	if (pipe(orders) < 0)
		return err_errno("pipe");
	if (pipe(reports) < 0) {
		close(orders[0]);
		close(orders[1]);
		return err_errno("pipe");
	}
	w->pid = _Fork();
	if (w->pid == 0) {
		/* the other workers' orders must end when the crew's end is closed */
		for (size_t i = 0; i < c->n; i++)
			close(c->at[i].orders);
		close(orders[1]);
		close(reports[0]);
		work(c->p, orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	w->orders = orders[1];
	w->reports = reports[0];
	if (w->pid < 0) {
		close(w->orders);
		close(w->reports);
		return err_errno("fork");
	}
	c->n++;
	return 0;
}

/* --- the books --- */

static void progress(const struct crew *c, bool last)
{
	BUF(line, 128);

	if (!c->terminal)
		return;
	buf_puts(&line, "\r\033[K");
	if (!last)
		buf_addf(&line, PUSH_NAME ": %zu of %zu, %zu failed", c->done + c->failed,
			c->p->n_instances, c->failed);
	if (io_write(2, line.p, line.len) < 0)
		return;
}

static void add_line(struct buf *out, const struct crew *c, const struct report *report)
{
	const char *instance = c->p->instances[report->index];
	bool done = report->outcome == DONE;
	struct json_out o = json_out(out, 0);

	if (c->p->text_output) {
		buf_addf(out, "%s\t%s\t%s%s%s\n", instance, done ? "True" : "False",
			done ? report->id : report->code, report->code[0] ? ": " : "",
			report->message);
		return;
	}
	json_open(&o, '{');
	json_member(&o, "InstanceId", instance);
	if (report->id[0])
		json_member(&o, "RequestId", report->id);
	json_name(&o, "Success");
	json_add_bool(&o, done);
	if (report->code[0])
		json_member(&o, "Error", report->code);
	if (report->message[0])
		json_member(&o, "Message", report->message);
	json_close(&o, '}');
	buf_putc(out, '\n');
}

/* What to do is said once for each of AWS's codes: a thousand instances mostly have one trouble. */
static void explain(struct crew *c, const struct report *report)
{
	struct api_answer answer = { 0 };
	size_t i = 0;

	while (i < c->n_explained && strcmp(c->explained[i], report->code) != 0)
		i++;
	if (!report->code[0] || i < c->n_explained || i == EXPLAINED_MAX)
		return;
	(void)str_copy(c->explained[c->n_explained++], sizeof(report->code), str_of(report->code));
	(void)str_copy(answer.error, sizeof(answer.error), str_of(report->code));
	(void)str_copy(answer.message, sizeof(answer.message), str_of(report->message));
	(void)push_refuse(c->p, str_of(c->p->instances[report->index]), &answer);
}

static void note(struct crew *c, const struct report *report)
{
	BUF(line, 1024);

	if (report->outcome == DONE)
		c->done++;
	else
		c->failed++;
	add_line(&line, c, report);
	progress(c, true);
	if (applet_print(PUSH_NAME, buf_view(&line)) != EXIT_DONE)
		interrupted = 1; /* nobody reads any more */
	explain(c, report);
	progress(c, false);
}

static void note_lost(struct crew *c, uint32_t index, const char *why)
{
	struct report report = { .index = index, .outcome = BROKEN };

	(void)str_copy(report.message, sizeof(report.message), str_of(why));
	note(c, &report);
}

/* Slower after a throttled request, a little faster after successes. */
static void adjust(struct crew *c, const struct report *report)
{
	if (report->throttled) {
		c->limit = c->limit > 1 ? c->limit / 2 : 1;
		c->good = 0;
		c->slow = deadline_in(SLOW_STEP_MS * (1 + c->goes[report->index]));
	} else if (report->outcome == DONE && ++c->good >= c->limit && c->limit < (long)c->n) {
		c->limit++;
		c->good = 0;
	}
}

static void take(struct crew *c, const struct report *report)
{
	adjust(c, report);
	if (c->goes[report->index] < report->again && !interrupted) {
		c->goes[report->index]++;
		c->queue[c->queued++] = report->index;
		return;
	}
	note(c, report);
}

static void lose_worker(struct crew *c, struct worker *w)
{
	close(w->orders);
	close(w->reports);
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	if (!w->busy)
		return;
	w->busy = false;
	c->busy--;
	note_lost(c, w->index,
		"the process that pushed it has ended; whether it was sent is not known");
}

static void hear(struct crew *c, struct worker *w)
{
	struct report report;
	ssize_t n = read(w->reports, &report, sizeof(report));

	if (n < 0 && errno == EINTR)
		return;
	if (n != (ssize_t)sizeof(report) || report.index != w->index) {
		lose_worker(c, w);
		return;
	}
	w->busy = false;
	c->busy--;
	take(c, &report);
}

/* Gives orders to who is free, as far as the limit goes. */
static void give_orders(struct crew *c)
{
	if (c->slow.at_ms != 0 && !deadline_passed(c->slow))
		return;
	c->slow = (struct deadline){ 0 };
	for (size_t i = 0; i < c->n && c->next < c->queued && (long)c->busy < c->limit; i++) {
		struct worker *w = &c->at[i];

		if (w->pid == 0 || w->busy)
			continue;
		w->index = c->queue[c->next++];
		w->busy = true;
		c->busy++;
		if (io_write(w->orders, &w->index, sizeof(w->index)) < 0)
			lose_worker(c, w);
	}
}

static bool anybody(const struct crew *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].pid != 0)
			return true;
	return false;
}

static void wait_for_reports(struct crew *c, struct deadline d)
{
	struct pollfd fds[PUSH_JOBS_MAX];

	if (c->slow.at_ms != 0)
		d = deadline_first(d, c->slow);
	for (size_t i = 0; i < c->n; i++)
		fds[i] = (struct pollfd){ .fd = c->at[i].pid ? c->at[i].reports : -1,
			.events = POLLIN };
	if (poll(fds, c->n, deadline_left(d)) <= 0)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (fds[i].revents)
			hear(c, &c->at[i]);
}

static void run(struct crew *c)
{
	struct deadline end = { 0 };

	while ((c->busy > 0 || c->next < c->queued) && anybody(c) && !deadline_passed(end)) {
		if (interrupted && end.at_ms == 0)
			end = deadline_in(GRACE_MS);
		if (!interrupted)
			give_orders(c);
		else if (c->busy == 0)
			break;
		wait_for_reports(c, end);
	}
}

static void dismiss(struct crew *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->at[i].pid != 0)
			lose_worker(c, &c->at[i]);
	/* an interrupted run leaves them out of the lines, the summary counts them */
	for (; !interrupted && c->next < c->queued; c->next++)
		note_lost(c, c->queue[c->next], "not sent: no process is left to push it");
}

static int sum_up(const struct crew *c)
{
	size_t all = c->p->n_instances, left = all - c->done - c->failed;
	BUF(line, 256);

	progress(c, true);
	buf_addf(&line, PUSH_NAME ": %s%zu of %zu done, %zu failed", interrupted ? "stopped: " : "",
		c->done, all, c->failed);
	if (left > 0)
		buf_addf(&line, ", %zu not sent", left);
	buf_putc(&line, '\n');
	if (io_write(2, line.p, line.len) < 0)
		return EXIT_FAILED;
	return c->done == all ? EXIT_DONE : EXIT_FAILED;
}

static void catch_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int push_many(struct push *p)
{
	struct crew *c = &crew;
	int r = 0;

	c->p = p;
	c->terminal = isatty(2);
	for (size_t i = 0; i < p->n_instances; i++)
		c->queue[c->queued++] = (uint32_t)i;
	client_close(&p->client);
	catch_signals();
	while (r == 0 && c->n < (size_t)p->jobs && c->n < p->n_instances)
		r = start_worker(c);
	c->limit = (long)c->n;
	if (c->n == 0)
		return applet_fail(PUSH_NAME, r);
	progress(c, false);
	run(c);
	dismiss(c);
	return sum_up(c);
}
