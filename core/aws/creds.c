/* creds.c - whose keys sign a request: the chain of providers */
#include "aws/creds.h"

#include "base/mem.h"

void creds_close(struct creds *c)
{
	mem_wipe(c, sizeof(*c));
}

/* Keys become header values, where a line's end would start another header. */
static bool visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static struct str keep(struct buf *b, struct str s)
{
	struct str kept = { buf_tail(b), s.n };

	buf_str(b, s);
	return kept;
}

int creds_set(struct creds *c, struct str id, struct str secret, struct str token)
{
	struct buf b = buf_of(c->storage, sizeof(c->storage));

	if (id.n == 0 || secret.n == 0)
		return err(ERR_FORMAT, "credentials without %s",
			id.n ? "a secret key" : "an access key id");
	if (!visible(id) || !visible(secret) || !visible(token))
		return err(ERR_FORMAT,
			"credentials with a blank, control or foreign character in them");
	c->id = keep(&b, id);
	c->secret = keep(&b, secret);
	c->token = keep(&b, token);
	return buf_check(&b, "credentials");
}

static void start(struct creds *c)
{
	c->source = buf_of(c->source_storage, sizeof(c->source_storage));
	c->id = c->secret = c->token = (struct str){ "", 0 };
	c->expires = 0;
}

static int from_env(struct creds *c, const struct config *config)
{
	struct str id = config_env_get(config, "AWS_ACCESS_KEY_ID");
	struct str secret = config_env_get(config, "AWS_SECRET_ACCESS_KEY");
	struct str token = config_env_get(config, "AWS_SECURITY_TOKEN");

	if (config->profile_explicit || !id.p)
		return ERR_ABSENT;
	if (!secret.p)
		return err(ERR_USAGE, "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
	if (!token.p)
		token = config_env_get(config, "AWS_SESSION_TOKEN");
	buf_puts(&c->source, "environment");
	return creds_set(c, id, secret, token);
}

static int from_file(struct creds *c, const struct config *config, enum config_where where)
{
	struct str profile = str_of(config->profile);
	struct str id = config_get_from(config, where, profile, "aws_access_key_id");
	struct str secret = config_get_from(config, where, profile, "aws_secret_access_key");
	struct str token = config_get_from(config, where, profile, "aws_session_token");
	const char *path = where == CONFIG_FILE ? config->file_path : config->credentials_path;

	if (!id.p)
		return ERR_ABSENT;
	if (!secret.p)
		return err(ERR_USAGE,
			"%s: profile %s has aws_access_key_id, but no aws_secret_access_key", path,
			config->profile);
	buf_addf(&c->source, "profile %s in %s", config->profile, path);
	return creds_set(c, id, secret, token);
}

int creds_find(struct creds *c, const struct config *config)
{
	int r;

	start(c);
	r = from_env(c, config);
	if (r == ERR_ABSENT)
		r = from_file(c, config, CONFIG_CREDENTIALS);
	if (r == ERR_ABSENT)
		r = from_file(c, config, CONFIG_FILE);
	if (r == ERR_ABSENT)
		r = err(ERR_ABSENT, "no credentials: neither in %s nor in profile %s of %s and %s",
			config->profile_explicit
				? "the environment (not asked, as --profile is given)"
				: "the environment",
			config->profile, config->credentials_path, config->file_path);
	return r == 0 ? 0 : err_in(r, "credentials");
}
