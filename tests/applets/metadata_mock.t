#!/bin/sh
# metadata_mock.t - the metadata service and the service, asked by curl, which shares no code with us
. "${0%/*}/../lib.sh"

instance=i-0123456789abcdef0
keys=meta-data/managed-ssh-keys
target=AWSEC2InstanceConnectService.SendSSHPublicKey
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'
admin=AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
operator=AKIAI44QH8DHBEXAMPLE:je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY

# mock OPTION...: starts one on a free port; sets $pid, $log and $url
mock() {
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" "$@"
	wait_for 20 grep -q ready "$log" || {
		note "$(cat "$log")"
		return 1
	}
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

# get PATH CURL-OPTION...: sets $status, $head and $body
get() {
	path=$1
	shift
	status=$(curl -s --path-as-is -m 10 -D "$tmp/head" -o "$tmp/body" -w '%{http_code}' "$@" "$url$path")
	head=$(tr -d '\r' <"$tmp/head")
	body=$(cat "$tmp/body" 2>/dev/null)
	rm -f "$tmp/body"
}

# statuses NAME EXPECTED PATH CURL-OPTION...
statuses() {
	name=$1 expected=$2
	shift 2
	get "$@"
	is "$name" "$expected" "$status"
}

# call KEY BODY CURL-OPTION...: one SendSSHPublicKey, signed by curl
call() {
	key=$1 data=$2
	shift 2
	get / --aws-sigv4 "${scope:-aws:amz:us-east-1:ec2-instance-connect}" --user "$key" -H "X-Amz-Target: $target" \
		-H 'Content-Type: application/x-amz-json-1.1' -d "$data" "$@"
}

push() {
	printf '{"InstanceId":"%s","InstanceOSUser":"%s","SSHPublicKey":"%s"}' "${3:-$instance}" "$1" "${2:-$line}"
}

# refused NAME TYPE BODY...: the call fails with that type
refused() {
	name=$1 type=$2
	shift 2
	call "$admin" "$@"
	like "$name" "400 *\"__type\":\"$type\"*" "$status $body"
}

# --- starting

check 'an unknown option is wrong usage' 2 '' "$EICBOX" metadata-mock --nonsense
check 'an argument is wrong usage' 2 '' "$EICBOX" metadata-mock word
check 'an address that others can reach needs --expose' 2 '' "$EICBOX" metadata-mock --listen 0.0.0.0:0 --state "$tmp/state"
err_like 'and the line says so' '*--expose*'
check 'every other listener, too' 2 '' "$EICBOX" metadata-mock --api-listen 0.0.0.0:0 --state "$tmp/state"
err_like 'in the same words' 'metadata-mock: listen: 0.0.0.0:0: *--expose*'
check 'so does one of them that is written as IPv6' 2 '' "$EICBOX" metadata-mock --listen '[::ffff:192.0.2.1]:0' --state "$tmp/state"
err_like 'in the same words' 'metadata-mock: listen: \[::ffff:192.0.2.1]:0: *--expose*'
check 'a key that lives no second is wrong usage' 2 '' "$EICBOX" metadata-mock --key-ttl 0
err_like 'in the words of all options' 'metadata-mock: option --key-ttl: 0 is not between 1 and *
Try *metadata-mock --help*'
check 'a time that is none is wrong usage' 2 '' "$EICBOX" metadata-mock --spot-time noon
err_like 'of this option' 'metadata-mock: option --spot-time: "noon" *Try *'
for o in --spot-time=2030-01-02T03:04:05Z --event-state=active --event-not-before=2030-01-02T03:04:05Z --event-not-after=2030-01-02T03:04:05Z \
	--event-deadline=2030-01-02T03:04:05Z; do
	check "${o%=*} without an event is wrong usage" 2 '' timeout 10 "$EICBOX" metadata-mock --listen 127.0.0.1:0 "$o"
	err_like 'because nothing would be seen of it' "metadata-mock: option ${o%=*}: does nothing without --*"
done
check 'an event of another kind is wrong usage' 2 '' "$EICBOX" metadata-mock --spot-action explode
err_like 'and the kinds are told' 'metadata-mock: option --spot-action: "explode" is none of terminate stop hibernate
*'
check 'a question is no fault' 2 '' timeout 10 "$EICBOX" metadata-mock --listen 127.0.0.1:0 --fault show
err_like 'and where to ask is said' 'metadata-mock: option --fault: "show" is for --control*'
check 'a fault that is none is wrong usage' 2 '' "$EICBOX" metadata-mock --fault nonsense
err_like 'of that option' 'metadata-mock: option --fault: *Try *'
for o in cloudtrail cloudtrail-dir; do
	check "--$o that cannot be written fails at the start" 1 '' timeout 10 "$EICBOX" metadata-mock \
		--listen 127.0.0.1:0 --$o /dev/null/trail
	err_like 'with a line that names it' "metadata-mock: option --$o: /dev/null*"
done
check 'the help tells the statuses' 0 '*Exit status: 0 *1 failed, 2 wrong usage*' "$EICBOX" metadata-mock --help
case $("$EICBOX" push --help) in
*--ca-bundle*) ;;
*)
	check 'a build without TLS does not know --tls-listen' 2 '' "$EICBOX" metadata-mock --tls-listen 127.0.0.1:0
	err_like 'by its name' 'metadata-mock: no option --tls-listen*'
	unlike 'nor its help' '*tls-listen*' "$("$EICBOX" metadata-mock --help)"
	;;
