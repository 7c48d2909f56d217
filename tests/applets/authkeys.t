# authkeys.t - the AuthorizedKeysCommand, against a signer of openssl's and a service that turns hostile
. "${0%/*}/../lib.sh"
. "${0%/*}/../signer.sh"

signer_service
tree=$h/tree
keys=$tree/meta-data/managed-ssh-keys
soon=$(($(date +%s) + 3600))
for name in one two; do
	ssh-keygen -q -t ed25519 -N '' -C "$name@test" -f "$tmp/$name"
done
ssh-keygen -q -t rsa -b 2048 -N '' -f "$tmp/rsa"
ssh-keygen -q -t ecdsa -N '' -f "$tmp/ecdsa"
line() { cut -d ' ' -f 1,2 "$tmp/$1.pub"; }
one=$(line one)
two=$(line two)
fingerprint() { ssh-keygen -l -E "$2" -f "$tmp/$1.pub" | cut -d ' ' -f 2; }

ask() { "$EICBOX" authkeys --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id "$@"; }
# what the service offers to bob: blocks on stdin
offer() { cat >"$keys/active-keys/bob"; }
block() { signer_block "$s" "$soon" $id "$@"; }
calm() { : >"$h/faults" && : >"$h/requests"; }
faults() { calm && printf '%s\n' "$@" >"$h/faults"; }
requests() { wc -l <"$h/requests" | tr -d ' '; }

calm
block "$one" | offer

# --- what it is for

check 'a pushed key is printed as type and key' 0 "$one" ask bob
is 'a run with a key makes eight requests' 8 "$(requests)"
check 'the key of the fingerprint is printed' 0 "$one" ask bob "$(fingerprint one sha256)"
check 'an MD5 fingerprint names the key too' 0 "$one" ask bob "$(fingerprint one md5)"
check 'an empty fingerprint is none' 0 "$one" ask bob ''
calm
check 'another fingerprint gets nothing' 0 '' ask bob "$(fingerprint two sha256)"
is 'and costs two requests' 2 "$(requests)"
calm
check 'a user without keys gets nothing' 0 '' ask alice
is 'and costs two requests, too' 2 "$(requests)"
calm
check 'the step by step is on stderr' 0 "$one" ask -v bob
err_like 'it names the token' "*PUT $url/latest/api/token: answered*"
for path in active-keys/bob/ signer-cert/ signer-ocsp/ signer-ocsp/$(signer_sha1 "$s/leaf.pem") domain/ region; do
	err_like "and each request: $path" "*GET *$path: answered*"
done
err_like 'and counts the round trips' '*8 requests on 8 connections in 4 rounds, *'
err_like 'it names caller, request and fingerprint' "*Providing ssh key*$(fingerprint one sha256)*6f1c1c3e-0000-4000-8000-000000000001*arn:aws:iam::123456789012:user/alice*"
check 'without -v nothing is on stderr' 0 "$one" ask bob
is 'not a byte' '' "$err"
for name in eic_run_authorized_keys eic_curl_authorized_keys eic-authkeys; do
	ln -s "$EICBOX" "$tmp/$name"
	check "as $name it does the same" 0 "$one" "$tmp/$name" --imds "$url" --ca "$s/root.pem" \
		--no-ec2-check --instance-id $id bob
done
proxied() { http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 \
	AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1 ask bob; }
check 'proxies and the environment are ignored' 0 "$one" proxied
closed() { ask bob >&-; }
check 'a closed stdout is a failure' 1 '' closed
{ block "$one"; block "$two"; block "$(line rsa)"; } | offer
check 'several keys are printed in their order' 0 "$one
$two
$(line rsa)" ask bob
mkdir "$tmp/ca"
cp "$s/root.pem" "$tmp/ca/ours.pem"
cp "$s/mid.pem" "$tmp/ca/not-looked-at.txt"
with_ca() { "$EICBOX" authkeys --imds "$url" --ca "$1" --no-ec2-check --instance-id $id bob; }
check '--ca takes a folder' 0 "$one*" with_ca "$tmp/ca"
{ echo '# a comment'; cat "$s/root.pem"; } >"$tmp/bundle.crt"
check '--ca takes a bundle with comments' 0 "$one*" with_ca "$tmp/bundle.crt"

# --- options for the keys

block "$one" | offer
day=$(date -u -d "@$soon" +%Y%m%d%H%M%S)
check '--expiry-option adds the end' 0 "expiry-time=\"${day}Z\" $one" ask --expiry-option bob
check '--caller-env adds the caller' 0 "environment=\"EIC_CALLER=arn:aws:iam::123456789012:user/alice\" $one" \
	ask --caller-env bob
check '--restrict adds words' 0 "restrict,pty $one" ask --restrict restrict,pty bob
check 'all of them are joined by commas' 0 "restrict,expiry-time=\"${day}Z\",environment=\"EIC_CALLER=*\" $one" \
	ask --caller-env --expiry-option --restrict restrict bob
