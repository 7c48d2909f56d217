/* lz4.h - unpacks LZ4: one block, without a frame ("LZ4 Block Format Description") */
#ifndef BASE_LZ4_H
#define BASE_LZ4_H

#include <stdbool.h>
#include <stddef.h>

/* Fills all n bytes at to from the packed bytes at p; true when they were enough and made sense.
 * Needs neither libc nor constants, for it runs when nothing is relocated yet. */
bool lz4_unpack(unsigned char *to, size_t n, const unsigned char *p, size_t packed);

#endif
