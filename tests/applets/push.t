# push.t - what is sent, what is shown, and what is refused before anything is sent
. "${0%/*}/../lib.sh"

no_settings
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
export AWS_EC2_METADATA_DISABLED=true

line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
id=i-1234567890abcdef0
printf '%s me@here\n' "$line" >"$tmp/key.pub"

push() {
	"$EICBOX" push --instance-id $id --instance-os-user ec2-user --ssh-public-key "$tmp/key.pub" \
		--region us-east-1 --endpoint-url "$url" "$@"
}

push_in() {
	"$EICBOX" push -i $id -u ec2-user -k "$tmp/key.pub" -e "$url" -r "$1"
}

server eic
dir=$tmp/eic
printf '@ok application/x-amz-json-1.1\n{"RequestId":"0f1e2d3c","Success":true}' >"$dir/answer"
want='{
    "RequestId": "0f1e2d3c",
    "Success": true
}'
check 'the answer is shown as the AWS CLI shows it' 0 "$want" push
request=$(tr -d '\r' <"$dir/request.1")
like 'a request is a POST of /' 'POST / HTTP/1.1*' "$request"
like 'the operation is named' '*X-Amz-Target: AWSEC2InstanceConnectService.SendSSHPublicKey*' "$request"
like 'these headers are signed' '*SignedHeaders=content-type;host;x-amz-date;x-amz-target, *' "$request"
like 'the scope is signed' '*Credential=AKIDEXAMPLE/*/us-east-1/ec2-instance-connect/aws4_request, *' "$request"
like 'the key is sent without its comment' \
	"*{\"InstanceId\":\"$id\",\"InstanceOSUser\":\"ec2-user\",\"SSHPublicKey\":\"$line\"}" "$request"
check 'text output is one line' 0 '0f1e2d3c	True' push --output text
check 'the key can be given as file://' 0 "$want" "$EICBOX" push -i $id -u ec2-user \
	-k "file://$tmp/key.pub" -r us-east-1 -e "$url"
check 'the key can be given as text' 0 "$want" "$EICBOX" push -i $id -u ec2-user -k "$line x y" -r us-east-1 \
	-e "$url/"

check 'a zone is sent when it is given' 0 "$want" push -z us-east-1a
like 'as AvailabilityZone' '*"AvailabilityZone":"us-east-1a"}' "$(cat "$dir/request.5")"
check 'a local zone is not sent' 0 "$want" push -z us-east-1-dfw-1a
unlike 'whatever the option says' '*AvailabilityZone*' "$(cat "$dir/request.6")"
check 'the serial console has its own operation' 0 "$want" "$EICBOX" push --serial -i $id \
	-k "$tmp/key.pub" -r us-east-1 -e "$url"
like 'and its own parameters' "*SendSerialConsoleSSHPublicKey*{\"InstanceId\":\"$id\",\"SerialPort\":0,*" \
	"$(cat "$dir/request.7")"
AWS_SESSION_TOKEN='the token' check 'a session token with a blank is refused' 1 '' push
err_like 'with the place where it stands' 'push: credentials: environment: credentials with a blank*'
AWS_SESSION_TOKEN=the/token== check 'a session token is sent' 0 "$want" push
like 'and signed' '*SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, *' \
	"$(cat "$dir/request.8")"

