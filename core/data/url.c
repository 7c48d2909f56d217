/* url.c - http and https URLs, split; nothing that could be read in two ways is accepted
 *
 * http[s]://HOST[:PORT][/PATH][?QUERY] of RFC 3986. HOST is a name of letters, digits, '-' and '_'
 * between dots, an IPv4 address of four decimal numbers, or an IPv6 address in brackets. What libc
 * would take for an address in another spelling (127.1, 0x7f.0.0.1) is refused.
 */
#include "data/url.h"

#include <string.h>

#include "base/buf.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define PATH_CHARS ALNUM "-._~!$&'()*+,;=:@/%"

/* What has a user name can have a password: it is not repeated. */
static int refuse(struct str text, const char *why)
{
	if (str_has(text, '@'))
		return err(ERR_FORMAT, "URL: %s", why);
	return err(ERR_FORMAT, "URL '%.*s': %s", STR_ARG(text), why);
}

static bool take_prefix(struct str *in, const char *prefix)
{
	struct str ignored;

	return str_starts(*in, prefix) && str_take(in, strlen(prefix), &ignored);
}

/* What stands before the first byte of set, or all. */
static struct str take_until(struct str *in, const char *set)
{
	struct str part = { in->p, 0 };

	while (part.n < in->n && (in->p[part.n] == 0 || !strchr(set, in->p[part.n])))
		part.n++;
	in->p += part.n;
	in->n -= part.n;
	return part;
}

static bool is_ipv4(struct str host)
{
	struct str label;
	uint64_t v;
	int n = 0;

	while (str_cut(&host, '.', &label)) {
		if (!str_u64(label, 255, &v) || (label.n > 1 && label.p[0] == '0'))
			return false;
		n++;
	}
	return n == 4;
}

static bool is_name(struct str host)
{
	struct str rest = host, label = { 0 };

	if (host.n == 0 || host.n > URL_HOST_MAX || str_ends(host, "."))
		return false;
	while (str_cut(&rest, '.', &label))
		if (!str_all(label, ALNUM "-_") || label.n > 63 || label.p[0] == '-')
			return false;
	return label.p[0] < '0' || label.p[0] > '9' || is_ipv4(host);
}

static bool has_user(struct str rest)
{
	return str_has(take_until(&rest, "/?#"), '@');
}

static bool take_host(struct url *u, struct str *rest)
{
	struct str ignored;

	u->ipv6 = take_prefix(rest, "[");
	if (!u->ipv6) {
		u->host = take_until(rest, ":/?");
		return is_name(u->host);
	}
	u->host = take_until(rest, "]");
	return u->host.n <= 45 && str_has(u->host, ':') &&
		str_all(u->host, "0123456789abcdefABCDEF:.") && str_take(rest, 1, &ignored);
}

static bool take_port(struct url *u, struct str *rest)
{
	struct str digits;
	uint64_t v;

	u->port = u->https ? 443 : 80;
	u->port_given = take_prefix(rest, ":");
	if (!u->port_given)
		return true;
	digits = take_until(rest, "/?");
	if (digits.n > 5 || !str_u64(digits, 65535, &v) || v == 0)
		return false;
	u->port = (uint16_t)v;
	return true;
}

int url_parse(struct url *u, struct str text)
{
	struct str rest = text;

	*u = (struct url){ 0 };
	u->https = take_prefix(&rest, "https://");
	if (!u->https && !take_prefix(&rest, "http://"))
		return refuse(text, "does not begin with http:// or https://");
	if (has_user(rest))
		return refuse(text, "user names and passwords in URLs are not taken");
	if (!take_host(u, &rest))
		return refuse(text, "the host is no name and no address");
	if (!take_port(u, &rest))
		return refuse(text, "the port is no number from 1 to 65535");
	if (str_has(rest, '#'))
		return refuse(text, "has a fragment");
	u->path = take_until(&rest, "?");
	if (u->path.n > 0 && (u->path.p[0] != '/' || !str_all(u->path, PATH_CHARS)))
		return refuse(text, "the path holds a character that must be percent-encoded");
	u->query = rest;
	if (take_prefix(&u->query, "?") && u->query.n > 0 && !str_all(u->query, PATH_CHARS "?"))
		return refuse(text, "the query holds a character that must be percent-encoded");
	return 0;
}

void url_host(struct buf *out, const struct url *u)
{
	buf_addf(out, u->ipv6 ? "[%.*s]" : "%.*s", STR_ARG(u->host));
	if (u->port != (u->https ? 443 : 80))
		buf_addf(out, ":%u", u->port);
}
