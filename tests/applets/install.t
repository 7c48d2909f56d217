# install.t - install sets up an image below a folder, and takes all of it away again
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

# --- words

make_tree
check '--help explains' 0 'Usage: install*--remove*Example:*' "$EICBOX" install --help
check 'a word too many is wrong usage' 2 '' install /usr/bin
check '--remove does not set up' 2 '' install --remove --sshd
check '--status and --remove exclude each other' 2 '' install --remove --status
check '--status does nothing anyway' 2 '' install --status --dry-run
check 'a relative folder for links is wrong usage' 2 '' install --links usr/bin
check 'an unknown maker of initramfs is wrong usage' 2 '' install --initramfs busybox
check 'a prefix that is not there is refused' 1 '' "$EICBOX" install --prefix "$tmp/nowhere"
err_like 'and named' "install: $tmp/nowhere: No such file*"
check 'a prefix that is a file is refused' 2 '' "$EICBOX" install --prefix "$0"
mkdir "$tmp/empty"
check 'an image without eicbox is refused' 1 '' "$EICBOX" install --prefix "$tmp/empty"
err_like 'and it says where to copy it' "*copy it to $tmp/empty/usr/bin/eicbox first*"
make_tree
rm "$tree/etc/ssh/sshd_config"
check 'an image without sshd is refused' 1 '' install
err_like 'and says what is missing' '*/etc/ssh/sshd_config*No such file*'

# --- in and out

make_tree
touch "$tree/etc/ssh/sshd_config.d/50-else.conf"
python3 -c 'import os, sys
for f in sys.argv[1:]: os.setxattr(f, "user.note", b"mine")' "$tree/etc/passwd" "$tree/etc/shadow" 2>/dev/null ||
	note 'this file system has no extended attributes'
remember
check '--dry-run says what would be done' 0 'would *would make file /etc/ssh/sshd_config.d/60-eicbox.conf' install --dry-run
same 'and does nothing'
check '--status of nothing is no fault' 0 '*links*-*none*no AuthorizedKeysCommand*' install --status
check '--remove of nothing is no fault' 0 '' install --remove
same 'and leaves nothing'
check 'without options sshd is set up' 0 '*file /etc/ssh/sshd_config.d/60-eicbox.conf' install
is 'the drop-in has both lines' 'AuthorizedKeysCommand /usr/bin/eicbox authkeys %u %f
AuthorizedKeysCommandUser ec2-instance-connect' "$(grep -v '^#' "$tree/etc/ssh/sshd_config.d/60-eicbox.conf")"
is 'it may be read by whom sshd_config may' 600 "$(stat -c %a "$tree/etc/ssh/sshd_config.d/60-eicbox.conf")"
like 'the user is there' '*ec2-instance-connect:x:998:998:*:/nonexistent:/usr/sbin/nologin' "$(cat "$tree/etc/passwd")"
like 'it has no password' '*ec2-instance-connect:!:*' "$(cat "$tree/etc/shadow")"
is 'the mode of shadow stays' 600 "$(stat -c %a "$tree/etc/shadow")"
like 'a last line without LF gets a neighbour' 'root:\*::
ec2-instance-connect:!::' "$(cat "$tree/etc/gshadow")"
check '--status has nothing to find fault with' 0 '*sshd *ok*/etc/ssh/sshd_config.d/60-eicbox.conf:2: takes effect*' install --status
cp -a "$tree" "$tmp/once"
check 'a second time there is nothing to do' 0 '' install
err_like 'and it says so' '*nothing to do*'
ok 'and nothing has changed' diff -r "$tmp/once" "$tree"
check 'links are added' 0 '*link /usr/bin/eic-authkeys -> eicbox*' install --links /usr/bin
check 'links elsewhere are relative' 0 '*link /opt/eic/eic_run_authorized_keys -> ../../usr/bin/eicbox*' install --links /opt/eic
check '--status counts them' 0 '*links *ok * links*' install --status
ok 'a link leads to the program' cmp "$tree/opt/eic/eic-authkeys" "$tree/usr/bin/eicbox"
check '--remove undoes it all' 0 '*undo file /etc/ssh*undo edit /etc/group' install --remove
same 'no trace is left'
check 'and again: nothing to do' 0 '' install --remove

