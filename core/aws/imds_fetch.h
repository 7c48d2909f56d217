/* imds_fetch.h - questions to the metadata service, on as few or as many connections as it likes */
#ifndef AWS_IMDS_FETCH_H
#define AWS_IMDS_FETCH_H

#include "aws/imds.h"

/* Results that are not final: ask (again), and why. */
enum {
	IMDS_PENDING = 1, /* not asked yet, or to be asked again */
	IMDS_BUSY,        /* 503 */
	IMDS_REFUSED,     /* nobody listens there */
	IMDS_BROKEN,      /* the connection ended without a byte */
	IMDS_NO_TOKEN,    /* 401 */
};

/* One question: GET of a path below /latest/, or PUT where it is for the token. */
struct imds_job {
	const char *path;
	struct buf *body;
	int result; /* one of the above, 0 or ERR_* */
	bool token;
};

/* Asks for all pending jobs once. Afterwards none is pending: each has its result, if only that it
 * must be asked again. */
void imds_round(struct imds *m, struct imds_job *jobs, size_t n);

/* Closes the connection that was kept, where there is one. */
void imds_drop(struct imds *m);

#endif
