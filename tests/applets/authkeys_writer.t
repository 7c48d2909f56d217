# authkeys_writer.t - authkeys --watch keeps a block of an authorized_keys file, and touches nothing else
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

"$EICBOX" authkeys --help | grep -q -e --watch || skip_all 'this profile has no writer'

signer_service
for name in one two foreign; do
	ssh-keygen -q -t ed25519 -N '' -C "$name@test" -f "$tmp/$name"
done
line() { cut -d ' ' -f 1,2 "$tmp/$1.pub"; }
one=$(line one)
two=$(line two)
foreign=$(cat "$tmp/foreign.pub")
home=$tmp/home
file=$home/.ssh/authorized_keys
mkdir "$home"
chmod 755 "$home"

# expires SECONDS KEY...: offers these keys for root until then
expires() {
	end=$(($(date +%s) + $1))
	shift
	for key; do signer_block "$s" $end $id "$key"; done >"$tmp/offer"
	mv "$tmp/offer" "$keys/root"
}
# what should be refused at once must not watch for ever
watch() { timeout 60 "$EICBOX" authkeys --watch --output "$1" --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id \
	--timeout 2 "${2:-root}"; }
begin() {
	start "$EICBOX" authkeys --watch --output "${1:-$file}" --imds "${2:-$url}" --ca "$s/root.pem" --no-ec2-check \
		--instance-id $id --timeout 2 root
	writer=$pid
	said=$log
}
has() { grep -q -x -F -e "$1" "${2:-$file}"; }
hasnot() { ! has "$@"; }
content() { cat "$file"; }
mode() { stat -c "$1" "$file"; }

# --- a key comes and goes

begin
ok 'it says what it waits for' wait_for 20 grep -q 'no keys for root' "$said"
refute 'without a key there is no file' test -e "$file"
is 'the folder was made, for its owner only' 700 "$(stat -c %a "$home/.ssh")"
expires 600 "$one"
ok 'a pushed key stands in the file' wait_for 20 has "$one"
is 'with its marks, and nothing else' "# BEGIN eicbox root
$one
# END eicbox root" "$(content)"
is 'for its owner only' 600 "$(mode %a)"
ok 'it says so' grep -q '1 key for root' "$said"
is 'nothing else is in the folder' authorized_keys "$(ls -A "$home/.ssh")"
{ echo "$foreign"; cat "$file"; echo '# the end'; } >"$tmp/edited"
chmod 640 "$tmp/edited"
mv "$tmp/edited" "$file"
expires 600 "$one" "$two"
ok 'a second key joins it' wait_for 20 has "$two"
is 'foreign lines stay where they are' "$foreign
# the end
# BEGIN eicbox root
$one
$two
# END eicbox root" "$(content)"
is 'the mode stays' 640 "$(mode %a)"
rm "$keys/root"
ok 'keys that the service takes back are gone' wait_for 20 hasnot "$one"
is 'and only foreign lines are left' "$foreign
# the end" "$(content)"
expires 8 "$one"
: >"$h/requests"
from=$(date +%s)
ok 'a key that lives eight seconds comes' wait_for 8 has "$one"
ok 'and goes at its end, though the service still has it' wait_for 20 hasnot "$one"
# not a time, but how often in whatever time this took
took=$(($(date +%s) - from)) looks=$(grep -c 'active-keys/root' "$h/requests")
note "$looks looks in $took s"
ok 'it looks every second or two, so that a key is not waited for longer' test $((looks * 2)) -ge $took
expires 600 "$one"
wait_for 20 has "$one"
echo '. silent' >"$h/faults"
sleep 3
ok 'while nobody answers a proven key stays' has "$one"
: >"$h/faults"
expires 600 "$one"
sed 's/alice/mallory/' "$keys/root" >"$tmp/forged"
mv "$tmp/forged" "$keys/root"
ok 'a signature that fails takes the key out' wait_for 20 hasnot "$one"
expires 600 "$two"
wait_for 20 has "$two"
: >"$said"
stop "$writer"
refute 'SIGTERM ends it' kill -0 "$writer"
is 'and takes its keys out' "$foreign
# the end" "$(content)"
ok 'and it says so' grep -q 'no key is left' "$said"
for signal in INT HUP; do
	begin
	wait_for 20 has "$two"
	kill -$signal "$writer"
	ok "SIG$signal takes the keys out, too" wait_for 20 hasnot "$two"
done
begin
wait_for 20 has "$two"
echo '. silent' >"$h/faults"
sleep 1.2
kill "$writer"
ok 'a service that hangs does not hold it up' wait_for 20 hasnot "$two"
: >"$h/faults"

# --- a service that takes its time

start "$EICBOX" authkeys --watch --output "$file" --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id \
	--timeout 60 root
writer=$pid
expires 8 "$one"
wait_for 8 has "$one"
echo '. silent' >"$h/faults"
ok 'a key goes at its end, though an answer may take longer' wait_for 20 hasnot "$one"
stop "$writer"
echo 'signer-cert status 500' >"$h/faults"
expires 600 "$two"
begin
wait_for 20 grep -q 'No keys have been trusted' "$said"
: >"$h/faults"
wait_for 20 has "$two"
ok 'a key that could not be proven at first is in the log all the same' grep -q 'Providing ssh key' "$said"
is 'once' 1 "$(grep -c 'Providing ssh key' "$said")"
stop "$writer"

# --- somebody holds the lock, for ever

