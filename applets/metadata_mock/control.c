/* control.c - the socket through which a running mock is given faults
 *
 * One line a connection; the answer is "ok" LF and what there is to read, or "no " and why not. */
#define _GNU_SOURCE 1 /* accept4 */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"

static int address_of(struct sockaddr_un *a, const char *path)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!str_copy(a->sun_path, sizeof(a->sun_path), str_of(path)))
		return err(ERR_USAGE, "%s: longer than the %zu bytes that a socket's path may have",
			path, sizeof(a->sun_path) - 1);
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un a;
	int fd, r = address_of(&a, path);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno("socket");
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	r = err_errno("%s", path);
	close(fd);
	return r;
}

/* A command came, or the client went away; either way the conversation ends. */
static void hear(void *owner, int fd)
{
	struct mock *m = owner;
	BUF(line, CONTROL_LINE_MAX);
	BUF(reply, CONTROL_REPLY_MAX);
	ssize_t n = read(fd, line.p, buf_room(&line));

	if (n > 0) {
		buf_grew(&line, (size_t)n);
		buf_puts(&reply, "ok\n");
		if (faults_command(&m->faults, str_trim(buf_view(&line)), &reply) < 0) {
			buf_clear(&reply);
			buf_addf(&reply, "no %s\n", err_text());
		}
		if (io_write(fd, reply.p, reply.len) < 0)
			buf_clear(&reply);
	}
	serve_unwatch(m->serve, fd);
	close(fd);
}

static void welcome(void *owner, int fd)
{
	struct mock *m = owner;
	int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (conn >= 0 && serve_watch(m->serve, conn, hear) < 0)
		close(conn);
}

/* Somebody who answers there keeps it; what is left of a dead process goes. */
static int clear_place(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return 0;
	fd = S_ISSOCK(st.st_mode) ? connect_to(path) : 0;
	if (fd > 0)
		close(fd);
	if (fd >= 0)
		return err(ERR_USAGE, "%s: in use", path);
	return unlink(path) < 0 ? err_errno("%s", path) : 0;
}

static int bind_private(int fd, const struct sockaddr_un *a)
{
	mode_t before = umask(0177);
	int r = bind(fd, (const struct sockaddr *)a, sizeof(*a));

	umask(before);
	if (r < 0 || listen(fd, 8) < 0)
		return err_errno("%s", a->sun_path);
	return 0;
}

int control_open(struct mock *m, const char *path)
{
	struct sockaddr_un a;
	int fd, r = address_of(&a, path);

	if (r >= 0)
		r = clear_place(path);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno("socket");
	r = bind_private(fd, &a);
	if (r >= 0)
		r = serve_watch(m->serve, fd, welcome);
	if (r < 0) {
		close(fd);
		return r;
	}
	m->control_fd = fd;
	m->control_path = path;
	return 0;
}

void control_close(struct mock *m)
{
	if (!m->control_path)
		return;
	close(m->control_fd);
	(void)unlink(m->control_path);
	m->control_path = NULL;
}

int control_ask(const char *path, int n, char *const *words, struct buf *reply)
{
	BUF(line, CONTROL_LINE_MAX);
	BUF(answer, CONTROL_REPLY_MAX);
	int r, fd = connect_to(path);

	if (fd < 0)
		return fd;
	for (int i = 0; i < n; i++)
		buf_addf(&line, "%s%s", words[i], i + 1 < n ? " " : "\n");
	r = buf_check(&line, "command");
	if (r >= 0)
		r = io_write(fd, line.p, line.len);
	if (r >= 0)
		r = io_read_fd(fd, path, &answer);
	close(fd);
	if (r < 0)
		return r;
	if (!str_starts(buf_view(&answer), "ok\n"))
		return err(ERR_DENIED, "%.*s",
			STR_ARG(str_trim(str_of(answer.len > 3 ? answer.p + 3 : "no answer"))));
	buf_puts(reply, answer.p + 3);
	return 0;
}
