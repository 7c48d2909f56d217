/* login.c - the credentials that 'aws login' has left behind
 *
 *	~/.aws/login/cache/SHA256(login_session).json
 *	{"accessToken": {"accessKeyId": ..., "secretAccessKey": ..., "sessionToken": ...,
 *"accountId": ..., "expiresAt": ...}, "clientId": ..., "refreshToken": ..., "dpopKey": PEM, ...}
 *	POST REGION.signin/v1/token {"clientId": ..., "refreshToken": ..., "grantType":
 *"refresh_token"} with a proof that we hold dpopKey
 *	-> {"accessToken": {...}, "expiresIn": 900, "refreshToken": ...}
 *
 * AWS Sign-In API reference, CreateOAuth2Token; the file is observed. */
#include "aws/dpop.h"
#include "aws/provider.h"
#include "base/io.h"
#include "base/log.h"

#define RENEW_BEFORE 300 /* seconds of life that the keys should have left; they begin with 900 */

/* The successors of the keys, which live only minutes. */
static bool add_keys(struct json_out *o, struct json name, const void *owner)
{
	const struct creds *c = owner;
	BUF(text, 64);

	if (!json_is(name, "accessToken"))
		return false;
	json_open(o, '{');
	provider_member(o, "accessKeyId", c->id);
	provider_member(o, "secretAccessKey", c->secret);
	provider_member(o, "sessionToken", c->token);
	if (provider_text(json_value(name), "accountId", &text))
		json_member(o, "accountId", buf_text(&text));
	buf_clear(&text);
	clock_iso(&text, c->expires);
	json_member(o, "expiresAt", buf_text(&text));
	json_close(o, '}');
	return true;
}

/* Takes over what the sign-in service has answered, and keeps it for others. */
static int take_keys(
	struct creds *c, struct creds_world *w, struct json old, struct str body, const char *path)
{
	static const struct provider_names names = { "accessKeyId", "secretAccessKey",
		"sessionToken", NULL, false };
	struct provider_doc d;
	int64_t seconds;
	int r = provider_parse(&d, body, "the answer to the renewal");

	if (r == 0 &&
		(!json_int(json_get(d.root, "expiresIn"), &seconds) || seconds <= 0 ||
			seconds > INT32_MAX))
		r = err(ERR_FORMAT, "the answer to the renewal has no expiresIn");
	if (r == 0)
		r = provider_set(c, w, json_get(d.root, "accessToken"), &names);
	if (r < 0)
		return r;
	c->expires = w->now + seconds;
	renewal_write(w, path, old, d.root, add_keys, c);
	return 0;
}

static int read_key(struct pk *key, struct json cache)
{
	BUF(pem, 1024);
	int r = provider_text(cache, "dpopKey", &pem)
		? pk_read_private(key, buf_view(&pem))
		: err(ERR_ABSENT, "no dpopKey to renew it with");

	buf_wipe(&pem);
	return r < 0 ? r : 0;
}

/* What each attempt is proven with: a proof serves once. */
struct prover {
	struct pk key;
	const char *url;
	struct buf proof;
};

static int prove(void *owner, struct api_call *call)
{
	struct prover *p = owner;
	int r;

	buf_clear(&p->proof);
	r = dpop_add(&p->proof, &p->key, p->url, call->now);
	call->extra = (struct http_header){ STR("DPoP"), buf_view(&p->proof) };
	return r;
}

static int renew(struct creds *c, struct creds_world *w, struct json cache, const char *path)
{
	BUF(url, 1024);
	BUF(body, PROVIDER_TOKEN_MAX * 2);
	BUF(proof, DPOP_MAX);
	struct prover p = { .proof = proof };
	struct api_call call = { .content_type = "application/json", .prove = prove, .owner = &p };
	struct api_answer answer;
	int r = provider_renewal(cache, false, &body);

	if (r == 0)
		r = read_key(&p.key, cache);
	if (r == 0)
		r = endpoint_find(
			&call.endpoint, &url, w->config, &endpoint_signin, NULL, w->region);
	if (r == 0)
		r = provider_path(&call.endpoint, &url, "/v1/token");
	p.url = buf_text(&url);
	call.body = buf_view(&body);
	if (r == 0)
		r = provider_call(w, &call, &answer);
	if (r == 0)
		r = take_keys(c, w, cache, answer.body, path);
	pk_close(&p.key);
	buf_wipe(&body);
	buf_wipe(&w->storage);
	return r;
}

static int load(struct creds *c, struct creds_world *w, const char *path, struct provider_doc *d,
	struct buf *text)
{
	int r;

	buf_clear(text);
	r = io_read_file(path, text);
	if (r == 0)
		r = provider_parse(d, buf_view(text), path);
	return r < 0 ? r
		     : provider_set(c, w, json_get(d->root, "accessToken"), &provider_cache_names);
}

/* ERR_DENIED: they were good once. */
static bool needs_renewal(const struct creds *c, const struct creds_world *w, int r)
{
	return r == ERR_DENIED || (r == 0 && c->expires != 0 && c->expires - w->now < RENEW_BEFORE);
}

/* Keys that are still good: those of the file, or their successors. */
static int good_keys(struct creds *c, struct creds_world *w, const char *path)
{
	static char cache[32768];
	struct buf text = buf_of(cache, sizeof(cache));
	struct provider_doc d;
	BUF(why, ERR_TEXT_MAX);
	int lock, r = load(c, w, path, &d, &text);

	if (needs_renewal(c, w, r)) {
		lock = renewal_begin(path);
		r = load(c, w, path, &d, &text);
		if (needs_renewal(c, w, r) && renew(c, w, d.root, path) < 0) {
			buf_puts(&why, err_text());
			/* for now the old ones may do, or those that the AWS CLI has just got */
			r = load(c, w, path, &d, &text);
			if (r < 0)
				r = err(r, "the session has expired: %s", buf_text(&why));
		} else if (r == ERR_DENIED) {
			r = 0;
		}
		renewal_end(lock);
	}
	buf_wipe(&text);
	return r;
}

int provider_login(struct creds *c, struct creds_world *w, struct str profile)
{
	struct str session = provider_key(w, profile, "login_session");
	struct str folder = config_env_get(w->config, "AWS_LOGIN_CACHE_DIRECTORY");
	BUF(path, CONFIG_PATH_MAX);
	int r;

	if (!session.p)
		return 0;
	if (!folder.p)
		folder = STR("~/.aws/login/cache");
	r = provider_cache_path(w, folder, DIGEST_SHA256, session, &path);
	if (r == 0)
		r = good_keys(c, w, buf_text(&path));
	if (r < 0)
		return provider_log_in(r, profile, "login_session", "aws login");
	buf_addf(&c->source, "profile %.*s (aws login)", STR_ARG(profile));
	return 1;
}