# --- files of others

remember
ln -s other "$tree/usr/bin/eic_run_authorized_keys"
remember
check 'a foreign link is not overwritten' 1 '' install --sshd --links /usr/bin
err_like 'it is named' '*/usr/bin/eic_run_authorized_keys: exists already, and is not ours*'
same 'and nothing is done'
rm "$tree/usr/bin/eic_run_authorized_keys"
echo 'UsePAM no' >"$tree/etc/ssh/sshd_config.d/60-eicbox.conf"
remember
check 'a foreign drop-in of our name is not overwritten' 0 '*edit /etc/ssh/sshd_config' install
is 'it is as it was' 'UsePAM no' "$(cat "$tree/etc/ssh/sshd_config.d/60-eicbox.conf")"
install --remove >/dev/null
same 'after --remove, too'
rm "$tree/etc/ssh/sshd_config.d/60-eicbox.conf"
check '--replace without a shell agent is refused' 1 '' install --replace
err_like 'it says where one would be' '*/opt/aws/bin*/usr/share/ec2-instance-connect*'
agent_files
remember
check '--replace takes the place of the shell agent' 0 'replace */eic_run_authorized_keys -> ../../bin/eicbox *' install --replace
for name in run curl parse; do
	ok "the program eic_$name is ours" cmp "$agents/eic_${name}_authorized_keys" "$tree/usr/bin/eicbox"
done
check 'a second time there is nothing to do' 0 '' install --replace
check '--remove brings them back' 0 '*undo replace*' install --remove
same 'as they were'
install --replace >/dev/null
rm "$agents/eic_run_authorized_keys"
echo 'a newer one' >"$agents/eic_run_authorized_keys"
check 'what a newer package has put there stays' 0 '*' install --remove
is 'as it is' 'a newer one' "$(cat "$agents/eic_run_authorized_keys")"
is 'and nothing is left of the older one' '' "$(find "$tree" -name '*eicbox-saved')"
agent_files
: >"$agents/eic_curl_authorized_keys.eicbox-saved"
remember
check 'a file with the name of a kept one is not overwritten' 1 '' install --replace
same 'and nothing is done'
rm -r "$agents"
install >/dev/null
echo 'Banner none' >>"$tree/etc/ssh/sshd_config.d/60-eicbox.conf"
check '--status sees that the drop-in was edited' 1 '*WRONG*60-eicbox.conf*' install --status
check '--remove keeps an edited drop-in under another name' 0 '*' install --remove
err_like 'and says so' '*kept beside as .60-eicbox.conf.eicbox-changed*'
ok 'there it is' grep -q Banner "$tree/etc/ssh/sshd_config.d/.60-eicbox.conf.eicbox-changed"

# --- the one slot of sshd

make_tree
remember
taken() { # NAME LINE-NUMBER
	check "$1" 1 '' install
	err_like "$1: its place is named" "*/etc/ssh/$2: *"
}
conf 'Include /etc/ssh/sshd_config.d/*.conf' 'AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys' \
	'AuthorizedKeysCommandUser nobody'
remember
taken "another's command is not overridden" sshd_config:2
err_like 'the line that joins both is printed' \
	"*AuthorizedKeysCommand /usr/bin/eicbox authkeys --chain '/usr/bin/sss_ssh_authorizedkeys \"%u\"' %u %f
