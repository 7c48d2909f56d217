/* sshkey_test.c - SSH keys, against what ssh-keygen writes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/sshkey.h"
#include "data/enc.h"
#include "key_vectors.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* what ssh-keygen -l says of each key */
static const struct known {
	const char *line, *file, *comment, *label, *sha256, *md5;
	enum sshkey_type type;
	unsigned bits;
} known[] = {
	{ line_ed, file_ed, "a comment", "ED25519",
		"SHA256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8",
		"MD5:e2:78:a2:a3:30:f4:9c:31:57:89:0f:2e:cf:8e:16:ee", SSHKEY_ED25519, 256 },
	{ line_rsa, file_rsa, "rsa@test", "RSA",
		"SHA256:sPGK+otZDSjthy+yQmcpcQrSy6bSYm1qZSMJ4TVG3d0",
		"MD5:c6:b5:08:30:c1:52:c8:28:49:26:b2:fe:ec:c8:d1:b2", SSHKEY_RSA, 2048 },
	{ line_ec256, file_ec256, "ec256", "ECDSA",
		"SHA256:XTDJOP3zlsQ6wjt1Cp1rIuoIqm9stgtBHCA/EYopVT8",
		"MD5:0c:d4:39:7e:11:59:b0:3f:ff:49:1d:cb:b2:64:11:f4", SSHKEY_P256, 256 },
	{ line_ec384, file_ec384, "ec384", "ECDSA",
		"SHA256:Mjgy5Byw55saHLIIxYebr+HuWyBisgmGYn89+xxjdrk",
		"MD5:29:2a:21:bb:b3:f6:9a:b5:6a:04:67:2f:ea:44:0d:64", SSHKEY_P384, 384 },
	{ line_ec521, file_ec521, "ec521", "ECDSA",
		"SHA256:9cWHYseyPnGqYz6/xw8Sj1607IgXjzJPxBqrDpgjCN0",
		"MD5:03:a0:2a:9f:ac:6b:21:10:35:14:f4:ab:b3:5b:5c:33", SSHKEY_P521, 521 },
};

static void check_known(const struct sshkey *key, const struct known *k)
{
	BUF(text, 256);

	assert_int_equal(key->type, k->type);
	assert_int_equal(key->bits, k->bits);
	assert_string_equal(sshkey_label(key->type), k->label);
	sshkey_fingerprint(&text, key, false);
	assert_string_equal(buf_text(&text), k->sha256);
	buf_clear(&text);
	sshkey_fingerprint(&text, key, true);
	assert_string_equal(buf_text(&text), k->md5);
	assert_true(sshkey_matches(key, str_of(k->sha256)));
	assert_true(sshkey_matches(key, str_of(k->md5)));
}

/* The SSH2 form of a public line's key, around which the test puts what it wants. */
static int read_ssh2(struct sshkey *key, const char *head, const char *line, const char *tail)
{
	struct str rest = str_of(line), name, digits;
	BUF(text, 8192);

	assert_true(str_take_word(&rest, &name) && str_take_word(&rest, &digits));
	buf_puts(&text, head);
	for (size_t i = 0; i < digits.n; i += 70)
		buf_addf(&text, "%.*s\n", digits.n - i < 70 ? (int)(digits.n - i) : 70,
			digits.p + i);
	buf_puts(&text, tail);
	assert_false(text.full);
	return sshkey_read_ssh2(key, buf_view(&text));
}

#define SSH2_BEGIN "---- BEGIN SSH2 PUBLIC KEY ----\n"
#define SSH2_END "---- END SSH2 PUBLIC KEY ----\n"

