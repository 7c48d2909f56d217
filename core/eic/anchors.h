/* anchors.h - the trust anchors that are compiled in; the build makes anchors.c from tools/lock */
#ifndef EIC_ANCHORS_H
#define EIC_ANCHORS_H

#include <stddef.h>

struct anchor {
	const char *name; /* as the package ca-certificates names it */
	const unsigned char *der;
	size_t n;
};

extern const struct anchor anchors[];
extern const size_t anchors_count;

#endif
