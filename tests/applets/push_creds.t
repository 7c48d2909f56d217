# push_creds.t - each provider of the credential chain, run for real against small local servers
. "${0%/*}/../lib.sh"
. "${0%/*}/../creds.sh"

# --- environment and files ---
: >"$config"
bad 'no credentials at all' 'none in the environment,*profile default of *'
export AWS_ACCESS_KEY_ID=AKIDENV
bad 'half a pair' 'AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not*'
export AWS_SECRET_ACCESS_KEY=secret
good 'the environment' 'AKIDENV '
AWS_SESSION_TOKEN=new AWS_SECURITY_TOKEN=old good 'the older name of the token goes first' 'AKIDENV token old '
AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z bad 'expired credentials' '*have expired at 2020-01-01T00:00:00Z'
AWS_ACCESS_KEY_ID= bad 'an empty variable is unset' 'none in*'
printf '[profile p]\naws_access_key_id = AKIDCONFIG\naws_secret_access_key = s\n[profile none]\nregion = x\n' >"$config"
good 'a profile goes before the environment' 'AKIDCONFIG ' --profile p
bad 'a profile without keys does not fall back to it' 'none in the environment (not asked, because of --profile)*' \
	--profile none
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY

# --- credential_process ---
cat >"$tmp/process" <<'END'
#!/bin/sh
case $1 in
good) echo '{"Version": 1, "AccessKeyId": "AKIDPROC", "SecretAccessKey": "s", "SessionToken": "'"$2"'"}' ;;
old) echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","Expiration":"2020-01-01T00:00:00Z"}' ;;
version) echo '{"Version":2,"AccessKeyId":"A","SecretAccessKey":"s"}' ;;
nonsense) echo nonsense ;;
partial) echo '{"Version":1,"AccessKeyId":"A"}' ;;
fail) echo 'no ticket' >&2; exit 3 ;;
esac
END
chmod +x "$tmp/process"
for mode in "good 'a b'" 'good tok' old version nonsense partial fail; do
	printf '[profile %s]\ncredential_process = %s %s\n' "${mode%% *}${mode##* }" "'$tmp/process'" "$mode"
done | sed "s/\[profile good.*b'\]/[profile blank]/" >"$config"
printf '[profile missing]\ncredential_process = /nonexistent/x\n[profile quote]\ncredential_process = "x\n' >>"$config"
good 'a program' 'AKIDPROC token tok ' -p goodtok
printf "[profile lines]\ncredential_process = '%s'\n  good\n  tok\n" "$tmp/process" >>"$config"
good 'a command line of several lines' 'AKIDPROC token tok ' -p lines
bad 'a token with a blank' '*credential_process: credentials with a blank*' -p blank
bad 'a program whose credentials are old' '*have expired at 2020-01-01T00:00:00Z' -p oldold
bad 'a program of another version' '*"Version": 1*' -p versionversion
bad 'a program that talks nonsense' '*credential_process: its output: *' -p nonsensenonsense
bad 'a program without a secret' '*credentials without a secret key*' -p partialpartial
bad 'a program that fails' '*ended with status 3*' -p failfail
like 'what it says is shown' '*no ticket*' "$err"
bad 'a program that is not there' '*/nonexistent/x*' -p missing
bad 'a command line with an open quote' '*credential_process*' -p quote

