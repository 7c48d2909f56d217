/* names.c - the addresses of a host name, found under a deadline */
#define _GNU_SOURCE /* pipe2 */
#include "net/names.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "data/url.h"

/* What the child writes into the pipe: one of these and then its addresses. */
struct found {
	int failure; /* of getaddrinfo */
	unsigned n;
};

static void set_port(struct sock_address *a, uint16_t port)
{
	if (a->storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&a->storage)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)&a->storage)->sin_port = htons(port);
}

static void look_up(int fd, const char *host)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG },
			*list = NULL;
	struct sock_address all[NAMES_MAX];
	struct found found = { 0 };

	found.failure = getaddrinfo(host, NULL, &hints, &list);
	for (const struct addrinfo *i = list; i && found.n < NAMES_MAX; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(all[0].storage))
			continue;
		memset(&all[found.n], 0, sizeof(all[0]));
		memcpy(&all[found.n].storage, i->ai_addr, i->ai_addrlen);
		all[found.n++].n = i->ai_addrlen;
	}
	if (io_write(fd, &found, sizeof(found)) < 0 ||
		io_write(fd, all, found.n * sizeof(all[0])) < 0)
		_exit(1);
	_exit(0);
}

static int read_all(int fd, void *p, size_t n, struct deadline d)
{
	char *at = p;

	while (n > 0) {
		ssize_t got;
		int r = sock_await(fd, false, d);

		if (r < 0)
			return r;
		got = read(fd, at, n);
		if (got == 0)
			return err(ERR_NET, "the look-up failed");
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return err_errno("look-up");
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

/* IPv6 and IPv4 by turns, each in the order given. */
static void interleave(struct sock_address *out, const struct sock_address *in, size_t n)
{
	int family = n > 0 ? in[0].storage.ss_family : AF_INET;
	bool used[NAMES_MAX] = { false };

	for (size_t k = 0; k < n; k++) {
		size_t pick = n;

		for (size_t i = n; i-- > 0;)
			if (!used[i] &&
				(pick == n || in[i].storage.ss_family == family ||
					in[pick].storage.ss_family != family))
				pick = i;
		used[pick] = true;
		out[k] = in[pick];
		family = in[pick].storage.ss_family == AF_INET6 ? AF_INET : AF_INET6;
	}
}

static int read_found(int fd, struct sock_address *out, struct deadline d)
{
	struct sock_address in[NAMES_MAX];
	struct found found;
	int r = read_all(fd, &found, sizeof(found), d);

	if (r < 0)
		return r;
	if (found.failure == EAI_NONAME || (found.failure == 0 && found.n == 0))
		return err(ERR_NET, "no such host");
	if (found.failure != 0 || found.n > NAMES_MAX)
		return err(ERR_NET, "no name server could be asked");
	r = read_all(fd, in, found.n * sizeof(in[0]), d);
	if (r < 0)
		return r;
	interleave(out, in, found.n);
	return (int)found.n;
}

static int ask_child(struct sock_address *out, const char *host, struct deadline d)
{
	int fds[2], r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno("pipe");
	pid = _Fork();
	if (pid == 0)
		look_up(fds[1], host);
	close(fds[1]);
	if (pid < 0) {
		r = err_errno("fork");
	} else {
		r = read_found(fds[0], out, d);
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(fds[0]);
	return r;
}

int names_find(struct sock_address out[static NAMES_MAX], struct str host, uint16_t port,
	struct deadline d)
{
	char name[URL_HOST_MAX + 1];
	int r;

	if (sock_literal(&out[0], host, port) == 0)
		return 1;
	if (!str_copy(name, sizeof(name), host))
		return err(ERR_USAGE, "%.*s: not a host name", STR_ARG(host));
	r = ask_child(out, name, d);
	for (int i = 0; i < r; i++)
		set_port(&out[i], port);
	return r < 0 ? err_in(ERR_NET, "%s", name) : r;
}
