# boot_systemd.t - dracut with systemd: OpenSSH asks, dropbear's file is kept up to date, also where root cannot be
# mounted and systemd stops the rest, and never while root is mounted
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 600
boot_dracut
boot_image /initrd systemd-initrd dracut-systemd udev-rules fs-lib rootfs-block kernel-modules sshd dropbear
is 'our module has no complaint' '' "$said"
check 'OpenSSH asks authkeys before anything else' 0 \
	'AuthorizedKeysCommand /run/eicbox authkeys --ca /etc/eicbox/ca.pem %u %f
AuthorizedKeysCommandUser root
HostKey *' chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd -f etc/ssh/sshd_config /initrd
boot_machine /initrd 'rd.neednet=1 fsck.mode=skip'
sshd=2222 dropbear=2223

# --- before the mount

guest_port=$dropbear
guest_up 90 'dropbear listens'
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'
refused 'before the push dropbear refuses the key' guest key id
guest_port=$sshd
refused 'so does OpenSSH' guest key id
guest_push 'the key comes into the file' key
check 'OpenSSH lets it in, by asking' 0 'uid=0(root)*' guest key id
refused 'another key is refused' guest wrong id
guest_port=$dropbear
session key
tell 'touch /run/unlocked'

# --- the mount fails, and the emergency begins

ok 'the root file system cannot be mounted' wait_for 60 console_has 'Entering emergency mode'
ok 'before it was tried the key was taken away' console_has 'stopped: no key is left'
ok 'rescue goes on' wait_for 20 console_last '1 key for root in'
guest_port=$sshd
check 'OpenSSH lets in again' 0 'uid=0(root)*' guest key id
guest_port=$dropbear
check 'and dropbear, where it is repaired' 0 '' guest key 'mv /run/lost /dev/vda; touch /run/found; kill -9 $(systemctl show -p MainPID --value emergency)'
ok 'the root file system is mounted' wait_for 60 console_has 'EXT4-fs (vda): mounted'
ok 'before that the key was taken away' keyless_mount
refused 'from then on dropbear refuses it' guest key id
guest_port=$sshd
refused 'so does OpenSSH' guest key id
tell 'touch /run/on'
ok 'the real root is reached' wait_for 60 console_has 'the real root is there'
done_testing
