#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# A daemon, or "cgspan fence", dies at each point of cgspand
# --list-crash-points. The kernels are files: no machine is needed. nodes.bats
# has some points in a machine.

load helper

# lives: run one life for each line of stdin, "NAME LIFE WORD..."; no name may
# begin with another one and a dash
lives() { LIVES=$BATS_TEST_TMPDIR xargs -P 8 -L 1 "$TOP/tests/cluster/life"; }

# All points but those of fencing, which fence_life passes, and those of steps
# that others include, such as "barrier".
points() { "$TOP/build/test/cgspand" --list-crash-points | grep -v '^fence-\|^agent-'; }

@test "a daemon killed at any crash point leaves the sum whole and no kernel above its lease" {
	local list
	list=${POINTS:-$(points)}
	[ "$(wc -w <<<"$list")" -ge 30 ] || [ -n "${POINTS:-}" ]
	# shellcheck disable=SC2086 # words
	printf '%s\n' $list | sed 's/.*/& life &/' | lives
}

@test "a return that goes to the store first is noticed at its crash point" {
	export CGSPAN_BROKEN_RULES=STORE_FIRST_RETURN
	run lives <<<'return-committed life return-committed'
	[ "$status" != 0 ]
	grep 'n1: the kernel has [0-9]* and then [0-9]*, the store [0-9]*' <<<"$output"
}

# Fencing takes two steps: the epoch, then the leases.
@test "a fencer killed at any crash point has its fencing completed by another" {
	lives <<-'END'
		agent-before fence_life agent-before 1 daemon
		agent-after fence_life agent-after 1 daemon
		d1-sent fence_life fence-sent 1 daemon
		d1-committed fence_life fence-committed 1 daemon
		d2-sent fence_life fence-sent 2 daemon
		d2-committed fence_life fence-committed 2 daemon
		c1-sent fence_life fence-sent 1 command
		c1-committed fence_life fence-committed 1 command
		c2-sent fence_life fence-sent 2 command
		c2-committed fence_life fence-committed 2 command
	END
}
