/* log.c - what is said to people: stderr, syslog, the kernel's log
 *
 * The datagrams of RFC 3164 as local daemons take them: "<PRI>ident[pid]: words", no time, no
 * newline. libc's syslog(3) would bring printf with it and cannot be opened ahead of a sandbox. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "config.h"

#define LINE_MAX_BYTES 1000
#define AUTHPRIV (10 << 3)

static struct {
	const char *ident;
	int targets, stderr_level;
	int syslog, kmsg; /* descriptors; -1: none */
	bool stuck;       /* syslog's daemon: it was waited for once, and is not again */
} state = { .syslog = -1, .kmsg = -1 };

static int open_syslog(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	struct timeval patience = { .tv_usec = 200000 }; /* a stuck daemon must not hold up a login
							  */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) { /* in a sandbox: not to be tried again and again */
		state.targets &= ~LOG_TO_SYSLOG;
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

void log_open(const char *ident, int targets, int stderr_level)
{
	log_close();
	state.ident = ident;
	state.targets = targets;
	state.stderr_level = stderr_level;
	if (targets & LOG_TO_SYSLOG)
		state.syslog = open_syslog();
	/* nobody listens: a confined process would be told off for each line that tries again.
	 * Where there is no daemon at all, as in an initramfs, the kernel takes it down. */
	if ((targets & LOG_TO_SYSLOG) && state.syslog < 0)
		state.targets = targets = (targets & ~LOG_TO_SYSLOG) | LOG_TO_KMSG;
	if (CONFIG_KMSG_LOG && (targets & LOG_TO_KMSG))
		state.kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void log_close(void)
{
	close_one(&state.syslog);
	close_one(&state.kmsg);
	state.targets = 0;
}

/* In one write, so that lines of several processes do not mix. What cannot be logged is lost: there
 * is nobody left to tell. */
static void put(int fd, const struct buf *line)
{
	ssize_t wrote;

	do
		wrote = write(fd, line->p, line->len);
	while (wrote < 0 && errno == EINTR);
}

/* False: nobody is there. A daemon that is merely slow loses the line, and is waited for once. */
static bool send_syslog(const struct buf *line)
{
	int flags = MSG_NOSIGNAL | (state.stuck ? MSG_DONTWAIT : 0);
	bool sent = state.syslog >= 0 && send(state.syslog, line->p, line->len, flags) >= 0;

	state.stuck = !sent && state.syslog >= 0 && errno == EAGAIN;
	return sent || state.stuck;
}

/* A daemon that was restarted has a new socket. */
static void to_syslog(int level, struct str words)
{
	BUF(line, LINE_MAX_BYTES + 100);

	buf_addf(&line, "<%d>%s[%d]: %.*s", AUTHPRIV | level, state.ident, (int)getpid(),
		STR_ARG(words));
	if (send_syslog(&line))
		return;
	close_one(&state.syslog);
	state.syslog = open_syslog();
	(void)send_syslog(&line);
}

static void to_kmsg(int level, struct str words)
{
	BUF(line, LINE_MAX_BYTES + 100);

	buf_addf(&line, "<%d>%s: %.*s\n", AUTHPRIV | level, state.ident, STR_ARG(words));
	put(state.kmsg, &line);
}

static void to_stderr(struct str words)
{
	BUF(line, LINE_MAX_BYTES + 100);

	buf_addf(&line, "%s: %.*s\n", state.ident, STR_ARG(words));
	put(2, &line);
}

static void clean(struct buf *line)
{
	for (size_t i = 0; i < line->len; i++)
		if (line->p[i] < ' ' || line->p[i] > '~')
			line->p[i] = '?';
}

static void say(int level, const char *fmt, va_list ap)
{
	BUF(line, LINE_MAX_BYTES + 1);
	int saved = errno;

	if (state.targets == 0)
		return;
	buf_vaddf(&line, fmt, ap);
	clean(&line);
	if ((state.targets & LOG_TO_STDERR) && level <= state.stderr_level)
		to_stderr(buf_view(&line));
	if ((state.targets & LOG_TO_SYSLOG) && level <= LOGLEVEL_INFO)
		to_syslog(level, buf_view(&line));
	if (state.kmsg >= 0 && level <= LOGLEVEL_INFO)
		to_kmsg(level, buf_view(&line));
	errno = saved;
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOGLEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOGLEVEL_INFO, fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(LOGLEVEL_DEBUG, fmt, ap);
	va_end(ap);
}
