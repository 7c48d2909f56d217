#!/bin/sh
# dropbear.sh - starts dropbear when there is a network
if [ ! -e /run/dropbear.pid ]; then
	echo 'Starting dropbear' >/dev/kmsg
	/usr/sbin/dropbear -s -r /etc/dropbear/host_key -P /run/dropbear.pid
fi
