# packages_made.t - what make packages leaves: the same bytes from anybody, the right files, nothing to complain of
. "${0%/*}/../lib.sh"

built=$BUILD/packages
binaries=$built/build/x86_64
if ! version=$("$binaries/instance/eicbox" --version 2>/dev/null | sed -n '1s/^eicbox \([^ ,]*\).*/\1/p') ||
	[ ! -f "$built/eicbox-agent_${version}_amd64.deb" ]; then
	cannot 'the packages' 'there are none: make packages PACKAGE_ARCHES=x86_64'
	done_testing
fi
dpkg-deb -x "$built/eicbox-agent_${version}_amd64.deb" "$tmp/agent"
epoch=$(stat -c %Y "$tmp/agent/usr/libexec/eicbox/agent")

# package ARCH BINARIES OUT [NAME=VALUE...]
package() {
	arch=$1 from=$2 to=$3
	shift 3
	env SOURCE_DATE_EPOCH="$epoch" "$@" "$TOP/tools/package" "$version" "$arch" "$from" "$to"
}

# --- anybody's bytes

mkdir "$tmp/home" "$tmp/setgid"
chmod 2755 "$tmp/setgid"
printf '%%vendor Somebody\n%%_source_filedigest_algorithm 1\n%%_binary_filedigest_algorithm 1\n' >"$tmp/home/.rpmmacros"
(cd / && umask 077 && package x86_64 "$binaries" "$tmp/again" HOME="$tmp/home" TMPDIR="$tmp/setgid" LC_ALL=C.UTF-8 TZ=Asia/Tokyo \
	XZ_DEFAULTS=-0 XZ_OPT=-0 GZIP=-1 TAR_OPTIONS=--owner=1 DPKG_DEB_COMPRESSOR_LEVEL=1 DPKG_DEB_THREADS_MAX=1 BLOCK_SIZE=1) \
	>"$tmp/err" 2>&1 || note "$(cat "$tmp/err")"
is 'made again, there are the same files' "$(cd "$built" && find . -path ./build -prune -o -type f -print | grep -v aarch64 | grep -v arm64 | sort)" \
	"$(cd "$tmp/again" && find . -type f | sort)"
for file in $(cd "$tmp/again" && find . -type f ! -name APKBUILD | sort); do
	ok "made again, the bytes are the same: ${file#./}" cmp "$tmp/again/$file" "$built/$file"
done
apkbuild_of_all() { sed -e '/^arch=/d' -e '/^aarch64) /d' "$1/alpine/APKBUILD"; }
is 'made again, the APKBUILD says the same of x86-64' "$(apkbuild_of_all "$built")" "$(apkbuild_of_all "$tmp/again")"
ok 'nothing is left of the work' rmdir "$tmp/setgid"
mkdir -p "$tmp/b/packages/alpine"
: >"$tmp/b/packages/eicbox-agent_0.0.1_amd64.deb"
: >"$tmp/b/packages/alpine/eicbox-0.0.1-x86_64.tar.gz"
make -C "$TOP" BUILD="$tmp/b" PACKAGE_ARCHES= packages >/dev/null 2>&1
is 'what is there of another version goes' '' "$(find "$tmp/b/packages" -type f)"

# --- who publishes them

somebody="O'Brien, Mary-Jane & Sons, 100% \\1 \$HOME \`id\` @VERSION@ <ob@example.com>"
check 'any name of a person will do' 0 '' package x86_64 "$binaries" "$tmp/named" PACKAGER="$somebody"
is 'in the .deb' "$somebody" "$(dpkg-deb -f "$tmp/named/eicbox-client_${version}_amd64.deb" Maintainer)"
is 'in the .rpm' "$somebody" "$(rpm -qp --qf '%{packager}' "$tmp/named/eicbox-client-$version-1.x86_64.rpm")"
is 'in the APKBUILD' "# Maintainer: $somebody" "$(sed -n 2p "$tmp/named/alpine/APKBUILD")"
for name in Nobody 'two
lines <a@b>'; do
	check "$name is refused" 1 '' package x86_64 "$binaries" "$tmp/named" PACKAGER="$name"
done
mkdir -p "$tmp/bare/instance/gen"
cp "$binaries/instance/eicbox" "$tmp/bare/instance/"
echo 'JSMN_DIR := /nowhere' >"$tmp/bare/instance/gen/thirdparty.mk"
check 'without the terms of a library nothing is made' 1 '' package x86_64 "$tmp/bare" "$tmp/unmade"
err_like 'and the library is named' '*libsodium: its terms are not where its source was*'
check 'an architecture that is not known is refused' 1 '' package riscv64 "$binaries" "$tmp/unmade"

# --- what is in them

