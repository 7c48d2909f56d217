/* metadata_mock_fuzz.c - the whole mock in process: what comes over a connection, in two pieces,
 * and what it answers
 *
 * Input: a byte that says where to cut, then the bytes that a client sends. Every answer must be
 * HTTP, and no answer to a request that carries no signature may be a success of the API. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "applets/metadata_mock/mock.h"
#include "crypto/crypto.h"

static struct mock m;
static struct opt_list no_hosts;
static unsigned char arena[1024 * 1024];

static void handle(void *owner, const struct serve_request *rq, struct serve_answer *a)
{
	bool api = str_is(rq->head->method, "POST") && str_is(rq->head->target, "/");

	keys_expire(&m.keys, mock_now(owner));
	if (api)
		service_handle(owner, rq, a);
	else
		imds_handle(owner, &m.world.instances.at[0], rq, a);
	if (a->status < 200 || a->status > 599)
		abort();
	if (api && a->status == 200 && !http_header(rq->head, "authorization").p &&
		!str_find(rq->body, "AssumeRoleWithWebIdentity", NULL))
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct serve_config c = {
		.handle = handle, .owner = &m, .connections = 4, .idle_ms = 100000
	};

	crypto_init(arena, sizeof(arena));
	m.signer = calloc(1, signer_size());
	keys_open(&m.keys, calloc(KEYS_MAX, sizeof(struct live_key)));
	m.serve = serve_open(calloc(1, serve_size(&c)), &c);
	m.hosts = &no_hosts;
	m.key_ttl = 60;
	if (!m.serve ||
		world_read(&m.world, "default world", str_of(world_default), 1700000000) < 0 ||
		authority_open(&m.authority, NULL, mock_now(&m)) < 0)
		abort();
	signer_open(m.signer, &m.authority, &m.faults);
	(void)argc;
	(void)argv;
	return 0;
}

static void take_answers(int fd)
{
	static char out[1 << 20];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(out) && (got = read(fd, out + n, sizeof(out) - n)) > 0)
		n += (size_t)got;
	if (n > 0 && (n < 9 || memcmp(out, "HTTP/1.1 ", 9) != 0))
		abort();
}

static void send_piece(int fd, const uint8_t *p, size_t n)
{
	if (n > 0 && send(fd, p, n, MSG_NOSIGNAL) < 0)
		return;
	for (int i = 0; i < 3; i++)
		if (serve_step(m.serve, 0) < 0)
			abort();
	take_answers(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ends[2];
	size_t cut;

	if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0)
		return 0;
	if (serve_adopt(m.serve, ends[1], 0) < 0)
		abort();
	cut = data[0] * (size - 1) / 256;
	send_piece(ends[0], data + 1, cut);
	send_piece(ends[0], data + 1 + cut, size - 1 - cut);
	close(ends[0]);
	for (int i = 0; i < 4; i++)
		if (serve_step(m.serve, 0) < 0)
			abort();
	return 0;
}
