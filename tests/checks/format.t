# format.t - the C files obey .clang-format, and the check of it can fail
. "${0%/*}/../lib.sh"

clang_format=$(command -v clang-format-14 || command -v clang-format)

# formatted FILE...: says what clang-format would change
formatted() {
	"$clang_format" --dry-run -Werror --style=file --ferror-limit=3 "$@"
}

# first lines say what the file is
first_lines() {
	for file; do
		head -n 1 "$file" | grep -q "^/\* ${file##*/} - " || echo "$file"
	done
}

if [ -z "$clang_format" ]; then
	cannot 'the files are formatted' 'clang-format is missing'
	done_testing
fi

cd "$TOP" || exit 1
for file in core/*/*.[ch] applets/*.[ch] applets/*/*.[ch] tests/*/*.[ch]; do
	[ -f "$file" ] || continue
	ok "$file is formatted ('make format' does it)" formatted "$file"
done
is 'each C file says on line 1 what it is' '' "$(first_lines $(find core applets tests -name '*.[ch]'))"

mkdir "$tmp/tree"
cp .clang-format "$tmp/tree"
printf 'int f(void)\n{\n\treturn 1;\n}\n' >"$tmp/tree/good.c"
printf 'int f(void) {\n    return 1;\n}\n' >"$tmp/tree/bad.c"
ok 'a formatted file passes' formatted "$tmp/tree/good.c"
refute 'a badly formatted file is found' formatted "$tmp/tree/bad.c"
is 'a file without a first line is found' "$tmp/tree/good.c" "$(first_lines "$tmp/tree/good.c")"
done_testing
