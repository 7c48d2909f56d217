/* sodium_stub.c - what libsodium's Ed25519 files want from the rest of libsodium */
#include <stddef.h>
#include <stdlib.h>

#include <sodium/core.h>
#include <sodium/randombytes.h>
#include <sodium/utils.h>

#include "base/mem.h"
#include "crypto/crypto.h"

void sodium_memzero(void *const p, const size_t n)
{
	mem_wipe(p, n);
}

/* constant time: every byte is looked at */
int sodium_is_zero(const unsigned char *p, const size_t n)
{
	unsigned char bits = 0;

	for (size_t i = 0; i < n; i++)
		bits = (unsigned char)(bits | p[i]);
	return bits == 0;
}

int sodium_memcmp(const void *const a, const void *const b, size_t n)
{
	const volatile unsigned char *x = a;
	const volatile unsigned char *y = b;
	unsigned char bits = 0;

	for (size_t i = 0; i < n; i++)
		bits = (unsigned char)(bits | (x[i] ^ y[i]));
	return bits == 0 ? 0 : -1;
}

/* a broken promise inside libsodium: there is nobody to report it to */
void sodium_misuse(void)
{
	abort();
}

void randombytes_buf(void *const p, const size_t n)
{
	crypto_random(p, n);
}
