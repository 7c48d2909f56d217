/* members.c - the tables of members, and the grammars of texts */
#include "members.h"

#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "eic/limits.h"
#include "net/sock.h"

enum { SHORT = 64, LONG = 512, DATA_MOST = 16 * 1024, HOPS_MOST = 64, INDEX_MOST = 65535 };

#define INSTANCE(member) offsetof(struct instance, member)
#define PRINCIPAL(member) offsetof(struct principal, member)
#define ENDPOINT(member) offsetof(struct endpoint, member)
#define ACCOUNT(member) offsetof(struct account, member)

static const struct member instance_members[] = {
	{ "id", INSTANCE(id), MEMBER_TEXT, INSTANCE_ID, SHORT },
	{ "type", INSTANCE(type), MEMBER_TEXT, NAME, SHORT },
	{ "image", INSTANCE(image), MEMBER_TEXT, PRINTABLE, LONG },
	{ "architecture", INSTANCE(architecture), MEMBER_TEXT, NAME, SHORT },
	{ "region", INSTANCE(region), MEMBER_TEXT, REGION, SHORT },
	{ "zone", INSTANCE(zone), MEMBER_TEXT, ZONE, SHORT },
	{ "zoneId", INSTANCE(zone_id), MEMBER_TEXT, PRINTABLE, LONG },
	{ "domain", INSTANCE(domain), MEMBER_TEXT, PRINTABLE, SHORT - 1 },
	{ "partition", INSTANCE(partition), MEMBER_TEXT, NAME, SHORT },
	{ "privateIp", INSTANCE(private_ip), MEMBER_TEXT, ADDRESS_4, SHORT },
	{ "publicIp", INSTANCE(public_ip), MEMBER_TEXT, ADDRESS_4, SHORT },
	{ "ipv6", INSTANCE(ipv6), MEMBER_TEXT, ADDRESS_6, SHORT },
	{ "mac", INSTANCE(mac), MEMBER_TEXT, MAC_ADDRESS, SHORT },
	{ "privateDns", INSTANCE(private_dns), MEMBER_TEXT, PRINTABLE, LONG },
	{ "publicDns", INSTANCE(public_dns), MEMBER_TEXT, PRINTABLE, LONG },
	{ "vpc", INSTANCE(vpc), MEMBER_TEXT, PRINTABLE, LONG },
	{ "vpcCidr", INSTANCE(vpc_cidr), MEMBER_TEXT, PRINTABLE, LONG },
	{ "subnet", INSTANCE(subnet), MEMBER_TEXT, PRINTABLE, LONG },
	{ "subnetCidr", INSTANCE(subnet_cidr), MEMBER_TEXT, PRINTABLE, LONG },
	{ "interface", INSTANCE(interface), MEMBER_TEXT, PRINTABLE, LONG },
	{ "reservation", INSTANCE(reservation), MEMBER_TEXT, PRINTABLE, LONG },
	{ "kernel", INSTANCE(kernel), MEMBER_TEXT, PRINTABLE, LONG },
	{ "ramdisk", INSTANCE(ramdisk), MEMBER_TEXT, PRINTABLE, LONG },
	{ "launched", INSTANCE(launched), MEMBER_TEXT, TIME, SHORT },
	{ "role", INSTANCE(role), MEMBER_TEXT, NAME, SHORT },
	{ "imds", INSTANCE(imds), MEMBER_TEXT, ADDRESS_PORT, SHORT },
	{ "lifeCycle", INSTANCE(life_cycle), MEMBER_TEXT, LIFE_CYCLE, SHORT },
	{ "platform", INSTANCE(platform), MEMBER_TEXT, PRINTABLE, LONG },
	{ "placementGroup", INSTANCE(placement_group), MEMBER_TEXT, PRINTABLE, LONG },
	{ "partitionNumber", INSTANCE(partition_number), MEMBER_TEXT, PRINTABLE, LONG },
	{ "hostId", INSTANCE(host_id), MEMBER_TEXT, PRINTABLE, LONG },
	{ "userData", INSTANCE(user_data), MEMBER_BYTES, 0, DATA_MOST },
	{ "securityGroups", INSTANCE(security_groups), MEMBER_TEXTS, PRINTABLE, LONG },
	{ "publicKeys", INSTANCE(public_keys), MEMBER_PAIRS, PRINTABLE, EIC_KEY_MAX },
	{ "tags", INSTANCE(tags), MEMBER_PAIRS, ANY_TEXT, LONG },
	{ "blockDevices", INSTANCE(block_devices), MEMBER_PAIRS, PRINTABLE, LONG },
	{ "state", INSTANCE(state), MEMBER_STATE, 0, 0 },
	{ "nitro", INSTANCE(nitro), MEMBER_FLAG, 0, 0 },
	{ "metadataTags", INSTANCE(metadata_tags), MEMBER_FLAG, 0, 0 },
	{ "imdsDisabled", INSTANCE(imds_disabled), MEMBER_FLAG, 0, 0 },
	{ "imdsIpv6", INSTANCE(imds_ipv6), MEMBER_FLAG, 0, 0 },
	{ "tokensRequired", INSTANCE(tokens_required), MEMBER_FLAG, 0, 0 },
	{ "unavailable", INSTANCE(unavailable), MEMBER_FLAG, 0, 0 },
	{ "serialBusy", INSTANCE(serial_busy), MEMBER_FLAG, 0, 0 },
	{ "hopLimit", INSTANCE(hop_limit), MEMBER_NUMBER, 0, HOPS_MOST },
	{ "launchIndex", INSTANCE(launch_index), MEMBER_NUMBER, 0, INDEX_MOST },
	{ 0 },
};

