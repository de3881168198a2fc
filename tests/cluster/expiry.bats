#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# A session's deadline on a node with a daemon, in a machine with a hardware
# watchdog that may reset it. The daemon has the capabilities of its unit only.

load helper

setup_file()
{
	K=6.12 machine r -m 512 -c 1 -r
	sed -n 's/^CapabilityBoundingSet=/-all /p' "$TOP/user/systemd/cgspand.service" |
		sed 's/ CAP_/,+/g' | tr '[:upper:]' '[:lower:]' |
		vm exec r 'cat >/run/capabilities'
	vm exec r 'cat >/usr/bin/begin; chmod +x /usr/bin/begin' <<-'END'
		#!/bin/bash
		# begin LINE...: start a daemon with these lines in its
		# configuration
		if pid=$(pgrep -x cgspand); then
			kill "$pid"
			timeout 60 tail --pid="$pid" -f /dev/null || exit
		fi
		rm -rf /etc/cgspan
		mkdir /etc/cgspan
		printf '%s\n' 'node = r' 'store = sqlite:/run/store.db' 'ttl = 6' \
			'heartbeat = 1.5' "$@" >/etc/cgspan/cgspan.conf
		setsid -f setpriv --no-new-privs --bounding-set "$(cat /run/capabilities)" \
			cgspand </dev/null >/run/cgspand.log 2>&1
		grep -q '>ready' < <(timeout 90 tail -n +1 -f /run/cgspand.log 2>&-) && exit
		cat /run/cgspand.log
		exit 1
	END
	vm exec r 'modprobe cgspan; modprobe i6300esb; mkdir /sys/fs/cgroup/{r,c,h,f,k}'
}

teardown_file() { vm stop r; }

state() { vm exec r cat /sys/class/watchdog/watchdog0/state; }
is() { [ "$(state)" = "$1" ]; }

row() { vm exec r cgspan -t -o "$2" "${@:3}" | awk -F '\t' -v key="$1" '$1 == key { print $2 }'; }
member_is() { [ "$(row "$1" "cgroup,$2" bind)" = "$3" ]; }
used_is() { [ "$(row "$1" group,used tree)" = "$2" ]; }
session_is() { [ "$(vm exec r cgspan -t -o session status)" = "$1" ]; }
said() { vm exec r grep -q "$1" /run/cgspand.log; }
# let_in CGROUP COUNT: this many tasks can be created there at once
let_in() { [ "$(vm exec r spawn "/sys/fs/cgroup/$1" "$2")" = "$2 0" ]; }

@test "a daemon that hung past the deadline resumes with its groups held, frozen and killed" {
	vm exec r begin
	for policy in continue hold freeze kill; do
		vm exec r cgspan create "/${policy:0:1}" tasks 20 on-expiry $policy --wait 60
	done
	vm exec r begin 'member = /c /c' 'member = /h /h' 'member = /f /f' 'member = /k /k'
	# CAP_NET_ADMIN and CAP_SYS_RESOURCE.
	vm exec r 'grep -q "^CapEff:.*0000001001000$" /proc/$(pgrep -x cgspand)/status'
	member_is /f freezable yes
	# After its directory was made again, the daemon passes the new freezer.
	vm exec r 'cd /sys/fs/cgroup; rmdir f; mkdir f'
	within 60 member_is /f freezable yes
	within 60 let_in f 1
	within 60 let_in k 1
	within 60 let_in c 1
	within 60 let_in h 1
	vm exec r pkill -STOP -x cgspand
	within 60 session_is expired
	within 60 vm exec r grep -q 'frozen 1' /sys/fs/cgroup/f/cgroup.events
	within 60 used_is /k 0
	used_is /f 1
	let_in c 1
	[ "$(vm exec r spawn /sys/fs/cgroup/h 1)" = "0 1" ]
	vm exec r pkill -CONT -x cgspand
	within 60 session_is live
	within 60 vm exec r grep -q 'frozen 0' /sys/fs/cgroup/f/cgroup.events
	within 60 said 'group /k is killed and empty'
	within 60 let_in h 1
	vm exec r 'for g in c h f; do echo 1 >/sys/fs/cgroup/$g/cgroup.kill; done'
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
	within 60 let_in r 2
	is active
	vm exec r pkill -STOP -x cgspand
	VM_BOOT_DEADLINE=300 vm wait r
	run vm exec r ls /etc/cgspan
	[ "$status" != 0 ]
}
