/* condition.c - whether the conditions of a statement hold for what is known of a request
 *
 * "IAM JSON policy elements: Condition operators" and "Multivalued context keys" in the IAM User
 *Guide. Where these leave something open:
 *
 *	several values of a key under an operator without ForAllValues or ForAnyValue match nothing,
 *negated or not a value of the request that the operator cannot read matches nothing, negated or
 *not a variable that is absent makes its value match nothing, so that a negated operator holds
 *	ForAnyValue...IfExists holds when the key is absent
 *	an ARN in a condition with fewer than six parts matches nothing
 */
#include "iam/condition.h"

#include "data/enc.h"
#include "iam/keys.h"

#define EXPANDED_MAX (MATCH_VALUE_MAX + 2048)

/* ---- variables ---- */

static bool take_until(struct str *in, char mark, struct str *part)
{
	return str_has(*in, mark) && str_cut(in, mark, part);
}

/* Whether a value may stand in for a variable: nothing in it may be taken for a mark of match.h. */
static bool plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= MATCH_ANY && s.p[i] <= MATCH_END)
			return false;
	return true;
}

static enum truth add_variable(struct buf *out, struct str variable, struct iam_context *context)
{
	struct str key, fallback = variable;
	struct iam_fact *f;
	enum truth known;
	bool has_default = take_until(&fallback, MATCH_DEFAULT, &key);

	known = context_get(context, has_default ? key : variable, &f);
	if (known == TRUTH_UNKNOWN)
		return TRUTH_UNKNOWN;
	if (known == TRUTH_YES) {
		if (f->n != 1 || !plain(fact_value(f, 0)))
			return TRUTH_NO;
		buf_str(out, fact_value(f, 0));
	} else if (has_default) {
		buf_str(out, fallback);
	}
	return known == TRUTH_YES || has_default ? TRUTH_YES : TRUTH_NO;
}

enum truth condition_expand(struct buf *out, struct str form, struct iam_context *context)
{
	struct str part;
	enum truth all = TRUTH_YES;

	while (form.n > 0 && all != TRUTH_NO) {
		enum truth one = TRUTH_YES;

		if (!take_until(&form, MATCH_VAR, &part)) {
			buf_str(out, form);
			break;
		}
		buf_str(out, part);
		if (take_until(&form, MATCH_END, &part))
			one = add_variable(out, part, context);
		if (one != TRUTH_YES)
			all = one;
	}
	return out->full ? TRUTH_NO : all;
}

bool condition_names(struct str form, struct str key)
{
	struct str part, name;

	while (str_has(form, MATCH_VAR)) {
		(void)str_cut(&form, MATCH_VAR, &part);
		if (str_cut(&form, MATCH_END, &part) && str_cut(&part, MATCH_DEFAULT, &name) &&
			context_same_key(name, key))
			return true;
	}
	return false;
}

void condition_show(struct buf *out, const struct iam_value *v, struct iam_context *context)
{
	BUF(b, EXPANDED_MAX);

	if (!v->variables || condition_expand(&b, v->form, context) != TRUTH_YES) {
		buf_str(out, v->raw);
		return;
	}
	for (size_t i = 0; i < b.len; i++)
		buf_putc(out, b.p[i] == MATCH_ANY ? '*' : b.p[i] == MATCH_ONE ? '?' : b.p[i]);
}

/* ---- one value of the request against one of the policy ---- */

/* A value of the request, read once as what its operator compares. */
struct given {
	struct str text;
	union {
		struct decimal number;
		struct moment date;
		struct network network;
		struct arn arn;
		bool yes;
	};
	char bytes[MATCH_VALUE_MAX];
	size_t n;
};

static bool read_bool(struct str s, bool *yes)
{
	*yes = str_ieq(s, STR("true"));
	return *yes || str_ieq(s, STR("false"));
}

static bool read_bytes(struct given *g)
{
	struct buf b = buf_of(g->bytes, sizeof(g->bytes));
	bool ok = base64_read(g->text, false, &b) == 0;

	g->n = b.len;
	return ok;
}

static bool read_given(struct given *g, const struct iam_operator *op, struct str text)
{
	g->text = text;
	switch (op->family) {
	case IAM_NUMERIC: return decimal_read(&g->number, text);
	case IAM_DATE: return moment_read(&g->date, text);
	case IAM_BOOL: return read_bool(text, &g->yes);
	case IAM_IP: return network_read(&g->network, text, false);
	case IAM_BINARY: return read_bytes(g);
	case IAM_ARN: g->arn = arn_split(text); return g->arn.n == 6;
	}
	return text.n <= MATCH_VALUE_MAX;
}

