#!/bin/sh
# locked.sh - the root file system is not to be had before a rescuer has unlocked it
[ -e /run/unlocked ]
