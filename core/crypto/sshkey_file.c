/* sshkey_file.c - SSH key pairs: made, written and read
 *
 * OpenSSH's own file (PROTOCOL.key) is base64 between BEGIN and END lines of:
 *
 *	"openssh-key-v1" NUL, string cipher, string kdf, string kdf options, u32 number of keys,
 *	string public key, string private section
 *
 * and the private section, unless encrypted:
 *
 *	u32 check, the same u32 again, string type, the type's numbers, string comment,
 *	padding 1 2 3 …
 */
#include "crypto/sshkey.h"

#include <string.h>

#include <sodium/crypto_scalarmult_ed25519.h>

#include "base/mem.h"
#include "config.h"
#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "crypto/der.h"
#include "data/enc.h"

#define MAGIC "openssh-key-v1" /* its NUL belongs to it */
#define OPENSSH_LABEL "OPENSSH PRIVATE KEY"
#define OPENSSH_WIDTH 70  /* characters a line, as ssh-keygen writes them */
#define SECTION_MAX 12288 /* the private section of an RSA-16384 key */
#define NUMBER_MAX 2049   /* bytes of RSA-16384's modulus and a NUL */
#define BLOCK 8           /* of the cipher "none" */
#define RSA_BITS_DEFAULT 3072

/* --- wire form, written --- */

static void add_u32(struct buf *out, size_t v)
{
	const unsigned char p[] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
		(unsigned char)(v >> 8), (unsigned char)v };

	buf_add(out, p, sizeof(p));
}

static void add_blob(struct buf *out, struct str s)
{
	add_u32(out, s.n);
	buf_str(out, s);
}

/* A positive number: one zero byte in front where the top bit would make it negative. */
static void add_number(struct buf *out, struct str number)
{
	bool high;

	while (number.n > 0 && number.p[0] == 0) {
		number.p++;
		number.n--;
	}
	high = number.n > 0 && (unsigned char)number.p[0] >= 0x80;
	add_u32(out, number.n + high);
	if (high)
		buf_putc(out, 0);
	buf_str(out, number);
}

static const char *curve_of(enum sshkey_type type)
{
	return strrchr(sshkey_name(type), '-') + 1;
}

/* The numbers of an RSA key, in the order of the private section, which begins with the modulus. */
struct rsa_numbers {
	char n[NUMBER_MAX], e[NUMBER_MAX], d[NUMBER_MAX], iqmp[NUMBER_MAX], p[NUMBER_MAX],
		q[NUMBER_MAX];
};

static int add_rsa_secret(struct buf *out, const struct pk *key)
{
	struct rsa_numbers room;
	struct buf n = buf_of(room.n, NUMBER_MAX), e = buf_of(room.e, NUMBER_MAX);
	struct buf d = buf_of(room.d, NUMBER_MAX), iqmp = buf_of(room.iqmp, NUMBER_MAX);
	struct buf p = buf_of(room.p, NUMBER_MAX), q = buf_of(room.q, NUMBER_MAX);
	const struct pk_rsa parts = { &n, &e, &d, &p, &q, &iqmp };
	int r = pk_rsa_parts(key, &parts);

	if (r == 0) {
		add_number(out, buf_view(&n));
		add_number(out, buf_view(&e));
		add_number(out, buf_view(&d));
		add_number(out, buf_view(&iqmp));
		add_number(out, buf_view(&p));
		add_number(out, buf_view(&q));
	}
	mem_wipe(&room, sizeof(room));
	return r;
}

static int add_ec_secret(struct buf *out, const struct pk *key, enum sshkey_type type)
{
	BUF(point, 256);
	BUF(secret, 128);
	int r = pk_ec_parts(key, &point, &secret);

	if (r == 0) {
		add_blob(out, str_of(curve_of(type)));
		add_blob(out, buf_view(&point));
		add_number(out, buf_view(&secret));
	}
	buf_wipe(&secret);
	return r;
}

/* The public key of an Ed25519 pair is the end of its blob. */
static struct str ed25519_point(const struct sshkey *key)
{
	return (struct str){ (const char *)key->blob + key->n - 32, 32 };
}

