# install_runs.t - runs at the same time: one waits for the other, and what both did can be taken away
. "${0%/*}/../lib.sh"
. "${0%/*}/../image.sh"

both() { # OPTIONS OPTIONS
	make_tree
	remember
	install $1 >"$tmp/1" 2>&1 &
	first=$!
	install $2 >"$tmp/2" 2>&1 &
	second=$!
	wait $first
	first=$?
	wait $second
	second=$?
}

n=0 wrong=
while [ $n -lt 15 ] && [ -z "$wrong" ]; do
	n=$((n + 1))
	case $((n % 3)) in
	0) both --sshd '--links /opt/eic' ;;
	1) both --sshd --sshd ;;
	2) both '--links /opt/eic' '--initramfs dracut' ;;
	esac
	[ $first$second = 00 ] || wrong="$n: $(cat "$tmp/1" "$tmp/2")"
	install --status >"$tmp/status" 2>&1 || wrong="$n: $(cat "$tmp/status")"
	install --remove >/dev/null 2>"$tmp/err" || wrong="$n: $(cat "$tmp/err")"
	manifest >"$tmp/after"
	diff "$tmp/before" "$tmp/after" >"$tmp/err" || wrong="$n: $(cat "$tmp/err")"
done
is 'two first runs at once: both are done, and taken away without a trace' '' "$wrong"
is 'each time' 15 $n

# --- one that holds the tree

make_tree
hold() { # CMD...: while another run is at work
	(
		flock 9
		"$@"
	) 9<"$tree"
}
for option in --sshd --remove '--links /opt/eic'; do
	check "while another is at work, $option is refused" 1 '' hold install $option
	err_like 'and says so' '*another installation is at work'
done
check 'but --status may look' 0 '*no AuthorizedKeysCommand*' hold install --status
check 'and so may --dry-run' 0 '*would make file*' hold install --dry-run
ok 'nothing was left behind' test ! -e "$tree/var/lib/eicbox"
cp -a "$tree" "$tmp/set"
"$EICBOX" install --prefix "$tmp/set" >/dev/null
check 'a journal is read when the other is done' 0 '*undo file*' sh -c '
	flock 9
	"$EICBOX" install --prefix "$1" --remove 9<&- &
	run=$!
	sleep 0.5
	cp -a "$2/." "$1/"
	flock -u 9
	wait $run' sh "$tree" "$tmp/set" 9<"$tree"
done_testing
