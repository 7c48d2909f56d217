/* scripted.h - a server in a child process that does to each connection what a test wrote down */
#ifndef UNIT_SCRIPTED_H
#define UNIT_SCRIPTED_H

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/sock.h"

#define SCRIPT_HOLD ((const char *)-1) /* says nothing and keeps the connection */

/* What to do on the next connections, in this order; those behind them are refused. */
struct script {
	const char *const *answers; /* one a connection; \1 in it waits for another request */
	size_t n;
	bool drip; /* one byte at a time, without end of patience */
	struct sock_address address;
	pid_t pid;
};

/* Waits for a request's end. */
static inline bool script_request(int fd)
{
	char text[8192];
	size_t n = 0;

	while (n < sizeof(text) - 1) {
		ssize_t got = read(fd, text + n, sizeof(text) - 1 - n);

		if (got <= 0)
			return false;
		n += (size_t)got;
		text[n] = 0;
		if (strstr(text, "\r\n\r\n"))
			return true;
	}
	return false;
}

static inline void script_say(const struct script *s, int fd, const char *p, size_t n)
{
	size_t step = s->drip ? 1 : n;

	for (size_t i = 0; i < n; i += step) {
		if (send(fd, p + i, step, MSG_NOSIGNAL) < 0)
			return;
		if (s->drip)
			(void)poll(NULL, 0, 5);
	}
}

/* Answers and hangs up. Without this half-close the bytes that the client has sent in vain would
 * reset the connection. */
static inline void script_connection(const struct script *s, int fd, const char *answer)
{
	char rest[256];
	const char *end;

	if (answer == SCRIPT_HOLD) {
		(void)poll(NULL, 0, 60000);
		_exit(0);
	}
	while (answer && script_request(fd)) {
		end = strchr(answer, '\1');
		script_say(s, fd, answer, end ? (size_t)(end - answer) : strlen(answer));
		answer = end ? end + 1 : NULL;
	}
	shutdown(fd, SHUT_WR);
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	close(fd);
}

static inline void script_serve(const struct script *s, int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < s->n; i++) {
		int fd;

		(void)poll(&p, 1, 60000);
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		if (fork() == 0) {
			close(listener);
			script_connection(s, fd, s->answers[i]);
			_exit(0);
		}
		close(fd);
	}
	close(listener); /* from now on: refused */
	(void)poll(NULL, 0, 60000);
	_exit(0);
}

static inline void script_start(struct script *s)
{
	int listener;

	if (sock_parse(&s->address, STR("127.0.0.1:0")) < 0)
		_exit(99);
	listener = sock_listen(&s->address, 16);
	if (listener < 0 || sock_local(listener, &s->address) < 0)
		_exit(99);
	s->pid = fork();
	if (s->pid == 0) {
		setpgid(0, 0);
		script_serve(s, listener);
	}
	setpgid(s->pid, s->pid);
	close(listener);
}

static inline void script_stop(struct script *s)
{
	kill(-s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

#endif