static void add_ed25519_secret(struct buf *out, const struct sshkey_pair *pair)
{
	struct str point = ed25519_point(&pair->key);

	add_blob(out, point);
	add_u32(out, sizeof(pair->seed) + point.n);
	buf_add(out, pair->seed, sizeof(pair->seed));
	buf_str(out, point);
}

/* --- the public half --- */

static int set_public(struct sshkey_pair *pair, const struct buf *blob)
{
	int r = buf_check(blob, "public key");

	return r < 0 ? r : sshkey_read_blob(&pair->key, buf_view(blob));
}

/* The point is the base point times half the hash of the seed (RFC 8032 section 5.1.5). libsodium's
 * function for whole key pairs has a table of 30 KB to be faster at it. */
static int set_public_ed25519(struct sshkey_pair *pair)
{
	unsigned char base[32], point[32], secret[64];
	BUF(blob, 64);
	int r;

	if (!CONFIG_ED25519_KEYGEN)
		return err(ERR_USAGE, "Ed25519: this build makes no key pairs");
	memset(base, 0x66, sizeof(base)); /* y = 4/5, as RFC 8032 writes it */
	base[0] = 0x58;
	digest(DIGEST_SHA512, pair->seed, sizeof(pair->seed), secret);
	r = crypto_scalarmult_ed25519(point, secret, base);
	mem_wipe(secret, sizeof(secret));
	if (r != 0)
		return err(ERR_BUG, "Ed25519: no key from this seed");
	add_blob(&blob, STR("ssh-ed25519"));
	add_blob(&blob, (struct str){ (const char *)point, sizeof(point) });
	return set_public(pair, &blob);
}

static int set_public_rsa(struct sshkey_pair *pair)
{
	BUF(n, NUMBER_MAX);
	BUF(e, NUMBER_MAX);
	BUF(blob, SSHKEY_BLOB_MAX);
	const struct pk_rsa parts = { .n = &n, .e = &e };
	int r = pk_rsa_parts(&pair->pk, &parts);

	if (r < 0)
		return r;
	add_blob(&blob, STR("ssh-rsa"));
	add_number(&blob, buf_view(&e));
	add_number(&blob, buf_view(&n));
	return set_public(pair, &blob);
}

static int set_public_ec(struct sshkey_pair *pair, enum sshkey_type type)
{
	BUF(point, 256);
	BUF(blob, SSHKEY_BLOB_MAX);
	int r = pk_ec_parts(&pair->pk, &point, NULL);

	if (r < 0)
		return r;
	add_blob(&blob, str_of(sshkey_name(type)));
	add_blob(&blob, str_of(curve_of(type)));
	add_blob(&blob, buf_view(&point));
	return set_public(pair, &blob);
}

static const enum sshkey_type of_pk[] = {
	[PK_RSA] = SSHKEY_RSA,
	[PK_P256] = SSHKEY_P256,
	[PK_P384] = SSHKEY_P384,
	[PK_P521] = SSHKEY_P521,
};

static enum pk_type to_pk(enum sshkey_type type)
{
	for (enum pk_type i = PK_RSA; i <= PK_P521; i++)
		if (of_pk[i] == type)
			return i;
	return PK_NONE;
}

/* The SSH key that pair->pk is. */
static int set_public_pk(struct sshkey_pair *pair)
{
	enum pk_type type = pk_type(&pair->pk);

	if (type == PK_NONE)
		return err(ERR_FORMAT, "private key: of a kind that SSH does not have");
	return type == PK_RSA ? set_public_rsa(pair) : set_public_ec(pair, of_pk[type]);
}

/* --- making --- */

int sshkey_generate(struct sshkey_pair *pair, enum sshkey_type type, unsigned bits)
{
	int r;

	memset(pair, 0, sizeof(*pair));
	if (type == SSHKEY_ED25519) {
		crypto_random(pair->seed, sizeof(pair->seed));
		r = set_public_ed25519(pair);
	} else if (to_pk(type) != PK_NONE) {
		r = pk_generate(&pair->pk, to_pk(type), bits ? bits : RSA_BITS_DEFAULT);
		if (r == 0)
			r = set_public_pk(pair);
	} else {
		r = err(ERR_USAGE, "%s keys live in a security token and cannot be made here",
			sshkey_label(type));
	}
	if (r < 0)
		sshkey_close(pair);
	return r;
}

