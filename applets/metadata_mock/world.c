/* world.c - what the mock plays: accounts, principals and instances, read from one JSON text
 *
 * A table a kind of object says which members it may have, where each goes, and what it must look
 * like; whatever else stands in the text is refused with its place, because a misspelled member
 * would otherwise be a silent default. */
#include "world.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "base/clock.h"
#include "data/json.h"
#include "eic/limits.h"

enum { ARENA_PER_BYTE = 64, ARENA_LEAST = 256 * 1024, DERIVED_MAX = 256 };

const char world_default[] =
	"{\n"
	"  \"accounts\": [{\n"
	"    \"id\": \"111122223333\",\n"
	"    \"serialConsoleAccess\": true,\n"
	"    \"users\": [\n"
	"      {\"name\": \"admin\",\n"
	"       \"accessKeys\": [{\"id\": \"AKIAIOSFODNN7EXAMPLE\", \"secret\": "
	"\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"}],\n"
	"       \"policies\": [{\"name\": \"everything\", \"document\": {\"Version\": "
	"\"2012-10-17\", \"Statement\": [\n"
	"         {\"Sid\": \"Everything\", \"Effect\": \"Allow\", \"Action\": \"*\", "
	"\"Resource\": \"*\"}]}}]},\n"
	"      {\"name\": \"operator\",\n"
	"       \"accessKeys\": [{\"id\": \"AKIAI44QH8DHBEXAMPLE\", \"secret\": "
	"\"je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\"}],\n"
	"       \"policies\": [{\"name\": \"ec2-user-only\", \"document\": {\"Version\": "
	"\"2012-10-17\", \"Statement\": [\n"
	"         {\"Sid\": \"LogIn\", \"Effect\": \"Allow\", \"Action\": "
	"\"ec2-instance-connect:SendSSHPublicKey\",\n"
	"          \"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"ec2:osuser\": "
	"\"ec2-user\"}}},\n"
	"         {\"Sid\": \"Look\", \"Effect\": \"Allow\", \"Resource\": \"*\",\n"
	"          \"Action\": [\"ec2:DescribeInstances\", "
	"\"ec2:DescribeInstanceConnectEndpoints\"]}]}}]}\n"
	"    ],\n"
	"    \"roles\": [{\"name\": \"app\", \"policies\": [{\"name\": \"look\", \"document\": "
	"{\"Version\": \"2012-10-17\",\n"
	"      \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"ec2:Describe*\", "
	"\"Resource\": \"*\"}]}}]}],\n"
	"    \"instances\": [{\n"
	"      \"id\": \"i-0123456789abcdef0\",\n"
	"      \"zone\": \"us-east-1a\",\n"
	"      \"privateIp\": \"10.0.1.4\",\n"
	"      \"publicIp\": \"203.0.113.10\",\n"
	"      \"role\": \"app\",\n"
	"      \"publicKeys\": {\"demo\": \"ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f demo\"},\n"
	"      \"tags\": {\"Name\": \"demo\"}\n"
	"    }],\n"
	"    \"endpoints\": [{\"id\": \"eice-0123456789abcdef0\", \"region\": \"us-east-1\"}]\n"
	"  }]\n"
	"}\n";

struct reader {
	struct world *w;
	const struct json_doc *doc;
	int64_t now;
};

static int bad(struct reader *r, struct json at, const char *what)
{
	unsigned line, column;

	json_place(at, &line, &column);
	return err(ERR_FORMAT, "%s: line %u, column %u: %s", r->w->name, line, column, what);
}

static int out_of_memory(struct reader *r)
{
	return err(ERR_LIMIT, "%s: too large for the %zu bytes that its size allows", r->w->name,
		r->w->arena.cap);
}

/* --- grammars of texts --- */

static bool is_digits(struct str s, size_t n)
{
	return s.n == n && str_all(s, "0123456789");
}

static bool account_ok(struct str s)
{
	return is_digits(s, 12);
}

static bool plain_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n > 0 && s.n <= 512;
}

