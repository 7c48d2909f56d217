# install_hostile.t - nothing that an image holds leads out of it, or makes install hang or lie
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

host=$tmp/host
journal=$tree/var/lib/eicbox/install
bounded() { timeout 20 "$EICBOX" install --prefix "$tree" "$@"; }
make_host() {
	rm -rf "$host"
	mkdir -p "$host/sshd_config.d" "$host/lib"
	echo mine >"$host/file"
	printf 'ec2:x\nother:y\n' >"$host/passwd"
}
host_manifest() { "$TOP/tests/manifest" "$host"; }
unharmed() { # NAME
	host_manifest >"$tmp/host.after"
	ok "$1" diff "$tmp/host.before" "$tmp/host.after"
}

# --- a journal that others have written

make_host
host_manifest >"$tmp/host.before"
refused() { # NAME LINE
	make_tree
	mkdir "$tree/var/lib/eicbox"
	for end in '' 'done\n' 'done\nremoving\n'; do
		printf "eicbox-install 1\n$2\n$end" >"$journal"
		for option in --remove --status --sshd; do
			check "$1 is refused by $option${end:+ (${end%%\\*})}" 1 '' install $option
			err_like 'and named' "*/var/lib/eicbox/install: line 2: not understood; *"
		done
	done
	unharmed 'and nothing outside was touched'
}
up=$(echo "$tree" | sed 's,[^/]*,..,g')
refused 'a path that leads up' "file 0644 /..$up$host/file x"
refused 'one that does so in between' "end 0000 /etc/..$up$host/passwd other:y%%0A"
refused 'one that hides it' "file 0644 /%%2e%%2e$up$host/file x"
refused 'one with an empty part' 'file 0644 //etc/x x'
refused 'one with a dot' 'file 0644 /etc/./x x'
refused 'one that ends in a slash' 'dir 0755 /etc/'
refused 'the top itself' 'dir 0755 /'
refused 'a relative one' 'dir 0755 etc'
refused 'one with a NUL' 'file 0644 /etc/passwd%%00x x'
refused 'an unknown kind of step' 'run 0755 /bin/sh x'
refused 'a module of policy' 'module 0000 /etc/selinux/eicbox.cil eicbox'
refused 'a mode of five digits' 'file 04755 /etc/x x'
ok 'no program of the image ran' test ! -e "$tmp/ran"

# --- symlinks that came later

swap() { # PATH TARGET
	mv "$tree$1" "$tree$1.own"
	ln -s "$2" "$tree$1"
}
for target in "$host" "../../..$up$host"; do
	make_tree
	make_host
	install --sshd --links /opt/eic >/dev/null
	cp -p "$tree/etc/ssh/sshd_config.d/60-eicbox.conf" "$host/sshd_config.d/"
	cp -P "$tree/opt/eic/eic-authkeys" "$host/"
	host_manifest >"$tmp/host.before"
	swap /etc/ssh "$target"
	swap /opt/eic "$target"
	check "a folder that became a link to $target: --status does not look there" 1 \
		'*links *WRONG *eic-authkeys: is not as it was made*60-eicbox.conf: is not*' install --status
	check 'nor does --remove' 0 '*' install --remove
	unharmed 'which leaves the host alone'
done
for folder in /var /var/lib /var/lib/eicbox; do
	make_tree
	make_host
	mkdir "$tree/var/lib/eicbox"
	swap $folder "$host"
	host_manifest >"$tmp/host.before"
	refute "a journal that would lie outside ($folder) is not written" install
	unharmed 'there'
done
make_tree
make_host
install >/dev/null
cp "$journal" "$host/install"
swap /var/lib/eicbox/install "$host/install"
host_manifest >"$tmp/host.before"
refute 'a journal that is a link is not read' install --remove
unharmed 'nor taken away'
make_tree
make_host
ln -sf "$host/passwd" "$tree/etc/passwd"
host_manifest >"$tmp/host.before"
install >/dev/null 2>&1
unharmed 'a passwd that is a link to that of the host: it is not edited'

# --- files that are none

for file in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/50.conf /etc/passwd /etc/shadow /usr/lib/systemd/system/ssh.service \
	/var/lib/eicbox/install; do
	make_tree
	mkdir -p "$tree${file%/*}"
	rm -f "$tree$file"
	mkfifo "$tree$file"
	check "a pipe in the place of $file is refused, not waited for" 1 '*' bounded --sshd
	err_like 'and named' "*$file: is not a regular file*"
done
if [ "$(id -u)" = 0 ] && make_tree && rm "$tree/etc/shadow" && mknod "$tree/etc/shadow" c 1 5 2>/dev/null; then
	check 'a device is not opened' 1 '' bounded
	err_like 'but named' '*/etc/shadow: is not a regular file*'
	make_tree
	mknod "$tree/etc/ssh/sshd_config.d/50.conf" c 1 3
	check 'but /dev/null is an empty file' 0 '*60-eicbox.conf' bounded
else
	cannot 'a device is not opened' 'it needs root and mknod'
fi

# --- words for the terminal

make_tree
esc=$(printf '\033')
conf "AuthorizedKeysCommand /usr/bin/x ${esc}[31m"
check 'the table of --status steers no terminal' 0 '*/usr/bin/x ?\[31m*' install --status
conf 'Include /etc/ssh/sshd_config.d/*.conf'
printf 'AuthorizedKeysCommand /usr/bin/x\n' >"$tree/etc/ssh/sshd_config.d/10
binary    ok     forged.conf"
check 'and a name in it makes no row' 0 '*' install --status
is 'of its own' '' "$(echo "$out" | grep '^binary .*forged')"
make_tree
check 'nor do the names of steps' 0 '*' install --links "/opt/a
link b$esc"
unlike 'in what is told' "*
link b*" "$out"
done_testing
