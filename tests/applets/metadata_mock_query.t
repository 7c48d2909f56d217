#!/bin/sh
# metadata_mock_query.t - EC2 and STS of the mock, asked by curl: filters, roles, web identities
. "${0%/*}/../lib.sh"

allow='{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
trust() { # STATEMENTS
	printf '{"Version": "2012-10-17", "Statement": [%s]}' "$1"
}
web='"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"'
arn=arn:aws:iam::111122223333:oidc-provider/id.example/cluster
cat >"$tmp/world.json" <<END
{"accounts": [{"id": "111122223333",
  "users": [{"name": "admin", "accessKeys": [{"id": "AKIAADMINADMINADMIN1", "secret": "adminadminadminadmin"}], "policies": [$allow]},
    {"name": "nobody", "accessKeys": [{"id": "AKIANOBODYNOBODYNOB1", "secret": "nobodynobodynobody"}]}],
  "roles": [
    {"name": "plain", "policies": [$allow]},
    {"name": "partner", "trust": $(trust '{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
      "Condition": {"StringEquals": {"sts:ExternalId": "secret+word"}}}')},
    {"name": "pod", "trust": $(trust '{'"$web"', "Principal": {"Federated": "'$arn'"},
      "Condition": {"StringEquals": {"id.example/cluster:aud": "sts.amazonaws.com"}, "StringLike": {"id.example/cluster:sub": "system:serviceaccount:app:*"}}}')},
    {"name": "denied", "trust": $(trust '{'"$web"', "Principal": {"Federated": "'$arn'"}},
      {"Effect": "Deny", "Principal": {"Federated": "'$arn'"}, "Action": "sts:AssumeRoleWithWebIdentity"}')},
    {"name": "other", "trust": $(trust '{'"$web"', "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/other.example"}}')},
    {"name": "users", "trust": $(trust '{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:*"}')}],
  "instances": [{"id": "i-00000001", "tags": {"Name": "one"}, "publicIp": "198.51.100.7", "ipv6": "2001:db8::7", "hopLimit": 2, "role": "plain"},
    {"id": "i-00000002", "tags": {"team": "blue"}, "state": "stopped", "tokensRequired": true, "kernel": "<&\"k"},
    {"id": "i-00000003", "tags": {"team": "red"}}],
  "endpoints": [{"id": "eice-1"}, {"id": "eice-2", "state": "update-failed"}, {"id": "eice-3", "region": "eu-west-1"}]}]}
END
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json" --cloudtrail "$tmp/trail"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")

# ask SERVICE VERSION PARAMETER...: prints status and answer
ask() {
	service=$1 form="Version=$2"
	shift 2
	set -- $(for p; do printf -- '--data-urlencode %s ' "$p"; done)
	curl -s -m 10 -w '%{http_code} ' -o "$tmp/answer" --aws-sigv4 "aws:amz:us-east-1:$service" --user "${user:-AKIAADMINADMINADMIN1:adminadminadminadmin}" \
		--data "$form" "$@" "$url/"
	cat "$tmp/answer"
}
ec2() { ask ec2 2016-11-15 Action=DescribeInstances "$@"; }
endpoints() { ask ec2 2016-11-15 Action=DescribeInstanceConnectEndpoints "$@"; }
sts() { ask sts 2011-06-15 "$@"; }
ids() { printf '%s' "$1" | sed 's/<instanceId>/\n&/g; s/<instanceConnectEndpointId>/\n&/g' | sed -n 's,^<instance[A-Za-z]*Id>\([^<]*\).*,\1,p' | tr '\n' ' '; }

# --- DescribeInstances

ec2 >"$tmp/all"
is 'without a filter all are described' 'i-00000001 i-00000002 i-00000003' "$(ids "$(cat "$tmp/all")")"
ok 'as XML' perl -e '
	local $/; $_ = <STDIN>; s/^200 <\?xml[^>]*>\s*//; my @open;
	while (m{<(/?)([\w:]+)[^>]*?(/?)>}g) { if ($3) {} elsif (!$1) { push @open, $2 } else { pop(@open) eq $2 or die "$2 at " . pos } }
	die "left: @open" if @open' <"$tmp/all"
like 'with what IMDS was set to' '*<httpTokens>optional</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit>*<httpTokens>required<*' "$(cat "$tmp/all")"
like 'and its profile' '*<iamInstanceProfile><arn>arn:aws:iam::111122223333:instance-profile/plain</arn>*' "$(cat "$tmp/all")"
# filter NAME VALUE IDS
filter() {
	is "filter $1 = $2" "$3" "$(ids "$(ec2 "Filter.1.Name=$1" "Filter.1.Value.1=$2")")"
}
filter tag:team 'blue' 'i-00000002'
filter tag:team '*' 'i-00000002 i-00000003'
filter tag:nothing '*' ''
filter tag-key 'N?me' 'i-00000001'
filter ip-address '*' 'i-00000001'
filter ip-address 198.51.100.7 'i-00000001'
filter ipv6-address '2001:db8::7' 'i-00000001'
filter instance-state-name stopped 'i-00000002'
is 'several values are alternatives' 'i-00000002 i-00000003' "$(ids "$(ec2 Filter.1.Name=tag:team Filter.1.Value.1=blue Filter.1.Value.2=red)")"
is 'several filters all hold' 'i-00000003' "$(ids "$(ec2 Filter.1.Name=tag:team Filter.1.Value.1='*' Filter.2.Name=instance-state-name Filter.2.Value.1=running)")"
is 'a filter without a value lets nothing through' '' "$(ids "$(ec2 Filter.1.Name=ip-address)")"
like 'a filter that is not known is refused' '400 *<Code>InvalidParameterValue</Code>*nonsense*' "$(ec2 Filter.1.Name=nonsense Filter.1.Value.1=x)"
like 'an id that is none' '400 *InvalidInstanceID.Malformed*' "$(ec2 InstanceId.1=x)"
like 'an id that is not there' '400 *InvalidInstanceID.NotFound*' "$(ec2 InstanceId.1=i-00000001 InstanceId.2=i-0ffffff0)"
like 'an id that is far too long' '400 *InvalidInstanceID.Malformed*' "$(ec2 "InstanceId.1=i-$(printf '%01000d' 0)")"
like 'the name of a filter that is far too long' '400 *InvalidParameterValue*' "$(ec2 "Filter.1.Name=$(printf '%01000d' 0)" Filter.1.Value.1=x)"
for n in 0 1 4 -1 x 99999999999; do
	like "a page of $n instances is refused" "400 *<Code>InvalidParameterValue</Code>*Value ( $n ) for parameter maxResults is invalid. Expecting a value greater than 5.*" \
		"$(ec2 "MaxResults=$n")"
done
is 'a page of more than there can be is one of as many as there can be' 'i-00000001 i-00000002 i-00000003' "$(ids "$(ec2 MaxResults=5000)")"
for n in 2 5; do
	like "a page of $n and ids go not together" \
		'400 *<Code>InvalidParameterCombination</Code>*The parameter instancesSet cannot be used with the parameter maxResults*' \
		"$(ec2 InstanceId.1=i-00000001 "MaxResults=$n")"
done
like 'a token that is none is refused' '400 *pagination token*' "$(ec2 NextToken=x)"
is 'endpoints are those of the region' 'eice-1 eice-2' "$(ids "$(endpoints)")"
is 'by their state' 'eice-1' "$(ids "$(endpoints Filter.1.Name=state Filter.1.Value.1=create-complete)")"
is 'by their id' 'eice-2' "$(ids "$(endpoints InstanceConnectEndpointId.1=eice-2)")"
like 'an endpoint that is not there' "400 *<Code>InvalidInstanceConnectEndpointId.NotFound</Code>*eice-0*" \
	"$(endpoints InstanceConnectEndpointId.1=eice-2 InstanceConnectEndpointId.2=eice-0)"
like 'an endpoint of another region' '400 *InvalidInstanceConnectEndpointId.NotFound*' "$(endpoints InstanceConnectEndpointId.1=eice-3)"
like 'the id of an endpoint that is none' '400 *<Code>InvalidInstanceConnectEndpointId.Malformed</Code>*' \
	"$(endpoints InstanceConnectEndpointId.1=i-00000001)"
like 'one endpoint a page' '200 *eice-1*<nextToken>1</nextToken>*' "$(endpoints MaxResults=1)"
is 'and then the next' 'eice-2' "$(ids "$(endpoints MaxResults=1 NextToken=1)")"
like 'no endpoint a page is refused' '400 *InvalidParameterValue*maxResults*' "$(endpoints MaxResults=0)"
like 'nor are there pages of 51' '400 *InvalidParameterValue*Expecting a value less than 50.*' "$(endpoints MaxResults=51)"

# --- DryRun

dry='412 *<Code>DryRunOperation</Code><Message>Request would have succeeded, but DryRun flag is set.</Message>*'
like 'a dry run that would be allowed' "$dry" "$(ec2 DryRun=true)"
like 'is in the trail as what it is' '*"eventName":"DescribeInstances"*"errorCode":"Client.DryRunOperation"*' "$(tail -n 1 "$tmp/trail")"
like 'of endpoints, too' "$dry" "$(endpoints DryRun=true)"
like 'the permission is all that counts' "$dry" "$(ec2 DryRun=true MaxResults=1)"
is 'DryRun=false is none' 'i-00000001 i-00000002 i-00000003' "$(ids "$(ec2 DryRun=false)")"
like 'DryRun=perhaps is refused' '400 *InvalidParameterValue*DryRun*' "$(ec2 DryRun=perhaps)"
like 'a dry run that would be denied' '403 *<Code>UnauthorizedOperation</Code>*' "$(user=AKIANOBODYNOBODYNOB1:nobodynobodynobody ec2 DryRun=true)"

# --- actions that are none

like 'an action of the other API is none' '400 *InvalidAction*' "$(ask ec2 2016-11-15 Action=AssumeRole)"
like 'no action is none' '400 *InvalidAction*' "$(ask ec2 2016-11-15)"

# --- AssumeRole

role() { # NAME PARAMETER...
	name=$1
	shift
	sts Action=AssumeRole RoleArn=arn:aws:iam::111122223333:role/"$name" RoleSessionName=me "$@"
}
like 'a role without a trust policy is for its account' '200 *<AssumedRoleId>AROA*:me</AssumedRoleId>*assumed-role/plain/me*' "$(role plain)"
like 'a role that is not there' '403 *AccessDenied*' "$(role nobody)"
like 'a trust policy can want an external id' '403 *AccessDenied*' "$(role partner)"
like 'another one does not do' '403 *AccessDenied*' "$(role partner ExternalId=secret)"
like 'the right one does' '200 *' "$(role partner ExternalId=secret+word)"
# raw FORM: as it stands
raw() {
	curl -s -m 10 -w ' %{http_code}' --aws-sigv4 "aws:amz:us-east-1:$1" --user AKIAADMINADMINADMIN1:adminadminadminadmin --data "$2" "$url/"
}
like 'an id that cannot be decoded' '*MalformedQueryString* 404' "$(raw ec2 'Version=2016-11-15&Action=DescribeInstances&InstanceId.1=%zz')"
like 'a session policy that cannot be decoded is not left out' '*MalformedQueryString* 404' \
	"$(raw sts 'Version=2011-06-15&Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/plain&RoleSessionName=me&Policy=%7B%zz')"
like 'more parameters than there can be' '*MalformedQueryString* 404' "$(raw ec2 "$(printf 'a&%.0s' $(seq 1024))Action=DescribeInstances")"
like 'a session policy that is none' '400 *MalformedPolicyDocument*' "$(role plain Policy=nonsense)"
like 'managed policies are not known' '400 *ValidationError*PolicyArns*' "$(role plain PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess)"
like 'a session policy that is too long' '400 *ValidationError*2048*' "$(role plain Policy="$(printf '%02049d' 0)")"
like 'a life that is too short' '400 *between 900 and 43200*' "$(role plain DurationSeconds=899)"
like 'no session name' '400 *roleSessionName*' "$(sts Action=AssumeRole RoleArn=arn:aws:iam::111122223333:role/plain)"
like 'no role' '400 *roleArn*' "$(sts Action=AssumeRole RoleSessionName=me)"

# --- AssumeRoleWithWebIdentity: everything but the signature counts

part() {
	printf '%s' "$1" | base64 -w0 | tr '+/' '-_' | tr -d =
}
jwt() { # PAYLOAD
	printf '%s.%s.%s' "$(part '{"alg":"RS256"}')" "$(part "$1")" c2ln
}
later=$(($(date +%s) + 600))
payload() { # SUB AUD [ISS] [EXP]
	printf '{"iss":"https://%s","sub":"%s","aud":%s,"exp":%s}' "${3:-id.example/cluster}" "$1" "$2" "${4:-$later}"
}
identity() { # ROLE TOKEN
	curl -s -m 10 -w '%{http_code} ' -o "$tmp/answer" --data Version=2011-06-15 --data Action=AssumeRoleWithWebIdentity --data RoleSessionName=me \
		--data "RoleArn=arn:aws:iam::111122223333:role/$1" --data "WebIdentityToken=$2" "$url/"
	cat "$tmp/answer"
}
good=$(payload system:serviceaccount:app:x '["sts.amazonaws.com"]')
like 'a web identity that the trust policy names' \
	'200 *<SubjectFromWebIdentityToken>system:serviceaccount:app:x</SubjectFromWebIdentityToken><Provider>id.example/cluster</Provider>*' \
	"$(identity pod "$(jwt "$good")")"
like 'is in the trail as what it is' '*"userIdentity":{"type":"WebIdentityUser","principalId":"id.example/cluster:sts.amazonaws.com:system:serviceaccount:app:x",*"identityProvider":"id.example/cluster"}*"eventName":"AssumeRoleWithWebIdentity"*' \
	"$(tail -n 1 "$tmp/trail")"
# refused NAME ROLE PAYLOAD PATTERN
refused() {
	like "$1" "$4" "$(identity "$2" "$(jwt "$3")")"
}
refused 'another subject' pod "$(payload system:serviceaccount:dev:x '"sts.amazonaws.com"')" '403 *AccessDenied*'
like 'whose denial is in the trail' '*"errorCode":"AccessDenied"*' "$(tail -n 1 "$tmp/trail")"
refused 'another audience' pod "$(payload system:serviceaccount:app:x '"me"')" '403 *AccessDenied*'
refused 'another provider' pod "$(payload system:serviceaccount:app:x '"sts.amazonaws.com"' id.example/other)" '403 *AccessDenied*'
refused 'a provider whose name ends alike' pod "$(payload system:serviceaccount:app:x '"sts.amazonaws.com"' example/cluster)" '403 *AccessDenied*'
refused 'a denial beside the allowance' denied "$good" '403 *AccessDenied*'
refused 'a role that trusts another provider' other "$good" '403 *AccessDenied*'
refused 'a role that trusts users' users "$good" '403 *AccessDenied*'
refused 'a role without a trust policy' plain "$good" '403 *AccessDenied*'
refused 'a role that is not there' nobody "$good" '403 *AccessDenied*'
refused 'a token that has expired' pod "$(payload system:serviceaccount:app:x '"sts.amazonaws.com"' '' 1)" '400 *ExpiredTokenException*'
refused 'a token without an expiry' pod '{"iss":"i","sub":"s","aud":"a"}' '400 *InvalidIdentityToken*'
refused 'a token of nobody' pod '{"iss":"i","aud":"a","exp":'"$later"'}' '400 *InvalidIdentityToken*'
refused 'a token that is a list' pod '[]' '400 *InvalidIdentityToken*'
like 'a token of two parts' '400 *InvalidIdentityToken*' "$(identity pod a.b)"
like 'a token of nonsense' '400 *InvalidIdentityToken*' "$(identity pod a.%25%25.c)"
like 'no token' '400 *InvalidIdentityToken*' "$(identity pod '')"
ok 'the mock lives' kill -0 "$pid"
stop "$pid"

# --- a fleet that does not fit into one answer

perl -e 'printf q({"accounts":[{"id":"111122223333","users":[{"name":"admin","accessKeys":[{"id":"AKIAADMINADMINADMIN1","secret":"%s"}],"policies":[%s]}],"instances":[%s]}]}),
	"admin" x 4, shift, join(",", map { sprintf q({"id":"i-%08x"}), $_ } 1 .. 1000)' "$allow" >"$tmp/world.json"
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
ec2 MaxResults=5 >"$tmp/page"
is 'a page has its size' 'i-00000001 i-00000002 i-00000003 i-00000004 i-00000005' "$(ids "$(cat "$tmp/page")")"
like 'and a token' '*<nextToken>5</nextToken>*' "$(cat "$tmp/page")"
is 'with which the next begins where it ended' 'i-00000006 i-00000007 i-00000008 i-00000009 i-0000000a' "$(ids "$(ec2 MaxResults=5 NextToken=5)")"
ok 'who sets no limit gets more than a hundred' test "$(ids "$(ec2)" | wc -w)" -gt 200
next= seen=0 pages=0
while [ $pages -lt 20 ]; do
	ec2 MaxResults=1000 ${next:+NextToken=$next} >"$tmp/page"
	pages=$((pages + 1)) seen=$((seen + $(ids "$(cat "$tmp/page")" | wc -w)))
	next=$(sed -n 's,.*<nextToken>\([0-9]*\)</nextToken>.*,\1,p' "$tmp/page")
	[ "$next" ] || break
done
is 'a thousand come in pages that have room for them' 1000 "$seen"
# each of them is compared with each filter: what is read once takes milliseconds, and what is read again each time minutes
form=$(perl -e 'print join "&", "Version=2016-11-15", "Action=DescribeInstances", map { "Filter.$_.Name=tag-key&Filter.$_.Value.1=x" } 1 .. 500')
like 'five hundred filters stop nobody' '*<reservationSet></reservationSet>* 200' "$(raw ec2 "$form")"
stop "$pid"

done_testing
