# format.t - the C files obey .clang-format, and the check of it can fail
. "${0%/*}/../lib.sh"

clang_format=$(command -v clang-format-14 || command -v clang-format)

# formatted FILE...: fails when clang-format would change one, and prints the names of those
formatted() {
	"$clang_format" --dry-run -Werror --style=file "$@" 2>"$tmp/words" && return
	sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: error: .*/\1/p' "$tmp/words" | sort -u
	return 1
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
files=$(find core applets tests tools -name '*.[ch]' | sort)
check "every C file is formatted ('make format' does it)" 0 '' formatted $files
is 'each C file says on line 1 what it is' '' "$(first_lines $files)"

mkdir "$tmp/tree"
cp .clang-format "$tmp/tree"
printf 'int f(void)\n{\n\treturn 1;\n}\n' >"$tmp/tree/good.c"
printf 'int f(void) {\n    return 1;\n}\n' >"$tmp/tree/bad.c"
check 'a formatted file passes' 0 '' formatted "$tmp/tree/good.c"
check 'a badly formatted file is found' 1 "$tmp/tree/bad.c" formatted "$tmp/tree/bad.c"
is 'a file without a first line is found' "$tmp/tree/good.c" "$(first_lines "$tmp/tree/good.c")"
done_testing
