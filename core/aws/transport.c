/* transport.c - how AWS is reached: proxies and trusted certificates, from options, environment and
 * profile */
#include "aws/transport.h"

static struct client_proxy proxy(const struct config *c, const char *name)
{
	return (struct client_proxy){ config_env_get(c, name), name };
}

static struct client_proxy either(const struct config *c, const char *lower, const char *upper)
{
	struct client_proxy p = proxy(c, lower);

	return p.text.p ? p : proxy(c, upper);
}

static void set_proxies(struct client *client, const struct config *c)
{
	client->https_proxy = either(c, "https_proxy", "HTTPS_PROXY");
	client->http_proxy = either(c, "http_proxy", "HTTP_PROXY");
	/* in a CGI program the latter can be a header that a stranger sent */
	if (config_env_get(c, "REQUEST_METHOD").p)
		client->http_proxy = proxy(c, "http_proxy");
	client->no_proxy = either(c, "no_proxy", "NO_PROXY").text;
}

int transport_open(struct client *client, const struct config *c,
	const struct transport_options *options, struct buf *storage)
{
	struct str bundle = str_of(options->ca_bundle);
	int r = 0;

	if (!options->ca_bundle)
		bundle = config_setting(c, "AWS_CA_BUNDLE", "ca_bundle");
	if (bundle.n > 0)
		r = config_expand(c, bundle, storage);
	client->ca_file = bundle.n > 0 ? buf_text(storage) : NULL;
	client->ca_read = false;
	client->believe_anybody = options->no_verify;
	client->now = options->now;
	set_proxies(client, c);
	return r;
}
