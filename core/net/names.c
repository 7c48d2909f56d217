/* names.c - the addresses of a host name, found under a deadline */
#include "net/names.h"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/io.h"
#include "crypto/crypto.h"
#include "data/url.h"
#include "net/dns.h"

#define SERVERS_MAX 3
#define SERVER_PORT 53
#define LOOK_UP_MS 10000
#define AGAIN_MS 2000   /* then a question is sent once more */
#define PATIENCE_MS 250 /* for the addresses of one family when those of the other are there */
#define FILE_MAX 65536

/* What /etc/resolv.conf says. */
struct servers {
	struct sock_address at[SERVERS_MAX];
	size_t n;
	struct str search; /* words; borrowed from the file's text */
};

/* A question, and what has come of it. */
struct question {
	char bytes[DNS_MESSAGE_MAX];
	struct buf text;
	struct sock_address found[NAMES_MAX];
	int result;       /* how many were found, or ERR_* */
	unsigned refused; /* by how many servers */
	bool done;
};

/* The questions about one name on their way. */
struct look_up {
	struct question v6, v4;
	struct pollfd p[SERVERS_MAX];
	size_t n;
};

static void set_port(struct sock_address *a, uint16_t port)
{
	if (a->storage.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&a->storage)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)(void *)&a->storage)->sin_port = htons(port);
}

/* The next line's words, without its comment. */
static bool take_line(struct str *text, struct str *line)
{
	struct str all;

	*line = (struct str){ text->p, 0 };
	if (!str_take_line(text, &all))
		return false;
	str_cut(&all, '#', line);
	return true;
}

/* --- /etc/hosts
 * ------------------------------------------------------------------------------------ */

static bool line_has(struct str line, struct str name)
{
	struct str word;

	while (str_take_word(&line, &word))
		if (str_ieq(word, name))
			return true;
	return false;
}

static size_t find_in_hosts(struct sock_address *out, struct str text, struct str name)
{
	struct str line, address;
	size_t n = 0;

	while (n < NAMES_MAX && take_line(&text, &line))
		if (str_take_word(&line, &address) && line_has(line, name) &&
			sock_literal(&out[n], address, 0) == 0)
			n++;
	return n;
}

/* --- /etc/resolv.conf
 * ------------------------------------------------------------------------------ */

/* An address, for link-local ones with "%" and the interface behind it. */
static bool read_server(struct sock_address *a, struct str word)
{
	struct str address = { word.p, 0 };
	char interface[IF_NAMESIZE];

	str_cut(&word, '%', &address);
	if (sock_literal(a, address, SERVER_PORT) < 0)
		return false;
	if (word.n > 0 && a->storage.ss_family == AF_INET6 &&
		str_copy(interface, sizeof(interface), word))
		((struct sockaddr_in6 *)(void *)&a->storage)->sin6_scope_id = if_nametoindex(
			interface);
	return true;
}

static void read_servers(struct servers *s, struct str text)
{
	struct str line, word;

	*s = (struct servers){ 0 };
	while (take_line(&text, &line)) {
		if (!str_take_word(&line, &word))
			continue;
		if (str_is(word, "search") || str_is(word, "domain"))
			s->search = line;
		else if (str_is(word, "nameserver") && s->n < SERVERS_MAX &&
			str_take_word(&line, &word) && read_server(&s->at[s->n], word))
			s->n++;
	}
	if (s->n == 0)
		s->n = sock_literal(&s->at[0], STR("127.0.0.1"), SERVER_PORT) == 0;
}

/* --- asking
 * ---------------------------------------------------------------------------------------- */

static int open_question(struct question *q, struct str name, enum dns_type type)
{
	uint16_t id;

	crypto_random(&id, sizeof(id));
	q->text = buf_of(q->bytes, sizeof(q->bytes));
	return dns_ask(&q->text, id, name, type);
}

/* Only what the server itself sends reaches a connected socket. */
static void open_sockets(struct look_up *l, const struct servers *s)
{
	for (l->n = 0; l->n < s->n; l->n++) {
		const struct sock_address *a = &s->at[l->n];
		int fd = socket(a->storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (const struct sockaddr *)&a->storage, a->n) < 0) {
			close(fd);
			fd = -1;
		}
		l->p[l->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
}

static void give_up(struct pollfd *server)
{
	if (server->fd >= 0)
		close(server->fd);
	server->fd = -1;
}

/* A server where nobody listens says so at the next call on its socket. */
static void send_question(struct look_up *l, const struct question *q)
{
	for (size_t i = 0; i < l->n && !q->done; i++)
		if (send(l->p[i].fd, q->text.p, q->text.len, MSG_NOSIGNAL) < 0)
			give_up(&l->p[i]);
}

static unsigned alive(const struct look_up *l)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->p[i].fd >= 0;
	return n;
}

