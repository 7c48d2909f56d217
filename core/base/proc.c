/* proc.c - another program is run without a shell, under a deadline, and its output collected */
#define _GNU_SOURCE
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/keeper.h"

#define LOOK_MS 20 /* how often a program that says nothing is asked whether it is there */
#define KILL_MS 1000
#define KEEPER_MS 500
#define CLOSE_ON_EXEC 4 /* CLOSE_RANGE_CLOEXEC of linux/close_range.h, since Linux 5.11 */

static struct str path_of(char *const *env)
{
	for (; *env; env++)
		if (str_starts(str_of(*env), "PATH="))
			return str_of(*env + strlen("PATH="));
	return str_of("");
}

/* Returns only when it fails, with errno. An empty entry of PATH would be the current folder: no.
 */
static void exec_on_path(char *const *argv, char *const *env)
{
	struct str path = path_of(env), folder;
	int reason = ENOENT;

	while (str_cut(&path, ':', &folder)) {
		BUF(file, PATH_MAX);

		buf_addf(&file, "%.*s/%s", STR_ARG(folder), argv[0]);
		if (folder.n == 0 || file.full)
			continue;
		execve(buf_text(&file), argv, env);
		if (errno != ENOENT && errno != ENOTDIR)
			reason = errno;
	}
	errno = reason;
}

static void put_null_at(int fd, int flags)
{
	int null = open("/dev/null", flags);

	if (null < 0 || dup2(null, fd) < 0)
		_exit(127);
}

/* The child of fork. What it cannot do it tells through failure_fd, which exec closes. */
static void become(char *const *argv, char *const *env, int flags, int stdout_fd, int failure_fd)
{
	sigset_t none;
	int reason;

	if (!(flags & PROC_TERMINAL)) {
		setpgid(0, 0);
		put_null_at(0, O_RDONLY);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(stdout_fd, 1) < 0)
		_exit(127);
	if (flags & PROC_QUIET)
		put_null_at(2, O_WRONLY);
	if (flags & PROC_BOTH && dup2(1, 2) < 0)
		_exit(127);
	(void)syscall(SYS_close_range, 3u, ~0u, CLOSE_ON_EXEC);
	if (strchr(argv[0], '/'))
		execve(argv[0], argv, env);
	else
		exec_on_path(argv, env);
	reason = errno;
	(void)!write(failure_fd, &reason, sizeof(reason));
	_exit(127);
}

/* Between us and the program stands one that finds all of its children. */
static void become_keeper(
	char *const *argv, char *const *env, int flags, int stdout_fd, int failure_fd)
{
	pid_t pid;

	keeper_prepare();
	pid = _Fork();
	if (pid == 0)
		become(argv, env, flags, stdout_fd, failure_fd);
	if (pid < 0)
		_exit(127);
	(void)syscall(SYS_close_range, 3u, ~0u, 0);
	close(stdout_fd);
	close(failure_fd);
	_exit(keeper_run(pid));
}