AuthorizedKeysCommandUser nobody"
same 'and nothing is done'
check 'links alone can be had' 0 'link*' install --links /usr/bin
check '--status has it as a note' 0 "*sshd *note*somebody else's*" install --status
install --remove >/dev/null
conf 'authorizedkeyscommand="/usr/bin/x" %u' 'Include /etc/ssh/sshd_config.d/*.conf'
taken 'in lower case, with =' sshd_config:1
conf 'AuthorizedKeysCommand none'
taken 'a slot that is switched off' sshd_config:1
err_like 'is called that' '*is switched off*'
conf 'Include sshd_config.d/*.conf'
echo 'AuthorizedKeysCommand /usr/bin/userdbctl ssh-authorized-keys %u' >"$tree/etc/ssh/sshd_config.d/20-systemd-userdb.conf"
taken 'in a file that is included by a relative name' sshd_config.d/20-systemd-userdb.conf:1
echo 'Match all' >"$tree/etc/ssh/sshd_config.d/20-systemd-userdb.conf"
echo ' AuthorizedKeysCommand /usr/bin/x' >>"$tree/etc/ssh/sshd_config.d/20-systemd-userdb.conf"
taken 'in "Match all"' sshd_config.d/20-systemd-userdb.conf:2
printf 'Match User bob\n AuthorizedKeysCommand /usr/bin/x\n' >"$tree/etc/ssh/sshd_config.d/20-systemd-userdb.conf"
check 'a command that only some meet is no obstacle' 0 '*60-eicbox.conf' install
err_like 'but it is told' '*20-systemd-userdb.conf:2: not for everybody: Match User bob: /usr/bin/x*'
check 'by --status, too' 0 '*match *note*Match User bob*' install --status
install --remove >/dev/null
rm "$tree/etc/ssh/sshd_config.d/20-systemd-userdb.conf"
for case in 'UsePAM yes' 'Include /etc/ssh/other.d/*.conf' 'Match User bob
Include /etc/ssh/sshd_config.d/*.conf' '# Include /etc/ssh/sshd_config.d/*.conf' \
	'Include /etc/ssh/sshd_config.d/[0-5]*.conf'; do
	conf "$case"
	remember
	check "not included ($(echo "$case" | tr '\n' ' ')): lines in sshd_config" 0 '*edit /etc/ssh/sshd_config' install
	like 'they come first' '# >>> eicbox*AuthorizedKeysCommand /usr/bin/eicbox*# <<< eicbox*' \
		"$(cat "$tree/etc/ssh/sshd_config")"
	check 'they take effect' 0 '*sshd *ok */etc/ssh/sshd_config:2: takes effect*' install --status
	install --remove >/dev/null
	same 'and go without a trace'
done
conf 'UsePAM yes'
install >/dev/null
sed -i 's/%u %f/--timeout 3 &/; s/UsePAM yes/UsePAM no/' "$tree/etc/ssh/sshd_config"
install --remove >/dev/null
is 'of lines that were edited, all go, and others stay' 'UsePAM no' "$(cat "$tree/etc/ssh/sshd_config")"
conf 'Include /etc/ssh/sshd_config.d/*.conf' 'AuthorizedKeysCommandUser keys'
check 'a user who was chosen stays' 0 'file /etc/ssh/sshd_config.d/60-eicbox.conf' install
unlike 'ours is not made' '*ec2-instance-connect*' "$(cat "$tree/etc/passwd" "$tree/etc/ssh/sshd_config.d/60-eicbox.conf")"
check '--status sees that he is not there' 1 '*user *WRONG*keys: is not in /etc/passwd*' install --status
install --remove >/dev/null
conf 'Include /etc/ssh/sshd_config.d/*.conf' 'AuthorizedKeysCommandUser %u'
install >/dev/null
check 'where he is whoever logs in, nothing is wrong' 0 '*user *ok *%u' install --status
install --remove >/dev/null
conf 'Include /etc/ssh/a.conf'
echo 'Include /etc/ssh/a.conf' >"$tree/etc/ssh/a.conf"
check 'a loop of Include is refused' 1 '' install
err_like 'with words' '*too deep*'
conf 'Include b'
for pair in b:c c:d d:e e:f f:g g:h h:i; do
	echo "Include ${pair#*:} ${pair#*:} ${pair#*:}" >"$tree/etc/ssh/${pair%:*}"
