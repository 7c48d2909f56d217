/* names.h - the addresses of a host name, found under a deadline */
#ifndef NET_NAMES_H
#define NET_NAMES_H

#include "base/clock.h"
#include "net/sock.h"

#define NAMES_MAX 16

/* The addresses of a name or of a literal, IPv6 and IPv4 by turns (RFC 8305): how many. Names are
 * those of /etc/hosts (its first 64 KiB), then of the name servers in /etc/resolv.conf, which are
 * asked all at once and for 10 seconds at most; its "search" is for names without a dot, and for
 * those that are not found otherwise. libc's look-up cannot be interrupted, and is 18 KB. ERR_NET
 * with words: no such name, no answer. */
int names_find(struct sock_address out[static NAMES_MAX], struct str host, uint16_t port,
	struct deadline d) MUST_CHECK;

#endif
