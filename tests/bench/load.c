/* load.c - asks an HTTP server on loopback for the same things again and again, over connections
 * that stay
 *
 * usage: load PORT CONNECTIONS REQUESTS FILE...
 * Each FILE is a whole request; request number i is FILE i modulo their number. Prints "WALL_MS
 * P50_US P99_US BAD": the time for all of them, two quantiles of the time for one, and how many
 * were not answered with 200. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 256, CONNECTIONS_MAX = 1000, REQUEST_MAX = 16384, ANSWER_MAX = 65536 };

static struct {
	char p[REQUEST_MAX];
	size_t n;
} files[FILES_MAX];

static struct conn {
	int fd;
	double since;
	size_t n;
	char in[ANSWER_MAX];
} conns[CONNECTIONS_MAX];

static double *times;
static int n_files, sent, done, bad, requests;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void read_request(int i, const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, files[i].p, REQUEST_MAX);

	if (n <= 0)
		die(path);
	files[i].n = (size_t)n;
	close(fd);
}

static void ask(struct conn *c)
{
	int i = sent++ % n_files;

	c->n = 0;
	c->since = now_us();
	if (write(c->fd, files[i].p, files[i].n) != (ssize_t)files[i].n)
		die("write");
}

static void connect_to(struct conn *c, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* Is the answer whole? */
static int complete(const struct conn *c)
{
	const char *end = memmem(c->in, c->n, "\r\n\r\n", 4),
		   *length = strcasestr(c->in, "\r\ncontent-length:");

	return end && length &&
		c->n >= (size_t)(end + 4 - c->in) + (size_t)strtol(length + 17, NULL, 10);
}

static void take(struct conn *c)
{
	ssize_t n = read(c->fd, c->in + c->n, ANSWER_MAX - 1 - c->n);

	if (n <= 0)
		die("the server closed");
	c->n += (size_t)n;
	c->in[c->n] = 0;
	if (!complete(c))
		return;
	bad += strncmp(c->in + 8, " 200", 4) != 0;
	times[done++] = now_us() - c->since;
	if (sent < requests)
		ask(c);
}

static int by_size(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
		(*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(0), n = argc > 4 ? (int)strtol(argv[2], NULL, 10) : 0;
	struct epoll_event events[64];
	double start;

	if (n < 1 || n > CONNECTIONS_MAX || argc - 4 > FILES_MAX) {
		fprintf(stderr, "usage: load PORT CONNECTIONS REQUESTS FILE...\n");
		return 2;
	}
	requests = (int)strtol(argv[3], NULL, 10);
	n_files = argc - 4;
	times = calloc((size_t)requests, sizeof(*times));
	for (int i = 0; i < n_files; i++)
		read_request(i, argv[4 + i]);
	for (int i = 0; i < n; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = &conns[i] };

		connect_to(&conns[i], (int)strtol(argv[1], NULL, 10));
		epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &e);
	}
	start = now_us();
	for (int i = 0; i < n && sent < requests; i++)
		ask(&conns[i]);
	while (done < requests) {
		int got = epoll_wait(epoll, events, 64, 10000);

		if (got <= 0)
			die("nothing comes");
		for (int i = 0; i < got; i++)
			take(events[i].data.ptr);
	}
	start = now_us() - start;
	qsort(times, (size_t)requests, sizeof(*times), by_size);
	printf("%.1f %.0f %.0f %d\n", start / 1e3, times[requests / 2],
		times[(size_t)requests * 99 / 100], bad);
	return 0;
}
