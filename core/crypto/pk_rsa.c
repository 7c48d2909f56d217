/* pk_rsa.c - RSA key pairs as FIPS 186-5 wants them
 *
 * mbedtls_rsa_gen_key does the same, but rejects each number with a small factor by a GCD that
 * takes constant time: that is two thirds of its work, spent on numbers that nobody needs to hide.
 */
#include <stdint.h>

#include <mbedtls/bignum.h>
#include <mbedtls/rsa.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/pk_context.h"

#define EXPONENT 65537
#define SMALL_MAX 2048 /* factors below are tried before anything costly */
#define PRIME_MAX 512  /* bytes: half of RSA-8192 */
#define TRIES_MAX 100000

/* The odd numbers below SMALL_MAX that are not prime; n stands at n / 2. */
static bool composite[SMALL_MAX / 2];

static void sieve(void)
{
	for (unsigned n = 3; n * n < SMALL_MAX; n += 2)
		for (unsigned m = n * n; m < SMALL_MAX; m += 2 * n)
			composite[m / 2] = true;
}

/* A random odd number of so many bits, from sqrt(2) * 2^(bits - 1) on (A.1.3 steps 4.2 to 4.4): so
 * the product of two has exactly twice the bits. False: the one drawn was smaller. */
static bool draw(mbedtls_mpi *x, unsigned bits)
{
	unsigned char raw[PRIME_MAX + 1];
	size_t n = (bits + 7) / 8;
	uint64_t top = 0;
	bool ok;

	crypto_random(raw, n);
	for (size_t i = 0; i < 8; i++)
		top = top << 8 | raw[i];
	raw[n - 1] |= (unsigned char)(1 << (n * 8 - bits)); /* becomes the lowest bit */
	ok = top >= 0xb504f333f9de6485 && mbedtls_mpi_read_binary(x, raw, n) == 0 &&
		mbedtls_mpi_shift_r(x, n * 8 - bits) == 0;
	mem_wipe(raw, sizeof(raw));
	return ok;
}

/* Whatever is rejected here is thrown away, so its divisions may take their time. */
static bool has_small_factor(const mbedtls_mpi *x)
{
	mbedtls_mpi_uint rest;

	for (unsigned n = 3; n < SMALL_MAX; n += 2)
		if (!composite[n / 2] && (mbedtls_mpi_mod_int(&rest, x, n) != 0 || rest == 0))
			return true;
	return false;
}

/* The exponent is prime: it shares a factor with x - 1 when x is 1 modulo it (A.1.3 step 4.5). */
static bool suits_exponent(const mbedtls_mpi *x)
{
	mbedtls_mpi_uint rest;

	return mbedtls_mpi_mod_int(&rest, x, EXPONENT) == 0 && rest != 1;
}

/* Miller-Rabin: at least as many rounds as table B.1 wants for a product of twice the bits. */
static int rounds_for(unsigned bits)
{
	return bits >= 1450 ? 4 : bits >= 1150 ? 5 : 6;
}

static bool find_prime(mbedtls_mpi *x, unsigned bits)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		int r;

		if (!draw(x, bits) || has_small_factor(x) || !suits_exponent(x))
			continue;
		r = mbedtls_mpi_is_prime_ext(x, rounds_for(bits), eic_random, NULL);
		if (r != MBEDTLS_ERR_MPI_NOT_ACCEPTABLE)
			return r == 0;
	}
	return false;
}

/* |p - q| > 2^(bits - 100) (A.1.3 step 5.4); p becomes the larger one. */
static bool far_apart(mbedtls_mpi *p, mbedtls_mpi *q, unsigned bits)
{
	mbedtls_mpi gap;
	bool far;

	if (mbedtls_mpi_cmp_mpi(p, q) < 0)
		mbedtls_mpi_swap(p, q);
	mbedtls_mpi_init(&gap);
	far = mbedtls_mpi_sub_mpi(&gap, p, q) == 0 && mbedtls_mpi_bitlen(&gap) > bits - 99;
	mbedtls_mpi_free(&gap);
	return far;
}

/* d > 2^(bits of n / 2) (A.1.1 step 3), and all numbers fit each other. */
static bool is_sound(const mbedtls_rsa_context *rsa, unsigned bits)
{
	mbedtls_mpi d;
	bool sound;

	mbedtls_mpi_init(&d);
	sound = mbedtls_rsa_export(rsa, NULL, NULL, NULL, &d, NULL) == 0 &&
		mbedtls_mpi_bitlen(&d) > bits / 2 && mbedtls_rsa_get_bitlen(rsa) == bits &&
		mbedtls_rsa_check_privkey(rsa) == 0;
	mbedtls_mpi_free(&d);
	return sound;
}

/* Two primes too close or a short d are as likely as a guessed key: no reason to try again. */
int pk_generate_rsa(mbedtls_rsa_context *rsa, unsigned bits)
{
	mbedtls_mpi p, q, e;
	bool ok;

	sieve();
	mbedtls_mpi_init(&p);
	mbedtls_mpi_init(&q);
	mbedtls_mpi_init(&e);
	ok = mbedtls_mpi_lset(&e, EXPONENT) == 0 && find_prime(&p, bits / 2) &&
		find_prime(&q, bits / 2) && far_apart(&p, &q, bits / 2) &&
		mbedtls_rsa_import(rsa, NULL, &p, &q, NULL, &e) == 0 &&
		mbedtls_rsa_complete(rsa) == 0 && is_sound(rsa, bits);
	mbedtls_mpi_free(&p);
	mbedtls_mpi_free(&q);
	mbedtls_mpi_free(&e);
	return ok ? 0 : err(ERR_SYSTEM, "RSA key: cannot be made");
}
