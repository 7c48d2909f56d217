/* query.c - EC2 and STS in their query protocol: as much as clients of EC2 Instance Connect need
 *
 * Sources: the API references of EC2 (2016-11-15) and STS (2011-06-15). */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "data/enc.h"
#include "data/json.h"
#include "data/xml.h"

#include "call.h"

enum { PAGE_DEFAULT = 100, PAGE_MOST = 1000, LIST_MAX = 200, VALUE_MAX = 512, HOUR = 3600 };
enum { DURATION_LEAST = 900, DURATION_MOST = 12 * HOUR };

#define EC2_NAMESPACE "http://ec2.amazonaws.com/doc/2016-11-15/"
#define STS_NAMESPACE "https://sts.amazonaws.com/doc/2011-06-15/"

/* --- parameters --- */

/* '+' is a blank in a form */
static bool decode(struct str s, struct buf *out)
{
	struct str part;

	for (bool first = true; str_cut(&s, '+', &part); first = false) {
		if (!first)
			buf_putc(out, ' ');
		if (percent_read(part, out) < 0)
			return false;
	}
	return !out->full;
}

bool query_parameter(const struct call *c, const char *name, struct buf *out)
{
	struct str rest = c->rq->body, pair, key;

	while (str_cut(&rest, '&', &pair))
		if (str_cut(&pair, '=', &key) && str_is(key, name)) {
			buf_clear(out);
			return decode(pair, out);
		}
	return false;
}

/* PREFIX.N.SUFFIX, such as InstanceId.1 or Filter.2.Value.1 */
static bool numbered(
	const struct call *c, const char *prefix, unsigned n, const char *suffix, struct buf *out)
{
	BUF(name, 128);

	buf_addf(&name, "%s.%u%s", prefix, n, suffix);
	return query_parameter(c, buf_text(&name), out);
}

/* --- elements --- */

static void element(struct call *c, const char *name, const char *text)
{
	xml_element(c->a->body, name, str_of(text));
}

/* nothing where there is nothing */
static void optional(struct call *c, const char *name, const char *text)
{
	if (text)
		element(c, name, text);
}

static void open_tag(struct call *c, const char *name)
{
	buf_addf(c->a->body, "<%s>", name);
}

static void close_tag(struct call *c, const char *name)
{
	buf_addf(c->a->body, "</%s>", name);
}

static void open_answer(struct call *c, const char *namespace)
{
	buf_addf(c->a->body, "%s<%sResponse xmlns=\"%s\">",
		c->protocol == PROTOCOL_EC2 ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "",
		c->action->name, namespace);
	if (c->protocol == PROTOCOL_EC2)
		element(c, "requestId", c->request_id);
	else
		buf_addf(c->a->body, "<%sResult>", c->action->name);
}

static void close_answer(struct call *c)
{
	if (c->protocol == PROTOCOL_STS) {
		buf_addf(c->a->body, "</%sResult><ResponseMetadata>", c->action->name);
		element(c, "RequestId", c->request_id);
		close_tag(c, "ResponseMetadata");
	}
	buf_addf(c->a->body, "</%sResponse>", c->action->name);
}

/* --- filters --- */

/* What a filter compares with; NULL: not known here. */
static const char *instance_value(const struct instance *in, struct str name)
{
	static const struct {
		const char *name;
		size_t text;
	} names[] = {
		{ "instance-id", offsetof(struct instance, id) },
		{ "vpc-id", offsetof(struct instance, vpc) },
		{ "subnet-id", offsetof(struct instance, subnet) },
		{ "instance-type", offsetof(struct instance, type) },
		{ "availability-zone", offsetof(struct instance, zone) },
		{ "image-id", offsetof(struct instance, image) },
		{ "private-ip-address", offsetof(struct instance, private_ip) },
		{ "private-dns-name", offsetof(struct instance, private_dns) },
		{ "ip-address", offsetof(struct instance, public_ip) },
		{ "dns-name", offsetof(struct instance, public_dns) },
	};

	if (str_is(name, "instance-state-name"))
		return instance_state_name(in->state);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_is(name, names[i].name)) {
			const char *text = *(const char *const *)(const void *)((const char *)in +
				names[i].text);

			return text ? text : "";
		}
	if (str_starts(name, "tag:"))
		for (size_t i = 0; i < in->tags.n; i++)
			if (str_is((struct str){ name.p + 4, name.n - 4 }, in->tags.at[i].name))
				return in->tags.at[i].value;
	return str_starts(name, "tag:") ? "" : NULL;
}

