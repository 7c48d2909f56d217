/* ini_fuzz.c - reading ends, and what it gives stands in the text */
#include <stdint.h>
#include <stdlib.h>

#include "data/ini.h"

static void inside(struct str part, struct str text)
{
	if (part.n > 0 && (part.p < text.p || part.p + part.n > text.p + text.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct ini in = ini_of(text);
	enum ini_kind kind;
	size_t before = 0;

	while ((kind = ini_next(&in)) != INI_END) {
		inside(in.section, text);
		inside(in.key, text);
		inside(in.value, text);
		if (str_has(in.section, '\n') || str_has(in.key, '\n') ||
			(kind != INI_ENTRY && str_has(in.value, '\n')))
			abort();
		if (in.line <= before || (in.section.n == 0 && kind != INI_BAD) ||
			(kind == INI_ENTRY && in.key.n == 0))
			abort();
		before = in.line;
	}
	return 0;
}
