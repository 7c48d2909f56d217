# install_chain.t - where another command has sshd's slot, the lines that install prints let the keys of both in
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

need machine_base machine
enter 'another AuthorizedKeysCommand'
machine_begin
machine_keys
instance_mock --key-ttl 600
instance_push ec2-user "$tmp/key"
config=$machine/etc/ssh/sshd_config
echo 'Include /etc/ssh/sshd_config.d/*.conf' >$config
cp $config "$tmp/config"

# their command gives own.pub to everybody, and says what it was given
cp "$tmp/own.pub" $machine/etc/own.pub
printf '%s\n' '#!/bin/sh' 'printf "<%s>" "$@" >/tmp/given' 'cat /etc/own.pub' >$machine/usr/local/bin/theirs
chmod 755 $machine/usr/local/bin/theirs
install() { inside eicbox install "$@"; }
given() { cat $machine/tmp/given; }
machine_sshd

# theirs PLACE LINE...: sshd_config with these lines behind those of Debian, a command of theirs in line PLACE
theirs() {
	place=$1
	shift
	{
		cat "$tmp/config"
		printf '%s\n' "$@"
	} >$config
	again kill -HUP $sshd
	rm -f $machine/tmp/given
	check "$*: their key is let in" 0 ec2-user login ec2-user own id -un
	given >"$tmp/given"
	check 'and the pushed one is not' 255 '' login ec2-user key id
	check 'install says who has the slot' 1 '' install
	err_like 'by its line' "install: /etc/ssh/sshd_config:$place: *"
	printf '%s\n' "$err" | grep '^AuthorizedKeysCommand' >"$tmp/lines"
	is 'and prints two lines' 2 "$(wc -l <"$tmp/lines")"
}

# what is read for "put in its place"
paste_lines() {
	sed -i -e "${place}r $tmp/lines" -e "${place}d" $config
	again kill -HUP $sshd
	rm -f $machine/tmp/given
	check 'with them in its place their key is let in' 0 ec2-user login ec2-user own id -un
	is 'their command is given the same' "$(cat "$tmp/given")" "$(given)"
	check 'the pushed one, too' 0 ec2-user trusting $config login ec2-user key id -un
	check 'and install finds all set up' 0 '' install
	err_like 'with nothing to do' '*nothing to do*'
	check '--status as well' 0 "*/etc/ssh/sshd_config:$place: takes effect*user *ok *nobody*sshd -T *ok*" install --status
}

theirs 2 'AuthorizedKeysCommand /usr/local/bin/theirs %u %h' 'AuthorizedKeysCommandUser nobody'
like 'they run as the user who was chosen' '*AuthorizedKeysCommandUser nobody' "$(cat "$tmp/lines")"
paste_lines
theirs 3 'AuthorizedKeysCommandUser nobody # theirs' 'authorizedkeyscommand=/usr/local/bin/theirs'
paste_lines
theirs 2 "AuthorizedKeysCommand /usr/local/bin/theirs \"%u a\" 'b  \"c' d\\'e \"f\\\\\" %% x" 'AuthorizedKeysCommandUser nobody'
paste_lines
theirs 4 'AuthorizedKeysCommandUser nobody' 'Match User *' '	AuthorizedKeysCommand /usr/local/bin/theirs %u'
paste_lines
theirs 4 'AuthorizedKeysCommandUser nobody' 'Match Address 0.0.0.0/0 LocalPort 22' "	AuthorizedKeysCommand /usr/local/bin/theirs$(printf ' %0250d' 1 2 3 4 5)"
paste_lines

# --- blocks of some

{
	cat "$tmp/config"
	printf '%s\n' 'Match Address 127.0.0.1 User other' ' AuthorizedKeysCommand /usr/local/bin/theirs' ' AuthorizedKeysCommandUser nobody'
} >$config
again kill -HUP $sshd
remember
check 'a block of some keeps nobody else from being served' 0 '*60-eicbox.conf' again install
err_like 'and is told' '*sshd_config:3: not for everybody: Match Address 127.0.0.1 User other: *'
check 'the pushed key is let in' 0 ec2-user trusting $machine/etc/ssh/sshd_config.d/60-eicbox.conf login ec2-user key id -un
check 'and --status finds nothing wrong' 0 '*takes effect*match *note*sshd -T *ok*' install --status
again install --remove >/dev/null 2>&1
same 'no trace is left'

# --- another port

{
	echo 'Port 2222'
	cat "$tmp/config"
	printf '%s\n' 'AuthorizedKeysCommandUser nobody' 'Match LocalPort 2222' ' AuthorizedKeysCommand /usr/local/bin/theirs'
} >$config
check 'where sshd listens at 2222, that is everybody' 1 '' install
err_like 'and has the line' "*--chain '/usr/local/bin/theirs \"%u\"' %u %f*"
sed -i 's/LocalPort 2222/LocalPort 22/' $config
check 'and 22 is nobody' 0 '*60-eicbox.conf' install
check '--status says the same' 0 '*takes effect*sshd -T *ok*' install --status

install --remove >/dev/null 2>&1
listen() { # LINE...: before a block for port 2222
	{
		cat "$tmp/config"
		printf '%s\n' "$@" 'AuthorizedKeysCommandUser nobody' 'Match LocalPort 2222' ' AuthorizedKeysCommand /usr/local/bin/theirs'
	} >$config
}
listen 'Port 22' 'ListenAddress 0.0.0.0:2222' 'ListenAddress 127.0.0.1:22' 'ListenAddress [::1]:23'
check 'of several addresses the port of the first counts' 1 '' install
err_like 'over that of Port' "*--chain '/usr/local/bin/theirs \"%u\"' %u %f*"
listen 'Port 2222' 'ListenAddress ::1' 'ListenAddress 127.0.0.1:23'
refute 'and where it has none, that of Port' install
listen 'Port 2222' 'ListenAddress [::]:22' 'ListenAddress 127.0.0.1:2222'
check 'one that everybody meets by no other' 0 '*60-eicbox.conf' install
check '--status asks sshd for the same one' 0 '*takes effect*sshd -T *ok*' install --status
install --remove >/dev/null 2>&1
listen 'ListenAddress 0.0.0.0:22'
mkdir -p $machine/etc/systemd/system
printf '[Service]\nExecStart=/usr/sbin/sshd -D -p 2222\n' >$machine/etc/systemd/system/ssh.service
refute 'nor counts any where the unit has -p' install
sed -i 's/2222/23/' $machine/etc/systemd/system/ssh.service
check 'which may be another' 0 '*60-eicbox.conf' install
check 'for --status, too' 0 '*takes effect*sshd -T *ok*' install --status
rm $machine/etc/systemd/system/ssh.service

# --- a drop-in in front of ours that has no user

cp "$tmp/config" $config
install --remove >/dev/null 2>&1
echo 'AuthorizedKeysCommandUser none' >$machine/etc/ssh/sshd_config.d/20-none.conf
check 'where a drop-in says that there is no user, lines in front of it are needed' 0 '*edit /etc/ssh/sshd_config' again install
check 'they have one' 0 'authorizedkeyscommanduser ec2-instance-connect' inside sh -c 'sshd -T | grep ^authorizedkeyscommanduser'
check 'and the pushed key is let in' 0 ec2-user trusting $config login ec2-user key id -un
done_testing
