# boot.sh - an initramfs by the real mkinitramfs with our hook, booted by QEMU on the instance of instance.sh
#
#	. "${0%/*}/../lib.sh"
#	. "${0%/*}/../boot.sh"
#	boot_begin LIFE                         # fetches, enters, and starts the mock, whose keys live so many seconds;
#	                                        # leaves $tmp/key, $tmp/wrong, and a root to build in: $sys
#	boot_hooks MAKER                        # our files for debian or dracut, in $sys
#	boot_part NAME                          # those of tests/interop/boot/NAME
#	boot_initrd FILE                        # mkinitramfs, in $sys
#	boot_dracut                             # our files for dracut, and the servers of boot/dracut
#	boot_image FILE MODULE...               # dracut, in $sys, with these and ours; what ours said is $said
#	boot_machine FILE [WORDS]               # starts the guest, whose ports 22 and 222 are 2222 and 2223 of
#	                                        # 127.0.0.1; WORDS are more for the kernel's command line
#
# Nothing of this machine goes into the guest but eicbox. The guest has the board's asset tag of $instance, and
# reaches 169.254.169.254 of the namespace through QEMU's own network; only software emulates it, because
# /dev/kvm may be there and not work. Its local-top waits, as one that asks for a passphrase does, for
# /run/unlocked; then the root file system is mounted, /run/on waited for, and the real root says so and powers off.
#
# $console      what the guest has written   $qemu   the process
# $guest_port   whom ssh asks here: 2222, unless a test says 2223
# guest KEY COMMAND...                       runs it in the guest over ssh
# guest_up SECONDS PATTERN                   waits for such a line of a guest that boots, and for the banner of its
#                                            server, a test of its own; without, the script ends with what there is
# guest_push NAME KEY                        a test: pushes $tmp/KEY for root, and the writer puts it into the file
# session KEY                                a test: opens a shell in the guest that stays, also when its key is gone
# tell COMMAND                               runs it in that shell; what it prints is $told
# console_has PATTERN                        the guest wrote such a line
# console_last PATTERN                       the last line of eicbox is such a one
# keyless_mount                              the last one before the root file system was mounted: no key is left
# writer_is_confined                         a test: what the kernel says of the writer, by the session

. "${0%/*}/../instance.sh"

console=/run/console
sys=/run/boot
guest_port=2222
guest_ports=hostfwd=tcp:127.0.0.1:2222-10.0.2.15:22,hostfwd=tcp:127.0.0.1:2223-10.0.2.15:222
# the profile for it
guest_box=$BUILD/size/initramfs/eicbox

# QEMU is in the same root: it needs neither an installation nor libraries of this machine
boot_need() {
	boot_packages='usr-is-merged base-files bash dash coreutils sed grep mawk findutils gzip util-linux mount libc-bin
		cpio e2fsprogs udev kmod busybox-static initramfs-tools dracut-core dracut-network isc-dhcp-client systemd
		linux-image-cloud-amd64 dropbear-initramfs openssh-server qemu-system-x86 seabios'
	need_qemu qemu-system-x86 boot_lower root boot-3 $boot_packages
}

# need_qemu PACKAGE VAR TOOL ARG...: as need, but where PACKAGE cannot be had at all there is nothing to test
need_qemu() {
	qemu_package=$1
	shift
	want "$@" || apt-cache show "$qemu_package" >/dev/null 2>&1 || skip_all 'QEMU cannot be installed here'
	need "$@"
}

boot_built() { # FILE, what makes it
	if [ ! -x "$1" ]; then
		cannot 'the initramfs boots' "$1 is missing: $2"
		done_testing
	fi
}

boot_begin() {
	boot_built "$guest_box" 'make sizes'
	boot_need
	enter 'the initramfs boots'
	instance_begin
	life=$1
	instance_mock --key-ttl "$life"
	instance_keys key wrong
	boot_root
}

# what is changed in it is gone in the end
boot_root() {
	mkdir -p $sys /run/upper
	mount -t tmpfs -o mode=755 tmpfs /run/upper
	mkdir -p /run/upper/up /run/upper/work
	mount -t overlay -o "lowerdir=$boot_lower,upperdir=/run/upper/up,workdir=/run/upper/work" overlay $sys 2>/dev/null ||
		cp -a "$boot_lower/." $sys
	mount -t proc proc $sys/proc
	mount --rbind /dev $sys/dev
	version=$(ls $sys/lib/modules)
	chroot $sys depmod "$version"
	cp "$guest_box" $sys/usr/bin/eicbox
	mkdir -p $sys/etc/eicbox $sys/etc/initramfs-tools/conf.d
	cp $bin/ca.pem $sys/etc/eicbox/
	echo "EICBOX_OPTIONS='--ca /etc/eicbox/ca.pem'" >$sys/etc/eicbox/initramfs.conf
	# a list of modules, because software emulates everything
	printf 'MODULES=list\nCOMPRESS=gzip\n' >$sys/etc/initramfs-tools/conf.d/test
	printf '%s\n' virtio_pci virtio_net virtio_blk ext4 >$sys/etc/initramfs-tools/modules
	boot_part initramfs-tools
	boot_disk
}

