/* metadata_mock.c - the metadata service and the EC2 Instance Connect API, offline */
#include "applet.h"
#include "base/clock.h"
#include "config.h"
#include "metadata_mock/control.h"
#include "metadata_mock/options.h"

/* an option that a build without TLS does not know */
#define TLS(words) (CONFIG_TLS ? (words) : NULL)
enum { PRINTED_MAX = 64 * 1024 * 1024 };

static int print_world(const struct options *o)
{
	struct world w = { 0 };
	void *p = world_map(PRINTED_MAX);
	struct buf out;
	int r = p ? world_open(&w, o->config, clock_now()) : err_errno("memory");

	if (r < 0)
		return applet_fail(NAME, r);
	out = buf_of(p, PRINTED_MAX);
	world_print(&w, &out);
	return buf_check(&out, "world") < 0 ? applet_fail(NAME, ERR_LIMIT)
					    : applet_print(NAME, buf_view(&out));
}

static int ask(const struct options *o, int argc, char **argv)
{
	BUF(reply, CONTROL_REPLY_MAX);
	int r = control_ask(o->control, argc - 1, argv + 1, &reply);

	return r < 0 ? applet_fail(NAME, r) : applet_print(NAME, buf_view(&reply));
}

static int metadata_mock_main(int argc, char **argv)
{
	static struct options o;
	const struct opt opts[] = {
		{ OPT_LIST | 'l', "listen", "ADDR:PORT",
			"where both are served [" MOCK_LISTEN "]; port 0: any; several times",
			.list = &o.listen },
		{ OPT_LIST, "imds-listen", "ADDR:PORT", "where only the metadata service is",
			.list = &o.imds },
		{ OPT_LIST, "api-listen", "ADDR:PORT", "where only the APIs are", .list = &o.api },
		{ OPT_LIST, TLS("tls-listen"), "ADDR:PORT",
			TLS("where only the APIs are, over TLS, under the same root"),
			.list = &o.tls },
		{ 0, "expose", NULL, "allow addresses that other machines can reach",
			.flag = &o.expose },
		{ OPT_LIST, "host", "NAME",
			"a name that may stand in Host, besides addresses and localhost",
			.list = &o.hosts },
		{ 'c', "config", "FILE", "the world to play, as JSON; SIGHUP reads it again",
			.value = &o.config },
		{ 0, "print-config", NULL, "print the world with all its defaults, and end",
			.flag = &o.print_config },
		{ 0, "state", "DIR", "keep keys and certificates there [make new ones]",
			.value = &o.state },
		{ 0, "ca-out", "FILE", "write the root certificate there, as PEM",
			.value = &o.ca_out },
		{ 0, "key-ttl", "SECONDS", "how long a pushed key lives [60]",
			.value = &o.key_ttl },
		{ 0, "cloudtrail", "FILE", "append a JSON record for each call",
			.value = &o.trail },
		{ 0, "cloudtrail-dir", "DIR",
			"write log files there, named as CloudTrail names them",
			.value = &o.trail_dir },
		{ 'I', "imdsv2-only", NULL, "refuse metadata requests without a token",
			.flag = &o.imdsv2_only },
		{ 0, "v1-ignores-token", NULL,
			"where tokens are optional, ignore a bad one instead of 401",
			.flag = &o.loose_v1 },
		{ 0, "smithy-statuses", NULL,
			"API errors with the statuses of the Smithy model, not the live ones",
			.flag = &o.smithy },
		{ 0, "spot-action", "ACTION", "this instance is to terminate, stop or hibernate",
			.value = &o.spot_action },
		{ 0, "spot-time", "TIME", "when [in two minutes]", .value = &o.spot_time },
		{ 0, "rebalance-time", "TIME", "when the recommendation to rebalance was given",
			.value = &o.rebalance_time },
		{ 0, "event-code", "CODE", "a scheduled event, such as system-reboot",
			.value = &o.event_code },
		{ 0, "event-state", "STATE", "active (default), completed or canceled",
			.value = &o.event_state },
		{ 0, "event-not-before", "TIME", "[now]", .value = &o.not_before },
		{ 0, "event-not-after", "TIME", "[in a week]", .value = &o.not_after },
		{ 0, "event-deadline", "TIME", "[in nine days]", .value = &o.deadline },
		{ 0, "asg-termination", NULL, "the auto scaling group ends this instance",
			.flag = &o.asg_termination },
		{ 0, "delay", "SECONDS", "when all these begin to show [0]", .value = &o.delay },
		{ OPT_LIST, "fault", "WORDS", "what goes wrong from the start; see below",
			.list = &o.faults },
		{ 0, "control", "SOCK",
			"a socket that takes faults; with words: send them to the mock there",
			.value = &o.control },
		{ 'v', "verbose", NULL, "tell each request, and why a call fails",
			.flag = &o.verbose },
		{ 0 },
	};
	const struct opt_spec spec = {
		.args = "",
		.summary = "Plays the metadata service and the EC2 Instance Connect API, offline.",
		.opts = opts,
		.more = "Stops on SIGTERM. Without --config there is one account with one "
			"instance, i-0123456789abcdef0 in\n"
			"us-east-1, the user admin who may do everything and the user operator who "
			"may push keys for ec2-user.\n"
			"\n"
			"Faults, for --fault and --control: show; clear; off PREFIX; on PREFIX "
			"with some of status=N error=NAME\n"
			"delay=MS cut=BYTES times=N every=N drop garbage, where PREFIX is a path "
			"or an "
			"action; wrong-salt, wrong-signer,\n"
			"expired-leaf, sha256-names, local-zone on|off; leaf-name NAME|right; "
			"staple good|revoked|unknown|missing|\n"
			"stale; clock SECONDS; throttle PER-SECOND.\n"
			"\n"
			"Not proven is the signature of a web identity token; its issuer, claims "
			"and expiry count.\n"
			"\n"
			"Exit status: 0 stopped by a signal, 1 failed, 2 wrong usage.\n"
			"\n"
			"Example: metadata-mock --state /tmp/mock --ca-out /tmp/mock-ca.pem "
			"--cloudtrail /tmp/trail.jsonl\n",
	};
	int status = applet_options(NAME, &spec, &argc, argv);

	if (status >= 0)
		return status;
	if (argc > 1 && o.control)
		return ask(&o, argc, argv);
	if (argc > 1)
		return applet_usage(NAME, "%s: no arguments are taken", argv[1]);
	return o.print_config ? print_world(&o) : mock_run(&o);
}

const struct applet metadata_mock_applet = {
	.name = NAME,
	.summary = "the metadata service and the EC2 Instance Connect API, offline",
	.main = metadata_mock_main,
};
