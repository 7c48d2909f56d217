/* tree.c - the metadata tree: a table of paths, each with the function that writes its value
 *
 * A directory is whatever stands in front of a path. In a path '*' stands for names that the row's
 * second function lists. Rows stand in the order of real listings. Source: "Instance metadata
 * categories" in the EC2 user guide. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "data/enc.h"
#include "data/json.h"
#include "mock.h"

const char *const imds_versions[] = {
	"1.0",
	"2007-01-19",
	"2007-03-01",
	"2007-08-29",
	"2007-10-10",
	"2007-12-15",
	"2008-02-01",
	"2008-09-01",
	"2009-04-04",
	"2011-01-01",
	"2011-05-01",
	"2012-01-12",
	"2014-02-25",
	"2014-11-05",
	"2015-10-20",
	"2016-04-19",
	"2016-06-30",
	"2016-09-02",
	"2018-03-28",
	"2018-08-17",
	"2018-09-24",
	"2019-10-01",
	"2020-10-27",
	"2021-01-03",
	"2021-03-23",
	"2021-07-15",
	"2022-09-24",
	"latest",
};
const size_t imds_versions_count = sizeof(imds_versions) / sizeof(imds_versions[0]);

/* indexes of imds_versions */
enum {
	V_FIRST = 0,
	V_2007_01 = 1,
	V_2007_08 = 3,
	V_2007_10 = 4,
	V_2007_12 = 5,
	V_2008_02 = 6,
	V_2009 = 8,
	V_2011_01 = 9,
	V_2011_05 = 10,
	V_2012_01 = 11,
	V_2014_02 = 12,
	V_2014_11 = 13,
	V_2015_10 = 14,
	V_2016_06 = 16,
	V_2016_09 = 17,
	V_2018_03 = 18,
	V_2018_08 = 19,
	V_2019_10 = 21,
	V_2020_10 = 22,
	V_2021_01 = 23,
	V_2021_03 = 24,
	V_2021_07 = 25,
	V_2022_09 = 26
};

struct row {
	const char *path;
	unsigned since;
	int (*value)(struct imds_view *v, struct buf *out);
	size_t text; /* of struct instance: where the value is, when there is no function */
	/* Appends the names that '*' stands for, a line each. */
	void (*names)(struct imds_view *v, struct buf *out);
	/* Is it there at all? NULL: always. */
	bool (*there)(const struct imds_view *v);
	const char *type;                                    /* NULL: text/plain */
	void (*outer)(struct imds_view *v, struct buf *out); /* of two '*', what the first stands
								for */
};

/* --- values --- */

static int add_json_credentials(struct imds_view *v, bool role, struct buf *out)
{
	static struct temporary t;
	struct session s;
	struct json_out o = json_out(out, 2);
	BUF(time, 64);

	if (creds_of_instance(v->m, v->in, role, v->now, &s, &t) < 0)
		return ERR_LIMIT;
	json_open(&o, '{');
	json_member(&o, "Code", "Success");
	clock_iso(&time, s.issued);
	json_member(&o, "LastUpdated", buf_text(&time));
	json_member(&o, "Type", "AWS-HMAC");
	json_member(&o, "AccessKeyId", t.id);
	json_member(&o, "SecretAccessKey", t.secret);
	json_member(&o, "Token", t.token);
	buf_clear(&time);
	clock_iso(&time, s.expiry);
	json_member(&o, "Expiration", buf_text(&time));
	json_close(&o, '}');
	return 0;
}

static int role_credentials(struct imds_view *v, struct buf *out)
{
	return add_json_credentials(v, true, out);
}
static int instance_credentials(struct imds_view *v, struct buf *out)
{
	return add_json_credentials(v, false, out);
}

static void last_hour(struct imds_view *v, struct buf *out)
{
	clock_iso(out, v->now - v->now % 3600);
}