static const char *endpoint_value(const struct endpoint *e, struct str name)
{
	if (str_is(name, "state"))
		return e->state;
	if (str_is(name, "vpc-id"))
		return e->vpc;
	if (str_is(name, "subnet-id"))
		return e->subnet;
	if (str_is(name, "instance-connect-endpoint-id"))
		return e->id;
	return str_is(name, "availability-zone") ? e->zone : NULL;
}

/* The pattern's '*' is any text, '?' any character. */
static bool like(struct str pattern, const char *text)
{
	const char *star = NULL, *from = NULL, *p = pattern.p, *end = pattern.p + pattern.n;

	while (*text)
		if (p < end && *p == '*') {
			star = p++;
			from = text;
		} else if (p < end && (*p == '?' || *p == *text)) {
			p++;
			text++;
		} else if (star) {
			p = star + 1;
			text = ++from;
		} else
			return false;
	while (p < end && *p == '*')
		p++;
	return p == end;
}

/* Is one of the filter's values like the text? */
static bool one_matches(const struct call *c, unsigned n, const char *text)
{
	BUF(value, VALUE_MAX);
	BUF(prefix, 64);

	buf_addf(&prefix, "Filter.%u.Value", n);
	for (unsigned i = 1; i <= LIST_MAX && numbered(c, buf_text(&prefix), i, "", &value); i++)
		if (like(buf_view(&value), text))
			return true;
	return false;
}

/* All filters; value gives what the thing has under a filter's name. FAIL_INVALID for a name that
 * is not known. */
static enum failure passes(struct call *c, const char *(*value)(const void *thing, struct str name),
	const void *thing, bool *yes)
{
	BUF(name, VALUE_MAX);

	*yes = true;
	for (unsigned n = 1; n <= LIST_MAX && numbered(c, "Filter", n, ".Name", &name); n++) {
		const char *text = value(thing, buf_view(&name));

		if (!text)
			return call_fail(
				c, FAIL_INVALID, "The filter '%s' is invalid", buf_text(&name));
		*yes = *yes && one_matches(c, n, text);
	}
	return FAIL_NONE;
}

static const char *instance_thing(const void *thing, struct str name)
{
	return instance_value(thing, name);
}
static const char *endpoint_thing(const void *thing, struct str name)
{
	return endpoint_value(thing, name);
}

/* Is id among PREFIX.1, PREFIX.2, ...? Yes, too, when there are none. */
static bool is_listed(const struct call *c, const char *prefix, const char *id)
{
	BUF(value, VALUE_MAX);
	unsigned i = 1;

	for (; i <= LIST_MAX && numbered(c, prefix, i, "", &value); i++)
		if (str_is(buf_view(&value), id))
			return true;
	return i == 1;
}

/* --- pages: the token is the number of the thing that the next page begins with --- */

struct page {
	uint64_t from, most, n, next;
};

static enum failure read_page(struct call *c, struct page *p)
{
	BUF(text, 64);

	*p = (struct page){ .most = PAGE_DEFAULT };
	if (query_parameter(c, "MaxResults", &text) &&
		(!str_u64(buf_view(&text), PAGE_MOST, &p->most) || p->most < 1))
		return call_fail(c, FAIL_INVALID,
			"Value ( %s ) for parameter maxResults is invalid. Expecting a value less "
			"than or "
			"equal to %d.",
			buf_text(&text), PAGE_MOST);
	if (query_parameter(c, "NextToken", &text) &&
		!str_u64(buf_view(&text), UINT32_MAX, &p->from))
		return call_fail(c, FAIL_INVALID, "Unable to parse pagination token");
	return FAIL_NONE;
}

/* Is there room for thing number i on this page? */
static bool on_page(struct page *p, size_t i)
{
	if (i < p->from || p->next > 0)
		return false;
	if (p->n < p->most) {
		p->n++;
		return true;
	}
	p->next = i;
	return false;
}