boot_hooks() {
	cp -RL "$TOP/tools/dist/initramfs/$1/." $sys
}

boot_part() {
	cp -R "$TOP/tests/interop/boot/$1/." $sys/etc/initramfs-tools
}

# a root file system that says that it was reached
boot_disk() {
	mkdir -p $sys/disk/sbin $sys/disk/bin $sys/disk/dev $sys/disk/proc $sys/disk/sys $sys/disk/run $sys/disk/etc
	: >$sys/disk/etc/os-release # without one systemd takes it for no root
	cp $sys/bin/busybox $sys/disk/bin/
	printf '#!/bin/busybox sh\necho the real root is there\nexec /bin/busybox poweroff -f\n' >$sys/disk/sbin/init
	chmod 755 $sys/disk/sbin/init
	chroot $sys mke2fs -q -t ext4 -d /disk /disk.img 16M >/dev/null
}

boot_initrd() {
	chroot $sys mkinitramfs -o "$1" "$version" >/run/mkinitramfs 2>&1 || note "$(cat /run/mkinitramfs)"
}

boot_dracut() {
	boot_hooks dracut
	cp -R "$TOP/tests/interop/boot/dracut/." $sys/usr/lib/dracut/modules.d
	mkdir -p $sys/etc/dropbear
	chroot $sys dropbearkey -t ed25519 -f /etc/dropbear/host_key >/dev/null 2>&1
	ssh-keygen -q -t ed25519 -N '' -f $sys/etc/ssh/host_key
}

boot_image() {
	image=$1
	shift
	chroot $sys env PATH=/usr/sbin:/usr/bin dracut -f "$image" --kver "$version" --no-hostonly --no-hostonly-cmdline \
		--gzip --filesystems ext4 --drivers 'virtio_net virtio_pci virtio_blk' -m "base network-legacy eicbox $*" >/run/dracut 2>&1
	said=$(grep -e 'eicbox:' /run/dracut)
	[ -s "$sys$image" ] || [ -n "$said" ] || note "$(cat /run/dracut)"
}

boot_machine() {
	: >$sys/console
	console=$sys/console
	start chroot $sys qemu-system-x86_64 -accel tcg -m 256 -smp 1 -nodefaults -no-reboot -display none \
		-monitor none -serial file:/console -smbios "type=2,asset=$instance" \
		-kernel "/boot/vmlinuz-$version" -initrd "$1" -append "console=ttyS0 ip=dhcp root=/dev/vda ro${2:+ $2}" \
		-netdev "user,id=n0,net=10.0.2.0/24,$guest_ports" \
		-device virtio-net-pci,netdev=n0,romfile= -device virtio-rng-pci \
		-drive file=/disk.img,format=raw,if=virtio,readonly=on
	qemu=$pid
	qemu_log=$log
	booted=$(date +%s)
}

console_has() { grep -q -e "$1" $console; }
console_last() { grep 'authkeys:' $console | tail -n 1 | grep -q -e "$1"; }

keyless_mount() {
	sed -n '/EXT4-fs (vda): mounted/q; /authkeys:/p' $console >"$tmp/before"
	console_has 'EXT4-fs (vda): mounted' && tail -n 1 "$tmp/before" | grep -q 'stopped: no key is left'
}

