/* tree.c - the metadata tree: a table of names in the order of real listings, each with its depth
 *
 * A row's text behind '=' is its value, with texts of the instance in it (see fill.h); where one of
 * them is missing, there is no such row. A folder is there when something in it is. '*' stands for
 * names that the instance has. Source: "Instance metadata categories" in the EC2 user guide. */
#include <string.h>

#include "base/err.h"

#include "fill.h"
#include "values.h"

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
	const char *text;
	uint8_t depth, since, value, names;
};

static const struct row rows[] = {
	{ "dynamic", 0, V_FIRST, 0, 0 },
	{ "fws", 1, V_2009, 0, 0 },
	{ "instance-monitoring", 2, V_2009, VALUE_MONITORING, 0 },
	{ "instance-identity", 1, V_2009, 0, 0 },
	{ "rsa2048", 2, V_2014_11, VALUE_PKCS7, 0 },
	{ "pkcs7", 2, V_2009, VALUE_PKCS7, 0 },
	{ "document", 2, V_2009, VALUE_DOCUMENT, 0 },
	{ "signature", 2, V_2009, VALUE_SIGNATURE, 0 },
	{ "meta-data", 0, V_FIRST, 0, 0 },
	{ "ami-id={image}", 1, V_FIRST, 0, 0 },
	{ "ami-launch-index", 1, V_FIRST, VALUE_LAUNCH_INDEX, 0 },
	{ "ami-manifest-path=(unknown)", 1, V_FIRST, 0, 0 },
	{ "autoscaling", 1, V_2021_07, 0, 0 },
	{ "target-lifecycle-state", 2, V_2021_07, VALUE_TARGET_STATE, 0 },
	{ "block-device-mapping", 1, V_2007_12, 0, 0 },
	{ "*", 2, V_2007_12, VALUE_DEVICE, NAMES_DEVICES },
	{ "events", 1, V_2018_08, 0, 0 },
	{ "maintenance", 2, V_2018_08, 0, 0 },
	{ "history", 3, V_2018_08, VALUE_HISTORY, 0 },
	{ "scheduled", 3, V_2018_08, VALUE_SCHEDULED, 0 },
	{ "recommendations", 2, V_2020_10, 0, 0 },
	{ "rebalance", 3, V_2020_10, VALUE_REBALANCE, 0 },
	{ "hibernation", 1, V_2018_08, 0, 0 },
	{ "configured=false", 2, V_2018_08, 0, 0 },
	{ "hostname={privateDns}", 1, V_FIRST, 0, 0 },
	{ "iam", 1, V_2012_01, 0, 0 },
	{ "info", 2, V_2012_01, VALUE_IAM_INFO, 0 },
	{ "security-credentials", 2, V_2012_01, 0, 0 },
	{ "*", 3, V_2012_01, VALUE_ROLE_CREDENTIALS, NAMES_ROLE },
	{ "identity-credentials", 1, V_2018_03, 0, 0 },
	{ "ec2", 2, V_2018_03, 0, 0 },
	{ "info", 3, V_2018_03, VALUE_IDENTITY_INFO, 0 },
	{ "security-credentials", 3, V_2018_03, 0, 0 },
	{ "ec2-instance", 4, V_2018_03, VALUE_INSTANCE_CREDENTIALS, 0 },
	{ "instance-action=none", 1, V_2007_12, 0, 0 },
	{ "instance-id={id}", 1, V_FIRST, 0, 0 },
	{ "instance-life-cycle={lifeCycle}", 1, V_2019_10, 0, 0 },
	{ "instance-type={type}", 1, V_2007_08, 0, 0 },
	{ "ipv6={ipv6}", 1, V_2021_01, 0, 0 },
	{ "kernel-id={kernel}", 1, V_2008_02, 0, 0 },
	{ "local-hostname={privateDns}", 1, V_2007_01, 0, 0 },
	{ "local-ipv4={privateIp}", 1, V_FIRST, 0, 0 },
	{ "mac={mac}", 1, V_2011_01, 0, 0 },
	{ "managed-ssh-keys", 1, V_2018_03, 0, 0 },
	{ "active-keys", 2, V_2018_03, 0, 0 },
	{ "*", 3, V_2018_03, VALUE_ACTIVE_KEYS, NAMES_USERS },
	{ "signer-cert", 2, V_2018_03, VALUE_SIGNER_CERT, 0 },
	{ "signer-ocsp", 2, V_2018_03, 0, 0 },
	{ "*", 3, V_2018_03, VALUE_STAPLE, NAMES_STAPLES },
	{ "metrics", 1, V_2011_05, 0, 0 },
	{ "vhostmd=<?xml version=\"1.0\" encoding=\"UTF-8\"?>", 2, V_2011_05, 0, 0 },
	{ "network", 1, V_2011_01, 0, 0 },
	{ "interfaces", 2, V_2011_01, 0, 0 },
	{ "macs", 3, V_2011_01, 0, 0 },
	{ "*", 4, V_2011_01, VALUE_TEXT, NAMES_MACS },
	{ "device-number=0", 5, V_2011_01, 0, 0 },
	{ "interface-id={interface}", 5, V_2011_01, 0, 0 },
	{ "ipv4-associations", 5, V_2011_01, 0, 0 },
	{ "*={privateIp}", 6, V_2011_01, VALUE_TEXT, NAMES_PUBLIC_IPS },
	{ "ipv6s={ipv6}", 5, V_2016_06, 0, 0 },
	{ "local-hostname={privateDns}", 5, V_2011_01, 0, 0 },
	{ "local-ipv4s={privateIp}", 5, V_2011_01, 0, 0 },
	{ "mac={mac}", 5, V_2011_01, 0, 0 },
	{ "network-card=0", 5, V_2020_10, 0, 0 },
	{ "owner-id={account}", 5, V_2011_01, 0, 0 },
	{ "public-hostname={publicDns}", 5, V_2011_01, 0, 0 },
	{ "public-ipv4s={publicIp}", 5, V_2011_01, 0, 0 },
	{ "security-group-ids", 5, V_2011_01, VALUE_GROUP_IDS, 0 },
	{ "security-groups", 5, V_2011_01, VALUE_GROUPS, 0 },
	{ "subnet-id={subnet}", 5, V_2011_01, 0, 0 },
	{ "subnet-ipv4-cidr-block={subnetCidr}", 5, V_2011_01, 0, 0 },
	{ "subnet-ipv6-cidr-blocks", 5, V_2016_06, VALUE_IPV6_BLOCK, 0 },
	{ "vpc-id={vpc}", 5, V_2011_01, 0, 0 },
	{ "vpc-ipv4-cidr-block={vpcCidr}", 5, V_2011_01, 0, 0 },
	{ "vpc-ipv4-cidr-blocks={vpcCidr}", 5, V_2016_06, 0, 0 },
	{ "vpc-ipv6-cidr-blocks", 5, V_2016_06, VALUE_IPV6_BLOCK, 0 },
	{ "placement", 1, V_2008_02, 0, 0 },
	{ "availability-zone", 2, V_2008_02, VALUE_ZONE, 0 },
	{ "availability-zone-id={zoneId}", 2, V_2019_10, 0, 0 },
	{ "group-name={placementGroup}", 2, V_2020_10, 0, 0 },
	{ "host-id={hostId}", 2, V_2020_10, 0, 0 },
	{ "partition-number={partitionNumber}", 2, V_2020_10, 0, 0 },
	{ "region={region}", 2, V_2020_10, 0, 0 },
	{ "profile=default-hvm", 1, V_2011_01, 0, 0 },
	{ "public-hostname={publicDns}", 1, V_2007_01, 0, 0 },
	{ "public-ipv4={publicIp}", 1, V_2007_01, 0, 0 },
	{ "public-keys", 1, V_FIRST, 0, 0 },
	{ "*", 2, V_FIRST, VALUE_TEXT, NAMES_PUBLIC_KEYS },
	{ "openssh-key", 3, V_FIRST, VALUE_PUBLIC_KEY, 0 },
	{ "ramdisk-id={ramdisk}", 1, V_2007_10, 0, 0 },
	{ "reservation-id={reservation}", 1, V_FIRST, 0, 0 },
	{ "security-groups", 1, V_FIRST, VALUE_GROUPS, 0 },
	{ "services", 1, V_2014_02, 0, 0 },
	{ "domain={domain}", 2, V_2014_02, 0, 0 },
	{ "partition={partition}", 2, V_2015_10, 0, 0 },
	{ "spot", 1, V_2014_11, 0, 0 },
	{ "instance-action", 2, V_2016_09, VALUE_SPOT_ACTION, 0 },
	{ "termination-time", 2, V_2014_11, VALUE_SPOT_TIME, 0 },
	{ "system", 1, V_2022_09, VALUE_HYPERVISOR, 0 },
	{ "tags", 1, V_2021_03, 0, 0 },
	{ "instance", 2, V_2021_03, 0, 0 },
	{ "*", 3, V_2021_03, VALUE_TAG, NAMES_TAGS },
	{ "user-data", 0, V_FIRST, VALUE_USER_DATA, 0 },
	{ 0 },
};

