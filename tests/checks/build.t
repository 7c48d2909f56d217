# build.t - the build is reproducible, works offline from the cache, and refuses wrong third-party sources
. "${0%/*}/../lib.sh"

cd "$TOP" || exit 1

# offline CMD...: without any network, where the machine allows a namespace
offline() {
	unshare --net "$@"
}

# lock_with SHA256: a lock file that wants this hash of jsmn
lock_with() {
	sed "s/^\(source\|deb\) \( *\)jsmn\( *\)\([0-9.]*\) .*/\1 \2jsmn\3\4 $1/" tools/lock
}

nothing_left() {
	find "$1" -mindepth 2 ! -path "$1/lib/*" | grep . && return 1
	find "$1" -name '.fetch.*' | grep . && return 1
	return 0
}

if offline true 2>/dev/null; then
	ok 'a build in another folder works without a network' \
		offline make BUILD="$tmp/b" SOURCE_DATE_EPOCH=1767225600
	ok 'so does a second one' make BUILD="$tmp/b2" SOURCE_DATE_EPOCH=1767225600
	ok 'two builds are equal byte for byte' cmp "$tmp/b/eicbox" "$tmp/b2/eicbox"
	mkdir "$tmp/c1"
	check 'without a network and without a cache fetch fails with one line' 1 '' \
		offline env CACHE="$tmp/c1" tools/fetch jsmn
	err_like 'it says what could not be downloaded' '*fetch: jsmn*cannot be downloaded*'
	is 'it is one line' 1 "$(printf '%s\n' "$err" | grep -c -v FETCH)"
	ok 'nothing is left behind' nothing_left "$tmp/c1"
else
	cannot 'a build without a network' 'unshare --net is not allowed (CAP_SYS_ADMIN)'
fi

jsmn=$(CACHE=$CACHE tools/fetch jsmn | cut -d ' ' -f 3)
mkdir "$tmp/src" "$tmp/c2"
tar -C "${jsmn%/*}" -c -z -f "$tmp/src/jsmn-1.1.0.tar.gz" "${jsmn##*/}"
check 'a tarball with a wrong hash is refused' 1 '' env CACHE="$tmp/c2" SRC="$tmp/src" tools/fetch jsmn
err_like 'the line names the file' '*jsmn-1.1.0.tar.gz: wrong SHA-256*'
is 'it is one line again' 1 "$(printf '%s\n' "$err" | grep -c -v FETCH)"
ok 'nothing is left behind by it' nothing_left "$tmp/c2"
lock_with "$(sha256sum "$tmp/src/jsmn-1.1.0.tar.gz" | cut -d ' ' -f 1)" >"$tmp/lock"
check 'a folder with the right tarball is enough' 0 'jsmn 1.1.0 */src/jsmn-1.1.0-*' \
	env CACHE="$tmp/c2" SRC="$tmp/src" LOCK="$tmp/lock" tools/fetch jsmn
ok 'the tarball was unpacked' test -f "${out##* }/jsmn.h"
check 'a lock with another hash does not take what is cached' 1 '' \
	env CACHE="$tmp/c2" SRC="$tmp/src" tools/fetch jsmn
check 'a folder without the tarball is refused' 1 '' env CACHE="$tmp/c3" SRC="$tmp/b" tools/fetch jsmn
err_like 'it names what it looked for' '*holds no tarball of jsmn*'
check 'a source that the lock does not name is refused' 1 '' tools/fetch openssl
err_like 'it names the lock' '*openssl: not in tools/lock*'
mkdir -p "$tmp/bin" "$tmp/c4"
cat >"$tmp/bin/apt-get" <<'END'
#!/bin/sh
# somebody else's package
[ "$2" != download ] || : >"musl-dev_1_arm64.deb"
END
chmod 755 "$tmp/bin/apt-get"
check 'a musl for arm64 with a wrong hash is refused' 1 '' env PATH="$tmp/bin:$PATH" CACHE="$tmp/c4" tools/musl arm64
err_like 'it names the lock' '*musl-dev:arm64*has another SHA-256 than tools/lock wants*'
is 'nothing is left behind by it' .lock "$(ls -A "$tmp/c4")"
check 'a musl for a machine that the lock does not name is refused' 1 '' env CACHE="$tmp/c4" tools/musl riscv64
err_like 'it names the lock again' '*musl-dev:riscv64*: not in tools/lock*'
sed 's/^\(anchor Amazon_Root_CA_1 - \)./\10/' tools/lock >"$tmp/lock"
check 'a trust anchor with another hash is refused' 1 '*' env LOCK="$tmp/lock" tools/anchors
err_like 'it names the anchor' '*Amazon_Root_CA_1.crt: wrong SHA-256*'

for machine in x86_64 aarch64; do
	ok "the kernel's headers are found for $machine" make ARCH=$machine BUILD="$tmp/k" "$tmp/k/gen/kernel"
	readlink "$tmp/k/gen/kernel/asm" >"$tmp/asm.$machine"
done
refute "in one folder, too, they are each machine's own" cmp -s "$tmp/asm.x86_64" "$tmp/asm.aarch64"

check 'without HOME and CACHE nothing is built' 2 '' env -u HOME -u XDG_CACHE_HOME -u CACHE make -n
err_like 'and the line says what is missing' '*HOME: not set; or give CACHE=DIR*'
check 'a blank in the name of a folder is refused' 2 '' make -n BUILD="$tmp/a b"
err_like 'which is named' "*BUILD: '$tmp/a b': make cannot handle a blank in it*"

printf 'CONFIG_PROFILE_AGENT=y\nCONFIG_NO_SUCH=y\n' >"$tmp/defconfig"
KCONFIG_CONFIG=$tmp/.config
export KCONFIG_CONFIG
python=/usr/bin/python3
ok 'a configuration of this tree is read' $python tools/kconfig.py load tools/configs/agent_defconfig
check 'a configuration with an unknown symbol is refused' 1 '' $python tools/kconfig.py load "$tmp/defconfig"
err_like 'the line names the symbol' 'kconfig:*NO_SUCH*'
done_testing
