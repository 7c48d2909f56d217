/* offline.c - keys in files, proven with a signer in files: what eic_parse_authorized_keys does */
#include "applets/authkeys/offline.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/authkeys/anchors.h"
#include "applets/authkeys/authkeys.h"
#include "applets/authkeys/route.h"
#include "applets/authkeys/say.h"
#include "base/clock.h"
#include "base/folder.h"
#include "base/io.h"
#include "config.h"
#include "crypto/ocsp.h"
#include "eic/trust.h"
#include "version.h"

enum { EXIT_NO_KEY = 255 };

static struct {
	const char *debug, *keys, *openssl, *folder, *signer, *instance, *name, *ca, *staples,
		*fingerprint;
} given;

static const struct opt rows[] = {
	{ 'x', NULL, "true|false", "true: say on stdout what fails, not in the log",
		.value = &given.debug },
	{ 'p', NULL, "FILE", "the keys, as the metadata service has them", .value = &given.keys },
	{ 's', NULL, "PEM", "the signer's certificate and its chain: the text, no file",
		.value = &given.signer },
	{ 'i', NULL, "ID", "the instance that the keys must name", .value = &given.instance },
	{ 'c', NULL, "NAME", "the signer's common name", .value = &given.name },
	{ 'a', NULL, "FILE|DIR", "the trust anchors [Amazon's]", .value = &given.ca },
	{ 'v', NULL, "DIR", "OCSP responses (DER), whatever their names", .value = &given.staples },
	{ 'f', NULL, "FINGERPRINT", "only this key", .value = &given.fingerprint },
	{ 'o', NULL, "FILE", "ignored: where openssl is", .value = &given.openssl },
	{ 'd', NULL, "DIR", "ignored: a folder for temporary files", .value = &given.folder },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "",
	.summary = "Prints those keys of a file that are proven, each line as given, with a signer "
		   "from files.",
	.opts = rows,
	.more = "The options of eic_parse_authorized_keys. Exit status: 0 keys were printed, 255 "
		"none was,\n"
		"1 the signer failed or the options are wrong.\n",
	.no_permute = true,
};

static bool debugging(void)
{
	return given.debug && strcmp(given.debug, "true") == 0;
}

/* What went wrong, where it is looked for: on stdout when debugging, else in the log; there the
 * sentence has its reason behind it. */
static int fail(const char *what)
{
	BUF(line, ERR_TEXT_MAX + 256);

	buf_addf(&line, "EC2 Instance Connect %s No keys have been trusted.", what);
	if (!debugging()) {
		say_note("offline", "%s (%s)", buf_text(&line), err_text());
		return EXIT_FAILED;
	}
	buf_putc(&line, '\n');
	(void)applet_fail("authkeys", ERR_DENIED);
	applet_print("authkeys", buf_view(&line));
	return EXIT_FAILED;
}

#define UNKNOWN_SIGNER "encountered an unrecognized signer certificate."
#define NO_TRUST_CHAIN "could not verify the signer trust chain."

/* The shell agent's sentence about the failed rule: those that watch logs know it. */
static void add_sentence(struct buf *out, const struct trust *t)
{
	static const struct {
		const char *rule, *words;
	} table[] = {
		{ "rule 4:", UNKNOWN_SIGNER },
		{ "rule 5:", UNKNOWN_SIGNER },
		{ "rule 16:", "failed to extract the public key from the signer certificate." },
	};
	struct str reason = str_of(err_text());

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && out->len == 0; i++)
		if (str_starts(reason, table[i].rule))
			buf_puts(out, table[i].words);
	if (out->len > 0)
		return;
	if (!t->doubted) {
		buf_puts(out, NO_TRUST_CHAIN);
		return;
	}
	buf_puts(out, "could not verify certificate ");
	(void)!cert_common_name(t->doubted, out);
	buf_puts(out, " has not been revoked.");
}

/* Usage goes to stdout and ends with 1, as callers of the script know it. */
static int usage(const char *name)
{
	BUF(help, 4096);

	say_note("usage",
		"Unable to run EC2 Instance Connect: %s. Please check your sshd configuration.",
		err_text());
	opt_help(&help, name, &spec);
	applet_print(name, buf_view(&help));
	return EXIT_FAILED;
}

/* The staples that are about this chain, found by their content among whatever the folder holds. */
struct staples {
	struct route route;
	struct str at[EIC_STAPLES_MAX];
	size_t n;
};

static char staple_storage[EIC_STAPLES_MAX][OCSP_MAX + 1];

static int read_staple(int folder, const char *name, struct buf *der)
{
	struct stat st;
	int r = 0, fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return ERR_ABSENT;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > OCSP_MAX)
		r = ERR_FORMAT;
	else
		r = io_read_fd(fd, name, der);
	close(fd);
	return r;
}

