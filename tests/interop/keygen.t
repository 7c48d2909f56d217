# keygen.t - OpenSSH, OpenSSL and dropbear read our keys, and we read theirs
. "${0%/*}/../lib.sh"

cd "$tmp" || exit 1

keygen() {
	"$EICBOX" keygen "$@"
}

# type, form, and the name of the pair, of everything that is made here
forms='ed25519 OPENSSH
rsa OPENSSH
rsa PEM
rsa PKCS8
ecdsa OPENSSH
ecdsa PEM
ecdsa PKCS8'

# --- ours, read by OpenSSH

mkdir ours theirs
echo "$forms" >forms
while read -r type form; do
	key=ours/$type.$form
	ok "$type is written as $form" keygen -q -t $type -m $form -f $key -C 'our words'
	public=$(cut -d ' ' -f 1,2 $key.pub)
	check "ssh-keygen -y reads $type in $form" 0 "$public*" ssh-keygen -y -f $key
	for hash in sha256 md5; do
		is "ssh-keygen -l finds the same $hash of $type in $form" \
			"$(ssh-keygen -l -E $hash -f $key.pub)" "$(keygen -l -E $hash -f $key.pub)"
	done
	sed -i 's/our words/other words/' $key.pub
	is "and the same line for $type in $form itself" "$(ssh-keygen -l -f $key)" "$(keygen -l -f $key)"
	echo text >$key.text
	ok "ssh-keygen signs with $type in $form" ssh-keygen -q -Y sign -n test -f $key $key.text
	echo "me $public" >$key.allowed
	ok "and the signature of $type in $form is good" sh -c 'ssh-keygen -q -Y verify -n test -I me \
		-f "$0.allowed" -s "$0.text.sig" <"$0.text"' $key
done <forms
for bits in 384 521; do
	ok "ecdsa of $bits bits is made" keygen -q -t ecdsa -b $bits -f ours/ec$bits
	check "and read by ssh-keygen, $bits" 0 "$(cut -d ' ' -f 1,2 ours/ec$bits.pub)*" ssh-keygen -y -f ours/ec$bits
done
ok 'rsa of 4096 bits is made' keygen -q -t rsa -b 4096 -f ours/rsa4096
check 'and ssh-keygen sees 4096 bits' 0 '4096 SHA256:*(RSA)' ssh-keygen -l -f ours/rsa4096
check 'a comment survives' 0 '* our words' ssh-keygen -y -f ours/ed25519.OPENSSH
ok 'ssh-keygen gives our key a passphrase' ssh-keygen -q -p -P '' -N secret -f ours/ec384
check 'which we then refuse to read' 1 '' keygen -y -f ours/ec384
err_like 'and say why' 'keygen: ours/ec384: private key: encrypted with a passphrase'
check 'but list by the file beside it' 0 '384 SHA256:*(ECDSA)' keygen -l -f ours/ec384

start ssh-agent -D -a "$tmp/agent"
SSH_AUTH_SOCK=$tmp/agent
export SSH_AUTH_SOCK
wait_for 10 test -S "$tmp/agent"
while read -r type form; do
	ok "ssh-add takes $type in $form" ssh-add -q ours/$type.$form
	check "and the agent has $type in $form" 0 "*$(cut -d ' ' -f 2 ours/$type.$form.pub)*" ssh-add -L
done <forms

# --- ours, read by OpenSSL

for key in ours/rsa.PEM ours/rsa.PKCS8 ours/ecdsa.PEM ours/ecdsa.PKCS8; do
	ok "openssl finds $key consistent" openssl pkey -in $key -check -noout
	is "openssl finds the same public key in $key" "$(ssh-keygen -e -m PKCS8 -f $key.pub)" \
		"$(openssl pkey -in $key -pubout)"
done
ok 'ed25519 is written as PKCS8' keygen -q -m PKCS8 -f ours/ed25519.PKCS8
# the public key is the end of both encodings
is 'openssl finds the same ed25519 key' "$(openssl pkey -in ours/ed25519.PKCS8 -pubout -outform DER | tail -c 32 | base64)" \
	"$(cut -d ' ' -f 2 ours/ed25519.PKCS8.pub | base64 -d | tail -c 32 | base64)"
ok 'openssl signs with it' sh -c 'echo text | openssl pkeyutl -sign -rawin -inkey ours/ed25519.PKCS8 -in ours/rsa.PEM.text'

# --- ours, read by dropbear, and theirs by us