esac
check 'a configuration that is not there fails' 1 '' "$EICBOX" metadata-mock --config "$tmp/nothing"
check 'an address that is none is wrong usage' 2 '' "$EICBOX" metadata-mock --listen localhost:http --state "$tmp/state"

mock --cloudtrail "$tmp/trail" --ca-out "$tmp/ca.pem" --key-ttl 600 --control "$tmp/control"
mock_pid=$pid
main=$url
like 'the ready line names address and instance' "*ready at http://127.0.0.1:[0-9]* for $instance in us-east-1*" "$(cat "$log")"
like 'then come lines to paste' "*
export AWS_ACCESS_KEY_ID=${admin%%:*} AWS_SECRET_ACCESS_KEY=${admin#*:} AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ENDPOINT_URL=$url
export AWS_EC2_METADATA_SERVICE_ENDPOINT=$url/" "$(cat "$log")"
like 'the root says what it is' '*not AWS*' "$(openssl x509 -in "$tmp/ca.pem" -noout -subject)"
is 'the keys of the state folder are private' '600' "$(stat -c %a "$tmp/state/root.key")"
is 'the state folder is private' '700' "$(stat -c %a "$tmp/state")"

mock --listen '[::ffff:127.0.0.1]:0'
like 'an IPv4 address that is written as IPv6 is that address' '*ready at http://127.0.0.1:*[0-9] http://127.0.0.1:[0-9]*' "$(cat "$log")"
stop "$pid"
url=$main

chmod 777 "$tmp/state"
check 'a state folder that others may write to is refused' 1 '' "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state"
err_like 'with words' 'metadata-mock: */state: must be yours, and writable for nobody else (chmod 700)'
chmod 700 "$tmp/state"

# --- tokens

statuses 'a token without a lifetime is refused' 400 /latest/api/token -X PUT
ttl='X-aws-ec2-metadata-token-ttl-seconds'
for bad in 0 21601 -1 x '' 1.5 ' '; do
	statuses "a lifetime of '$bad' is refused" 400 /latest/api/token -X PUT -H "$ttl: $bad"
done
statuses 'a forwarded request gets no token' 403 /latest/api/token -X PUT -H "$ttl: 60" -H 'X-Forwarded-For: 10.0.0.1'
statuses 'a dated version gives no token' 403 /2021-07-15/api/token -X PUT -H "$ttl: 60"
statuses 'GET of the token is refused' 405 /latest/api/token
like 'and says what is allowed' '*Allow: OPTIONS, PUT*' "$head"
is 'with an empty body' '' "$body"
statuses 'HEAD of the token is refused' 405 /latest/api/token -I
statuses 'a token is given' 200 /latest/api/token -X PUT -H "$ttl: 60"
token=$body
is 'it has 56 characters' 56 "${#token}"
like 'its lifetime is confirmed' '*X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60*' "$head"
like 'the server is EC2ws' '*Server: EC2ws*' "$head"
statuses 'the longest lifetime is granted' 200 /latest/api/token -X PUT -H "$ttl: 21600"

statuses 'a token reads' 200 /latest/meta-data/instance-id -H "X-aws-ec2-metadata-token: $token"
is 'the instance id' "$instance" "$body"
like 'and is told what is left' '*X-Aws-Ec2-Metadata-Token-Ttl-Seconds: [0-9]*' "$head"
statuses 'a wrong token is refused' 401 /latest/meta-data/instance-id -H "X-aws-ec2-metadata-token: x"
is 'with an empty body' '' "$body"
wrong=AQAEB${token#?????}
statuses 'a token with one changed character is refused' 401 /latest/meta-data/instance-id -H "X-aws-ec2-metadata-token: $wrong"
statuses 'version 1 needs no token' 200 /latest/meta-data/instance-id
statuses 'POST of a path is refused' 405 /latest/meta-data/instance-id -X POST
statuses 'DELETE is refused' 405 /latest/meta-data/instance-id -X DELETE
statuses 'a foreign host name is refused' 403 /latest/meta-data/instance-id -H 'Host: attacker.example'
statuses 'localhost is fine' 200 /latest/meta-data/instance-id -H 'Host: localhost:80'

# --- the tree

for path in /latest/meta-data/instance-id/ //latest//meta-data///instance-id /2021-03-23/meta-data/instance-id \
	/1.0/meta-data/instance-id '/latest/meta-data/instance-id?x=y'; do
	get "$path"
	is "$path is the instance id" "200 $instance" "$status $body"
done
for path in /latest/nothing /latest/meta-data/nothing /latest/meta-data/instance-id/more /2031-01-01/meta-data /latest/meta \
	/latest/meta-data/instance-i /latest/user-data /2009-04-04/meta-data/managed-ssh-keys/ /latest/meta-data/\*; do
	statuses "$path is not there" 404 "$path"
done
like 'with a page that says so' '*<h1>404 - Not Found</h1>*' "$body"
for path in /latest/%2e%2e/meta-data /latest/../meta-data /latest/meta-data%2finstance-id /latest/%00 /latest/%zz /latest/%0a; do
	statuses "$path is a bad request" 400 "$path"
done
get /latest/
is 'the top of a version' 'dynamic
meta-data' "$body"
get /latest/meta-data/
like 'the listing has folders with a slash' '*
managed-ssh-keys/
metrics/*' "$body"
is 'the listing without the slash is the same' "$body" "$(curl -s "$url/latest/meta-data")"
get /latest/meta-data/public-keys/
is 'public keys are listed by number' '0=demo' "$body"
get /latest/meta-data/public-keys/0/openssh-key
like 'and read' 'ssh-ed25519 *' "$body"
statuses 'a public key that is not there' 404 /latest/meta-data/public-keys/1/openssh-key
mac=$(curl -s "$url/latest/meta-data/mac")
get "/latest/meta-data/network/interfaces/macs/$mac/"
like 'an interface is a folder' '*
ipv4-associations/*' "$body"
statuses 'an interface that is not there' 404 /latest/meta-data/network/interfaces/macs/00:00:00:00:00:00/mac
get /latest/meta-data/iam/security-credentials/app
like 'the role has credentials' '*"AccessKeyId" : "ASIA*"Expiration" : *' "$body"
get /latest/meta-data/instance-id -I
like 'HEAD has the length' '*Content-Length: 19*' "$head"

# --- keys

get "/latest/$keys/"
is 'without a key there is no active-keys/' 'signer-cert
signer-ocsp/' "$body"
statuses 'a user without a key' 404 "/latest/$keys/active-keys/ec2-user/"
call "$admin" "$(push ec2-user)"
like 'a push succeeds' '200 {"RequestId":"*","Success":true}' "$status $body"
like 'its id stands in the head too' "*x-amzn-RequestId: $(printf '%s' "$body" | cut -c 15-50)*" "$head"
statuses 'the key is there' 200 "/latest/$keys/active-keys/ec2-user/"
like 'as a block' "#Timestamp=*
#Instance=$instance
#Caller=arn:aws:iam::111122223333:user/admin
#Request=*
$line
*" "$body"
statuses 'HEAD says so too' 200 "/latest/$keys/active-keys/ec2-user/" -I
get "/latest/$keys/active-keys/"
is 'its user is listed' ec2-user "$body"
statuses 'another user has no key' 404 "/latest/$keys/active-keys/root/"
call "$admin" "$(push ec2-user)"
get "/latest/$keys/active-keys/ec2-user"
is 'a second push adds a second block' 2 "$(printf '%s\n' "$body" | grep -c '^#Timestamp')"
"$EICBOX" metadata-mock --control "$tmp/control" clock 500
statuses 'during its life a key stays' 200 "/latest/$keys/active-keys/ec2-user"
"$EICBOX" metadata-mock --control "$tmp/control" clock 601
statuses 'after it the key is gone' 404 "/latest/$keys/active-keys/ec2-user"
"$EICBOX" metadata-mock --control "$tmp/control" clock 0

like 'the push is in the trail' '*"eventName":"SendSSHPublicKey"*"osUser":"ec2-user"*' "$(head -n 1 "$tmp/trail")"
is 'each push once' 2 "$(grep -c '"eventName":"SendSSHPublicKey"' "$tmp/trail")"
ok 'each record is JSON' perl -MJSON::PP -ne 'decode_json($_)' "$tmp/trail"

# --- pushes that are refused

refused 'no body' SerializationException ''
refused 'a body that is no JSON' SerializationException '{"InstanceId":'
refused 'a body that is a list' SerializationException '[]'
refused 'a number for an id' SerializationException '{"InstanceId":1,"InstanceOSUser":"a","SSHPublicKey":"x"}'
refused 'a missing id' InvalidArgsException '{"InstanceOSUser":"a","SSHPublicKey":"x"}'
refused 'a missing user' InvalidArgsException '{"InstanceId":"i-0123456789abcdef0","SSHPublicKey":"x"}'
refused 'an id of another kind' InvalidArgsException "$(push a "$line" mi-0123456789abcdef0)"
like 'is said as AWS says it' '*Value * at *instanceId* failed to satisfy constraint: Member must satisfy regular expression pattern: *' "$body"
refused 'an empty user' InvalidArgsException "$(push '')"
refused 'a user of digits' InvalidArgsException "$(push 12)"
refused 'a user with a NUL behind it' SerializationException "$(push 'a\u0000b')"
refused 'a user with a slash' InvalidArgsException "$(push a/b)"
refused 'a user of 33 characters' InvalidArgsException "$(push aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)"
refused 'a key that is too short' InvalidArgsException "$(push a 'ssh-ed25519 AAAA')"
refused 'a key that is none' InvalidArgsException "$(push a "$(printf '%080d' 0)")"
refused 'a key with an option' InvalidArgsException "$(push a "restrict $line")"
refused 'two keys' InvalidArgsException "$(push a "$line\\n$line")"
refused 'an ECDSA key' InvalidArgsException "$(push a 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKu8eD/AxoW6MQ1yYGbEdNYmB6vdO2NLYm/xS3aX24P1w/H4xX4n4NVbYyIHZfwXJDJmb0SDp3X9n4lcoGgzCRk=')"
like 'is said as AWS says it' '*SSH Public key is invalid*' "$body"
refused 'an instance that is not there' EC2InstanceNotFoundException "$(push a "$line" i-0fffffffffffffff0)"
refused 'a zone it is not in' EC2InstanceNotFoundException \
	'{"InstanceId":"'$instance'","InstanceOSUser":"a","SSHPublicKey":"'"$line"'","AvailabilityZone":"us-east-1b"}'
refused 'a zone that is none' InvalidArgsException \
	'{"InstanceId":"'$instance'","InstanceOSUser":"a","SSHPublicKey":"'"$line"'","AvailabilityZone":"here there"}'
refused 'an empty zone' InvalidArgsException '{"InstanceId":"'$instance'","InstanceOSUser":"a","SSHPublicKey":"'"$line"'","AvailabilityZone":""}'
is 'nothing of that left a key' 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url/latest/$keys/active-keys/a")"

# --- signatures that are refused

call AKIAUNKNOWNUNKNOWN00:secretsecretsecret "$(push a)"
recorded=$(wc -l <"$tmp/trail")
like 'an unknown key' '400 *UnrecognizedClientException*' "$status $body"
call "${admin}x" "$(push a)"
like 'a wrong secret' '400 *InvalidSignatureException*The request signature we calculated*' "$status $body"
scope=aws:amz:us-east-1:ec2 call "$admin" "$(push a)"
like 'another service in the scope' '400 *InvalidSignatureException*correct service*' "$status $body"
scope=aws:amz:nowhere:ec2-instance-connect call "$admin" "$(push a)"
like 'a region that is none' '400 *InvalidSignatureException*valid region*' "$status $body"
scope=aws:amz:eu-west-1:ec2-instance-connect call "$admin" "$(push a)"
like 'another region' '400 *EC2InstanceNotFoundException*' "$status $body"
get / -X POST -H "X-Amz-Target: $target" -d "$(push a)"
like 'no signature' '400 *MissingAuthenticationTokenException*' "$status $body"
get / -X POST -H "X-Amz-Target: $target" -H 'Authorization: AWS4-HMAC-SHA256 Credential=x' -d "$(push a)"
like 'half a signature' '400 *IncompleteSignatureException*' "$status $body"
get / -X POST -H "X-Amz-Target: AWSEC2InstanceConnectService.Nothing" -d "$(push a)"
like 'an unknown operation' '400 *UnknownOperationException*' "$status $body"
call "$admin" "$(push a)" -H 'X-Amz-Date: 20150830T123600Z'
like 'an old date' '400 *InvalidSignatureException*Signature expired: 20150830T123600Z is now earlier than *' "$status $body"
call "$admin" "$(push a)" -H 'X-Amz-Date: 20990830T123600Z'
like 'a date to come' '400 *InvalidSignatureException*Signature not yet current*' "$status $body"
is 'of calls whose identity is not proven the trail says nothing' "$((recorded + 1))" "$(wc -l <"$tmp/trail")"
like 'only of the one whose signature was right' '*"userName":"admin"*"errorCode":"EC2InstanceNotFoundException"*' "$(tail -n 1 "$tmp/trail")"

# --- stopping, and starting again

stop "$mock_pid"
ok 'SIGTERM ends it' test ! -e "/proc/$mock_pid"
cp "$tmp/ca.pem" "$tmp/ca.before"
mock --ca-out "$tmp/ca.pem" --imdsv2-only -v
ok 'the root is the same after a restart' cmp "$tmp/ca.before" "$tmp/ca.pem"
statuses 'version 1 can be refused' 401 /latest/meta-data/instance-id
like 'the access log has the request' '*"GET /latest/meta-data/instance-id" 401 0*' "$(cat "$log")"
call "$operator" "$(push root)"
like 'and why a call failed' '*metadata-mock: SendSSHPublicKey: AccessDeniedException: User: *:user/operator is not authorized to perform: *' "$(cat "$log")"
stop "$pid"

# --- the README's lines for CI, as they stand there

mkdir "$tmp/bin" && ln -s "$EICBOX" "$tmp/bin/metadata-mock" && ln -s "$EICBOX" "$tmp/bin/push" && echo "$line" >"$tmp/key.pub"
sed -n '/^In CI, without root/,/^In a container/s/^    //p' "$TOP/README.md" >"$tmp/recipe"
echo 'push --instance-id '$instance' --instance-os-user ec2-user --ssh-public-key file://key.pub; status=$?; kill $!; exit $status' >>"$tmp/recipe"
check 'the recipe for CI works as it stands' 0 '*"Success": true*' env PATH="$tmp/bin:$PATH" sh -c 'cd "$1" && . ./recipe' sh "$tmp"

# --- a trail that fills its disk

start sh -c "trap '' XFSZ; ulimit -f 8; exec '$EICBOX' metadata-mock --listen 127.0.0.1:0 --state '$tmp/state' --cloudtrail '$tmp/short'"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
for i in 1 2 3 4 5 6 7 8 9; do
	call "$admin" "$(push full$i)"
done
is 'where records find no room, calls go on' 200 "$status"
like 'a warning is said' '*metadata-mock: trail: *short: *' "$(cat "$log")"
ok 'and what is written is whole' perl -MJSON::PP -e 'while (<>) { decode_json($_); $n++ } exit !$n' "$tmp/short"
stop "$pid"

# --- a world of one's own

cat >"$tmp/world.json" <<END
{"accounts": [{"id": "999988887777", "users": [{"name": "u", "accessKeys": [{"id": "AKIAUUUUUUUUUUUUUUUU", "secret": "0123456789012345678901234567890123456789"}],
  "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}],
  "instances": [{"id": "i-00000001", "zone": "eu-central-1b", "userData": "#!/bin/sh\n"},
                {"id": "i-00000002", "state": "stopped", "zone": "eu-central-1b"},
                {"id": "i-00000003", "state": "pending", "zone": "eu-central-1b"},
                {"id": "i-00000004", "imds": "127.0.0.1:0", "zone": "cn-north-1a"}]}]}
END
mock --config "$tmp/world.json"
get /latest/meta-data/placement/region
is 'the region comes from the zone' eu-central-1 "$body"
get /latest/user-data
is 'user data is served' '#!/bin/sh' "$body"
scope=aws:amz:eu-central-1:ec2-instance-connect
own=AKIAUUUUUUUUUUUUUUUU:0123456789012345678901234567890123456789
call $own "$(push a "$line" i-00000002)"
like 'a stopped instance takes no key' '*EC2InstanceStateInvalidException*' "$body"
call $own "$(push a "$line" i-00000003)"
like 'an instance that is starting takes no key' '*EC2InstanceUnavailableException*' "$body"
call $own "$(push a "$line" i-00000004)"
like 'an instance of another region is not found' '*EC2InstanceNotFoundException*' "$body"
call $own "$(push a "$line" i-00000001)"
is 'a running one takes it' 200 "$status"
echo '{"accounts": [' >"$tmp/world.json"
kill -HUP "$pid"
wait_for 5 grep -q 'line 2, column 1' "$log"
like 'a bad file is named with its place' '*world.json: line 2, column 1: *' "$(cat "$log")"
get /latest/meta-data/instance-id
is 'and the old world goes on' i-00000001 "$body"
echo '{"accounts": [{"id": "999988887777", "instances": [{"id": "i-00000008", "imds": "198.51.100.1:80"}]}]}' >"$tmp/world.json"
kill -HUP "$pid"
wait_for 5 grep -q 'not a loopback address' "$log"
like 'an address that may not be served is named' '*198.51.100.1:80: not a loopback address*' "$(cat "$log")"
get /latest/meta-data/instance-id
is 'and does not end the old world' i-00000001 "$body"
echo '{"accounts": [{"id": "999988887777", "instances": [{"id": "i-00000009"}, {"id": "i-00000001"}]}]}' >"$tmp/world.json"
kill -HUP "$pid"
wait_for 5 sh -c "curl -s '$url/latest/meta-data/instance-id' | grep -q i-00000009"
get /latest/meta-data/instance-id
is 'a good one takes its place' i-00000009 "$body"
stop "$pid"

# 65 policies, of which only the last denies
perl -e '
	my $s = q({"Version":"2012-10-17","Statement":{"Effect":"%s","Action":"*","Resource":"*"}});
	printf q({"accounts":[{"id":"999988887777","users":[{"name":"u","accessKeys":[{"id":"AKIAUUUUUUUUUUUUUUUU","secret":"%s"}],"policies":[%s]}],) .
		q("instances":[{"id":"i-00000001","zone":"eu-central-1b"}]}]}), "0123456789" x 4,
		join(",", (map { sprintf $s, "Allow" } 1 .. 64), sprintf($s, "Deny"))' >"$tmp/world.json"
mock --config "$tmp/world.json"
call $own "$(push a "$line" i-00000001)"
like 'with more policies than can be judged nothing is allowed' '500 *ServiceException*more than 64 policies*' "$status $body"
stop "$pid"

done_testing
