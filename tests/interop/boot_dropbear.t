# boot_dropbear.t - a pushed key opens the initramfs of dropbear, also after a panic, and never while root is mounted
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 12
boot_hooks debian
chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/initramfs/dropbear_ed25519_host_key >/dev/null 2>&1
boot_part broken
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
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'

refused 'before the push the key is refused' guest key id
guest_push 'the key comes into the file' key
check 'the pushed key opens the initramfs' 0 'uid=0(root)*' guest key id
session key
refused 'another key is refused' guest wrong id
tell 'cat ~root/.ssh/authorized_keys'
like 'the file is where the passwd of the initramfs says' "*$(cut -d ' ' -f 2 "$tmp/key.pub")*" "$told"
writer_is_confined
refute 'confinement held back nothing that is needed' console_has 'audit:.*eicbox'
wait_for $((life + 20)) console_last 'authkeys: no keys for root'
refused 'after its life the key is refused' guest key id

# --- the rescuer unlocks, and the check of the file system fails

guest_push 'another push lets in again' key
check 'and the rescuer unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the boot fails' wait_for 60 console_has 'requires a manual fsck'
ok 'before it tried the key was taken away' console_has 'stopped: no key is left'
guest_push 'rescue goes on' key
check 'and lets in again' 0 'uid=0(root)*' guest key id

# --- he repairs it, and ends the shell on the console: the boot goes on

wait_for 60 console_has '^(initramfs)'
tell 'touch /run/repaired; kill -9 $(ps | awk "/[s]h -i/ { print \$1 }")'
ok 'the root file system is mounted' wait_for 60 console_has 'mounted: waiting'
ok 'before that the key was taken away' keyless_mount
tell 'ls -A ~root/.ssh; cat ~root/.ssh/authorized_keys'
is 'and with it what we made' 'authorized_keys' "$told"
tell 'for p in $(pidof eicbox); do ls -l /proc/$p/exe; done'
is 'no writer runs' '' "$told"
instance_push root "$tmp/wrong"
refused 'nor does another push let in' guest wrong id
tell 'touch /run/on'
ok 'the real root is reached' wait_for 60 console_has 'the real root is there'
done_testing
