/* xml_fuzz.c - walking an accepted text ends and stays inside; what the writer escapes reads back
 */
#include <stdint.h>
#include <stdlib.h>

#include "data/xml.h"

static void walk(struct xml e, unsigned depth)
{
	static const char *const names[] = { "a", "item", "id" };
	struct xml child;
	BUF(b, 4096);

	if (depth > XML_DEPTH_MAX)
		abort();
	(void)!xml_text(e, &b);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (child = (struct xml){ 0 }; xml_next(e, names[i], &child);) {
			if (child.inner.p < e.inner.p ||
				child.inner.p + child.inner.n > e.inner.p + e.inner.n)
				abort();
			walk(child, depth + 1);
		}
}

static void check_writer(struct str s)
{
	struct xml root;
	BUF(written, 16384);
	BUF(back, 16384);
	BUF(again, 16384);

	xml_element(&written, "a", s);
	if (xml_parse(&root, buf_view(&written)) < 0 || xml_text(root, &back) < 0)
		abort();
	xml_element(&again, "a", buf_view(&back));
	if (!str_eq(buf_view(&written), buf_view(&again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	struct xml root;

	if (size > 2000)
		return 0;
	if (xml_parse(&root, s) == 0)
		walk(root, 1);
	check_writer(s);
	return 0;
}
