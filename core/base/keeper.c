/* keeper.c - the parent of another program, for whom no descendant of it is out of reach
 *
 * Whoever leaves his process group and loses his parent becomes a child of the nearest subreaper.
 * That is us: so killing our children until there are none finds everybody. */
#define _GNU_SOURCE
#include "base/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#define ROUNDS_MAX 200 /* of a millisecond: who cannot be killed by then hangs in the kernel */

static void watched_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGCHLD);
}

void keeper_prepare(void)
{
	sigset_t set;

	watched_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Kernels without CONFIG_PROC_CHILDREN do not tell: then the group has to be enough. */
static void kill_children(void)
{
	BUF(text, 4096);
	struct str rest, word;
	ssize_t n = 0;
	uint64_t pid;
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = read(fd, buf_tail(&text), buf_room(&text));
		close(fd);
	}
	buf_grew(&text, n > 0 ? (size_t)n : 0);
	rest = buf_view(&text);
	while (str_take_word(&rest, &word))
		if (str_u64(word, INT32_MAX, &pid))
			kill((pid_t)pid, SIGKILL);
}

/* Takes in those that have ended. False: there is nobody left. */
static bool reap(pid_t child, int *status)
{
	int s;
	pid_t pid;

	while ((pid = waitpid(-1, &s, WNOHANG)) > 0)
		if (pid == child)
			*status = s;
	return pid == 0 || errno != ECHILD;
}

int keeper_run(pid_t child)
{
	int status = -1, signal;
	sigset_t set;

	watched_signals(&set);
	while (status < 0 && reap(child, &status) && status < 0)
		if (sigwait(&set, &signal) == 0 && signal == SIGTERM)
			break;
	if (status < 0)
		kill(-child, SIGKILL);
	for (int i = 0; status < 0 && i < ROUNDS_MAX && reap(child, &(int){ 0 }); i++) {
		kill_children();
		(void)poll(NULL, 0, 1);
	}
	if (status < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
