/* imds.c - the rules of the metadata service: tokens, methods, headers, statuses
 *
 * A token is 40 bytes in base64: 01 00 04 00, the second it expires, 4 bytes that make it differ,
 * and 20 bytes of HMAC over those and the instance id. So nobody has to remember tokens, and any
 * number of them can live. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "data/enc.h"
#include "mock.h"

enum {
	TOKEN_BYTES = 40,
	TOKEN_SEALED = 20,
	TOKEN_TEXT = 57,
	TTL_MAX = 21600,
	PROVEN = 64,
	HOUR = 3600,
	PATH_MAX_BYTES = 1024
};

#define TTL_HEADER "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
#define XHTML \
	"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n" \
	"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n" \
	"\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n" \
	"<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n" \
	" <head>\n  <title>%d - %s</title>\n </head>\n <body>\n  <h1>%d - %s</h1>\n " \
	"</body>\n</html>\n"

struct imds_request {
	struct mock *m;
	const struct instance *in;
	const struct serve_request *rq;
	struct serve_answer *a;
	int64_t now;
};

/* --- answers --- */

static void answer(struct imds_request *r, int status, const char *type)
{
	r->a->status = status;
	buf_addf(r->a->headers, "Content-Type: %s\r\nServer: EC2ws\r\n", type);
}

static void refuse_page(struct imds_request *r, int status, const char *words)
{
	buf_clear(r->a->body);
	buf_addf(r->a->body, XHTML, status, words, status, words);
	answer(r, status, "text/html");
}

static void refuse_empty(struct imds_request *r, int status)
{
	buf_clear(r->a->body);
	answer(r, status, "text/plain");
}

static void not_allowed(struct imds_request *r, const char *allow)
{
	refuse_empty(r, 405);
	buf_addf(r->a->headers, "Allow: %s\r\n", allow);
}

/* --- tokens --- */

static void put_be(unsigned char *to, size_t n, uint64_t value)
{
	while (n-- > 0) {
		to[n] = (unsigned char)value;
		value >>= 8;
	}
}

static void seal(const struct imds_request *r, const unsigned char token[static TOKEN_BYTES],
	unsigned char out[static 32])
{
	BUF(text, 128);

	buf_add(&text, token, TOKEN_BYTES - TOKEN_SEALED);
	buf_puts(&text, r->in->id);
	hmac_sha256(out, (struct str){ (const char *)r->m->secret, sizeof(r->m->secret) },
		buf_view(&text));
}

static void add_token(struct imds_request *r, int64_t ttl, struct buf *out)
{
	unsigned char token[TOKEN_BYTES] = { 1, 0, 4, 0 }, sum[32];

	put_be(token + 4, 8, (uint64_t)(r->now + ttl));
	crypto_random(token + 12, 8);
	seal(r, token, sum);
	memcpy(token + TOKEN_BYTES - TOKEN_SEALED, sum, TOKEN_SEALED);
	base64_add(out, token, sizeof(token));
}

/* A token that was proven lately: clients ask with the same one again and again. */
struct proven {
	char text[TOKEN_TEXT];
	const char *instance; /* id, in the world */
	int64_t expiry;
};

static struct proven lately[PROVEN];

static struct proven *place_of(struct str text)
{
	/* its last bytes are of the seal, and so as random as a hash */
	return &lately[(unsigned char)text.p[TOKEN_TEXT - 6] % PROVEN];
}

static int64_t prove(const struct imds_request *r, struct str text)
{
	BUF(b, TOKEN_TEXT + 1);
	const unsigned char *token = (const unsigned char *)b.p;
	unsigned char sum[32];
	int64_t expiry = 0;

	if (base64_read(text, false, &b) < 0 || b.len != TOKEN_BYTES)
		return 0;
	seal(r, token, sum);
	if (!mem_equal(sum, token + TOKEN_BYTES - TOKEN_SEALED, TOKEN_SEALED))
		return 0;
	for (size_t i = 4; i < 12; i++)
		expiry = expiry << 8 | token[i];
	return expiry;
}

/* Seconds that the token still has; 0: expired, or none of this instance's. */
static int64_t token_left(const struct imds_request *r, struct str text)
{
	struct proven *p;

	if (text.n != TOKEN_TEXT - 1)
		return 0;
	p = place_of(text);
	if (p->instance != r->in->id || !mem_equal(p->text, text.p, text.n)) {
		int64_t expiry = prove(r, text);

		if (expiry == 0)
			return 0;
		p->instance = r->in->id;
		p->expiry = expiry;
		(void)str_copy(p->text, sizeof(p->text), text);
	}
	return p->expiry > r->now ? p->expiry - r->now : 0;
}

static void put_token(struct imds_request *r)
{
	struct str ttl = http_header(r->rq->head, "x-aws-ec2-metadata-token-ttl-seconds");
	uint64_t seconds;

	r->a->ttl = (int)r->in->hop_limit;
	if (http_header(r->rq->head, "x-forwarded-for").p)
		refuse_page(r, 403, "Forbidden");
	else if (!str_u64(ttl, TTL_MAX, &seconds) || seconds == 0)
		refuse_page(r, 400, "Bad Request");
	else {
		add_token(r, (int64_t)seconds, r->a->body);
		answer(r, 200, "text/plain");
		buf_addf(r->a->headers, TTL_HEADER ": %llu\r\n", (unsigned long long)seconds);
	}
}

