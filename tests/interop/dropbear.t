# dropbear.t - dropbear cannot ask a command: the writer keeps its authorized_keys
. "${0%/*}/../lib.sh"
. "${0%/*}/../instance.sh"

need root unpack dropbear-bin
enter 'the writer serves dropbear'
if ! "$EICBOX" authkeys --help | grep -q -e --watch; then
	cannot 'the writer serves dropbear' 'this profile has no writer'
	done_testing
fi
instance_begin
life=7
instance_mock --key-ttl $life
libs=$(libraries "$root")
instance_keys key static
ssh-keygen -q -t rsa -b 2048 -N '' -f "$tmp/rsa"
home=/run/home/ec2-user
file=$home/.ssh/authorized_keys
mkdir -m 700 $home/.ssh
cp "$tmp/static.pub" $file
chmod 600 $file
chown -R ec2-user: $home
LD_LIBRARY_PATH=$libs "$root/usr/bin/dropbearkey" -t ed25519 -f /run/host_key >/dev/null 2>&1
LD_LIBRARY_PATH=$libs start "$root/usr/sbin/dropbear" -F -E -s -p 127.0.0.1:2222 -r /run/host_key -P /run/dropbear.pid
dropbear=$log
listens() { perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:2222")'; }
wait_for 10 listens || note "$(cat "$dropbear")"

login() {
	key=$1
	shift
	instance_ssh "$key" -p 2222 ec2-user@127.0.0.1 "$@"
}
has() { grep -q -F -e "$(cut -d ' ' -f 1,2 "$tmp/$1.pub")" $file; }
hasnot() { ! has "$1"; }
begin() {
	start "$EICBOX" authkeys --watch --ca $bin/ca.pem --output $file ec2-user
	writer=$pid
	wait_for 10 grep -q 'ec2-user' "$log"
}

begin
said=$log
check 'a key of the file is let in' 0 ec2-user login static id -un
refused 'before the push the key is refused' login key id
instance_push ec2-user "$tmp/key"
ok 'the pushed key comes into the file' wait_for 5 has key
check 'and is let in' 0 ec2-user login key id -un
ok 'the log says who it was' grep -q 'Providing ssh key.*for IAM principal: arn:aws:iam::' "$said"
ok 'at its end it leaves the file' wait_for $((life + 5)) hasnot key
refused 'and is refused' login key id
check 'the key of the file is still let in' 0 ec2-user login static id -un
instance_push ec2-user "$tmp/rsa"
wait_for 5 has rsa
check 'an RSA key is let in' 0 ec2-user login rsa id -un
kill -9 "$writer"
ok 'kill -9 leaves the key behind' has rsa
begin
ok 'and the next run takes it out at its end' wait_for $((life + 5)) hasnot rsa
refused 'so that it is refused' login rsa id
instance_push ec2-user "$tmp/key"
wait_for 5 has key
stop "$writer"
ok 'SIGTERM takes the key out at once' hasnot key
refused 'so that it is refused' login key id
is 'in the end the file is as it was' "$(cat "$tmp/static.pub")" "$(cat $file)"
is 'and still its owner'\''s' "ec2-user 600" "$(stat -c '%U %a' $file)"
done_testing
