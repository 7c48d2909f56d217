/* request.c - who asks for what: the principal, the action, the resource, and what follows from
 * them */
#include "iam/request.h"

#include "base/buf.h"
#include "base/clock.h"
#include "iam/keys.h"

#define EIC_SERVICE "ec2-instance-connect:"

/* ---- the principal ---- */

static bool take_prefix(struct str *s, const char *prefix)
{
	struct str taken, p = str_of(prefix);

	return s->n > p.n && str_starts(*s, prefix) && str_take(s, p.n, &taken);
}

static struct str last_part(struct str path)
{
	struct str part = { 0 };

	while (str_cut(&path, '/', &part))
		;
	return part;
}

static int read_sts(struct iam_principal *p, struct str what)
{
	if (take_prefix(&what, "federated-user/")) {
		p->who = IAM_FEDERATED;
		p->name = what;
		return 0;
	}
	if (!take_prefix(&what, "assumed-role/") || !str_cut(&what, '/', &p->name) || what.n == 0 ||
		p->name.n == 0 || str_has(what, '/'))
		return ERR_USAGE;
	p->who = IAM_SESSION_OF_ROLE;
	return 0;
}

static int read_iam(struct iam_principal *p, struct str what)
{
	p->name = last_part(what);
	if (str_is(what, "root")) {
		p->who = IAM_ROOT;
	} else if (take_prefix(&what, "user/")) {
		p->who = IAM_USER;
	} else if (take_prefix(&what, "role/")) {
		p->who = IAM_ROLE;
	} else {
		return ERR_USAGE;
	}
	return p->name.n > 0 ? 0 : ERR_USAGE;
}

static bool is_service(struct str s)
{
	return str_ends(s, ".amazonaws.com") || str_ends(s, ".amazonaws.com.cn");
}

static bool is_account(struct str s)
{
	return s.n == 12 && str_all(s, "0123456789");
}

int principal_read(struct iam_principal *p, struct str arn)
{
	struct arn parts = arn_split(arn);
	int r = ERR_USAGE;

	*p = (struct iam_principal){ .arn = arn };
	if (str_is(arn, "*"))
		return 0;
	if (is_service(arn) && parts.n == 1) {
		p->who = IAM_SERVICE;
		p->name = arn;
		return 0;
	}
	if (parts.n == 6 && str_is(parts.part[0], "arn") && is_account(parts.part[ARN_ACCOUNT]) &&
		str_starts(parts.part[ARN_PARTITION], "aws") && parts.part[ARN_REGION].n == 0 &&
		!str_has(arn, '*') && !str_has(arn, '?')) {
		p->partition = parts.part[ARN_PARTITION];
		p->account = parts.part[ARN_ACCOUNT];
		if (str_is(parts.part[ARN_SERVICE], "sts"))
			r = read_sts(p, parts.part[ARN_RESOURCE]);
		else if (str_is(parts.part[ARN_SERVICE], "iam"))
			r = read_iam(p, parts.part[ARN_RESOURCE]);
	}
	if (r == ERR_USAGE)
		return err(ERR_USAGE,
			"'%.*s' is not the ARN of a user, a role, a session of a role, a federated "
			"user or an account's root",
			STR_ARG(arn));
	return r;
}

/* ---- action and resource ---- */

static const struct {
	const char *name, *action;
} eic_actions[] = {
	[EIC_PUSH] = { "push", EIC_SERVICE "SendSSHPublicKey" },
	[EIC_SERIAL] = { "serial", EIC_SERVICE "SendSerialConsoleSSHPublicKey" },
	[EIC_TUNNEL] = { "tunnel", EIC_SERVICE "OpenTunnel" },
};

