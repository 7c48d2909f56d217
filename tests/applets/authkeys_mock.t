# authkeys_mock.t - the agent and metadata-mock: what it grants, its faults, and two hundred at once
. "${0%/*}/../lib.sh"

"$EICBOX" --list | grep -q metadata-mock || skip_all 'this profile has no metadata-mock'

id=i-0123456789abcdef0
# begin NAME OPTION...: a mock with its root in NAME.pem
begin() {
	root=$tmp/$1.pem
	shift
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --ca-out "$root" --key-ttl "${ttl:-300}" "$@"
	wait_for 30 grep -q AWS_ACCESS_KEY_ID "$log" || note "$(cat "$log")"
	url=$(sed -n 's,.*\(http://127\.0\.0\.1:[0-9]*\).*,\1,p' "$log" | head -n 1)
	AWS_ACCESS_KEY_ID=$(sed -n 's/.*AWS_ACCESS_KEY_ID=\([A-Z0-9]*\).*/\1/p' "$log" | head -n 1)
	AWS_SECRET_ACCESS_KEY=$(sed -n 's/.*AWS_SECRET_ACCESS_KEY=\([^ ]*\).*/\1/p' "$log" | head -n 1)
	AWS_REGION=us-east-1
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
}
begin first --control "$tmp/control"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
key=$(cut -d ' ' -f 1,2 "$tmp/key.pub")

push() {
	"$EICBOX" push --endpoint-url "$url" --instance-id $id --instance-os-user ec2-user \
		--ssh-public-key "file://$tmp/key.pub"
}
# a machine that is busy with other things decides nothing
ask() { "$EICBOX" authkeys --imds "$url" --ca "$root" --no-ec2-check --instance-id $id --timeout 60 "$@"; }
fault() { "$EICBOX" metadata-mock --control "$tmp/control" "$@" >/dev/null || note "fault: $*"; }

check 'before a push there is nothing' 0 '' ask ec2-user
ok 'a key is pushed' push
check 'and printed' 0 "$key" ask -v ec2-user
err_like 'with eight requests' '*8 requests on*'
check 'for nobody else' 0 '' ask root
check 'and not for another instance' 0 '' "$EICBOX" authkeys --imds "$url" --ca "$root" --no-ec2-check \
	--instance-id i-0fedcba9876543210 ec2-user
check 'the root of the mock is no anchor by itself' 1 '' "$EICBOX" authkeys --imds "$url" --no-ec2-check \
	--instance-id $id ec2-user

# bad WORDS...: with this fault a fresh push gets nobody in
bad() {
	fault "$@"
	tap_run push
	check "$*: nothing is printed" 1 '' ask -v ec2-user
	err_like "$*: the reason is said" '*: rule *'
	fault clear
}
fine() {
	fault "$@"
	tap_run push
	check "$*: the key is printed" 0 "$key*" ask ec2-user
	fault clear
}
# the mock signs at the push: a bad key of an earlier push must not stand beside a good one
bad wrong-salt on
bad wrong-signer on
bad expired-leaf on
bad leaf-name managed-ssh-signer.us-west-2.amazonaws.com
bad leaf-name 'managed-ssh-signer.us-east-1.amazonaws.com.evil.example'
bad staple revoked
bad staple unknown
bad staple missing
bad staple stale
fine staple good
fine sha256-names on
fine local-zone on
fine clock 60

# --- two hundred at once

# two hundred emulators would measure themselves
crowd=200
! emulated || crowd=10
ok 'a key is pushed' push
all() {
	i=0
	while [ $i -lt $crowd ]; do
		ask ec2-user >"$tmp/out.$i" 2>"$tmp/err.$i" &
		eval "run$i=$!"
		i=$((i + 1))
	done
	i=0 failed=0
	while [ $i -lt $crowd ]; do
		eval "wait \$run$i" || failed=$((failed + 1))
		i=$((i + 1))
	done
	[ $failed = 0 ]
}
all
is "$crowd at once end with 0" 0 $?
is 'and each prints the key' $crowd "$(grep -l -x -F -e "$key" "$tmp"/out.* | wc -l | tr -d ' ')"
is 'and nothing else' '' "$(cat "$tmp"/out.* "$tmp"/err.* | grep -v -x -F -e "$key")"

# --- clocks that do not agree

begin ahead --fault 'clock 240'
ok 'a service four minutes ahead takes a key' push
check 'its staples are believed' 0 "$key" ask ec2-user
begin behind --fault 'clock -240'
ok 'a service four minutes behind takes a key' push
check 'its staples are believed as well' 0 "$key" ask ec2-user
begin far --fault 'clock 600'
ok 'a service ten minutes ahead takes a key' push
check 'its staples are of the future: nothing is printed' 1 '' ask -v ec2-user
err_like 'and the reason is said' '*rule 10*'
# a key that ends while the agent still waits for the signer's certificate
ttl=5
begin short --control "$tmp/control.short"
"$EICBOX" metadata-mock --control "$tmp/control.short" on /latest/meta-data/managed-ssh-keys/signer-cert delay=5500 >/dev/null
ok 'a key of five seconds is pushed' push
check 'a key that expires during the run is not printed' 0 '' ask -v ec2-user
err_like 'because of its expiry' '*rule 13*'

done_testing
