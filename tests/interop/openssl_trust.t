#!/bin/sh
# openssl_trust.t - what only openssl has made is proven, or refused, as the rules of trust.h say
. "${0%/*}/../lib.sh"

cd "$tmp" || exit 1
name=managed-ssh-signer.us-east-1.amazonaws.com
id=i-1234567890abcdef0
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'

# --- making: keys, certificates, OCSP responses, signatures

cat >extensions <<-END
	[ca]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[ca0]
	basicConstraints = critical, CA:TRUE, pathlen:0
	keyUsage = critical, keyCertSign, cRLSign
	subjectKeyIdentifier = hash
	[ca_no]
	basicConstraints = critical, CA:FALSE
	[ca_usage]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, cRLSign
	[leaf]
	basicConstraints = critical, CA:FALSE
	keyUsage = critical, digitalSignature, keyEncipherment
	extendedKeyUsage = serverAuth, clientAuth
	subjectAltName = DNS:$name
	[leaf_bare]
	[leaf_san]
	subjectAltName = DNS:evil.example.com
	[leaf_wildcard]
	subjectAltName = DNS:*.us-east-1.amazonaws.com
	[leaf_other]
	subjectAltName = otherName:1.2.3.4;UTF8:$name, URI:$name
	[leaf_usage]
	keyUsage = critical, keyEncipherment
	[leaf_mail]
	extendedKeyUsage = emailProtection
	[leaf_ca]
	basicConstraints = CA:TRUE
	[leaf_critical]
	1.2.3.4 = critical, ASN1:NULL
	[leaf_harmless]
	1.2.3.4 = ASN1:NULL
	[responder]
	basicConstraints = CA:FALSE
	keyUsage = digitalSignature
	extendedKeyUsage = OCSPSigning
	noCheck = ignored
	[nobody]
	basicConstraints = CA:FALSE
	keyUsage = digitalSignature
	extendedKeyUsage = serverAuth
END

quiet() {
	"$@" >>openssl.log 2>&1
}

rsa() {
	for key; do quiet openssl genrsa -out "$key.key" 2048; done
}

ec() {
	for key; do quiet openssl ecparam -name prime256v1 -genkey -noout -out "$key.key"; done
}

# cert FILE SUBJECT KEY ISSUER ISSUER_KEY SECTION [OPTION...]: ISSUER is FILE itself when self-signed
cert() {
	file=$1 subject=$2 key=$3 issuer=$4 issuer_key=$5 section=$6
	shift 6
	quiet openssl req -new -key "$key.key" -subj "$subject" -out request || return 1
	if [ "$file" = "$issuer" ]; then
		set -- -signkey "$issuer_key.key" "$@"
	else
		set -- -CA "$issuer.pem" -CAkey "$issuer_key.key" "$@"
	fi
	quiet openssl x509 -req -in request -out "$file.pem" -days 30 -set_serial "0x$(openssl rand -hex 8)" \
		-extfile extensions -extensions "$section" "$@"
}

# staple FILE CERT ISSUER SIGNER SIGNER_KEY [OPTION...]: STATE and ID_HASH say which answer and which CertID
staple() {
	file=$1 about=$2 issuer=$3 signer=$4 signer_key=$5
	shift 5
	serial=$(openssl x509 -noout -serial -in "$about.pem" | sed 's/.*=//')
	case ${STATE:-V} in
	V) printf 'V\t491231235959Z\t\t%s\tunknown\t/CN=x\n' "$serial" ;;
	R) printf 'R\t491231235959Z\t240101000000Z\t%s\tunknown\t/CN=x\n' "$serial" ;;
	esac >index.txt
	echo 'unique_subject = no' >index.txt.attr
	quiet openssl ocsp ${ID_HASH:-} -issuer "$issuer.pem" -cert "$about.pem" -no_nonce -reqout asked || return 1
	mkdir -p "${file%/*}"
	quiet openssl ocsp -index index.txt -CA "$issuer.pem" -rsigner "$signer.pem" -rkey "$signer_key.key" \
		-reqin asked -respout "$file" "$@"
}

