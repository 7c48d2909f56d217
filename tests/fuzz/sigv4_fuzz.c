/* sigv4_fuzz.c - any request that can be signed is proven, and only with its own secret
 *
 * Lines: method, path, query, Authorization, then headers as "name:value" up to an empty line, then
 * the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sigv4.h"

#define DATE "20150830T123600Z"

static void same(bool ok)
{
	if (!ok)
		abort();
}

static size_t take_headers(struct str *in, struct sigv4_header *headers, size_t cap)
{
	struct str line;
	size_t n = 0;

	while (n < cap && str_take_line(in, &line) && line.n > 0) {
		headers[n].value = line;
		if (str_cut(&headers[n].value, ':', &headers[n].name))
			n++;
	}
	return n;
}

static bool is_name(struct str s)
{
	return str_all(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
}

static bool sane(const struct sigv4_request *rq)
{
	for (size_t i = 0; i < rq->n_headers; i++)
		if (!is_name(rq->headers[i].name) ||
			str_ieq(rq->headers[i].name, STR("x-amz-date")) ||
			str_ieq(rq->headers[i].name, STR("authorization")))
			return false;
	return true;
}

/* What came is judged as it is. Nobody can guess a signature. */
static void judge(const struct sigv4_request *rq)
{
	struct sigv4_claim claim;

	if (sigv4_read(rq, &claim) == 0)
		same(sigv4_verify(rq, &claim, STR("secret")) < 0);
}

static void sign_and_judge(struct sigv4_request *rq, struct sigv4_header *headers)
{
	const struct sigv4_scope scope = { STR("us-east-1"), STR("service"), 1440938160 };
	const struct sigv4_keys keys = { STR("AKIDEXAMPLE"), STR("secret"), STR("") };
	struct sigv4_claim claim;
	BUF(authorization, 8192);
	BUF(query, 16384);

	if (sigv4_sign(rq, &scope, &keys, &authorization) < 0)
		return;
	headers[rq->n_headers++] = (struct sigv4_header){ STR("Authorization"),
		buf_view(&authorization) };
	same(sigv4_read(rq, &claim) == 0);
	same(sigv4_verify(rq, &claim, STR("secret")) == 0);
	same(sigv4_verify(rq, &claim, STR("Secret")) == ERR_DENIED);
	if (sigv4_presign(rq, &scope, &keys, 60, &query) == 0)
		same(str_starts(buf_view(&query), "X-Amz-") || rq->query.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sigv4_header headers[20] = { { STR("Host"), STR("example.amazonaws.com") },
		{ STR("X-Amz-Date"), STR(DATE) }, { STR("Authorization"), STR("") } };
	struct sigv4_request rq = { .headers = headers };
	struct str rest = { (const char *)data, size };

	if (!str_take_line(&rest, &rq.method) || !str_take_line(&rest, &rq.path) ||
		!str_take_line(&rest, &rq.query) || !str_take_line(&rest, &headers[2].value))
		return 0;
	rq.n_headers = 3 + take_headers(&rest, headers + 3, 16);
	rq.body = rest;
	judge(&rq);
	rq.n_headers--;
	memmove(headers + 2, headers + 3, (rq.n_headers - 2) * sizeof(*headers));
	rq.n_headers -= 2;
	rq.headers = headers + 2;
	if (!sane(&rq))
		return 0;
	rq.headers = headers;
	rq.n_headers += 2;
	sign_and_judge(&rq, headers);
	return 0;
}
