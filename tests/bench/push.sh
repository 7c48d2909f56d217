#!/bin/sh
# push.sh - one push beside the AWS CLI, and over HTTPS beside the handshake of openssl s_client with the same server
. "${0%/*}/lib.sh"

export HOME="$tmp" AWS_EC2_METADATA_DISABLED=true AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL http_proxy HTTP_PROXY https_proxy HTTPS_PROXY
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --ca-out "$tmp/ca.pem" --state "$tmp/state" \
	--key-ttl 1
wait_for 30 grep -q ready "$log" || exit 1
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
port=$(sed -n 's,.* https://127.0.0.1:\([0-9]*\) .*,\1,p' "$log")
"$EICBOX" keygen -q -f "$tmp/key" -C ''
options="--instance-id i-0123456789abcdef0 --instance-os-user ec2-user --ssh-public-key file://$tmp/key.pub"

peer=-
[ ! -x /usr/bin/aws ] || peer="/usr/bin/aws ec2-instance-connect send-ssh-public-key $options --endpoint-url $url"
row 'push over HTTP; peer: the AWS CLI' 20 "$EICBOX push $options --endpoint-url $url" "$peer"
row 'push over HTTPS; peer: openssl s_client, handshake only' 100 \
	"$EICBOX push $options --endpoint-url https://localhost:$port --ca-bundle $tmp/ca.pem" \
	"openssl s_client -connect localhost:$port -CAfile $tmp/ca.pem -verify_return_error -verify_hostname localhost -brief"
cat /etc/ssl/certs/ca-certificates.crt "$tmp/ca.pem" >"$tmp/bundle.pem" 2>/dev/null || exit 0
row "the same, and the root behind $(grep -c BEGIN "$tmp/bundle.pem") others" 100 \
	"$EICBOX push $options --endpoint-url https://localhost:$port --ca-bundle $tmp/bundle.pem" \
	"openssl s_client -connect localhost:$port -CAfile $tmp/bundle.pem -verify_return_error -verify_hostname localhost -brief"