/* A server that cannot tell counts only when none can. */
static void take_answer(struct look_up *l, struct question *q, struct str answer)
{
	int r = q->done ? ERR_FORMAT : dns_read(answer, buf_view(&q->text), q->found, NAMES_MAX);

	if (r == ERR_FORMAT || (r == ERR_NET && ++q->refused < alive(l)))
		return;
	q->result = r;
	q->done = true;
}

static void read_answers(struct look_up *l)
{
	char answer[DNS_MESSAGE_MAX];

	for (size_t i = 0; i < l->n; i++) {
		ssize_t n = l->p[i].revents ? recv(l->p[i].fd, answer, sizeof(answer), 0) : 0;

		if (n < 0)
			give_up(&l->p[i]);
		if (n > 0) {
			take_answer(l, &l->v6, (struct str){ answer, (size_t)n });
			take_answer(l, &l->v4, (struct str){ answer, (size_t)n });
		}
	}
}

static void ask(struct look_up *l, struct deadline d)
{
	struct deadline again = deadline_in(0);
	bool half = false;

	while (!(l->v6.done && l->v4.done) && !deadline_passed(d) && alive(l) > 0) {
		if (deadline_passed(again)) {
			send_question(l, &l->v6);
			send_question(l, &l->v4);
			again = deadline_in(AGAIN_MS);
		}
		if (poll(l->p, l->n, deadline_left(deadline_first(d, again))) > 0)
			read_answers(l);
		if (!half && (l->v6.result > 0 || l->v4.result > 0)) {
			d = deadline_first(d, deadline_in(PATIENCE_MS));
			half = true;
		}
	}
}

/* IPv6 and IPv4 by turns; how many, or the worse of the two failures. */
static int merge(struct sock_address *out, const struct look_up *l)
{
	const struct question *both[2] = { &l->v6, &l->v4 };
	int n = 0;

	for (int i = 0; i < NAMES_MAX; i++)
		for (unsigned k = 0; k < 2; k++)
			if (i < both[k]->result && n < NAMES_MAX)
				out[n++] = both[k]->found[i];
	if (n > 0)
		return n;
	if (alive(l) == 0 || l->v6.result == ERR_NET || l->v4.result == ERR_NET)
		return err(ERR_NET, "no name server could be asked");
	if (!l->v6.done || !l->v4.done)
		return err(ERR_NET, "timed out");
	return err(ERR_ABSENT, "no such host");
}

static int look_up(
	struct sock_address *out, const struct servers *s, struct str name, struct deadline d)
{
	static struct look_up l;
	int r;

	l = (struct look_up){ 0 };
	r = open_question(&l.v6, name, DNS_AAAA);
	if (r == 0)
		r = open_question(&l.v4, name, DNS_A);
	if (r < 0)
		return r;
	open_sockets(&l, s);
	ask(&l, d);
	r = merge(out, &l);
	for (size_t i = 0; i < l.n; i++)
		give_up(&l.p[i]);
	return r;
}

static int search(
	struct sock_address *out, const struct servers *s, struct str name, struct deadline d)
{
	struct str words = s->search, domain;
	int r = ERR_ABSENT;

	while (r == ERR_ABSENT && str_take_word(&words, &domain)) {
		BUF(full, URL_HOST_MAX + 1);

		buf_str(&full, name);
		buf_putc(&full, '.');
		buf_str(&full, domain);
		r = full.full ? ERR_ABSENT : look_up(out, s, buf_view(&full), d);
	}
	return r;
}

static int ask_servers(struct sock_address *out, struct str name, struct deadline d)
{
	static char text[FILE_MAX];
	struct buf b = buf_of(text, sizeof(text));
	bool dotted = str_has(name, '.');
	struct servers s;
	int r = io_read_file("/etc/resolv.conf", &b);

	read_servers(&s, buf_view(&b));
	r = ERR_ABSENT;
	if (dotted)
		r = look_up(out, &s, name, d);
	if (r == ERR_ABSENT && !str_ends(name, "."))
		r = search(out, &s, name, d);
	if (r == ERR_ABSENT && !dotted)
		r = look_up(out, &s, name, d);
	return r;
}

int names_find(struct sock_address out[static NAMES_MAX], struct str host, uint16_t port,
	struct deadline d)
{
	static char text[FILE_MAX];
	struct buf hosts = buf_of(text, sizeof(text));
	int r;

	if (sock_literal(&out[0], host, port) == 0)
		return 1;
	r = io_read_file("/etc/hosts", &hosts);
	r = (int)find_in_hosts(out, buf_view(&hosts), host);
	/* never a name server's to say (RFC 6761, section 6.3): secrets go there without TLS */
	if (r == 0 && str_ieq(host, STR("localhost")))
		r = sock_literal(&out[0], STR("127.0.0.1"), port) == 0;
	if (r == 0)
		r = ask_servers(out, host, deadline_first(d, deadline_in(LOOK_UP_MS)));
	for (int i = 0; i < r; i++)
		set_port(&out[i], port);
	return r < 0 ? err_in(ERR_NET, "%.*s", STR_ARG(host)) : r;
}
