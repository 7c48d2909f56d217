# boot_dracut.t - the module for dracut: OpenSSH is told to ask authkeys, dropbear's file is kept up to date, also in
# the shell of an emergency, and never while root is mounted
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 60
boot_hooks dracut
cp -R "$TOP/tests/interop/boot/dracut/." $sys/usr/lib/dracut/modules.d
mkdir -p $sys/etc/dropbear
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/host_key >/dev/null 2>&1

# dracut FILE MODULE...: builds it with these and ours, leaves what our module said in $said
dracut() {
	image=$1
	shift
	chroot $sys env PATH=/usr/sbin:/usr/bin dracut -f "/$image" --kver "$version" --no-hostonly --no-hostonly-cmdline \
		--gzip --filesystems ext4 --drivers 'virtio_net virtio_pci virtio_blk' -m "base eicbox $*" >/run/dracut 2>&1 ||
		[ "$image" = without ] || note "$(cat /run/dracut)"
	said=$(grep -e 'eicbox:' /run/dracut)
}
# has FILE PATTERN: the initramfs has such a file
has() {
	chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd "/$1" | grep -q -e "$2"
}

# --- what dracut builds

dracut bare
like 'without a server there is a warning' '*there is no SSH server in the initramfs*' "$said"
mkdir -p $sys/usr/lib/dracut/none
mv $sys/usr/bin/eicbox $sys/usr/lib/dracut/none/
dracut without dropbear
like 'without the program there is a warning' '*eicbox is not there*' "$said"
refute 'and nothing of it in the initramfs' has without eicbox
mv $sys/usr/lib/dracut/none/eicbox $sys/usr/bin/
dracut asks sshd
is 'beside OpenSSH all is well' '' "$said"
check 'which asks authkeys before anything else' 0 \
	'AuthorizedKeysCommand /run/eicbox authkeys --ca /etc/eicbox/ca.pem %u %f
AuthorizedKeysCommandUser root
PermitRootLogin yes*' chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd -f etc/ssh/sshd_config /asks
ok 'and finds the certificates of the administrator' has asks 'etc/eicbox/ca.pem'
ok 'by a link that comes' has asks 'pre-trigger/50-eicbox-start.sh'
ok 'and goes' has asks 'pre-mount/99-eicbox-stop.sh'
dracut writes udev-rules fs-lib rootfs-block kernel-modules dropbear
is 'beside dropbear all is well' '' "$said"
ok 'the driver of the network card is there' has writes '/ena.ko'

# --- what it does

boot_machine /writes 'rd.neednet=1 rd.skipfsck'
guest_up 90 'dropbear listens'
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'
refused 'before the push the key is refused' guest key id
guest_push 'the key comes into the file' key
check 'the pushed key opens the initramfs, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system cannot be mounted' wait_for 60 console_has 'Failed to mount'
ok 'before it was tried the key was taken away' console_has 'stopped: no key is left'
guest_push 'rescue goes on' key
wait_for 60 console_has '(Repair filesystem)'
check 'and lets in again, where it is repaired' 0 '' guest key 'mv /run/lost /dev/vda
	for p in $(pidof sh); do case $(cat /proc/$p/cmdline | tr "\0" " ") in *sh\ -i\ -l*) kill -9 $p ;; esac; done'
ok 'the root file system is mounted' wait_for 60 console_has 'EXT4-fs (vda): mounted'
ok 'before that the key was taken away' keyless_mount
ok 'the real root is reached' wait_for 60 console_has 'the real root is there'
done_testing
