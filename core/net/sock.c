/* sock.c - TCP connections whose every wait ends at one deadline */
#include "net/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"

#define PORT_MAX 65535

static struct sockaddr_in *v4(struct sock_address *a)
{
	return (struct sockaddr_in *)(void *)&a->storage;
}

static struct sockaddr_in6 *v6(struct sock_address *a)
{
	return (struct sockaddr_in6 *)(void *)&a->storage;
}

static const struct sockaddr_in *see_v4(const struct sock_address *a)
{
	return (const struct sockaddr_in *)(const void *)&a->storage;
}

static const struct sockaddr_in6 *see_v6(const struct sock_address *a)
{
	return (const struct sockaddr_in6 *)(const void *)&a->storage;
}

int sock_literal(struct sock_address *a, struct str host, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr four;
	struct in6_addr six;

	memset(a, 0, sizeof(*a));
	if (!str_copy(text, sizeof(text), host))
		return err(ERR_FORMAT, "%.*s: not an IP address", STR_ARG(host));
	if (inet_pton(AF_INET, text, &four) != 1) {
		if (inet_pton(AF_INET6, text, &six) != 1)
			return err(ERR_FORMAT, "%.*s: not an IP address", STR_ARG(host));
		if (!IN6_IS_ADDR_V4MAPPED(&six)) {
			v6(a)->sin6_family = AF_INET6;
			v6(a)->sin6_port = htons(port);
			v6(a)->sin6_addr = six;
			a->n = sizeof(struct sockaddr_in6);
			return 0;
		}
		memcpy(&four, six.s6_addr + 12, sizeof(four));
	}
	v4(a)->sin_family = AF_INET;
	v4(a)->sin_port = htons(port);
	v4(a)->sin_addr = four;
	a->n = sizeof(struct sockaddr_in);
	return 0;
}

/* The host and the port of "host:port", "[host]:port" or "port". */
static bool split(struct str text, struct str *host, struct str *port)
{
	struct str rest = text;

	*host = STR("127.0.0.1");
	*port = text;
	if (str_starts(text, "[")) {
		str_take(&rest, 1, port);
		return str_cut(&rest, ']', host) && str_starts(rest, ":") &&
			str_take(&rest, 1, port) && str_take(&rest, rest.n, port);
	}
	if (!str_has(text, ':'))
		return true;
	return str_cut(&rest, ':', host) && str_take(&rest, rest.n, port) && !str_has(*port, ':');
}

int sock_parse(struct sock_address *a, struct str text)
{
	struct str host, port;
	uint64_t n;

	if (!split(text, &host, &port) || !str_u64(port, PORT_MAX, &n) ||
		sock_literal(a, host, (uint16_t)n) < 0)
		return err(ERR_FORMAT, "%.*s: not ADDRESS:PORT or PORT", STR_ARG(text));
	return 0;
}

/* The IPv4 address of a, also of an IPv4-mapped IPv6 address, in host order; 0 for any other. */
static uint32_t address_v4(const struct sock_address *a)
{
	uint32_t be;

	if (a->storage.ss_family == AF_INET)
		return ntohl(see_v4(a)->sin_addr.s_addr);
	if (a->storage.ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&see_v6(a)->sin6_addr))
		return 0;
	memcpy(&be, see_v6(a)->sin6_addr.s6_addr + 12, sizeof(be));
	return ntohl(be);
}

bool sock_is_loopback(const struct sock_address *a)
{
	if (address_v4(a) >> 24 == 127)
		return true;
	return a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&see_v6(a)->sin6_addr);
}

bool sock_is_link_local(const struct sock_address *a)
{
	static const uint8_t ec2[4] = { 0xfd, 0x00, 0x0e, 0xc2 };
	const struct in6_addr *six = &see_v6(a)->sin6_addr;

	if (address_v4(a) >> 16 == 0xa9fe)
		return true;
	return a->storage.ss_family == AF_INET6 &&
		(IN6_IS_ADDR_LINKLOCAL(six) || memcmp(six->s6_addr, ec2, sizeof(ec2)) == 0);
}

uint16_t sock_port(const struct sock_address *a)
{
	return ntohs(a->storage.ss_family == AF_INET6 ? see_v6(a)->sin6_port : see_v4(a)->sin_port);
}

void sock_add_text(struct buf *out, const struct sock_address *a)
{
	if (a->storage.ss_family == AF_INET6) {
		buf_putc(out, '[');
		address_add_v6(out, see_v6(a)->sin6_addr.s6_addr);
		buf_putc(out, ']');
	} else if (a->storage.ss_family == AF_INET) {
		address_add_v4(out, (const uint8_t *)&see_v4(a)->sin_addr);
	} else {
		buf_putc(out, '?');
	}
	buf_addf(out, ":%u", sock_port(a));
}

static const char *words_for(int e)
{
	if (e == EPIPE)
		return "connection closed";
	return e == EACCES || e == EPERM ? "not permitted" : err_words(e);
}

static int failed(const struct sock_address *a, int e)
{
	BUF(text, 80);

	sock_add_text(&text, a);
	return err(ERR_NET, "%s: %s", buf_text(&text), words_for(e));
}