static bool ordered(uint8_t compare, int sign)
{
	switch (compare) {
	case IAM_LESS: return sign < 0;
	case IAM_LESS_EQUAL: return sign <= 0;
	case IAM_GREATER: return sign > 0;
	case IAM_GREATER_EQUAL: return sign >= 0;
	}
	return sign == 0;
}

static bool same_text(uint8_t family, struct str form, struct str given)
{
	if (family == IAM_LIKE)
		return match_wild(form, given);
	return family == IAM_STRING ? str_eq(form, given) : str_ieq(form, given);
}

static enum truth match_arn(
	const struct iam_value *v, const struct given *g, struct iam_context *context)
{
	struct arn form = *v->arn;
	BUF(b, EXPANDED_MAX);
	size_t at = 0;

	if (v->variables && form.n == 6)
		for (unsigned i = 0; i < 6; i++) {
			enum truth t = condition_expand(&b, form.part[i], context);

			if (t != TRUTH_YES)
				return t;
			form.part[i] = (struct str){ b.p + at, b.len - at };
			at = b.len;
		}
	return arn_match(&form, &g->arn) ? TRUTH_YES : TRUTH_NO;
}

static enum truth match_expanded(const struct iam_operator *op, const struct iam_value *v,
	const struct given *g, struct iam_context *context)
{
	BUF(b, EXPANDED_MAX);
	enum truth t = condition_expand(&b, v->form, context);
	bool yes;

	if (t != TRUTH_YES)
		return t;
	if (op->family == IAM_BOOL)
		return read_bool(buf_view(&b), &yes) && yes == g->yes ? TRUTH_YES : TRUTH_NO;
	return same_text(op->family, buf_view(&b), g->text) ? TRUTH_YES : TRUTH_NO;
}

static bool match_plain(
	const struct iam_operator *op, const struct iam_value *v, const struct given *g)
{
	switch (op->family) {
	case IAM_NUMERIC: return ordered(op->compare, decimal_compare(&g->number, &v->number));
	case IAM_DATE: return ordered(op->compare, moment_compare(&g->date, &v->date));
	case IAM_BOOL: return v->yes == g->yes;
	case IAM_IP: return network_has(&v->network, &g->network);
	case IAM_BINARY: return str_eq(v->bytes, (struct str){ g->bytes, g->n });
	}
	return same_text(op->family, v->form, g->text);
}

static enum truth match_value(const struct iam_operator *op, const struct iam_value *v,
	const struct given *g, struct iam_context *context)
{
	if (v->wrong || !v->form.p)
		return TRUTH_NO;
	if (op->family == IAM_ARN)
		return match_arn(v, g, context);
	if (v->variables)
		return match_expanded(op, v, g, context);
	return match_plain(op, v, g) ? TRUTH_YES : TRUTH_NO;
}

/* ---- one value of the request against the list ---- */

static enum truth match_list(
	const struct iam_condition *c, struct str value, struct iam_context *context)
{
	struct given g;
	enum truth any = TRUTH_NO;

	if (!read_given(&g, c->op, value))
		return TRUTH_NO;
	for (size_t i = 0; i < c->values.n && any != TRUTH_YES; i++) {
		enum truth t = match_value(c->op, &c->values.v[i], &g, context);

		if (t != TRUTH_NO)
			any = t;
	}
	return c->op->negated ? truth_not(any) : any;
}

static struct iam_test test_single(
	const struct iam_condition *c, struct iam_fact *f, struct iam_context *context)
{
	static const char *const why[2][3] = {
		{ "no value matches", "matches", "depends on a variable that was not stated" },
		{ "matches a value that is excluded", "matches none of the excluded values",
			"depends on a variable that was not stated" }
	};
	struct iam_test t = { .fact = f };

	if (f->n > 1) {
		t.why = "several values need ForAllValues or ForAnyValue";
		return t;
	}
	t.result = match_list(c, fact_value(f, 0), context);
	t.why = why[c->op->negated][t.result];
	return t;
}

static struct iam_test test_set(
	const struct iam_condition *c, struct iam_fact *f, struct iam_context *context)
{
	enum truth decisive = c->set == IAM_ALL ? TRUTH_NO : TRUTH_YES;
	struct iam_test t = { .fact = f, .result = truth_not(decisive) };

	for (size_t i = 0; i < f->n && t.result != decisive; i++) {
		enum truth one = match_list(c, fact_value(f, i), context);

		if (one != truth_not(decisive))
			t.result = one;
	}
	if (t.result == TRUTH_UNKNOWN)
		t.why = "depends on a variable that was not stated";
	else if (c->set == IAM_ALL)
		t.why = t.result ? "all values do" : "not all values do";
	else
		t.why = t.result ? "a value does" : "no value does";
	return t;
}

