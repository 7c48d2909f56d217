/* ask.c - a question on the terminal, whatever stdin and stdout are */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "applets/push/push.h"
#include "base/io.h"

static int read_line(int fd, struct buf *answer)
{
	char c = 0;

	while (c != '\n') {
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err(ERR_ABSENT, "the terminal is closed");
		if (c != '\n')
			buf_putc(answer, c);
	}
	return buf_check(answer, "the code");
}

int push_ask(struct buf *answer, const char *question)
{
	struct termios old, quiet;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool is_terminal;
	int r;

	if (fd < 0)
		return err(ERR_ABSENT, "%s: there is no terminal to ask on", question);
	is_terminal = tcgetattr(fd, &old) == 0;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (is_terminal)
		(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	r = io_write(fd, question, strlen(question));
	if (r == 0)
		r = read_line(fd, answer);
	if (is_terminal)
		(void)tcsetattr(fd, TCSAFLUSH, &old);
	if (io_write(fd, "\n", 1) < 0 && r == 0)
		r = ERR_SYSTEM;
	close(fd);
	return r;
}