static void close_page(struct call *c, const struct page *p)
{
	BUF(token, 32);

	if (p->next == 0)
		return;
	buf_addf(&token, "%llu", (unsigned long long)p->next);
	element(c, "nextToken", buf_text(&token));
}

/* --- DescribeInstances --- */

static void add_tags(struct call *c, const struct pairs *tags)
{
	if (tags->n == 0)
		return;
	open_tag(c, "tagSet");
	for (size_t i = 0; i < tags->n; i++) {
		open_tag(c, "item");
		element(c, "key", tags->at[i].name);
		element(c, "value", tags->at[i].value);
		close_tag(c, "item");
	}
	close_tag(c, "tagSet");
}

static void add_state(struct call *c, enum instance_state s)
{
	BUF(code, 16);

	buf_addf(&code, "%d", instance_state_code(s));
	open_tag(c, "instanceState");
	element(c, "code", buf_text(&code));
	element(c, "name", instance_state_name(s));
	close_tag(c, "instanceState");
}

static void add_groups(struct call *c, const struct instance *in)
{
	open_tag(c, "groupSet");
	for (size_t i = 0; i < in->security_groups.n; i++) {
		BUF(id, 64);

		instance_group_id(in, i, &id);
		open_tag(c, "item");
		element(c, "groupId", buf_text(&id));
		element(c, "groupName", in->security_groups.at[i]);
		close_tag(c, "item");
	}
	close_tag(c, "groupSet");
}

static void add_interface(struct call *c, const struct instance *in)
{
	open_tag(c, "networkInterfaceSet");
	open_tag(c, "item");
	element(c, "networkInterfaceId", in->interface);
	element(c, "subnetId", in->subnet);
	element(c, "vpcId", in->vpc);
	element(c, "ownerId", in->account->id);
	element(c, "status", "in-use");
	element(c, "macAddress", in->mac);
	element(c, "privateIpAddress", in->private_ip);
	element(c, "privateDnsName", in->private_dns);
	if (in->ipv6) {
		open_tag(c, "ipv6AddressesSet");
		open_tag(c, "item");
		element(c, "ipv6Address", in->ipv6);
		close_tag(c, "item");
		close_tag(c, "ipv6AddressesSet");
	}
	close_tag(c, "item");
	close_tag(c, "networkInterfaceSet");
}

static void add_profile(struct call *c, const struct instance *in)
{
	BUF(arn, ARN_MAX);

	if (!in->role)
		return;
	buf_addf(&arn, "arn:%s:iam::%s:instance-profile/%s", in->partition, in->account->id,
		in->role);
	open_tag(c, "iamInstanceProfile");
	element(c, "arn", buf_text(&arn));
	close_tag(c, "iamInstanceProfile");
}

static void add_instance(struct call *c, const struct instance *in)
{
	open_tag(c, "item");
	element(c, "reservationId", in->reservation);
	element(c, "ownerId", in->account->id);
	buf_puts(c->a->body, "<groupSet/><instancesSet><item>");
	element(c, "instanceId", in->id);
	element(c, "imageId", in->image);
	add_state(c, in->state);
	element(c, "privateDnsName", in->private_dns);
	element(c, "dnsName", in->public_dns ? in->public_dns : "");
	optional(c, "keyName", in->public_keys.n > 0 ? in->public_keys.at[0].name : NULL);
	element(c, "instanceType", in->type);
	element(c, "launchTime", in->launched);
	open_tag(c, "placement");
	element(c, "availabilityZone", in->zone);
	element(c, "tenancy", "default");
	close_tag(c, "placement");
	optional(c, "platform", in->platform);
	element(c, "subnetId", in->subnet);
	element(c, "vpcId", in->vpc);
	element(c, "privateIpAddress", in->private_ip);
	optional(c, "ipAddress", in->public_ip);
	optional(c, "ipv6Address", in->ipv6);
	add_groups(c, in);
	element(c, "architecture", in->architecture);
	element(c, "hypervisor", in->nitro ? "nitro" : "xen");
	add_profile(c, in);
	add_tags(c, &in->tags);
	add_interface(c, in);
	close_tag(c, "item");
	close_tag(c, "instancesSet");
	close_tag(c, "item");
}