for words in 'command="id"' 'restrict,command=x' '' ',' 'restrict,' 'from="*"' 'restrict pty' 'cert-authority'; do
	check "--restrict '$words' is refused" 2 '' ask --restrict "$words" bob
done
printf '#Timestamp=%s\n#Instance=%s\n#Caller=arn:aws:iam::1:user/a"\n%s\n' "$soon" $id "$one" | signer_signed "$s" | offer
check 'a caller that would end its quotes is left out' 0 "$one" ask --caller-env bob

# --- wrong usage

block "$one" | offer
check 'no user is wrong usage' 2 '' ask
check 'an empty user is wrong usage' 2 '' ask ''
check 'three words are wrong usage' 2 '' ask bob "$(fingerprint one sha256)" more
check 'what is no fingerprint is wrong usage' 2 '' ask bob SHA256:short
check 'an unknown option is wrong usage' 2 '' ask --nothing bob
check '-x is no user' 2 '' ask -x
for id_ in x i-1 i-0123456789ABCDEF0 i-0123456789abcdefg ''; do
	check "--instance-id '$id_' is wrong usage" 2 '' "$EICBOX" authkeys --imds "$url" --instance-id "$id_" bob
done
for t in 0 -1 1.5 x 301 ''; do
	check "--timeout '$t' is wrong usage" 2 '' ask --timeout "$t" bob
done
for u in http://10.0.0.1 https://127.0.0.1 http://localhost http://127.0.0.1/x 127.0.0.1 http://user@127.0.0.1; do
	check "--imds $u is wrong usage" 2 '' "$EICBOX" authkeys --imds $u --no-ec2-check bob
done
check 'a --ca that is not there is wrong usage' 2 '' with_ca "$tmp/nothing"
cp "$s/root.pem" "$tmp/loose.pem"
chmod 666 "$tmp/loose.pem"
check 'a --ca that others may write is refused' 2 '' with_ca "$tmp/loose.pem"
err_like 'and the reason is said' '*may be written by others*'
: >"$tmp/empty.pem"
asked() { "$EICBOX" authkeys --imds "$url" --ca "$1" --no-ec2-check --instance-id $id bob; }
check 'an empty --ca is wrong usage' 2 '' asked "$tmp/empty.pem"
err_like 'and it is named' "*--ca: $tmp/empty.pem: no certificate in it*"
mkdir "$tmp/bare"
check 'so is an empty folder' 2 '' asked "$tmp/bare"
err_like 'which is named too' "*--ca: $tmp/bare: no certificate in it*"
printf '%s\n' '-----BEGIN PRIVATE KEY-----' AAAA '-----END PRIVATE KEY-----' >"$tmp/bare/key.pem"
chmod 600 "$tmp/bare/key.pem"
check 'so is a private key' 2 '' asked "$tmp/bare/key.pem"
err_like 'of which that is said' '*key.pem: holds a private key*'
cat "$s/root.pem" "$tmp/bare/key.pem" >"$tmp/both.pem"
check 'also beside a certificate' 2 '' asked "$tmp/both.pem"
check 'also in a folder' 2 '' asked "$tmp/bare"
check 'a --ca that signed nothing here trusts nobody' 1 '' with_ca "$s/leaf.pem"
check '--watch needs --output' 2 '' ask --watch bob
check '--imds and --ipv6 exclude each other' 2 '' ask --ipv6 bob

# --- names that are none

long=$(printf '%0300d' 0 | tr 0 a)
for user in a/b .. . %2e%2e 'a b' 'a?b' 'a#b' "$long" "$(printf 'a\nb')" "$(printf 'b\303\266b')" ../../user-data; do
	calm
	check "the user '$user' gets nothing" 0 '' ask -v -- "$user"
	err_like 'and the reason is said' '*no user name*'
	is 'and nobody is asked' 0 "$(requests)"
done
check 'a user behind -- may not begin with a dash either' 0 '' ask -- -x

# --- is this an instance, and which

sys() { "$EICBOX" authkeys -v --imds "$url" --ca "$s/root.pem" --sysfs-root "$tmp/sys" bob; }
rm -rf "$tmp/sys"
calm
check 'without DMI and Xen it does nothing' 0 '' sys
err_like 'and says so' '*non-instance*'
is 'and asks nobody' 0 "$(requests)"
mkdir -p "$tmp/sys/devices/virtual/dmi/id" "$tmp/sys/hypervisor"
tag=$tmp/sys/devices/virtual/dmi/id/board_asset_tag
echo 'Not Specified' >"$tag"
check 'another asset tag is no instance' 0 '' sys
echo $id >"$tag"
check 'the asset tag is the instance id' 0 "$one" sys
calm
sys >/dev/null 2>&1
is 'and the service is not asked for it' 8 "$(requests)"
echo i-0fedcba9876543210 >"$tag"
check 'a key for another instance is refused, whatever the service says' 0 '' sys
err_like 'by its rule' '*rule 12*'
rm "$tag"
echo ec2e1916-9099-7caf-fd21-012345abcdef >"$tmp/sys/hypervisor/uuid"
calm
check 'on Xen the id is that of the service' 0 "$one" sys
err_like 'and the log says so' '*what the metadata service says*'
is 'at the price of one request' 9 "$(requests)"
echo 4dea22b3-1d52-d8f3-2516-782e98ab3fa0 >"$tmp/sys/hypervisor/uuid"
check 'another Xen is no instance' 0 '' sys
echo $id >"$tag"
check 'not even with an asset tag' 0 '' sys

