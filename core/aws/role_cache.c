/* role_cache.c - the keys of roles that were taken on before, shared with the AWS CLI
 *
 *	~/.aws/cli/cache/SHA1(arguments).json: {"ProviderType": "sso", "Credentials":
 *	{"AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ..., "Expiration": ...,
 *	"AccountId": ...}, ...}
 *
 * ProviderType and AccountId are of SSO's alone; 'aws sso logout' removes what has that type.
 * Observed. So a code of an MFA device is asked for once an hour, whichever of both programs asks
 * first. */
#include "aws/provider.h"
#include "base/io.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "data/enc.h"

#define FRESH 900 /* seconds of life that kept keys should have left, as for the AWS CLI */
#define FOLDER "~/.aws/cli/cache"

/* The length of the folder's name in path is put into folder. */
static int find_file(
	const struct creds_world *w, struct str arguments, struct buf *path, size_t *folder)
{
	unsigned char hash[20];
	int r = config_expand(w->config, STR(FOLDER), path);

	*folder = path->len;
	digest(DIGEST_SHA1, arguments.p, arguments.n, hash);
	buf_putc(path, '/');
	hex_add(path, hash, sizeof(hash));
	buf_puts(path, ".json");
	return r < 0 ? r : buf_check(path, "path");
}

static int read_keys(struct creds *c, struct creds_world *w, const char *path)
{
	struct provider_doc d;
	int r = io_read_file(path, &w->work);

	if (r == 0)
		r = provider_parse(&d, buf_view(&w->work), path);
	if (r == 0)
		r = provider_set(c, w, json_get(d.root, "Credentials"), &provider_process_names);
	if (r == 0 && c->expires < w->now + FRESH)
		r = err(ERR_ABSENT, "%s: too old", path);
	return r;
}

bool role_cache_read(struct creds *c, struct creds_world *w, struct str arguments, struct str role)
{
	BUF(path, CONFIG_PATH_MAX);
	size_t folder;
	int r = find_file(w, arguments, &path, &folder);

	buf_clear(&w->work);
	if (r == 0)
		r = read_keys(c, w, buf_text(&path));
	buf_wipe(&w->work);
	if (r < 0) {
		log_debug("role: not kept: %s", err_text());
		return false;
	}
	buf_addf(&c->source, "role %.*s, kept in " FOLDER, STR_ARG(role));
	return true;
}

void role_cache_write(
	const struct creds *c, struct creds_world *w, struct str arguments, struct str sso_account)
{
	struct json_out o = json_out(&w->work, 0);
	BUF(path, CONFIG_PATH_MAX);
	BUF(expires, 32);
	size_t folder;
	int r = find_file(w, arguments, &path, &folder);

	buf_clear(&w->work);
	clock_iso(&expires, c->expires);
	json_open(&o, '{');
	if (sso_account.n > 0)
		json_member(&o, "ProviderType", "sso");
	json_name(&o, "Credentials");
	json_open(&o, '{');
	json_name(&o, "AccessKeyId");
	json_add_str(&o, c->id);
	json_name(&o, "SecretAccessKey");
	json_add_str(&o, c->secret);
	json_name(&o, "SessionToken");
	json_add_str(&o, c->token);
	json_member(&o, "Expiration", buf_text(&expires));
	if (sso_account.n > 0) {
		json_name(&o, "AccountId");
		json_add_str(&o, sso_account);
	}
	json_close(&o, '}');
	json_close(&o, '}');
	if (r == 0) {
		path.p[folder] = 0;
		r = io_make_dir(path.p, 0700);
		path.p[folder] = '/';
	}
	if (r == 0)
		r = io_write_file(path.p, w->work.p, w->work.len, 0600, true);
	if (r < 0)
		log_debug("role: cannot be kept: %s", err_text());
	buf_wipe(&w->work);
}
