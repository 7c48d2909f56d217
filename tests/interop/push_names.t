# push_names.t - names that a name server knows, in a network of its own
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespace.sh"

enter 'names of a name server'
no_settings
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret

ip link set lo up
: >"$tmp/resolv.conf"
printf '%s\n' '# 127.0.0.1 commented.test' '127.0.0.1 other.test hosts.test # aka.test' >"$tmp/hosts"
mount --bind "$tmp/resolv.conf" /etc/resolv.conf
mount --bind "$tmp/hosts" /etc/hosts

server eic
port=${url##*:}
printf '@ok application/x-amz-json-1.1\n{"RequestId":"1","Success":true}' >"$tmp/eic/answer"

# a name server: what it does is in the first label
cat >"$tmp/server" <<'END'
use IO::Socket::INET;
my $s = IO::Socket::INET->new(Proto => 'udp', LocalAddr => "$ARGV[0]:53") or die;
print STDERR "ready\n";
my %seen;
while (defined $s->recv(my $q, 512)) {
	my ($label, $type) = (substr($q, 13, ord substr($q, 12, 1)), unpack 'n', substr $q, -4, 2);
	my ($what) = split /-/, lc $label;
	print STDERR "asked $label $type\n";
	my ($flags, $n, $records) = (0x8180, 0, '');
	my $a = "\xc0\x0c" . pack 'nnNn/a', 1, 1, 60, "\x7f\0\0\1";
	next if $what eq 'silent' || ($what eq 'lazy' && $type == 28) || ($what eq 'lost' && !$seen{$type}++);
	$flags = 0x8183 if $what eq 'none' || ($what eq 'short' && $q !~ /found/);
	$flags = 0x8182 if $what eq 'fail';
	($n, $records) = (1, $a) if $type == 1 && $what =~ /^(four|lazy|lost|short|liar)$/;
	($n, $records) = (2, "\xc0\x0c" . pack('nnNn/a', 5, 1, 60, "\1x\xc0\x0c") . $a) if $type == 1 && $what eq 'alias';
	($n, $records) = (1, "\xc0\x0c" . pack 'nnNn/a', 28, 1, 60, "\0" x 15 . "\1") if $type == 28 && $what eq 'six';
	my $answer = substr($q, 0, 2) . pack('nnnnn', $flags, 1, $n, 0, 0) . substr($q, 12) . $records;
	if ($what eq 'liar') {
		my $lie = $answer;
		substr($lie, 0, 1) ^= 'x';
		substr($lie, -1) = "\x63";
		$s->send($lie);
		$s->send(substr $answer, 0, -2);
		$s->send("\0");
	}
	$s->send($answer);
}
END
start perl "$tmp/server" 127.0.0.53
wait_for 10 grep -q ready "$log"
questions=$log

push() {
	AWS_MAX_ATTEMPTS=1 "$EICBOX" push -i i-1234567890abcdef0 -u ec2-user -r us-east-1 \
		-k 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' \
		-e "http://$1:$port" --cli-connect-timeout "${2:-8}"
}

check 'a second name in the hosts file is found' 0 '*true*' push hosts.test
check 'its case does not matter' 0 '*true*' push Hosts.TEST

echo 'nameserver 127.0.0.53' >/etc/resolv.conf
check 'an address of a name server is used' 0 '*true*' push four.test
check 'an alias leads to its address' 0 '*true*' push alias.test
check 'a server that is silent about IPv6 does not hold us' 0 '*true*' push lazy.test 2
check 'answers to other questions and broken ones are ignored' 0 '*true*' push liar.test
check 'a question that was lost is asked again' 0 '*true*' push lost.test
check 'an IPv6 address is used' 1 '' push six.test
err_like 'the service listens on IPv4 only' '*\[::1\]:*refused*'
check 'a comment of the hosts file names nobody' 1 '' push none-commented.test
err_like 'no such host is said' '*none-commented.test: no such host*'
refute 'nobody asked for what the hosts file has' grep -q 'asked .*hosts' "$questions"
check 'a name that has no address is none' 1 '' push empty.test
err_like 'that is said the same way' '*empty.test: no such host*'
check 'a server that cannot tell is no answer' 1 '' push fail.test
err_like 'that is said' '*fail.test: no name server could be asked*'
check 'a short name alone is not found' 1 '' push short
check 'localhost is this machine, though the hosts file lacks it' 0 '*true*' push LocalHost
refute 'and no name server may say something else' grep -q -i 'asked localhost' "$questions"

echo 'search wrong.test found.test' >>/etc/resolv.conf
check 'a short name is searched for' 0 '*true*' push short
printf '%s\n' '; a comment' 'nameserver 127.0.0.54' 'nameserver nonsense' 'nameserver ::1%lo' 'nameserver 127.0.0.53' \
	>/etc/resolv.conf
check 'of several servers the one that lives is enough' 0 '*true*' push four.test 2
printf '%s\n' 'nameserver 127.0.0.54' >/etc/resolv.conf
check 'without any server that lives nobody waits' 1 '' push four.test
err_like 'and that is said' '*no name server could be asked*'
echo 'nameserver 127.0.0.53' >/etc/resolv.conf
check 'a silent server ends at the deadline' 1 '' push silent.test 1
err_like 'which is named' '*silent.test: timed out*'
done_testing
