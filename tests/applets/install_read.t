# install_read.t - install finds out who has sshd's slot where it is not easy to see, and does not guess
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

include='Include /etc/ssh/sshd_config.d/*.conf'
untaken() { # NAME WHERE
	check "$1" 0 "*$2" install
	install --remove >/dev/null
}
taken() { # NAME PLACE
	check "$1" 1 '' install
	err_like "$1: its place is named" "install: $2: sshd has an AuthorizedKeysCommand already: *"
}

# --- Match blocks, of everybody or of some

make_tree
for case in 'User *' 'user=*' 'Group *' 'Host *' 'Address *' 'Address 0.0.0.0/0' 'Address ::/0,0.0.0.0/0' 'Address 128.0.0.0/1' \
	'LocalAddress *' 'LocalPort 22' 'User * LocalPort 22 # all of them' 'User *,!root' 'Address !10.0.0.0/8,*' '"User" "*"'; do
	conf "$include" "Match $case" ' AuthorizedKeysCommand /usr/bin/x %u'
	taken "Match $case: is everybody" /etc/ssh/sshd_config:3
	err_like 'the line that joins both is printed' "*AuthorizedKeysCommand /usr/bin/eicbox authkeys --chain '/usr/bin/x \"%u\"' %u %f
AuthorizedKeysCommandUser ec2-instance-connect"
done
for case in 'User bob' 'User *,!*' 'User !root' 'User * Address 10.0.0.0/8' 'Address 192.0.2.128/25' 'Address 192.0.2.1/x' 'Address 192.0.2.1.1' \
	'LocalPort 2222' 'User' 'Whatever *' '# all' 'Host *.corp' 'RDomain *'; do
	conf "$include" "Match $case" ' AuthorizedKeysCommand /usr/bin/x %u'
	check "Match $case: is not everybody" 0 '*60-eicbox.conf' install
	err_like 'but it is told' "*/etc/ssh/sshd_config:3: not for everybody: Match $case: /usr/bin/x %u"
	install --remove >/dev/null
done
conf 'Port 2222' 'Port 22' "$include" 'Match LocalPort 2222' ' AuthorizedKeysCommand /usr/bin/x'
taken 'the first port is the one that counts' /etc/ssh/sshd_config:5
conf 'port=2222' "$include" 'Match LocalPort 22' ' AuthorizedKeysCommand /usr/bin/x'
untaken 'where sshd is at another port, 22 is not everybody' 60-eicbox.conf
for case in 'ListenAddress 0.0.0.0:2222' 'listenaddress=[::]:2222 rdomain x' 'ListenAddress "host:2222"' 'Port "2222"' \
	'ListenAddress ::1
Port 2222' 'Port 22
ListenAddress 10.0.0.1:2222
ListenAddress 10.0.0.1:22' 'ListenAddress [::1]
Port 2222'; do
	conf "$include" "$case"
	printf 'Match LocalPort 2222\n AuthorizedKeysCommand /usr/bin/x\n' >"$tree/etc/ssh/sshd_config.d/20.conf"
	taken "$(echo "$case" | tr '\n' ' '): the port counts, though it is said later" /etc/ssh/sshd_config.d/20.conf:2
	sed -i 's/2222/22/' "$tree/etc/ssh/sshd_config.d/20.conf"
	untaken 'and 22 is nobody' 60-eicbox.conf
done
rm "$tree/etc/ssh/sshd_config.d/20.conf"
conf "$include" 'Match User bob' 'Include other'
printf 'Match User *\n AuthorizedKeysCommand /usr/bin/x\n' >"$tree/etc/ssh/other"
untaken 'everybody among some is some' 60-eicbox.conf

# --- Include

conf 'Include /etc/ssh/*/x.conf' "$include"
mkdir "$tree/etc/ssh/a" "$tree/etc/ssh/a-b" "$tree/etc/ssh/c"
untaken 'a pattern for folders that matches nothing' 60-eicbox.conf
echo 'AuthorizedKeysCommand /usr/bin/a' >"$tree/etc/ssh/a/x.conf"
echo 'AuthorizedKeysCommand /usr/bin/ab' >"$tree/etc/ssh/a-b/x.conf"
taken 'of a pattern for folders the first path counts, byte by byte' /etc/ssh/a-b/x.conf:1
conf 'Include /etc/[s]s?/a/*/../x.conf' "$include"
mkdir "$tree/etc/ssh/a/b"
taken 'patterns in several parts' /etc/ssh/a/b/../x.conf:1
conf 'Include /etc/*/sshd_config.d/*.conf'
untaken 'the drop-in may be found by a pattern for folders' 60-eicbox.conf
conf 'Include /*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/x'
ln -s / "$tree/root"
check 'a pattern of too many parts, in a tree without an end' 1 '' install
err_like 'is refused' '*too many patterns*'
rm "$tree/root"
conf 'Include /etc/ssh/sshd_config.d/*'
install >/dev/null
echo '# edited' >>"$tree/etc/ssh/sshd_config.d/60-eicbox.conf"
install --remove >/dev/null 2>&1
check 'an edited drop-in that is kept is not read by "*"' 0 '*no AuthorizedKeysCommand*' install --status
make_tree
echo 'AuthorizedKeysCommandUser none' >"$tree/etc/ssh/sshd_config.d/20-none.conf"
untaken 'where an earlier drop-in has no user, ours would be none' 'edit /etc/ssh/sshd_config'
mv "$tree/etc/ssh/sshd_config.d/20-none.conf" "$tree/etc/ssh/sshd_config.d/70-none.conf"
untaken 'a later one does not matter' 60-eicbox.conf
mv "$tree/etc/ssh/sshd_config.d/70-none.conf" "$tree/etc/ssh/sshd_config.d/60-none.conf"
untaken 'nor one with a name behind ours' 60-eicbox.conf

