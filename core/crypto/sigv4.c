/* sigv4.c - AWS Signature Version 4: the canonical request, and requests signed
 *
 * The canonical request is method, path, query, "name:value" of each signed header, an empty line,
 * the names, and the SHA-256 of the body, with LF between them. What is signed is its SHA-256 below
 * the algorithm, the time and the scope "date/region/service/aws4_request" (AWS General Reference,
 * "Create a signed AWS API request").
 */
#include "crypto/sigv4_parts.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "data/enc.h"

#define PATH_MAX_BYTES 4096
#define QUERY_MAX_BYTES 16384 /* encoded */
#define PARAMETERS_MAX 128
#define CANONICAL_MAX 65536
#define NAMES_MAX 4096
#define SECRET_MAX 512

/* As botocore: what a proxy may add or change. */
static const char *const never_signed[] = {
	"authorization",
	"connection",
	"expect",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"user-agent",
	"x-amzn-trace-id",
};

static bool is_signed(struct str name)
{
	for (size_t i = 0; i < sizeof(never_signed) / sizeof(*never_signed); i++)
		if (str_ieq(name, str_of(never_signed[i])))
			return false;
	return true;
}

int sigv4_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

static bool ends_in_slash(const struct buf *b)
{
	return b->len > 0 && b->p[b->len - 1] == '/';
}

/* "..": back to the slash before the last segment */
static void drop_segment(struct buf *path)
{
	size_t n = path->len;

	while (n > 0 && path->p[n - 1] != '/')
		n--;
	if (n > 0)
		n--;
	path->len = n;
	path->p[n] = 0;
}

/* No dot segments, no empty segments; a slash at the end stays. Then encoded as it was sent, so
 * that what is encoded already is encoded twice. */
static int add_path(struct buf *out, struct str path)
{
	BUF(clean, PATH_MAX_BYTES);
	struct str rest = path, segment;

	while (str_cut(&rest, '/', &segment)) {
		if (str_is(segment, ".."))
			drop_segment(&clean);
		else if (segment.n > 0 && !str_is(segment, "."))
			buf_addf(&clean, "/%.*s", STR_ARG(segment));
	}
	if (clean.len == 0 || (str_ends(path, "/") && !ends_in_slash(&clean)))
		buf_putc(&clean, '/');
	percent_add(out, buf_view(&clean), "/");
	return buf_check(&clean, "path of the request");
}

struct parameter {
	struct str name, value;
};

/* Appends text to store, decoded and encoded again, so that there is one form of it; part borrows
 * from store. */
static int encode(struct str text, struct buf *store, struct str *part)
{
	BUF(plain, PATH_MAX_BYTES);
	size_t start = store->len;
	int r = percent_read(text, &plain);

	if (r < 0)
		return err_in(r, "query of the request");
	percent_add(store, buf_view(&plain), "");
	*part = (struct str){ store->p + start, store->len - start };
	return buf_check(store, "query of the request");
}

/* By name and then by value: comparing "name=value" would put "a-b" before "a", because '-' is less
 * than '='. */
static void insert(struct parameter *list, size_t n, struct parameter new)
{
	while (n > 0) {
		int order = sigv4_compare(list[n - 1].name, new.name);

		if (order < 0 || (order == 0 && sigv4_compare(list[n - 1].value, new.value) <= 0))
			break;
		list[n] = list[n - 1];
		n--;
	}
	list[n] = new;
}

static int add_query(struct buf *out, struct str query)
{
	struct parameter list[PARAMETERS_MAX];
	BUF(store, QUERY_MAX_BYTES);
	struct str pair, name;
	size_t n = 0;
	int r;

	while (str_cut(&query, '&', &pair)) {
		struct parameter new = { 0 };

		if (!str_cut(&pair, '=', &name) || str_is(name, "X-Amz-Signature"))
			continue;
		if (n == PARAMETERS_MAX)
			return err(ERR_LIMIT, "query of the request: more than %d parameters",
				PARAMETERS_MAX);
		r = encode(name, &store, &new.name);
		if (r == 0)
			r = encode(pair, &store, &new.value);
		if (r < 0)
			return r;
		insert(list, n++, new);
	}
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i > 0 ? "&" : "");
		buf_str(out, list[i].name);
		buf_putc(out, '=');
		buf_str(out, list[i].value);
	}
	return 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks at the ends, and one blank for any run of them, between quotes too. */
static void add_value(struct buf *out, struct str value)
{
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++)
		if (!blank(value.p[i]))
			buf_putc(out, value.p[i]);
		else if (!blank(value.p[i + 1])) /* trimmed: another byte follows */
			buf_putc(out, ' ');
}

