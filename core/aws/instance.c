/* instance.c - what the metadata service knows: the keys of the instance's own role, and the region
 *
 *	PUT /latest/api/token				the session's token
 *	meta-data/iam/security-credentials/		the role's name
 *	meta-data/iam/security-credentials/ROLE	{"Code": "Success", "AccessKeyId": ...,
 *"SecretAccessKey": ..., "Token": ..., "Expiration": ...}
 *	meta-data/placement/availability-zone		us-east-1a
 *
 * EC2 User Guide. Where there is no token to be had, as on old doubles and behind a hop limit, it
 *is asked without one (version 1), unless that is forbidden: "IMDS credential provider" of the AWS
 * SDKs and Tools Reference Guide. */
#include <string.h>

#include "aws/provider.h"
#include "base/log.h"
#include "base/mem.h"
#include "eic/limits.h"

#define IPV4 "http://169.254.169.254"
#define IPV6 "http://[fd00:ec2::254]"
#define ROLES "meta-data/iam/security-credentials/"
#define ROLE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"
#define SECONDS_MAX 600

/* The service, and how it is asked. */
struct service {
	struct creds_world *w;
	char base[256];
	char token[512]; /* "": none, version 1 */
	int64_t wait_ms;
	unsigned tries;
};

static struct str setting(const struct service *s, const char *env_name, const char *key)
{
	return config_setting(s->w->config, env_name, key);
}

static unsigned number(const struct service *s, const char *env_name, const char *key)
{
	uint64_t n;

	return str_u64(setting(s, env_name, key), SECONDS_MAX, &n) && n > 0 ? (unsigned)n : 1;
}

static int add_base(struct service *s)
{
	struct buf base = buf_of(s->base, sizeof(s->base));
	struct str url = setting(
		s, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	struct str mode = setting(
		s, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");

	if (!url.p)
		url = str_ieq(mode, STR("ipv6")) ? STR(IPV6) : STR(IPV4);
	url.n -= str_ends(url, "/");
	buf_str(&base, url);
	return buf_check(&base, "metadata service");
}

/* One question; the body stays in w->storage. */
static int ask(struct service *s, const char *method, const char *path, struct http_answer *a)
{
	const struct http_header with_token = { STR("X-aws-ec2-metadata-token"), str_of(s->token) };
	const struct http_header lifetime = { STR("X-aws-ec2-metadata-token-ttl-seconds"),
		STR("21600") };
	bool put = method[1] == 'U';
	struct http_request rq = {
		.method = method,
		.headers = put ? &lifetime : &with_token,
		.n_headers = put || s->token[0],
	};
	BUF(text, 512);
	struct url u;
	int r;

	buf_addf(&text, "%s/latest/%s", s->base, path);
	r = buf_check(&text, "URL");
	if (r == 0)
		r = url_parse(&u, buf_view(&text));
	return r < 0 ? r : provider_fetch(s->w, &u, &rq, s->wait_ms, s->tries, a);
}

/* No token is no failure where version 1 may be spoken and somebody is there: an answer that comes
 * too late is what a hop limit makes of it. */
static int begin(struct service *s)
{
	struct http_answer a;
	int r = ask(s, "PUT", "api/token", &a);
	int status = r == 0 ? a.head.status : 0;

	if (status == 200)
		return provider_visible(a.body) && str_copy(s->token, sizeof(s->token), a.body)
			? 0
			: err(ERR_FORMAT, "a token that is none");
	if (r == ERR_ABSENT || status == 403 || status == 404 || status == 405) {
		log_debug("metadata service: no token, so version 1");
		return config_is_true(setting(
			       s, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"))
			? err(ERR_DENIED, "metadata service: no token, and version 1 is disabled")
			: 0;
	}
	return r < 0 ? r : err(ERR_NET, "status %d", status);
}

/* 1: there is a service; 0: there is none, as on most machines; or an error. */
static int start(struct service *s, struct creds_world *w)
{
	int r;

	*s = (struct service){ .w = w };
	if (config_is_true(config_env_get(w->config, "AWS_EC2_METADATA_DISABLED")))
		return 0;
	s->tries = number(s, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts");
	s->wait_ms = 1000 * number(s, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout");
	r = add_base(s);
	if (r == 0)
		r = begin(s);
	if (r == ERR_NET || r == ERR_FORMAT || r == ERR_LIMIT) {
		log_debug("metadata service: %s", err_text());
		return 0;
	}
	return r < 0 ? r : 1;
}

/* The first line of a leaf; false: there is none. */
static bool get_line(struct service *s, const char *path, struct str *line)
{
	struct http_answer a;
	int r = ask(s, "GET", path, &a);

	if (r < 0 || a.head.status != 200) {
		log_debug("metadata service: %s: %s", path, r < 0 ? err_text() : "not there");
		return false;
	}
	*line = STR("");
	(void)str_take_line(&a.body, line);
	*line = str_trim(*line);
	return true;
}

static int get_role(struct creds *c, struct service *s, const char *path)
{
	struct http_answer a;
	struct provider_doc d;
	int r = ask(s, "GET", path, &a);

	if (r == 0 && a.head.status != 200)
		r = err(ERR_DENIED, "status %d", a.head.status);
	if (r == 0)
		r = provider_parse(&d, a.body, "the answer");
	if (r == 0 && json_type(json_get(d.root, "Code")) == JSON_STRING &&
		!json_is(json_get(d.root, "Code"), "Success"))
		r = err(ERR_DENIED, "the metadata service has no credentials for it");
	return r < 0 ? r : provider_set(c, s->w, d.root, &provider_token_names);
}

int provider_instance(struct creds *c, struct creds_world *w)
{
	struct service s;
	struct str role;
	BUF(path, 256);
	int r = start(&s, w);

	if (r <= 0)
		return r;
	if (!get_line(&s, ROLES, &role) || !str_all(role, ROLE_CHARS))
		return 0;
	buf_addf(&path, ROLES "%.*s", STR_ARG(role));
	r = get_role(c, &s, buf_text(&path));
	buf_wipe(&w->storage);
	if (r < 0)
		return err_in(r, "instance role %s", buf_text(&path) + sizeof(ROLES) - 1);
	buf_addf(&c->source, "instance role %s", buf_text(&path) + sizeof(ROLES) - 1);
	return 1;
}

int creds_region(struct creds_world *w, struct buf *region)
{
	struct service s;
	struct str zone;

	if (start(&s, w) == 1 && get_line(&s, "meta-data/placement/availability-zone", &zone))
		buf_str(region, eic_zone_region(zone));
	return region->len > 0 ? 0 : ERR_ABSENT;
}
