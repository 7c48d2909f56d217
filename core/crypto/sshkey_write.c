/* sshkey_write.c - private key files, written
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
#include "crypto/sshkey_parts.h"

#include "base/mem.h"
#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "crypto/der.h"
#include "data/enc.h"

#define OPENSSH_WIDTH 70 /* characters a line, as ssh-keygen writes them */

/* The numbers of an RSA key, in the order of the private section, which begins with the modulus. */
struct rsa_numbers {
	char n[SSHKEY_NUMBER_MAX], e[SSHKEY_NUMBER_MAX], d[SSHKEY_NUMBER_MAX],
		iqmp[SSHKEY_NUMBER_MAX], p[SSHKEY_NUMBER_MAX], q[SSHKEY_NUMBER_MAX];
};

static int add_rsa_secret(struct buf *out, const struct pk *key)
{
	struct rsa_numbers room;
	struct buf n = buf_of(room.n, SSHKEY_NUMBER_MAX), e = buf_of(room.e, SSHKEY_NUMBER_MAX);
	struct buf d = buf_of(room.d, SSHKEY_NUMBER_MAX),
		   iqmp = buf_of(room.iqmp, SSHKEY_NUMBER_MAX);
	struct buf p = buf_of(room.p, SSHKEY_NUMBER_MAX), q = buf_of(room.q, SSHKEY_NUMBER_MAX);
	const struct pk_rsa parts = { &n, &e, &d, &p, &q, &iqmp };
	int r = pk_rsa_parts(key, &parts);

	if (r == 0) {
		sshkey_add_number(out, buf_view(&n));
		sshkey_add_number(out, buf_view(&e));
		sshkey_add_number(out, buf_view(&d));
		sshkey_add_number(out, buf_view(&iqmp));
		sshkey_add_number(out, buf_view(&p));
		sshkey_add_number(out, buf_view(&q));
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
		sshkey_add_blob(out, str_of(sshkey_curve(type)));
		sshkey_add_blob(out, buf_view(&point));
		sshkey_add_number(out, buf_view(&secret));
	}
	buf_wipe(&secret);
	return r;
}

static void add_ed25519_secret(struct buf *out, const struct sshkey_pair *pair)
{
	struct str point = sshkey_point(&pair->key);

	sshkey_add_blob(out, point);
	sshkey_add_u32(out, sizeof(pair->seed) + point.n);
	buf_add(out, pair->seed, sizeof(pair->seed));
	buf_str(out, point);
}

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
	sshkey_add_blob(out, str_of(sshkey_name(pair->key.type)));
	r = add_secret(out, pair);
	if (r < 0)
		return r;
	sshkey_add_blob(out, comment);
	for (char i = 1; out->len % SSHKEY_BLOCK != 0; i++)
		buf_putc(out, i);
	return buf_check(out, "private key");
}

static int write_openssh(const struct sshkey_pair *pair, struct str comment, struct buf *out)
{
	BUF(section, SSHKEY_SECTION_MAX);
	BUF(file, SSHKEY_SECTION_MAX + SSHKEY_BLOB_MAX + 64);
	int r = add_section(&section, pair, comment);

	if (r < 0)
		goto out;
	buf_add(&file, SSHKEY_MAGIC, sizeof(SSHKEY_MAGIC));
	sshkey_add_blob(&file, STR("none"));
	sshkey_add_blob(&file, STR("none"));
	sshkey_add_blob(&file, STR(""));
	sshkey_add_u32(&file, 1);
	sshkey_add_blob(&file, (struct str){ (const char *)pair->key.blob, pair->key.n });
	sshkey_add_blob(&file, buf_view(&section));
	buf_puts(out, "-----BEGIN " SSHKEY_OPENSSH_LABEL "-----\n");
	base64_add_lines(out, file.p, file.len, OPENSSH_WIDTH);
	buf_puts(out, "-----END " SSHKEY_OPENSSH_LABEL "-----\n");
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
	BUF(inner, SSHKEY_SECTION_MAX);
	BUF(der, SSHKEY_SECTION_MAX + 64);
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
