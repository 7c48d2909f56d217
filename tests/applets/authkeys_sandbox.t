# authkeys_sandbox.t - what the confined agent cannot do, kernels that cannot confine it, and whose --ca counts
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

signer_service
for name in one two; do
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/$name"
done
one=$(cut -d ' ' -f 1,2 "$tmp/one.pub")
two=$(cut -d ' ' -f 1,2 "$tmp/two.pub")
signer_block "$s" $(($(date +%s) + 3600)) $id "$one" >"$keys/bob"

# --- attempts from inside, while it waits for the network

inject() { perl "$TOP/tests/inject.pl" "$@"; }
fails() { # ERROR ATTEMPT...: each fails with that, of what is in $said
	pattern=$1
	shift
	for attempt; do
		like "$what: $attempt fails" "$pattern" "$(printf '%s\n' "$said" | sed -n "s,^$attempt: ,,p")"
	done
}
works() {
	for attempt; do
		is "$what: $attempt works" ok "$(printf '%s\n' "$said" | sed -n "s,^$attempt: ,,p")"
	done
}
echo old >"$tmp/file"
chmod 666 "$tmp/file"
writes="write:$tmp/new update:$tmp/file old-write:$tmp/new truncate:$tmp/file unlink:$tmp/file rename:$tmp/file \
	mkdir:$tmp/new chmod:$tmp/file"
starts="fork clone ptrace ptrace-me peek kill exec:/bin/true execveat:/bin/true"
others="unix netlink raw listen executable seccomp mount:$tmp uid"
if emulated; then
	skip 'attempts from inside are refused' 'ptrace does not reach what qemu-user runs, which has no filter'
elif inject free getpid -- sleep 100 >/dev/null; [ $? = 77 ]; then
	skip 'attempts from inside are refused' 'they are made on x86-64 only'
else
	what=unconfined
	said=$(inject free getpid "read:$tmp/file" "write:$tmp/other" "update:$tmp/file" unix peek fork exec:/bin/true -- sleep 100)
	works getpid "read:$tmp/file" "write:$tmp/other" "update:$tmp/file" unix peek fork exec:/bin/true
	echo 'token silent' >"$h/faults"
	what=agent
	said=$(inject getpid tcp $writes $others $starts -- "$EICBOX" authkeys --imds "$url" --no-ec2-check --timeout 100 bob)
	works getpid tcp
	fails EPERM $writes $others $starts
	is 'and no file is another' old "$(cat "$tmp/file")"
	refute 'nor there' test -e "$tmp/new"
	if "$EICBOX" authkeys --help | grep -q -e --chain; then
		what='agent with --chain'
		said=$(inject getpid tcp $writes $others $starts -- "$EICBOX" authkeys --imds "$url" --no-ec2-check --timeout 100 \
			--chain '/bin/sleep 50' bob)
		works getpid tcp
		fails EPERM $writes $others $starts
	fi
	if "$EICBOX" authkeys --help | grep -q -e --watch; then
		what=writer
		mkdir -m 700 "$tmp/.ssh"
		said=$(inject getpid "write:$tmp/.ssh/new" "unlink:$tmp/.ssh/new" "write:$tmp/new" "update:$tmp/file" \
			"unlink:$tmp/file" "write:/dev/kmsg" $starts netlink raw listen executable -- "$EICBOX" authkeys --watch \
			--output "$tmp/.ssh/authorized_keys" --imds "$url" --no-ec2-check --timeout 100 bob)
		works getpid "write:$tmp/.ssh/new" "unlink:$tmp/.ssh/new"
		fails EPERM $starts netlink raw listen executable
		# by Landlock alone: what may be renamed in a home may be renamed anywhere by the list of calls
		if "$EICBOX" authkeys -v --imds http://127.0.0.1:1 --no-ec2-check bob 2>&1 | grep -q 'Landlock holds'; then
			fails 'EACCES' "write:$tmp/new" "update:$tmp/file" "unlink:$tmp/file"
			is 'and no other file is another' old "$(cat "$tmp/file")"
		else
			note 'this kernel has no Landlock: the writer is not bound to its folder'
		fi
	fi
	: >"$h/faults"
fi

# --- kernels that lack it

# lacks NAME WORDS RULE...: the key is printed all the same, and -v says what is missing
lacks() {
	name=$1 words=$2
	shift 2
	if emulated; then
		skip "$name: -v says so" 'qemu-user has neither Landlock nor seccomp'
		return
	fi
	check "$name: the key is printed" 0 "$one" perl "$TOP/tests/kernel.pl" "$@" -- "$EICBOX" authkeys -v --imds "$url" \
		--ca "$s/root.pem" --no-ec2-check --instance-id $id bob
	err_like "$name: -v says so" "$words"
}
no_landlock=landlock_create_ruleset=ENOSYS
no_seccomp='seccomp=ENOSYS prctl:22=EINVAL'
no_privs=prctl:38=EINVAL
lacks 'no Landlock' '*Landlock missing, seccomp holds*' $no_landlock
lacks 'Landlock switched off' '*Landlock missing, seccomp holds*' landlock_create_ruleset=EOPNOTSUPP
lacks 'Landlock that takes no rule' '*Landlock missing, seccomp holds*' landlock_restrict_self=EPERM
lacks 'no seccomp' '*seccomp missing*' $no_seccomp
lacks 'seccomp of old, without its own call' '*seccomp holds*' seccomp=ENOSYS
lacks 'no no_new_privs' '*no_new_privs missing*' $no_privs
lacks 'nothing of all that' '*no_new_privs missing, Landlock missing, seccomp missing*' $no_landlock $no_seccomp $no_privs
check 'and without -v nothing is said' 0 "$one" perl "$TOP/tests/kernel.pl" $no_landlock $no_seccomp $no_privs -- "$EICBOX" \
	authkeys --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id bob
