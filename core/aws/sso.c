/* sso.c - credentials of a role, from IAM Identity Center
 *
 *	~/.aws/sso/cache/SHA1(session name, or start URL).json, written by 'aws sso login':
 *	{"accessToken": ..., "expiresAt": ..., "refreshToken": ..., "clientId": ..., "clientSecret":
 *..., "registrationExpiresAt": ...} POST oidc/token {"grantType": "refresh_token", ...} ->
 *{"accessToken": ..., "expiresIn": ..., ...} GET
 *portal.sso/federation/credentials?role_name=...&account_id=...  X-Amz-Sso_bearer_token:
 *accessToken
 *	-> {"roleCredentials": {"accessKeyId": ..., "secretAccessKey": ..., "sessionToken": ...,
 *"expiration": ms}}
 *
 * SSO portal and SSO OIDC API references; the file is observed. */
#include "aws/provider.h"
#include "base/io.h"
#include "base/log.h"
#include "data/enc.h"

#define ARGUMENTS_MAX 2048
#define REFRESH_BEFORE 900 /* seconds of life that a token should have left */

struct sso {
	struct str account, role, session, start_url, region;
	char path[CONFIG_PATH_MAX];
	char token[PROVIDER_TOKEN_MAX];
	struct buf token_buf;
	int64_t expires;
};

/* A setting of the session section; the profile may repeat it, but not contradict. */
static int from_session(
	const struct creds_world *w, const struct sso *s, const char *key, struct str *value)
{
	struct str there = config_get_section(w->config, "sso-session", s->session, NULL, key);

	if (there.n == 0)
		return err(ERR_USAGE, "[sso-session %.*s] has no %s", STR_ARG(s->session), key);
	if (value->n > 0 && !str_eq(*value, there))
		return err(ERR_USAGE, "%s is not the same in the profile and in [sso-session %.*s]",
			key, STR_ARG(s->session));
	*value = there;
	return 0;
}

static int read_settings(const struct creds_world *w, struct sso *s, struct str profile)
{
	int r = 0;

	s->session = provider_key(w, profile, "sso_session");
	s->start_url = provider_key(w, profile, "sso_start_url");
	s->region = provider_key(w, profile, "sso_region");
	if (!s->account.p || !s->role.p)
		return err(ERR_USAGE, "%s is missing",
			s->account.p ? "sso_role_name" : "sso_account_id");
	if (s->session.p && !config_has_section(w->config, "sso-session", s->session))
		return err(ERR_USAGE, "there is no [sso-session %.*s]", STR_ARG(s->session));
	if (s->session.p)
		r = from_session(w, s, "sso_start_url", &s->start_url);
	if (r == 0 && s->session.p)
		r = from_session(w, s, "sso_region", &s->region);
	if (r == 0 && (!s->start_url.p || !s->region.p))
		r = err(ERR_USAGE, "%s is missing",
			s->start_url.p ? "sso_region" : "sso_start_url");
	return r;
}

/* What the session goes by in the caches. */
static struct str cache_name(const struct sso *s)
{
	return s->session.p ? s->session : s->start_url;
}

/* What the file holds now; text is what d parses. */
static int load(struct sso *s, struct provider_doc *d, struct buf *text)
{
	int r;

	buf_clear(text);
	s->token_buf = buf_of(s->token, sizeof(s->token));
	r = io_read_file(s->path, text);
	if (r == 0)
		r = provider_parse(d, buf_view(text), s->path);
	if (r < 0)
		return r;
	if (!provider_text(d->root, "accessToken", &s->token_buf) ||
		!provider_time(d->root, "expiresAt", &s->expires))
		return err(ERR_FORMAT, "%s: no accessToken with expiresAt", s->path);
	return 0;
}

static bool add_token(struct json_out *o, struct json name, const void *owner)
{
	const struct sso *s = owner;
	BUF(expires, 64);

	clock_iso(&expires, s->expires);
	if (json_is(name, "accessToken"))
		json_add_str(o, buf_view(&s->token_buf));
	else if (json_is(name, "expiresAt"))
		json_add_str(o, buf_view(&expires));
	else
		return false;
	return true;
}

/* Takes over what the token endpoint has answered, and keeps it for others. */
static int take_token(
	struct creds_world *w, struct sso *s, struct provider_doc *old, struct str body)
{
	struct provider_doc d;
	int64_t seconds;
	int r = provider_parse(&d, body, "the answer to the renewal");

	if (r < 0)
		return r;
	if (!provider_text(d.root, "accessToken", &s->token_buf) ||
		!json_int(json_get(d.root, "expiresIn"), &seconds) || seconds < 0 ||
		seconds > INT32_MAX)
		return err(
			ERR_FORMAT, "the answer to the renewal has no accessToken with expiresIn");
	s->expires = w->now + seconds;
	renewal_write(w, s->path, old->root, d.root, add_token, s);
	return 0;
}