static const struct member principal_members[] = {
	{ "name", PRINCIPAL(name), MEMBER_TEXT, NAME, 128 },
	{ "path", PRINCIPAL(path), MEMBER_TEXT, PATH, 128 },
	{ "uniqueId", PRINCIPAL(unique_id), MEMBER_TEXT, PRINTABLE, 128 },
	{ "accessKeys", PRINCIPAL(keys), MEMBER_LIST, LIST_KEYS, 0 },
	{ "groups", PRINCIPAL(groups), MEMBER_TEXTS, NAME, 128 },
	{ "policies", PRINCIPAL(policies), MEMBER_POLICIES, IAM_IDENTITY, 0 },
	{ "boundary", PRINCIPAL(boundary), MEMBER_DOCUMENT, IAM_BOUNDARY, 0 },
	{ "trust", PRINCIPAL(trust), MEMBER_DOCUMENT, IAM_RESOURCE, 0 },
	{ "tags", PRINCIPAL(tags), MEMBER_PAIRS, ANY_TEXT, LONG },
	{ 0 },
};

static const struct member group_members[] = {
	{ "name", offsetof(struct group, name), MEMBER_TEXT, NAME, 128 },
	{ "policies", offsetof(struct group, policies), MEMBER_POLICIES, IAM_IDENTITY, 0 },
	{ 0 },
};

static const struct member endpoint_members[] = {
	{ "id", ENDPOINT(id), MEMBER_TEXT, PRINTABLE, SHORT },
	{ "region", ENDPOINT(region), MEMBER_TEXT, REGION, SHORT },
	{ "zone", ENDPOINT(zone), MEMBER_TEXT, ZONE, SHORT },
	{ "vpc", ENDPOINT(vpc), MEMBER_TEXT, PRINTABLE, LONG },
	{ "subnet", ENDPOINT(subnet), MEMBER_TEXT, PRINTABLE, LONG },
	{ "state", ENDPOINT(state), MEMBER_TEXT, NAME, SHORT },
	{ "dnsName", ENDPOINT(dns_name), MEMBER_TEXT, PRINTABLE, LONG },
	{ 0 },
};

static const struct member key_members[] = {
	{ "id", offsetof(struct access_key, id), MEMBER_TEXT, KEY_ID, 128 },
	{ "secret", offsetof(struct access_key, secret), MEMBER_TEXT, SECRET, 128 },
	{ "inactive", offsetof(struct access_key, inactive), MEMBER_FLAG, 0, 0 },
	{ 0 },
};

/* What a list needs stands in front of it. */
static const struct member account_members[] = {
	{ "id", ACCOUNT(id), MEMBER_TEXT, ACCOUNT_ID, SHORT },
	{ "partition", ACCOUNT(partition), MEMBER_TEXT, NAME, SHORT },
	{ "organization", ACCOUNT(organization), MEMBER_TEXT, NAME, 128 },
	{ "serialConsoleAccess", ACCOUNT(serial_console), MEMBER_FLAG, 0, 0 },
	{ "scps", ACCOUNT(scps), MEMBER_POLICIES, IAM_SCP, 0 },
	{ "groups", 0, MEMBER_LIST, LIST_GROUPS, 0 },
	{ "rootAccessKeys", 0, MEMBER_LIST, LIST_ROOTS, 0 },
	{ "users", 0, MEMBER_LIST, LIST_USERS, 0 },
	{ "roles", 0, MEMBER_LIST, LIST_ROLES, 0 },
	{ "instances", 0, MEMBER_LIST, LIST_INSTANCES, 0 },
	{ "endpoints", 0, MEMBER_LIST, LIST_ENDPOINTS, 0 },
	{ 0 },
};

