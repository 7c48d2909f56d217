# initramfs.t - the scripts for initramfs-tools and dracut: whatever became of the writer, no pushed key stays
. "${0%/*}/../lib.sh"
. "${0%/*}/../rescue.sh"

rescue_begin 'the scripts of the initramfs work' 600
cp "$EICBOX" $root/usr/bin/eicbox
cp -RL "$TOP/tools/dist/initramfs/debian/etc/initramfs-tools/scripts" $root/scripts
mkdir $root/lib
cp "$TOP/tools/dist/initramfs/dracut/usr/lib/dracut/modules.d/99eicbox/"eicbox-* $root/lib/
own='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAdministratorsOwn admin'

# scripts in the background keep the pipes of who has started them
script() { inside /bin/sh "$@" >/dev/null 2>&1 </dev/null; }
debian() { script "/scripts/$1/eicbox"; }
dracut() { script -c ". /lib/eicbox-$1.sh"; }
writer() { processes | cut -d / -f 3; }
another() { [ -n "$(writer)" ] && [ "$(writer)" != "$1" ]; }
# open NAME CMD...: it lets the pushed key in
open() {
	ok "$1 lets the key in" "$2" "$3"
	ok "$1: by the file" wait_for 20 has
	ok "$1: one writer runs" writers 1
}
# shut NAME CMD...: it leaves nothing of it
shut() {
	ok "$1: there is a key" has
	ok "$1 ends it" "$2" "$3"
	is "$1: the administrator's key is left alone" "$own" "$(cat $keys)"
	ok "$1: no process is left" writers 0
	refute "$1: nor is OpenSSH told anything" test -h $root/run/eicbox
}
# behind NAME FILE: init has read FILE, and mounts when its shell has ended
behind() {
	check "$1: behind its shell there is a mount" 0 '' inside /bin/sh -c ". $2; mount -t tmpfs none /mnt"
	ok "$1: which is made" umount $root/mnt
	ok "$1: but without the key" hasnot
}

mkdir -m 700 $root/home-of-root/.ssh
echo "$own" >$keys
push_key

# --- each of the scripts

open init-premount debian init-premount
debian panic
ok 'who starts it again has one writer' writers 1
shut local-premount debian local-premount
open panic debian panic
behind panic /conf/param.conf
open panic debian panic
shut local-bottom debian local-bottom
open 'dracut, pre-trigger' dracut start
shut 'dracut, pre-mount and cleanup' dracut stop
open 'dracut, emergency' dracut emergency
behind 'dracut, emergency' /lib/eicbox-emergency.sh

# --- a writer that was killed

open init-premount debian init-premount
first=$(writer)
kill -9 "$first"
ok 'it is started again' wait_for 20 another "$first"
ok 'and the key is back' wait_for 20 has
keeper=$(awk '/^PPid/ { print $2 }' "/proc/$(writer)/status")
kill -9 "$keeper" "$(writer)"
ok 'when that does not happen the key stays at first' has
shut nfs-premount debian nfs-premount
open panic debian panic
kill -STOP "$(writer)"
shut 'init-bottom, where it hangs,' debian init-bottom

# --- what looks like ours

put() { printf '%s\n' "$@" >$keys; }
left() { # NAME LINE...
	left_name=$1
	shift
	debian init-bottom
	is "$left_name" "$(printf '%s\n' "$@")" "$(cat $keys)"
}
block='# BEGIN eicbox root'
end='# END eicbox root'
put "$own" "$block" 'ssh-rsa AAAA' 'ssh-ed25519 AAAA' "$end" '# mine' "$own"
left 'a block goes, and what stands around it stays' "$own" '# mine' "$own"
put "$block" 'ssh-rsa AAAA' "$own"
left 'of a block without an end, what looks like ours' "$own"
put "$block" 'ssh-rsa AAAA' "$block" 'ssh-rsa BBBB' "$end" 'ecdsa-sha2-nistp256 AAAA'
left 'two beginnings hide no key' 'ecdsa-sha2-nistp256 AAAA'
put '# BEGIN eicbox other' 'ssh-rsa AAAA' '# END eicbox other'
left "somebody else's block is not ours" '# BEGIN eicbox other' 'ssh-rsa AAAA' '# END eicbox other'
printf '%s' "$own" >$keys
debian init-bottom
is 'a file without ours is not written to' "${#own}" "$(stat -c %s $keys)"
put "$block" 'ssh-rsa AAAA' "$end" && printf '%s' "$own" >>$keys
left 'a last line without its end is one' "$own"

# --- OpenSSH asks by itself

mkdir $root/etc/ssh
touch $root/etc/ssh/sshd_config
push_key
ok 'beside OpenSSH' debian init-premount
ok 'no writer runs' writers 0
check 'it is answered' 0 "$(cut -d ' ' -f 1,2 "$tmp/key.pub")*" inside /run/eicbox authkeys --ca /etc/eicbox/ca.pem root
start perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "169.254.169.254:81");
	print "ready\n"; $s->flush; STDOUT->flush; sleep 300'
wait_for 10 grep -q ready "$log"
start chroot $root /run/eicbox authkeys --imds http://169.254.169.254:81 --timeout 60 root
asked=$pid
wait_for 10 writers 1
ok 'at the end' debian local-premount
refute 'who is just about to answer does not' kill -0 $asked
check 'and nobody is asked any more' 127 '' inside /run/eicbox authkeys root
ok 'after a panic' debian panic
check 'it is answered again' 0 "$(cut -d ' ' -f 1,2 "$tmp/key.pub")*" inside /run/eicbox authkeys --ca /etc/eicbox/ca.pem root
debian local-premount
ln -s busybox $root/bin/dropbear
echo "$own" >$keys
open 'where dropbear is there as well, init-premount' debian init-premount
shut 'where dropbear is there as well, local-premount' debian local-premount

# --- a writer that refuses

echo "EICBOX_OPTIONS='--ca /etc/none'" >$root/etc/eicbox/initramfs.conf
debian init-premount
ok 'what is said wrong is in the log' wait_for 10 grep -q '/etc/none' $root/run/initramfs/eicbox.log
said=$(cat $root/run/initramfs/eicbox.log)
sleep 2.5
is 'once, for it is not started again' "$said" "$(cat $root/run/initramfs/eicbox.log)"
done_testing
