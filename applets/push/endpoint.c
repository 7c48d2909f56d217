/* endpoint.c - where a push is sent */
#include "applets/push/push.h"
#include "aws/region.h"

struct choice {
	struct str url;
	const char *from;
};

/* What the profile's services section says. */
static int from_services(const struct config *c, struct str *url)
{
	struct str name = config_get(c, "services");

	if (name.n == 0)
		return 0;
	if (!config_has_section(c, "services", name))
		return err(ERR_USAGE, "profile %s: services = %.*s: there is no [services %.*s]",
			c->profile, STR_ARG(name), STR_ARG(name));
	*url = config_get_section(c, "services", name, "ec2_instance_connect", "endpoint_url");
	return 0;
}

/* What the environment and the files say, the more general of the environment before the files. */
static int configured(const struct config *c, struct str *url)
{
	int r = 0;

	*url = (struct str){ NULL, 0 };
	if (config_is_true(config_setting(
		    c, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")))
		return 0;
	*url = config_env_get(c, "AWS_ENDPOINT_URL_EC2_INSTANCE_CONNECT");
	if (url->n == 0)
		*url = config_env_get(c, "AWS_ENDPOINT_URL");
	if (url->n == 0)
		r = from_services(c, url);
	if (r == 0 && url->n == 0)
		*url = config_get(c, "endpoint_url");
	return r;
}

static bool switched_on(const struct config *c, const char *env_name, const char *key)
{
	return config_is_true(config_setting(c, env_name, key));
}

int push_endpoint(struct push *p, struct buf *text)
{
	const struct config *c = &p->config;
	bool fips = switched_on(c, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	bool dual = switched_on(c, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	struct str url = str_of(p->options.endpoint);
	int r = 0;

	if (!p->options.endpoint)
		r = configured(c, &url);
	if (r < 0)
		return r;
	if (url.n > 0 && (fips || dual))
		return err(ERR_USAGE, "%s and an endpoint URL cannot be combined",
			fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT");
	if (url.n > 0)
		buf_str(text, url);
	else
		region_endpoint(text, PUSH_SERVICE, p->region, fips, dual);
	r = buf_check(text, "endpoint URL");
	if (r == 0)
		r = url_parse(&p->endpoint, buf_view(text));
	return r < 0 ? err_in(ERR_USAGE, "endpoint") : 0;
}
