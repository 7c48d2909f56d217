/* endpoint.c - where a service is reached */
#include "aws/endpoint.h"

#include "aws/region.h"

const struct endpoint_service endpoint_eic = { "ec2-instance-connect",
	"AWS_ENDPOINT_URL_EC2_INSTANCE_CONNECT", "ec2_instance_connect" };
const struct endpoint_service endpoint_sts = { "sts", "AWS_ENDPOINT_URL_STS", "sts" };
const struct endpoint_service endpoint_sso = { "portal.sso", "AWS_ENDPOINT_URL_SSO", "sso" };
const struct endpoint_service endpoint_oidc = { "oidc", "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc" };
const struct endpoint_service endpoint_signin = { "signin", "AWS_ENDPOINT_URL_SIGNIN", "signin" };

/* What the profile's services section says. */
static int from_section(const struct config *c, const struct endpoint_service *s, struct str *url)
{
	struct str name = config_get(c, "services");

	if (name.n == 0)
		return 0;
	if (!config_has_section(c, "services", name))
		return err(ERR_USAGE, "profile %s: services = %.*s: there is no [services %.*s]",
			c->profile, STR_ARG(name), STR_ARG(name));
	*url = config_get_section(c, "services", name, s->key, "endpoint_url");
	return 0;
}

/* What the environment and the files say; the more general variable goes before the more special
 * setting of a file. */
static int configured(const struct config *c, const struct endpoint_service *s, struct str *url)
{
	int r = 0;

	*url = (struct str){ NULL, 0 };
	if (config_is_true(config_setting(
		    c, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")))
		return 0;
	*url = config_env_get(c, s->env);
	if (url->n == 0)
		*url = config_env_get(c, "AWS_ENDPOINT_URL");
	if (url->n == 0)
		r = from_section(c, s, url);
	if (r == 0 && url->n == 0)
		*url = config_get(c, "endpoint_url");
	return r;
}

static bool switched_on(const struct config *c, const char *env_name, const char *key)
{
	return config_is_true(config_setting(c, env_name, key));
}

int endpoint_find(struct url *u, struct buf *text, const struct config *c,
	const struct endpoint_service *s, const char *given, struct str region)
{
	bool fips = switched_on(c, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	bool dual = switched_on(c, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	struct str url = str_of(given);
	int r = 0;

	if (!given)
		r = configured(c, s, &url);
	if (r < 0)
		return r;
	if (url.n > 0 && (fips || dual))
		return err(ERR_USAGE, "endpoint %.*s: cannot be combined with %s", STR_ARG(url),
			fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT");
	if (url.n > 0)
		buf_str(text, url);
	else if (s != &endpoint_signin || fips || dual || !region_signin(text, region))
		region_endpoint(text, s->host, region, fips, dual);
	r = buf_check(text, "endpoint URL");
	if (r == 0)
		r = url_parse(u, buf_view(text));
	return r < 0 ? err_in(ERR_USAGE, "endpoint") : 0;
}
