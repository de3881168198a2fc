#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Controls: each rule of the ledger is broken, and the checks must notice.

load rules

# without RULE...: run the world with these rules broken
without() { run_without ledger "${SEEDS-80}" "$@"; }

@test "an unknown rule is refused" {
	without NO_SUCH_RULE
	[ "$status" -eq 2 ]
}

@test "with all rules the sums of the world hold" {
	without
	[ "$status" -eq 0 ]
}

@test "a return that goes to the store first is noticed" {
	without STORE_FIRST_RETURN
	[ "$status" -eq 1 ]
	[[ "$output" == *"the kernel of "*" holds "* ]]
}

@test "a kernel lease raised on a bare read, without a barrier, is noticed" {
	without RAISE_ON_READ
	[ "$status" -eq 1 ]
	[[ "$output" == *"the kernel of "*" holds "* ]]
}

@test "a blind retry after an unknown result is noticed" {
	without BLIND_RETRY
	[ "$status" -eq 1 ]
	[[ "$output" == *"leases and pool are "* ]]
}

# The store was restored from a backup, or is empty.

@test "a daemon that trusts a store older than its kernel is noticed" {
	SEEDS=200 without TRUST_THE_STORE
	[ "$status" -eq 1 ]
	[[ "$output" == *" was granted "*" and not all have claimed"* ]]
}

@test "a grant before all nodes have claimed is noticed" {
	without GRANT_WHILE_LEARNING
	[ "$status" -eq 1 ]
	[[ "$output" == *" was granted "*" and not all have claimed"* ]]
}

@test "a grant that does not compare the key "cluster" is noticed" {
	SEEDS='' without GRANT_UNAWARES
	[ "$status" -eq 1 ]
	[[ "$output" == *"not ok "*" what is under way when it begins is granted no more"* ]]
}

@test "a claim of the lease in the backup, instead of the kernel's, is noticed" {
	without BELIEVE_THE_BACKUP
	[ "$status" -eq 1 ]
	[[ "$output" == *"all have claimed, but of "* ]]
}

@test "transactions that do not compare the own heartbeat are noticed" {
	SEEDS='' without NO_HB_COMPARE
	[ "$status" -eq 1 ]
	[[ "$output" == *"not ok "*" by its own heartbeat alone"* ]]
}

@test "a new epoch that is not above the kernel's is noticed" {
	without EPOCH_GOES_BACK
	[ "$status" -eq 1 ]
	[[ "$output" == *"did not get there"* ]]
}
