/* derive.c - what a world's text leaves open: ids, names, addresses, and what depends on a region
 */
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "eic/limits.h"

#include "fill.h"

enum { TEXT_MAX = 256, HOPS = 1 };

static void fill_in(struct reader *r, const char **text, const struct fill *f, const char *from)
{
	BUF(b, TEXT_MAX);

	if (!*text && fill(&b, f, str_of(from)))
		*text = reader_keep(r, &b);
}

/* Texts that are made of others, in this order. */
struct made {
	uint16_t at; /* of the object */
	const char *from;
};

static void make(
	struct reader *r, const struct made *made, const struct member *members, void *object)
{
	const struct fill f = { .members = members, .object = object };

	for (; made->from; made++)
		fill_in(r, (const char **)(void *)((char *)object + made->at), &f, made->from);
}

/* --- principals --- */

static const char *derived_principal(struct reader *r, const char *prefix, const char *arn)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t a = mix(prefix, arn), b = mix(arn, prefix);
	BUF(out, 32);

	buf_puts(&out, prefix);
	for (int i = 0; i < 17; i++)
		buf_putc(&out, digits[(i < 12 ? a >> (5 * i) : b >> (5 * (i - 12))) & 31]);
	return reader_keep(r, &out);
}

static void name_principal(struct reader *r, struct principal *p)
{
	static const char *const kinds[] = { "root", "user", "role" };
	BUF(b, TEXT_MAX);

	if (!p->path)
		p->path = "/";
	buf_addf(&b, "arn:%s:iam::%s:%s", p->account->partition, p->account->id, kinds[p->kind]);
	if (p->kind != PRINCIPAL_ROOT)
		buf_addf(&b, "%s%s", p->path, p->name);
	p->arn = reader_keep(r, &b);
	if (p->kind == PRINCIPAL_ROOT)
		p->unique_id = p->account->id;
	if (!p->unique_id)
		p->unique_id = derived_principal(
			r, p->kind == PRINCIPAL_USER ? "AIDA" : "AROA", p->arn);
}

static int complete_principal(struct reader *r, struct json at, struct principal *p)
{
	for (size_t i = 0; i < p->groups.n; i++)
		if (!world_group(r->w, p->account, p->groups.at[i]))
			return reader_bad(r, json_get(at, "groups"),
				"\"%s\" is no group of the account", p->groups.at[i]);
	name_principal(r, p);
	return 0;
}

/* A key id finds its owner, so it can have only one. */
static int complete_key(struct reader *r, struct json at, const struct access_key *k)
{
	const struct principal *owner;

	if (!k->secret)
		return reader_bad(r, at, "needs \"secret\"");
	if (world_key(r->w, str_of(k->id), &owner) != k)
		return reader_bad(r, at, "stands here twice");
	return 0;
}

/* --- places --- */

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
	BUF(b, TEXT_MAX);

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
	return reader_keep(r, &b);
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

static int complete_places(struct reader *r, struct json at, struct instance *in)
{
	BUF(b, TEXT_MAX);

	if (in->zone) {
		buf_str(&b, eic_zone_region(str_of(in->zone)));
		if (in->region && strcmp(in->region, buf_text(&b)) != 0)
			return reader_bad(r, json_get(at, "zone"), "is no zone of that region");
		in->region = reader_keep(r, &b);
	}
	if (!in->region)
		in->region = "us-east-1";
	if (!in->partition)
		in->partition = partition_of(str_of(in->region), NULL);
	if (!in->domain)
		(void)partition_of(str_of(in->region), &in->domain);
	return 0;
}

/* --- instances --- */

static void derive_network(struct reader *r, struct instance *in)
{
	unsigned i = (unsigned)(in - r->w->instances.at);
	uint64_t h = mix("mac", in->id);
	BUF(b, 32);

	if (!in->private_ip) {
		buf_addf(&b, "10.0.%u.%u", 1 + i / 250 % 255, 4 + i % 250);
		in->private_ip = reader_keep(r, &b);
	}
	buf_clear(&b);
	buf_puts(&b, "0e");
	for (i = 0; i < 5; i++)
		buf_addf(&b, ":%02x", (unsigned)(h >> (8 * i)) & 0xff);
	if (!in->mac)
		in->mac = reader_keep(r, &b);
}

static void derive_lists(struct reader *r, struct instance *in)
{
	static const struct pair devices[] = { { "ami", "/dev/xvda" }, { "root", "/dev/xvda" } };

	if (!in->security_groups.at) {
		in->security_groups.at = reader_take(r, sizeof(char *));
		if (in->security_groups.at)
			in->security_groups.at[in->security_groups.n++] = "default";
	}
	if (!in->block_devices.at) {
		in->block_devices.at = reader_take(r, sizeof(devices));
		if (in->block_devices.at)
			memcpy(in->block_devices.at, devices, sizeof(devices));
		in->block_devices.n = in->block_devices.at ? 2 : 0;
	}
}