static int iam_info(struct imds_view *v, struct buf *out)
{
	const struct principal *p = world_principal(
		&v->m->world, v->in->account->id, STR("role"), str_of(v->in->role));
	struct json_out o = json_out(out, 2);
	BUF(time, 64);
	BUF(arn, ARN_MAX);

	last_hour(v, &time);
	buf_addf(&arn, "arn:%s:iam::%s:instance-profile/%s", v->in->partition, v->in->account->id,
		v->in->role);
	json_open(&o, '{');
	json_member(&o, "Code", "Success");
	json_member(&o, "LastUpdated", buf_text(&time));
	json_member(&o, "InstanceProfileArn", buf_text(&arn));
	buf_clear(&arn);
	buf_addf(&arn, "AIPA%s", p ? p->unique_id + 4 : "");
	json_member(&o, "InstanceProfileId", buf_text(&arn));
	json_close(&o, '}');
	return 0;
}

static int identity_info(struct imds_view *v, struct buf *out)
{
	struct json_out o = json_out(out, 2);
	BUF(time, 64);

	last_hour(v, &time);
	json_open(&o, '{');
	json_member(&o, "Code", "Success");
	json_member(&o, "LastUpdated", buf_text(&time));
	json_member(&o, "AccountId", v->in->account->id);
	json_close(&o, '}');
	return 0;
}

/* as the real one writes it: a blank on both sides of the colon */
static int identity_document(struct imds_view *v, struct buf *out)
{
	const struct instance *in = v->in;
	const char *members[][2] = {
		{ "accountId", in->account->id },
		{ "architecture", in->architecture },
		{ "availabilityZone", in->zone },
		{ "billingProducts", NULL },
		{ "devpayProductCodes", NULL },
		{ "marketplaceProductCodes", NULL },
		{ "imageId", in->image },
		{ "instanceId", in->id },
		{ "instanceType", in->type },
		{ "kernelId", in->kernel },
		{ "pendingTime", in->launched },
		{ "privateIp", in->private_ip },
		{ "ramdiskId", in->ramdisk },
		{ "region", in->region },
		{ "version", "2017-09-30" },
	};
	size_t n = sizeof(members) / sizeof(members[0]);

	buf_puts(out, "{\n");
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "  \"%s\" : ", members[i][0]);
		if (members[i][1])
			buf_addf(out, "\"%s\"", members[i][1]);
		else
			buf_puts(out, "null");
		buf_puts(out, i + 1 < n ? ",\n" : "\n");
	}
	buf_putc(out, '}');
	return 0;
}

static int launch_index(struct imds_view *v, struct buf *out)
{
	buf_addf(out, "%lld", (long long)v->in->launch_index);
	return 0;
}

static int zone(struct imds_view *v, struct buf *out)
{
	if (v->m->faults.local_zone)
		buf_addf(out, "%s-lax-1a", v->in->region);
	else
		buf_puts(out, v->in->zone);
	return 0;
}

static int constant(struct buf *out, const char *text)
{
	buf_puts(out, text);
	return 0;
}

static int manifest(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "(unknown)");
}
static int not_hibernating(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "false");
}
static int no_action(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "none");
}
static int profile(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "default-hvm");
}
static int zero(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "0");
}
static int monitoring(struct imds_view *v, struct buf *out)
{
	return (void)v, constant(out, "disabled");
}
static int vhostmd(struct imds_view *v, struct buf *out)
{
	(void)v;
	return constant(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

static int hypervisor(struct imds_view *v, struct buf *out)
{
	return constant(out, v->in->nitro ? "nitro" : "xen-hvm");
}

static int owner(struct imds_view *v, struct buf *out)
{
	return constant(out, v->in->account->id);
}

static int groups(struct imds_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->in->security_groups.n; i++)
		buf_addf(out, "%s%s", i > 0 ? "\n" : "", v->in->security_groups.at[i]);
	return 0;
}

static int group_ids(struct imds_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->in->security_groups.n; i++) {
		buf_puts(out, i > 0 ? "\n" : "");
		instance_group_id(v->in, i, out);
	}
	return 0;
}

static int user_data(struct imds_view *v, struct buf *out)
{
	buf_str(out, v->in->user_data);
	return 0;
}

/* --- values with a name in the path --- */

