# authkeys_sandbox.t - what the confined agent cannot do, kernels that cannot confine it, and whose --ca counts
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

id=i-0123456789abcdef0
s=$tmp/signer
h=$tmp/h
keys=$h/tree/meta-data/managed-ssh-keys/active-keys
signer_make "$s" managed-ssh-signer.us-east-1.amazonaws.com
mkdir -p "$h"
signer_tree "$s" "$h/tree"
for name in one two; do
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/$name"
done
one=$(cut -d ' ' -f 1,2 "$tmp/one.pub")
two=$(cut -d ' ' -f 1,2 "$tmp/two.pub")
signer_block "$s" $(($(date +%s) + 3600)) $id "$one" >"$keys/bob"
start perl "$TOP/tests/hostile.pl" "$h"
wait_for 10 test -s "$log" || exit 1
url=$(cat "$log")
: >"$h/faults"

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
inject free getpid -- sleep 100 >/dev/null
if [ $? = 77 ]; then
	note 'attempts from inside are made on x86-64 only'
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
	check 'one that starts no process any more does not withhold ours' 0 "$one" chained fork=EAGAIN vfork=EAGAIN clone=EAGAIN \
		clone3=EAGAIN
	err_like 'and that is said' '*left out*cannot be started*'
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
	# asked_by PARENT CA: as user 65534, by a process of that name
	asked_by() {
		perl -e '$) = "65534 65534"; $( = 65534; ($<, $>) = (65534, 65534); $0 = shift; exit(system(@ARGV) >> 8)' "$1" \
			"$tmp/open/eicbox" authkeys -v --imds "$url" --ca "$tmp/open/$2" --no-ec2-check --instance-id $id bob
	}
	for parent in sshd sshd-session sshd-auth; do
		check "$parent: a --ca of root's counts" 0 "$one" asked_by $parent 0.pem
		check "$parent: so does a folder of root's" 0 "$one" asked_by $parent 0
		for owner in 65534 54321; do
			check "$parent: one that belongs to $owner is refused" 2 '' asked_by $parent $owner.pem
			err_like 'and the reason is said' '*does not belong to root*'
			check "$parent: so is a folder" 2 '' asked_by $parent $owner
		done
	done
	for parent in bash notsshd; do
		check "$parent: one's own counts" 0 "$one" asked_by $parent 65534.pem
		check "$parent: a stranger's is refused" 2 '' asked_by $parent 54321.pem
	done
	for mode in 664 646 666; do
		chmod $mode "$tmp/open/0.pem"
		check "one of root's that others may write ($mode) is refused" 2 '' asked_by bash 0.pem
	done
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
