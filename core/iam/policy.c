/* policy.c - a policy document, read strictly into an arena */
#include "iam/policy.h"

#include <stdarg.h>
#include <string.h>

#include "data/enc.h"
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

static int refuse_at(struct reader *r, const char *code, uint32_t at, const char *words)
{
	unsigned line, column;

	r->policy->wrong = code;
	r->policy->wrong_at = at;
	policy_place(r->policy, at, &line, &column);
	return err(ERR_FORMAT, "%s:%u:%u: %s", r->policy->source, line, column, words);
}

int reader_refuse(struct reader *r, const char *code, struct json at, const char *fmt, ...)
{
	BUF(words, 512);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	return refuse_at(r, code, reader_at(at), buf_text(&words));
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
		e = one(r, i, &out->v[out->n++], of);
	return e;
}

/* ---- the parts of a statement ---- */

static int read_sid(struct reader *r, struct json v, struct iam_statement *s)
{
	s->has_sid = true;
	return reader_text(r, v, &s->sid);
}

static int read_effect(struct reader *r, struct json v, struct iam_statement *s)
{
	s->deny = json_is(v, "Deny");
	if (!s->deny && !json_is(v, "Allow"))
		return reader_refuse(r, "malformed", v, "Effect has to be \"Allow\" or \"Deny\"");
	return 0;
}

static int read_action(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	int e = reader_text(r, v, &out->raw);

	(void)of;
	if (e < 0)
		return e;
	out->at = reader_at(v);
	if (!str_is(out->raw, "*") && !str_has(out->raw, ':'))
		return reader_refuse(r, "malformed", v,
			"action '%.*s' has no service in front (service:Name)", STR_ARG(out->raw));
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
	case IAM_RCP: return false;
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

static int read_resource(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	struct str first, rest;
	int e = reader_text(r, v, &out->raw);

	(void)of;
	if (e < 0)
		return e;
	out->at = reader_at(v);
	out->form = out->raw;
	if (str_is(out->raw, "*"))
		return 0;
	rest = out->raw;
	if (!str_cut(&rest, ':', &first) ||
		(!str_is(first, "arn") && !str_has(first, '*') && !str_has(first, '?')))
		return reader_refuse(r, "invalid-arn", v,
			"resource '%.*s' is neither an ARN nor \"*\"", STR_ARG(out->raw));
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

/* ---- principals ---- */

static bool is_account(struct str s)
{
	return s.n == 12 && str_all(s, "0123456789");
}

/* "*", an account, an ARN of a principal, or the unique id of one that was deleted; no other
 * wildcards */
static bool is_aws_principal(struct str s)
{
	struct arn a = arn_split(s);

	if (str_is(s, "*") || is_account(s))
		return true;
	if (str_has(s, '*') || str_has(s, '?'))
		return false;
	if (a.n == 1)
		return str_starts(s, "AIDA") || str_starts(s, "AROA");
	return a.n == 6 && str_is(a.part[0], "arn") && is_account(a.part[ARN_ACCOUNT]) &&
		a.part[ARN_RESOURCE].n > 0 &&
		(str_is(a.part[ARN_SERVICE], "iam") || str_is(a.part[ARN_SERVICE], "sts"));
}

static int read_principal(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	const struct iam_principals *p = of;
	int e = reader_text(r, v, &out->raw);

	if (e < 0)
		return e;
	out->at = reader_at(v);
	out->form = out->raw;
	if (p->type == IAM_PRINCIPAL_AWS && !is_aws_principal(out->raw))
		return reader_refuse(r, "unsupported-principal", v,
			"'%.*s' is no principal: \"*\", an account or the whole ARN is needed",
			STR_ARG(out->raw));
	return 0;
}

static int read_principal_map(struct reader *r, struct json v, struct iam_principals **tail)
{
	static const char *const names[] = { [IAM_PRINCIPAL_AWS] = "AWS",
		[IAM_PRINCIPAL_FEDERATED] = "Federated",
		[IAM_PRINCIPAL_SERVICE] = "Service",
		[IAM_PRINCIPAL_CANONICAL] = "CanonicalUser" };
	int e = 0;

	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i)) {
		struct iam_principals *p = arena_take(r->arena, sizeof(*p));

		if (!p)
			return reader_full(r);
		*tail = p;
		tail = &p->next;
		for (unsigned t = IAM_PRINCIPAL_AWS; t <= IAM_PRINCIPAL_CANONICAL; t++)
			if (json_is(i, names[t]))
				p->type = (enum iam_principal_type)t;
		if (p->type == IAM_PRINCIPAL_ANY)
			return reader_refuse(r, "unsupported-principal", i,
				"principals are AWS, Federated, Service or CanonicalUser");
		e = reader_list(r, json_value(i), &p->values, read_principal, p);
	}
	return e;
}

