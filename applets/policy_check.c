/* policy_check.c - may this principal log in to this instance as this user, and why */
#include <string.h>
#include <sys/mman.h>

#include "applets/policy_check/check.h"

static struct check check;
static unsigned char memory[CHECK_MEMORY];
static char output[CHECK_OUTPUT];

struct buf check_output(void)
{
	return buf_of(output, sizeof(output));
}

int check_fail(int e)
{
	(void)applet_fail(CHECK, e);
	return EXIT_USAGE;
}

int check_end(const struct buf *out, int e, int status)
{
	if (e == 0)
		e = buf_check(out, "the answer");
	if (e < 0)
		return check_fail(e);
	return applet_print(CHECK, buf_view(out)) == EXIT_DONE ? status : EXIT_USAGE;
}

static const struct opt rows[] = {
	{ OPT_LIST | 'p', "policy", "FILE",
		"an identity-based policy of the principal; several may be given; - is standard "
		"input",
		.list = &check.opt.policies },
	{ OPT_LIST, "scp", "NODE=FILE",
		"a service control policy of a node, root first; NODE= has none",
		.list = &check.opt.scps },
	{ OPT_LIST, "rcp", "NODE=FILE", "a resource control policy", .list = &check.opt.rcps },
	{ 0, "boundary", "FILE", "the permissions boundary", .value = &check.opt.boundary },
	{ 0, "session-policy", "FILE", "the policy of the session",
		.value = &check.opt.session_policy },
	{ 0, "vpce-policy", "FILE", "the policy of the VPC endpoint",
		.value = &check.opt.endpoint_policy },
	{ 0, "resource-policy", "FILE", "the policy of the resource; instances have none",
		.value = &check.opt.resource_policy },
	{ 0, "principal", "ARN",
		"the user, role, session of a role, federated user or root who asks",
		.value = &check.opt.principal },
	{ OPT_LIST | 'i', "instance", "ID", "the instance, or the endpoint (eice-...) for tunnel",
		.list = &check.opt.instances },
	{ 'r', "region", "REGION", "where it is", .value = &check.opt.region },
	{ 0, "account", "ID", "the account it belongs to [the principal's]",
		.value = &check.opt.account },
	{ 0, "resource", "ARN", "any other resource, or *", .value = &check.opt.resource },
	{ 0, "resource-account", "ID", "who owns a resource whose ARN does not say so",
		.value = &check.opt.resource_account },
	{ 'u', "os-user", "USER", "whom to log in as: ec2:osuser", .value = &check.opt.user },
	{ 'a', "action", "ACTION", "push (default), serial, tunnel or service:Name",
		.value = &check.opt.action },
	{ 0, "remote-port", "N", "of a tunnel", .value = &check.opt.remote_port },
	{ 0, "private-ip", "ADDRESS", "of a tunnel", .value = &check.opt.private_ip },
	{ 0, "max-duration", "SECONDS", "of a tunnel [3600]", .value = &check.opt.max_duration },
	{ 0, "source-ip", "ADDRESS", "aws:SourceIp", .value = &check.opt.source_ip },
	{ 0, "mfa", "HOW", "yes, no or absent: aws:MultiFactorAuthPresent",
		.value = &check.opt.mfa },
	{ OPT_LIST | 't', "tag", "K=V",
		"a tag of the instance before it, or of all: aws: and ec2:ResourceTag/K",
		.list = &check.opt.tags },
	{ OPT_LIST, "principal-tag", "K=V", "a tag of the principal",
		.list = &check.opt.principal_tags },
	{ 0, "time", "TIME", "aws:CurrentTime [now]", .value = &check.opt.time },
	{ OPT_LIST | 'c', "context", "KEY=VALUE",
		"any condition key; again for a further value, of keys that have several",
		.list = &check.opt.contexts },
	{ 0, "context-file", "FILE", "a JSON object of keys; null: known to be absent",
		.value = &check.opt.context_file },
	{ 0, "exact-context", NULL, "what is given is all there is: nothing is derived",
		.flag = &check.opt.exact },
	{ 0, "assume-absent", NULL, "keys that are not stated are absent",
		.flag = &check.opt.assume_absent },
	{ 'e', "expect", "DECISION", "allowed, implicitDeny, explicitDeny or denied: exit 0 if so",
		.value = &check.opt.expect },
	{ 'o', "output", "FORMAT", "text (default) or json", .value = &check.opt.output },
	{ 'x', "explain", NULL,
		"a row for each condition, and the nearest misses; --explain --help: open points",
		.flag = &check.opt.explain },
	{ 'b', "batch", "FILE", "one case a line (JSON), one answer a line",
		.value = &check.opt.batch },
	{ 0, "what-users", NULL,
		"the decision for root, all who are named or match, and anyone else",
		.flag = &check.opt.what_users },
	{ 0, "users", "A,B,...", "the same for these users", .value = &check.opt.users },
	{ 0, "what-principals", "FILE",
		"root and every user and role of 'aws iam get-account-authorization-details'",
		.value = &check.opt.accounts },
	{ 'l', "lint", NULL,
		"what could go wrong with these policies; --lint --help lists the codes",
		.flag = &check.opt.lint },
	{ 0, "fail-on", "SEVERITY", "of --lint: high, medium or low (default)",
		.value = &check.opt.fail_on },
	{ 0, "validate", NULL, "only whether these files are policies",
		.flag = &check.opt.validate },
	{ 0, "policy-type", "TYPE",
		"of --lint and --validate: identity (default), boundary, session, scp, rcp, vpce, "
		"resource",
		.value = &check.opt.policy_type },
	{ 0 },
};