static int take_staple(void *owner, int folder, const char *name)
{
	struct staples *s = owner;
	struct buf der;

	if (s->n == EIC_STAPLES_MAX)
		return 0;
	der = buf_of(staple_storage[s->n], sizeof(staple_storage[0]));
	if (read_staple(folder, name, &der) == 0 && route_has(&s->route, buf_view(&der)))
		s->at[s->n++] = buf_view(&der);
	return 0;
}

/* Where there is no folder there are no staples, and rule 10 says what is missing. */
static void find_staples(struct staples *s)
{
	int fd = given.staples ? open(given.staples, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd < 0 || folder_each(fd, given.staples, take_staple, s) < 0)
		say_note("offline", "%s: cannot be read", given.staples ? given.staples : "-v");
	if (fd >= 0)
		close(fd);
}

static char keys_storage[EIC_KEYS_MAX + 1];
static char output_storage[EIC_KEYS_MAX + 1];

static void log_grant(const struct keyblob *block, const struct sshkey *key)
{
	BUF(fingerprint, SSHKEY_FINGERPRINT_MAX);

	if (debugging())
		return;
	sshkey_fingerprint(&fingerprint, key, false);
	say_key(&(struct say_key){ .fingerprint = buf_view(&fingerprint),
		.request = block->request,
		.caller = block->caller,
		.expires = block->earliest });
}

static int print_keys(const char *name, const struct trust *t, struct str text)
{
	struct buf out = buf_of(output_storage, sizeof(output_storage));
	struct keyblob block;
	struct sshkey key;
	int r;

	if (given.fingerprint && !debugging())
		say_note("offline",
			"Querying EC2 Instance Connect keys for matching fingerprint: %s",
			given.fingerprint);
	for (unsigned n = 0; n < EIC_BLOCKS_MAX && (r = keyblob_take(&text, &block)) != 0; n++) {
		if (r < 0 || trust_key(t, &block, str_of(given.fingerprint), &key) < 0) {
			say_note("key", "%s", err_text());
			continue;
		}
		log_grant(&block, &key);
		buf_str(&out, block.key);
		buf_putc(&out, '\n');
	}
	if (out.len == 0 || out.full)
		return EXIT_NO_KEY;
	return applet_print(name, buf_view(&out));
}

static int prove(const char *name, const struct trust_facts *facts, struct str keys)
{
	struct trust t = { .proven = false };
	BUF(why, 256);
	int status;

	if (trust_open(&t, facts) < 0) {
		add_sentence(&why, &t);
		status = fail(buf_text(&why));
	} else {
		status = print_keys(name, &t, keys);
	}
	trust_close(&t);
	return status;
}

static int decide(const char *name, const struct certs *chain, struct certs *anchors)
{
	struct buf keys = buf_of(keys_storage, sizeof(keys_storage));
	struct staples staples = { .n = 0 };
	struct trust_facts facts = {
		.now = clock_now(),
		.build_date = EICBOX_BUILD_EPOCH,
		.anchors = anchors,
		.instance_id = str_of(given.instance),
		.chain_pem = str_of(given.signer),
		.name_given = true,
		.expected_name = str_of(given.name),
		.administrators_anchors = anchors_given(),
	};

	if (anchors_pick(anchors, chain) < 0)
		return fail(NO_TRUST_CHAIN);
	route_guess(&staples.route, chain, anchors);
	find_staples(&staples);
	for (size_t i = 0; i < staples.n; i++)
		facts.staples[i] = staples.at[i];
	facts.n_staples = staples.n;
	if (io_read_file(given.keys ? given.keys : "-", &keys) < 0)
		return fail("could not read the keys.");
	return prove(name, &facts, buf_view(&keys));
}

static int run(const char *name)
{
	struct certs chain = { 0 }, anchors = { 0 };
	int status;

	authkeys_start_crypto(clock_now());
	if (given.ca && anchors_load(given.ca) < 0)
		return fail(NO_TRUST_CHAIN);
	if (certs_read_pem(&chain, str_of(given.signer), CERT_CHAIN_MAX) < 0)
		status = fail(UNKNOWN_SIGNER);
	else
		status = decide(name, &chain, &anchors);
	certs_close(&anchors);
	certs_close(&chain);
	return status;
}

int offline_main(const char *name, int argc, char **argv)
{
	BUF(help, 4096);
	int r;

	if (!CONFIG_AUTHKEYS_OFFLINE)
		return applet_usage(name, "offline use is not in this build");
	if (argc < 2) {
		(void)err(ERR_USAGE, "insufficient args provided");
		return usage(name);
	}
	r = opt_parse(&spec, &argc, argv);
	if (r == OPT_HELP) {
		opt_help(&help, name, &spec);
		return applet_print(name, buf_view(&help));
	}
	return r < 0 ? usage(name) : run(name);
}
