# size.t - every profile stays within its limit, and the check of it can fail
. "${0%/*}/../lib.sh"

check 'every profile is within its limit' 0 '*' "$TOP/tools/size" "$BUILD/size"
note "$out"
mkdir -p "$tmp/arm64/initramfs"
ln -s "$BUILD/arm64/eicbox" "$tmp/arm64/initramfs/eicbox"
check 'so is the initramfs of arm64' 0 '*initramfs  arm64*' "$TOP/tools/size" "$tmp/arm64" initramfs
note "$out"

# binary MACHINE BYTES FILE: as far as its size and the machine in its header go
binary() {
	{ head -c 18 /dev/zero && printf "\\$(printf %o "$1")\\0" && head -c $(($2 - 20)) /dev/zero; } >"$3"
}
for profile in agent initramfs instance client full; do
	mkdir -p "$tmp/$profile"
	binary 62 20 "$tmp/$profile/eicbox"
done
ok 'small binaries pass' "$TOP/tools/size" "$tmp"
binary 62 131072 "$tmp/agent/eicbox"
ok 'a binary at its limit passes' "$TOP/tools/size" "$tmp"
echo >>"$tmp/agent/eicbox"
check 'a binary one byte over its limit is found' 1 '*agent*over the limit*' "$TOP/tools/size" "$tmp"
ok 'others alone pass' "$TOP/tools/size" "$tmp" client full
binary 183 144179 "$tmp/agent/eicbox"
ok 'arm64 may have a tenth more' "$TOP/tools/size" "$tmp"
echo >>"$tmp/agent/eicbox"
check 'and not a byte over that' 1 '*agent*over the limit*' "$TOP/tools/size" "$tmp"
binary 40 20 "$tmp/agent/eicbox"
refute 'a binary for another machine is found' "$TOP/tools/size" "$tmp"
binary 62 20 "$tmp/agent/eicbox"
rm "$tmp/full/eicbox"
refute 'a profile that is missing is found' "$TOP/tools/size" "$tmp"
done_testing