static void ssh2_files_are_read(void **state)
{
	static const char *const heads[] = {
		SSH2_BEGIN,
		SSH2_BEGIN "Comment: \"2048-bit RSA, converted by a@b from OpenSSH\"\n",
		SSH2_BEGIN
		"Subject: me\nComment: one that goes\\\non: and on\\\n  and on\nx-a: b\n",
		"---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: Windows\r\n",
	};
	struct sshkey key;

	(void)state;
	for (size_t i = 0; i < COUNT(heads); i++) {
		assert_int_equal(read_ssh2(&key, heads[i], line_rsa, SSH2_END), 0);
		check_known(&key, &known[1]);
		assert_int_equal(read_ssh2(&key, heads[i], line_ed, SSH2_END "\n\r\n"), 0);
		check_known(&key, &known[0]);
	}
	assert_true(sshkey_is_ssh2(STR(SSH2_BEGIN)));
	assert_false(sshkey_is_ssh2(STR("ssh-ed25519 AAAA")));
}

static void other_things_between_the_marks_are_refused(void **state)
{
	struct sshkey key;

	(void)state;
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN, line_rsa, ""), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, "", line_rsa, SSH2_END), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, "x" SSH2_BEGIN, line_rsa, SSH2_END), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN, line_rsa, SSH2_END "x"), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN, line_rsa, SSH2_END SSH2_BEGIN), ERR_FORMAT);
	assert_int_equal(
		read_ssh2(&key, SSH2_BEGIN "Comment: a\\\n", line_rsa, SSH2_END), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN "AAAA", line_rsa, SSH2_END), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN, line_rsa, "AAAA\n" SSH2_END), ERR_FORMAT);
	assert_int_equal(read_ssh2(&key, SSH2_BEGIN, line_rsa, "late: x\n" SSH2_END), ERR_FORMAT);
	assert_int_equal(sshkey_read_ssh2(&key, STR(SSH2_BEGIN SSH2_END)), ERR_FORMAT);
	assert_int_equal(sshkey_read_ssh2(&key, STR(SSH2_BEGIN)), ERR_FORMAT);
	assert_int_equal(sshkey_read_ssh2(&key, STR("")), ERR_FORMAT);
	assert_int_equal(key.type, SSHKEY_NONE);
}

static void public_lines_of_ssh_keygen_are_read_and_written_again(void **state)
{
	struct sshkey key;
	struct str comment;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		BUF(line, SSHKEY_LINE_MAX);

		assert_int_equal(sshkey_read_line(&key, str_of(known[i].line), &comment), 0);
		assert_true(str_is(comment, known[i].comment));
		check_known(&key, &known[i]);
		sshkey_add_line(&line, &key, comment);
		assert_string_equal(buf_text(&line), known[i].line);
	}
}

static void private_files_of_ssh_keygen_are_read(void **state)
{
	struct sshkey_pair pair;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		BUF(comment, 64);

		assert_int_equal(sshkey_read_private(&pair, str_of(known[i].file), &comment), 0);
		assert_string_equal(buf_text(&comment), known[i].comment);
		check_known(&pair.key, &known[i]);
		sshkey_close(&pair);
	}
}

static void pem_and_pkcs8_files_hold_the_same_keys(void **state)
{
	static const struct {
		const char *file;
		size_t same;
	} forms[] = { { file_rsa_pem, 1 }, { file_rsa_p8, 1 }, { file_ec256_pem, 2 },
		{ file_ec384_p8, 3 } };
	struct sshkey_pair pair;
	BUF(comment, 64);

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		assert_int_equal(sshkey_read_private(&pair, str_of(forms[i].file), &comment), 0);
		assert_int_equal(comment.len, 0);
		check_known(&pair.key, &known[forms[i].same]);
		sshkey_close(&pair);
	}
}

static void an_ed25519_key_of_openssl_is_read(void **state)
{
	struct sshkey_pair pair;
	BUF(hex, 65);

	(void)state;
	assert_int_equal(sshkey_read_private(&pair, str_of(file_ed_p8), NULL), 0);
	assert_int_equal(pair.key.type, SSHKEY_ED25519);
	hex_add(&hex, pair.key.blob + 19, 32);
	assert_string_equal(
		buf_text(&hex), "c58293b212efd4ad45e81d9e8b2f90f924e0e2d09c469dfebc27e21925a73ed1");
	sshkey_close(&pair);
}

