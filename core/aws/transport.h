/* transport.h - how AWS is reached: proxies and trusted certificates, from options, environment and
 * profile */
#ifndef AWS_TRANSPORT_H
#define AWS_TRANSPORT_H

#include "aws/config.h"
#include "net/client.h"

struct transport_options {
	const char *ca_bundle; /* NULL: AWS_CA_BUNDLE, the profile's ca_bundle, the system's, the
				  compiled-in anchors */
	bool no_verify;
	int64_t now;
};

/* Sets the client's proxies and trust; connect_ms, read_ms and ca_text are the caller's business.
 * storage keeps the bundle's path and lives as long as the client. */
int transport_open(struct client *client, const struct config *c,
	const struct transport_options *options, struct buf *storage) MUST_CHECK;

#endif
