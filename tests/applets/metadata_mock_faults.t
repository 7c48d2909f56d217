#!/bin/sh
# metadata_mock_faults.t - what can be made to go wrong, the socket for it, every error of the API, and log files
. "${0%/*}/../lib.sh"

instance=i-0123456789abcdef0
key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'
admin=AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
operator=AKIAI44QH8DHBEXAMPLE:je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY
sock=$tmp/control

serve() {
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --ca-out "$tmp/ca.pem" "$@"
	wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

control() {
	"$EICBOX" metadata-mock --control "$sock" "$@"
}

push() {
	curl -s -m 10 -w ' %{http_code}' --aws-sigv4 aws:amz:us-east-1:ec2-instance-connect --user "${user:-$admin}" \
		-H "X-Amz-Target: AWSEC2InstanceConnectService.${operation:-SendSSHPublicKey}" -H 'Content-Type: application/x-amz-json-1.1' \
		-d '{"InstanceId":"'$instance'","InstanceOSUser":"'"${1:-ec2-user}"'","SSHPublicKey":"'"$key"'"}' "$url/"
}

get() {
	curl -s -m 5 -w ' %{http_code}' "$url/latest/$1"
}

# --- the socket

check 'a control socket that nobody serves' 1 '' control show
serve --control "$sock" --cloudtrail-dir "$tmp/logs" --fault 'on /latest/meta-data/mac status=503 times=1'
is 'the socket is private' 600 "$(stat -c %a "$sock")"
check 'all settings are shown' 0 '*staple good*throttle 0
on /latest/meta-data/mac status=503 times=1' control show
check 'a second mock does not take it over' 2 '' "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --control "$sock"
for bad in nonsense 'staple perhaps' 'wrong-salt maybe' 'clock soon' 'throttle -1' on 'on /x status=99' 'on /x status=abc' 'on /x what' \
	'wrong-salt on please' 'show me' 'clear all' leaf-name off 'off /x' 'off SendSSHPublicKey' 'on /x' 'on /x every=2' 'on /x drop times=0' \
	'on SendSSHPublicKey error=NoSuchException' 'on SendSSHPublickey status=500' 'on /x error=ServiceException' 'on /x delay=' 'clock 99999999999'; do
	check "'$bad' is refused" 1 '' control "$bad"
done
err_like 'with words' 'metadata-mock: fault: *'
check 'a fault that is not there cannot be lifted' 1 '' control off /latest/x
err_like 'by its name' 'metadata-mock: fault: there is none on "/latest/x"'
check 'one that changes nothing is none' 1 '' control on /latest/x times=3
err_like 'and what would is said' 'metadata-mock: fault: /latest/x: this changes nothing; give status=N *'
ok 'a setting is changed' control wrong-salt on
refute 'then to something that it cannot be' control wrong-salt perhaps
like 'and is what it was' '*wrong-salt on*' "$(control show)"
control clear
ok 'the fault of the command line once more' control on /latest/meta-data/mac status=503 times=1

# --- of the metadata service

like 'a fault of the command line works' '* 503' "$(get meta-data/mac)"
like 'as often as it was said' '* 200' "$(get meta-data/mac)"
ok 'a path drops its connections' control on /latest/meta-data/instance-id drop
check 'which curl sees as an empty answer' 52 '*' curl -s -m 5 "$url/latest/meta-data/instance-id"
ok 'a fault is lifted' control off /latest/meta-data/instance-id
is 'and all is well' "$instance 200" "$(get meta-data/instance-id)"
ok 'an answer is cut' control on /latest/meta-data/instance-id cut=3
check 'which curl sees as a partial one' 18 '*' curl -s -m 5 "$url/latest/meta-data/instance-id"
ok 'an answer is late' control on /latest/meta-data/instance-id delay=4000
check 'too late for curl' 28 '*' curl -s -m 1 "$url/latest/meta-data/instance-id"
is 'others are not held up' "10.0.1.4 200" "$(get meta-data/local-ipv4)"
ok 'garbage is served' control on /latest/meta-data/instance-id garbage
unlike 'which is not the id' "$instance*" "$(get meta-data/instance-id | tr -d '\000')"
ok 'a fault of a part' control on /latest/meta-data/placement status=502
ok 'and one of the whole behind it' control on /latest/meta-data status=503
is 'the part has its own' ' 502 503' "$(get meta-data/placement/region)$(get meta-data/mac | sed 's/^ / /')"
control off /latest/meta-data >/dev/null
control on /latest status=504 >/dev/null
is 'in any order' ' 502 504' "$(get meta-data/placement/region)$(get meta-data/mac | sed 's/^ / /')"
control off /latest >/dev/null
control off /latest/meta-data/placement >/dev/null
ok 'a token is refused' control on /latest/api/token status=403
is 'and no token comes' ' 403' "$(curl -s -w ' %{http_code}' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/latest/api/token")"
ok 'the zone becomes a local one' control local-zone on
is 'with its longer name' 'us-east-1-lax-1a 200' "$(get meta-data/placement/availability-zone)"
ok 'everything is lifted' control clear
is 'and the id is right' "$instance 200" "$(get meta-data/instance-id)"

