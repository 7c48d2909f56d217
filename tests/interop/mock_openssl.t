#!/bin/sh
# mock_openssl.t - openssl, asked as the shell agent asks it, accepts the mock's chain, staples and signatures
. "${0%/*}/../lib.sh"

line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'

mock() {
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --ca-out "$tmp/ca.pem" "$@"
	wait_for 20 grep -q ready "$log" || return 1
	url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
}

ask() {
	curl -sf -m 10 -H "X-aws-ec2-metadata-token: $token" "$url/latest/$1"
}

mock
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$url/latest/api/token")
curl -sf --aws-sigv4 aws:amz:us-east-1:ec2-instance-connect --user AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY \
	-H 'X-Amz-Target: AWSEC2InstanceConnectService.SendSSHPublicKey' -H 'Content-Type: application/x-amz-json-1.1' \
	-d '{"InstanceId":"i-0123456789abcdef0","InstanceOSUser":"ec2-user","SSHPublicKey":"'"$line"'"}' "$url/" >/dev/null

# one file for each certificate of the chain, the leaf first
ask meta-data/managed-ssh-keys/signer-cert/ >"$tmp/chain.pem"
awk -v dir="$tmp" '/BEGIN CERTIFICATE/ { n++ } { print >(dir "/cert" n ".pem") }' "$tmp/chain.pem"
is 'the chain has three certificates' 3 "$(grep -c BEGIN "$tmp/chain.pem")"

# --- certificates

check "the leaf's subject is the signer's name" 0 '*CN = managed-ssh-signer.us-east-1.amazonaws.com' \
	openssl x509 -noout -subject -in "$tmp/cert1.pem"
check 'the leaf verifies, strictly' 0 '*OK' \
	openssl verify -x509_strict -CAfile "$tmp/ca.pem" -untrusted "$tmp/chain.pem" "$tmp/cert1.pem"
check 'the intermediate verifies, strictly' 0 '*OK' openssl verify -x509_strict -CAfile "$tmp/ca.pem" "$tmp/cert2.pem"
check 'the root verifies, strictly' 0 '*OK' openssl verify -x509_strict -CAfile "$tmp/ca.pem" "$tmp/ca.pem"
check 'without the root nothing verifies' 2 '*' openssl verify -no-CAfile -no-CApath -untrusted "$tmp/chain.pem" "$tmp/cert1.pem"
ok 'the last of the chain is the root' cmp "$tmp/cert3.pem" "$tmp/ca.pem"
check "the leaf's alternative name is its name" 0 '*DNS:managed-ssh-signer.us-east-1.amazonaws.com*' \
	openssl x509 -noout -ext subjectAltName -in "$tmp/cert1.pem"
check 'the leaf may serve and be a client' 0 '*TLS Web Server Authentication, TLS Web Client Authentication*' \
	openssl x509 -noout -ext extendedKeyUsage -in "$tmp/cert1.pem"
check 'the root may sign certificates' 0 '*critical*Certificate Sign*' openssl x509 -noout -ext keyUsage -in "$tmp/ca.pem"
check 'the root is a CA, and that is critical' 0 '*critical*CA:TRUE*' openssl x509 -noout -ext basicConstraints -in "$tmp/ca.pem"
check 'the intermediate signs no further CA' 0 '*CA:TRUE, pathlen:0*' \
	openssl x509 -noout -ext basicConstraints -in "$tmp/cert2.pem"
check 'the root lives 29 days at least' 0 '*' openssl x509 -noout -checkend 2505600 -in "$tmp/ca.pem"
check 'and 31 days at most' 1 '*' openssl x509 -noout -checkend 2678400 -in "$tmp/ca.pem"
like 'the root says that it is not AWS' '*not AWS*' "$(openssl x509 -noout -subject -in "$tmp/ca.pem")"
is 'the leaf is RSA-2048' 2048 "$(openssl x509 -noout -text -in "$tmp/cert1.pem" | sed -n 's/.*Public-Key: (\([0-9]*\) bit)/\1/p')"

# --- staples

ask meta-data/managed-ssh-keys/signer-ocsp/ >"$tmp/names"
echo >>"$tmp/names"
is 'there are two staples' 2 "$(grep -c . "$tmp/names")"

# staple N: the one of certificate N, found by its SHA-1 fingerprint
staple() {
	print=$(openssl x509 -noout -fingerprint -sha1 -in "$tmp/cert$1.pem" | sed 's/.*=//; s/://g')
	grep -qx "$print" "$tmp/names" || return 1
	ask "meta-data/managed-ssh-keys/signer-ocsp/$print" | openssl base64 -d -A >"$tmp/staple$1"
}

for n in 1 2; do
	ok "certificate $n has a staple by its fingerprint" staple $n
	next=$((n + 1))
	check "and openssl says good" 0 "$tmp/cert$n.pem: good*" openssl ocsp -no_nonce -issuer "$tmp/cert$next.pem" \
		-cert "$tmp/cert$n.pem" -VAfile "$tmp/cert$next.pem" -respin "$tmp/staple$n"
	unlike 'without a warning' '*WARNING*' "$err"
done
unlike 'a staple is not good for another certificate' "*: good*" "$(openssl ocsp -no_nonce -issuer "$tmp/cert3.pem" \
	-cert "$tmp/cert2.pem" -VAfile "$tmp/cert3.pem" -respin "$tmp/staple1" 2>/dev/null)"

# --- the signature of a block

ask meta-data/managed-ssh-keys/active-keys/ec2-user/ >"$tmp/blob"
sed -n '/^#/p; /^ssh/p' "$tmp/blob" >"$tmp/signed"
sed -e '/^#/d' -e '/^ssh/d' -e '/^$/d' "$tmp/blob" | openssl base64 -d -A >"$tmp/signature"
openssl x509 -pubkey -noout -in "$tmp/cert1.pem" >"$tmp/public"
is 'the signature has 256 bytes' 256 "$(wc -c <"$tmp/signature")"
verify() {
	openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:$1" -verify "$tmp/public" \
		-signature "$tmp/signature" "$2"
}
check 'it verifies with a salt of 32 bytes' 0 'Verified OK' verify 32 "$tmp/signed"
check 'and not with one of 31' 1 '*' verify 31 "$tmp/signed"
sed '1s/=/=9/' "$tmp/signed" >"$tmp/later"
check 'nor with another time' 1 '*' verify 32 "$tmp/later"
printf '%s' "$(cat "$tmp/signed")" >"$tmp/cut"
check 'nor without the last line feed' 1 '*' verify 32 "$tmp/cut"

done_testing
