/* provider.c - what the links of the credential chain share */
#include "aws/provider.h"

#include <poll.h>

#include "aws/retry.h"
#include "data/enc.h"

#define FETCH_PAUSE_MS 1000

const struct provider_names provider_process_names = { "AccessKeyId", "SecretAccessKey",
	"SessionToken", "Expiration", false };
const struct provider_names provider_token_names = { "AccessKeyId", "SecretAccessKey", "Token",
	"Expiration", false };
const struct provider_names provider_cache_names = { "accessKeyId", "secretAccessKey",
	"sessionToken", "expiresAt", false };

struct str provider_key(const struct creds_world *w, struct str profile, const char *key)
{
	struct str value = config_get_from(w->config, CONFIG_BOTH, profile, key);

	return value.n > 0 ? value : (struct str){ NULL, 0 };
}

int provider_parse(struct provider_doc *d, struct str text, const char *what)
{
	int r = json_parse(&d->doc, text, d->tokens, PROVIDER_TOKENS);

	if (r < 0)
		return err_in(ERR_FORMAT, "%s", what);
	d->root = json_root(&d->doc);
	if (json_type(d->root) != JSON_OBJECT)
		return err(ERR_FORMAT, "%s: not a JSON object", what);
	return 0;
}

bool provider_text(struct json object, const char *name, struct buf *out)
{
	buf_clear(out);
	if (json_type(json_get(object, name)) == JSON_STRING &&
		json_text(json_get(object, name), out) == 0)
		return true;
	buf_clear(out);
	return false;
}

bool provider_time(struct json object, const char *name, int64_t *t)
{
	BUF(text, 64);

	if (!provider_text(object, name, &text))
		return false;
	/* as older AWS CLIs write it */
	if (str_ends(buf_view(&text), "UTC")) {
		text.len -= 3;
		buf_putc(&text, 'Z');
	}
	return clock_read(buf_view(&text), t);
}

static int read_expiry(struct creds *c, struct json object, const struct provider_names *names)
{
	struct json v = json_get(object, names->expires);
	int64_t n;

	c->expires = 0;
	if (json_type(v) == JSON_NONE || json_type(v) == JSON_NULL)
		return 0;
	if (names->milliseconds && json_int(v, &n)) {
		c->expires = n / 1000;
		return 0;
	}
	if (provider_time(object, names->expires, &c->expires))
		return 0;
	return err(ERR_FORMAT, "%s: not a time", names->expires);
}

int provider_set(struct creds *c, const struct creds_world *w, struct json object,
	const struct provider_names *names)
{
	BUF(id, 256);
	BUF(secret, 512);
	BUF(token, CREDS_TOKEN_MAX);
	int r;

	(void)provider_text(object, names->id, &id);
	(void)provider_text(object, names->secret, &secret);
	if (names->token)
		(void)provider_text(object, names->token, &token);
	r = creds_set(c, buf_view(&id), buf_view(&secret), buf_view(&token));
	buf_wipe(&secret);
	buf_wipe(&token);
	if (r == 0 && names->expires)
		r = read_expiry(c, object, names);
	if (r == 0 && c->expires != 0 && c->expires <= w->now) {
		BUF(when, 64);

		clock_iso(&when, c->expires);
		r = err(ERR_DENIED, "the credentials have expired at %s", buf_text(&when));
	}
	return r;
}

int provider_cache_path(const struct creds_world *w, struct str folder, enum digest kind,
	struct str name, struct buf *path)
{
	unsigned char hash[DIGEST_MAX];
	int r = config_expand(w->config, folder, path);

	buf_putc(path, '/');
	digest(kind, name.p, name.n, hash);
	hex_add(path, hash, digest_size(kind));
	buf_puts(path, ".json");
	return r < 0 ? r : buf_check(path, "path");
}

int provider_log_in(int r, struct str profile, const char *what, const char *command)
{
	BUF(why, ERR_TEXT_MAX);

	buf_puts(&why, err_text());
	return err(r, "profile %.*s: %s: %s: run '%s --profile %.*s'", STR_ARG(profile), what,
		buf_text(&why), command, STR_ARG(profile));
}

void provider_member(struct json_out *o, const char *name, struct str value)
{
	json_name(o, name);
	json_add_str(o, value);
}

int provider_renewal(struct json cache, bool with_secret, struct buf *out)
{
	static const char *const names[] = { "clientId", "clientSecret", "refreshToken" };
	struct json_out o = json_out(out, 0);
	BUF(text, PROVIDER_TOKEN_MAX);

	json_open(&o, '{');
	json_member(&o, "grantType", "refresh_token");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (i == 1 && !with_secret)
			continue;
		if (!provider_text(cache, names[i], &text))
			return err(ERR_ABSENT, "no %s to renew it with", names[i]);
		json_member(&o, names[i], buf_text(&text));
	}
	json_close(&o, '}');
	buf_wipe(&text);
	return buf_check(out, "request");
}

int provider_path(struct url *u, struct buf *text, const char *path)
{
	while (text->len > 0 && text->p[text->len - 1] == '/') {
		text->len--;
		text->p[text->len] = 0;
	}
	buf_puts(text, path);
	return buf_check(text, "URL") < 0 ? ERR_LIMIT : url_parse(u, buf_view(text));
}

int provider_call(struct creds_world *w, struct api_call *call, struct api_answer *answer)
{
	int r;

	call->user_agent = w->user_agent;
	call->now = w->now;
	call->deadline = w->patience_ms > 0 ? deadline_in(w->patience_ms) : (struct deadline){ 0 };
	r = retry_call(w->retry, w->client, call, answer, &w->storage, NULL);
	if (r == 0 && answer->error[0])
		return err(ERR_DENIED, "%s: %s", answer->error, answer->message);
	return r;
}

int provider_fetch(struct creds_world *w, const struct url *u, const struct http_request *rq,
	int64_t wait_ms, unsigned tries, struct http_answer *a)
{
	struct client direct = { .ca_file = w->client->ca_file,
		.ca_text = w->client->ca_text,
		.believe_anybody = w->client->believe_anybody,
		.now = w->client->now };
	int r = ERR_BUG;

	for (unsigned i = 0; i < tries; i++) {
		if (i > 0)
			(void)poll(NULL, 0, FETCH_PAUSE_MS);
		*a = (struct http_answer){ .raw = &w->storage };
		r = client_exchange(&direct, u, rq, a, deadline_in(wait_ms));
		if (r != ERR_NET && (r < 0 || a->head.status < 500))
			break;
	}
	client_close(&direct);
	return r == ERR_NET && direct.connections > 0 ? ERR_ABSENT : r;
}
