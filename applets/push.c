/* push.c - sends a public key to an instance, as 'aws ec2-instance-connect send-ssh-public-key'
 * does */
#define _GNU_SOURCE /* environ */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applets/applet.h"
#include "applets/push/push.h"
#include "aws/endpoint.h"
#include "aws/transport.h"
#include "base/clock.h"
#include "base/log.h"
#include "config.h"
#include "crypto/crypto.h"
#include "eic/limits.h"
#include "version.h"

#define ARENA_MAX (192 * 1024)
#define ENDPOINT_MAX 1024
#define JOBS_DEFAULT 8
#define TIMEOUT_DEFAULT 60
#define USER_AGENT "eicbox/" EICBOX_VERSION
#define TIMEOUT_MAX 3600
#define REGION_MAX 64
/* options that a build without their subject does not know */
#define TLS(words) (CONFIG_TLS ? (words) : NULL)
#define NO_SENSE "makes no sense here"

static struct push push;
static char config_storage[2][CONFIG_FILE_MAX];
static char answer_storage[API_STORAGE];
static char work_storage[CREDS_WORK];
static char key_storage[SSHKEY_LINE_MAX];
static char bundle_storage[TLS_BUNDLE_MAX];
static char bundle_path[CONFIG_PATH_MAX];
static unsigned char arena[ARENA_MAX];

static const struct opt rows[] = {
	{ OPT_LIST | 'i', "instance-id", "ID",
		"the instance, such as i-1234567890abcdef0; can be given several times",
		.list = &push.options.instances },
	{ 0, "instances", "FILE", "instances, one a line or several; - is stdin",
		.value = &push.options.instances_file },
	{ 'j', "jobs", "N", "how many instances at once [8]", .value = &push.options.jobs },
	{ 'u', "instance-os-user", "USER", "who logs in there", .value = &push.options.user },
	{ 'k', "ssh-public-key", "KEY", "a path, file://PATH, or the key's text",
		.value = &push.options.key },
	{ 'z', "availability-zone", "ZONE", "where the instance is; need not be given",
		.value = &push.options.zone },
	{ 's', "serial", NULL, "for the serial console: SendSerialConsoleSSHPublicKey",
		.flag = &push.options.serial },
	{ 0, "serial-port", "N", "its port [0]", .value = &push.options.serial_port },
	{ 'r', "region", "REGION", "[AWS_REGION, AWS_DEFAULT_REGION, the profile's]",
		.value = &push.options.region },
	{ 'p', "profile", "NAME",
		"section of ~/.aws/config and ~/.aws/credentials [AWS_PROFILE, default]",
		.value = &push.options.profile },
	{ 'e', "endpoint-url", "URL", "send there instead of to AWS",
		.value = &push.options.endpoint },
	{ 0, TLS("ca-bundle"), "FILE",
		TLS("trust these certificates [AWS_CA_BUNDLE, the system's, Amazon's]"),
		.value = &push.options.ca_bundle },
	{ 0, TLS("no-verify-ssl"), NULL, TLS("do not check who answers"),
		.flag = &push.options.no_verify },
	{ 0, "cli-connect-timeout", "SECONDS", "0 for none [60]",
		.value = &push.options.connect_timeout },
	{ 0, "cli-read-timeout", "SECONDS", "0 for none [60]",
		.value = &push.options.read_timeout },
	{ 'o', "output", "FORMAT", "json or text [AWS_DEFAULT_OUTPUT, the profile's, json]",
		.value = &push.options.output },
	{ 0, "cli-input-json", "JSON", "the API's parameters: a text or file://PATH",
		.value = &push.options.input },
	{ 'n', "dry-run", NULL, "print the request instead, with secrets masked",
		.flag = &push.options.dry_run },
	{ 0, "debug", NULL, "say on stderr what is done", .flag = &push.options.debug },
	{ 0, "version", NULL, "print the version", .flag = &push.options.version },
	{ 0, "no-cli-pager", NULL, NULL, .flag = &push.options.ignored },
	{ 0, "color", "WHEN", NULL, .value = &push.options.color },
	{ 0, "no-cli-auto-prompt", NULL, NULL, .flag = &push.options.ignored },
	{ 0, "no-paginate", NULL, NULL, .flag = &push.options.ignored },
	{ 0, "cli-binary-format", "HOW", NULL, .value = &push.options.binary_format },
	{ OPT_REFUSED, "cli-auto-prompt", NULL, NULL, .refused = NO_SENSE },
	{ OPT_REFUSED, "query", "X", NULL, .refused = NO_SENSE },
	{ OPT_REFUSED, "cli-input-yaml", "X", NULL,
		.refused = "is not read: use --cli-input-json" },
	{ OPT_REFUSED, "no-sign-request", NULL, NULL, .refused = NO_SENSE },
	{ OPT_REFUSED, "generate-cli-skeleton", "X", NULL, .refused = NO_SENSE },
	{ 0 },
};