static bool is_own(const struct call *c, const struct account *a, const char *region)
{
	return a == c->who.account && strcmp(region, c->region) == 0;
}

/* Every id that is asked for must be well-formed and there. */
static enum failure check_ids(struct call *c)
{
	BUF(id, VALUE_MAX);

	for (unsigned i = 1; i <= LIST_MAX && numbered(c, "InstanceId", i, "", &id); i++) {
		const struct instance *in = world_instance(&c->m->world, buf_view(&id));

		if (!eic_instance_id_ok(buf_view(&id)))
			return call_fail(c, FAIL_MALFORMED_ID, "Invalid id: \"%s\"", buf_text(&id));
		if (!in || !is_own(c, in->account, in->region))
			return call_fail(c, FAIL_NOT_FOUND, "The instance ID '%s' does not exist",
				buf_text(&id));
	}
	return FAIL_NONE;
}

static enum failure add_instances(struct call *c, struct page *page)
{
	const struct world *w = &c->m->world;

	for (size_t i = 0; i < w->instances.n; i++) {
		const struct instance *in = &w->instances.at[i];
		enum failure f;
		bool yes;

		if (!is_own(c, in->account, in->region) || !is_listed(c, "InstanceId", in->id))
			continue;
		f = passes(c, instance_thing, in, &yes);
		if (f != FAIL_NONE)
			return f;
		if (yes && on_page(page, i))
			add_instance(c, in);
	}
	return FAIL_NONE;
}

static void record_ids(struct call *c)
{
	struct json_out o = json_out(&c->parameters, 0);
	BUF(id, VALUE_MAX);

	json_open(&o, '{');
	json_name(&o, "instancesSet");
	json_open(&o, '{');
	json_name(&o, "items");
	json_open(&o, '[');
	for (unsigned i = 1; i <= LIST_MAX && numbered(c, "InstanceId", i, "", &id); i++) {
		json_open(&o, '{');
		json_member(&o, "instanceId", buf_text(&id));
		json_close(&o, '}');
	}
	json_close(&o, ']');
	json_close(&o, '}');
	json_close(&o, '}');
}

static enum failure describe_instances(struct call *c)
{
	struct page page;
	enum failure f = permit(c, "*", NULL, 0, NULL);

	record_ids(c);
	if (f == FAIL_NONE)
		f = read_page(c, &page);
	if (f == FAIL_NONE)
		f = check_ids(c);
	if (f != FAIL_NONE)
		return f;
	open_answer(c, EC2_NAMESPACE);
	open_tag(c, "reservationSet");
	f = add_instances(c, &page);
	close_tag(c, "reservationSet");
	close_page(c, &page);
	close_answer(c);
	return f;
}

/* --- DescribeInstanceConnectEndpoints --- */

static void add_endpoint(struct call *c, const struct endpoint *e)
{
	BUF(arn, ARN_MAX);

	buf_addf(&arn, "arn:%s:ec2:%s:%s:instance-connect-endpoint/%s", e->account->partition,
		e->region, e->account->id, e->id);
	open_tag(c, "item");
	element(c, "ownerId", e->account->id);
	element(c, "instanceConnectEndpointId", e->id);
	element(c, "instanceConnectEndpointArn", buf_text(&arn));
	element(c, "state", e->state);
	element(c, "stateMessage", "");
	element(c, "dnsName", e->dns_name);
	element(c, "vpcId", e->vpc);
	element(c, "subnetId", e->subnet);
	element(c, "availabilityZone", e->zone);
	element(c, "preserveClientIp", "false");
	element(c, "ipAddressType", "ipv4");
	close_tag(c, "item");
}

static enum failure add_endpoints(struct call *c, struct page *page)
{
	const struct world *w = &c->m->world;

	for (size_t i = 0; i < w->endpoints.n; i++) {
		const struct endpoint *e = &w->endpoints.at[i];
		enum failure f;
		bool yes;

		if (!is_own(c, e->account, e->region) ||
			!is_listed(c, "InstanceConnectEndpointId", e->id))
			continue;
		f = passes(c, endpoint_thing, e, &yes);
		if (f != FAIL_NONE)
			return f;
		if (yes && on_page(page, i))
			add_endpoint(c, e);
	}
	return FAIL_NONE;
}

