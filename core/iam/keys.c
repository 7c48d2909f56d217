/* keys.c - the condition keys that are known */
#include "iam/keys.h"

#include <string.h>

#define PUSH (1 << EIC_PUSH)
#define TUNNEL (1 << EIC_TUNNEL)
#define INSTANCE (1 << EIC_PUSH | 1 << EIC_SERIAL)
#define EVERY (INSTANCE | TUNNEL)

static const struct iam_key keys[] = {
	{ "ec2:osuser", IAM_STRING, false, PUSH },
	{ "ec2:ResourceTag/", IAM_STRING, false, EVERY },
	{ "ec2-instance-connect:remotePort", IAM_NUMERIC, false, TUNNEL },
	{ "ec2-instance-connect:privateIpAddress", IAM_IP, false, TUNNEL },
	{ "ec2-instance-connect:maxTunnelDuration", IAM_NUMERIC, false, TUNNEL },
	{ "ec2:SourceInstanceARN", IAM_ARN, false, 0 },
	{ "ec2:Region", IAM_STRING, false, 0 },
	{ "ec2:Vpc", IAM_ARN, false, 0 },
	{ "ec2:InstanceType", IAM_STRING, false, 0 },
	{ "ec2:InstanceID", IAM_STRING, false, 0 },
	{ "ec2:SubnetID", IAM_STRING, false, 0 },
	{ "ec2:RoleDelivery", IAM_STRING, false, 0 },
	{ "aws:CalledVia", IAM_STRING, true, 0 },
	{ "aws:CalledViaFirst", IAM_STRING, false, 0 },
	{ "aws:CalledViaLast", IAM_STRING, false, 0 },
	{ "aws:CurrentTime", IAM_DATE, false, 0 },
	{ "aws:Ec2InstanceSourcePrivateIPv4", IAM_IP, false, 0 },
	{ "aws:Ec2InstanceSourceVpc", IAM_STRING, false, 0 },
	{ "aws:EpochTime", IAM_DATE, false, 0 },
	{ "aws:FederatedProvider", IAM_STRING, false, 0 },
	{ "aws:MultiFactorAuthAge", IAM_NUMERIC, false, 0 },
	{ "aws:MultiFactorAuthPresent", IAM_BOOL, false, 0 },
	{ "aws:PrincipalAccount", IAM_STRING, false, 0 },
	{ "aws:PrincipalArn", IAM_ARN, false, 0 },
	{ "aws:PrincipalIsAWSService", IAM_BOOL, false, 0 },
	{ "aws:PrincipalOrgID", IAM_STRING, false, 0 },
	{ "aws:PrincipalOrgPaths", IAM_STRING, true, 0 },
	{ "aws:PrincipalServiceName", IAM_STRING, false, 0 },
	{ "aws:PrincipalServiceNamesList", IAM_STRING, true, 0 },
	{ "aws:PrincipalTag/", IAM_STRING, false, 0 },
	{ "aws:PrincipalType", IAM_STRING, false, 0 },
	{ "aws:Referer", IAM_STRING, false, 0 },
	{ "aws:RequestedRegion", IAM_STRING, false, 0 },
	{ "aws:RequestTag/", IAM_STRING, false, 0 },
	{ "aws:ResourceAccount", IAM_STRING, false, 0 },
	{ "aws:ResourceOrgID", IAM_STRING, false, 0 },
	{ "aws:ResourceOrgPaths", IAM_STRING, true, 0 },
	{ "aws:ResourceTag/", IAM_STRING, false, 0 },
	{ "aws:SecureTransport", IAM_BOOL, false, 0 },
	{ "aws:SourceAccount", IAM_STRING, false, 0 },
	{ "aws:SourceArn", IAM_ARN, false, 0 },
	{ "aws:SourceIdentity", IAM_STRING, false, 0 },
	{ "aws:SourceIp", IAM_IP, false, 0 },
	{ "aws:SourceOrgID", IAM_STRING, false, 0 },
	{ "aws:SourceOrgPaths", IAM_STRING, true, 0 },
	{ "aws:SourceVpc", IAM_STRING, false, 0 },
	{ "aws:SourceVpce", IAM_STRING, false, 0 },
	{ "aws:TagKeys", IAM_STRING, true, 0 },
	{ "aws:TokenIssueTime", IAM_DATE, false, 0 },
	{ "aws:UserAgent", IAM_STRING, false, 0 },
	{ "aws:userid", IAM_STRING, false, 0 },
	{ "aws:username", IAM_STRING, false, 0 },
	{ "aws:ViaAWSService", IAM_BOOL, false, 0 },
	{ "aws:VpcSourceIp", IAM_IP, false, 0 },
};

const struct iam_key *iam_key_find(struct str name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct str known = str_of(keys[i].name), front = { name.p, known.n };

		if (str_ends(known, "/") ? name.n > known.n && str_ieq(front, known)
					 : str_ieq(name, known))
			return &keys[i];
	}
	return NULL;
}

bool iam_key_fits(const struct iam_key *k, struct str value)
{
	struct decimal number;
	struct moment date;
	struct network network;

	switch (k->family) {
	case IAM_NUMERIC: return decimal_read(&number, value);
	case IAM_DATE: return moment_read(&date, value);
	case IAM_IP: return network_read(&network, value, false);
	case IAM_BOOL: return str_ieq(value, STR("true")) || str_ieq(value, STR("false"));
	case IAM_ARN: return arn_split(value).n == 6;
	}
	return true;
}

const char *iam_family_words(uint8_t family)
{
	switch (family) {
	case IAM_NUMERIC: return "a number";
	case IAM_DATE: return "a date";
	case IAM_IP: return "an IP address";
	case IAM_BOOL: return "true or false";
	case IAM_ARN: return "an ARN";
	}
	return "a string";
}
