/* url_fuzz.c - the parts of a URL put together again are a URL of the same parts */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "data/url.h"

static void check_parts(const struct url *u)
{
	struct url again;
	BUF(text, 8192);

	buf_puts(&text, u->https ? "https://" : "http://");
	url_host(&text, u);
	buf_str(&text, u->path);
	if (u->query.n > 0) {
		buf_putc(&text, '?');
		buf_str(&text, u->query);
	}
	if (url_parse(&again, buf_view(&text)) < 0 || !str_eq(again.host, u->host) ||
		again.port != u->port || again.https != u->https || again.ipv6 != u->ipv6 ||
		!str_eq(again.path, u->path) || !str_eq(again.query, u->query))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct url u;

	if (size > 4096 || url_parse(&u, (struct str){ (const char *)data, size }) < 0)
		return 0;
	check_parts(&u);
	for (size_t i = 0; i < size; i++)
		if (data[i] <= ' ' || data[i] >= 0x7f || data[i] == '\\' || data[i] == '#')
			abort();
	return 0;
}
