/* json_fuzz.c - what is read as JSON is written as JSON that reads as the same */
#include <stdint.h>
#include <stdlib.h>

#include "data/json.h"

enum { TOKENS = 512, ROOM = 1 << 16 };

static char text[ROOM], first[ROOM], second[ROOM];

static void write_value(struct json_out *o, struct json v);

static void write_string(
	struct json_out *o, struct json v, void (*add)(struct json_out *, const char *))
{
	struct buf b = buf_of(text, sizeof(text));

	if (json_text(v, &b) < 0) /* \u0000 */
		buf_clear(&b);
	else if (!json_is(v, buf_text(&b)))
		abort();
	add(o, buf_text(&b));
}

static void add_value(struct json_out *o, const char *s)
{
	json_add_str(o, str_of(s));
}

static void write_group(struct json_out *o, struct json v, bool object)
{
	size_t n = 0;

	json_open(o, object ? '{' : '[');
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i), n++) {
		if (object)
			write_string(o, i, json_name);
		write_value(o, object ? json_value(i) : i);
	}
	json_close(o, object ? '}' : ']');
	if (n != json_count(v))
		abort();
}

static void write_value(struct json_out *o, struct json v)
{
	switch (json_type(v)) {
	case JSON_STRING: write_string(o, v, add_value); break;
	case JSON_ARRAY:
	case JSON_OBJECT: write_group(o, v, json_type(v) == JSON_OBJECT); break;
	case JSON_NONE: abort();
	default: json_add_raw(o, json_raw(v));
	}
}

static int rewrite(struct str in, struct buf *out, unsigned indent)
{
	static struct json_token tokens[TOKENS];
	struct json_doc doc;
	struct json_out o = json_out(out, indent);
	int r = json_parse(&doc, in, tokens, TOKENS);

	if (r == 0)
		write_value(&o, json_root(&doc));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf a = buf_of(first, sizeof(first)), b = buf_of(second, sizeof(second));

	if (size > 4096 || rewrite((struct str){ (const char *)data, size }, &a, 0) < 0)
		return 0;
	/* names that hold \u0000 were written as "", which may then stand there twice */
	if (rewrite(buf_view(&a), &b, 0) == 0 && !str_eq(buf_view(&a), buf_view(&b)))
		abort();
	return 0;
}
