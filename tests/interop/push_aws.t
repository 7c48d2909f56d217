# push_aws.t - what one types behind 'aws ec2-instance-connect send-ssh-public-key', typed behind push
. "${0%/*}/../lib.sh"

aws=/usr/bin/aws
[ -x $aws ] || {
	cannot 'the AWS CLI of Debian' 'awscli is not installed'
	done_testing
}
export HOME="$tmp" AWS_PAGER='' AWS_MAX_ATTEMPTS=1 AWS_EC2_METADATA_DISABLED=true
mkdir "$tmp/.aws"
cd "$tmp" || exit 1
ssh-keygen -q -t ed25519 -C 'somebody@somewhere' -N '' -f "$tmp/my key"

ann='"accessKeys":[{"id":"AKIAANNANNANNANNANN1","secret":"annannannannannannannannannannannannann1"}]'
bob='"accessKeys":[{"id":"AKIABOBBOBBOBBOBBOB1","secret":"bobbobbobbobbobbobbobbobbobbobbobbobbob1"}]'
policy='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2-instance-connect:*","Resource":"*","Condition":{"StringEquals":{"ec2:osuser":"ec2-user"}}}}'
all='{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
cat >"$tmp/world.json" <<END
{"accounts":[{"id":"111122223333","serialConsoleAccess":true,
  "users":[{"name":"ann",$ann,"policies":[$all]},{"name":"bob",$bob,"policies":[$policy]}],
  "roles":[{"name":"ops","policies":[$all],"trust":{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}}}],
  "instances":[{"id":"i-0123456789abcdef0","zone":"us-east-1a"}]}]}
END
printf '%s\n' "$policy" >"$tmp/bob.json"
cat >"$tmp/.aws/config" <<'END'
[default]
region = us-east-1
[profile bob]
region = us-east-1
aws_access_key_id = AKIABOBBOBBOBBOBBOB1
aws_secret_access_key = bobbobbobbobbobbobbobbobbobbobbobbobbob1
[profile ops]
region = us-east-1
role_arn = arn:aws:iam::111122223333:role/ops
source_profile = ann
external_id = a/b"c
duration_seconds = 1800
[profile half]
region = us-east-1
aws_access_key_id = AKIA
[profile placeless]
output = json
END
cat >"$tmp/.aws/credentials" <<'END'
[default]
aws_access_key_id = AKIAANNANNANNANNANN1
aws_secret_access_key = annannannannannannannannannannannannann1
[ann]
aws_access_key_id = AKIAANNANNANNANNANN1
aws_secret_access_key = annannannannannannannannannannannannann1
END
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --ca-out "$tmp/ca.pem" --state "$tmp/state" \
	--config "$tmp/world.json" --cloudtrail "$tmp/trail"
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
tls=$(sed -n 's,.* \(https://[^ ]*\) for .*,\1,p' "$log")
dead=http://127.0.0.1:$(free_port)
export AWS_ENDPOINT_URL_STS="$url"

masked() {
	sed 's/[0-9a-f]\{8\}-[0-9a-f-]*/ID/'
}

# both NAME PUSH-STATUS AWS-STATUS OPTION...: the statuses, and the same on stdout
command=send-ssh-public-key serial=
both() {
	both_name=$1 both_push=$2 both_aws=$3
	shift 3
	theirs=$("$aws" ec2-instance-connect $command "$@" 2>"$tmp/theirs")
	is "$both_name: the status of the AWS CLI" "$both_aws" $? || note "$(cat "$tmp/theirs")"
	ours=$("$EICBOX" push $serial "$@" 2>"$tmp/ours")
	is "$both_name: the status of push" "$both_push" $? || note "$(cat "$tmp/ours")"
	is "$both_name: the same on stdout" "$(printf '%s' "$theirs" | masked)" "$(printf '%s' "$ours" | masked)"
}

