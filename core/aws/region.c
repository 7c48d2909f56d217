/* region.c - partitions and the endpoints of services in them
 *
 * The table is partitions.json of the AWS SDKs; a region is AREA-WORD-NUMBER, and AREA names the
 * partition. */
#include "aws/region.h"

static const struct {
	const char *area;
	struct partition partition;
} table[] = {
	{ "cn-", { "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn" } },
	{ "us-gov-", { "aws-us-gov", "amazonaws.com", "api.aws" } },
	{ "eusc-", { "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu" } },
	{ "us-iso-", { "aws-iso", "c2s.ic.gov", "api.aws.ic.gov" } },
	{ "us-isob-", { "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud" } },
	{ "eu-isoe-", { "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk" } },
	{ "us-isof-", { "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov" } },
	{ "", { "aws", "amazonaws.com", "api.aws" } },
};

const struct partition *region_partition(struct str region)
{
	size_t i = 0;

	while (!str_starts(region, table[i].area))
		i++;
	return &table[i].partition;
}

void region_endpoint(struct buf *out, const char *service, struct str region, bool fips, bool dual)
{
	const struct partition *p = region_partition(region);

	buf_addf(out, "https://%s%s.%.*s.%s", service, fips ? "-fips" : "", STR_ARG(region),
		dual ? p->dual : p->suffix);
}

bool region_signin(struct buf *out, struct str region)
{
	static const struct {
		const char *partition, *domain;
	} domains[] = {
		{ "aws", "aws.amazon.com" },
		{ "aws-cn", "amazonaws.cn" },
		{ "aws-us-gov", "amazonaws-us-gov.com" },
	};
	struct str partition = str_of(region_partition(region)->name);

	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		if (!str_is(partition, domains[i].partition))
			continue;
		buf_addf(out, "https://%.*s.signin.%s", STR_ARG(region), domains[i].domain);
		return true;
	}
	return false;
}
