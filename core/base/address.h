/* address.h - IP addresses as text */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdint.h>

#include "base/buf.h"

/* 192.0.2.1, and the form of RFC 5952: 2001:db8::1. libc's inet_ntop brings all of printf. */
void address_add_v4(struct buf *out, const uint8_t p[static 4]);
void address_add_v6(struct buf *out, const uint8_t p[static 16]);

#endif
