/* tls.c - TLS 1.2 and 1.3 on a socket (servers: 1.2); mbedTLS does the work, in its arena */
#include "net/tls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include <mbedtls/pk.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include "crypto/cert.h"
#include "crypto/crypto.h"
#include "data/url.h"
#include "eic/anchors.h"
#include "net/sock.h"

#define CHAIN_MAX 10
#define BUNDLE_CERTS_MAX 1000

struct state {
	mbedtls_ssl_context ssl;
	mbedtls_ssl_config config; /* a client's own; a server's is its identity's */
	const struct tls_trust *trust;
	struct deadline deadline; /* of what a client does now; a server never waits */
	int fd;
};

struct identity {
	mbedtls_ssl_config config;
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
};

static int random_bytes(void *unused, unsigned char *out, size_t n)
{
	(void)unused;
	crypto_random(out, n);
	return 0;
}

static int send_some(void *context, const unsigned char *p, size_t n)
{
	struct state *s = context;
	ssize_t sent = send(s->fd, p, n < INT_MAX ? n : INT_MAX, MSG_NOSIGNAL);

	if (sent >= 0)
		return (int)sent;
	return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_WRITE
						 : MBEDTLS_ERR_SSL_CONN_EOF;
}

/* mbedTLS passes over warnings and asks for more until something else comes: who sends them for
 * ever must not outlast the deadline. */
static int receive_some(void *context, unsigned char *p, size_t n)
{
	struct state *s = context;
	ssize_t got;

	if (deadline_passed(s->deadline))
		return MBEDTLS_ERR_SSL_WANT_READ;
	got = recv(s->fd, p, n < INT_MAX ? n : INT_MAX, 0);
	if (got >= 0)
		return (int)got;
	return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_READ
						 : MBEDTLS_ERR_SSL_CONN_EOF;
}

