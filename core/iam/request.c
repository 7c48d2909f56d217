/* request.c - who asks for what: the principal, the action, the resource, and what follows from
 * them */
#include "iam/request.h"

#include "base/buf.h"
#include "base/clock.h"

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

static int make_role_arn(struct iam_principal *p, struct arena *a)
{
	size_t room = p->partition.n + p->account.n + p->name.n + 32;
	char *text = arena_take(a, room);
	struct buf b;

	if (!text)
		return err(ERR_LIMIT, "no memory is left for the principal");
	b = buf_of(text, room);
	buf_addf(&b, "arn:%.*s:iam::%.*s:role/%.*s", STR_ARG(p->partition), STR_ARG(p->account),
		STR_ARG(p->name));
	p->role_arn = buf_view(&b);
	return 0;
}

static int read_sts(struct iam_principal *p, struct str what, struct arena *a)
{
	if (take_prefix(&what, "federated-user/")) {
		p->who = IAM_FEDERATED;
		p->name = what;
		return 0;
	}
	if (!take_prefix(&what, "assumed-role/") || !str_cut(&what, '/', &p->name) || what.n == 0 ||
		p->name.n == 0)
		return ERR_USAGE;
	p->who = IAM_SESSION_OF_ROLE;
	return make_role_arn(p, a);
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
		p->role_arn = p->arn;
	} else {
		return ERR_USAGE;
	}
	return p->name.n > 0 ? 0 : ERR_USAGE;
}

static bool is_service(struct str s)
{
	return str_ends(s, ".amazonaws.com") || str_ends(s, ".amazonaws.com.cn");
}

int principal_read(struct iam_principal *p, struct str arn, struct arena *a)
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
	if (parts.n == 6 && str_is(parts.part[0], "arn") && parts.part[ARN_ACCOUNT].n == 12 &&
		str_all(parts.part[ARN_ACCOUNT], "0123456789") && parts.part[ARN_REGION].n == 0 &&
		!str_has(arn, '*')) {
		p->partition = parts.part[ARN_PARTITION];
		p->account = parts.part[ARN_ACCOUNT];
		if (str_is(parts.part[ARN_SERVICE], "sts"))
			r = read_sts(p, parts.part[ARN_RESOURCE], a);
		else if (str_is(parts.part[ARN_SERVICE], "iam"))
			r = read_iam(p, parts.part[ARN_RESOURCE]);
	}
	if (r == ERR_USAGE)
		return err(ERR_USAGE,
			"principal '%.*s' is not the ARN of a user, a role, a session of a role, a "
			"federated user or an "
			"account's root",
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

int request_set(struct iam_request *r, const struct iam_principal *principal, struct str action,
	struct str resource, struct str account, struct iam_context *context)
{
	*r = (struct iam_request){
		.principal = principal, .resource = resource, .account = account, .context = context
	};
	r->arn = arn_split(resource);
	if (!str_is(resource, "*") &&
		(r->arn.n < 6 || !str_is(r->arn.part[0], "arn") || str_has(resource, '*') ||
			str_has(resource, '?')))
		return err(ERR_USAGE, "resource '%.*s' is not the whole ARN of one resource",
			STR_ARG(resource));
	if (r->account.n == 0 && r->arn.n == 6)
		r->account = r->arn.part[ARN_ACCOUNT];
	if (r->account.n == 0)
		r->account = principal->account;
	return set_action(r, action);
}

/* ---- what follows ---- */

/* Keys that the service never sends with one of its own actions ("Actions, resources, and condition
 * keys for EC2 Instance Connect"). */
static const struct {
	const char *key;
	enum iam_eic only;
} eic_keys[] = {
	{ "ec2:osuser", EIC_PUSH },
	{ "ec2-instance-connect:remotePort", EIC_TUNNEL },
	{ "ec2-instance-connect:privateIpAddress", EIC_TUNNEL },
	{ "ec2-instance-connect:maxTunnelDuration", EIC_TUNNEL },
	{ "aws:TagKeys", EIC_NONE },
};

static int derive_eic(struct iam_request *r)
{
	struct iam_context *c = r->context;
	int e = 0;

	if (r->eic == EIC_NONE)
		return 0;
	for (size_t i = 0; e == 0 && i < sizeof(eic_keys) / sizeof(eic_keys[0]); i++)
		if (eic_keys[i].only != r->eic)
			e = context_derive_absent(c, str_of(eic_keys[i].key));
	if (e == 0 && r->eic == EIC_TUNNEL)
		e = context_derive(c, STR("ec2-instance-connect:maxTunnelDuration"), STR("3600"));
	if (e == 0) /* the service has no other end point than HTTPS */
		e = context_derive(c, STR("aws:SecureTransport"), STR("true"));
	return e;
}

static int derive_principal(const struct iam_request *r)
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
	int e = 0;

	if (types[p->who])
		e = context_derive(c, STR("aws:PrincipalType"), str_of(types[p->who]));
	if (e == 0 && p->who == IAM_USER)
		e = context_derive(c, STR("aws:username"), p->name);
	else if (e == 0)
		e = context_derive_absent(c, STR("aws:username"));
	if (e < 0 || p->account.n == 0)
		return e;
	/* the ARN of a session does not tell the path of its role: only who takes the rest for
	 * absent may assume that there is none */
	if (p->who != IAM_SESSION_OF_ROLE || c->closed)
		e = context_derive(
			c, STR("aws:PrincipalArn"), p->role_arn.n > 0 ? p->role_arn : p->arn);
	return e < 0 ? e : context_derive(c, STR("aws:PrincipalAccount"), p->account);
}

static int derive_time(struct iam_context *c, int64_t now, struct arena *a)
{
	char *text = arena_take(a, 64);
	struct buf iso, epoch;
	int e;

	if (!text)
		return err(ERR_LIMIT, "no memory is left for the context");
	iso = buf_of(text, 32);
	epoch = buf_of(text + 32, 32);
	clock_iso(&iso, now);
	buf_addf(&epoch, "%lld", (long long)now);
	e = context_derive(c, STR("aws:CurrentTime"), buf_view(&iso));
	return e < 0 ? e : context_derive(c, STR("aws:EpochTime"), buf_view(&epoch));
}

int request_derive(struct iam_request *r, int64_t now, struct arena *a)
{
	struct iam_context *c = r->context;
	int e = derive_principal(r);

	if (e == 0)
		e = derive_time(c, now, a);
	if (e == 0)
		e = derive_eic(r);
	if (e == 0 && r->arn.n == 6 && r->arn.part[ARN_REGION].n > 0)
		e = context_derive(c, STR("aws:RequestedRegion"), r->arn.part[ARN_REGION]);
	if (e == 0 && r->account.n > 0)
		e = context_derive(c, STR("aws:ResourceAccount"), r->account);
	if (e == 0)
		e = context_derive(c, STR("aws:ViaAWSService"), STR("false"));
	return e;
}