static void close_pair(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

int proc_start(struct proc *p, struct buf *out, char *const *argv, char *const *env, int flags)
{
	int output[2], failure[2];
	pid_t pid;

	*p = (struct proc){ 0 };
	if (pipe2(output, O_CLOEXEC))
		return err_errno("%s: cannot be started", argv[0]);
	if (pipe2(failure, O_CLOEXEC)) {
		close_pair(output);
		return err_errno("%s: cannot be started", argv[0]);
	}
	signal(SIGCHLD, SIG_DFL); /* where it is ignored, nobody can wait */
	pid = _Fork();
	if (pid == 0)
		(flags & PROC_KEPT ? become_keeper : become)(
			argv, env, flags, output[1], failure[1]);
	close(output[1]);
	close(failure[1]);
	if (pid < 0) {
		close(output[0]);
		close(failure[0]);
		return err_errno("%s: cannot be started", argv[0]);
	}
	*p = (struct proc){
		.what = argv[0],
		.out = out,
		.pid = pid,
		.stdout_fd = output[0],
		.failure_fd = failure[0],
		.own_group = !(flags & (PROC_TERMINAL | PROC_KEPT)),
		.kept = flags & PROC_KEPT,
	};
	if (p->own_group)
		setpgid(pid, pid); /* whoever of both comes first */
	return 0;
}

static void forget(struct proc *p)
{
	close(p->stdout_fd);
	close(p->failure_fd);
	*p = (struct proc){ 0 };
}

/* Has it ended? Looks once. */
static bool has_ended(struct proc *p)
{
	while (!p->ended) {
		pid_t r = waitpid(p->pid, &p->status, WNOHANG);

		if (r < 0 && errno == EINTR)
			continue;
		p->ended = r != 0;
		break;
	}
	return p->ended;
}

/* Most programs end with their output, so the first look comes at once and the pauses grow. */
static bool wait_for_end(struct proc *p, struct deadline d)
{
	for (int pause = 0; !has_ended(p); pause = pause < 16 ? pause * 2 + 1 : pause) {
		int left = deadline_left(d);

		if (left == 0)
			return false;
		poll(NULL, 0, left > 0 && left < pause ? left : pause);
	}
	return true;
}

/* Who cannot be killed, because the kernel holds him, is not waited for either. */
void proc_kill(struct proc *p)
{
	if (p->pid == 0)
		return;
	if (p->kept && !has_ended(p)) {
		kill(p->pid, SIGTERM);
		(void)wait_for_end(p, deadline_in(KEEPER_MS));
	}
	if (!has_ended(p)) {
		kill(p->own_group ? -p->pid : p->pid, SIGKILL);
		(void)wait_for_end(p, deadline_in(KILL_MS));
	}
	forget(p);
}

static int too_late(const struct proc *p)
{
	return err(ERR_NET, "%s: not done in time", p->what);
}

/* Reads once. 1: there may be more, 0: the end, which is also there when the program has ended and
 * somebody whom it left behind holds the other end of the pipe. */
static int collect(struct proc *p, struct deadline d)
{
	struct pollfd wait = { p->stdout_fd, POLLIN, 0 };
	bool ended = has_ended(p);
	char beyond;
	size_t room = buf_room(p->out);
	ssize_t n;
	int r = poll(&wait, 1, ended ? 0 : deadline_left(deadline_first(d, deadline_in(LOOK_MS))));

	if (r == 0 && !ended && deadline_passed(d))
		return too_late(p);
	if (wait.revents == 0)
		return !ended; /* or a signal came, or it is time to look whether it has ended */
	n = room > 0 ? read(p->stdout_fd, buf_tail(p->out), room) : read(p->stdout_fd, &beyond, 1);
	if (n < 0)
		return errno == EINTR ? 1 : err_errno("%s", p->what);
	if (n > 0 && room == 0)
		return err(ERR_LIMIT, "%s: its output is too long", p->what);
	if (n > 0)
		buf_grew(p->out, (size_t)n);
	return n > 0;
}

static int result(const struct proc *p, int status)
{
	int reason;

	if (read(p->failure_fd, &reason, sizeof(reason)) == sizeof(reason)) {
		errno = reason;
		return err_errno("%s: cannot be run", p->what);
	}
	if (WIFSIGNALED(status))
		return err(ERR_SYSTEM, "%s: ended by signal %d", p->what, WTERMSIG(status));
	return WEXITSTATUS(status);
}

int proc_finish(struct proc *p, struct deadline d)
{
	int r;

	if (p->pid == 0)
		return err(ERR_BUG, "no program was started");
	do
		r = collect(p, d);
	while (r > 0);
	if (r == 0 && !wait_for_end(p, d))
		r = too_late(p);
	if (r == 0) {
		r = result(p, p->status);
		forget(p);
	} else {
		proc_kill(p);
	}
	return r;
}

int proc_run(struct buf *out, char *const *argv, char *const *env, int flags, struct deadline d)
{
	struct proc p;
	int r = proc_start(&p, out, argv, env, flags);

	return r < 0 ? r : proc_finish(&p, d);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* What stands between single quotes, the second one included, is taken as it is. */
static bool take_single(struct buf *text, struct str *in)
{
	struct str inside;

	if (!str_has(*in, '\'') || !str_cut(in, '\'', &inside))
		return false;
	buf_str(text, inside);
	return true;
}

/* Between double quotes a backslash counts only in front of what would mean something there. */
static bool take_double(struct buf *text, struct str *in)
{
	struct str c, next;

	while (str_take(in, 1, &c)) {
		if (c.p[0] == '"')
			return true;
		if (c.p[0] == '\\' && in->n > 0 && str_all((struct str){ in->p, 1 }, "$`\"\\\n")) {
			(void)str_take(in, 1, &next);
			c = next.p[0] == '\n' ? STR("") : next;
		}
		buf_str(text, c);
	}
	return false;
}

static bool take_escaped(struct buf *text, struct str *in)
{
	struct str c;

	if (!str_take(in, 1, &c))
		return false;
	if (c.p[0] != '\n')
		buf_str(text, c);
	return true;
}

/* One word, at whose first byte *in stands. */
static int take_word(struct buf *text, struct str *in)
{
	struct str c;

	while (in->n > 0 && !blank(in->p[0])) {
		(void)str_take(in, 1, &c);
		if (c.p[0] == '\'' && !take_single(text, in))
			return err(ERR_USAGE, "command line: a ' has no end");
		if (c.p[0] == '"' && !take_double(text, in))
			return err(ERR_USAGE, "command line: a \" has no end");
		if (c.p[0] == '\\' && !take_escaped(text, in))
			return err(ERR_USAGE, "command line: a backslash at its end");
		if (!str_all(c, "'\"\\"))
			buf_str(text, c);
	}
	buf_putc(text, 0);
	return 0;
}

static void skip_blanks(struct str *in)
{
	struct str c;

	while ((in->n > 0 && blank(in->p[0])) || str_starts(*in, "\\\n"))
		(void)str_take(in, in->p[0] == '\\' ? 2 : 1, &c);
}

int proc_split(char **argv, size_t max, struct buf *text, struct str line)
{
	size_t n = 0;

	if (str_has(line, 0))
		return err(ERR_USAGE, "command line: holds a NUL byte");
	for (skip_blanks(&line); line.n > 0; skip_blanks(&line)) {
		int r;

		if (n + 1 >= max)
			return err(ERR_LIMIT, "command line: more than %zu words", max - 1);
		argv[n++] = buf_tail(text);
		r = take_word(text, &line);
		if (r < 0)
			return r;
	}
	if (n == 0)
		return err(ERR_USAGE, "command line: is empty");
	argv[n] = NULL;
	return buf_check(text, "command line") < 0 ? ERR_LIMIT : (int)n;
}