# --- blocks (each row of the facts' table, and more)

good_and() { # NAME: a good block before and behind what $tmp/bad has leaves exactly the good ones
	{ block "$one"; cat "$tmp/bad"; block "$two"; } | offer
	check "$1 is skipped, the others count" 0 "$one
$two" ask -v bob
	offer <"$tmp/bad"
	tap_run ask -v bob
	like "and alone nothing is printed" '[01]:' "$tap_status:$out"
}
like_status() { is "$1" "$2" "$tap_status"; }

block "$two" | sed 's/Request=6f/Request=7f/' >"$tmp/bad"
good_and 'a block whose signature is of another text'
like_status 'a signature that fails is status 1' 1
{ block "$two" | sed '$d' | sed '$d'; echo '%%% not base64 %%%'; echo; } >"$tmp/bad"
good_and 'a signature that is no base64'
like_status 'a signature that cannot be decoded is status 1' 1
tap_run ask bob "$(fingerprint one sha256)"
like_status 'unless it is of another key than the one asked for' 0
block "$two" 20 >"$tmp/bad"
good_and 'a signature with another salt'
like_status 'that is status 1' 1
{ block "$two" | head -n 5; echo; } >"$tmp/bad"
good_and 'a block without signature'
like_status 'that is status 1, too' 1
printf '#Timestamp=%s\n#Instance=%s\n' "$soon" $id | offer
check 'meta lines at the end are no key' 0 '' ask bob
{ block "$one" | sed '$d'; block "$two"; } | offer
check 'two blocks without a blank between are one whose signature fails' 1 '' ask bob
{ printf '\n\n'; block "$one" | sed '$d'; } | offer
check 'blank lines in front and none behind are fine' 0 "$one" ask bob
block "$one" | awk 'length > 300 { while (length) { print substr($0, 1, 76); $0 = substr($0, 77) } next } 1' | offer
check 'a signature in lines of 76 is fine' 0 "$one" ask bob
block "$one" | sed 's/$/\r/' | offer
check 'CRLF is refused' 0 '' ask bob
printf '#Timestamp=%s\r\n#Instance=%s\r\n%s\r\n' "$soon" $id "$one" | signer_signed "$s" | offer
check 'CRLF is refused even when it was signed' 0 '' ask bob
printf ' #Timestamp=%s\n#Instance=%s\n%s\n' "$soon" $id "$two" | signer_signed "$s" >"$tmp/bad"
good_and 'a blank before #'
signed() { printf "$@" | signer_signed "$s"; }
signed '#Timestamp=NaN\n#Instance=%s\n%s\n' $id "$two" >"$tmp/bad"
good_and 'a time that is no number'
signed '#Timestamp=20000000000000000000\n#Instance=%s\n%s\n' $id "$two" >"$tmp/bad"
good_and 'a time of 20 digits'
signed '#Timestamp=-1\n#Instance=%s\n%s\n' $id "$two" >"$tmp/bad"
good_and 'a negative time'
signed '#Timestamp=%s\n#Instance=%s\n%s\n' "$(($(date +%s) - 1))" $id "$two" >"$tmp/bad"
good_and 'a key that has expired'
like_status 'which is nothing to fail about' 0
tap_run ask -v bob
err_like 'and the log says of which key' "*Refusing ssh key*rule 13*fingerprint: $(fingerprint two sha256)*"
signed '#Timestamp=%s\n%s\n' "$soon" "$two" >"$tmp/bad"
good_and 'a block without instance'
signed '#Instance=%s\n%s\n' $id "$two" >"$tmp/bad"
good_and 'a block without time'
signed '#Timestamp=%s\n#Instance=i-0fedcba9876543210\n%s\n' "$soon" "$two" >"$tmp/bad"
good_and 'a key for another instance'
like_status 'which is nothing to fail about either' 0
signed '#Timestamp=%s\n#Instance=%s\n%s\n' "$soon" $id "$(line ecdsa)" >"$tmp/bad"
good_and 'an ECDSA key'
for options in 'command="id"' restrict 'environment="A=B"' 'from="*",pty' cert-authority; do
	signed '#Timestamp=%s\n#Instance=%s\n%s %s\n' "$soon" $id "$options" "$two" >"$tmp/bad"
	good_and "a key with options ($options)"