static void check_round(
	const struct sshkey_pair *pair, enum sshkey_format format, const char *begin)
{
	struct sshkey_pair copy;
	BUF(file, SSHKEY_FILE_MAX);
	BUF(comment, 64);

	assert_int_equal(sshkey_write_private(pair, format, STR("words"), &file), 0);
	assert_true(str_starts(buf_view(&file), begin));
	assert_int_equal(sshkey_read_private(&copy, buf_view(&file), &comment), 0);
	assert_string_equal(buf_text(&comment), format == SSHKEY_OPENSSH ? "words" : "");
	assert_int_equal(copy.key.n, pair->key.n);
	assert_memory_equal(copy.key.blob, pair->key.blob, pair->key.n);
	sshkey_close(&copy);
}

static void what_is_made_is_written_in_each_form_and_read(void **state)
{
	static const enum sshkey_type types[] = { SSHKEY_ED25519, SSHKEY_RSA, SSHKEY_P256,
		SSHKEY_P384, SSHKEY_P521 };

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		struct sshkey_pair pair;
		BUF(file, SSHKEY_FILE_MAX);

		assert_int_equal(
			sshkey_generate(&pair, types[i], types[i] == SSHKEY_RSA ? 2048 : 0), 0);
		assert_int_equal(pair.key.type, types[i]);
		check_round(&pair, SSHKEY_OPENSSH, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
		check_round(&pair, SSHKEY_PKCS8, "-----BEGIN PRIVATE KEY-----\n");
		if (types[i] == SSHKEY_ED25519)
			assert_int_equal(
				sshkey_write_private(&pair, SSHKEY_PEM, STR(""), &file), ERR_USAGE);
		else
			check_round(&pair, SSHKEY_PEM,
				types[i] == SSHKEY_RSA ? "-----BEGIN RSA PRIVATE KEY-----\n"
						       : "-----BEGIN EC PRIVATE KEY-----\n");
		sshkey_close(&pair);
	}
}

static void two_keys_that_are_made_differ(void **state)
{
	struct sshkey_pair a, b;

	(void)state;
	assert_int_equal(sshkey_generate(&a, SSHKEY_ED25519, 0), 0);
	assert_int_equal(sshkey_generate(&b, SSHKEY_ED25519, 0), 0);
	assert_memory_not_equal(a.key.blob, b.key.blob, a.key.n);
	assert_memory_not_equal(a.seed, b.seed, sizeof(a.seed));
	sshkey_close(&a);
	sshkey_close(&b);
	assert_int_equal(sshkey_generate(&a, SSHKEY_SK_ED25519, 0), ERR_USAGE);
	assert_int_equal(sshkey_generate(&a, SSHKEY_NONE, 0), ERR_USAGE);
	assert_int_equal(sshkey_generate(&a, SSHKEY_RSA, 1024), ERR_USAGE);
}

static void closing_wipes_and_may_be_done_twice(void **state)
{
	struct sshkey_pair pair, zero = { 0 };

	(void)state;
	assert_int_equal(sshkey_generate(&pair, SSHKEY_ED25519, 0), 0);
	sshkey_close(&pair);
	assert_memory_equal(&pair, &zero, sizeof(pair));
	sshkey_close(&pair);
}

/* --- refusals: lines --- */

#define ED "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void check_bad_line(const char *line, int code)
{
	struct sshkey key;

	assert_int_equal(sshkey_read_line(&key, str_of(line), NULL), code);
	assert_int_equal(key.type, SSHKEY_NONE);
}

