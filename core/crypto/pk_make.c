/* pk_make.c - RSA and EC keys made, written, taken apart and put together */
#include "crypto/pk.h"

#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>

#include "base/mem.h"
#include "crypto/cert.h"
#include "crypto/pk_context.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define NUMBER_MAX 2048        /* bytes of RSA-16384's modulus */
#define DER_MAX 12288          /* a pair of RSA-16384 */
#define POINT_MAX (1 + 2 * 66) /* P-521 */

static const mbedtls_ecp_group_id groups[] = {
	[PK_P256] = MBEDTLS_ECP_DP_SECP256R1,
	[PK_P384] = MBEDTLS_ECP_DP_SECP384R1,
	[PK_P521] = MBEDTLS_ECP_DP_SECP521R1,
};

static bool is_curve(enum pk_type type)
{
	return type >= PK_P256 && type <= PK_P521;
}

static int start(struct pk *key, mbedtls_pk_type_t type)
{
	memset(key, 0, sizeof(*key));
	mbedtls_pk_init(pk_context(key));
	if (mbedtls_pk_setup(pk_context(key), mbedtls_pk_info_from_type(type)) != 0)
		return err(ERR_SYSTEM, "key: out of memory");
	return 0;
}

static int generate_rsa(struct pk *key, unsigned bits)
{
	int r;

	if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 2 != 0)
		return err(ERR_USAGE, "RSA keys have an even number of %d to %d bits, not %u",
			RSA_BITS_MIN, RSA_BITS_MAX, bits);
	r = start(key, MBEDTLS_PK_RSA);
	return r < 0 ? r : pk_generate_rsa(mbedtls_pk_rsa(*pk_context(key)), bits);
}

static int generate_ec(struct pk *key, enum pk_type type)
{
	int r = start(key, MBEDTLS_PK_ECKEY);

	if (r < 0)
		return r;
	r = mbedtls_ecp_gen_key(groups[type], mbedtls_pk_ec(*pk_context(key)), eic_random, NULL);
	return r == 0 ? 0 : err(ERR_SYSTEM, "EC key: cannot be made (-0x%04x)", (unsigned)-r);
}

int pk_generate(struct pk *key, enum pk_type type, unsigned rsa_bits)
{
	int r = ERR_BUG;

	memset(key, 0, sizeof(*key));
	if (type == PK_RSA)
		r = generate_rsa(key, rsa_bits);
	else if (is_curve(type))
		r = generate_ec(key, type);
	if (r < 0)
		pk_close(key);
	return r;
}

/* mbedTLS writes DER from the end of the storage */
static int written(const unsigned char *storage, int n, struct str *der)
{
	if (n <= 0)
		return err(ERR_BUG, "key: cannot be written (-0x%04x)", (unsigned)-n);
	*der = (struct str){ (const char *)storage + DER_MAX - n, (size_t)n };
	return 0;
}

/* As PEM with this label, or as DER without one. */
static int write_private(const struct pk *key, const char *label, struct buf *out)
{
	unsigned char storage[DER_MAX];
	struct str der;
	int r;

	r = written(
		storage, mbedtls_pk_write_key_der(pk_context(key), storage, sizeof(storage)), &der);
	if (r == 0 && label)
		pem_add(out, label, der);
	else if (r == 0)
		buf_str(out, der);
	if (r == 0)
		r = buf_check(out, "private key");
	mem_wipe(storage, sizeof(storage));
	return r;
}