static void pair_names(const struct pairs *list, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++)
		buf_addf(out, "%s\n", list->at[i].name);
}

static int pair_value(const struct pairs *list, struct str name, struct buf *out)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_is(name, list->at[i].name)) {
			buf_puts(out, list->at[i].value);
			return 0;
		}
	return ERR_ABSENT;
}

static void tag_names(struct imds_view *v, struct buf *out)
{
	pair_names(&v->in->tags, out);
}
static int tag(struct imds_view *v, struct buf *out)
{
	return pair_value(&v->in->tags, v->arg, out);
}
static void device_names(struct imds_view *v, struct buf *out)
{
	pair_names(&v->in->block_devices, out);
}
static int device(struct imds_view *v, struct buf *out)
{
	return pair_value(&v->in->block_devices, v->arg, out);
}

static void macs(struct imds_view *v, struct buf *out)
{
	buf_addf(out, "%s\n", v->in->mac);
}
static void role_name(struct imds_view *v, struct buf *out)
{
	buf_addf(out, "%s\n", v->in->role);
}
static void public_ips(struct imds_view *v, struct buf *out)
{
	buf_addf(out, "%s\n", v->in->public_ip);
}

static void key_names(struct imds_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->in->public_keys.n; i++)
		buf_addf(out, "%zu=%s\n", i, v->in->public_keys.at[i].name);
}

static int openssh_key(struct imds_view *v, struct buf *out)
{
	uint64_t i;

	if (!str_u64(v->arg, 1000, &i) || i >= v->in->public_keys.n)
		return ERR_ABSENT;
	buf_addf(out, "%s\n", v->in->public_keys.at[i].value);
	return 0;
}

/* --- managed-ssh-keys --- */

static void live_users(struct imds_view *v, struct buf *out)
{
	const struct live_key *k = NULL;

	while ((k = keys_next(&v->m->keys, k, v->in, STR(""))) != NULL) {
		const struct live_key *earlier = NULL;

		/* each user once: only where nobody before has that name */
		while ((earlier = keys_next(&v->m->keys, earlier, v->in, str_of(k->user))) != k &&
			earlier)
			break;
		if (earlier == k)
			buf_addf(out, "%s\n", k->user);
	}
}

static int active_keys(struct imds_view *v, struct buf *out)
{
	struct live_key *k = NULL;
	int r = ERR_ABSENT;

	while ((k = (struct live_key *)(uintptr_t)keys_next(&v->m->keys, k, v->in, v->arg)) !=
		NULL) {
		r = signer_block(v->m->signer, k, out);
		if (r < 0)
			return r;
	}
	return r;
}

static bool has_keys(const struct imds_view *v)
{
	return keys_next(&v->m->keys, NULL, v->in, STR("")) != NULL;
}

static int signer_cert(struct imds_view *v, struct buf *out)
{
	struct str pem;
	int r = signer_chain(v->m->signer, v->in, v->now, &pem);

	if (r >= 0)
		buf_str(out, pem);
	return r;
}

static void staple_names(struct imds_view *v, struct buf *out)
{
	if (signer_names(v->m->signer, v->in, v->now, out) < 0)
		buf_clear(out);
}

static int staple(struct imds_view *v, struct buf *out)
{
	return signer_staple(v->m->signer, v->in, v->now, v->arg, out);
}

/* --- what happens to the instance --- */

static bool shown(const struct imds_view *v)
{
	return v->now >= v->m->events.visible_at;
}
static bool has_spot(const struct imds_view *v)
{
	return v->m->events.spot_action && shown(v);
}
static bool ends(const struct imds_view *v)
{
	return has_spot(v) && strcmp(v->m->events.spot_action, "terminate") == 0;
}
static bool has_rebalance(const struct imds_view *v)
{
	return v->m->events.rebalance_time != 0 && shown(v);
}
static bool has_asg(const struct imds_view *v)
{
	return v->m->events.asg_state != NULL;
}

