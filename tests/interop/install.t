# install.t - install on a running Debian: the real sshd has the last word, and is told, and loses nobody
. "${0%/*}/../lib.sh"
. "${0%/*}/../machine.sh"

need machine_base machine
enter 'install on a real machine'
machine_begin
instance_mock --key-ttl 600
install() { inside eicbox install "$@"; }
dropin=$machine/etc/ssh/sshd_config.d/60-eicbox.conf
python3 -c 'import os, sys
for f in sys.argv[1:]: os.setxattr(f, "trusted.note", b"mine")' $machine/etc/passwd $machine/etc/ssh/sshd_config

# --- an image that was never booted: no host keys, no /run/sshd

remember
refute 'sshd -t fails there' inside sshd -t
check 'install does its work all the same' 0 '*file /etc/ssh/sshd_config.d/60-eicbox.conf' install
check '--status says what is missing' 0 '*takes effect*sshd -T*note*no host*' install --status
check '--remove undoes it' 0 '*' install --remove
same 'no trace is left, attributes included'
cp -p $machine/etc/passwd "$tmp/good"
grep -v '^sshd:' "$tmp/good" >$machine/etc/passwd
check 'nor is it an obstacle that the user of sshd is not made yet' 0 '*file /etc/ssh/sshd_config.d/60-eicbox.conf' install
install --remove >/dev/null 2>&1
cat "$tmp/good" >$machine/etc/passwd
cp -p $machine/etc/ssh/sshd_config "$tmp/good"
echo 'NoSuchKeyword yes' >>$machine/etc/ssh/sshd_config
check 'but files that sshd does not accept are an obstacle' 1 '' install
err_like 'with the words of sshd' '*sshd does not accept its files as they are: *'
cat "$tmp/good" >$machine/etc/ssh/sshd_config
same 'and nothing was done'

# --- a running one

machine_keys
remember
machine_sshd
check 'a key of his own file lets other in' 0 other login other own id -un
start login other own 'echo in; sleep 60; echo out'
session=$pid session_log=$log
wait_for 10 grep -q in "$session_log"
instance_push ec2-user "$tmp/key"
check 'before, a pushed key is refused' 255 '' login ec2-user key id
check 'install sets sshd up' 0 '*60-eicbox.conf' again install --links /usr/local/bin --sshd
err_like 'and tells it' '*sshd: reads its files again*'
is 'sshd -T has our command' 'authorizedkeyscommand /usr/bin/eicbox authkeys %u %f
authorizedkeyscommanduser ec2-instance-connect' "$(inside sshd -T | grep ^authorizedkeyscommand)"
check '--status finds nothing wrong' 0 '*takes effect*user *ok*sshd -T*ok*' install --status
check 'for an ordinary user, too, who cannot ask sshd' 0 '*takes effect*user *ok*sshd -T *- *only root can ask*' \
	inside su other -c 'eicbox install --status'
check 'the mock is not Amazon: its keys are refused' 255 '' login ec2-user key id
ok 'so the sshd that runs has asked' wait_for 5 grep -q 'AuthorizedKeysCommand /usr/bin/eicbox' "$sshd_log"
check 'where it is trusted, the pushed key is let in' 0 ec2-user trusting $dropin login ec2-user key id -un
check 'own keys still count' 0 other login other own id -un
ok 'the sshd is the same, and so is the session of before' kill -0 $sshd $session
check 'again: nothing to do' 0 '' install --links /usr/local/bin --sshd
check '--remove takes it away' 0 '*undo file*' again install --remove
err_like 'and tells sshd' '*reads its files again*'
same 'no trace is left'
check 'the pushed key is refused again' 255 '' login ec2-user key id
check 'own keys still count' 0 other login other own id -un
ok 'still the same sshd and session' kill -0 $sshd $session
stop $session

# --- a main file that includes nothing

