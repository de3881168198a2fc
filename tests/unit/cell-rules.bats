#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Each rule between cells and their root is broken in turn, and the checks must
# notice.

load rules

# without RULE...: run the cells with these rules broken
without() { run_without cell "${SEEDS-60}" "$@"; }

@test "with every rule in place the cells stay sound" {
	SEEDS=10 without
	[ "$status" -eq 0 ]
}

@test "a root that is credited before the cell is debited is noticed" {
	without CREDIT_FIRST
	[ "$status" -eq 1 ]
	[[ "$output" == *"(faults): "*"holds "*", the store "* ||
	   "$output" == *"(faults): "*"all cells were given "* ]]
}

@test "a late request that no transfer's id makes void is noticed" {
	without NO_TRANSFER
	[ "$status" -eq 1 ]
	[[ "$output" == *"(faults): "*"holds "*", the store "* ||
	   "$output" == *"(faults): "*"all cells were given "* ]]
}