done
signed '#Timestamp=%s\n#Instance=%s\nssh-garbage xx\n' "$soon" $id >"$tmp/bad"
good_and 'a line that only begins like a key'
signed '#Timestamp=%s\n#Instance=%s\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n' "$soon" $id >"$tmp/bad"
good_and 'a key that is cut off'
signed '#Timestamp=%s\n#Instance=%s\n%s me, myself\n' "$soon" $id "$two" | offer
check 'a comment never gets through' 0 "$two" ask bob
signed '#Timestamp=%s\n#Instance=%s\n%s me\001there\n' "$soon" $id "$two" >"$tmp/bad"
good_and 'a key line with control characters'
signed '#Timestamp=%s\n#Instance=%s\n#Instance=i-0fedcba9876543210\n%s\n' "$soon" $id "$two" >"$tmp/bad"
good_and 'a block of two instances'
signed '#Timestamp=1000000000\n#Timestamp=%s\n#Instance=%s\n%s\n' "$soon" $id "$two" >"$tmp/bad"
good_and 'a block of which one time is past'
signed '#Timestamp=%s\n#Instance=%s\n#Caller=arn:a\n#Caller=arn:b\n%s\n' "$soon" $id "$one" | offer
check 'of two callers the last counts' 0 "environment=\"EIC_CALLER=arn:b\" $one" ask --caller-env bob
signed '#Timestamp=%s\n#Instance=%s\n#Tomorrow=1\n%s\n' "$soon" $id "$one" | offer
check 'an unknown line is part of what is signed' 0 "$one" ask bob
: | offer
check 'an empty answer is no key' 0 '' ask bob
printf 'hello\n' | offer
check 'a text that is none of this is no key' 0 '' ask bob
block "$one" >"$tmp/block"
awk 'BEGIN { while ((getline l < ARGV[1]) > 0) t = t l "\n"; for (i = 0; i < 1000; i++) printf "%s", t }' "$tmp/block" | offer
check 'a thousand blocks are larger than the answer may be' 0 '' ask -v bob
err_like 'and the reason is said' '*larger*'
# small blocks, of which a thousand fit; each has what a block must have, and another instance
few() { # N: so many of them
	awk -v n="$1" -v key="$two" 'BEGIN { for (i = 0; i < n; i++)
		printf "#Timestamp=9999999999\n#Instance=i-00000000\n%s\nAA==\n\n", key }'
}
{ few 999; cat "$tmp/block"; } | offer
check 'behind 256 of a thousand blocks nobody looks' 0 '' ask -v bob
err_like 'and that is said' '*more than 256 blocks*'
is 'of those in front each has its reason' 256 "$(printf '%s\n' "$err" | grep -c 'rule 12')"
{ few 255; cat "$tmp/block"; few 744; } | offer
check 'the last of the 256 counts' 0 "$one" ask bob
{ cat "$tmp/block"; few 1020; } | offer
check 'the first of a thousand counts' 0 "$one" ask bob
for n in 1 2 3 4 5 6 7 8; do cat "$tmp/block" "$tmp/block" "$tmp/block" "$tmp/block"; done | offer
is 'a key that stands there 32 times is printed 32 times' 32 "$(ask bob | grep -c -x -F -e "$one")"

# --- staples (each row of the facts' table)

block "$one" | offer
ocsp=$keys/signer-ocsp
leaf_name=$(signer_sha1 "$s/leaf.pem")
mid_name=$(signer_sha1 "$s/mid.pem")
serve_staple() { openssl base64 -in "$1" -out "$ocsp/${2:-$leaf_name}"; }
staple() { signer_staple "$s" leaf mid "$tmp/staple" "$@" && serve_staple "$tmp/staple"; }