static void lines_that_are_no_public_key_are_refused(void **state)
{
	static const char *const bad[] = { "", " ", "\n", "ssh-ed25519", "ssh-ed25519 ",
		"ssh-ed25519 AAAA", "ssh-ed25519 " ED "=", "ssh-ed25519 x" ED, "ssh-ed25519" ED,
		"ssh-rsa " ED, "ssh-dss " ED, "SSH-ED25519 " ED, "no-pty ssh-ed25519 " ED,
		"command=\"x\" ssh-ed25519 " ED, "ssh-ed25519 " ED "\nssh-ed25519 " ED,
		"ssh-ed25519 " ED " a\rb", "ssh-ed25519-cert-v01@openssh.com " ED,
		"---- BEGIN SSH2 PUBLIC KEY ----",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAHwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct sshkey key;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		check_bad_line(bad[i], ERR_FORMAT);
	assert_int_equal(sshkey_read_line(&key, STR("ssh-ed25519 " ED " a\0b"), NULL), ERR_FORMAT);
}

static void a_private_key_in_place_of_a_line_is_denied_by_name(void **state)
{
	(void)state;
	check_bad_line(file_ed, ERR_DENIED);
	check_bad_line(file_rsa_pem, ERR_DENIED);
	check_bad_line(file_rsa_p8_enc, ERR_DENIED);
	check_bad_line("-----BEGIN EC PRIVATE KEY-----", ERR_DENIED);
	assert_true(str_find(str_of(err_text()), "private key", NULL));
}

static void blanks_around_a_line_do_not_matter(void **state)
{
	struct sshkey key;
	struct str comment;

	(void)state;
	assert_int_equal(
		sshkey_read_line(&key, STR(" \tssh-ed25519 \t " ED "  a  b \t\r\n"), &comment), 0);
	assert_true(str_is(comment, "a  b"));
	assert_int_equal(sshkey_read_line(&key, STR("ssh-ed25519 " ED "\n"), &comment), 0);
	assert_int_equal(comment.n, 0);
}

static void control_characters_of_a_comment_are_not_written(void **state)
{
	struct sshkey key;
	BUF(line, 256);

	(void)state;
	assert_int_equal(sshkey_read_line(&key, STR("ssh-ed25519 " ED), NULL), 0);
	sshkey_add_line(&line, &key, STR("a\nb\x1b[31m\0c\x7f\xc3\xa4"));
	assert_string_equal(buf_text(&line), "ssh-ed25519 " ED " a?b?[31m?c?\xc3\xa4");
	buf_clear(&line);
	sshkey_add_line(&line, &key, STR(""));
	assert_string_equal(buf_text(&line), "ssh-ed25519 " ED);
}

/* --- refusals: blobs --- */

static void add_u32(struct buf *b, size_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_putc(b, (char)(v >> shift));
}

static void add_blob(struct buf *b, struct str s)
{
	add_u32(b, s.n);
	buf_str(b, s);
}

static void check_rsa(
	struct str e, size_t n_bytes, unsigned char n_first, unsigned char n_last, int want)
{
	struct sshkey key;
	BUF(blob, 4096);

	add_blob(&blob, STR("ssh-rsa"));
	add_blob(&blob, e);
	add_u32(&blob, n_bytes);
	for (size_t i = 0; i < n_bytes; i++)
		buf_putc(&blob, (char)(i == 0 ? n_first : i == n_bytes - 1 ? n_last : 0xff));
	assert_int_equal(sshkey_read_blob(&key, buf_view(&blob)), want);
	if (want == 0)
		assert_int_equal(key.type, SSHKEY_RSA);
}

static void rsa_numbers_are_positive_short_and_odd(void **state)
{
	(void)state;
	check_rsa(STR("\1\0\1"), 257, 0, 1, 0);
	check_rsa(STR("\3"), 256, 0x7f, 0xff, 0);
	check_rsa(STR("\0\xff\xff"), 257, 0, 1, 0);
	check_rsa(STR(""), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\0"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\1"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\2"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\2"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\0\3"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\xff\xff"), 257, 0, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 256, 0xff, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 257, 0, 2, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 0, 0, 0, ERR_FORMAT);
}

