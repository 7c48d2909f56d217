/* api.c - calls of AWS JSON 1.1 services, signed and answered
 *
 *	POST / with X-Amz-Target: SERVICE.Operation and a JSON object
 *	-> 200 and a JSON object, or another status and {"__type": "[namespace#]Code", "message":
 *"..."}
 *
 * AWS JSON 1.1 of the Smithy specification; Message in place of message, and the code in
 *X-Amzn-ErrorType in place of the body, are observed. The status says nothing about the code:
 *services differ from their models. */
#include "aws/api.h"

#include <string.h>

#include "crypto/sigv4.h"
#include "data/json.h"
#include "data/xml.h"

#define TOKENS_MAX 256
#define HEADERS_MAX 12
#define JSON_1_1 "application/x-amz-json-1.1"

/* The request's headers; the first n_signed of them, and Host, are signed. */
struct request {
	struct http_header headers[HEADERS_MAX];
	size_t n, n_signed;
	char date[32], host[URL_HOST_MAX + 16], authorization[1024], attempt[48];
};

static const char *method_of(const struct api_call *call)
{
	return call->method ? call->method : "POST";
}

static void add_header(struct request *rq, struct str name, struct str value)
{
	rq->headers[rq->n++] = (struct http_header){ name, value };
}

static int sign(struct request *rq, const struct api_call *call)
{
	struct buf host = buf_of(rq->host, sizeof(rq->host));
	struct buf authorization = buf_of(rq->authorization, sizeof(rq->authorization));
	struct sigv4_header headers[HEADERS_MAX + 1];
	struct sigv4_request signed_part = {
		.method = str_of(method_of(call)),
		.path = call->endpoint.path.n ? call->endpoint.path : STR("/"),
		.query = call->endpoint.query,
		.headers = headers,
		.n_headers = rq->n_signed + 1,
		.body = call->body,
	};
	struct sigv4_scope scope = { call->region, call->service, call->now };
	struct sigv4_keys keys = { call->creds->id, call->creds->secret, call->creds->token };
	int r;

	url_host(&host, &call->endpoint);
	headers[0] = (struct sigv4_header){ STR("Host"), buf_view(&host) };
	for (size_t i = 0; i < rq->n_signed; i++)
		headers[i + 1] = (struct sigv4_header){ rq->headers[i].name, rq->headers[i].value };
	r = sigv4_sign(&signed_part, &scope, &keys, &authorization);
	if (r == 0)
		r = buf_check(&authorization, "signature");
	add_header(rq, STR("Authorization"), buf_view(&authorization));
	return r;
}

static void add_signed_headers(struct request *rq, const struct api_call *call)
{
	struct buf date = buf_of(rq->date, sizeof(rq->date));

	clock_basic(&date, call->now);
	if (call->body.n > 0)
		add_header(rq, STR("Content-Type"),
			call->content_type ? str_of(call->content_type) : STR(JSON_1_1));
	if (call->creds)
		add_header(rq, STR("X-Amz-Date"), buf_view(&date));
	if (call->creds && call->creds->token.n > 0)
		add_header(rq, STR("X-Amz-Security-Token"), call->creds->token);
	if (call->target)
		add_header(rq, STR("X-Amz-Target"), str_of(call->target));
	rq->n_signed = rq->n;
}

static void add_attempt(struct request *rq, const struct api_call *call)
{
	struct buf attempt = buf_of(rq->attempt, sizeof(rq->attempt));

	if (call->attempt == 0)
		return;
	buf_addf(&attempt, "attempt=%u; max=%u", call->attempt, call->attempts);
	add_header(rq, STR("amz-sdk-request"), buf_view(&attempt));
}

static int build(struct request *rq, const struct api_call *call)
{
	int r = 0;

	rq->n = 0;
	add_signed_headers(rq, call);
	if (call->creds)
		r = sign(rq, call);
	add_header(rq, STR("User-Agent"), str_of(call->user_agent));
	add_header(rq, STR("Accept-Encoding"), STR("identity"));
	add_attempt(rq, call);
	if (call->extra.name.n > 0)
		add_header(rq, call->extra.name, call->extra.value);
	return r;
}

/* A text from the network as it can be shown; what does not fit is cut. */
static void show(char *to, size_t cap, struct str s)
{
	struct buf b = buf_of(to, cap);

	for (size_t i = 0; i < s.n; i++)
		buf_putc(&b, s.p[i] < ' ' || s.p[i] > '~' ? '?' : s.p[i]);
}

/* "ns#Code:http://..." without what stands around Code. */
static struct str bare_code(struct str type)
{
	struct str part = type;