# --- where no key lets anybody in

for case in 'PubkeyAuthentication no' 'pubkeyauthentication="no" # but passwords' 'Match all
PubkeyAuthentication no' 'PubkeyAuthentication yes
Match User *
PubkeyAuthentication no'; do
	make_tree
	conf "$include" "$case"
	check "$(echo "$case" | tr '\n' ' '): is set up" 0 '*60-eicbox.conf' install
	err_like 'with a warning' '*/etc/ssh/sshd_config:[234]: PubkeyAuthentication no: sshd lets nobody in with a key'
	check 'and found wrong' 1 '*keys *WRONG*/etc/ssh/sshd_config:[234]: PubkeyAuthentication no*' install --status
	install --remove >/dev/null
	check 'which is nothing to do with us where it is taken away' 0 '*' install --status
done
for case in 'PubkeyAuthentication yes' 'PubkeyAuthentication yes
PubkeyAuthentication no' 'Match User bob
PubkeyAuthentication no'; do
	make_tree
	conf "$include" "$case"
	check "$(echo "$case" | tr '\n' ' '): keys count" 0 '*60-eicbox.conf' install
	err_like 'no warning' ''
	check 'and nothing is wrong' 0 '*takes effect*' install --status
done

# --- lines that are too much

make_tree
long=/usr/bin/$(printf %01200d 0)
conf "AuthorizedKeysCommand $long '%u'"
check 'a long command' 1 '' install
err_like 'is printed whole' "*--chain '$long \\\\'%u\\\\'' %u %f*"
conf "AuthorizedKeysCommand $long$long"
check 'one that is too long' 1 '' install
err_like 'is not: what to write is said' "*--chain '...' %u %f*In place of the dots: *"
conf "$(printf 'AuthorizedKeysCommand /usr/bin/x a\033b')"
check 'nor is one with control characters' 1 '' install
err_like 'which would not be the same' "*--chain '...' %u %f*In place of the dots: *"
conf "$(printf 'AuthorizedKeysCommand /usr/bin/x\t%%u')"
check 'a tab is printed' 1 '' install
err_like 'as it is' "*--chain '/usr/bin/x	\"%u\"' %u %f*"

# --- units

make_tree
units=$tree/usr/lib/systemd/system
etc=$tree/etc/systemd/system
mkdir -p "$units" "$etc/ssh.service.d" "$etc/service.d" "$tree/etc/default"
unit() { # EXECSTART [LINE...]
	printf '[Service]\n' >"$units/ssh.service"
	printf 'ExecStart=%s\n' "$1" >>"$units/ssh.service"
	shift
	printf '%s\n' "$@" >>"$units/ssh.service"
}
sshd='/usr/sbin/sshd -D'
unit "$sshd \$SSHD_OPTS"
printf '[Service]\nEnvironment="A=b" "SSHD_OPTS=-4 -o AuthorizedKeysCommand=/usr/bin/x"\n' >"$etc/ssh.service.d/a.conf"
taken 'Environment= in a drop-in' /etc/systemd/system/ssh.service.d/a.conf:2
printf 'Environment=SSHD_OPTS=-6\n' >>"$etc/ssh.service.d/a.conf"
untaken 'the last one counts' 60-eicbox.conf
printf 'Environment=\n' >>"$etc/ssh.service.d/a.conf"
untaken 'and an empty one takes all back' 60-eicbox.conf
printf '[Service]\nEnvironment=SSHD_OPTS=-oAuthorizedKeysCommand=/usr/bin/x\nEnvironmentFile=-/etc/default/ssh\n' >"$etc/ssh.service.d/a.conf"
printf 'SSHD_OPTS=-6\n' >"$tree/etc/default/ssh"
untaken 'what a file has wins over Environment=' 60-eicbox.conf
printf 'OPTS=-6\n' >"$tree/etc/default/ssh"
taken 'what it does not have, does not' /etc/systemd/system/ssh.service.d/a.conf:2
printf 'SSHD_OPTS="-o \\"AuthorizedKeysCommand /usr/bin/y %%u\\""\n' >"$tree/etc/default/ssh"
taken 'backslashes in the quotes of a file' /etc/default/ssh:1
err_like 'are taken away' '*: /usr/bin/y %u*'
{ head -c 20000 /dev/zero | tr '\0' '#'; echo; cat "$tree/etc/default/ssh"; } >"$tmp/default"
cp "$tmp/default" "$tree/etc/default/ssh"
taken 'a long file of the environment' /etc/default/ssh:2
head -c 70000 /dev/zero >"$tree/etc/default/ssh"
check 'one that is too long to be true' 1 '' install
err_like 'is refused' '*/etc/default/ssh*larger than*'
rm "$tree/etc/default/ssh" "$etc/ssh.service.d/a.conf"