done
: >"$tree/etc/ssh/i"
check 'so are files that include others again and again' 1 '' install
err_like 'with words, too' '*more than 1024 files*'
conf 'Include /etc/ssh/sshd_config.d/*.conf  # not the admin'"'"'s' 'AuthorizedKeysCommandUser "keys" # nor his'
check 'a comment behind Include counts for nothing' 0 'file /etc/ssh/sshd_config.d/60-eicbox.conf' install
check 'nor one behind the user, nor quotes around him' 1 '*user *WRONG*keys: is not in*' install --status
install --remove >/dev/null
conf 'AuthorizedKeysCommandUser none' 'Include /etc/ssh/sshd_config.d/*.conf'
check 'where the user is none before the drop-in, lines in front are needed' 0 '*edit /etc/ssh/sshd_config' install
install --remove >/dev/null
conf 'Match all' 'AuthorizedKeysCommandUser none'
check 'where he is none in "Match all", nothing helps' 1 '' install
err_like 'and the line is told' '*/etc/ssh/sshd_config:2: AuthorizedKeysCommandUser is switched off there*'
long=$(printf %0200d 0)
mkdir "$tree/etc/ssh/$long"
conf "Include $long/../$long/../command"
echo 'AuthorizedKeysCommand /usr/bin/x' >"$tree/etc/ssh/command"
check 'a file with a very long name takes the slot as well' 1 '' install
err_like 'though its name cannot be said' '*(too long):1: *'

# --- the unit

make_tree
units=$tree/usr/lib/systemd/system
mkdir -p "$units/ssh.service.d" "$tree/etc/default" "$tree/etc/systemd/system/ssh.service.d"
agent_files
printf '[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n' >"$units/ssh.service"
cat >"$units/ssh.service.d/ec2-instance-connect.conf" <<'EOF'
[Service]
ExecStart=
ExecStart=/usr/sbin/sshd -D -o "AuthorizedKeysCommand /usr/share/ec2-instance-connect/eic_run_authorized_keys %%u %%f" \
    -o "AuthorizedKeysCommandUser ec2-instance-connect" $SSHD_OPTS
EOF
remember
check 'a command in ExecStart has the slot' 1 '' install
err_like 'the drop-in of the unit is named' '*/ssh.service.d/ec2-instance-connect.conf:3: *eic_run_authorized_keys %u %f*'
err_like 'and what helps with the shell agent' '*install --replace*'
same 'and nothing is done'
agent_files
echo 'ec2-instance-connect:x:998:998::/:/usr/sbin/nologin' >>"$tree/etc/passwd"
check '--replace makes it ours' 0 '*replace*' install --replace
check 'then it takes effect' 0 '*sshd *ok*ssh.service.d/ec2-instance-connect.conf:3: takes effect*' install --status
check 'and there is nothing left to do' 0 '' install --sshd
install --remove >/dev/null
: >"$tree/etc/systemd/system/ssh.service.d/ec2-instance-connect.conf"
check 'a drop-in of that name in /etc hides it' 0 '*60-eicbox.conf' install
install --remove >/dev/null
echo 'SSHD_OPTS="-oAuthorizedKeysCommand=/usr/bin/x"' >"$tree/etc/default/ssh"
check 'a command in the environment of the unit has the slot' 1 '' install
err_like 'its file is named' '*/etc/default/ssh:1: *'
printf '[Service]\nExecStart=/usr/sbin/sshd -D -f /etc/ssh/other\n' >"$units/ssh.service"
echo 'AuthorizedKeysCommand /usr/bin/y' >"$tree/etc/ssh/other"
check 'the file of -f is the one that counts' 1 '' install
err_like 'so it is named' '*/etc/ssh/other:1: *'

printf '%s\n' '[Unit]' '# ExecStart= \' 'Description=a \' '; comment' ' b' '[Service]' 'ExecStart=/usr/sbin/sshd -Df/etc/ssh/other $SSHD_OPTS' \
	>"$units/ssh.service"
