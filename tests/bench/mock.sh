#!/bin/sh
# mock.sh - metadata-mock beside nginx, which answers a constant and checks nothing: the ceiling
#
# CPU and wall time are for 1,000 requests, of the server alone; the load comes from tests/bench/load.c on the same machine.
. "${0%/*}/lib.sh"

load=$BUILD/bench/load
[ "$load" -nt "$TOP/tests/bench/load.c" ] || gcc -std=gnu11 -O2 -o "$load" "$TOP/tests/bench/load.c" || exit 1
requests=${BENCH_REQUESTS:-200000}
tick=$(getconf CLK_TCK)

cpu_ms() { # of a process so far
	awk -v t="$tick" '{ print ($14 + $15) * 1000 / t }' "/proc/$1/stat"
}

rss() {
	awk '/VmRSS/ { print $2 }' "/proc/$1/status"
}

# under PID PORT CONNECTIONS REQUESTS FILE...: sets $cpu and $wall per 1,000 requests, $p50 and $p99 in microseconds
under() {
	server=$1
	shift
	before=$(cpu_ms "$server")
	"$load" "$@" >"$tmp/result" || return 1
	read -r all p50 p99 bad <"$tmp/result"
	cpu=$(awk -v a="$(cpu_ms "$server")" -v b="$before" -v n="$3" 'BEGIN { printf "%.2f", (a - b) * 1000 / n }')
	wall=$(awk -v w="$all" -v n="$3" 'BEGIN { printf "%.2f", w * 1000 / n }')
	[ "$bad" -eq 0 ] || note "$bad answers were not 200"
}

# print NAME RUNS CPU WALL MEMORY PEERS...
print() {
	printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@"
}

mock() {
	start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" "$@"
	wait_for 30 grep -q ready "$log" || exit 1
	mock_pid=$pid
	port=$(sed -n 's,.*ready at http://127.0.0.1:\([0-9]*\).*,\1,p' "$log")
}

# --- a leaf

peer_cpu=- peer_wall=- peer_mem=- ratio=- speed=-
if root=$("$TOP/tools/unpack" nginx 2>/dev/null) && [ -x "$root/usr/sbin/nginx" ]; then
	peer_port=$(free_port)
	mkdir -p "$tmp/nginx"
	cat >"$tmp/nginx/conf" <<END
worker_processes 1; daemon off; pid $tmp/nginx/pid; error_log $tmp/nginx/error;
events { worker_connections 512; }
http { access_log off; keepalive_requests 100000000;
	client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
	server { listen 127.0.0.1:$peer_port;
	location / { default_type text/plain; return 200 "i-0123456789abcdef0"; } } }
END
	export LD_LIBRARY_PATH="$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
	start "$root/usr/sbin/nginx" -p "$tmp/nginx" -e "$tmp/nginx/error" -c "$tmp/nginx/conf"
	nginx=$pid
	unset LD_LIBRARY_PATH
	wait_for 5 curl -sf "http://127.0.0.1:$peer_port/" || nginx=
	worker=$(pgrep -P "$nginx" 2>/dev/null)
	printf 'GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n' >"$tmp/peer"
	if [ -n "$worker" ] && under "$worker" "$peer_port" 16 "$requests" "$tmp/peer"; then
		peer_cpu=$cpu peer_wall=$wall peer_mem=$(rss "$worker")
	fi
	stop "$nginx"
fi

mock
idle=$(rss "$mock_pid")
token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "http://127.0.0.1:$port/latest/api/token")
printf 'GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nX-aws-ec2-metadata-token: %s\r\n\r\n' "$token" >"$tmp/get"
under "$mock_pid" "$port" 16 "$requests" "$tmp/get"
[ "$peer_cpu" = - ] || {
	ratio=$(awk -v a="$cpu" -v b="$peer_cpu" 'BEGIN { printf "%.2f", a / b }')
	speed=$(awk -v a="$wall" -v b="$peer_wall" 'BEGIN { printf "%.2f", b / a }')
}
print "metadata-mock: 1,000 GET of a leaf with a token, 16 connections; peer: nginx, a constant ($speed of its requests a second)" "$requests" "$cpu" "$wall" \
	"$(rss "$mock_pid")" "$peer_cpu" "$peer_wall" "$peer_mem" "$ratio"
