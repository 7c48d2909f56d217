#!/bin/sh
# footprint.sh - what our packages add to a small Debian, beside what the programs add that they stand in for
#
# usage: tests/bench/footprint.sh FOLDER      (of the .deb files that `make packages` made)
#
# Neither needs more than is counted: ours depend on nothing, the peer's are all that apt would install on an
# empty system, less what is there without them. Sizes are those that the packages state.
set -eu

folder=${1:?usage: tests/bench/footprint.sh FOLDER}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/status"

# closure PACKAGE...: what an empty system needs for these, a name a line
closure() {
	apt-get -s -o Dir::State::status="$tmp/status" --no-install-recommends install "$@" |
		awk '$1 == "Inst" { print $2 }' | sort
}

# added FILE: how many packages a file of names has, and their KiB
added() {
	xargs apt-cache show --no-all-versions <"$1" |
		awk '$1 == "Installed-Size:" { n++; size += $2 } END { print n + 0 " | " size + 0 }'
}

# row NAME PACKAGE PEER: what the peer needs stands in $tmp/all, and what is there anyway in $tmp/base
row() {
	deb=$(echo "$folder/$2"_*_amd64.deb)
	ours=$(dpkg-deb -f "$deb" Installed-Size)
	comm -13 "$tmp/base" "$tmp/all" >"$tmp/added"
	printf '| %s | 1 | %s | %s | %s |\n' "$1" "$ours" "$3" "$(added "$tmp/added")"
}

echo '| footprint | packages | KiB | peer | packages | KiB |'
echo '|---|---|---|---|---|---|'
closure dash openssh-server >"$tmp/base"
closure dash openssh-server curl openssl coreutils grep sed mawk findutils openssh-client ca-certificates >"$tmp/all"
row 'eicbox-agent, where sshd is' eicbox-agent 'what the shell agent calls'
: >"$tmp/base"
closure awscli >"$tmp/all"
row 'eicbox-client, on an empty system' eicbox-client 'awscli'
