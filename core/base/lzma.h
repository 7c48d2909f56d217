/* lzma.h - unpacks LZMA, the first version: raw, without a header, lc, lp and pb all 0 */
#ifndef BASE_LZMA_H
#define BASE_LZMA_H

#include <stdbool.h>
#include <stddef.h>

/* Fills all n bytes at to from the packed bytes at p; true when they were enough and made sense.
 * Needs neither libc nor constants, for it runs when nothing is relocated yet, and 4 KB of stack.
 */
bool lzma_unpack(unsigned char *to, size_t n, const unsigned char *p, size_t packed);

#endif
