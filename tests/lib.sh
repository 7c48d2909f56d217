# lib.sh - the words that every .t script uses: TAP, a private folder, bounded waits, clean-up
#
#	. "${0%/*}/../lib.sh"
#	check 'an empty user is refused' 1 '' "$EICBOX" keygen -u ''
#	done_testing
#
# A PATTERN is a shell pattern that the whole text must match: '' is no text, '*x*' any text with x.
#
# check NAME STATUS PATTERN CMD...  CMD ends with STATUS and its stdout matches; leaves $out, $err
# ok NAME CMD...                    CMD ends with 0
# refute NAME CMD...                CMD runs and ends with 1 to 125: a crash is no refusal
# like NAME PATTERN TEXT            TEXT matches
# unlike NAME PATTERN TEXT          TEXT does not match
# is NAME EXPECTED ACTUAL           both texts are equal
# err_like NAME PATTERN             stderr of the last command matches
# skip NAME WHY                     counts as skipped, and says why
# skip_all WHY                      ends the script, of which nothing can be run here
# emulated                          true where qemu-user runs the applets (the layer arm64)
# cannot NAME WHY                   counts as failed: for what this machine is unable to run
# note TEXT                         a comment in the output
# start CMD...                      runs it in the background until the script ends; sets $pid, $log
# stop PID                          ends what start has started, and waits for it
# wait_for SECONDS CMD...           repeats CMD until it ends with 0; fails after SECONDS
# libraries ROOT                    prints what LD_LIBRARY_PATH is for programs that tools/unpack brought to ROOT
# server NAME                       starts tests/httpd with an empty folder $tmp/NAME; sets $pid, $url
# free_port                         prints a TCP port of 127.0.0.1 that nobody uses, another one each time
# no_settings                       HOME is $tmp; nothing of AWS and of proxies is in the environment
# plan N                            first line: N tests follow (done_testing then checks the number)
# done_testing                      last line: without it the script counts as dead
#
# $tmp is a private folder that is gone when the script ends.

TOP=${TOP:-$(cd "${0%/*}/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
EICBOX=${EICBOX:-$BUILD/eicbox}
export TOP BUILD EICBOX

tap_count=0
tap_failed=0
tap_plan=
tap_pids=
out=
err=
umask 022 # modes decide whom the applets trust
tmp=$(mktemp -d "${TMPDIR:-/tmp}/eicbox-test.XXXXXX") || exit 1

tap_cleanup() {
	for tap_pid in $tap_pids; do
		kill "$tap_pid" 2>/dev/null
	done
	for tap_pid in $tap_pids; do
		tap_reap "$tap_pid"
	done
	rm -rf "$tmp"
}

# a child that ignores SIGTERM for ten seconds is killed
tap_reap() {
	tap_i=0
	while kill -0 "$1" 2>/dev/null && [ $tap_i -lt 100 ]; do
		sleep 0.1
		tap_i=$((tap_i + 1))
	done
	kill -9 "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

trap tap_cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

tap_pass() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

tap_fail() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$1"
	shift
	for tap_line; do
		note "$tap_line" | head -n 40
	done
}

tap_run() {
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
	tap_status=$?
	out=$(tr -d '\000' <"$tmp/.out")
	err=$(tr -d '\000' <"$tmp/.err")
}

check() {
	tap_name=$1 tap_want=$2 tap_pattern=$3
	shift 3
	tap_run "$@"
	tap_match=no
	case $out in
	$tap_pattern) tap_match=yes ;;
	esac
	if [ "$tap_status" = "$tap_want" ] && [ $tap_match = yes ]; then
		tap_pass "$tap_name"
	else
		tap_fail "$tap_name" "ran: $*" "status: $tap_status, expected: $tap_want" \
			"stdout: $out" "expected: $tap_pattern" "stderr: $err"
		return 1
	fi
}

ok() {
	tap_name=$1
	shift
	tap_run "$@"
	if [ $tap_status -eq 0 ]; then
		tap_pass "$tap_name"
	else
		tap_fail "$tap_name" "ran: $*" "status: $tap_status" "stdout: $out" "stderr: $err"
		return 1
	fi
}

refute() {
	tap_name=$1
	shift
	tap_run "$@"
	if [ $tap_status -ge 1 ] && [ $tap_status -le 125 ]; then
		tap_pass "$tap_name"
	else
		tap_fail "$tap_name" "ran: $*" "status: $tap_status" "stdout: $out" "stderr: $err"
		return 1
	fi
}

like() {
	case $3 in
	$2) tap_pass "$1" ;;
	*) tap_fail "$1" "text: $3" "expected: $2" && return 1 ;;
	esac
}

unlike() {
	case $3 in
	$2) tap_fail "$1" "text: $3" "must not match: $2" && return 1 ;;
	*) tap_pass "$1" ;;
	esac
}

is() {
	if [ "$2" = "$3" ]; then
		tap_pass "$1"
	else
		tap_fail "$1" "expected: $2" "actual:   $3"
		return 1
	fi
}

err_like() {
	like "$1" "$2" "$err"
}

skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

emulated() {
	[ "$EICBOX" = "${EICBOX_EMULATED-}" ]
}

cannot() {
	tap_fail "$1" "cannot be run here: $2"
	return 1
}

start() {
	tap_starts=$((${tap_starts:-0} + 1))
	log=$tmp/.start.$tap_starts
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	tap_pids="$tap_pids $pid"
}

stop() {
	kill "$1" 2>/dev/null
	tap_reap "$1"
}

wait_for() {
	tap_tries=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		tap_tries=$((tap_tries - 1))
		[ $tap_tries -gt 0 ] || return 1
		sleep 0.1
	done
}

libraries() {
	find "$1/usr/lib" "$1/lib" -maxdepth 1 -name '*-linux-gnu' 2>/dev/null | paste -s -d :
}

server() {
	mkdir "$tmp/$1"
	start "$TOP/tests/httpd" "$tmp/$1"
	wait_for 10 test -s "$tmp/$1/port"
	url=http://127.0.0.1:$(cat "$tmp/$1/port")
}

# below those that the kernel gives to whoever asks for any port, until the test binds it
free_port() {
	perl -MIO::Socket::INET -e '
		open my $range, "<", "/proc/sys/net/ipv4/ip_local_port_range";
		my ($end) = split " ", ($range ? <$range> : "");
		$end = 32768 if !$end || $end < 20000;
		open my $given, "+>>", shift or die "free_port: $!\n";
		seek $given, 0, 0;
		my %given = map { $_ + 0 => 1 } <$given>;
		for (1 .. 1000) {
			my $port = 10240 + int rand($end - 10240);
			next if $given{$port} || !IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:$port");
			print $given "$port\n";
			print "$port\n";
			last;
		}' "$tmp/.ports"
}

no_settings() {
	export HOME="$tmp"
	for tap_name in $(env | sed -n 's/^\(AWS_[A-Za-z0-9_]*\)=.*/\1/p'); do
		unset "$tap_name"
	done
	unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY no_proxy NO_PROXY
}

plan() {
	tap_plan=$1
	printf '1..%d\n' "$1"
}

done_testing() {
	if [ -z "$tap_plan" ]; then
		printf '1..%d\n' "$tap_count"
	elif [ "$tap_plan" -ne "$tap_count" ]; then
		note "planned $tap_plan tests, ran $tap_count"
		tap_failed=$((tap_failed + 1))
	fi
	[ $tap_failed -eq 0 ]
	exit
}
