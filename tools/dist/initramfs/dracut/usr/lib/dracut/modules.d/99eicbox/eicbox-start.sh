#!/bin/sh
# eicbox-start.sh - from now on a pushed key opens the initramfs
(
	. /lib/eicbox-functions
	eicbox_start
)