/* False: refused. *left is what the token that was given still has, 0 when none was needed. */
static bool may_read(struct imds_request *r, int64_t *left)
{
	struct str token = http_header(r->rq->head, "x-aws-ec2-metadata-token");
	bool required = r->m->tokens_required || r->in->tokens_required;

	*left = token.p ? token_left(r, token) : 0;
	if (*left > 0 || (!token.p && !required) || (token.p && !required && r->m->loose_v1))
		return true;
	refuse_empty(r, 401);
	return false;
}

/* --- paths --- */

/* Decodes the target's path. A byte that would hide the path's structure is no path at all. */
static bool read_path(struct str target, struct buf *out)
{
	struct str path = target, query, part, rest;

	if (target.n == 0 || target.p[0] != '/')
		return false;
	if (str_cut(&path, '?', &query))
		path = query;
	if (str_find(path, "%2f", NULL) || str_find(path, "%2F", NULL) ||
		percent_read(path, out) < 0)
		return false;
	rest = buf_view(out);
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] < 0x20 || (unsigned char)rest.p[i] > 0x7e ||
			rest.p[i] == '\\')
			return false;
	while (str_cut(&rest, '/', &part))
		if (str_is(part, ".") || str_is(part, ".."))
			return false;
	return true;
}

static int version_of(struct str name)
{
	for (size_t i = 0; i < imds_versions_count; i++)
		if (str_is(name, imds_versions[i]))
			return (int)i;
	return -1;
}

static void list_versions(struct imds_request *r)
{
	for (size_t i = 0; i < imds_versions_count; i++)
		buf_addf(r->a->body, "%s%s", i > 0 ? "\n" : "", imds_versions[i]);
	answer(r, 200, "text/plain");
}

/* /VERSION/rest, with any number of slashes */
static bool split(struct str path, struct str *version, struct str *rest)
{
	*version = *rest = (struct str){ 0 };
	while (str_cut(&path, '/', version))
		if (version->n > 0) {
			*rest = path;
			return true;
		}
	return false;
}

/* The beginning of the hour, put into words once. */
static void add_modified(struct imds_request *r)
{
	static char text[64];
	static int64_t hour;
	struct buf b;

	if (hour != r->now / HOUR) {
		hour = r->now / HOUR;
		b = buf_of(text, sizeof(text));
		clock_http(&b, hour * HOUR);
	}
	buf_puts(r->a->headers, "Accept-Ranges: none\r\nLast-Modified: ");
	buf_puts(r->a->headers, text);
	buf_puts(r->a->headers, "\r\n");
}

static void get(struct imds_request *r, struct str path, int64_t left)
{
	struct imds_view v = { .m = r->m, .in = r->in, .now = r->now };
	struct str version, rest;
	const char *type;
	int n, got;

	if (!split(path, &version, &rest)) {
		list_versions(r);
		return;
	}
	n = version_of(version);
	v.version = n >= 0 ? (unsigned)n : 0;
	got = n >= 0 ? tree_get(&v, rest, r->a->body, &type) : ERR_ABSENT;
	if (got == ERR_ABSENT) {
		refuse_page(r, 404, "Not Found");
		return;
	}
	if (got < 0) {
		refuse_page(r, 500, "Internal Server Error");
		return;
	}
	answer(r, 200, type);
	add_modified(r);
	if (left > 0)
		buf_addf(r->a->headers, TTL_HEADER ": %lld\r\n", (long long)left);
}

static void handle_token(struct imds_request *r, struct str version)
{
	struct str method = r->rq->head->method;

	if (str_is(method, "OPTIONS")) {
		answer(r, 200, "text/plain");
		buf_puts(r->a->headers, "Allow: OPTIONS, PUT\r\n");
	} else if (!str_is(method, "PUT"))
		not_allowed(r, "OPTIONS, PUT");
	else if (!str_is(version, "latest"))
		refuse_page(r, 403, "Forbidden");
	else
		put_token(r);
}

static bool is_token_path(struct str rest)
{
	struct str part, want = STR("api/token"), expected;

	while (str_cut(&rest, '/', &part)) {
		if (part.n == 0)
			continue;
		if (!str_cut(&want, '/', &expected) || !str_eq(part, expected))
			return false;
	}
	return want.n == 0;
}

void imds_forget(void)
{
	memset(lately, 0, sizeof(lately));
}

void imds_handle(struct mock *m, const struct instance *in, const struct serve_request *rq,
	struct serve_answer *a)
{
	struct imds_request r = { m, in, rq, a, mock_now(m) };
	struct str version = { 0 }, rest = { 0 };
	BUF(path, PATH_MAX_BYTES);
	int64_t left;

	if (!read_path(rq->head->target, &path)) {
		refuse_page(&r, 400, "Bad Request");
		return;
	}
	(void)split(buf_view(&path), &version, &rest);
	if (in->imds_disabled)
		refuse_page(&r, 403, "Forbidden");
	else if (is_token_path(rest))
		handle_token(&r, version);
	else if (!str_is(rq->head->method, "GET") && !str_is(rq->head->method, "HEAD"))
		not_allowed(&r, "GET, HEAD");
	else if (may_read(&r, &left))
		get(&r, buf_view(&path), left);
}
