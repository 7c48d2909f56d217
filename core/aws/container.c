/* container.c - credentials that the container's host hands out (ECS, EKS Pod Identity)
 *
 *	GET http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, or
 *$AWS_CONTAINER_CREDENTIALS_FULL_URI Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN, or what the
 *file ..._TOKEN_FILE holds
 *	-> {"AccessKeyId": ..., "SecretAccessKey": ..., "Token": ..., "Expiration": ...}
 *
 * "Container credential provider" of the AWS SDKs and Tools Reference Guide. */
#include <string.h>

#include "aws/provider.h"
#include "base/io.h"
#include "net/sock.h"

#define TRIES 3
#define WAIT_MS 2000
#define AUTHORIZATION_MAX 8192

/* Plain HTTP only to where no network is in between. */
static int check_host(const struct url *u)
{
	static const char *const hosts[] = { "169.254.170.2", "169.254.170.23", "fd00:ec2::23",
		"localhost" };
	struct sock_address a;

	if (u->https || (sock_literal(&a, u->host, u->port) == 0 && sock_is_loopback(&a)))
		return 0;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (str_is(u->host, hosts[i]))
			return 0;
	return err(ERR_DENIED, "%.*s: neither https nor a host on this machine", STR_ARG(u->host));
}

/* 1: set up. */
static int find_url(const struct creds_world *w, struct url *u, struct buf *text)
{
	struct str relative = config_env_get(w->config, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	struct str full = config_env_get(w->config, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
	int r;

	if (!relative.p && !full.p)
		return 0;
	if (relative.p)
		buf_addf(text, "http://169.254.170.2%.*s", STR_ARG(relative));
	else
		buf_str(text, full);
	r = buf_check(text, "URL");
	if (r == 0)
		r = url_parse(u, buf_view(text));
	if (r == 0)
		r = check_host(u);
	return r < 0 ? r : 1;
}

static int find_authorization(const struct creds_world *w, struct buf *out)
{
	struct str file = config_env_get(w->config, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	struct str value = config_env_get(w->config, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
	int r = 0;

	if (file.p)
		r = io_read_file(file.p, out);
	else if (value.p)
		buf_str(out, value);
	while (out->len > 0 && strchr("\r\n", out->p[out->len - 1]))
		out->p[--out->len] = 0;
	for (size_t i = 0; i < out->len; i++)
		if (out->p[i] < ' ' || out->p[i] > '~')
			return err(ERR_FORMAT, "the authorization token holds odd characters");
	return r < 0 ? r : buf_check(out, "authorization token");
}

static int get(
	struct creds_world *w, const struct url *u, struct str authorization, struct http_answer *a)
{
	const struct http_header headers[] = {
		{ STR("Accept"), STR("application/json") },
		{ STR("Authorization"), authorization },
	};
	struct http_request rq = {
		.method = "GET", .headers = headers, .n_headers = authorization.n > 0 ? 2 : 1
	};
	int r = provider_fetch(w, u, &rq, WAIT_MS, TRIES, a);

	if (r == 0 && a->head.status != 200)
		return err(ERR_DENIED, "status %d", a->head.status);
	return r;
}

int provider_container(struct creds *c, struct creds_world *w)
{
	BUF(text, 2048);
	BUF(authorization, AUTHORIZATION_MAX);
	struct http_answer a;
	struct provider_doc d;
	struct url u;
	int r = find_url(w, &u, &text);

	if (r == 0)
		return 0;
	if (r > 0)
		r = find_authorization(w, &authorization);
	if (r == 0)
		r = get(w, &u, buf_view(&authorization), &a);
	if (r == 0)
		r = provider_parse(&d, a.body, "the answer");
	if (r == 0)
		r = provider_set(c, w, d.root, &provider_token_names);
	buf_wipe(&authorization);
	buf_wipe(&w->storage);
	if (r < 0)
		return err_in(r, "container credentials of %s", buf_text(&text));
	buf_addf(&c->source, "container (%s)", buf_text(&text));
	return 1;
}
