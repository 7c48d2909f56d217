#!/bin/sh
# policy_check.sh - decisions beside those of @cloud-copilot/iam-simulate in Node
#
# The peer is what the interop test installs; without it its cells say "not measured".
. "${0%/*}/lib.sh"

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
# statements N OPERATORS VALUES: that many, with so many operators each, and values of each
statements() {
	awk -v n="$1" -v operators="$2" -v values="$3" 'BEGIN {
		printf "{\"Version\":\"2012-10-17\",\"Statement\":["
		for (i = 0; i < n; i++) {
			printf "%s{\"Effect\":\"Allow\",\"Action\":\"ec2-instance-connect:*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":" \
				"{\"ec2:osuser\":[", i ? "," : ""
			for (k = 0; k < values; k++) printf "%s\"u%d-%d\"", k ? "," : "", i, k
			printf "]}"
			if (operators > 1) printf ",\"StringNotLike\":{\"aws:username\":\"x*%d\"}", i
			printf "}}"
		}
		print "]}"
	}'
}
statements 60 2 1 >"$tmp/sixty.json"
statements 600 2 1 >"$tmp/sixhundred.json"
statements 60 1 10 >"$tmp/values.json"
statements 60 1 100 >"$tmp/manyvalues.json"
awk 'BEGIN {
	printf "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringLike\":{\"custom:text\":\""
	for (i = 0; i < 1023; i++) printf "a*"
	print "b\"}}}}"
}' >"$tmp/hostile.json"
cases() {
	awk -v n="$1" -v user="$2" 'BEGIN { for (i = 0; i < n; i++) print "{\"osUser\":\"" user "\"}" }'
}
cases 1 root >"$tmp/one"
cases 100000 root >"$tmp/many"
cases 2000 root >"$tmp/some"
awk 'BEGIN {
	for (k = 0; k < 2048; k++) text = text "a"
	for (i = 0; i < 1000; i++) print "{\"context\":{\"custom:text\":\"" text "\"}}"
}' >"$tmp/long"

decisions 'policy-check, one decision' 30 "$tmp/two.json" "$tmp/one"
decisions 'policy-check, 100,000 decisions, 2 statements' 3 "$tmp/two.json" "$tmp/many"
decisions 'policy-check, 2,000 decisions, 60 statements, 2 operators' 3 "$tmp/sixty.json" "$tmp/some"
# ten times as much should take ten times as long
for n in 'sixhundred 600 statements, 2 operators' 'values 60 statements, 10 values' 'manyvalues 60 statements, 100 values'; do
	row "policy-check, 2,000 decisions, ${n#* }" 3 \
		"$EICBOX policy-check -p $tmp/${n%% *}.json --principal $PERSON -i $INSTANCE -r eu-west-1 --batch $tmp/some" -
done
row 'policy-check, 1,000 hostile patterns of 2,048' 5 \
	"$EICBOX policy-check -p $tmp/hostile.json --principal $PERSON -i $INSTANCE -r eu-west-1 --batch $tmp/long" -
