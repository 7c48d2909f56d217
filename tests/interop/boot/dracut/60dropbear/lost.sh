#!/bin/sh
# lost.sh - the root file system cannot be mounted before a rescuer has put it back
[ -e /run/found ] || mv /dev/vda /run/lost