void sshkey_close(struct sshkey_pair *pair)
{
	pk_close(&pair->pk);
	mem_wipe(pair, sizeof(*pair));
}

/* --- writing --- */

static int add_secret(struct buf *out, const struct sshkey_pair *pair)
{
	switch (pair->key.type) {
	case SSHKEY_ED25519: add_ed25519_secret(out, pair); return 0;
	case SSHKEY_RSA: return add_rsa_secret(out, &pair->pk);
	default: return add_ec_secret(out, &pair->pk, pair->key.type);
	}
}

static int add_section(struct buf *out, const struct sshkey_pair *pair, struct str comment)
{
	unsigned char check[4];
	int r;

	crypto_random(check, sizeof(check));
	buf_add(out, check, sizeof(check));
	buf_add(out, check, sizeof(check));
	add_blob(out, str_of(sshkey_name(pair->key.type)));
	r = add_secret(out, pair);
	if (r < 0)
		return r;
	add_blob(out, comment);
	for (char i = 1; out->len % BLOCK != 0; i++)
		buf_putc(out, i);
	return buf_check(out, "private key");
}

static int write_openssh(const struct sshkey_pair *pair, struct str comment, struct buf *out)
{
	BUF(section, SECTION_MAX);
	BUF(file, SECTION_MAX + SSHKEY_BLOB_MAX + 64);
	int r = add_section(&section, pair, comment);

	if (r < 0)
		goto out;
	buf_add(&file, MAGIC, sizeof(MAGIC));
	add_blob(&file, STR("none"));
	add_blob(&file, STR("none"));
	add_blob(&file, STR(""));
	add_u32(&file, 1);
	add_blob(&file, (struct str){ (const char *)pair->key.blob, pair->key.n });
	add_blob(&file, buf_view(&section));
	buf_puts(out, "-----BEGIN " OPENSSH_LABEL "-----\n");
	base64_add_lines(out, file.p, file.len, OPENSSH_WIDTH);
	buf_puts(out, "-----END " OPENSSH_LABEL "-----\n");
	r = buf_check(out, "private key");
out:
	buf_wipe(&section);
	buf_wipe(&file);
	return r;
}