/* What is wrong with a certificate, the worst first. */
static const char *flaw(uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *words;
	} table[] = {
		{ MBEDTLS_X509_BADCERT_CN_MISMATCH, "its certificate is for another name" },
		{ MBEDTLS_X509_BADCERT_EXPIRED, "its certificate has expired" },
		{ MBEDTLS_X509_BADCERT_FUTURE,
			"its certificate is not valid yet (is this machine's clock right?)" },
		{ MBEDTLS_X509_BADCERT_NOT_TRUSTED,
			"its certificate is not under any trusted one" },
		{ MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, "its certificate is not for servers" },
		{ MBEDTLS_X509_BADCERT_KEY_USAGE, "its certificate is not for this use" },
		{ MBEDTLS_X509_BADCERT_BAD_MD, "its certificate is signed with a weak digest" },
		{ MBEDTLS_X509_BADCERT_BAD_KEY, "its certificate has a weak key" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (flags & table[i].flag)
			return table[i].words;
	return "its certificate does not hold";
}

/* mbedTLS's number as ours, with words. */
static int failure(const struct state *s, int r)
{
	switch (r) {
	case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
	case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
		return err(ERR_DENIED, "TLS: %s", flaw(mbedtls_ssl_get_verify_result(&s->ssl)));
	case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
		return err(ERR_DENIED, "TLS: the server speaks nothing newer than TLS 1.1");
	case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
		return err(ERR_NET, "TLS: the other side refuses");
	case MBEDTLS_ERR_SSL_CONN_EOF: return err(ERR_NET, "TLS: the connection was lost");
	case MBEDTLS_ERR_SSL_INVALID_RECORD:
		return err(ERR_NET, "TLS: the other side does not speak TLS");
	case MBEDTLS_ERR_SSL_ALLOC_FAILED:
	case MBEDTLS_ERR_X509_ALLOC_FAILED: return err(ERR_LIMIT, "TLS: no room in the arena");
	}
	return err(ERR_NET, "TLS: error -0x%04x", (unsigned)-r);
}

/* Adds the trusted certificates that chain names as an issuer. */
static int find_named(struct certs *found, const struct tls_trust *trust, const struct certs *chain)
{
	int r = 0;

	if (trust->pem.n > 0)
		return certs_read_pem_named(found, trust->pem, BUNDLE_CERTS_MAX, chain);
	for (size_t i = 0; r >= 0 && i < anchors_count; i++)
		r = certs_add_named(
			found, (struct str){ (const char *)anchors[i].der, anchors[i].n }, chain);
	return r;
}

/* mbedTLS asks who may have signed child. Only certificates of that name are parsed: a bundle has
 * 140. What is found is mbedTLS's to free; the list is one of its own, see crypto/cert. */
static int find_issuer(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **out)
{
	const struct state *s = context;
	mbedtls_x509_crt alone = *child;
	struct certs chain = { .first = &alone, .n = 1 }, found = { 0 };

	alone.next = NULL;
	/* a certificate in the bundle that cannot be read is nobody's issuer */
	if (find_named(&found, s->trust, &chain) == ERR_LIMIT)
		return MBEDTLS_ERR_X509_ALLOC_FAILED;
	*out = found.first;
	return 0;
}

/* What a server may sign its handshake with. The PKCS#1 ones are for TLS 1.2 and stand before the
 * PSS ones, because many servers take the first that fits, and mbedTLS's TLS 1.2 does not know PSS.
 */
static const uint16_t signatures[] = {
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
	MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
	MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
	MBEDTLS_TLS1_3_SIG_NONE,
};

static int configure(mbedtls_ssl_config *c, int endpoint)
{
	int r;

	mbedtls_ssl_config_init(c);
	if (CONFIG_TLS13 && psa_crypto_init() != PSA_SUCCESS)
		return err(ERR_LIMIT, "TLS: no room in the arena");
	r = mbedtls_ssl_config_defaults(
		c, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	mbedtls_ssl_conf_rng(c, random_bytes, NULL);
	return r == 0 ? 0 : err(ERR_LIMIT, "TLS: no room in the arena");
}

static struct state *new_state(struct tls *t, int fd)
{
	struct state *s = mbedtls_calloc(1, sizeof(*s));

	t->state = s;
	if (!s) {
		(void)err(ERR_LIMIT, "TLS: no room in the arena");
		return NULL;
	}
	s->fd = fd;
	mbedtls_ssl_init(&s->ssl);
	mbedtls_ssl_config_init(&s->config);
	return s;
}

static int attach(struct state *s, const mbedtls_ssl_config *config)
{
	if (mbedtls_ssl_setup(&s->ssl, config) != 0)
		return err(ERR_LIMIT, "TLS: no room in the arena");
	mbedtls_ssl_set_bio(&s->ssl, s, send_some, receive_some, NULL);
	return 0;
}

static int prepare_client(struct state *s, struct str host)
{
	char name[URL_HOST_MAX + 1];
	int r = configure(&s->config, MBEDTLS_SSL_IS_CLIENT);

	if (r < 0)
		return r;
	if (!str_copy(name, sizeof(name), host))
		return err(ERR_FORMAT, "TLS: %.*s: not a host", STR_ARG(host));
	mbedtls_ssl_conf_authmode(&s->config,
		s->trust->nobody ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_cb(&s->config, find_issuer, s);
	mbedtls_ssl_conf_sig_algs(&s->config, signatures);
	r = attach(s, &s->config);
	if (r == 0 && mbedtls_ssl_set_hostname(&s->ssl, name) != 0)
		r = err(ERR_LIMIT, "TLS: no room in the arena");
	return r;
}

static bool is_again(int r)
{
	/* a ticket for later connections is not for us */
	return r == MBEDTLS_ERR_SSL_WANT_READ || r == MBEDTLS_ERR_SSL_WANT_WRITE ||
		r == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}

/* After something that could not go on: waits for the socket where that is the reason. */
static int wait_for(struct state *s, int r, struct deadline d)
{
	if (deadline_passed(d))
		return err(ERR_NET, "timed out");
	if (r == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
		return 0;
	return sock_await(s->fd, r == MBEDTLS_ERR_SSL_WANT_WRITE, d);
}

int tls_connect(
	struct tls *t, int fd, struct str host, const struct tls_trust *trust, struct deadline d)
{
	struct state *s = new_state(t, fd);
	int r, done;

	if (!s)
		return ERR_LIMIT;
	s->trust = trust;
	s->deadline = d;
	crypto_set_time(trust->now);
	r = prepare_client(s, host);
	while (r == 0) {
		done = mbedtls_ssl_handshake(&s->ssl);
		if (done == 0)
			return 0;
		r = is_again(done) ? wait_for(s, done, d) : failure(s, done);
	}
	tls_close(t);
	return r;
}

static int write_all(struct http_conn *c, struct str p, struct deadline d)
{
	struct state *s = ((struct tls *)c->tls)->state;

	s->deadline = d;
	while (p.n > 0) {
		int n = mbedtls_ssl_write(&s->ssl, (const unsigned char *)p.p, p.n);
		int r = 0;

		if (n < 0)
			r = is_again(n) ? wait_for(s, n, d) : failure(s, n);
		if (r < 0)
			return r;
		if (n > 0) {
			p.p += n;
			p.n -= (size_t)n;
		}
	}
	return 0;
}

static int read_some(struct http_conn *c, void *p, size_t n, struct deadline d)
{
	struct state *s = ((struct tls *)c->tls)->state;

	s->deadline = d;
	for (;;) {
		int got, r;

		if (deadline_passed(d))
			return err(ERR_NET, "timed out");
		got = mbedtls_ssl_read(&s->ssl, p, n < INT_MAX ? n : INT_MAX);
		if (got >= 0)
			return got;
		if (got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
			return 0;
		r = is_again(got) ? wait_for(s, got, d) : failure(s, got);
		if (r < 0)
			return r;
	}
}

struct http_conn tls_conn(struct tls *t, int fd)
{
	return (struct http_conn){ .fd = fd, .tls = t, .write = write_all, .read = read_some };
}

void tls_describe(struct buf *out, const struct tls *t)
{
	const struct state *s = t->state;

	if (s)
		buf_addf(out, "%s, %s", mbedtls_ssl_get_version(&s->ssl),
			mbedtls_ssl_get_ciphersuite(&s->ssl));
}

void tls_close(struct tls *t)
{
	struct state *s = t->state;

	if (!s)
		return;
	if (mbedtls_ssl_is_handshake_over(&s->ssl))
		(void)mbedtls_ssl_close_notify(&s->ssl);
	mbedtls_ssl_free(&s->ssl);
	mbedtls_ssl_config_free(&s->config);
	mbedtls_free(s);
	t->state = NULL;
}

/* mbedTLS wants the NUL behind PEM to be counted. */
static int read_identity(struct identity *i, struct str chain, struct str key)
{
	int r = mbedtls_x509_crt_parse(&i->chain, (const unsigned char *)chain.p, chain.n + 1);

	if (r != 0)
		return err(ERR_FORMAT, "TLS: certificate: error -0x%04x", (unsigned)-r);
	r = mbedtls_pk_parse_key(
		&i->key, (const unsigned char *)key.p, key.n + 1, NULL, 0, random_bytes, NULL);
	if (r == 0)
		r = mbedtls_ssl_conf_own_cert(&i->config, &i->chain, &i->key);
	return r == 0 ? 0 : err(ERR_FORMAT, "TLS: key: error -0x%04x", (unsigned)-r);
}

int tls_identity_open(struct tls_identity *id, struct str chain_pem, struct str key_pem)
{
	struct identity *i = mbedtls_calloc(1, sizeof(*i));
	int r;

	id->state = i;
	if (!i)
		return err(ERR_LIMIT, "TLS: no room in the arena");
	mbedtls_x509_crt_init(&i->chain);
	mbedtls_pk_init(&i->key);
	r = configure(&i->config, MBEDTLS_SSL_IS_SERVER);
	/* mbedTLS's other server is left out: see tools/no_tls13_server.h */
	mbedtls_ssl_conf_max_tls_version(&i->config, MBEDTLS_SSL_VERSION_TLS1_2);
	if (r == 0)
		r = read_identity(i, chain_pem, key_pem);
	if (r < 0)
		tls_identity_close(id);
	return r;
}

void tls_identity_close(struct tls_identity *id)
{
	struct identity *i = id->state;

	if (!i)
		return;
	mbedtls_ssl_config_free(&i->config);
	mbedtls_x509_crt_free(&i->chain);
	mbedtls_pk_free(&i->key);
	mbedtls_free(i);
	id->state = NULL;
}

int tls_accept(struct tls *t, int fd, const struct tls_identity *id)
{
	struct state *s = new_state(t, fd);
	int r;

	if (!s)
		return ERR_LIMIT;
	r = attach(s, &((const struct identity *)id->state)->config);
	if (r < 0)
		tls_close(t);
	return r;
}

int tls_read(struct tls *t, void *p, size_t n)
{
	struct state *s = t->state;
	int r;

	do
		r = mbedtls_ssl_read(&s->ssl, p, n < INT_MAX ? n : INT_MAX);
	while (r == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
	if (r >= 0)
		return r;
	if (r == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		return 0;
	return is_again(r) ? TLS_AGAIN : failure(s, r);
}

int tls_write(struct tls *t, const void *p, size_t n)
{
	struct state *s = t->state;
	int r = mbedtls_ssl_write(&s->ssl, p, n < INT_MAX ? n : INT_MAX);

	if (r >= 0)
		return r;
	return is_again(r) ? TLS_AGAIN : failure(s, r);
}
