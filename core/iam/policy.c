/* policy.c - a policy document, read strictly into an arena */
#include "iam/policy.h"

#include <stdarg.h>
#include <string.h>

#include "data/utf8.h"
#include "iam/reader.h"

const char *iam_kind_words(enum iam_kind kind)
{
	static const char *const words[IAM_KINDS] = {
		[IAM_IDENTITY] = "identity-based policy",
		[IAM_BOUNDARY] = "permissions boundary",
		[IAM_SESSION] = "session policy",
		[IAM_SCP] = "service control policy",
		[IAM_RCP] = "resource control policy",
		[IAM_ENDPOINT] = "VPC endpoint policy",
		[IAM_RESOURCE] = "resource-based policy",
	};

	return words[kind];
}

/* ---- refusing ---- */

void policy_place(const struct iam_policy *p, uint32_t at, unsigned *line, unsigned *column)
{
	*line = *column = 1;
	for (size_t i = 0; i < at && i < p->text.n; i++) {
		if (p->text.p[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((uint8_t)p->text.p[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

int reader_refuse_at(struct reader *r, const char *code, uint32_t at, const char *words)
{
	size_t n = str_of(words).n + 1;
	struct iam_refusal *f = arena_take(r->arena, sizeof(*f)), **last = &r->policy->refused;
	char *copy = arena_take(r->arena, n);
	unsigned line, column;

	if (!f || !copy)
		return reader_full(r);
	memcpy(copy, words, n);
	*f = (struct iam_refusal){ code, copy, at, NULL };
	while (*last)
		last = &(*last)->next;
	*last = f;
	r->refused++;
	policy_place(r->policy, at, &line, &column);
	return err(ERR_FORMAT, "%s:%u:%u: %s", r->policy->source, line, column, words);
}

int reader_go_on(const struct reader *r, int e)
{
	bool on = r->flags & POLICY_GO_ON && r->refused < REFUSALS_MAX;

	return e == ERR_FORMAT && on ? 0 : e;
}

int reader_refuse(struct reader *r, const char *code, struct json at, const char *fmt, ...)
{
	BUF(words, 512);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	return reader_refuse_at(r, code, reader_at(at), buf_text(&words));
}

int reader_full(struct reader *r)
{
	return err(ERR_LIMIT,
		"%s: the policies need more than the %zu bytes that are set aside for them",
		r->policy->source, r->arena->cap);
}

uint32_t reader_at(struct json v)
{
	struct str s = json_raw(v);

	return json_type(v) ? (uint32_t)(s.p - v.doc->text.p) - (json_type(v) == JSON_STRING) : 0;
}

/* ---- strings ---- */

/* The API's pattern for documents: U+0009, U+000A, U+000D, U+0020 to U+00FF */
static bool allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xff);
}

/* The offset of the first character that AWS refuses, or s.n. */
static size_t find_unsupported(struct str s)
{
	struct str rest = s;
	uint32_t c;

	while (rest.n > 0) {
		size_t at = s.n - rest.n;

		if (!utf8_take(&rest, &c) || !allowed(c))
			return at;
	}
	return s.n;
}

int reader_text(struct reader *r, struct json v, struct str *out)
{
	struct str raw = json_raw(v);
	struct buf b;
	char *p;

	if (json_type(v) != JSON_STRING)
		return reader_refuse(r, "malformed", v, "a string is needed here");
	*out = raw;
	if (str_has(raw, '\\')) {
		p = arena_take(r->arena, raw.n + 1);
		if (!p)
			return reader_full(r);
		b = buf_of(p, raw.n + 1);
		if (json_text(v, &b) < 0)
			return reader_refuse(r, "unsupported-character", v,
				"AWS takes no policy with NUL in it");
		*out = buf_view(&b);
	}
	if (find_unsupported(*out) < out->n)
		return reader_refuse(r, "unsupported-character", v,
			"AWS takes only characters up to U+00FF, and no controls");
	return 0;
}

int reader_list(struct reader *r, struct json v, struct iam_list *out,
	int (*one)(struct reader *r, struct json v, struct iam_value *out, const void *of),
	const void *of)
{
	int e = 0;

	out->list = json_type(v) == JSON_ARRAY;
	out->n = out->list ? json_count(v) : 1;
	if (out->n == 0)
		return 0;
	out->v = arena_take(r->arena, out->n * sizeof(*out->v));
	if (!out->v)
		return reader_full(r);
	if (!out->list)
		return one(r, v, out->v, of);
	out->n = 0;
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = reader_go_on(r, one(r, i, &out->v[out->n++], of));
	return e;
}

/* ---- the parts of a statement ---- */

/* Policies that are attached to identities and organisations; those of resources and endpoints may
 * write and repeat what they like. */
static int read_sid(struct reader *r, struct json v, struct iam_statement *s)
{
	int e = reader_text(r, v, &s->sid);

	s->has_sid = true;
	if (e < 0 || s->sid.n == 0 || r->policy->kind == IAM_RESOURCE ||
		r->policy->kind == IAM_ENDPOINT)
		return e;
	if (!str_all(s->sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
		return reader_refuse(r, "invalid-sid", v, "Sid '%.*s' is not letters and digits",
			STR_ARG(s->sid));
	for (size_t i = 0; i < r->policy->n; i++)
		if (str_eq(r->policy->statements[i].sid, s->sid))
			return reader_refuse(
				r, "duplicate-sid", v, "Sid '%.*s' stands twice", STR_ARG(s->sid));
	return 0;
}

static int read_effect(struct reader *r, struct json v, struct iam_statement *s)
{
	s->deny = json_is(v, "Deny");
	if (!s->deny && !json_is(v, "Allow"))
		return reader_refuse(r, "malformed", v, "Effect has to be \"Allow\" or \"Deny\"");
	return 0;
}

/* "*" or service:Name; what a name is made of is not looked at. */
static bool is_action(struct str s)
{
	struct str service, name = s;

	return str_is(s, "*") ||
		(str_cut(&name, ':', &service) && service.n > 0 && name.n > 0 &&
			!str_has(name, ':'));
}

static int read_action(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	int e = reader_text(r, v, &out->raw);

	(void)of;
	if (e < 0)
		return e;
	out->at = reader_at(v);
	if (!is_action(out->raw))
		return reader_refuse(
			r, "malformed", v, "action '%.*s' is not service:Name", STR_ARG(out->raw));
	if (r->policy->kind == IAM_RCP && str_is(out->raw, "*"))
		return reader_refuse(r, "malformed", v,
			"a resource control policy names the service of its actions");
	return match_compile(&out->form, out->raw, COMPILE_WILD | COMPILE_LOWER, r->arena)
		? 0
		: reader_full(r);
}

static int read_actions(struct reader *r, struct json v, struct iam_statement *s)
{
	return reader_list(r, v, &s->actions, read_action, NULL);
}

static int read_not_actions(struct reader *r, struct json v, struct iam_statement *s)
{
	s->not_action = true;
	return read_actions(r, v, s);
}

/* Whether an ARN of fewer than six parts is completed with * ("IAM JSON policy elements: Resource";
 * service control policies and resource-based policies want a wildcard for that). */
static bool completed(enum iam_kind kind, struct str arn)
{
	switch (kind) {
	case IAM_SCP: return str_ends(arn, "*");
	case IAM_RESOURCE:
	case IAM_ENDPOINT: return str_has(arn, '*');
	default: return true;
	}
}

/* Each part of its own: variables only mean something in the last ("IAM policy elements:
 * Variables"). */
static int compile_resource(struct reader *r, struct iam_value *v)
{
	struct arn *arn = arena_take(r->arena, sizeof(*arn));
	static const struct str any = { "\1", 1 };

	if (!arn)
		return reader_full(r);
	*arn = arn_split(v->raw);
	if (arn->n < 6 && !completed(r->policy->kind, v->raw))
		return 0;
	for (unsigned i = 0; i < 6; i++) {
		unsigned flags = COMPILE_WILD |
			(i == ARN_RESOURCE && r->policy->variables ? COMPILE_VARIABLES : 0);

		if (i >= arn->n)
			arn->part[i] = any; /* an incomplete ARN is completed */
		else if (!match_compile(&arn->part[i], arn->part[i], flags, r->arena))
			return reader_full(r);
	}
	arn->n = 6;
	v->arn = arn;
	v->form = arn->part[ARN_RESOURCE];
	v->variables = match_has_variables(v->form);
	return 0;
}

/* An ARN, perhaps a short one, that names at least its partition; a variable that AWS would refuse
 * is left to lint. */
static const char *bad_resource(struct reader *r, struct str s)
{
	struct arn a = arn_split(s);

	if (!str_is(a.part[0], "arn") || a.n < 2 || a.part[ARN_PARTITION].n == 0 ||
		(a.n > 2 && a.part[ARN_SERVICE].n == 0))
		return "is neither an ARN nor \"*\"";
	if (a.n < 6 && r->policy->kind == IAM_RCP)
		return "is no whole ARN, which a resource control policy needs";
	if (r->policy->variables && !(r->flags & POLICY_LENIENT) && match_bad_variable(s))
		return match_bad_variable(s);
	return NULL;
}

static int read_resource(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	const char *bad;
	int e = reader_text(r, v, &out->raw);

	(void)of;
	if (e < 0)
		return e;
	out->at = reader_at(v);
	out->form = out->raw;
	if (str_is(out->raw, "*"))
		return 0;
	bad = bad_resource(r, out->raw);
	if (bad)
		return reader_refuse(
			r, "invalid-arn", v, "resource '%.*s': %s", STR_ARG(out->raw), bad);
	return compile_resource(r, out);
}

static int read_resources(struct reader *r, struct json v, struct iam_statement *s)
{
	s->has_resource = true;
	return reader_list(r, v, &s->resources, read_resource, NULL);
}

static int read_not_resources(struct reader *r, struct json v, struct iam_statement *s)
{
	s->not_resource = true;
	return read_resources(r, v, s);
}

/* ---- the statement ---- */

static int read_not_principals(struct reader *r, struct json v, struct iam_statement *s)
{
	s->not_principal = true;
	if (r->policy->kind == IAM_RCP)
		return reader_refuse(r, "unsupported-principal", v,
			"a resource control policy takes no NotPrincipal");
	return reader_principals(r, v, s);
}

enum { SID = 1, EFFECT = 2, ACTION = 4, RESOURCE = 8, PRINCIPAL = 16, CONDITION = 32 };

static const struct element {
	const char *name;
	unsigned bit; /* two of the same bit exclude each other */
	int (*read)(struct reader *r, struct json v, struct iam_statement *s);
} elements[] = {
	{ "Sid", SID, read_sid },
	{ "Effect", EFFECT, read_effect },
	{ "Action", ACTION, read_actions },
	{ "NotAction", ACTION, read_not_actions },
	{ "Resource", RESOURCE, read_resources },
	{ "NotResource", RESOURCE, read_not_resources },
	{ "Principal", PRINCIPAL, reader_principals },
	{ "NotPrincipal", PRINCIPAL, read_not_principals },
	{ "Condition", CONDITION, reader_condition },
};

static int read_element(struct reader *r, struct json name, struct iam_statement *s, unsigned *seen)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		const struct element *e = &elements[i];

		if (!json_is(name, e->name))
			continue;
		if (*seen & e->bit)
			return reader_refuse(r, "malformed", name,
				"%s and its opposite exclude each other", e->name);
		*seen |= e->bit;
		return e->read(r, json_value(name), s);
	}
	return reader_refuse(r, "malformed", name, "'%.*s' is no element of a statement",
		STR_ARG(json_raw(name)));
}

static int check_statement(
	struct reader *r, struct json v, const struct iam_statement *s, unsigned seen)
{
	enum iam_kind kind = r->policy->kind;

	if (!(seen & EFFECT))
		return reader_refuse(r, "malformed", v, "a statement without Effect");
	if (!(seen & ACTION))
		return reader_refuse(r, "malformed", v, "a statement without Action or NotAction");
	if (!(seen & RESOURCE) && kind != IAM_RESOURCE)
		return reader_refuse(
			r, "malformed", v, "a statement without Resource or NotResource");
	if (!(seen & PRINCIPAL) &&
		(kind == IAM_RESOURCE || kind == IAM_ENDPOINT || kind == IAM_RCP))
		return reader_refuse(r, "malformed", v, "a statement without Principal");
	if (kind == IAM_RCP && (!s->deny || s->not_action))
		return reader_refuse(r, "malformed", v,
			"a resource control policy only denies, and names its actions");
	return 0;
}

/* A statement with a fault is not counted. */
static int read_statement(struct reader *r, struct json v, size_t index)
{
	struct iam_policy *p = r->policy;
	struct iam_statement *s = &p->statements[p->n];
	unsigned seen = 0, before = r->refused;
	int e = 0;

	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(r, "malformed", v, "a statement has to be an object");
	*s = (struct iam_statement){ .policy = p, .index = index, .at = reader_at(v) };
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = reader_go_on(r, read_element(r, i, s, &seen));
	if (e == 0)
		e = check_statement(r, v, s, seen);
	if (e == 0 && r->refused == before)
		p->n++;
	return e;
}

/* ---- the document ---- */

static int read_version(struct reader *r, struct json v)
{
	struct iam_policy *p = r->policy;

	p->variables = !json_is(v, "2008-10-17");
	if (p->variables && !json_is(v, "2012-10-17"))
		return reader_refuse(r, "malformed", v,
			"Version has to be \"2012-10-17\" (or the old \"2008-10-17\")");
	return reader_text(r, v, &p->version);
}

/* Version has to be known before the values are read, wherever it stands. */
static int read_head(struct reader *r, struct json v)
{
	int e = 0;

	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i)) {
		if (json_is(i, "Version"))
			e = read_version(r, json_value(i));
		else if (json_is(i, "Id"))
			e = reader_text(r, json_value(i), &r->policy->id);
		else if (!json_is(i, "Statement"))
			e = reader_refuse(r, "malformed", i, "'%.*s' is no element of a policy",
				STR_ARG(json_raw(i)));
		e = reader_go_on(r, e);
	}
	return e;
}

static int read_statements(struct reader *r, struct json v)
{
	bool list = json_type(v) == JSON_ARRAY;
	size_t n = list ? json_count(v) : 1;
	int e = 0;

	if (n == 0)
		return 0;
	r->policy->statements = arena_take(r->arena, n * sizeof(struct iam_statement));
	if (!r->policy->statements)
		return reader_full(r);
	if (!list)
		return read_statement(r, v, 0);
	n = 0;
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = reader_go_on(r, read_statement(r, i, n++));
	return e;
}

/* What AWS counts: all characters but white space outside of strings. */
static size_t count_size(struct str s)
{
	bool string = false;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' && (!string || s.p[i - 1] != '\\'))
			string = !string;
		n += (string || !memchr(" \t\r\n", s.p[i], 4)) && ((uint8_t)s.p[i] & 0xc0) != 0x80;
	}
	return n;
}

int reader_document(struct reader *r, struct json v)
{
	struct str raw = json_raw(v);
	struct json statements = json_get(v, "Statement");
	size_t bad;
	int e;

	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(r, "malformed", v, "a policy has to be an object");
	bad = find_unsupported(raw);
	if (bad < raw.n)
		return reader_refuse_at(r, "unsupported-character", reader_at(v) + (uint32_t)bad,
			"AWS takes only characters up to U+00FF, and no controls");
	r->policy->size = count_size(raw);
	if (r->policy->size > POLICY_SIZE_MAX)
		return err(ERR_LIMIT, "%s: larger than the %d characters that AWS takes",
			r->policy->source, POLICY_SIZE_MAX);
	e = read_head(r, v);
	if (e == 0 && !json_type(statements))
		return reader_refuse(r, "malformed", v, "a policy without Statement");
	if (e == 0 && r->policy->kind == IAM_RCP && !r->policy->variables)
		e = reader_go_on(r,
			reader_refuse(r, "malformed", v,
				"a resource control policy needs Version 2012-10-17"));
	if (e == 0)
		e = read_statements(r, statements);
	return e == 0 && r->policy->refused ? ERR_FORMAT : e;
}
