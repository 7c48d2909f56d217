#!/bin/sh
# eicbox-emergency.sh - a shell on the console, because something failed: rescue goes on as long as it does
(
	. /lib/eicbox-functions
	eicbox_start
)

# When the shell ends dracut mounts, and no hook runs before.
mount() (
	. /lib/eicbox-functions
	eicbox_stop
	command mount "$@"
)
