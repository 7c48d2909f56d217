#!/bin/sh
# policy_check.t - decisions, explanations, tables, batches and lint, as somebody types them
. "${0%/*}/../lib.sh"

ANN=arn:aws:iam::111122223333:user/ann
ONE=i-1234567890abcdef0
TWO=i-0598c7d356eba48d7
cd "$tmp" || exit 1

pc() {
	"$EICBOX" policy-check "$@"
}

# what a user would write first
cat >seed.json <<'END'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Push",
      "Effect": "Allow",
      "Action": "ec2-instance-connect:SendSSHPublicKey",
      "Resource": [
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-1234567890abcdef0",
        "arn:aws:ec2:eu-west-1:111122223333:instance/i-0598c7d356eba48d7"
      ],
      "Condition": { "StringEquals": { "ec2:osuser": "ec2-user" } }
    },
    { "Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*" }
  ]
}
END
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}' >all.json
echo '{"Version":"2012-10-17","Statement":{"Sid":"NoRoot","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"ec2:osuser":"root"}}}}' >noroot.json
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Env":"dev"}}}}' >dev.json

echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Principal":{"AWS":"111122223333"}}}' >bothsides.json

seed() {
	pc -p seed.json --principal $ANN -i $ONE -r eu-west-1 "$@"
}

# --- decisions ---
check 'the user that the policy names may log in' 0 'allowed: *statement Push (seed.json:4:5)*' seed -u ec2-user
check 'root may not' 1 "implicitDeny: User: $ANN is not authorized to perform: ec2-instance-connect:SendSSHPublicKey on resource: \
arn:aws:ec2:eu-west-1:111122223333:instance/$ONE because no identity-based policy allows the ec2-instance-connect:SendSSHPublicKey action*" \
	seed -u root
check 'layers that were not given are named' 1 '*permissions boundary *not given*session policy *not given*service control policy *not given*' \
	seed -u root
check 'another instance may not be reached' 1 'implicitDeny:*' pc -p seed.json --principal $ANN -i i-00000000 -r eu-west-1 -u ec2-user
check 'nor the same one in another region' 1 'implicitDeny:*' pc -p seed.json --principal $ANN -i $ONE -r us-east-1 -u ec2-user
check 'without a user the answer is open' 4 'undetermined: *ec2:osuser*' seed
check 'a key that is assumed absent closes it' 1 'implicitDeny:*' seed --assume-absent
check 'the serial console is not granted' 1 'implicitDeny:*' seed -a serial
check 'an action without resources is decided on the star' 0 'allowed:*' pc -p seed.json --principal $ANN -a ec2:DescribeInstances --resource '*'
check 'a deny is explicit' 1 'explicitDeny: *with an explicit deny in an identity-based policy: noroot.json, statement NoRoot (noroot.json:1:37)*' \
	pc -p all.json -p noroot.json --principal $ANN -i $ONE -r eu-west-1 -u root
check 'a service control policy limits' 1 'explicitDeny: *in a service control policy: noroot.json*' \
	pc -p all.json --scp Root=all.json --scp Root=noroot.json --principal $ANN -i $ONE -r eu-west-1 -u root
check 'a node without a policy denies' 1 'implicitDeny: *no service control policy allows*' \
	pc -p all.json --scp Root=all.json --scp ou= --principal $ANN -i $ONE -r eu-west-1 -u root
check 'a boundary limits' 1 'implicitDeny: *no permissions boundary allows*' \
	pc -p all.json --boundary seed.json --principal $ANN -i $ONE -r eu-west-1 -u root
check 'a session policy limits' 1 'implicitDeny: *no session policy allows*' \
	pc -p all.json --session-policy seed.json --principal arn:aws:sts::111122223333:assumed-role/ops/x -i $ONE -r eu-west-1 -u root
check 'another account is explained in general' 0 '*note: *444455556666*the policies of both have to allow
*' pc -p all.json --principal $ANN -a sqs:SendMessage --resource arn:aws:sqs:eu-west-1:444455556666:jobs --resource-policy bothsides.json
check 'another account is explained' 1 '*note: *the resource belongs to account 444455556666*a role in 444455556666*' \
	seed --account 444455556666 -u ec2-user
check 'a resource of the wrong type is refused' 2 '' \
	pc -p all.json --principal $ANN --resource arn:aws:ec2:eu-west-1:111122223333:volume/vol-1 -u ec2-user
err_like 'and explained' "policy-check: ec2-instance-connect:SendSSHPublicKey acts on an instance (i-...), and 'arn:*volume/vol-1' is none"
check 'who owns a resource is not taken silently' 0 'allowed:*note: the ARN does not say who owns the resource: taken is account 111122223333
*' pc -p all.json --principal $ANN -a s3:GetObject --resource arn:aws:s3:::jobs/x
check 'a key that is misspelt is asked for with a word' 4 'undetermined: *ec2:os-user
*note: ec2:os-user is no key that EC2 Instance Connect is known to send: see --lint
*' sh -c "sed 's/osuser/os-user/' seed.json >misspelt.json; '$EICBOX' policy-check -p misspelt.json --principal $ANN -i $ONE -r eu-west-1 -u root"
check 'and does not decide without one' 0 'allowed:*note: ec2:os-user is no key *' \
	pc -p misspelt.json --principal $ANN -i $ONE -r eu-west-1 -u root -c ec2:os-user=ec2-user
