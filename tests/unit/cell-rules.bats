#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Controls: each rule between cells and their root is broken, and the checks
# must notice.

load rules

# without RULE...: run the cells with these rules broken
without() { run_without cell "${SEEDS-60}" "$@"; }

@test "with all rules the sums of the cells hold" {
	SEEDS=20 without
	[ "$status" -eq 0 ]
}

@test "a root that is credited before the cell is debited is noticed" {
	without CREDIT_FIRST
	[ "$status" -eq 1 ]
	[[ "$output" == *"(faults): "*"holds "*", the store "* ||
	   "$output" == *"(faults): "*"all cells were given "* ]]
}

@test "a late request that the transfer's id does not make void is noticed" {
	without NO_TRANSFER
	[ "$status" -eq 1 ]
	[[ "$output" == *"(faults): "*"holds "*", the store "* ||
	   "$output" == *"(faults): "*"all cells were given "* ]]
}
