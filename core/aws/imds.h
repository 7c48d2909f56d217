/* imds.h - the instance metadata service, asked the way the agent has to */
#ifndef AWS_IMDS_H
#define AWS_IMDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "eic/limits.h"
#include "net/sock.h"

#define IMDS_IPV4 "http://169.254.169.254"
#define IMDS_IPV6 "http://[fd00:ec2::254]"
#define IMDS_CONNECT_MS 1000
#define IMDS_REFUSED_MS 600 /* how long refused connections are tried again */
#define IMDS_TOKEN_SECONDS 300
#define IMDS_ITEMS_MAX 32
#define IMDS_PARALLEL 16
#define IMDS_HEAD_MAX 2048 /* of one answer, a refusal's body included */

/* One service and what is remembered about it. */
struct imds {
	struct sock_address address;
	char host[64];                  /* the Host header */
	char token[EIC_TOKEN_MAX];      /* "": none yet */
	struct deadline deadline;       /* of the whole run */
	unsigned requests, connections; /* counted, for -v and the bench */
	bool renewed;                   /* a 401 has got its new token */
	int fd;                         /* kept alive, or -1 */
	int64_t waited_ms, rounds;      /* how long answers took so far, and their round trips */
};

/* base: "http://ADDRESS[:PORT][/]" with a literal address, which must be link-local or loopback
 * unless anywhere is set. ERR_USAGE. Nothing is sent yet. */
int imds_open(struct imds *m, struct str base, bool anywhere, struct deadline d) MUST_CHECK;
void imds_close(struct imds *m);

/* One path below /latest/. */
struct imds_item {
	const char *path;
	struct buf *body; /* the caller's, of the size of the limit; cleared first */
	int result; /* 0, ERR_ABSENT (404), ERR_NET, ERR_LIMIT, ERR_FORMAT, ERR_DENIED (401, 403) */
};

/* Gets a token where there is none, then path. 0, ERR_ABSENT for 404, others as above. 503 is tried
 * again until the deadline, refused connections for IMDS_REFUSED_MS of it (a service that is
 * switched off must not hold up each login), connections that end without a byte a few times; a 401
 * gets a new token once. */
int imds_get(struct imds *m, const char *path, struct buf *body) MUST_CHECK;

/* Gets all items at once: pipelined on one connection where the service has kept it alive, else on
 * one each, all running together (IMDS_PARALLEL at a time). 0 when each item has its result (see
 * there; the words are of the last that failed), or why no token could be had. */
int imds_get_all(struct imds *m, struct imds_item *items, size_t n) MUST_CHECK;

#endif