check 'a key that is known gets none' 4 'undetermined:*' seed
unlike 'nor does its answer' '*no key that*' "$out"
check 'another region is explained' 0 '*note: aws:RequestedRegion was stated as us-east-1*' \
	seed -u ec2-user -c aws:RequestedRegion=us-east-1
check 'a tag of the instance counts' 0 'allowed:*' pc -p dev.json --principal $ANN -i $ONE -r eu-west-1 -u x --tag Env=dev
check 'another value does not' 1 'implicitDeny:*' pc -p dev.json --principal $ANN -i $ONE -r eu-west-1 -u x --tag Env=prod
check 'a tag that nobody stated is asked for' 4 'undetermined: *: aws:ResourceTag/Env
*' pc -p dev.json --principal $ANN -i $ONE -r eu-west-1 -u x
check 'what cannot change the answer is not asked for' 0 'allowed:*' pc -p all.json -p dev.json --principal $ANN -i $ONE -r eu-west-1 -u x

# --- tunnels, context ---
cat >tunnel.json <<'END'
{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2-instance-connect:OpenTunnel","Resource":"*","Condition":{
"NumericEquals":{"ec2-instance-connect:remotePort":22},"IpAddress":{"ec2-instance-connect:privateIpAddress":"10.0.1.0/31"},
"NumericLessThanEquals":{"ec2-instance-connect:maxTunnelDuration":3600}}}}
END
tunnel() {
	pc -p tunnel.json --principal $ANN -a tunnel -i eice-0123456789abcdef0 -r eu-west-1 "$@"
}
check 'a tunnel to the port and address is allowed' 0 '*derived: ec2-instance-connect:maxTunnelDuration = 3600*' \
	tunnel --remote-port 22 --private-ip 10.0.1.1
check 'to another port it is not' 1 'implicitDeny*' tunnel --remote-port 3389 --private-ip 10.0.1.1
check 'nothing lasts longer' 2 '' tunnel --remote-port 22 --private-ip 10.0.1.1 --max-duration 7200
check 'without derived keys the duration is absent' 1 'implicitDeny*' tunnel --remote-port 22 --private-ip 10.0.1.1 --exact-context
echo '{"aws:SourceIp":"192.0.2.7","aws:TagKeys":["a","b"],"x:y":null}' >context.json
cat >keys.json <<'END'
{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},
"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"Null":{"x:y":true}}}}
END
check 'a file of keys is read' 0 'allowed:*' pc -p keys.json --principal $ANN --resource '*' -a x:Y --context-file context.json
check 'a key given twice has two values' 1 'implicitDeny:*' pc -p keys.json --principal $ANN --resource '*' -a x:Y \
	--source-ip 192.0.2.1 --assume-absent -c aws:TagKeys=a -c aws:TagKeys=c
check 'a time decides' 1 'implicitDeny:*' sh -c 'echo "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",
\"Resource\":\"*\",\"Condition\":{\"DateLessThan\":{\"aws:CurrentTime\":\"2030-01-01T00:00:00Z\"}}}}" | "$0" policy-check -p - \
	--principal '$ANN' --resource "*" -a x:Y --time 2031-01-01T00:00:00Z' "$EICBOX"

echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops"}}}}' >role.json
role() {
	pc -p role.json --principal arn:aws:sts::111122223333:assumed-role/ops/x -i $ONE -r eu-west-1 -u x "$@"
}
check 'the path of a role is not guessed from its session' 4 'undetermined: *aws:PrincipalArn*' role
check 'it can be stated' 0 'allowed:*' role -c aws:PrincipalArn=arn:aws:iam::111122223333:role/ops
check 'or assumed' 0 'allowed:*' role --assume-absent

echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*","Principal":{"AWS":"'$ANN'"}}}' >queue.json
echo '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sqs:*","Resource":"*","Principal":"*"}}' >rcp.json
queue() {
	pc --principal $ANN -a sqs:SendMessage --resource arn:aws:sqs:eu-west-1:111122223333:jobs "$@"
}
check 'a resource-based policy allows whom it names' 0 'allowed: *: queue.json, statement 1 (queue.json:*' queue --resource-policy queue.json
check 'in another account only together with the identity' 1 'implicitDeny: *no identity-based policy allows*' \
	pc --principal $ANN -a sqs:SendMessage --resource arn:aws:sqs:eu-west-1:444455556666:jobs --resource-policy queue.json
check 'a resource control policy denies' 1 'explicitDeny: *in a resource control policy: rcp.json*' queue -p all.json --rcp Root=rcp.json
check 'but never EC2' 0 'allowed:*resource control policy Root *not asked *does not apply to EC2*' \
	pc -p all.json --rcp Root=rcp.json --principal $ANN -i $ONE -r eu-west-1 -u x
