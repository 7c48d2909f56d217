/* instance.c - credentials of the instance's own role, from the metadata service
 *
 *	meta-data/iam/security-credentials/		the role's name
 *	meta-data/iam/security-credentials/ROLE	{"Code": "Success", "AccessKeyId": ...,
 *"SecretAccessKey": ..., "Token": ..., "Expiration": ...}
 *
 * EC2 User Guide. Version 2 of the service only. */
#include "aws/imds.h"
#include "aws/provider.h"
#include "base/log.h"

#define BASE_PATH "meta-data/iam/security-credentials/"
#define ROLE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"
#define SECONDS_MAX 600

static struct str base_url(const struct creds_world *w)
{
	struct str url = config_setting(
		w->config, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	struct str mode = config_setting(w->config, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
		"ec2_metadata_service_endpoint_mode");

	if (url.p)
		return url;
	return str_ieq(mode, STR("ipv6")) ? STR(IMDS_IPV6) : STR(IMDS_IPV4);
}

static int64_t number(const struct creds_world *w, const char *env_name, const char *key)
{
	uint64_t n;

	return str_u64(config_setting(w->config, env_name, key), SECONDS_MAX, &n) && n > 0
		? (int64_t)n
		: 1;
}

/* How long one question may take. */
static struct deadline patience(const struct creds_world *w)
{
	int64_t seconds = number(w, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout");
	int64_t attempts = number(
		w, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts");

	return deadline_first(deadline_in(seconds * attempts * 1000), w->deadline);
}

static int ask(struct imds *m, const struct creds_world *w, const char *path, struct buf *body)
{
	buf_clear(body);
	m->deadline = patience(w);
	return imds_get(m, path, body);
}

static int ask_role(struct creds *c, struct creds_world *w, struct imds *m, struct str role)
{
	static const struct provider_names names = {
		"AccessKeyId",
		"SecretAccessKey",
		"Token",
		"Expiration",
		false,
	};
	BUF(path, 256);
	struct provider_doc d;
	int r;

	buf_addf(&path, BASE_PATH "%.*s", STR_ARG(role));
	r = ask(m, w, buf_text(&path), &w->work);
	if (r == 0)
		r = provider_parse(&d, buf_view(&w->work), "the answer");
	if (r == 0 && json_type(json_get(d.root, "Code")) == JSON_STRING &&
		!json_is(json_get(d.root, "Code"), "Success"))
		r = err(ERR_DENIED, "the metadata service has no credentials for it");
	if (r == 0)
		r = provider_set(c, w, d.root, &names);
	buf_wipe(&w->work);
	if (r < 0)
		return err_in(r, "instance role %.*s", STR_ARG(role));
	buf_addf(&c->source, "instance role %.*s", STR_ARG(role));
	return 1;
}

int provider_instance(struct creds *c, struct creds_world *w)
{
	struct str base = base_url(w), list, role = { 0 };
	BUF(names, 1024);
	struct imds m;
	int r;

	if (config_is_true(config_env_get(w->config, "AWS_EC2_METADATA_DISABLED")))
		return 0;
	r = imds_open(&m, base, true, patience(w));
	if (r < 0)
		return r;
	r = ask(&m, w, BASE_PATH, &names);
	list = buf_view(&names);
	(void)str_take_line(&list, &role);
	role = str_trim(role);
	/* no such service, or no role: that is how most machines are */
	if (r < 0)
		log_debug("metadata service: %s", err_text());
	if (r == 0 && str_all(role, ROLE_CHARS))
		r = ask_role(c, w, &m, role);
	else
		r = 0;
	imds_close(&m);
	return r;
}
