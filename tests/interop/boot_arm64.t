# boot_arm64.t - on arm64 as well: the kernel confines the writer, and a pushed key opens the initramfs
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

if [ ! -x "$guest_box_arm64" ]; then
	cannot 'the initramfs of arm64 boots' "$guest_box_arm64 is missing: make arm64"
	done_testing
fi
boot_need_arm64
boot_begin 20
boot_hooks debian
# a board without firmware has no asset tag
echo "EICBOX_OPTIONS='--ca /etc/eicbox/ca.pem --no-ec2-check --instance-id $instance'" >$sys/etc/eicbox/initramfs.conf
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/initramfs/dropbear_ed25519_host_key >/dev/null 2>&1
boot_initrd_arm64 /initrd
ok 'mkinitramfs takes our hook' test -s $sys/initrd
boot_machine_arm64 /initrd
guest_up 120 'locked: waiting'
ok 'dropbear starts in it' wait_for 60 guest_answers
ok 'the writer finds the metadata service' wait_for 60 console_has 'authkeys: no keys for root'

refused 'before the push the key is refused' guest key id
instance_push root "$tmp/key"
ok 'the key comes into the file' wait_for 20 console_has 'authkeys: 1 key for root'
check 'the pushed key opens the initramfs' 0 aarch64 guest key 'uname -m'
check 'another key is refused' 255 '' guest wrong id
check 'the writer is confined' 0 '*NoNewPrivs:?1*Seccomp:?2*' guest key 'cat /proc/$(cat /run/eicbox.pid)/status'
wait_for $((life + 20)) console_last 'authkeys: no keys for root'
refused 'after its life the key is refused' guest key id
instance_push root "$tmp/key"
wait_for 20 console_last 'authkeys: 1 key for root'
check 'another push lets in again, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'before the root file system is mounted the key is taken away' wait_for 60 \
	in_order 'stopped: no key is left' 'EXT4-fs (vda): mounted'
refute 'confinement held back nothing that is needed' console_has 'audit:.*eicbox'
done_testing