static int refresh(struct creds_world *w, struct sso *s, struct provider_doc *d)
{
	BUF(url, 1024);
	BUF(body, PROVIDER_TOKEN_MAX * 2);
	struct api_call call = { .content_type = "application/json" };
	struct api_answer answer;
	int64_t registered;
	int r = provider_renewal(d->root, true, &body);

	if (r == 0 && provider_time(d->root, "registrationExpiresAt", &registered) &&
		registered <= w->now)
		r = err(ERR_ABSENT, "the registration has expired");
	if (r == 0)
		r = endpoint_find(&call.endpoint, &url, w->config, &endpoint_oidc, NULL, s->region);
	if (r == 0)
		r = provider_path(&call.endpoint, &url, "/token");
	call.body = buf_view(&body);
	if (r == 0)
		r = provider_call(w, &call, &answer);
	if (r == 0)
		r = take_token(w, s, d, answer.body);
	buf_wipe(&body);
	return r;
}

static bool needs_renewal(const struct creds_world *w, const struct sso *s, int r)
{
	return r == 0 && s->session.p && s->expires - w->now < REFRESH_BEFORE;
}

/* A token that is still good: the one of the file, or its successor. */
static int good_token(struct creds_world *w, struct sso *s)
{
	static char cache[32768];
	struct buf text = buf_of(cache, sizeof(cache));
	struct provider_doc d;
	int lock, r = load(s, &d, &text);

	if (needs_renewal(w, s, r)) {
		lock = renewal_begin(s->path);
		r = load(s, &d, &text);
		if (needs_renewal(w, s, r)) {
			r = refresh(w, s, &d);
			/* for now the old one may do, or one that the AWS CLI has just got */
			if (r < 0 && load(s, &d, &text) == 0 && s->expires > w->now)
				r = 0;
		}
		renewal_end(lock);
	}
	if (r == 0 && s->expires <= w->now)
		r = err(ERR_DENIED, "the session has expired");
	buf_wipe(&text);
	return r;
}

static int get_credentials(struct creds *c, struct creds_world *w, struct sso *s)
{
	static const struct provider_names names = {
		"accessKeyId",
		"secretAccessKey",
		"sessionToken",
		"expiration",
		true,
	};
	BUF(url, 2048);
	BUF(query, 1024);
	struct api_call call = { .method = "GET",
		.extra = { STR("x-amz-sso_bearer_token"), buf_view(&s->token_buf) } };
	struct api_answer answer;
	struct provider_doc d;
	int r = endpoint_find(&call.endpoint, &url, w->config, &endpoint_sso, NULL, s->region);

	buf_puts(&query, "/federation/credentials?role_name=");
	percent_add(&query, s->role, "");
	buf_puts(&query, "&account_id=");
	percent_add(&query, s->account, "");
	if (r == 0)
		r = buf_check(&query, "URL");
	if (r == 0)
		r = provider_path(&call.endpoint, &url, buf_text(&query));
	if (r == 0)
		r = provider_call(w, &call, &answer);
	if (r == 0)
		r = provider_parse(&d, answer.body, "the answer of the portal");
	if (r == 0)
		r = provider_set(c, w, json_get(d.root, "roleCredentials"), &names);
	buf_wipe(&w->storage);
	return r;
}

/* What names a role in the cache. */
static int add_arguments(struct buf *out, const struct sso *s)
{
	struct json_out o = json_out(out, 0);

	json_open(&o, '{');
	provider_member(&o, "accountId", s->account);
	provider_member(&o, "roleName", s->role);
	provider_member(&o, s->session.p ? "sessionName" : "startUrl", cache_name(s));
	json_close(&o, '}');
	return buf_check(out, "role");
}

/* Those of the portal, with a token that is good. */
static int fetch(struct creds *c, struct creds_world *w, struct sso *s, struct str arguments)
{
	struct buf path = buf_of(s->path, sizeof(s->path));
	int r = provider_cache_path(w, STR("~/.aws/sso/cache"), DIGEST_SHA1, cache_name(s), &path);

	if (r == 0)
		r = good_token(w, s);
	if (r == 0 && !provider_visible(buf_view(&s->token_buf)))
		r = err(ERR_FORMAT, "%s: the accessToken holds odd characters", s->path);
	if (r == 0)
		r = get_credentials(c, w, s);
	if (r == 0)
		role_cache_write(c, w, arguments, s->account);
	buf_wipe(&s->token_buf);
	return r;
}

int provider_sso(struct creds *c, struct creds_world *w, struct str profile)
{
	struct sso s = { .account = provider_key(w, profile, "sso_account_id"),
		.role = provider_key(w, profile, "sso_role_name") };
	BUF(arguments, ARGUMENTS_MAX);
	int r;

	if (!s.account.p && !s.role.p)
		return 0;
	r = read_settings(w, &s, profile);
	if (r == 0)
		r = add_arguments(&arguments, &s);
	if (r < 0)
		return err_in(r, "profile %.*s: SSO", STR_ARG(profile));
	if (role_cache_read(c, w, buf_view(&arguments), s.role))
		return 1;
	r = fetch(c, w, &s, buf_view(&arguments));
	if (r < 0)
		return provider_log_in(r, profile, "SSO", "aws sso login");
	buf_addf(&c->source, "profile %.*s (SSO)", STR_ARG(profile));
	return 1;
}