	while (str_has(type, '#'))
		(void)str_cut(&type, '#', &part);
	part = type;
	(void)str_cut(&type, ':', &part);
	return part;
}

static void set_text(struct json v, char *to, size_t cap, bool code)
{
	BUF(text, 1024);

	if (json_text(v, &text) == 0 || text.full)
		show(to, cap, code ? bare_code(buf_view(&text)) : buf_view(&text));
}

/* The first of several members that is a string. */
static struct json first_of(struct json object, const char *const *names)
{
	struct json v = { 0 };

	for (; *names && json_type(v) != JSON_STRING; names++)
		v = json_get(object, *names);
	return v;
}

static bool read_json(struct api_answer *a)
{
	static const char *const codes[] = { "__type", "code", "error", NULL };
	static const char *const messages[] = { "message", "Message", "error_description", NULL };
	struct json_token tokens[TOKENS_MAX];
	struct json_doc doc;

	if (json_parse(&doc, a->body, tokens, TOKENS_MAX) < 0)
		return false;
	set_text(first_of(json_root(&doc), codes), a->error, sizeof(a->error), true);
	set_text(first_of(json_root(&doc), messages), a->message, sizeof(a->message), false);
	return true;
}

static bool read_xml(struct api_answer *a)
{
	struct xml root;
	BUF(code, 128);
	BUF(message, 1024);

	if (xml_parse(&root, a->body) < 0 || xml_get(root, "Error/Code", &code) < 0)
		return false;
	if (xml_get(root, "Error/Message", &message) < 0)
		buf_clear(&message);
	show(a->error, sizeof(a->error), buf_view(&code));
	show(a->message, sizeof(a->message), buf_view(&message));
	return true;
}

static void read_answer(struct api_answer *a, const struct http_answer *http)
{
	struct str code = http_header(&http->head, "x-amzn-errortype");
	struct buf error = buf_of(a->error, sizeof(a->error));
	uint64_t retry;

	a->status = http->head.status;
	a->body = http->body;
	show(a->request_id, sizeof(a->request_id), http_header(&http->head, "x-amzn-requestid"));
	a->retry_ms = -1;
	if (str_u64(http_header(&http->head, "x-amz-retry-after"), INT32_MAX, &retry))
		a->retry_ms = (int64_t)retry;
	if (!clock_read_http(http_header(&http->head, "date"), &a->date))
		a->date = 0;
	if (a->status == 200)
		return;
	if (!read_json(a) && !read_xml(a))
		show(a->message, sizeof(a->message), str_trim(a->body));
	if (a->status / 100 == 3)
		show(a->message, sizeof(a->message), STR("redirects are not followed"));
	else if (!a->message[0])
		show(a->message, sizeof(a->message), STR("without further words"));
	if (!a->error[0] && code.n > 0)
		show(a->error, sizeof(a->error), bare_code(code));
	if (!a->error[0])
		buf_addf(&error, "HTTP %d", a->status);
}

int api_call(struct client *client, const struct api_call *call, struct api_answer *answer,
	struct buf *storage)
{
	struct http_answer http = { .raw = storage };
	struct request rq;
	struct http_request http_rq = { .method = method_of(call), .body = call->body };
	int r = build(&rq, call);

	memset(answer, 0, sizeof(*answer));
	if (r < 0)
		return r;
	http_rq.headers = rq.headers;
	http_rq.n_headers = rq.n;
	r = client_exchange(client, &call->endpoint, &http_rq, &http, call->deadline);
	if (r == 0)
		read_answer(answer, &http);
	return r;
}

static struct str masked(const struct http_header *h, struct buf *storage)
{
	struct str rest = h->value, part;

	if (str_is(h->name, "X-Amz-Security-Token"))
		return STR("****");
	if (!str_is(h->name, "Authorization"))
		return h->value;
	/* everything before the last '=' is public */
	while (str_has(rest, '=') && str_cut(&rest, '=', &part))
		buf_addf(storage, "%.*s=", STR_ARG(part));
	buf_puts(storage, "****");
	return buf_view(storage);
}

int api_describe(const struct api_call *call, struct buf *out)
{
	struct request rq;
	struct http_request http_rq = { .method = method_of(call), .body = call->body };
	BUF(storage, 1200);
	int r = build(&rq, call);

	if (r < 0)
		return r;
	for (size_t i = 0; i < rq.n; i++)
		rq.headers[i].value = masked(&rq.headers[i], &storage);
	http_rq.headers = rq.headers;
	http_rq.n_headers = rq.n;
	http_rq.host = str_of(rq.host);
	http_rq.target = call->endpoint.path.n ? call->endpoint.path : STR("/");
	http_rq.keep_alive = true;
	http_add_request(out, &http_rq);
	return buf_check(out, "request");
}