is 'not a byte' '' "$err"
if "$EICBOX" authkeys --help | grep -q -e --chain; then
	chained() {
		perl "$TOP/tests/kernel.pl" "$@" -- "$EICBOX" authkeys -v --imds "$url" --ca "$s/root.pem" --no-ec2-check \
			--instance-id $id --chain "/bin/echo $two" bob
	}
	check 'a kernel without any of it joins another command' 0 "$one
$two" chained $no_landlock $no_seccomp $no_privs
	if emulated; then
		skip 'one that starts no process any more does not withhold ours' 'qemu-user starts one itself'
	else
		check 'one that starts no process any more does not withhold ours' 0 "$one" chained fork=EAGAIN vfork=EAGAIN \
			clone=EAGAIN clone3=EAGAIN
		err_like 'and that is said' '*left out*cannot be started*'
	fi
	check 'nor does one without descriptors' 0 "$one" chained pipe2=EMFILE
	err_like 'and that is said' '*left out*cannot be started*'
fi

# --- whose --ca counts: sshd runs us as a user of our own, and what he owns must not decide who logs in

if [ "$(id -u)" = 0 ]; then
	mkdir "$tmp/open"
	chmod 755 "$tmp" "$tmp/open"
	cp "$EICBOX" "$tmp/open/eicbox"
	for owner in 0 65534 54321; do
		cp "$s/root.pem" "$tmp/open/$owner.pem"
		mkdir "$tmp/open/$owner"
		cp "$s/root.pem" "$tmp/open/$owner"
		chown $owner "$tmp/open/$owner.pem" "$tmp/open/$owner"
		chmod 644 "$tmp/open/$owner.pem"
	done
	# asked_by WHOSE CA: as user 65534, in a session that root began, as sshd does, or in one of his own; behind $wrap
	drop='setpriv --reuid 65534 --regid 65534 --clear-groups'
	wrap=
	asked_by() {
		asked_whose=$1
		set -- $wrap "$tmp/open/eicbox" authkeys -v --imds "$url" --ca "$tmp/open/$2" --no-ec2-check --instance-id $id bob
		if [ $asked_whose = sshd ]; then
			# while its command runs, sshd has the effective uid of that
			setsid -w perl -e '$> = 65534; if (!(my $pid = fork)) { $> = 0; exec @ARGV } else { waitpid $pid, 0 }
				exit($? >> 8)' $drop "$@"
		else
			$drop setsid -w sh -c '"$@"; exit $?' sh "$@"
		fi
	}
	printf '#!/bin/sh\n"$@"\nexit $?\n' >"$tmp/open/wrapper"
	chmod 755 "$tmp/open/wrapper"
	for wrap in '' "$tmp/open/wrapper" "$tmp/open/wrapper $tmp/open/wrapper"; do
		behind="behind $(printf %s "$wrap" | wc -w) scripts"
		check "$behind, for sshd: a --ca of root's counts" 0 "$one" asked_by sshd 0.pem
		check "$behind, for sshd: so does a folder of root's" 0 "$one" asked_by sshd 0
		for owner in 65534 54321; do
			check "$behind, for sshd: one that belongs to $owner is refused" 2 '' asked_by sshd $owner.pem
			err_like 'and the reason is said' "*$owner.pem: does not belong to root*"
			check "$behind, for sshd: so is a folder" 2 '' asked_by sshd $owner
		done
		check "$behind, by hand: one's own counts" 0 "$one" asked_by own 65534.pem
		check "$behind, by hand: so does a folder of one's own" 0 "$one" asked_by own 65534
		check "$behind, by hand: a stranger's is refused" 2 '' asked_by own 54321.pem
	done
	wrap=
	for mode in 664 646 666; do
		chmod $mode "$tmp/open/0.pem"
		check "one of root's that others may write ($mode) is refused" 2 '' asked_by own 0.pem
	done
	chmod 644 "$tmp/open/0.pem"
	# folder NAME OWNER MODE: with a file of root's two below it
	folder() {
		mkdir -p "$tmp/open/$1/below"
		cp "$s/root.pem" "$tmp/open/$1/below"
		chown $2 "$tmp/open/$1"
		chmod $3 "$tmp/open/$1"
	}
	folder theirs 65534 755
	folder shared 0 775
	folder sticky 0 1777
	check "a file of root's below somebody's folder is refused" 2 '' asked_by sshd theirs/below/root.pem
	err_like 'which is named' "*: $tmp/open/theirs: does not belong to root*"
	check 'but not when that is who asks' 0 "$one" asked_by own theirs/below/root.pem
	check 'one below a folder that others may write is refused' 2 '' asked_by sshd shared/below/root.pem
	err_like 'which is named' "*: $tmp/open/shared: may be written by others than its owner*"
	check 'so is a folder there' 2 '' asked_by sshd shared/below
	check 'a sticky folder is no harm' 0 "$one" asked_by sshd sticky/below/root.pem
	check 'but does not do as --ca itself' 2 '' asked_by sshd sticky
	ln -s shared/below/root.pem "$tmp/open/into.pem"
	check 'a symbolic link does not help' 2 '' asked_by sshd into.pem
	ln -s 0/root.pem "$tmp/open/link.pem"
	check 'of a symbolic link the file counts' 0 "$one" asked_by sshd link.pem
	# a file in a folder of root's that is not root's
	cp "$s/root.pem" "$tmp/open/0/more.pem"
	chown 65534 "$tmp/open/0/more.pem"
	check 'each file of a folder has to be root'\''s' 2 '' asked_by sshd 0
else
	cannot 'whose --ca counts' 'it needs root, to be somebody else'
fi
done_testing
