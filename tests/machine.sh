# machine.sh - a minimal Debian with sshd, in the namespaces of instance.sh, to install in and log in to
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../machine.sh"
#	need machine_base machine
#	enter 'what this is about'
#	machine_begin                     # instance_begin, and $machine: an overlay, gone with the script
#
# inside CMD...           runs it in the machine, and waits until sshd has done what CMD may have told it
# settled STATUS          waits for that; ends with STATUS
# machine_keys            host keys and /run/sshd, as a first boot makes them
# machine_sshd            starts its sshd on port 22; $sshd is the process
# again CMD...            runs it, and waits until sshd, which was told to by CMD, listens again
# trusting FILE CMD...    while authkeys, whose line is in FILE, trusts the mock: the agent trusts Amazon alone
# login USER KEY CMD...   by the real ssh
# manifest                path, mode, owner, target, hash and attributes of all but what is transient
# remember, same NAME     keeps the manifest; compares with it

. "${0%/*}/../instance.sh"

machine=/run/machine

inside() {
	chroot $machine /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
	settled $?
}

# it sleeps, no signal is pending, and the last that it said is not that it begins anew
machine_rests() {
	! grep -aq '^State:.[^S]\|^S[a-z]*Pnd:.*[1-9a-f]' "/proc/$sshd/status" &&
		! grep -a 'Server listening\|Received SIGHUP' "$sshd_log" | tail -n 1 | grep -q Received
}

settled() {
	[ -z "${sshd-}" ] || ! kill -0 "$sshd" 2>/dev/null || wait_for 10 machine_rests || note 'sshd does not rest'
	return "$1"
}

machine_begin() {
	instance_begin
	mkdir -p $machine /run/upper/top /run/upper/work
	mount -t overlay -o lowerdir="$machine_base",upperdir=/run/upper/top,workdir=/run/upper/work overlay $machine ||
		{ mount -t tmpfs tmpfs $machine && cp -a "$machine_base/." $machine; }
	mount -t proc proc $machine/proc
	mount --rbind /sys $machine/sys
	mount --rbind /dev $machine/dev
	mount -t tmpfs tmpfs $machine/tmp
	mount -t tmpfs -o mode=755 tmpfs $machine/run
	cp "$EICBOX" $machine/usr/bin/eicbox
	chmod 755 $machine/usr/bin/eicbox
	for user in ec2-user other; do
		inside useradd -m -s /bin/sh $user
		inside usermod -p '*' $user
	done
	instance_keys key own
	mkdir $machine/home/other/.ssh
	cp "$tmp/own.pub" $machine/home/other/.ssh/authorized_keys
	inside chown -R other: /home/other/.ssh
}

machine_keys() {
	inside ssh-keygen -q -A
	mkdir -p $machine/run/sshd
}

machine_sshd() {
	: >/run/sshd.log
	start chroot $machine /usr/sbin/sshd -D -e "$@"
	sshd=$pid
	sshd_log=$log
	wait_for 10 grep -q 'Server listening' "$sshd_log" || note "$(cat "$sshd_log")"
}

machine_listens() { [ "$(grep -ac 'Server listening' "$sshd_log")" -gt "$heard" ]; }

again() {
	heard=$(grep -ac 'Server listening' "$sshd_log")
	"$@"
	again_status=$?
	wait_for 10 machine_listens || note "sshd does not listen again: $(tail -n 3 "$sshd_log")"
	return $again_status
}

trusting() {
	trusting_file=$1
	shift
	cp -p "$trusting_file" "$tmp/.trusting"
	cp $bin/ca.pem $machine/etc/mock.pem
	sed 's,authkeys,authkeys --ca /etc/mock.pem,' "$tmp/.trusting" >"$trusting_file"
	again kill -HUP $sshd
	"$@"
	trusting_status=$?
	cat "$tmp/.trusting" >"$trusting_file"
	rm $machine/etc/mock.pem
	again kill -HUP $sshd
	return $trusting_status
}

login() {
	user=$1 key=$2
	shift 2
	instance_ssh "$key" "$user@127.0.0.1" "$@"
}

manifest() {
	"$TOP/tests/manifest" $machine proc sys dev run tmp var/log var/cache usr/share/doc var/lib/dpkg var/lib/rpm
}
remember() { manifest >"$tmp/before"; }
same() {
	manifest >"$tmp/after"
	check "$1" 0 '' diff "$tmp/before" "$tmp/after"
}