dropbear=$("$TOP/tools/unpack" dropbear-bin 2>"$tmp/.unpack") || dropbear=
if [ -x "$dropbear/usr/bin/dropbearconvert" ] || [ -x "$dropbear/usr/lib/dropbear/dropbearconvert" ]; then
	PATH=$dropbear/usr/bin:$dropbear/usr/lib/dropbear:$PATH
	LD_LIBRARY_PATH=$dropbear/usr/lib/$(uname -m)-linux-gnu:$dropbear/lib/$(uname -m)-linux-gnu
	for type in ed25519 rsa ecdsa; do
		key=ours/$type.OPENSSH
		public=$(cut -d ' ' -f 1,2 $key.pub)
		ok "dropbearconvert reads $type" env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
			dropbearconvert openssh dropbear $key $key.dropbear
		check "and dropbearkey prints the same $type" 0 "*$public*" env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
			dropbearkey -y -f $key.dropbear
		ok "dropbearkey makes $type" env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
			dropbearkey -t $type -f theirs/$type.dropbear
		public=$(env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" dropbearkey -y -f theirs/$type.dropbear |
			grep -E '^(ssh|ecdsa)-' | cut -d ' ' -f 1,2)
		ok "and dropbearconvert writes it, $type" env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" \
			dropbearconvert dropbear openssh theirs/$type.dropbear theirs/$type.converted
		check "which we read as the same $type" 0 "$public*" keygen -y -f theirs/$type.converted
	done
else
	cannot 'dropbear reads our keys' "$(cat "$tmp/.unpack")"
fi

# --- OpenSSH's, read by us

while read -r type form; do
	key=theirs/$type.$form
	option=
	[ $form = OPENSSH ] || option="-m $form" # its default, which -m does not know
	ok "ssh-keygen writes $type in $form" ssh-keygen -q -t $type $option -N '' -C 'their words' -f $key
	line=$(cat $key.pub)
	[ $form = OPENSSH ] || line=${line% their words}
	check "we read what ssh-keygen writes of $type in $form" 0 "$line" keygen -y -f $key
	is "and list $type in $form as ssh-keygen does" "$(ssh-keygen -l -f $key.pub)" "$(keygen -l -f $key.pub)"
	ok "and gives $type in $form a passphrase" ssh-keygen -q -p -P '' -N secret $option -f $key
	check "but not when $type in $form is encrypted" 1 '' keygen -y -f $key
	err_like "which is said of $type in $form" "keygen: $key: private key: encrypted with a passphrase"
done <forms
for bits in 384 521; do
	ssh-keygen -q -t ecdsa -b $bits -N '' -f theirs/ec$bits
	check "we read ssh-keygen's ecdsa of $bits bits" 0 "$(cat theirs/ec$bits.pub)" keygen -y -f theirs/ec$bits
done
for bits in 2048 4096; do
	ssh-keygen -q -t rsa -b $bits -N '' -f theirs/rsa$bits
	check "we read ssh-keygen's rsa of $bits bits" 0 "$(cat theirs/rsa$bits.pub)" keygen -y -f theirs/rsa$bits
done
cat theirs/*.pub >theirs/all
is 'we list a file of many keys as ssh-keygen does' "$(ssh-keygen -l -f theirs/all)" "$(keygen -l -f theirs/all)"

# --- OpenSSL's, read by us

openssl genpkey -algorithm ed25519 -out theirs/o.ed25519
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out theirs/o.rsa 2>/dev/null
openssl pkey -in theirs/o.rsa -traditional -out theirs/o.rsa1
openssl ecparam -name prime256v1 -genkey -out theirs/o.ec 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out theirs/o.ec8
for key in rsa rsa1 ec ec8; do
	check "we read openssl's $key" 0 '*' keygen -y -f theirs/o.$key
	printf '%s\n' "$out" >theirs/o.$key.line
	is "and find the same public key in $key" "$(openssl pkey -in theirs/o.$key -pubout)" \
		"$(ssh-keygen -e -m PKCS8 -f theirs/o.$key.line)"
done
check "we read openssl's ed25519" 0 'ssh-ed25519 *' keygen -y -f theirs/o.ed25519
is 'and find the same public key in ed25519' "$(openssl pkey -in theirs/o.ed25519 -pubout -outform DER | tail -c 32 | base64)" \
	"$(printf '%s\n' "$out" | cut -d ' ' -f 2 | base64 -d | tail -c 32 | base64)"
openssl pkey -in theirs/o.rsa -aes256 -passout pass:secret -out theirs/o.encrypted
check "openssl's encrypted key is refused" 1 '' keygen -y -f theirs/o.encrypted
openssl genpkey -algorithm x25519 -out theirs/o.x25519
check 'a key that SSH does not have is refused' 1 '' keygen -y -f theirs/o.x25519
openssl ecparam -name secp256k1 -genkey -noout -out theirs/o.k1
check 'and a curve that it does not have' 1 '' keygen -y -f theirs/o.k1
done_testing