static int spot_action(struct imds_view *v, struct buf *out)
{
	buf_addf(out, "{\"action\": \"%s\", \"time\": \"", v->m->events.spot_action);
	clock_iso(out, v->m->events.spot_time);
	buf_puts(out, "\"}");
	return 0;
}

static int termination_time(struct imds_view *v, struct buf *out)
{
	clock_iso(out, v->m->events.spot_time);
	return 0;
}

static int rebalance(struct imds_view *v, struct buf *out)
{
	buf_puts(out, "{\"noticeTime\": \"");
	clock_iso(out, v->m->events.rebalance_time);
	buf_puts(out, "\"}");
	return 0;
}

static int target_state(struct imds_view *v, struct buf *out)
{
	return constant(out, shown(v) ? v->m->events.asg_state : "InService");
}

/* 21 Jan 2019 09:00:43 GMT: the date of HTTP without its day of the week */
static void add_event_time(struct json_out *o, const char *name, int64_t t)
{
	BUF(time, 64);

	clock_http(&time, t);
	json_member(o, name, time.len > 5 ? buf_text(&time) + 5 : "");
}

static int maintenance(struct imds_view *v, struct buf *out, bool past)
{
	const struct events *e = &v->m->events;
	struct json_out o = json_out(out, 2);
	bool is_past = e->event_code && strcmp(e->event_state, "active") != 0;

	json_open(&o, '[');
	if (e->event_code && shown(v) && past == is_past) {
		json_open(&o, '{');
		add_event_time(&o, "NotBefore", e->not_before);
		json_member(&o, "Code", e->event_code);
		json_member(&o, "Description",
			strcmp(e->event_state, "completed") == 0
				? "[Completed] The instance is scheduled for maintenance"
				: strcmp(e->event_state, "canceled") == 0
				? "[Canceled] The instance is scheduled for maintenance"
				: "The instance is scheduled for maintenance");
		json_member(&o, "EventId", "instance-event-0d59937288b749b32");
		add_event_time(&o, "NotAfter", e->not_after);
		add_event_time(&o, "NotBeforeDeadline", e->deadline);
		json_member(&o, "State", e->event_state);
		json_close(&o, '}');
	}
	json_close(&o, ']');
	return 0;
}

static int scheduled(struct imds_view *v, struct buf *out)
{
	return maintenance(v, out, false);
}
static int history(struct imds_view *v, struct buf *out)
{
	return maintenance(v, out, true);
}

/* --- what is there --- */

static bool has_role(const struct imds_view *v)
{
	return v->in->role != NULL;
}
static bool has_public(const struct imds_view *v)
{
	return v->in->public_ip != NULL;
}
static bool has_ipv6(const struct imds_view *v)
{
	return v->in->ipv6 != NULL;
}
static bool has_key_pairs(const struct imds_view *v)
{
	return v->in->public_keys.n > 0;
}
static bool has_tags(const struct imds_view *v)
{
	return v->in->metadata_tags && v->in->tags.n > 0;
}
static bool has_user_data(const struct imds_view *v)
{
	return v->in->user_data.n > 0;
}
static bool has_group(const struct imds_view *v)
{
	return v->in->placement_group != NULL;
}
static bool has_host(const struct imds_view *v)
{
	return v->in->host_id != NULL;
}
static bool has_partition(const struct imds_view *v)
{
	return v->in->partition_number != NULL;
}
static bool has_kernel(const struct imds_view *v)
{
	return v->in->kernel != NULL;
}
static bool has_ramdisk(const struct imds_view *v)
{
	return v->in->ramdisk != NULL;
}

static int ipv6_cidr(struct imds_view *v, struct buf *out)
{
	/* the /64 that the address lies in */
	struct str s = str_of(v->in->ipv6), part;

	for (int i = 0; i < 4 && str_cut(&s, ':', &part); i++)
		buf_addf(out, "%.*s:", STR_ARG(part));
	buf_puts(out, ":/64");
	return 0;
}

static int identity_signature(struct imds_view *v, struct buf *out, enum document_signature kind)
{
	BUF(document, 2048);
	int r = identity_document(v, &document);

	return r < 0 ? r : signer_document(v->m->signer, kind, buf_view(&document), out);
}

