/* sshkey.c - SSH public keys: wire form, line, fingerprint
 *
 * Wire form is a row of strings, each a u32 length and its bytes (RFC 4251):
 *
 *	ssh-ed25519                         name, 32 bytes (RFC 8709)
 *	ssh-rsa                             name, mpint e, mpint n (RFC 4253)
 *	ecdsa-sha2-CURVE                    name, CURVE, uncompressed point (RFC 5656)
 *	sk-ssh-ed25519@openssh.com          name, 32 bytes, application (OpenSSH's PROTOCOL.u2f)
 *	sk-ecdsa-sha2-nistp256@openssh.com  name, CURVE, uncompressed point, application
 */
#include "crypto/sshkey.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "data/enc.h"

#define RSA_BITS_MIN 1024
#define RSA_BITS_MAX 16384
#define FINGERPRINT_DIGITS 43 /* of 32 bytes in base64 without padding */

/* What distinguishes the types. */
static const struct kind {
	const char *name, *label, *curve;
	unsigned bits;
	bool application;
} kinds[] = {
	[SSHKEY_ED25519] = { "ssh-ed25519", "ED25519", NULL, 256, false },
	[SSHKEY_RSA] = { "ssh-rsa", "RSA", NULL, 0, false },
	[SSHKEY_P256] = { "ecdsa-sha2-nistp256", "ECDSA", "nistp256", 256, false },
	[SSHKEY_P384] = { "ecdsa-sha2-nistp384", "ECDSA", "nistp384", 384, false },
	[SSHKEY_P521] = { "ecdsa-sha2-nistp521", "ECDSA", "nistp521", 521, false },
	[SSHKEY_SK_ED25519] = { "sk-ssh-ed25519@openssh.com", "ED25519-SK", NULL, 256, true },
	[SSHKEY_SK_P256] = { "sk-ecdsa-sha2-nistp256@openssh.com", "ECDSA-SK", "nistp256", 256,
		true },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

const char *sshkey_name(enum sshkey_type type)
{
	return type > SSHKEY_NONE && type < KINDS ? kinds[type].name : "";
}

const char *sshkey_label(enum sshkey_type type)
{
	return type > SSHKEY_NONE && type < KINDS ? kinds[type].label : "";
}

static enum sshkey_type type_of(struct str name)
{
	for (size_t i = SSHKEY_NONE + 1; i < KINDS; i++)
		if (str_is(name, kinds[i].name))
			return (enum sshkey_type)i;
	return SSHKEY_NONE;
}

/* how much of a foreign name is repeated in words */
static int shown(struct str name)
{
	return name.n < 64 ? (int)name.n : 64;
}

static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

/* A positive number, minimal; the one zero byte that may keep it positive is dropped. */
static bool take_number(struct str *in, struct str *number)
{
	struct str rest = *in;

	if (!str_take_blob(&rest, number) || number->n == 0 || bytes(*number)[0] >= 0x80)
		return false;
	if (number->p[0] == 0) {
		if (number->n == 1 || bytes(*number)[1] < 0x80)
			return false;
		number->p++;
		number->n--;
	}
	*in = rest;
	return true;
}

static unsigned bits_of(struct str number)
{
	unsigned bits = (unsigned)number.n * 8;

	for (unsigned top = bytes(number)[0]; top < 0x80; top <<= 1)
		bits--;
	return bits;
}

static bool odd(struct str number)
{
	return number.p[number.n - 1] & 1;
}

static int take_rsa(struct str *in, unsigned *bits)
{
	struct str e, n;

	if (!take_number(in, &e) || !take_number(in, &n))
		return err(ERR_FORMAT, "ssh-rsa key: a number is missing, negative or too long");
	if (!odd(e) || (e.n == 1 && e.p[0] == 1) || !odd(n))
		return err(ERR_FORMAT, "ssh-rsa key: an exponent or modulus that no RSA key has");
	if (n.n > RSA_BITS_MAX / 8)
		return err(ERR_FORMAT, "ssh-rsa key: more than %d bits", RSA_BITS_MAX);
	*bits = bits_of(n);
	if (*bits < RSA_BITS_MIN)
		return err(ERR_FORMAT, "ssh-rsa key: %u bits, fewer than %d", *bits, RSA_BITS_MIN);
	return 0;
}

static bool take_point(struct str *in, const struct kind *k)
{
	struct str curve, point;

	return str_take_blob(in, &curve) && str_is(curve, k->curve) && str_take_blob(in, &point) &&
		point.n == 1 + 2 * ((k->bits + 7) / 8) && point.p[0] == 4;
}

static bool take_ed25519(struct str *in)
{
	struct str point;

	return str_take_blob(in, &point) && point.n == 32;
}

int sshkey_read_blob(struct sshkey *key, struct str blob)
{
	struct str rest = blob, name, application;
	const struct kind *k;
	int r = 0;

	memset(key, 0, sizeof(*key));
	if (blob.n > sizeof(key->blob))
		return err(ERR_FORMAT, "public key: larger than any that is known");
	if (!str_take_blob(&rest, &name))
		return err(ERR_FORMAT, "public key: not in SSH's wire form");
	key->type = type_of(name);
	if (key->type == SSHKEY_NONE)
		return err(ERR_FORMAT, "public key: unknown type \"%.*s\"", shown(name), name.p);
	k = &kinds[key->type];
	key->bits = k->bits;
	if (key->type == SSHKEY_RSA)
		r = take_rsa(&rest, &key->bits);
	else if (!(k->curve ? take_point(&rest, k) : take_ed25519(&rest)))
		r = err(ERR_FORMAT, "%s key: damaged", k->name);
	if (r == 0 && k->application && !str_take_blob(&rest, &application))
		r = err(ERR_FORMAT, "%s key: damaged", k->name);
	if (r == 0 && rest.n > 0)
		r = err(ERR_FORMAT, "%s key: %zu bytes too long", k->name, rest.n);
	if (r < 0) {
		key->type = SSHKEY_NONE;
		return r;
	}
	memcpy(key->blob, blob.p, blob.n);
	key->n = blob.n;
	return 0;
}

static bool one_line(struct str s)
{
	return !str_has(s, '\n') && !str_has(s, '\r') && !str_has(s, 0);
}

int sshkey_read_line(struct sshkey *key, struct str line, struct str *comment)
{
	struct str rest = str_trim(line), name, digits;
	BUF(blob, SSHKEY_BLOB_MAX);
	int r;

	memset(key, 0, sizeof(*key));
	if (str_find(rest, "PRIVATE KEY-----", NULL))
		return err(ERR_DENIED,
			"this is a private key, which must never leave this machine; "
			"give the public one (.pub)");
	if (!one_line(rest))
		return err(ERR_FORMAT, "public key: more than one line");
	if (!str_take_word(&rest, &name))
		return err(ERR_FORMAT, "public key: empty");
	if (type_of(name) == SSHKEY_NONE)
		return err(ERR_FORMAT, "public key: unknown type \"%.*s\"", shown(name), name.p);
	if (!str_take_word(&rest, &digits) || base64_read(digits, false, &blob) < 0)
		return err(ERR_FORMAT, "%s key: damaged base64", kinds[type_of(name)].name);
	r = sshkey_read_blob(key, buf_view(&blob));
	if (r < 0)
		return r;
	if (key->type != type_of(name)) {
		r = err(ERR_FORMAT, "public key: says %s and is %s", kinds[type_of(name)].name,
			kinds[key->type].name);
		key->type = SSHKEY_NONE;
		return r;
	}
	if (comment)
		*comment = str_trim(rest);
	return 0;
}

void sshkey_add_line(struct buf *out, const struct sshkey *key, struct str comment)
{
	buf_puts(out, sshkey_name(key->type));
	buf_putc(out, ' ');
	base64_add(out, key->blob, key->n);
	if (comment.n > 0)
		buf_putc(out, ' ');
	for (size_t i = 0; i < comment.n; i++)
		buf_putc(
			out, bytes(comment)[i] < 0x20 || comment.p[i] == 0x7f ? '?' : comment.p[i]);
}

void sshkey_fingerprint(struct buf *out, const struct sshkey *key, bool md5)
{
	unsigned char hash[DIGEST_MAX];
	BUF(text, BASE64_SIZE(32) + 1);

	digest(md5 ? DIGEST_MD5 : DIGEST_SHA256, key->blob, key->n, hash);
	if (!md5) {
		base64_add(&text, hash, 32);
		buf_addf(out, "SHA256:%.*s", FINGERPRINT_DIGITS, buf_text(&text));
		return;
	}
	buf_puts(out, "MD5");
	for (size_t i = 0; i < 16; i++)
		buf_addf(out, ":%02x", hash[i]);
}

/* "aa:bb:…", 16 bytes */
static bool md5_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (i % 3 == 2 ? s.p[i] != ':'
			       : !str_all((struct str){ s.p + i, 1 }, "0123456789abcdef"))
			return false;
	return s.n == 16 * 3 - 1;
}

static bool sha256_ok(struct str s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	/* the last digit holds four bits only */
	return s.n == FINGERPRINT_DIGITS && str_all(s, digits) &&
		(strchr(digits, s.p[s.n - 1]) - digits) % 4 == 0;
}

bool sshkey_fingerprint_ok(struct str fingerprint)
{
	struct str form;

	if (!str_cut(&fingerprint, ':', &form))
		return false;
	return (str_is(form, "SHA256") && sha256_ok(fingerprint)) ||
		(str_is(form, "MD5") && md5_ok(fingerprint));
}

bool sshkey_matches(const struct sshkey *key, struct str fingerprint)
{
	BUF(mine, SSHKEY_FINGERPRINT_MAX);

	if (key->type == SSHKEY_NONE || !sshkey_fingerprint_ok(fingerprint))
		return false;
	sshkey_fingerprint(&mine, key, str_starts(fingerprint, "MD5:"));
	return str_eq(buf_view(&mine), fingerprint);
}