print 'metadata-mock: idle' 1 - - "$idle" - - - -
stop "$mock_pid"

# --- a thousand instances

perl -e 'print "{\"accounts\": [{\"id\": \"111122223333\", \"instances\": [",
	join(",\n", map { sprintf "{\"id\": \"i-%08x\", \"tags\": {\"Name\": \"n%d\"}}", $_, $_ } 1 .. 1000), "]}]}"' >"$tmp/fleet.json"
mock --config "$tmp/fleet.json"
token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "http://127.0.0.1:$port/latest/api/token")
printf 'GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: 127.0.0.1\r\nX-aws-ec2-metadata-token: %s\r\n\r\n' "$token" >"$tmp/get"
under "$mock_pid" "$port" 16 "$requests" "$tmp/get"
print 'metadata-mock: the same with 1,000 instances' "$requests" "$cpu" "$wall" "$(rss "$mock_pid")" - - - -
stop "$mock_pid"

# --- starting

printf 'a=1\n' >"$tmp/none"
cat >"$tmp/first" <<'END'
#!/bin/sh
# starts a mock, takes its first token and stops it
fifo=$(mktemp -u)
mkfifo "$fifo"
"$1" metadata-mock --listen 127.0.0.1:0 --state "$2" >"$fifo" 2>/dev/null &
read -r line <"$fifo"
port=${line#*127.0.0.1:}
curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "http://127.0.0.1:${port%% *}/latest/api/token" >/dev/null
kill $!
wait
rm -f "$fifo"
END
chmod +x "$tmp/first"
row 'metadata-mock: start to first token, with a state folder (a shell and curl included)' 20 "$tmp/first $EICBOX $tmp/state" -

# --- pushes: 30 users, because one user's keys are limited; each request is signed once and sent again

cat >"$tmp/sign.pl" <<'END'
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use POSIX qw(strftime);
my ($folder, $port) = @ARGV;
my ($id, $secret) = ('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
my $time = strftime('%Y%m%dT%H%M%SZ', gmtime);
my $scope = substr($time, 0, 8) . '/us-east-1/ec2-instance-connect/aws4_request';
for my $n (1 .. 30) {
	my $body = '{"InstanceId":"i-0123456789abcdef0","InstanceOSUser":"user' . $n . '","SSHPublicKey":"ssh-ed25519 '
		. 'AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"}';
	my $target = 'AWSEC2InstanceConnectService.SendSSHPublicKey';
	my $canonical = join("\n", 'POST', '/', '', "host:127.0.0.1:$port", "x-amz-date:$time", "x-amz-target:$target", '',
		'host;x-amz-date;x-amz-target', sha256_hex($body));
	my $key = "AWS4$secret";
	$key = hmac_sha256($_, $key) for split m{/}, $scope;
	my $signature = hmac_sha256_hex(join("\n", 'AWS4-HMAC-SHA256', $time, $scope, sha256_hex($canonical)), $key);
	open my $f, '>', "$folder/push$n" or die;
	print $f "POST / HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nX-Amz-Date: $time\r\nX-Amz-Target: $target\r\n",
		"Authorization: AWS4-HMAC-SHA256 Credential=$id/$scope, SignedHeaders=host;x-amz-date;x-amz-target, Signature=$signature\r\n",
		'Content-Length: ', length($body), "\r\n\r\n$body";
}
END
for clients in 1 10 100; do
	mock
	perl "$tmp/sign.pl" "$tmp" "$port"
	under "$mock_pid" "$port" "$clients" 1800 "$tmp"/push*
	print "metadata-mock: 1,000 pushes, $clients clients (one: p50 $p50 us, p99 $p99 us)" 1800 "$cpu" "$wall" "$(rss "$mock_pid")" - - - -
	stop "$mock_pid"
done
