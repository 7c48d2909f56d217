# applets.t - symbol FOO_BAR = file applets/foo_bar.c = object foo_bar_applet, and the tree is what the design says
. "${0%/*}/../lib.sh"

cd "$TOP" || exit 1

# the symbols of the menu "Applets", in lower case
symbols() {
	awk '/^menu "Applets"/ { on = 1 } /^endmenu/ { on = 0 } on && $1 == "config" { print tolower($2) }' Kconfig
}

for name in $(symbols); do
	ok "applets/$name.c exists" test -f "applets/$name.c"
	ok "applets/$name.c defines ${name}_applet" \
		grep -q "^const struct applet ${name}_applet = {" "applets/$name.c"
	ok "applets/$name.c has a test" test -f "tests/applets/$(echo "$name" | tr _ -).t" -o -f "tests/applets/$name.t"
done

objects=$(sed -n 's/^const struct applet \([a-z0-9_]*\)_applet = {.*/\1/p' applets/*.c | sort)
is 'each object has a symbol' "$(symbols | sort)" "$objects"
is 'the top level holds what the design names' \
	'Kconfig LICENSE Makefile README.md applets core tests tools' \
	"$(ls | grep -v '^build$' | tr '\n' ' ' | sed 's/ $//')"
done_testing
