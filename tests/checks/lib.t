# lib.t - the words of lib.sh fail when they should
. "${0%/*}/../lib.sh"

# script TEXT: runs TEXT as a test script
script() {
	printf '. "$TOP/tests/lib.sh"\n%s\n' "$1" >"$tmp/script.t"
	TMPDIR=$tmp sh "$tmp/script.t"
}

passes() {
	check "$1 passes" 0 '*' script "$2; done_testing"
}

fails() {
	check "$1 fails" 1 '*not ok 1*' script "$2; done_testing"
}

passes 'check with the right status and text' "check x 3 'a*c' sh -c 'echo abc; exit 3'"
fails 'check with another status' "check x 0 'abc' sh -c 'echo abc; exit 3'"
fails 'check with another text' "check x 0 'abd' echo abc"
fails 'check that expects silence' "check x 0 '' echo abc"
fails 'check of a part' "check x 0 'b' echo abc"
passes 'ok of true' 'ok x true'
fails 'ok of false' 'ok x false'
passes 'refute of false' 'refute x false'
fails 'refute of true' 'refute x true'
fails 'refute of a crash' "refute x sh -c 'kill -9 \$\$'"
fails 'refute of a command that does not exist' 'refute x /nonexistent'
fails 'like without a match' 'like x b abc'
fails 'unlike with a match' "unlike x '*b*' abc"
fails 'is of two texts' 'is x a b'
fails 'err_like without a match' "check y 1 '' false >/dev/null; tap_count=0; err_like x a"
fails 'cannot' 'cannot x why'
check 'skip says why' 0 'ok 1 - x # SKIP why*1..1' script 'skip x why; done_testing'
check 'skip_all ends the script' 0 '1..0 # SKIP why' script 'skip_all why; ok x false'
fails 'emulated without an emulator' 'ok x emulated'
fails 'wait_for that never comes' 'ok x wait_for 1 false'
check 'a script that ends early has no plan' 0 'ok 1 - x' script 'ok x true; exit 0'
check 'a plan that is not kept fails' 1 '*planned 2 tests, ran 1' script 'plan 2; ok x true; done_testing'

# the background program is gone, and so is the folder
script 'start sleep 77; echo $pid >"$TMPDIR/pid"; ok x kill -0 $pid; done_testing' >/dev/null
refute 'what start started is gone at the end' kill -0 "$(cat "$tmp/pid")"
is 'the private folder is gone at the end' '' "$(find "$tmp" -mindepth 1 -name 'eicbox-test.*')"

like 'free_port prints a number' '[1-9]*[0-9]' "$(free_port)"

# --- run: what it says of a layer, and how it ends

# layer TEXT: a checkout whose one script of interop is TEXT
layer() {
	mkdir -p "$tmp/top/tests/interop"
	printf '%s\n' ". '$TOP/tests/lib.sh'" "$1" >"$tmp/top/tests/interop/x.t"
	(cd "$tmp/top" && EICBOX=/none BUILD=$tmp T='' "$TOP/tests/run" interop)
}
check 'a layer that passes' 0 '*interop: 2 passed, 0 failed, 0 skipped*2 passed, 0 failed' \
	layer 'ok x true; ok y true; done_testing'
check 'a layer that fails' 1 '*x.t: not ok 2 - y*interop: 1 passed, 1 failed, 0 skipped*1 passed, 1 failed' \
	layer 'ok x true; ok y false; done_testing'
check 'what failed is said once more at the end' 1 '*interop: 1 passed, 1 failed, 0 skipped*x.t: not ok 2 - y*1 passed, 1 failed' \
	layer 'ok x true; ok y false; done_testing'
check 'what is skipped has not passed' 0 '*x.t: ok 2 - y # SKIP why*interop: 1 passed, 0 failed, 1 skipped*' \
	layer 'ok x true; skip y why; done_testing'
check 'a script that is skipped is no failure' 0 '*x.t: # SKIP why*interop: 0 passed, 0 failed, 1 skipped*' \
	layer 'skip_all why'
check 'a script that ends early fails, and is named at the end' 1 '*interop: 1 passed, 1 failed*x.t: No plan*1 passed, 1 failed' \
	layer 'ok x true; exit 0'
check 'so does one that ends with a status of its own' 1 '*interop: 1 passed, 1 failed*x.t: status 3,*1 passed, 1 failed' \
	layer 'ok x true; plan 1; exit 3'
mkdir "$tmp/a b"
for dir in "$tmp" "$tmp/a b" "$tmp/none"; do
	TMPDIR=$dir check "no TMPDIR that some users cannot enter, or that has a blank: ${dir#"$tmp"}" 0 '*1 passed, 0 failed' \
		layer 'ok x test "${tmp%/*}" = /tmp; done_testing'
done
homeless() { (unset HOME XDG_CACHE_HOME CACHE && "$@"); }
is 'without HOME and CACHE it says so' 'run: HOME: not set; or give CACHE=DIR' "$(homeless "$TOP/tests/run" checks 2>&1)"

# --- namespace.sh: where there is no network nothing is fetched

# namespaced TEXT [--inside]: runs TEXT as a script that goes on in namespaces
namespaced() {
	printf '. "$TOP/tests/lib.sh"\n. "$TOP/tests/namespace.sh"\n%s\n' "$1" >"$tmp/script.t"
	TMPDIR=$tmp CACHE=/dev/null/none sh "$tmp/script.t" $2
}
check 'what is needed behind enter fails' 1 'not ok 1 - unpack x*before enter*' \
	namespaced 'enter y; need x unpack x; ok z true; done_testing' --inside
check 'what cannot be fetched fails in front of it' 1 'not ok 1 - y*cannot*' \
	namespaced 'need x unpack x; need z unpack z; enter y; ok z true; done_testing'
check 'what can be done without does not' 0 'ok 1 - y*' namespaced 'want x unpack x || ok y test -z "$x"; done_testing'
cd "$TOP/tests" || exit 1
refute 'scripts that enter leave fetching to it' grep -n 'tools/\(unpack\|root\|machine\)' \
	$(grep -l '/\(namespace\|instance\|machine\|boot\|rescue\)\.sh"' */*.t bench/*.sh)
done_testing
