# elf.t - what is shipped is one static, position-independent, stripped file, in every profile
. "${0%/*}/../lib.sh"

elf=$TOP/tests/checks/elf

check 'the binary needs no other file' 0 '' "$elf" "$EICBOX"
for profile in agent initramfs instance client full; do
	check "the profile $profile needs no other file" 0 '' "$elf" "$BUILD/size/$profile/eicbox"
	check "the binary names its profile $profile" 0 "*$profile*" "$BUILD/size/$profile/eicbox" --version
done
for binary in arm64/eicbox arm64/everything/eicbox; do
	check "$binary needs no other file, and fits pages of 64 KiB" 0 '' "$elf" "$BUILD/$binary"
	is "$binary is for arm64" 183 "$(od -A n -t u2 -j 18 -N 2 "$BUILD/$binary" | tr -d ' ')"
done
is 'the binary lists one name for each applet of Kconfig' \
	"$(awk '/^menu "Applets"/ { on = 1 } /^endmenu/ { on = 0 }
		on && $1 == "config" { print tolower($2) }' "$TOP/Kconfig" | tr _ - | sort)" \
	"$("$EICBOX" --list | sort)"
ok 'the binary starts in a folder without libraries' env -i "$EICBOX" --list

start "$EICBOX" metadata-mock --listen 127.0.0.1:0
wait_for 10 test -s "$log"
ok 'relocated data is read-only once the program runs' \
	grep -q '^[^ ]* r--p .*/eicbox$' "/proc/$pid/maps"
refute 'no memory can be written and executed' grep -q ' .wx' "/proc/$pid/maps"
stop "$pid"

echo 'int main(void) { return 0; }' >"$tmp/a.c"
gcc -o "$tmp/dynamic" "$tmp/a.c"
gcc -s -static -no-pie -o "$tmp/fixed" "$tmp/a.c"
gcc -static-pie -z execstack -o "$tmp/stack" "$tmp/a.c" 2>/dev/null
check 'a dynamic binary is found' 1 '*interpreter*needs a library*' "$elf" "$tmp/dynamic"
check 'a binary at a fixed address is found' 1 '*not DYN*' "$elf" "$tmp/fixed"
check 'an executable stack is found' 1 '*stack is executable*' "$elf" "$tmp/stack"
check 'a symbol table is found' 1 '*not stripped*' "$elf" "$tmp/stack"
refute 'a text is no binary' "$elf" "$tmp/a.c"
echo 'void _start(void) { }' >"$tmp/start.c"
for kib in 4 64; do
	aarch64-linux-gnu-gcc -s -nostdlib -static-pie -Wl,-z,now,-z,max-page-size=$((kib * 1024)) -o "$tmp/pages$kib" "$tmp/start.c"
done
check 'segments for pages of 4 KiB alone are found on arm64' 1 '*does not fit pages of 65536 bytes*' "$elf" "$tmp/pages4"
unlike 'those for 64 KiB are not' '*does not fit pages*' "$("$elf" "$tmp/pages64")"
done_testing