expires 600 "$two"
start flock -F "$home/.ssh" sh -c 'echo held; exec sleep 1000'
holder=$pid
wait_for 10 grep -q held "$log"
begin
ok 'a lock that is held does not keep a key out' wait_for 20 has "$two"
ok 'and that is said' wait_for 10 grep -q 'holds the lock' "$said"
is 'once' 1 "$(grep -c 'holds the lock' "$said")"
rm "$keys/root"
ok 'nor in the file' wait_for 20 hasnot "$two"
expires 600 "$two"
wait_for 20 has "$two"
stop "$writer"
is 'nor after the end of the writer' "$foreign
# the end" "$(content)"
stop "$holder"
expires 600 "$two"

# --- what an earlier run left

begin
wait_for 20 has "$two"
kill -9 "$writer"
has "$two" && touch "$home/.ssh/.authorized_keys.eicbox"
begin "$file" http://127.0.0.1:1
ok 'what kill -9 left is gone before anybody answers' wait_for 20 hasnot "$two"
expires 600 "$one"
stop "$writer"
is 'and foreign lines are still there' "$foreign
# the end" "$(content)"
printf '%s\n# BEGIN eicbox root\n%s\nssh-rsa AAAA somebody\n' "$foreign" "$two" >"$file"
begin "$file" http://127.0.0.1:1
ok 'a block without end is only what looks like ours' wait_for 20 hasnot "$two"
is 'the rest stays' "$foreign
ssh-rsa AAAA somebody" "$(content)"
stop "$writer"
printf '%s' "$foreign" >"$file"
begin
ok 'a last line without its end gets one' wait_for 20 has "$one"
ok 'and stays a line' has "$foreign"
stop "$writer"

# --- where it will not write

no() { # NAME PATH
	check "$1 is refused" 1 '' watch "$2"
}
rm -rf "$home/.ssh"
mkdir -m 700 "$home/.ssh"
echo secret >"$tmp/secret"
ln -s "$tmp/secret" "$file"
no 'a file that is a symbolic link' "$file"
is 'and what it leads to is untouched' secret "$(cat "$tmp/secret")"
rm "$file"
ln "$tmp/secret" "$file"
no 'a file with two names' "$file"
rm "$file"
mkdir "$file"
no 'a folder in its place' "$file"
rmdir "$file"
mkfifo "$file"
no 'a pipe in its place' "$file"
rm "$file"
mkdir -m 700 "$tmp/real"
ln -s "$tmp/real" "$home/link"
no 'a folder that is a symbolic link' "$home/link/authorized_keys"
mkdir -m 755 "$tmp/real/sub"
no 'a symbolic link on the way' "$home/link/sub/authorized_keys"
is 'and nothing is behind it' sub "$(ls -A "$tmp/real")"
chmod 777 "$home/.ssh"
no 'a folder that others may write' "$file"
chmod 700 "$home/.ssh"
chmod 775 "$home"
no 'a parent that others may write' "$file"
chmod 755 "$home"
no 'a folder that is not there, of one that is not there' "$home/a/b/authorized_keys"
head -c 300000 /dev/zero | tr '\0' a >"$file"
no 'a file that is too large' "$file"
rm "$file"
for path in authorized_keys ./x "$home/.ssh/../.ssh/authorized_keys" "$home/.ssh/" / "$home//.ssh/x" ''; do
	check "the path '$path' is wrong usage" 2 '' watch "$path"
done
if [ "$(id -u)" = 0 ]; then
	chown 12345 "$home/.ssh"
	chown 12345 "$home"
	begin
	ok 'in somebody else'\''s home it writes for him' wait_for 20 has "$one"
	is 'and the file is his' 12345 "$(mode %u)"
	stop "$writer"
	chown 54321 "$file"
	no 'a file of a third person' "$file"
	rm "$file"
	chown 54321 "$home"
	no 'a home of a third person' "$file"
	chown -R 0 "$home"
	# given to him afterwards, it could be something else by then, which he has put there
	mkdir "$tmp/his"
	chown 12345 "$tmp/his"
	start setpriv --bounding-set=-chown "$EICBOX" authkeys --watch --output "$tmp/his/.ssh/authorized_keys" --imds "$url" \
		--ca "$s/root.pem" --no-ec2-check --instance-id $id root
	wait_for 10 test -d "$tmp/his/.ssh"
	is 'a folder is made as its owner, not given away' '12345 700' "$(stat -c '%u %a' "$tmp/his/.ssh")"
	stop "$pid"
fi
check 'a user that is none is not watched' 0 '' watch "$file" a/b
check 'options for sshd are wrong usage' 2 '' "$EICBOX" authkeys --watch --output "$file" --caller-env root
check 'a fingerprint is wrong usage' 2 '' "$EICBOX" authkeys --watch --output "$file" root \
	"$(ssh-keygen -lf "$tmp/one.pub" | cut -d ' ' -f 2)"

# --- confined

begin
wait_for 20 has "$one"
if emulated; then
	skip 'it is confined' 'qemu-user loads no filter of system calls'
else
	ok 'it is confined' grep -q '^Seccomp:.*2' "/proc/$writer/status"
fi
start "$EICBOX" authkeys --watch --output "$file" --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id bob
expires 600 "$two"
ok 'two writers of one file get on' wait_for 20 has "$two"
stop "$pid"
ok 'each takes only its own' has "$two"
stop "$writer"
done_testing
