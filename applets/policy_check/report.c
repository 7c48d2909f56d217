/* report.c - an answer as text */
#include <string.h>

#include "check.h"
#include "iam/keys.h"

const char *report_decision(enum iam_decision d)
{
	static const char *const names[] = { [IAM_ALLOWED] = "allowed",
		[IAM_IMPLICIT_DENY] = "implicitDeny",
		[IAM_EXPLICIT_DENY] = "explicitDeny" };

	return names[d];
}

/* ---- what is missing ---- */

struct collection {
	struct keys *keys;
	bool changing;
};

static void collect(void *data, struct str key, bool changes)
{
	const struct collection *c = data;
	struct keys *keys = c->keys;

	if (changes != c->changing)
		return;
	for (size_t i = 0; i < keys->n; i++)
		if (context_same_key(keys->key[i], key))
			return;
	if (keys->n < CHECK_KEYS)
		keys->key[keys->n++] = key;
}

void report_missing(
	const struct check *c, const struct iam_request *r, struct keys *keys, bool changing)
{
	struct collection all = { keys, changing };

	iam_missing(r, c->layer, c->layers, collect, &all);
}

void report_keys(struct buf *out, const struct keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		buf_addf(out, i ? ", %.*s" : "%.*s", STR_ARG(keys->key[i]));
}

void report_keys_json(struct json_out *o, const struct keys *keys)
{
	json_name(o, "missingContext");
	json_open(o, '[');
	for (size_t i = 0; i < keys->n; i++)
		json_add_str(o, keys->key[i]);
	json_close(o, ']');
}

/* ---- places ---- */

void report_statement(struct buf *out, const struct iam_statement *s)
{
	unsigned line, column;

	policy_place(s->policy, s->at, &line, &column);
	buf_puts(out, s->policy->source);
	if (s->sid.n > 0)
		buf_addf(out, ", statement %.*s", STR_ARG(s->sid));
	else
		buf_addf(out, ", statement %zu", s->index + 1);
	buf_addf(out, " (%s:%u:%u)", s->policy->source, line, column);
}

/* ---- the table of layers ---- */

static void pad(struct buf *out, size_t from, size_t width)
{
	do
		buf_putc(out, ' ');
	while (out->len < from + width);
}

static const char *layer_words(const struct iam_layer_result *l)
{
	if (l->skipped)
		return "not asked";
	if (l->deny == TRUTH_YES)
		return "explicitDeny";
	if (l->deny == TRUTH_UNKNOWN || l->allow == TRUTH_UNKNOWN)
		return "undetermined";
	return l->allow == TRUTH_YES ? "allowed" : "implicitDeny";
}

static void add_layer(
	struct buf *out, const struct iam_layer *l, const struct iam_layer_result *result)
{
	size_t from = out->len;
	const struct iam_statement *by = result->denied_by ? result->denied_by : result->allowed_by;

	buf_addf(out, "  %s", iam_kind_words(l->kind));
	if (l->name)
		buf_addf(out, " %s", l->name);
	pad(out, from, 36);
	buf_puts(out, layer_words(result));
	pad(out, from, 50);
	if (result->skipped)
		buf_puts(out, result->skipped);
	else if (by)
		report_statement(out, by);
	else
		buf_puts(out,
			result->allow == TRUTH_YES ? "nothing denies" : "no statement applies");
	buf_putc(out, '\n');
}

static void add_layers(struct buf *out, const struct check *c, const struct iam_answer *a)
{
	buf_puts(out, "layers:\n");
	for (unsigned k = 0; k < IAM_KINDS; k++) {
		bool given = false;

		for (size_t i = 0; i < c->layers; i++)
			if (c->layer[i].kind == k) {
				add_layer(out, &c->layer[i], &a->of[i]);
				given = true;
			}
		if (!given) {
			size_t from = out->len;

			buf_addf(out, "  %s", iam_kind_words((enum iam_kind)k));
			pad(out, from, 36);
			buf_puts(out, "not given\n");
		}
	}
}

/* ---- the rest ---- */

static void add_derived(struct buf *out, const struct iam_context *context)
{
	bool any = false;

	for (size_t i = 0; i < context->n; i++) {
		const struct iam_fact *f = &context->fact[i];

		if (!f->derived || !f->used)
			continue;
		buf_puts(out, any ? ", " : "derived: ");
		buf_addf(out, "%.*s", STR_ARG(f->key));
		if (f->absent)
			buf_puts(out, " is absent");
		else
			buf_addf(out, " = %.*s", STR_ARG(fact_value(f, 0)));
		any = true;
	}
	if (any)
		buf_putc(out, '\n');
}

static void add_verdict(struct buf *out, const struct check *c, const struct iam_answer *a,
	const struct iam_request *r)
{
	struct keys keys = { .n = 0 };

	if (a->undetermined) {
		report_missing(c, r, &keys, true);
		buf_puts(out, "undetermined: the answer depends on what was not stated: ");
		report_keys(out, &keys);
		buf_putc(out, '\n');
		return;
	}
	buf_addf(out, "%s: ", report_decision(a->decision));
	iam_reason(out, a, r);
	if (a->statement) {
		buf_puts(out, ": ");
		report_statement(out, a->statement);
	}
	buf_putc(out, '\n');
}

