/* clause.c - reads the Condition element of a statement
 *
 *	"Condition": { "[ForAllValues:|ForAnyValue:]OPERATOR[IfExists]": { "KEY": VALUE or [VALUE,
 *...], ... }, ... }
 *
 * Quotes may be left out around numbers and booleans.
 */
#include "data/enc.h"
#include "iam/reader.h"

static const struct iam_operator operators[] = {
	{ "StringEquals", IAM_STRING, IAM_EQUAL, false },
	{ "StringNotEquals", IAM_STRING, IAM_EQUAL, true },
	{ "StringEqualsIgnoreCase", IAM_STRING_IGNORE_CASE, IAM_EQUAL, false },
	{ "StringNotEqualsIgnoreCase", IAM_STRING_IGNORE_CASE, IAM_EQUAL, true },
	{ "StringLike", IAM_LIKE, IAM_EQUAL, false },
	{ "StringNotLike", IAM_LIKE, IAM_EQUAL, true },
	{ "NumericEquals", IAM_NUMERIC, IAM_EQUAL, false },
	{ "NumericNotEquals", IAM_NUMERIC, IAM_EQUAL, true },
	{ "NumericLessThan", IAM_NUMERIC, IAM_LESS, false },
	{ "NumericLessThanEquals", IAM_NUMERIC, IAM_LESS_EQUAL, false },
	{ "NumericGreaterThan", IAM_NUMERIC, IAM_GREATER, false },
	{ "NumericGreaterThanEquals", IAM_NUMERIC, IAM_GREATER_EQUAL, false },
	{ "DateEquals", IAM_DATE, IAM_EQUAL, false },
	{ "DateNotEquals", IAM_DATE, IAM_EQUAL, true },
	{ "DateLessThan", IAM_DATE, IAM_LESS, false },
	{ "DateLessThanEquals", IAM_DATE, IAM_LESS_EQUAL, false },
	{ "DateGreaterThan", IAM_DATE, IAM_GREATER, false },
	{ "DateGreaterThanEquals", IAM_DATE, IAM_GREATER_EQUAL, false },
	{ "Bool", IAM_BOOL, IAM_EQUAL, false },
	{ "BinaryEquals", IAM_BINARY, IAM_EQUAL, false },
	{ "IpAddress", IAM_IP, IAM_EQUAL, false },
	{ "NotIpAddress", IAM_IP, IAM_EQUAL, true },
	{ "ArnEquals", IAM_ARN, IAM_EQUAL, false },
	{ "ArnNotEquals", IAM_ARN, IAM_EQUAL, true },
	{ "ArnLike", IAM_ARN, IAM_EQUAL, false },
	{ "ArnNotLike", IAM_ARN, IAM_EQUAL, true },
	{ "Null", IAM_NULL, IAM_EQUAL, false },
};

const struct iam_operator *iam_operator_find(struct str name, bool *exact)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (str_ieq(name, str_of(operators[i].name))) {
			*exact = str_is(name, operators[i].name);
			return &operators[i];
		}
	return NULL;
}

/* Takes prefix off, in any case. */
static bool take_prefix(struct str *s, struct str prefix)
{
	struct str front = { s->p, prefix.n }, taken;

	return s->n > prefix.n && str_ieq(front, prefix) && str_take(s, prefix.n, &taken);
}

