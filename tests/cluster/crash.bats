#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# A daemon that dies between any two steps, and "cgspan fence" too: the points
# are those that cgspand --list-crash-points names. Four lives run at a time.

load helper

setup_file() { [ -n "${VM_HAVE:-}" ] || machine lives -m 768; }
teardown_file() { [ -n "${VM_HAVE:-}" ] || vm stop lives; }

# Without the points of fencing, which fence_life passes. Points such as "barrier"
# need no step of their own.
points() { vm exec lives /cgspan/build/test/cgspand --list-crash-points | cut -f 1 | grep -v '^fence-\|^agent-'; }

# lives LIFE: one for each line on its input, "NAME WORD..."; no name may begin
# with another one and a dash
lives()
{
	# shellcheck disable=SC2016 # for the machine
	vm exec lives "LIFE=$1 "'xargs -P 4 -L 1 bash -c "
		export NAME=\$0
		if bash -euo pipefail -c \". tests/cluster/lib.bash; . tests/cluster/crash.bash
			trap tidy EXIT; \$LIFE \$*\" >/run/\$0.out 2>&1 </dev/null
		then echo \"\$0: ok\"
		else echo \"\$0: failed\"; cat /run/\$0.out; exit 1
		fi"'
}

@test "a daemon killed at any crash point leaves the sum whole and no kernel above its lease" {
	local list
	list=${POINTS:-$(points)}
	[ "$(wc -w <<<"$list")" -ge 30 ] || [ -n "${POINTS:-}" ]
	# shellcheck disable=SC2086 # words
	printf '%s\n' $list | sed 's/.*/& &/' | lives life
}

# Fencing takes two steps: the epoch, then what it held.
@test "a fencer killed at any crash point has its fencing completed by another" {
	lives fence_life <<-'END'
		agent-before agent-before 1 daemon
		agent-after agent-after 1 daemon
		d1-sent fence-sent 1 daemon
		d1-committed fence-committed 1 daemon
		d2-sent fence-sent 2 daemon
		d2-committed fence-committed 2 daemon
		c1-sent fence-sent 1 command
		c1-committed fence-committed 1 command
		c2-sent fence-sent 2 command
		c2-committed fence-committed 2 command
	END
}
