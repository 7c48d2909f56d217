/* authkeys.c - sshd's AuthorizedKeysCommand: the pushed keys of a user, proven */
#include <string.h>

#include "applets/applet.h"
#include "applets/authkeys/anchors.h"
#include "applets/authkeys/authkeys.h"
#include "applets/authkeys/detect.h"
#include "applets/authkeys/offer.h"
#include "applets/authkeys/output.h"
#include "applets/authkeys/say.h"
#include "base/clock.h"
#include "base/io.h"
#include "config.h"
#include "crypto/crypto.h"
#include "eic/limits.h"

#define ARENA_MAX (256 * 1024)
#define OUTPUT_MAX (EIC_BLOCKS_MAX * 1024 + AUTHKEYS_CHAIN_MAX)
#define TIMEOUT_MAX 300

static struct authkeys_options options;

static const struct opt rows[] = {
	{ 0, "imds", "URL", "the metadata service, http://ADDRESS[:PORT] [" IMDS_IPV4 ",\n"
		"                          then " IMDS_IPV6 "]", .value = &options.imds },
	{ '6', "ipv6", NULL, "ask at " IMDS_IPV6 " only", .flag = &options.ipv6 },
	{ 0, "ca", "FILE|DIR", "trust these certificates in place of Amazon's", .value = &options.ca },
	{ 0, "instance-id", "ID", "the instance that keys must name [DMI]", .value = &options.instance_id },
	{ 0, "no-ec2-check", NULL, "go on where sysfs shows no EC2 instance", .flag = &options.no_ec2_check },
	{ 0, "sysfs-root", "DIR", "where sysfs stands [/sys]", .value = &options.sysfs_root },
	{ 0, "timeout", "SECONDS", "for the whole run [5]", .value = &options.timeout },
	{ 0, "caller-env", NULL, "add environment=\"EIC_CALLER=ARN\" (sshd needs PermitUserEnvironment)",
		.flag = &options.output.caller_env },
	{ 0, "expiry-option", NULL, "add expiry-time=\"...Z\" (OpenSSH 9.1 and later)",
		.flag = &options.output.expiry },
	{ 0, "restrict", "OPTS", "add these options of authorized_keys: restrict,pty and the like",
		.value = &options.output.restrict_to },
	{ 0, "chain", "COMMAND", "run this AuthorizedKeysCommand too, and join its keys", .value = &options.chain },
	{ 0, "watch", NULL, "stay, and keep FILE up to date", .flag = &options.watch },
	{ 0, "output", "FILE", "of --watch: the authorized_keys file to write", .value = &options.output_file },
	{ 0, "offline", NULL, "prove keys in files: see --offline --help", .flag = &options.offline },
	{ 'v', "verbose", NULL, "explain every step on stderr", .flag = &options.verbose },
	{ 0, "json", NULL, "the same as lines of JSON", .flag = &options.json },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "USER [FINGERPRINT]",
	.summary = "Prints the public keys that were pushed for USER with EC2 Instance Connect, each proven: signer, chain,\n"
		"revocation, instance, expiry and signature. With FINGERPRINT, only that key.",
	.opts = rows,
	.more = "In sshd_config:\n\n"
		"  AuthorizedKeysCommand /usr/bin/authkeys %u %f\n"
		"  AuthorizedKeysCommandUser ec2-instance-connect\n\n"
		"Exit status: 0 done, also when there is nothing to say; 1 keys were offered, but the signer, its chain,\n"
		"a staple or every signature failed; 2 wrong usage. Reasons are in the log (authpriv.info).\n",
};

static int usage(const char *name)
{
	BUF(words, ERR_TEXT_MAX);

	buf_puts(&words, err_text());
	say_note("usage", "%s", buf_text(&words));
	return applet_usage(name, "%s", buf_text(&words));
}

static int check_numbers(void)
{
	long seconds = 5;
	int r = 0;

	if (options.timeout)
		r = opt_number("--timeout", options.timeout, 1, TIMEOUT_MAX, &seconds);
	options.timeout_ms = seconds * 1000;
	return r;
}

