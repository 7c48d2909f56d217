# module-setup.sh - puts OpenSSH into an initramfs of dracut with systemd, as dracut-sshd does (Debian has none)
# shellcheck shell=sh disable=SC2154 # dracut sets moddir, initdir and systemdsystemunitdir

check() {
	return 255
}

install() {
	inst_multiple sshd
	inst_simple /etc/ssh/host_key
	inst_simple "$moddir/sshd.service" "$systemdsystemunitdir/sshd.service"
	systemctl -q --root "$initdir" enable sshd
	echo 'sshd:x:101:65534::/run/sshd:/bin/false' >>"$initdir/etc/passwd"
	printf '%s\n' 'HostKey /etc/ssh/host_key' 'PermitRootLogin yes' 'UsePAM no' 'AuthorizedKeysFile none' >"$initdir/etc/ssh/sshd_config"
}