# --- roles ---
credentials() {
	printf '<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>' "$1"
	printf '<SessionToken>%s</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>' "$2"
}
sts_answer() {
	printf '@ok text/xml\n<%sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%sResult>%s</%sResult></%sResponse>' \
		"$1" "$1" "$(credentials "$2" "$3")" "$1" "$1"
}
sts_fails() {
	printf '@status %s text/xml\n<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>' \
		"$1" "$2" "$3"
}
form() {
	tr -d '\r' <"$tmp/sts/request.$(last sts)" | sed '1,/^$/d'
}
cat >"$config" <<END
[default]
aws_access_key_id = AKIDBASE
aws_secret_access_key = secret
[profile role]
role_arn = arn:aws:iam::123456789012:role/a
source_profile = default
external_id = x&y
duration_seconds = 3600
role_session_name = me@here
[profile outer]
role_arn = arn:aws:iam::123456789012:role/outer
source_profile = role
[profile env]
role_arn = arn:aws:iam::123456789012:role/env
credential_source = Environment
[profile self]
role_arn = arn:aws:iam::123456789012:role/self
source_profile = self
aws_access_key_id = AKIDSELF
aws_secret_access_key = secret
[profile loop1]
role_arn = arn:aws:iam::123456789012:role/l1
source_profile = loop2
[profile loop2]
role_arn = arn:aws:iam::123456789012:role/l2
source_profile = loop1
[profile both]
role_arn = arn:aws:iam::123456789012:role/b
source_profile = default
credential_source = Environment
[profile neither]
role_arn = arn:aws:iam::123456789012:role/n
[profile nowhere]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = missing
[profile empty]
region = us-east-1
[profile hollow]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = empty
[profile odd]
role_arn = arn:aws:iam::123456789012:role/n
credential_source = environment
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/n
source_profile = default
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile web]
role_arn = arn:aws:iam::123456789012:role/web
web_identity_token_file = ~/token
[profile overprocess]
role_arn = arn:aws:iam::123456789012:role/op
source_profile = process
[profile process]
credential_process = $tmp/process good tok
END
export AWS_ENDPOINT_URL_STS=$sts
sts_answer AssumeRole ASIAROLE 'tok+en/==' >"$tmp/sts/answer"
good 'a role' 'ASIAROLE token tok+en/== ' -p role
is 'it is asked for with all its settings' "Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600&ExternalId=x%26y&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa&RoleSessionName=me%40here" "$(form)"
like 'signed for STS with the keys of the source' '*Credential=AKIDBASE/*/us-east-1/sts/aws4_request, *' \
	"$(cat "$tmp/sts/request.$(last sts)")"
good 'a role behind a role' 'ASIAROLE token tok+en/== ' -p outer
like 'the outer one is asked for with the keys of the inner' '*Credential=ASIAROLE/*' \
	"$(cat "$tmp/sts/request.$(last sts)")"
like 'and has a session name of its own' '*role%2Fouter&RoleSessionName=eicbox-session-*' "$(form)"
good 'a role of a profile with its own keys' 'ASIAROLE token tok+en/== ' -p self
like 'asked for with them' '*Credential=AKIDSELF/*' "$(cat "$tmp/sts/request.$(last sts)")"
AWS_ACCESS_KEY_ID=AKIDENV AWS_SECRET_ACCESS_KEY=s good 'a role with the keys of the environment' \
	'ASIAROLE token tok+en/== ' -p env
good 'a role with the keys of a program' 'ASIAROLE token tok+en/== ' -p overprocess
like 'asked for with them' '*Credential=AKIDPROC/*' "$(cat "$tmp/sts/request.$(last sts)")"
rm -rf "$tmp/.aws/cli"
{ sleep 1; echo 123456; sleep 1; } | script -qec "'$EICBOX' push -i i-1234567890abcdef0 -u ec2-user -k '$line' -r us-east-1 -e $eic -p mfa" \
	/dev/null >"$tmp/typescript" 2>&1
like 'a code is asked for on the terminal' '*Enter MFA code for arn:aws:iam::123456789012:mfa/me: *"Success": true*' \
	"$(cat "$tmp/typescript")"
like 'and sent' '*&SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode=123456' "$(form)"
rm -rf "$tmp/.aws/cli"
# the question turns the echo off: Ctrl-C must turn it on again
mkfifo "$tmp/silence"
cat >"$tmp/interrupted" <<END
i=0
while ! grep -q 'MFA code' $tmp/typescript && [ \$i -lt 100 ]; do i=\$((i + 1)); sleep 0.1; done && kill -INT \$\$ &
exec "\$@"
END
timeout 60 script -qec "sh -c 'trap : INT; sh $tmp/interrupted $EICBOX push -i i-1234567890abcdef0 -u ec2-user -k \"$line\" -r us-east-1 -e $eic -p mfa
	echo status \$?; stty -a'" /dev/null <>"$tmp/silence" >"$tmp/typescript" 2>&1