static enum failure describe_endpoints(struct call *c)
{
	struct page page;
	enum failure f = permit(c, "*", NULL, 0, NULL);

	if (f == FAIL_NONE)
		f = read_page(c, &page);
	if (f != FAIL_NONE)
		return f;
	open_answer(c, EC2_NAMESPACE);
	open_tag(c, "instanceConnectEndpointSet");
	f = add_endpoints(c, &page);
	close_tag(c, "instanceConnectEndpointSet");
	close_page(c, &page);
	close_answer(c);
	return f;
}

/* --- STS --- */

/* Nobody is refused this, whatever the policies say. */
static enum failure caller_identity(struct call *c)
{
	open_answer(c, STS_NAMESPACE);
	element(c, "Arn", c->who.arn);
	element(c, "UserId", c->who.id);
	element(c, "Account", c->who.account->id);
	close_answer(c);
	return FAIL_NONE;
}

static bool session_name_ok(struct str s)
{
	return s.n >= 2 && s.n <= 64 &&
		str_all(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-");
}

/* arn:P:iam::ACCOUNT:role/PATH/NAME */
static const struct principal *role_of(const struct call *c, struct str arn)
{
	for (size_t i = 0; i < c->m->world.principals.n; i++) {
		const struct principal *p = &c->m->world.principals.at[i];

		if (p->kind == PRINCIPAL_ROLE && str_is(arn, p->arn))
			return p;
	}
	return NULL;
}

static enum failure read_session(struct call *c, struct session *s, struct buf *policy)
{
	BUF(name, 128);
	BUF(duration, 32);
	uint64_t seconds = HOUR;

	if (!query_parameter(c, "RoleSessionName", &name) || !session_name_ok(buf_view(&name)))
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value '%s' at 'roleSessionName' failed to "
			"satisfy "
			"constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
			buf_text(&name));
	if (query_parameter(c, "DurationSeconds", &duration) &&
		(!str_u64(buf_view(&duration), DURATION_MOST, &seconds) ||
			seconds < DURATION_LEAST))
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value '%s' at 'durationSeconds' failed to "
			"satisfy "
			"constraint: Member must have value between %d and %d",
			buf_text(&duration), DURATION_LEAST, DURATION_MOST);
	*s = (struct session){
		.kind = SESSION_ROLE, .issued = c->now, .expiry = c->now + (int64_t)seconds
	};
	(void)str_copy(s->name, sizeof(s->name), buf_view(&name));
	if (query_parameter(c, "Policy", policy))
		s->policy = buf_view(policy);
	return FAIL_NONE;
}

static void add_credentials(struct call *c, const struct session *s, const struct temporary *t)
{
	BUF(time, 64);

	clock_iso(&time, s->expiry);
	open_tag(c, "Credentials");
	element(c, "AccessKeyId", t->id);
	element(c, "SecretAccessKey", t->secret);
	element(c, "SessionToken", t->token);
	element(c, "Expiration", buf_text(&time));
	close_tag(c, "Credentials");
}

static void add_assumed(struct call *c, const struct principal *role, const struct session *s)
{
	BUF(text, ARN_MAX);

	open_tag(c, "AssumedRoleUser");
	buf_addf(&text, "%s:%s", role->unique_id, s->name);
	element(c, "AssumedRoleId", buf_text(&text));
	buf_clear(&text);
	buf_addf(&text, "arn:%s:sts::%s:assumed-role/%s/%s", role->account->partition,
		role->account->id, role->name, s->name);
	element(c, "Arn", buf_text(&text));
	close_tag(c, "AssumedRoleUser");
}

static void record_role(struct call *c, struct str arn, const struct session *s)
{
	struct json_out o = json_out(&c->parameters, 0);

	json_open(&o, '{');
	json_name(&o, "roleArn");
	json_add_str(&o, arn);
	json_member(&o, "roleSessionName", s->name);
	json_close(&o, '}');
}

static enum failure give_credentials(
	struct call *c, const struct principal *role, struct session *s, const char *subject)
{
	static struct temporary t;