static void add_note(void *data, struct str text)
{
	buf_addf(data, "note: %.*s\n", STR_ARG(text));
}

void report_text(
	struct buf *out, struct check *c, const struct iam_answer *a, const struct iam_request *r)
{
	struct keys keys = { .n = 0 };

	add_verdict(out, c, a, r);
	report_notes(c, a, r, add_note, out);
	add_layers(out, c, a);
	if (!a->undetermined)
		report_missing(c, r, &keys, false);
	if (keys.n > 0) {
		buf_puts(out, "would only make it an explicit denial: ");
		report_keys(out, &keys);
		buf_putc(out, '\n');
	}
	add_derived(out, r->context);
	if (c->opt.explain)
		explain_text(out, c, a, r);
}

/* ---- notes ---- */

/* A key that nobody knows is most often one that is misspelt. */
static void note_key(const struct iam_request *r, struct str key,
	void (*note)(void *data, struct str text), void *data)
{
	BUF(b, 1024);

	if (!r->eic || iam_key_find(key))
		return;
	buf_addf(&b, "%.*s is no key that EC2 Instance Connect is known to send: see --lint",
		STR_ARG(key));
	note(data, buf_view(&b));
}

static void note_keys(struct check *c, const struct iam_answer *a, const struct iam_request *r,
	void (*note)(void *data, struct str text), void *data)
{
	struct keys keys = { .n = 0 };

	if (a->undetermined)
		report_missing(c, r, &keys, true);
	for (size_t i = 0; i < keys.n; i++)
		note_key(r, keys.key[i], note, data);
	for (size_t i = 0; i < r->context->n; i++)
		if (r->context->fact[i].used && !r->context->fact[i].derived)
			note_key(r, r->context->fact[i].key, note, data);
}

void report_notes(struct check *c, const struct iam_answer *a, const struct iam_request *r,
	void (*note)(void *data, struct str text), void *data)
{
	const struct iam_fact *f = context_stated(r->context, STR("aws:RequestedRegion"));
	BUF(b, 1024);

	note_keys(c, a, r, note, data);
	if (r->arn.n == 6 && r->arn.part[ARN_ACCOUNT].n == 0 && r->account.n > 0) {
		buf_addf(&b, "the ARN does not say who owns the resource: taken is account %.*s",
			STR_ARG(r->account));
		note(data, buf_view(&b));
		buf_clear(&b);
	}
	if (a->cross_account) {
		buf_addf(&b, "the resource belongs to account %.*s and the principal to %.*s: ",
			STR_ARG(r->account), STR_ARG(r->principal->account));
		if (r->eic)
			buf_addf(&b,
				"instances have no policy of their own, so only a role in %.*s can "
				"be allowed, which the principal assumes first",
				STR_ARG(r->account));
		else
			buf_puts(&b, "the policies of both have to allow");
		note(data, buf_view(&b));
		buf_clear(&b);
	}
	if (f && f->n == 1 && r->region.n > 0 && !str_eq(fact_value(f, 0), r->region)) {
		buf_addf(&b, "aws:RequestedRegion was stated as %.*s, and the resource is in %.*s",
			STR_ARG(fact_value(f, 0)), STR_ARG(r->region));
		note(data, buf_view(&b));
		buf_clear(&b);
	}
	if (iam_action_has_no_resources(r->action)) {
		buf_addf(
			&b, "%.*s knows no resources, and is decided on \"*\"", STR_ARG(r->action));
		note(data, buf_view(&b));
		buf_clear(&b);
	}
	if (str_ieq(r->action, STR("ec2:CreateInstanceConnectEndpoint")))
		note(data,
			STR("the endpoint, the subnet and each security group are decided one by "
			    "one, and all have to be allowed"));
}

/* ---- the exit status ---- */

bool report_expect_known(const char *expect)
{
	struct str e = str_of(expect);

	return str_is(e, "allowed") || str_is(e, "implicitDeny") || str_is(e, "explicitDeny") ||
		str_is(e, "denied");
}

static unsigned wanted(const char *expect)
{
	if (str_is(str_of(expect), "denied"))
		return 1u << IAM_IMPLICIT_DENY | 1u << IAM_EXPLICIT_DENY;
	for (unsigned d = IAM_ALLOWED; d <= IAM_EXPLICIT_DENY; d++)
		if (str_is(str_of(expect), report_decision((enum iam_decision)d)))
			return 1u << d;
	return 0;
}

int report_status(const struct check *c, const struct iam_answer *a, const char *expect)
{
	unsigned want;

	(void)c;
	if (!expect)
		return a->undetermined               ? EXIT_UNDETERMINED
			: a->decision == IAM_ALLOWED ? EXIT_DONE
						     : EXIT_DENIED;
	want = wanted(expect);
	if (a->possible & want && a->possible & ~want)
		return EXIT_UNDETERMINED;
	return a->possible & want ? EXIT_DONE : EXIT_DENIED;
}