/* AlgorithmIdentifier of each type (RFC 8410, 8017, 5480). */
static const struct str algorithms[] = {
	[SSHKEY_ED25519] = { "\x30\x05\x06\x03\x2b\x65\x70", 7 },
	[SSHKEY_RSA] = { "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15 },
	[SSHKEY_P256] = { "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d"
			  "\x03\x01\x07",
		21 },
	[SSHKEY_P384] = { "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
			  "\x22",
		18 },
	[SSHKEY_P521] = { "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00"
			  "\x23",
		18 },
};

/* PrivateKeyInfo (RFC 5208): version 0, algorithm, and the type's own form in an OCTET STRING */
static int write_pkcs8(const struct sshkey_pair *pair, struct buf *out)
{
	BUF(inner, SECTION_MAX);
	BUF(der, SECTION_MAX + 64);
	int r = 0;

	if (pair->key.type == SSHKEY_ED25519)
		der_add(&inner, DER_OCTET_STRING,
			(struct str){ (const char *)pair->seed, sizeof(pair->seed) });
	else
		r = pk_write_private_der(&pair->pk, &inner);
	if (r < 0)
		goto out;
	der_add(&der, DER_INTEGER, STR("\0"));
	buf_str(&der, algorithms[pair->key.type]);
	der_add(&der, DER_OCTET_STRING, buf_view(&inner));
	der_wrap(&der, 0, DER_SEQUENCE);
	pem_add(out, "PRIVATE KEY", buf_view(&der));
	r = buf_check(out, "private key");
out:
	buf_wipe(&inner);
	buf_wipe(&der);
	return r;
}

int sshkey_write_private(const struct sshkey_pair *pair, enum sshkey_format format,
	struct str comment, struct buf *out)
{
	if (format == SSHKEY_PKCS8)
		return write_pkcs8(pair, out);
	if (format == SSHKEY_OPENSSH)
		return write_openssh(pair, comment, out);
	if (pair->key.type == SSHKEY_ED25519)
		return err(ERR_USAGE, "PEM has no form for Ed25519 keys; take OPENSSH or PKCS8");
	return pk_write_private_pem(&pair->pk, out);
}

/* --- reading --- */

/* The bytes between "-----BEGIN label-----" and its END. ERR_ABSENT: there is no such block. */
static int read_pem(struct str text, const char *label, struct buf *out)
{
	BUF(begin, 64);
	BUF(end, 64);
	size_t at;

	buf_addf(&begin, "-----BEGIN %s-----", label);
	buf_addf(&end, "-----END %s-----", label);
	if (!str_find(text, buf_text(&begin), &at))
		return err(ERR_ABSENT, "private key: no %s", label);
	text.p += at + begin.len;
	text.n -= at + begin.len;
	if (!str_find(text, buf_text(&end), &text.n) || base64_read(text, true, out) < 0)
		return err(ERR_FORMAT, "private key: damaged, the base64 is not complete");
	return 0;
}

static int damaged(const char *what)
{
	return err(ERR_FORMAT, "private key: damaged, %s", what);
}

/* point: what the file says that the public key is; empty: nothing */
static int set_ed25519(struct sshkey_pair *pair, struct str seed, struct str point)
{
	int r;

	memcpy(pair->seed, seed.p, sizeof(pair->seed));
	r = set_public_ed25519(pair);
	if (r == 0 && point.n > 0 && !str_eq(point, ed25519_point(&pair->key)))
		r = damaged("its two halves belong to different keys");
	return r;
}

static int take_ed25519(struct sshkey_pair *pair, struct str *in)
{
	struct str point, secret, seed, again;
	int r;

	if (!str_take_blob(in, &point) || !str_take_blob(in, &secret) ||
		!str_take(&secret, sizeof(pair->seed), &seed) || !str_take(&secret, 32, &again) ||
		secret.n > 0)
		return damaged("no Ed25519 key");
	r = set_ed25519(pair, seed, point);
	return r < 0 ? r : set_ed25519(pair, seed, again);
}

/* mbedTLS derives this number from p and q itself; a file with another one is damaged. */
static int check_iqmp(const struct pk *key, struct str iqmp)
{
	BUF(mine, NUMBER_MAX);
	const struct pk_rsa parts = { .iqmp = &mine };
	int r = pk_rsa_parts(key, &parts);

	while (iqmp.n > 0 && iqmp.p[0] == 0) {
		iqmp.p++;
		iqmp.n--;
	}
	if (r == 0 && (iqmp.n != mine.len || !mem_equal(iqmp.p, mine.p, iqmp.n)))
		r = damaged("its RSA numbers do not fit each other");
	buf_wipe(&mine);
	return r;
}

static int take_rsa(struct sshkey_pair *pair, struct str *in)
{
	struct str n, e, d, iqmp, p, q;
	int r;

	if (!str_take_blob(in, &n) || !str_take_blob(in, &e) || !str_take_blob(in, &d) ||
		!str_take_blob(in, &iqmp) || !str_take_blob(in, &p) || !str_take_blob(in, &q) ||
		d.n == 0)
		return damaged("no RSA key");
	r = pk_from_rsa(&pair->pk, n, e, d, p, q);
	return r < 0 ? r : check_iqmp(&pair->pk, iqmp);
}

static int take_ec(struct sshkey_pair *pair, enum pk_type type, struct str *in)
{
	struct str curve, point, secret;

	if (!str_take_blob(in, &curve) || !str_take_blob(in, &point) ||
		!str_take_blob(in, &secret) || secret.n == 0 ||
		!str_is(curve, curve_of(of_pk[type])))
		return damaged("no ECDSA key");
	if (secret.p[0] == 0) {
		secret.p++;
		secret.n--;
	}
	return pk_from_ec(&pair->pk, type, point, secret);
}

static int take_secret(struct sshkey_pair *pair, struct str *in)
{
	struct str name;
	enum pk_type type = PK_RSA;
	int r;

	if (!str_take_blob(in, &name))
		return damaged("no key type");
	if (str_is(name, "ssh-ed25519"))
		return take_ed25519(pair, in);
	while (type <= PK_P521 && !str_is(name, sshkey_name(of_pk[type])))
		type++;
	if (type > PK_P521)
		return err(ERR_FORMAT, "private key: of the unknown type \"%.*s\"",
			name.n < 64 ? (int)name.n : 64, name.p);
	r = type == PK_RSA ? take_rsa(pair, in) : take_ec(pair, type, in);
	return r < 0 ? r : set_public_pk(pair);
}

/* A whole block of it is superfluous, but dropbear writes one where none is needed. */
static bool padded(struct str rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] != i + 1)
			return false;
	return rest.n <= BLOCK;
}

