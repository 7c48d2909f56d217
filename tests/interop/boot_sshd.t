# boot_sshd.t - a pushed key opens the initramfs of OpenSSH, which asks authkeys itself
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

guest_box=$EICBOX
boot_begin 12
rm $sys/usr/share/initramfs-tools/*/dropbear $sys/usr/share/initramfs-tools/scripts/*/dropbear
cp -R "$TOP/tests/interop/boot/initramfs-tools/." $sys/etc/initramfs-tools
echo 'BUSYBOX=y' >>$sys/etc/initramfs-tools/conf.d/test
ssh-keygen -q -t ed25519 -N '' -f $sys/etc/ssh/host_key
ok 'install brings the files' chroot $sys eicbox install --initramfs debian
boot_initrd /initrd
ok 'mkinitramfs takes our hook' test -s $sys/initrd
unlike 'and our hook has no complaint' '*eicbox*' "$(cat /run/mkinitramfs)"
boot_machine /initrd
guest_up 60 'locked: waiting'
ok 'sshd starts in it' wait_for 60 guest_answers

refused 'before the push the key is refused' guest key id
instance_push root "$tmp/key"
check 'the pushed key opens the initramfs' 0 'uid=0(root)*' guest key id
ok 'the log says who it was' console_has 'Providing ssh key.*for IAM principal: arn:aws:iam::'
refused 'another key is refused' guest wrong id
refute 'confinement held back nothing that is needed' console_has 'audit:.*eicbox'
instance_push root "$tmp/key" # emulation is slow, and what is checked here is not the clock
check 'no writer runs beside it' 1 '' guest key 'pidof eicbox'
instance_push root "$tmp/key"
pushed=$(date +%s)
start guest key 'echo in; sleep 60; echo still in'
session=$pid session_log=$log
ok 'a session is opened' wait_for 20 grep -q '^in' "$session_log"
expired() { [ "$(date +%s)" -gt $((pushed + life)) ]; }
wait_for $((life + 5)) expired
refused 'after its life the key is refused' guest key id
ok 'the session goes on' kill -0 $session

# --- the rescuer unlocks, and the boot goes on

instance_push root "$tmp/key"
check 'another push lets in again, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system is reached' wait_for 60 console_has 'the real root is there'
done_testing
