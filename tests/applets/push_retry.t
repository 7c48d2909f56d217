# push_retry.t - what is tried again and what is not, which endpoint is asked, and what people are told to do
. "${0%/*}/../lib.sh"

no_settings
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
export AWS_EC2_METADATA_DISABLED=true
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'
id=i-0123456789abcdef0
mkdir "$tmp/.aws"

server eic

push() {
	"$EICBOX" push -i $id -u ec2-user -k "$line" "$@"
}
export AWS_REGION=us-east-1

requests() {
	ls "$tmp/eic" | grep -c '^request'
}

# tries NAME EXPECTED STATUS CODE OPTION...: how many requests an answer with this code costs
tries() {
	tap_words=$1 tap_expected=$2 tap_before=$(requests)
	printf '@status %s application/x-amz-json-1.1\n{"__type":"%s","Message":"so it is"}' "$3" "$4" >"$tmp/eic/answer"
	shift 4
	check "$tap_words" 1 '' push -e "$url" "$@"
	is "$tap_words: so many requests" "$tap_expected" $(($(requests) - tap_before))
}

tries 'an unknown instance is not tried again' 1 400 EC2InstanceNotFoundException
tries 'whatever the status' 1 404 EC2InstanceNotFoundException
tries 'a denial is not tried again' 1 400 AccessDeniedException
tries 'a bad signature is not tried again' 1 400 InvalidSignatureException
tries 'a bad parameter is not tried again' 1 400 InvalidArgsException
tries 'a status 429 alone is no reason' 1 429 SomethingElse
tries 'throttling is tried three times' 3 400 ThrottlingException
tries 'a fault of the service is tried three times' 3 500 ServiceException
AWS_MAX_ATTEMPTS=2 tries 'AWS_MAX_ATTEMPTS counts' 2 503 ServiceUnavailable
AWS_MAX_ATTEMPTS=1 tries 'one attempt is none again' 1 400 ThrottlingException
AWS_MAX_ATTEMPTS=2 tries 'an instance that boots is tried again, at status 400 too' 2 400 EC2InstanceUnavailableException
printf '[default]\nmax_attempts = 2\n' >"$tmp/.aws/config"
tries 'the profile has a say' 2 400 ThrottlingException
like 'AWS is told of the attempt' '*amz-sdk-request: attempt=2; max=2*' "$(cat "$tmp/eic/request.$(requests)")"
rm "$tmp/.aws/config"
AWS_MAX_ATTEMPTS=0 check 'no attempts are wrong usage' 2 '' push -e "$url"
AWS_RETRY_MODE=often check 'another mode is wrong usage' 2 '' push -e "$url"

n=$(requests)
printf '@status 503 text/plain\nlater' >"$tmp/eic/answer.$((n + 1))"
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"
check 'what works the second time has worked' 0 '*true*' push -e "$url"
is 'with two requests' 2 $(($(requests) - n))

# --- clocks ---
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --fault 'clock 3600' -v
mock_log=$log
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
mock=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
check "AWS's clock is an hour ahead: its time is taken" 0 '*true*' push -e "$mock" --debug
err_like 'after one refusal' '*ahead: once more with its time*'
check 'the mock refuses another key' 1 '' env AWS_SECRET_ACCESS_KEY=wrong "$EICBOX" push -i $id -u ec2-user \
	-k "$line" -r us-east-1 -e "$mock"
err_like 'and what to do is said' '*does not belong to key id AKIAIOSFODNN7EXAMPLE (environment)*'

# --- endpoints, as a dry run shows them ---
at() {
	tap_words=$1 tap_host=$2
	shift 2
	check "$tap_words" 0 "POST / HTTP/1.1*Host: *" push --dry-run "$@"
	is "$tap_words: the host" "$tap_host" "$(printf '%s' "$out" | tr -d '\r' | sed -n 's/^Host: //p')"
}
eic=ec2-instance-connect
at 'the usual endpoint' $eic.us-east-1.amazonaws.com
AWS_REGION=cn-north-1 at 'China' $eic.cn-north-1.amazonaws.com.cn
at 'GovCloud' $eic.us-gov-west-1.amazonaws.com -r us-gov-west-1
at 'the sovereign cloud' $eic.eusc-de-east-1.amazonaws.eu -r eusc-de-east-1
AWS_USE_FIPS_ENDPOINT=true at 'FIPS' $eic-fips.us-east-1.amazonaws.com
AWS_USE_DUALSTACK_ENDPOINT=true at 'dual-stack' $eic.us-east-1.api.aws
AWS_USE_FIPS_ENDPOINT=true AWS_USE_DUALSTACK_ENDPOINT=true at 'both' $eic-fips.us-east-1.api.aws
cat >"$tmp/.aws/config" <<'END'
[default]
endpoint_url = http://profile
services = s
[services s]
ec2_instance_connect =
  endpoint_url = http://service