# QEMU accepts for a server that does not yet
guest_answers() {
	perl -MIO::Socket::INET -e 'alarm 2; my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or exit 1;
		exit !((<$s> // "") =~ /^SSH-/)' $guest_port
}

guest_up() {
	ok 'the guest boots' wait_for "$1" console_has "$2" && ok 'its server answers' wait_for "$1" guest_answers && {
		note "$(($(date +%s) - booted)) s until its server answers, of the guest's clock $(guest_clock)"
		return
	}
	note "$(cat "$qemu_log")"
	note "$(tail -n 30 $console)"
	done_testing
}

# the time of the kernel's last line
guest_clock() {
	sed -n 's/^\[ *\([0-9.]*\)\].*/\1/p' $console | tail -n 1
}

now_ms() { date +%s%3N; }

guest_push() {
	console_last 'no keys for root' && guest_was=empty || guest_was=
	instance_push root "$tmp/$2"
	guest_pushed=$(now_ms)
	ok "$1" wait_for 20 console_last 'authkeys: [0-9]* keys* for root in'
	[ -z "$guest_was" ] || note "$(($(now_ms) - guest_pushed)) ms from the answer to the push until the key was in the file"
}

guest_shell() { guest "$1" 'echo told-0; exec sh' <"$tmp/words"; }

session() {
	mkfifo "$tmp/words"
	exec 3<>"$tmp/words"
	start guest_shell "$1"
	session_log=$log
	ok 'a session is opened' wait_for 60 grep -q '^told-0' "$session_log"
}

tell() {
	told=$((${told_times:-0} + 1))
	told_times=$told
	echo "$1; echo told-$told" >&3
	wait_for 60 grep -q "^told-$told\$" "$session_log" || note "the session is silent: $1"
	told=$(sed -n "/^told-$((told - 1))\$/,/^told-$told\$/{/^told-/d;p;}" "$session_log")
}

writer_is_confined() {
	tell 'for p in $(pidof eicbox); do [ ! /proc/$p/exe -ef /usr/bin/eicbox ] || cat /proc/$p/status; done'
	like 'the writer is confined' '*NoNewPrivs:?1*Seccomp:?2*' "$told"
}

guest() {
	guest_key=$1
	shift
	instance_ssh "$guest_key" -p $guest_port root@127.0.0.1 "$@"
}

# --- arm64: Debian's kernel and programs, in an initramfs that mkinitramfs made on this machine

guest_box_arm64=$BUILD/arm64/eicbox
guest_test_arm64=$BUILD/arm64/everything/unit/sandbox_test

# before boot_begin
boot_need_arm64() {
	boot_built "$guest_box_arm64" 'make arm64'
	boot_built "$guest_test_arm64" 'make arm64'
	need arm64_lower root --arch=arm64 boot dropbear-bin busybox-static udev kmod klibc-utils linux-image-cloud-arm64
	need_qemu qemu-system-arm arm64_qemu root qemu-arm qemu-system-arm
}

boot_initrd_arm64() {
	version=$(ls "$arm64_lower/lib/modules")
	cp -R "$arm64_lower/lib/modules/$version" $sys/lib/modules/
	cp "$arm64_lower/boot/config-$version" $sys/boot/
	chroot $sys depmod "$version"
	cp "$arm64_lower/boot/vmlinuz-$version" $sys/kernel
	boot_initrd /x86-64
	mkdir -p $sys/tree
	gzip -dc $sys/x86-64 | chroot $sys sh -c 'cd /tree && cpio --quiet -id'
	"$TOP/tests/swap" $sys/tree "$arm64_lower" >/run/swap || note "$(cat /run/swap)"
	cp "$guest_box_arm64" $sys/tree/usr/bin/eicbox
	cp "$guest_test_arm64" $sys/tree/usr/bin/
	chroot $sys sh -c 'cd /tree && find . | cpio --quiet -o -H newc -R 0:0' | gzip -1 >$sys/"$1"
}

boot_machine_arm64() {
	: >$sys/console
	console=$sys/console
	mkdir -p /run/qemu
	mount --bind "$arm64_qemu" /run/qemu
	mount --rbind /dev /run/qemu/dev
	mount -t tmpfs tmpfs /run/qemu/tmp
	mount -t tmpfs tmpfs /run/qemu/run
	mkdir /run/qemu/run/sys
	mount --bind $sys /run/qemu/run/sys
	start chroot /run/qemu qemu-system-aarch64 -accel tcg -M virt -cpu cortex-a72 -m 384 -smp 1 -nodefaults -no-reboot \
		-display none -monitor none -serial file:/run/sys/console -kernel /run/sys/kernel -initrd "/run/sys$1" \
		-append 'console=ttyAMA0 ip=dhcp root=/dev/vda ro' \
		-netdev "user,id=n0,net=10.0.2.0/24,$guest_ports" \
		-device virtio-net-pci,netdev=n0,romfile= -device virtio-rng-pci \
		-drive file=/run/sys/disk.img,format=raw,if=none,id=d0,readonly=on -device virtio-blk-pci,drive=d0
	qemu=$pid
	qemu_log=$log
	booted=$(date +%s)
}
