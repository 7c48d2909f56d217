/* login.c - the credentials that 'aws login' has left behind
 *
 *	~/.aws/login/cache/SHA256(login_session).json
 *	{"accessToken": {"accessKeyId": ..., "secretAccessKey": ..., "sessionToken": ...,
 *"expiresAt": ...}, ...}
 *
 * Observed. They can only be renewed with a key that binds them to that machine's AWS CLI: we say
 *so. */
#include "aws/provider.h"
#include "base/io.h"
#include "crypto/crypto.h"
#include "data/enc.h"

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

static int read_file(struct creds *c, struct creds_world *w, const char *path)
{
	struct provider_doc d;
	int r;

	buf_clear(&w->work);
	r = io_read_file(path, &w->work);
	if (r == 0)
		r = provider_parse(&d, buf_view(&w->work), path);
	if (r == 0)
		r = provider_set(c, w, json_get(d.root, "accessToken"), &provider_cache_names);
	buf_wipe(&w->work);
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
		r = read_file(c, w, buf_text(&path));
	if (r < 0) {
		buf_puts(&why, err_text());
		return err(r, "profile %.*s: login_session: %s: run 'aws login --profile %.*s'",
			STR_ARG(profile), buf_text(&why), STR_ARG(profile));
	}
	buf_addf(&c->source, "profile %.*s (aws login)", STR_ARG(profile));
	return 1;
}
