#!/bin/sh
# eicbox-stop.sh - the root file system is there and about to be mounted: no pushed key may stay
(
	. /lib/eicbox-functions
	eicbox_stop
)
