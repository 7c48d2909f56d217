#!/bin/sh
# mock_aws.t - the AWS CLI and boto3 of Debian, unmodified, against the mock
. "${0%/*}/../lib.sh"

instance=i-0123456789abcdef0
aws=/usr/bin/aws
python=/usr/bin/python3
[ -x $aws ] || {
	cannot 'the AWS CLI of Debian' 'awscli is not installed'
	done_testing
}
"$python" -c 'import boto3' 2>/dev/null || {
	cannot 'boto3 of Debian' 'python3-boto3 is not installed'
	done_testing
}

ssh-keygen -q -t ed25519 -C 'somebody@somewhere' -N '' -f "$tmp/key"
cat >"$tmp/world.json" <<END
{"accounts": [{"id": "111122223333",
  "groups": [{"name": "readers", "policies": [{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}}]}],
  "users": [
    {"name": "admin", "accessKeys": [{"id": "AKIAADMINADMINADMIN1", "secret": "adminadminadminadminadminadminadmin12345"}],
     "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]},
    {"name": "reader", "groups": ["readers"], "accessKeys": [{"id": "AKIAREADERREADERREAD", "secret": "readerreaderreaderreaderreaderreader1234"}]},
    {"name": "bounded", "accessKeys": [{"id": "AKIABOUNDEDBOUNDEDBO", "secret": "boundedboundedboundedboundedbounded12345"}],
     "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}],
     "boundary": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}}},
    {"name": "tagged", "accessKeys": [{"id": "AKIATAGGEDTAGGEDTAGG", "secret": "taggedtaggedtaggedtaggedtaggedtagged1234"}],
     "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ec2-instance-connect:*", "Resource": "*",
       "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}}]}],
  "roles": [
    {"name": "app", "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
      "Action": ["ec2:DescribeInstances", "ec2-instance-connect:SendSSHPublicKey"], "Resource": "*"}}],
     "trust": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/admin"},
      "Action": "sts:AssumeRole"}}},
    {"name": "web", "policies": [], "trust": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/id.example"}, "Action": "sts:AssumeRoleWithWebIdentity"}}}],
  "instances": [
    {"id": "$instance", "zone": "us-east-1a", "role": "app", "privateIp": "10.0.1.4", "publicIp": "203.0.113.10", "tags": {"Name": "one", "team": "red"}},
    {"id": "i-00000002", "zone": "us-east-1b", "tags": {"Name": "two", "team": "blue"}},
    {"id": "i-00000003", "zone": "us-east-1b", "type": "t2.micro", "tags": {"Name": "old"}},
    {"id": "i-00000004", "zone": "us-east-1b", "serialBusy": true}, {"id": "i-00000005"}, {"id": "i-00000006"}],
  "endpoints": [{"id": "eice-0123456789abcdef0", "region": "us-east-1"}]},
 {"id": "444455556666", "serialConsoleAccess": false,
  "users": [{"name": "other", "accessKeys": [{"id": "AKIAOTHEROTHEROTHERO", "secret": "otherotherotherotherotherotherother12345"}],
    "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}],
  "instances": [{"id": "i-00000009", "zone": "us-east-1a"}],
  "scps": [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Deny", "Action": "ec2-instance-connect:SendSSHPublicKey", "Resource": "*"}]}]}]}
END
sed -i '0,/"id": "111122223333",/s//"id": "111122223333", "serialConsoleAccess": true,/' "$tmp/world.json"
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json" --cloudtrail "$tmp/trail" \
	--tls-listen 127.0.0.1:0 --ca-out "$tmp/ca.pem"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
tls=$(sed -n 's,.* \(https://[^ ]*\).*,\1,p' "$log")

export HOME="$tmp" AWS_DEFAULT_REGION=us-east-1 AWS_PAGER='' AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true
unset AWS_PROFILE AWS_REGION AWS_SESSION_TOKEN

as() {
	case $1 in
	admin) AWS_ACCESS_KEY_ID=AKIAADMINADMINADMIN1 AWS_SECRET_ACCESS_KEY=adminadminadminadminadminadminadmin12345 ;;
	reader) AWS_ACCESS_KEY_ID=AKIAREADERREADERREAD AWS_SECRET_ACCESS_KEY=readerreaderreaderreaderreaderreader1234 ;;
	bounded) AWS_ACCESS_KEY_ID=AKIABOUNDEDBOUNDEDBO AWS_SECRET_ACCESS_KEY=boundedboundedboundedboundedbounded12345 ;;
	tagged) AWS_ACCESS_KEY_ID=AKIATAGGEDTAGGEDTAGG AWS_SECRET_ACCESS_KEY=taggedtaggedtaggedtaggedtaggedtagged1234 ;;
	other) AWS_ACCESS_KEY_ID=AKIAOTHEROTHEROTHERO AWS_SECRET_ACCESS_KEY=otherotherotherotherotherotherother12345 ;;
	esac
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
}