# what is refused before anything is sent
sent=8
misuse() {
	tap_words=$1 tap_said=$2
	shift 2
	check "$tap_words is wrong usage" 2 '' "$EICBOX" push -r us-east-1 -e "$url" "$@"
	err_like "$tap_words: the line says so" "push: $tap_said*"
}
k=$tmp/key.pub
misuse 'no option' 'option --instance-id is missing'
misuse 'no user' 'option --instance-os-user is missing' -i $id -k "$k"
misuse 'no key' 'option --ssh-public-key is missing' -i $id -u ec2-user
misuse 'an empty instance id' '*"" is not an instance id' -i '' -u ec2-user -k "$k"
misuse 'an instance id in capitals' '*not an instance id' -i I-1234567890ABCDEF0 -u ec2-user -k "$k"
misuse 'a managed instance id' '*not an instance id' -i mi-1234567890abcdef0 -u ec2-user -k "$k"
misuse 'a short instance id' '*not an instance id' -i i-1234567 -u ec2-user -k "$k"
misuse 'an empty user' '*"" is not a user name' -i $id -u '' -k "$k"
misuse 'a user of digits' '*"123" is not a user name' -i $id -u 123 -k "$k"
misuse 'a user with a slash' '*not a user name' -i $id -u a/b -k "$k"
misuse 'a user of 33 characters' '*not a user name' -i $id -u aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -k "$k"
misuse 'a zone id' '*not a zone' -i $id -u ec2-user -k "$k" -z use1-az1
misuse 'a user of the serial console' '*the serial console has no user' --serial -i $id -u ec2-user -k "$k"
misuse 'a serial port 1' 'option --serial-port*' --serial -i $id -k "$k" --serial-port 1
misuse 'a serial port without --serial' 'option --serial-port*' -i $id -u ec2-user -k "$k" --serial-port 0
misuse 'YAML' '*json or text' -i $id -u ec2-user -k "$k" --output yaml
misuse 'a query' '*--query*no sense*' -i $id -u ec2-user -k "$k" --query x
misuse 'an empty key' 'option --ssh-public-key: empty' -i $id -u ec2-user -k ''
misuse 'a key file without a name' 'option --ssh-public-key: empty' -i $id -u ec2-user -k file://
misuse 'a word of two lines' '"a?b?\[31m": not an option' -i $id -u ec2-user -k "$k" "$(printf 'a\nb\033[31m')"
misuse 'a stray word' '"stray": not an option' -i $id -u ec2-user -k "$k" stray
misuse 'a negative timeout' '*--cli-read-timeout*' -i $id -u ec2-user -k "$k" --cli-read-timeout -1
check 'a region in capitals is wrong usage' 2 '' push_in US-EAST-1

refused_key() {
	tap_words=$1 tap_said=$2 tap_key=$3
	check "$tap_words is refused" 2 '' "$EICBOX" push -i $id -u ec2-user -r us-east-1 -e "$url" -k "$tap_key"
	err_like "$tap_words: the line says why" "push: $tap_said"
}
printf '%s\n' '-----BEGIN OPENSSH PRIVATE KEY-----' 'b3BlbnNzaC1rZXktdjEAAAAA' \
	'-----END OPENSSH PRIVATE KEY-----' >"$tmp/key"
refused_key 'a private key file' "$tmp/key: this is a private key*" "$tmp/key"
refused_key 'a private key as text' '*this is a private key*' "$(cat "$tmp/key")"
for text in "
$(cat "$tmp/key")" " $(cat "$tmp/key")" "$(sed 1d "$tmp/key")"; do
	refused_key 'a private key that is spoiled' '--ssh-public-key: this is a private key*' "$text"
	unlike 'and nothing of it is repeated' '*b3Blbn*' "$err"
done
refused_key 'a missing file' "$tmp/none.pub: *" "$tmp/none.pub"
refused_key 'a missing file of a URL' "$tmp/none.pub: *" "file://$tmp/none.pub"
refused_key 'a directory' "$tmp: *" "$tmp"
printf 'ssh-ed25519 %04100d\n' 0 >"$tmp/long.pub"
refused_key 'a key of more than 4,096 characters' '*longer than 4096 characters' "$tmp/long.pub"
head -c 100000 /dev/zero >"$tmp/huge.pub"
refused_key 'a huge file' "$tmp/huge.pub: *" "$tmp/huge.pub"
: >"$tmp/empty.pub"
refused_key 'an empty file' '*' "$tmp/empty.pub"
printf '%s\n%s\n' "$line" "$line" >"$tmp/two.pub"
refused_key 'a file of two keys' '*' "$tmp/two.pub"
refused_key 'an ECDSA key' '*ecdsa-sha2-nistp256 key: EC2 Instance Connect takes ssh-ed25519 and ssh-rsa*' \
	'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU= x'
