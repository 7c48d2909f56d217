# keygen.t - key pairs, made and inspected
. "${0%/*}/../lib.sh"

cd "$tmp" || exit 1
HOME=$tmp/home
USER=somebody
export HOME USER
mkdir home pairs
cd pairs || exit 1

keygen() {
	"$EICBOX" keygen "$@"
}

mode() {
	stat -c %a "$1"
}

# the names in this folder, on one line
names() {
	ls -A | tr '\n' ' '
}

# --- making

check 'a pair is announced in the sentences of ssh-keygen' 0 'Generating public/private ed25519 key pair.
Your identification has been saved in a
Your public key has been saved in a.pub
The key fingerprint is:
SHA256:* somebody@*' keygen -f a
is 'two files are made and nothing else' 'a a.pub ' "$(names)"
is 'the private key is for its owner only' 600 "$(mode a)"
is 'the public key is for everybody' 644 "$(mode a.pub)"
like 'the public line has type, key and comment' "ssh-ed25519 AAAA* somebody@$(uname -n)" "$(cat a.pub)"
is 'the private key is an OpenSSH file' '-----BEGIN OPENSSH PRIVATE KEY-----' "$(head -n 1 a)"
(umask 0 && keygen -q -f loose)
is 'a loose umask does not loosen the private key' '600 644' "$(mode loose) $(mode loose.pub)"
(umask 077 && keygen -q -f tight)
is 'a tight umask does not hide the public key' '600 644' "$(mode tight) $(mode tight.pub)"

check 'a type can be in capitals' 0 'Generating public/private ecdsa key pair.*' keygen -t ECDSA -f capitals
check 'quiet is silent' 0 '' keygen -q -f quiet -N ''
err_like 'on stderr too' ''
check 'the letters can be joined with their values' 0 '' keygen -qtrsa -b2048 -fjoined -N '' -C 'two words'
like 'an RSA line has its comment' 'ssh-rsa AAAA* two words' "$(cat joined.pub)"
check 'an RSA key has 3072 bits unless told otherwise' 0 '' keygen -t rsa -q -f mynew_key
check 'and its length is listed' 0 '3072 SHA256:* (RSA)' keygen -l -f mynew_key
for bits in 256 384 521; do
	ok "an ecdsa key has $bits bits" keygen -q -t ecdsa -b $bits -f ec$bits -C ''
	check "and $bits is listed" 0 "$bits SHA256:* no comment (ECDSA)" keygen -l -f ec$bits
	like "and $bits is in the line" "ecdsa-sha2-nistp$bits AAAA*" "$(cat ec$bits.pub)"
done
ok 'ssh-keygen takes any -b for ed25519, and so do we' keygen -q -b 521 -f any
check 'an ed25519 key has 256 bits' 0 '256 SHA256:* (ED25519)' keygen -lf any

ok 'without -f the pair goes to .ssh' keygen -q -t ecdsa
is 'the folder is private' 700 "$(mode "$HOME/.ssh")"
is 'and its name says the type' 'id_ecdsa id_ecdsa.pub ' "$(cd "$HOME/.ssh" && names)"

# --- forms of the private key

for type in ed25519 rsa ecdsa; do
	for form in OPENSSH PEM PKCS8; do
		[ $type-$form != ed25519-PEM ] || continue
		ok "$type is written as $form" keygen -q -t $type -m $form -f $type.$form -C words
		# only OpenSSH's own form holds a comment
		line=$(cat $type.$form.pub)
		[ $form = OPENSSH ] || line=${line% words}
		check "the public half of $type in $form is printed" 0 "$line" keygen -y -f $type.$form
	done
done
is 'PEM of RSA is PKCS#1' '-----BEGIN RSA PRIVATE KEY-----' "$(head -n 1 rsa.PEM)"
is 'PEM of ECDSA is SEC1' '-----BEGIN EC PRIVATE KEY-----' "$(head -n 1 ecdsa.PEM)"
is 'PKCS8 says so' '-----BEGIN PRIVATE KEY-----' "$(head -n 1 ed25519.PKCS8)"
check 'PEM of ed25519 does not exist' 2 '' keygen -t ed25519 -m PEM -f none
err_like 'and says what does' 'keygen: option -m: PEM has no form for ed25519 keys; take OPENSSH or PKCS8*'
check 'the name of a form is read in either case' 0 '' keygen -q -m pkcs8 -f lower