static int identity_plain(struct imds_view *v, struct buf *out)
{
	return identity_signature(v, out, DOCUMENT_PLAIN);
}
static int identity_pkcs7(struct imds_view *v, struct buf *out)
{
	return identity_signature(v, out, DOCUMENT_PKCS7);
}

/* --- the table --- */

#define TEXT(member) offsetof(struct instance, member)
#define META "meta-data/"
#define MAC META "network/interfaces/macs/*/"
#define KEYS META "managed-ssh-keys/"
#define IDENTITY "dynamic/instance-identity/"

static const struct row rows[] = {
	{ "dynamic/fws/instance-monitoring", V_2009, .value = monitoring },
	{ IDENTITY "document", V_2009, .value = identity_document },
	{ IDENTITY "pkcs7", V_2009, .value = identity_pkcs7 },
	{ IDENTITY "rsa2048", V_2014_11, .value = identity_pkcs7 },
	{ IDENTITY "signature", V_2009, .value = identity_plain },
	{ META "ami-id", V_FIRST, .text = TEXT(image) },
	{ META "ami-launch-index", V_FIRST, .value = launch_index },
	{ META "ami-manifest-path", V_FIRST, .value = manifest },
	{ META "autoscaling/target-lifecycle-state", V_2021_07, .value = target_state,
		.there = has_asg },
	{ META "block-device-mapping/*", V_2007_12, .value = device, .names = device_names },
	{ META "events/maintenance/history", V_2018_08, .value = history },
	{ META "events/maintenance/scheduled", V_2018_08, .value = scheduled },
	{ META "events/recommendations/rebalance", V_2020_10, .value = rebalance,
		.there = has_rebalance },
	{ META "hibernation/configured", V_2018_08, .value = not_hibernating },
	{ META "hostname", V_FIRST, .text = TEXT(private_dns) },
	{ META "iam/info", V_2012_01, .value = iam_info, .there = has_role },
	{ META "iam/security-credentials/*", V_2012_01, .value = role_credentials,
		.names = role_name, .there = has_role },
	{ META "identity-credentials/ec2/info", V_2018_03, .value = identity_info },
	{ META "identity-credentials/ec2/security-credentials/ec2-instance", V_2018_03,
		.value = instance_credentials },
	{ META "instance-action", V_2007_12, .value = no_action },
	{ META "instance-id", V_FIRST, .text = TEXT(id) },
	{ META "instance-life-cycle", V_2019_10, .text = TEXT(life_cycle) },
	{ META "instance-type", V_2007_08, .text = TEXT(type) },
	{ META "ipv6", V_2021_01, .text = TEXT(ipv6), .there = has_ipv6 },
	{ META "kernel-id", V_2008_02, .text = TEXT(kernel), .there = has_kernel },
	{ META "local-hostname", V_2007_01, .text = TEXT(private_dns) },
	{ META "local-ipv4", V_FIRST, .text = TEXT(private_ip) },
	{ META "mac", V_2011_01, .text = TEXT(mac) },
	{ KEYS "active-keys/*", V_2018_03, .value = active_keys, .names = live_users,
		.there = has_keys },
	{ KEYS "signer-cert", V_2018_03, .value = signer_cert },
	{ KEYS "signer-ocsp/*", V_2018_03, .value = staple, .names = staple_names },
	{ META "metrics/vhostmd", V_2011_05, .value = vhostmd },
	{ MAC "device-number", V_2011_01, .value = zero, .names = macs },
	{ MAC "interface-id", V_2011_01, .text = TEXT(interface), .names = macs },
	{ MAC "ipv4-associations/*", V_2011_01, .text = TEXT(private_ip), .names = public_ips,
		.there = has_public, .outer = macs },
	{ MAC "ipv6s", V_2016_06, .text = TEXT(ipv6), .names = macs, .there = has_ipv6 },
	{ MAC "local-hostname", V_2011_01, .text = TEXT(private_dns), .names = macs },
	{ MAC "local-ipv4s", V_2011_01, .text = TEXT(private_ip), .names = macs },
	{ MAC "mac", V_2011_01, .text = TEXT(mac), .names = macs },
	{ MAC "network-card", V_2020_10, .value = zero, .names = macs },
	{ MAC "owner-id", V_2011_01, .value = owner, .names = macs },
	{ MAC "public-hostname", V_2011_01, .text = TEXT(public_dns), .names = macs,
		.there = has_public },
	{ MAC "public-ipv4s", V_2011_01, .text = TEXT(public_ip), .names = macs,
		.there = has_public },
	{ MAC "security-group-ids", V_2011_01, .value = group_ids, .names = macs },
	{ MAC "security-groups", V_2011_01, .value = groups, .names = macs },
	{ MAC "subnet-id", V_2011_01, .text = TEXT(subnet), .names = macs },
	{ MAC "subnet-ipv4-cidr-block", V_2011_01, .text = TEXT(subnet_cidr), .names = macs },
	{ MAC "subnet-ipv6-cidr-blocks", V_2016_06, .value = ipv6_cidr, .names = macs,
		.there = has_ipv6 },
	{ MAC "vpc-id", V_2011_01, .text = TEXT(vpc), .names = macs },
	{ MAC "vpc-ipv4-cidr-block", V_2011_01, .text = TEXT(vpc_cidr), .names = macs },
	{ MAC "vpc-ipv4-cidr-blocks", V_2016_06, .text = TEXT(vpc_cidr), .names = macs },
	{ MAC "vpc-ipv6-cidr-blocks", V_2016_06, .value = ipv6_cidr, .names = macs,
		.there = has_ipv6 },
	{ META "placement/availability-zone", V_2008_02, .value = zone },
	{ META "placement/availability-zone-id", V_2019_10, .text = TEXT(zone_id) },
	{ META "placement/group-name", V_2020_10, .text = TEXT(placement_group),
		.there = has_group },
	{ META "placement/host-id", V_2020_10, .text = TEXT(host_id), .there = has_host },
	{ META "placement/partition-number", V_2020_10, .text = TEXT(partition_number),
		.there = has_partition },
	{ META "placement/region", V_2020_10, .text = TEXT(region) },
	{ META "profile", V_2011_01, .value = profile },
	{ META "public-hostname", V_2007_01, .text = TEXT(public_dns), .there = has_public },
	{ META "public-ipv4", V_2007_01, .text = TEXT(public_ip), .there = has_public },
	{ META "public-keys/*/openssh-key", V_FIRST, .value = openssh_key, .names = key_names,
		.there = has_key_pairs },
	{ META "ramdisk-id", V_2007_10, .text = TEXT(ramdisk), .there = has_ramdisk },
	{ META "reservation-id", V_FIRST, .text = TEXT(reservation) },
	{ META "security-groups", V_FIRST, .value = groups },
	{ META "services/domain", V_2014_02, .text = TEXT(domain) },
	{ META "services/partition", V_2015_10, .text = TEXT(partition) },
	{ META "spot/instance-action", V_2016_09, .value = spot_action, .there = has_spot },
	{ META "spot/termination-time", V_2014_11, .value = termination_time, .there = ends },
	{ META "system", V_2022_09, .value = hypervisor },
	{ META "tags/instance/*", V_2021_03, .value = tag, .names = tag_names, .there = has_tags },
	{ "user-data", V_FIRST, .value = user_data, .there = has_user_data,
		.type = "application/octet-stream" },
};