static int read_principals(struct reader *r, struct json v, struct iam_statement *s)
{
	enum iam_kind kind = r->policy->kind;
	struct iam_principals *any;

	if (kind != IAM_RESOURCE && kind != IAM_ENDPOINT && kind != IAM_RCP)
		return reader_refuse(r, "unsupported-principal", v,
			"a Principal has no place in this kind of policy");
	if (json_is(v, "*")) {
		any = s->principals = arena_take(r->arena, sizeof(*any));
		return any ? 0 : reader_full(r);
	}
	if (kind == IAM_RCP)
		return reader_refuse(r, "unsupported-principal", v,
			"the Principal of a resource control policy is \"*\"");
	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(
			r, "unsupported-principal", v, "Principal has to be \"*\" or an object");
	return read_principal_map(r, v, &s->principals);
}

static int read_not_principals(struct reader *r, struct json v, struct iam_statement *s)
{
	s->not_principal = true;
	if (r->policy->kind == IAM_RCP)
		return reader_refuse(r, "unsupported-principal", v,
			"a resource control policy takes no NotPrincipal");
	return read_principals(r, v, s);
}

/* ---- the statement ---- */

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
	{ "Principal", PRINCIPAL, read_principals },
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

static int read_statement(struct reader *r, struct json v)
{
	struct iam_policy *p = r->policy;
	struct iam_statement *s = &p->statements[p->n];
	unsigned seen = 0;
	int e = 0;

	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(r, "malformed", v, "a statement has to be an object");
	*s = (struct iam_statement){ .policy = p, .index = p->n, .at = reader_at(v) };
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = read_element(r, i, s, &seen);
	if (e == 0)
		e = check_statement(r, v, s, seen);
	p->n++;
	return e;
}

/* ---- the document ---- */

static int read_version(struct reader *r, struct json v)
{
	struct iam_policy *p = r->policy;

	p->variables = json_is(v, "2012-10-17");
	if (!p->variables && !json_is(v, "2008-10-17"))
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
		return read_statement(r, v);
	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i))
		e = read_statement(r, i);
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

static int read_document(struct reader *r, struct json v)
{
	struct str raw = json_raw(v);
	struct json statements = json_get(v, "Statement");
	size_t bad;
	int e;

	if (json_type(v) != JSON_OBJECT)
		return reader_refuse(r, "malformed", v, "a policy has to be an object");
	bad = find_unsupported(raw);
	if (bad < raw.n)
		return refuse_at(r, "unsupported-character", reader_at(v) + (uint32_t)bad,
			"AWS takes only characters up to U+00FF, and no controls");
	r->policy->size = count_size(raw);
	if (r->policy->size > POLICY_SIZE_MAX)
		return err(ERR_LIMIT, "%s: larger than the %d characters that AWS takes",
			r->policy->source, POLICY_SIZE_MAX);
	e = read_head(r, v);
	if (e == 0 && !json_type(statements))
		e = reader_refuse(r, "malformed", v, "a policy without Statement");
	if (e == 0 && r->policy->kind == IAM_RCP && !r->policy->variables)
		e = reader_refuse(
			r, "malformed", v, "a resource control policy needs Version 2012-10-17");
	return e < 0 ? e : read_statements(r, statements);
}

/* ---- as the AWS CLI prints it ---- */

