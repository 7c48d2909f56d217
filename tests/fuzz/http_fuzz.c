/* http_fuzz.c - request heads, answers and chunks, whole and in pieces
 *
 * The first byte chooses: 0 a request head, 1 an answer in one piece and in pieces, which must
 * agree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/http.h"

static char raw_storage[2][HTTP_HEAD_MAX * 2];
static char into_storage[2][4096];

static void read_request(struct str in)
{
	static struct http_head h;

	if (http_read_request_head(&h, in) != 1)
		return;
	if (h.bytes > in.n || h.n_headers > HTTP_HEADERS_MAX || h.method.n == 0 || h.target.n == 0)
		abort();
	if (h.content_length >= 0 && h.chunked)
		abort();
	for (size_t i = 0; i < h.n_headers; i++)
		if (str_has(h.headers[i].value, '\n') || str_has(h.headers[i].name, ' '))
			abort();
}

/* Feeds at most piece bytes at a time, as a connection would. */
static int read_answer(struct str in, size_t piece, int which, struct http_answer *a)
{
	static struct buf raw[2], into[2];
	int r = 0;

	raw[which] = buf_of(raw_storage[which], sizeof(raw_storage[which]));
	into[which] = buf_of(into_storage[which], sizeof(into_storage[which]));
	memset(a, 0, sizeof(*a));
	a->raw = &raw[which];
	a->into = &into[which];
	while (r == 0) {
		struct http_space space = http_answer_space(a);
		size_t n = in.n < piece ? in.n : piece;

		n = n < space.n ? n : space.n;
		if (n > 0)
			memcpy(space.p, in.p, n);
		else if (in.n > 0)
			return ERR_LIMIT;
		in.p += n;
		in.n -= n;
		http_answer_grew(a, n);
		r = http_answer_feed(a, n == 0);
	}
	return r;
}

static void read_answers(struct str in)
{
	static struct http_answer whole, pieces;
	int r = read_answer(in, SIZE_MAX, 0, &whole);
	int q = read_answer(in, 3, 1, &pieces);

	if ((r > 0) != (q > 0) && r != ERR_LIMIT && q != ERR_LIMIT)
		abort();
	if (r > 0 && q > 0 && !str_eq(whole.body, pieces.body))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data + 1, size - 1 };

	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		read_request(in);
	else
		read_answers(in);
	return 0;
}