# --- of the signer, judged by openssl

push >"$tmp/.push"
pieces() {
	rm -f "$tmp"/cert?.pem
	curl -s "$url/latest/meta-data/managed-ssh-keys/signer-cert" | awk -v dir="$tmp" '/BEGIN/ { n++ } { print >(dir "/cert" n ".pem") }'
	name=$(curl -s "$url/latest/meta-data/managed-ssh-keys/signer-ocsp/" | head -n 1)
	curl -s "$url/latest/meta-data/managed-ssh-keys/signer-ocsp/$name" | openssl base64 -d -A >"$tmp/staple"
	curl -s "$url/latest/meta-data/managed-ssh-keys/active-keys/ec2-user" | awk 'NF == 0 { exit } { print }' >"$tmp/blob"
	sed -n '/^#/p; /^ssh/p' "$tmp/blob" >"$tmp/signed"
	sed -e '/^#/d' -e '/^ssh/d' "$tmp/blob" | openssl base64 -d -A >"$tmp/signature"
	openssl x509 -pubkey -noout -in "$tmp/cert1.pem" >"$tmp/public"
}
chain() { openssl verify -CAfile "$tmp/ca.pem" -untrusted "$tmp/cert2.pem" "$tmp/cert1.pem"; }
staple() { openssl ocsp -no_nonce -issuer "$tmp/cert2.pem" -cert "$tmp/cert1.pem" -VAfile "$tmp/cert2.pem" -respin "$tmp/staple"; }
signature() {
	openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify "$tmp/public" -signature "$tmp/signature" "$tmp/signed"
}

# with COMMAND: sets the fault, and lifts it before the next
with() {
	control clear >/dev/null
	control "$@" >/dev/null || note "$* was refused"
	pieces
}
with clear
check 'without a fault the chain holds' 0 '*OK' chain
check 'the staple too' 0 '*: good*' staple
check 'and the signature' 0 '*OK*' signature
with expired-leaf on
check 'an expired leaf does not hold' 2 '*' chain
err_like 'because it has expired' '*expired*'
with leaf-name '*.us-east-1.amazonaws.com'
check 'a wildcard is the name' 0 '*CN = \*.us-east-1.amazonaws.com' openssl x509 -noout -subject -in "$tmp/cert1.pem"
with wrong-salt on
check 'a salt of another length does not hold' 1 '*' signature
with wrong-signer on
check 'nor does another signer' 1 '*' signature
with staple revoked
check 'a revoked leaf is said to be' 0 '*: revoked*' staple
with staple unknown
check 'an unknown one too' 0 '*: unknown*' staple
with staple stale
check 'a stale staple warns of its times' 0 '*WARNING: Status times invalid*' staple
with staple missing
is 'a missing staple is not listed' 1 "$(curl -s "$url/latest/meta-data/managed-ssh-keys/signer-ocsp/" | grep -c .)"
with sha256-names on
is 'names can be of SHA-256' 64 "${#name}"
check 'and the staple is still good' 0 '*: good*' staple
control clear

