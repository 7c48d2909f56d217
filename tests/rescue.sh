# rescue.sh - what an initramfs has of busybox and of ours, to chroot to: hooks are played in it, without a boot
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../rescue.sh"
#	rescue_begin 'what this is about' LIFE  # enters, and starts the mock, whose keys live so many seconds;
#	                                        # leaves $tmp/key, and the tree in $root, root's home being /home-of-root
#
# $keys                 root's authorized_keys in it
# inside CMD...         runs it in $root
# push_key              pushes $tmp/key for root
# has, hasnot           that key is in the file, is not
# processes             /proc/PID/exe of each that runs $root's eicbox
# writers N             so many processes of them run

. "${0%/*}/../instance.sh"

root=/run/initramfs-tree
keys=$root/home-of-root/.ssh/authorized_keys

rescue_begin() {
	need busybox unpack busybox-static
	enter "$1"
	if ! "$EICBOX" authkeys --help | grep -q -e --watch; then
		cannot "$1" 'this profile has no writer'
		done_testing
	fi
	instance_begin
	life=$2
	instance_mock --key-ttl "$life"
	instance_keys key
	mkdir -p $root/bin $root/proc $root/sys $root/dev $root/run $root/conf $root/mnt $root/usr/bin $root/etc/eicbox $root/home-of-root
	cp "$busybox/bin/busybox" $root/bin/busybox
	for name in ash sh ln mkdir rm sleep; do
		ln -s busybox $root/bin/$name
	done
	printf '%s\n' 'other:x:1:1::/:/bin/sh' 'root:x:0:0:root:/home-of-root:/bin/sh' >$root/etc/passwd
	cp $bin/ca.pem $root/etc/eicbox/
	echo "EICBOX_OPTIONS='--ca /etc/eicbox/ca.pem'" >$root/etc/eicbox/initramfs.conf
	mount -t proc proc $root/proc
	mount --rbind /sys $root/sys
	mount --rbind /dev $root/dev
}

inside() {
	chroot $root /bin/busybox env -i PATH=/usr/bin:/bin "$@"
}

push_key() {
	instance_push root "$tmp/key"
}

has() {
	grep -q -x -F -e "$(cut -d ' ' -f 1,2 "$tmp/key.pub")" $keys
}

hasnot() {
	! has
}

processes() {
	find -L /proc -maxdepth 2 -name exe -samefile $root/usr/bin/eicbox 2>/dev/null
}

writers() {
	[ "$(processes | wc -l)" = "$1" ]
}