staple good
check 'a staple without nextUpdate is fine' 0 "$one" ask bob
staple good -nmin 60 -resp_key_id
check 'a staple that names its signer by key is fine' 0 "$one" ask bob
staple good -nmin 60 -resp_no_certs
check 'a staple without certificates is fine' 0 "$one" ask bob
signer_md=-sha256 staple good -nmin 60
check 'a staple with a SHA-256 CertID is fine' 0 "$one" ask bob
signer_issue "$s" responder mid Responder "$(printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored')" 30
staple good -nmin 60 -rsigner "$s/responder.pem" -rkey "$s/responder.key"
check 'a staple by a delegate is fine' 0 "$one" ask bob
refuses() { # NAME: with this staple nothing is trusted
	check "$1" 1 '' ask -v bob
	err_like 'by its rule' '*rule 10*'
}
signer_issue "$s" impostor mid Impostor 'basicConstraints=CA:FALSE' 30
staple good -nmin 60 -rsigner "$s/impostor.pem" -rkey "$s/impostor.key"
refuses 'a delegate that may not sign staples is refused'
signer_issue "$s" uncle root Uncle 'extendedKeyUsage=OCSPSigning' 30
staple good -nmin 60 -rsigner "$s/uncle.pem" -rkey "$s/uncle.key"
refuses 'a delegate of another issuer is refused'
staple good -nmin 60 -rsigner "$s/root.pem" -rkey "$s/root.key"
refuses 'a staple that the root signed for the intermediate is refused'
staple good -nmin 60 -rmd sha1
refuses 'a staple signed with SHA-1 is refused'
staple revoked -nmin 60
refuses 'a revoked signer is refused'
staple unknown -nmin 60
refuses 'a signer that nobody knows is refused'
staple good -nmin -10
refuses 'a staple of yesterday is refused'
printf '\060\003\012\001\003' >"$tmp/later"
serve_staple "$tmp/later"
refuses 'a response that says try later is refused'
head -c 300 "$s/leaf.ocsp" >"$tmp/cut"
serve_staple "$tmp/cut"
refuses 'a staple that is cut off is refused'
echo 'this is no base64!' >"$ocsp/$leaf_name"
refuses 'a staple that is no base64 is refused'
serve_staple "$s/mid.ocsp"
refuses 'a staple about another certificate is refused'
rm "$ocsp/$leaf_name"
refuses 'a staple that is missing is refused'
printf '%s\n%s' "$leaf_name" "$mid_name" >"$ocsp/.list"
refuses 'a staple that is listed and not there is refused'
serve_staple "$s/leaf.ocsp"
check 'and with all of it back the key is printed' 0 "$one" ask bob
mv "$ocsp/$leaf_name" "$ocsp/first"
mv "$ocsp/$mid_name" "$ocsp/$(openssl dgst -sha256 -r "$s/mid.pem" | cut -c 1-64)"
rm "$ocsp/.list"
check 'names that help nobody are fine' 0 "$one" ask bob
printf '../../../user-data\n/etc/passwd\n.\n..\n\n%s\nfirst\n%s' "$(printf '%0200d' 0)" \
	"$(openssl dgst -sha256 -r "$s/mid.pem" | cut -c 1-64)" >"$ocsp/.list"
calm
check 'names that lead elsewhere are passed over' 0 "$one" ask bob
is 'and never asked for' 8 "$(requests)"
rm "$ocsp/.list"
# a digest may begin with zeros, and be among the sixteen
mv "$ocsp/$(openssl dgst -sha256 -r "$s/mid.pem" | cut -c 1-64)" "$ocsp/last"
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
	cp "$ocsp/first" "$ocsp/0$n"