# --- of the API

for error in AuthException InvalidArgsException EC2InstanceNotFoundException EC2InstanceStateInvalidException \
	EC2InstanceUnavailableException ServiceException ThrottlingException EC2InstanceTypeInvalidException \
	SerialConsoleAccessDisabledException SerialConsoleSessionLimitExceededException SerialConsoleSessionUnavailableException \
	SerialConsoleSessionUnsupportedException AccessDeniedException ExpiredTokenException UnrecognizedClientException \
	InvalidSignatureException IncompleteSignatureException MissingAuthenticationTokenException UnknownOperationException \
	SerializationException; do
	control on SendSSHPublicKey "error=$error" >/dev/null
	status=400
	case $error in
	ServiceException | SerialConsoleSessionUnavailableException) status=500 ;;
	esac
	like "$error can be had" "{\"__type\":\"$error\"*} $status" "$(push)"
done
for error in InternalFailure=500 ServiceUnavailable=503 OptInRequired=403 NotAuthorized=400 RequestExpired=400 ValidationError=400 \
	InvalidClientTokenId=403 InvalidAction=400; do
	control on SendSSHPublicKey "error=${error%=*}" >/dev/null
	like "so can what any API answers: ${error%=*}" "{\"__type\":\"${error%=*}\"*} ${error#*=}" "$(push)"
done
control on DescribeInstances error=RequestLimitExceeded >/dev/null
like 'errors can have the names of EC2' '*<Code>RequestLimitExceeded</Code>*503' "$(curl -s -w '%{http_code}' --aws-sigv4 aws:amz:us-east-1:ec2 \
	--user "$admin" --data 'Action=DescribeInstances&Version=2016-11-15' "$url/")"
ok 'an error can have another status' control on SendSSHPublicKey error=ThrottlingException status=429
like 'and keeps its words' '{"__type":"ThrottlingException"*} 429' "$(push)"
ok 'a call can meet a status without words' control on SendSSHPublicKey status=502
is 'as of a broken balancer' ' 502' "$(push balancer)"
is 'and the service was not called' 404 "$(curl -s -o /dev/null -w '%{http_code}' "$url/latest/meta-data/managed-ssh-keys/active-keys/balancer")"
ok 'an answer of the API can be garbage' control on SendSSHPublicKey garbage
unlike 'which is no JSON' '*Success*' "$(push | tr -d '\000')"
ok 'or lost' control on SendSSHPublicKey drop
like 'though the call was made' '* 000' "$(push lost)"
control clear
is 'and its key is there' 200 "$(curl -s -o /dev/null -w '%{http_code}' "$url/latest/meta-data/managed-ssh-keys/active-keys/lost")"
ok 'pushes can be throttled' control throttle 1
like 'to one a second' '*{"__type":"ThrottlingException","Message":"Server is busy! Please retry after a moment."} 400*' \
	"$(for i in 1 2 3 4; do push; done)"
