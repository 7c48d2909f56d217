# module-setup.sh - puts dropbear into an initramfs of dracut, as dracut-crypt-ssh does (Debian has none)
# shellcheck shell=sh disable=SC2154 # dracut sets moddir and initdir

check() {
	return 255
}

depends() {
	echo network
}

install() {
	inst_multiple dropbear id cat touch mv pidof sleep tr
	inst_simple /etc/dropbear/host_key
	inst_hook initqueue/online 50 "$moddir/dropbear.sh"
	inst_hook initqueue/finished 50 "$moddir/locked.sh"
	inst_hook pre-mount 50 "$moddir/lost.sh"
	inst_hook pre-pivot 50 "$moddir/mounted.sh"
}
