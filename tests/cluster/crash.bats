#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# A daemon that dies between any two steps: its points are those that
# cgspand --list-crash-points names. Four lives run at a time.

load helper

setup_file() { [ -n "${VM_HAVE:-}" ] || machine nodes -m 768; }
teardown_file() { [ -n "${VM_HAVE:-}" ] || vm stop nodes; }

# Those of the fencing node have a test of their own; "barrier" and the like
# come by on their own.
points() { vm exec nodes /cgspan/build/test/cgspand --list-crash-points | grep -v '^fence-\|^agent-'; }

@test "a daemon killed at any crash point leaves the sum whole and no kernel above its lease" {
	local list
	list=${POINTS:-$(points)}
	[ "$(wc -w <<<"$list")" -ge 30 ] || [ -n "${POINTS:-}" ]
	# shellcheck disable=SC2086 # words
	printf '%s\n' $list | vm exec nodes 'xargs -P 4 -n 1 bash -c "
		export POINT=\$0 NAME=\$0
		if bash -euo pipefail -c \". tests/cluster/lib.bash; . tests/cluster/crash.bash
			trap tidy EXIT; life\" >/run/\$0.out 2>&1 </dev/null
		then echo \"\$0: ok\"
		else echo \"\$0: failed\"; cat /run/\$0.out; exit 1
		fi"'
}
