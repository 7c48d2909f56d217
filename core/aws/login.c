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
#include "crypto/crypto.h"
#include "data/enc.h"

#define RENEW_BEFORE 300 /* seconds of life that the keys should have left; they begin with 900 */

static int find_file(const struct creds_world *w, struct str session, struct buf *path)
{
	struct str folder = config_env_get(w->config, "AWS_LOGIN_CACHE_DIRECTORY");
	unsigned char hash[32];
	int r;

	digest_sha256(hash, session.p, session.n);
	r = config_expand(w->config, folder.p ? folder : STR("~/.aws/login/cache"), path);
	buf_putc(path, '/');
	hex_add(path, hash, sizeof(hash));
	buf_puts(path, ".json");
	return r < 0 ? r : buf_check(path, "path");
}

/* The successors of the keys, which live only minutes. */
static void add_keys(struct json_out *o, const struct creds *c, struct json old)
{
	BUF(text, 64);

	json_open(o, '{');
	json_name(o, "accessKeyId");
	json_add_str(o, c->id);
	json_name(o, "secretAccessKey");
	json_add_str(o, c->secret);
	json_name(o, "sessionToken");
	json_add_str(o, c->token);
	if (provider_text(old, "accountId", &text))
		json_member(o, "accountId", buf_text(&text));
	buf_clear(&text);
	clock_iso(&text, c->expires);
	json_member(o, "expiresAt", buf_text(&text));
	json_close(o, '}');
}

/* The file with the new keys and the new refresh token in place of the old. */
static int rewrite(const struct creds *c, struct json old, struct json fresh, struct buf *out)
{
	struct json_out o = json_out(out, 2);
	BUF(name, 256);
	BUF(text, PROVIDER_TOKEN_MAX);

	json_open(&o, '{');
	for (struct json i = json_first(old); json_type(i) != JSON_NONE; i = json_next(old, i)) {
		bool renewed = json_is(i, "refreshToken") &&
			json_type(json_get(fresh, "refreshToken"));

		buf_clear(&name);
		if (json_text(i, &name) < 0)
			return ERR_FORMAT;
		json_name(&o, buf_text(&name));
		if (json_is(i, "accessToken"))
			add_keys(&o, c, json_value(i));
		else if (json_type(json_value(i)) != JSON_STRING)
			json_add_raw(&o, json_raw(json_value(i)));
		else if (provider_text(renewed ? fresh : old, buf_text(&name), &text))
			json_add_str(&o, buf_view(&text));
		else
			return err(ERR_LIMIT, "%s is too long", buf_text(&name));
	}
	json_close(&o, '}');
	buf_wipe(&text);
	return buf_check(out, "file");
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
	buf_clear(&w->work);
	r = rewrite(c, old, d.root, &w->work);
	if (r == 0)
		r = io_write_file(path, w->work.p, w->work.len, 0600, true);
	if (r < 0)
		log_warn("%s: could not be renewed: %s", path, err_text());
	buf_wipe(&w->work);
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
	BUF(path, CONFIG_PATH_MAX);
	BUF(why, ERR_TEXT_MAX);
	int r;

	if (!session.p)
		return 0;
	r = find_file(w, session, &path);
	if (r == 0)
		r = good_keys(c, w, buf_text(&path));
	if (r < 0) {
		buf_puts(&why, err_text());
		return err(r, "profile %.*s: login_session: %s: run 'aws login --profile %.*s'",
			STR_ARG(profile), buf_text(&why), STR_ARG(profile));
	}
	buf_addf(&c->source, "profile %.*s (aws login)", STR_ARG(profile));
	return 1;
}