check 'lintian has nothing to say' 0 '' lintian --allow-root --fail-on error,warning "$built"/*_"${version}"_amd64.deb
check 'rpmlint has nothing to say' 0 '*0 errors, 0 warnings*' \
	rpmlint -c "$TOP/tools/dist/rpm/rpmlintrc.toml" "$built"/*-"$version"-1.x86_64.rpm
terms=$(cat "$tmp/agent/usr/share/doc/eicbox-agent/copyright")
for word in 'Apache License' '--- libsodium
' 'ISC License' '--- jsmn
' 'Permission is hereby granted' '--- musl
' 'Rich Felker'; do
	like "its terms have $word" "*$word*" "$terms"
done
rpms=$(rpm -qp --qf '%{license}\n' "$built"/*-"$version"-1.x86_64.rpm | sort -u)
is 'so says the .rpm' 'Apache-2.0 AND ISC AND MIT' "$rpms"

# tree_of FOLDER: what is in usr/bin and usr/libexec
tree_of() {
	(cd "$1" && find usr/bin usr/libexec -type f -printf '%m %p\n' -o -type l -printf '%p -> %l\n' | sort)
}
while read -r name profile links; do
	{
		echo "755 usr/libexec/eicbox/$name"
		for link in $links; do
			echo "usr/bin/$link -> ../libexec/eicbox/$name"
		done
	} | sort >"$tmp/$name.tree"
	dpkg-deb -x "$built/eicbox-${name}_${version}_amd64.deb" "$tmp/deb.$name"
	is "eicbox-$name has what it should have" "$(cat "$tmp/$name.tree")" "$(tree_of "$tmp/deb.$name")"
	ok "and the binary of the profile $profile" cmp "$tmp/deb.$name/usr/libexec/eicbox/$name" "$binaries/$profile/eicbox"
done <<EOF
$(grep -v -e '^#' -e '^$' "$TOP/tools/dist/packages")
EOF
dpkg-deb -e "$built/eicbox-agent_${version}_amd64.deb" "$tmp/control"
for script in "$tmp"/control/p* "$built"/alpine/*install; do
	ok "${script##*/} is clean" shellcheck -s sh -S warning "$script"
done
for script in postin preun postun triggerscripts; do
	rpm -qp --qf "%{$script}" "$built/eicbox-agent-$version-1.x86_64.rpm" >"$tmp/$script"
	ok "$script of the .rpm is clean" shellcheck -s sh -S warning "$tmp/$script"
	ok 'and has the words that all scripts share' perl -0777 -e 'my ($words, $all) = <>; exit(index($all, $words) < 0)' \
		"$TOP/tools/dist/agent.sh" "$tmp/$script"
done

# --- arm64, and the APKBUILD for both

# what abuild does with an APKBUILD, as far as that goes without Alpine
abuild() ( # FOLDER CARCH
	set -e
	cd "$1"
	CARCH=$2
	srcdir=$tmp/apk.$CARCH/src
	pkgdir=$tmp/apk.$CARCH/eicbox
	. ./APKBUILD
	set -- $sha512sums
	sums=$#
	set -- $source
	[ "$sums" = $(($# * 2)) ] || { echo "$sums words of sums for $# sources" && exit 1; }
	case " $arch " in *" $CARCH "*) ;; *) echo "not for $CARCH" && exit 1 ;; esac
	echo "$sha512sums" | sha512sum -c --quiet
	for file in $install; do
		[ -f "$file" ] && sh -n "$file"
	done
	mkdir -p "$srcdir"
	tar -C "$srcdir" -xzf "$source"
	package
	for part in $subpackages; do
		subpkgname=$part subpkgdir=$tmp/apk.$CARCH/$part depends=
		"${part#"$pkgname"-}"
		echo "$part needs $depends"
	done
)

# apk_is_good FOLDER CARCH
apk_is_good() {
	check "abuild could make packages for $2" 0 "eicbox-agent needs eicbox=$version-r0
eicbox-client needs eicbox=$version-r0
eicbox-devtools needs eicbox=$version-r0" abuild "$1" "$2"
	for name in agent client devtools; do
		is "eicbox-$name of $2 has what the .deb has" "$(cat "$tmp/$name.tree")" "$(tree_of "$tmp/apk.$2/eicbox-$name")"
	done
	is "the terms come with eicbox, for $2" 'LICENSE copyright' \
		"$(echo $(ls "$tmp/apk.$2/eicbox/usr/share/licenses/eicbox"))"
}

apk_is_good "$tmp/again/alpine" x86_64
for name in agent client devtools; do
	ok "the binary in eicbox-$name for Alpine is the one of the .deb" \
		cmp "$tmp/apk.x86_64/eicbox-$name/usr/libexec/eicbox/$name" "$tmp/deb.$name/usr/libexec/eicbox/$name"
done
rm -r "$tmp/apk.x86_64"
refute 'for a machine whose tarball is not there abuild can do nothing' abuild "$tmp/again/alpine" aarch64

arm=$BUILD/arm64/everything
if [ ! -f "$arm/eicbox" ]; then
	cannot 'the packages for arm64' 'there is no binary for it: make arm64'
	done_testing
fi
mkdir "$tmp/arm"
for profile in instance client everything; do
	ln -s "$arm" "$tmp/arm/$profile"
done
check 'packages for arm64 are made beside those for x86-64' 0 '' package aarch64 "$tmp/arm" "$tmp/again"
is 'the .deb says arm64' arm64 "$(dpkg-deb -f "$tmp/again/eicbox-agent_${version}_arm64.deb" Architecture)"
is 'the .rpm says aarch64' aarch64 "$(rpm -qp --qf '%{arch}' "$tmp/again/eicbox-agent-$version-1.aarch64.rpm")"
dpkg-deb -x "$tmp/again/eicbox-agent_${version}_arm64.deb" "$tmp/deb.arm"
is 'its files are those of x86-64' "$(cat "$tmp/agent.tree")" "$(tree_of "$tmp/deb.arm")"
ok 'its binary is the one of arm64' cmp "$tmp/deb.arm/usr/libexec/eicbox/agent" "$arm/eicbox"
check 'lintian has nothing to say about it' 0 '' \
	lintian --allow-root --fail-on error,warning "$tmp/again/eicbox-agent_${version}_arm64.deb"
for machine in x86_64 aarch64; do
	apk_is_good "$tmp/again/alpine" $machine
done
done_testing