# block KEYS KEY [SALT [EXPIRY [INSTANCE [LINE]]]]: appends a block that KEY has signed
block() {
	printf '#Timestamp=%s\n#Instance=%s\n#Caller=arn:aws:iam::123456789012:user/alice\n#Request=r-1\n%s\n' \
		"${4:-$(($(date +%s) + 600))}" "${5:-$id}" "${6:-$line}" >signed
	openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:${3:-32}" \
		-sign "$2.key" -out signature signed 2>>openssl.log || return 1
	{
		cat signed
		base64 -w "${WRAP:-0}" signature | sed '$a\'
		echo
	} >>"$1"
}

# --- asking

# parse KEYS LEAF_AND_CHAIN ANCHORS STAPLES [FINGERPRINT]
parse() {
	"$EICBOX" eic_parse_authorized_keys -x true -p "$1" -o openssl -d "$tmp" -s "$(cat $2)" -i "$id" -c "$name" \
		-a "$3" -v "$4" ${5:+-f "$5"}
}

accepted() {
	check "$1" 0 "$line" parse "$2" "$3" "$4" "$5"
}

# refused NAME RULE KEYS CHAIN ANCHORS STAPLES: by that rule; - for what cannot even be read
refused() {
	case $2 in
	-) check "$1" 1 '*No keys have been trusted*' parse "$3" "$4" "$5" "$6" ;;
	1[2-6]) check "$1" 255 '' parse "$3" "$4" "$5" "$6" ;;
	*)
		check "$1" 1 '*No keys have been trusted*' parse "$3" "$4" "$5" "$6"
		err_like "$1: and the rule is named" "authkeys: rule $2: *"
		;;
	esac
	unlike "$1: nothing is printed" '*ssh-ed*' "$out"
}

rsa root leaf other
ec ca responder root_ec stranger
cert root '/O=x/CN=Root' root root root ca
cert ca '/CN=Intermediate' ca root root ca0
cert leaf "/CN=$name" leaf ca ca leaf
cat leaf.pem ca.pem >chain.pem
staple st/leaf leaf ca ca ca -ndays 7
staple st/ca ca root root root -ndays 7
block keys leaf

ok 'openssl itself takes the chain' openssl verify -x509_strict -CAfile root.pem -untrusted ca.pem leaf.pem
accepted 'all that openssl has made is proven' keys chain.pem root.pem st
WRAP=76 block wrapped leaf
accepted 'a signature on several lines is read' wrapped chain.pem root.pem st
check 'with its fingerprint the key is found' 0 "$line" parse keys chain.pem root.pem st \
	"$(echo "$line" | ssh-keygen -lf - | cut -d ' ' -f 2)"
check 'with its MD5 fingerprint too' 0 "$line" parse keys chain.pem root.pem st \
	"$(echo "$line" | ssh-keygen -E md5 -lf - | cut -d ' ' -f 2)"
check 'with another one it is not' 255 '' parse keys chain.pem root.pem st SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

# --- the signature of a block

for salt in 0 20 31 33 max; do
	rm -f bad
	block bad leaf "$salt"
	refused "a salt of $salt bytes is not the signer's" 16 bad chain.pem root.pem st
done
rm -f bad
openssl dgst -sha256 -sign leaf.key -out signature signed
{ cat signed; base64 -w 0 signature; echo; } >bad
refused "PKCS#1 padding is not the signer's" 16 bad chain.pem root.pem st
rm -f bad
block bad other
refused 'another key did not sign' 16 bad chain.pem root.pem st
sed 's/user\/alice/user\/mallory/' keys >bad
refused 'a caller changed afterwards is noticed' 16 bad chain.pem root.pem st
rm -f bad
block bad leaf 32 "$(($(date +%s) - 1))"
refused 'an expired key is not handed out' 13 bad chain.pem root.pem st
rm -f bad
block bad leaf 32 '' i-00000000000000000
refused 'nor one for another instance' 12 bad chain.pem root.pem st
cat bad keys bad >mixed
echo >>mixed
accepted 'bad blocks do not hide a good one' mixed chain.pem root.pem st
sed 's/$/\r/' keys >bad
refused 'carriage returns are refused' 12 bad chain.pem root.pem st

