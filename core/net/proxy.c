/* proxy.c - which proxy a request goes through, and the tunnel that HTTPS needs there
 *
 *	CONNECT host:port HTTP/1.1		RFC 9110, section 9.3.6
 *	Host: host:port
 *	Proxy-Authorization: Basic base64(user:password) */
#include "net/proxy.h"

#include "data/enc.h"
#include "net/http.h"
#include "net/sock.h"

#define HTTP_PREFIX "http://"

static int add_basic(struct buf *out, struct str userinfo)
{
	BUF(plain, PROXY_AUTHORIZATION_MAX / 2);
	int r = percent_read(userinfo, &plain);

	/* a user without a password is not sent, as the AWS CLI does not */
	if (r == 0 && str_has(buf_view(&plain), ':')) {
		buf_puts(out, "Basic ");
		base64_add(out, plain.p, plain.len);
		r = buf_check(out, "proxy");
	}
	buf_wipe(&plain);
	return r;
}

/* "user:password@" in front of the host; what is left is taken out of text. */
static struct str take_userinfo(struct str *text)
{
	struct str userinfo = { text->p, 0 };

	for (size_t i = 0; i < text->n && text->p[i] != '/'; i++)
		if (text->p[i] == '@')
			userinfo.n = i + 1;
	text->p += userinfo.n;
	text->n -= userinfo.n;
	if (userinfo.n > 0)
		userinfo.n--;
	return userinfo;
}

int proxy_read(struct proxy *p, struct str text, const char *from)
{
	struct str rest = text, userinfo, prefix;
	struct buf b = buf_of(p->text, sizeof(p->text));

	p->from = from;
	p->authorization = buf_of(p->storage, sizeof(p->storage));
	if (str_starts(rest, HTTP_PREFIX))
		(void)str_take(&rest, sizeof(HTTP_PREFIX) - 1, &prefix);
	else if (str_starts(rest, "https://") || str_starts(rest, "socks"))
		return err(ERR_USAGE, "%s: only http:// proxies can be used", from);
	userinfo = take_userinfo(&rest);
	buf_addf(&b, HTTP_PREFIX "%.*s", STR_ARG(rest));
	if (b.full || url_parse(&p->url, buf_view(&b)) < 0 ||
		add_basic(&p->authorization, userinfo) < 0)
		return err(ERR_USAGE, "%s: not [http://][user:password@]host[:port]", from);
	return 0;
}

static bool is_below(struct str host, struct str suffix)
{
	struct str tail;

	if (suffix.n > host.n)
		return false;
	tail = (struct str){ host.p + (host.n - suffix.n), suffix.n };
	return str_ieq(tail, suffix) && (suffix.n == host.n || tail.p[-1] == '.');
}

bool proxy_is_exempt(struct str list, const struct url *u)
{
	struct str entry, ignored;
	BUF(with_port, URL_HOST_MAX + 16);

	buf_addf(&with_port, "%.*s:%u", STR_ARG(u->host), u->port);
	while (str_cut(&list, ',', &entry)) {
		entry = str_trim(entry);
		if (str_is(entry, "*"))
			return true;
		if (str_starts(entry, "."))
			(void)str_take(&entry, 1, &ignored);
		if (entry.n > 0 &&
			(is_below(u->host, entry) || is_below(buf_view(&with_port), entry)))
			return true;
	}
	return false;
}

static void add_place(struct buf *out, const struct url *u)
{
	buf_addf(out, u->ipv6 ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(u->host), u->port);
}

int proxy_blame(const struct proxy *p, int r)
{
	BUF(place, URL_HOST_MAX + 16);

	add_place(&place, &p->url);
	return err_in(r, "proxy %s (%s)", buf_text(&place), p->from);
}

int proxy_refused(const struct proxy *p, const struct url *u, int status)
{
	if (status == 407)
		return err(ERR_DENIED,
			p->authorization.len > 0
				? "status 407: it does not take that user and password"
				: "status 407: it wants http://USER:PASSWORD@HOST:PORT");
	return err(status < 500 ? ERR_DENIED : ERR_NET,
		"no tunnel to %.*s: status %d: ask who runs it, or name the host in NO_PROXY",
		STR_ARG(u->host), status);
}

static int read_answer(int fd, struct http_head *head, struct buf *raw, struct deadline d)
{
	int r = 0;

	while (r == 0) {
		int n = sock_read(fd, buf_tail(raw), buf_room(raw), d);

		if (n <= 0)
			return n < 0 ? n : err(ERR_NET, "the connection ended");
		buf_grew(raw, (size_t)n);
		r = http_read_answer_head(head, buf_view(raw));
		if (r == 0 && buf_room(raw) == 0)
			return err(ERR_LIMIT, "a head of more than %zu bytes", raw->len);
	}
	return r < 0 ? r : 0;
}

static int ask(int fd, const struct proxy *p, const struct url *u, struct http_head *head,
	struct deadline d)
{
	BUF(raw, 8192);
	BUF(place, URL_HOST_MAX + 16);
	int r;

	add_place(&place, u);
	buf_addf(&raw, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", buf_text(&place), buf_text(&place));
	if (p->authorization.len > 0)
		buf_addf(&raw, "Proxy-Authorization: %s\r\n", buf_text(&p->authorization));
	buf_puts(&raw, "\r\n");
	r = sock_write(fd, buf_view(&raw), d);
	buf_wipe(&raw);
	return r < 0 ? r : read_answer(fd, head, &raw, d);
}

int proxy_tunnel(int fd, const struct proxy *p, const struct url *u, struct deadline d)
{
	struct http_head head;
	int r = ask(fd, p, u, &head, d);

	if (r == 0 && (head.status < 200 || head.status > 299))
		r = proxy_refused(p, u, head.status);
	return r;
}
