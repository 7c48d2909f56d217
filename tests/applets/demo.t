#!/bin/sh
# demo.t - make demo tells the truth: it works, it fails when a step does not behave, and it leaves nothing
. "${0%/*}/../lib.sh"

sshd_root=$("$TOP/tools/unpack" openssh-server) || cannot 'sshd can be unpacked' 'tools/unpack openssh-server failed'

# what the machine looks like from outside: accounts, files that the demo could leave (folders of tests are not
# among them), processes of demos
snapshot() {
	cksum /etc/passwd /etc/group /etc/shadow
	find /tmp /run /dev/shm -maxdepth 1 2>/dev/null | grep -e eicbox -e demo | grep -v '/eicbox-[a-z0-9]*\.[A-Za-z0-9]*$'
	for p in /proc/[0-9]*; do
		{ tr '\0' ' ' <"$p/cmdline"; } 2>/dev/null | grep -e '/run/eicbox' -e '/run/sshd/config' | sed "s,^,$p ,"
	done
	return 0
}
# what is there now and was not before is gone soon when it belongs to a demo of somebody else
gone() {
	snapshot | grep -x -F -f "$tmp/new" >"$tmp/left"
	[ ! -s "$tmp/left" ]
}
nothing_left() {
	snapshot | grep -v -x -F -f "$tmp/before" >"$tmp/new"
	wait_for 90 gone || { cat "$tmp/left" && return 1; }
}

demo() {
	"$TOP/tools/demo" "$EICBOX" "$sshd_root"
}

snapshot >"$tmp/before"

check 'the demo runs to its end' 0 '*' demo
like 'ssh is refused before the push' '*nobody has pushed*Permission denied*push asks*' "$out"
like 'the push is answered as the AWS CLI prints it' '*"RequestId": "*"Success": true*' "$out"
like 'a command runs over ssh' '*hello from ec2-user*' "$out"
like 'ssh is refused after the life of the key' '*the key is gone*Permission denied*CloudTrail*' "$out"
like 'the CloudTrail record is shown' '*"eventName":*"SendSSHPublicKey"*' "$out"
ok 'no account, file or process is left behind' nothing_left

# a demo that is interrupted after it has begun
start "$TOP/tools/demo" "$EICBOX" "$sshd_root"
ok 'a second demo begins' wait_for 15 grep -q 'real sshd' "$log"
kill -TERM "$pid"
wait "$pid"
is 'an interrupted demo says so by its status' 143 $?
ok 'an interrupted demo leaves nothing behind' nothing_left

# Ctrl-C reaches the whole group of processes; a shell's background jobs would ignore it
start perl -e '$SIG{INT} = "DEFAULT"; setpgrp; exec @ARGV' "$TOP/tools/demo" "$EICBOX" "$sshd_root"
ok 'a third demo begins' wait_for 15 grep -q 'real sshd' "$log"
kill -INT "-$pid"
wait "$pid"
is 'Ctrl-C ends the demo and says so by its status' 130 $?
ok 'Ctrl-C leaves nothing behind' nothing_left

# a binary that does nothing
cat >"$tmp/hollow" <<'X'
#!/bin/sh
exit 0
X
# a binary whose authkeys lets everybody in
cat >"$tmp/generous" <<X
#!/bin/sh
case \${0##*/} in
authkeys) cat /run/home/key.pub ;;
eicbox) exec "$EICBOX" "\$@" ;;
*) exec "$EICBOX" "\${0##*/}" "\$@" ;;
esac
X
chmod 755 "$tmp/hollow" "$tmp/generous"
check 'a binary that does nothing is not shown as working' 1 '*' "$TOP/tools/demo" "$tmp/hollow" "$sshd_root"
check 'a login that should have been refused fails the demo' 1 '*nobody has pushed*' \
	"$TOP/tools/demo" "$tmp/generous" "$sshd_root"
err_like 'and it says which step' '*ssh let us in before the push*'

check 'without root it gives the sudo line' 1 '' setpriv --reuid 65534 --regid 65534 --clear-groups \
	sh -c "$(cat "$TOP/tools/demo")" demo /bin/true ""
err_like 'in one line' '*needs root*sudo tools/try demo*'
check 'without CAP_SYS_ADMIN it says what is missing' 1 '' setpriv --bounding-set -sys_admin \
	--inh-caps -sys_admin sh "$TOP/tools/demo" /bin/true ""
err_like 'by name' '*CAP_SYS_ADMIN*'
check 'a missing binary is named' 1 '' "$TOP/tools/demo" "$tmp/none" ""
err_like 'with what to do' "*$tmp/none*make*"

done_testing
