#!/bin/sh
# mock_netns.t - the mock at 169.254.169.254 in a namespace, and the hop limit of its tokens across a router
. "${0%/*}/../lib.sh"

ns=eicboxt$$
cleanup_ns() {
	for n in c r s; do
		ip netns del "$ns$n" 2>/dev/null
	done
	tap_cleanup
}
trap cleanup_ns EXIT

ip netns add "${ns}s" 2>"$tmp/why" || {
	cannot 'the mock at 169.254.169.254' "network namespaces cannot be made: $(cat "$tmp/why")"
	done_testing
}

in_ns() {
	n=$1
	shift
	ip netns exec "$ns$n" "$@"
}

# client 10.9.1.2 - 10.9.1.1 router 10.9.2.1 - 10.9.2.2 server
ip netns add "${ns}r" && ip netns add "${ns}c" || note 'no further namespaces'
ip -n "${ns}r" link add toc type veth peer name eth0 netns "${ns}c"
ip -n "${ns}r" link add tos type veth peer name eth0 netns "${ns}s"
ip -n "${ns}r" addr add 10.9.1.1/24 dev toc
ip -n "${ns}r" addr add 10.9.2.1/24 dev tos
ip -n "${ns}c" addr add 10.9.1.2/24 dev eth0
ip -n "${ns}s" addr add 10.9.2.2/24 dev eth0
ip -n "${ns}s" addr add 169.254.169.254/32 dev lo
for n in c r s; do
	ip -n "$ns$n" link set lo up
done
ip -n "${ns}r" link set toc up
ip -n "${ns}r" link set tos up
ip -n "${ns}c" link set eth0 up
ip -n "${ns}s" link set eth0 up
ip -n "${ns}c" route add default via 10.9.1.1
ip -n "${ns}s" route add default via 10.9.2.1
in_ns r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'

echo '{"accounts": [{"id": "111122223333", "instances": [{"id": "i-00000001", "hopLimit": 1}, {"id": "i-00000002", "hopLimit": 2, "imds": "10.9.2.2:81"}]}]}' >"$tmp/world.json"
start ip netns exec "${ns}s" "$EICBOX" metadata-mock --listen 169.254.169.254:80 --listen 10.9.2.2:80 --expose --state "$tmp/state" \
	--config "$tmp/world.json" --key-ttl 60
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
ttl='X-aws-ec2-metadata-token-ttl-seconds: 60'

check 'an instance asks at 169.254.169.254' 0 i-00000001 in_ns s curl -s -m 5 http://169.254.169.254/latest/meta-data/instance-id
check 'and gets a token there' 0 'AQAE*' in_ns s curl -s -m 5 -X PUT -H "$ttl" http://169.254.169.254/latest/api/token
check 'one hop away a value arrives' 0 i-00000001 in_ns c curl -s -m 5 http://10.9.2.2/latest/meta-data/instance-id
check 'but no token with a hop limit of 1' 28 '' in_ns c curl -s -m 2 -X PUT -H "$ttl" http://10.9.2.2/latest/api/token
check 'with a hop limit of 2 it does' 0 'AQAE*' in_ns c curl -s -m 5 -X PUT -H "$ttl" http://10.9.2.2:81/latest/api/token
in_ns r sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'

# the README's container: a root with nothing but the binary, where it is process 1
mkdir "$tmp/root" && cp "$EICBOX" "$tmp/root/metadata-mock"
start ip netns exec "${ns}s" unshare --mount --pid --fork chroot "$tmp/root" /metadata-mock --listen 0.0.0.0:1338 --expose --host mock
container=$pid
wait_for 30 grep -q ready "$log" || note "$(cat "$log")"
check 'in an empty container it runs' 0 'AQAE*' in_ns r curl -s -m 5 -X PUT -H "$ttl" -H 'Host: mock:1338' http://10.9.2.2:1338/latest/api/token
check 'and is asked by its name' 0 i-0123456789abcdef0 in_ns r curl -s -m 5 --resolve mock:1338:10.9.2.2 http://mock:1338/latest/meta-data/instance-id
check 'by no other' 0 403 in_ns r curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'Host: attacker.example' http://10.9.2.2:1338/latest/
kill "$(pgrep -P "$container")"
ok 'SIGTERM ends it, though it is process 1' wait_for 5 sh -c "! kill -0 $container"

done_testing
