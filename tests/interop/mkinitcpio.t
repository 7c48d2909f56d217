# mkinitcpio.t - the hooks for mkinitcpio, which Debian does not have: its functions are played here
. "${0%/*}/../lib.sh"
. "${0%/*}/../rescue.sh"

rescue_begin 'the hooks of mkinitcpio work' 7
# what is built comes in here by the hooks alone
rm -r $root/etc/eicbox

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
mkdir -p $root/usr/lib/systemd/system
refute 'nor where systemd takes the place of the hooks' build build
err_like 'which is said' '*ERROR: eicbox: an image with the hook systemd runs no hook*'
rm -r $root/usr/lib/systemd
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

# --- what its init does, with busybox's shell: the handler itself starts a shell where it cannot mount

init='with_keys() { if [ -s /home-of-root/.ssh/authorized_keys ]; then echo "$* with keys"; else echo "$*"; fi; }
	wait_a_while() { sh -c "n=0; while [ ! -e $1 ] && [ \$n -lt 600 ]; do sleep 0.1; n=\$((n + 1)); done"; }
	default_mount_handler() { with_keys "cannot mount $*"; wait_a_while /repaired; with_keys going on; }
	mount_handler=default_mount_handler
	. /hooks/eicbox
	run_hook
	wait_a_while /unlocked
	"$mount_handler" /new_root
	case $(type sh) in *function*) ;; *) with_keys behind it ;; esac
	run_emergencyhook
	wait_a_while /late
	run_latehook
	with_keys late'
start chroot $root /bin/busybox env -i PATH=/usr/bin:/bin /bin/ash -c "$init"
init_log=$log
said() { grep -q -x -e "$1" "$init_log"; }

ok 'the writer is started' wait_for 10 writers 1
push_key
ok 'a pushed key comes into the file' wait_for 10 has
ok 'at its end it leaves the file' wait_for $((life + 5)) hasnot
push_key
wait_for 10 has
: >$root/unlocked
ok 'the root file system is mounted by the handler that was there, without a key' wait_for 20 said 'cannot mount /new_root'
push_key
ok 'in its shell the writer runs again' wait_for 20 has
: >$root/repaired
ok 'and behind it no more' wait_for 20 said 'going on'
ok 'and other shells are as they were' wait_for 20 said 'behind it'
push_key
ok 'in that of an emergency it does' wait_for 20 has
: >$root/late
ok 'and in the end it does not' wait_for 20 said late
ok 'so that no key stays' hasnot
ok 'and no process' writers 0
done_testing