refused_key 'a key with damaged base64' '*' 'ssh-ed25519 AAAA= x'
is 'nothing of all that was sent' $sent "$(ls "$dir" | grep -c request)"

# profiles and files
mkdir -p "$tmp/.aws"
cat >"$tmp/.aws/credentials" <<END
[default]
aws_access_key_id = AKIDFILE
aws_secret_access_key = secret

[half]
aws_access_key_id = AKIDHALF
END
cat >"$tmp/.aws/config" <<END
[default]
region = eu-west-1
a line that is no setting

[profile other]
region = us-gov-west-1
aws_access_key_id = AKIDOTHER
aws_secret_access_key = secret
endpoint_url = $url
END
send() {
	"$EICBOX" push -i $id -u ec2-user -k "$k" "$@"
}
credential() {
	sed -n 's/.*Credential=\([^,]*\),.*/\1/p' "$dir/request.$1" | sed 's#/20......##'
}
check 'the environment goes before the files' 0 "$want" send -e "$url"
is 'with its keys, and the region of the file' AKIDEXAMPLE/eu-west-1/ec2-instance-connect/aws4_request \
	"$(credential 9)"
err_like 'a bad line is named' "*$tmp/.aws/config: line 3: *"
check '--profile goes before the environment' 0 "$want" send -p other
is 'with its keys, region and endpoint' AKIDOTHER/us-gov-west-1/ec2-instance-connect/aws4_request \
	"$(credential 10)"
AWS_PROFILE=other check 'AWS_PROFILE does not' 0 "$want" send
is 'only its region counts' AKIDEXAMPLE/us-gov-west-1/ec2-instance-connect/aws4_request "$(credential 11)"
check '--region goes before the files' 0 "$want" send -e "$url" -r ap-south-1
is 'and is signed' AKIDEXAMPLE/ap-south-1/ec2-instance-connect/aws4_request "$(credential 12)"
check 'a profile that is nowhere is refused' 2 '' send -p nowhere
err_like 'and named' "*push: profile 'nowhere': *"
check 'half a pair is refused' 2 '' send -p half -e "$url" -r us-east-1
err_like 'and named' '*profile half has aws_access_key_id, but no aws_secret_access_key*'
unset AWS_ACCESS_KEY_ID
check 'without the environment the default profile counts' 0 "$want" send -e "$url"
is 'with its keys' AKIDFILE/eu-west-1/ec2-instance-connect/aws4_request "$(credential 13)"
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE
AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null check 'no region is said' 1 '' send -e "$url"
err_like 'with what to do' 'push: no region: give --region, AWS_REGION*'

# what stands behind file:// is expanded here, because no shell does it in the middle of a word
cp "$k" "$tmp/.aws/my key.pub"
check 'file://~/ is the home folder' 0 "$want" "$EICBOX" push -i $id -u ec2-user -e "$url" -r us-east-1 \
	-k 'file://~/.aws/my key.pub'
check 'file://$VARIABLE is filled in' 0 "$want" env sub=.aws "$EICBOX" push -i $id -u ec2-user \
	-e "$url" -r us-east-1 -k 'file://$HOME/${sub}/my key.pub'
check 'so is a quoted path' 0 "$want" "$EICBOX" push -i $id -u ec2-user -e "$url" -r us-east-1 \
	--ssh-public-key='~/.aws/my key.pub'