/* --- looking up --- */

enum match { NO, LEAF, CHILD };

static int row_value(struct imds_view *v, const struct row *row, struct buf *out)
{
	const char *const *text = (const char *const *)(const void *)((const char *)v->in +
		row->text);

	if (row->value)
		return row->value(v, out);
	if (!*text)
		return ERR_ABSENT;
	buf_puts(out, *text);
	return 0;
}

/* "0" of "0=name" */
static struct str name_part(struct str line)
{
	struct str name = line;

	return str_cut(&line, '=', &name) ? name : line;
}

/* What a '*' stands for when left is the row's path behind it. */
static void list_names(struct imds_view *v, const struct row *row, struct str left, struct buf *out)
{
	if (row->outer && str_has(left, '*'))
		row->outer(v, out);
	else
		row->names(v, out);
}

static bool is_named(struct imds_view *v, const struct row *row, struct str left, struct str name)
{
	BUF(names, 8192);
	struct str rest, line;

	list_names(v, row, left, &names);
	rest = buf_view(&names);
	while (str_take_line(&rest, &line))
		if (str_eq(name, name_part(line)))
			return true;
	return false;
}

/* Where the row has a '*': part by part. */
static enum match match_names(
	struct imds_view *v, const struct row *row, struct str path, struct str *rest)
{
	struct str part, want;

