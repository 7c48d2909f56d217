# module-setup.sh - brings EC2 Instance Connect into an initramfs of dracut, to the SSH server that is in it
# shellcheck shell=sh disable=SC2154 # dracut sets moddir and initdir
#
# OpenSSH (dracut-sshd) asks authkeys, through a link that is gone when no key is to be let in; dropbear
# (dracut-crypt-ssh) reads a file, which the writer keeps up to date. The number of the module puts it behind theirs. Settings, if any, stand in /etc/eicbox/initramfs.conf:
#
#	EICBOX=/opt/bin/eicbox                   where the program is
#	EICBOX_OPTIONS='--ca /etc/eicbox/ca.pem'  more options for authkeys; files of /etc/eicbox are copied

eicbox_settings() {
	EICBOX=
	EICBOX_OPTIONS=
	[ ! -r "${dracutsysrootdir-}/etc/eicbox/initramfs.conf" ] ||
		. "${dracutsysrootdir-}/etc/eicbox/initramfs.conf"
	for program in "$EICBOX" /usr/bin/eicbox /usr/local/bin/eicbox /usr/libexec/eicbox/agent; do
		[ ! -x "${dracutsysrootdir-}$program" ] || [ -z "$program" ] || return 0
	done
	dwarn "eicbox: ${EICBOX:-eicbox} is not there, no pushed key will open the initramfs"
	return 1
}

check() {
	eicbox_settings
}

depends() {
	echo network
}

# what EC2's instances have, whatever this initramfs is otherwise made for
installkernel() {
	hostonly='' instmods ena xen-netfront ixgbevf
}

# sshd takes the first value, so ours must stand in front; somebody else's command stays
eicbox_ask() {
	if grep -qis '^[[:space:]]*AuthorizedKeysCommand[[:space:]=]' "$1" "$1.d"/*; then
		dwarn 'eicbox: sshd_config of the initramfs has an AuthorizedKeysCommand already: it stays'
		return
	fi
	{
		echo "AuthorizedKeysCommand /run/eicbox authkeys ${EICBOX_OPTIONS:+$EICBOX_OPTIONS }%u %f"
		echo 'AuthorizedKeysCommandUser root'
		cat "$1"
	} >"$1.new"
	cat "$1.new" >"$1"
	rm -f "$1.new"
}

# dropbear and tinysshd read a file
eicbox_reads() {
	for server in /usr/sbin/dropbear /sbin/dropbear /usr/bin/dropbear /usr/sbin/tinysshd /usr/bin/tinysshd; do
		[ ! -e "$initdir$server" ] || return 0
	done
	return 1
}

install() {
	eicbox_settings || return 1
	inst_simple "$program" /usr/bin/eicbox
	inst_multiple ln mkdir rm sleep
	for file in "${dracutsysrootdir-}"/etc/eicbox/*; do
		[ ! -f "$file" ] || inst_simple "$file" "/etc/eicbox/${file##*/}"
	done
	inst_simple "$moddir/eicbox-functions" /lib/eicbox-functions
	inst_hook pre-trigger 50 "$moddir/eicbox-start.sh"
	inst_hook pre-mount 99 "$moddir/eicbox-stop.sh"
	inst_hook emergency 10 "$moddir/eicbox-emergency.sh"
	inst_hook cleanup 10 "$moddir/eicbox-stop.sh"
	if [ -e "$initdir/etc/ssh/sshd_config" ]; then
		eicbox_ask "$initdir/etc/ssh/sshd_config"
	elif ! eicbox_reads; then
		dwarn 'eicbox: there is no SSH server in the initramfs: add the module sshd or crypt-ssh'
	fi
	if eicbox_reads && ! "${dracutsysrootdir-}$program" authkeys --help | grep -q -e --watch; then
		dwarn "eicbox: $program cannot write files (make initramfs_defconfig): no pushed key will open dropbear"
	fi
}