static void rsa_keys_have_1024_to_16384_bits(void **state)
{
	(void)state;
	check_rsa(STR("\1\0\1"), 129, 0, 1, 0);
	check_rsa(STR("\1\0\1"), 128, 0x7f, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 2049, 0, 1, 0);
	check_rsa(STR("\1\0\1"), 2049, 1, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 2050, 1, 1, ERR_FORMAT);
	check_rsa(STR("\1\0\1"), 2100, 1, 1, ERR_FORMAT);
}

static void a_blob_ends_where_its_key_ends(void **state)
{
	struct sshkey key;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct str line = str_of(known[i].line), name, digits;
		BUF(blob, 1024);

		assert_true(str_take_word(&line, &name) && str_take_word(&line, &digits));
		assert_int_equal(base64_read(digits, false, &blob), 0);
		for (size_t n = 0; n < blob.len; n++)
			assert_int_equal(
				sshkey_read_blob(&key, (struct str){ blob.p, n }), ERR_FORMAT);
		assert_int_equal(sshkey_read_blob(&key, buf_view(&blob)), 0);
		buf_putc(&blob, 0);
		assert_int_equal(sshkey_read_blob(&key, buf_view(&blob)), ERR_FORMAT);
		assert_int_equal(key.type, SSHKEY_NONE);
	}
}

static int read_ec(const char *type, const char *curve, size_t n, char first, bool application)
{
	struct sshkey key;
	BUF(blob, 512);

	add_blob(&blob, str_of(type));
	add_blob(&blob, str_of(curve));
	add_u32(&blob, n);
	for (size_t i = 0; i < n; i++)
		buf_putc(&blob, i == 0 ? first : 1);
	if (application)
		add_blob(&blob, STR("ssh:"));
	return sshkey_read_blob(&key, buf_view(&blob));
}

