/* report_json.c - an answer as JSON, in a stable order */
#include "check.h"

static void add_place(struct json_out *o, const struct iam_statement *s)
{
	unsigned line, column;

	policy_place(s->policy, s->at, &line, &column);
	json_member(o, "policy", s->policy->source);
	if (s->has_sid) {
		json_name(o, "sid");
		json_add_str(o, s->sid);
	}
	json_name(o, "index");
	json_add_int(o, (int64_t)s->index);
	json_name(o, "line");
	json_add_int(o, line);
	json_name(o, "column");
	json_add_int(o, column);
}

static void add_decided(struct json_out *o, const struct iam_answer *a)
{
	json_name(o, "decidedBy");
	json_open(o, '{');
	json_member(o, "layer", iam_kind_words(a->kind));
	if (a->layer && a->layer->name)
		json_member(o, "node", a->layer->name);
	if (a->statement)
		add_place(o, a->statement);
	json_close(o, '}');
}

static const char *layer_words(const struct iam_layer_result *l)
{
	if (l->skipped)
		return "skipped";
	if (l->deny == TRUTH_YES)
		return "explicitDeny";
	if (l->deny == TRUTH_UNKNOWN || l->allow == TRUTH_UNKNOWN)
		return "undetermined";
	return l->allow == TRUTH_YES ? "allowed" : "implicitDeny";
}

