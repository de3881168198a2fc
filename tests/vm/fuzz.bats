#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

setup()
{
	quick
	mkcg fuzz
	echo +pids >"$T/fuzz/cgroup.subtree_control"
}

# teardown fails if something remains that cannot be removed.
@test "valid, nearly valid and random messages are answered and leave nothing behind" {
	messages=${CGSPAN_MESSAGES:-$(long && echo 1000000 || echo 10000)}
	seed=${CGSPAN_SEED:-1}
	said=$(netlink -m "$messages" -s "$seed" "$T/fuzz" 2>&1) || {
		echo "$said"
		return 1
	}
	note "seed $seed: $said"
}