static int set_action(struct iam_request *r, struct str action)
{
	struct str service, name = action;

	for (enum iam_eic i = EIC_PUSH; i <= EIC_TUNNEL; i++)
		if (str_is(action, eic_actions[i].name) ||
			str_ieq(action, str_of(eic_actions[i].action))) {
			r->eic = i;
			action = name = str_of(eic_actions[i].action);
		}
	r->action = action;
	if (!str_cut(&name, ':', &service) || service.n == 0 || name.n == 0 || str_has(name, ':') ||
		str_has(action, '*') || str_has(action, '?') || action.n >= IAM_ACTION_MAX)
		return err(ERR_USAGE, "action '%.*s' is not push, serial, tunnel or service:Name",
			STR_ARG(action));
	for (size_t i = 0; i < action.n; i++)
		r->action_form[i] = (char)(action.p[i] >= 'A' && action.p[i] <= 'Z'
				? action.p[i] | 0x20
				: action.p[i]);
	r->action_n = action.n;
	return 0;
}

/* ---- the resource ---- */

bool request_id_ok(struct str id)
{
	if (id.n < 10 || id.n > 32)
		return false;
	return (take_prefix(&id, "i-") || take_prefix(&id, "eice-")) &&
		str_all(id, "0123456789abcdef");
}

static bool fits_eic(const struct iam_request *r)
{
	struct str id = r->arn.part[ARN_RESOURCE];
	bool tunnel = r->eic == EIC_TUNNEL;

	return r->arn.n == 6 && str_is(r->arn.part[ARN_SERVICE], "ec2") && r->region.n > 0 &&
		is_account(r->arn.part[ARN_ACCOUNT]) &&
		take_prefix(&id, tunnel ? "instance-connect-endpoint/" : "instance/") &&
		str_starts(id, tunnel ? "eice-" : "i-") && request_id_ok(id);
}

static int set_resource(struct iam_request *r, struct str resource)
{
	r->resource = resource;
	r->arn = arn_split(resource);
	if (str_is(resource, "*"))
		return 0;
	if (r->arn.n < 6 || !str_is(r->arn.part[0], "arn") || str_has(resource, '*') ||
		str_has(resource, '?'))
		return err(ERR_USAGE, "resource '%.*s' is not the whole ARN of one resource",
			STR_ARG(resource));
	if (r->principal->partition.n > 0 &&
		!str_eq(r->principal->partition, r->arn.part[ARN_PARTITION]))
		return err(ERR_USAGE, "resource '%.*s' is in another partition than '%.*s'",
			STR_ARG(resource), STR_ARG(r->principal->arn));
	r->region = r->arn.part[ARN_REGION];
	return 0;
}

static int set_account(struct iam_request *r)
{
	struct str of_arn = r->arn.n == 6 ? r->arn.part[ARN_ACCOUNT] : (struct str){ 0 };

	if (r->account.n == 0)
		r->account = of_arn.n > 0 ? of_arn : r->principal->account;
	else if (!is_account(r->account) || (of_arn.n > 0 && !str_eq(of_arn, r->account)))
		return err(ERR_USAGE, "resource '%.*s' does not belong to account '%.*s'",
			STR_ARG(r->resource), STR_ARG(r->account));
	return 0;
}

int request_set(struct iam_request *r, const struct iam_principal *principal, struct str action,
	struct str resource, struct str account, struct iam_context *context)
{
	int e;

	*r = (struct iam_request){ .principal = principal, .account = account, .context = context };
	e = set_action(r, action);
	if (e == 0)
		e = set_resource(r, resource);
	if (e == 0)
		e = set_account(r);
	if (e < 0)
		return e;
	if (r->eic && !fits_eic(r))
		return err(ERR_USAGE, "%.*s acts on %s, and '%.*s' is none", STR_ARG(r->action),
			r->eic == EIC_TUNNEL ? "an endpoint (eice-...)" : "an instance (i-...)",
			STR_ARG(resource));
	if (iam_action_has_no_resources(r->action)) {
		r->resource = STR("*");
		r->arn = arn_split(r->resource);
	}
	context->untagged = str_is(r->resource, "*");
	return 0;
}

/* ---- what follows ---- */

/* Keys that the service never sends with one of its own actions ("Actions, resources, and condition
 * keys for EC2 Instance Connect"). */