check 'a VPC endpoint policy has to allow' 1 'implicitDeny: *no VPC endpoint policy allows*' \
	pc -p all.json --vpce-policy queue.json --principal $ANN -i $ONE -r eu-west-1 -u x

# --- what is not guessed ---
sed 's/"Allow","Action":"sqs:\*","Resource":"\*","Principal":{[^}]*}/"Deny","Action":"*","Resource":"*","NotPrincipal":{"AWS":["'"$(echo $ANN | sed 's|/|\\/|')"'","111122223333"]}/' queue.json >not.json
check 'NotPrincipal spares who is listed with the account' 0 'allowed:*' queue -p all.json --resource-policy not.json
check 'but nobody who has a boundary' 1 'explicitDeny: *in a resource-based policy: not.json*' \
	queue -p all.json --resource-policy not.json --boundary all.json
sed "s|$ANN|arn:aws:iam::111122223333:role/team/ops|" queue.json >roles.json
session() {
	pc --principal arn:aws:sts::111122223333:assumed-role/ops/x -a sqs:SendMessage --resource arn:aws:sqs:eu-west-1:111122223333:jobs "$@"
}
check 'the path of a role in a Principal is not guessed' 4 'undetermined: *: aws:PrincipalArn
*' session --resource-policy roles.json
check 'it can be stated there, too' 0 'allowed:*' session --resource-policy roles.json -c aws:PrincipalArn=arn:aws:iam::111122223333:role/team/ops
check 'another path is another role' 1 'implicitDeny:*' session --resource-policy roles.json -c aws:PrincipalArn=arn:aws:iam::111122223333:role/ops
sed 's/"Principal":{[^}]*}/"Principal":{}/' queue.json >nobody.json
check 'an empty Principal names nobody' 1 'implicitDeny:*' queue --resource-policy nobody.json
check 'an action without resources is decided on the star' 1 'implicitDeny: *on resource: \* because*note: *knows no resources*' \
	pc -p seed.json -p dev.json --principal $ANN -a ec2:DescribeVpcs -i $ONE -r eu-west-1 -t Env=dev

# both ways are allowed, so that nothing is missing
echo '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/a":true}}},
{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:ResourceTag/a":false}}}]}' >both.json
check 'a key that cannot change the answer is not asked for' 0 'allowed:*' pc -p both.json --principal $ANN -i $ONE -r eu-west-1 -u x
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/a":"b"},
"StringLike":{"ec2:ResourceTag/a":"c*"}}}}' >neither.json
check 'nor is one that cannot have both values' 1 'implicitDeny:*' pc -p neither.json --principal $ANN -i $ONE -r eu-west-1 -u x

# --- contradictions and limits ---
contradicts() {
	name=$1
	shift
	check "$name" 2 '' "$@"
	err_like "$name: words" 'policy-check: *cannot be*'
}
contradicts 'two users' seed -u ec2-user -c ec2:osuser=root
contradicts 'two values of a key that has one' seed -c ec2:osuser=ec2-user -c EC2:osuser=root
contradicts 'two values of a tag' seed -u ec2-user -t Env=a -t Env=b
contradicts 'a tag and its key' seed -u ec2-user -t Env=a -c aws:ResourceTag/Env=b
contradicts 'a tag and its other key' seed -u ec2-user -t Env=a -c ec2:ResourceTag/env=b
contradicts 'another name than the principal has' seed -u ec2-user -c aws:username=bob
contradicts 'another account than the principal has' seed -u ec2-user -c aws:PrincipalAccount=444455556666
contradicts 'another owner than the resource has' seed -u ec2-user -c aws:ResourceAccount=444455556666
contradicts 'a port without a tunnel' seed -u ec2-user --remote-port 22
contradicts 'two times' seed -u ec2-user --time 2030-01-01 -c aws:EpochTime=5
contradicts 'an address from inside and outside' seed -u ec2-user --source-ip 192.0.2.1 -c aws:SourceVpce=vpce-1
check 'the same said twice is no contradiction' 0 'allowed:*' seed -u ec2-user -c ec2:osuser=ec2-user
refused_words() {
	name=$1 words=$2
	shift 2
	check "$name" 2 '' "$@"
	err_like "$name: words" "policy-check: *$words*"
}
refused_words 'an empty user' 'no OS user' seed -u ''
refused_words 'a user of digits' 'no OS user' seed -u 0
refused_words 'a user that is too long' 'no OS user' seed -u abcdefghijklmnopqrstuvwxyz0123456
refused_words 'a port that is none' 'remote port: *from 1 to 65535' tunnel --remote-port 99999
refused_words 'a port of a key' 'remotePort cannot be '"'22': what is asked for has no such key" seed -u ec2-user --remote-port 22
contradicts 'an address from inside, by the owner of the endpoint,' seed -u ec2-user --source-ip 192.0.2.1 -c aws:VpceAccount=111122223333
refused_words 'port 0' 'from 1 to 65535' tunnel --remote-port 0
refused_words 'a range as an address' 'is an IP address' tunnel --private-ip 10.0.0.0/8
refused_words 'no duration' 'from 1 to 3600' tunnel --max-duration 0
refused_words 'an instance for a tunnel' 'acts on an endpoint' seed -a tunnel
refused_words 'an endpoint for a key' 'acts on an instance' pc -p all.json --principal $ANN -i eice-0123456789abcdef0 -r eu-west-1
refused_words 'a star for a key' 'acts on an instance' pc -p all.json --principal $ANN --resource '*'
refused_words 'an account that is none' '12 digits' seed --account 1
refused_words 'a region that is none' 'needs its region' pc -p seed.json --principal $ANN -i $ONE -r here
refused_words 'another region than the ARN has' 'is not in region' \
	pc -p seed.json --principal $ANN --resource arn:aws:ec2:eu-west-1:111122223333:instance/$ONE -r us-east-1