sed -i 's/^Include/#&/' $machine/etc/ssh/sshd_config
remember
check 'lines in the main file' 0 '*edit /etc/ssh/sshd_config' again install
check 'take effect' 0 '*sshd_config:2: takes effect*sshd -T *ok*' install --status
check 'the pushed key is let in' 0 ec2-user trusting $machine/etc/ssh/sshd_config login ec2-user key id -un
again install --remove >/dev/null 2>&1
same 'and go without a trace'
sed -i 's/^#Include/Include/' $machine/etc/ssh/sshd_config

# --- what sshd says after it counts

stop $sshd
remember
mv $machine/usr/sbin/sshd $machine/usr/sbin/sshd.real
fake_sshd() { # CONDITION OUTPUT STATUS
	printf '#!/bin/sh\nif %s; then echo "%s"; exit %s; fi\nexec /usr/sbin/sshd.real "$@"\n' "$@" >$machine/usr/sbin/sshd
	chmod 755 $machine/usr/sbin/sshd
}
fake_sshd 'grep -qr eicbox /etc/ssh' 'no eicbox, please' 255
cp -p "$tmp/before" "$tmp/kept"
remember
check 'a sshd that fails with our lines gets none' 1 '' install --links /usr/local/bin --sshd
err_like 'with its words' '*sshd would not accept its files any more: no eicbox, please*'
same 'all is rolled back'
fake_sshd 'test -e /etc/ssh/sshd_config.d/60-eicbox.conf' 'authorizedkeyscommand none' 0
remember
check 'where a drop-in takes no effect, lines in the main file do' 0 '*edit /etc/ssh/sshd_config' install
install --remove >/dev/null 2>&1
same 'and go'
fake_sshd true 'authorizedkeyscommand none' 0
remember
check 'a sshd that does not heed either gets none' 1 '' install
err_like 'and it is said' '*sshd -T still has AuthorizedKeysCommand none*'
same 'all is rolled back'
mv $machine/usr/sbin/sshd.real $machine/usr/sbin/sshd
cp -p "$tmp/kept" "$tmp/before"
same 'the machine is as it was'

install >/dev/null 2>&1
echo 'AuthorizedKeysCommand /usr/bin/true' >$machine/etc/ssh/sshd_config.d/10-later.conf
remember
check 'a removal that sshd would fail after is refused' 1 '*' install --remove
err_like 'with its words' '*would not accept its files any more*; all is left as it was*'
same 'and all is as it was'
check '--status knows' 1 "*WRONG*10-later.conf:1: is somebody else's*" install --status
echo removing >>$machine/var/lib/eicbox/install
rm $dropin
check 'nor is one that was killed before sshd was asked finished' 1 '' install --links /usr/local/bin
err_like 'with the same words' '*it is finished first*would not accept its files any more*; all is left as it was*'
same 'all is as it was'
mv $machine/etc/ssh/sshd_config.d/10-later.conf "$tmp"
echo removing >>$machine/var/lib/eicbox/install
echo 'UsePAM yes' >$dropin
check 'where our lines cannot come back, it is' 0 'link *' install --links /usr/local/bin
is 'and what is in their place is kept' 'UsePAM yes' "$(cat $machine/etc/ssh/sshd_config.d/.60*changed*)"
rm $machine/etc/ssh/sshd_config.d/.60*changed*
install --remove >/dev/null 2>&1
cp -p "$tmp/kept" "$tmp/before"
same 'without the cause it goes'

# --- systemd, as far as install talks to it

fake() { # NAME LINE...
	fake_name=$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >$machine/usr/sbin/$fake_name
	chmod 755 $machine/usr/sbin/$fake_name
}
cp -p "$tmp/before" "$tmp/kept"
fake systemctl 'echo "$*" >>/tmp/systemctl' 'echo active'
mkdir -p $machine/run/systemd/system
remember
check 'under systemd the unit is asked for' 0 '*' install
is 'whether it runs, and is told; nothing is restarted' 'is-active ssh.service
reload ssh.service' "$(cat $machine/tmp/systemctl)"
fake systemctl '[ "$1" = is-active ] && echo active'
check 'a unit that cannot be told' 1 '*' install --remove
err_like 'is an error' '*systemctl reload ssh.service*'
fake systemctl 'echo "$*" >>/tmp/systemctl' 'echo active'
install --remove >/dev/null 2>&1
same 'and the next run ends it'
fake systemctl '[ "$1" = is-active ] && echo active'
remember
check 'an installation of which sshd cannot be told' 1 '' install
same 'is rolled back'
rmdir $machine/run/systemd/system

