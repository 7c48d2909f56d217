/* ec2.c - DescribeInstances and DescribeInstanceConnectEndpoints
 *
 * Source: the API reference of EC2 (2016-11-15). */
#include <string.h>

#include "base/err.h"
#include "data/json.h"

#include "query.h"

enum { PAGE_MOST = 1000, PAGE_END = 256 };

/* What is described, and how. */
struct subject {
	enum list_name list;
	const char *noun;
	const char *ids; /* the parameter that lists ids */
	bool (*id_ok)(struct str);
	enum failure malformed, absent;
	int page_least, page_most;  /* page_most 0: more is as good as PAGE_MOST */
	const char *set;            /* around all in the answer */
	const struct pair *filters; /* each with the member that it compares */
	size_t n_filters;
	void (*add)(struct call *c, const void *object);
};

/* --- what is asked for, read once: a whole fleet is compared with it --- */

struct filter {
	struct str name;
	size_t from, n; /* its values */
};

static struct {
	struct str ids[QUERY_LIST_MAX], values[QUERY_LIST_MAX];
	struct filter filters[QUERY_LIST_MAX];
	size_t n_ids, n_values, n_filters;
	char storage[SERVE_REQUEST_MAX]; /* decoded, a body is no longer than it was */
	struct buf text;
} wanted;

static bool take(
	const struct call *c, const char *prefix, unsigned i, const char *suffix, struct str *out)
{
	BUF(value, QUERY_VALUE_MAX);

	if (!query_numbered(c, prefix, i, suffix, &value))
		return false;
	*out = (struct str){ wanted.text.p + wanted.text.len, value.len };
	buf_str(&wanted.text, buf_view(&value));
	return true;
}

/* No list is longer than QUERY_LIST_MAX, because no body has more parameters. */
static void read_wanted(const struct call *c, const char *ids)
{
	BUF(prefix, 64);

	wanted.text = buf_of(wanted.storage, sizeof(wanted.storage));
	wanted.n_ids = wanted.n_values = wanted.n_filters = 0;
	while (take(c, ids, (unsigned)wanted.n_ids + 1, "", &wanted.ids[wanted.n_ids]))
		wanted.n_ids++;
	for (unsigned n = 1;; n++) {
		struct filter *f = &wanted.filters[n - 1];

		if (!take(c, "Filter", n, ".Name", &f->name))
			return;
		f->from = wanted.n_values;
		buf_clear(&prefix);
		buf_addf(&prefix, "Filter.%u.Value", n);
		for (f->n = 0; take(c, buf_text(&prefix), (unsigned)f->n + 1, "",
			     &wanted.values[wanted.n_values]);
			f->n++)
			wanted.n_values++;
		wanted.n_filters = n;
	}
}

/* --- filters --- */