static const char more[] = "Exit status: 0 allowed, or as expected; 1 denied, or not; 2 no answer: "
			   "wrong usage, a policy that cannot\n"
			   "be read, standard output that cannot be written; 4 undetermined: "
			   "something that was not stated could\n"
			   "change the answer. --batch: 2 when a line was bad, 1 when a line's own "
			   "\"expect\" was not met, else 0.\n"
			   "--lint: 1 for findings, 2 for a malformed policy.\n"
			   "\n"
			   "JSON (-o json) of --what-users: a list of {resource, user, kind: name, "
			   "pattern or anyoneElse, patterns: [],\n"
			   "askedAs, decision, undetermined}. Of --what-principals: a list of "
			   "{principal, resource, allowed and undetermined:\n"
			   "{users: [], patterns: [[]], anyoneElse}, missingContext: [], problems: "
			   "[]}; a name of patterns matches all of one\n"
			   "list. Who may be root: jq '.[] | select(.allowed.users | "
			   "index(\"root\")) | .principal'\n"
			   "\n"
			   "Example: eicbox policy-check -p policy.json --principal "
			   "arn:aws:iam::111122223333:user/ann \\\n"
			   "         -i i-0123456789abcdef0 -r eu-west-1 -u root";

static const struct opt_spec spec = {
	.args = "[FILE...]",
	.summary = "Says whether IAM would let this principal log in to this instance as this "
		   "user, and why.",
	.opts = rows,
	.more = more,
};

/* ---- one decision ---- */

static int decide(struct check *c)
{
	static struct iam_context context;
	struct iam_request r;
	static struct iam_answer a;
	struct buf out = check_output();
	struct json_out json = json_out(&out, 2);
	int e;

	if (!c->opt.principal || c->targets == 0)
		return applet_usage(CHECK, "--principal is needed, and --instance or --resource");
	e = ask_request(c, &c->principal, &c->target[0], c->opt.user, &context, &r);
	if (e < 0)
		return check_fail(e);
	if (r.eic > EIC_PUSH && c->opt.user)
		return applet_usage(CHECK, "--os-user is no part of this action");
	iam_eval(&a, &r, c->layer, c->layers);
	if (c->json) {
		report_json(&json, c, &a, &r);
		buf_putc(&out, '\n');
	} else {
		report_text(&out, c, &a, &r);
	}
	return check_end(&out, 0, report_status(c, &a, c->opt.expect));
}

/* ---- modes ---- */

static bool asks_for(int argc, char **argv, const char *option)
{
	bool asked = false, help = false;

	for (int i = 1; i < argc; i++) {
		asked = asked || !strcmp(argv[i], option);
		help = help || !strcmp(argv[i], "--help");
	}
	return asked && help;
}

static int special_help(int argc, char **argv)
{
	struct buf out = check_output();

	if (asks_for(argc, argv, "--lint"))
		lint_help(&out);
	else if (asks_for(argc, argv, "--explain"))
		buf_addf(&out, "%s\n", explain_help());
	else
		return -1;
	return applet_print(CHECK, buf_view(&out));
}

static bool is_push(const char *action)
{
	return !action || str_is(str_of(action), "push") ||
		str_ieq(str_of(action), STR("ec2-instance-connect:SendSSHPublicKey"));
}

