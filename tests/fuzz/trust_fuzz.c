/* trust_fuzz.c - whatever is served, no key comes out but the one that was signed
 *
 * An input is what the metadata service serves, with lines of "%%" between its parts: the chain,
 * staples in base64, and last the list of keys.
 */
#include <stdint.h>
#include <stdlib.h>

#include "data/enc.h"
#include "eic/trust.h"
#include "tests/fuzz/pki.h"

#define STAPLE_MAX 4096

static char staples[EIC_STAPLES_MAX][STAPLE_MAX];

static void insist(bool ok)
{
	if (!ok)
		abort();
}

/* Up to a line "%%", which is dropped. False: there is no such line, and part is all. */
static bool take_part(struct str *in, struct str *part)
{
	struct str rest = *in, line;

	*part = *in;
	while (str_take_line(&rest, &line)) {
		if (!str_is(line, "%%"))
			continue;
		part->n = (size_t)(line.p - part->p);
		*in = rest;
		return true;
	}
	return false;
}

static void add_staple(struct trust_facts *facts, struct str text)
{
	struct buf der = buf_of(staples[facts->n_staples], STAPLE_MAX);

	if (base64_read(text, true, &der) == 0)
		facts->staples[facts->n_staples++] = buf_view(&der);
}

static void check_keys(const struct trust *t, struct str text)
{
	BUF(line, SSHKEY_LINE_MAX);
	struct keyblob block;
	struct sshkey key;
	int r;

	while ((r = keyblob_take(&text, &block)) != 0) {
		if (r < 0 || trust_key(t, &block, (struct str){ 0 }, &key) != 0)
			continue;
		insist(t->proven);
		buf_clear(&line);
		sshkey_add_line(&line, &key, (struct str){ 0 });
		insist(str_is(buf_view(&line), fuzz_key));
		insist(str_is(block.instance, FUZZ_INSTANCE) && block.earliest == FUZZ_NOW + 60);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, part;
	struct certs anchors = { 0 };
	struct trust_facts facts = { .now = FUZZ_NOW,
		.build_date = 1,
		.instance_id = STR(FUZZ_INSTANCE),
		.region = STR("us-east-1"),
		.domain = STR("amazonaws.com"),
		.anchors = &anchors,
		.administrators_anchors = true };
	struct trust trust;
	bool more = take_part(&text, &facts.chain_pem);

	crypto_init(NULL, 0);
	insist(certs_read_pem(&anchors, str_of(fuzz_root), 1) == 0);
	while (more && (more = take_part(&text, &part)) && facts.n_staples < EIC_STAPLES_MAX)
		add_staple(&facts, part);
	if (trust_open(&trust, &facts) == 0)
		insist(facts.n_staples >= 2);
	check_keys(&trust, text);
	trust_close(&trust);
	certs_close(&anchors);
	return 0;
}
