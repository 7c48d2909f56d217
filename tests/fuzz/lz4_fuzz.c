/* lz4_fuzz.c - packed bytes of anybody stay within the room, and unpack the same way twice */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/lz4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t rooms[] = { 1, 100, 6000 };

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		unsigned char *a = malloc(rooms[i]), *b = malloc(rooms[i]); /* the sanitizer watches
									       their ends */
		bool good = lz4_unpack(a, rooms[i], data, size);

		if (lz4_unpack(b, rooms[i], data, size) != good || (good && memcmp(a, b, rooms[i])))
			abort();
		free(a);
		free(b);
	}
	return 0;
}
