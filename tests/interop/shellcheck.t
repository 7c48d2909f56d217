# shellcheck.t - scripts that end up in somebody's initramfs are as clean as shellcheck can tell
. "${0%/*}/../lib.sh"

cd "$TOP" || exit 1
scripts=$(find tools/dist/initramfs -type f)
if ! command -v shellcheck >/dev/null; then
	cannot 'the scripts are clean' 'shellcheck is missing: make deps'
	done_testing
fi
like 'there are scripts' '*tools/dist/initramfs/debian/*/hooks/eicbox*' "$scripts"
for script in $scripts; do
	# what they read is there in the initramfs, or on the machine that makes it
	ok "$script is clean" shellcheck -e SC1091 "$script"
	ok "$script is POSIX" shellcheck -s sh -S warning -e SC1091 "$script"
done
done_testing