static const struct opt_spec spec = {
	.args = "",
	.summary = "Sends a public key to an instance through EC2 Instance Connect; it can log in "
		   "with it for 60\n"
		   "seconds. Takes the options of 'aws ec2-instance-connect send-ssh-public-key'.",
	.opts = rows,
	.more = "Exit status: 0 sent, 1 failed or refused, or no region or credentials found, 2 "
		"wrong usage: an\n"
		"option, parameter or setting that cannot be right, such as a profile that is not "
		"there. With several\n"
		"instances, a line each as it comes, and 1 when any failed.\n\n"
		"  push -i i-1234567890abcdef0 -u ec2-user -k ~/.ssh/id_ed25519.pub\n",
};

static int check_zone(void)
{
	struct str zone = str_of(push.options.zone);

	if (!push.options.zone)
		return 0;
	push.send_zone = eic_zone_ok(zone);
	/* names of local zones do not match the API's own pattern: better not to send them */
	if (!push.send_zone && eic_zone_region(zone).n == 0)
		return err(ERR_USAGE,
			"option --availability-zone: \"%s\" is not a zone such as us-east-1a",
			push.options.zone);
	return 0;
}

static int check_target(void)
{
	const struct push_options *o = &push.options;
	long port;

	if (o->serial && o->user)
		return err(ERR_USAGE, "option --instance-os-user: the serial console has no user");
	if (o->serial && o->zone)
		return err(ERR_USAGE, "option --availability-zone: not with --serial");
	if (!o->serial && o->serial_port)
		return err(ERR_USAGE, "option --serial-port: only with --serial");
	if (!o->serial && !o->user)
		return err(ERR_USAGE, "option --instance-os-user is missing");
	if (o->user && !eic_api_user_ok(str_of(o->user)))
		return err(ERR_USAGE,
			"option --instance-os-user: \"%s\" is not a user name that EC2 Instance "
			"Connect takes",
			o->user);
	return o->serial_port ? opt_number("--serial-port", o->serial_port, 0, 0, &port)
			      : check_zone();
}

static int timeout(const char *name, const char *value, int64_t *ms)
{
	long seconds = TIMEOUT_DEFAULT;
	int r = value ? opt_number(name, value, 0, TIMEOUT_MAX, &seconds) : 0;

	*ms = seconds * 1000;
	return r;
}

static int check_output(void)
{
	const char *output = push.options.output, *color = push.options.color;

	if (color && strcmp(color, "on") != 0 && strcmp(color, "off") != 0 &&
		strcmp(color, "auto") != 0)
		return err(ERR_USAGE, "option --color: on, off or auto, not \"%s\"", color);
	if (!output || strcmp(output, "text") == 0 || strcmp(output, "json") == 0)
		return 0;
	return err(ERR_USAGE, "option --output: \"%s\" " NO_SENSE ": json or text", output);
}

/* What is set for all of the AWS CLI is no mistake of this command: a form that we lack is JSON. */
static bool wants_text(const struct push *p)
{
	struct str set = config_setting(&p->config, "AWS_DEFAULT_OUTPUT", "output");

	return str_is(p->options.output ? str_of(p->options.output) : set, "text");
}

/* Everything that can be wrong with the words themselves; nothing has been read or sent yet. */
static int check_options(void)
{
	int r = push_input(&push.options, &push.config);

	if (r == 0)
		r = push_instances(&push);
	if (r == 0)
		r = check_target();
	push.jobs = JOBS_DEFAULT;
	if (r == 0 && push.options.jobs)
		r = opt_number("--jobs", push.options.jobs, 1, PUSH_JOBS_MAX, &push.jobs);
	if (r == 0 && !push.options.key)
		r = err(ERR_USAGE, "option --ssh-public-key is missing");
	if (r == 0 && push_key_empty(push.options.key))
		r = err(ERR_USAGE, "option --ssh-public-key: empty");
	if (r == 0)
		r = check_output();
	if (r == 0)
		r = timeout("--cli-connect-timeout", push.options.connect_timeout,
			&push.client.connect_ms);
	if (r == 0)
		r = timeout("--cli-read-timeout", push.options.read_timeout, &push.client.read_ms);
	return r;
}

static const char *environment(const char *name)
{
	return getenv(name);
}

static int prepare_client(struct push *p)
{
	struct transport_options o = { p->options.ca_bundle, p->options.no_verify, clock_now() };
	struct buf path = buf_of(bundle_path, sizeof(bundle_path));

	crypto_init(arena, sizeof(arena));
	p->client.ca_text = buf_of(bundle_storage, sizeof(bundle_storage));
	return transport_open(&p->client, &p->config, &o, &path);
}

