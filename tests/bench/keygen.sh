#!/bin/sh
# keygen.sh - key pairs beside ssh-keygen's
#
# On a disk the time is mostly that of fsync, which ssh-keygen leaves out: so there is a row in memory too.
. "${0%/*}/lib.sh"

memory=$tmp
[ ! -w /dev/shm ] || memory=$(mktemp -d /dev/shm/eicbox-bench.XXXXXX)
trap 'tap_cleanup; [ "$memory" = "$tmp" ] || rm -rf "$memory"' EXIT

# pairs NAME RUNS DIR OPTION...
pairs() {
	pairs_name=$1 pairs_runs=$2 pairs_dir=$3
	shift 3
	row "$pairs_name" "$pairs_runs" \
		"rm -f $pairs_dir/a $pairs_dir/a.pub ;; $EICBOX keygen -q -N '' -f $pairs_dir/a $*" \
		"rm -f $pairs_dir/b $pairs_dir/b.pub ;; ssh-keygen -q -N '' -f $pairs_dir/b $*"
}

pairs 'keygen ed25519' 50 "$tmp" -t ed25519
pairs 'keygen ed25519, in memory' 50 "$memory" -t ed25519
pairs 'keygen ecdsa 256, in memory' 50 "$memory" -t ecdsa -b 256
pairs 'keygen rsa 3072, in memory' 40 "$memory" -t rsa -b 3072
