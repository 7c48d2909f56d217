# lib.sh - what every bench shares; a bench is an executable tests/bench/NAME.sh that prints rows of one table
#
# row NAME RUNS OURS PEER   measures two command lines in turn (see measure.c); a peer that is not here: "-"
# A bench prints figures and judges nothing; make bench prints the table's head and builds $BUILD/bench/measure.
. "${0%/*}/../lib.sh"

row() {
	"$BUILD/bench/measure" "$@" || printf '| %s | failed | | | | | | | |\n' "$1"
}
