# apt.sh - a private apt configuration that knows Debian's source packages
#
# The address of the mirror is the machine's own; only the suites are ours. Nothing of the machine's
# apt state is touched, and no root is needed. Lists may be old: what counts is the hash of tools/lock.

apt_suites='sid trixie bookworm'

# prints "URI<tab>KEYRING" for every binary archive that the machine uses
apt_archives() {
	find /etc/apt/sources.list.d -name '*.sources' -exec cat {} + 2>/dev/null | awk '
		function flush(  i, n, uris) {
			if (types ~ /deb/ && (" " parts " ") ~ / main / && suites !~ /-security/ && enabled !~ /no|false/) {
				n = split(uri, uris, " ")
				for (i = 1; i <= n; i++)
					print uris[i] "\t" (key ~ /^\// ? key : "")
			}
			types = uri = suites = parts = key = enabled = ""
		}
		/^#/ { next }
		/^[ \t]*$/ { flush(); next }
		{ name = tolower($1); value = $0; sub(/^[^:]*:[ \t]*/, "", value) }
		name == "types:" { types = value }
		name == "uris:" { uri = value }
		name == "suites:" { suites = value }
		name == "components:" { parts = value }
		name == "signed-by:" { key = value }
		name == "enabled:" { enabled = value }
		END { flush() }'
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk '
		$1 == "deb" {
			key = ""
			if (match($0, /signed-by=[^] ,]*/))
				key = substr($0, RSTART + 10, RLENGTH - 10)
			sub(/\[[^]]*\]/, "")
			if ($3 !~ /-security/ && $0 ~ / main( |$)/)
				print $2 "\t" key
		}'
}

# apt_private DIR: makes DIR/apt.conf; fails when the machine names no archive
apt_private() {
	apt_archive=$(apt_archives | sort -u | awk -F '\t' '
		!first { first = $0 }
		$1 ~ /\/debian\/?$/ && !debian { debian = $0 }
		END { print debian ? debian : first }')
	[ -n "$apt_archive" ] || return 1
	apt_uri=${apt_archive%	*}
	apt_key=${apt_archive#*	}
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/none" || return 1
	for apt_suite in $apt_suites; do
		echo "deb-src ${apt_key:+[signed-by=$apt_key] }$apt_uri $apt_suite main"
	done >"$1/sources.list"
	cat >"$1/apt.conf" <<-END
		Dir::Etc::SourceList "$1/sources.list";
		Dir::Etc::SourceParts "$1/none";
		Dir::Etc::PreferencesParts "$1/none";
		Dir::State::Lists "$1/lists";
		Dir::Cache "$1/cache";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Acquire::Check-Date "false";
		Acquire::Retries "1";
		Acquire::http::Timeout "15";
		Acquire::https::Timeout "15";
	END
}
