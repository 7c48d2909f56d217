#!/usr/bin/perl
# clock.pl - runs a program under another clock
#
#	perl tests/clock.pl SECONDS COMMAND ARG...
#
# SECONDS are added to what the kernel says when the program asks for the time of day, also below zero. The vdso
# is hidden from the program, so that it has to ask the kernel, and ptrace changes the answer. Ends with the
# program's status. x86-64 only: elsewhere it ends with 77.

use strict;
use warnings;
use POSIX qw(:sys_wait_h uname);

exit 77 unless (uname)[4] eq 'x86_64';

use constant { PTRACE => 101, TRACEME => 0, PEEK => 2, POKE => 5, GET => 12, SYSCALL => 24, OPTIONS => 0x4200 };
use constant { SYSTEM_CALL => 0x85, TRAP => 5, CLOCK_GETTIME => 228, GETTIMEOFDAY => 96, TIME => 201 };
use constant { VDSO => 33, IGNORE => 1 };

my ($offset, @command) = @ARGV;
my $pid = fork // die "clock.pl: fork: $!\n";
if ($pid == 0) {
	syscall(PTRACE, TRACEME, 0, 0, 0);
	exec { $command[0] } @command or die "clock.pl: $command[0]: $!\n";
}
END { kill 'KILL', $pid if $pid }
$SIG{$_} = sub { exit 1 } for qw(TERM INT HUP);

sub ptrace {
	my ($request, $address) = @_;
	syscall(PTRACE, $request, $pid, $address, $_[2]) >= 0 or die "clock.pl: ptrace $request: $!\n";
}

sub peek {
	my ($at) = @_;
	my $word = "\0" x 8;
	ptrace(PEEK, $at, $word);
	return unpack 'q', $word;
}

# what is on the stack of a fresh program: the number of arguments, they, the environment, and pairs of facts
sub hide_vdso {
	my ($at) = @_;
	for (1, 2) {
		$at += 8;
		$at += 8 while peek($at);
	}
	for ($at += 8; my $type = peek($at); $at += 16) {
		ptrace(POKE, $at, IGNORE) if $type == VDSO;
	}
}

sub registers {
	my $raw = "\0" x 216;
	ptrace(GET, 0, $raw);
	my @r = unpack 'q*', $raw;
	return { result => $r[10], second => $r[13], first => $r[14], call => $r[15], stack => $r[19] };
}

# at the end of a call, when its answer is in the program's memory
sub change_time {
	my $r = registers();
	return if $r->{result} != 0;
	my $at = $r->{call} == CLOCK_GETTIME && ($r->{first} == 0 || $r->{first} == 5) ? $r->{second}
		: $r->{call} == GETTIMEOFDAY ? $r->{first}
		: return;
	ptrace(POKE, $at, peek($at) + $offset);
}

waitpid $pid, 0;
WIFSTOPPED(${^CHILD_ERROR_NATIVE}) or die "clock.pl: $command[0]: cannot be run\n";
hide_vdso(registers()->{stack});
ptrace(OPTIONS, 0, 1);
my ($signal, $inside) = (0, 0);
while (1) {
	ptrace(SYSCALL, 0, $signal);
	waitpid $pid, 0;
	last unless WIFSTOPPED(${^CHILD_ERROR_NATIVE});
	$signal = WSTOPSIG(${^CHILD_ERROR_NATIVE});
	next unless $signal == SYSTEM_CALL;
	$signal = 0;
	$inside = !$inside;
	change_time() unless $inside;
}
my $status = ${^CHILD_ERROR_NATIVE};
$pid = 0;
exit(WIFSIGNALED($status) ? 128 + WTERMSIG($status) : WEXITSTATUS($status));
