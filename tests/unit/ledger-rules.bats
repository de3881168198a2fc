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
		"$root"/user/cgspand/{txn,key,codec,account,desired}.c \
		"$root"/user/cgspand/{policy,pace,cache}.c \
		"$root"/user/cgspand/ledger*.c \
		"$root/user/libcgspan/err.c" $(pkg-config --libs json-c) -lm
	run "$BATS_TEST_TMPDIR/world" 80
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
