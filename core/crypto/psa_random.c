/* psa_random.c - randomness for the PSA half of mbedTLS, which TLS 1.3 uses */
#include "crypto/crypto.h"

#include <psa/crypto.h>

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
	uint8_t *output, size_t output_size, size_t *output_length)
{
	(void)context;
	crypto_random(output, output_size);
	*output_length = output_size;
	return PSA_SUCCESS;
}