printf '{"InstanceId":"%s","InstanceOSUser":"x","SSHPublicKey":"%s"}' $id "$line" >"$tmp/.aws/in.json"
check 'and --cli-input-json' 0 "$want" "$EICBOX" push -e "$url" -r us-east-1 --cli-input-json 'file://~/.aws/in.json'
refused_key 'a missing file below ~' "$tmp/none.pub: No such file*" 'file://~/none.pub'

# the other form of a public key, that of RFC 4716
ssh-keygen -q -t rsa -b 2048 -N '' -f "$tmp/rsa"
ssh-keygen -e -f "$tmp/rsa.pub" >"$tmp/rsa.ssh2"
last_body() {
	tail -n 1 "$dir/request.$(ls "$dir" | sed -n 's/^request\.//p' | sort -n | tail -n 1)"
}
rsa=$(cut -d ' ' -f 1,2 "$tmp/rsa.pub")
check 'an SSH2 public key is taken' 0 "$want" "$EICBOX" push -i $id -u ec2-user -e "$url" -r us-east-1 -k "$tmp/rsa.ssh2"
like 'and sent as one line' "*\"SSHPublicKey\":\"$rsa\"}" "$(last_body)"
check 'as text too' 0 "$want" "$EICBOX" push -i $id -u ec2-user -e "$url" -r us-east-1 -k "$(cat "$tmp/rsa.ssh2")"
like 'and sent as one line' "*\"SSHPublicKey\":\"$rsa\"}" "$(last_body)"
head -n 4 "$tmp/rsa.ssh2" >"$tmp/cut.ssh2"
refused_key 'half an SSH2 public key' "$tmp/cut.ssh2: SSH2 public key: *" "$tmp/cut.ssh2"
ssh-keygen -q -t ecdsa -N '' -f "$tmp/ec"
ssh-keygen -e -f "$tmp/ec.pub" >"$tmp/ec.ssh2"
refused_key 'an SSH2 public key of another type' '*ecdsa-sha2-nistp256 key: EC2 Instance Connect takes*' "$tmp/ec.ssh2"
ssh-keygen -e -m PKCS8 -f "$tmp/rsa.pub" >"$tmp/rsa.pem"
refused_key 'a PEM public key' "$tmp/rsa.pem: a key in PEM: 'ssh-keygen -i -m PKCS8 -f FILE' makes it one of SSH" "$tmp/rsa.pem"

# what is set for all of the AWS CLI
AWS_DEFAULT_OUTPUT=text check 'AWS_DEFAULT_OUTPUT has a say' 0 '0f1e2d3c	True' push
AWS_DEFAULT_OUTPUT=text check '--output goes before it' 0 "$want" push --output json
AWS_DEFAULT_OUTPUT=table check 'a form that we lack is JSON' 0 "$want" push
sed -i '1a output = text' "$tmp/.aws/config"
check 'the profile has a say' 0 '0f1e2d3c	True' push
AWS_DEFAULT_OUTPUT=json check 'the environment goes before it' 0 "$want" push
check 'options that change nothing here are accepted' 0 '0f1e2d3c	True' push --no-paginate --no-cli-pager --color off \
	--no-cli-auto-prompt --cli-binary-format raw-in-base64-out
for when in on auto; do
	check "--color $when is accepted" 0 '0f1e2d3c	True' push --color $when
done
for when in sometimes ON ''; do
	check "--color '$when' is not" 2 '' push --color "$when"
	err_like "--color '$when': the line says so" "push: option --color: on, off or auto, not \"$when\"*"
done
misuse 'an assistant' '*--cli-auto-prompt: makes no sense here' --cli-auto-prompt

# answers that are none
answers() {
	tap_words=$1 tap_status=$2 tap_said=$3
	printf "$4" >"$dir/answer"
	check "$tap_words" "$tap_status" '' push
	err_like "$tap_words: the line says so" "push: $id: $tap_said"
}
rm "$tmp/.aws/config"
answers 'AWS does not know the key' 1 '*: no
key id AKIDEXAMPLE (environment): mistyped, deactivated or deleted; or of another partition than aws; or its account has not enabled us-east-1' \
	'@status 400 text/json\n{"__type":"UnrecognizedClientException","message":"no"}'