# --- the signer

try_leaf() {
	cert "leaf_$1" "${2:-/CN=$name}" leaf ca ca "$1"
	cat "leaf_$1.pem" ca.pem >"chain_$1.pem"
	staple "st_$1/leaf" "leaf_$1" ca ca ca -ndays 7
	cp st/ca "st_$1/ca"
}

for kind in leaf_bare leaf_harmless; do
	try_leaf $kind
	accepted "under an administrator's anchor $kind is enough" keys chain_$kind.pem root.pem st_$kind
done
while read -r kind rule; do
	try_leaf "$kind"
	refused "$kind is refused" "$rule" keys "chain_$kind.pem" root.pem "st_$kind"
done <<-END
	leaf_san 5
	leaf_wildcard 5
	leaf_other 5
	leaf_usage 6
	leaf_mail 7
	leaf_ca 8
	leaf_critical -
END
for subject in /CN=evil.example.com "/CN=$name.evil.example.com" "/CN=$name/CN=$name" /O=$name "/CN=M${name#m}"; do
	try_leaf leaf_bare "$subject"
	refused "'$subject' is not the signer" 4 keys chain_leaf_bare.pem root.pem st_leaf_bare
done

# --- the chain

# try_chain NAME: with the files leaf.pem and ca.pem of the folder, and staples made for them
try_chain() {
	cat "$1/leaf.pem" "$1/ca.pem" >"$1/chain.pem"
	staple "$1/st/leaf" "$1/leaf" "$1/ca" "$1/ca" ca -ndays 7
	staple "$1/st/ca" "$1/ca" root root root -ndays 7
}

for kind in ca_no ca_usage; do
	mkdir $kind
	cert $kind/ca '/CN=Intermediate' ca root root $kind
	cert $kind/leaf "/CN=$name" leaf $kind/ca ca leaf
	try_chain $kind
	refused "an issuer with $kind is none" 9 keys $kind/chain.pem root.pem $kind/st
done
mkdir sha1 old deep
cert sha1/ca '/CN=Intermediate' ca root root ca
cert sha1/leaf "/CN=$name" leaf sha1/ca ca leaf -sha1
try_chain sha1
refused 'a leaf signed with SHA-1 is refused' 9 keys sha1/chain.pem root.pem sha1/st
for hash in sha384 sha512; do
	mkdir $hash
	cert $hash/ca '/CN=Intermediate' ca root root ca -$hash
	cert $hash/leaf "/CN=$name" leaf $hash/ca ca leaf -$hash
	try_chain $hash
	accepted "a chain signed with $hash is proven" keys $hash/chain.pem root.pem $hash/st
done
cp ca.pem old/ca.pem
cert old/leaf "/CN=$name" leaf ca ca leaf -days -1
try_chain old
refused 'an expired leaf is refused' 9 keys old/chain.pem root.pem old/st
cert deep/second '/CN=Second' stranger ca ca ca
cert deep/leaf "/CN=$name" leaf deep/second stranger leaf
staple deep/st/leaf deep/leaf deep/second deep/second stranger -ndays 7
staple deep/st/second deep/second ca ca ca -ndays 7
cp st/ca deep/st
cat deep/leaf.pem deep/second.pem ca.pem >deep/chain.pem
refused 'a CA below a path length of 0 is refused' 9 keys deep/chain.pem root.pem deep/st

cert elsewhere '/O=x/CN=Root' other elsewhere other ca
refused 'another root of the same name proves nothing' 9 keys chain.pem elsewhere.pem st
cat chain.pem root.pem >with_root
refused 'a root that is served is no anchor' 9 keys with_root elsewhere.pem st
refused 'an empty bundle holds no anchor' - keys chain.pem /dev/null st
refused 'the leaf alone proves nothing' 9 keys leaf.pem root.pem st
refused 'a leaf is no anchor' 9 keys leaf.pem leaf.pem st
for i in 1 2 3 4 5 6 7 8 9 10; do cat leaf.pem; done >many
cat chain.pem many >long
refused 'a chain of twelve certificates is refused' - keys long root.pem st
cat root.pem elsewhere.pem deep/second.pem >bundle
{ echo '# Root'; cat bundle; } >commented
accepted 'a bundle with comments has the right anchor in it' keys chain.pem commented st

