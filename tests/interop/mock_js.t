#!/bin/sh
# mock_js.t - the AWS SDK for JavaScript, unmodified, against the mock
. "${0%/*}/../lib.sh"

version=3.908.0 # the last that runs on the Node of Debian 12
cache=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/eicbox}
sdk=$cache/aws-sdk-js-$version

# npm install, whole or not at all
fetch() {
	[ ! -d "$sdk" ] || return 0
	command -v npm >/dev/null || return 1
	mkdir -p "$cache" && new=$(mktemp -d "$cache/.js.XXXXXX") || return 1
	(cd "$new" && npm install --no-audit --no-fund --no-save --prefix . "@aws-sdk/client-ec2-instance-connect@$version") \
		>"$tmp/npm.log" 2>&1 && mv "$new" "$sdk" && return 0
	rm -rf "$new"
	[ -d "$sdk" ]
}

fetch || {
	cannot 'the AWS SDK for JavaScript' "npm did not bring version $version: $(tail -n 3 "$tmp/npm.log" 2>/dev/null)"
	done_testing
}

instance=i-0123456789abcdef0
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
cat >"$tmp/world.json" <<END
{"accounts": [{"id": "111122223333",
  "roles": [{"name": "app", "policies": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Action": "ec2-instance-connect:SendSSHPublicKey", "Resource": "*",
    "Condition": {"StringEquals": {"ec2:osuser": "ec2-user"}}}}]}],
  "instances": [{"id": "$instance", "zone": "us-east-1a", "role": "app", "tokensRequired": true}]}]}
END
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json" --fault 'on SendSSHPublicKey error=ThrottlingException times=1'
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")

cat >"$sdk/try.$$.mjs" <<'END'
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand, SendSerialConsoleSSHPublicKeyCommand }
	from '@aws-sdk/client-ec2-instance-connect';
import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { readFileSync } from 'node:fs';
const [url, file] = process.argv.slice(2);
const key = readFileSync(file, 'utf8');
const credentials = fromInstanceMetadata({ timeout: 5000, maxRetries: 1 });
console.log((await credentials()).accessKeyId.slice(0, 4));
const client = new EC2InstanceConnectClient({ endpoint: url, region: 'us-east-1', credentials });
const push = user => client.send(new SendSSHPublicKeyCommand({ InstanceId: 'i-0123456789abcdef0', InstanceOSUser: user, SSHPublicKey: key }));
const first = await push('ec2-user');
console.log(first.Success, first.$metadata.httpStatusCode, first.RequestId === first.$metadata.requestId, first.$metadata.attempts);
for (const call of [() => push('root'), () => push('12'),
	() => client.send(new SendSerialConsoleSSHPublicKeyCommand({ InstanceId: 'i-0123456789abcdef0', SSHPublicKey: key }))])
	await call().then(() => console.log('allowed'), e => console.log(e.name, e.$metadata.httpStatusCode));
END
export AWS_EC2_METADATA_SERVICE_ENDPOINT="$url" HOME="$tmp"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
check 'the SDK takes credentials from the metadata service, pushes after one throttled attempt, and names what is refused' 0 'ASIA
true 200 true 2
AccessDeniedException 400
InvalidArgsException 400
AccessDeniedException 400' node "$sdk/try.$$.mjs" "$url" "$tmp/key.pub"
rm -f "$sdk/try.$$.mjs"
like 'the key is there' "*
$(cut -d ' ' -f 1,2 "$tmp/key.pub")
*" "$(curl -s -H "X-aws-ec2-metadata-token: $(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/latest/api/token")" \
	"$url/latest/meta-data/managed-ssh-keys/active-keys/ec2-user")"

done_testing
