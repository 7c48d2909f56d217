# banned.t - no banned call stands in the tree, and the check of it can fail
. "${0%/*}/../lib.sh"

banned=$TOP/tests/checks/banned

# planted FILE TEXT: a tree with one file
planted() {
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/${1%/*}"
	printf "$2\n" >"$tmp/tree/$1"
	"$banned" "$tmp/tree"
}

check 'nothing banned is called in this tree' 0 '' "$banned" "$TOP"
for name in strcpy strcat sprintf strncpy strtok gets atoi system popen alloca; do
	check "$name in a test is found" 1 "tests/unit/a.c:2: $name is banned" \
		planted tests/unit/a.c "\\n\\tx = $name(y);"
done
check 'printf in an applet is found' 1 '*printf is banned' planted applets/a.c 'printf ("x");'
check 'snprintf in core is found' 1 '*snprintf is banned' planted core/net/a.c 'snprintf(a, b, c);'
check 'malloc in core is found' 1 '*malloc is banned' planted core/net/a.c 'p = malloc(1);'
check 'exit in core is found' 1 '*exit is banned' planted core/net/a.c 'exit(1);'
check 'a call after a comment on its line is found' 1 '*' planted core/net/a.c '/* x */ strcpy(a, b);'
check 'a call after a string with a quote is found' 1 '*' planted core/net/a.c 'f("\\"", strcpy(a, b));'
check 'a call after an apostrophe in quotes is found' 1 '*' planted core/net/a.c "f('\"'); strcpy(a, b);"
check 'printf in a test is no fault' 0 '' planted tests/unit/a.c 'printf("x");'
check 'a comment is no call' 0 '' planted core/net/a.c '/* not strcpy(a, b)\n strcat(a) */'
check 'a string is no call' 0 '' planted core/net/a.c 'f("strcpy(a, b)");'
check 'a longer name is no call' 0 '' planted core/net/a.c 'my_strcpy(a); system_time(b);'
check 'a field is no call' 0 '' planted core/net/a.c 's->free(a);'
refute 'an empty tree is no success' "$banned" "$tmp/nothing"
done_testing