printf '[Service]\nExecStart=\nExecStart=%s -oAuthorizedKeysCommand=/usr/bin/all\n' "$sshd" >"$etc/service.d/all.conf"
taken 'a drop-in for all services' /etc/systemd/system/service.d/all.conf:3
: >"$etc/ssh.service.d/all.conf"
untaken "the unit's own of the same name hides it" 60-eicbox.conf
rm "$etc/ssh.service.d/all.conf" "$etc/service.d/all.conf"

unit "$sshd \${OPTS}" 'Environment="OPTS=-oAuthorizedKeysCommand /usr/bin/x %%u"'
taken '${NAME} is one word' /usr/lib/systemd/system/ssh.service:3
err_like 'with its blanks' '*: /usr/bin/x %u*'
unit "$sshd -oAuthorizedKeys\${WHAT}=/usr/bin/x\$\$ \$NONE \${NONE}" 'Environment=WHAT=Command'
taken '${NAME} within a word' /usr/lib/systemd/system/ssh.service:2
err_like '$$ is a dollar sign' '*: /usr/bin/x$
*'
unit "$sshd -o \$OPTS" 'Environment="OPTS=AuthorizedKeysCommand=/usr/bin/x"'
taken 'an option whose value is a variable' /usr/lib/systemd/system/ssh.service:3
unit "$sshd \$A" 'Environment="A=$A $A"'
untaken 'a variable in itself' 60-eicbox.conf
unit "$sshd -f %E/ssh/other"
echo 'AuthorizedKeysCommand /usr/bin/x %%' >"$tree/etc/ssh/other"
taken '%E is /etc' /etc/ssh/other:1
unit "$sshd -f /etc/ssh/no -f /etc/ssh/other"
taken 'of two -f the last one counts' /etc/ssh/other:1
for start in "/bin/sh -c 'exec /usr/sbin/sshd -D -o AuthorizedKeysCommand=/usr/bin/x'" \
	'/bin/sh -c "umask 077; exec /usr/sbin/sshd -D $OPTS"' \
	"/usr/bin/env -i /bin/sh -ec \"exec nice /usr/sbin/sshd -D -o 'AuthorizedKeysCommand /usr/bin/x'\"" \
	'-@/usr/sbin/sshd sshd -oAuthorizedKeysCommand=/usr/bin/x' \
	"/opt/openssh/start -o AuthorizedKeysCommand=/usr/bin/x"; do
	unit "$start" 'Environment=OPTS=-oauthorizedkeyscommand=/usr/bin/x'
	taken "$start" '/usr/lib/systemd/system/ssh.service:[23]'
done
conf 'Port 22' 'ListenAddress 0.0.0.0:22' "$include" 'Match LocalPort 2222' ' AuthorizedKeysCommand /usr/bin/x'
for start in -p2222 '-4Dp 2222 -p 22' '-oPort=2222'; do
	unit "$sshd $start"
	taken "with $start the port is that one" /etc/ssh/sshd_config:5
done
unit "$sshd -p 2223"
untaken 'or another' 60-eicbox.conf
conf "$include"
unit '/opt/openssh/start -D'
check 'a script in the place of sshd' 0 '*60-eicbox.conf' install
err_like 'is told' '*/usr/lib/systemd/system/ssh.service:2: what /opt/openssh/start tells sshd is not seen*'
check 'by --status, too' 0 '*unit *note */ssh.service:2: what /opt/openssh/start tells*' install --status
install --remove >/dev/null
unit "$sshd \$OPTS" 'Environment=OPTS=-oAuthorizedKeysCommand=/usr/bin/x' 'EnvironmentFile=-/etc/default/ssh' 'Environment=OPTS'
echo OPTS >"$tree/etc/default/ssh"
taken 'a name without a value is none' /usr/lib/systemd/system/ssh.service:3
rm "$tree/etc/default/ssh"
unit "$sshd x$(printf '${A}%.0s' $(seq 200))"
check 'a word of very many names' 1 '' install
err_like 'is refused' '*ssh.service*names*'
unit "$sshd $(printf 'x %.0s' $(seq 200))"
check 'a command of very many words' 1 '' install
err_like 'is refused' '*ssh.service*words*'