# --- inspecting

check 'a fingerprint is the same for both files' 0 "$(keygen -l -f a)" keygen -l -f a.pub
check 'md5 has its own form' 0 '256 MD5:??:??:??:??:??:??:??:??:??:??:??:??:??:??:??:?? *' keygen -l -E md5 -f a
{
	echo '# a comment'
	echo
	cat a.pub
	echo "command=\"echo \\\"a b\\\"\",no-pty $(cat joined.pub)"
	echo 'ssh-unknown AAAA'
} >authorized_keys
check 'each key of a file with many is listed' 0 "$(keygen -lf a)
$(keygen -lf joined)" keygen -l -f authorized_keys
for form in OPENSSH PEM PKCS8; do
	keygen -q -t rsa -b 2048 -m $form -C first -f beside.$form
	bare=$(keygen -lf beside.$form)
	[ $form = OPENSSH ] || bare=$(printf %s "$bare" | sed 's/ first / no comment /')
	sed 's/first/my words/' beside.$form.pub >edited
	mv edited beside.$form.pub
	check "$form: the comment is that of the file beside it" 0 '2048 SHA256:* my words (RSA)' keygen -lf beside.$form
	cp a.pub beside.$form.pub
	check "$form: but not when that is another key's" 0 "$bare" keygen -lf beside.$form
	echo junk >beside.$form.pub
	check "$form: or none" 0 "$bare" keygen -lf beside.$form
done
check 'standard input is a file too' 0 "$(keygen -lf a)" sh -c '"$0" keygen -lf - <a.pub' "$EICBOX"
check 'and for -y' 0 "$(cat a.pub)" sh -c '"$0" keygen -yf - <a' "$EICBOX"
printf 'ssh-ed25519 %s a\033[31mb\n' "$(cut -d ' ' -f 2 a.pub)" >colour
check 'a comment cannot move the cursor' 0 '*a?\[31mb (ED25519)' keygen -lf colour

check 'a public key is no private one' 1 '' keygen -y -f a.pub
err_like 'and is named' 'keygen: a.pub: *'
check 'a missing file is named' 1 '' keygen -y -f missing
err_like 'by its name' 'keygen: missing: No such file or directory'
check 'a file without keys has no fingerprint' 1 '' keygen -l -f /dev/null
err_like 'which is said' 'keygen: /dev/null: not a key file'
head -c 200 a >cut
check 'a cut private key is refused' 1 '' keygen -y -f cut
check 'and has no fingerprint' 1 '' keygen -l -f cut

# --- existing files

before=$(cat a a.pub)
check 'an existing pair is refused off a terminal' 1 '' keygen -f a
err_like 'with what to do' 'keygen: a: already exists; -F overwrites it'
is 'and left alone' "$before" "$(cat a a.pub)"
check 'a yes on a pipe is no terminal' 1 '' sh -c 'echo y | "$0" keygen -f a' "$EICBOX"
is 'so the pair stays' "$before" "$(cat a a.pub)"
echo mine >b.pub
check 'an existing public file alone is refused' 1 '' keygen -f b
err_like 'by its name' 'keygen: b.pub: already exists*'
refute 'and there is no private key' test -e b
ln -s nowhere dangling
check 'a dangling link is an existing file' 1 '' keygen -f dangling
refute 'and is not followed' test -e nowhere

on_terminal() {
	printf '%s\n' "$1" | timeout 20 script -qec "$EICBOX keygen -q -f a" /dev/null
}
check 'on a terminal there is a question' 1 '*a already exists.*Overwrite (y/n)? *' on_terminal n
is 'and after a no the pair is the same' "$before" "$(cat a a.pub)"
check 'an empty answer is a no' 1 '*' on_terminal ''
is 'and the pair is still the same' "$before" "$(cat a a.pub)"
check 'after a yes' 0 '*Overwrite (y/n)? *' on_terminal y
unlike 'there is another pair' "$before" "$(cat a a.pub)"
is 'whose halves fit' "$(cat a.pub)" "$(keygen -y -f a)"

