# push_tls.t - push against the TLS server of OpenSSL: who is believed, and who is not
. "${0%/*}/../lib.sh"

no_settings
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret
line='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
id=i-1234567890abcdef0
printf 'HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n{"RequestId":"0f1e2d3c","Success":true}' >"$tmp/answer"

# authority NAME: a root
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/$1.key" \
		-out "$tmp/$1.pem" -subj "/CN=$1" -days 30 2>/dev/null
}

# certificate NAME CA SAN USE [KEY OPTIONS]: a server's certificate under CA; $dates can shift its life
certificate() {
	printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$3" "$4" >"$tmp/ext"
	cert_name=$1 cert_ca=$2
	shift 4
	[ $# -gt 0 ] || set -- -newkey ec -pkeyopt ec_paramgen_curve:P-256
	openssl req "$@" -nodes -keyout "$tmp/$cert_name.key" -out "$tmp/csr" -subj /CN=server 2>/dev/null
	: >"$tmp/index.txt"
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\npolicy=p\ndefault_md=%s\nrand_serial=yes\n[p]\ncommonName=supplied\n' \
		"$tmp/index.txt" "$tmp" "${digest:-sha256}" >"$tmp/ca.cnf"
	openssl ca -batch -config "$tmp/ca.cnf" -cert "$tmp/$cert_ca.pem" -keyfile "$tmp/$cert_ca.key" \
		-in "$tmp/csr" -out "$tmp/$cert_name.pem" -extfile "$tmp/ext" -notext \
		${dates:--days 20} >/dev/null 2>&1
}

# serve CERTIFICATE OPTION...: a TLS server that answers one request
serve() {
	port=$(free_port)
	serve_name=$1
	shift
	rm -f "$tmp/fifo"
	mkfifo "$tmp/fifo"
	# a fifo that the server itself holds open has no end
	start sh -c 'exec 3<>"$2"; cat "$1" >&3; shift 2; exec openssl s_server "$@" <&3 3<&-' sh "$tmp/answer" \
		"$tmp/fifo" -quiet -accept "127.0.0.1:$port" -cert "$tmp/$serve_name.pem" \
		-key "$tmp/$serve_name.key" "$@"
	wait_for 10 listens
}

listens() {
	grep -qi ":$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp
}

push() {
	"$EICBOX" push -i $id -u ec2-user -k "$line" -r us-east-1 -e "https://${host:-localhost}:$port" --debug "$@"
}

# believed NAME CERTIFICATE PUSH-OPTIONS -- SERVER-OPTIONS
believed() {
	tap_words=$1
	serve "$2" $4
	check "$tap_words" 0 '*"Success": true*' push $3
	like "$tap_words: the request came" '*POST*' "$(cat "$log")"
	stop $pid
}

# refused NAME WORDS CERTIFICATE PUSH-OPTIONS SERVER-OPTIONS
refused() {
	tap_words=$1 tap_said=$2
	serve "$3" $5
	check "$tap_words" 1 '' push $4
	err_like "$tap_words: the line says so" "*push: $id: $tap_said"
	unlike "$tap_words: nothing was sent" '*POST*' "$(cat "$log")"
	stop $pid
}

authority ca
authority other
certificate good ca DNS:localhost,IP:127.0.0.1 serverAuth
certificate rsa ca DNS:localhost serverAuth -newkey rsa:2048
certificate wild ca 'DNS:*.localhost' serverAuth
certificate weak ca DNS:localhost serverAuth -newkey rsa:1024
certificate elsewhere ca DNS:example.com serverAuth
certificate client ca DNS:localhost clientAuth
dates='-startdate 20200101000000Z -enddate 20200201000000Z' certificate expired ca DNS:localhost serverAuth
dates='-startdate 20900101000000Z -enddate 20910101000000Z' certificate future ca DNS:localhost serverAuth
digest=sha1 certificate sha1 ca DNS:localhost serverAuth
cat "$tmp/other.pem" "$tmp/ca.pem" >"$tmp/bundle.pem"
ok 'the certificates are there' test -s "$tmp/sha1.pem"

trust="--ca-bundle $tmp/ca.pem"
believed 'TLS 1.3 is spoken' good "$trust" -tls1_3
err_like 'and named with --debug' '*localhost: TLSv1.3, *'
believed 'TLS 1.2 is spoken' good "$trust" -tls1_2
err_like 'and named with --debug' '*localhost: TLSv1.2, *'
believed 'an RSA certificate holds' rsa "$trust" -tls1_2
believed 'the right root may stand behind others' good "--ca-bundle $tmp/bundle.pem" ''
host=127.0.0.1 believed 'an address is a name too' good "$trust" ''
believed '--no-verify-ssl believes anybody' elsewhere --no-verify-ssl ''
AWS_CA_BUNDLE=$tmp/ca.pem believed 'AWS_CA_BUNDLE is trusted' good '' ''
mkdir "$tmp/.aws"
printf '[default]\nca_bundle = ~/ca.pem\n' >"$tmp/.aws/config"
believed "the profile's ca_bundle is trusted" good '' ''
AWS_CA_BUNDLE=$tmp/other.pem refused 'the environment goes before it' '*not under any trusted one' good '' ''
AWS_CA_BUNDLE=$tmp/other.pem believed 'the option goes before the environment' good "$trust" ''
rm "$tmp/.aws/config"
host=a.localhost refused 'a wildcard is for one label' '*' wild "$trust" ''

refused 'another name is refused' 'localhost: TLS: its certificate is for another name' elsewhere "$trust" ''
host=127.0.0.1 refused 'a name is not an address' '*for another name' rsa "$trust" ''
refused 'a wildcard does not cover its own domain' '*for another name' wild "$trust" ''
refused 'an unknown root is refused' '*not under any trusted one' good "--ca-bundle $tmp/other.pem" ''
refused "an unknown root is refused by the system's bundle" '*not under any trusted one' good '' ''
refused 'an expired certificate is refused' '*has expired' expired "$trust" ''
refused 'a certificate of tomorrow is refused' '*not valid yet*' future "$trust" ''
refused 'a client certificate is refused' '*not for servers' client "$trust" ''
refused 'a weak key is refused' '*' weak "$trust" '-cipher DEFAULT@SECLEVEL=0'
refused 'a SHA-1 signature is refused' '*' sha1 "$trust" '-cipher DEFAULT@SECLEVEL=0'
refused 'TLS 1.1 is refused' '*' good "$trust" '-tls1_1 -cipher DEFAULT@SECLEVEL=0'
refused 'TLS 1.0 is refused' '*' good "$trust" '-tls1 -cipher DEFAULT@SECLEVEL=0'
serve good
check 'a bundle that is missing is named' 1 '' push --ca-bundle "$tmp/none.pem"
err_like 'with its path' "*$tmp/none.pem: *"
: >"$tmp/empty.pem"
check 'an empty bundle trusts nobody else' 1 '' push --ca-bundle "$tmp/empty.pem"
stop $pid

# several pushes over one session
secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
printf '{"accounts":[{"id":"111122223333","users":[{"name":"u","accessKeys":[{"id":"AKIAIOSFODNN7EXAMPLE","secret":"%s"}],"policies":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]}],"instances":[{"id":"%s1","region":"us-east-1"},{"id":"%s2","region":"us-east-1"},{"id":"%s3","region":"us-east-1"}]}]}' \
	"$secret" $id $id $id >"$tmp/world.json"
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 --ca-out "$tmp/mock.pem" --config "$tmp/world.json" -v
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
port=$(sed -n 's,.* https://127.0.0.1:\([0-9]*\) .*,\1,p' "$log")
check 'three pushes' 0 '*true*true*true*' env AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY=$secret "$EICBOX" push -i ${id}1 -i ${id}2 -i ${id}3 -u ec2-user -k "$line" -r us-east-1 \
	-e "https://localhost:$port" --ca-bundle "$tmp/mock.pem" --jobs 1
is 'make one handshake' 1 "$(sed -n 's/.*127.0.0.1:\([0-9]*\) "POST.*/\1/p' "$log" | sort -u | grep -c .)"
is 'and three requests' 3 "$(grep -c '"POST /"' "$log")"
stop $pid

# a plain server, and one that says nothing
server plain
port=${url##*:}
check 'a server without TLS is refused' 1 '' push $trust --cli-connect-timeout 2

# --- through a proxy ---
mkdir "$tmp/proxy"
start "$TOP/tests/proxy" "$tmp/proxy"
wait_for 10 test -s "$tmp/proxy/port"
proxy=127.0.0.1:$(cat "$tmp/proxy/port")
export HTTPS_PROXY=http://me:se%20cret@$proxy
believed 'a tunnel through a proxy' good "$trust" ''
head=$(tr -d '\r' <"$tmp/proxy/log")
like 'is asked for with the name' "CONNECT localhost:$port HTTP/1.1*Host: localhost:$port*" "$head"
like 'and the password' "*Proxy-Authorization: Basic $(printf 'me:se cret' | base64)*" "$head"
unlike 'the request itself is not shown to the proxy' '*POST*' "$head"
refused 'another name is refused through a proxy too' '*for another name' elsewhere "$trust" ''
: >"$tmp/proxy/log"
NO_PROXY=example.com,localhost believed 'NO_PROXY goes past it' good "$trust" ''
is 'it was not asked' '' "$(cat "$tmp/proxy/log")"
https_proxy=http://127.0.0.1:1 refused 'the lower-case variable goes first' '*127.0.0.1:1: connection refused' good \
	"$trust" ''
printf 'HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n' >"$tmp/proxy/refuse"
refused 'a proxy that does not take our password is named' \
	"proxy $proxy (HTTPS_PROXY): status 407: it does not take that user and password" good "$trust" ''
https_proxy=$proxy refused 'a proxy that wants one is named' \
	"proxy $proxy (https_proxy): status 407: it wants http://USER:PASSWORD@HOST:PORT" good "$trust" ''
printf 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n' >"$tmp/proxy/refuse"
: >"$tmp/proxy/log"
refused 'a proxy that forbids the host is named' \
	"proxy $proxy (HTTPS_PROXY): no tunnel to localhost: status 403: ask who runs it, or name the host in NO_PROXY" \
	good "$trust" ''
is 'and not asked again' 1 "$(grep -c CONNECT "$tmp/proxy/log")"
printf 'HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n' >"$tmp/proxy/refuse"
: >"$tmp/proxy/log"
refused 'a proxy that cannot now is named' "proxy $proxy (HTTPS_PROXY): no tunnel to localhost: status 503: *" good "$trust" ''
is 'after three attempts' 3 "$(grep -c CONNECT "$tmp/proxy/log")"
HTTPS_PROXY=https://$proxy refused 'a proxy over TLS is not spoken to' 'HTTPS_PROXY: only http://*' good "$trust" ''
done_testing