	*rest = str_of(row->path);
	while (str_cut(&path, '/', &part)) {
		if (!str_cut(rest, '/', &want))
			return NO;
		if (str_is(want, "*") && is_named(v, row, *rest, part))
			v->arg = part;
		else if (!str_eq(want, part))
			return NO;
	}
	return rest->n > 0 ? CHILD : LEAF;
}

/* Compares both paths; what the row has beyond the request's path is left in *rest. Most rows
 * differ within a few bytes, and that must cost little. */
static enum match row_match(
	struct imds_view *v, const struct row *row, struct str path, struct str *rest)
{
	size_t i = 0;

	while (i < path.n && row->path[i] == path.p[i])
		i++;
	if (i < path.n && row->path[i] != '*')
		return NO;
	if (i == path.n && row->path[i] != '/' && row->path[i] != 0)
		return NO;
	if (row->since > v->version || (row->there && !row->there(v)))
		return NO;
	v->arg = (struct str){ 0 };
	if (i < path.n)
		return match_names(v, row, path, rest);
	*rest = str_of(row->path + i);
	return str_cut(rest, '/', &(struct str){ 0 }) ? CHILD : LEAF;
}

/* Adds the next part of rest to a listing, unless the row before has just done so. */
static void add_child(struct imds_view *v, const struct row *row, struct str rest, struct buf *out,
	struct str *last)
{
	struct str part, names, line;
	BUF(list, 8192);

	if (!str_cut(&rest, '/', &part) || str_eq(part, *last))
		return;
	*last = part;
	if (!str_is(part, "*")) {
		buf_addf(out, "%.*s%s\n", STR_ARG(part), rest.n > 0 ? "/" : "");
		return;
	}
	list_names(v, row, rest, &list);
	names = buf_view(&list);
	while (str_take_line(&names, &line))
		buf_addf(out, "%.*s%s\n", STR_ARG(line),
			rest.n > 0 && !str_has(line, '=') ? "/" : "");
}

/* the top of a version: names without slashes */
static int list_top(struct imds_view *v, struct buf *out)
{
	buf_puts(out, "dynamic\nmeta-data");
	if (has_user_data(v))
		buf_puts(out, "\nuser-data");
	return 0;
}

/* Single slashes between the parts, none at either end. */
static struct str normal(struct str path, struct buf *out)
{
	struct str part;

	while (str_cut(&path, '/', &part))
		if (part.n > 0) {
			if (out->len > 0)
				buf_putc(out, '/');
			buf_str(out, part);
		}
	return buf_view(out);
}

int tree_get(struct imds_view *v, struct str path, struct buf *out, const char **type)
{
	struct str rest, last = { 0 }, at;
	BUF(storage, 1024);

	*type = "text/plain";
	at = normal(path, &storage);
	if (at.n == 0)
		return list_top(v, out);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum match m = row_match(v, &rows[i], at, &rest);

		if (m == LEAF) {
			*type = rows[i].type ? rows[i].type : *type;
			return row_value(v, &rows[i], out);
		}
		if (m == CHILD)
			add_child(v, &rows[i], rest, out, &last);
	}
	if (last.n == 0)
		return ERR_ABSENT;
	while (out->len > 0 && out->p[out->len - 1] == '\n')
		out->p[--out->len] = 0;
	return 0;
}