int sock_await(int fd, bool writable, struct deadline d)
{
	struct pollfd p = { .fd = fd, .events = writable ? POLLOUT : POLLIN };
	int n = 0;

	while (!deadline_passed(d)) {
		n = poll(&p, 1, deadline_left(d));
		if (n >= 0 || errno != EINTR)
			break;
	}
	if (n > 0)
		return 0;
	return err(ERR_NET, "%s", words_for(n == 0 ? ETIMEDOUT : errno));
}

int sock_start(const struct sock_address *a)
{
	int one = 1, e;
	int fd = socket(a->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed(a, errno);
	/* the last flight of a TLS handshake and the request behind it must not wait for each other
	 */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (const struct sockaddr *)&a->storage, a->n) == 0 || errno == EINPROGRESS)
		return fd;
	e = errno;
	close(fd);
	return failed(a, e);
}

int sock_finish(int fd, const struct sock_address *a)
{
	int e = 0;
	socklen_t n = sizeof(e);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &n) < 0)
		e = errno;
	return e ? failed(a, e) : 0;
}

int sock_connect(const struct sock_address *a, struct deadline d)
{
	int fd = sock_start(a);
	int r;

	if (fd < 0)
		return fd;
	r = sock_await(fd, true, d);
	if (r < 0)
		r = failed(a, ETIMEDOUT);
	else
		r = sock_finish(fd, a);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

#define RACE_MAX 16
#define RACE_HEAD_START_MS 250

/* The sockets of a race; those that lost are -1. */
struct race {
	const struct sock_address *a;
	struct pollfd p[RACE_MAX];
	size_t n, started, running;
};

static void race_start(struct race *race)
{
	struct pollfd *p = &race->p[race->started];

	*p = (struct pollfd){ .fd = sock_start(&race->a[race->started]), .events = POLLOUT };
	race->running += p->fd >= 0;
	race->started++;
}

/* The one that has connected, or -1; takes those out that have failed. */
static int race_winner(struct race *race)
{
	for (size_t i = 0; i < race->started; i++) {
		struct pollfd *p = &race->p[i];
		int fd = p->fd;

		if (fd < 0 || !p->revents)
			continue;
		p->fd = -1;
		if (sock_finish(fd, &race->a[i]) == 0)
			return fd;
		race->running--;
		close(fd);
	}
	return -1;
}

int sock_race(const struct sock_address *a, size_t n, struct deadline d)
{
	struct race race = { .a = a, .n = n < RACE_MAX ? n : RACE_MAX };
	struct deadline next = deadline_in(0);
	int fd = -1;

	while (fd < 0 && !deadline_passed(d)) {
		bool more = race.started < race.n;

		if (!more && race.running == 0)
			break;
		if (more && (race.running == 0 || deadline_passed(next))) {
			race_start(&race);
			next = deadline_in(RACE_HEAD_START_MS);
			continue;
		}
		if (poll(race.p, race.started, deadline_left(more ? deadline_first(d, next) : d)) >
			0)
			fd = race_winner(&race);
	}
	for (size_t i = 0; i < race.started; i++)
		if (race.p[i].fd >= 0)
			close(race.p[i].fd);
	if (fd < 0 && deadline_passed(d))
		return failed(&a[0], ETIMEDOUT);
	return fd < 0 ? ERR_NET : fd;
}

int sock_listen(const struct sock_address *a, int backlog)
{
	int one = 1, e;
	int fd = socket(a->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed(a, errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->storage.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&a->storage, a->n) == 0 && listen(fd, backlog) == 0)
		return fd;
	e = errno;
	close(fd);
	return failed(a, e);
}

int sock_local(int fd, struct sock_address *a)
{
	memset(a, 0, sizeof(*a));
	a->n = sizeof(a->storage);
	if (getsockname(fd, (struct sockaddr *)&a->storage, &a->n) < 0)
		return err_errno("socket");
	return 0;
}

static bool try_later(int e)
{
	return e == EAGAIN || e == EWOULDBLOCK || e == EINTR;
}

int sock_write(int fd, struct str p, struct deadline d)
{
	while (p.n > 0) {
		ssize_t n = send(fd, p.p, p.n, MSG_NOSIGNAL);

		if (n < 0 && !try_later(errno))
			return err(ERR_NET, "%s", words_for(errno));
		if (n < 0) {
			int r = sock_await(fd, true, d);

			if (r < 0)
				return r;
			continue;
		}
		p.p += n;
		p.n -= (size_t)n;
	}
	return 0;
}

int sock_read(int fd, void *p, size_t n, struct deadline d)
{
	for (;;) {
		ssize_t got;
		int r;

		/* a peer that never stops sending must not outlast the deadline either */
		if (deadline_passed(d))
			return err(ERR_NET, "%s", words_for(ETIMEDOUT));
		got = recv(fd, p, n < INT32_MAX ? n : INT32_MAX, 0);
		if (got >= 0)
			return (int)got;
		if (!try_later(errno))
			return err(ERR_NET, "%s", words_for(errno));
		r = sock_await(fd, false, d);
		if (r < 0)
			return r;
	}
}
