/* ask.c - a question on the terminal, whatever stdin and stdout are */
#include <errno.h>
#include <fcntl.h>
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

static int read_line(int fd, struct buf *answer)
{
	char c = 0;

	while (c != '\n') {
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR && !caught)
			continue;
		if (n <= 0)
			return err(ERR_ABSENT, "the terminal is closed");
		if (c != '\n')
			buf_putc(answer, c);
	}
	return buf_check(answer, "the code");
}

static int converse(int fd, struct buf *answer, const char *question)
{
	int r = io_write(fd, question, strlen(question));

	if (r == 0)
		r = read_line(fd, answer);
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
	int r;

	if (tcgetattr(fd, &old) < 0)
		return converse(fd, answer, question);
	for (size_t i = 0; i < 3; i++)
		sigaction(signals[i], &a, &before[i]);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	r = converse(fd, answer, question);
	(void)tcsetattr(fd, TCSAFLUSH, &old);
	for (size_t i = 0; i < 3; i++)
		sigaction(signals[i], &before[i], NULL);
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