static bool name_ok(struct str s)
{
	return s.n <= 128 &&
		str_all(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-");
}

static bool path_ok(struct str s)
{
	return plain_ok(s) && s.p[0] == '/' && s.p[s.n - 1] == '/';
}

static bool address_ok(struct str s)
{
	return s.n <= 45 && str_all(s, "0123456789abcdef.:");
}

static bool listen_ok(struct str s)
{
	return plain_ok(s) && s.n <= 64;
}

static bool time_ok(struct str s)
{
	int64_t t;

	return clock_read(s, &t);
}

static bool secret_ok(struct str s)
{
	return plain_ok(s) && s.n >= 16 && s.n <= 128;
}

static bool key_id_ok(struct str s)
{
	return s.n >= 16 && s.n <= 128 && str_all(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static bool zone_ok(struct str s)
{
	return eic_zone_region(s).n > 0;
}

/* --- tables --- */

enum field_kind { TEXT, FLAG, NUMBER, BYTES, TEXTS, PAIRS, STATE, DOCUMENT, POLICIES, KEYS, LIST };

struct field {
	const char *name;
	enum field_kind kind;
	size_t offset;
	bool (*ok)(struct str);
	const char *want; /* of a text that is not ok */
	enum iam_kind policy;
};

#define AT(type, member) .offset = offsetof(struct type, member)
#define INSTANCE(member) AT(instance, member)

static const struct field instance_fields[] = {
	{ "id", TEXT, INSTANCE(id), eic_instance_id_ok,
		"an instance id: i- and 8 to 30 hexadecimal digits" },
	{ "type", TEXT, INSTANCE(type), name_ok, "an instance type" },
	{ "image", TEXT, INSTANCE(image), plain_ok, "an image id" },
	{ "architecture", TEXT, INSTANCE(architecture), name_ok, "an architecture" },
	{ "region", TEXT, INSTANCE(region), eic_region_ok, "a region" },
	{ "zone", TEXT, INSTANCE(zone), zone_ok, "an availability zone" },
	{ "zoneId", TEXT, INSTANCE(zone_id), plain_ok, "the id of a zone" },
	{ "domain", TEXT, INSTANCE(domain), plain_ok, "a domain" },
	{ "privateIp", TEXT, INSTANCE(private_ip), address_ok, "an address" },
	{ "publicIp", TEXT, INSTANCE(public_ip), address_ok, "an address" },
	{ "ipv6", TEXT, INSTANCE(ipv6), address_ok, "an IPv6 address" },
	{ "mac", TEXT, INSTANCE(mac), address_ok, "a MAC address" },
	{ "privateDns", TEXT, INSTANCE(private_dns), plain_ok, "a name" },
	{ "publicDns", TEXT, INSTANCE(public_dns), plain_ok, "a name" },
	{ "vpc", TEXT, INSTANCE(vpc), plain_ok, "the id of a VPC" },
	{ "vpcCidr", TEXT, INSTANCE(vpc_cidr), plain_ok, "a block of addresses" },
	{ "subnet", TEXT, INSTANCE(subnet), plain_ok, "the id of a subnet" },
	{ "subnetCidr", TEXT, INSTANCE(subnet_cidr), plain_ok, "a block of addresses" },
	{ "interface", TEXT, INSTANCE(interface), plain_ok, "the id of an interface" },
	{ "reservation", TEXT, INSTANCE(reservation), plain_ok, "the id of a reservation" },
	{ "kernel", TEXT, INSTANCE(kernel), plain_ok, "the id of a kernel image" },
	{ "ramdisk", TEXT, INSTANCE(ramdisk), plain_ok, "the id of a ramdisk image" },
	{ "launched", TEXT, INSTANCE(launched), time_ok, "a time such as 2024-01-01T00:00:00Z" },
	{ "role", TEXT, INSTANCE(role), name_ok, "the name of a role" },
	{ "imds", TEXT, INSTANCE(imds), listen_ok, "ADDRESS:PORT" },
	{ "lifeCycle", TEXT, INSTANCE(life_cycle), name_ok, "on-demand, spot or scheduled" },
	{ "platform", TEXT, INSTANCE(platform), plain_ok, "a platform" },
	{ "placementGroup", TEXT, INSTANCE(placement_group), plain_ok, "a name" },
	{ "partitionNumber", TEXT, INSTANCE(partition_number), plain_ok, "a number" },
	{ "hostId", TEXT, INSTANCE(host_id), plain_ok, "the id of a host" },
	{ "userData", BYTES, INSTANCE(user_data) },
	{ "securityGroups", TEXTS, INSTANCE(security_groups), plain_ok, "a name" },
	{ "publicKeys", PAIRS, INSTANCE(public_keys), plain_ok, "a public key" },
	{ "tags", PAIRS, INSTANCE(tags) },
	{ "blockDevices", PAIRS, INSTANCE(block_devices), plain_ok, "the name of a device" },
	{ "state", STATE, INSTANCE(state) },
	{ "nitro", FLAG, INSTANCE(nitro) },
	{ "metadataTags", FLAG, INSTANCE(metadata_tags) },
	{ "imdsDisabled", FLAG, INSTANCE(imds_disabled) },
	{ "imdsIpv6", FLAG, INSTANCE(imds_ipv6) },
	{ "tokensRequired", FLAG, INSTANCE(tokens_required) },
	{ "unavailable", FLAG, INSTANCE(unavailable) },
	{ "serialBusy", FLAG, INSTANCE(serial_busy) },
	{ "hopLimit", NUMBER, INSTANCE(hop_limit) },
	{ "launchIndex", NUMBER, INSTANCE(launch_index) },
	{ 0 },
};

static const struct field principal_fields[] = {
	{ "name", TEXT, AT(principal, name), name_ok, "a name" },
	{ "path", TEXT, AT(principal, path), path_ok, "a path with / at both ends" },
	{ "uniqueId", TEXT, AT(principal, unique_id), plain_ok, "an id" },
	{ "accessKeys", KEYS, AT(principal, keys) },
	{ "groups", TEXTS, AT(principal, group_names), name_ok, "the name of a group" },
	{ "policies", POLICIES, AT(principal, policies) },
	{ "boundary", DOCUMENT, AT(principal, boundary), .policy = IAM_BOUNDARY },
	{ "trust", DOCUMENT, AT(principal, trust), .policy = IAM_RESOURCE },
	{ "tags", PAIRS, AT(principal, tags) },
	{ 0 },
};

static const struct field group_fields[] = {
	{ "name", TEXT, AT(group, name), name_ok, "a name" },
	{ "policies", POLICIES, AT(group, policies) },
	{ 0 },
};

static const struct field endpoint_fields[] = {
	{ "id", TEXT, AT(endpoint, id), plain_ok, "the id of an endpoint" },
	{ "region", TEXT, AT(endpoint, region), eic_region_ok, "a region" },
	{ "zone", TEXT, AT(endpoint, zone), zone_ok, "an availability zone" },
	{ "vpc", TEXT, AT(endpoint, vpc), plain_ok, "the id of a VPC" },
	{ "subnet", TEXT, AT(endpoint, subnet), plain_ok, "the id of a subnet" },
	{ "state", TEXT, AT(endpoint, state), name_ok, "a state" },
	{ "dnsName", TEXT, AT(endpoint, dns_name), plain_ok, "a name" },
	{ 0 },
};

static const struct field key_fields[] = {
	{ "id", TEXT, AT(access_key, id), key_id_ok, "an access key id: 16 to 128 of A-Z and 0-9" },
	{ "secret", TEXT, AT(access_key, secret), secret_ok, "a secret of 16 to 128 characters" },
	{ "inactive", FLAG, AT(access_key, inactive) },
	{ 0 },
};

/* The lists of an account are read in account_lists. */
static const struct field account_fields[] = {
	{ "id", TEXT, AT(account, id), account_ok, "an account id: 12 digits" },
	{ "partition", TEXT, AT(account, partition), name_ok, "aws, aws-cn, aws-us-gov, ..." },
	{ "organization", TEXT, AT(account, organization), name_ok, "the id of an organization" },
	{ "serialConsoleAccess", FLAG, AT(account, serial_console) },
	{ "scps", POLICIES, AT(account, scps), .policy = IAM_SCP },
	{ "rootAccessKeys", LIST, .offset = 0 },
	{ "users", LIST, .offset = 0 },
	{ "roles", LIST, .offset = 0 },
	{ "groups", LIST, .offset = 0 },
	{ "instances", LIST, .offset = 0 },
	{ "endpoints", LIST, .offset = 0 },
	{ 0 },
};

/* --- values --- */

static void *take(struct reader *r, size_t n)
{
	return arena_take(&r->w->arena, n > 0 ? n : 1);
}

static int read_bytes(struct reader *r, struct json v, struct str *out)
{
	size_t room = json_raw(v).n + 1;
	char *p;
	struct buf b;

	if (json_type(v) != JSON_STRING)
		return bad(r, v, "expected a string");
	p = take(r, room);
	if (!p)
		return out_of_memory(r);
	b = buf_of(p, room);
	if (json_text(v, &b) < 0)
		return bad(r, v, "not a text that can be used here");
	*out = buf_view(&b);
	return 0;
}

static int read_text(struct reader *r, struct json v, const struct field *f, const char **out)
{
	struct str s;

	if (read_bytes(r, v, &s) < 0)
		return ERR_FORMAT;
	if (f->ok && !f->ok(s)) {
		BUF(words, 256);

		buf_addf(&words, "\"%.*s\" is not %s", STR_ARG(s), f->want);
		return bad(r, v, buf_text(&words));
	}
	*out = s.p;
	return 0;
}

static int read_texts(struct reader *r, struct json v, const struct field *f, struct texts *out)
{
	if (json_type(v) != JSON_ARRAY)
		return bad(r, v, "expected a list");
	out->at = take(r, json_count(v) * sizeof(*out->at));
	if (!out->at)
		return out_of_memory(r);
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i))
		if (read_text(r, i, f, &out->at[out->n++]) < 0)
			return ERR_FORMAT;
	return 0;
}

static int read_pairs(struct reader *r, struct json v, const struct field *f, struct pairs *out)
{
	static const struct field name = { "name", TEXT, 0, plain_ok,
		"a name of printable characters", IAM_IDENTITY };

	if (json_type(v) != JSON_OBJECT)
		return bad(r, v, "expected an object of names and texts");
	out->at = take(r, json_count(v) * sizeof(*out->at));
	if (!out->at)
		return out_of_memory(r);
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i)) {
		struct pair *p = &out->at[out->n++];

		if (read_text(r, i, &name, &p->name) < 0 ||
			read_text(r, json_value(i), f, &p->value) < 0)
			return ERR_FORMAT;
	}
	return 0;
}

