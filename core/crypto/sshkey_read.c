/* sshkey_read.c - private key files, read; the form of OpenSSH's own stands in sshkey_write.c */
#include "crypto/sshkey_parts.h"

#include <string.h>

#include "base/mem.h"
#include "data/enc.h"

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
	r = sshkey_set_public_ed25519(pair);
	if (r == 0 && point.n > 0 && !str_eq(point, sshkey_point(&pair->key)))
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
	BUF(mine, SSHKEY_NUMBER_MAX);
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
		!str_is(curve, sshkey_curve(sshkey_of_pk[type])))
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
	while (type <= PK_P521 && !str_is(name, sshkey_name(sshkey_of_pk[type])))
		type++;
	if (type > PK_P521)
		return err(ERR_FORMAT, "private key: of the unknown type \"%.*s\"",
			name.n < 64 ? (int)name.n : 64, name.p);
	r = type == PK_RSA ? take_rsa(pair, in) : take_ec(pair, type, in);
	return r < 0 ? r : sshkey_set_public_pk(pair);
}

/* A whole block of it is superfluous, but dropbear writes one where none is needed. */
static bool padded(struct str rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] != i + 1)
			return false;
	return rest.n <= SSHKEY_BLOCK;
}

static int read_section(struct sshkey_pair *pair, struct str section, struct buf *comment)
{
	uint32_t check, again;
	struct str words;
	int r;

	if (section.n % SSHKEY_BLOCK != 0 || !str_take_u32(&section, &check) ||
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

	if (!str_take(in, sizeof(SSHKEY_MAGIC), &magic) ||
		memcmp(magic.p, SSHKEY_MAGIC, sizeof(SSHKEY_MAGIC)) != 0 ||
		!str_take_blob(in, &cipher) || !str_take_blob(in, &kdf) ||
		!str_take_blob(in, &options))
		return damaged("no " SSHKEY_MAGIC);
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

	return r < 0 ? r : sshkey_set_public_pk(pair);
}

int sshkey_read_private(struct sshkey_pair *pair, struct str text, struct buf *comment)
{
	BUF(file, SSHKEY_FILE_MAX);
	struct str seed, point;
	int r;

	memset(pair, 0, sizeof(*pair));
	r = read_pem(text, SSHKEY_OPENSSH_LABEL, &file);
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
