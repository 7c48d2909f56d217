/* config.h - settings of the AWS CLI's files and environment variables */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

#define CONFIG_FILE_MAX (256 * 1024)

typedef const char *config_env(const char *name); /* getenv(3) or a test's own */

/* Both files, read once. A missing file is an empty one. Lines that cannot be parsed are logged (log_warn with file and line). */
struct config {
	config_env *env;
	const char *profile;  /* chosen: given, AWS_PROFILE, AWS_DEFAULT_PROFILE or "default" */
	bool profile_explicit; /* given on the command line */
	bool profile_known;   /* stands in one of the files */
	struct buf file, credentials; /* texts; storage is the caller's */
};
int config_open(struct config *c, config_env *env, const char *profile) MUST_CHECK;

/* A key of the profile: the credentials file's value before the config file's; empty .p NULL: absent. Borrowed from the file texts. */
struct str config_get(const struct config *c, const char *key);
struct str config_get_from(const struct config *c, const char *profile, const char *key);

/* The region: given, AWS_REGION, AWS_DEFAULT_REGION, the profile's; ERR_ABSENT with words. */
int config_region(const struct config *c, const char *given, struct buf *out) MUST_CHECK;

#endif
