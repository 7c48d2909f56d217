/* authkeys.c - sshd's AuthorizedKeysCommand: the pushed keys of a user, proven */
#include <string.h>

#include "applets/applet.h"
#include "applets/authkeys/anchors.h"
#include "applets/authkeys/authkeys.h"
#include "applets/authkeys/chain.h"
#include "applets/authkeys/detect.h"
#include "applets/authkeys/offer.h"
#include "applets/authkeys/offline.h"
#include "applets/authkeys/output.h"
#include "applets/authkeys/say.h"
#include "applets/authkeys/writer.h"
#include "base/clock.h"
#include "base/sandbox.h"
#include "config.h"
#include "crypto/crypto.h"
#include "eic/limits.h"

#define ARENA_MAX (128 * 1024) /* ten certificates and what proves them need less than half */
#define CHAIN_REST_MS 500      /* at least so long of the time is left to hear the other command */

static struct authkeys_options options;

/* options of what is left out are no options */
#define WRITER(words) (CONFIG_AUTHKEYS_WRITER ? (words) : NULL)
#define CHAIN(words) (CONFIG_AUTHKEYS_CHAIN ? (words) : NULL)
#define OFFLINE(words) (CONFIG_AUTHKEYS_OFFLINE ? (words) : NULL)

static const struct opt rows[] = {
	{ 0, "imds", "URL", "the metadata service [http://169.254.169.254, then --ipv6]",
		.value = &options.imds },
	{ '6', "ipv6", NULL, "ask at " IMDS_IPV6 " only", .flag = &options.ipv6 },
	{ 0, "ca", "FILE|DIR", "trust these certificates in place of Amazon's",
		.value = &options.ca },
	{ 0, "instance-id", "ID", "the instance that keys must name [DMI]",
		.value = &options.instance_id },
	{ 0, "no-ec2-check", NULL, "go on where sysfs shows no EC2 instance",
		.flag = &options.no_ec2_check },
	{ 0, "sysfs-root", "DIR", "where sysfs stands [/sys]", .value = &options.sysfs_root },
	{ 0, "timeout", "SECONDS", "for the whole run [5]", .value = &options.timeout },
	{ 0, "caller-env", NULL,
		"add environment=\"EIC_CALLER=ARN\" (sshd needs PermitUserEnvironment)",
		.flag = &options.output.caller_env },
	{ 0, "expiry-option", NULL, "add expiry-time=\"...Z\" (OpenSSH 9.1 and later)",
		.flag = &options.output.expiry },
	{ 0, "restrict", "OPTS", "add these options of authorized_keys: restrict,pty and the like",
		.value = &options.output.restrict_to },
	{ 0, CHAIN("chain"), "COMMAND",
		CHAIN("run this AuthorizedKeysCommand too, and join its keys"),
		.value = &options.chain },
	{ 0, WRITER("watch"), NULL, WRITER("stay, and keep the file of --output up to date"),
		.flag = &options.watch },
	{ 0, WRITER("output"), "FILE",
		WRITER("of --watch: the authorized_keys file to write a block of"),
		.value = &options.output_file },
	{ 0, OFFLINE("offline"), NULL, OFFLINE("prove keys in files: see --offline --help"),
		.flag = &options.offline },
	{ 'v', "verbose", NULL, "explain every step on stderr", .flag = &options.verbose },
	{ 0, "json", NULL, "the same as lines of JSON", .flag = &options.json },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "USER [FINGERPRINT]",
	.summary = "Prints the public keys that were pushed for USER with EC2 Instance Connect, "
		   "each proven: signer, chain,\n"
		   "revocation, instance, expiry and signature. With FINGERPRINT, only that key.",
	.opts = rows,
	.more = "In sshd_config:\n\n"
		"  AuthorizedKeysCommand /usr/bin/authkeys %u %f\n"
		"  AuthorizedKeysCommandUser ec2-instance-connect\n\n"
		"Exit status: 0 done, also when there is nothing to say; 1 keys were offered, but "
		"the signer, its chain,\n"
		"a staple or every signature failed; 2 wrong usage. Reasons are in the log "
		"(authpriv.info).\n",
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
		r = opt_number("--timeout", options.timeout, 1, EIC_SECONDS_MAX, &seconds);
	options.timeout_ms = seconds * 1000;
	return r;
}

/* The file that other servers read knows nothing of sshd's options. */
static int check_watch(void)
{
	const struct output_options *o = &options.output;

	if (options.offline)
		return err(ERR_USAGE, "option --offline: only as the first one");
	if (options.watch != (options.output_file != NULL))
		return err(ERR_USAGE, "options --watch and --output: each needs the other");
	if (options.watch &&
		(o->caller_env || o->expiry || o->restrict_to || options.chain ||
			options.fingerprint.n > 0))
		return err(ERR_USAGE,
			"option --watch: not with a fingerprint, --chain, or options for the keys");
	return 0;
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
		return err(ERR_USAGE, "option --instance-id: \"%s\" is not an instance id",
			options.instance_id);
	if (options.output.restrict_to &&
		(r = output_check_restrict(options.output.restrict_to)) < 0)
		return r;
	if (options.imds && options.ipv6)
		return err(ERR_USAGE, "options --imds and --ipv6: one of them");
	return check_watch();
}

/* The instance that keys must name: from the administrator, else from sysfs; empty where only the
 * metadata service knows it (Xen, or no check). False: this is no instance. */
static bool find_instance(struct machine *m)
{
	detect_machine(m, options.sysfs_root ? options.sysfs_root : "/sys");
	say_step("instance", "%s", m->why);
	if (!m->ec2 && !options.no_ec2_check) {
		say_note("instance",
			"EC2 Instance Connect was invoked on a non-instance and will do nothing.");
		return false;
	}
	return !options.instance_id || str_copy(m->id, sizeof(m->id), str_of(options.instance_id));
}