where="--instance-id i-0123456789abcdef0 --instance-os-user ec2-user"
key=$(cat "$tmp/my key.pub")
both 'a key as text' 0 0 $where --ssh-public-key "$key" --endpoint-url "$url"
both 'a key in a file' 0 0 $where --ssh-public-key 'file://my key.pub' --endpoint-url "$url" --region us-east-1
both 'a key below ~' 0 0 $where --ssh-public-key 'file://~/my key.pub' --endpoint-url "$url" --profile bob
both 'options with =' 0 0 --instance-id=i-0123456789abcdef0 --instance-os-user=ec2-user --availability-zone=us-east-1a \
	--ssh-public-key="$key" --endpoint-url="$url" --no-cli-pager --color=off --no-paginate
both 'text' 0 0 $where --ssh-public-key "$key" --endpoint-url "$url" --output text
AWS_DEFAULT_OUTPUT=text both 'text for everything' 0 0 $where --ssh-public-key "$key" --endpoint-url "$url"
both 'HTTPS' 0 0 $where --ssh-public-key "$key" --endpoint-url "$tls" --ca-bundle "$tmp/ca.pem" \
	--cli-connect-timeout 20 --cli-read-timeout 20
both 'HTTPS, unchecked' 0 0 $where --ssh-public-key "$key" --endpoint-url "$tls" --no-verify-ssl
printf '{"InstanceId":"i-0123456789abcdef0","InstanceOSUser":"ec2-user","SSHPublicKey":"%s"}' "$key" >"$tmp/in.json"
both 'JSON' 0 0 --cli-input-json file://in.json --endpoint-url "$url"
AWS_ENDPOINT_URL=$dead AWS_ENDPOINT_URL_EC2_INSTANCE_CONNECT=$dead both 'an option before the environment' 0 0 $where \
	--ssh-public-key "$key" --endpoint-url "$url"
command=send-serial-console-ssh-public-key serial=--serial
both 'the serial console' 0 0 --instance-id i-0123456789abcdef0 --serial-port 0 --ssh-public-key 'file://my key.pub' \
	--endpoint-url "$url"
command=send-ssh-public-key serial=

# --- statuses, as the README has them ---
both 'an error of the service' 1 254 --instance-id i-0aaaaaaaaaaaaaaaa --instance-os-user ec2-user --ssh-public-key "$key" \
	--endpoint-url "$url"
both 'a denial' 1 254 --instance-id i-0123456789abcdef0 --instance-os-user root --ssh-public-key "$key" --endpoint-url "$url" \
	--profile bob
both 'nobody answers' 1 255 $where --ssh-public-key "$key" --endpoint-url "$dead"
both 'a server nobody vouches for' 1 255 $where --ssh-public-key "$key" --endpoint-url "$tls"
AWS_SHARED_CREDENTIALS_FILE=$tmp/none both 'no keys' 1 253 $where --ssh-public-key "$key" --endpoint-url "$url"
AWS_ACCESS_KEY_ID=AKIAX AWS_SECRET_ACCESS_KEY=x both 'no region' 1 253 $where --ssh-public-key "$key" --profile placeless
both 'a missing option' 2 252 $where
both 'an unknown option' 2 252 $where --ssh-public-key "$key" --no-such-option
both 'a key that is too short' 2 252 $where --ssh-public-key "ssh-ed25519 AAAA" --endpoint-url "$url"
both 'a missing key file' 2 252 $where --ssh-public-key file://none.pub --endpoint-url "$url"
both 'a private key' 2 254 $where --ssh-public-key 'file://my key' --endpoint-url "$url"
both 'a parameter that the service refuses' 2 254 --instance-id i-0123456789abcdeX --instance-os-user ec2-user \
	--ssh-public-key "$key" --endpoint-url "$url"
both 'an unknown profile' 2 255 $where --ssh-public-key "$key" --profile nobody
both 'half a key pair' 2 255 $where --ssh-public-key "$key" --endpoint-url "$url" --profile half