printf '[Service]\nEnvironmentFile=/etc/default/ssh\n' >"$units/ssh.service.d/later.conf"
printf 'SSHD_OPTS="-o AuthorizedKeysCommand=/usr/bin/x"\nSSHD_OPTS=-4\n' >"$tree/etc/default/ssh"
check 'the environment does not take -f away, and of two lines the last one counts' 1 '' install
err_like 'so it is the file of -f again' '*/etc/ssh/other:1: *'
echo 'SSHD_OPTS="-4oAuthorizedKeysCommand=/usr/bin/x"' >"$tree/etc/default/ssh"
check 'letters in one word, from a file that a drop-in names' 1 '' install
err_like 'are found' '*/etc/default/ssh:1: *'
sed -i 's/\$SSHD_OPTS/-o AuthorizedKeysCommand=\/usr\/bin\/z/' "$units/ssh.service"
check 'lines that were joined are counted' 1 '' install
err_like 'in the number that is told' '*/ssh.service:7: *'

# --- images

make_tree
mkdir "$tree/data"
mv "$tree/etc/ssh" "$tree/data/ssh"
ln -s /data/ssh "$tree/etc/ssh"
ln -s ../../../../../../../../../data/up "$tree/usr/up"
mkdir "$tree/data/up"
remember
check 'links of the image stay within it' 0 '*file /data/ssh/sshd_config.d/60-eicbox.conf' install --links /usr/up --sshd
ok 'the drop-in is in the image' test -f "$tree/data/ssh/sshd_config.d/60-eicbox.conf"
ok 'so are the links' test -L "$tree/data/up/eic-authkeys"
install --remove >/dev/null
same 'and all goes'
echo 'ec2-instance-connect:x:77:' >>"$tree/etc/group"
install >/dev/null
like 'a group of that name is used' '*ec2-instance-connect:x:*:77:*' "$(cat "$tree/etc/passwd")"
install --remove >/dev/null
rm "$tree/etc/passwd"
check 'without a passwd the user is described' 0 '*file /etc/sysusers.d/eicbox.conf*' install
check '--status knows that the first boot makes him' 0 '*takes effect*user *ok *' install --status
like 'for systemd-sysusers' 'u ec2-instance-connect - "*" /nonexistent' "$(cat "$tree/etc/sysusers.d/eicbox.conf")"
install --remove >/dev/null
ok 'and its folder goes, too' test ! -e "$tree/etc/sysusers.d"
make_tree
chmod 775 "$tree/usr/bin"
check 'a folder that others can write is set up' 0 '*' install
err_like 'with a warning' '*sshd would refuse to run /usr/bin/eicbox: /usr/bin: can be written by others*'
check 'and --status finds it wrong' 1 '*binary *WRONG*/usr/bin: can be written*' install --status
make_tree
mkdir "$tree/etc/selinux"
echo SELINUX=enforcing >"$tree/etc/selinux/config"
check 'with SELinux sshd is set up' 0 '*' install
err_like 'and the lines of policy are printed' '*setsebool -P authlogin_yubikey on*(allow sshd_t http_port_t (tcp_socket (name_connect)))*'
check '--selinux is for the machine itself' 2 '' install --selinux
ok 'no program of the image ran' test ! -e "$tmp/ran"

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	make_tree
	chmod 555 "$tree/usr" "$tree/usr/bin"
	chmod 755 "$tmp"
	chown -R 65534:65534 "$tree"
	remember
	nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$tree/usr/bin/eicbox" install --prefix "$tree" "$@"; }
	check 'an ordinary user sets up his image, with /usr read-only' 0 '*60-eicbox.conf' nobody
	err_like 'without a warning about what will be root'"'"'s' ''
	check 'its status is good' 0 '*takes effect*' nobody --status
	check 'links in the read-only part fail' 1 '' nobody --links /usr/bin
	nobody --remove >/dev/null
	same 'all is undone'
	check 'all or nothing' 1 '' nobody --links /usr/bin --sshd
	same 'nothing was done'
else
	cannot 'an ordinary user sets up his image' 'it needs root and setpriv'
fi

# --- initramfs