static int complete_instance(struct reader *r, struct json at, struct instance *in)
{
	static const struct made texts[] = {
		{ offsetof(struct instance, zone), "{region}a" },
		{ offsetof(struct instance, vpc), "vpc-{#account}" },
		{ offsetof(struct instance, vpc_cidr), "10.0.0.0/16" },
		{ offsetof(struct instance, subnet), "subnet-{#zone}" },
		{ offsetof(struct instance, subnet_cidr), "10.0.0.0/20" },
		{ offsetof(struct instance, interface), "eni-{#id}" },
		{ offsetof(struct instance, image), "ami-{#region}" },
		{ offsetof(struct instance, reservation), "r-{#id}" },
		{ offsetof(struct instance, life_cycle), "on-demand" },
		{ 0 },
	};
	static const struct made first_names[] = {
		{ offsetof(struct instance, private_dns), "ip-{-privateIp}.ec2.internal" },
		{ offsetof(struct instance, public_dns), "ec2-{-publicIp}.compute-1.{domain}" },
		{ 0 },
	};
	static const struct made names[] = {
		{ offsetof(struct instance, private_dns),
			"ip-{-privateIp}.{region}.compute.internal" },
		{ offsetof(struct instance, public_dns),
			"ec2-{-publicIp}.{region}.compute.{domain}" },
		{ 0 },
	};
	const struct member *m = world_lists[LIST_INSTANCES].members;
	BUF(b, 64);
	int result = complete_places(r, at, in);

	if (result < 0)
		return result;
	if (in->role && !world_principal(r->w, in->account->id, STR("role"), str_of(in->role)))
		return reader_bad(
			r, json_get(at, "role"), "\"%s\" is no role of the account", in->role);
	if (!in->type)
		in->type = "t3.micro";
	if (!in->architecture)
		in->architecture = derived_architecture(str_of(in->type));
	if (!json_type(json_get(at, "nitro")))
		in->nitro = is_nitro(str_of(in->type));
	clock_iso(&b, r->now - 3600);
	if (!in->launched)
		in->launched = reader_keep(r, &b);
	derive_network(r, in);
	derive_lists(r, in);
	make(r, texts, m, in);
	make(r, strcmp(in->region, "us-east-1") == 0 ? first_names : names, m, in);
	if (!in->zone_id)
		in->zone_id = derived_zone_id(r, in);
	return 0;
}

static void complete_endpoint(struct reader *r, struct endpoint *e)
{
	static const struct made texts[] = {
		{ offsetof(struct endpoint, region), "us-east-1" },
		{ offsetof(struct endpoint, zone), "{region}a" },
		{ offsetof(struct endpoint, vpc), "vpc-{#account}" },
		{ offsetof(struct endpoint, subnet), "subnet-{#zone}" },
		{ offsetof(struct endpoint, state), "create-complete" },
		{ 0 },
	};
	BUF(b, TEXT_MAX);

	make(r, texts, world_lists[LIST_ENDPOINTS].members, e);
	buf_addf(&b, "%s.%08x.ec2-instance-connect-endpoint.%s.amazonaws.com", e->id,
		(unsigned)mix("dns", e->id), e->region);
	if (!e->dns_name)
		e->dns_name = reader_keep(r, &b);
}

/* --- all --- */

void derive_first(enum list_name list, void *object)
{
	struct principal *p = object;
	struct instance *in = object;

	if (list == LIST_USERS || list == LIST_ROLES)
		p->kind = list == LIST_USERS ? PRINCIPAL_USER : PRINCIPAL_ROLE;
	if (list == LIST_ROOTS)
		p->name = "root";
	if (list != LIST_INSTANCES)
		return;
	in->state = STATE_RUNNING;
	in->metadata_tags = in->imds_ipv6 = true;
	in->hop_limit = HOPS;
}

int derive(struct reader *r, struct json at, enum list_name list, void *object)
{
	struct account *a = object;

	switch (list) {
	case LIST_ACCOUNTS: a->partition = a->partition ? a->partition : "aws"; break;
	case LIST_ROOTS: name_principal(r, object); break;
	case LIST_USERS:
	case LIST_ROLES: return complete_principal(r, at, object);
	case LIST_INSTANCES: return complete_instance(r, at, object);
	case LIST_ENDPOINTS: complete_endpoint(r, object); break;
	case LIST_KEYS: return complete_key(r, at, object);
	case LIST_GROUPS:
	case LISTS: break;
	}
	return 0;
}