AWS_SESSION_TOKEN=t answers 'nor its token' 1 '*deactivated or deleted, or its session token is old or of other keys; or *' \
	'@status 400 text/json\n{"__type":"InvalidClientTokenId","message":"no"}'
AWS_ACCESS_KEY_ID=ASIAX answers 'a temporary key is alone' 1 '*key id ASIAX (environment): a temporary one, whose session token is missing' \
	'@status 400 text/json\n{"__type":"UnrecognizedClientException","message":"no"}'
AWS_ACCESS_KEY_ID=AKIAX AWS_SESSION_TOKEN=t answers 'a lasting key is not' 1 '*key id AKIAX (environment): has no session token, but one is set*' \
	'@status 400 text/json\n{"__type":"UnrecognizedClientException","message":"no"}'
printf '@ok text/json\n{"RequestId":"0f1e2d3c","Success":false}' >"$dir/answer"
check 'no success is shown as the AWS CLI shows it' 1 '{*"RequestId": "0f1e2d3c",*"Success": false*}' push
err_like 'and said' "push: $id: AWS answered \"Success\": false without a reason: try again; *RequestId 0f1e2d3c"
check 'and of several instances each has its words' 1 '*"Success":false,"Message":"AWS answered *RequestId 0f1e2d3c"*' \
	push -i ${id}1
answers 'AWS refuses' 1 'AccessDeniedException: User: arn:x is not authorized*policy-check*' \
	'@status 400 application/x-amz-json-1.1\n{"__type":"com.amazon#AccessDeniedException","Message":"User: arn:x is not authorized"}'
answers 'the code stands in a header' 1 'ServiceException: oops' \
	'HTTP/1.1 500 X\r\nx-amzn-ErrorType: ServiceException:http://x\r\nContent-Length: 18\r\n\r\n{"message":"oops"}'
