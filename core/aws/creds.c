/* creds.c - whose keys sign a request: the chain of providers */
#include "aws/creds.h"

#include <config.h> /* the build's; "config.h" would be ours */
#include "aws/provider.h"
#include "base/log.h"
#include "base/mem.h"

#define ROLES_MAX 8 /* one assumed with the keys of another */

void creds_close(struct creds *c)
{
	mem_wipe(c, sizeof(*c));
}

/* Keys become header values, where a line's end would start another header. */
bool provider_visible(struct str s)
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
	if (!provider_visible(id) || !provider_visible(secret) || !provider_visible(token))
		return err(ERR_FORMAT,
			"credentials with a blank, control or foreign character in them");
	c->id = keep(&b, id);
	c->secret = keep(&b, secret);
	c->token = keep(&b, token);
	c->expires = 0;
	return buf_check(&b, "credentials");
}

static void start(struct creds *c)
{
	c->source = buf_of(c->source_storage, sizeof(c->source_storage));
	c->id = c->secret = c->token = (struct str){ "", 0 };
	c->expires = 0;
}

int provider_env(struct creds *c, struct creds_world *w)
{
	struct str id = config_env_get(w->config, "AWS_ACCESS_KEY_ID");
	struct str secret = config_env_get(w->config, "AWS_SECRET_ACCESS_KEY");
	struct str token = config_env_get(w->config, "AWS_SECURITY_TOKEN");
	struct str expires = config_env_get(w->config, "AWS_CREDENTIAL_EXPIRATION");
	int r;

	if (!id.p)
		return 0;
	if (!secret.p)
		return err(ERR_USAGE, "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not");
	if (!token.p)
		token = config_env_get(w->config, "AWS_SESSION_TOKEN");
	r = creds_set(c, id, secret, token);
	if (r == 0 && expires.p && clock_read(expires, &c->expires) && c->expires <= w->now)
		r = err(ERR_DENIED, "the credentials have expired at %.*s", STR_ARG(expires));
	buf_puts(&c->source, "environment");
	return r < 0 ? err_in(r, "environment") : 1;
}

static int from_file(
	struct creds *c, const struct creds_world *w, struct str profile, enum config_where where)
{
	const struct config *config = w->config;
	struct str id = config_get_from(config, where, profile, "aws_access_key_id");
	struct str secret = config_get_from(config, where, profile, "aws_secret_access_key");
	struct str token = config_get_from(config, where, profile, "aws_session_token");
	const char *path = where == CONFIG_FILE ? config->file_path : config->credentials_path;
	int r;

	if (id.n == 0)
		return 0;
	if (secret.n == 0)
		return err(ERR_USAGE,
			"%s: profile %.*s has aws_access_key_id, but no aws_secret_access_key",
			path, STR_ARG(profile));
	r = creds_set(c, id, secret, token);
	buf_addf(&c->source, "profile %.*s in %s", STR_ARG(profile), path);
	return r < 0 ? err_in(r, "profile %.*s", STR_ARG(profile)) : 1;
}

static int from_credentials(struct creds *c, struct creds_world *w, struct str profile)
{
	return from_file(c, w, profile, CONFIG_CREDENTIALS);
}

static int from_config(struct creds *c, struct creds_world *w, struct str profile)
{
	return from_file(c, w, profile, CONFIG_FILE);
}

static bool is_role(const struct creds_world *w, struct str profile)
{
	return provider_key(w, profile, "role_arn").p &&
		!provider_key(w, profile, "web_identity_token_file").p;
}

static bool has_static_keys(const struct creds_world *w, struct str profile)
{
	return provider_key(w, profile, "aws_access_key_id").p;
}

/* What a profile has besides a role, in the order of the chain. 1, 0 nothing, or an error. */
static int from_profile(struct creds *c, struct creds_world *w, struct str profile)
{
	static int (*const providers[])(struct creds *, struct creds_world *, struct str) = {
		provider_web_identity,
		provider_sso,
		from_credentials,
		provider_login,
		provider_process,
		from_config,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(providers) / sizeof(providers[0]); i++)
		r = providers[i](c, w, profile);
	return r;
}

/* The keys that credential_source names. */
static int from_source(struct creds *c, struct creds_world *w, struct str source)
{
	static const struct {
		const char *name;
		int (*provider)(struct creds *c, struct creds_world *w);
	} sources[] = {
		{ "Environment", provider_env },
		{ "Ec2InstanceMetadata", provider_instance },
		{ "EcsContainer", provider_container },
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		int r;

		if (!str_is(source, sources[i].name))
			continue;
		r = sources[i].provider(c, w);
		return r == 0 ? err(ERR_ABSENT, "credential_source = %s has none", sources[i].name)
			      : r;
	}
	return err(ERR_USAGE,
		"credential_source = %.*s: not Environment, Ec2InstanceMetadata or EcsContainer",
		STR_ARG(source));
}

