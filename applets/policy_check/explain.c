/* explain.c - why: a row for each condition, and the nearest misses of a denial */
#include "check.h"

const char *explain_help(void)
{
	return "Where AWS leaves it open, --explain and all decisions take it so:\n"
	       "wildcards in an action's service match;\n"
	       "all parts of an ARN are compared with case, part by part, and an ARN condition of "
	       "fewer than six matches nothing;\n"
	       "several values of a key need ForAllValues or ForAnyValue;\n"
	       "ForAnyValue...IfExists holds for an absent key;\n"
	       "a variable that is absent makes its value match nothing, so that a negated "
	       "operator holds;\n"
	       "NotResource with an absent variable: an Allow does not apply, a Deny does;\n"
	       "a request value that the operator cannot read matches nothing, negated or not;\n"
	       "NotPrincipal in a Deny spares only whose account, role and session (or user) are "
	       "all listed;\n"
	       "the role of a session is known by aws:PrincipalArn, and has no path only with "
	       "--assume-absent or --exact-context;\n"
	       "four digits of a date are a year; an IPv4-mapped IPv6 address is IPv6.";
}

static void add_given(struct buf *out, const struct iam_test *t)
{
	const struct iam_fact *f = t->fact;

	if (!f) {
		buf_puts(out, t->result == TRUTH_UNKNOWN ? "not stated" : "absent");
		return;
	}
	if (f->absent)
		buf_puts(out, "absent");
	for (size_t i = 0; !f->absent && i < f->n; i++)
		buf_addf(out, i ? ", '%.*s'" : "'%.*s'", STR_ARG(fact_value(f, i)));
	if (f->derived)
		buf_puts(out, " (derived)");
}

static void add_values(struct buf *out, const struct iam_condition *c, struct iam_context *context)
{
	if (c->values.n != 1)
		buf_putc(out, '[');
	for (size_t i = 0; i < c->values.n; i++) {
		buf_puts(out, i ? ", '" : "'");
		condition_show(out, &c->values.v[i], context);
		buf_putc(out, '\'');
	}
	if (c->values.n != 1)
		buf_putc(out, ']');
}

static const char *truth_words(enum truth t)
{
	return t == TRUTH_YES ? "yes" : t == TRUTH_NO ? "no" : "?";
}

static void add_condition(
	struct buf *out, const struct iam_condition *c, struct iam_context *context)
{
	struct iam_test t = condition_test(c, context);

	buf_addf(out, "      %.*s %.*s ", STR_ARG(c->words), STR_ARG(c->key));
	add_values(out, c, context);
	buf_puts(out, " | request: ");
	add_given(out, &t);
	buf_addf(out, " | %s: %s\n", truth_words(t.result), t.why);
}

/* Which part of the ARN keeps the statement from matching, when it is one that can be named. */
static void add_resource_miss(
	struct buf *out, const struct iam_statement *s, const struct iam_request *r)
{
	static const char *const names[] = { [ARN_PARTITION] = "partition",
		[ARN_SERVICE] = "service",
		[ARN_REGION] = "region",
		[ARN_ACCOUNT] = "account",
		[ARN_RESOURCE] = "resource" };

	for (size_t i = 0; !s->not_resource && i < s->resources.n; i++) {
		const struct iam_value *v = &s->resources.v[i];

		buf_addf(out, "      Resource '%.*s' | no", STR_ARG(v->raw));
		for (unsigned p = ARN_PARTITION; v->arn && r->arn.n == 6 && p <= ARN_RESOURCE; p++)
			if (!match_has_variables(v->arn->part[p]) &&
				!match_wild(v->arn->part[p], r->arn.part[p])) {
				buf_addf(out, ": the request's %s is '%.*s'", names[p],
					STR_ARG(r->arn.part[p]));
				break;
			}
		buf_putc(out, '\n');
	}
}

static enum truth names(
	const struct iam_statement *s, const struct iam_request *r, const struct iam_answer *a)
{
	struct iam_named n = statement_names(s, r, a->bounded);

	return iam_named_at_all(&n);
}

static void explain_statement(struct buf *out, const struct iam_statement *s,
	const struct iam_request *r, const struct iam_answer *a)
{
	enum truth resource = statement_has_resource(s, r);
	enum truth conditions = conditions_hold(s->conditions, r->context);

	if (!statement_has_action(s, r))
		return;
	buf_addf(out, "  %s ", s->deny ? "Deny " : "Allow");
	report_statement(out, s);
	buf_addf(out, ": action yes, resource %s", truth_words(resource));
	if (s->has_principal)
		buf_addf(out, ", principal %s", truth_words(names(s, r, a)));
	if (s->conditions)
		buf_addf(out, ", conditions %s", truth_words(conditions));
	buf_putc(out, '\n');
	if (resource == TRUTH_NO)
		add_resource_miss(out, s, r);
	for (const struct iam_condition *c = s->conditions; c; c = c->next)
		add_condition(out, c, r->context);
}

/* An Allow of the right action and resource whose conditions alone do not hold. */
static void add_miss(struct buf *out, const struct iam_statement *s, const struct iam_request *r,
	const struct iam_answer *a)
{
	bool first = true;

	if (s->deny || !statement_has_action(s, r) || statement_has_resource(s, r) == TRUTH_NO ||
		names(s, r, a) == TRUTH_NO)
		return;
	buf_puts(out, "  ");
	report_statement(out, s);
	buf_puts(out, " would allow it if ");
	for (const struct iam_condition *c = s->conditions; c; c = c->next) {
		if (condition_test(c, r->context).result == TRUTH_YES)
			continue;
		buf_addf(out, "%s%.*s were %.*s ", first ? "" : " and ", STR_ARG(c->key),
			STR_ARG(c->words));
		add_values(out, c, r->context);
		first = false;
	}
	buf_puts(out, first ? "nothing else denied it\n" : "\n");
}

static void each_statement(struct buf *out, const struct iam_layer *l, const struct iam_request *r,
	const struct iam_answer *a,
	void (*one)(struct buf *, const struct iam_statement *, const struct iam_request *,
		const struct iam_answer *))
{
	for (const struct iam_policy *p = l->policies; p; p = p->next)
		for (size_t i = 0; i < p->n; i++)
			one(out, &p->statements[i], r, a);
}

void explain_text(
	struct buf *out, struct check *c, const struct iam_answer *a, const struct iam_request *r)
{
	buf_puts(out, "statements of this action:\n");
	for (size_t i = 0; i < c->layers; i++)
		each_statement(out, &c->layer[i], r, a, explain_statement);
	if (a->decision != IAM_IMPLICIT_DENY)
		return;
	buf_puts(out, "nearest misses:\n");
	for (size_t i = 0; i < c->layers; i++)
		if (a->of[i].allow != TRUTH_YES && !a->of[i].skipped)
			each_statement(out, &c->layer[i], r, a, add_miss);
}
