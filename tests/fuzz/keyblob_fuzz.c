/* keyblob_fuzz.c - what is taken as a block is one, and is taken again when it is written anew */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eic/keyblob.h"
#include "eic/limits.h"

static void insist(bool ok)
{
	if (!ok)
		abort();
}

static void check_again(const struct keyblob *b)
{
	static char storage[40000];
	struct buf text = buf_of(storage, sizeof(storage));
	struct keyblob again;
	struct str rest;

	keyblob_add(
		&text, b->signed_text, (struct str){ (const char *)b->signature, b->signature_n });
	insist(!text.full);
	rest = buf_view(&text);
	insist(keyblob_take(&rest, &again) == 1 && keyblob_take(&rest, &again) == 0);
	rest = buf_view(&text);
	insist(keyblob_take(&rest, &again) == 1);
	insist(str_eq(again.signed_text, b->signed_text) && str_eq(again.key, b->key));
	insist(again.earliest == b->earliest && again.instances_differ == b->instances_differ);
	insist(again.signature_n == b->signature_n);
	insist(memcmp(again.signature, b->signature, b->signature_n) == 0);
}

static void check_block(const struct keyblob *b, const char *from, const char *to)
{
	insist(b->signed_text.p >= from && b->signed_text.p + b->signed_text.n <= to);
	insist(str_starts(b->signed_text, "#"));
	insist(b->key.n > 0 && b->key.p[0] != '#' && !str_has(b->key, '\n'));
	insist(!str_has(b->signed_text, 0) && !str_has(b->signed_text, '\r'));
	insist(b->instance.n > 0 && b->expiry.n > 0 && b->expiry.n <= 19 && b->earliest >= 0);
	insist(b->signature_n <= sizeof(b->signature));
	if (b->signature_n == 0)
		return;
	insist(str_ends(b->signed_text, "\n"));
	insist(b->key.p + b->key.n + 1 == b->signed_text.p + b->signed_text.n);
	check_again(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct keyblob block;
	size_t left = size;
	int r;

	while ((r = keyblob_take(&text, &block)) != 0) {
		insist(text.n < left);
		left = text.n;
		if (r == 1)
			check_block(&block, (const char *)data, text.p);
	}
	insist(text.n == 0);
	return 0;
}
