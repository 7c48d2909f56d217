/* route.h - the path that a chain will most likely be proven by: a guess that saves requests, and
 * no proof */
#ifndef AUTHKEYS_ROUTE_H
#define AUTHKEYS_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "crypto/cert.h"

/* From the leaf on, each certificate and who issued it; the last issuer is an anchor where one was
 * found. */
struct route {
	const struct cert *cert[CERT_PATH_MAX], *issuer[CERT_PATH_MAX];
	size_t n;
};

void route_guess(struct route *route, const struct certs *chain, const struct certs *anchors);

/* Is the staple about a certificate of the route? */
bool route_has(const struct route *route, struct str staple);

/* Is there a staple about each certificate of the route? */
bool route_covered(const struct route *route, const struct str *staples, size_t n);

#endif
