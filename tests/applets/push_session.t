# push_session.t - keys of a session that 'aws sso login' or 'aws login' has left, and its renewal
. "${0%/*}/../lib.sh"
. "${0%/*}/../creds.sh"

# --- SSO ---
cat >"$config" <<END
[profile sso]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Admin/x
[sso-session my-sso]
sso_region = eu-west-1
sso_start_url = https://d-1.awsapps.com/start
[profile legacy]
sso_account_id = 123456789012
sso_role_name = Admin
sso_region = eu-west-1
sso_start_url = https://d-2.awsapps.com/start
[profile half]
sso_account_id = 123456789012
sso_session = my-sso
[profile torn]
sso_session = my-sso
sso_account_id = 123456789012
sso_role_name = Admin
sso_region = eu-west-2
[profile lost]
sso_session = nowhere
sso_account_id = 123456789012
sso_role_name = Admin
END
export AWS_ENDPOINT_URL_SSO=$other AWS_ENDPOINT_URL_SSO_OIDC=$other
cache=$tmp/.aws/sso/cache/$(printf my-sso | sha1sum | cut -c 1-40).json
legacy=$tmp/.aws/sso/cache/$(printf https://d-2.awsapps.com/start | sha1sum | cut -c 1-40).json
printf '{"startUrl":"x","accessToken":"TOKEN1","expiresAt":"2099-01-01T00:00:00Z"}' >"$cache"
printf '{"accessToken":"TOKEN2","expiresAt":"2099-01-01T00:00:00UTC"}' >"$legacy"
role='{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}'
printf '@ok application/json\n%s' "$role" >"$tmp/other/answer"
good 'an SSO session' 'ASIASSO token t ' -p sso
request=$(tr -d '\r' <"$tmp/other/request.$(last other)")
like 'the portal is asked for the role' \
	'GET /federation/credentials?role_name=Admin%2Fx&account_id=123456789012 HTTP/1.1*' "$request"
like 'with the cached token' '*x-amz-sso_bearer_token: TOKEN1*' "$request"
unlike 'and no signature' '*Authorization*' "$request"
bad 'a role without its name' '*sso_role_name is missing*' -p half
bad 'a session that contradicts its profile' '*sso_region is not the same*' -p torn
bad 'a session that is not there' '*there is no ?sso-session nowhere?*' -p lost
printf '{"accessToken":"OLD","expiresAt":"2020-01-01T00:00:00Z"}' >"$legacy"
bad 'a session that has expired' "*the session has expired: run 'aws sso login --profile legacy'" -p legacy
rm "$legacy"
bad 'a session that was never begun' "*$legacy*run 'aws sso login --profile legacy'" -p legacy
printf 'nonsense' >"$legacy"
bad 'a cache that is broken' "*run 'aws sso login --profile legacy'" -p legacy
printf '{"accessToken":"a b","expiresAt":"2099-01-01T00:00:00Z"}' >"$legacy"
bad 'a token with a blank' '*odd characters*' -p legacy
cat >"$cache" <<'END'
{"startUrl":"keep \"me\"","accessToken":"TOKEN1","expiresAt":"2020-01-01T00:00:00Z","refreshToken":"R1",
"clientId":"C","clientSecret":"S","registrationExpiresAt":"2099-01-01T00:00:00Z"}
END
n=$(last other)
printf '@ok application/json\n{"accessToken":"TOKEN3","expiresIn":28800,"refreshToken":"R2"}' >"$tmp/other/answer.$((n + 1))"
good 'a session that can be renewed' 'ASIASSO token t ' -p sso
like 'is renewed with its refresh token' \
	'POST /token *{"grantType":"refresh_token","clientId":"C","clientSecret":"S","refreshToken":"R1"}' \
	"$(cat "$tmp/other/request.$((n + 1))")"
like 'the new token is used' '*bearer_token: TOKEN3*' "$(cat "$tmp/other/request.$((n + 2))")"
like 'and kept with all that belongs to it' '*keep \\"me\\"*"accessToken": "TOKEN3"*"refreshToken": "R2"*' "$(cat "$cache")"
is 'for its owner only' 600 "$(stat -c %a "$cache")"
sed -i 's/"expiresAt": "[^"]*"/"expiresAt": "2020-01-01T00:00:00Z"/' "$cache"
n=$(last other)
printf '@status 400 application/json\n{"error":"invalid_grant","error_description":"gone"}' >"$tmp/other/answer.$((n + 1))"
bad 'a session that cannot be renewed' "*invalid_grant: gone: run 'aws sso login --profile sso'" -p sso
sed -i 's/"expiresAt": "[^"]*"/"expiresAt": "'"$(date -u -d '+100 seconds' +%Y-%m-%dT%H:%M:%SZ)"'"/' "$cache"
n=$(last other)
printf '@ok application/json\n{"accessToken":"HALF"}' >"$tmp/other/answer.$((n + 1))"
good 'a session with a moment left serves when its renewal is half' 'ASIASSO token t ' -p sso
like 'with the token that it has' '*bearer_token: TOKEN3*' "$(cat "$tmp/other/request.$((n + 2))")"

# --- two that would renew one session at once ---
# held FILE: a lock as a push takes it, on the folder of FILE, until $tmp/release is there
held() {
	rm -f "$tmp/held" "$tmp/release"
	start perl -MFcntl=:flock -e 'opendir my $d, $ARGV[0] or die; open my $fd, "<", $ARGV[0] or die; flock $fd, LOCK_EX or die;
		open my $o, ">", "$ARGV[1]/held"; for (1 .. 600) { exit if -e "$ARGV[1]/release"; select undef, undef, undef, 0.05 }' \
		"${1%/*}" "$tmp"
	wait_for 10 test -e "$tmp/held"
}
# waits FILE PROFILE: a push that finds FILE locked; $pid is its process, $log what it says
waits() {
	held "$1"
	rm -rf "$tmp/.aws/cli"
	start "$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -k "$line" -r us-east-1 -e "$eic" --debug -p "$2"
	ok "a renewal of $2 waits for one that is under way" wait_for 10 grep -q 'somebody else renews it' "$log"
}
old='"refreshToken":"R9","clientId":"C","clientSecret":"S","registrationExpiresAt":"2099-01-01T00:00:00Z"'
printf '{"accessToken":"TOKEN1","expiresAt":"2020-01-01T00:00:00Z",%s}' "$old" >"$cache"
n=$(last other)
waits "$cache" sso
is 'nobody is asked meanwhile' "$n" "$(last other)"
printf '{"accessToken":"TOKEN9","expiresAt":"2099-01-01T00:00:00Z",%s}' "$old" >"$cache.new"
mv "$cache.new" "$cache"
: >"$tmp/release"
wait "$pid"
like 'then it takes what the other one has got' '*"Success": true*' "$(cat "$log")"
like 'and renews nothing' 'GET */federation/*bearer_token: TOKEN9*' "$(cat "$tmp/other/request.$((n + 1))")"
is 'with one request' $((n + 1)) "$(last other)"
printf '{"accessToken":"TOKEN1","expiresAt":"2020-01-01T00:00:00Z",%s}' "$old" >"$cache"
n=$(last other)
printf '@ok application/json\n{"accessToken":"TOKEN8","expiresIn":28800,"refreshToken":"R8"}' >"$tmp/other/answer.$((n + 1))"
all() {
	all_pids=
	for i in 1 2 3 4 5 6; do
		kept "$@" >"$tmp/all.$i" 2>&1 &
		all_pids="$all_pids $!"
	done
	wait $all_pids
}
rm -rf "$tmp/.aws/cli"
all -p sso
is 'of six at once none fails' 6 "$(grep -l '"Success": true' "$tmp"/all.[1-6] | wc -l)" || note "$(cat "$tmp"/all.?)"
is 'for one of them has renewed it' 1 "$(cat "$tmp"/other/request.* | grep -c '"refreshToken":"R9"')"

# --- roles of SSO that were taken on before ---
kept_sso=$(cache '{"accountId":"123456789012","roleName":"Admin/x","sessionName":"my-sso"}')
kept_legacy=$(cache '{"accountId":"123456789012","roleName":"Admin","startUrl":"https://d-2.awsapps.com/start"}')
is "a role's keys are kept where the AWS CLI keeps them" \
	'{"ProviderType":"sso","Credentials":{"AccessKeyId":"ASIASSO","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z","AccountId":"123456789012"}}' \
	"$(cat "$kept_sso")"
is 'for their owner only' '700 600' "$(stat -c %a "$tmp/.aws/cli/cache" "$kept_sso" | tr '\n' ' ' | sed 's/ $//')"
# silent NAME KEYS OPTION...: the push goes with what was kept, and nobody is asked for keys
silent() {
	tap_words=$1 tap_keys=$2 tap_before=$(last other)
	shift 2
	check "$tap_words" 0 '*true*' kept "$@"
	is "$tap_words: with these keys" "$tap_keys" "$(used)"
	is "$tap_words: nobody was asked" "$tap_before" "$(last other)"
}
silent 'the next push takes them' 'ASIASSO token t ' -p sso
keep "$kept_legacy" ASIALEGACY 2099-01-01T00:00:00Z
rm -f "$legacy"
silent 'also without a session' 'ASIALEGACY token t ' -p legacy
keep "$kept_sso" ASIAOLD "$(date -u -d '+5 minutes' +%Y-%m-%dT%H:%M:%SZ)"
check 'keys that soon end are not used' 0 '*true*' kept -p sso
is 'but got anew' 'ASIASSO token t ' "$(used)"
rm -rf "$tmp/.aws/cli"
: >"$tmp/.aws/cli"
good 'a folder that cannot be made is no obstacle' 'ASIASSO token t ' -p sso
printf '{"accessToken":"TOKEN4","expiresAt":"2099-01-01T00:00:00Z"}' >"$cache"
printf '@status 401 application/json\n{"message":"Session token not found or invalid"}' >"$tmp/other/answer"
bad 'a session that the portal does not know' "*Session token not found or invalid: run 'aws sso login*" -p sso

# --- aws login ---
session=arn:aws:sts::123456789012:federated-user/me
login=$tmp/.aws/login/cache/$(printf %s "$session" | sha256sum | cut -c 1-64).json
printf '[profile login]\nlogin_session = %s\n' "$session" >"$config"
printf '{"accessToken":{"accessKeyId":"ASIALOGIN","secretAccessKey":"s","sessionToken":"t","expiresAt":"%s"}}' \
	2099-01-01T00:00:00Z >"$login"
good 'a login session' 'ASIALOGIN token t ' -p login
sed -i s/2099/2020/ "$login"
bad 'a login session that cannot be renewed' "*expired: no clientId to renew it with: run 'aws login --profile login'" -p login
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/dpop.pem"
openssl ec -in "$tmp/dpop.pem" -pubout -out "$tmp/dpop.pub" 2>/dev/null
# cached EXPIRY PEM: what 'aws login' has left
cached() {
	printf '{"accessToken":{"accessKeyId":"ASIALOGIN","secretAccessKey":"s","sessionToken":"t","accountId":"123456789012",'
	printf '"expiresAt":"%s"},"clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"R1","n":7,' "$1"
	printf '"idToken":"I","dpopKey":"%s"}' "$(sed 's/$/\\n/' "$2" | tr -d '\n')"
}
# proven NAME: the token of the last request is a proof that openssl believes
proven() {
	jwt=$(sed -n 's/^DPoP: \([A-Za-z0-9_.-]*\)\r*$/\1/p' "$tmp/other/request.$(last other)")
	perl -MMIME::Base64 -e '
		my ($text, $sig) = $ARGV[0] =~ /(.*)\.(.*)/ or exit 1;
		my ($r, $s) = unpack "a32a32", decode_base64($sig =~ tr{-_}{+/}r);
		my $der = join "", map { s/^\0+//; $_ = "\0$_" if ord >= 128; "\2" . chr(length) . $_ } $r, $s;
		open my $out, ">:raw", "$ARGV[1].sig"; print $out "0" . chr(length $der) . $der; close $out;
		open $out, ">:raw", "$ARGV[1].text"; print $out $text; close $out;
		print join " ", map { decode_base64(tr{-_}{+/}r) } split /\./, $text;' "$jwt" "$tmp/proof" >"$tmp/proof.json"
	ok "$1" openssl dgst -sha256 -verify "$tmp/dpop.pub" -signature "$tmp/proof.sig" "$tmp/proof.text"
}
export AWS_ENDPOINT_URL_SIGNIN="$other/"
renewed='{"accessToken":{"accessKeyId":"ASIANEW","secretAccessKey":"s2","sessionToken":"t2"},"tokenType":"aws_sigv4",'
renewed=$renewed'"expiresIn":900,"refreshToken":"R2"}'
printf '@ok application/json\n%s' "$renewed" >"$tmp/other/answer"
cached 2020-01-01T00:00:00Z "$tmp/dpop.pem" >"$login"
good 'a login session that is over is renewed' 'ASIANEW token t2 ' -p login
like 'with its refresh token' \
	'POST /v1/token *{"grantType":"refresh_token","clientId":"arn:aws:signin:::devtools/same-device","refreshToken":"R1"}' \
	"$(cat "$tmp/other/request.$(last other)")"
unlike 'and no signature of AWS' '*Authorization:*' "$(cat "$tmp/other/request.$(last other)")"
proven 'but a proof that we hold its key'
like 'for this request' '{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"*"}} '"{\"jti\":\"*\",\"htm\":\"POST\",\"htu\":\"$other/v1/token\",\"iat\":*}" \
	"$(cat "$tmp/proof.json")"
unlike 'which keeps the key itself' '*"d":*' "$(cat "$tmp/proof.json")"
like 'what came is kept with all that belongs to it' \
	'*"ASIANEW"*"s2"*"t2"*"123456789012"*"expiresAt"*"refreshToken": "R2"*"n": 7*"idToken": "I"*BEGIN EC PRIVATE KEY*' \
	"$(cat "$login")"
is 'for its owner only' 600 "$(stat -c %a "$login")"
cached 2020-01-01T00:00:00Z "$tmp/dpop.pem" >"$login"
n=$(last other)
printf '@status 503 text/plain\nlater' >"$tmp/other/answer.$((n + 1))"
good 'a renewal that is tried again' 'ASIANEW token t2 ' -p login
is 'took two requests' $((n + 2)) "$(last other)"
proof() {
	sed -n 's/^DPoP: [^.]*\.\([A-Za-z0-9_-]*\).*/\1/p' "$tmp/other/request.$1"
}
proven 'the second is proven too'
unlike 'with a proof of its own' "$(proof $((n + 1)))" "$(proof $((n + 2)))"
cached 2020-01-01T00:00:00Z "$tmp/dpop.pem" >"$login"
n=$(last other)
waits "$login" login
cached 2099-01-01T00:00:00Z "$tmp/dpop.pem" >"$login.new"
mv "$login.new" "$login"
: >"$tmp/release"
wait "$pid"
like 'and goes on with what the other one has got' '*"Success": true*' "$(cat "$log")"
is 'without a request' "$n" "$(last other)"
is 'signed with its keys' 'ASIALOGIN token t ' "$(used)"
cached 2020-01-01T00:00:00Z "$tmp/dpop.pem" >"$login"
printf '@status 400 application/json\n{"error":"TOKEN_EXPIRED","message":"gone"}' >"$tmp/other/answer"
printf '@ok application/json\n%s' "$renewed" >"$tmp/other/answer.$((n + 1))"
all -p login
is 'of six at once none fails' 6 "$(grep -l '"Success": true' "$tmp"/all.[1-6] | wc -l)" || note "$(cat "$tmp"/all.?)"
n=$(last other)
good 'what was renewed serves the next push' 'ASIANEW token t2 ' -p login
is 'which asks nobody' "$n" "$(last other)"
printf '@status 400 application/json\n{"error":"TOKEN_EXPIRED","message":"gone"}' >"$tmp/other/answer"
sed -i 's/"expiresAt": "[^"]*"/"expiresAt": "'"$(date -u -d '+100 seconds' +%Y-%m-%dT%H:%M:%SZ)"'"/' "$login"
good 'keys with a moment left serve when they cannot be renewed' 'ASIANEW token t2 ' -p login
cached 2020-01-01T00:00:00Z "$tmp/dpop.pem" >"$login"
bad 'a login session that is over for good' "*has expired: TOKEN_EXPIRED: gone: run 'aws login --profile login'" -p login
like 'whose file is left alone' '*ASIALOGIN*"R1"*' "$(cat "$login")"
printf '@ok application/json\n{"accessToken":{"accessKeyId":"A"},"expiresIn":900}' >"$tmp/other/answer"
bad 'half an answer' "*has expired: *: run 'aws login *" -p login
printf '@ok application/json\n%s' '{"accessToken":{"accessKeyId":"A","secretAccessKey":"s"}}' >"$tmp/other/answer"
bad 'an answer without an end' "*no expiresIn: run 'aws login *" -p login
n=$(last other)
openssl ecparam -name secp384r1 -genkey -noout -out "$tmp/p384.pem"
cached 2020-01-01T00:00:00Z "$tmp/p384.pem" >"$login"
bad 'a key on another curve' "*not a key on P-256: run 'aws login *" -p login
cached 2020-01-01T00:00:00Z /dev/null >"$login"
bad 'a key that is none' "*run 'aws login *" -p login
is 'with which nobody is asked' "$n" "$(last other)"
unset AWS_ENDPOINT_URL_SIGNIN
rm "$login"
bad 'a login session without its file' "*run 'aws login --profile login'" -p login

done_testing
