/* enc_fuzz.c - every byte string survives each encoding, and each text that is read has one form
 * only */
#include <stdint.h>
#include <stdlib.h>

#include "data/enc.h"

static void same(bool ok)
{
	if (!ok)
		abort();
}

/* base64 with the other two digits and no padding */
static void add_url(struct buf *out, struct str s)
{
	base64_add(out, s.p, s.n);
	while (out->len > 0 && out->p[out->len - 1] == '=')
		out->p[--out->len] = 0;
	for (size_t i = 0; i < out->len; i++)
		out->p[i] = out->p[i] == '+' ? '-' : out->p[i] == '/' ? '_' : out->p[i];
}

static void check_bytes(struct str s)
{
	static uint8_t raw[4096];
	BUF(text, 16384);
	BUF(back, 4097);

	base64_add(&text, s.p, s.n);
	same(text.len == BASE64_SIZE(s.n) && base64_read(buf_view(&text), false, &back) == 0 &&
		str_eq(buf_view(&back), s));
	buf_clear(&text);
	buf_clear(&back);
	base64_add_lines(&text, s.p, s.n, 70);
	same(base64_read(buf_view(&text), true, &back) == 0 && str_eq(buf_view(&back), s));
	buf_clear(&text);
	buf_clear(&back);
	add_url(&text, s);
	same(base64url_read(buf_view(&text), &back) == 0 && str_eq(buf_view(&back), s));
	buf_clear(&text);
	hex_add(&text, s.p, s.n);
	same(hex_read(buf_view(&text), raw, s.n) && str_eq((struct str){ (char *)raw, s.n }, s));
	buf_clear(&text);
	buf_clear(&back);
	percent_add(&text, s, "/");
	same(str_has(s, 0) ||
		(percent_read(buf_view(&text), &back) == 0 && str_eq(buf_view(&back), s)));
}

static void check_text(struct str s)
{
	BUF(raw, 4097);
	BUF(text, 16384);

	if (base64_read(s, false, &raw) == 0) {
		base64_add(&text, raw.p, raw.len);
		same(str_eq(buf_view(&text), s));
	}
	buf_clear(&raw);
	buf_clear(&text);
	if (base64url_read(s, &raw) == 0) {
		add_url(&text, buf_view(&raw));
		same(str_eq(buf_view(&text), s));
	}
	buf_clear(&raw);
	same(percent_read(s, &raw) < 0 || !str_has(buf_view(&raw), 0) || str_has(s, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };

	if (size > 4096)
		return 0;
	check_bytes(s);
	check_text(s);
	return 0;
}
