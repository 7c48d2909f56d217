#!/bin/sh
# authkeys.sh - the agent alone, and a login through it beside one with a plain AuthorizedKeysFile
#
# The shell agent is not in Debian, so it is no peer here. All of it runs in a namespace that plays the
# instance; the last rows need sshd, unpacked.
. "${0%/*}/lib.sh"
. "${0%/*}/../instance.sh"

[ "$(id -u)" = 0 ] && unshare --mount --net --pid --fork true 2>/dev/null || {
	echo '| authkeys | needs root and namespaces | | | | | | | |'
	exit 0
}
want root unpack openssh-server || :
enter 'authkeys'
instance_begin
instance_mock --key-ttl 600 --control /run/control
instance_keys key
instance_push ec2-user "$tmp/key"
fingerprint=$(ssh-keygen -lf "$tmp/key.pub" | cut -d ' ' -f 2)
asked="$bin/authkeys --ca $bin/ca.pem"

row 'authkeys, no key' 200 "$asked other" -
row 'authkeys, another fingerprint' 200 "$asked ec2-user SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" -
row 'authkeys, valid key' 200 "$asked ec2-user $fingerprint" -
"$EICBOX" metadata-mock --control /run/control on /latest delay=1 >/dev/null
row 'authkeys, no key, 1 ms an answer' 100 "$asked other" -
row 'authkeys, valid key, 1 ms an answer' 100 "$asked ec2-user $fingerprint" -
"$EICBOX" metadata-mock --control /run/control clear >/dev/null

[ -n "$root" ] || exit 0
libs=$(libraries "$root")
ssh-keygen -q -t ed25519 -N '' -f /run/sshd/host_key
mkdir -m 700 /run/home/ec2-user/.ssh
cp "$tmp/key.pub" /run/home/ec2-user/.ssh/authorized_keys
chown -R ec2-user: /run/home/ec2-user

# sshd PORT LINE...: listens there with these lines of configuration
sshd() {
	port=$1
	shift
	printf '%s\n' "Port $port" 'ListenAddress 127.0.0.1' 'HostKey /run/sshd/host_key' 'PidFile none' 'UsePAM no' \
		'MaxStartups 1000' "$@" >/run/sshd/config.$port
	: >/run/sshd/log.$port
	LD_LIBRARY_PATH=$libs start "$root/usr/sbin/sshd" -D -e -E /run/sshd/log.$port -f /run/sshd/config.$port
	wait_for 10 grep -q 'Server listening' /run/sshd/log.$port
}
# login PORT [KEY [USER]]
login() {
	echo "ssh -F none -p $1 -i $tmp/${2:-key} -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=QUIET" \
		"-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${3:-ec2-user}@127.0.0.1 true"
}
# refused PORT KEY USER: sshd takes at least a time of its own for each look-up that fails, and twice that when the
# look-up took longer; authkeys has to end before it
refused() {
	echo "sh -c '! $(login "$@")'"
}
sshd 2301 'AuthorizedKeysFile none' "AuthorizedKeysCommand $asked %u %f" 'AuthorizedKeysCommandUser ec2-instance-connect'
sshd 2302 'AuthorizedKeysFile .ssh/authorized_keys'
row 'a login with authkeys; peer: a key in a file' 40 "$(login 2301)" "$(login 2302)"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/wrong"
sshd 2303 'AuthorizedKeysFile none'
row 'a refused login, no key pushed; peer: sshd alone' 40 "$(refused 2301 wrong other)" "$(refused 2303 wrong other)"
row 'a refused login, another key pushed; peer: sshd alone' 40 "$(refused 2301 wrong ec2-user)" "$(refused 2303 wrong ec2-user)"
