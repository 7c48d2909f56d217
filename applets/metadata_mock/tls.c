/* tls.c - the listeners that speak TLS: a certificate under the same root, and the way its bytes
 * travel */
#include "net/tls.h"

#include <stddef.h>

#include "config.h"
#include "base/err.h"
#include "mock.h"

enum { TLS_CONNECTIONS = 16, NAMES = 3, PEM_MAX = 8192 };

_Static_assert(TLS_AGAIN == SERVE_AGAIN, "the loop takes what tls_read and tls_write say");

struct carried {
	struct tls tls;
	struct identity *by;
};

/* Two, because connections of the one before live on when it is renewed. */
static struct identity {
	struct tls_identity tls;
	unsigned users, issue; /* of the authority */
} identities[2], *current = identities;

static struct carried table[MOCK_CONNECTIONS];
static unsigned live;

/* --- the certificate --- */

static int make_leaf(const struct mock *m, const struct pk *key, struct buf *pem)
{
	BUF(issuer, 256);
	BUF(der, 4096);
	const struct cert *above = certs_at(&m->authority.chain, 1);
	struct cert_request q = {
		.common_name = "localhost",
		.key = key,
		.issuer_key = &m->authority.intermediate_key,
		.issuer_organization = "not AWS",
		.not_before = m->authority.since,
		.not_after = m->authority.until,
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

static int make_identity(const struct mock *m, struct tls_identity *out)
{
	struct pk key = { 0 };
	BUF(pem, PEM_MAX);
	BUF(secret, 1024);
	int r = pk_generate(&key, PK_P256, 0);

	if (r >= 0)
		r = make_leaf(m, &key, &pem);
	if (r >= 0)
		r = pk_write_private_pem(&key, &secret);
	if (r >= 0)
		r = tls_identity_open(out, buf_view(&pem), buf_view(&secret));
	buf_wipe(&secret);
	pk_close(&key);
	return r;
}

int tls_listener_open(const struct mock *m)
{
	struct identity *next = &identities[current == identities];
	int r;

	if (!CONFIG_TLS)
		return err(ERR_USAGE, "--tls-listen: this build has no TLS");
	if (current->issue == m->authority.issue || next->users > 0)
		return 0;
	tls_identity_close(&next->tls);
	r = make_identity(m, &next->tls);
	if (r < 0)
		return r;
	next->issue = m->authority.issue;
	current = next;
	return 0;
}

void tls_listener_close(void)
{
	for (size_t i = 0; CONFIG_TLS && i < 2; i++)
		tls_identity_close(&identities[i].tls);
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
	struct carried *c = &table[slot];
	int r;

	(void)listener;
	if (live == TLS_CONNECTIONS)
		return err(ERR_LIMIT, "more than %d TLS connections", TLS_CONNECTIONS);
	mock_refresh(owner);
	r = tls_listener_open(owner);
	if (r >= 0)
		r = tls_accept(&c->tls, fd, &current->tls);
	if (r < 0)
		return r;
	c->by = current;
	c->by->users++;
	live++;
	return 0;
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
	table[slot].by->users--;
	live--;
}

const struct serve_carrier tls_carrier = { takes, carry, carried_read, carried_write, drop };