before=$(cat a a.pub)
chmod 644 a
ok 'force overwrites' keygen -q -F -f a
unlike 'with another pair' "$before" "$(cat a a.pub)"
is 'which is private again' '600 644' "$(mode a) $(mode a.pub)"
is 'and complete' "$(cat a.pub)" "$(keygen -y -f a)"
echo target >target
ln -s target link
ok 'force replaces a link' keygen -q -F -f link
is 'and not what it points to' target "$(cat target)"
refute 'so it is none any more' test -L link
mkdir folder
check 'a folder is not overwritten' 1 '' keygen -q -F -f folder
mkdir other.pub
check 'a folder in place of the public file neither' 1 '' keygen -q -F -f other
refute 'and no private key is left' test -e other
check 'a missing folder is named' 1 '' keygen -q -f missing/key
err_like 'with the file' 'keygen: missing/key: cannot be created: No such file or directory'
is 'no other name is left of all that' '' "$(ls -A | grep '^\.')"

# --- half a pair

# the names after what was tried in an empty folder under a limit
limited() (
	mkdir -p ../limited && cd ../limited && ulimit -f 0 && keygen -q -f k
)
check 'a file that may not grow is an error' 1 '' limited
is 'and leaves nothing' '' "$(cd ../limited && names)"

tries=0
whole=yes
mkdir ../killed
while [ $tries -lt 30 ]; do
	tries=$((tries + 1))
	(cd ../killed && exec "$EICBOX" keygen -q -F -f k) &
	pid=$!
	[ $((tries % 3)) -eq 0 ] || sleep 0.00$((tries % 10))
	kill -TERM $pid 2>/dev/null
	wait $pid 2>/dev/null
	case $(cd ../killed && names) in
	'') ;;
	'k k.pub ') [ "$(cat ../killed/k.pub)" = "$(keygen -y -f ../killed/k)" ] || whole=no ;;
	*) whole="no: $(cd ../killed && names)" ;;
	esac
done
is 'after 30 signals there is a whole pair or none' yes "$whole"

mkdir ../early
(cd ../early && exec timeout -s INT 0.1 "$EICBOX" keygen -q -t rsa -b 8192 -f k)
is 'a signal while primes are searched leaves nothing' '' "$(cd ../early && names)"

# full FILES OPTION...: keygen in a file system that holds only so many pages, or so many files, after a first pair
full() {
	full_mount=$1
	shift
	unshare -m sh -c '
		mount -t tmpfs -o "$2" none "$3" && cd "$3" || exit 99
		shift 3
		[ "$1" != -F ] || { "$0" keygen -q -f k && cp k k.pub "$OLDPWD"; } || exit 0
		"$0" keygen -q -f k "$@"
		status=$?
		if [ $status -ne 0 ]; then
			case $1:$(ls -A | tr "\n" " ") in
			-F:"k k.pub ") cmp -s k "$OLDPWD/k" && cmp -s k.pub "$OLDPWD/k.pub" || exit 97 ;;
			-F:* | ?*:?*) ls -A >&2 && exit 98 ;;
			esac
		else
			[ "$(ls -A | tr "\n" " ")" = "k k.pub " ] || exit 96
			[ "$("$0" keygen -y -f k)" = "$(cat k.pub)" ] || exit 95
		fi
		exit $status' "$EICBOX" x "$full_mount" "$tmp/full" "$@"
}
mkdir "$tmp/full" && cd "$tmp/home" || exit 1
if unshare -m true 2>/dev/null; then
	check 'a disk full before the public key leaves nothing' 1 '' full size=4k -C ''
	err_like 'and is named' 'keygen: k.pub: *No space left on device'
	check 'without a second file neither' 1 '' full nr_inodes=2 -C ''
	check 'room for just the two files is enough' 0 '' full size=8k,nr_inodes=3 -C ''
	for inodes in 3 4 5 6 7 8; do
		full nr_inodes=$inodes -F 2>"$tmp/full.err"
		like "a pair is replaced or kept where $inodes names fit" '[01]' $?
	done
	check 'a pair is kept when there is no space for the new one' 1 '' full size=8k -F