static void add_layers(struct json_out *o, const struct check *c, const struct iam_answer *a)
{
	bool given[IAM_KINDS] = { false };

	json_name(o, "layers");
	json_open(o, '[');
	for (size_t i = 0; i < c->layers; i++) {
		const struct iam_statement *by = a->of[i].denied_by ? a->of[i].denied_by
								    : a->of[i].allowed_by;

		given[c->layer[i].kind] = true;
		json_open(o, '{');
		json_member(o, "layer", iam_kind_words(c->layer[i].kind));
		if (c->layer[i].name)
			json_member(o, "node", c->layer[i].name);
		json_member(o, "result", layer_words(&a->of[i]));
		if (a->of[i].skipped)
			json_member(o, "why", a->of[i].skipped);
		if (by)
			add_place(o, by);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_name(o, "layersNotGiven");
	json_open(o, '[');
	for (unsigned k = 0; k < IAM_KINDS; k++)
		if (!given[k])
			json_add_str(o, str_of(iam_kind_words((enum iam_kind)k)));
	json_close(o, ']');
}

/* All that deny, or could; not only the first. */
static void add_denials(struct json_out *o, const struct check *c, const struct iam_answer *a,
	const struct iam_request *r)
{
	json_name(o, "denials");
	json_open(o, '[');
	for (size_t i = 0; i < c->layers; i++)
		for (const struct iam_policy *p = c->layer[i].policies; p; p = p->next)
			for (size_t k = 0; k < p->n && !a->of[i].skipped; k++) {
				const struct iam_statement *s = &p->statements[k];
				struct iam_named n = statement_names(s, r, a->bounded);
				enum truth t = statement_applies(s, r, iam_named_at_all(&n));

				if (!s->deny || t == TRUTH_NO)
					continue;
				json_open(o, '{');
				add_place(o, s);
				json_name(o, "certain");
				json_add_bool(o, t == TRUTH_YES);
				json_close(o, '}');
			}
	json_close(o, ']');
}

static void add_given(struct json_out *o, const struct iam_test *t)
{
	const struct iam_fact *f = t->fact;

	json_name(o, "request");
	json_open(o, '{');
	json_member(o, "state",
		!f && t->result == TRUTH_UNKNOWN ? "unknown"
			: !f || f->absent        ? "absent"
			: f->derived             ? "derived"
						 : "stated");
	if (f && !f->absent) {
		json_name(o, "values");
		json_open(o, '[');
		for (size_t i = 0; i < f->n; i++)
			json_add_str(o, fact_value(f, i));
		json_close(o, ']');
	}
	json_close(o, '}');
}

static void add_condition(struct json_out *o, const struct iam_statement *s,
	const struct iam_condition *c, struct iam_context *context)
{
	static const char *const results[] = { "no", "yes", "unknown" };
	struct iam_test t = condition_test(c, context);

	json_open(o, '{');
	add_place(o, s);
	json_name(o, "operator");
	json_add_str(o, c->words);
	json_name(o, "key");
	json_add_str(o, c->key);
	json_name(o, "values");
	json_open(o, '[');
	for (size_t i = 0; i < c->values.n; i++) {
		BUF(b, 8192);

		condition_show(&b, &c->values.v[i], context);
		json_add_str(o, buf_view(&b));
	}
	json_close(o, ']');
	add_given(o, &t);
	json_member(o, "result", results[t.result]);
	json_member(o, "why", t.why);
	json_close(o, '}');
}

static void add_conditions(struct json_out *o, const struct check *c, const struct iam_request *r)
{
	json_name(o, "conditions");
	json_open(o, '[');
	for (size_t i = 0; i < c->layers; i++)
		for (const struct iam_policy *p = c->layer[i].policies; p; p = p->next)
			for (size_t k = 0; k < p->n; k++) {
				const struct iam_statement *s = &p->statements[k];

				if (!statement_has_action(s, r))
					continue;
				for (const struct iam_condition *d = s->conditions; d; d = d->next)
					add_condition(o, s, d, r->context);
			}
	json_close(o, ']');
}

static void add_missing(struct json_out *o, const struct check *c, const struct iam_request *r)
{
	json_name(o, "missingContext");
	json_open(o, '[');
	for (int changing = 1; changing >= 0; changing--) {
		struct keys keys = { .n = 0 };

		report_missing(c, r, &keys, changing);
		for (size_t i = 0; i < keys.n; i++) {
			json_open(o, '{');
			json_name(o, "key");
			json_add_str(o, keys.key[i]);
			json_name(o, "wouldChange");
			json_add_bool(o, changing);
			json_close(o, '}');
		}
	}
	json_close(o, ']');
}

static void add_derived(struct json_out *o, const struct iam_context *context)
{
	json_name(o, "derivedContext");
	json_open(o, '{');
	for (size_t i = 0; i < context->n; i++) {
		const struct iam_fact *f = &context->fact[i];
		BUF(key, 512);

		if (!f->derived || !f->used)
			continue;
		buf_str(&key, f->key);
		json_name(o, buf_text(&key));
		if (f->absent)
			json_add_null(o);
		else
			json_add_str(o, fact_value(f, 0));
	}
	json_close(o, '}');
}

static void add_note(void *data, struct str text)
{
	json_add_str(data, text);
}

static void add_text(struct json_out *o, const char *name, struct str value)
{
	json_name(o, name);
	json_add_str(o, value);
}

void report_json(struct json_out *o, struct check *c, const struct iam_answer *a,
	const struct iam_request *r)
{
	BUF(reason, 4096);

	json_open(o, '{');
	json_member(o, "decision", report_decision(a->decision));
	json_name(o, "undetermined");
	json_add_bool(o, a->undetermined);
	if (a->undetermined)
		buf_puts(&reason, "the answer depends on what was not stated");
	else
		iam_reason(&reason, a, r);
	add_text(o, "reason", buf_view(&reason));
	add_decided(o, a);
	add_text(o, "principal", r->principal->arn);
	add_text(o, "action", r->action);
	add_text(o, "resource", r->resource);
	add_layers(o, c, a);
	add_denials(o, c, a, r);
	add_conditions(o, c, r);
	add_missing(o, c, r);
	add_derived(o, r->context);
	json_name(o, "notes");
	json_open(o, '[');
	report_notes(c, a, r, add_note, o);
	json_close(o, ']');
	json_close(o, '}');
}
