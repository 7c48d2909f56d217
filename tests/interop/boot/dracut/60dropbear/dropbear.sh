#!/bin/sh
# dropbear.sh - starts dropbear when there is a network
if [ ! -e /run/dropbear.pid ]; then
	/usr/sbin/dropbear -s -p 222 -r /etc/dropbear/host_key -P /run/dropbear.pid
	echo 'dropbear listens' >/dev/kmsg
fi
