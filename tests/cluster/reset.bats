#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# on-expiry reset: a machine with a hardware watchdog, which may reset it.

load helper

setup_file()
{
	K=6.12 machine r -m 384 -c 1 -r
	vm exec r 'cat >/usr/bin/begin; chmod +x /usr/bin/begin' <<-'END'
		#!/bin/bash
		# begin LINE...: a daemon, with these lines in its configuration
		pkill -x cgspand
		while pgrep -x cgspand >/dev/null; do sleep 0.1; done
		mkdir -p /etc/cgspan
		printf '%s\n' 'node = r' 'store = sqlite:/run/store.db' 'ttl = 6' \
			'heartbeat = 1.5' "$@" >/etc/cgspan/cgspan.conf
		setsid -f cgspand </dev/null >/run/cgspand.log 2>&1
		for i in $(seq 900); do
			! grep -q '>ready' /run/cgspand.log || exit 0
			sleep 0.1
		done
		cat /run/cgspand.log
		exit 1
	END
	vm exec r 'modprobe cgspan; modprobe i6300esb; mkdir /sys/fs/cgroup/r'
}

teardown_file() { vm stop r; }

state() { vm exec r cat /sys/class/watchdog/watchdog0/state; }
is() { [ "$(state)" = "$1" ]; }
within()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within its time: $*" >&2; return 1; }
	done
}

@test "without a watchdog no cgroup is bound to a group that resets" {
	vm exec r begin
	vm exec r cgspan create /r tasks 20 on-expiry reset --wait 60
	run vm exec r cgspan bind /r /r
	[ "$status" = 1 ]
	[[ $output == *"no watchdog is configured: set 'watchdog' in "* ]]
	vm exec r begin 'member = /r /r'
	vm exec r "grep 'not bound to /r: .*watchdog' /run/cgspand.log"
	is inactive
}

@test "the watchdog is armed while a group needs it" {
	vm exec r begin 'watchdog = /dev/watchdog' 'watchdog-timeout = 15'
	is inactive
	vm exec r cgspan bind /r /r
	within 60 is active
	[ "$(vm exec r cat /sys/class/watchdog/watchdog0/timeout)" = 15 ]
	vm exec r cgspan unbind /r
	within 60 is inactive
	vm exec r cgspan bind /r /r
	within 60 is active
	vm exec r cgspan leave --unbind --wait 60
	is inactive
}

@test "a machine with tasks whose daemon hangs past the deadline is reset" {
	vm exec r begin 'watchdog = /dev/watchdog' 'watchdog-timeout = 15' 'member = /r /r'
	vm exec r 'n=0; while [ $n -lt 2 ]; do read -r n _ < <(spawn /sys/fs/cgroup/r 2); done'
	is active
	vm exec r pkill -STOP -x cgspand
	VM_BOOT_DEADLINE=300 vm wait r
	run vm exec r ls /etc/cgspan
	[ "$status" != 0 ]
}