# --- a unit of two names, as Alias= makes it

mkdir -p "$etc/sshd.service.d"
ln -s /usr/lib/systemd/system/ssh.service "$etc/sshd.service"
unit "$sshd \$OPTS"
printf '[Service]\nEnvironment=OPTS=-oAuthorizedKeysCommand=/usr/bin/x\n' >"$etc/ssh.service.d/a.conf"
taken 'a drop-in for one name' /etc/systemd/system/ssh.service.d/a.conf:2
printf '[Service]\nExecStart=\nExecStart=%s -4\n' "$sshd" >"$etc/sshd.service.d/b.conf"
untaken 'and one for the other, which takes that back' 60-eicbox.conf
printf '[Service]\nExecStart=\nExecStart=%s \$MORE\n' "$sshd" >"$etc/sshd.service.d/b.conf"
printf '[Service]\nEnvironment=MORE=-oAuthorizedKeysCommand=/usr/bin/y\n' >"$etc/ssh.service.d/c.conf"
taken 'both together' /etc/systemd/system/ssh.service.d/c.conf:2
rm "$etc/sshd.service"
printf '[Service]\nExecStart=%s -4\n' "$sshd" >"$etc/sshd.service"
taken 'units with a file each are two' /etc/systemd/system/ssh.service.d/a.conf:2
rm -r "$etc/sshd.service" "$etc/sshd.service.d" "$etc/ssh.service.d/a.conf" "$etc/ssh.service.d/c.conf"

# --- the shell agent elsewhere

make_tree
agent_files
mkdir -p "$tree/usr/local/bin"
cp "$agents/eic_run_authorized_keys" "$tree/usr/local/bin"
conf 'AuthorizedKeysCommand /usr/local/bin/eic_run_authorized_keys %u %f'
remember
check "where the shell agent's programs are replaced, one elsewhere keeps the slot" 1 '' install --replace --sshd
err_like 'and --replace is no advice' '*AuthorizedKeysCommand already: /usr/local/bin/eic_run_authorized_keys*--chain*'
same 'nothing is done'
conf 'AuthorizedKeysCommand /usr/bin/agent/eic_run_authorized_keys %u %f' 'AuthorizedKeysCommandUser ec2-instance-connect'
ln -s ../share/ec2-instance-connect "$tree/usr/bin/agent"
check 'by a link to its folder it is the one' 0 '*replace*' install --replace --sshd
check 'and ours' 0 '*takes effect*' install --status

# --- what an ordinary user may not see

if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	cannot 'an ordinary user' 'it needs root and setpriv'
	done_testing
	exit
fi
chmod 755 "$tmp"
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$tree/usr/bin/eicbox" install --prefix "$tree" "$@"; }
hide() { # FILE
	chown -R 65534:65534 "$tree"
	chown 0:0 "$1"
	chmod 700 "$1"
}
make_tree
mkdir "$tree/etc/ssh/other.d"
echo 'AuthorizedKeysCommand /usr/bin/x' >"$tree/etc/ssh/other.d/a.conf"
for pattern in 'other.d/*' other.d/a.conf '*/*'; do
	conf "Include $pattern" "$include"
	hide "$tree/etc/ssh/other.d"
	remember
	check "Include $pattern, of a folder that cannot be read" 1 '' nobody
	err_like 'is refused' '*/etc/ssh/other.d*: Permission denied'
	same 'and nothing is done'
	check '--status sees no more' 1 '*sshd *WRONG*/etc/ssh/other.d*: Permission denied*' nobody --status
done
make_tree
mkdir -p "$units/ssh.service.d"
unit "$sshd"
hide "$units/ssh.service.d"
check 'drop-ins that cannot be read' 1 '' nobody
err_like 'are named' '*/ssh.service.d*: Permission denied'
hide "$units"
check 'nor units' 1 '' nobody
err_like 'are named' '*/usr/lib/systemd/system/ssh.service: Permission denied'
rmdir "$units/ssh.service.d"
chmod 755 "$units"
unit "$sshd \$OPTS" 'EnvironmentFile=-/etc/default/ssh'
mkdir -p "$tree/etc/default"
: >"$tree/etc/default/ssh"
hide "$tree/etc/default/ssh"
check 'nor a file of the environment' 1 '' nobody
err_like 'is named' '*/etc/default/ssh: Permission denied'
done_testing
