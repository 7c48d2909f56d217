#!/bin/sh
# eicbox.t - the dispatcher: names, links, the list, the version and everybody's help

. "${0%/*}/../lib.sh"

applets=$("$EICBOX" --list)
first=${applets%%
*}
nl='
'

# the list
check 'the list is printed on stdout' 0 '?*' "$EICBOX" --list
is 'the list goes to stdout alone' '' "$err"
is 'every line of the list is a name and nothing else' '' \
	"$(printf '%s\n' "$applets" | grep -v '^[a-z][a-z0-9-]*$')"
is 'no applet is listed twice' '' "$(printf '%s\n' "$applets" | sort | uniq -d)"

# version and help
check 'the version names program, number and profile' 0 'eicbox [0-9]*, profile [a-z]*' \
	"$EICBOX" --version
check 'the version names the libraries' 0 '*mbedTLS 3.*' "$EICBOX" --version
check 'the help is printed on stdout' 0 'Usage: eicbox *' "$EICBOX" --help
for applet in $applets; do
	like "the help lists $applet with a summary" "*$nl  $applet [ ]*[a-zA-Z]*" "$out"
done
check 'help without a name is the help' 0 'Usage: eicbox *' "$EICBOX" help

# wrong words
check 'no argument at all is refused' 2 '' "$EICBOX"
err_like 'and the applets are listed' "eicbox: *$nl$first*"
check 'an unknown applet is refused' 2 '' "$EICBOX" bogus
err_like 'and named, with the list' "eicbox: no applet bogus*$nl$applets"
is 'in one line before the list' "$(printf '%s\n' "$applets" | wc -l)" \
	"$(printf '%s\n' "$err" | tail -n +2 | wc -l)"
check 'an unknown option is refused' 2 '' "$EICBOX" --bogus
err_like 'and named' 'eicbox: no option --bogus*'
check 'an empty name is refused' 2 '' "$EICBOX" ''
check 'a name with a path is refused' 2 '' "$EICBOX" "./$first"
check 'a prefix of a name is refused' 2 '' "$EICBOX" "${first%?}"
check 'eic- alone is refused' 2 '' "$EICBOX" eic-
check 'eic- twice is refused' 2 '' "$EICBOX" "eic-eic-$first" --help
check 'help for an unknown applet is refused' 2 '' "$EICBOX" help bogus

# everybody's help, under all names
for applet in $applets; do
	check "$applet --help explains it on stdout" 0 "Usage: $applet *" "$EICBOX" "$applet" --help
	is "$applet --help leaves stderr alone" '' "$err"
	check "$applet -h does too" 0 "Usage: $applet *" "$EICBOX" "$applet" -h
	check "help $applet does too" 0 "Usage: $applet *" "$EICBOX" help "$applet"
	check "eic-$applet is the same applet" 0 'Usage: *' "$EICBOX" "eic-$applet" --help
	ln -s "$EICBOX" "$tmp/$applet"
	check "a link named $applet runs it" 0 "Usage: $applet *" "$tmp/$applet" --help
	ln -s "$EICBOX" "$tmp/eic-$applet"
	check "a link named eic-$applet runs it" 0 'Usage: *' "$tmp/eic-$applet" --help
	check "$applet refuses an unknown option" 2 '' "$EICBOX" "$applet" --no-such-option
	err_like "$applet names it and points to the help" '*--no-such-option*--help*'
done

mkdir "$tmp/path"
ln -s "$EICBOX" "$tmp/path/$first"
check 'a link is found on the PATH' 0 'Usage: *' env PATH="$tmp/path" "$first" --help
ln -s "$EICBOX" "$tmp/renamed"
check 'a link with another name takes the applet from its first argument' 0 "Usage: $first *" \
	"$tmp/renamed" "$first" --help
ln -s "$EICBOX" "$tmp/eic-bogus"
check 'a link named after no applet is refused' 2 '' "$tmp/eic-bogus"

# aliases
aliases() {
	case $1 in
	authkeys) echo eic_run_authorized_keys eic_curl_authorized_keys eic_parse_authorized_keys ;;
	ssh) echo mssh ;;
	esac
}

for applet in $applets; do
	for alias in $(aliases "$applet"); do
		check "$alias is $applet" 0 'Usage: *' "$EICBOX" "$alias" --help
		ln -s "$EICBOX" "$tmp/$alias"
		check "a link named $alias is $applet" 0 'Usage: *' "$tmp/$alias" --help
		unlike "$alias is not in the list" "*$alias*" "$applets"
	done
done

# output that cannot be written is an error
on_full() {
	"$@" >/dev/full
}
on_closed() {
	"$@" >&-
}
on_file() {
	(ulimit -f 0 && "$@" >"$tmp/file")
}
check 'a full stdout is an error' 1 '' on_full "$EICBOX" --list
err_like 'that is named' 'eicbox: standard output: *No space left*'
check 'a closed stdout is an error' 1 '' on_closed "$EICBOX" --help
check 'a file over the quota is an error' 1 '' on_file "$EICBOX" --list
check 'the help of an applet on a full stdout is an error' 1 '' on_full "$EICBOX" "$first" --help

on_broken_pipe() {
	mkfifo "$tmp/fifo"
	# the only reader is gone before the program starts
	(exec 3<>"$tmp/fifo" 4>"$tmp/fifo" 3<&- && exec "$@" >&4)
}
check 'a reader that is gone is an error and no signal' 1 '' on_broken_pipe "$EICBOX" --list
err_like 'that is named too' 'eicbox: standard output: *Broken pipe*'

done_testing
