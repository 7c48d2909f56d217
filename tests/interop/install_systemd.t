# install_systemd.t - under a real systemd the unit of sshd is told, its process and who is logged in stay
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

need machine_base machine
need systemd unpack systemd libsystemd-shared libapparmor1 libkmod2 libip4tc2 libcap-ng0
enter 'install under systemd'
machine_begin
instance_mock --key-ttl 600
machine_keys
for folder in lib bin sbin; do
	cp -a "$systemd/$folder/." $machine/usr/$folder/
done
cp -a "$systemd/usr/." $machine/usr/
: >$machine/etc/machine-id
mkdir -p $machine/etc/systemd/system/ssh.service.d $machine/run/systemd
printf '[Unit]\nDefaultDependencies=no\n' >$machine/etc/systemd/system/ssh.service.d/alone.conf

# nothing but sshd, as process 1 of a namespace, in a control group that is gone afterwards
group=/run/cgroup/eicbox-$instance
mkdir -p /run/cgroup $machine/sys/fs/cgroup
mount -t cgroup2 cgroup2 /run/cgroup
mkdir -p $group
start sh -c "
	echo \$\$ >$group/cgroup.procs
	exec unshare --pid --mount --cgroup --fork --kill-child=KILL sh -c '
		mount -t proc proc $machine/proc
		mount -t cgroup2 cgroup2 $machine/sys/fs/cgroup
		exec chroot $machine /usr/bin/env -i container=test PATH=/usr/sbin:/usr/bin \
			/lib/systemd/systemd --unit=ssh.service --log-target=console'"
boot=$pid boot_log=$log
init() { pgrep -P $boot; }
inside() {
	nsenter --target "$(init)" --pid --mount --cgroup --root --wd /usr/bin/env -i HOME=/root \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
}
ready() { inside systemctl is-active ssh.service; }
main_pid() { inside systemctl show -P MainPID ssh.service; }
told() { # TIMES: and listens again
	[ "$(grep -c 'Received SIGHUP' $syslog)" = "$1" ] && [ "$(grep -c 'listening on 0' $syslog)" = $(($1 + 1)) ]
}
ok 'systemd has started sshd' wait_for 20 ready || { note "$(cat "$boot_log")"; done_testing; }

sshd=$(main_pid)
start login other own 'echo in; sleep 60'
session=$pid
ok 'somebody is logged in' wait_for 10 grep -q in "$log"
check 'install sets sshd up' 0 '*60-eicbox.conf' inside eicbox install
err_like 'and has its unit told' '*sshd: reads its files again*'
ok 'once' wait_for 10 told 1
instance_push ec2-user "$tmp/key"
check 'the mock is not Amazon: its keys are refused' 255 '' login ec2-user key id
ok 'so the sshd that runs has asked' wait_for 5 grep -q 'AuthorizedKeysCommand /usr/bin/eicbox' $syslog
check 'all is well' 0 '*takes effect*sshd -T *ok*' inside eicbox install --status
check 'it is taken away' 0 '*undo file*' inside eicbox install --remove
err_like 'with another reload' '*sshd: reads its files again*'
ok 'once more' wait_for 10 told 2
is 'the process is the same' "$sshd" "$(main_pid)"
ok 'and who was logged in is' kill -0 $session

# --- one that does not run

inside systemctl stop ssh.service
check 'a unit that does not run' 0 '*60-eicbox.conf' inside eicbox install
err_like 'is not told' '*sshd: does not run, so nobody had to be told*'
refute 'nor started' inside systemctl is-active ssh.service
ok 'nor told' told 2

# --- a unit of two names

inside eicbox install --remove >/dev/null 2>&1
etc=$machine/etc/systemd/system
mkdir $etc/sshd.service.d
ln -sf /lib/systemd/system/ssh.service $etc/sshd.service
printf '[Service]\nEnvironment="MORE=-o AuthorizedKeysCommand=/usr/bin/x"\n' >$etc/ssh.service.d/a.conf
printf '[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -4 $MORE\n' >$etc/sshd.service.d/b.conf
inside systemctl daemon-reload
like 'systemd reads the drop-ins of both' '*/ssh.service.d/a.conf */sshd.service.d/b.conf' "$(inside systemctl show -P DropInPaths ssh.service)"
check 'and install does' 1 '' inside eicbox install
err_like 'by either name' '*/ssh.service.d/a.conf:2: sshd has an AuthorizedKeysCommand already: /usr/bin/x*'
sed -i "s, .MORE,," $etc/sshd.service.d/b.conf
check 'the last one counts' 0 '*60-eicbox.conf' inside eicbox install
inside eicbox install --remove >/dev/null 2>&1
stop $boot
wait_for 10 grep -q 'populated 0' $group/cgroup.events
find $group -depth -type d -exec rmdir {} +
done_testing