# as observed: leaf, intermediate, root 1 signed by root 2, root 2 signed by an old one
cert root2 '/CN=Root 2' root_ec root2 root_ec ca
cert cross1 '/O=x/CN=Root' root root2 root_ec ca
cert cross2 '/CN=Root 2' root_ec elsewhere other ca
cat chain.pem cross1.pem cross2.pem >cross.pem
accepted 'a cross-signed chain ends at the root that is an anchor' keys cross.pem root.pem st
refused 'under the other root one staple more is needed' 10 keys cross.pem root2.pem st
cp -r st st_cross
staple st_cross/cross1 cross1 root2 root2 root_ec -ndays 7
accepted 'and with it the chain is proven there too' keys cross.pem root2.pem st_cross

# --- staples

cert responder '/CN=Responder' responder ca ca responder
cert nobody '/CN=Responder' responder ca ca nobody
cert foreign '/CN=Responder' responder root root responder

# try_staple NAME accepted|refused SIGNER KEY [OPTION...]: the leaf's staple, made so
try_staple() {
	what=$1 verdict=$2 signer=$3 signer_key=$4
	shift 4
	rm -rf st_x
	mkdir st_x
	cp st/ca st_x
	staple st_x/leaf leaf ca "$signer" "$signer_key" "$@"
	if [ "$verdict" = accepted ]; then
		accepted "$what" keys chain.pem root.pem st_x
	else
		refused "$what" 10 keys chain.pem root.pem st_x
	fi
}

try_staple 'a staple without nextUpdate is proven' accepted ca ca
try_staple "a staple by its signer's key hash is proven" accepted ca ca -ndays 7 -resp_key_id
try_staple 'a staple without certificates is proven' accepted ca ca -ndays 7 -resp_no_certs
try_staple 'a staple signed with SHA-384 is proven' accepted ca ca -ndays 7 -rmd sha384
try_staple 'a staple signed with SHA-1 is refused' refused ca ca -ndays 7 -rmd sha1
ID_HASH=-sha256 try_staple 'a CertID of SHA-256 is known' accepted ca ca -ndays 7
ID_HASH=-sha512 try_staple 'a CertID of SHA-512 is not' refused ca ca -ndays 7
STATE=R try_staple 'revoked is refused' refused ca ca -ndays 7
STATE=U try_staple 'unknown is refused' refused ca ca -ndays 7
try_staple 'a delegate of the issuer may sign' accepted responder responder -ndays 7
try_staple 'a delegate named by its key may sign' accepted responder responder -ndays 7 -resp_key_id
try_staple 'a delegate that is not in the response may not' refused responder responder -ndays 7 -resp_no_certs
try_staple 'a certificate without OCSPSigning may not' refused nobody responder -ndays 7
try_staple 'a delegate of another issuer may not' refused foreign responder -ndays 7
try_staple 'the root may not sign for the intermediate' refused root root -ndays 7

# spoil NAME: whatever st_x/leaf is now
spoil() {
	refused "$1" 10 keys chain.pem root.pem st_x
}

rm -rf st_x && mkdir st_x && cp st/ca st_x
spoil 'a missing staple is refused'
cp st/ca st_x/leaf
spoil 'a staple about another certificate is refused'
head -c 200 st/leaf >st_x/leaf
spoil 'half a staple is refused'
{ cat st/leaf; echo; } >st_x/leaf
spoil 'a staple with a byte too many is refused'
base64 st/leaf >st_x/leaf
spoil 'a staple that is not DER is refused'
: >st_x/leaf
spoil 'an empty staple is refused'
printf '0\003\012\001\003' >st_x/leaf
spoil 'a responder that says try later is refused'
cp keys leaf.pem leaf.key st/leaf st_x/
accepted 'staples are found among other files' keys chain.pem root.pem st_x

done_testing