cli() {
	"$aws" --endpoint-url "$url" "$@"
}

push() {
	cli ec2-instance-connect send-ssh-public-key --instance-id "$1" --instance-os-user "${2:-ec2-user}" \
		--ssh-public-key "file://$tmp/key.pub"
}

serial() {
	cli ec2-instance-connect send-serial-console-ssh-public-key --instance-id "$1" --ssh-public-key "file://$tmp/key.pub"
}

# --- the AWS CLI

as admin
check 'the CLI pushes a key' 0 '*"RequestId": "*"Success": true*' push $instance
check 'and one for the serial console' 0 '*"Success": true*' serial $instance
like 'the key is there, without its comment' "*
$(cut -d ' ' -f 1,2 "$tmp/key.pub")
*" "$(curl -s "$url/latest/meta-data/managed-ssh-keys/active-keys/ec2-user")"
check 'the CLI says who calls' 0 '*"Arn": "arn:aws:iam::111122223333:user/admin"*' cli sts get-caller-identity
check 'it finds the instances' 0 "$instance	running	10.0.1.4	203.0.113.10
i-00000002	running*" cli ec2 describe-instances --output text \
	--query 'Reservations[].Instances[].[InstanceId,State.Name,PrivateIpAddress,PublicIpAddress]'
check 'one by its tag' 0 'i-00000002' cli ec2 describe-instances --output text --filters 'Name=tag:team,Values=bl*' \
	--query 'Reservations[].Instances[].InstanceId'
check 'and all of them page by page' 0 6 cli ec2 describe-instances --page-size 5 --query 'length(Reservations)'
check 'a dry run is told that it would do' 254 '' cli ec2 describe-instances --dry-run
err_like 'as an error' '*(DryRunOperation)*'
check 'not those of another account' 254 '' cli ec2 describe-instances --instance-ids i-00000009
err_like 'which do not exist' '*(InvalidInstanceID.NotFound)*'
check 'an id that is none is told' 254 '' cli ec2 describe-instances --instance-ids nonsense
err_like 'apart from one that is not there' '*(InvalidInstanceID.Malformed)*'
check 'a serial console needs Nitro' 254 '' serial i-00000003
err_like 'which is said' '*(EC2InstanceTypeInvalidException)*'
check 'a serial console has one session' 254 '' serial i-00000004
err_like 'which is said, too' '*(SerialConsoleSessionLimitExceededException)*'
check 'a push over TLS, under our root' 0 '*"Success": true*' "$aws" --endpoint-url "$tls" --ca-bundle "$tmp/ca.pem" \
	ec2-instance-connect send-ssh-public-key --instance-id $instance --instance-os-user ec2-user --ssh-public-key "file://$tmp/key.pub"
check 'which without that root is not believed' 255 '' "$aws" --endpoint-url "$tls" sts get-caller-identity
err_like 'says the CLI' '*CERTIFICATE_VERIFY_FAILED*'

# --- IAM

as reader
check 'a group may look' 0 6 cli ec2 describe-instances --query 'length(Reservations)'
check 'but not push' 254 '' push $instance
err_like 'as AWS words it' "*(AccessDeniedException)*User: arn:aws:iam::111122223333:user/reader is not authorized to perform: ec2-instance-connect:SendSSHPublicKey on resource: arn:aws:ec2:us-east-1:111122223333:instance/$instance because no identity-based policy allows the ec2-instance-connect:SendSSHPublicKey action"
as bounded
check 'a boundary holds back what a policy allows' 254 '' push $instance
err_like 'and is named' '*because no permissions boundary allows*'
check 'EC2 says it in its own way' 254 '' cli ec2 describe-instances
err_like 'namely so' '*(UnauthorizedOperation)*You are not authorized to perform this operation.*'
as tagged
check 'a condition on a tag lets through' 0 '*true*' push i-00000002
check 'or not' 254 '' push $instance
err_like 'and says why' '*(AccessDeniedException)*'
check 'an instance that is not there is denied, not disclosed' 254 '' push i-0fffffff
err_like 'in the same words' '*(AccessDeniedException)*'
as other
check 'a service control policy denies' 254 '' push i-00000009
err_like 'explicitly' '*with an explicit deny in a service control policy*'
check 'the account may have the serial console off' 254 '' serial i-00000009
err_like 'which is an error of its own' '*(SerialConsoleAccessDisabledException)*'
as admin
check 'an instance of another account is not found' 254 '' push i-00000009
err_like 'by that name' '*(EC2InstanceNotFoundException)*'

# --- roles

role=arn:aws:iam::111122223333:role/app
check 'a role is assumed' 0 '*"SessionToken": "*"AssumedRoleId": "AROA*:me"*' cli sts assume-role --role-arn $role --role-session-name me
printf '[profile app]\nrole_arn = %s\nsource_profile = base\nrole_session_name = me\n[profile base]\naws_access_key_id = %s\naws_secret_access_key = %s\n' \
	$role "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$tmp/config"
