#!/usr/bin/perl
# inject.pl - starts a program, and makes it try from inside what it may not
#
#	perl tests/inject.pl [free] ATTEMPT... -- COMMAND ARG...
#
# Waits until the program is confined (with "free" only until it waits for something), stops it, has it make the
# system call of each attempt in its own name, and prints "ATTEMPT: ok" or "ATTEMPT: ERROR", a line each. The
# program is then killed. x86-64 only: elsewhere it ends with 77.

use strict;
use warnings;
use Errno ();
use POSIX qw(:sys_wait_h uname);

exit 77 unless (uname)[4] eq 'x86_64';
$| = 1;

use constant { PTRACE => 101, PEEK => 1, POKE => 5, STEP => 9, GET => 12, SET => 13, ATTACH => 16 };
use constant { AT_FDCWD => -100, CREATE => 0101, RDWR => 2 };
my @names = qw(r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base
	ds es fs gs);

# attempt => the number of the call, and its arguments; a path is what stands behind ":"
my %attempts = (
	getpid => [39],
	read => [257, AT_FDCWD, 'PATH', 0],
	write => [257, AT_FDCWD, 'PATH', CREATE, 0600],
	update => [257, AT_FDCWD, 'PATH', RDWR],
	'old-write' => [2, 'PATH', CREATE, 0600],
	truncate => [76, 'PATH', 0],
	unlink => [263, AT_FDCWD, 'PATH', 0],
	rename => [82, 'PATH', 'PATH'],
	mkdir => [258, AT_FDCWD, 'PATH', 0700],
	chmod => [268, AT_FDCWD, 'PATH', 0777],
	exec => [59, 'PATH', 0, 0],
	execveat => [322, AT_FDCWD, 'PATH', 0, 0, 0],
	fork => [57],
	clone => [56, 17, 0, 0, 0, 0],
	ptrace => [101, ATTACH, 'PARENT', 0, 0],
	'ptrace-me' => [101, 0, 0, 0, 0],
	'peek' => [310, 'PARENT', 0, 0, 0, 0, 0],
	kill => [62, 'PARENT', 0],
	unix => [41, 1, 1, 0],
	netlink => [41, 16, 3, 0],
	raw => [41, 2, 3, 1],
	tcp => [41, 2, 1, 0],
	listen => [50, 0, 1],
	executable => [9, 0, 4096, 7, 0x22, -1, 0],
	seccomp => [317, 0, 0, 0],
	mount => [165, 0, 'PATH', 0, 0, 0],
	uid => [105, 0],
);

sub ptrace {
	my ($request, $pid, $address) = @_;
	syscall(PTRACE, $request, $pid, $address, $_[3]) >= 0 or die "inject.pl: ptrace $request: $!\n";
}

sub registers {
	my ($pid) = @_;
	my $raw = "\0" x (8 * @names);
	my %r;
	ptrace(GET, $pid, 0, $raw);
	@r{@names} = unpack 'q*', $raw;
	return %r;
}

sub set_registers {
	my ($pid, %r) = @_;
	ptrace(SET, $pid, 0, pack('q*', @r{@names}));
}

sub poke {
	my ($pid, $at, $text) = @_;
	$text .= "\0" x (8 - length($text) % 8);
	ptrace(POKE, $pid, $at + 8 * $_, unpack('q', substr($text, 8 * $_, 8))) for 0 .. length($text) / 8 - 1;
}

# the process stands behind the instruction by which it waits: that one is made again, with other arguments
sub call {
	my ($pid, $before, $number, @arguments) = @_;
	my %r = (%$before, rax => $number, orig_rax => -1, rip => $before->{rip} - 2);
	@r{qw(rdi rsi rdx r10 r8 r9)} = (@arguments, (0) x 6)[0 .. 5];
	set_registers($pid, %r);
	ptrace(STEP, $pid, 0, 0);
	waitpid $pid, 0;
	return "gone\n" unless WIFSTOPPED(${^CHILD_ERROR_NATIVE});
	return {registers($pid)}->{rax};
}

sub words {
	my ($result) = @_;
	return 'ok' if $result >= 0 || $result < -4095;
	local $! = -$result;
	return (grep { $!{$_} } sort keys %!)[0];
}

sub is_ready {
	my ($pid, $free) = @_;
	open my $status, '<', "/proc/$pid/status" or return 0;
	my $text = do { local $/; <$status> };
	return $text =~ /^State:\s+S/m && ($free || $text =~ /^Seccomp:\s+2/m);
}

my $free = $ARGV[0] eq 'free' && shift;
my @list;
push @list, $_ while @ARGV && ($_ = shift) ne '--';
my $pid = fork // die "inject.pl: fork: $!\n";
if ($pid == 0) {
	exec { $ARGV[0] } @ARGV or die "inject.pl: $ARGV[0]: $!\n";
}
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = sub { exit 1 };
END { kill 'KILL', $pid if $pid }
for (my $tries = 600; $tries > 0 && !is_ready($pid, $free); $tries--) {
	select undef, undef, undef, 0.05;
}
select undef, undef, undef, 0.2; # it may sleep for a moment on its way to where it waits
is_ready($pid, $free) or die "inject.pl: it does not wait, or is not confined\n";
ptrace(ATTACH, $pid, 0, 0);
waitpid $pid, 0;
my %before = registers($pid);
my $parent = $$;
for my $attempt (@list) {
	my ($name, $path) = split /:/, $attempt, 2;
	my $call = $attempts{$name} or die "inject.pl: $name: not an attempt\n";
	my $at = ($before{rsp} - 8192) & ~15;
	poke($pid, $at, $path) if defined $path;
	print "$attempt: ", words(call($pid, \%before, map { $_ eq 'PATH' ? $at : $_ eq 'PARENT' ? $parent : $_ } @$call)), "\n";
}
