# install_told.t - which sshd is told to read its files: the one that reads ours, and when none can be found it is said
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

need machine_base machine
enter 'which sshd is told'
machine_begin
machine_keys
install() { inside eicbox install "$@"; }
untold() { # NAME: the sshd that runs was not disturbed
	is "$1" 1 "$(grep -c 'Server listening on 0' "$sshd_log")"
	ok 'and it runs' kill -0 $sshd
}

# --- one that has no PID file

echo 'PidFile none' >>$machine/etc/ssh/sshd_config
machine_sshd
check 'a sshd without a PID file' 0 '*60-eicbox.conf' install
err_like 'cannot be told, and that is said' '*sshd: runs without a PID file, and has to be told*SIGHUP*'
untold 'it is not'
install --remove >/dev/null 2>&1
start login other own 'echo in; sleep 60'
session=$pid
wait_for 10 grep -q in "$log"
stop $sshd
check 'a session alone' 0 '*60-eicbox.conf' install
err_like 'is nobody who listens' '*sshd: does not run, so nobody had to be told*'
ok 'and goes on' kill -0 $session
stop $session
install --remove >/dev/null 2>&1
sed -i '/PidFile/d' $machine/etc/ssh/sshd_config

# --- one of another root, whose /run and processes are seen

machine_sshd
host=$machine
machine=/run/image
mkdir -p $machine /run/upper/image /run/upper/image.work
mount -t overlay -o lowerdir="$machine_base",upperdir=/run/upper/image,workdir=/run/upper/image.work overlay $machine ||
	{ mount -t tmpfs tmpfs $machine && cp -a "$machine_base/." $machine; }
mount -t proc proc $machine/proc
mount --rbind /dev $machine/dev
mount --bind $host/run $machine/run
cp "$EICBOX" $machine/usr/bin/eicbox
inside ssh-keygen -q -A
ok 'in a chroot the PID file of the host is seen' grep -qx '[0-9]*' $machine/run/sshd.pid
check 'an image is set up there' 0 '*60-eicbox.conf' install
err_like 'but the sshd of the host is not told' '*sshd: does not run, so nobody had to be told*'
untold 'it has read nothing anew'
printf '%s\n' '#!/bin/sh' 'echo "Running in chroot, ignoring command '"'\$1'"'"' >$machine/usr/bin/systemctl
chmod 755 $machine/usr/bin/systemctl
mkdir -p $machine/run/systemd/system
check 'a systemctl that ignores what it is asked' 0 '*' install --remove
unlike 'is not believed' '*reads its files again*' "$err"
untold 'nothing anew'
done_testing
