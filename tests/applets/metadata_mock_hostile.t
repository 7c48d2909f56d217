#!/bin/sh
# metadata_mock_hostile.t - requests that are none, connections that say nothing, and clients that do not read
. "${0%/*}/../lib.sh"

start "$EICBOX" metadata-mock --listen 127.0.0.1:0 --state "$tmp/state"
mock=$pid
wait_for 20 grep -q ready "$log" || note "$(cat "$log")"
url=$(sed -n 's,.*ready at \(http://[^ ]*\).*,\1,p' "$log")
port=${url##*:}

# Each request gets a 4xx (the first answer that is no 4xx is a failure) or a closed connection. Prints "N bad" lines, then a count.
cat >"$tmp/hostile.pl" <<'END'
use strict;
use warnings;
use IO::Socket::INET;
my $port = shift;
my $get = "GET /latest/meta-data/instance-id HTTP/1.1\r\n";
my $host = "Host: 127.0.0.1\r\n";
my $post = "POST / HTTP/1.1\r\n$host";
my %list = (
	'no method' => " / HTTP/1.1\r\n$host\r\n",
	'no target' => "GET HTTP/1.1\r\n$host\r\n",
	'no version' => "GET /\r\n$host\r\n",
	'two blanks' => "GET  / HTTP/1.1\r\n$host\r\n",
	'a tab' => "GET\t/ HTTP/1.1\r\n$host\r\n",
	'a blank behind the version' => "GET / HTTP/1.1 \r\n$host\r\n",
	'HTTP/2.0' => "GET / HTTP/2.0\r\n$host\r\n",
	'HTTP/0.9' => "GET / HTTP/0.9\r\n$host\r\n",
	'HTTP/1.10' => "GET / HTTP/1.10\r\n$host\r\n",
	'http/1.1' => "GET / http/1.1\r\n$host\r\n",
	'HTTP/1' => "GET / HTTP/1\r\n$host\r\n",
	'the preface of HTTP/2' => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	'TLS' => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . ("\x00" x 300) . "\r\n\r\n",
	'SSH' => "SSH-2.0-OpenSSH_9.2\r\n\r\n",
	'a lone line feed' => "GET / HTTP/1.1\n$host\r\n",
	'line feeds only' => "GET / HTTP/1.1\nHost: 127.0.0.1\n\n",
	'a lone carriage return' => "GET / HTTP/1.1\rHost: 127.0.0.1\r\r\n\r\n",
	'a NUL in the target' => "GET /\0 HTTP/1.1\r\n$host\r\n",
	'a NUL in a value' => $get . "Host: 127.0.0.1\0\r\n\r\n",
	'a control character in the target' => "GET /\x01 HTTP/1.1\r\n$host\r\n",
	'a byte over 0x7f in the target' => "GET /\xff HTTP/1.1\r\n$host\r\n",
	'an absolute URI' => "GET http://127.0.0.1/latest/meta-data/instance-id HTTP/1.1\r\n$host\r\n",
	'an absolute URI of somebody else' => "GET http://attacker.example/ HTTP/1.1\r\n$host\r\n",
	'an authority' => "CONNECT 127.0.0.1:80 HTTP/1.1\r\n$host\r\n",
	'an asterisk' => "GET * HTTP/1.1\r\n$host\r\n",
	'no slash in front' => "GET latest/meta-data HTTP/1.1\r\n$host\r\n",
	'a fragment with a blank' => "GET /#a b HTTP/1.1\r\n$host\r\n",
	'dots' => "GET /latest/../etc/passwd HTTP/1.1\r\n$host\r\n",
	'dots, encoded' => "GET /latest/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n$host\r\n",
	'dots, encoded twice' => "GET /latest/%252e%252e/etc HTTP/1.1\r\n$host\r\n",
	'a slash, encoded' => "GET /latest%2fmeta-data HTTP/1.1\r\n$host\r\n",
	'a backslash' => "GET /latest\\meta-data HTTP/1.1\r\n$host\r\n",
	'half an escape' => "GET /latest/% HTTP/1.1\r\n$host\r\n",
	'an escape of no digits' => "GET /latest/%zz HTTP/1.1\r\n$host\r\n",
	'an encoded NUL' => "GET /latest/%00 HTTP/1.1\r\n$host\r\n",
	'an encoded line feed' => "GET /latest/%0d%0aX:%20y HTTP/1.1\r\n$host\r\n",
	'UTF-8 of too many bytes' => "GET /latest/%c0%ae%c0%ae/ HTTP/1.1\r\n$host\r\n",
	'a target of 20,000 bytes' => "GET /" . ("a" x 20000) . " HTTP/1.1\r\n$host\r\n",
	'a method of 20,000 bytes' => ("A" x 20000) . " / HTTP/1.1\r\n$host\r\n",
	'a header of 20,000 bytes' => $get . $host . "A: " . ("b" x 20000) . "\r\n\r\n",
	'a thousand headers' => $get . $host . join('', map { "A$_: b\r\n" } 1 .. 1000) . "\r\n",
	'65 headers' => $get . $host . join('', map { "A$_: b\r\n" } 1 .. 65) . "\r\n",
	'a header without colon' => $get . $host . "Nonsense\r\n\r\n",
	'a header without name' => $get . $host . ": value\r\n\r\n",
	'a blank in front of the colon' => $get . "Host : 127.0.0.1\r\n\r\n",
	'a blank in a name' => $get . $host . "A b: c\r\n\r\n",
	'a folded header' => $get . $host . "A: b\r\n c\r\n\r\n",
	'a folded first header' => $get . " Host: 127.0.0.1\r\n\r\n",
	'two hosts' => $get . $host . "Host: attacker.example\r\n\r\n",
	'no host' => "$get\r\n",
	'a host with a path' => $get . "Host: 127.0.0.1/x\r\n\r\n",
	'a host with a user' => $get . "Host: a\@127.0.0.1\r\n\r\n",
	'the host of somebody else' => $get . "Host: attacker.example\r\n\r\n",
	'an empty host' => $get . "Host:\r\n\r\n",
	'two lengths' => $post . "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
	'a length twice' => $post . "Content-Length: 1, 1\r\n\r\na",
	'a negative length' => $post . "Content-Length: -1\r\n\r\n",
	'a length with a plus' => $post . "Content-Length: +1\r\n\r\na",
	'a length in hexadecimal' => $post . "Content-Length: 0x1\r\n\r\na",
	'a length with a blank inside' => $post . "Content-Length: 1 1\r\n\r\na",
	'an empty length' => $post . "Content-Length:\r\n\r\n",
	'a length over 64 bits' => $post . "Content-Length: 18446744073709551617\r\n\r\na",
	'a length over our limit' => $post . "Content-Length: 100000\r\n\r\n",
	'chunks' => $post . "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	'chunks and a length' => $post . "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	'a length and chunks' => $post . "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
	'identity' => $post . "Transfer-Encoding: identity\r\n\r\n",
	'chunks, misspelled' => $post . "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
	'chunks behind a tab' => $post . "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n",
	'chunks twice' => $post . "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
	'gzip and chunks' => $post . "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
	'chunks in HTTP/1.0' => "POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	'a body that is a request' => "GET / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 0\r\n\r\nGET /",
	'an unknown method' => "BREW /latest/meta-data/ HTTP/1.1\r\n$host\r\n",
	'TRACE' => "TRACE / HTTP/1.1\r\n$host\r\n",
	'binary' => join('', map { chr(($_ * 37) % 256) } 1 .. 4000) . "\r\n\r\n",
	'line ends for ever' => "\r\n" x 10000,
);
my $bad = 0;
for my $name (sort keys %list) {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or die "connect: $!";
	local $SIG{PIPE} = 'IGNORE';
	syswrite($s, $list{$name});
	shutdown($s, 1);
	my $answer = '';
	local $SIG{ALRM} = sub { die "time\n" };
	eval { alarm 5; while (sysread($s, my $b, 65536)) { $answer .= $b } alarm 0; 1 } or $answer = "silence";
	next if $answer eq '' or $answer =~ m{^HTTP/1\.1 4\d\d };
	$bad++;
	print "$name: ", substr($answer, 0, 60), "\n";
}
print scalar(keys %list), " requests, $bad bad\n";
END
check 'what is no request gets a 4xx or the end' 0 '7[0-9] requests, 0 bad' perl "$tmp/hostile.pl" "$port"

# a good request, then garbage: the good one is answered, nothing of the garbage is
cat >"$tmp/tail.pl" <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => shift) or die;
syswrite($s, "GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: localhost\r\n\r\n\x00\x01nonsense\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
shutdown($s, 1);
my $all = join('', <$s>);
print join(' ', $all =~ m{HTTP/1\.1 (\d+)}g), "\n";
END
check 'garbage behind a good request ends the connection' 0 '200 400' perl "$tmp/tail.pl" "$port"

# connections that say half a word, more of them than the table has, while others are served
cat >"$tmp/half.pl" <<'END'
use IO::Socket::INET;
use strict;
my ($port, $n, $text) = @ARGV;
my @all;
for (1 .. $n) {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or die "connection $_: $!";
	syswrite($s, $text);
	push @all, $s;
	shift @all if @all > 3500; # three times what the server's table holds
}
print "held\n";
$| = 1;
print "go\n";
sleep 30;
END
ok 'more descriptors may be open' sh -c 'ulimit -n 4096'
start sh -c "ulimit -n 4096; exec perl '$tmp/half.pl' $port 10000 'GET /lat'"
half=$pid
for i in 1 2 3 4 5 6 7 8; do
	is "served among half-open connections ($i)" i-0123456789abcdef0 "$(curl -s -m 5 "$url/latest/meta-data/instance-id")"
done
ok 'ten thousand of them were made' wait_for 60 grep -q held "$log"
is 'served behind them' i-0123456789abcdef0 "$(curl -s -m 5 "$url/latest/meta-data/instance-id")"
stop "$half"

# clients that ask for much and read nothing
cat >"$tmp/deaf.pl" <<'END'
use IO::Socket::INET;
my ($port) = @ARGV;
my @all;
for (1 .. 300) {
	my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) or die $!;
	$s->blocking(0);
	syswrite($s, "GET /latest/meta-data/managed-ssh-keys/signer-cert HTTP/1.1\r\nHost: localhost\r\n\r\n" x 500);
	push @all, $s;
}
print "held\n";
$| = 1;
print "go\n";
sleep 30;
END
start sh -c "ulimit -n 4096; exec perl '$tmp/deaf.pl' $port"
deaf=$pid
ok 'three hundred do not read' wait_for 30 grep -q held "$log"
is 'served all the same' i-0123456789abcdef0 "$(curl -s -m 5 "$url/latest/meta-data/instance-id")"
stop "$deaf"

ok 'the mock lives' kill -0 "$mock"
# a sanitizer's own memory is no measure, nor is an emulator's
if emulated; then
	skip 'and its memory is bounded' 'the memory is that of qemu-user'
elif [ "$EICBOX" != "${EICBOX_ASAN-}" ]; then
	rss=$(awk '/VmRSS/ { print $2 }' "/proc/$mock/status")
	ok "and its memory is bounded: $rss KiB" test "$rss" -lt 8192
fi
stop "$mock"

done_testing
