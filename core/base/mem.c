/* mem.c - wiping, comparing in constant time, and the arena */
#include "base/mem.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

void mem_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

bool mem_equal(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char differ = 0;

	for (size_t i = 0; i < n; i++)
		differ = (unsigned char)(differ | (x[i] ^ y[i]));
	return differ == 0;
}

struct arena arena_of(void *p, size_t cap)
{
	return (struct arena){ .p = p, .cap = cap };
}

void *arena_take(struct arena *a, size_t n)
{
	size_t skip = (size_t)(-(uintptr_t)(a->p + a->used) & (alignof(max_align_t) - 1));
	void *p;

	if (skip > a->cap - a->used || n > a->cap - a->used - skip)
		return NULL;
	p = a->p + a->used + skip;
	a->used += skip + n;
	memset(p, 0, n);
	return p;
}