static const char *const state_names[] = { "pending", "running", "shutting-down", "terminated",
	"stopping", "stopped" };

static int read_state(struct reader *r, struct json v, enum instance_state *out)
{
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (json_is(v, state_names[i])) {
			*out = (enum instance_state)i;
			return 0;
		}
	return bad(
		r, v, "expected pending, running, shutting-down, terminated, stopping or stopped");
}

static int read_document(struct reader *r, struct json v, enum iam_kind kind, struct document *out)
{
	if (json_type(v) != JSON_OBJECT)
		return bad(r, v, "expected a policy document");
	out->text = json_raw(v);
	return policy_read_json(&out->policy, kind, r->w->name, v, &r->w->arena, 0);
}

/* {"name": ..., "document": {...}}, or the document alone */
static int read_policies(struct reader *r, struct json v, enum iam_kind kind, struct policies *out)
{
	static const struct field name = { "name", TEXT, 0, name_ok, "a name", IAM_IDENTITY };

	if (json_type(v) != JSON_ARRAY)
		return bad(r, v, "expected a list of policies");
	out->at = take(r, json_count(v) * sizeof(*out->at));
	out->name = take(r, json_count(v) * sizeof(*out->name));
	if (!out->at || !out->name)
		return out_of_memory(r);
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i), out->n++) {
		struct json document = json_get(i, "document"), n = json_get(i, "name");

		out->name[out->n] = "inline";
		if (read_document(r, json_type(document) ? document : i, kind, &out->at[out->n]) <
			0)
			return ERR_FORMAT;
		if (json_type(n) && read_text(r, n, &name, &out->name[out->n]) < 0)
			return ERR_FORMAT;
	}
	return 0;
}

static int read_object(struct reader *r, struct json v, const struct field *fields, void *out);

static int read_keys(struct reader *r, struct json v, struct principal *p)
{
	if (json_type(v) != JSON_ARRAY)
		return bad(r, v, "expected a list of access keys");
	p->keys = take(r, json_count(v) * sizeof(*p->keys));
	if (!p->keys)
		return out_of_memory(r);
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i)) {
		struct access_key *k = &p->keys[p->n_keys++];

		if (read_object(r, i, key_fields, k) < 0)
			return ERR_FORMAT;
		if (!k->id || !k->secret)
			return bad(r, i, "an access key needs id and secret");
	}
	return 0;
}

