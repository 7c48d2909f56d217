# boot_sshd.t - a pushed key opens the initramfs of OpenSSH, which asks authkeys itself, until root is mounted
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

guest_box=$EICBOX
boot_begin 30
rm $sys/usr/share/initramfs-tools/*/dropbear $sys/usr/share/initramfs-tools/scripts/*/dropbear
boot_part sshd
echo 'BUSYBOX=y' >>$sys/etc/initramfs-tools/conf.d/test
ssh-keygen -q -t ed25519 -N '' -f $sys/etc/ssh/host_key
ok 'install brings the files' chroot $sys eicbox install --initramfs debian
boot_initrd /initrd
ok 'mkinitramfs takes our hook' test -s $sys/initrd
unlike 'and our hook has no complaint' '*eicbox*' "$(cat /run/mkinitramfs)"
boot_machine /initrd
guest_up 60 'locked: waiting'

refused 'before the push the key is refused' guest key id
instance_push root "$tmp/key"
pushed=$(date +%s)
session key
tell id
like 'by the pushed key' 'uid=0(root)*' "$told"
ok 'the log says who it was' console_has 'Providing ssh key.*for IAM principal: arn:aws:iam::'
refused 'another key is refused' guest wrong id
refute 'confinement held back nothing that is needed' console_has 'audit:.*eicbox'
tell 'pidof eicbox'
is 'no writer runs beside it' '' "$told"
expired() { [ "$(date +%s)" -gt $((pushed + life)) ]; }
wait_for $((life + 5)) expired
refused 'after its life the key is refused' guest key id

# --- the rescuer unlocks, and the boot goes on

instance_push root "$tmp/key"
check 'another push lets in again, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system is mounted' wait_for 60 console_has 'mounted: waiting'
instance_push root "$tmp/wrong"
refused 'from then on no push lets in' guest wrong id
refused 'nor does the key that did' guest key id
tell 'touch /run/on'
ok 'the real root is reached' wait_for 60 console_has 'the real root is there'
done_testing
