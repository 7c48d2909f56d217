# push_net.t - names and addresses that do not answer, in a network of its own
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespace.sh"

enter 'names that do not answer'
no_settings
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret

# 10.9.9.0/24 and fd00:9::/64 are on a link where nobody lives: packets to them vanish
ip link set lo up
ip link add nobody type veth peer name nowhere
ip addr add 10.9.9.1/24 dev nobody
ip -6 addr add fd00:9::1/64 dev nobody nodad
ip link set nobody up
ip link set nowhere up
echo 'nameserver 10.9.9.53' >"$tmp/resolv.conf"
printf '%s\n' '127.0.0.1 localhost' '::1 localhost' 'fd00:9::2 half.test' '127.0.0.1 half.test' \
	'fd00:9::2 none.test' '10.9.9.2 none.test' >"$tmp/hosts"
mount --bind "$tmp/resolv.conf" /etc/resolv.conf
mount --bind "$tmp/hosts" /etc/hosts

server eic
port=${url##*:}
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"

push() {
	AWS_MAX_ATTEMPTS=1 "$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -r us-east-1 \
		-k 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' "$@"
}

check 'of two addresses the one that listens is used' 0 '*true*' push -e "http://localhost:$port"
check 'an address that is silent does not hold the other' 0 '*true*' push -e "http://half.test:$port" \
	--cli-connect-timeout 2
check 'two silent addresses end at the deadline' 1 '' push -e "http://none.test:$port" --cli-connect-timeout 1
err_like 'and one is named' '*timed out*'
check 'a silent name server does not hold us' 1 '' push -e http://example.com --cli-connect-timeout 1
err_like 'and the name is said' '*example.com: timed out*'
start perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1:53") or die;
	print STDERR "ready\n"; while (defined $s->recv($q, 512)) { substr($q, 2, 2) = "\x81\x83"; $s->send($q) }'
wait_for 10 grep -q ready "$log"
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
check 'a name that is none is named' 1 '' push -e http://example.com
err_like 'and that is said' '*example.com: no such host'
check 'an address needs no name server' 0 '*true*' push -e "http://127.0.0.1:$port"
done_testing
