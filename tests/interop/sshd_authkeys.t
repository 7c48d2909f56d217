# sshd_authkeys.t - the real sshd asks authkeys, on an instance that is played by a namespace
. "${0%/*}/../lib.sh"
. "${0%/*}/../instance.sh"

need root unpack openssh-server
enter 'sshd asks authkeys'
instance_begin
life=15
instance_mock --key-ttl $life
libs=$(libraries "$root")
instance_keys key wrong
ssh-keygen -q -t rsa -b 2048 -N '' -f "$tmp/rsa"
ssh-keygen -q -t ed25519 -N '' -f /run/sshd/host_key

# sshd PORT COMMAND [LINE...]
sshd() {
	port=$1
	cat >/run/sshd/config.$port <<-EOF
		Port $port
		ListenAddress 127.0.0.1
		HostKey /run/sshd/host_key
		PidFile none
		UsePAM no
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		AuthorizedKeysFile .ssh/authorized_keys
		AuthorizedKeysCommand $2
		AuthorizedKeysCommandUser ec2-instance-connect
		$3
	EOF
	: >/run/sshd/log.$port
	LD_LIBRARY_PATH=$libs start "$root/usr/sbin/sshd" -D -e -E /run/sshd/log.$port -f /run/sshd/config.$port
	wait_for 10 grep -q 'Server listening' /run/sshd/log.$port || note "$(cat /run/sshd/log.$port "$log")"
}
# login PORT USER KEY COMMAND...
login() {
	to=$1 user=$2 key=$3
	shift 3
	instance_ssh "$key" -p "$to" "$user@127.0.0.1" "$@"
}
count() { grep -c -e "$1" "$2"; }

sshd 2301 "$bin/authkeys --ca $bin/ca.pem %u %f"
sshd 2302 "$bin/eic_run_authorized_keys --ca $bin/ca.pem --caller-env --expiry-option %u %f" \
	'PermitUserEnvironment yes'
sshd 2303 "$bin/authkeys --ca $bin/ca.pem --restrict restrict %u" 'FingerprintHash md5'
sshd 2304 "$bin/authkeys --ca $bin/ca.pem %u %f" 'FingerprintHash md5'

# --- in and out

refused 'before the push the key is refused' login 2301 ec2-user key id
instance_push ec2-user "$tmp/key"
like 'the push succeeds' '*"Success": true*' "$out"
request=$(printf '%s\n' "$out" | sed -n 's/.*"RequestId": "\([^"]*\)".*/\1/p')
check 'the pushed key is let in' 0 ec2-user login 2301 ec2-user key id -un
granted=$(grep 'Providing ssh key' $syslog | tail -n 1)
like 'the log says which key' "<86>authkeys*$(ssh-keygen -lf "$tmp/key.pub" | cut -d ' ' -f 2)*" "$granted"
like 'and which request' "*request-id: $request,*" "$granted"
like 'and who it was' '*arn:aws:iam::*:user/*' "$granted"
check 'under its old name and with options it is let in' 0 'arn:aws:iam::*:user/*' login 2302 ec2-user key 'echo $EIC_CALLER'
check 'a command without fingerprint, and restricted' 0 ec2-user login 2303 ec2-user key id -un
check 'a fingerprint by MD5' 0 ec2-user login 2304 ec2-user key id -un
refused 'another key is refused' login 2301 ec2-user wrong id
refused 'another user is refused' login 2301 other key id
sleep $life
refused 'after its life the key is refused' login 2301 ec2-user key id
refused 'under the old name as well' login 2302 ec2-user key id

instance_push ec2-user "$tmp/rsa"
check 'an RSA key is let in' 0 ec2-user login 2301 ec2-user rsa id -un

# --- what is no login

instance_push other "$tmp/key"
printf 'i-0fedcba9876543210\n' >/sys/devices/virtual/dmi/id/board_asset_tag
refused 'on another instance the key is refused' login 2301 other key id
like 'and the log says why' '*rule 12*' "$(tail -n 5 $syslog)"
printf 'Not Specified\n' >/sys/devices/virtual/dmi/id/board_asset_tag
refused 'where there is no EC2 the key is refused' login 2301 other key id
like 'and the log says why' '*non-instance*' "$(tail -n 5 $syslog)"
printf '%s\n' $instance >/sys/devices/virtual/dmi/id/board_asset_tag
check 'and back on the instance it is let in' 0 other login 2301 other key id -un
is 'in all of this sshd complains of nothing' 0 "$(cat /run/sshd/log.* | grep -c 'failed, status')"

printf '#!/bin/sh\n%s/authkeys --ca %s/ca.pem "$@"\nexit $?\n' $bin $bin >$bin/wrapper
chmod 755 $bin/wrapper
sshd 2305 "$bin/wrapper %u %f"
check 'a script may stand between' 0 other login 2305 other key id -un
chown 64103 $bin/ca.pem
refused 'behind which a --ca of that user does not count either' login 2305 other key id
like 'and the log says why' '*does not belong to root*' "$(tail -n 5 $syslog)"
refused 'a --ca that belongs to the user of the command is refused' login 2301 other key id
like 'and the log says why' '*does not belong to root*' "$(tail -n 5 $syslog)"
chown 0 $bin/ca.pem

stop "$mock"
mkdir -p /run/home/other/.ssh
cp "$tmp/wrong.pub" /run/home/other/.ssh/authorized_keys
chown -R other: /run/home/other
check 'without a metadata service keys in files still count' 0 other login 2301 other wrong id -un

# --- by IPv6

if ip -6 addr add fd00:ec2::254/128 dev lo nodad 2>/dev/null; then
	start "$EICBOX" metadata-mock --imds-listen '[fd00:ec2::254]:80' --api-listen 127.0.0.1:1339 --expose \
		--state /run/mock
	wait_for 30 grep -q AWS_ACCESS_KEY_ID "$log" || note "$(cat "$log")"
	instance_push ec2-user "$tmp/key"
	key=$(cut -d ' ' -f 1,2 "$tmp/key.pub")
	check '--ipv6 asks there' 0 "$key" $bin/authkeys --ca $bin/ca.pem --ipv6 ec2-user
	check 'without it, it is asked when nobody else answers' 0 "$key" $bin/authkeys --ca $bin/ca.pem --timeout 4 ec2-user
	check 'and sshd gets its key that way, too' 0 ec2-user login 2301 ec2-user key id -un
else
	cannot '--ipv6 asks there' 'there is no IPv6'
fi
done_testing
