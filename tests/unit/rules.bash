# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # bats: "run" sets status and output
#
# Controls of the ledger, see user/ledger/rule.h.

# run_without NAME SEEDS RULE...: run build/test/unit/NAME with these rules
# broken on SEEDS seeds ("": all)
run_without()
{
	local name=$1 seeds=$2
	shift 2
	# shellcheck disable=SC2086 # a number, or nothing
	CGSPAN_BROKEN_RULES=$(IFS=,; echo "$*") \
		run "$BATS_TEST_DIRNAME/../../build/test/unit/$name" $seeds
}

# noticed NAME SEEDS RULE PATTERN: with this rule broken the check fails, and its
# output matches the pattern
noticed()
{
	run_without "$1" "$2" "$3"
	[ "$status" -eq 1 ]
	# shellcheck disable=SC2053 # a pattern
	[[ $output == $4 ]]
}