/* --- rows --- */

static struct str name_of(const struct row *row)
{
	struct str text = str_of(row->text), name = text;

	(void)str_cut(&text, '=', &name);
	return name;
}

static bool is_folder(const struct row *row)
{
	return row[1].depth > row->depth;
}

/* The next row of the same folder; NULL: that was the last. */
static const struct row *next_of(const struct row *row)
{
	uint8_t depth = row->depth;

	for (row++; row->text && row->depth > depth; row++)
		;
	return row->text && row->depth == depth ? row : NULL;
}

static bool fill_row(const struct imds_view *v, const struct row *row, struct buf *out)
{
	const struct fill f = { .members = world_lists[LIST_INSTANCES].members, .object = v->in };
	struct str text = str_of(row->text);

	return str_cut(&text, '=', &(struct str){ 0 }) && fill(out, &f, text);
}

static bool is_there(struct imds_view *v, const struct row *row)
{
	BUF(ignored, 4096);

	if (row->since > v->version)
		return false;
	if (row->names) {
		add_names(v, row->names, &ignored);
		return ignored.len > 0;
	}
	if (!is_folder(row))
		return row->value ? has_value(v, row->value) : fill_row(v, row, &ignored);
	for (const struct row *child = row + 1; child; child = next_of(child))
		if (is_there(v, child))
			return true;
	return false;
}