static void ec_keys_name_their_curve_and_have_a_plain_point(void **state)
{
	(void)state;
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp256", 65, 4, false), 0);
	assert_int_equal(read_ec("ecdsa-sha2-nistp521", "nistp521", 133, 4, false), 0);
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp384", 65, 4, false), ERR_FORMAT);
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp256", 97, 4, false), ERR_FORMAT);
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp256", 33, 2, false), ERR_FORMAT);
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp256", 65, 2, false), ERR_FORMAT);
	assert_int_equal(read_ec("ecdsa-sha2-nistp256", "nistp256", 65, 4, true), ERR_FORMAT);
	assert_int_equal(read_ec("ecdsa-sha2-secp256k1", "secp256k1", 65, 4, false), ERR_FORMAT);
	assert_int_equal(read_ec("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, 4, true), 0);
	assert_int_equal(read_ec("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, 4, false),
		ERR_FORMAT);
}

/* --- refusals: files --- */

static int read_file(struct str text)
{
	struct sshkey_pair pair, zero = { 0 };
	int r = sshkey_read_private(&pair, text, NULL);

	if (r < 0)
		assert_memory_equal(&pair, &zero, sizeof(pair));
	sshkey_close(&pair);
	return r;
}

static void encrypted_files_are_denied_by_name(void **state)
{
	static const char *const files[] = { file_ed_enc, file_rsa_pem_enc, file_rsa_p8_enc };

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		assert_int_equal(read_file(str_of(files[i])), ERR_DENIED);
		assert_true(str_find(str_of(err_text()), "encrypted with a passphrase", NULL));
	}
}

static void files_that_are_no_private_key_are_refused(void **state)
{
	static const char *const bad[] = { "", "x", line_ed, file_x25519_p8, file_k1_pem,
		"-----BEGIN OPENSSH PRIVATE KEY-----",
		"-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n",
		"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(read_file(str_of(bad[i])), ERR_FORMAT);
}

/* The bytes of an OpenSSH file, for damage, and a file of such bytes again. */
static void open_file(const char *file, struct buf *bytes)
{
	struct str text = str_of(file), line;

	buf_clear(bytes);
	assert_true(str_take_line(&text, &line));
	assert_true(str_find(text, "-----END", &text.n));
	assert_int_equal(base64_read(text, true, bytes), 0);
}

static int read_bytes(const struct buf *bytes)
{
	BUF(file, SSHKEY_FILE_MAX);

	buf_puts(&file, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	base64_add_lines(&file, bytes->p, bytes->len, 70);
	buf_puts(&file, "-----END OPENSSH PRIVATE KEY-----\n");
	return read_file(buf_view(&file));
}

/* The letters of the comment are free. */
static bool may_change(const struct buf *bytes, size_t i)
{
	size_t at;

	assert_true(str_find(buf_view(bytes), "a comment", &at));
	return i >= at && i < at + 9;
}

static void each_changed_byte_of_a_file_is_noticed(void **state)
{
	BUF(bytes, 1024);

	(void)state;
	open_file(file_ed, &bytes);
	assert_int_equal(read_bytes(&bytes), 0);
	for (size_t i = 0; i < bytes.len; i++) {
		if (may_change(&bytes, i))
			continue;
		bytes.p[i] = (char)(bytes.p[i] ^ 1);
		assert_true(read_bytes(&bytes) < 0);
		bytes.p[i] = (char)(bytes.p[i] ^ 1);
	}
}

static void a_shortened_or_lengthened_file_is_noticed(void **state)
{
	BUF(bytes, 1024);

	(void)state;
	open_file(file_ed, &bytes);
	buf_putc(&bytes, 0);
	assert_int_equal(read_bytes(&bytes), ERR_FORMAT);
	for (size_t n = bytes.len - 1; n > 0; n--) {
		bytes.len = n - 1;
		assert_int_equal(read_bytes(&bytes), ERR_FORMAT);
	}
}

#define SECTION_AT 98 /* where the private section of an Ed25519 file begins */

/* A key whose section needs no padding, with n bytes of it all the same. */
static int read_padded(size_t n)
{
	struct sshkey_pair pair;
	BUF(file, SSHKEY_FILE_MAX);
	BUF(bytes, 1024);
	int r;

	assert_int_equal(sshkey_generate(&pair, SSHKEY_ED25519, 0), 0);
	assert_int_equal(sshkey_write_private(&pair, SSHKEY_OPENSSH, STR("12345"), &file), 0);
	open_file(buf_text(&file), &bytes);
	assert_int_equal((bytes.len - SECTION_AT) % 8, 0);
	assert_int_equal(bytes.p[bytes.len - 1], '5');
	for (size_t i = 1; i <= n; i++)
		buf_putc(&bytes, (char)i);
	bytes.p[SECTION_AT - 1] = (char)(bytes.len - SECTION_AT);
	r = read_bytes(&bytes);
	sshkey_close(&pair);
	return r;
}

static void a_block_of_padding_as_dropbear_writes_it_is_taken_and_no_more(void **state)
{
	(void)state;
	assert_int_equal(read_padded(0), 0);
	assert_int_equal(read_padded(8), 0);
	assert_int_equal(read_padded(1), ERR_FORMAT);
	assert_int_equal(read_padded(7), ERR_FORMAT);
	assert_int_equal(read_padded(9), ERR_FORMAT);
	assert_int_equal(read_padded(16), ERR_FORMAT);
}

static void changed_numbers_of_an_rsa_file_are_noticed(void **state)
{
	BUF(bytes, 4096);
	size_t n;

	(void)state;
	open_file(file_rsa, &bytes);
	n = bytes.len;
	for (size_t i = 60; i < n - 24; i += 41) {
		bytes.p[i] = (char)(bytes.p[i] ^ 2);
		assert_true(read_bytes(&bytes) < 0);
		bytes.p[i] = (char)(bytes.p[i] ^ 2);
	}
	assert_int_equal(read_bytes(&bytes), 0);
}

/* --- fingerprints --- */

static void fingerprints_have_two_forms_and_no_other(void **state)
{
	static const char *const bad[] = { "", "SHA256",
		"SHA256:", "MD5:", "sha256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8",
		"ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8",
		"SHA256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8=",
		"SHA256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a9",
		"SHA256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a",
		"SHA256:ZbTGb6D-YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8",
		"SHA1:ZbTGb6D+YbXEctFpsOc0ddr9I7p",
		"e2:78:a2:a3:30:f4:9c:31:57:89:0f:2e:cf:8e:16:ee",
		"MD5:E2:78:a2:a3:30:f4:9c:31:57:89:0f:2e:cf:8e:16:ee",
		"MD5:e2:78:a2:a3:30:f4:9c:31:57:89:0f:2e:cf:8e:16",
		"MD5:e2:78:a2:a3:30:f4:9c:31:57:89:0f:2e:cf:8e:16:ee:",
		"MD5:e278a2a330f49c3157890f2ecf8e16ee",
		" SHA256:ZbTGb6D+YbXEctFpsOc0ddr9I7p+yKGCuFWLRD8N6a8" };
	struct sshkey key;

	(void)state;
	assert_int_equal(sshkey_read_line(&key, str_of(line_ed), NULL), 0);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_false(sshkey_fingerprint_ok(str_of(bad[i])));
		assert_false(sshkey_matches(&key, str_of(bad[i])));
	}
}

static void a_fingerprint_of_another_key_does_not_match(void **state)
{
	struct sshkey key, none = { 0 };

	(void)state;
	assert_int_equal(sshkey_read_line(&key, str_of(line_ed), NULL), 0);
	for (size_t i = 1; i < COUNT(known); i++) {
		assert_true(sshkey_fingerprint_ok(str_of(known[i].sha256)));
		assert_true(sshkey_fingerprint_ok(str_of(known[i].md5)));
		assert_false(sshkey_matches(&key, str_of(known[i].sha256)));
		assert_false(sshkey_matches(&key, str_of(known[i].md5)));
	}
	assert_false(
		sshkey_matches(&none, STR("SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ssh2_files_are_read),
		cmocka_unit_test(other_things_between_the_marks_are_refused),
		cmocka_unit_test(public_lines_of_ssh_keygen_are_read_and_written_again),
		cmocka_unit_test(private_files_of_ssh_keygen_are_read),
		cmocka_unit_test(pem_and_pkcs8_files_hold_the_same_keys),
		cmocka_unit_test(an_ed25519_key_of_openssl_is_read),
		cmocka_unit_test(what_is_made_is_written_in_each_form_and_read),
		cmocka_unit_test(two_keys_that_are_made_differ),
		cmocka_unit_test(closing_wipes_and_may_be_done_twice),
		cmocka_unit_test(lines_that_are_no_public_key_are_refused),
		cmocka_unit_test(a_private_key_in_place_of_a_line_is_denied_by_name),
		cmocka_unit_test(blanks_around_a_line_do_not_matter),
		cmocka_unit_test(control_characters_of_a_comment_are_not_written),
		cmocka_unit_test(rsa_numbers_are_positive_short_and_odd),
		cmocka_unit_test(rsa_keys_have_1024_to_16384_bits),
		cmocka_unit_test(a_blob_ends_where_its_key_ends),
		cmocka_unit_test(ec_keys_name_their_curve_and_have_a_plain_point),
		cmocka_unit_test(encrypted_files_are_denied_by_name),
		cmocka_unit_test(files_that_are_no_private_key_are_refused),
		cmocka_unit_test(each_changed_byte_of_a_file_is_noticed),
		cmocka_unit_test(a_shortened_or_lengthened_file_is_noticed),
		cmocka_unit_test(a_block_of_padding_as_dropbear_writes_it_is_taken_and_no_more),
		cmocka_unit_test(changed_numbers_of_an_rsa_file_are_noticed),
		cmocka_unit_test(fingerprints_have_two_forms_and_no_other),
		cmocka_unit_test(a_fingerprint_of_another_key_does_not_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
