#!/bin/sh
# policy_check.sh - decisions beside those of @cloud-copilot/iam-simulate in Node
#
# The peer is what the interop test installs; without it its cells say "not measured".
. "${0%/*}/lib.sh"
EICBOX=$EICBOX_EVERYTHING

CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/eicbox}
PEER=$CACHE/npm-iam-simulate-0.1.173
export PEER
PERSON=arn:aws:iam::111122223333:user/ann
INSTANCE=i-1234567890abcdef0

[ -d "$PEER/node_modules" ] || PEER=

# decisions NAME RUNS POLICY CASES  the peer reads the same policy, and decides as often
decisions() {
	peer=-
	[ -z "$PEER" ] || peer="node $TOP/tests/bench/policy_check.mjs $3 $(wc -l <"$4")"
	row "$1" "$2" "$EICBOX policy-check -p $3 --principal $PERSON -i $INSTANCE -r eu-west-1 --batch $4" "$peer"
}

cat >"$tmp/two.json" <<'END'
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2-instance-connect:SendSSHPublicKey",
"Resource":"arn:aws:ec2:eu-west-1:111122223333:instance/i-1234567890abcdef0","Condition":{"StringEquals":{"ec2:osuser":"ec2-user"}}},
{"Effect":"Allow","Action":"ec2:DescribeInstances","Resource":"*"}]}
END
awk 'BEGIN {
	printf "{\"Version\":\"2012-10-17\",\"Statement\":["
	for (i = 0; i < 60; i++)
		printf "%s{\"Effect\":\"Allow\",\"Action\":\"ec2-instance-connect:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":" \
			"{\"ec2:osuser\":\"u%d\"},\"StringNotLike\":{\"aws:username\":\"x*%d\"}}}", i ? "," : "", i, i
	print "]}"
}' >"$tmp/sixty.json"
awk 'BEGIN {
	printf "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"ec2:osuser\":\""
	for (i = 0; i < 1023; i++) printf "a*"
	print "b\"}}}}"
}' >"$tmp/hostile.json"
cases() {
	awk -v n="$1" -v user="$2" 'BEGIN { for (i = 0; i < n; i++) print "{\"osUser\":\"" user "\"}" }'
}
cases 1 root >"$tmp/one"
cases 100000 root >"$tmp/many"
cases 2000 root >"$tmp/some"
cases 1000 "$(awk 'BEGIN { for (i = 0; i < 2048; i++) printf "a" }')" >"$tmp/long"

decisions 'policy-check, one decision' 30 "$tmp/two.json" "$tmp/one"
decisions 'policy-check, 100,000 decisions, 2 statements' 3 "$tmp/two.json" "$tmp/many"
decisions 'policy-check, 2,000 decisions, 60 statements' 3 "$tmp/sixty.json" "$tmp/some"
row 'policy-check, 1,000 hostile patterns of 2,048' 5 \
	"$EICBOX policy-check -p $tmp/hostile.json --principal $PERSON -i $INSTANCE -r eu-west-1 --batch $tmp/long" -