int request_fix_service(struct iam_request *r)
{
	static const struct {
		const char *key;
		enum iam_eic only;
	} keys[] = {
		{ "ec2:osuser", EIC_PUSH },
		{ "ec2-instance-connect:remotePort", EIC_TUNNEL },
		{ "ec2-instance-connect:privateIpAddress", EIC_TUNNEL },
		{ "ec2-instance-connect:maxTunnelDuration", EIC_TUNNEL },
		{ "aws:TagKeys", EIC_NONE },
	};
	int e = 0;

	for (size_t i = 0; e == 0 && r->eic && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].only != r->eic)
			e = context_fix_absent(r->context, str_of(keys[i].key));
	return e;
}

static int derive_eic(struct iam_request *r)
{
	struct iam_context *c = r->context;
	int e = request_fix_service(r);

	if (e == 0 && r->eic == EIC_TUNNEL)
		e = context_derive(c, STR("ec2-instance-connect:maxTunnelDuration"), STR("3600"));
	if (e < 0 || !r->eic) /* the service has no other end point than HTTPS */
		return e;
	return context_derive(c, STR("aws:SecureTransport"), STR("true"));
}

/* What is part of the ARN of who asks, or absent. */
static int fix(struct iam_context *c, const char *key, struct str value, bool there)
{
	return there ? context_fix(c, str_of(key), value) : context_fix_absent(c, str_of(key));
}

bool principal_may_be_role(const struct iam_principal *p, struct str arn)
{
	struct arn a = arn_split(arn);

	return a.n == 6 && str_eq(a.part[ARN_PARTITION], p->partition) &&
		str_is(a.part[ARN_SERVICE], "iam") && str_eq(a.part[ARN_ACCOUNT], p->account) &&
		take_prefix(&a.part[ARN_RESOURCE], "role/") &&
		str_eq(last_part(a.part[ARN_RESOURCE]), p->name);
}

/* The ARN of a session does not tell the path of its role: only who takes the rest for absent may
 * assume that there is none. */
static int derive_role(const struct iam_principal *p, struct iam_context *c, struct arena *a)
{
	static const struct str key = { "aws:PrincipalArn", 16 };
	const struct iam_fact *f = context_stated(c, key);
	size_t room = p->arn.n + 8;
	struct buf b;
	char *text;

	if (f && (f->n != 1 || !principal_may_be_role(p, fact_value(f, 0))))
		return err(ERR_USAGE, "aws:PrincipalArn is not the role of %.*s", STR_ARG(p->arn));
	if (f || !c->closed)
		return 0;
	text = arena_take(a, room);
	if (!text)
		return err(ERR_LIMIT, "no memory is left");
	b = buf_of(text, room);
	buf_addf(&b, "arn:%.*s:iam::%.*s:role/%.*s", STR_ARG(p->partition), STR_ARG(p->account),
		STR_ARG(p->name));
	return context_derive(c, key, buf_view(&b));
}

static int derive_principal(const struct iam_request *r, struct arena *a)
{
	static const char *const types[] = { [IAM_ANONYMOUS] = "Anonymous",
		[IAM_USER] = "User",
		[IAM_ROLE] = "AssumedRole",
		[IAM_SESSION_OF_ROLE] = "AssumedRole",
		[IAM_FEDERATED] = "FederatedUser",
		[IAM_ROOT] = "Account",
		[IAM_SERVICE] = NULL };
	const struct iam_principal *p = r->principal;
	struct iam_context *c = r->context;
	bool service = p->who == IAM_SERVICE;
	int e = 0;

	if (types[p->who])
		e = fix(c, "aws:PrincipalType", str_of(types[p->who]), true);
	if (e == 0)
		e = fix(c, "aws:username", p->name, p->who == IAM_USER);
	if (e == 0)
		e = fix(c, "aws:PrincipalIsAWSService", str_of(service ? "true" : "false"), true);
	if (e == 0)
		e = fix(c, "aws:PrincipalServiceName", p->name, service);
	if (e == 0 && !service) /* a service has further names */
		e = fix(c, "aws:PrincipalServiceNamesList", p->name, false);
	if (e < 0 || p->account.n == 0)
		return e;
	e = p->who == IAM_SESSION_OF_ROLE ? derive_role(p, c, a)
					  : fix(c, "aws:PrincipalArn", p->arn, true);
	return e < 0 ? e : fix(c, "aws:PrincipalAccount", p->account, true);
}

