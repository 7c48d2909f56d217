/* keygen.c - makes and inspects SSH key pairs, with ssh-keygen's letters */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/keygen_pair.h"
#include "base/io.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "crypto/sshkey.h"

#define ARENA_MAX (256 * 1024) /* RSA-8192 needs a quarter of it */
#define LINES_MAX (256 * 1024) /* an authorized_keys file for -l */
#define COMMENT_MAX 1024
#define PATH_SIZE 4096
#define RSA_BITS 3072

static struct {
	const char *type, *bits, *file, *comment, *passphrase, *hash, *format;
	bool quiet, public, list, force;
} options = { .type = "ed25519", .hash = "sha256", .format = "OPENSSH" };

static const struct opt rows[] = {
	{ 't', "type", "TYPE", "ed25519 (default), rsa or ecdsa", .value = &options.type },
	{ 'b', "bits", "BITS", "rsa: 2048 to 8192 (3072); ecdsa: 256, 384 or 521 (256)",
		.value = &options.bits },
	{ 'f', "file", "FILE", "the private key; the public one is FILE.pub (~/.ssh/id_TYPE)",
		.value = &options.file },
	{ 'C', "comment", "TEXT", "comment of the public key (user@host)",
		.value = &options.comment },
	{ 'N', "passphrase", "''", "only the empty one: keys are not encrypted",
		.value = &options.passphrase },
	{ 'm', "format", "FORMAT", "OPENSSH (default), PEM or PKCS8", .value = &options.format },
	{ 'F', "force", NULL, "overwrite existing files", .flag = &options.force },
	{ 'q', "quiet", NULL, "say nothing when all went well", .flag = &options.quiet },
	{ 'y', "public", NULL, "print the public key of a private one", .flag = &options.public },
	{ 'l', "list", NULL, "print the fingerprint of each key in FILE", .flag = &options.list },
	{ 'E', "hash", "HASH", "of fingerprints: sha256 (default) or md5", .value = &options.hash },
	{ OPT_REFUSED | 'a', "rounds", NULL, NULL,
		.refused = "hardens a passphrase, and keys made here have none" },
	{ OPT_REFUSED | 'p', "change-passphrase", NULL, NULL,
		.refused = "keys made here have no passphrase; 'ssh-keygen -p -f FILE' gives them "
			   "one" },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "",
	.summary = "Makes an SSH key pair, or says what a key file holds.",
	.opts = rows,
	.more = "An existing file is overwritten only after a question on a terminal, or with -F. "
		"Both files are\n"
		"written, or none. FILE \"-\" is standard input for -y and -l.\n"
		"\n"
		"Exit status: 0 done, 1 failed or refused, 2 wrong usage.\n"
		"\n"
		"Example: a key for one login, and its fingerprint:\n"
		"\n"
		"  keygen -t ed25519 -f mykey -C \"$USER\" && keygen -l -f mykey\n",
};

/* --- what is asked for --- */

static bool quotable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

/* What the options come down to. */
struct job {
	const char *name; /* of the applet */
	enum sshkey_type type;
	unsigned bits;
	enum sshkey_format format;
	bool md5, replace;
	struct buf path, comment;
};

static int read_curve(struct job *j)
{
	static const enum sshkey_type curves[] = { SSHKEY_P256, SSHKEY_P384, SSHKEY_P521 };
	static const char *const bits[] = { "256", "384", "521" };
	const char *wanted = options.bits ? options.bits : bits[0];

	for (size_t i = 0; i < 3; i++)
		if (strcmp(wanted, bits[i]) == 0) {
			j->type = curves[i];
			return 0;
		}
	return err(
		ERR_USAGE, "option -b: ecdsa keys have 256, 384 or 521 bits, not \"%s\"", wanted);
}

static int read_rsa(struct job *j)
{
	long n = RSA_BITS;
	int r = options.bits ? opt_number("-b", options.bits, 2048, 8192, &n) : 0;

	if (r == 0 && n % 2 != 0)
		r = err(ERR_USAGE, "option -b: rsa keys have an even number of bits, not %ld", n);
	j->type = SSHKEY_RSA;
	j->bits = (unsigned)n;
	return r;
}

/* In either case, as ssh-keygen takes it. */
static const char *type_name(const char *given)
{
	static const char *const names[] = { "ed25519", "rsa", "ecdsa" };

	for (size_t i = 0; i < 3; i++)
		if (str_ieq(str_of(given), str_of(names[i])))
			return names[i];
	return given;
}