/* A name that would not stay one part of a path is nobody that a key was pushed for. */
static bool user_ok(void)
{
	if (eic_agent_user_ok(options.user))
		return true;
	say_note("user", "\"%.*s\" is no user name that a key can be pushed for",
		STR_ARG(options.user));
	return false;
}

void authkeys_start_crypto(int64_t now)
{
	static unsigned char arena[ARENA_MAX];
	static bool started;

	if (!started)
		crypto_init(arena, sizeof(arena));
	started = true;
	crypto_set_time(now);
}

void authkeys_confine(const struct sandbox *what)
{
	unsigned held = sandbox_enter(what);

	say_step("sandbox", "no_new_privs %s, Landlock %s, seccomp %s",
		held & SANDBOX_NO_NEW_PRIVS ? "holds" : "missing",
		held & SANDBOX_LANDLOCK ? "holds" : "missing",
		held & SANDBOX_SECCOMP ? "holds" : "missing");
}

/* What is printed in the end, in one write. */
static char output_storage[EIC_OUTPUT_MAX];
static struct buf output;

static void add_key(void *owner, const struct keyblob *block, const struct sshkey *key)
{
	output_add(owner, &options.output, block, key);
}

static struct plan plan;

static enum offer_end ask(const struct machine *m, struct say_end *summary, struct deadline d)
{
	struct offer o = {
		.now = clock_now(),
		.fingerprint = options.fingerprint,
		.grant = add_key,
		.owner = &output,
	};
	enum offer_end end;

	o.instance_id = str_of(m->id);
	plan_again(&plan, d);
	end = offer_decide(&plan, &o, &summary->keys);
	summary->requests = plan_requests(&plan);
	summary->connections = plan_connections(&plan);
	summary->rounds = plan_rounds(&plan);
	plan_close(&plan);
	return end;
}

/* Half a list of keys is none: sshd must not take what was cut for what was meant. */
static void drop_if_full(size_t keep)
{
	if (!output.full)
		return;
	say_note("output", "more keys than fit: they are left out");
	output.len = keep;
	output.full = false;
}

/* Our keys, then those of the other command; neither can take away the other's. */
static int answer(const char *name, bool ready)
{
	int64_t began = clock_mono_ms();
	struct deadline whole = deadline_in(options.timeout_ms);
	struct deadline ours = deadline_in(
		options.timeout_ms - (options.chain ? CHAIN_REST_MS : 0));
	struct say_end summary = { .status = ready ? EXIT_DONE : EXIT_USAGE };
	struct machine m;
	bool may_ask = ready && user_ok() && find_instance(&m);
	enum offer_end end = OFFER_NOTHING;
	size_t own;

	output = buf_of(output_storage, sizeof(output_storage));
	authkeys_confine(&(struct sandbox){ .child = chain_child() });
	if (may_ask)
		end = ask(&m, &summary, ours);
	if (end == OFFER_UNTRUSTED || end == OFFER_NO_SIGNER)
		summary.status = EXIT_FAILED;
	drop_if_full(0);
	own = output.len;
	chain_join(&output, whole);
	drop_if_full(own);
	if (output.len > own)
		summary.status = EXIT_DONE;
	if (output.len > 0 && applet_print(name, buf_view(&output)) != EXIT_DONE)
		summary.status = EXIT_FAILED;
	summary.ms = clock_mono_ms() - began;
	say_end(&summary);
	return summary.status;
}

static int watch(const char *name)
{
	struct machine m;

	return user_ok() && find_instance(&m) ? writer_run(name, &options, &plan, str_of(m.id))
					      : EXIT_DONE;
}

/* What the options name must be there before anything else. */
static int prepare(void)
{
	int r = options.ca ? anchors_load(options.ca) : 0;

	if (r < 0)
		return err_in(ERR_USAGE, "option --ca");
	return plan_open(&plan, options.imds, options.ipv6, options.user, (struct deadline){ 0 });
}

static int run(const char *name, int argc, char **argv)
{
	bool console = CONFIG_AUTHKEYS_WRITER && options.watch;
	int status = EXIT_DONE;

	say_open(name,
		&(struct say_options){
			.verbose = options.verbose, .json = options.json, .console = console });
	if (check_options(argc, argv) < 0 ||
		(options.chain && chain_start(options.chain, options.user.p) < 0))
		return usage(name);
	if (prepare() < 0)
		status = usage(name);
	if (console)
		return status == EXIT_DONE ? watch(name) : status;
	return answer(name, status == EXIT_DONE);
}

static int offline(const char *name, int argc, char **argv)
{
	say_open(name, &(struct say_options){ .verbose = false });
	return offline_main(name, argc, argv);
}

static int authkeys_main(int argc, char **argv)
{
	const char *name = argv[0];
	int r;

	if (strcmp(name, "eic_parse_authorized_keys") == 0)
		return offline(name, argc, argv);
	if (argc > 1 && strcmp(argv[1], "--offline") == 0)
		return offline(name, argc - 1, argv + 1);
	r = applet_options(name, &spec, &argc, argv);
	if (r == EXIT_USAGE) {
		say_open(name, &(struct say_options){ .verbose = false });
		say_note("usage", "%s", err_text());
	}
	return r >= 0 ? r : run(name, argc, argv);
}

const struct applet authkeys_applet = {
	.name = "authkeys",
	.aliases = { "eic_run_authorized_keys", "eic_curl_authorized_keys",
		"eic_parse_authorized_keys" },
	.summary = "the AuthorizedKeysCommand of sshd: prints the pushed keys of a user, proven",
	.main = authkeys_main,
};
