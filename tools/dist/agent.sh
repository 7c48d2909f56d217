# When the package sets sshd up, and when it undoes that: the same for .deb, .rpm and apk.
# /var/lib/eicbox/install has what was done, and for which program; what was done for another stays.
# /var/lib/eicbox/package says that the package has done it: it does so once. Whoever takes it away
# is not to find it back after the next upgrade.

root=${DPKG_ROOT-}
agent=/usr/libexec/eicbox/agent
journal=$root/var/lib/eicbox/install
once=$root/var/lib/eicbox/package
# the program of before, while a .deb is upgraded: should it be removed in the midst, dpkg asks no prerm
spare=$root/var/lib/eicbox/eic-install

say() {
	echo "eicbox-agent: $*" >&2
}

# programs of another architecture may be what is in the root
eic_install() {
	for program in "$root/usr/bin/eic-install" "$spare" eic-install; do
		! "$program" --help >/dev/null 2>&1 || break
	done
	"$program" "$@" ${root:+--prefix "$root"}
}

# the program that sshd was given, and the file that says so; nothing where the journal has neither
read_journal() {
	given=
	file=
	[ -r "$journal" ] || return 0
	while read -r _ _ path data; do
		case $data in
		*AuthorizedKeysCommand%20*)
			file=$path
			given=${data#*AuthorizedKeysCommand%20}
			given=${given%%\%20*}
			;;
		esac
	done <"$journal"
}

# whether what was done is this package's to undo, or of a program that is gone; else $other did it
ours() {
	read_journal
	case $given in
	"$agent") return 0 ;;
	'') set -- /usr/bin/eicbox /usr/local/bin/eicbox ;;
	*) set -- "$given" ;;
	esac
	[ -e "$journal" ] || return 0
	for other; do
		[ ! -f "$root$other" ] || return 1
	done
}

# whether sshd is told to ask the package's program
asks() {
	read_journal
	grep -qs "^[^#]*$agent" "$root$file" "$root/etc/ssh/sshd_config" "$root"/etc/ssh/sshd_config.d/*
}

set_up() {
	if [ -e "$once" ]; then
		asks || say "sshd does not ask it, as somebody wanted; 'eic-install --sshd' sets it up again"
	elif ! ours; then
		say "not set up: $other has set up this machine; '$other install --remove', then 'eic-install --sshd'"
	elif eic_install --sshd; then
		mkdir -p "${once%/*}"
		echo 'The package eicbox-agent has set up sshd, and leaves it alone from now on.' >"$once"
	else
		say "not set up; 'eic-install --status' says why, 'eic-install --sshd' tries again"
	fi
}

# what had been taken away before stays away when the package comes back
undo() {
	if ! ours; then
		say "what $other has set up stays"
		return 0
	fi
	asked=no
	! asks || asked=yes
	eic_install --remove || return
	[ $asked = no ] || rm -f "$once"
	rm -f "$spare"
	rmdir "${once%/*}" 2>/dev/null || :
}

forget() {
	rm -f "$once"
	rmdir "${once%/*}" 2>/dev/null || :
}