static int read_section(struct sshkey_pair *pair, struct str section, struct buf *comment)
{
	uint32_t check, again;
	struct str words;
	int r;

	if (section.n % BLOCK != 0 || !str_take_u32(&section, &check) ||
		!str_take_u32(&section, &again) || check != again)
		return damaged("its two check numbers differ");
	r = take_secret(pair, &section);
	if (r < 0)
		return r;
	if (!str_take_blob(&section, &words) || !padded(section))
		return damaged("something else follows the key");
	if (!comment)
		return 0;
	buf_str(comment, words);
	return buf_check(comment, "comment");
}

/* What stands before the private section, and that it is not encrypted. */
static int read_head(struct str *in, struct str *public)
{
	struct str magic, cipher, kdf, options;
	uint32_t keys;

	if (!str_take(in, sizeof(MAGIC), &magic) || memcmp(magic.p, MAGIC, sizeof(MAGIC)) != 0 ||
		!str_take_blob(in, &cipher) || !str_take_blob(in, &kdf) ||
		!str_take_blob(in, &options))
		return damaged("no " MAGIC);
	if (!str_is(cipher, "none") || !str_is(kdf, "none"))
		return err(ERR_DENIED, "private key: encrypted with a passphrase");
	if (options.n > 0 || !str_take_u32(in, &keys) || keys != 1 || !str_take_blob(in, public))
		return damaged("not exactly one key");
	return 0;
}

static int read_openssh(struct sshkey_pair *pair, struct str file, struct buf *comment)
{
	struct str public, section;
	int r = read_head(&file, &public);

	if (r < 0)
		return r;
	if (!str_take_blob(&file, &section) || file.n > 0)
		return damaged("its length is wrong");
	r = read_section(pair, section, comment);
	if (r < 0)
		return r;
	if (public.n != pair->key.n || memcmp(public.p, pair->key.blob, public.n) != 0)
		return damaged("its two halves belong to different keys");
	return 0;
}

/* PKCS#8 of Ed25519, which mbedTLS lacks; version 1 has the public key behind (RFC 5958). */
static bool is_ed25519_pkcs8(struct str der, struct str *seed, struct str *point)
{
	static const char v0[] = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
	static const char v1[] = "\x30\x51\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
	static const char public[] = "\x81\x21\x00";
	struct str head, tag;

	if (!str_take(&der, 16, &head) || !str_take(&der, 32, seed))
		return false;
	*point = der;
	if (memcmp(head.p, v0, 16) == 0)
		return der.n == 0;
	return memcmp(head.p, v1, 16) == 0 && str_take(&der, 3, &tag) &&
		memcmp(tag.p, public, 3) == 0 && str_take(&der, 32, point) && der.n == 0;
}

static int read_other(struct sshkey_pair *pair, struct str text)
{
	int r = pk_read_private(&pair->pk, text);

	return r < 0 ? r : set_public_pk(pair);
}

int sshkey_read_private(struct sshkey_pair *pair, struct str text, struct buf *comment)
{
	BUF(file, SSHKEY_FILE_MAX);
	struct str seed, point;
	int r;

	memset(pair, 0, sizeof(*pair));
	r = read_pem(text, OPENSSH_LABEL, &file);
	if (r == 0)
		r = read_openssh(pair, buf_view(&file), comment);
	else if (r != ERR_ABSENT)
		goto out;
	else if (read_pem(text, "PRIVATE KEY", &file) == 0 &&
		is_ed25519_pkcs8(buf_view(&file), &seed, &point))
		r = set_ed25519(pair, seed, point);
	else
		r = read_other(pair, text);
out:
	buf_wipe(&file);
	if (r < 0)
		sshkey_close(pair);
	return r;
}
