# install_later.t - what became of an installation since: users who went, files that were edited, folders of others
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

dropin=$tree/etc/ssh/sshd_config.d/60-eicbox.conf

# --- the user

make_tree
remember
install >/dev/null
manifest >"$tmp/whole"
sed -i '/ec2-instance-connect/d' "$tree/etc/passwd" "$tree/etc/group" "$tree/etc/shadow"
sed -i 's/^ec2-instance-connect:.*//' "$tree/etc/gshadow"
check 'that the user is gone is found wrong' 1 '*user *WRONG*ec2-instance-connect: is not in /etc/passwd*' install --status
check 'and mended by the next run' 0 '*edit /etc/passwd' install
check 'then all is well' 0 '*user *ok *ec2-instance-connect*' install --status
check 'and there is nothing to do' 0 '' install
install --remove >/dev/null
unlike 'all his lines go' '*ec2-instance-connect*' "$(cat "$tree"/etc/passwd "$tree"/etc/group "$tree"/etc/shadow "$tree"/etc/gshadow)"
make_tree
agent_files
conf 'AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f' \
	'AuthorizedKeysCommandUser ec2-instance-connect'
remember
check 'a shell agent without its user gets one' 0 '*edit /etc/passwd*' install --replace --sshd
check 'so all is well' 0 '*takes effect*user *ok *' install --status
install --remove >/dev/null
same 'and all goes'

# --- for another eicbox

make_tree
install >/dev/null
mkdir -p "$tree/usr/local/bin"
cp -p "$tree/usr/bin/eicbox" "$tree/usr/local/bin/eicbox"
if emulated; then
	skip 'what one has set up another leaves alone' 'of a copy qemu-user says another path'
else
	check 'what one has set up another leaves alone' 1 '' "$tree/usr/local/bin/eicbox" install --prefix "$tree"
	err_like 'and says how that goes' "*AuthorizedKeysCommand already: /usr/bin/eicbox *
An earlier run has set that up: 'install --remove' undoes it."
fi

# --- a newer shell agent

make_tree
agent_files
install --replace >/dev/null
rm "$agents/eic_run_authorized_keys"
echo 'a newer one' >"$agents/eic_run_authorized_keys"
check 'a program that an upgrade has put in the place of ours is found wrong' 1 \
	'*replaced *WRONG */eic_run_authorized_keys: is not as it was made*' install --status
check 'and replaced by the next run' 0 'replace */eic_run_authorized_keys -> ../../bin/eicbox *' install --replace
check 'then all is well' 0 '*replaced *ok *3 programs*' install --status
install --remove >/dev/null
is 'the newer one comes back' 'a newer one' "$(cat "$agents/eic_run_authorized_keys")"
is 'with the others' '# curl' "$(tail -n 1 "$agents/eic_curl_authorized_keys")"
is 'and nothing else is left' 3 "$(ls "$agents" | wc -l)"

# --- files that were edited

make_tree
for n in 1 2 3; do
	install >/dev/null 2>&1
	echo "# edit $n" >>"$dropin"
	check "an edited drop-in is kept ($n)" 0 '*' install --remove
	err_like 'and its name told' "*kept beside as .60-eicbox.conf.eicbox-changed*"
done
is 'none in the place of another' '# edit 1
# edit 2
# edit 3' "$(grep -h '^# edit' "$tree"/etc/ssh/sshd_config.d/.60-eicbox.conf.eicbox-changed*)"
is 'and none where even "Include *" would read it' '' "$(ls "$tree/etc/ssh/sshd_config.d")"
make_tree
install >/dev/null
for change in 666:0 664:0 646:0 600:1000; do
	chmod "${change%:*}" "$dropin"
	[ "$(id -u)" != 0 ] || chown "${change#*:}" "$dropin"
	[ "$(id -u)" = 0 ] || [ "$change" != 600:1000 ] || continue
	check "a drop-in of mode and owner $change is found wrong" 1 '*files *WRONG */60-eicbox.conf: *root*' install --status
done
check 'and taken away all the same' 0 '*' install --remove
ok 'there is nothing of it' test ! -e "$dropin"
make_tree
ln "$tree/etc/ssh/sshd_config" "$tree/etc/ssh/sshd_config.other"
conf 'UsePAM yes'
check 'lines for a file with two names' 0 '*edit /etc/ssh/sshd_config' install
err_like 'say that the other name keeps what it was' '*/etc/ssh/sshd_config: has other names (hard links), which keep what it was*'
is 'which it does' 'UsePAM yes' "$(cat "$tree/etc/ssh/sshd_config.other")"

# --- what others undo, again and again

make_tree
conf 'UsePAM yes'
cp -p "$tree/etc/ssh/sshd_config" "$tmp/theirs"
remember
install --sshd --links /opt/eic >/dev/null
cp "$tree/var/lib/eicbox/install" "$tmp/journal"
for n in 1 2; do
	cp -p "$tmp/theirs" "$tree/etc/ssh/sshd_config"
	rm "$tree/opt/eic/eic-authkeys"
	check "lines and a link that somebody takes away are set up again ($n)" 0 'link */eic-authkeys -> *edit /etc/ssh/sshd_config' \
		install --sshd --links /opt/eic
	ok 'of which the journal does not grow' cmp "$tree/var/lib/eicbox/install" "$tmp/journal"
