# size.t - every profile stays within its limit, and the check of it can fail
. "${0%/*}/../lib.sh"

check 'every profile is within its limit' 0 '*' "$TOP/tools/size" "$BUILD/size"
note "$out"

for profile in agent initramfs instance client full; do
	mkdir -p "$tmp/$profile"
	: >"$tmp/$profile/eicbox"
done
ok 'small binaries pass' "$TOP/tools/size" "$tmp"
head -c 131072 /dev/zero >"$tmp/agent/eicbox"
ok 'a binary at its limit passes' "$TOP/tools/size" "$tmp"
echo >>"$tmp/agent/eicbox"
check 'a binary one byte over its limit is found' 1 '*agent*over the limit*' "$TOP/tools/size" "$tmp"
rm "$tmp/full/eicbox"
refute 'a profile that is missing is found' "$TOP/tools/size" "$tmp"
done_testing