[profile plain]
endpoint_url = http://profile:8080
[profile broken]
services = none
[profile ignore]
endpoint_url = http://profile
ignore_configured_endpoint_urls = true
END
at "the profile's service" service
AWS_PROFILE=plain at 'the profile' profile:8080
AWS_ENDPOINT_URL=http://env at 'the environment goes before files' env
AWS_ENDPOINT_URL=http://env AWS_ENDPOINT_URL_EC2_INSTANCE_CONNECT=http://special at 'its special variable first' special
AWS_ENDPOINT_URL_EC2_INSTANCE_CONNECT=http://special at 'the option goes before all' '[::1]:81' -e 'http://[::1]:81'
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true AWS_ENDPOINT_URL=http://env at 'all that can be ignored' \
	$eic.us-east-1.amazonaws.com
AWS_PROFILE=ignore at 'by the profile too' $eic.us-east-1.amazonaws.com
check 'a services section that is not there is refused' 2 '' push --dry-run -p broken
AWS_USE_FIPS_ENDPOINT=true check 'FIPS and an endpoint are refused' 2 '' push --dry-run -e http://x
AWS_USE_DUALSTACK_ENDPOINT=true check 'dual-stack and an endpoint are refused' 2 '' push --dry-run -e http://x
rm "$tmp/.aws/config"
AWS_SESSION_TOKEN=very/secret check 'a dry run masks secrets' 0 \
	'*X-Amz-Security-Token: \*\*\*\**Signature=\*\*\*\**"SSHPublicKey":"'"$line"'"*' push --dry-run -z us-east-1a
unlike 'all of them' '*very/secret*' "$out"

# --- what to do ---
says() {
	tap_words=$1 tap_code=$2 tap_advice=$3
	shift 3
	printf '@status 400 application/x-amz-json-1.1\n{"__type":"%s","message":"%s"}' "$tap_code" \
		'User: arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: x on resource: arn:aws:ec2:us-east-1:123456789012:instance/i' >"$tmp/eic/answer"
	AWS_MAX_ATTEMPTS=1 check "$tap_words" 1 '' push -e "$url" "$@"
	err_like "$tap_words: what to do" "push: $id: $tap_code: *
$tap_advice"
}
says 'a denial' AccessDeniedException "needed is ec2-instance-connect:SendSSHPublicKey on arn:aws:ec2:us-east-1:123456789012:instance/$id with ec2:osuser ec2-user
to see why: eicbox policy-check --policy FILE --principal arn:aws:sts::123456789012:assumed-role/r/s --instance $id --region us-east-1 --account 123456789012 --os-user ec2-user --explain"
printf '@status 400 application/json\n%s' '{"__type":"AccessDenied","message":"User: arn:aws:iam::1:user/$(reboot);x is not"}' \
	>"$tmp/eic/answer"
refute 'a denial of somebody with an odd name' push -e "$url"
err_like 'puts nothing of it into a line that people copy' '*--principal ARN --instance*'
says 'no such instance' EC2InstanceNotFoundException \
	'looked in region us-east-1, in the account of key id AKIAIOSFODNN7EXAMPLE (environment)*'
says 'a stopped instance' EC2InstanceStateInvalidException '*start it*'
says 'throttling' ThrottlingException '*--jobs*'
says 'expired credentials' ExpiredTokenException '*(environment) have expired*'
says 'an unknown key id' UnrecognizedClientException '*AKIAIOSFODNN7EXAMPLE*of another partition than aws; *not enabled us-east-1*'
says 'a key type' InvalidArgsException '*ssh-ed25519*'

# --- --cli-input-json ---
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"
input() {
	"$EICBOX" push -r us-east-1 -e "$url" --cli-input-json "$@"
}
printf '{"InstanceId":"%s","InstanceOSUser":"ubuntu","SSHPublicKey":"%s\\n","AvailabilityZone":"us-east-1a"}' \
	$id "$line" >"$tmp/in.json"
check 'parameters can come as JSON' 0 '*true*' input "file://$tmp/in.json"
like 'all of them' "*{\"InstanceId\":\"$id\",\"InstanceOSUser\":\"ubuntu\",\"SSHPublicKey\":\"$line\",\"AvailabilityZone\":\"us-east-1a\"}" \
	"$(cat "$tmp/eic/request.$(requests)")"
check 'options go before them' 0 '*true*' input "$(cat "$tmp/in.json")" -u root -i i-11111111
like 'one by one' '*{"InstanceId":"i-11111111","InstanceOSUser":"root",*' "$(cat "$tmp/eic/request.$(requests)")"
check 'an unknown parameter is refused' 2 '' input '{"Instance":"x"}'
check 'a number for a text is refused' 2 '' input '{"InstanceId":1}'
check 'what is no JSON is refused' 2 '' input nonsense
check 'a list is refused' 2 '' input '[]'
check 'a missing file is refused' 2 '' input "file://$tmp/none"
check 'an empty object lacks the instance' 2 '' input '{}'
done_testing