like 'Ctrl-C at the question ends it' '*Enter MFA code*status 130*' "$(cat "$tmp/typescript")"
like 'and what is typed is shown again' '* echo *' "$(cat "$tmp/typescript")"
asked=$(last sts)
bad 'roles in a circle' '*goes in a circle' -p loop1
bad 'two sources' '*both of source_profile and credential_source' -p both
bad 'no source' '*none of source_profile and credential_source' -p neither
bad 'a source that is not there' '*source_profile = missing: there is no such profile' -p nowhere
bad 'a source without keys' '*source_profile = empty: has no credentials' -p hollow
bad 'a credential_source in other letters' '*not Environment, Ec2InstanceMetadata or EcsContainer' -p odd
bad 'an environment without keys' '*credential_source = Environment has none' -p env
rm -rf "$tmp/.aws/cli"
check 'a code with nobody to ask' 1 '' setsid -w "$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -k "$line" \
	-r us-east-1 -e "$eic" -p mfa
err_like 'the line says so' '*Enter MFA code for arn:aws:iam::123456789012:mfa/me*no terminal*'
is 'STS was not asked for any of them' "$asked" "$(last sts)"
sts_fails 403 AccessDenied 'User is not authorized to perform: sts:AssumeRole' >"$tmp/sts/answer"
bad 'a role that is refused' '*role arn:aws:iam::123456789012:role/a: AccessDenied: User is not authorized*' -p role
printf '@ok text/xml\n<AssumeRoleResponse></AssumeRoleResponse>' >"$tmp/sts/answer"
bad 'an answer without credentials' '*the answer of STS*' -p role
printf '@ok text/plain\nhello' >"$tmp/sts/answer"
bad 'an answer that is no XML' '*the answer of STS*' -p role

# --- web identity ---
printf 'a.web.token\n' >"$tmp/token"
sts_answer AssumeRoleWithWebIdentity ASIAWEB tok >"$tmp/sts/answer"
good 'a web identity of the profile' 'ASIAWEB token tok ' -p web
like 'its token is sent' '*Action=AssumeRoleWithWebIdentity&*&WebIdentityToken=a.web.token' "$(form)"
unlike 'and not signed' '*Authorization*' "$(cat "$tmp/sts/request.$(last sts)")"
export AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/token
printf '[profile p]\naws_access_key_id = AKIDP\naws_secret_access_key = s\n' >"$config"
bad 'a token without a role' '*no role_arn'
export AWS_ROLE_ARN=arn:aws:iam::123456789012:role/e AWS_ROLE_SESSION_NAME=sess
good 'a web identity of the environment' 'ASIAWEB token tok '
like 'with its session name' '*&RoleSessionName=sess&*' "$(form)"
good 'not with an explicit profile' 'AKIDP ' -p p
sts_fails 400 IDPCommunicationError 'try again' >"$tmp/sts/answer.$(($(last sts) + 1))"
good 'a provider that is out for a moment' 'ASIAWEB token tok '
AWS_WEB_IDENTITY_TOKEN_FILE=$tmp/none bad 'a token file that is missing' "*$tmp/none: *"
unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME

# --- roles that were assumed before ---
cat >"$config" <<END
[default]
aws_access_key_id = AKIDBASE
aws_secret_access_key = secret
[profile plain]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = default
[profile full]
role_arn = arn:aws:iam::123456789012:role/full
source_profile = default
external_id = x"&/y
duration_seconds = 3600
role_session_name = me@here
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile outer]
role_arn = arn:aws:iam::123456789012:role/outer
source_profile = plain
END
plain=$(cache '{"RoleArn": "arn:aws:iam::123456789012:role/plain"}')
full=$(cache '{"DurationSeconds": 3600, "ExternalId": "x\"&/y", "RoleArn": "arn:aws:iam::123456789012:role/full", "RoleSessionName": "me@here", "SerialNumber": "arn:aws:iam::123456789012:mfa/me"}')
outer=$(cache '{"RoleArn": "arn:aws:iam::123456789012:role/outer"}')
sts_answer AssumeRole ASIANEW tok >"$tmp/sts/answer"
good 'a role is assumed' 'ASIANEW token tok ' -p plain
is 'and its keys are kept where the AWS CLI keeps them' \
	'{"Credentials":{"AccessKeyId":"ASIANEW","SecretAccessKey":"secret","SessionToken":"tok","Expiration":"2099-01-01T00:00:00Z"}}' \
	"$(cat "$plain")"