# --- SELinux, as far as install talks to it

mkdir -p /sys/fs/selinux
: >/sys/fs/selinux/enforce
fake semodule 'case $1 in' '-l) cat /tmp/modules 2>/dev/null ;;' \
	'-i) [ ! -e /tmp/broken ] && grep -q name_connect "$2" && echo "eicbox 1.0" >/tmp/modules ;;' \
	'-r) [ "$2" = eicbox ] && rm /tmp/modules ;;' 'esac'
remember
check 'with SELinux in force' 0 '*' install
err_like 'the policy is printed' '*setsebool -P authlogin_yubikey on*name_connect*'
check '--status has a note' 0 '*selinux *note*' install --status
check '--selinux loads it' 0 '*module /etc/selinux/eicbox.cil' install --selinux
ok 'there it is' grep -q eicbox $machine/tmp/modules
check 'a second time there is nothing to do' 0 '' install --selinux
check 'and no note is left' 0 '*takes effect*' install --status
unlike 'in the table' '*selinux*' "$out"
check '--remove unloads it' 0 '*undo module*' install --remove
ok 'it is gone' test ! -e $machine/tmp/modules
same 'and no trace is left'
: >$machine/tmp/broken
check 'a policy that does not load' 1 '' install --sshd --selinux
err_like 'is an error' '*semodule: *'
same 'and nothing is done'
rm -r /sys/fs/selinux $machine/usr/sbin/semodule $machine/usr/sbin/systemctl
cp -p "$tmp/kept" "$tmp/before"
same 'the machine is as it was'

# --- users

rm -f $machine/etc/.pwd.lock
mv $machine/usr/sbin/sshd $machine/usr/sbin/sshd.real
fake_sshd '[ -e /etc/.pwd.lock ] && : >/tmp/locked; false' '' 0
install >/dev/null 2>&1
install --remove >/dev/null 2>&1
mv $machine/usr/sbin/sshd.real $machine/usr/sbin/sshd
ok 'where nobody has ever locked passwd, install does it all the same' test -e $machine/tmp/locked
ok 'and leaves no lock behind' test ! -e $machine/etc/.pwd.lock
(umask 077 && : >>$machine/etc/.pwd.lock)
start perl -e 'use Fcntl qw(F_WRLCK F_SETLK SEEK_SET); $| = 1; open my $f, ">>", $ARGV[0] or die;
	my $lock = pack("s s x![l!] l! l! i x![l!]", F_WRLCK, SEEK_SET, 0, 0, 0);
	fcntl($f, F_SETLK, $lock) or die; print "locked\n"; sleep 3; print "ready\n"' \
	$machine/etc/.pwd.lock
ok 'another program locks passwd' wait_for 5 grep -q locked "$log"
check 'while it has it, install waits' 0 '*' install
ok 'until it is ready' grep -q ready "$log"
install --remove >/dev/null 2>&1

start chroot --userspec=other $machine perl -e '$| = 1; open my $f, "<", "/" or die; flock $f, 2 or die; print "locked\n"; sleep 60'
ok 'an ordinary user locks what anybody may lock' wait_for 5 grep -q locked "$log"
check 'which is in the way of nobody who sets up' 0 '*60-eicbox.conf' install
check 'nor of who takes it away' 0 '*undo file*' install --remove
stop $pid

# --- killed

machine_sshd
n=0 hit=0
while [ $n -lt 12 ]; do
	n=$((n + 1))
	timeout -s KILL "0.$(printf %02d $n)" chroot $machine eicbox install --links /usr/local/bin --sshd >/dev/null 2>&1 ||
		hit=$((hit + 1))
	inside sshd -t || break
	install >/dev/null 2>&1 || break
	timeout -s KILL "0.0$n" chroot $machine eicbox install --remove >/dev/null 2>&1
	inside sshd -t || break
	install --remove >/dev/null 2>&1 || break
