# module-setup.sh - puts what dracut-sshd does of OpenSSH into an initramfs of dracut (Debian has none)
# shellcheck shell=sh disable=SC2154 # dracut sets moddir and initdir

check() {
	return 255
}

install() {
	inst_multiple sshd
	mkdir -p "$initdir/etc/ssh"
	printf '%s\n' 'PermitRootLogin yes' 'UsePAM no' >"$initdir/etc/ssh/sshd_config"
}