static int read_field(struct reader *r, struct json v, const struct field *f, void *object)
{
	void *to = (char *)object + f->offset;

	switch (f->kind) {
	case TEXT: return read_text(r, v, f, to);
	case FLAG: return json_bool(v, to) ? 0 : bad(r, v, "expected true or false");
	case NUMBER: return json_int(v, to) ? 0 : bad(r, v, "expected a whole number");
	case BYTES: return read_bytes(r, v, to);
	case TEXTS: return read_texts(r, v, f, to);
	case PAIRS: return read_pairs(r, v, f, to);
	case STATE: return read_state(r, v, to);
	case DOCUMENT: return read_document(r, v, f->policy, to);
	case POLICIES: return read_policies(r, v, f->policy, to);
	case KEYS: return read_keys(r, v, object);
	case LIST: return json_type(v) == JSON_ARRAY ? 0 : bad(r, v, "expected a list");
	}
	return ERR_BUG;
}

static const struct field *field_named(const struct field *fields, struct json name)
{
	for (; fields->name; fields++)
		if (json_is(name, fields->name))
			return fields;
	return NULL;
}

static int read_object(struct reader *r, struct json v, const struct field *fields, void *out)
{
	if (json_type(v) != JSON_OBJECT)
		return bad(r, v, "expected an object");
	for (struct json i = json_first(v); json_type(i); i = json_next(v, i)) {
		const struct field *f = field_named(fields, i);
		struct str name = json_raw(i);
		int result;

		if (!f) {
			BUF(words, 256);

			buf_addf(&words, "no member \"%.*s\" is known here", STR_ARG(name));
			return bad(r, i, buf_text(&words));
		}
		result = read_field(r, json_value(i), f, out);
		if (result < 0)
			return result;
	}
	return 0;
}

/* --- what is derived --- */

static const char *keep(struct reader *r, const struct buf *b)
{
	char *p = take(r, b->len + 1);

	if (p)
		memcpy(p, buf_text(b), b->len + 1);
	return p ? p : "";
}

