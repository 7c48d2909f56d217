#!/bin/sh
# metadata_mock_reload.t - SIGHUP: another world as a whole or not at all, and what connections that stand see of it
. "${0%/*}/../lib.sh"

one=$(free_port) two=$(free_port) three=$(free_port) taken=$(free_port)

# world INSTANCE=ADDRESS...
world() {
	list=
	for i; do
		list="$list${list:+, }{\"id\": \"i-0000000${i%%=*}\"$(test "${i#*=}" && printf ', "imds": "%s"' "${i#*=}")}"
	done
	printf '{"accounts": [{"id": "999988887777", "instances": [\n%s]}]}\n' "$list" >"$tmp/world.json"
}

# reload WORDS: reads the world again, and waits until that is said
reload() {
	reloads=$(grep -c 'reload:' "$mock_log")
	kill -HUP "$mock"
	wait_for 10 sh -c "test \$(grep -c 'reload:' '$mock_log') -gt $reloads"
	like "it says $1" "metadata-mock: reload: $1" "$(grep 'reload:' "$mock_log" | tail -n 1)"
}

# at PORT: which instance answers there, on a new connection
at() {
	curl -s -m 5 "http://127.0.0.1:$1/latest/meta-data/instance-id"
}

# A connection that stands: each line of stdin is a request; the instance that answers, or "closed".
cat >"$tmp/standing.pl" <<'END2'
use IO::Socket::INET;
use strict;
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => shift, Timeout => 5) or die "connect: $!";
$| = 1;
$SIG{PIPE} = 'IGNORE';
while (<STDIN>) {
	my $all = '';
	syswrite($s, "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: localhost\r\n\r\n");
	while ($all !~ /\r\n\r\ni-\d{8}/) {
		sysread($s, $all, 4096, length $all) or last;
	}
	print $all =~ /\r\n\r\n(i-\d{8})/ ? "$1\n" : "closed\n";
}
END2
# ask CONNECTION: one of main, one, two; what it says is in $said
ask() {
	lines=$(($(wc -l <"$tmp/$1.out") + 1))
	case $1 in
	main) echo >&3 ;;
	one) echo >&4 ;;
	two) echo >&5 ;;
	esac
	wait_for 10 sh -c "test \$(wc -l <'$tmp/$1.out') -ge $lines"
	said=$(sed -n "${lines}p" "$tmp/$1.out")
}

world 1=127.0.0.1:$one 2=127.0.0.1:$two
start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state" --config "$tmp/world.json" -v
mock=$pid mock_log=$log
wait_for 20 grep -q ready "$mock_log" || note "$(cat "$mock_log")"
main=$(sed -n 's,.*ready at http://127.0.0.1:\([0-9]*\).*,\1,p' "$mock_log")
for c in main one two; do
	mkfifo "$tmp/$c.in"
	: >"$tmp/$c.out"
	eval "port=\$$c"
	perl "$tmp/standing.pl" "$port" <"$tmp/$c.in" >>"$tmp/$c.out" 2>&1 &
	tap_pids="$tap_pids $!"
done
exec 3>"$tmp/main.in" 4>"$tmp/one.in" 5>"$tmp/two.in"
for c in main:1 one:1 two:2; do
	ask ${c%:*}
	is "${c%:*} is instance ${c#*:}" i-0000000${c#*:} "$said"
done

# --- a world that cannot be had: the old one stays as a whole

perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => shift) or die; $| = 1; print "held\n"; sleep 60' \
	"$taken" >"$tmp/held" &
tap_pids="$tap_pids $!"
wait_for 10 grep -q held "$tmp/held"
unchanged() { # BECAUSE
	is "$1: the first world is served" i-00000001 "$(at "$main")"
	is "$1: at its addresses" 'i-00000001 i-00000002' "$(at "$one") $(at "$two")"
	is "$1: and nowhere else" '' "$(at "$three")"
	for c in one two; do
		ask $c
		unlike "$1: the connection of $c stands" closed "$said"
	done
}
world 9= 3=127.0.0.1:$three 2=127.0.0.1:$one 1=127.0.0.1:$taken
reload "instance i-00000001: 127.0.0.1:$taken: in use; the old world goes on"
unchanged 'an address in use'
world 3=127.0.0.1:$three 1=127.0.0.1:$main
reload "instance i-00000001: 127.0.0.1:$main: in use; the old world goes on"
unchanged "the mock's own address"
world 3=127.0.0.1:$three 4=127.0.0.1:$three
reload "instance i-00000004: 127.0.0.1:$three: in use; the old world goes on"
unchanged 'one address twice'
world 3=127.0.0.1:$three 4=nonsense
reload "$tmp/world.json: line 2, column *: \"nonsense\" is not an address and a port *; the old world goes on"
unchanged 'an address that is none'
world 3=127.0.0.1:$three 4=0.0.0.0:0
reload 'instance i-00000004: listen: 0.0.0.0:0: not a loopback address*; the old world goes on'
unchanged 'an address for everybody'
echo '{' >"$tmp/world.json"
reload "$tmp/world.json: line 2, column 1: *; the old world goes on"
unchanged 'a file that is no JSON'
rm "$tmp/world.json"
reload "$tmp/world.json: *; the old world goes on"
unchanged 'a file that is gone'

# --- one that can

world 2=$one 1=127.0.0.1:$two
reload '2 instances'
is 'two instances can change places' 'i-00000002 i-00000001' "$(at "$one") $(at "$two")"
ask one
is 'which a connection that stands sees' i-00000002 "$said"
ask main
is 'as it sees who is the first now' i-00000002 "$said"
world 5=127.0.0.1:0 6=127.0.0.1:0 1=127.0.0.1:$three 2=127.0.0.1:$one
reload '4 instances'
is 'an instance can move' 'i-00000001 i-00000002' "$(at "$three") $(at "$one")"
ask two
is 'the connection to where it was ends' closed "$said"
is 'and nobody is there' '' "$(at "$two")"
ask one
is 'the others stand' i-00000002 "$said"
# listening: the addresses of all listening sockets of the mock, as the kernel writes them
listening() {
	ls -l "/proc/$mock/fd" | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p' |
		awk 'NR == FNR { own[$1]; next } $4 == "0A" && $10 in own { print $2 }' - /proc/net/tcp | sort
}
before=$(listening)
reload '4 instances'
is 'the same world again keeps all addresses, also those of port 0' "$before" "$(listening)"
is 'which are five' 5 "$(listening | wc -l)"
world 7=
reload '1 instances'
is 'and without addresses there is only the first' ' i-00000007' "$(at "$one")$(at "$three") $(at "$main")"
stop "$mock"

done_testing
