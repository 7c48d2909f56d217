/* sts.c - GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity
 *
 * Of a web identity token everything is judged but its signature: the mock knows no provider's key.
 * Source: the API reference of STS (2011-06-15). */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "data/enc.h"
#include "data/json.h"

#include "query.h"

enum { HOUR = 3600, DURATION_LEAST = 900, DURATION_MOST = 12 * HOUR, TOKENS = 128 };

#define REFUSED "1 validation error detected: Value "
#define CONSTRAINT " failed to satisfy constraint: Member must "

/* Nobody is refused this, whatever the policies say. */
static enum failure caller_identity(struct call *c)
{
	const struct pair pairs[] = { { "arn", c->who.arn }, { "id", c->who.id },
		{ "account", c->who.account->id } };
	const struct fill f = { .pairs = pairs, .n_pairs = 3 };

	query_open(c);
	query_add(c, &f, "Arn={arn} UserId={id} Account={account}");
	query_close(c);
	return FAIL_NONE;
}

/* --- what both ways of assuming a role take --- */

/* One at a time, as everything of a call. */
static struct {
	char arn[ARN_MAX], policy[SESSION_POLICY_MAX + 1];
	const struct principal *role; /* NULL: there is none of that ARN */
	struct session session;
} asked;

static bool session_name_ok(struct str s)
{
	return s.n >= 2 && s.n <= 64 &&
		str_all(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-");
}

static const struct principal *role_of(const struct call *c, const char *arn)
{
	for (size_t i = 0; i < c->m->world.principals.n; i++) {
		const struct principal *p = &c->m->world.principals.at[i];

		if (p->kind == PRINCIPAL_ROLE && strcmp(arn, p->arn) == 0)
			return p;
	}
	return NULL;
}

static enum failure read_duration(struct call *c, uint64_t *seconds)
{
	BUF(text, 32);

	*seconds = HOUR;
	if (!query_parameter(c, "DurationSeconds", &text) ||
		(str_u64(buf_view(&text), DURATION_MOST, seconds) && *seconds >= DURATION_LEAST))
		return FAIL_NONE;
	return call_fail(c, FAIL_INVALID,
		REFUSED "'%s' at 'durationSeconds'" CONSTRAINT "have value between %d and %d",
		buf_text(&text), DURATION_LEAST, DURATION_MOST);
}

static enum failure read_policy(struct call *c)
{
	struct buf policy = buf_of(asked.policy, sizeof(asked.policy));
	BUF(ignored, 256);

	if (query_numbered(c, "PolicyArns.member", 1, ".arn", &ignored))
		return call_fail(c, FAIL_INVALID,
			"PolicyArns are not known here: no managed policy is. Give Policy");
	if (!query_parameter(c, "Policy", &policy))
		return FAIL_NONE;
	asked.session.policy = buf_view(&policy);
	if (policy.full)
		return call_fail(c, FAIL_INVALID,
			REFUSED "at 'policy'" CONSTRAINT "have length less than or equal to %d",
			SESSION_POLICY_MAX);
	return permit_policy(c, asked.session.policy);
}

static void record(struct call *c)
{
	struct json_out o = json_out(&c->parameters, 0);

	json_open(&o, '{');
	json_member(&o, "roleArn", asked.arn);
	json_member(&o, "roleSessionName", asked.session.name);
	json_close(&o, '}');
}

static enum failure read_request(struct call *c)
{
	struct buf arn = buf_of(asked.arn, sizeof(asked.arn));
	struct session *s = &asked.session;
	BUF(name, 128);
	uint64_t seconds = 0;
	bool named;
	enum failure f;

	asked.arn[0] = 0;
	*s = (struct session){ .kind = SESSION_ROLE, .issued = c->now };
	named = query_parameter(c, "RoleSessionName", &name) && session_name_ok(buf_view(&name));
	(void)str_copy(s->name, sizeof(s->name), named ? buf_view(&name) : STR(""));
	if (!query_parameter(c, "RoleArn", &arn))
		return call_fail(
			c, FAIL_INVALID, REFUSED "null at 'roleArn'" CONSTRAINT "not be null");
	record(c);
	if (!named)
		return call_fail(c, FAIL_INVALID,
			REFUSED "'%s' at 'roleSessionName'" CONSTRAINT
				"satisfy regular expression pattern: [\\w+=,.@-]*",
			buf_text(&name));
	f = read_duration(c, &seconds);
	s->expiry = c->now + (int64_t)seconds;
	asked.role = role_of(c, asked.arn);
	return f == FAIL_NONE ? read_policy(c) : f;
}

static enum failure give_credentials(struct call *c, const char *subject, const char *provider)
{
	static struct temporary t;
	const struct principal *role = asked.role;
	struct session *s = &asked.session;
	BUF(expiry, 32);
	const struct pair pairs[] = { { "key", t.id }, { "secret", t.secret }, { "token", t.token },
		{ "expiry", expiry_storage }, { "subject", subject }, { "provider", provider },
		{ "role", role->unique_id }, { "session", s->name }, { "name", role->name },
		{ "partition", role->account->partition }, { "id", role->account->id } };
	const struct fill f = { .pairs = pairs, .n_pairs = sizeof(pairs) / sizeof(pairs[0]) };

	(void)str_copy(s->account, sizeof(s->account), str_of(role->account->id));
	(void)str_copy(s->role, sizeof(s->role), str_of(role->name));
	if (creds_make(c->m, s, &t) < 0)
		return call_fail(c, FAIL_INVALID, "%s", err_text());
	clock_iso(&expiry, s->expiry);
	query_open(c);
	query_add(c, &f,
		"<Credentials> AccessKeyId={key} SecretAccessKey={secret} SessionToken={token} "
		"Expiration={expiry} </Credentials> SubjectFromWebIdentityToken={subject} "
		"Provider={provider} <AssumedRoleUser> AssumedRoleId={role}:{session} "
		"Arn=arn:{partition}:sts::{id}:assumed-role/{name}/{session} </AssumedRoleUser>");
	query_close(c);
	return FAIL_NONE;
}

/* --- AssumeRole --- */

static enum failure assume_role(struct call *c)
{
	BUF(external, 1300);
	const struct pair keys[] = { { "sts:RoleSessionName", asked.session.name },
		{ "sts:ExternalId", external_storage } };
	enum failure f = read_request(c);
	bool given = query_parameter(c, "ExternalId", &external);

	if (f == FAIL_NONE && !asked.role)
		f = call_fail(c, FAIL_DENIED,
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
			c->who.arn, asked.arn);
	if (f == FAIL_NONE)
		f = permit_assume(c, asked.role, keys, given ? 2 : 1);
	return f == FAIL_NONE ? give_credentials(c, NULL, NULL) : f;
}

/* --- AssumeRoleWithWebIdentity --- */

/* Payload of the token of the present call. */
static struct {
	char coded[8192], text[8192];
	struct json_token tokens[TOKENS];
	struct json_doc doc;
	char issuer[256], audience[256], subject[256]; /* the issuer without https:// */
	int64_t expiry;
} claims;

static enum failure bad_token(struct call *c, const char *words)
{
	return call_fail(c, FAIL_INVALID_TOKEN, "%s", words);
}

static bool claim(const char *name, char *to, size_t room)
{
	struct buf b = buf_of(to, room);
	struct json v = json_get(json_root(&claims.doc), name);

	if (json_type(v) == JSON_ARRAY)
		v = json_first(v);
	return json_text(v, &b) >= 0 && b.len > 0;
}

/* header.payload.signature, each in base64 for URLs */
static enum failure read_token(struct call *c)
{
	struct buf coded = buf_of(claims.coded, sizeof(claims.coded)),
		   text = buf_of(claims.text, sizeof(claims.text));
	struct str rest, header, payload;
	static const char prefix[] = "https://";

	if (!query_parameter(c, "WebIdentityToken", &coded) || coded.full)
		return bad_token(c, "The ID Token provided is not a valid JWT.");
	rest = buf_view(&coded);
	if (!str_cut(&rest, '.', &header) || !str_cut(&rest, '.', &payload) || rest.n == 0 ||
		base64url_read(payload, &text) < 0 ||
		json_parse(&claims.doc, buf_view(&text), claims.tokens, TOKENS) < 0)
		return bad_token(c,
			"The ID Token provided is not a valid JWT. (You may see this error if you "
			"sent an Access Token)");
	if (!claim("iss", claims.issuer, sizeof(claims.issuer)) ||
		!claim("sub", claims.subject, sizeof(claims.subject)) ||
		!claim("aud", claims.audience, sizeof(claims.audience)) ||
		!json_int(json_get(json_root(&claims.doc), "exp"), &claims.expiry))
		return bad_token(c, "Missing a required claim: iss, sub, aud or exp");
	if (str_starts(str_of(claims.issuer), prefix))
		memmove(claims.issuer, claims.issuer + sizeof(prefix) - 1,
			strlen(claims.issuer + sizeof(prefix) - 1) + 1);
	if (claims.expiry <= c->now)
		return call_fail(c, FAIL_EXPIRED_IDENTITY,
			"Token expired: current date/time must be before the expiration date/time");
	return FAIL_NONE;
}

/* PROVIDER:NAME */
static struct pair claim_key(char *room, size_t n, const char *name, const char *value)
{
	struct buf b = buf_of(room, n);

	buf_addf(&b, "%s:%s", claims.issuer, name);
	return (struct pair){ room, value };
}

static enum failure permit_claims(struct call *c)
{
	char sub[300], aud[300];
	const struct pair keys[] = {
		{ "sts:RoleSessionName", asked.session.name },
		claim_key(sub, sizeof(sub), "sub", claims.subject),
		claim_key(aud, sizeof(aud), "aud", claims.audience),
	};

	return permit_federated(c, asked.role, claims.issuer, keys, 3);
}

static enum failure assume_with_web_identity(struct call *c)
{
	enum failure f = read_request(c);
	struct buf id = buf_of(c->who.id, sizeof(c->who.id));

	if (f == FAIL_NONE)
		f = read_token(c);
	if (f != FAIL_NONE)
		return f;
	if (asked.role) {
		c->who.account = asked.role->account;
		c->who.provider = claims.issuer;
		c->who.subject = claims.subject;
		buf_addf(&id, "%s:%s:%s", claims.issuer, claims.audience, claims.subject);
		f = permit_claims(c);
	}
	if (!asked.role || f == FAIL_DENIED)
		return call_fail(
			c, FAIL_DENIED, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
	return f == FAIL_NONE ? give_credentials(c, claims.subject, claims.issuer) : f;
}

const struct action sts_actions[] = {
	{ "GetCallerIdentity", PROTOCOL_STS, "sts", true, false, caller_identity },
	{ "AssumeRole", PROTOCOL_STS, "sts", true, false, assume_role },
	{ "AssumeRoleWithWebIdentity", PROTOCOL_STS, "sts", true, true, assume_with_web_identity },
	{ 0 },
};
