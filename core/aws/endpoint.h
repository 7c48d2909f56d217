/* endpoint.h - where a service is reached */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include <stdbool.h>

#include "aws/config.h"
#include "base/buf.h"
#include "data/url.h"

struct endpoint_service {
	const char *host; /* "sts": what its host names start with */
	const char *env;  /* "AWS_ENDPOINT_URL_STS" */
	const char *key;  /* "sts": its group in a [services NAME] section */
};

extern const struct endpoint_service endpoint_eic, endpoint_sts, endpoint_sso, endpoint_oidc,
	endpoint_signin;

/* given, the service's variable, AWS_ENDPOINT_URL, the profile's services section, its
 * endpoint_url, the rules of partitions with FIPS and dual-stack. text gets the URL and must live
 * as long as u. ERR_USAGE with words. */
int endpoint_find(struct url *u, struct buf *text, const struct config *c,
	const struct endpoint_service *s, const char *given, struct str region) MUST_CHECK;

#endif
