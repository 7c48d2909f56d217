#!/usr/bin/perl
# hostile.pl - a metadata service that serves a folder, and misbehaves where it is told to
#
#	hostile.pl FOLDER [ADDRESS]     prints "http://ADDRESS:PORT", then serves until it is killed
#
# FOLDER/tree/PATH is what GET /latest/PATH answers, with or without a slash at its end. FOLDER/requests gets a
# line "METHOD PATH" for each request. FOLDER/faults is read at each request: lines "REGEX ACTION [ARGUMENT]", the first
# whose expression matches "METHOD PATH" counts:
#
#	status N       that status, with a body        once N        the same, the first time only
#	delay S        waits, then answers             silent        never answers
#	slow           a byte each 0.2 s               close         closes without a byte
#	cut            half of the body, then closes   flood N       a body of N bytes
#	head N         N header lines                  chunked       a chunked body
#	http10         HTTP/1.0 without length         redirect URL  301
#	body TEXT      that body (\r, \n, \0 decoded)  garbage       bytes that are no HTTP
#	endless        a body that never ends          keep          the connection is kept
#	two            two Content-Lengths             both          Content-Length and chunked
use strict;
use warnings;
use IO::Socket::IP;
use Time::HiRes qw(sleep);

my ($folder, $address) = @ARGV;
die "usage: hostile.pl FOLDER [ADDRESS]\n" unless defined $folder;
my $server = IO::Socket::IP->new(LocalHost => $address // '127.0.0.1', LocalPort => $ENV{PORT} // 0, Listen => 512,
	ReuseAddr => 1) or die "hostile.pl: cannot listen: $@\n";
my $host = $server->sockhost =~ /:/ ? '[' . $server->sockhost . ']' : $server->sockhost;
my $token = 'AQAE' . 'x' x 50 . '==';
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
$| = 1;
print "http://$host:", $server->sockport, "\n";

sub slurp {
	open my $in, '<:raw', $_[0] or return undef;
	local $/;
	return scalar <$in>;
}

sub seen {
	my ($what) = @_;
	return scalar grep { $_ eq $what } split /\n/, slurp("$folder/requests") // '';
}

sub note {
	open my $out, '>>', "$folder/requests" or return;
	syswrite $out, "$_[0]\n";
}

sub fault {
	my ($what) = @_;
	for (split /\n/, slurp("$folder/faults") // '') {
		my ($match, $action, $argument) = split ' ', $_, 3;
		next unless defined $action && $what =~ /$match/;
		next if $action eq 'once' && seen($what) > 1;
		return ($action, $argument // '');
	}
	return ('', '');
}

# a file's; of a folder what its file .list says, else its names, one a line
sub content {
	my ($path) = @_;
	return slurp($path) if -f $path;
	return slurp("$path/.list") if -f "$path/.list";
	opendir my $dir, $path or return undef;
	return join "\n", sort grep { !/^\./ } readdir $dir;
}

# status and body as a well-behaved service has them
sub answer {
	my ($method, $path, $head) = @_;
	if ($path eq '/latest/api/token') {
		return (405, '') if $method ne 'PUT';
		return $head =~ /^X-aws-ec2-metadata-token-ttl-seconds: *\d+\r?$/mi ? (200, $token) : (400, '');
	}
	return (401, '') unless $head =~ /^X-aws-ec2-metadata-token: *\Q$token\E\r?$/mi;
	return (404, 'not found') unless $path =~ m{^/latest/(.*?)/?$} && $1 !~ /\.\./;
	my $body = content("$folder/tree/$1");
	return defined $body ? (200, $body) : (404, 'not found');
}

sub head {
	my ($status, @lines) = @_;
	return join "\r\n", "HTTP/1.1 $status Words", 'Content-Type: text/plain', 'Server: EC2ws', @lines, '', '';
}

sub plain {
	my ($status, $body, $keep) = @_;
	return head($status, 'Content-Length: ' . length $body, $keep ? () : 'Connection: close') . $body;
}

sub decoded {
	my ($text) = @_;
	my %known = (r => "\r", n => "\n", 0 => "\0", t => "\t");
	$text =~ s/\\([rn0t])/$known{$1}/g;
	return $text;
}

sub chunks {
	my ($body) = @_;
	return join('', map { sprintf "%x\r\n%s\r\n", length, $_ } $body =~ /(.{1,97})/gs) . "0\r\n\r\n";
}

# no longer than the server itself, which the test ends
sub say_nothing {
	my $parent = getppid;
	for (1 .. 600) {
		last if getppid != $parent;
		sleep 0.1;
	}
	return '';
}

my %acts = (
	status => sub { plain($_[2], 'no') },
	once => sub { plain($_[2], '') },
	delay => sub { sleep $_[2]; plain($_[0], $_[1]) },
	silent => \&say_nothing,
	close => sub { '' },
	cut => sub { substr plain($_[0], $_[1]), 0, -int(length($_[1]) / 2 + 1) },
	flood => sub { plain(200, 'A' x $_[2]) },
	head => sub { head($_[0], map { "X-Filler-$_: " . 'y' x 40 } 1 .. $_[2]) },
	chunked => sub { head($_[0], 'Transfer-Encoding: chunked', 'Connection: close') . chunks($_[1]) },
	http10 => sub { "HTTP/1.0 $_[0] OK\r\n\r\n$_[1]" },
	redirect => sub { head(301, "Location: $_[2]", 'Content-Length: 0', 'Connection: close') },
	body => sub { plain(200, decoded($_[2])) },
	garbage => sub { "\0\1\2 220 hello\r\n\r\n" x 20 },
	two => sub { head($_[0], 'Content-Length: 1', 'Content-Length: ' . length $_[1]) . $_[1] },
	both => sub { head($_[0], 'Content-Length: ' . length $_[1], 'Transfer-Encoding: chunked') . chunks($_[1]) },
);

sub trickle {
	my ($client, $text) = @_;
	for (split //, $text) {
		syswrite $client, $_ or return;
		sleep 0.2;
	}
}

# one request and its answer; true when the connection goes on
sub serve {
	my ($client, $buffer) = @_;
	until ($$buffer =~ /\r\n\r\n/) {
		sysread $client, $$buffer, 65536, length $$buffer or return 0;
	}
	$$buffer =~ s/^(.*?\r\n\r\n)//s;
	my $head = $1;
	my ($method, $path) = $head =~ /^(\S+) (\S+) HTTP/ or return 0;
	note("$method $path");
	my ($status, $body) = answer($method, $path, $head);
	my ($action, $argument) = fault("$method $path");
	return trickle($client, plain($status, $body)) && 0 if $action eq 'slow';
	if ($action eq 'endless') {
		syswrite $client, head(200) or return 0;
		1 while syswrite $client, 'A' x 65536;
		return 0;
	}
	my $act = $acts{$action};
	my $keep = $action eq 'keep';
	syswrite $client, $act ? $act->($status, $body, $argument) : plain($status, $body, $keep);
	return $keep;
}

while (1) {
	my $client = $server->accept or next;
	next if fork;
	$server->close;
	my $buffer = '';
	1 while serve($client, \$buffer);
	exit 0;
}