done
calm
check 'behind sixteen staples nobody looks' 1 '' ask bob
is 'and sixteen are fetched' 22 "$(requests)"
serve_staple "$s/leaf.ocsp"
serve_staple "$s/mid.ocsp" "$mid_name"
calm
check 'unless their names say that they matter' 0 "$one" ask bob
is 'and then only those are fetched' 8 "$(requests)"
rm "$ocsp"/*
signer_tree "$s" "$tree"

# --- the signer

chain() { cat "$@" >"$keys/signer-cert"; }
# leaf NAME EXTENSIONS [CN [DAYS]]: serves a chain and staples of a leaf with these
leaf() {
	signer_leaf "$s" "$1" "${3:-$cn}" "$2" "${4:-30}"
	signer_staple "$s" "$1" mid "$tmp/staple"
	openssl base64 -in "$tmp/staple" -out "$ocsp/$(signer_sha1 "$s/$1.pem")"
	signer_leaf_name=$1
	block "$one" | offer
	signer_leaf_name=
	chain "$s/$1.pem" "$s/mid.pem"
}
usual='keyUsage=critical,digitalSignature'
leaf plain ''
check 'a leaf without any extension is fine under --ca' 0 "$one" ask bob
leaf named "subjectAltName=DNS:$cn"
check 'a leaf with the right name is fine' 0 "$one" ask bob
signer_refused() { # NAME RULE
	check "$1" 1 '' ask -v bob
	err_like "by rule $2" "*rule $2:*"
}
leaf stranger "$usual" managed-ssh-signer.us-east-1.amazonaws.com.evil.example
signer_refused 'another common name is refused' 4
leaf upper "$usual" Managed-ssh-signer.us-east-1.amazonaws.com
signer_refused 'a common name in another case is refused' 4
leaf region "$usual" managed-ssh-signer.us-east-2.amazonaws.com
signer_refused 'the signer of another region is refused' 4
leaf alias "subjectAltName=DNS:other.example"
signer_refused 'another alternative name is refused' 5
leaf wild "subjectAltName=DNS:*.us-east-1.amazonaws.com"
signer_refused 'a wildcard is refused' 5
leaf usage 'keyUsage=critical,keyEncipherment'
signer_refused 'a key that may not sign is refused' 6
leaf purpose 'extendedKeyUsage=codeSigning'
signer_refused 'a key for another purpose is refused' 7
leaf ca 'basicConstraints=CA:TRUE'
signer_refused 'a leaf that is a CA is refused' 8
leaf mystery '1.2.3.4=critical,ASN1:NULL'
check 'a critical extension that nobody knows is refused' 1 '' ask -v bob
err_like 'and the reason is said' '*No keys have been trusted*'
leaf old '' $cn -1
signer_refused 'a leaf that has expired is refused' 9
leaf plain ''
chain "$s/plain.pem"
signer_refused 'a chain without its intermediate is refused' 9
chain "$s/mid.pem" "$s/plain.pem"
check 'a chain that begins with the intermediate is refused' 1 '' ask bob
chain "$s/plain.pem" "$s/mid.pem" "$s/root.pem"
check 'the root in the chain changes nothing' 0 "$one" ask bob
check 'it is no anchor' 1 '' "$EICBOX" authkeys --imds "$url" --no-ec2-check --instance-id $id bob
signer_make "$tmp/other" $cn
chain "$tmp/other/chain.pem"
signer_refused 'the chain of another root is refused' 9
for n in 1 2 3 4 5 6 7 8 9 10; do cat "$s/plain.pem" "$s/mid.pem" "$s/root.pem" "$s/named.pem" "$s/mid.pem"; done >"$tmp/fifty"
# chained NAME STATUS REASON: with the chain that is served nothing is printed, and that is why
chained() {
	check "$1" "$2" '' ask -v bob
	err_like 'and the reason is said' "*No keys have been trusted: $3*"
}
chain "$tmp/fifty"
chained 'a chain of fifty certificates is refused' 1 '*more than 10 certificates'
cat "$tmp/fifty" "$tmp/fifty" >"$tmp/hundred"
chain "$tmp/hundred"
chained 'a chain of a hundred is refused before anybody looks' 1 '*larger than it may be'
head -n "$(grep -n "^-----END" "$tmp/fifty" | sed -n '11s/:.*//p')" "$tmp/fifty" >"$tmp/eleven"
chain "$tmp/eleven"
chained 'a chain of eleven is refused' 1 '*more than 10 certificates'
head -n "$(grep -n "^-----END" "$tmp/fifty" | sed -n '10s/:.*//p')" "$tmp/fifty" >"$tmp/ten"
chain "$tmp/ten"
check 'one of ten is read' 0 "$one" ask bob
chain "$s/root.key"
chained 'a key in place of a chain is refused' 1 '*a block that is no certificate'
: >"$keys/signer-cert"
chained 'an empty chain is refused' 1 '*no certificate in it'
rm "$keys/signer-cert"
chained 'a missing chain is refused' 1 '*signer-cert*'
rm "$ocsp"/*
signer_tree "$s" "$tree"
block "$one" | offer

# --- region and domain

rm "$tree/meta-data/placement/region"
check 'without a region the zone has it' 0 "$one" ask bob
printf 'us-east-1-bos-1a' >"$tree/meta-data/placement/availability-zone"
check 'a local zone has it, too' 0 "$one" ask bob
printf 'nowhere' >"$tree/meta-data/placement/availability-zone"
check 'a zone that is none is refused' 1 '' ask bob
printf 'us-east-1.evil.example/' >"$tree/meta-data/placement/region"
check 'a region that is none is refused' 1 '' ask bob
printf 'us-east-1' >"$tree/meta-data/placement/region"
printf 'evil.example' >"$tree/meta-data/services/domain"
check 'a domain that is not in the list is refused' 1 '' ask bob
printf 'amazonaws.com' >"$tree/meta-data/services/domain"

# --- the service turns hostile

quick() { ask --timeout 1 -v "$@"; }
hostile() { # NAME FAULT...: nothing is printed
	name=$1
	shift
	faults "$@"
	tap_run quick bob
	like "$name: nothing is printed" '[01]:' "$tap_status:$out"
	like "$name: the reason is said" '*: *' "$err"
}
for where in token active-keys signer-cert 'signer-ocsp/$' "$leaf_name" domain; do
	for what in silent slow close cut garbage endless two both 'head 1000' 'redirect http://127.0.0.1:1/' \
		'status 500' 'status 403' 'flood 300000'; do
		case $where:$what in
		active-keys:silent | token:* | signer-cert:* | "$leaf_name":* | *:flood* | *:endless | *:slow) ;;
		*) continue ;;
		esac
		hostile "$where $what" "$where $what"
	done
done
# keys are there, so that somebody is missing his login: status 1, and a reason
for what in 'signer-cert status 500' 'signer-cert status 403' 'signer-cert silent' 'signer-cert close' 'domain status 500' \
	"$leaf_name status 500" "$leaf_name silent"; do
	faults "$what"
	check "$what: keys were offered, that is status 1" 1 '' quick bob
done
# and here nobody knows whether there are any
for what in 'token status 500' 'active-keys status 500' 'active-keys silent' 'active-keys close'; do
	faults "$what"
	check "$what: nothing was offered, that is status 0" 0 '' quick bob
done
for text in 'a\nb' 'a b' 'tok\0en' 'a\r\nX-Evil: 1' ''; do
	hostile "a token '$text'" "token body $text"
	is 'and it is not sent back' 0 "$(grep -c GET "$h/requests")"
done
hostile 'a long token' 'token flood 2000'
faults 'active-keys redirect /latest/meta-data/instance-id'
tap_run quick bob
is 'a redirect is not followed' 2 "$(requests)"
faults '. chunked'
check 'chunked answers are read' 0 "$one" ask bob
faults '. http10'
check 'answers of HTTP/1.0 are read' 0 "$one" ask bob
faults '. keep'
check 'kept connections are used' 0 "$one" ask bob
faults '. delay 0.1'
check 'a service that takes its time is waited for' 0 "$one" ask bob
faults 'active-keys once 503'
check 'busy: it is asked again' 0 "$one" ask bob
faults 'signer-cert once 503' 'token once 503' 'domain once 503'
check 'busy everywhere: it is asked again' 0 "$one" ask bob
faults 'active-keys once 401'
check 'a token that is refused is replaced' 0 "$one" ask -v bob
err_like 'and -v says so' '*the token was refused: another one*'
is 'once' 2 "$(grep -c token "$h/requests")"
faults 'active-keys status 401'
check 'a token that is always refused is given up' 0 '' ask bob
is 'after the second' 2 "$(grep -c token "$h/requests")"
faults 'token status 403'
check 'a service that is switched off is no failure' 0 '' ask -v bob
calm
check 'nobody at the address is no failure' 0 '' "$EICBOX" authkeys -v --imds http://127.0.0.1:1 --timeout 1 \
	--no-ec2-check --instance-id $id bob
err_like 'and the reason is said' '*No keys for bob*'
off() { timeout 60 "$EICBOX" authkeys -v --imds http://127.0.0.1:1 --timeout 300 --no-ec2-check --instance-id $id bob; }
check 'a service that is switched off does not hold a login up to the deadline' 0 '' off
err_like 'and is called so' '*refuses connections*'

# a listener whose queue is full: the kernel answers no more connections, as behind a filter that drops them
start perl -MSocket=:DEFAULT,SOCK_NONBLOCK -e '$| = 1; socket my $s, PF_INET, SOCK_STREAM, 0; bind $s, sockaddr_in(0, INADDR_LOOPBACK); listen $s, 0;
	my ($at, @c) = getsockname $s;
	for (1 .. 4) { socket my $c, PF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0; connect $c, $at; push @c, $c }
	print +(sockaddr_in $at)[0], "\n"; sleep 1000'
wait_for 10 test -s "$log"
full=$(cat "$log")
dropped() { timeout 60 "$EICBOX" authkeys -v --imds "http://127.0.0.1:$full" --timeout 300 --no-ec2-check --instance-id $id bob; }
check 'a connection that nobody answers has a time of its own' 0 '' dropped
err_like 'and the reason is said' '*No keys for bob*no answer in time*'
err_like 'without a request' '*0 requests on 1 connections*'
stop "$pid"

# --- IPv6

if perl -MIO::Socket::IP -e 'exit !IO::Socket::IP->new(LocalHost => "::1", Listen => 1)'; then
	start perl "$TOP/tests/hostile.pl" "$h" ::1
	wait_for 10 test -s "$log"
	six() { "$EICBOX" authkeys --imds "$(cat "$log")" --ca "$s/root.pem" --no-ec2-check --instance-id $id bob; }
	check 'an IPv6 address is asked as well' 0 "$one" six
else
	cannot 'an IPv6 address is asked as well' 'there is no ::1'
fi

# --- another command beside

printf '#!/bin/sh\necho "%s"\n' "$two" >"$tmp/cmd"
printf '#!/bin/sh\necho "ssh-rsa nobody"\nexit 3\n' >"$tmp/fails"
printf '#!/bin/sh\nexec sleep 100\n' >"$tmp/sleeps"
printf '#!/bin/sh\nprintf %%s "$1 $2|$#"\n' >"$tmp/args"
printf '#!/bin/sh\nhead -c 300000 /dev/zero | tr "\\0" a\n' >"$tmp/floods"
chmod 755 "$tmp/cmd" "$tmp/fails" "$tmp/sleeps" "$tmp/args" "$tmp/floods"
check 'the keys of another command are joined' 0 "$one
$two" ask --chain "$tmp/cmd" bob
check 'its words are split, with no shell' 0 "$one
a b \$HOME;id|2" ask --chain "$tmp/args 'a b' \$HOME;id" bob
for user in 'a b' 'DOM\alice' "x' -y 'z"; do # as %u, sshd puts it there
	check "the user '$user' does not become other words" 0 '' ask -v --chain "$tmp/args $user" "$user"
	err_like "'$user': which is said" '*left out*name*'
done
check 'quoted it may be such a name' 0 'DOM\\alice a b|2' ask --chain "$tmp/args \"DOM\alice\" 'a b'" 'DOM\alice'
check 'a name that is a word is one' 0 "$one
bob bob|2" ask --chain "$tmp/args bob bob" bob
check 'its failure does not withhold ours' 0 "$one" ask -v --chain "$tmp/fails" bob
err_like 'and is said' '*left out*status 3*'
check 'a command that sleeps does not withhold ours' 0 "$one" ask --timeout 1 -v --chain "$tmp/sleeps" bob
err_like 'and is said' '*left out*'
check 'a command that says too much does not withhold ours' 0 "$one" ask -v --chain "$tmp/floods" bob
err_like 'and is said' '*left out*'
check 'a command that is not there does not withhold ours' 0 "$one" ask --chain "$tmp/nothing" bob
printf '#!/bin/sh\nsleep 1000 &\necho $! >"%s"\necho "%s"\n' "$tmp/daemon" "$two" >"$tmp/leaves"
printf '#!/bin/sh\nsetsid sh -c '\''echo $$ >"%s"; exec sleep 1000'\'' &\nexec sleep 1000\n' "$tmp/runaway" >"$tmp/runs"
printf '#!/bin/sh\nkill -STOP $PPID\necho "%s"\nexec sleep 1000\n' "$two" >"$tmp/stops"
printf '#!/bin/sh\nkill -9 $PPID\n' >"$tmp/orphan"
chmod 755 "$tmp/leaves" "$tmp/runs" "$tmp/stops" "$tmp/orphan"
leaving() { timeout 60 "$EICBOX" authkeys --imds "$url" --ca "$s/root.pem" --no-ec2-check --instance-id $id --timeout 300 \
	--chain "$tmp/leaves" bob; }
check 'what it leaves in the background is not waited for' 0 "$one
$two" leaving
ok 'and goes on' kill "$(cat "$tmp/daemon")"
check 'a command of which a part runs away does not withhold ours' 0 "$one" ask --timeout 3 -v --chain "$tmp/runs" bob
err_like 'and is said' '*left out*not done in time*'
if emulated; then
	skip 'and the part is killed' 'qemu-user makes nobody a subreaper'
	kill "$(cat "$tmp/runaway")"
else
	refute 'and the part is killed' kill -0 "$(cat "$tmp/runaway")"
fi
check 'a command that stops its keeper does not withhold ours' 0 "$one" ask --timeout 2 --chain "$tmp/stops" bob
check 'nor does one that kills it' 0 "$one" ask -v --chain "$tmp/orphan" bob
err_like 'which is said' '*left out*signal 9*'
check 'ours that fail do not withhold its' 0 "$two" "$EICBOX" authkeys --imds "$url" --no-ec2-check \
	--instance-id $id --chain "$tmp/cmd" bob
check 'nobody at the address does not withhold its' 0 "$two" "$EICBOX" authkeys --imds http://127.0.0.1:1 \
	--no-ec2-check --timeout 1 --chain "$tmp/cmd" bob
check 'a --ca that is not there does not withhold its' 0 "$two" "$EICBOX" authkeys --imds "$url" --ca "$tmp/nothing" \
	--no-ec2-check --chain "$tmp/cmd" bob
check 'on a machine that is no instance it counts as well' 0 "$two" "$EICBOX" authkeys --imds "$url" \
	--sysfs-root "$tmp/none" --chain "$tmp/cmd" bob
check 'a name without path is wrong usage' 2 '' ask --chain 'echo hello' bob
check 'an open quote is wrong usage' 2 '' ask --chain "/bin/echo 'hello" bob

# --- for machines, and for the careful

check '--json leaves stdout alone' 0 "$one" ask --json bob
printf '%s\n' "$err" >"$tmp/json"
ok 'each line is a JSON object with its step' perl -MJSON::PP -ne 'ref decode_json($_) eq "HASH" && decode_json($_)->{step} or exit 1' \
	"$tmp/json"
like 'the key has its caller' '*"granted":true*"caller":"arn:aws:iam::123456789012:user/alice"*' "$(grep '"key"' "$tmp/json")"
like 'the end has the status' '*"step":"end","status":0,"keys":1,"requests":8,"connections":8,"rounds":4,*' "$(tail -n 1 "$tmp/json")"
if emulated; then
	skip 'it is confined while it waits for the network' 'qemu-user loads no filter of system calls'
else
	faults 'token silent'
	start "$EICBOX" authkeys --imds "$url" --no-ec2-check --timeout 60 bob
	confined() { grep -q '^Seccomp:.*2' "/proc/$pid/status" && grep -q '^NoNewPrivs:.*1' "/proc/$pid/status"; }
	ok 'it is confined while it waits for the network' wait_for 30 confined
	stop "$pid"
	calm
fi
done_testing
