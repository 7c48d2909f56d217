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
#define IMDS_TOKEN_SECONDS 300

/* One service and what is remembered about it. */
struct imds {
	struct sock_address address;
	char host[64];              /* the Host header */
	char token[EIC_TOKEN_MAX];
	struct deadline deadline;   /* of the whole run */
	unsigned requests, connections; /* counted, for -v and the bench */
	int fd;                     /* kept alive, or -1 */
};

/* base: "http://ADDRESS[:PORT]", a literal link-local or loopback address unless anywhere is set. ERR_USAGE. */
int imds_open(struct imds *m, struct str base, bool anywhere, struct deadline d) MUST_CHECK;
void imds_close(struct imds *m);

/* One path below /latest/. */
struct imds_item {
	const char *path;
	struct buf *body;  /* the caller's, of the size of the limit */
	int result;        /* 0, ERR_ABSENT (404), ERR_NET, ERR_LIMIT, ERR_FORMAT, ERR_DENIED (401, 403) */
};

/* Gets a token, then path. 0, ERR_ABSENT for 404, others as above. 503 and refused connections are tried again until the deadline; a 401 gets a new
 * token once. */
int imds_get(struct imds *m, const char *path, struct buf *body) MUST_CHECK;

/* Gets all items at once: on one connection where the service keeps it alive, else on one each, all running together. 0 when each item has
 * its result (see there). */
int imds_get_all(struct imds *m, struct imds_item *items, size_t n) MUST_CHECK;

#endif