static int read_type(struct job *j)
{
	options.type = type_name(options.type);
	if (strcmp(options.type, "rsa") == 0)
		return read_rsa(j);
	if (strcmp(options.type, "ecdsa") == 0)
		return read_curve(j);
	if (str_ends(str_of(options.type), "-sk"))
		return err(ERR_USAGE,
			"option -t: %s keys live in a security token; ssh-keygen makes them",
			options.type);
	if (strcmp(options.type, "ed25519") != 0)
		return err(ERR_USAGE, "option -t: ed25519, rsa or ecdsa, not \"%s\"", options.type);
	j->type = SSHKEY_ED25519; /* one length only: -b is of no interest, as to ssh-keygen */
	return 0;
}

static int read_format(struct job *j)
{
	static const char *const names[] = {
		[SSHKEY_OPENSSH] = "OPENSSH", [SSHKEY_PEM] = "PEM", [SSHKEY_PKCS8] = "PKCS8"
	};
	size_t i = 0;

	while (i < 3 && !str_ieq(str_of(options.format), str_of(names[i])))
		i++;
	if (i == 3)
		return err(
			ERR_USAGE, "option -m: OPENSSH, PEM or PKCS8, not \"%s\"", options.format);
	j->format = (enum sshkey_format)i;
	if (j->format == SSHKEY_PEM && j->type == SSHKEY_ED25519)
		return err(ERR_USAGE,
			"option -m: PEM has no form for ed25519 keys; take OPENSSH or PKCS8");
	return 0;
}

static int read_hash(struct job *j)
{
	j->md5 = str_ieq(str_of(options.hash), STR("md5"));
	if (!j->md5 && !str_ieq(str_of(options.hash), STR("sha256")))
		return err(ERR_USAGE, "option -E: sha256 or md5, not \"%s\"", options.hash);
	return 0;
}

static int check_words(int argc, char **argv)
{
	if (argc > 1)
		return err(
			ERR_USAGE, "\"%s\": one word too many; the file is named with -f", argv[1]);
	if (options.public && options.list)
		return err(ERR_USAGE, "options -y and -l exclude each other");
	if (options.passphrase && *options.passphrase)
		return err(ERR_USAGE,
			"option -N: keys made here are not encrypted; give -N '', and then "
			"'ssh-keygen -p -f FILE' where a passphrase is wanted");
	if (options.comment && !quotable(str_of(options.comment)))
		return err(
			ERR_USAGE, "option -C: a comment is one line without control characters");
	if (options.comment && strlen(options.comment) >= COMMENT_MAX)
		return err(ERR_USAGE, "option -C: longer than %d bytes", COMMENT_MAX - 1);
	return 0;
}

/* The file of -f, or ~/.ssh/id_TYPE. */
static int read_path(struct job *j)
{
	const char *home = getenv("HOME");

	if (options.file && (!*options.file || !quotable(str_of(options.file))))
		return err(ERR_USAGE, "option -f: empty, or with control characters");
	if (!options.file && (!home || !*home))
		return err(ERR_USAGE, "HOME is not set: name a file with -f");
	if (options.file)
		buf_puts(&j->path, options.file);
	else
		buf_addf(&j->path, "%s/.ssh/id_%s", home, options.type);
	return buf_check(&j->path, "option -f");
}

static int read_job(struct job *j, int argc, char **argv)
{
	static int (*const steps[])(
		struct job *) = { read_type, read_format, read_hash, read_path };
	int r = check_words(argc, argv);

	for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(*steps); i++)
		r = steps[i](j);
	return r;
}

/* --- making --- */