cli sts assume-role --role-arn $role --role-session-name me --output text --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' >"$tmp/creds"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <"$tmp/creds"
export AWS_SESSION_TOKEN
check 'its session is who it says' 0 '*"Arn": "arn:aws:sts::111122223333:assumed-role/app/me"*' cli sts get-caller-identity
check 'it may push' 0 '*true*' push $instance
check 'but not what the role may not' 254 '' serial $instance
AWS_SESSION_TOKEN=x${AWS_SESSION_TOKEN#?}
check 'a token that was changed is refused' 254 '' push $instance
err_like 'as invalid' '*(UnrecognizedClientException)*'
unset AWS_SESSION_TOKEN
as admin
cli sts assume-role --role-arn $role --role-session-name me --policy '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}' \
	--output text --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' >"$tmp/creds"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <"$tmp/creds"
export AWS_SESSION_TOKEN
check 'a session policy takes away' 254 '' push $instance
err_like 'and is named' '*because no session policy allows*'
unset AWS_SESSION_TOKEN
as reader
check 'who is not trusted assumes nothing' 254 '' cli sts assume-role --role-arn $role --role-session-name me
err_like 'and is told so' '*(AccessDenied)*'
jwt=$(printf '{}' | base64 -w0).$(printf '{"iss":"https://id.example","aud":"sts","sub":"system:serviceaccount:x","exp":%s}' $(($(date +%s) + 600)) |
	base64 -w0 | tr '+/' '-_' | tr -d =).x
check 'a web identity assumes the role that trusts it' 0 '*"SubjectFromWebIdentityToken": "system:serviceaccount:x"*' \
	cli sts assume-role-with-web-identity --role-arn arn:aws:iam::111122223333:role/web --role-session-name pod --web-identity-token "$jwt"
check 'and no other' 254 '' cli sts assume-role-with-web-identity --role-arn $role --role-session-name pod --web-identity-token "$jwt"

# --- credentials of the instance

unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED
export AWS_EC2_METADATA_SERVICE_ENDPOINT="$url/"
check 'the CLI finds the credentials of the role' 0 "*:assumed-role/app/$instance\"*" cli sts get-caller-identity
check 'and may do what the role may' 0 '*true*' push $instance

# --- boto3

cat >"$tmp/try.py" <<'END'
import boto3, os, sys
from botocore.exceptions import ClientError
url, key = sys.argv[1], open(sys.argv[2]).read()
client = boto3.client('ec2-instance-connect', endpoint_url=url)
print(client.send_ssh_public_key(InstanceId='i-0123456789abcdef0', InstanceOSUser='ec2-user', SSHPublicKey=key,
                                 AvailabilityZone='us-east-1a')['Success'])
print(boto3.client('sts', endpoint_url=url).get_caller_identity()['Arn'])
pages = boto3.client('ec2', endpoint_url=url).get_paginator('describe_instances').paginate(PaginationConfig={'PageSize': 5})
print([i['InstanceId'] for p in pages for r in p['Reservations'] for i in r['Instances']])
for user, zone in (('12', 'us-east-1a'), ('a', 'us-east-1c')):
    try:
        client.send_ssh_public_key(InstanceId='i-0123456789abcdef0', InstanceOSUser=user, SSHPublicKey=key, AvailabilityZone=zone)
    except client.exceptions.InvalidArgsException as e:
        print('InvalidArgs', e.response['ResponseMetadata']['HTTPStatusCode'])
    except client.exceptions.EC2InstanceNotFoundException as e:
        print('NotFound', e.response['ResponseMetadata']['HTTPStatusCode'])
END
check 'boto3 does the same, by the credentials of the instance' 0 "True
arn:aws:sts::111122223333:assumed-role/app/$instance
\\['$instance', 'i-00000002', 'i-00000003', 'i-00000004', 'i-00000005', 'i-00000006'\\]
InvalidArgs 400
NotFound 400" "$python" "$tmp/try.py" "$url" "$tmp/key.pub"

# --- the trail

ok 'each record of the trail is JSON' perl -MJSON::PP -ne 'decode_json($_)' "$tmp/trail"
like 'a session is shown with its issuer' '*"type":"AssumedRole"*"sessionIssuer":{"type":"Role",*"userName":"app"}*' \
	"$(grep '"userName":"app"' "$tmp/trail" | head -n 1)"
like 'one of an instance as that' '*"ec2RoleDelivery":"2.0"*' "$(tail -n 1 "$tmp/trail")"
like 'a denial has its error' '*"errorCode":"AccessDenied","errorMessage":"User: *' "$(grep '"userName":"tagged"' "$tmp/trail" | tail -n 1)"
like 'one of EC2 its own' '*"errorCode":"Client.UnauthorizedOperation"*' "$(grep 'bounded' "$tmp/trail" | tail -n 1)"

done_testing