/* --- listings --- */

/* Of "0=name" the number is the name. */
static bool has_name(struct imds_view *v, enum names which, struct str name)
{
	BUF(names, 8192);
	struct str rest, line, number;

	add_names(v, which, &names);
	rest = buf_view(&names);
	while (str_take_line(&rest, &line)) {
		if (which == NAMES_PUBLIC_KEYS && str_cut(&line, '=', &number))
			line = number;
		if (str_eq(name, line))
			return true;
	}
	return false;
}

static void add_children(struct imds_view *v, const struct row *row, struct buf *out)
{
	struct str rest, line;

	for (; row; row = next_of(row)) {
		BUF(names, 8192);
		/* the top of a version, and numbers of keys, have no slashes */
		bool slash = is_folder(row) && row->depth > 0 && row->names != NAMES_PUBLIC_KEYS;

		if (!is_there(v, row))
			continue;
		if (row->names)
			add_names(v, row->names, &names);
		else
			buf_str(&names, name_of(row));
		rest = buf_view(&names);
		while (str_take_line(&rest, &line))
			buf_addf(out, "%s%.*s%s", out->len > 0 ? "\n" : "", STR_ARG(line),
				slash ? "/" : "");
	}
}

/* --- looking up --- */

static const struct row *child_named(struct imds_view *v, const struct row *row, struct str name)
{
	for (; row; row = next_of(row)) {
		if (!row->names && str_eq(name, name_of(row)))
			return row;
		if (row->names && has_name(v, row->names, name)) {
			v->arg = name;
			return row;
		}
	}
	return NULL;
}

int tree_get(struct imds_view *v, struct str path, struct buf *out, const char **type)
{
	const struct row *children = rows, *row = NULL;
	struct str part;

	*type = "text/plain";
	while (str_cut(&path, '/', &part)) {
		if (part.n == 0)
			continue;
		row = children ? child_named(v, children, part) : NULL;
		if (!row || row->since > v->version)
			return ERR_ABSENT;
		children = is_folder(row) ? row + 1 : NULL;
	}
	if (children) {
		add_children(v, children, out);
		return out->len > 0 ? 0 : ERR_ABSENT;
	}
	if (row->value == VALUE_USER_DATA)
		*type = "application/octet-stream";
	if (row->value)
		return has_value(v, row->value) ? add_value(v, row->value, out) : ERR_ABSENT;
	if (fill_row(v, row, out))
		return 0;
	buf_clear(out);
	return ERR_ABSENT;
}