answers 'there is only a code' 1 'ThrottledException: without further words' '@status 400 text/json\n{"__type":"ThrottledException"}'
answers 'an error has no body' 1 'HTTP 404: without further words
AWS would have named a reason: a proxy or another server answers' 'HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n'
answers 'a gateway fails' 1 'HTTP 502: bad?gateway' '@status 502 text/plain\nbad\tgateway'
answers 'an answer is no JSON' 1 'not an answer of EC2 Instance Connect (not JSON)' '@ok text/html\n<html>welcome</html>'
answers 'an answer is other JSON' 1 'not an answer of EC2 Instance Connect*' '@ok text/json\n{"hello":1}'
answers 'an answer is a list' 1 'not an answer of EC2 Instance Connect*' '@ok text/json\n["RequestId","Success"]'
answers 'an answer is empty' 1 'not an answer of EC2 Instance Connect*' '@ok text/json\n'
answers 'an answer has no RequestId' 1 'not an answer of EC2 Instance Connect (without RequestId)' '@ok text/json\n{"Success":true}'
answers 'an answer has no Success' 1 'not an answer of EC2 Instance Connect (without Success)' '@ok text/json\n{"RequestId":"1"}'
answers 'a RequestId would steer the terminal' 1 'not an answer of EC2 Instance Connect (odd*' '@ok text/json\n{"RequestId":"\\u001b[2J","Success":true}'
answers 'Success is a text' 1 'not an answer of EC2 Instance Connect*' '@ok text/json\n{"RequestId":"1","Success":"true"}'
answers 'RequestId is a number' 1 'not an answer of EC2 Instance Connect*' '@ok text/json\n{"RequestId":1,"Success":true}'
answers 'an answer is no HTTP' 1 '*not HTTP: the answer does not begin with HTTP/' 'SSH-2.0-OpenSSH_9\r\n'
answers 'an answer ends early' 1 '*ended before*' 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{'
answers 'there is no answer at all' 1 '*ended before*' ''
answers 'a redirect is not followed' 1 'HTTP 302: redirects are not followed' 'HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nno'
printf 'HTTP/1.1 200 OK\r\n\r\n%0100000d' 0 >"$dir/answer"
check 'an answer is too large' 1 '' push
err_like 'and that is said' '*more than*bytes'
printf '@hang\n' >"$dir/answer"
check 'a server that hangs is left' 1 '' push --cli-read-timeout 1
err_like 'with the seconds and the attempts' "push: $id: $url: timed out: [0-9]* s in [0-9]* attempt*"
url=http://127.0.0.1:$(free_port)
check 'a server that refuses is named' 1 '' push
err_like 'and that is said' "push: $id: ${url#http://}: connection refused"
# --- proxies ---
place=127.0.0.1:$(free_port)
proxied() {
	http_proxy=$1 push
}
check 'a proxy that refuses connections' 1 '' proxied "me:secret@$place"
err_like 'is named with the variable that named it' "push: $id: proxy $place (http_proxy): $place: connection refused"
HTTP_PROXY=$place check 'of two variables' 1 '' push
err_like 'the one that counts is named' "push: $id: proxy $place (HTTP_PROXY): *"
check 'a proxy without a name' 1 '' proxied http://proxy.invalid:3128
err_like 'is named too' "push: $id: proxy proxy.invalid:3128 (http_proxy): *"
check 'nonsense in the variable' 1 '' proxied 'http://me:sec ret@/'
err_like 'is blamed on it' "push: $id: http_proxy: not ?http://*"
unlike 'without its password' '*sec ret*' "$err"
printf '@status 407 text/plain\nno' >"$dir/answer"
place=127.0.0.1:$(cat "$dir/port")
check 'a proxy that wants a password' 1 '' proxied "http://$place"
err_like 'is no answer of AWS' "push: $id: proxy $place (http_proxy): status 407: it wants http://USER:PASSWORD@HOST:PORT"
check 'a proxy that wants another one' 1 '' proxied "http://me:secret@$place"
err_like 'says so' "push: $id: proxy $place (http_proxy): status 407: it does not take that user and password"
printf '@status 403 text/html\n<html>not from here</html>' >"$dir/answer"
check 'a proxy that refuses' 1 '' proxied "http://$place"
err_like 'is not taken for AWS' "push: $id: HTTP 403: <html>not from here</html>
AWS would have named a reason: a proxy or another server answers"
printf '@hang\n' >"$dir/answer"
hanging() {
	http_proxy=http://$place push --cli-read-timeout 1
}
check 'a proxy that says nothing' 1 '' hanging
err_like 'is named' "push: $id: proxy $place (http_proxy): *timed out: *"
url=ftp://127.0.0.1
check 'another scheme is wrong usage' 2 '' push
for url in http://user:secret@127.0.0.1 https://user:secret@127.0.0.1/ ftp://user:secret@127.0.0.1 'http://user:se?cret@h/'; do
	check "a password is wrong usage in $url" 2 '' push
	unlike 'and it is not repeated' '*se*cret*' "$err"
done
url=http://user@127.0.0.1/
check 'a user name in the URL is wrong usage' 2 '' push
err_like 'and that is said' 'push: endpoint: URL: user names and passwords in URLs are not taken'

url=https://127.0.0.1:$(free_port)
check 'https is connected to' 1 '' push
err_like 'where it was told to' '*127.0.0.1*connection refused'
check 'the help tells the statuses' 0 '*Exit status: 0 sent, 1 failed or refused*2 wrong usage*' "$EICBOX" push --help
check 'the help is long enough' 0 '*--instance-os-user*--endpoint-url*' "$EICBOX" push --help
check 'the version is told' 0 'push (eicbox *)' "$EICBOX" push --version
done_testing