refused_words 'another account than the ARN has' 'does not belong' \
	pc -p all.json --principal $ANN --resource arn:aws:ec2:eu-west-1:444455556666:instance/$ONE --resource-account 111122223333
refused_words 'two accounts' 'differ' seed --account 111122223333 --resource-account 444455556666
refused_words 'a key without a service' 'is not service:name' seed -c osuser=root
refused_words 'a boundary of root' 'has no permissions boundary' pc -p all.json --boundary all.json --principal arn:aws:iam::111122223333:root -i $ONE -r eu-west-1
refused_words 'a session policy of a user' 'has no session policy' seed --session-policy all.json
refused_words 'lint beside a boundary, which it does not look at' 'FILEs only' pc --lint -p seed.json --boundary all.json
refused_words 'validation beside a principal' 'FILEs only' pc --validate -p seed.json --principal $ANN
refused_words 'a severity without lint' 'belong to' seed --fail-on high
refused_words 'a kind of policy without lint' 'belong to' seed --policy-type scp
refused_words 'an expectation of a table' 'one decision' seed --what-users --expect denied
refused_words 'an expectation of lint' 'one decision' pc --lint seed.json --expect denied
refused_words 'an empty list of users' 'not a list of names' seed --users ''
refused_words 'a list of users with a gap' 'not a list of names' seed --users root,,ann
refused_words 'a tag for lint' 'FILEs only' pc --lint seed.json -t Env=dev
refused_words 'a context for lint' 'FILEs only' pc --lint seed.json -c aws:SourceIp=192.0.2.1
refused_words 'an action for validate' 'FILEs only' pc --validate seed.json -a serial
refused_words 'the principals of a serial console' 'only push' pc --what-principals account.json -i $ONE -r eu-west-1 -a serial
refused_words 'one user of all of them' 'all of them' seed --what-users -u root
refused_words 'several instances and one decision' 'table' seed -i $TWO -u root
refused_words 'several instances and a batch' 'table' seed -i $TWO --batch cases
refused_words 'principals beside a principal' 'from its file' seed --what-principals account.json
refused_words 'a batch where the policy was read' 'can be read once' \
	sh -c "'$EICBOX' policy-check -p - --principal $ANN -i $ONE -r eu-west-1 --batch - <seed.json"
refused_words 'a resource in another partition' 'another partition' \
	pc -p all.json --principal $ANN --resource arn:aws-us-gov:ec2:us-gov-west-1:111122223333:instance/$ONE
refused_words 'a region of another partition' 'another partition' pc -p all.json --principal $ANN -i $ONE -r cn-north-1
check 'but not for a principal of that' 0 'allowed:*arn:aws-cn:ec2:cn-north-1:*' \
	pc -p all.json --principal arn:aws-cn:iam::111122223333:user/ann -i $ONE -r cn-north-1 -u x
refused_words 'the users of a tunnel' 'only push' tunnel --what-users
echo '{"ec2:osuser":["a","b"]}' >two.json
refused_words 'a list for a key that has one value' 'has one value' seed --context-file two.json

# --- explanations ---
check 'a condition is explained' 1 "*Allow seed.json, statement Push*StringEquals ec2:osuser 'ec2-user' | request: 'root' | no: no value matches*" \
	seed -u root --explain
check 'so is the nearest miss' 1 "*nearest misses:*would allow it if ec2:osuser were StringEquals 'ec2-user'*" seed -u root --explain
check 'and the part of the ARN that differs' 1 "*| no: the request's region is 'us-east-1'*" \
	pc -p seed.json --principal $ANN -i $ONE -r us-east-1 -u ec2-user --explain
check 'disputes are told in the help' 0 '*ForAnyValue...IfExists*' pc --explain --help
check 'JSON has all denials' 1 '*"denials": [*"policy": "noroot.json"*"certain": true*"policy": "dev2deny.json"*"certain": false*' sh -c "
sed 's/Allow/Deny/' dev.json >dev2deny.json; '$EICBOX' policy-check -p all.json -p noroot.json -p dev2deny.json --principal $ANN -i $ONE -r eu-west-1 -u root -o json"
check 'JSON names the decision' 1 '*"decision": "implicitDeny"*"key": "ec2:osuser"*"state": "stated"*' seed -u root -o json
check 'and where it was made' 0 '*"policy": "seed.json"*"sid": "Push"*"index": 0*"line": 4*"column": 5*' seed -u ec2-user -o json
check 'and what is missing' 4 '*"undetermined": true*"missingContext": [*"key": "ec2:osuser"*"wouldChange": true*' seed -o json

