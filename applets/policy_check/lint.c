/* lint.c - --lint and --validate */
#include "check.h"
#include "eic/limits.h"
#include "iam/lint.h"

struct run {
	struct check *c;
	struct buf *out;
	struct json_out json;
	enum lint_severity fail_on;
	bool findings, malformed;
};

/* ---- one finding ---- */

static void add_text(struct run *run, const struct lint_finding *f, unsigned line, unsigned column,
	const char *words)
{
	buf_addf(run->out, "%s:%u:%u: %s %s: ", f->policy->source, line, column,
		lint_severity_words(f->code->severity), f->code->code);
	if (f->about.n > 0)
		buf_addf(run->out, "'%.*s' ", STR_ARG(f->about));
	buf_addf(run->out, "%s\n", words);
}

static void add_json(struct run *run, const struct lint_finding *f, unsigned line, unsigned column,
	const char *words)
{
	struct json_out *o = &run->json;

	json_open(o, '{');
	json_member(o, "code", f->code->code);
	json_member(o, "severity", lint_severity_words(f->code->severity));
	json_member(o, "policy", f->policy->source);
	json_name(o, "line");
	json_add_int(o, line);
	json_name(o, "column");
	json_add_int(o, column);
	json_name(o, "about");
	json_add_str(o, f->about);
	json_member(o, "words", words);
	json_close(o, '}');
}

static void add_finding(struct run *run, const struct lint_finding *f, const char *words)
{
	unsigned line, column;

	policy_place(f->policy, f->at, &line, &column);
	(run->c->json ? add_json : add_text)(run, f, line, column, words);
}

static void report(void *data, const struct lint_finding *f)
{
	struct run *run = data;

	if (f->code->severity >= run->fail_on)
		run->findings = true;
	add_finding(run, f, f->code->words);
}

/* What AWS would not take. */
static void report_refusals(struct run *run, const struct iam_policy *p)
{
	run->malformed = true;
	for (const struct iam_refusal *r = p->refused; r; r = r->next) {
		struct lint_finding f = { lint_code_find(r->code), p, r->at, { 0 } };

		add_finding(run, &f, r->words);
	}
}

/* ---- the files ---- */

/* A file that cannot be read does not keep the others from being looked at: err_text() tells why.
 */
static void skip_file(struct run *run, int e)
{
	run->malformed = true;
	(void)applet_fail(CHECK, e);
}

static void lint_file(
	struct run *run, const char *path, enum iam_kind kind, const struct iam_policy ***tail)
{
	struct iam_policy *p;
	int e = load_policy(run->c, kind, path, POLICY_LENIENT | POLICY_GO_ON, &p);

	if (e < 0 && e != ERR_FORMAT)
		return skip_file(run, e);
	if (e == ERR_FORMAT)
		report_refusals(run, p);
	if (e == 0 || p->n > 0)
		lint_policy(p, eic_api_user_ok, &run->c->arena, report, run);
	**tail = p;
	*tail = &p->next;
}

static int lint_files(struct run *run, int argc, char **argv)
{
	const struct opt_list *policies = &run->c->opt.policies;
	const struct iam_policy *all = NULL, **tail = &all;
	enum iam_kind kind;
	int e = load_kind(run->c->opt.policy_type, &kind);

	if (e == 0 && policies->n == 0 && argc < 2)
		e = err(ERR_USAGE, "--lint needs a policy");
	for (size_t i = 0; e == 0 && i < policies->n; i++)
		lint_file(run, policies->value[i], kind, &tail);
	for (int i = 1; e == 0 && i < argc; i++)
		lint_file(run, argv[i], kind, &tail);
	/* a policy that only limits grants nothing that could be too much */
	if (e < 0 || kind != IAM_IDENTITY)
		return e;
	if (!run->malformed)
		return lint_logins(all, eic_api_user_ok, &run->c->arena, report, run);
	(void)err(ERR_FORMAT, "who could log in is not looked at before all policies can be read");
	(void)applet_fail(CHECK, ERR_FORMAT);
	return 0;
}

static int set_severity(struct run *run, const char *words)
{
	for (unsigned s = LINT_LOW; s <= LINT_HIGH; s++)
		if (!words || str_is(str_of(words), lint_severity_words((enum lint_severity)s))) {
			run->fail_on = (enum lint_severity)s;
			return 0;
		}
	return err(ERR_USAGE, "--fail-on '%s' is not high, medium or low", words);
}

int lint_run(struct check *c, int argc, char **argv)
{
	struct buf out = check_output();
	struct run run = { .c = c, .out = &out, .json = json_out(&out, 2) };
	int e = set_severity(&run, c->opt.fail_on);

	if (c->json)
		json_open(&run.json, '[');
	if (e == 0)
		e = lint_files(&run, argc, argv);
	if (c->json) {
		json_close(&run.json, ']');
		buf_putc(&out, '\n');
	}
	return check_end(&out, e,
		run.malformed          ? EXIT_USAGE
			: run.findings ? EXIT_FAILED
				       : EXIT_DONE);
}

void lint_help(struct buf *out)
{
	buf_puts(out, "Codes of --lint, with the severity that --fail-on compares:\n\n");
	for (size_t i = 0; i < lint_code_count; i++) {
		const struct lint_code *c = &lint_codes[i];
		size_t from = out->len;

		buf_addf(out, "  %s %s", lint_severity_words(c->severity), c->code);
		do
			buf_putc(out, ' ');
		while (out->len < from + 44);
		buf_addf(out, "... %s\n", c->words);
	}
}

/* ---- --validate ---- */

static void validate_file(struct run *run, const char *path, enum iam_kind kind)
{
	struct iam_policy *p;
	int e = load_policy(run->c, kind, path, POLICY_GO_ON, &p);

	if (e < 0 && e != ERR_FORMAT)
		return skip_file(run, e);
	run->malformed = run->malformed || e < 0;
	for (const struct iam_refusal *r = e < 0 ? p->refused : NULL; r; r = r->next) {
		unsigned line, column;

		policy_place(p, r->at, &line, &column);
		(void)err(e, "%s:%u:%u: %s", path, line, column, r->words);
		(void)applet_fail(CHECK, e);
	}
}

int validate_run(struct check *c, int argc, char **argv)
{
	struct run run = { .c = c };
	enum iam_kind kind;
	int e = load_kind(c->opt.policy_type, &kind);

	if (e == 0 && c->opt.policies.n == 0 && argc < 2)
		e = err(ERR_USAGE, "--validate needs a policy");
	for (size_t i = 0; e == 0 && i < c->opt.policies.n; i++)
		validate_file(&run, c->opt.policies.value[i], kind);
	for (int i = 1; e == 0 && i < argc; i++)
		validate_file(&run, argv[i], kind);
	if (e < 0)
		return check_fail(e);
	return run.malformed ? EXIT_USAGE : EXIT_DONE;
}