int pk_write_private_pem(const struct pk *key, struct buf *out)
{
	return write_private(
		key, pk_type(key) == PK_RSA ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", out);
}

int pk_write_private_der(const struct pk *key, struct buf *out)
{
	return write_private(key, NULL, out);
}

int pk_write_public_der(const struct pk *key, struct buf *out)
{
	unsigned char storage[DER_MAX];
	struct str der;
	int r = written(storage,
		mbedtls_pk_write_pubkey_der(pk_context(key), storage, sizeof(storage)), &der);

	if (r < 0)
		return r;
	buf_str(out, der);
	return buf_check(out, "public key");
}

/* One number, without leading zeros; frees it. */
static int add_number(struct buf *out, mbedtls_mpi *number)
{
	unsigned char bytes[NUMBER_MAX];
	size_t n = mbedtls_mpi_size(number);
	int r = ERR_BUG;

	if (n <= sizeof(bytes) && mbedtls_mpi_write_binary(number, bytes, n) == 0) {
		buf_add(out, bytes, n);
		r = buf_check(out, "key");
	}
	mem_wipe(bytes, sizeof(bytes));
	return r;
}

enum { N, E, D, P, Q, IQMP, PARTS };

static int export(mbedtls_rsa_context *rsa, mbedtls_mpi *m, bool pair)
{
	if (mbedtls_rsa_export(rsa, &m[N], NULL, NULL, NULL, &m[E]) != 0)
		return err(ERR_BUG, "RSA key: empty");
	if (pair &&
		(mbedtls_rsa_export(rsa, NULL, &m[P], &m[Q], &m[D], NULL) != 0 ||
			mbedtls_rsa_export_crt(rsa, NULL, NULL, &m[IQMP]) != 0))
		return err(ERR_BUG, "RSA key: has no private half");
	return 0;
}

int pk_rsa_parts(const struct pk *key, const struct pk_rsa *parts)
{
	struct buf *const outs[PARTS] = { parts->n, parts->e, parts->d, parts->p, parts->q,
		parts->iqmp };
	mbedtls_mpi m[PARTS];
	int r;

	if (pk_type(key) != PK_RSA)
		return err(ERR_BUG, "not an RSA key");
	for (size_t i = 0; i < PARTS; i++)
		mbedtls_mpi_init(&m[i]);
	r = export(mbedtls_pk_rsa(*pk_context(key)), m,
		parts->d || parts->p || parts->q || parts->iqmp);
	for (size_t i = 0; i < PARTS; i++) {
		if (r == 0 && outs[i])
			r = add_number(outs[i], &m[i]);
		mbedtls_mpi_free(&m[i]);
	}
	return r;
}

static const unsigned char *bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

static bool import(mbedtls_rsa_context *rsa, struct str n, struct str e, struct str d, struct str p,
	struct str q)
{
	if (n.n == 0 || e.n == 0 || n.n > NUMBER_MAX || e.n > n.n)
		return false;
	if (mbedtls_rsa_import_raw(rsa, bytes(n), n.n, NULL, 0, NULL, 0, NULL, 0, bytes(e), e.n) !=
		0)
		return false;
	if (d.n == 0)
		return mbedtls_rsa_complete(rsa) == 0 && mbedtls_rsa_check_pubkey(rsa) == 0;
	return p.n > 0 && q.n > 0 && d.n <= n.n && p.n <= n.n && q.n <= n.n &&
		mbedtls_rsa_import_raw(
			rsa, NULL, 0, bytes(p), p.n, bytes(q), q.n, bytes(d), d.n, NULL, 0) == 0 &&
		mbedtls_rsa_complete(rsa) == 0 && mbedtls_rsa_check_privkey(rsa) == 0;
}

int pk_from_rsa(
	struct pk *key, struct str n, struct str e, struct str d, struct str p, struct str q)
{
	int r = start(key, MBEDTLS_PK_RSA);

	if (r == 0 && !import(mbedtls_pk_rsa(*pk_context(key)), n, e, d, p, q))
		r = err(ERR_FORMAT, "RSA key: its numbers do not fit each other");
	if (r < 0)
		pk_close(key);
	return r;
}

int pk_ec_parts(const struct pk *key, struct buf *point, struct buf *secret)
{
	unsigned char storage[POINT_MAX];
	mbedtls_ecp_keypair *ec;
	size_t n = 0;
	int r = 0;

	if (!is_curve(pk_type(key)))
		return err(ERR_BUG, "not an EC key");
	ec = mbedtls_pk_ec(*pk_context(key));
	if (point) {
		if (mbedtls_ecp_write_public_key(
			    ec, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, storage, sizeof(storage)) != 0)
			return err(ERR_BUG, "EC key: empty");
		buf_add(point, storage, n);
		r = buf_check(point, "EC key");
	}
	if (r == 0 && secret) {
		if (mbedtls_ecp_write_key_ext(ec, &n, storage, sizeof(storage)) != 0)
			return err(ERR_BUG, "EC key: has no private half");
		buf_add(secret, storage, n);
		r = buf_check(secret, "EC key");
		mem_wipe(storage, sizeof(storage));
	}
	return r;
}

/* The public half comes from the secret; then the point given must be the same one. */
static bool join(
	mbedtls_ecp_keypair *ec, mbedtls_ecp_group_id group, struct str point, struct str secret)
{
	unsigned char mine[POINT_MAX];
	size_t n;

	if (mbedtls_ecp_read_key(group, ec, bytes(secret), secret.n) != 0 ||
		mbedtls_ecp_keypair_calc_public(ec, eic_random, NULL) != 0 ||
		mbedtls_ecp_write_public_key(
			ec, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, mine, sizeof(mine)) != 0)
		return false;
	return n == point.n && memcmp(mine, point.p, n) == 0;
}

static bool on_curve(mbedtls_ecp_keypair *ec, mbedtls_ecp_group_id group, struct str point)
{
	mbedtls_ecp_group g;
	mbedtls_ecp_point q;
	bool good;

	mbedtls_ecp_group_init(&g);
	mbedtls_ecp_point_init(&q);
	good = mbedtls_ecp_group_load(&g, group) == 0 &&
		mbedtls_ecp_point_read_binary(&g, &q, bytes(point), point.n) == 0 &&
		mbedtls_ecp_check_pubkey(&g, &q) == 0 &&
		mbedtls_ecp_set_public_key(group, ec, &q) == 0;
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_group_free(&g);
	return good;
}

int pk_from_ec(struct pk *key, enum pk_type type, struct str point, struct str secret)
{
	mbedtls_ecp_keypair *ec;
	int r;

	memset(key, 0, sizeof(*key));
	if (!is_curve(type))
		return err(ERR_BUG, "not an EC key");
	r = start(key, MBEDTLS_PK_ECKEY);
	if (r < 0)
		return r;
	ec = mbedtls_pk_ec(*pk_context(key));
	if (secret.n > 0 ? !join(ec, groups[type], point, secret)
			 : !on_curve(ec, groups[type], point)) {
		pk_close(key);
		return err(ERR_FORMAT, "EC key: its numbers do not fit each other");
	}
	return 0;
}
