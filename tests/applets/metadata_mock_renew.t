#!/bin/sh
# metadata_mock_renew.t - certificates are issued again in time, for the same keys, while the mock runs and when it starts
. "${0%/*}/../lib.sh"

day=86400
sock=$tmp/control
state=$tmp/state
instance=i-0123456789abcdef0
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY AWS_REGION=us-east-1

serve() {
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$state" --ca-out "$tmp/ca.pem" --control "$sock" "$@"
	mock=$pid mock_log=$log
	wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

# later DAYS: the mock's clock is that much ahead, and a request has seen it
later() {
	"$EICBOX" metadata-mock --control "$sock" clock $(($1 * day)) || note 'no clock'
	is "after $1 days it answers" $instance "$(curl -s -m 5 "$url/latest/meta-data/instance-id")"
}

public() { openssl x509 -noout -pubkey -in "$1"; }

# chain ROOT DAYS: what is served now, judged by that root at that time
chain() {
	rm -f "$tmp"/cert?.pem
	curl -s -m 5 "$url/latest/meta-data/managed-ssh-keys/signer-cert" | awk -v dir="$tmp" '/BEGIN/ { n++ } { print >(dir "/cert" n ".pem") }'
	openssl verify -x509_strict -attime $(($(date +%s) + $2 * day)) -CAfile "$1" -untrusted "$tmp/cert2.pem" "$tmp/cert1.pem"
}

# --- while it runs

tls=
case $("$EICBOX" metadata-mock --help) in
*--tls-listen*) tls='--tls-listen 127.0.0.1:0' ;;
esac
serve $tls
cp "$tmp/ca.pem" "$tmp/first.pem"
cp "$state/root.key" "$tmp/first.key"
later 19
ok 'with more than a third left the root stays' cmp "$tmp/first.pem" "$tmp/ca.pem"
later 21
refute 'with less it is written again' cmp -s "$tmp/first.pem" "$tmp/ca.pem"
is 'for the same key' "$(public "$tmp/first.pem")" "$(public "$tmp/ca.pem")"
ok 'and once' cmp "$tmp/ca.pem" "$state/root.pem"
cp "$tmp/ca.pem" "$tmp/second.pem"
later 22
ok 'not for each request' cmp "$tmp/second.pem" "$tmp/ca.pem"
check 'the new root lives thirty days more' 0 '*' openssl x509 -noout -checkend $((50 * day)) -in "$tmp/ca.pem"
check 'and no longer' 1 '*' openssl x509 -noout -checkend $((52 * day)) -in "$tmp/ca.pem"
check 'the chain holds under the new root' 0 '*OK' chain "$tmp/ca.pem" 22
check 'under the old one, too, as long as that lives' 0 '*OK' chain "$tmp/first.pem" 22
check 'but no longer' 2 '*' chain "$tmp/first.pem" 31
ok 'the chain ends with the new root' cmp "$tmp/cert3.pem" "$tmp/ca.pem"

printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n' >"$tmp/key.pub"
later 100
late() { perl "$TOP/tests/clock.pl" $((100 * day)) "$@"; }
if ! emulated 2>/dev/null && late true; then
	check 'a hundred days on a push is taken' 0 '*"Success": true*' late "$EICBOX" push --endpoint-url "$url" --instance-id $instance \
		--instance-os-user ec2-user --ssh-public-key "file://$tmp/key.pub"
	check 'and its key is proven' 0 'ssh-ed25519 *' late "$EICBOX" authkeys --imds "$url" --ca "$tmp/ca.pem" --no-ec2-check \
		--instance-id $instance ec2-user
	check 'but not by the root of the first month' 1 '' late "$EICBOX" authkeys --imds "$url" --ca "$tmp/first.pem" --no-ec2-check \
		--instance-id $instance ec2-user
fi
later 0
check 'with the clock set right again nothing is lost' 0 '*OK' chain "$tmp/ca.pem" 0

if [ "$tls" ]; then
	tls=$(sed -n 's,.* \(https://[^ ]*\) for.*,\1,p' "$mock_log")
	for root in first ca; do
		check "TLS is under the same key ($root)" 0 '*UnknownOperationException*' curl -s -m 5 --cacert "$tmp/$root.pem" -X POST \
			-H 'X-Amz-Target: x' "$tls/"
	done
	# a connection that stands while the certificate behind it is renewed
	request='POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: x\r\nContent-Length: 0\r\n\r\n'
	(
		printf "$request"
		wait_for 20 test -e "$tmp/renewed"
		printf "$request"
		wait_for 20 test -e "$tmp/over"
	) | timeout 30 openssl s_client -quiet -connect "${tls#https://}" >"$tmp/said" 2>/dev/null &
	client=$!
	answers() { [ "$(grep -o '^HTTP/1.1 400\|}HTTP/1.1 400' "$tmp/said" | wc -l)" = "$1" ]; }
	renewed() { # DAYS
		later "$1"
		check "another one sees the certificate of day $1" 0 '*' sh -c \
			"openssl s_client -connect '${tls#https://}' </dev/null 2>/dev/null | openssl x509 -noout -checkend $((($1 + 25) * day))"
	}
	ok 'a connection stands' wait_for 10 answers 1
	renewed 130
	: >"$tmp/renewed"
	ok 'while the first goes on' wait_for 10 answers 2
	: >"$tmp/over"
	wait $client
	renewed 160
fi

# --- where nothing can be written

rm -rf "$state"
: >"$state"
later 300
like 'a state folder that is gone is told' '*metadata-mock: certificates: *state: *' "$(cat "$mock_log")"
is 'once' 1 "$(grep -c 'certificates:' "$mock_log")"
check 'and the chain holds all the same' 0 '*OK' chain "$tmp/ca.pem" 300
rm "$state"
stop "$mock"

# --- when it starts

serve
stop "$mock"
cp "$tmp/ca.pem" "$tmp/first.pem"
cp "$state/root.key" "$tmp/first.key"
serve --fault "clock $((40 * day))"
ok 'a month later it starts with the same key' cmp "$tmp/first.key" "$state/root.key"
check 'and with certificates that hold' 0 '*OK' chain "$tmp/ca.pem" 40
check 'which the old root does not prove any more' 2 '*' chain "$tmp/first.pem" 40
stop "$mock"
cp "$tmp/ca.pem" "$tmp/first.pem"
serve --fault "clock -$((40 * day))"
check 'and a month earlier, too' 0 '*OK' chain "$tmp/ca.pem" -40
is 'with the same key' "$(public "$tmp/first.pem")" "$(public "$tmp/ca.pem")"
stop "$mock"
: >"$state/intermediate.key"
serve
refute 'where a key is lost all are made anew' cmp -s "$tmp/first.key" "$state/root.key"
check 'and hold' 0 '*OK' chain "$tmp/ca.pem" 0
stop "$mock"

done_testing
