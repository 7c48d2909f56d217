/* http.c - HTTP/1.1 messages, bounded: heads read, requests written
 *
 *	request = method SP target SP "HTTP/1." digit CRLF *(name ":" value CRLF) CRLF body
 *	answer  = "HTTP/1." digit SP 3digits [SP reason] CRLF *(name ":" value CRLF) CRLF body
 *
 * RFC 9110 and 9112. */
#include "net/http_parts.h"

#include <string.h>

#define CONTENT_LENGTH_MAX ((uint64_t)1 << 40)

static bool token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		(c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!token_char(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

bool http_value_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

/* The length of the head with its empty line; 0: its end is not there yet. */
static size_t head_end(struct str data)
{
	const char *end = data.p + data.n;
	const char *at = data.n ? memchr(data.p, '\n', data.n) : NULL;

	for (; at && at + 1 < end; at = memchr(at, '\n', (size_t)(end - at))) {
		at++;
		if (at[0] == '\n')
			return (size_t)(at + 1 - data.p);
		if (at[0] == '\r' && at + 1 < end && at[1] == '\n')
			return (size_t)(at + 2 - data.p);
	}
	return 0;
}

bool http_take_line(struct str *in, bool lf_alone, struct str *line)
{
	if (!str_take_line(in, line))
		return false;
	if (str_ends(*line, "\r"))
		line->n--;
	else if (!lf_alone)
		return false;
	return true;
}

int http_bad(const char *what)
{
	return err(ERR_FORMAT, "not HTTP: %s", what);
}

static bool read_version(struct http_head *h, struct str s)
{
	if (s.n != 8 || !str_starts(s, "HTTP/1.") || s.p[7] < '0' || s.p[7] > '9')
		return false;
	h->http_1_0 = s.p[7] == '0';
	h->keep_alive = !h->http_1_0;
	return true;
}

static int read_request_line(struct http_head *h, struct str line)
{
	if (!str_cut(&line, ' ', &h->method) || !is_token(h->method))
		return http_bad("the method");
	if (!str_cut(&line, ' ', &h->target) || !is_visible(h->target))
		return http_bad("the target");
	return read_version(h, line) ? 0 : http_bad("the version");
}

static int read_status_line(struct http_head *h, struct str line)
{
	struct str version, status;
	uint64_t n;

	if (!str_cut(&line, ' ', &version) || !read_version(h, version))
		return http_bad("the version");
	if (!str_cut(&line, ' ', &status) || status.n != 3 || !str_u64(status, 599, &n) || n < 100)
		return http_bad("the status");
	h->status = (int)n;
	return http_value_ok(line) ? 0 : http_bad("the reason");
}

static int set_length(struct http_head *h, struct str value)
{
	uint64_t n;

	if (h->content_length >= 0 || !str_u64(value, CONTENT_LENGTH_MAX, &n))
		return http_bad("Content-Length");
	h->content_length = (int64_t)n;
	return 0;
}

static int set_encoding(struct http_head *h, struct str value)
{
	if (h->chunked || h->http_1_0 || !str_ieq(value, STR("chunked")))
		return http_bad("Transfer-Encoding");
	h->chunked = true;
	return 0;
}

static int set_connection(struct http_head *h, struct str value)
{
	struct str word;

	while (str_cut(&value, ',', &word)) {
		word = str_trim(word);
		if (str_ieq(word, STR("close")))
			h->keep_alive = false;
		else if (str_ieq(word, STR("keep-alive")) && h->http_1_0)
			h->keep_alive = true;
	}
	return 0;
}

static int set_host(struct http_head *h, struct str value)
{
	(void)value;
	for (size_t i = 0; i + 1 < h->n_headers; i++)
		if (h->method.n > 0 && str_ieq(h->headers[i].name, STR("host")))
			return http_bad("two Hosts");
	return 0;
}

/* The headers that decide how the message goes on. */
static const struct {
	struct str name;
	int (*set)(struct http_head *h, struct str value);
} framing[] = {
	{ { "content-length", 14 }, set_length },
	{ { "transfer-encoding", 17 }, set_encoding },
	{ { "connection", 10 }, set_connection },
	{ { "host", 4 }, set_host },
};

static int read_header(struct http_head *h, struct str line)
{
	struct http_header *header = &h->headers[h->n_headers];

	if (h->n_headers == HTTP_HEADERS_MAX)
		return err(ERR_LIMIT, "HTTP: more than %d headers", HTTP_HEADERS_MAX);
	if (!str_has(line, ':') || !str_cut(&line, ':', &header->name) || !is_token(header->name))
		return http_bad("a header's name");
	header->value = str_trim(line);
	if (!http_value_ok(line))
		return http_bad("a header's value");
	h->n_headers++;
	for (size_t i = 0; i < sizeof(framing) / sizeof(framing[0]); i++)
		if (str_ieq(header->name, framing[i].name))
			return framing[i].set(h, header->value);
	return 0;
}

/* Told by the first bytes: who speaks another protocol may never end the line. */
static bool speaks_http(struct str data)
{
	struct str start = STR("HTTP/");

	if (data.n < start.n)
		start.n = data.n;
	return start.n == 0 || memcmp(data.p, start.p, start.n) == 0;
}

static int read_head(struct http_head *h, struct str data, bool answer)
{
	size_t n = head_end(data);
	struct str in = { data.p, n }, line;
	int r;

	h->status = 0;
	h->n_headers = 0;
	h->method = h->target = (struct str){ "", 0 };
	h->content_length = -1;
	h->chunked = false;
	h->bytes = n;
	if (answer && !speaks_http(data))
		return http_bad("the answer does not begin with HTTP/");
	if (n > HTTP_HEAD_MAX || (n == 0 && data.n >= HTTP_HEAD_MAX))
		return err(ERR_LIMIT, "HTTP: a head of more than %d bytes", HTTP_HEAD_MAX);
	if (n == 0)
		return 0;
	if (!http_take_line(&in, answer, &line))
		return http_bad("a line without CR");
	r = answer ? read_status_line(h, line) : read_request_line(h, line);
	while (r == 0 && in.n > 0) {
		if (!http_take_line(&in, answer, &line))
			return http_bad("a line without CR");
		if (line.n > 0)
			r = read_header(h, line);
	}
	if (r == 0 && h->chunked && h->content_length >= 0)
		r = http_bad("Content-Length and Transfer-Encoding");
	return r < 0 ? r : 1;
}

int http_read_request_head(struct http_head *h, struct str data)
{
	return read_head(h, data, false);
}

int http_read_answer_head(struct http_head *h, struct str data)
{
	return read_head(h, data, true);
}

struct str http_header(const struct http_head *h, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < h->n_headers; i++)
		if (str_ieq(h->headers[i].name, wanted))
			return h->headers[i].value;
	return (struct str){ NULL, 0 };
}

static bool has_length(const struct http_request *rq)
{
	return rq->body.n > 0 || strcmp(rq->method, "POST") == 0 || strcmp(rq->method, "PUT") == 0;
}

void http_add_request(struct buf *out, const struct http_request *rq)
{
	buf_addf(out, "%s %.*s HTTP/1.1\r\n", rq->method, STR_ARG(rq->target));
	buf_addf(out, "Host: %.*s\r\n", STR_ARG(rq->host));
	for (size_t i = 0; i < rq->n_headers; i++) {
		buf_str(out, rq->headers[i].name);
		buf_puts(out, ": ");
		buf_str(out, rq->headers[i].value);
		buf_puts(out, "\r\n");
	}
	if (has_length(rq))
		buf_addf(out, "Content-Length: %zu\r\n", rq->body.n);
	buf_puts(out, rq->keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
	buf_str(out, rq->body);
}
