# boot_dracut.t - dracut without systemd: dropbear's file is kept up to date, also in the shell of an emergency, and
# never while root is mounted
. "${0%/*}/../lib.sh"
. "${0%/*}/../boot.sh"

boot_begin 60
boot_dracut
# has FILE PATTERN: the initramfs has such a file
has() {
	chroot $sys env PATH=/usr/sbin:/usr/bin lsinitrd "/$1" | grep -q -e "$2"
}

# --- what dracut builds

boot_image /bare
like 'without a server there is a warning' '*there is no SSH server in the initramfs*' "$said"
mkdir -p $sys/usr/lib/dracut/none
mv $sys/usr/bin/eicbox $sys/usr/lib/dracut/none/
boot_image /without dropbear
like 'without the program there is a warning' '*eicbox is not there*' "$said"
refute 'and no initramfs, where the module was asked for by name' test -e $sys/without
mv $sys/usr/lib/dracut/none/eicbox $sys/usr/bin/
boot_image /writes udev-rules fs-lib rootfs-block kernel-modules dropbear
is 'beside dropbear all is well' '' "$said"
ok 'the certificates of the administrator are there' has writes 'etc/eicbox/ca.pem'
ok 'the driver of the network card is there' has writes '/ena.ko'

# --- what it does

boot_machine /writes 'rd.neednet=1 rd.skipfsck'
guest_port=2223
guest_up 90 'dropbear listens'
ok 'the writer finds the metadata service' wait_for 30 console_has 'authkeys: no keys for root'
refused 'before the push the key is refused' guest key id
guest_push 'the key comes into the file' key
check 'the pushed key opens the initramfs, and unlocks' 0 '' guest key 'touch /run/unlocked'
ok 'the root file system cannot be mounted' wait_for 60 console_has 'Failed to mount'
ok 'before it was tried the key was taken away' console_has 'stopped: no key is left'
guest_push 'rescue goes on' key
wait_for 60 console_has '(Repair filesystem)'
check 'and lets in again, where it is repaired' 0 '' guest key 'mv /run/lost /dev/vda; touch /run/on
	for p in /proc/[0-9]*; do case $(tr "\0" " " <$p/cmdline) in *sh\ -i*) kill -9 ${p#*c/} ;; esac; done'
ok 'the root file system is mounted' wait_for 60 console_has 'EXT4-fs (vda): mounted'
ok 'before that the key was taken away' keyless_mount
ok 'the real root is reached' wait_for 60 console_has 'the real root is there'
done_testing