/* An option that the mode would not look at is a mistake: the caller thinks that it counts. */
static int check_mode(const struct check_options *o)
{
	const bool reads = o->lint || o->validate, table = o->what_users || o->accounts;
	const struct {
		bool wrong;
		const char *words;
	} rules[] = {
		{ o->lint + o->validate + (o->batch != NULL) + (o->what_users && !o->accounts) +
					(o->accounts != NULL) >
				1,
			"--lint, --validate, --batch, --what-users and --what-principals exclude "
			"each other" },
		{ o->accounts && o->what_users && !o->users,
			"--what-principals asks about all users by itself" },
		{ reads &&
				(o->scps.n + o->rcps.n + o->instances.n > 0 || o->boundary ||
					o->session_policy || o->endpoint_policy ||
					o->resource_policy || o->principal || o->resource ||
					o->user || o->action || o->tags.n > 0 ||
					o->principal_tags.n > 0 || o->contexts.n > 0 ||
					o->context_file || o->source_ip || o->mfa || o->time ||
					o->remote_port || o->private_ip || o->max_duration ||
					o->exact || o->assume_absent),
			"--lint and --validate look at -p and FILEs only" },
		{ !reads && (o->policy_type || o->fail_on),
			"--policy-type and --fail-on belong to --lint and --validate" },
		{ (reads || table) && o->expect, "--expect needs one decision, or --batch" },
		{ table && !is_push(o->action), "only push has an OS user" },
		{ table && o->user, "--os-user is one user, and this is about all of them" },
		{ o->accounts && (o->principal || o->policies.n > 0 || o->boundary),
			"--what-principals has its principals and their policies from its file" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			return err(ERR_USAGE, "%s", rules[i].words);
	return 0;
}

static int check_words(struct check *c, int argc)
{
	struct str format = str_of(c->opt.output ? c->opt.output : "text");

	c->json = str_is(format, "json");
	if (!c->json && !str_is(format, "text"))
		return err(ERR_USAGE, "--output '%s' is not text or json", c->opt.output);
	if (c->opt.expect && !report_expect_known(c->opt.expect))
		return err(ERR_USAGE,
			"--expect '%s' is not allowed, implicitDeny, explicitDeny or denied",
			c->opt.expect);
	if (c->opt.users)
		c->opt.what_users = true;
	if (argc > 1 && !c->opt.lint && !c->opt.validate)
		return err(
			ERR_USAGE, "files go behind --policy, except with --lint and --validate");
	return check_mode(&c->opt);
}

static int run(struct check *c, int argc, char *const *argv)
{
	int e = load_layers(c);

	if (e == 0)
		e = ask_prepare(c, argc, argv);
	if (e < 0)
		return check_fail(e);
	if (c->targets > 1 && !c->opt.what_users && !c->opt.accounts)
		return applet_usage(CHECK, "several instances make sense in a table only");
	if (c->opt.batch)
		return batch_run(c);
	if (c->opt.accounts)
		return accounts_run(c);
	return c->opt.what_users ? users_run(c) : decide(c);
}

/* The details of an account list every policy that AWS manages. What is not touched costs nothing.
 */
static struct arena make_arena(const struct check_options *o)
{
	void *p = MAP_FAILED;

	if (o->accounts)
		p = mmap(NULL, CHECK_ACCOUNT_MEMORY, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return p == MAP_FAILED ? arena_of(memory, sizeof(memory))
			       : arena_of(p, CHECK_ACCOUNT_MEMORY);
}

enum { WORDS_MAX = 1024 };

static int policy_check_main(int argc, char **argv)
{
	static char *given[WORDS_MAX];
	int n = argc < WORDS_MAX ? argc : WORDS_MAX;
	int status = special_help(argc, argv), e;

	if (status >= 0)
		return status;
	memcpy(given, argv, (size_t)n * sizeof(given[0]));
	status = applet_options(CHECK, &spec, &argc, argv);
	if (status >= 0)
		return status;
	check.arena = make_arena(&check.opt);
	e = check_words(&check, argc);
	if (e < 0)
		return check_fail(e);
	if (check.opt.lint)
		return lint_run(&check, argc, argv);
	if (check.opt.validate)
		return validate_run(&check, argc, argv);
	return run(&check, n, given);
}

const struct applet policy_check_applet = {
	.name = CHECK,
	.summary = "say whether IAM allows a login, and why",
	.main = policy_check_main,
};
