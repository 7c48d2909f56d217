/* dns.h - questions for a name server and its answers (RFC 1035, RFC 3596) */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/sock.h"

#define DNS_MESSAGE_MAX 512 /* over UDP, as long as nobody asks for more */

enum dns_type { DNS_A = 1, DNS_AAAA = 28 };

/* Appends the question for the addresses of name, which may end with a dot. ERR_FORMAT: no name. */
int dns_ask(struct buf *out, uint16_t id, struct str name, enum dns_type type) MUST_CHECK;

/* The addresses in an answer to that question: how many (at most cap, their ports are 0).
 * ERR_ABSENT: there is no such name. ERR_NET: the server cannot tell. ERR_FORMAT: no answer to this
 * question, and to be ignored, for anybody can send one. */
int dns_read(
	struct str answer, struct str question, struct sock_address *out, size_t cap) MUST_CHECK;

#endif