make_tree
remember
for maker in debian dracut mkinitcpio; do
	check "the files for $maker" 0 '*file /*eicbox*' install --initramfs "$maker"
	err_like 'and what makes the image' '*the initramfs has it after: *'
	hooks=$TOP/tools/dist/initramfs/$maker
	different=$(cd "$hooks" && find -L . -type f | while read -r file; do
		cmp -s "$file" "$tree/$file" && [ "$(stat -Lc %A "$file" | cut -c 4)" = "$(stat -c %A "$tree/$file" | cut -c 4)" ] ||
			echo "$file"
	done)
	is 'as they are in the sources, those that are run executable' '' "$different"
	check 'a second time there is nothing to do' 0 '' install --initramfs "$maker"
	check 'no image is known to lack it' 0 '*initramfs *ok *' install --status
	mkdir -p "$tree/boot"
	touch -d 2020-01-01 "$tree/boot/initrd.img-6.1"
	touch "$tree/boot/initrd.img-6.2"
	check '--status names an image that is older' 0 '*initramfs *note */boot/initrd.img-6.1 is older than the files: *' \
		install --status
	touch "$tree/boot/initrd.img-6.1"
	check 'and is content when it was made anew' 0 '*initramfs *ok *' install --status
	rm -r "$tree/boot"
	check 'they go' 0 '*undo file *' install --remove
	err_like 'and it is said that the images have them for now' '*have it until: *'
	same 'and none is left'
	unlike 'nor a row of --status' '*initramfs*' "$(install --status 2>&1)"
done
mkdir -p "$tree/opt/bin"
mv "$tree/usr/bin/eicbox" "$tree/opt/bin/eicbox"
if emulated; then
	skip 'elsewhere than where the hooks look, they are told where' 'of a copy qemu-user says another path'
else
	check 'elsewhere than where the hooks look, they are told where' 0 '*file /etc/eicbox/initramfs.conf' \
		"$tree/opt/bin/eicbox" install --prefix "$tree" --initramfs debian
	is 'by the path in the image' EICBOX=/opt/bin/eicbox "$(cat "$tree/etc/eicbox/initramfs.conf")"
fi
"$tree/opt/bin/eicbox" install --prefix "$tree" --remove >/dev/null 2>&1
make_tree
mkdir -p "$tree/etc/initramfs-tools/hooks"
: >"$tree/etc/initramfs-tools/hooks/eicbox"
remember
check 'a foreign hook is not overwritten' 1 '' install --initramfs debian
same 'and nothing is done'

# --- killed

make_tree
remember
n=0 hit=0
while [ $n -lt 40 ]; do
	n=$((n + 1))
	timeout -s KILL "0.0$(printf %02d $n)" "$EICBOX" install --prefix "$tree" --links /opt/eic --sshd >/dev/null 2>&1 ||
		hit=$((hit + 1))
	if [ $((n % 2)) = 0 ]; then
		timeout -s KILL "0.00$n" "$EICBOX" install --prefix "$tree" --remove >/dev/null 2>&1
		install --remove >/dev/null 2>"$tmp/err" || note "$n: $(cat "$tmp/err")"
		manifest >"$tmp/after"
		diff "$tmp/before" "$tmp/after" >"$tmp/err" || { note "$(cat "$tmp/err")"; break; }
	fi
done
note "$hit of $n runs were killed"
ok 'some runs were' test $hit -gt 0
is 'after kill -9 at any time --remove leaves no trace' 40 $n
install --links /opt/eic --sshd >/dev/null 2>&1
check 'and an installation is whole' 0 '*takes effect*' install --status
printf 'eicbox-install 1\nnonsense\ndone\n' >"$tree/var/lib/eicbox/install"
check 'a damaged journal is refused' 1 '' install --remove
err_like 'with its line' '*line 2: not understood*'
ok 'and kept' test -s "$tree/var/lib/eicbox/install"
(
	flock -n 9
	"$EICBOX" install --prefix "$tree" --remove
) 9<"$tree" >/dev/null 2>"$tmp/err"
like 'while another installation is at work, a second one is refused' '*another installation is at work*' "$(cat "$tmp/err")"
done_testing