control clear
ok 'the clock can be wrong' control clock 3600
like 'and then nobody else is right' '*InvalidSignatureException*Signature expired*' "$(push)"
told=$(date -d "$(curl -s -I "$url/latest/meta-data/" | sed -n 's/^Date: //p' | tr -d '\r')" +%s)
ahead=$((told - $(date +%s)))
ok "as Date tells: $ahead s ahead" test "$ahead" -gt 3500 -a "$ahead" -le 3600
control clear
# keys of a clock that was set back: sooner or later is a matter of their own expiry
control clock 100
push_skewed() { # the client's clock is that of the mock
	"$EICBOX" push --endpoint-url "$url" --region us-east-1 --instance-id $instance --instance-os-user "$1" --ssh-public-key "file://$tmp/key.pub"
}
printf '%s\n' "$key" >"$tmp/key.pub"
export AWS_ACCESS_KEY_ID=${admin%%:*} AWS_SECRET_ACCESS_KEY=${admin#*:}
ok 'a key is pushed at a later time' push_skewed later
control clock 0
ok 'another one now' push_skewed now
control clock 80
is 'which is the first to go' later "$(curl -s "$url/latest/meta-data/managed-ssh-keys/active-keys/")"
control clear
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
like 'the operator may push for ec2-user' '*true* 200' "$(user=$operator push)"
like 'and for nobody else' '*AccessDeniedException*not authorized to perform: ec2-instance-connect:SendSSHPublicKey*' "$(user=$operator push root)"
like 'nor to the serial console' '*AccessDeniedException*' "$(user=$operator operation=SendSerialConsoleSSHPublicKey push)"

# --- log files

# a folder for each day: there are two when midnight has passed meanwhile
trail=$tmp/logs/AWSLogs/111122223333/CloudTrail/us-east-1
ok 'log files lie where CloudTrail puts them' find "$trail"/????/??/?? -maxdepth 0 -type d
odd=$(find "$trail" -type f | grep -v "^$trail"'/[0-9]*/[0-9]*/[0-9]*/111122223333_CloudTrail_us-east-1_[0-9]*T[0-9]*Z_[0-9a-f]*\.json$')
is 'and are named as it names them' '' "$odd"
check 'each has its Records' 0 'SendSSHPublicKey SendSerialConsoleSSHPublicKey' perl -MJSON::PP -0777 -ne '
	$seen{$_->{eventName}}++ for @{decode_json($_)->{Records}};
	END { print join " ", sort keys %seen }' "$trail"/????/??/??/*.json

stop "$pid"
ok 'the socket goes with the mock' test ! -e "$sock"

# --- the other column of statuses, and TLS

serve --smithy-statuses --fault 'on SendSSHPublicKey error=EC2InstanceUnavailableException' --tls-listen 127.0.0.1:0 --host mock.example
tls_mock=$pid
like "the model's status instead of the live one" '*EC2InstanceUnavailableException* 503' "$(push)"
tls=$(sed -n 's,.* \(https://[^ ]*\) for.*,\1,p' "$log")
check 'TLS under the root' 0 '*UnknownOperationException*' curl -s -m 5 --cacert "$tmp/ca.pem" -X POST -H 'X-Amz-Target: x' "$tls/"
check 'also by name' 0 '*UnknownOperationException*' curl -s -m 5 --cacert "$tmp/ca.pem" --resolve "mock.example:${tls##*:}:127.0.0.1" \
	-X POST -H 'X-Amz-Target: x' "https://mock.example:${tls##*:}/"
check 'not under another name' 60 '' curl -s -m 5 --cacert "$tmp/ca.pem" --resolve "other.example:${tls##*:}:127.0.0.1" "https://other.example:${tls##*:}/"
check 'nor without the root' 60 '' curl -s -m 5 "$tls/"
cat >"$tmp/silent.pl" <<'END'
use IO::Socket::INET;
my @all = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ARGV[0], Timeout => 5) or die } 1 .. 40;
$| = 1;
print "held\n";
sleep 30;
END
start perl "$tmp/silent.pl" "${tls##*:}"
silent=$pid
wait_for 10 grep -q held "$log"
check 'connections that never speak TLS keep nobody out' 0 '*UnknownOperationException*' curl -s -m 5 --cacert "$tmp/ca.pem" -X POST \
	-H 'X-Amz-Target: x' "$tls/"
stop "$silent"
refute 'and no plain HTTP is answered there' curl -s -f -m 5 "http://${tls#https://}/latest/meta-data/"
stop "$tls_mock"

done_testing