static void add_comment(struct buf *out)
{
	const char *user = getenv("USER");
	struct utsname system;

	if (options.comment) {
		buf_puts(out, options.comment);
		return;
	}
	if (!user || !*user)
		user = getenv("LOGNAME");
	if (!user || !*user || !quotable(str_of(user)))
		user = geteuid() == 0 ? "root" : "user";
	buf_addf(out, "%s@%s", user, uname(&system) == 0 ? system.nodename : "localhost");
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool answered_yes(void)
{
	char answer[64];
	ssize_t n = read(0, answer, sizeof(answer));

	return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

/* An existing file: replaced after a yes, or with -F. */
static int may_write(struct job *j)
{
	const char *existing;
	BUF(question, PATH_SIZE + 64);

	j->replace = options.force;
	if (options.force || !pair_exists(buf_text(&j->path), &existing))
		return 0;
	if (!isatty(0))
		return err(ERR_DENIED, "%s: already exists; -F overwrites it", existing);
	buf_addf(&question, "%s already exists.\nOverwrite (y/n)? ", existing);
	if (applet_print(j->name, buf_view(&question)) != EXIT_DONE || !answered_yes())
		return err(ERR_DENIED, "%s: left as it is", existing);
	j->replace = true;
	return 0;
}

/* ~/.ssh is made where it is missing; a folder that the user names is his business. */
static int prepare(struct job *j)
{
	const char *path = buf_text(&j->path);
	BUF(folder, PATH_SIZE);

	if (strcmp(path, "-") == 0)
		return err(ERR_USAGE, "option -f: a key pair is two files, and \"-\" is none");
	if (is_folder(path))
		return err(ERR_DENIED, "%s: is a directory", path);
	if (!options.file) {
		buf_add(&folder, path, (size_t)(strrchr(path, '/') - path));
		if (io_make_dir(buf_text(&folder), 0700) < 0)
			return ERR_SYSTEM;
	}
	add_comment(&j->comment);
	return may_write(j);
}

static int save(const struct job *j, const struct sshkey_pair *pair)
{
	BUF(private, SSHKEY_FILE_MAX);
	BUF(public, SSHKEY_LINE_MAX * 2);
	int r = sshkey_write_private(pair, j->format, buf_view(&j->comment), &private);

	if (r == 0) {
		sshkey_add_line(&public, &pair->key, buf_view(&j->comment));
		buf_putc(&public, '\n');
		r = buf_check(&public, "public key");
	}
	if (r == 0)
		r = pair_write(
			buf_text(&j->path), buf_view(&private), buf_view(&public), j->replace);
	buf_wipe(&private);
	return r;
}

/* ssh-keygen's own sentences: people and programs read them. */
static int announce(const struct job *j)
{
	BUF(text, 128);

	if (options.quiet)
		return 0;
	buf_addf(&text, "Generating public/private %s key pair.\n", options.type);
	return applet_print(j->name, buf_view(&text)) == EXIT_DONE ? 0 : ERR_SYSTEM;
}

static int report(const struct job *j, const struct sshkey *key)
{
	BUF(text, PATH_SIZE * 3);

	if (options.quiet)
		return EXIT_DONE;
	buf_addf(&text,
		"Your identification has been saved in %s\nYour public key has been saved in "
		"%s.pub\n"
		"The key fingerprint is:\n",
		buf_text(&j->path), buf_text(&j->path));
	sshkey_fingerprint(&text, key, j->md5);
	buf_addf(&text, " %s\n", buf_text(&j->comment));
	return applet_print(j->name, buf_view(&text));
}

static int make(struct job *j)
{
	struct sshkey_pair pair = { 0 };
	int status, r = prepare(j);

	if (r == 0)
		r = announce(j);
	if (r == 0)
		r = sshkey_generate(&pair, j->type, j->bits);
	if (r == 0)
		r = save(j, &pair);
	status = r < 0 ? applet_fail(j->name, r) : report(j, &pair.key);
	sshkey_close(&pair);
	return status;
}

/* --- inspecting --- */

static int print_public(struct job *j)
{
	struct sshkey_pair pair = { 0 };
	BUF(file, SSHKEY_FILE_MAX);
	BUF(line, SSHKEY_LINE_MAX * 2);
	int status, r = io_read_file(buf_text(&j->path), &file);

	if (r == 0) {
		r = sshkey_read_private(&pair, buf_view(&file), &j->comment);
		if (r < 0)
			r = err_in(r, "%s", buf_text(&j->path));
	}
	buf_wipe(&file);
	if (r == 0) {
		sshkey_add_line(&line, &pair.key, buf_view(&j->comment));
		buf_putc(&line, '\n');
		r = buf_check(&line, "public key");
	}
	status = r < 0 ? applet_fail(j->name, r) : applet_print(j->name, buf_view(&line));
	sshkey_close(&pair);
	return status;
}

/* "256 SHA256:... comment (ED25519)" */
static void add_entry(
	struct buf *out, const struct job *j, const struct sshkey *key, struct str comment)
{
	buf_addf(out, "%u ", key->bits);
	sshkey_fingerprint(out, key, j->md5);
	buf_putc(out, ' ');
	if (comment.n == 0)
		comment = STR("no comment");
	for (size_t i = 0; i < comment.n; i++)
		buf_putc(out,
			(unsigned char)comment.p[i] < 0x20 || comment.p[i] == 0x7f ? '?'
										   : comment.p[i]);
	buf_addf(out, " (%s)\n", sshkey_label(key->type));
}

/* The options in front of a key in authorized_keys: up to a blank outside quotes. */
static void skip_options(struct str *line)
{
	bool quoted = false;

	for (; line->n > 0 && (quoted || !str_has(STR(" \t"), line->p[0])); line->p++, line->n--) {
		if (line->p[0] == '\\' && line->n > 1 && line->p[1] == '"') {
			line->p++;
			line->n--;
		} else if (line->p[0] == '"') {
			quoted = !quoted;
		}
	}
}

static bool read_entry(struct sshkey *key, struct str line, struct str *comment)
{
	if (sshkey_read_line(key, line, comment) == 0)
		return true;
	skip_options(&line);
	return sshkey_read_line(key, line, comment) == 0;
}

static int list_lines(const struct job *j, struct str text, struct buf *out)
{
	struct sshkey key;
	struct str line, comment;
	size_t n = 0;

	while (str_take_line(&text, &line)) {
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || !read_entry(&key, line, &comment))
			continue;
		add_entry(out, j, &key, comment);
		n++;
	}
	if (n == 0)
		return err(ERR_FORMAT, "%s: not a key file", buf_text(&j->path));
	return buf_check(out, "fingerprints");
}

/* The key of FILE.pub, from whose text comment borrows. */
static bool read_beside(
	const struct job *j, struct sshkey *key, struct str *comment, struct buf *text)
{
	BUF(path, PATH_SIZE + 8);

	buf_addf(&path, "%s.pub", buf_text(&j->path));
	return !str_is(buf_view(&j->path), "-") && io_read_file(buf_text(&path), text) == 0 &&
		sshkey_read_line(key, buf_view(text), comment) == 0;
}

/* The file beside a private key has the comment that counts, as for ssh-keygen, and speaks for a
 * key that is encrypted. That of another key says nothing about this one. */
static int list_private(struct job *j, struct buf *file, struct buf *out)
{
	struct sshkey_pair pair = { 0 };
	struct sshkey public;
	struct str comment = { 0 };
	BUF(text, SSHKEY_LINE_MAX * 2);
	bool beside = read_beside(j, &public, &comment, &text);
	int r = sshkey_read_private(&pair, buf_view(file), &j->comment);

	if (r == ERR_DENIED && beside) {
		pair.key = public;
		r = 0;
	}
	if (!beside || public.n != pair.key.n || memcmp(public.blob, pair.key.blob, public.n) != 0)
		comment.n = 0;
	if (r == 0) {
		add_entry(out, j, &pair.key, comment.n > 0 ? comment : buf_view(&j->comment));
		r = buf_check(out, "fingerprint");
	} else {
		r = err_in(r, "%s", buf_text(&j->path));
	}
	sshkey_close(&pair);
	return r;
}

static int list(struct job *j)
{
	static char file_storage[LINES_MAX], out_storage[LINES_MAX];
	struct buf file = buf_of(file_storage, sizeof(file_storage));
	struct buf out = buf_of(out_storage, sizeof(out_storage));
	int r = io_read_file(buf_text(&j->path), &file);

	if (r == 0 && str_find(buf_view(&file), "PRIVATE KEY-----", NULL)) {
		r = list_private(j, &file, &out);
	} else if (r == 0) {
		r = list_lines(j, buf_view(&file), &out);
	}
	buf_wipe(&file);
	return r < 0 ? applet_fail(j->name, r) : applet_print(j->name, buf_view(&out));
}

static int keygen_main(int argc, char **argv)
{
	static unsigned char arena[ARENA_MAX];
	char path[PATH_SIZE], comment[COMMENT_MAX];
	struct job j = { .name = argv[0],
		.path = buf_of(path, sizeof(path)),
		.comment = buf_of(comment, sizeof(comment)) };
	int status = applet_options(argv[0], &spec, &argc, argv);

	if (status >= 0)
		return status;
	if (read_job(&j, argc, argv) < 0)
		return applet_usage(j.name, "%s", err_text());
	crypto_init(arena, sizeof(arena));
	status = options.public ? print_public(&j) : options.list ? list(&j) : make(&j);
	mem_wipe(arena, crypto_peak());
	return status;
}

const struct applet keygen_applet = {
	.name = "keygen",
	.summary = "make and inspect SSH key pairs",
	.main = keygen_main,
};
