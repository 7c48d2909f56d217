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
#include "crypto/crypto.h"
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

static int find_file(const struct creds_world *w, struct sso *s)
{
	struct buf path = buf_of(s->path, sizeof(s->path));
	struct str name = s->session.p ? s->session : s->start_url;
	unsigned char hash[20];
	int r;

	digest(DIGEST_SHA1, name.p, name.n, hash);
	r = config_expand(w->config, STR("~/.aws/sso/cache/"), &path);
	hex_add(&path, hash, sizeof(hash));
	buf_puts(&path, ".json");
	return r < 0 ? r : buf_check(&path, "path");
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

/* The file with the new token in place of the old. */
static int rewrite(const struct sso *s, struct json old, struct json fresh, struct buf *out)
{
	struct json_out o = json_out(out, 2);
	BUF(text, PROVIDER_TOKEN_MAX);
	BUF(name, 256);

	json_open(&o, '{');
	for (struct json i = json_first(old); json_type(i) != JSON_NONE; i = json_next(old, i)) {
		buf_clear(&name);
		if (json_text(i, &name) < 0)
			continue;
		if (json_is(i, "accessToken") || json_is(i, "expiresAt"))
			continue;
		if (json_is(i, "refreshToken") && provider_text(fresh, "refreshToken", &text))
			json_member(&o, "refreshToken", buf_text(&text));
		else if (provider_text(old, buf_text(&name), &text))
			json_member(&o, buf_text(&name), buf_text(&text));
	}
	json_member(&o, "accessToken", buf_text(&s->token_buf));
	buf_clear(&text);
	clock_iso(&text, s->expires);
	json_member(&o, "expiresAt", buf_text(&text));
	json_close(&o, '}');
	return buf_check(out, s->path);
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
	buf_clear(&w->work);
	r = rewrite(s, old->root, d.root, &w->work);
	if (r == 0)
		r = io_write_file(s->path, w->work.p, w->work.len, 0600, true);
	if (r < 0)
		log_warn("%s: could not be renewed: %s", s->path, err_text());
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
	json_name(&o, "accountId");
	json_add_str(&o, s->account);
	json_name(&o, "roleName");
	json_add_str(&o, s->role);
	json_name(&o, s->session.p ? "sessionName" : "startUrl");
	json_add_str(&o, s->session.p ? s->session : s->start_url);
	json_close(&o, '}');
	return buf_check(out, "role");
}

/* Those of the portal, with a token that is good. */
static int fetch(struct creds *c, struct creds_world *w, struct sso *s, struct str arguments)
{
	int r = find_file(w, s);

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
	BUF(why, ERR_TEXT_MAX);
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
	if (r < 0) {
		buf_puts(&why, err_text());
		return err(r, "profile %.*s: SSO: %s: run 'aws sso login --profile %.*s'",
			STR_ARG(profile), buf_text(&why), STR_ARG(profile));
	}
	buf_addf(&c->source, "profile %.*s (SSO)", STR_ARG(profile));
	return 1;
}