/* All headers of one name, in the order in which they came. */
static int add_header(struct buf *out, const struct sigv4_request *rq, struct str name)
{
	size_t found = 0;

	buf_str(out, name);
	buf_putc(out, ':');
	for (size_t i = 0; i < rq->n_headers; i++) {
		if (!str_ieq(rq->headers[i].name, name))
			continue;
		buf_puts(out, found++ > 0 ? "," : "");
		add_value(out, rq->headers[i].value);
	}
	buf_putc(out, '\n');
	if (found == 0)
		return err(ERR_DENIED,
			"SignedHeaders names \"%.*s\", which the request does not have",
			name.n < 64 ? (int)name.n : 64, name.p);
	return 0;
}

static void add_hash(struct buf *out, struct str s)
{
	unsigned char hash[32];

	digest_sha256(hash, s.p, s.n);
	hex_add(out, hash, sizeof(hash));
}

int sigv4_canonical(const struct sigv4_request *rq, struct str signed_names, struct buf *out)
{
	struct str rest = signed_names, name;
	int r = 0;

	buf_str(out, rq->method);
	buf_putc(out, '\n');
	if (rq->s3)
		buf_str(out, rq->path.n > 0 ? rq->path : STR("/"));
	else
		r = add_path(out, rq->path);
	buf_putc(out, '\n');
	if (r == 0)
		r = add_query(out, rq->query);
	buf_putc(out, '\n');
	while (r == 0 && str_cut(&rest, ';', &name))
		r = add_header(out, rq, name);
	if (r < 0)
		return r;
	buf_putc(out, '\n');
	buf_str(out, signed_names);
	buf_putc(out, '\n');
	add_hash(out, rq->body);
	return buf_check(out, "request to be signed");
}

/* The scope that a signature is good for: "20150830/us-east-1/service/aws4_request" */
static void add_scope(struct buf *out, const struct sigv4_scope *scope)
{
	BUF(time, 32);

	clock_basic(&time, scope->time);
	buf_addf(out, "%.8s/%.*s/%.*s/aws4_request", buf_text(&time), STR_ARG(scope->region),
		STR_ARG(scope->service));
}

static void add_string_to_sign(
	struct buf *out, const struct sigv4_scope *scope, struct str canonical)
{
	buf_puts(out, SIGV4_ALGORITHM "\n");
	clock_basic(out, scope->time);
	buf_putc(out, '\n');
	add_scope(out, scope);
	buf_putc(out, '\n');
	add_hash(out, canonical);
}

/* key becomes HMAC(key, text) */
static void step(unsigned char key[static 32], struct str text)
{
	unsigned char next[32];

	hmac_sha256(next, (struct str){ (const char *)key, 32 }, text);
	memcpy(key, next, 32);
	mem_wipe(next, sizeof(next));
}

static int sign_text(
	struct str secret, const struct sigv4_scope *scope, struct str text, struct buf *hex)
{
	BUF(first, SECRET_MAX);
	BUF(time, 32);
	unsigned char key[32];
	int r;

	buf_puts(&first, "AWS4");
	buf_str(&first, secret);
	r = buf_check(&first, "secret access key");
	if (r == 0) {
		clock_basic(&time, scope->time);
		hmac_sha256(key, buf_view(&first), (struct str){ time.p, 8 });
		step(key, scope->region);
		step(key, scope->service);
		step(key, STR("aws4_request"));
		step(key, text);
		hex_add(hex, key, sizeof(key));
	}
	buf_wipe(&first);
	mem_wipe(key, sizeof(key));
	return r;
}

int sigv4_sign_request(const struct sigv4_request *rq, struct str names,
	const struct sigv4_scope *scope, struct str secret, struct buf *hex)
{
	BUF(canonical, CANONICAL_MAX);
	BUF(text, 1024);
	int r = sigv4_canonical(rq, names, &canonical);

	if (r < 0)
		return r;
	add_string_to_sign(&text, scope, buf_view(&canonical));
	r = buf_check(&text, "region and service");
	return r < 0 ? r : sign_text(secret, scope, buf_view(&text), hex);
}

/* Puts name at its place among n sorted ones; returns their number, which does not change when it
 * stands there already. */
static size_t insert_name(struct str *names, size_t n, struct str name)
{
	size_t at = n;

	while (at > 0 && sigv4_compare(names[at - 1], name) > 0)
		at--;
	if (at > 0 && sigv4_compare(names[at - 1], name) == 0)
		return n;
	memmove(&names[at + 1], &names[at], (n - at) * sizeof(*names));
	names[at] = name;
	return n + 1;
}