static bool take_suffix(struct str *s, struct str suffix)
{
	if (s->n <= suffix.n || !str_ieq((struct str){ s->p + s->n - suffix.n, suffix.n }, suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

static int read_operator(struct reader *r, struct json name, struct iam_condition *c)
{
	struct str rest;
	bool exact;
	int e = reader_text(r, name, &c->words);

	if (e < 0)
		return e;
	rest = c->words;
	if (take_prefix(&rest, STR("ForAllValues:")))
		c->set = IAM_ALL;
	else if (take_prefix(&rest, STR("ForAnyValue:")))
		c->set = IAM_ANY;
	c->if_exists = take_suffix(&rest, STR("IfExists"));
	c->op = iam_operator_find(rest, &exact);
	if (!c->op)
		return reader_refuse(r, "unknown-operator", name,
			"there is no condition operator '%.*s'", STR_ARG(c->words));
	if (c->op->family == IAM_NULL && c->if_exists)
		return reader_refuse(
			r, "unknown-operator", name, "Null cannot be combined with IfExists");
	return 0;
}

/* ---- values ---- */

static bool read_bool(struct str s, bool *yes)
{
	*yes = str_ieq(s, STR("true"));
	return *yes || str_ieq(s, STR("false"));
}

static int compile(struct reader *r, struct iam_value *v, unsigned flags)
{
	if (r->policy->variables)
		flags |= COMPILE_VARIABLES;
	if (!match_compile(&v->form, v->raw, flags, r->arena))
		return reader_full(r);
	v->variables = match_has_variables(v->form);
	return 0;
}

static int compile_arn(struct reader *r, struct iam_value *v)
{
	struct arn *arn = arena_take(r->arena, sizeof(*arn));
	int e = compile(r, v, COMPILE_WILD);

	if (!arn)
		return reader_full(r);
	*arn = arn_split(v->form);
	v->arn = arn;
	return e;
}

static int read_binary(struct reader *r, struct iam_value *v, bool *fits)
{
	size_t room = v->raw.n / 4 * 3 + 4;
	char *p = arena_take(r->arena, room);
	struct buf b;

	if (!p)
		return reader_full(r);
	b = buf_of(p, room);
	*fits = base64_read(v->raw, false, &b) == 0;
	v->bytes = buf_view(&b);
	return 0;
}

/* Reads raw as what the operator compares. */
static int read_typed(
	struct reader *r, const struct iam_operator *op, struct iam_value *v, bool *fits)
{
	*fits = true;
	v->form = v->raw;
	switch (op->family) {
	case IAM_STRING:
	case IAM_STRING_IGNORE_CASE: return compile(r, v, 0);
	case IAM_LIKE: return compile(r, v, COMPILE_WILD);
	case IAM_ARN: return compile_arn(r, v);
	case IAM_NUMERIC: *fits = decimal_read(&v->number, v->raw); return 0;
	case IAM_DATE: *fits = moment_read(&v->date, v->raw); return 0;
	case IAM_IP: *fits = network_read(&v->network, v->raw, true); return 0;
	case IAM_BINARY: return read_binary(r, v, fits);
	case IAM_NULL: *fits = read_bool(v->raw, &v->yes); return 0;
	}
	if (r->policy->variables && str_has(v->raw, '$'))
		return compile(r, v, 0);
	*fits = read_bool(v->raw, &v->yes);
	return 0;
}

static int read_value(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	const struct iam_condition *c = of;
	enum json_type type = json_type(v);
	bool fits = true;
	int e = 0;

	out->at = reader_at(v);
	if (type == JSON_STRING)
		e = reader_text(r, v, &out->raw);
	else if (type == JSON_NUMBER || type == JSON_BOOL)
		out->raw = json_raw(v);
	else
		return reader_refuse(r, "malformed", v,
			"a condition value has to be a string, a number or a boolean");
	if (e == 0)
		e = read_typed(r, c->op, out, &fits);
	if (e == 0 && !out->form.p && !(r->flags & POLICY_LENIENT))
		return reader_refuse(r, "variable-malformed", v, "'%.*s': %s", STR_ARG(out->raw),
			match_bad_variable(out->raw));
	if (e < 0 || fits)
		return e;
	if (!(r->flags & POLICY_LENIENT))
		return reader_refuse(r, "value-type-mismatch", v,
			"'%.*s' is no value that %.*s can compare", STR_ARG(out->raw),
			STR_ARG(c->words));
	out->wrong = true;
	out->form = (struct str){ 0 };
	return 0;
}

/* ---- keys ---- */

/* jsmn and json.c know names that are equal; these are equal but for their case. */
static int refuse_twin(struct reader *r, struct json block, struct json name, struct str key)
{
	for (struct json i = json_first(block); json_type(i) && i.i != name.i;
		i = json_next(block, i)) {
		struct str other;
		int e = reader_text(r, i, &other);

		if (e < 0)
			return e;
		if (str_ieq(key, other))
			return reader_refuse(r, "duplicate-key", name,
				"'%.*s' and '%.*s' are the same condition key", STR_ARG(other),
				STR_ARG(key));
	}
	return 0;
}

static bool is_key(struct str key)
{
	struct str service;

	return str_cut(&key, ':', &service) && service.n > 0 && key.n > 0;
}

enum { KEYS_MAX = 256 };

static int read_key(struct reader *r, struct json block, struct json name,
	const struct iam_condition *model, struct iam_condition **tail)
{
	struct iam_condition *c = arena_take(r->arena, sizeof(*c));
	int e;

	if (!c)
		return reader_full(r);
	*c = *model;
	c->at = reader_at(name);
	e = reader_text(r, name, &c->key);
	if (e == 0 && !is_key(c->key))
		e = reader_refuse(r, "malformed", name, "condition key '%.*s' is not service:name",
			STR_ARG(c->key));
	if (e == 0)
		e = refuse_twin(r, block, name, c->key);
	if (e == 0)
		e = reader_list(r, json_value(name), &c->values, read_value, c);
	*tail = c;
	return e;
}

static int read_block(
	struct reader *r, struct json name, struct iam_statement *s, struct iam_condition ***tail)
{
	struct json block = json_value(name);
	struct iam_condition model = { .op = NULL };
	int e = read_operator(r, name, &model);

	if (e == 0 && json_type(block) != JSON_OBJECT)
		e = reader_refuse(r, "malformed", block, "%.*s needs an object of condition keys",
			STR_ARG(model.words));
	if (e == 0 && json_count(block) > KEYS_MAX)
		e = reader_refuse(r, "malformed", block, "more than %d condition keys", KEYS_MAX);
	if (e == 0 && json_count(block) == 0)
		s->empty_condition = true;
	for (struct json i = json_first(block); e == 0 && json_type(i); i = json_next(block, i)) {
		e = read_key(r, block, i, &model, *tail);
		if (e == 0)
			*tail = &(**tail)->next;
	}
	return e;
}

int reader_condition(struct reader *r, struct json v, struct iam_statement *s)
{
	struct iam_condition **tail = &s->conditions;
	int e = 0;

	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(r, "malformed", v, "Condition has to be an object");
	s->empty_condition = json_count(v) == 0;
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = read_block(r, i, s, &tail);
	return e;
}
