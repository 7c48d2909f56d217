/* route.c - the path that a chain will most likely be proven by: a guess that saves requests, and
 * no proof */
#include "applets/authkeys/route.h"

#include "crypto/ocsp.h"

static const struct cert *find_subject(const struct certs *list, struct str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(cert_subject(certs_at(list, i)), name))
			return certs_at(list, i);
	return NULL;
}

void route_guess(struct route *route, const struct certs *chain, const struct certs *anchors)
{
	const struct cert *c = certs_at(chain, 0);

	route->n = 0;
	while (c && route->n < CERT_PATH_MAX) {
		const struct cert *anchor = find_subject(anchors, cert_issuer(c));
		const struct cert *issuer = anchor ? anchor : find_subject(chain, cert_issuer(c));

		if (!issuer || issuer == c)
			return;
		route->cert[route->n] = c;
		route->issuer[route->n++] = issuer;
		c = anchor ? NULL : issuer;
	}
}

bool route_has(const struct route *route, struct str staple)
{
	for (size_t i = 0; i < route->n; i++)
		if (ocsp_is_about(staple, route->cert[i], route->issuer[i]))
			return true;
	return false;
}

bool route_covered(const struct route *route, const struct str *staples, size_t n)
{
	for (size_t i = 0; i < route->n; i++) {
		size_t k = 0;

		while (k < n && !ocsp_is_about(staples[k], route->cert[i], route->issuer[i]))
			k++;
		if (k == n)
			return false;
	}
	return route->n > 0;
}
