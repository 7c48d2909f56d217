# boot_arm64.t - on arm64 as well: the kernel confines the writer and the agent, and a pushed key opens the initramfs
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_need_arm64
boot_begin 300
boot_hooks debian
# a board without firmware has no asset tag
options="--ca /etc/eicbox/ca.pem --no-ec2-check --instance-id $instance"
echo "EICBOX_OPTIONS='$options'" >$sys/etc/eicbox/initramfs.conf
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/initramfs/dropbear_ed25519_host_key >/dev/null 2>&1
boot_initrd_arm64 /initrd
ok 'mkinitramfs takes our hook' test -s $sys/initrd
boot_machine_arm64 /initrd
guest_up 120 'locked: waiting'
ok 'the writer finds the metadata service' wait_for 60 console_has 'authkeys: no keys for root'

refused 'before the push the key is refused' guest key id
guest_push 'the key comes into the file' key
check 'the pushed key opens the initramfs' 0 aarch64 guest key 'uname -m'
session key
writer_is_confined
check 'the agent that OpenSSH would ask answers, confined' 0 "$(cut -d ' ' -f 1,2 "$tmp/key.pub")*" \
	guest key "eicbox authkeys -v $options root"
err_like 'by all that the kernel has' '*no_new_privs holds, Landlock holds, seccomp holds*'
refute 'nothing that is needed was held back' console_has 'audit:.*eicbox'
check 'what is not needed is held back' 0 '*ok * - *' guest key 'ip link set lo up; mkdir -p /tmp; CMOCKA_MESSAGE_OUTPUT=TAP sandbox_test'
check 'the rescuer unlocks' 0 '' guest key 'touch /run/unlocked /run/on'
ok 'the root file system is mounted' wait_for 60 console_has 'EXT4-fs (vda): mounted'
ok 'before that the key was taken away' keyless_mount
done_testing
