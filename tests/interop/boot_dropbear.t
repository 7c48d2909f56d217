# boot_dropbear.t - a pushed key opens the initramfs of dropbear, and nothing of it stays when the boot goes on
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 12
boot_hooks debian
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/initramfs/dropbear_ed25519_host_key >/dev/null 2>&1
boot_initrd /initrd
ok 'mkinitramfs takes our hook' test -s $sys/initrd
unlike 'and our hook has no complaint' '*eicbox*' "$(cat /run/mkinitramfs)"

# what it costs, beside dropbear alone with the same drivers
printf '%s\n' ena xen-netfront ixgbevf >>$sys/etc/initramfs-tools/modules
find $sys/etc/initramfs-tools -name 'eicbox*' -exec rm {} +
boot_initrd /alone
grown=$((($(stat -c %s $sys/initrd) - $(stat -c %s $sys/alone)) / 1024))
note "the initramfs grows by $grown KiB to $(($(stat -c %s $sys/initrd) / 1024)) KiB, compressed by gzip"
ok 'it grows by less than 96 KiB' test $grown -gt 0 -a $grown -lt 96

boot_machine /initrd
guest_up 60 'locked: waiting'
ok 'dropbear starts in it' wait_for 60 guest_answers
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'

refused 'before the push the key is refused' guest key id
instance_push root "$tmp/key"
ok 'the key comes into the file' wait_for 10 console_has 'authkeys: 1 key for root'
check 'the pushed key opens the initramfs' 0 'uid=0(root)*' guest key id
refused 'another key is refused' guest wrong id
refute 'confinement held back nothing that is needed' console_has 'audit:.*eicbox'
start guest key 'echo in; sleep 60; echo still in'
session=$pid session_log=$log
ok 'a session is opened' wait_for 20 grep -q '^in' "$session_log"
check 'in which the file is found where the passwd of the initramfs says' 0 "*$(cut -d ' ' -f 2 "$tmp/key.pub")*" \
	guest key 'cat ~root/.ssh/authorized_keys'
check 'the writer is confined' 0 '*NoNewPrivs:?1*Seccomp:?2*' guest key 'cat /proc/$(cat /run/eicbox.pid)/status'
wait_for $((life + 10)) console_last 'authkeys: no keys for root'
refused 'after its life the key is refused' guest key id
ok 'the session goes on' kill -0 $session

# --- the rescuer unlocks, and the boot goes on

instance_push root "$tmp/key"
wait_for 10 console_last 'authkeys: 1 key for root'
check 'another push lets in again, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system is reached' wait_for 60 console_has 'the real root is there'
ok 'before it was mounted the key was taken away' in_order 'stopped: no key is left' 'EXT4-fs (vda): mounted'
wait_for 20 sh -c "! kill -0 $qemu" || stop $qemu

# --- the root file system is there, and cannot be mounted

boot_machine /initrd 'rootfstype=none'
wait_for 60 console_has 'authkeys: no keys for root'
instance_push root "$tmp/key"
wait_for 10 console_has 'authkeys: 1 key for root'
check 'a rescuer unlocks what is broken' 0 '' guest key 'touch /run/unlocked'
ok 'the boot fails' wait_for 30 console_has 'Failed to mount'
ok 'the writer is started again' wait_for 10 console_last '1 key for root'
check 'and rescue goes on' 0 'uid=0(root)*' guest key id
done_testing