done
cp -p "$tmp/theirs" "$tree/etc/ssh/sshd_config"
check 'nor is it lost on what comes with them' 0 '*link /opt/more/*edit /etc/ssh/sshd_config' install --sshd --links /opt/more
check '--remove says each once' 0 '*undo edit /etc/ssh/sshd_config*' install --remove
is 'and once only' 1 "$(echo "$out" | grep -c 'undo edit /etc/ssh/sshd_config')"
same 'and undoes them all'
cp -p "$tmp/theirs" "$tree/etc/ssh/sshd_config"

# --- a journal that is lost

make_tree
echo 'ec2-instance-connect:x:998:998::/:/usr/sbin/nologin' >>"$tree/etc/passwd"
lose() {
	remember
	install >/dev/null
	rm -r "$tree/var/lib/eicbox"
}
for case in 'Include /etc/ssh/sshd_config.d/*.conf' 'UsePAM yes' 'Include /etc/ssh/sshd_config.d/*.conf
AuthorizedKeysCommandUser nobody' 'AuthorizedKeysCommandUser nobody'; do
	conf "$case"
	lose
	cp -a "$tree" "$tmp/lost"
	check "lines that are ours to the last byte ($(echo "$case" | tr '\n' ' '))" 0 'would undo *sshd*' install --remove --dry-run
	ok 'are left by --dry-run' diff -r "$tmp/lost" "$tree"
	rm -r "$tmp/lost"
	check 'and go' 0 'undo *sshd*' install --remove
	same 'without a trace'
done
for change in 's/%f/%f --timeout 3/' 1d '3a# mine'; do
	for case in 'Include /etc/ssh/sshd_config.d/*.conf' 'UsePAM yes'; do
		make_tree
		conf "$case"
		lose
		[ -f "$dropin" ] && file=$dropin || file=$tree/etc/ssh/sshd_config
		sed -i "$change" "$file"
		remember
		check "lines that somebody has edited ($change, $case)" 0 '' install --remove
		err_like 'are named' "*${file#"$tree"}:[12]: still has /usr/bin/eicbox authkeys *; that is not on record, and so it stays"
		same 'and stay'
	done
done

# --- folders of the journal

for folder in var var/lib; do
	make_tree
	rm -r "$tree/$folder"
	remember
	install >/dev/null
	ok "without a /$folder it is made" test -s "$tree/var/lib/eicbox/install"
	install --remove >/dev/null
	same 'and goes'
	check 'when there is nothing to do' 0 '' install --remove
	same 'it is not made'
done
for mode in 755 1777; do
	make_tree
	mkdir -m $mode "$tree/var/lib/eicbox"
	remember
	check "an empty folder of that name that others made, of mode $mode: nothing to do" 0 '' install --remove
	same 'leaves it'
	install >/dev/null
	install --remove >/dev/null
	same 'and so does an installation that came and went'
done

# --- a file of somebody else's package

make_tree
mkdir -p "$tree/usr/lib/vendor"
echo 'AuthorizedKeysCommand /usr/bin/theirs %u' >"$tree/usr/lib/vendor/ssh.conf"
ln -s ../../../usr/lib/vendor/ssh.conf "$tree/etc/ssh/sshd_config.d/20-vendor.conf"
check 'a command in a file that is linked to has the slot' 1 '' install
err_like 'and the lines for both are to take the place of the link' \
	'*/20-vendor.conf:1: *into a file in the place of that link:*AuthorizedKeysCommand /usr/bin/eicbox authkeys --chain *'

# --- what cannot be done or said

for name in 'my bin' 'a%u' "it's" 'a"b' 'a#b' 'a\b'; do
	make_tree
	mkdir "$tree/usr/$name"
	mv "$tree/usr/bin/eicbox" "$tree/usr/$name/"
	if emulated; then
		skip "a path that sshd would take apart ($name) is refused" 'of a copy qemu-user says another path'
	else
		check "a path that sshd would take apart ($name) is refused" 1 '' "$tree/usr/$name/eicbox" install --prefix "$tree"
		like 'and named' "*: sshd cannot be told a path with blanks, quotes, *" "$err"
	fi
done
make_tree
rm "$tree/etc/ssh/sshd_config"
check 'without sshd there is nothing to set up' 1 '' install
err_like 'and it is asked for' "*/etc/ssh/sshd_config: No such file*is OpenSSH's server installed?"
make_tree
check 'what cannot be told is a failure' 1 '' sh -c '"$EICBOX" install --prefix "$1" >/dev/full' sh "$tree"
err_like 'and said once' 'install: standard output: *'
is 'of one line' 1 "$(echo "$err" | grep -c output)"
check 'although it was done' 0 '*takes effect*' install --status
check 'of --remove, too' 1 '' sh -c '"$EICBOX" install --prefix "$1" --remove >&-' sh "$tree"
check 'and of --status' 1 '' sh -c '"$EICBOX" install --prefix "$1" --status >/dev/full' sh "$tree"
make_tree
check 'one file is' 0 '*files *ok *1 file
*' sh -c '"$EICBOX" install --prefix "$1" >/dev/null && "$EICBOX" install --prefix "$1" --status' sh "$tree"
done_testing
