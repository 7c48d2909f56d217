/* small_digests.c - SHA-1 and MD5 as loops, for mbedTLS, whose own are unrolled and 6 KB larger
 *
 * FIPS 180-4 and RFC 1321. Only names and fingerprints rest on these two, never a signature, so
 * that their speed does not matter. */
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>

static uint32_t rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

/* What a step mixes three words to, with its constant: SHA-1 has four rounds of twenty steps. */
static uint32_t sha1_choice(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round) {
	case 0: return (d ^ (b & (c ^ d))) + 0x5a827999;
	case 1: return (b ^ c ^ d) + 0x6ed9eba1;
	case 2: return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
	}
	return (b ^ c ^ d) + 0xca62c1d6;
}

int mbedtls_internal_sha1_process(mbedtls_sha1_context *ctx, const unsigned char data[64])
{
	uint32_t w[80], v[5];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)data[4 * i] << 24 | (uint32_t)data[4 * i + 1] << 16 |
			(uint32_t)data[4 * i + 2] << 8 | data[4 * i + 3];
	for (unsigned i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (unsigned i = 0; i < 5; i++)
		v[i] = ctx->state[i];
	for (unsigned i = 0; i < 80; i++) {
		uint32_t next = rotate(v[0], 5) + sha1_choice(i / 20, v[1], v[2], v[3]) + v[4] +
			w[i];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (unsigned i = 0; i < 5; i++)
		ctx->state[i] += v[i];
	return 0;
}

/* The sines of 1 to 64, their first 32 bits. */
static const uint32_t sines[64] = {
	0xd76aa478,
	0xe8c7b756,
	0x242070db,
	0xc1bdceee,
	0xf57c0faf,
	0x4787c62a,
	0xa8304613,
	0xfd469501,
	0x698098d8,
	0x8b44f7af,
	0xffff5bb1,
	0x895cd7be,
	0x6b901122,
	0xfd987193,
	0xa679438e,
	0x49b40821,
	0xf61e2562,
	0xc040b340,
	0x265e5a51,
	0xe9b6c7aa,
	0xd62f105d,
	0x02441453,
	0xd8a1e681,
	0xe7d3fbc8,
	0x21e1cde6,
	0xc33707d6,
	0xf4d50d87,
	0x455a14ed,
	0xa9e3e905,
	0xfcefa3f8,
	0x676f02d9,
	0x8d2a4c8a,
	0xfffa3942,
	0x8771f681,
	0x6d9d6122,
	0xfde5380c,
	0xa4beea44,
	0x4bdecfa9,
	0xf6bb4b60,
	0xbebfbc70,
	0x289b7ec6,
	0xeaa127fa,
	0xd4ef3085,
	0x04881d05,
	0xd9d4d039,
	0xe6db99e5,
	0x1fa27cf8,
	0xc4ac5665,
	0xf4292244,
	0x432aff97,
	0xab9423a7,
	0xfc93a039,
	0x655b59c3,
	0x8f0ccc92,
	0xffeff47d,
	0x85845dd1,
	0x6fa87e4f,
	0xfe2ce6e0,
	0xa3014314,
	0x4e0811a1,
	0xf7537e82,
	0xbd3af235,
	0x2ad7d2bb,
	0xeb86d391,
};

static uint32_t md5_choice(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round) {
	case 0: return d ^ (b & (c ^ d));
	case 1: return c ^ (d & (b ^ c));
	case 2: return b ^ c ^ d;
	}
	return c ^ (b | ~d);
}

int mbedtls_internal_md5_process(mbedtls_md5_context *ctx, const unsigned char data[64])
{
	static const unsigned char turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 },
		{ 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	static const unsigned char stride[4] = { 1, 5, 3, 7 }, start[4] = { 0, 1, 5, 0 };
	uint32_t v[4];

	for (unsigned i = 0; i < 4; i++)
		v[i] = ctx->state[i];
	for (unsigned i = 0; i < 64; i++) {
		unsigned round = i / 16;
		const unsigned char *p = data + (i * stride[round] + start[round]) % 16 * 4;
		uint32_t word = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
			p[0];
		uint32_t sum = v[0] + md5_choice(round, v[1], v[2], v[3]) + word + sines[i];

		v[0] = v[3];
		v[3] = v[2];
		v[2] = v[1];
		v[1] += rotate(sum, turns[round][i % 4]);
	}
	for (unsigned i = 0; i < 4; i++)
		ctx->state[i] += v[i];
	return 0;
}