else
	cannot 'a full disk leaves nothing' 'no permission for a mount namespace'
fi
cd "$tmp/pairs" || exit 1

# --- refusals

# refused NAME PATTERN OPTION...: wrong usage, in these words
refused() {
	refused_name=$1 refused_words=$2
	shift 2
	check "$refused_name" 2 '' keygen "$@"
	err_like "$refused_name, in words" "keygen: $refused_words
Try 'keygen --help'."
}

refused 'a passphrase is refused' 'option -N: keys made here are not encrypted; *' -f r -N secret
refused 'dsa is refused' 'option -t: ed25519, rsa or ecdsa, not "dsa"' -f r -t dsa
refused 'a type cannot move the cursor' 'option -t: ed25519, rsa or ecdsa, not "?\[31m"' \
	-f r -t "$(printf '\033[31m')"
refused 'an empty type is refused' 'option -t: *' -f r -t ''
refused 'a key of a security token is refused' 'option -t: ed25519-sk keys live in a security token; *' -f r -t ed25519-sk
refused 'weak RSA is refused' 'option -b: 1024 is not between 2048 and 8192' -f r -t rsa -b 1024
refused 'odd RSA is refused' 'option -b: rsa keys have an even number of bits, not 2049' -f r -t rsa -b 2049
refused 'huge RSA is refused' 'option -b: 16384 is not between 2048 and 8192' -f r -t rsa -b 16384
refused 'a length beyond all numbers is refused' \
	'option -b: 99999999999999999999 is not between 2048 and 8192' -f r -t rsa -b 99999999999999999999
refused 'a length that is no number is refused' 'option -b: "x" is not a whole number' -f r -t rsa -b x
refused 'a length that no curve has is refused' 'option -b: ecdsa keys have 256, 384 or 521 bits, not "512"' \
	-f r -t ecdsa -b 512
refused 'an unknown form is refused' 'option -m: OPENSSH, PEM or PKCS8, not "RFC4716"' -f r -m RFC4716
refused 'an unknown digest is refused' 'option -E: sha256 or md5, not "sha1"' -l -f a -E sha1
refused 'a comment of two lines is refused' 'option -C: a comment is one line*' -f r -C 'a
b'
refused 'a comment without end is refused' 'option -C: longer than 1023 bytes' -f r -C "$(printf '%1024s' x)"
refused 'an empty file name is refused' 'option -f: empty, or with control characters' -f ''
refused 'a control character in a file name is refused' 'option -f: empty, or with control characters' -f "$(printf 'a\033b')"
refused 'a stray word is refused' '"r": one word too many; the file is named with -f' r
refused 'two tasks are refused' 'options -y and -l exclude each other' -y -l -f a
refused 'rounds for a passphrase are refused' 'option -a: hardens a passphrase, and keys made here have none' -a 100 -f r
refused 'changing a passphrase is refused' 'option -p: keys made here have no passphrase; *' -p -f a
refused 'an unknown letter is refused' 'no option -Z' -Z
refused 'a missing value is refused' 'option -f: FILE is missing' -f
check 'a directory is refused' 1 '' keygen -f .
err_like 'and is called one' 'keygen: .: is a directory'
check 'a pair on standard output is refused' 2 '' keygen -f -
check 'a home that is not set is refused' 2 '' env -u HOME "$EICBOX" keygen
err_like 'with what to do' 'keygen: HOME is not set: name a file with -f*'
check 'a stdout that is full is a failure' 1 '' sh -c '"$0" keygen -l -f a >/dev/full' "$EICBOX"
refute 'none of these made a file' test -e r

check 'the help names every option' 0 '*-t, --type*-b, --bits*-f, --file*-C, --comment*-N, *-m, --format*-F, --force*-q, *-y, *-l, *-E, *' \
	keygen --help
done_testing
