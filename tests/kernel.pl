#!/usr/bin/perl
# kernel.pl - runs a program under a kernel that lacks something
#
#	perl tests/kernel.pl RULE... -- COMMAND ARG...
#
# RULE is CALL=ERROR: the system call fails with that error; CALL:NUMBER=ERROR only where its first argument is
# that number. A seccomp filter says so, which the program cannot take back; its own filter comes on top.

use strict;
use warnings;
use Errno ();
use POSIX qw(uname);

my %numbers = (
	x86_64 => {
		prctl => 157, seccomp => 317, clone => 56, clone3 => 435, fork => 57, vfork => 58,
		landlock_create_ruleset => 444, landlock_add_rule => 445, landlock_restrict_self => 446,
		pipe2 => 293, openat => 257, socket => 41, connect => 42,
	},
	aarch64 => {
		prctl => 167, seccomp => 277, clone => 220, clone3 => 435,
		landlock_create_ruleset => 444, landlock_add_rule => 445, landlock_restrict_self => 446,
		pipe2 => 59, openat => 56, socket => 198, connect => 203,
	},
);
my $calls = $numbers{ (uname)[4] } or die "kernel.pl: the system calls of this machine are not known here\n";
my ($load, $equal, $return) = (0x20, 0x15, 0x06);
my ($allow, $fail) = (0x7fff0000, 0x00050000);
my ($set_seccomp, $set_no_new_privs) = (22, 38);

my $code = '';
sub add { $code .= pack 'SCCL', @_ }

while (@ARGV && (my $rule = shift) ne '--') {
	my ($name, $argument, $error) = $rule =~ /^(\w+)(?::(\d+))?=(E\w+)$/ or die "kernel.pl: $rule: not CALL[:NUMBER]=ERROR\n";
	my $number = $calls->{$name};
	next unless defined $number; # this machine never had it
	my $errno = Errno->can($error) or die "kernel.pl: $error: no such error\n";
	add($load, 0, 0, 0);
	add($equal, 0, defined $argument ? 3 : 1, $number);
	if (defined $argument) {
		add($load, 0, 0, 16);
		add($equal, 0, 1, $argument);
	}
	add($return, 0, 0, $fail | $errno->());
}
add($return, 0, 0, $allow);
my $program = pack 'S x![P] P', length($code) / 8, $code;
my $prctl = $numbers{ (uname)[4] }{prctl};
syscall($prctl, $set_seccomp, 2, $program) == 0
	or syscall($prctl, $set_no_new_privs, 1, 0, 0, 0) == 0 && syscall($prctl, $set_seccomp, 2, $program) == 0
	or die "kernel.pl: seccomp: $!\n";
exec { $ARGV[0] } @ARGV or die "kernel.pl: $ARGV[0]: $!\n";
