/* tls.c - the listeners that speak TLS: a certificate under the same root, and the way its bytes
 * travel */
#include "net/tls.h"

#include <stddef.h>

#include "config.h"
#include "base/err.h"
#include "mock.h"

enum { DAY = 24 * 3600, LIFE = 20 * DAY, TLS_CONNECTIONS = 16, NAMES = 3, PEM_MAX = 8192 };

_Static_assert(TLS_AGAIN == SERVE_AGAIN, "the loop takes what tls_read and tls_write say");

struct carried {
	struct tls tls;
};

static struct carried table[MOCK_CONNECTIONS];
static unsigned live;
static struct tls_identity identity;

/* --- the certificate --- */

static int make_leaf(const struct mock *m, const struct pk *key, int64_t now, struct buf *pem)
{
	BUF(issuer, 256);
	BUF(der, 4096);
	const struct cert *above = certs_at(&m->authority.chain, 1);
	struct cert_request q = {
		.common_name = "localhost",
		.key = key,
		.issuer_key = &m->authority.intermediate_key,
		.issuer_organization = "not AWS",
		.not_before = now - 3600,
		.not_after = now + LIFE,
		.path_length = -1,
		.dns_names = { "localhost" },
		.ip_address = "127.0.0.1",
	};
	int r = cert_common_name(above, &issuer);

	q.issuer_name = buf_text(&issuer);
	for (size_t i = 0; i < m->hosts->n && i < NAMES; i++)
		q.dns_names[1 + i] = m->hosts->value[i];
	if (r >= 0)
		r = cert_make(&q, &der);
	pem_add(pem, "CERTIFICATE", buf_view(&der));
	pem_add(pem, "CERTIFICATE", cert_der(above));
	return r < 0 ? r : buf_check(pem, "TLS certificate");
}

int tls_listener_open(const struct mock *m)
{
	struct pk key = { 0 };
	BUF(pem, PEM_MAX);
	BUF(secret, 1024);
	int r;

	if (!CONFIG_TLS)
		return err(ERR_USAGE, "--tls-listen: this build has no TLS");
	r = pk_generate(&key, PK_P256, 0);
	if (r >= 0)
		r = make_leaf(m, &key, mock_now(m), &pem);
	if (r >= 0)
		r = pk_write_private_pem(&key, &secret);
	if (r >= 0)
		r = tls_identity_open(&identity, buf_view(&pem), buf_view(&secret));
	buf_wipe(&secret);
	pk_close(&key);
	return r;
}

void tls_listener_close(void)
{
	if (CONFIG_TLS)
		tls_identity_close(&identity);
}

/* --- the bytes --- */

static bool takes(void *owner, int listener)
{
	const struct mock *m = owner;

	return CONFIG_TLS && (m->listeners[listener].serves & SERVES_TLS);
}

/* Each connection costs tens of kilobytes of the arena, so there are only so many. */
static int carry(void *owner, unsigned slot, int fd, int listener)
{
	int r;

	(void)owner;
	(void)listener;
	if (live == TLS_CONNECTIONS)
		return err(ERR_LIMIT, "more than %d TLS connections", TLS_CONNECTIONS);
	r = tls_accept(&table[slot].tls, fd, &identity);
	if (r >= 0)
		live++;
	return r;
}

static int carried_read(void *owner, unsigned slot, void *p, size_t n)
{
	(void)owner;
	return tls_read(&table[slot].tls, p, n);
}

static int carried_write(void *owner, unsigned slot, const void *p, size_t n)
{
	(void)owner;
	return tls_write(&table[slot].tls, p, n);
}

static void drop(void *owner, unsigned slot)
{
	(void)owner;
	tls_close(&table[slot].tls);
	table[slot].tls = (struct tls){ 0 };
	live--;
}

const struct serve_carrier tls_carrier = { takes, carry, carried_read, carried_write, drop };
