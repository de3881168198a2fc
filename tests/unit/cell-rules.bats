#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Each rule of what connects cells to their root is taken out in turn, and the
# checkers must notice.

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# without RULE...: builds the cells with these rules broken, and runs seeds.
without() {
	local flags=() rule

	for rule; do
		flags+=("-DCGSPAN_BUG_$rule")
	done
	# shellcheck disable=SC2046
	cc -std=gnu11 -O1 -D_GNU_SOURCE "${flags[@]}" -I"$root/include/uapi" \
		-I"$root/user/cgspand" -I"$root/user/libcgspan" \
		-o "$BATS_TEST_TMPDIR/cell" "$root/tests/unit/cell.c" \
		"$root"/tests/sim/{cell,load,world}.c \
		"$root"/user/cgspand/{txn,key,codec,names,account,desired}.c \
		"$root"/user/cgspand/{policy,pace,cache}.c \
		"$root"/user/cgspand/ledger*.c \
		"$root/user/libcgspan/err.c" $(pkg-config --libs json-c) -lm
	run "$BATS_TEST_TMPDIR/cell" "${SEEDS-60}"
}

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
