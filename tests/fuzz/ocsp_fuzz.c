/* ocsp_fuzz.c - a response proves only what it is about, and only for a while */
#include <stdint.h>
#include <stdlib.h>

#include "crypto/ocsp.h"
#include "tests/fuzz/pki.h"

static struct certs chain, root;

static void insist(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	crypto_init(NULL, 0);
	insist(certs_read_pem(&chain, str_of(fuzz_chain), 2) == 0);
	insist(certs_read_pem(&root, str_of(fuzz_root), 1) == 0);
	return 0;
}

static bool check(struct str der, const struct cert *c, const struct cert *issuer)
{
	bool about = ocsp_is_about(der, c, issuer);

	if (ocsp_verify(der, c, issuer, FUZZ_NOW) != 0)
		return false;
	insist(about);
	insist(ocsp_verify(der, c, issuer, FUZZ_NOW + OCSP_AGE_MAX + OCSP_SKEW + 1) != 0);
	insist(ocsp_verify(der, c, issuer, FUZZ_NOW - 365 * 86400) != 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cert *leaf = certs_at(&chain, 0), *ca = certs_at(&chain, 1);
	struct str der = { (const char *)data, size };
	bool of_leaf = check(der, leaf, ca), of_ca = check(der, ca, certs_at(&root, 0));

	insist(!of_leaf || !of_ca);
	insist(!check(der, ca, leaf) && !check(der, leaf, certs_at(&root, 0)));
	return 0;
}