static struct creds_world world(struct push *p)
{
	bool endless = p->client.connect_ms == 0 || p->client.read_ms == 0;

	return (struct creds_world){
		.config = &p->config,
		.client = &p->client,
		.retry = &p->retry,
		.region = p->region,
		.user_agent = USER_AGENT,
		.now = clock_now(),
		.patience_ms = endless ? 0 : p->client.connect_ms + p->client.read_ms,
		.environ = environ,
		.ask = push_ask,
		.storage = p->storage,
		.work = buf_of(work_storage, sizeof(work_storage)),
	};
}

/* On an instance that is told no region it is the instance's own. */
static int find_region(struct push *p)
{
	static char storage[REGION_MAX];
	struct buf region = buf_of(storage, sizeof(storage));
	struct creds_world w = world(p);
	int r = config_region(&p->config, p->options.region, &p->region);

	if (r != ERR_ABSENT || !CONFIG_CREDENTIAL_CHAIN || creds_region(&w, &region) < 0)
		return r;
	return config_region(&p->config, buf_text(&region), &p->region);
}

/* Whose keys, where to, and which key. */
static int prepare(struct buf *endpoint)
{
	struct push *p = &push;
	struct creds_world w;
	int r;

	p->key = buf_of(key_storage, sizeof(key_storage));
	p->storage = buf_of(answer_storage, sizeof(answer_storage));
	p->config.file = buf_of(config_storage[0], sizeof(config_storage[0]));
	p->config.credentials = buf_of(config_storage[1], sizeof(config_storage[1]));
	r = push_key(&p->key, &p->config, p->options.key);
	if (r == 0)
		r = config_open(&p->config, environment, p->options.profile);
	p->text_output = wants_text(p);
	if (r == 0)
		r = find_region(p);
	if (r == 0)
		r = endpoint_find(&p->endpoint, endpoint, &p->config, &endpoint_eic,
			p->options.endpoint, p->region);
	if (r == 0 && !p->options.dry_run)
		r = client_check(&p->endpoint);
	if (r == 0)
		r = prepare_client(p);
	if (r == 0)
		r = retry_open(&p->retry, &p->config);
	w = world(p);
	return r == 0 ? creds_find(&p->creds, &w) : r;
}

static int send_one(struct str instance)
{
	struct api_answer answer;
	struct push_result result = { 0 };
	BUF(out, 1024);
	int r = push_send(&push, instance, &answer);

	if (r == 0 && answer.error[0])
		return push_refuse(&push, instance, &answer);
	if (r == 0)
		r = push_read(&result, &answer);
	if (r < 0)
		return applet_fail(PUSH_NAME, err_in(ERR_NET, "%.*s", STR_ARG(instance)));
	push_show(&push, &result, &out);
	r = applet_print(PUSH_NAME, buf_view(&out));
	if (!result.success)
		r = applet_fail(PUSH_NAME, err_in(push_failed(&result), "%.*s", STR_ARG(instance)));
	return r;
}

static int dry_run(void)
{
	int status = EXIT_DONE;

	for (size_t i = 0; status == EXIT_DONE && i < push.n_instances; i++) {
		struct buf out = buf_of(work_storage, sizeof(work_storage));
		int r = push_dry_run(&push, str_of(push.instances[i]), &out);

		status = r < 0 ? applet_fail(PUSH_NAME, r)
			       : applet_print(PUSH_NAME, buf_view(&out));
	}
	return status;
}

static int send_all(void)
{
	if (push.options.dry_run)
		return dry_run();
	if (push.n_instances > 1 || push.options.instances_file)
		return push_many(&push);
	return send_one(str_of(push.instances[0]));
}

static int print_version(void)
{
	return applet_print(PUSH_NAME, STR("push (eicbox " EICBOX_VERSION ")\n"));
}

static int push_main(int argc, char **argv)
{
	const char *name = PUSH_NAME;
	int r = applet_options(name, &spec, &argc, argv);
	BUF(endpoint, ENDPOINT_MAX);

	if (r >= 0)
		return r;
	if (push.options.version)
		return print_version();
	if (argc > 1)
		return applet_usage(name, "\"%s\": not an option", argv[1]);
	push.config.env = environment;
	log_open(name, LOG_TO_STDERR, push.options.debug ? LOGLEVEL_DEBUG : LOGLEVEL_WARNING);
	r = check_options();
	if (r < 0)
		return applet_usage(name, "%s", err_text());
	r = prepare(&endpoint);
	r = r < 0 ? applet_fail(name, r) : send_all();
	client_close(&push.client);
	creds_close(&push.creds);
	config_close(&push.config);
	return r;
}

const struct applet push_applet = {
	.name = "push",
	.summary = "send a public key to EC2 Instance Connect",
	.main = push_main,
};
