/* region.h - partitions and the endpoints of services in them */
#ifndef AWS_REGION_H
#define AWS_REGION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct partition {
	const char *name;   /* "aws-us-gov", as in ARNs */
	const char *suffix; /* "amazonaws.com" */
	const char *dual;   /* "api.aws": of addresses that have IPv6 too */
};

/* The partition of a region; an unknown one is in "aws". */
const struct partition *region_partition(struct str region);

/* Appends "https://SERVICE[-fips].REGION.SUFFIX". */
void region_endpoint(struct buf *out, const char *service, struct str region, bool fips, bool dual);

/* The same of the sign-in service where it has a name of its own, "https://REGION.signin.DOMAIN";
 * false: it has none, the rule above holds. */
bool region_signin(struct buf *out, struct str region);

#endif