# --- expectations ---
check 'an expected denial is met' 0 '*' seed -u root --expect denied
check 'its kind counts' 1 '*' seed -u root --expect explicitDeny
check 'an expected permission is not met' 1 '*' seed -u root --expect allowed
check 'an open answer meets nothing' 4 '*' seed --expect allowed

# --- tables ---
check 'the users of a policy are asked about' 0 'root *implicitDeny*ec2-user *allowed*anyone else *implicitDeny*' seed --what-users
check 'push may be written out' 0 'root *implicitDeny*' seed --what-users -a ec2-instance-connect:SendSSHPublicKey
check 'a pattern stands for its users' 0 'root *implicitDeny*anyone like dev-\* *allowed*anyone else *implicitDeny*' sh -c "sed 's/StringEquals/StringLike/;s/ec2-user/dev-*/' \
	seed.json >dev2.json; '$EICBOX' policy-check -p dev2.json --principal $ANN -i $ONE -r eu-west-1 --what-users"
cat >patterns.json <<'END'
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2-instance-connect:SendSSHPublicKey","Resource":"*",
"Condition":{"StringLike":{"ec2:osuser":["dev-*","?oot"]}}},{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"ec2:osuser":"*-x"}}}]}
END
check 'patterns are asked about together' 0 'root *allowed*
anyone like dev-\* and \*-x explicitDeny*
anyone else *implicitDeny*' pc -p patterns.json --principal $ANN -i $ONE -r eu-west-1 --what-users
check 'JSON tells names from patterns' 0 '*"user": "root",
 *"kind": "name",
 *"patterns": \[\],*"user": "anyone like dev-\* and \*-x",
 *"kind": "pattern",
 *"patterns": \[
 *"dev-\*",
 *"\*-x"
 *\],*"kind": "anyoneElse",*' pc -p patterns.json --principal $ANN -i $ONE -r eu-west-1 --what-users -o json
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"ec2:osuser":"${aws:ResourceTag/owner}"}}}}' >own.json
check 'each instance has users of its own' 0 "* root *ann *bob *anyone else *
$ONE *implicitDeny *allowed *implicitDeny *implicitDeny *
$TWO *implicitDeny *implicitDeny *allowed *implicitDeny *" \
	pc -p own.json --principal $ANN -r eu-west-1 -i $ONE -t owner=ann -i $TWO -t owner=bob --what-users
check 'a policy that denies root alone leaves everybody else' 0 'root *explicitDeny*anyone else *allowed*' \
	pc -p all.json -p noroot.json --principal $ANN -i $ONE -r eu-west-1 --what-users
check 'several instances make a table' 0 "* root *x *
$ONE *allowed *allowed *
$TWO *implicitDeny *implicitDeny *" \
	pc -p dev.json --principal $ANN -i $ONE -t Env=dev -i $TWO -t Env=prod -r eu-west-1 --users root,x
check 'a tag in front of the instances is one of all' 0 "*$ONE *allowed *
$TWO *allowed *" pc -p dev.json --principal $ANN -t Env=dev -i $ONE -i $TWO -r eu-west-1 --users root
check 'an open table says so' 4 '*undetermined: *aws:ResourceTag/Env*' pc -p dev.json --principal $ANN -i $ONE -r eu-west-1 --what-users

cat >account.json <<'END'
{"UserDetailList":[
 {"UserName":"ann","Arn":"arn:aws:iam::111122223333:user/ann","GroupList":["ops"],"AttachedManagedPolicies":[]},
 {"UserName":"bob","Arn":"arn:aws:iam::111122223333:user/bob","GroupList":[],"AttachedManagedPolicies":[],"Tags":[{"Key":"login","Value":"bob"}],
  "UserPolicyList":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2-instance-connect:*",
   "Resource":"*","Condition":{"StringEquals":{"ec2:osuser":"${aws:PrincipalTag/login}"}}}}}]},
 {"UserName":"eve","Arn":"arn:aws:iam::111122223333:user/eve","GroupList":["ops"],"AttachedManagedPolicies":[],
  "PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/none"}},
 {"UserName":"kim","Arn":"arn:aws:iam::111122223333:user/kim","GroupList":[],
  "AttachedManagedPolicies":[{"PolicyName":"lost","PolicyArn":"arn:aws:iam::aws:policy/lost"}]}],
"GroupDetailList":[{"GroupName":"ops","GroupPolicyList":[],"AttachedManagedPolicies":[{"PolicyName":"push","PolicyArn":"arn:aws:iam::111122223333:policy/push"}]}],
"RoleDetailList":[{"RoleName":"admin","Arn":"arn:aws:iam::111122223333:role/admin","RolePolicyList":[{"PolicyName":"all",
 "PolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D"}],
 "AttachedManagedPolicies":[]}],
