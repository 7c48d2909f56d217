/* role_cache.c - the keys of roles that were taken on before, shared with the AWS CLI
 *
 *	~/.aws/cli/cache/SHA1(arguments).json: {"ProviderType": "sso", "Credentials":
 *	{"AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ..., "Expiration": ...,
 *	"AccountId": ...}, ...}
 *
 * ProviderType and AccountId are of SSO's alone; 'aws sso logout' removes what has that type.
 * Observed. So a code of an MFA device is asked for once an hour, whichever of both programs asks
 * first. */
#include <string.h>

#include "aws/provider.h"
#include "base/io.h"
#include "base/log.h"

#define FRESH 900 /* seconds of life that kept keys should have left, as for the AWS CLI */
#define FOLDER "~/.aws/cli/cache"

static int find_file(const struct creds_world *w, struct str arguments, struct buf *path)
{
	return provider_cache_path(w, STR(FOLDER), DIGEST_SHA1, arguments, path);
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
	int r = find_file(w, arguments, &path);

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
	int r = find_file(w, arguments, &path);

	buf_clear(&w->work);
	clock_iso(&expires, c->expires);
	json_open(&o, '{');
	if (sso_account.n > 0)
		json_member(&o, "ProviderType", "sso");
	json_name(&o, "Credentials");
	json_open(&o, '{');
	provider_member(&o, "AccessKeyId", c->id);
	provider_member(&o, "SecretAccessKey", c->secret);
	provider_member(&o, "SessionToken", c->token);
	json_member(&o, "Expiration", buf_text(&expires));
	if (sso_account.n > 0)
		provider_member(&o, "AccountId", sso_account);
	json_close(&o, '}');
	json_close(&o, '}');
	if (r == 0) {
		char *slash = strrchr(path.p, '/');

		*slash = 0;
		r = io_make_dir(path.p, 0700);
		*slash = '/';
	}
	if (r == 0)
		r = io_write_file(path.p, w->work.p, w->work.len, 0600, true);
	if (r < 0)
		log_debug("role: cannot be kept: %s", err_text());
	buf_wipe(&w->work);
}