#define IN_WORLD(member) offsetof(struct world, member)

const struct list world_lists[LISTS] = {
	[LIST_ACCOUNTS] = { account_members, sizeof(struct account), IN_WORLD(accounts) },
	[LIST_GROUPS] = { group_members, sizeof(struct group), IN_WORLD(groups) },
	[LIST_ROOTS] = { key_members, sizeof(struct principal), IN_WORLD(principals) },
	[LIST_USERS] = { principal_members, sizeof(struct principal), IN_WORLD(principals) },
	[LIST_ROLES] = { principal_members, sizeof(struct principal), IN_WORLD(principals) },
	[LIST_INSTANCES] = { instance_members, sizeof(struct instance), IN_WORLD(instances) },
	[LIST_ENDPOINTS] = { endpoint_members, sizeof(struct endpoint), IN_WORLD(endpoints) },
	[LIST_KEYS] = { key_members, sizeof(struct access_key), PRINCIPAL(keys) },
};

const char *const state_names[] = { "pending", "running", "shutting-down", "terminated", "stopping",
	"stopped", NULL };

/* by memcpy, because the tables are of several types */
struct table table_at(const void *place)
{
	struct table t;

	memcpy(&t, place, sizeof(t));
	return t;
}

void table_put(void *place, struct table t)
{
	memcpy(place, &t, sizeof(t));
}

/* --- grammars --- */

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"

static bool printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n > 0;
}

static bool is_address(struct str s, int family)
{
	struct sock_address a;

	return sock_literal(&a, s, 1) >= 0 && a.storage.ss_family == family &&
		str_has(s, ':') == (family == AF_INET6); /* so neither an IPv4-mapped one */
}

static bool is_mac(struct str s)
{
	struct str part;
	int n = 0;

	while (str_cut(&s, ':', &part))
		n += part.n == 2 && str_all(part, DIGITS "abcdef") ? 1 : 100;
	return n == 6;
}

static bool is_life_cycle(struct str s)
{
	return str_is(s, "on-demand") || str_is(s, "spot") || str_is(s, "scheduled");
}

bool grammar_ok(enum grammar g, struct str s)
{
	struct sock_address a;
	int64_t t;

	switch (g) {
	case ANY_TEXT: return true;
	case PRINTABLE: return printable(s);
	case NAME: return str_all(s, SMALL CAPITALS DIGITS "+=,.@_-");
	case PATH: return printable(s) && s.p[0] == '/' && s.p[s.n - 1] == '/';
	case ACCOUNT_ID: return s.n == 12 && str_all(s, DIGITS);
	case INSTANCE_ID: return eic_instance_id_ok(s);
	case REGION: return eic_region_ok(s);
	case ZONE: return eic_zone_region(s).n > 0;
	case ADDRESS_4: return is_address(s, AF_INET);
	case ADDRESS_6: return is_address(s, AF_INET6);
	case ADDRESS_PORT: return sock_parse(&a, s) >= 0;
	case MAC_ADDRESS: return is_mac(s);
	case TIME: return clock_read(s, &t);
	case LIFE_CYCLE: return is_life_cycle(s);
	case KEY_ID: return s.n >= 16 && str_all(s, CAPITALS DIGITS);
	case SECRET: return s.n >= 16 && str_all(s, SMALL CAPITALS DIGITS "+/=_.-");
	}
	return false;
}

const char *grammar_words(enum grammar g)
{
	static const char *const words[] = {
		[ANY_TEXT] = "a text",
		[PRINTABLE] = "printable ASCII",
		[NAME] = "a name",
		[PATH] = "a path with / at both ends",
		[ACCOUNT_ID] = "an account id: 12 digits",
		[INSTANCE_ID] = "an instance id: i- and 8 to 30 hexadecimal digits",
		[REGION] = "a region",
		[ZONE] = "an availability zone",
		[ADDRESS_4] = "an IPv4 address",
		[ADDRESS_6] = "an IPv6 address",
		[ADDRESS_PORT] = "an address and a port such as 127.0.0.1:1338",
		[MAC_ADDRESS] = "a MAC address",
		[TIME] = "a time such as 2024-01-01T00:00:00Z",
		[LIFE_CYCLE] = "on-demand, spot or scheduled",
		[KEY_ID] = "an access key id: 16 or more of A-Z and 0-9",
		[SECRET] = "a secret of 16 or more of A-Z, a-z, 0-9 and +/=_.-",
	};

	return words[g];
}

const char *member_text(const struct member *m, const void *object, struct str name)
{
	for (; m->name; m++)
		if (m->kind == MEMBER_TEXT && str_is(name, m->name))
			return *(const char *const *)(const void *)((const char *)object + m->at);
	return NULL;
}