static size_t count_tokens(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += memchr("{[,:", text.p[i], 4) != NULL;
	return n;
}

int policy_json(struct json_doc *doc, const char *source, struct str text, struct arena *a)
{
	size_t n = count_tokens(text);
	struct json_token *tokens = arena_take(a, n * sizeof(*tokens));
	int e;

	if (!tokens)
		return err(ERR_LIMIT,
			"%s: JSON of %zu bytes needs more than the memory that is set aside",
			source, text.n);
	e = json_parse(doc, text, tokens, n);
	return e < 0 ? err_in(e, "%s", source) : 0;
}

/* The value inside one envelope; v itself when there is none. */
static struct json open_envelope(struct json v)
{
	static const char *const names[] = { "PolicyVersion", "PolicyDocument", "Document",
		"Policy", "Content", "AssumeRolePolicyDocument" };

	if (json_type(json_get(v, "Statement")))
		return v;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json inner = json_get(v, names[i]);

		if (json_type(inner) == JSON_OBJECT || json_type(inner) == JSON_STRING)
			return inner;
	}
	return v;
}

/* The text that stands in a string, or in text that is URL-encoded. */
static int decode(struct reader *r, struct json v, struct str encoded, struct str *out)
{
	char *p = arena_take(r->arena, encoded.n + 1);
	struct buf b;
	int e = 0;

	if (!p)
		return reader_full(r);
	b = buf_of(p, encoded.n + 1);
	if (json_type(v))
		e = json_text(v, &b);
	else
		e = percent_read(encoded, &b);
	*out = buf_view(&b);
	return e < 0 ? err_in(e, "%s", r->policy->source) : 0;
}

static bool url_encoded(struct str s)
{
	s = str_trim(s);
	return s.n > 3 && str_ieq((struct str){ s.p, 3 }, STR("%7B"));
}

static int parse_text(struct reader *r, struct str text, struct json_doc *doc)
{
	struct iam_policy *p = r->policy;
	int e;

	if (url_encoded(text)) {
		e = decode(r, (struct json){ 0 }, str_trim(text), &text);
		if (e < 0)
			return e;
	}
	p->text = text;
	e = policy_json(doc, p->source, text, r->arena);
	if (e == ERR_FORMAT)
		p->wrong = str_find(str_of(err_text()), "a member of this name", NULL)
			? "duplicate-key"
			: "malformed-json";
	return e;
}

enum { ENVELOPES_MAX = 6 };

static int read_enveloped(struct reader *r, struct json v)
{
	struct json_doc *doc = arena_take(r->arena, ENVELOPES_MAX * sizeof(*doc));
	struct str text;
	int e;

	if (!doc)
		return reader_full(r);
	for (int i = 0; i < ENVELOPES_MAX; i++) {
		struct json inner = open_envelope(v);

		if (json_type(inner) != JSON_STRING) {
			if (inner.i == v.i)
				return read_document(r, v);
			v = inner;
			continue;
		}
		e = decode(r, inner, json_raw(inner), &text);
		if (e == 0)
			e = parse_text(r, text, &doc[i]);
		if (e < 0)
			return e;
		v = json_root(&doc[i]);
	}
	return reader_refuse(r, "malformed", v, "a policy in too many envelopes");
}

int policy_read_json(struct iam_policy *p, enum iam_kind kind, const char *source,
	struct json document, struct arena *a, unsigned flags)
{
	struct reader r = { p, a, flags };

	*p = (struct iam_policy){ .source = source,
		.kind = kind,
		.text = document.doc ? document.doc->text : (struct str){ 0 } };
	return read_enveloped(&r, document);
}

int policy_read(struct iam_policy *p, enum iam_kind kind, const char *source, struct str text,
	struct arena *a, unsigned flags)
{
	struct json_doc *doc = arena_take(a, sizeof(*doc));
	struct reader r = { p, a, flags };
	int e;

	*p = (struct iam_policy){ .source = source, .kind = kind, .text = text };
	if (!doc)
		return reader_full(&r);
	e = parse_text(&r, text, doc);
	return e < 0 ? e : read_enveloped(&r, json_root(doc));
}
