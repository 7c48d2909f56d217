/* url.h - http and https URLs, split; nothing that could be read in two ways is accepted */
#ifndef DATA_URL_H
#define DATA_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/err.h"

#define URL_HOST_MAX 253

/* All parts borrow from the text given. */
struct url {
	bool https;
	struct str host; /* lower case is the caller's business; of an IPv6 address without brackets
			  */
	bool ipv6;       /* host stood in brackets */
	uint16_t port;   /* given, or the scheme's */
	bool port_given;
	struct str path;  /* "" or from the '/' on, without query */
	struct str query; /* without '?' */
};

/* ERR_FORMAT with words for: another scheme, userinfo, no host, a bad port, a fragment, a blank or
 * control character. */
int url_parse(struct url *u, struct str text) MUST_CHECK;

/* As a Host header has it: brackets for IPv6, the port only when it is not the scheme's. */
struct buf;
void url_host(struct buf *out, const struct url *u);

#endif
