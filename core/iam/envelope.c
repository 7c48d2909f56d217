/* envelope.c - takes a policy out of what the AWS CLI prints
 *
 * Inside PolicyVersion.Document, PolicyDocument, Policy, Policy.Content and the like, as an object
 * or as a string, URL-encoded or not.
 */
#include <string.h>

#include "data/enc.h"
#include "iam/reader.h"

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
	unsigned line, column;
	int e;

	if (!tokens)
		return err(ERR_LIMIT,
			"%s: JSON of %zu bytes needs more than the memory that is set aside",
			source, text.n);
	e = json_parse(doc, text, tokens, n);
	if (e != ERR_FORMAT)
		return e < 0 ? err_in(e, "%s", source) : 0;
	policy_place(&(struct iam_policy){ .text = text }, (uint32_t)doc->wrong_at, &line, &column);
	return err(e, "%s:%u:%u: %s", source, line, column, doc->wrong);
}

/* The value inside one envelope; v itself when there is none, nothing when there are two. */
static struct json open_envelope(struct json v)
{
	static const char *const names[] = { "PolicyVersion", "PolicyDocument", "Document",
		"Policy", "Content", "AssumeRolePolicyDocument" };
	struct json found = v;

	if (json_type(json_get(v, "Statement")))
		return v;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json inner = json_get(v, names[i]);

		if (json_type(inner) != JSON_OBJECT && json_type(inner) != JSON_STRING)
			continue;
		if (found.i != v.i)
			return (struct json){ 0 };
		found = inner;
	}
	return found;
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
	return e < 0 ? reader_refuse(r, "malformed", v, "%s", err_text()) : 0;
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
	if (e != ERR_FORMAT)
		return e;
	return reader_refuse_at(r,
		str_starts(str_of(doc->wrong), "a member of") ? "duplicate-key" : "malformed-json",
		(uint32_t)doc->wrong_at, doc->wrong);
}

/* A policy, or what else somebody may hold who called the AWS CLI. */
static int read_document(struct reader *r, struct json v)
{
	static const char *const names[] = { "AttachedPolicies", "Group", "Policies", "Policy",
		"PolicyName", "PolicyNames", "Role", "User", "Versions", "VpcEndpoints" };

	if (json_type(json_get(v, "Statement")))
		return reader_document(r, v);
	if (json_type(json_get(v, "UserDetailList")) || json_type(json_get(v, "RoleDetailList")))
		return reader_refuse(r, "malformed", v,
			"the details of an account and no policy: --what-principals reads them");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_type(json_get(v, names[i])))
			return reader_refuse(r, "malformed", v,
				"an answer of the AWS CLI with %s, which is no policy: take one of "
				"get-policy-version or get-role-policy, or cut the document out",
				names[i]);
	return reader_document(r, v);
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

		if (!json_type(inner))
			return reader_refuse(r, "malformed", v,
				"two policies in one envelope: cut out the one that is meant");
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
	struct reader r = { .policy = p, .arena = a, .flags = flags };

	*p = (struct iam_policy){ .source = source,
		.kind = kind,
		.text = document.doc ? document.doc->text : (struct str){ 0 } };
	return read_enveloped(&r, document);
}

int policy_read(struct iam_policy *p, enum iam_kind kind, const char *source, struct str text,
	struct arena *a, unsigned flags)
{
	struct json_doc *doc = arena_take(a, sizeof(*doc));
	struct reader r = { .policy = p, .arena = a, .flags = flags };
	int e;

	*p = (struct iam_policy){ .source = source, .kind = kind, .text = text };
	if (!doc)
		return reader_full(&r);
	e = parse_text(&r, text, doc);
	return e < 0 ? e : read_enveloped(&r, json_root(doc));
}