/* ---- keys that are absent, and Null ---- */

/* "", and no value at all, are a null data set for the set operators and Null */
static bool empty(const struct iam_fact *f)
{
	return f->n == 0 || (f->n == 1 && fact_value(f, 0).n == 0);
}

static bool lists(const struct iam_condition *c, bool yes)
{
	for (size_t i = 0; i < c->values.n; i++)
		if (!c->values.v[i].wrong && c->values.v[i].yes == yes)
			return true;
	return false;
}

static bool is_always(struct str key)
{
	const struct iam_key *k = iam_key_find(key);

	return k && k->flags & KEY_ALWAYS;
}

static struct iam_test test_null(
	const struct iam_condition *c, struct iam_fact *f, enum truth known)
{
	bool absent = known == TRUTH_NO || (f && known == TRUTH_YES && empty(f));
	struct iam_test t = { .fact = f };

	if (c->set != IAM_SINGLE) {
		t.result = c->set == IAM_ALL ? TRUTH_YES : TRUTH_NO;
		t.why = c->set == IAM_ALL ? "Null with ForAllValues always holds"
					  : "Null with ForAnyValue never holds";
		return t;
	}
	if (known == TRUTH_UNKNOWN && !(lists(c, true) && lists(c, false)) && !is_always(c->key)) {
		t.result = c->values.n > 0 ? TRUTH_UNKNOWN : TRUTH_NO;
		t.why = "nobody said whether the key is there";
		return t;
	}
	t.result = lists(c, absent) ? TRUTH_YES : TRUTH_NO;
	t.why = absent ? "the key is absent" : "the key is there";
	return t;
}

static struct iam_test test_absent(const struct iam_condition *c, struct iam_fact *f)
{
	bool holds = c->if_exists || c->set == IAM_ALL || (c->op->negated && c->set == IAM_SINGLE);
	const char *why = !holds    ? "the key is absent"
		: c->if_exists      ? "the key is absent, and IfExists holds then"
		: c->set == IAM_ALL ? "the key is absent, and ForAllValues holds then"
				    : "the key is absent, and a negated operator holds then";

	return (struct iam_test){ holds ? TRUTH_YES : TRUTH_NO, why, f };
}

/* The key is there, and the policy lists no value ("Access Analyzer policy check reference", empty
 * arrays). */
static struct iam_test test_empty_list(const struct iam_condition *c, struct iam_fact *f)
{
	if (c->op->negated && c->set == IAM_SINGLE && !c->if_exists)
		return (struct iam_test){ TRUTH_YES, "an empty list excludes nothing", f };
	return (struct iam_test){ TRUTH_NO, "an empty list holds for no value", f };
}

/* What else decides, when nobody said what the key is: the variables of the values. */
static void ask_variables(const struct iam_condition *c, struct iam_context *context)
{
	for (size_t i = 0; i < c->values.n; i++) {
		BUF(b, EXPANDED_MAX);

		if (c->values.v[i].variables)
			(void)condition_expand(&b, c->values.v[i].form, context);
	}
}

struct iam_test condition_test(const struct iam_condition *c, struct iam_context *context)
{
	struct iam_fact *f;
	enum truth known = context_get(context, c->key, &f);

	if (c->op->family == IAM_NULL)
		return test_null(c, f, known);
	if (c->values.n == 0 && c->set == IAM_SINGLE && !c->if_exists && known != TRUTH_YES)
		return test_empty_list(c, f); /* whether it is there or not */
	if (known == TRUTH_UNKNOWN) {
		ask_variables(c, context);
		return (struct iam_test){ TRUTH_UNKNOWN, "nobody said what the key is", NULL };
	}
	if (known == TRUTH_NO || f->n == 0 || (c->set != IAM_SINGLE && empty(f)))
		return test_absent(c, f);
	if (c->values.n == 0)
		return test_empty_list(c, f);
	return c->set == IAM_SINGLE ? test_single(c, f, context) : test_set(c, f, context);
}

enum truth conditions_hold(const struct iam_condition *c, struct iam_context *context)
{
	enum truth all = TRUTH_YES;

	for (; c; c = c->next) {
		struct iam_test t = condition_test(c, context);

		if (t.result == TRUTH_NO)
			return TRUTH_NO;
		if (t.result == TRUTH_UNKNOWN)
			all = TRUTH_UNKNOWN;
	}
	return all;
}
