/* config.h - settings of the AWS CLI's files and environment variables
 *
 * The config file has [default], [profile NAME], [sso-session NAME] and [services NAME]; the
 * credentials file has [NAME]. [profile default] hides [default]; sections of one name are one; of
 * one key the last counts; what stands in the credentials file goes before the config file ("AWS
 * SDKs and Tools Reference Guide"). */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

#define CONFIG_FILE_MAX (256 * 1024)
#define CONFIG_PATH_MAX 1024

typedef const char *config_env(const char *name); /* getenv(3) or a test's own */

/* Both files, read once. */
struct config {
	config_env *env;
	const char *profile;   /* the one chosen */
	bool profile_explicit; /* on the command line */
	bool profile_known;    /* it stands in one of the files */
	bool prefixed_default; /* there is a [profile default] */
	struct buf file, credentials;
	char file_path[CONFIG_PATH_MAX], credentials_path[CONFIG_PATH_MAX];
};

enum config_where { CONFIG_BOTH, CONFIG_FILE, CONFIG_CREDENTIALS };

/* Reads ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and
 * AWS_SHARED_CREDENTIALS_FILE name. profile NULL: AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". The
 * caller has set c->file and c->credentials to storage, CONFIG_FILE_MAX each. A missing file is an
 * empty one; lines that cannot be parsed are logged with file and line and hide nothing else.
 * ERR_USAGE: a profile that stands in neither file; ERR_LIMIT, ERR_SYSTEM. */
int config_open(struct config *c, config_env *env, const char *profile) MUST_CHECK;
void config_close(struct config *c); /* wipes both texts */

/* The value of a key of the chosen profile, or of another; .p NULL: absent. Borrowed from the file
 * texts. */
struct str config_get(const struct config *c, const char *key);
struct str config_get_from(
	const struct config *c, enum config_where where, struct str profile, const char *key);
bool config_has_profile(const struct config *c, struct str profile);

/* Of a section "KIND NAME" of the config file ("sso-session", "services"); with group the entry
 * below "group =". */
bool config_has_section(const struct config *c, const char *kind, struct str name);
struct str config_get_section(const struct config *c, const char *kind, struct str name,
	const char *group, const char *key);

/* An environment variable that is set and not empty; else .p NULL. */
struct str config_env_get(const struct config *c, const char *name);
/* The variable (where name is not NULL), else the profile's key. */
struct str config_setting(const struct config *c, const char *env_name, const char *key);
bool config_is_true(struct str value); /* "true", in any case */

/* given, AWS_REGION, AWS_DEFAULT_REGION, the profile's region; ERR_ABSENT with words, ERR_USAGE
 * when it is none. */
int config_region(const struct config *c, const char *given, struct str *region) MUST_CHECK;

/* A path with ~ and $VARIABLES filled in. */
int config_expand(const struct config *c, struct str path, struct buf *out) MUST_CHECK;

#endif