/* Profiles whose roles are assumed, from the one chosen inwards. */
struct roles {
	struct str at[ROLES_MAX];
	size_t n;
};

static bool is_among(const struct roles *roles, struct str profile)
{
	for (size_t i = 0; i < roles->n; i++)
		if (str_eq(roles->at[i], profile))
			return true;
	return false;
}

/* Goes on to the profile that source_profile names: 0 it has a role too and was added, 1 c has its
 * keys. */
static int follow(struct creds *c, struct creds_world *w, struct roles *roles, struct str source)
{
	int r;

	if (!config_has_profile(w->config, source))
		return err(ERR_USAGE, "source_profile = %.*s: there is no such profile",
			STR_ARG(source));
	/* keys that stand there end the chain, even beside a role */
	if (has_static_keys(w, source)) {
		r = from_credentials(c, w, source);
		return r == 0 ? from_config(c, w, source) : r;
	}
	if (is_among(roles, source))
		return err(ERR_USAGE, "source_profile = %.*s: goes in a circle", STR_ARG(source));
	if (is_role(w, source)) {
		if (roles->n == ROLES_MAX)
			return err(ERR_LIMIT, "more than %d roles one behind the other", ROLES_MAX);
		roles->at[roles->n++] = source;
		return 0;
	}
	r = from_profile(c, w, source);
	return r == 0
		? err(ERR_ABSENT, "source_profile = %.*s: has no credentials", STR_ARG(source))
		: r;
}

/* The keys with which the innermost role is assumed: FOUND; or those of the innermost role itself:
 * KEPT. */
enum { FOUND = 1, KEPT };

static int find_base(struct creds *c, struct creds_world *w, struct roles *roles)
{
	int r = 0;

	while (r == 0) {
		struct str profile = roles->at[roles->n - 1];
		struct str source = provider_key(w, profile, "source_profile");
		struct str from = provider_key(w, profile, "credential_source");

		if (!source.p == !from.p)
			r = err(ERR_USAGE, "%s of source_profile and credential_source",
				source.p ? "both" : "role_arn with none");
		else if (provider_assumed(c, w, profile))
			r = KEPT;
		else
			r = source.p ? follow(c, w, roles, source) : from_source(c, w, from);
		if (r < 0)
			return err_in(r, "profile %.*s", STR_ARG(profile));
	}
	return r;
}

static int from_role(struct creds *c, struct creds_world *w)
{
	struct roles roles = { .at = { str_of(w->config->profile) }, .n = 1 };
	int r;

	if (!is_role(w, roles.at[0]))
		return 0;
	r = find_base(c, w, &roles);
	for (size_t i = roles.n - (r == KEPT); r >= 0 && i-- > 0;)
		r = provider_assume(c, w, roles.at[i]);
	return r < 0 ? r : 1;
}

/* What a build without the chain knows besides the environment. */
static int from_files(struct creds *c, struct creds_world *w)
{
	int r = from_credentials(c, w, str_of(w->config->profile));

	return r == 0 ? from_config(c, w, str_of(w->config->profile)) : r;
}

static int search(struct creds *c, struct creds_world *w)
{
	int r = w->config->profile_explicit ? 0 : provider_env(c, w);

	if (r == 0 && !CONFIG_CREDENTIAL_CHAIN)
		return from_files(c, w);
	if (r == 0)
		r = from_role(c, w);
	if (r == 0)
		r = from_profile(c, w, str_of(w->config->profile));
	if (r == 0)
		r = provider_container(c, w);
	if (r == 0)
		r = provider_instance(c, w);
	return r;
}

static int nothing_found(const struct config *config)
{
	return err(ERR_ABSENT,
		"none in the environment%s, in profile %s of %s and %s%s: "
		"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --profile",
		config->profile_explicit ? " (not asked, because of --profile)" : "",
		config->profile,
		config->credentials_path[0] ? config->credentials_path : "~/.aws/credentials",
		config->file_path[0] ? config->file_path : "~/.aws/config",
		CONFIG_CREDENTIAL_CHAIN ? ", from a container or the instance"
					: " (this build knows keys only, no roles and no SSO)");
}

int creds_find(struct creds *c, struct creds_world *w)
{
	int r;

	start(c);
	r = search(c, w);
	if (r == 0)
		r = nothing_found(w->config);
	if (r < 0)
		return err_in(r, "credentials");
	log_debug("credentials: %s, key id %.*s", buf_text(&c->source), STR_ARG(c->id));
	return 0;
}
