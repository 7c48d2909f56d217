# creds.sh - what the tests of credentials share: push, small servers that play AWS, and what they were asked
#
# source it behind lib.sh; $config is the configuration, $line a key. $eic takes keys and says so; what $sts and $other
# answer stands in $tmp/sts/answer and $tmp/other/answer (see tests/httpd).

no_settings
export AWS_EC2_METADATA_DISABLED=true
mkdir -p "$tmp/.aws/sso/cache" "$tmp/.aws/login/cache"
config=$tmp/.aws/config
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

server eic
eic=$url
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"
server sts
sts=$url
server other
other=$url

# without what an earlier run has kept of a role
push() {
	rm -rf "$tmp/.aws/cli"
	kept "$@"
}

kept() {
	"$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -k "$line" -r us-east-1 -e "$eic" "$@"
}

# what the last request to EIC was signed with
last() {
	ls "$tmp/$1" | sed -n 's/^request\.//p' | sort -n | tail -n 1
}
used() {
	tr -d '\r' <"$tmp/eic/request.$(last eic)" | sed -n \
		's/.*Credential=\([^/]*\).*/\1/p; s/^X-Amz-Security-Token: /token /p' | sort | tr '\n' ' '
}

# good NAME KEY-AND-TOKEN PUSH-OPTION...: the push goes, signed with these keys
good() {
	tap_words=$1 tap_keys=$2
	shift 2
	check "$tap_words" 0 '*"Success": true*' push "$@"
	is "$tap_words: with these keys" "$tap_keys" "$(used)"
}

# bad NAME WORDS PUSH-OPTION...: nothing is pushed
bad() {
	tap_words=$1 tap_said=$2 tap_before=$(last eic)
	shift 2
	refute "$tap_words" push "$@"
	err_like "$tap_words: the line says so" "*push: credentials: $tap_said"
	is "$tap_words: nothing was sent" "$tap_before" "$(last eic)"
}

# cache ARGUMENTS: the AWS CLI's file for them
cache() {
	printf '%s/.aws/cli/cache/%s.json' "$tmp" "$(printf %s "$1" | sha1sum | cut -c 1-40)"
}

# keep FILE KEY EXPIRY: as the AWS CLI writes it
keep() {
	printf '{"Credentials": {"AccessKeyId": "%s", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "%s"}, "AssumedRoleUser": {}}' \
		"$2" "$3" >"$1"
}