static const char *tag_of(const struct pairs *tags, struct str name)
{
	for (size_t i = 0; i < tags->n; i++)
		if (str_is(name, tags->at[i].name))
			return tags->at[i].value;
	return NULL;
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

/* Is one of the filter's values like the text? What is not there is like nothing. */
static bool one_matches(const struct filter *f, const char *text)
{
	for (size_t i = 0; text && i < f->n; i++)
		if (like(wanted.values[f->from + i], text))
			return true;
	return false;
}

/* A filter of instances that compares no text of theirs. False: there is none of that name. */
static bool instance_filter(const struct filter *f, const struct instance *in, bool *yes)
{
	struct str name = f->name;

	*yes = false;
	if (str_is(name, "instance-state-name"))
		*yes = one_matches(f, instance_state_name(in->state));
	else if (str_is(name, "tag-key"))
		for (size_t i = 0; i < in->tags.n; i++)
			*yes = *yes || one_matches(f, in->tags.at[i].name);
	else if (str_starts(name, "tag:"))
		*yes = one_matches(f, tag_of(&in->tags, (struct str){ name.p + 4, name.n - 4 }));
	else
		return false;
	return true;
}

static const char *text_of(const struct subject *s, const void *object, struct str name)
{
	return member_text(world_lists[s->list].members, object, name);
}

/* False: there is no filter of that name. */
static bool filter(const struct filter *f, const struct subject *s, const void *object, bool *yes)
{
	for (size_t i = 0; i < s->n_filters; i++)
		if (str_is(f->name, s->filters[i].name)) {
			*yes = one_matches(f, text_of(s, object, str_of(s->filters[i].value)));
			return true;
		}
	return s->list == LIST_INSTANCES && instance_filter(f, object, yes);
}

static bool is_own(const struct call *c, const struct subject *s, const void *object)
{
	const struct account *owner;

	memcpy(&owner, object, sizeof(owner)); /* with which all that belongs to one begins */
	return owner == c->who.account && strcmp(text_of(s, object, STR("region")), c->region) == 0;
}

/* Is the object the caller's, listed where some are listed, and let through by all filters? */
static enum failure passes(struct call *c, const struct subject *s, const void *object, bool *yes)
{
	const char *id = text_of(s, object, STR("id"));
	bool listed = wanted.n_ids == 0;

	for (size_t i = 0; i < wanted.n_ids; i++)
		listed = listed || str_is(wanted.ids[i], id);
	*yes = listed && is_own(c, s, object);
	for (size_t i = 0; i < wanted.n_filters; i++) {
		bool through = false;

		if (!filter(&wanted.filters[i], s, object, &through))
			return call_fail(c, FAIL_INVALID, "The filter '%.*s' is invalid",
				STR_ARG(wanted.filters[i].name));
		*yes = *yes && through;
	}
	return FAIL_NONE;
}

/* --- pages: the token is the number of the object that the next page begins with --- */

struct page {
	uint64_t from, most;
};

static enum failure read_page(struct call *c, const struct subject *s, struct page *p)
{
	BUF(text, 64);
	uint64_t n = PAGE_MOST;
	bool limited = query_parameter(c, "MaxResults", &text);
	bool number = !limited || str_u64(buf_view(&text), INT32_MAX, &n);
	bool high = number && s->page_most > 0 && n > (unsigned)s->page_most;

	*p = (struct page){ .most = n < PAGE_MOST ? n : PAGE_MOST };
	if (limited && s->page_most == 0 && wanted.n_ids > 0)
		return call_fail(c, FAIL_COMBINATION,
			"The parameter instancesSet cannot be used with the parameter maxResults");
	if (limited && (!number || high || n < (unsigned)s->page_least))
		return call_fail(c, FAIL_INVALID,
			"Value ( %s ) for parameter maxResults is invalid. Expecting a value %s "
			"than %d.",
			buf_text(&text), high ? "less" : "greater",
			high ? s->page_most : s->page_least);
	if (query_parameter(c, "NextToken", &text) &&
		!str_u64(buf_view(&text), UINT32_MAX, &p->from))
		return call_fail(c, FAIL_INVALID, "Unable to parse pagination token");
	return FAIL_NONE;
}

static struct table table_of(const struct call *c, const struct subject *s)
{
	return table_at((const char *)&c->m->world + world_lists[s->list].table);
}

static enum failure add_page(struct call *c, const struct subject *s, const struct page *p)
{
	struct table t = table_of(c, s);
	uint64_t n = 0;
	struct buf before;

	buf_addf(c->a->body, "<%s>", s->set);
	for (size_t i = 0; i < t.n; i++) {
		const void *object = t.at + i * world_lists[s->list].size;
		bool yes;
		enum failure f = passes(c, s, object, &yes);

		if (f != FAIL_NONE)
			return f;
		if (!yes || i < p->from)
			continue;
		before = *c->a->body;
		if (n < p->most)
			s->add(c, object);
		/* a page ends early when an answer has no room for more */
		if (n++ == p->most || (n > 1 && buf_room(c->a->body) < PAGE_END)) {
			*c->a->body = before;
			buf_addf(c->a->body, "</%s><nextToken>%zu</nextToken>", s->set, i);
			return FAIL_NONE;
		}
	}
	buf_addf(c->a->body, "</%s>", s->set);
	return FAIL_NONE;
}

/* --- an instance --- */

static void add_items(struct call *c, const struct pairs *tags)
{
	if (tags->n == 0)
		return;
	buf_puts(c->a->body, "<tagSet>");
	for (size_t i = 0; i < tags->n; i++) {
		const struct pair pairs[] = { { "k", tags->at[i].name },
			{ "v", tags->at[i].value } };
		const struct fill f = { .pairs = pairs, .n_pairs = 2 };

		query_add(c, &f, "<item> key={k} value={v} </item>");
	}
	buf_puts(c->a->body, "</tagSet>");
}

static void add_groups(struct call *c, const struct instance *in)
{
	buf_puts(c->a->body, "<groupSet>");
	for (size_t i = 0; i < in->security_groups.n; i++) {
		BUF(id, 64);
		const struct pair pairs[] = { { "id", id_storage },
			{ "name", in->security_groups.at[i] } };
		const struct fill f = { .pairs = pairs, .n_pairs = 2 };

		instance_group_id(in, i, &id);
		query_add(c, &f, "<item> groupId={id} groupName={name} </item>");
	}
	buf_puts(c->a->body, "</groupSet>");
}

static void add_instance(struct call *c, const void *object)
{
	const struct instance *in = object;
	BUF(code, 16);
	BUF(hops, 16);
	BUF(profile, ARN_MAX);
	const struct pair pairs[] = { { "code", code_storage }, { "hops", hops_storage },
		{ "state", instance_state_name(in->state) },
		{ "dns", in->public_dns ? in->public_dns : "" },
		{ "key", in->public_keys.n > 0 ? in->public_keys.at[0].name : NULL },
		{ "hypervisor", in->nitro ? "nitro" : "xen" },
		{ "tokens",
			in->tokens_required || c->m->tokens_required ? "required" : "optional" },
		{ "endpoint", in->imds_disabled ? "disabled" : "enabled" },
		{ "iam", in->account->partition } };
	const struct fill f = { world_lists[LIST_INSTANCES].members, in, pairs,
		sizeof(pairs) / sizeof(pairs[0]) };

	buf_addf(&code, "%d", instance_state_code(in->state));
	buf_addf(&hops, "%d", (int)in->hop_limit);
	query_add(c, &f,
		"<item> reservationId={reservation} ownerId={account} <groupSet/> <instancesSet> "
		"<item> instanceId={id} imageId={image} <instanceState> code={code} name={state} "
		"</instanceState> privateDnsName={privateDns} dnsName={dns} keyName={key} "
		"instanceType={type} launchTime={launched} <placement> availabilityZone={zone} "
		"tenancy=default </placement> platform={platform} subnetId={subnet} vpcId={vpc} "
		"privateIpAddress={privateIp} ipAddress={publicIp} ipv6Address={ipv6}");
	add_groups(c, in);
	query_add(c, &f,
		"architecture={architecture} hypervisor={hypervisor} <metadataOptions> "
		"state=applied httpTokens={tokens} httpPutResponseHopLimit={hops} "
		"httpEndpoint={endpoint} </metadataOptions>");
	if (fill(&profile, &f, STR("arn:{iam}:iam::{account}:instance-profile/{role}")))
		buf_addf(c->a->body, "<iamInstanceProfile><arn>%s</arn></iamInstanceProfile>",
			buf_text(&profile));
	add_items(c, &in->tags);
	query_add(c, &f,
		"<networkInterfaceSet> <item> networkInterfaceId={interface} subnetId={subnet} "
		"vpcId={vpc} ownerId={account} status=in-use macAddress={mac} "
		"privateIpAddress={privateIp} privateDnsName={privateDns}");
	if (in->ipv6)
		query_add(c, &f,
			"<ipv6AddressesSet> <item> ipv6Address={ipv6} </item> </ipv6AddressesSet>");
	query_add(c, &f, "</item> </networkInterfaceSet> </item> </instancesSet> </item>");
}

static void add_endpoint(struct call *c, const void *object)
{
	const struct endpoint *e = object;
	const struct pair pair = { "partition", e->account->partition };
	const struct fill f = { world_lists[LIST_ENDPOINTS].members, e, &pair, 1 };

	query_add(c, &f,
		"<item> ownerId={account} instanceConnectEndpointId={id} "
		"instanceConnectEndpointArn=arn:{partition}:ec2:{region}:{account}:"
		"instance-connect-endpoint/{id} state={state} stateMessage= dnsName={dnsName} "
		"vpcId={vpc} subnetId={subnet} availabilityZone={zone} preserveClientIp=false "
		"ipAddressType=ipv4 </item>");
}

/* --- the two actions --- */

static bool exists(const struct call *c, const struct subject *s, struct str id)
{
	struct table t = table_of(c, s);
	size_t size = world_lists[s->list].size;

	for (size_t i = 0; i < t.n; i++)
		if (str_is(id, text_of(s, t.at + i * size, STR("id"))))
			return is_own(c, s, t.at + i * size);
	return false;
}

/* Every id that is asked for must be well-formed and there. */
static enum failure check_ids(struct call *c, const struct subject *s)
{
	for (size_t i = 0; i < wanted.n_ids; i++) {
		struct str id = wanted.ids[i];

		if (!s->id_ok(id))
			return call_fail(c, s->malformed, "Invalid id: \"%.*s\"", STR_ARG(id));
		if (!exists(c, s, id))
			return call_fail(c, s->absent, "The %s ID '%.*s' does not exist", s->noun,
				STR_ARG(id));
	}
	return FAIL_NONE;
}

/* AWS says so before it looks at what else was asked for. */
static enum failure check_dry_run(struct call *c)
{
	BUF(text, 16);

	if (!query_parameter(c, "DryRun", &text) || str_ieq(buf_view(&text), STR("false")))
		return FAIL_NONE;
	if (str_ieq(buf_view(&text), STR("true")))
		return call_fail(
			c, FAIL_DRY_RUN, "Request would have succeeded, but DryRun flag is set.");
	return call_fail(
		c, FAIL_INVALID, "Value (%s) for parameter DryRun is invalid.", buf_text(&text));
}

static void record_ids(struct call *c)
{
	struct json_out o = json_out(&c->parameters, 0);

	json_open(&o, '{');
	json_name(&o, "instancesSet");
	json_open(&o, '{');
	if (wanted.n_ids > 0) {
		json_name(&o, "items");
		json_open(&o, '[');
		for (size_t i = 0; i < wanted.n_ids; i++) {
			json_open(&o, '{');
			json_name(&o, "instanceId");
			json_add_str(&o, wanted.ids[i]);
			json_close(&o, '}');
		}
		json_close(&o, ']');
	}
	json_close(&o, '}');
	json_name(&o, "filterSet");
	json_open(&o, '{');
	json_close(&o, '}');
	json_close(&o, '}');
}

static enum failure describe(struct call *c, const struct subject *s)
{
	struct page page;
	enum failure f = permit(c, "*", NULL, 0, NULL);

	if (f == FAIL_NONE)
		f = check_dry_run(c);
	if (f == FAIL_NONE)
		f = read_page(c, s, &page);
	if (f == FAIL_NONE)
		f = check_ids(c, s);
	if (f != FAIL_NONE)
		return f;
	query_open(c);
	f = add_page(c, s, &page);
	query_close(c);
	return f;
}

static enum failure describe_instances(struct call *c)
{
	static const struct pair filters[] = {
		{ "instance-id", "id" },
		{ "vpc-id", "vpc" },
		{ "subnet-id", "subnet" },
		{ "instance-type", "type" },
		{ "availability-zone", "zone" },
		{ "image-id", "image" },
		{ "private-ip-address", "privateIp" },
		{ "private-dns-name", "privateDns" },
		{ "ip-address", "publicIp" },
		{ "ipv6-address", "ipv6" },
		{ "network-interface.ipv6-addresses.ipv6-address", "ipv6" },
		{ "dns-name", "publicDns" },
	};
	static const struct subject s = { .list = LIST_INSTANCES,
		.noun = "instance",
		.ids = "InstanceId",
		.id_ok = eic_instance_id_ok,
		.malformed = FAIL_MALFORMED_ID,
		.absent = FAIL_NOT_FOUND,
		.page_least = 5,
		.set = "reservationSet",
		.filters = filters,
		.n_filters = sizeof(filters) / sizeof(filters[0]),
		.add = add_instance };

	read_wanted(c, s.ids);
	record_ids(c);
	return describe(c, &s);
}

static bool endpoint_id_ok(struct str id)
{
	return str_starts(id, "eice-") && id.n > 5;
}

static enum failure describe_endpoints(struct call *c)
{
	static const struct pair filters[] = {
		{ "instance-connect-endpoint-id", "id" },
		{ "vpc-id", "vpc" },
		{ "subnet-id", "subnet" },
		{ "availability-zone", "zone" },
		{ "state", "state" },
	};
	static const struct subject s = { .list = LIST_ENDPOINTS,
		.noun = "instance connect endpoint",
		.ids = "InstanceConnectEndpointId",
		.id_ok = endpoint_id_ok,
		.malformed = FAIL_MALFORMED_ENDPOINT,
		.absent = FAIL_NO_ENDPOINT,
		.page_least = 1,
		.page_most = 50,
		.set = "instanceConnectEndpointSet",
		.filters = filters,
		.n_filters = sizeof(filters) / sizeof(filters[0]),
		.add = add_endpoint };

	read_wanted(c, s.ids);
	return describe(c, &s);
}

const struct action ec2_actions[] = {
	{ "DescribeInstances", PROTOCOL_EC2, "ec2", true, false, describe_instances },
	{ "DescribeInstanceConnectEndpoints", PROTOCOL_EC2, "ec2", true, false,
		describe_endpoints },
	{ 0 },
};
