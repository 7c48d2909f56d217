# authkeys_clock.t - the shipped agent under clocks that are wrong by days and years
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

! emulated || skip_all 'the clock of an emulated program cannot be changed by ptrace'
perl "$TOP/tests/clock.pl" 0 true
[ $? != 77 ] || skip_all 'another clock can be played on x86-64 only'

signer_service
day=86400
year=$((365 * day))
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
key=$(cut -d ' ' -f 1,2 "$tmp/key.pub")
signer_block "$s" $(($(date +%s) + 20 * year)) $id "$key" >"$keys/bob"
cp "$keys/bob" "$tmp/blocks"

# under SECONDS OPTION...
under() {
	clock=$1
	shift
	perl "$TOP/tests/clock.pl" "$clock" "$EICBOX" authkeys --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id \
		--timeout 60 "$@"
}
check 'the clock that is right lets the key in' 0 "$key" under 0 -v bob
check 'one that is an hour ahead as well' 0 "$key" under 3600 bob
check 'four days ahead the staples are out of date' 1 '' under $((4 * day)) -v bob
err_like 'by rule 10' '*rule 10: *out of date*'
check 'forty days ahead the signer has expired' 1 '' under $((40 * day)) -v bob
err_like 'by rule 9' '*rule 9: *expired*'
check 'thirty years ahead the key has expired' 0 '' under $((30 * year)) -v bob
err_like 'by rule 13' '*rule 13*'
# since DATE: so many seconds lie between then and now; no build is older than these dates, whenever the tests run
since() { echo $(($(date +%s) - $(date -u -d "$1" +%s))); }
for date in 2021-01-01 1996-01-01 1970-01-02; do
	check "in $date nothing is trusted" 1 '' under -$(since $date) -v bob
	err_like 'because the clock is not plausible' '*rule 1: the clock is not plausible*'
done
past=-$(since 2021-01-01)
check 'nor with the compiled-in anchors' 1 '' perl "$TOP/tests/clock.pl" $past "$EICBOX" authkeys -v --imds "$url" \
	--no-ec2-check --instance-id $id bob
err_like 'for the same reason' '*rule 1: the clock is not plausible*'

if "$EICBOX" authkeys --offline --help >/dev/null 2>&1; then
	mkdir "$tmp/ocsp"
	cp "$s/leaf.ocsp" "$s/mid.ocsp" "$tmp/ocsp"
	files() {
		perl "$TOP/tests/clock.pl" "$1" "$EICBOX" authkeys --offline -x true -p "$tmp/blocks" -s "$(cat "$s/chain.pem")" \
			-i $id -c $cn -a "$s/root.pem" -v "$tmp/ocsp"
	}
	check 'keys in files are proven under the right clock' 0 "$key" files 0
	check 'and refused under one of the past' 1 '*could not verify the signer trust chain*' files $past
	err_like 'for the same reason' '*rule 1: the clock is not plausible*'
fi

if "$EICBOX" authkeys --help | grep -q -e --watch; then
	mkdir -m 700 "$tmp/.ssh"
	watch() { start perl "$TOP/tests/clock.pl" "$1" "$EICBOX" authkeys --watch --output "$tmp/.ssh/authorized_keys" \
		--imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id bob; }
	watch $past
	ok 'the writer says so as well' wait_for 60 grep -q 'rule 1: the clock is not plausible' "$log"
	refute 'and writes nothing' test -e "$tmp/.ssh/authorized_keys"
	stop "$pid"
	watch 0
	ok 'under the right clock it writes' wait_for 60 grep -q -x -F -e "$key" "$tmp/.ssh/authorized_keys"
	stop "$pid"
fi
done_testing
