/* keys.c - the condition keys and the actions that are known */
#include "iam/keys.h"

#define MANY KEY_MANY
#define ALWAYS KEY_ALWAYS
#define PUSH (1 << EIC_PUSH)
#define TUNNEL (1 << EIC_TUNNEL)
#define EVERY (PUSH | 1 << EIC_SERIAL | TUNNEL)

static const struct iam_key keys[] = {
	{ "ec2:osuser", IAM_STRING, 0, PUSH, 0 },
	{ "ec2:ResourceTag/", IAM_STRING, 0, EVERY, 0 },
	{ "ec2-instance-connect:remotePort", IAM_NUMERIC, 0, TUNNEL, 65535 },
	{ "ec2-instance-connect:privateIpAddress", IAM_IP, 0, TUNNEL, 0 },
	{ "ec2-instance-connect:maxTunnelDuration", IAM_NUMERIC, 0, TUNNEL, 3600 },
	{ "ec2:SourceInstanceARN", IAM_ARN, 0, 0, 0 },
	{ "ec2:Region", IAM_STRING, 0, 0, 0 },
	{ "ec2:Vpc", IAM_ARN, 0, 0, 0 },
	{ "ec2:InstanceType", IAM_STRING, 0, 0, 0 },
	{ "ec2:InstanceID", IAM_STRING, 0, 0, 0 },
	{ "ec2:SubnetID", IAM_STRING, 0, 0, 0 },
	{ "ec2:RoleDelivery", IAM_NUMERIC, 0, 0, 0 },
	{ "aws:AssumedRoot", IAM_BOOL, 0, 0, 0 },
	{ "aws:CalledVia", IAM_STRING, MANY, 0, 0 },
	{ "aws:CalledViaAWSMCP", IAM_STRING, 0, 0, 0 },
	{ "aws:CalledViaFirst", IAM_STRING, 0, 0, 0 },
	{ "aws:CalledViaLast", IAM_STRING, 0, 0, 0 },
	{ "aws:ChatbotSourceArn", IAM_ARN, 0, 0, 0 },
	{ "aws:CurrentTime", IAM_DATE, ALWAYS, 0, 0 },
	{ "aws:Ec2InstanceSourcePrivateIPv4", IAM_IP, 0, 0, 0 },
	{ "aws:Ec2InstanceSourceVpc", IAM_STRING, 0, 0, 0 },
	{ "aws:EpochTime", IAM_DATE, ALWAYS, 0, 0 },
	{ "aws:FederatedProvider", IAM_STRING, 0, 0, 0 },
	{ "aws:IsMcpServiceAction", IAM_BOOL, 0, 0, 0 },
	{ "aws:MultiFactorAuthAge", IAM_NUMERIC, 0, 0, 0 },
	{ "aws:MultiFactorAuthPresent", IAM_BOOL, 0, 0, 0 },
	{ "aws:PrincipalAccount", IAM_STRING, ALWAYS, 0, 0 },
	{ "aws:PrincipalArn", IAM_ARN, ALWAYS, 0, 0 },
	{ "aws:PrincipalIsAWSService", IAM_BOOL, 0, 0, 0 },
	{ "aws:PrincipalOrgID", IAM_STRING, 0, 0, 0 },
	{ "aws:PrincipalOrgPaths", IAM_STRING, MANY, 0, 0 },
	{ "aws:PrincipalServiceName", IAM_STRING, 0, 0, 0 },
	{ "aws:PrincipalServiceNamesList", IAM_STRING, MANY, 0, 0 },
	{ "aws:PrincipalTag/", IAM_STRING, 0, 0, 0 },
	{ "aws:PrincipalType", IAM_STRING, ALWAYS, 0, 0 },
	{ "aws:Referer", IAM_STRING, 0, 0, 0 },
	{ "aws:RequestedRegion", IAM_STRING, ALWAYS, 0, 0 },
	{ "aws:RequestTag/", IAM_STRING, 0, 0, 0 },
	{ "aws:ResourceAccount", IAM_STRING, 0, 0, 0 },
	{ "aws:ResourceOrgID", IAM_STRING, 0, 0, 0 },
	{ "aws:ResourceOrgPaths", IAM_STRING, MANY, 0, 0 },
	{ "aws:ResourceTag/", IAM_STRING, 0, 0, 0 },
	{ "aws:SecureTransport", IAM_BOOL, ALWAYS, 0, 0 },
	{ "aws:SignInSessionArn", IAM_ARN, 0, 0, 0 },
	{ "aws:SourceAccount", IAM_STRING, 0, 0, 0 },
	{ "aws:SourceArn", IAM_ARN, 0, 0, 0 },
	{ "aws:SourceIdentity", IAM_STRING, 0, 0, 0 },
	{ "aws:SourceIp", IAM_IP, 0, 0, 0 },
	{ "aws:SourceOrgID", IAM_STRING, 0, 0, 0 },
	{ "aws:SourceOrgPaths", IAM_STRING, MANY, 0, 0 },
	{ "aws:SourceVpc", IAM_STRING, 0, 0, 0 },
	{ "aws:SourceVpcArn", IAM_ARN, 0, 0, 0 },
	{ "aws:SourceVpce", IAM_STRING, 0, 0, 0 },
	{ "aws:TagKeys", IAM_STRING, MANY, 0, 0 },
	{ "aws:TokenIssueTime", IAM_DATE, 0, 0, 0 },
	{ "aws:UserAgent", IAM_STRING, ALWAYS, 0, 0 },
	{ "aws:userid", IAM_STRING, ALWAYS, 0, 0 },
	{ "aws:username", IAM_STRING, 0, 0, 0 },
	{ "aws:ViaAWSMCPService", IAM_BOOL, 0, 0, 0 },
	{ "aws:ViaAWSService", IAM_BOOL, ALWAYS, 0, 0 },
	{ "aws:VpcSourceIp", IAM_IP, 0, 0, 0 },
	{ "aws:VpceAccount", IAM_STRING, 0, 0, 0 },
	{ "aws:VpceOrgID", IAM_STRING, 0, 0, 0 },
	{ "aws:VpceOrgPaths", IAM_STRING, MANY, 0, 0 },
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
	uint64_t n;
	struct moment date;
	struct network network;

	if (k->max > 0)
		return str_u64(value, k->max, &n) && n > 0;
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

/* "Actions, resources, and condition keys for Amazon EC2": those beside EC2 Instance Connect */
static const char *const without_resources[] = { "DescribeInstances",
	"DescribeInstanceConnectEndpoints", "DescribeVpcs", "DescribeInstanceTypes",
	"GetSerialConsoleAccessStatus", "EnableSerialConsoleAccess", "DisableSerialConsoleAccess" };

bool iam_action_has_no_resources(struct str action)
{
	struct str service;

	if (!str_cut(&action, ':', &service) || !str_ieq(service, STR("ec2")))
		return false;
	for (size_t i = 0; i < sizeof(without_resources) / sizeof(without_resources[0]); i++)
		if (str_ieq(action, str_of(without_resources[i])))
			return true;
	return false;
}
