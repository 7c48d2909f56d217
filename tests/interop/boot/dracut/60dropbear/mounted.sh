#!/bin/sh
# mounted.sh - the root file system has just been mounted: waits until the test has looked
n=0
while [ ! -e /run/on ] && [ $n -lt 600 ]; do
	sleep 0.5
	n=$((n + 1))
done
