# fuzz.t - each harness runs for FUZZ_SECONDS over its seeds, and finds nothing
#
# FUZZ_SEED is where chance begins, so that a run can be had again; 0, the default, is another each time.
#
# The seeds of x_fuzz.c are the files of tests/fuzz/seeds/x/; one that ends with .b64 is base64. What a run
# finds worth keeping goes to fuzz/corpus of the build; an input that fails goes to fuzz/failed.
. "${0%/*}/../lib.sh"

seconds=${FUZZ_SECONDS:-3}
mkdir -p "$BUILD/fuzz/failed"

# seeds NAME: the seeds as files in $tmp/NAME
seeds() {
	mkdir -p "$tmp/$1" "$BUILD/fuzz/corpus/$1"
	for seed in "$TOP/tests/fuzz/seeds/$1"/*; do
		case $seed in
		*.b64) base64 -d "$seed" >"$tmp/$1/${seed##*/}" ;;
		*) [ ! -f "$seed" ] || cp "$seed" "$tmp/$1" ;;
		esac
	done
	[ -n "$(ls "$tmp/$1")" ]
}

harness() {
	TMPDIR=$tmp "$BUILD/fuzz/harness/$1_fuzz" -seed="${FUZZ_SEED:-0}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-max_len=16384 -artifact_prefix="$BUILD/fuzz/failed/$1-" \
		"$BUILD/fuzz/corpus/$1" "$tmp/$1" >"$tmp/said" 2>&1 && return
	harness_status=$?
	# what it found is said last, and ends with the input in base64
	tail -n 35 "$tmp/said"
	return $harness_status
}

for file in "$TOP"/tests/fuzz/*_fuzz.c; do
	name=${file##*/}
	name=${name%_fuzz.c}
	ok "$name has seeds" seeds "$name"
	ok "$name survives $seconds s of fuzzing" harness "$name"
done
done_testing
