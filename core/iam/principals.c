/* principals.c - reads the Principal element of a statement
 *
 *	"Principal": "*" or { "AWS" | "Federated" | "Service" | "CanonicalUser": NAME or [NAME, ...]
 *}
 */
#include "iam/reader.h"
#include "iam/request.h"

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* "*", an account, an ARN of a principal, or the unique id of one that was deleted; no other
 * wildcards */
static bool is_aws(struct str s)
{
	struct iam_principal p;

	if (str_is(s, "*") || (s.n == 12 && str_all(s, DIGITS)))
		return true;
	if (str_starts(s, "AIDA") || str_starts(s, "AROA"))
		return s.n >= 16 && str_all(s, UPPER DIGITS);
	return str_starts(s, "arn:") && principal_read(&p, s) == 0;
}

/* An identity provider: its ARN, or the name of one that AWS knows. */
static bool is_federated(struct str s)
{
	struct arn a = arn_split(s);

	if (a.n < 6)
		return str_has(s, '.') && str_all(s, LOWER DIGITS ".-");
	return str_is(a.part[0], "arn") && str_is(a.part[ARN_SERVICE], "iam") &&
		(str_starts(a.part[ARN_RESOURCE], "saml-provider/") ||
			str_starts(a.part[ARN_RESOURCE], "oidc-provider/")) &&
		!str_has(s, '*') && !str_has(s, '?');
}

static bool is_service(struct str s)
{
	return str_has(s, '.') && str_all(s, LOWER DIGITS ".-");
}

static bool is_canonical(struct str s)
{
	return s.n == 64 && str_all(s, DIGITS "abcdef");
}

static const struct {
	const char *name;
	bool (*ok)(struct str s);
	const char *words;
} types[] = {
	[IAM_PRINCIPAL_AWS] = { "AWS", is_aws, "\"*\", an account or a whole ARN" },
	[IAM_PRINCIPAL_FEDERATED] = { "Federated", is_federated, "an identity provider" },
	[IAM_PRINCIPAL_SERVICE] = { "Service", is_service, "a service (NAME.amazonaws.com)" },
	[IAM_PRINCIPAL_CANONICAL] = { "CanonicalUser", is_canonical, "64 hexadecimal digits" },
};

static int read_principal(struct reader *r, struct json v, struct iam_value *out, const void *of)
{
	const struct iam_principals *p = of;
	int e = reader_text(r, v, &out->raw);

	if (e < 0)
		return e;
	out->at = reader_at(v);
	out->form = out->raw;
	return types[p->type].ok(out->raw)
		? 0
		: reader_refuse(r, "unsupported-principal", v, "'%.*s' is not %s",
			  STR_ARG(out->raw), types[p->type].words);
}

static int read_principal_map(struct reader *r, struct json v, struct iam_principals **tail)
{
	int e = 0;

	for (struct json i = json_first(v); e == 0 && json_type(i); i = json_next(v, i)) {
		struct iam_principals *p = arena_take(r->arena, sizeof(*p));

		if (!p)
			return reader_full(r);
		*tail = p;
		tail = &p->next;
		for (unsigned t = IAM_PRINCIPAL_AWS; t <= IAM_PRINCIPAL_CANONICAL; t++)
			if (json_is(i, types[t].name))
				p->type = (enum iam_principal_type)t;
		if (p->type == IAM_PRINCIPAL_ANY)
			return reader_refuse(r, "unsupported-principal", i,
				"principals are AWS, Federated, Service or CanonicalUser");
		e = reader_list(r, json_value(i), &p->values, read_principal, p);
	}
	return e;
}

int reader_principals(struct reader *r, struct json v, struct iam_statement *s)
{
	enum iam_kind kind = r->policy->kind;
	struct iam_principals *any;

	s->has_principal = true;
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
