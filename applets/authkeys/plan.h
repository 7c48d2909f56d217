/* plan.h - what is asked of the metadata service, in which order, and no more than is needed
 *
 *	1  PUT  api/token                                   every run
 *	2  GET  managed-ssh-keys/active-keys/USER/          404: no keys, and the run ends here
 *	        instance-id/                                only where /sys does not say it (Xen)
 *	3  GET  placement/region, services/domain/, managed-ssh-keys/signer-cert/, .../signer-ocsp/
 *all at once placement/availability-zone/                only where there is no region 4  GET
 *managed-ssh-keys/signer-ocsp/NAME           those whose names are the certificates' SHA-1, all at
 *once 5                                                   the other names, when those did not
 *suffice
 */
#ifndef AUTHKEYS_PLAN_H
#define AUTHKEYS_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/imds.h"
#include "base/buf.h"
#include "base/str.h"
#include "crypto/cert.h"
#include "eic/limits.h"

struct plan {
	struct imds imds;
	struct imds second; /* the IPv6 service, when the first may be followed by another */
	bool may_fall_back;
	struct str user;
	struct buf keys, chain, list; /* as they came */
	char region[EIC_SMALL_MAX], domain[EIC_SMALL_MAX], instance_id[EIC_SMALL_MAX];
	struct certs certs, anchors;         /* the chain parsed, and the anchors that it names */
	struct str staples[EIC_STAPLES_MAX]; /* DER */
	size_t n_staples;
};

/* Where the service is: base as in imds_open, or NULL for the IPv4 address and then the IPv6 one.
 */
int plan_open(
	struct plan *p, const char *base, bool ipv6, struct str user, struct deadline d) MUST_CHECK;
void plan_close(struct plan *p);

/* A new run with what is remembered of the last (the token): the writer's next look. */
void plan_again(struct plan *p, struct deadline d);

/* Steps 1 and 2. 0: p->keys is filled; ERR_ABSENT: no keys; others: nobody (sane) answered. */
int plan_keys(struct plan *p) MUST_CHECK;
/* The instance id that IMDS has. */
int plan_instance(struct plan *p) MUST_CHECK;
/* Steps 3 to 5: everything that trust_open wants to know, and the anchors. */
int plan_signer(struct plan *p) MUST_CHECK;
/* Frees the certificates, so that plan_signer may be called again. */
void plan_forget_signer(struct plan *p);

unsigned plan_requests(const struct plan *p);
unsigned plan_connections(const struct plan *p);
/* What is asked at once counts once: each costs a round trip, and another one where it needs a
 * connection of its own. */
unsigned plan_rounds(const struct plan *p);

#endif