done
note "$hit of $n runs were killed"
ok 'some runs were' test $hit -gt 0
is 'killed at any time, sshd accepts its files, and the next run goes on' 12 $n
same 'and no trace is left'
ok 'sshd has survived it all' kill -0 $sshd

# --- a folder that is read-only

read_only() { mount -o remount,bind,ro $machine/etc; }
writable() { mount -o remount,bind,rw $machine/etc; }
mount --bind $machine/etc $machine/etc
read_only
check 'where /etc is read-only, install fails' 1 '' install --links /usr/local/bin --sshd
err_like 'and says why' '*Read-only file system*'
writable
same 'and leaves nothing, its journal neither'
install >/dev/null 2>&1
manifest >"$tmp/set"
read_only
check 'nor can it be taken away' 1 '*' install --remove
err_like 'which is said' '*Read-only file system; all is left as it was*'
check 'and is: --status finds nothing wrong' 0 '*takes effect*' install --status
check 'the next run does not go on with that' 0 'link *' install --links /usr/local/bin
check 'with what was there' 0 '*links *ok *takes effect*' install --status
writable
install --remove >/dev/null 2>&1
umount -l $machine/etc
same 'then it goes'

# --- the command of somebody else, and ours

cat >$machine/usr/local/bin/theirs <<'EOT'
#!/bin/sh
[ "$1 $2 $3" != "ec2-user it's \\" ] || cat /etc/theirs
EOT
chmod 755 $machine/usr/local/bin/theirs
cp "$tmp/own.pub" $machine/etc/theirs
cp -p $machine/etc/ssh/sshd_config "$tmp/good"
cat >>$machine/etc/ssh/sshd_config <<-'EOT'
	AuthorizedKeysCommand /usr/local/bin/theirs %u "it's" '\\'
	AuthorizedKeysCommandUser nobody
EOT
again kill -HUP $sshd
check 'the key of their command is let in' 0 ec2-user login ec2-user own id -un
check 'install leaves them the slot' 1 '' install
sed -i '/^AuthorizedKeysCommand/d' $machine/etc/ssh/sshd_config
echo "$err" | grep '^AuthorizedKeysCommand' >>$machine/etc/ssh/sshd_config
again kill -HUP $sshd
check 'with the lines that it prints, that key still is' 0 ec2-user login ec2-user own id -un
check 'and so is a pushed one' 0 ec2-user trusting $machine/etc/ssh/sshd_config login ec2-user key id -un
rm $machine/usr/local/bin/theirs $machine/etc/theirs
cp -p "$tmp/good" $machine/etc/ssh/sshd_config
again kill -HUP $sshd

# --- the shell agent, as a distribution has set it up

cp $bin/ca.pem $machine/etc/mock.pem
mkdir -p $machine/opt/aws/bin
for name in run curl parse; do
	printf '#!/bin/sh\nexit 0\n' >$machine/opt/aws/bin/eic_${name}_authorized_keys
	chmod 755 $machine/opt/aws/bin/eic_${name}_authorized_keys
done
inside useradd -r -M -s /usr/sbin/nologin ec2-instance-connect
cat >>$machine/etc/ssh/sshd_config <<-'EOF'
	AuthorizedKeysCommand /opt/aws/bin/eic_run_authorized_keys --ca /etc/mock.pem %u %f
	AuthorizedKeysCommandUser ec2-instance-connect
EOF
again kill -HUP $sshd
remember
check 'the shell agent knows no key' 255 '' login ec2-user key id
check 'install does not override it' 1 '' install
err_like 'and says what helps' '*install --replace*'
check '--replace takes its place' 0 '*replace /opt/aws/bin/eic_run_authorized_keys*' install --replace
check 'and with the same sshd_config the pushed key is let in' 0 ec2-user login ec2-user key id -un
check '--status says so' 0 '*takes effect*' install --status
check '--remove brings it back' 0 '*' install --remove
same 'as it was'
check 'and the pushed key is refused' 255 '' login ec2-user key id
done_testing