/* FNV-1a: the derived ids must look random, stay the same, and differ; nothing else */
static uint64_t mix(const char *salt, const char *text)
{
	uint64_t h = 14695981039346656037u;

	for (const char *p = salt; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	for (const char *p = text; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return h ^ h >> 29;
}

static const char *derived_id(struct reader *r, const char *prefix, const char *from)
{
	BUF(b, 64);

	buf_addf(&b, "%s0%016llx", prefix, (unsigned long long)mix(prefix, from));
	return keep(r, &b);
}

static const char *derived_principal(struct reader *r, const char *prefix, const char *arn)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t a = mix(prefix, arn), b = mix(arn, prefix);
	BUF(out, 32);

	buf_puts(&out, prefix);
	for (int i = 0; i < 17; i++)
		buf_putc(&out, digits[(i < 12 ? a >> (5 * i) : b >> (5 * (i - 12))) & 31]);
	return keep(r, &out);
}

static const struct {
	const char *prefix, *partition, *domain;
} partitions[] = {
	{ "cn-", "aws-cn", "amazonaws.com.cn" },
	{ "us-gov-", "aws-us-gov", "amazonaws.com" },
	{ "eusc-", "aws-eusc", "amazonaws.eu" },
	{ "us-iso-", "aws-iso", "c2s.ic.gov" },
	{ "us-isob-", "aws-iso-b", "sc2s.sgov.gov" },
	{ "eu-isoe-", "aws-iso-e", "cloud.adc-e.uk" },
	{ "us-isof-", "aws-iso-f", "csp.hci.ic.gov" },
	{ "", "aws", "amazonaws.com" },
};

const char *partition_of(struct str region, const char **domain)
{
	size_t i = 0;

	while (!str_starts(region, partitions[i].prefix))
		i++;
	if (domain)
		*domain = partitions[i].domain;
	return partitions[i].partition;
}

/* us-east-1 is use1, ap-southeast-2 apse2: initials of the directions, then the number */
static void short_region(struct buf *out, struct str region)
{
	static const char *const words[][2] = {
		{ "northeast", "ne" },
		{ "northwest", "nw" },
		{ "southeast", "se" },
		{ "southwest", "sw" },
		{ "north", "n" },
		{ "south", "s" },
		{ "east", "e" },
		{ "west", "w" },
		{ "central", "c" },
		{ "gov", "g" },
	};
	struct str part;
	bool first = true;

	for (; str_cut(&region, '-', &part); first = false) {
		const char *word = NULL;

		for (size_t i = 0; !first && i < sizeof(words) / sizeof(words[0]); i++)
			if (str_is(part, words[i][0]))
				word = words[i][1];
		if (word)
			buf_puts(out, word);
		else
			buf_str(out, part);
	}
}

/* us-east-1a is use1-az1; us-east-1-dfw-1a is use1-dfw1-az1 */
static const char *derived_zone_id(struct reader *r, const struct instance *in)
{
	struct str zone = str_of(in->zone), rest = zone, part;
	char letter = zone.p[zone.n - 1];
	BUF(b, DERIVED_MAX);

	short_region(&b, str_of(in->region));
	buf_putc(&b, '-');
	rest.p += strlen(in->region);
	rest.n -= strlen(in->region);
	while (rest.n > 1 && str_cut(&rest, '-', &part))
		if (part.n > 1)
			buf_add(&b, part.p, part.n - (rest.n == 0 ? 1 : 0));
	if (b.p[b.len - 1] != '-')
		buf_putc(&b, '-');
	buf_addf(&b, "az%d", letter >= 'a' && letter <= 'f' ? letter - 'a' + 1 : 1);
	return keep(r, &b);
}

static const char *derived_address(struct reader *r, unsigned index)
{
	BUF(b, 32);

	buf_addf(&b, "10.0.%u.%u", 1 + index / 250, 4 + index % 250);
	return keep(r, &b);
}

static const char *derived_mac(struct reader *r, const char *id)
{
	uint64_t h = mix("mac", id);
	BUF(b, 32);

	buf_puts(&b, "0e");
	for (int i = 0; i < 5; i++)
		buf_addf(&b, ":%02x", (unsigned)(h >> (8 * i)) & 0xff);
	return keep(r, &b);
}

static void add_dashed(struct buf *b, const char *address)
{
	for (; *address; address++)
		buf_putc(b, *address == '.' || *address == ':' ? '-' : *address);
}

static const char *derived_name(struct reader *r, const struct instance *in, bool public)
{
	bool first_region = strcmp(in->region, "us-east-1") == 0;
	BUF(b, DERIVED_MAX);

	buf_puts(&b, public ? "ec2-" : "ip-");
	add_dashed(&b, public ? in->public_ip : in->private_ip);
	if (first_region)
		buf_addf(&b, "%s%s", public ? ".compute-1." : ".ec2.internal",
			public ? in->domain : "");
	else
		buf_addf(&b, ".%s.compute.%s", in->region, public ? in->domain : "internal");
	return keep(r, &b);
}

/* the first generations of each family run on Xen */
static bool is_nitro(struct str type)
{
	static const char *const xen[] = { "t1.", "t2.", "m1.", "m2.", "m3.", "m4.", "c1.", "c3.",
		"c4.", "r3.", "r4.", "i2.", "i3.", "d2.", "h1.", "x1.", "x1e.", "p2.", "p3.", "g2.",
		"g3.", "f1." };

	for (size_t i = 0; i < sizeof(xen) / sizeof(xen[0]); i++)
		if (str_starts(type, xen[i]))
			return false;
	return true;
}

/* t4g, m6gd, c7gn, a1: a g behind the generation */
static const char *derived_architecture(struct str type)
{
	struct str family;

	if (!str_cut(&type, '.', &family) || str_is(family, "a1"))
		return "arm64";
	for (size_t i = 1; i < family.n; i++)
		if (family.p[i] == 'g' && family.p[i - 1] >= '0' && family.p[i - 1] <= '9')
			return "arm64";
	return "x86_64";
}

static void default_text(const char **text, const char *value)
{
	if (!*text)
		*text = value;
}

static void default_places(struct reader *r, struct instance *in)
{
	BUF(b, DERIVED_MAX);

	if (!in->region && in->zone) {
		buf_str(&b, eic_zone_region(str_of(in->zone)));
		in->region = keep(r, &b);
	}
	default_text(&in->region, "us-east-1");
	if (!in->zone) {
		buf_clear(&b);
		buf_addf(&b, "%sa", in->region);
		in->zone = keep(r, &b);
	}
	in->partition = partition_of(str_of(in->region), in->domain ? NULL : &in->domain);
	default_text(&in->zone_id, derived_zone_id(r, in));
}

static void default_network(struct reader *r, struct instance *in)
{
	default_text(&in->private_ip, derived_address(r, in->index));
	default_text(&in->mac, derived_mac(r, in->id));
	default_text(&in->private_dns, derived_name(r, in, false));
	if (in->public_ip)
		default_text(&in->public_dns, derived_name(r, in, true));
	default_text(&in->vpc, derived_id(r, "vpc-", in->account->id));
	default_text(&in->vpc_cidr, "10.0.0.0/16");
	default_text(&in->subnet, derived_id(r, "subnet-", in->zone));
	default_text(&in->subnet_cidr, "10.0.0.0/20");
	default_text(&in->interface, derived_id(r, "eni-", in->id));
}

static void default_lists(struct reader *r, struct instance *in)
{
	if (in->security_groups.n == 0) {
		in->security_groups.at = take(r, sizeof(char *));
		if (in->security_groups.at)
			in->security_groups.at[in->security_groups.n++] = "default";
	}
	if (in->block_devices.n == 0) {
		in->block_devices.at = take(r, 2 * sizeof(struct pair));
		if (in->block_devices.at) {
			in->block_devices.at[in->block_devices.n++] = (struct pair){ "ami",
				"/dev/xvda" };
			in->block_devices.at[in->block_devices.n++] = (struct pair){ "root",
				"/dev/xvda" };
		}
	}
}

static void default_instance(struct reader *r, struct instance *in, bool nitro_given)
{
	BUF(b, 64);

	default_text(&in->type, "t3.micro");
	default_text(&in->architecture, derived_architecture(str_of(in->type)));
	if (!nitro_given)
		in->nitro = is_nitro(str_of(in->type));
	default_places(r, in);
	default_network(r, in);
	default_lists(r, in);
	default_text(&in->image, derived_id(r, "ami-", in->region));
	default_text(&in->reservation, derived_id(r, "r-", in->id));
	default_text(&in->life_cycle, "on-demand");
	in->volume = derived_id(r, "vol-", in->id);
	clock_iso(&b, r->now - 3600);
	default_text(&in->launched, keep(r, &b));
}

static void name_principal(struct reader *r, struct principal *p)
{
	static const char *const kinds[] = { "root", "user", "role" };
	BUF(b, DERIVED_MAX);

	default_text(&p->path, "/");
	buf_addf(&b, "arn:%s:iam::%s:%s", p->account->partition, p->account->id, kinds[p->kind]);
	if (p->kind != PRINCIPAL_ROOT)
		buf_addf(&b, "%s%s", p->path, p->name);
	p->arn = keep(r, &b);
	if (p->kind == PRINCIPAL_ROOT)
		p->unique_id = p->account->id;
	default_text(&p->unique_id,
		derived_principal(r, p->kind == PRINCIPAL_USER ? "AIDA" : "AROA", p->arn));
}

/* --- lists of an account --- */

static int resolve_groups(
	struct reader *r, struct json at, struct principal *p, const struct group *first, size_t n)
{
	p->groups = take(r, p->group_names.n * sizeof(*p->groups));
	if (!p->groups)
		return out_of_memory(r);
	for (size_t i = 0; i < p->group_names.n; i++) {
		size_t g = 0;

		while (g < n && strcmp(first[g].name, p->group_names.at[i]) != 0)
			g++;
		if (g == n)
			return bad(r, at, "is in a group that the account does not have");
		p->groups[p->n_groups++] = &first[g];
	}
	return 0;
}

static int read_principals(struct reader *r, struct json list, struct account *a,
	enum principal_kind kind, const struct group *groups, size_t n_groups)
{
	for (struct json i = json_first(list); json_type(i); i = json_next(list, i)) {
		struct principal *p = &r->w->principals[r->w->n_principals++];

		p->kind = kind;
		p->account = a;
		if (read_object(r, i, principal_fields, p) < 0)
			return ERR_FORMAT;
		if (!p->name)
			return bad(r, i, "needs a name");
		if (resolve_groups(r, i, p, groups, n_groups) < 0)
			return ERR_FORMAT;
		name_principal(r, p);
	}
	return 0;
}

static int read_root(struct reader *r, struct json keys, struct account *a)
{
	struct principal *p = &r->w->principals[r->w->n_principals++];

	p->kind = PRINCIPAL_ROOT;
	p->account = a;
	p->name = "root";
	name_principal(r, p);
	return json_type(keys) ? read_keys(r, keys, p) : 0;
}

static int read_groups(struct reader *r, struct json list, const struct account *a)
{
	for (struct json i = json_first(list); json_type(i); i = json_next(list, i)) {
		struct group *g = &r->w->groups[r->w->n_groups++];

		g->account = a;
		if (read_object(r, i, group_fields, g) < 0)
			return ERR_FORMAT;
		if (!g->name)
			return bad(r, i, "needs a name");
	}
	return 0;
}

static int read_instances(struct reader *r, struct json list, struct account *a)
{
	for (struct json i = json_first(list); json_type(i); i = json_next(list, i)) {
		struct instance *in = &r->w->instances[r->w->n_instances];

		in->index = (unsigned)r->w->n_instances++;
		in->account = a;
		in->state = STATE_RUNNING;
		in->metadata_tags = true;
		in->imds_ipv6 = true;
		in->hop_limit = 0;
		if (read_object(r, i, instance_fields, in) < 0)
			return ERR_FORMAT;
		if (!in->id)
			return bad(r, i, "needs an id");
		if (in->region && in->zone &&
			!str_is(eic_zone_region(str_of(in->zone)), in->region))
			return bad(r, json_get(i, "zone"), "is no zone of that region");
		if (in->hop_limit < 0 || in->hop_limit > 64)
			return bad(r, json_get(i, "hopLimit"),
				"expected 1 to 64, or 0 for the system's own");
		default_instance(r, in, json_type(json_get(i, "nitro")) != JSON_NONE);
	}
	return 0;
}

static int read_endpoints(struct reader *r, struct json list, struct account *a)
{
	for (struct json i = json_first(list); json_type(i); i = json_next(list, i)) {
		struct endpoint *e = &r->w->endpoints[r->w->n_endpoints++];
		BUF(b, DERIVED_MAX);

		e->account = a;
		if (read_object(r, i, endpoint_fields, e) < 0)
			return ERR_FORMAT;
		if (!e->id)
			return bad(r, i, "needs an id");
		default_text(&e->region, "us-east-1");
		if (!e->zone) {
			buf_addf(&b, "%sa", e->region);
			e->zone = keep(r, &b);
		}
		default_text(&e->vpc, derived_id(r, "vpc-", a->id));
		default_text(&e->subnet, derived_id(r, "subnet-", e->zone));
		default_text(&e->state, "create-complete");
		buf_clear(&b);
		buf_addf(&b, "%s.%08x.ec2-instance-connect-endpoint.%s.amazonaws.com", e->id,
			(unsigned)mix("dns", e->id), e->region);
		default_text(&e->dns_name, keep(r, &b));
	}
	return 0;
}

static int read_account(struct reader *r, struct json v, struct account *a)
{
	const struct group *groups = &r->w->groups[r->w->n_groups];
	size_t n_groups = json_count(json_get(v, "groups"));

	if (read_object(r, v, account_fields, a) < 0)
		return ERR_FORMAT;
	if (!a->id)
		return bad(r, v, "an account needs an id");
	default_text(&a->partition, "aws");
	a->has_scps = json_type(json_get(v, "scps")) != JSON_NONE;
	if (read_groups(r, json_get(v, "groups"), a) < 0 ||
		read_root(r, json_get(v, "rootAccessKeys"), a) < 0 ||
		read_principals(r, json_get(v, "users"), a, PRINCIPAL_USER, groups, n_groups) < 0 ||
		read_principals(r, json_get(v, "roles"), a, PRINCIPAL_ROLE, groups, 0) < 0 ||
		read_instances(r, json_get(v, "instances"), a) < 0)
		return ERR_FORMAT;
	return read_endpoints(r, json_get(v, "endpoints"), a);
}

/* --- the whole --- */

static int take_tables(struct reader *r, struct json accounts)
{
	struct world *w = r->w;
	size_t principals = 0, groups = 0, instances = 0, endpoints = 0;

	for (struct json i = json_first(accounts); json_type(i); i = json_next(accounts, i)) {
		principals += 1 + json_count(json_get(i, "users")) +
			json_count(json_get(i, "roles"));
		groups += json_count(json_get(i, "groups"));
		instances += json_count(json_get(i, "instances"));
		endpoints += json_count(json_get(i, "endpoints"));
	}
	w->accounts = take(r, json_count(accounts) * sizeof(*w->accounts));
	w->principals = take(r, principals * sizeof(*w->principals));
	w->groups = take(r, groups * sizeof(*w->groups));
	w->instances = take(r, instances * sizeof(*w->instances));
	w->endpoints = take(r, endpoints * sizeof(*w->endpoints));
	if (!w->accounts || !w->principals || !w->groups || !w->instances || !w->endpoints)
		return out_of_memory(r);
	return 0;
}

static int check_unique(struct reader *r, struct json root)
{
	const struct world *w = r->w;

	for (size_t i = 0; i < w->n_instances; i++)
		if (world_instance(w, str_of(w->instances[i].id)) != &w->instances[i]) {
			BUF(words, 128);

			buf_addf(&words, "instance \"%s\" stands here twice", w->instances[i].id);
			return bad(r, root, buf_text(&words));
		}
	for (size_t i = 0; i < w->n_instances; i++) {
		const struct instance *in = &w->instances[i];

		if (in->role &&
			!world_principal(w, in->account->id, STR("role"), str_of(in->role))) {
			BUF(words, 256);

			buf_addf(&words,
				"instance \"%s\" has the role \"%s\", which its account does not "
				"have",
				in->id, in->role);
			return bad(r, root, buf_text(&words));
		}
	}
	return 0;
}

static int read_root_object(struct reader *r, struct json root)
{
	struct json accounts = json_get(root, "accounts");
	struct world *w = r->w;

	if (json_type(root) != JSON_OBJECT || json_type(accounts) != JSON_ARRAY ||
		json_count(accounts) == 0)
		return bad(r, root, "expected {\"accounts\": [...]} with at least one account");
	for (struct json i = json_first(root); json_type(i); i = json_next(root, i))
		if (!json_is(i, "accounts"))
			return bad(r, i, "only \"accounts\" is known here");
	if (take_tables(r, accounts) < 0)
		return ERR_LIMIT;
	for (struct json i = json_first(accounts); json_type(i); i = json_next(accounts, i))
		if (read_account(r, i, &w->accounts[w->n_accounts++]) < 0)
			return ERR_FORMAT;
	if (w->n_instances == 0)
		return bad(r, accounts, "there is no instance");
	return check_unique(r, root);
}

static void *map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int parse(struct world *w, struct str text, int64_t now)
{
	size_t cap = text.n / 2 + 16, bytes = cap * sizeof(struct json_token);
	struct json_token *tokens = map(bytes);
	struct json_doc doc;
	struct reader r = { w, &doc, now };
	char *copy = arena_take(&w->arena, text.n + 1);
	int result = ERR_BUG;

	if (!tokens || !copy)
		return err_errno("%s: memory", w->name);
	memcpy(copy, text.p, text.n);
	w->text = (struct str){ copy, text.n };
	result = json_parse(&doc, w->text, tokens, cap);
	if (result < 0)
		(void)err_in(result, "%s", w->name);
	else
		result = read_root_object(&r, json_root(&doc));
	munmap(tokens, bytes);
	return result < 0 ? result : 0;
}

int world_read(struct world *w, const char *name, struct str text, int64_t now)
{
	struct world fresh = { .name = name };
	void *p;
	int r;

	if (text.n > WORLD_TEXT_MAX)
		return err(ERR_LIMIT, "%s: larger than %d bytes", name, WORLD_TEXT_MAX);
	fresh.block_n = ARENA_LEAST + text.n * ARENA_PER_BYTE;
	p = map(fresh.block_n);
	if (!p)
		return err_errno("%s: memory", name);
	fresh.arena = arena_of(p, fresh.block_n);
	r = parse(&fresh, text, now);
	if (r < 0)
		world_close(&fresh);
	else
		*w = fresh;
	return r;
}

void world_close(struct world *w)
{
	if (w->arena.p)
		munmap(w->arena.p, w->block_n);
	*w = (struct world){ 0 };
}

const struct instance *world_instance(const struct world *w, struct str id)
{
	for (size_t i = 0; i < w->n_instances; i++)
		if (str_is(id, w->instances[i].id))
			return &w->instances[i];
	return NULL;
}

const struct principal *world_principal(
	const struct world *w, const char *account, struct str kind, struct str name)
{
	enum principal_kind k = str_is(kind, "role") ? PRINCIPAL_ROLE
		: str_is(kind, "user")               ? PRINCIPAL_USER
						     : PRINCIPAL_ROOT;

	for (size_t i = 0; i < w->n_principals; i++) {
		const struct principal *p = &w->principals[i];

		if (p->kind == k && strcmp(p->account->id, account) == 0 && str_is(name, p->name))
			return p;
	}
	return NULL;
}

const struct access_key *world_key(
	const struct world *w, struct str id, const struct principal **owner)
{
	for (size_t i = 0; i < w->n_principals; i++)
		for (size_t k = 0; k < w->principals[i].n_keys; k++)
			if (str_is(id, w->principals[i].keys[k].id)) {
				*owner = &w->principals[i];
				return &w->principals[i].keys[k];
			}
	return NULL;
}

const struct account *world_account(const struct world *w, struct str id)
{
	for (size_t i = 0; i < w->n_accounts; i++)
		if (str_is(id, w->accounts[i].id))
			return &w->accounts[i];
	return NULL;
}

void instance_group_id(const struct instance *in, size_t i, struct buf *out)
{
	buf_addf(out, "sg-0%016llx", (unsigned long long)mix(in->vpc, in->security_groups.at[i]));
}

const char *instance_state_name(enum instance_state s)
{
	return state_names[s];
}

int instance_state_code(enum instance_state s)
{
	static const int codes[] = { 0, 16, 32, 48, 64, 80 };

	return codes[s];
}

/* --- printing --- */

static void print_policies(struct json_out *o, const char *name, const struct policies *list)
{
	json_name(o, name);
	json_open(o, '[');
	for (size_t i = 0; i < list->n; i++) {
		json_open(o, '{');
		json_member(o, "name", list->name[i]);
		json_name(o, "document");
		json_add_raw(o, list->at[i].text);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void print_pairs(struct json_out *o, const struct pairs *list)
{
	json_open(o, '{');
	for (size_t i = 0; i < list->n; i++)
		json_member(o, list->at[i].name, list->at[i].value);
	json_close(o, '}');
}

static void print_texts(struct json_out *o, const struct texts *list)
{
	json_open(o, '[');
	for (size_t i = 0; i < list->n; i++)
		json_add_str(o, str_of(list->at[i]));
	json_close(o, ']');
}

static void print_keys(struct json_out *o, const struct principal *p);

static bool is_set(const struct field *f, const void *at)
{
	switch (f->kind) {
	case TEXT: return *(const char *const *)at != NULL;
	case BYTES: return ((const struct str *)at)->n > 0;
	case DOCUMENT: return ((const struct document *)at)->text.n > 0;
	case TEXTS: return ((const struct texts *)at)->n > 0;
	case PAIRS: return ((const struct pairs *)at)->n > 0;
	case LIST: return false;
	default: return true;
	}
}

static void print_fields(struct json_out *o, const struct field *fields, const void *object)
{
	for (const struct field *f = fields; f->name; f++) {
		const void *at = (const char *)object + f->offset;

		if (!is_set(f, at))
			continue;
		if (f->kind == POLICIES) {
			print_policies(o, f->name, at);
			continue;
		}
		json_name(o, f->name);
		if (f->kind == TEXT)
			json_add_str(o, str_of(*(const char *const *)at));
		else if (f->kind == FLAG)
			json_add_bool(o, *(const bool *)at);
		else if (f->kind == NUMBER)
			json_add_int(o, *(const int64_t *)at);
		else if (f->kind == BYTES)
			json_add_str(o, *(const struct str *)at);
		else if (f->kind == TEXTS)
			print_texts(o, at);
		else if (f->kind == PAIRS)
			print_pairs(o, at);
		else if (f->kind == STATE)
			json_add_str(o, str_of(state_names[*(const enum instance_state *)at]));
		else if (f->kind == DOCUMENT)
			json_add_raw(o, ((const struct document *)at)->text);
		else
			print_keys(o, object);
	}
}

static void print_keys(struct json_out *o, const struct principal *p)
{
	json_open(o, '[');
	for (size_t i = 0; i < p->n_keys; i++) {
		json_open(o, '{');
		print_fields(o, key_fields, &p->keys[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void print_principals(struct json_out *o, const struct world *w, const struct account *a,
	enum principal_kind kind)
{
	for (size_t i = 0; i < w->n_principals; i++) {
		const struct principal *p = &w->principals[i];

		if (p->account != a || p->kind != kind)
			continue;
		if (kind == PRINCIPAL_ROOT) {
			json_name(o, "rootAccessKeys");
			print_keys(o, p);
			continue;
		}
		json_open(o, '{');
		print_fields(o, principal_fields, p);
		json_close(o, '}');
	}
}

static void print_account(struct json_out *o, const struct world *w, const struct account *a)
{
	json_open(o, '{');
	print_fields(o, account_fields, a);
	print_principals(o, w, a, PRINCIPAL_ROOT);
	json_name(o, "groups");
	json_open(o, '[');
	for (size_t i = 0; i < w->n_groups; i++)
		if (w->groups[i].account == a) {
			json_open(o, '{');
			print_fields(o, group_fields, &w->groups[i]);
			json_close(o, '}');
		}
	json_close(o, ']');
	json_name(o, "users");
	json_open(o, '[');
	print_principals(o, w, a, PRINCIPAL_USER);
	json_close(o, ']');
	json_name(o, "roles");
	json_open(o, '[');
	print_principals(o, w, a, PRINCIPAL_ROLE);
	json_close(o, ']');
	json_name(o, "instances");
	json_open(o, '[');
	for (size_t i = 0; i < w->n_instances; i++)
		if (w->instances[i].account == a) {
			json_open(o, '{');
			print_fields(o, instance_fields, &w->instances[i]);
			json_close(o, '}');
		}
	json_close(o, ']');
	json_name(o, "endpoints");
	json_open(o, '[');
	for (size_t i = 0; i < w->n_endpoints; i++)
		if (w->endpoints[i].account == a) {
			json_open(o, '{');
			print_fields(o, endpoint_fields, &w->endpoints[i]);
			json_close(o, '}');
		}
	json_close(o, ']');
	json_close(o, '}');
}

void world_print(const struct world *w, struct buf *out)
{
	struct json_out o = json_out(out, 2);

	json_open(&o, '{');
	json_name(&o, "accounts");
	json_open(&o, '[');
	for (size_t i = 0; i < w->n_accounts; i++)
		print_account(&o, w, &w->accounts[i]);
	json_close(&o, ']');
	json_close(&o, '}');
	buf_putc(out, '\n');
}