/* The names of all headers to sign, in lower case, sorted, each once, with ';' between them. */
static int list_names(const struct sigv4_request *rq, struct buf *out)
{
	struct str names[SIGV4_HEADERS_MAX];
	BUF(store, NAMES_MAX);
	size_t n = 0;

	if (rq->n_headers > SIGV4_HEADERS_MAX)
		return err(ERR_LIMIT, "request: more than %d headers", SIGV4_HEADERS_MAX);
	for (size_t i = 0; i < rq->n_headers; i++) {
		struct str name = rq->headers[i].name;
		size_t start = store.len;

		if (!is_signed(name))
			continue;
		for (size_t j = 0; j < name.n; j++)
			buf_putc(&store,
				name.p[j] >= 'A' && name.p[j] <= 'Z' ? (char)(name.p[j] | 0x20)
								     : name.p[j]);
		n = insert_name(names, n, (struct str){ store.p + start, store.len - start });
	}
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i > 0 ? ";" : "");
		buf_str(out, names[i]);
	}
	return store.full ? buf_check(&store, "names of the headers")
			  : buf_check(out, "names of the headers");
}

const struct sigv4_header *sigv4_find_header(const struct sigv4_request *rq, const char *name)
{
	for (size_t i = 0; i < rq->n_headers; i++)
		if (str_ieq(rq->headers[i].name, str_of(name)))
			return &rq->headers[i];
	return NULL;
}

/* What the service insists on has to be there before the signature is made. */
static int check_signable(const struct sigv4_request *rq, const struct sigv4_scope *scope)
{
	const struct sigv4_header *date = sigv4_find_header(rq, "x-amz-date");
	BUF(now, 32);

	clock_basic(&now, scope->time);
	if (!sigv4_find_header(rq, "host"))
		return err(ERR_BUG, "request without Host cannot be signed");
	if (!date || !str_eq(date->value, buf_view(&now)))
		return err(
			ERR_BUG, "request without X-Amz-Date %s cannot be signed", buf_text(&now));
	return 0;
}

int sigv4_sign(const struct sigv4_request *rq, const struct sigv4_scope *scope,
	const struct sigv4_keys *keys, struct buf *authorization)
{
	BUF(names, NAMES_MAX);
	BUF(hex, SIGV4_SIGNATURE_SIZE + 1);
	int r = check_signable(rq, scope);

	if (r == 0)
		r = list_names(rq, &names);
	if (r == 0)
		r = sigv4_sign_request(rq, buf_view(&names), scope, keys->secret, &hex);
	if (r < 0)
		return r;
	buf_addf(authorization, SIGV4_ALGORITHM " Credential=%.*s/", STR_ARG(keys->id));
	add_scope(authorization, scope);
	buf_addf(authorization, ", SignedHeaders=%s, Signature=%s", buf_text(&names),
		buf_text(&hex));
	return buf_check(authorization, "Authorization");
}

/* The parameters of a presigned query, without the signature. */
static void add_presigned(struct buf *out, const struct sigv4_scope *scope,
	const struct sigv4_keys *keys, unsigned expires)
{
	BUF(credential, 512);

	buf_addf(&credential, "%.*s/", STR_ARG(keys->id));
	add_scope(&credential, scope);
	buf_puts(out, "X-Amz-Algorithm=" SIGV4_ALGORITHM "&X-Amz-Credential=");
	percent_add(out, buf_view(&credential), "");
	buf_puts(out, "&X-Amz-Date=");
	clock_basic(out, scope->time);
	buf_addf(out, "&X-Amz-Expires=%u&X-Amz-SignedHeaders=host", expires);
	if (keys->token.n > 0) {
		buf_puts(out, "&X-Amz-Security-Token=");
		percent_add(out, keys->token, "");
	}
}

int sigv4_presign(const struct sigv4_request *rq, const struct sigv4_scope *scope,
	const struct sigv4_keys *keys, unsigned expires, struct buf *query)
{
	struct sigv4_request signed_rq = *rq;
	BUF(full, QUERY_MAX_BYTES);
	BUF(hex, SIGV4_SIGNATURE_SIZE + 1);
	int r;

	buf_str(&full, rq->query);
	buf_puts(&full, rq->query.n > 0 ? "&" : "");
	add_presigned(&full, scope, keys, expires);
	r = buf_check(&full, "query of the request");
	if (r < 0)
		return r;
	signed_rq.query = buf_view(&full);
	r = sigv4_sign_request(&signed_rq, STR("host"), scope, keys->secret, &hex);
	if (r < 0)
		return r;
	buf_addf(query, "%s&X-Amz-Signature=%s", buf_text(&full), buf_text(&hex));
	return buf_check(query, "query of the request");
}