/* What the command line says must make sense before anything is started. */
static int check_options(int argc, char **argv)
{
	int r = check_numbers();

	if (r < 0)
		return r;
	if (argc < 2 || !argv[1][0])
		return err(ERR_USAGE, "no user: check AuthorizedKeysCommand in sshd_config");
	if (argc > 3)
		return err(ERR_USAGE, "\"%s\": too many arguments", argv[3]);
	options.user = str_of(argv[1]);
	options.fingerprint = str_of(argc > 2 ? argv[2] : NULL);
	if (options.fingerprint.n > 0 && !sshkey_fingerprint_ok(options.fingerprint))
		return err(ERR_USAGE, "\"%s\": not a fingerprint", argv[2]);
	if (options.instance_id && !eic_instance_id_ok(str_of(options.instance_id)))
		return err(ERR_USAGE, "option --instance-id: \"%s\" is not an instance id", options.instance_id);
	if (options.output.restrict_to && (r = output_check_restrict(options.output.restrict_to)) < 0)
		return r;
	if (options.imds && options.ipv6)
		return err(ERR_USAGE, "options --imds and --ipv6: one of them");
	return 0;
}

/* The instance that keys must name: from the administrator, else from sysfs; empty where only the
 * metadata service knows it (Xen, or no check). False: this is no instance. */
static bool find_instance(struct machine *m)
{
	detect_machine(m, options.sysfs_root ? options.sysfs_root : "/sys");
	say_step("instance", "%s", m->why);
	if (!m->ec2 && !options.no_ec2_check) {
		say_note("instance", "EC2 Instance Connect was invoked on a non-instance and will do nothing.");
		return false;
	}
	if (options.instance_id && !str_copy(m->id, sizeof(m->id), str_of(options.instance_id)))
		return false;
	return true;
}

/* A name that would not stay one part of a path is nobody that a key was pushed for. */
static bool user_ok(void)
{
	if (eic_agent_user_ok(options.user))
		return true;
	say_note("user", "\"%.*s\" is no user name that a key can be pushed for", STR_ARG(options.user));
	return false;
}

/* What is printed in the end, in one write. */
static char output_storage[OUTPUT_MAX];
static struct buf output;

static void add_key(void *owner, const struct keyblob *block, const struct sshkey *key)
{
	output_add(owner, &options.output, block, key);
}

static enum offer_end ask(struct plan *p, const struct machine *m, unsigned *granted)
{
	struct offer o = {
		.now = clock_now(), .instance_id = str_of(m->id), .fingerprint = options.fingerprint,
		.grant = add_key, .owner = &output,
	};

	crypto_set_time(o.now);
	return offer_decide(p, &o, granted);
}

static int finish(const char *name, enum offer_end end)
{
	if (output.full) {
		say_note("output", "more keys than fit: none is printed");
		return EXIT_FAILED;
	}
	if (output.len > 0 && applet_print(name, buf_view(&output)) != EXIT_DONE)
		return EXIT_FAILED;
	return end == OFFER_UNTRUSTED ? EXIT_FAILED : EXIT_DONE;
}

static int answer(const char *name, const struct machine *m, struct deadline d)
{
	static struct plan plan;
	static unsigned char arena[ARENA_MAX];
	int64_t began = clock_mono_ms();
	struct say_end summary = { .status = EXIT_FAILED };
	enum offer_end end;

	if (options.ca && anchors_load(options.ca) < 0) {
		say_note("anchors", "%s", err_text());
		return applet_fail(name, ERR_SYSTEM);
	}
	if (plan_open(&plan, options.imds, options.ipv6, options.user, d) < 0)
		return usage(name);
	crypto_init(arena, sizeof(arena));
	output = buf_of(output_storage, sizeof(output_storage));
	end = ask(&plan, m, &summary.keys);
	summary.status = finish(name, end);
	summary.requests = plan_requests(&plan);
	summary.connections = plan_connections(&plan);
	summary.ms = clock_mono_ms() - began;
	plan_close(&plan);
	say_end(&summary);
	return summary.status;
}

static int authkeys_main(int argc, char **argv)
{
	const char *name = argv[0];
	struct machine m;
	int r;

	say_open(name, &(struct say_options){ 0 });
	r = applet_options(name, &spec, &argc, argv);
	if (r == EXIT_USAGE)
		say_note("usage", "%s", err_text());
	if (r >= 0)
		return r;
	say_open(name, &(struct say_options){ .verbose = options.verbose, .json = options.json });
	if (check_options(argc, argv) < 0)
		return usage(name);
	if (!user_ok() || !find_instance(&m))
		return EXIT_DONE;
	return answer(name, &m, deadline_in(options.timeout_ms));
}

const struct applet authkeys_applet = {
	.name = "authkeys",
	.aliases = { "eic_run_authorized_keys", "eic_curl_authorized_keys", "eic_parse_authorized_keys" },
	.summary = "the AuthorizedKeysCommand of sshd: prints the pushed keys of a user, proven",
	.main = authkeys_main,
};
