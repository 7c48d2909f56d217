/* crypto.c - what all of this room stands on: memory, time, randomness, digests */
#include "crypto/crypto.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <mbedtls/md.h>
#include <mbedtls/md5.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform_time.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/sha512.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config.h"
#include "crypto/pk_context.h"

#define SHA256_BLOCK 64

static unsigned char *arena_start;
static size_t arena_size;
static time_t judged_at;

void crypto_init(void *arena, size_t n)
{
	if (!CONFIG_ARENA)
		return;
	mbedtls_memory_buffer_alloc_init(arena, n);
	arena_start = arena;
	arena_size = n;
}

/* mbedTLS takes the first gap from the front that fits, so what was never needed is still zero at
 * the back. */
size_t crypto_peak(void)
{
	size_t n = arena_size;

	while (n > 0 && arena_start[n - 1] == 0)
		n--;
	return n;
}

void crypto_set_time(int64_t now)
{
	judged_at = (time_t)now;
}

/* mbedTLS's time(3) */
time_t eic_crypto_time(time_t *out)
{
	if (out)
		*out = judged_at;
	return judged_at;
}

/* mbedTLS's snprintf(3), for the few numbers that it writes */
int eic_snprintf(char *to, size_t cap, const char *fmt, ...)
{
	struct buf b = buf_of(to, cap);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	return b.full ? (int)cap : (int)b.len; /* cap or more says that it did not fit */
}

/* mbedTLS's strstr(3) */
char *eic_strstr(const char *text, const char *word)
{
	struct str all = str_of(text);
	size_t at;

	return str_find(all, word, &at) ? (char *)(uintptr_t)(all.p + at) : NULL;
}

/* mbedTLS's gmtime_r(3), as far as it reads what that writes */
struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *t, struct tm *out)
{
	int d[6];

	clock_to_utc(*t, d);
	*out = (struct tm){ .tm_year = d[0] - 1900,
		.tm_mon = d[1] - 1,
		.tm_mday = d[2],
		.tm_hour = d[3],
		.tm_min = d[4],
		.tm_sec = d[5] };
	return out;
}

void crypto_random(void *out, size_t n)
{
	unsigned char *p = out;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

int eic_random(void *unused, unsigned char *out, size_t n)
{
	(void)unused;
	crypto_random(out, n);
	return 0;
}

static const unsigned char sizes[] = {
	[DIGEST_MD5] = 16,
	[DIGEST_SHA1] = 20,
	[DIGEST_SHA256] = 32,
	[DIGEST_SHA384] = 48,
	[DIGEST_SHA512] = 64,
};

size_t digest_size(enum digest d)
{
	return sizes[d];
}

mbedtls_md_type_t digest_md(enum digest d)
{
	static const unsigned char types[] = {
		[DIGEST_MD5] = MBEDTLS_MD_MD5,
		[DIGEST_SHA1] = MBEDTLS_MD_SHA1,
		[DIGEST_SHA256] = MBEDTLS_MD_SHA256,
		[DIGEST_SHA384] = MBEDTLS_MD_SHA384,
		[DIGEST_SHA512] = MBEDTLS_MD_SHA512,
	};

	return types[d];
}

/* Through mbedTLS's common interface, which PSS brings in any case; its storage is ours, so that no
 * arena has to have room. */
void digest(enum digest d, const void *p, size_t n, unsigned char *out)
{
	union {
		mbedtls_md5_context md5;
		mbedtls_sha1_context sha1;
		mbedtls_sha256_context sha256;
		mbedtls_sha512_context sha512;
	} state;
	mbedtls_md_context_t c = { .md_info = mbedtls_md_info_from_type(digest_md(d)),
		.md_ctx = &state };

	memset(&state, 0, sizeof(state));
	if (mbedtls_md_starts(&c) != 0 || mbedtls_md_update(&c, p, n) != 0 ||
		mbedtls_md_finish(&c, out) != 0)
		abort(); /* software digests of valid arguments have no way to fail */
	mem_wipe(&state, sizeof(state));
}

void digest_sha256(unsigned char out[static 32], const void *p, size_t n)
{
	digest(DIGEST_SHA256, p, n, out);
}

/* SHA-256 of a block and a text behind it: the half of HMAC (RFC 2104) that is done twice */
static void half(unsigned char *out, const unsigned char *block, const void *p, size_t n)
{
	mbedtls_sha256_context c;

	mbedtls_sha256_init(&c);
	if (mbedtls_sha256_starts(&c, 0) != 0 ||
		mbedtls_sha256_update(&c, block, SHA256_BLOCK) != 0 ||
		mbedtls_sha256_update(&c, p, n) != 0 || mbedtls_sha256_finish(&c, out) != 0)
		abort();
	mbedtls_sha256_free(&c);
}

void hmac_sha256(unsigned char out[static 32], struct str key, struct str text)
{
	unsigned char block[SHA256_BLOCK] = { 0 }, inner[32];

	if (key.n > sizeof(block))
		digest_sha256(block, key.p, key.n);
	else if (key.n > 0)
		memcpy(block, key.p, key.n);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	half(inner, block, text.p, text.n);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	half(out, block, inner, sizeof(inner));
	mem_wipe(block, sizeof(block));
	mem_wipe(inner, sizeof(inner));
}