/* One clock: what was stated of either key moves the other. */
static int derive_time(struct iam_context *c, int64_t now, struct arena *a)
{
	static const struct str keys[] = { { "aws:CurrentTime", 15 }, { "aws:EpochTime", 13 } };
	const struct iam_fact *f[2] = { context_stated(c, keys[0]), context_stated(c, keys[1]) };
	struct moment m[2] = { { now, 0 }, { now, 0 } };
	char *text = arena_take(a, 64);
	struct buf iso, epoch;
	int e;

	if (!text)
		return err(ERR_LIMIT, "no memory is left for the context");
	for (int i = 0; i < 2; i++)
		if (f[i] && (f[i]->n != 1 || !moment_read(&m[i], fact_value(f[i], 0))))
			return err(ERR_USAGE, "%.*s is one date", STR_ARG(keys[i]));
	if (f[0] && f[1] && m[0].seconds != m[1].seconds)
		return err(ERR_USAGE, "aws:CurrentTime and aws:EpochTime are two different times");
	now = m[f[0] ? 0 : 1].seconds;
	iso = buf_of(text, 32);
	epoch = buf_of(text + 32, 32);
	clock_iso(&iso, now);
	buf_addf(&epoch, "%lld", (long long)now);
	e = context_derive(c, keys[0], buf_view(&iso));
	return e < 0 ? e : context_derive(c, keys[1], buf_view(&epoch));
}

static bool is_stated(struct iam_context *c, const char *key)
{
	const struct iam_fact *f = context_stated(c, str_of(key));

	return f && !f->absent;
}

/* aws:SourceIp is that of a caller who comes over the internet, the others of one who comes through
 * an endpoint of a VPC. */
static int derive_network(struct iam_request *r)
{
	static const char *const inside[] = { "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce",
		"aws:VpcSourceIp", "aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths" };
	const size_t n = sizeof(inside) / sizeof(inside[0]);
	struct iam_context *c = r->context;
	bool endpoint = r->through_endpoint;
	int e = 0;

	for (size_t i = 0; i < n; i++)
		endpoint = endpoint || is_stated(c, inside[i]);
	if (endpoint)
		return context_fix_absent(c, STR("aws:SourceIp"));
	for (size_t i = 0; e == 0 && i < n && is_stated(c, "aws:SourceIp"); i++)
		e = context_fix_absent(c, str_of(inside[i]));
	return e;
}

static int derive_mfa(struct iam_context *c)
{
	const struct iam_fact *f = context_stated(c, STR("aws:MultiFactorAuthPresent"));

	if (!f || (!f->absent && str_ieq(fact_value(f, 0), STR("true"))))
		return 0;
	return context_fix_absent(c, STR("aws:MultiFactorAuthAge"));
}

/* A service that calls on somebody's behalf says so. */
static int derive_via(struct iam_context *c)
{
	static const char *const called[] = { "aws:CalledVia", "aws:CalledViaFirst",
		"aws:CalledViaLast" };
	const struct iam_fact *f = context_stated(c, STR("aws:ViaAWSService"));
	bool via = f && !f->absent && str_ieq(fact_value(f, 0), STR("true"));
	int e = 0;

	for (int i = 0; !f && i < 3; i++)
		via = via || is_stated(c, called[i]);
	for (int i = 0; e == 0 && !via && i < 3; i++)
		e = context_fix_absent(c, str_of(called[i]));
	return e < 0 ? e
		     : context_derive(c, STR("aws:ViaAWSService"), str_of(via ? "true" : "false"));
}

int request_derive(struct iam_request *r, int64_t now, struct arena *a)
{
	struct iam_context *c = r->context;
	int e = derive_principal(r, a);

	r->room = a;
	if (e == 0)
		e = derive_time(c, now, a);
	if (e == 0)
		e = derive_eic(r);
	if (e == 0 && r->region.n > 0)
		e = context_derive(c, STR("aws:RequestedRegion"), r->region);
	if (e == 0 && r->account.n > 0)
		e = fix(c, "aws:ResourceAccount", r->account, true);
	if (e == 0)
		e = derive_network(r);
	if (e == 0)
		e = derive_mfa(c);
	return e < 0 ? e : derive_via(c);
}
