/* cert_fuzz.c - no certificate crashes what looks at it, and none proves itself */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/cert.h"
#include "eic/trust.h"
#include "tests/fuzz/pki.h"

static void insist(bool ok)
{
	if (!ok)
		abort();
}

static bool inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void look_at(const struct cert *c)
{
	BUF(name, 256);
	struct str der = cert_der(c);
	struct cert_facts facts;
	struct pk key;

	insist(cert_serial(c).n > 0 && inside(cert_serial(c), der));
	insist(inside(cert_subject(c), der) && inside(cert_issuer(c), der) &&
		inside(cert_key_bits(c), der));
	if (cert_facts(c, &facts) == 0)
		insist(facts.has_basic || !facts.is_ca);
	if (cert_common_name(c, &name) == 0)
		insist(name.len > 0 && !str_has(buf_view(&name), 0));
	if (cert_key(c, &key) == 0)
		pk_close(&key);
	(void)cert_san_is(c, STR("example.com"));
}

/* Nobody has the keys of the compiled-in anchors or of this root, apart from what the seeds prove.
 */
static void prove(const struct certs *list)
{
	struct certs compiled_in = { 0 }, ours = { 0 };
	struct cert_path path;

	insist(trust_anchors(&compiled_in, list) == 0);
	insist(cert_verify(list, &compiled_in, FUZZ_NOW, &path) != 0 && path.n == 0);
	insist(certs_read_pem_named(&ours, str_of(fuzz_root), 1, list) == 0);
	if (cert_verify(list, &ours, FUZZ_NOW, &path) == 0)
		insist(path.n >= 2 && path.at[path.n - 1] == certs_at(&ours, 0));
	certs_close(&compiled_in);
	certs_close(&ours);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct certs list = { 0 };
	int r;

	crypto_init(NULL, 0);
	if (str_starts(text, "-----"))
		r = certs_read_pem(&list, text, CERT_CHAIN_MAX);
	else
		r = certs_add_der(&list, text);
	insist(r == 0 || err_text()[0] != 0);
	for (size_t i = 0; i < list.n; i++)
		look_at(certs_at(&list, i));
	prove(&list);
	certs_close(&list);
	return 0;
}