is 'for their owner only' '700 600' "$(stat -c %a "$tmp/.aws/cli/cache" "$plain" | tr '\n' ' ' | sed 's/ $//')"
# again NAME KEYS ASKED OPTION...: with what was kept; STS is asked so many times
again() {
	tap_words=$1 tap_keys=$2 tap_asked=$3 tap_before=$(last sts)
	shift 3
	check "$tap_words" 0 '*true*' kept "$@"
	is "$tap_words: with these keys" "$tap_keys" "$(used)"
	is "$tap_words: STS was asked so often" "$tap_asked" $(($(last sts) - tap_before))
}
keep "$plain" ASIAKEPT 2099-01-01T00:00:00Z
again 'a role that was assumed before' 'ASIAKEPT token t ' 0 -p plain
keep "$plain" ASIAUTC 2099-01-01T00:00:00UTC
again 'a time in the words of an older AWS CLI' 'ASIAUTC token t ' 0 -p plain
again 'a role behind one that was' 'ASIANEW token tok ' 1 -p outer
like 'is assumed with the keys that were kept' '*Credential=ASIAUTC/*' "$(cat "$tmp/sts/request.$(last sts)")"
keep "$outer" ASIAOUTER 2099-01-01T00:00:00Z
rm "$plain"
again 'of two roles the outer one was' 'ASIAOUTER token t ' 0 -p outer
keep "$full" ASIAFULL 2099-01-01T00:00:00Z
again 'no code is asked for again' 'ASIAFULL token t ' 0 -p full
for expires in 2020-01-01T00:00:00Z "$(date -u -d '+5 minutes' +%Y-%m-%dT%H:%M:%SZ)" never; do
	keep "$plain" ASIAOLD "$expires"
	again "keys until $expires are renewed" 'ASIANEW token tok ' 1 -p plain
