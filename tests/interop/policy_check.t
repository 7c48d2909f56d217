#!/bin/sh
# policy_check.t - the evaluator against @cloud-copilot/iam-simulate, which nobody here wrote
#
# The package is for this test only: npm installs it, at the version below, into the cache. SEED and WORLDS choose other cases.
. "${0%/*}/../lib.sh"

PEER_VERSION=0.1.173
CACHE=${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/eicbox}
PEER=$CACHE/npm-iam-simulate-$PEER_VERSION
SCRIPTS=$TOP/tests/interop/policy_check
export PEER

install_peer() {
	[ -d "$PEER/node_modules/@cloud-copilot/iam-simulate" ] && return
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$PEER" \
		"@cloud-copilot/iam-simulate@$PEER_VERSION" >"$tmp/npm" 2>&1
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	cannot 'the evaluator agrees with an independent one' 'node and npm are missing'
	done_testing
fi
ok 'the peer can be installed' install_peer

compare() {
	node "$SCRIPTS/differential.mjs" "${SEED:-1000}" "${WORLDS:-1000}" 12 >"$tmp/sums" 2>&1 && return
	cut -c 1-2000 "$tmp/sums" >&2
	return 1
}
ok 'both could be asked all questions' compare
sum() {
	sed -n "s/^$1 //p" "$tmp/sums"
}
[ "$(sum differences)" = 0 ] || cut -c 1-2000 "$tmp/sums" | sed 's/^/# /'
cases=$(sum cases)
ok 'at least 10,000 random cases were decided by both' test "${cases:-0}" -ge 10000
ok 'a good part of them asks for an OS user that the policies name' test "$(sum osuser)" -ge "$((${cases:-0} / 10))"
ok 'all three decisions are among the answers' \
	test "$(sum allowed)" -gt 0 -a "$(sum implicitDeny)" -gt 0 -a "$(sum explicitDeny)" -gt 0
is 'nothing is allowed that the peer denies' 0 "$(sum wronglyAllowed)"
is 'no decision differs' 0 "$(sum differences)"
for what in notPrincipal boundary session crossAccount resourcePolicy scps; do
	ok "hundreds of cases have: $what" test "$(sum $what)" -ge 300
done

# what is said with a part of the context is not taken back with all of it
more() {
	node "$SCRIPTS/certain.mjs" "${SEED:-1000}" "${WORLDS:-600}" 12 >"$tmp/sums" 2>&1
}
ok 'a part of the context could be asked about' more
[ "$(sum broken)" = 0 ] || cut -c 1-2000 "$tmp/sums" | sed 's/^/# /'
is 'what is certain stays so when more is known' 0 "$(sum broken)"
ok 'much is certain, and something is not' test "$(sum certain)" -gt "$(sum open)" -a "$(sum open)" -gt 500

# deviation NAME OURS PEER - both still decide as the names in deviations.mjs say
deviation() {
	is "known deviation of the peer: $1" "$1 $2 $3" "$(grep "^$1 " "$tmp/deviations")"
}
node "$SCRIPTS/deviations.mjs" >"$tmp/deviations" 2>&1
deviation ipv4-slash-zero allowed implicitDeny
deviation epoch-as-milliseconds allowed implicitDeny
deviation four-digit-year allowed implicitDeny
deviation variables-in-old-versions implicitDeny allowed
deviation escapes-under-equals allowed implicitDeny
deviation bare-ipv6-as-text allowed implicitDeny
deviation not-ip-address-across-families allowed implicitDeny
deviation unresolved-variable-negated explicitDeny allowed
deviation lenient-numbers implicitDeny allowed
deviation not-resource-short-arn explicitDeny allowed
deviation not-resource-unresolved-variable explicitDeny allowed
deviation session-policy-limits-resource-policy allowed implicitDeny
deviation partition-without-case implicitDeny allowed
deviation type-wildcard-never-matches allowed implicitDeny
deviation for-any-value-if-exists allowed implicitDeny
deviation set-operator-on-null implicitDeny allowed
deviation wildcard-over-newline allowed implicitDeny
deviation wildcard-in-action-prefix allowed implicitDeny
deviation endpoint-policy-principal allowed explicitDeny
deviation tags-of-no-resource implicitDeny allowed
deviation not-principal-account-alone explicitDeny allowed
deviation not-principal-without-account explicitDeny allowed
deviation path-of-a-role implicitDeny allowed
deviation public-api-osuser allowed refused
deviation public-api-tunnel allowed refused
deviation unsafe-api-session explicitDeny allowed
done_testing