	(void)str_copy(s->account, sizeof(s->account), str_of(role->account->id));
	(void)str_copy(s->role, sizeof(s->role), str_of(role->name));
	if (creds_make(c->m, s, &t) < 0)
		return call_fail(c, FAIL_INVALID, "%s", err_text());
	open_answer(c, STS_NAMESPACE);
	add_credentials(c, s, &t);
	optional(c, "SubjectFromWebIdentityToken", subject);
	add_assumed(c, role, s);
	close_answer(c);
	return FAIL_NONE;
}

static enum failure no_role(struct call *c, struct str arn)
{
	return call_fail(c, FAIL_DENIED,
		"User: %s is not authorized to perform: sts:%s on resource: %.*s",
		c->who.arn[0] ? c->who.arn : "anonymous", c->action->name, STR_ARG(arn));
}

static enum failure assume_role(struct call *c)
{
	BUF(arn, ARN_MAX);
	BUF(policy, SESSION_POLICY_MAX + 1);
	const struct principal *role;
	struct session s = { 0 };
	enum failure f;

	if (!query_parameter(c, "RoleArn", &arn))
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value null at 'roleArn' failed to satisfy "
			"constraint: "
			"Member must not be null");
	f = read_session(c, &s, &policy);
	record_role(c, buf_view(&arn), &s);
	if (f != FAIL_NONE)
		return f;
	role = role_of(c, buf_view(&arn));
	f = role ? permit_assume(c, role) : no_role(c, buf_view(&arn));
	return f == FAIL_NONE ? give_credentials(c, role, &s, NULL) : f;
}

/* The part of a JSON web token that says about whom it is. Nobody's signature is proven: the mock
 * knows no provider. */
static bool subject_of(struct str jwt, struct buf *out)
{
	struct json_token tokens[128];
	struct json_doc doc;
	struct str header, payload;
	BUF(text, 4096);

	if (!str_cut(&jwt, '.', &header) || !str_cut(&jwt, '.', &payload) || jwt.n == 0 ||
		base64url_read(payload, &text) < 0 ||
		json_parse(&doc, buf_view(&text), tokens, 128) < 0)
		return false;
	return json_text(json_get(json_root(&doc), "sub"), out) >= 0;
}

static enum failure assume_with_web_identity(struct call *c)
{
	static char token_text[8192];
	struct buf token = buf_of(token_text, sizeof(token_text));
	BUF(arn, ARN_MAX);
	BUF(policy, SESSION_POLICY_MAX + 1);
	BUF(subject, 256);
	const struct principal *role;
	struct session s = { 0 };
	enum failure f = read_session(c, &s, &policy);

	if (f != FAIL_NONE)
		return f;
	if (!query_parameter(c, "WebIdentityToken", &token) ||
		!subject_of(buf_view(&token), &subject))
		return call_fail(c, FAIL_INVALID_TOKEN,
			"The ID Token provided is not a valid JWT. (You may see this error if you "
			"sent an "
			"Access Token)");
	if (!query_parameter(c, "RoleArn", &arn))
		return call_fail(c, FAIL_INVALID,
			"1 validation error detected: Value null at 'roleArn' failed to satisfy "
			"constraint: "
			"Member must not be null");
	role = role_of(c, buf_view(&arn));
	if (!role || role->trust.text.n == 0 ||
		!str_find(role->trust.text, "sts:AssumeRoleWithWebIdentity", NULL))
		return call_fail(
			c, FAIL_DENIED, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
	return give_credentials(c, role, &s, buf_text(&subject));
}

const struct action query_actions[] = {
	{ "DescribeInstances", PROTOCOL_EC2, "ec2", true, false, describe_instances },
	{ "DescribeInstanceConnectEndpoints", PROTOCOL_EC2, "ec2", true, false,
		describe_endpoints },
	{ "GetCallerIdentity", PROTOCOL_STS, "sts", true, false, caller_identity },
	{ "AssumeRole", PROTOCOL_STS, "sts", true, false, assume_role },
	{ "AssumeRoleWithWebIdentity", PROTOCOL_STS, "sts", true, true, assume_with_web_identity },
	{ 0 },
};
