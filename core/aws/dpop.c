/* dpop.c - proofs that a request comes from who holds a key (RFC 9449)
 *
 *	base64url({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":...,"y":...}})
 *	. base64url({"jti":...,"htm":"POST","htu":URL,"iat":seconds}) . base64url(signature)
 *
 * The signature is that of RFC 7518, section 3.4: both numbers with all their bytes, not DER. */
#include "aws/dpop.h"

#include "crypto/der.h"
#include "data/enc.h"

#define NUMBER 32 /* bytes, on P-256 */
#define PART_MAX 1024

static int add_head(struct buf *out, const struct pk *key)
{
	BUF(point, 1 + 2 * NUMBER + 1);
	int r = pk_ec_parts(key, &point, NULL);

	if (r < 0)
		return r;
	buf_puts(out,
		"{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
		"\"x\":\"");
	base64url_add(out, point.p + 1, NUMBER);
	buf_puts(out, "\",\"y\":\"");
	base64url_add(out, point.p + 1 + NUMBER, NUMBER);
	buf_puts(out, "\"}}");
	return buf_check(out, "proof");
}

/* A URL, checked, holds nothing that JSON would escape. */
static int add_claims(struct buf *out, const char *url, int64_t now)
{
	unsigned char random[16];

	crypto_random(random, sizeof(random));
	buf_puts(out, "{\"jti\":\"");
	hex_add(out, random, sizeof(random));
	buf_addf(out, "\",\"htm\":\"POST\",\"htu\":\"%s\",\"iat\":%lld}", url, (long long)now);
	return buf_check(out, "proof");
}

/* The two numbers of a signature in DER, each with all its bytes. */
static int add_numbers(struct buf *out, struct str der)
{
	struct str pair, n;

	if (!der_take(&der, DER_SEQUENCE, &pair))
		return err(ERR_BUG, "proof: no signature");
	for (int i = 0; i < 2; i++) {
		if (!der_take(&pair, DER_INTEGER, &n))
			return err(ERR_BUG, "proof: half a signature");
		for (; n.n > NUMBER; n.n--)
			n.p++;
		for (size_t k = n.n; k < NUMBER; k++)
			buf_putc(out, 0);
		buf_str(out, n);
	}
	return 0;
}

int dpop_add(struct buf *out, const struct pk *key, const char *url, int64_t now)
{
	BUF(head, PART_MAX);
	BUF(claims, PART_MAX);
	BUF(der, PK_SIGNATURE_MAX);
	BUF(signature, 2 * NUMBER + 1);
	size_t start = out->len;
	int r;

	if (pk_type(key) != PK_P256)
		return err(ERR_FORMAT, "not a key on P-256");
	r = add_head(&head, key);
	if (r == 0)
		r = add_claims(&claims, url, now);
	if (r < 0)
		return r;
	base64url_add(out, head.p, head.len);
	buf_putc(out, '.');
	base64url_add(out, claims.p, claims.len);
	r = pk_sign(key, DIGEST_SHA256, (struct str){ out->p + start, out->len - start }, &der);
	if (r == 0)
		r = add_numbers(&signature, buf_view(&der));
	if (r < 0)
		return r;
	buf_putc(out, '.');
	base64url_add(out, signature.p, signature.len);
	return buf_check(out, "proof");
}
