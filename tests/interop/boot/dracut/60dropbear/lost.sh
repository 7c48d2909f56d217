#!/bin/sh
# lost.sh - the root file system cannot be mounted before a rescuer has put it back
mv /dev/vda /run/lost
