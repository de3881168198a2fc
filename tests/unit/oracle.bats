#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# The oracle (tests/demo/oracle) with an agent that needs no machine.

agent='echo ready
while read -r word; do
	case $word in
	read) echo 1 2 ;;
	freeze) echo frozen ;;
	thaw) echo thawed ;;
	esac
done'

@test "the oracle takes a command that reaches it in two pieces" {
	log=$BATS_TEST_TMPDIR/log
	: >"$log"
	{
		printf ho
		timeout 30 grep -m 2 -q see <(tail -f -n +1 "$log")
		printf 'ld\n'
	} | "$BATS_TEST_DIRNAME/../demo/oracle" -g 1000-2000 -o "$log" n1="$agent"
	grep -q '^did [0-9]* hold$' "$log"
}
