# authkeys_offline.t - eic_parse_authorized_keys: keys in files, proven with a signer in files
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

cn=unittest.managedssh.amazonaws.com
id=i-abcd1234
s=$tmp/signer
mkdir -p "$s" "$tmp/ocsp"
ln -s "$EICBOX" "$tmp/eic_parse_authorized_keys"
parse=$tmp/eic_parse_authorized_keys

# as the unit tests of the shell agent have it: a leaf without any extension
signer_make "$s" $cn
signer_leaf "$s" leaf $cn ''
cat "$s/leaf.pem" "$s/mid.pem" "$s/root.pem" >"$s/chain.pem"
# openssl without -ndays leaves nextUpdate out
signer_staple "$s" leaf mid "$tmp/ocsp/anything" good -resp_key_id
signer_staple "$s" mid root "$tmp/ocsp/goes" good -resp_key_id
cp "$s/leaf.key" "$s/root.pem" "$s/mid.ocsp" "$tmp/ocsp"
printf 'x' >"$tmp/ocsp/junk"
mkdir "$tmp/ocsp/folder"
{ echo "# a comment in front"; cat "$s/root.pem"; } >"$tmp/ca.crt"
soon=$(($(date +%s) + 600))
for name in one two; do
	ssh-keygen -q -t ed25519 -N '' -C "$name at test" -f "$tmp/$name"
done
one=$(cat "$tmp/one.pub")
two=$(cat "$tmp/two.pub")
fingerprint=$(ssh-keygen -lf "$tmp/one.pub" | cut -d ' ' -f 2)
block() { signer_block "$s" "$soon" $id "$@"; }
block "$one" >"$tmp/keys"
full() { "$parse" -x true -p "$tmp/keys" -o /usr/bin/openssl -d "$tmp" -s "$(cat "$s/chain.pem")" -i $id -c $cn \
	-a "$tmp/ca.crt" -v "$tmp/ocsp" -f "$fingerprint"; }
# but OPTION...: the same with some options in place of ours
but() {
	keys=$tmp/keys signer=$(cat "$s/chain.pem") instance=$id name=$cn ca=$tmp/ca.crt ocsp=$tmp/ocsp x=true key=
	while [ $# -gt 0 ]; do
		case $1 in
		-p) keys=$2 ;;
		-s) signer=$2 ;;
		-i) instance=$2 ;;
		-c) name=$2 ;;
		-a) ca=$2 ;;
		-v) ocsp=$2 ;;
		-f) key=$2 ;;
		-x) x=$2 ;;
		esac
		shift 2
	done
	"$parse" -x "$x" -p "$keys" -s "$signer" -i "$instance" -c "$name" -a "$ca" -v "$ocsp" ${key:+-f "$key"}
}

check 'a proven key is printed exactly as given' 0 "$one" full
check 'it is the same as authkeys --offline' 0 "$one" "$EICBOX" authkeys --offline -x true -p "$tmp/keys" \
	-s "$(cat "$s/chain.pem")" -i $id -c $cn -a "$tmp/ca.crt" -v "$tmp/ocsp"
check 'letters may be joined with their values' 0 "$one" "$parse" -xtrue "-p$tmp/keys" "-s$(cat "$s/chain.pem")" \
	-i$id -c$cn "-a$tmp/ca.crt" "-v$tmp/ocsp"
check 'without debugging it is the same' 0 "$one" but -x false
mkdir "$tmp/ca"
cp "$s/root.pem" "$tmp/ca/Some_Name.pem"
check 'the anchors may be a folder' 0 "$one" but -a "$tmp/ca"
{ block "$one"; block "$two"; block "$one"; } >"$tmp/several"
check 'keys come in order, and as often as they stand there' 0 "$one
$two
$one" but -p "$tmp/several"
check 'a fingerprint chooses' 0 "$one
$one" but -p "$tmp/several" -f "$fingerprint"
check 'another fingerprint leaves nothing: 255' 255 '' but -f SHA256:F3e4S8/QjcVquqrvmyq9AWAhOxIXfpbpnmDVFdA0sPU
check 'a fingerprint that is none leaves nothing' 255 '' but -f nonsense
check 'keys of another instance: 255' 255 '' but -i i-12345678
{ block "$one" | sed 's/alice/mallory/'; block "$two"; } >"$tmp/bad"
check 'a bad signature is skipped, the others count' 0 "$two" but -p "$tmp/bad"
block "$one" | sed 's/alice/mallory/' >"$tmp/bad"
check 'nothing but a bad signature: 255' 255 '' but -p "$tmp/bad"
soon=$(($(date +%s) - 1))
block "$one" >"$tmp/old"
check 'an expired key: 255' 255 '' but -p "$tmp/old"
: >"$tmp/none"
check 'no key at all: 255' 255 '' but -p "$tmp/none"

check 'an instance that is none: 255' 255 '' but -i nonsense
check 'no instance: 255' 255 '' but -i ''

# says NAME SENTENCE OPTION...: status 1, on stdout exactly the shell agent's sentence, the reason on stderr
says() {
	check "$1: 1, in the shell agent's words" 1 "EC2 Instance Connect $2 No keys have been trusted." but "$3" "$4"
	err_like 'and the reason is on stderr' 'authkeys: ?*'
}
unknown='encountered an unrecognized signer certificate.'
unproven='could not verify the signer trust chain.'
doubted="could not verify certificate $cn has not been revoked."
says 'another name' "$unknown" -c other.example
check 'without debugging the reason is not on stdout' 1 '' but -c other.example -x false
says 'no name' "$unproven" -c ''
signer_make "$tmp/other" $cn
says 'another root' "$unproven" -a "$tmp/other/root.pem"
says 'no anchors' "$unproven" -a "$tmp/nothing"
says 'a chain that is none' "$unknown" -s hello
says 'an empty chain' "$unknown" -s ''
says 'a private key in place of the chain' "$unknown" -s "$(cat "$s/leaf.key")"
mkdir "$tmp/empty"
says 'no staples' "$doubted" -v "$tmp/empty"
says 'no folder of staples' "$doubted" -v "$tmp/nothing"
signer_staple "$s" leaf mid "$tmp/empty/leaf" revoked
cp "$tmp/ocsp/goes" "$tmp/empty"
says 'a revoked signer' "$doubted" -v "$tmp/empty"
cp "$tmp/ocsp/anything" "$tmp/empty/leaf"
rm "$tmp/empty/goes"
says 'a staple missing further up' 'could not verify certificate Test intermediate has not been revoked.' -v "$tmp/empty"
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$s/curve.key" 2>/dev/null ||
	openssl ecparam -name prime256v1 -genkey -noout -out "$s/curve.key"
signer_leaf "$s" curve $cn ''
signer_staple "$s" curve mid "$tmp/ocsp/curve" good
check 'a signer whose key is of another kind made no signature: 255' 255 '' but -s "$(cat "$s/curve.pem" "$s/mid.pem")"
check 'no keys file: 1' 1 '*No keys have been trusted*' but -p "$tmp/nothing"
check 'a folder of keys: 1' 1 '*No keys have been trusted*' but -p "$tmp"

check 'no arguments: 1, and the usage on stdout' 1 'Usage:*' "$parse"
check 'an unknown letter: 1, and the usage on stdout' 1 'Usage:*' "$parse" -q
check 'a letter without its value: 1' 1 'Usage:*' "$parse" -p
done_testing
