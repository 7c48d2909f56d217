/* mem.h - wiping, comparing in constant time, and the arena */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void mem_wipe(void *p, size_t n); /* is never optimised away */

/* True when the n bytes are equal; takes as long for any content. */
bool mem_equal(const void *a, const void *b, size_t n);

/* Memory handed out from one block and given back all at once. */
struct arena {
	unsigned char *p;
	size_t used, cap;
};

struct arena arena_of(void *p, size_t cap);

/* n zeroed bytes, aligned for any type; NULL when the arena is full. Lives as long as
 * the arena's memory. */
void *arena_take(struct arena *a, size_t n);

#endif