"Policies":[{"Arn":"arn:aws:iam::111122223333:policy/push","PolicyVersionList":[{"IsDefaultVersion":false,"Document":{"nonsense":1}},
 {"IsDefaultVersion":true,"Document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2-instance-connect:SendSSHPublicKey","Resource":"*",
  "Condition":{"StringEquals":{"ec2:osuser":["root","ann"]}}}}}]},
 {"Arn":"arn:aws:iam::111122223333:policy/none","PolicyVersionList":[{"IsDefaultVersion":true,"Document":{"Version":"2012-10-17","Statement":[]}}]}]}
END
check 'who may log in as root stands in one table' 4 "*:root  $ONE  may push as root, anyone else
*:user/ann  $ONE  may push as root, ann
*:user/bob  $ONE  may push as bob
*:user/eve  $ONE  may not push
*:user/kim  $ONE  undetermined: *policy arn:aws:iam::aws:policy/lost is not in account.json*
*:role/admin  $ONE  may push as root, anyone else*" pc --what-principals account.json -i $ONE -r eu-west-1
sed '1s/{/{"IsTruncated":true,/' account.json >part.json
check 'a part of an account is refused' 2 '' pc --what-principals part.json -i $ONE -r eu-west-1
err_like 'and told' 'policy-check: part.json: is only a part*'
check 'only service control policies limit the root user' 4 "*:root  $ONE  may push as anyone else
*" pc --what-principals account.json -i $ONE -r eu-west-1 --scp Root=all.json --scp Root=noroot.json
pc --what-principals account.json -i $ONE -r eu-west-1 -o json >account.out
principals=$(tr -d ' \n' <account.out)
none='{"users":[[]],"patterns":[[]],"anyoneElse":false}'
like 'JSON lists the users whom one may log in as' "*:user/ann\",\"resource\":\"$ONE\",\"allowed\":{\"users\":[[]\"root\",\"ann\"],\"patterns\":[[]],\"anyoneElse\":false},\
\"undetermined\":$none,\"missingContext\":[[]],\"problems\":[[]]}*" "$principals"
like 'nobody' "*:user/eve\",\"resource\":\"$ONE\",\"allowed\":$none,*" "$principals"
like 'and why it is not known' "*:user/kim\",\"resource\":\"$ONE\",\"allowed\":$none,\"undetermined\":{\"users\":[[]\"root\"],\"patterns\":[[]],\
\"anyoneElse\":true},\"missingContext\":[[]],\"problems\":[[]\"policyarn:aws:iam::aws:policy/lostisnotinaccount.json\"]}*" "$principals"
# what cannot be looked at of one principal
cat >gaps.json <<'END'
{"UserDetailList":[
 {"Arn":"arn:aws:iam::111122223333:user/bad","UserPolicyList":[
  {"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"nothing","Resource":"*"}]}}]},
 {"Arn":"arn:aws:iam::111122223333:user/lone","GroupList":["gone"]},
 {"Arn":"arn:aws:iam::111122223333:user/tag","UserPolicyList":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Env":"dev","ec2:osuser":"ann"}}}]}}]},
 {"Arn":"arn:aws:iam::111122223333:user/many","UserPolicyList":[{"PolicyName":"own","PolicyDocument":{"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"ec2:osuser":["root",MANY]}}}]}}]}],
"GroupDetailList":[],"RoleDetailList":[],"Policies":[]}
END
sed "s/MANY/$(seq -s, 1 80 | sed 's/[0-9]*/"u&"/g')/" gaps.json >gaps2.json
check 'what is missing of one keeps no other from an answer' 4 "*:user/bad  $ONE  undetermined: root, anyone else (policy own:3:*: action 'nothing' is not service:Name)
*:user/lone  $ONE  undetermined: root, anyone else (group gone is not in gaps2.json)
*:user/tag  $ONE  undetermined: ann (not stated: aws:ResourceTag/Env)
*:user/many  $ONE  may push as root; undetermined: anyone else (ask about some of them with --users: more than 64 *" \
	pc --what-principals gaps2.json -i $ONE -r eu-west-1
check 'what was stated is not asked for' 4 "*:user/tag  $ONE  may push as ann
*" pc --what-principals gaps2.json -i $ONE -r eu-west-1 -t Env=dev
sed 's/"PermissionsBoundaryArn":"[^"]*"//' account.json >unbounded.json
check 'a boundary that is not named is no missing one' 2 '*' pc --what-principals unbounded.json -i $ONE -r eu-west-1
err_like 'and told' 'policy-check: unbounded.json: a name or ARN is missing'
check 'a service control policy counts for all of them' 4 "*:user/ann  $ONE  may push as ann
*:role/admin  $ONE  may push as anyone else*" pc --what-principals account.json -i $ONE -r eu-west-1 --scp Root=all.json --scp Root=noroot.json
refute 'another file is not taken for an account' pc --what-principals seed.json -i $ONE -r eu-west-1

# --- batches ---
cat >cases <<END
{"osUser":"ec2-user"}
{"osUser":"root","expect":"denied"}
{}
{"osUser":"ec2-user","instance":"i-00000000"}
{"principal":"arn:aws:iam::111122223333:root","osUser":"root"}
{"osUser":"x","context":{"aws:SourceIp":"192.0.2.1"},"tags":{"a":"b"},"mfa":"no","sourceIp":"192.0.2.1"}
END
check 'a batch answers line by line' 0 '{"decision":"allowed",*"sid":"Push"*
{"decision":"implicitDeny",*
{"decision":"implicitDeny","undetermined":true,"missingContext":\["ec2:osuser"\]*
{"decision":"implicitDeny"*
{"decision":"allowed"*
{"decision":"implicitDeny"*' seed --batch cases
cat >bad <<'END'
{"osUser":"ec2-user"}
{"osUser":

{"user":"root"}
{"sourceIp":"here"}
{"osUser":"ec2-user"}
END
check 'a bad line has its error in its place' 2 '{"decision":"allowed"*
{"error":"line 1, column 11*","line":2}
{"error":*member '"'user'"'*,"line":4}
{"error":*aws:SourceIp*,"line":5}
{"decision":"allowed"*' seed --batch bad
for length in 262144 300000 600000; do
	{
		echo '{"osUser":"root"}'
		printf '{"osUser":"%*s"}\n' $length x
		echo '{"osUser":"ec2-user"}'
		printf '{"osUser":"%*s"}' $length x
	} >long
	check "a line of $length bytes has, too" 2 '{"decision":"implicitDeny"*
{"error":"a line of more than *","line":2}
{"decision":"allowed"*
{"error":"a line of more than *","line":4}' seed --batch long
	is "and nothing else comes of it ($length)" 4 "$("$EICBOX" policy-check -p seed.json --principal $ANN -i $ONE -r eu-west-1 --batch long | wc -l)"
done
echo '{"osUser":"root","expect":"allowed"}' >unmet
cat >clash <<END
{"osUser":"root","context":{"ec2:osuser":"ann"}}
{"tags":{"Env":"a"},"context":{"ec2:ResourceTag/Env":"b"}}
{"osUser":""}
{"instance":"eice-0123456789abcdef0"}
{"action":"tunnel"}
{"osUser":"ec2-user","action":"serial"}
{"osUser":"ec2-user","time":"2030-01-01","context":{"aws:EpochTime":"5"}}
{"osUser":"ec2-user","resource":"arn:aws:ec2:eu-west-1:444455556666:instance/$ONE","account":"111122223333"}
{"principal":"arn:aws:iam::111122223333:user/bob","context":{"aws:username":"ann"}}
END
check 'contradictions and limits hold for cases' 2 '{"error"*
{"error"*
{"error"*
{"error"*
{"error"*
{"error"*
{"error"*
{"error"*
{"error"*' seed --batch clash
unlike 'of which none is decided' '*decision*' "$out"
printf '{"osUser":"ec2-user"}\n{"osUser":"ec2-user","tags":{"Env":"b"}}\n' >over
check 'what a case states replaces the command line' 0 '{"decision":"allowed"*
{"decision":"allowed"*' seed -u root -t Env=a --batch over
check 'an expectation that is not met is told by the status' 1 '*' seed --batch unmet
check 'the command line expects for all cases' 1 '*' seed -e denied --batch over
check 'a missing batch is an error' 2 '' seed --batch nothing

# --- lint and validation ---
check 'the first policy has no finding' 0 '' pc --lint seed.json
check 'the AWS managed shape has' 1 '*high osuser-unrestricted*' pc --lint all.json
check 'findings have a place' 1 'all.json:1:*: high serial-console-granted: *' pc --lint all.json
check 'a severity can be chosen' 0 '*low missing-version*' sh -c "sed '/Version/d' seed.json >old.json; '$EICBOX' policy-check --lint --fail-on medium old.json"
check 'policies of one principal are looked at together' 1 '*' sh -c "echo '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",
\"Resource\":\"*\",\"Condition\":{\"StringNotEquals\":{\"ec2:osuser\":\"ann\"}}}}' >only.json; '$EICBOX' policy-check --lint all.json only.json"
unlike 'so that a guard in another file counts' '*osuser-*' "$out"
check 'the serial console is found behind NotAction' 1 '*high serial-console-granted*' sh -c "sed 's/\"Action\":\"\*\"/\"NotAction\":\"iam:*\"/' all.json >not.json
'$EICBOX' policy-check --lint not.json"
check 'findings come as JSON' 1 '*"code": "osuser-unrestricted"*"severity": "high"*"line": 1*' pc --lint all.json -o json
check 'the codes are listed' 0 '*osuser-unrestricted*describe-needs-star*' pc --lint --help
check 'a malformed policy is no finding' 2 'empty.json:1:1: high malformed: a policy without Statement' sh -c "echo '{}' >empty.json; '$EICBOX' policy-check --lint empty.json"
cat >faults.json <<'END'
{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":["foo","x:Y","bar"],"Resource":"*"},
{"Effect":"Permit","Action":"*","Resource":"*"},
{"Effect":"Allow","Action":"ec2:SendSSHPublicKey","Resource":"*"}]}
END
printf '{"Version":"2012-10-17",\n"Statement":[}' >cut.json
check 'lint goes on behind what is malformed, in the file and in others' 2 "faults.json:2:29: high malformed: action 'foo' is *
faults.json:2:41: high malformed: action 'bar' is *
faults.json:3:11: high malformed: Effect *
faults.json:4:28: medium unknown-action: 'ec2:SendSSHPublicKey' *
cut.json:2:14: high malformed-json: no JSON value
old.json:1:1: low missing-version: *" pc --lint faults.json cut.json nothing.json old.json
err_like 'and says what it did not look at' 'policy-check: nothing.json: No such file*
policy-check: who could log in is not looked at before all policies can be read'
check 'so does validation' 2 '' pc --validate cut.json faults.json nothing.json
err_like 'with every place' "policy-check: cut.json:2:14: no JSON value
policy-check: faults.json:2:29: *
policy-check: faults.json:2:41: *
policy-check: faults.json:3:11: *
policy-check: nothing.json: No such file*"
check 'a policy is valid' 0 '' pc --validate seed.json
check 'a file that is none is not' 2 '' pc --validate empty.json seed.json
err_like 'and the place is told' 'policy-check: empty.json:1:1: a policy without Statement'
check 'a kind of its own can be valid' 2 '' pc --validate --policy-type resource seed.json

invalid() {
	printf '%s\n' "$3" >invalid.json
	check "$1" 2 '' pc --validate --policy-type "$2" invalid.json
	err_like "$1: its place" "policy-check: invalid.json:$4"
}
V='"Version":"2012-10-17"'
invalid 'a lone star in a resource control policy' rcp "{$V,\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":\"*\"}}" '1:63: *'
invalid 'a short ARN there' rcp "{$V,\"Statement\":{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3\",\"Principal\":\"*\"}}" '1:81: *'
invalid 'a resource that is no ARN' identity "{$V,\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"i-*\"}}" '1:79: *'
invalid 'an action of nothing' identity "{$V,\"Statement\":{\"Effect\":\"Allow\",\"Action\":\":\",\"Resource\":\"*\"}}" '1:64: *'
invalid 'a Sid with a blank' identity "{$V,\"Statement\":{\"Sid\":\"a b\",\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}" '1:44: *'
invalid 'a condition on nothing' identity "{$V,\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"\":true}}}}" '1:104: *'
invalid 'a variable without its end' identity "{$V,\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"arn:aws:ec2:*:*:instance/\${a\"}}" '1:79: *'
invalid 'a principal that is none' resource "{$V,\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":{\"AWS\":\"ann\"}}}" '1:102: *'
invalid 'two policies in one envelope' identity '{"PolicyDocument":{},"Document":{}}' '1:1: two policies*'

# --- an answer that nobody can read is none ---
full() {
	name=$1
	shift
	check "$name is no answer on a full disk" 2 '' sh -c 'exec "$@" >/dev/full' sh "$EICBOX" policy-check "$@"
	err_like "$name: said" 'policy-check: standard output: *No space left*'
}
full 'a denial' -p seed.json --principal $ANN -i $ONE -r eu-west-1 -u root
full 'a permission' -p seed.json --principal $ANN -i $ONE -r eu-west-1 -u ec2-user
full 'a table' -p seed.json --principal $ANN -i $ONE -r eu-west-1 --what-users
full 'an account' --what-principals account.json -i $ONE -r eu-west-1
full 'a batch' -p seed.json --principal $ANN -i $ONE -r eu-west-1 --batch cases
full 'a list of findings' --lint all.json

# --- what is refused ---
refused() {
	check "$1" 2 '' pc -p "$2" --principal $ANN -i $ONE -r eu-west-1 -u x
	err_like "$1: words" "policy-check: $2:$3"
}
echo '{"Statement":[],}' >comma.json
refused 'JSON that is not JSON' comma.json '1:17: *'
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}' >twice.json
refused 'a member that stands twice' twice.json '1:55: *'
echo '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}}' >op.json
refused 'an operator that does not exist' op.json "1:96: there is no condition operator 'StringIs'"
check 'a missing file' 2 '' pc -p nothing.json --principal $ANN -i $ONE -r eu-west-1
check 'no principal' 2 '' pc -p seed.json -i $ONE -r eu-west-1
check 'no instance' 2 '' pc -p seed.json --principal $ANN
check 'no region' 2 '' pc -p seed.json --principal $ANN -i $ONE
check 'an instance id that is none' 2 '' pc -p seed.json --principal $ANN -i i-xyz -r eu-west-1
check 'a principal that is none' 2 '' pc -p seed.json --principal ann -i $ONE -r eu-west-1
check 'a key of the wrong type' 2 '' seed --source-ip here
err_like 'is told' 'policy-check: source IP: aws:SourceIp is an IP address, and *here* is none*'
check 'a tag without a value' 2 '' seed --tag Env
check 'an action that is none' 2 '' seed -a login
check 'an expectation that is none' 2 '' seed --expect yes
check 'an unknown format' 2 '' seed -o yaml
check 'a resource policy of an instance' 2 '' seed -u x --resource-policy all.json
check 'two modes at once' 2 '' seed --lint --what-users
done_testing
