/* ask.c - a question on the terminal, whatever stdin and stdout are */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "applets/push/push.h"
#include "base/io.h"

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

/* Signals are let in while it waits, and only then: none can come just before. */
static int read_line(int fd, struct buf *answer, const sigset_t *let_in)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c = 0;

	while (c != '\n') {
		if (ppoll(&p, 1, NULL, let_in) < 0 && errno == EINTR && !caught)
			continue;
		if (caught || read(fd, &c, 1) <= 0)
			return err(ERR_ABSENT, "the terminal is closed");
		if (c != '\n')
			buf_putc(answer, c);
	}
	return buf_check(answer, "the code");
}

static int converse(int fd, struct buf *answer, const char *question, const sigset_t *let_in)
{
	int r = io_write(fd, question, strlen(question));

	if (r == 0)
		r = read_line(fd, answer, let_in);
	if (io_write(fd, "\n", 1) < 0 && r == 0)
		r = ERR_SYSTEM;
	return r;
}

/* Somebody who presses Ctrl-C at the question gets a terminal back that shows what is typed. */
static int converse_quietly(int fd, struct buf *answer, const char *question)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGQUIT };
	struct sigaction a = { .sa_handler = on_signal }, before[3];
	struct termios old, quiet;
	sigset_t mine, mask;
	int r;

	if (tcgetattr(fd, &old) < 0)
		return converse(fd, answer, question, NULL);
	sigemptyset(&mine);
	for (size_t i = 0; i < 3; i++) {
		sigaddset(&mine, signals[i]);
		sigaction(signals[i], &a, &before[i]);
	}
	sigprocmask(SIG_BLOCK, &mine, &mask);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	r = converse(fd, answer, question, &mask);
	(void)tcsetattr(fd, TCSAFLUSH, &old);
	for (size_t i = 0; i < 3; i++)
		sigaction(signals[i], &before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (caught)
		raise(caught);
	return r;
}

int push_ask(struct buf *answer, const char *question)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int r;

	if (fd < 0)
		return err(ERR_ABSENT, "%s: there is no terminal to ask on", question);
	r = converse_quietly(fd, answer, question);
	close(fd);
	return r;
}
