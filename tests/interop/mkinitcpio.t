# mkinitcpio.t - the hooks for mkinitcpio, which Debian does not have: its functions are played here
. "${0%/*}/../lib.sh"
. "${0%/*}/../instance.sh"

need busybox unpack busybox-static
enter 'the hooks of mkinitcpio work'
if ! "$EICBOX" authkeys --help | grep -q -e --watch; then
	cannot 'the hooks of mkinitcpio work' 'this profile has no writer'
	done_testing
fi
instance_begin
life=7
instance_mock --key-ttl $life
instance_keys key
root=/run/initcpio
mkdir -p $root/bin $root/proc $root/sys $root/root $root/dev $root/run
cp "$busybox/bin/busybox" $root/bin/busybox
for name in ash sh mkdir rm sleep; do
	ln -s busybox $root/bin/$name
done
echo 'root:x:0:0:root:/root:/bin/sh' >/run/passwd.new
mount -t proc proc $root/proc
mount --rbind /sys $root/sys
mount --rbind /dev $root/dev

# the machine that builds: its /etc/eicbox and /usr are ours alone
mkdir -p /run/etc /run/etcwork /run/usr /run/usrwork
for d in etc usr; do
	mount -t overlay -o "lowerdir=/$d,upperdir=/run/$d,workdir=/run/${d}work" overlay /$d || {
		cannot 'the hooks of mkinitcpio work' 'there is no overlayfs'
		done_testing
	}
done
rm -rf /etc/eicbox /usr/bin/eicbox /usr/local/bin/eicbox
cp -RL "$TOP/tools/dist/initramfs/mkinitcpio/usr/." /usr

# build: what mkinitcpio does with a file of install/, in bash as there
build() {
	bash -c 'error() { echo "==> ERROR: $*" >&2; }
		modinfo() { [ "$3" != ixgbevf ]; }
		add_module() { echo "module $1"; }
		add_file() { to=$BUILDROOT${2:-$1}; mkdir -p "${to%/*}"; cp "$1" "$to"; chmod "${3:-644}" "$to"; echo "file ${2:-$1}"; }
		add_runscript() { echo "runscript $hook"; mkdir -p "$BUILDROOT/hooks"; cp "/usr/lib/initcpio/hooks/$hook" "$BUILDROOT/hooks/"; }
		BUILDROOT=$0 KERNELVERSION=6.1 hook=eicbox
		. /usr/lib/initcpio/install/eicbox
		"$1"' $root "$1"
}

# --- what mkinitcpio builds

check 'without the program nothing is built' 1 '' build build
err_like 'and it is said why' '*ERROR: eicbox: eicbox is not there'
mkdir /etc/eicbox
echo 'EICBOX=/opt/none' >/etc/eicbox/initramfs.conf
refute 'nor where it is said to be elsewhere' build build
err_like 'with the path that was given' '*ERROR: eicbox: /opt/none is not there'
printf '#!/bin/sh\n' >/usr/bin/eicbox
chmod 755 /usr/bin/eicbox
refute 'nor with a program that has no writer' build build
err_like 'and it is said how to get one' '*cannot write files (make initramfs_defconfig)'
cp "$EICBOX" /usr/bin/eicbox
cp $bin/ca.pem /etc/eicbox/
echo "EICBOX_OPTIONS='--ca /etc/eicbox/ca.pem'" >/etc/eicbox/initramfs.conf
check 'with it all that is needed goes in' 0 'module ena
module xen-netfront
file /usr/bin/eicbox
file /etc/eicbox/ca.pem
file /etc/eicbox/initramfs.conf
file /lib/eicbox-functions
runscript eicbox' build build
check 'there is a help' 0 '*netconf*' build help

# --- what its init does, with busybox's shell

mkdir -p $root/etc
mv /run/passwd.new $root/etc/passwd
keys=$root/root/.ssh/authorized_keys
# what init does around our hook
init='default_mount_handler() { [ -s /root/.ssh/authorized_keys ] && echo "mounted $* with keys" || echo "mounted $*"; }
	mount_handler=default_mount_handler
	. /hooks/eicbox'
start chroot $root /bin/ash -c "$init
	run_hook
	n=0
	while [ ! -e /unlocked ] && [ \$n -lt 300 ]; do sleep 0.1; n=\$((n + 1)); done
	\$mount_handler /new_root
	run_emergencyhook
	n=0
	while [ ! -e /repaired ] && [ \$n -lt 300 ]; do sleep 0.1; n=\$((n + 1)); done
	run_latehook
	echo late"
init_log=$log
has() { grep -q -F -e "$(cut -d ' ' -f 1,2 "$tmp/key.pub")" $keys; }
hasnot() { ! has; }
runs() { [ -e "$root/proc/$(cat $root/run/eicbox.pid)/exe" ]; }

ok 'the writer is started' wait_for 10 runs
instance_push root "$tmp/key"
ok 'a pushed key comes into the file' wait_for 10 has
ok 'at its end it leaves the file' wait_for $((life + 5)) hasnot
instance_push root "$tmp/key"
wait_for 10 has
: >$root/unlocked
ok 'the root file system is mounted by the handler that was there' wait_for 10 grep -q -x 'mounted /new_root' "$init_log"
ok 'when that fails the writer is started again' wait_for 10 has
: >$root/repaired
ok 'and stopped in the end' wait_for 10 grep -q -x late "$init_log"
ok 'so that no key stays' hasnot
refute 'and no process' runs
done_testing