# --- a denial, and the line that explains it ---
check 'a denial names the line that explains it' 1 '' "$EICBOX" push --instance-id i-0123456789abcdef0 --instance-os-user root \
	--ssh-public-key "$key" --endpoint-url "$url" --profile bob
line=$(printf '%s\n' "$err" | sed -n 's,^to see why: eicbox,"$EICBOX",p' | sed 's/FILE/bob.json/')
denial=$(printf '%s\n' "$err" | sed -n '1s/.*AccessDeniedException: //p')
check 'which reproduces the decision' 1 "implicitDeny: $denial*would allow it if ec2:osuser were StringEquals 'ec2-user'*" \
	sh -c "$line"

# --- a role ---
as_role() {
	"$@" $where --ssh-public-key "$key" --endpoint-url "$url" --profile ops
}
# this AWS CLI knows no AWS_ENDPOINT_URL_STS, so it cannot assume one here itself
check 'the AWS CLI has no keys of the role' 255 '' as_role "$aws" ec2-instance-connect send-ssh-public-key
check 'push assumes it' 0 '*true*' as_role "$EICBOX" push
check 'and once' 0 '*true*' as_role "$EICBOX" push --debug
err_like 'because its keys are kept' '*credentials: role arn:aws:iam::111122223333:role/ops, kept in ~/.aws/cli/cache*'
check 'where the AWS CLI finds them' 0 '*true*' as_role "$aws" ec2-instance-connect send-ssh-public-key

# --- a role of SSO: its keys are asked for by push, and then used by the AWS CLI, which has no session ---
cat >>"$tmp/.aws/config" <<'END'
[profile sso]
region = us-east-1
sso_session = my-sso
sso_account_id = 111122223333
sso_role_name = Admin/x
[profile legacy]
region = us-east-1
sso_account_id = 111122223333
sso_role_name = Ops
sso_start_url = https://d-2.awsapps.com/start
sso_region = eu-west-1
[sso-session my-sso]
sso_region = eu-west-1
sso_start_url = https://d-1.awsapps.com/start
sso_registration_scopes = sso:account:access
END
server portal
export AWS_ENDPOINT_URL_SSO="$url"
server eic
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"
mkdir -p "$tmp/.aws/sso/cache"
n=0
for profile in sso:my-sso legacy:https://d-2.awsapps.com/start; do
	n=$((n + 1))
	token=$tmp/.aws/sso/cache/$(printf %s "${profile#*:}" | sha1sum | cut -c 1-40).json
	profile=${profile%%:*}
	printf '{"accessToken":"T","expiresAt":"2099-01-01T00:00:00Z"}' >"$token"
	printf '@ok application/json\n{"roleCredentials":{"accessKeyId":"ASIA%s","secretAccessKey":"s","sessionToken":"t%s",' \
		$profile $n >"$tmp/portal/answer"
	printf '"expiration":4070908800000}}' >>"$tmp/portal/answer"
	check "push gets the keys of profile $profile" 0 '*true*' "$EICBOX" push $where --ssh-public-key "$key" \
		--endpoint-url "$url" --profile $profile
	rm "$token"
	check "the AWS CLI takes the same ones" 0 '*true*' "$aws" ec2-instance-connect send-ssh-public-key $where \
		--ssh-public-key "$key" --endpoint-url "$url" --profile $profile
	like 'and signs with them' "*Credential=ASIA$profile/*" "$(cat "$tmp/eic/request.$((2 * n))")"
	like 'and their token' "*X-Amz-Security-Token: t$n*" "$(cat "$tmp/eic/request.$((2 * n))")"
done
is 'the portal was asked by push alone' "$n" "$(ls "$tmp/portal" | grep -c request)"
check "'aws sso logout' takes them away" 0 '' "$aws" sso logout
is 'for it knows them as its own' '' "$(grep -l ASIAsso "$tmp"/.aws/cli/cache/*)"
done_testing
