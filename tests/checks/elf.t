# elf.t - what is shipped is one static, position-independent, stripped file, in every profile
. "${0%/*}/../lib.sh"

elf=$TOP/tests/checks/elf

check 'the binary needs no other file' 0 '' "$elf" "$EICBOX"
for profile in agent initramfs instance client full; do
	check "the profile $profile needs no other file" 0 '' "$elf" "$BUILD/size/$profile/eicbox"
	check "the binary names its profile $profile" 0 "*$profile*" "$BUILD/size/$profile/eicbox" --version
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
done_testing
