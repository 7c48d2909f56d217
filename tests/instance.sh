# instance.sh - plays an EC2 instance: a mount, network and pid namespace with 169.254.169.254 and DMI
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../instance.sh"
#	enter 'what this is about'      # see namespace.sh, also for what has to be fetched before
#	instance_begin                  # lo, DMI, users, /dev/log
#	instance_mock                   # metadata-mock
#
# Everything lies on tmpfs of the namespace: nothing is left, however the script ends.
#
# $instance     its id               $imds, $api   where metadata-mock answers, the API at $api
# $syslog       what came to /dev/log
# $bin          a folder that sshd accepts programs from: eicbox, and links to it
# instance_push USER KEYFILE         pushes KEYFILE.pub, leaves the answer in $out
# instance_mock [OPTION...]          starts metadata-mock; $mock is its process
# instance_keys NAME...              makes the key pairs $tmp/NAME
# instance_ssh KEY ARG...            the real ssh with the private key $tmp/KEY and nothing else
# refused NAME LOGIN...              a login that the server refuses, whatever the key was
. "${0%/*}/../namespace.sh"

instance=i-0123456789abcdef0
imds=http://169.254.169.254
api=http://127.0.0.1:1339
bin=/run/eicbox
syslog=/run/syslog

# the devices that sshd and a shell use, and room for /dev/log
instance_dev() {
	mkdir -p /run/dev/pts /run/dev/shm
	for node in null zero full random urandom tty; do
		: >/run/dev/$node
		mount --bind /dev/$node /run/dev/$node
	done
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /run/dev/pts
	ln -s pts/ptmx /run/dev/ptmx
	ln -s /proc/self/fd /run/dev/fd
	mount --rbind /run/dev /dev
}

instance_users() {
	for f in passwd group shadow; do
		grep -v -e '^sshd:' -e '^ec2-user:' -e '^other:' -e '^ec2-instance-connect:' /etc/$f >/run/$f
	done
	cat >>/run/passwd <<-EOF
		sshd:x:64101:65534::/run/sshd:/usr/sbin/nologin
		ec2-user:x:64102:64102::/run/home/ec2-user:/bin/sh
		ec2-instance-connect:x:64103:64103::/:/usr/sbin/nologin
		other:x:64104:64104::/run/home/other:/bin/sh
	EOF
	printf 'ec2-user:x:64102:\nec2-instance-connect:x:64103:\nother:x:64104:\n' >>/run/group
	printf '%s:*:1::::::\n' sshd ec2-user ec2-instance-connect other >>/run/shadow
	chmod 600 /run/shadow
	for f in passwd group shadow; do
		mount --bind /run/$f /etc/$f
	done
	for user in ec2-user other; do
		mkdir -p /run/home/$user
		chown $user: /run/home/$user
	done
}

instance_syslog() {
	: >$syslog
	start perl -MIO::Socket::UNIX -e '$| = 1;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die "$!";
		chmod 0666, "/dev/log";
		print "ready\n";
		open my $out, ">>", shift; $out->autoflush(1);
		while (defined $s->recv(my $line, 8192)) { print $out "$line\n" }' $syslog
	wait_for 10 grep -q ready "$log"
}

instance_mock() {
	start "$EICBOX" metadata-mock --imds-listen 169.254.169.254:80 --api-listen 127.0.0.1:1339 --expose --state /run/mock \
		--ca-out $bin/ca.pem "$@"
	mock=$pid
	wait_for 30 grep -q AWS_ACCESS_KEY_ID "$log" || { note "$(cat "$log")" && exit 1; }
	chmod 644 $bin/ca.pem
	AWS_ACCESS_KEY_ID=$(sed -n 's/.*AWS_ACCESS_KEY_ID=\([A-Z0-9]*\).*/\1/p' "$log" | head -n 1)
	AWS_SECRET_ACCESS_KEY=$(sed -n 's/.*AWS_SECRET_ACCESS_KEY=\([^ ]*\).*/\1/p' "$log" | head -n 1)
	AWS_REGION=us-east-1
	export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION
}

instance_begin() {
	umask 022
	mount -t tmpfs -o mode=755 tmpfs /run
	mount -t tmpfs -o mode=755 tmpfs /sys
	mkdir -p /run/sshd $bin /sys/devices/virtual/dmi/id
	printf '%s\n' $instance >/sys/devices/virtual/dmi/id/board_asset_tag
	cp "$EICBOX" $bin/eicbox
	chmod 755 $bin/eicbox
	for name in authkeys eic_run_authorized_keys; do
		ln -s eicbox $bin/$name
	done
	ip link set lo up
	ip addr add 169.254.169.254/32 dev lo
	instance_dev
	instance_users
	instance_syslog
}

instance_push() {
	tap_run "$EICBOX" push --endpoint-url $api --instance-id $instance --instance-os-user "$1" \
		--ssh-public-key "file://$2.pub"
	[ "$tap_status" = 0 ] || note "push: $err"
}

instance_keys() {
	for instance_key; do
		ssh-keygen -q -t ed25519 -N '' -f "$tmp/$instance_key"
	done
}

instance_ssh() {
	instance_key=$1
	shift
	ssh -F none -i "$tmp/$instance_key" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 "$@"
}

refused() {
	refused_name=$1
	shift
	check "$refused_name" 255 '' "$@"
	err_like "$refused_name: by the server" '*Permission denied*'
}
