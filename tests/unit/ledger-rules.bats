#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Controls: each rule of the ledger is broken, and the checks must notice.

load rules

@test "an unknown rule is refused" {
	run_without ledger 80 NO_SUCH_RULE
	[ "$status" -eq 2 ]
}

@test "with all rules the sums of the world hold" {
	run_without ledger 80
	[ "$status" -eq 0 ]
}

@test "a return that goes to the store first is noticed" {
	noticed ledger 80 STORE_FIRST_RETURN '*the kernel of * holds *'
}

@test "a kernel lease raised on a bare read, without a barrier, is noticed" {
	noticed ledger 80 RAISE_ON_READ '*the kernel of * holds *'
}

@test "a blind retry after an unknown result is noticed" {
	noticed ledger 80 BLIND_RETRY '*leases and pool are *'
}

# The store was restored from a backup, or is empty.

@test "a daemon that trusts a store older than its kernel is noticed" {
	noticed ledger 200 TRUST_THE_STORE \
		'* was granted * and not all have claimed*'
}

@test "a grant before all nodes have claimed is noticed" {
	noticed ledger 80 GRANT_WHILE_LEARNING \
		'* was granted * and not all have claimed*'
}

@test "a grant that does not compare the key "cluster" is noticed" {
	noticed ledger '' GRANT_UNAWARES \
		'*not ok * what is under way when it begins is granted no more*'
}

@test "a claim of the lease in the backup, instead of the kernel's, is noticed" {
	noticed ledger 80 BELIEVE_THE_BACKUP '*all have claimed, but of *'
}

@test "transactions that do not compare the own heartbeat are noticed" {
	noticed ledger '' NO_HB_COMPARE '*not ok * by its own heartbeat alone*'
}

@test "a new epoch that is not above the kernel's is noticed" {
	noticed ledger 80 EPOCH_GOES_BACK '*did not get there*'
}
