#!/bin/sh
# footprint.sh - what our packages add to a small Debian, beside what the programs add that they stand in for
#
# usage: tests/bench/footprint.sh FOLDER      (of the .deb files that `make packages` made)
#
# Ours depend on nothing. The peer's are all that apt would install on top of what the row names: Debian's
# minbase with openssh-server, as tools/machine makes it; a root that has sshd and a shell, and nothing else; an
# empty one. Sizes are those that the packages state.
set -eu

folder=${1:?usage: tests/bench/footprint.sh FOLDER}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/empty"
: >"$tmp/none"

# closure STATUS PACKAGE...: what apt would add to a system with that dpkg status, a name a line
closure() {
	status=$1
	shift
	apt-get -s -o Dir::State::status="$status" --no-install-recommends install "$@" |
		awk '$1 == "Inst" { print $2 }' | sort
}

# added FILE: how many packages a file of names has, and their KiB
added() {
	xargs apt-cache show --no-all-versions <"$1" |
		awk '$1 == "Installed-Size:" { n++; size += $2 } END { print n + 0 " | " size + 0 }'
}

# row WHERE PACKAGE PEER STATUS BASE PEER-PACKAGE...: BASE is a file of names that are there anyway
row() {
	where=$1 package=$2 peer=$3 status=$4 base=$5
	shift 5
	closure "$status" "$@" | comm -13 "$base" - >"$tmp/added"
	printf '| %s, %s | 1 | %s | %s | %s |\n' "$package" "$where" \
		"$(dpkg-deb -f "$folder/${package}"_*_amd64.deb Installed-Size)" "$peer" "$(added "$tmp/added")"
}

echo '| footprint | packages | KiB | peer | packages | KiB |'
echo '|---|---|---|---|---|---|'
shell_agent="curl openssl ca-certificates openssh-client coreutils grep sed mawk findutils"
if machine=$("${0%/*}/../../tools/machine" 2>/dev/null); then
	row "on Debian's minbase with sshd" eicbox-agent 'what the shell agent calls' "$machine/var/lib/dpkg/status" "$tmp/none" \
		$shell_agent
else
	echo "| eicbox-agent, on Debian's minbase with sshd | 1 | | not measured: no machine (tools/machine) | | |"
fi
closure "$tmp/empty" dash openssh-server >"$tmp/base"
row 'in a root with only sshd and a shell' eicbox-agent 'what the shell agent calls' "$tmp/empty" "$tmp/base" \
	dash openssh-server $shell_agent
row 'in an empty root' eicbox-client awscli "$tmp/empty" "$tmp/none" awscli
