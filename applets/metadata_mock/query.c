/* query.c - EC2 and STS in their query protocol: as much as clients of EC2 Instance Connect need */
#include <string.h>

#include "base/err.h"
#include "data/enc.h"

#include "call.h"

/* '+' is a blank in a form */
static bool decode(struct str s, struct buf *out)
{
	struct str part;

	for (bool first = true; str_cut(&s, '+', &part); first = false) {
		if (!first)
			buf_putc(out, ' ');
		if (percent_read(part, out) < 0)
			return false;
	}
	return !out->full;
}

bool query_parameter(const struct call *c, const char *name, struct buf *out)
{
	struct str rest = c->rq->body, pair, key;

	while (str_cut(&rest, '&', &pair))
		if (str_cut(&pair, '=', &key) && str_is(key, name)) {
			buf_clear(out);
			return decode(pair, out);
		}
	return false;
}

const struct action query_actions[] = { { 0 } };