done
echo nonsense >"$plain"
again 'a file that is broken is replaced' 'ASIANEW token tok ' 1 -p plain
echo '{"Credentials": null}' >"$plain"
again 'so is one without keys' 'ASIANEW token tok ' 1 -p plain
like 'by one with them' '*ASIANEW*' "$(cat "$plain")"
rm -rf "$tmp/.aws/cli"
: >"$tmp/.aws/cli"
again 'a folder that cannot be made is no failure' 'ASIANEW token tok ' 1 -p plain
# --- container ---
: >"$config"
keys='{"AccessKeyId":"ASIABOX","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}'
printf '@ok application/json\n%s' "$keys" >"$tmp/other/answer"
export AWS_CONTAINER_CREDENTIALS_FULL_URI=$other/creds?x=y
HTTP_PROXY=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1 NO_PROXY=${eic#http://} \
	AWS_CONTAINER_AUTHORIZATION_TOKEN=secret good 'a container, past the proxy' 'ASIABOX token t '
request=$(tr -d '\r' <"$tmp/other/request.$(last other)")
like 'its host is asked' 'GET /creds?x=y HTTP/1.1*' "$request"
like 'with the authorization' '*Authorization: secret*' "$request"
printf 'from-file\r\n' >"$tmp/token"
AWS_CONTAINER_AUTHORIZATION_TOKEN=x AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$tmp/token good \
	'a token file goes before the variable' 'ASIABOX token t '
is 'without the end of its line' 1 \
	"$(tr -d '\r' <"$tmp/other/request.$(last other)" | grep -c '^Authorization: from-file$')"
AWS_CONTAINER_AUTHORIZATION_TOKEN="$(printf 'a\nb')" bad 'a token of two lines' '*odd characters*'
AWS_CONTAINER_CREDENTIALS_FULL_URI=http://10.0.0.1/x bad 'a host that is elsewhere' '*neither https nor*'
printf '@status 403 text/plain\nno' >"$tmp/other/answer"
bad 'a host that refuses' '*status 403'
printf '@ok text/plain\n{"AccessKeyId":"x"}' >"$tmp/other/answer"
bad 'a host that gives half' '*credentials without a secret key'
unset AWS_CONTAINER_CREDENTIALS_FULL_URI

# --- the instance's role ---
unset AWS_EC2_METADATA_DISABLED
export AWS_EC2_METADATA_SERVICE_ENDPOINT=$other
instance() {
	n=$(last other)
	printf '@ok text/plain\nIMDSTOKEN' >"$tmp/other/answer.$((n + 1))"
	printf '%s' "$1" >"$tmp/other/answer.$((n + 2))"
	printf '%s' "$2" >"$tmp/other/answer.$((n + 3))"
}
imds='{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAINST","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}'
instance "$(printf '@ok text/plain\nmy-role')" "$(printf '@ok text/plain\n%s' "$imds")"
good "the instance's role" 'ASIAINST token t '
like 'version 2 is spoken' 'PUT /latest/api/token*' "$(cat "$tmp/other/request.$((n + 1))")"
like 'the role is asked for' 'GET /latest/meta-data/iam/security-credentials/my-role*IMDSTOKEN*' \
	"$(cat "$tmp/other/request.$((n + 3))")"
# version1 HOW ROLES KEYS: no token is to be had
version1() {
	n=$(last other)
	printf '%s' "$1" >"$tmp/other/answer.$((n + 1))"
	printf '%s' "$2" >"$tmp/other/answer.$((n + 2))"
	printf '%s' "$3" >"$tmp/other/answer.$((n + 3))"
}
for status in 403 404 405; do
	version1 "$(printf '@status %s text/plain\nno' $status)" "$(printf '@ok text/plain\nmy-role')" \
		"$(printf '@ok text/plain\n%s' "$imds")"
	good "a token is refused with $status: version 1 is spoken" 'ASIAINST token t '
	unlike 'without a token' '*X-aws-ec2-metadata-token*' "$(cat "$tmp/other/request.$((n + 3))")"
done
version1 '@hang
' "$(printf '@ok text/plain\nmy-role')" "$(printf '@ok text/plain\n%s' "$imds")"
good 'a token that never comes: version 1 is spoken' 'ASIAINST token t '
version1 "$(printf '@status 403 text/plain\nno')" '' ''
AWS_EC2_METADATA_V1_DISABLED=true bad 'version 1 can be forbidden' 'metadata service: no token, and version 1 is disabled'
is 'and is not spoken then' $((n + 1)) "$(last other)"
printf '[default]\nec2_metadata_v1_disabled = true\n' >"$config"
version1 "$(printf '@status 404 text/plain\nno')" '' ''
bad 'by the profile too' 'metadata service: no token, and version 1 is disabled'
: >"$config"
version1 "$(printf '@status 400 text/plain\nno')" '' ''
bad 'a request that is refused is no reason for version 1' 'none in the environment*'
is 'and no more is asked' $((n + 1)) "$(last other)"
version1 "$(printf '@ok text/plain\na\nb: c')" '' ''
bad 'a token of two lines is none' 'none in the environment*'
version1 "$(printf '@ok text/plain\nIMDSTOKEN')" "$(printf '@ok text/plain\neu-west-1b')" ''
no_region() {
	"$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -k "$line" -e "$eic" "$@"
}
AWS_ACCESS_KEY_ID=AKIDENV AWS_SECRET_ACCESS_KEY=s check "an instance that is told no region is in its own" 0 '*true*' no_region
like 'which is signed' '*Credential=AKIDENV/*/eu-west-1/ec2-instance-connect/*' "$(cat "$tmp/eic/request.$(last eic)")"
instance "$(printf '@ok text/plain\n<html>')" ''
check 'what is no zone is no region' 1 '' no_region
err_like 'and it is said what to do' 'push: no region: give --region*'
instance "$(printf '@status 404 text/html\n<html>')" ''
bad 'an instance without a role' 'none in the environment*'
instance "$(printf '@ok text/plain\n../x')" ''
bad 'a role with an odd name' 'none in the environment*'
instance "$(printf '@ok text/plain\nr')" "$(printf '@ok text/plain\n{"Code":"AssumeRoleUnauthorizedAccess","Message":"x"}')"
bad 'a role that has none' '*instance role r: the metadata service has no credentials*'
instance "$(printf '@ok text/plain\nr')" "$(printf '@ok text/plain\n%s' "$imds" | sed s/2099/2020/)"
bad "an instance's credentials that are old" '*have expired at 2020*'
printf '[profile inst]\nrole_arn = arn:aws:iam::1:role/i\ncredential_source = Ec2InstanceMetadata\n' >"$config"
instance "$(printf '@ok text/plain\nmy-role')" "$(printf '@ok text/plain\n%s' "$imds")"
sts_answer AssumeRole ASIAROLE t >"$tmp/sts/answer"
good "a role with the instance's keys" 'ASIAROLE token t ' -p inst
AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:$(free_port)
: >"$config"
bad 'no metadata service' 'none in the environment*'
done_testing
