#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Each rule of the ledger is taken out in turn, and the world must notice: a
# check that cannot fail proves nothing.

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
}

# without RULE...: builds the world with these rules broken, and runs seeds.
without() {
	local flags=() rule

	for rule; do
		flags+=("-DCGSPAN_BUG_$rule")
	done
	# shellcheck disable=SC2046
	cc -std=gnu11 -O1 -D_GNU_SOURCE "${flags[@]}" -I"$root/include/uapi" \
		-I"$root/user/cgspand" -I"$root/user/libcgspan" \
		-o "$BATS_TEST_TMPDIR/world" "$root/tests/unit/ledger.c" "$root/tests/sim/load.c" \
		"$root"/user/cgspand/{txn,key,codec,names,account,desired}.c \
		"$root"/user/cgspand/{policy,pace,cache}.c \
		"$root"/user/cgspand/ledger*.c \
		"$root/user/libcgspan/err.c" $(pkg-config --libs json-c) -lm
	# shellcheck disable=SC2086 # a number, or nothing
	run "$BATS_TEST_TMPDIR/world" ${SEEDS-80}
}

@test "with every rule in place the world stays sound" {
	without
	[ "$status" -eq 0 ]
}

@test "a return that goes store first is noticed" {
	without STORE_FIRST_RETURN
	[ "$status" -eq 1 ]
	[[ "$output" == *"the kernel of "*" holds "* ]]
}

@test "a kernel raised on a bare read, without a barrier, is noticed" {
	without RAISE_ON_READ
	[ "$status" -eq 1 ]
	[[ "$output" == *"the kernel of "*" holds "* ]]
}

@test "a blind retry after an unknown result is noticed" {
	without BLIND_RETRY
	[ "$status" -eq 1 ]
	[[ "$output" == *"leases and pool are "* ]]
}

# The store has gone back: restored from a backup, or made anew.

@test "a daemon that trusts a store older than its kernel is noticed" {
	without TRUST_THE_STORE
	[ "$status" -eq 1 ]
	[[ "$output" == *" was granted "*" and not all have claimed"* ]]
}

@test "a grant while nodes have still to claim is noticed" {
	without GRANT_WHILE_LEARNING
	[ "$status" -eq 1 ]
	[[ "$output" == *" was granted "*" and not all have claimed"* ]]
}

@test "a grant by who has not heard yet that nothing is granted is noticed" {
	SEEDS='' without GRANT_UNAWARES
	[ "$status" -eq 1 ]
	[[ "$output" == *"not ok "*" what is under way when it begins is granted no more"* ]]
}

@test "a claim of what the backup says, not of what the kernel holds, is noticed" {
	without BELIEVE_THE_BACKUP
	[ "$status" -eq 1 ]
	[[ "$output" == *"all have claimed, but of "* ]]
}

@test "transactions that do not compare their own heartbeat are noticed" {
	SEEDS='' without NO_HB_COMPARE
	[ "$status" -eq 1 ]
	[[ "$output" == *"not ok "*" notices by its own heartbeat"* ]]
}

@test "a new epoch that is not above the kernel's is noticed" {
	without EPOCH_GOES_BACK
	[ "$status" -eq 1 ]
	[[ "$output" == *"did not get there"* ]]
}
