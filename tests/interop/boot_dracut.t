# boot_dracut.t - the module for dracut: OpenSSH is told to ask authkeys, dropbear's file is kept up to date
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 12
boot_hooks dracut
cp -R "$TOP/tests/interop/boot/dracut/." $sys/usr/lib/dracut/modules.d
mkdir -p $sys/etc/dropbear
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/host_key >/dev/null 2>&1

# dracut FILE MODULES: builds it, leaves what our module said in $said
dracut() {
	chroot $sys env PATH=/usr/sbin:/usr/bin dracut -f "/$1" --kver "$version" --no-hostonly --no-hostonly-cmdline \
		--gzip --filesystems ext4 --drivers 'virtio_net virtio_pci virtio_blk' \
		-m "base udev-rules fs-lib rootfs-block kernel-modules eicbox $2" >/run/dracut 2>&1 || note "$(cat /run/dracut)"
	said=$(grep -e 'eicbox:' /run/dracut)
}
# has FILE PATTERN: the initramfs has such a file
has() {
	chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd "/$1" | grep -q -e "$2"
}

# --- what dracut builds

dracut bare ''
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
	'AuthorizedKeysCommand /usr/bin/eicbox authkeys --ca /etc/eicbox/ca.pem %u %f
AuthorizedKeysCommandUser root
PermitRootLogin yes*' chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd -f etc/ssh/sshd_config /asks
ok 'and finds the certificates of the administrator' has asks 'etc/eicbox/ca.pem'
ok 'the driver of the network card is there' has asks '/ena.ko'
refute 'and no writer' has asks eicbox-start
dracut writes dropbear
is 'beside dropbear all is well' '' "$said"
ok 'and the writer is started' has writes 'pre-trigger/50-eicbox-start.sh'

# --- what it does

boot_machine /writes 'rd.neednet=1 rd.shell=0 rd.skipfsck'
guest_up 90 'Starting dropbear'
ok 'and listens' wait_for 60 guest_answers
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'
refused 'before the push the key is refused' guest key id
instance_push root "$tmp/key"
ok 'the key comes into the file' wait_for 10 console_has 'authkeys: 1 key for root'
check 'the pushed key opens the initramfs' 0 'uid=0(root)*' guest key id
wait_for $((life + 10)) console_last 'authkeys: no keys for root'
refused 'after its life the key is refused' guest key id
instance_push root "$tmp/key"
wait_for 10 console_last 'authkeys: 1 key for root'
check 'another push lets in again, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system is reached' wait_for 60 console_has 'the real root is there'
ok 'before it was mounted the key was taken away' in_order 'stopped: no key is left' 'EXT4-fs (vda): mounted'
done_testing
