/* sshkey_fuzz.c - lines, blobs and private key files of any content; what is read is written and
 * read as the same
 *
 * The first byte says what follows: L a line, B a blob, F a private key file, O the bytes inside an
 * OpenSSH file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sshkey.h"
#include "data/enc.h"

static void same(bool ok)
{
	if (!ok)
		abort();
}

static bool equal(const struct sshkey *a, const struct sshkey *b)
{
	return a->type == b->type && a->bits == b->bits && a->n == b->n &&
		memcmp(a->blob, b->blob, a->n) == 0;
}

static void check_key(const struct sshkey *key, struct str comment)
{
	struct sshkey again;
	BUF(line, 65536);
	BUF(print, SSHKEY_FINGERPRINT_MAX);

	sshkey_add_line(&line, key, comment);
	same(!line.full && sshkey_read_line(&again, buf_view(&line), NULL) == 0 &&
		equal(key, &again));
	sshkey_fingerprint(&print, key, key->n & 1);
	same(!print.full && sshkey_matches(key, buf_view(&print)));
}

static void try_line(struct str s)
{
	struct sshkey key;
	struct str comment;

	same(!sshkey_matches(&(struct sshkey){ 0 }, s));
	if (sshkey_read_line(&key, s, &comment) == 0)
		check_key(&key, comment);
	else
		same(key.type == SSHKEY_NONE);
	if (sshkey_read_ssh2(&key, s) == 0)
		check_key(&key, STR(""));
	else
		same(key.type == SSHKEY_NONE);
}

static void try_blob(struct str s)
{
	struct sshkey key;

	if (sshkey_read_blob(&key, s) < 0)
		return;
	same(key.n == s.n && memcmp(key.blob, s.p, s.n) == 0);
	check_key(&key, STR(""));
}

static void try_file(struct str s)
{
	struct sshkey_pair pair, again;
	BUF(comment, 4096);
	BUF(file, SSHKEY_FILE_MAX);

	if (sshkey_read_private(&pair, s, &comment) < 0)
		return;
	check_key(&pair.key, STR(""));
	if (sshkey_write_private(&pair, SSHKEY_OPENSSH, buf_view(&comment), &file) == 0) {
		same(sshkey_read_private(&again, buf_view(&file), NULL) == 0 &&
			equal(&pair.key, &again.key));
		sshkey_close(&again);
	}
	sshkey_close(&pair);
}

static void try_bytes(struct str s)
{
	BUF(file, 65536);

	buf_puts(&file, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	base64_add_lines(&file, s.p, s.n, 70);
	buf_puts(&file, "-----END OPENSSH PRIVATE KEY-----\n");
	try_file(buf_view(&file));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data + 1, size - 1 };

	if (size < 1)
		return 0;
	switch (data[0]) {
	case 'L': try_line(s); break;
	case 'B': try_blob(s); break;
	case 'F': try_file(s); break;
	case 'O': try_bytes(s); break;
	}
	return 0;
}
