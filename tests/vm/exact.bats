#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

storm_seconds() { echo "${CGSPAN_STORM_SECONDS:-$(long && echo 60 || echo 5)}"; }
gap() { if long; then echo 1000; else echo 500; fi; }

# GROUP=CGROUP of the storm: four levels, with small leases and a small pids.max; some
# cgroups have no member. The storm makes and removes the cgroup of /svc.
tree='/s=s /s/a=s/a /s/a/1=s/a/1 /s/b=s/b /s/c=s/c /s/c/e=s/c/d/e /s/t=s/t /s/t/x=s/t/x /svc=svc'

prepare()
{
	local word
	mkcg s/a/1 s/a/2 s/b s/c/d/e s/t out
	mkdir "$T/s/t/x" "$T/s/t/y"
	echo threaded >"$T/s/t/x/cgroup.type"
	echo threaded >"$T/s/t/y/cgroup.type"
	echo +pids >"$T/s/t/cgroup.subtree_control"
	echo 12 >"$T/s/b/pids.max"
	for word in $tree; do
		echo "group-new group{ path=${word%=*} }"
		echo "member-add member{ group-path=${word%=*} cgroup=/t/${word#*=} }"
	done | genlclient 3>&-
	request lease-set lease{ group-path=/s/a/1 res=0 amount=14 } lease{ group-path=/s/c res=0 amount=16 } \
		lease{ group-path=/s res=0 amount=45 } lease{ group-path=/svc res=0 amount=3 }
	comparison="exact $(sed "s,=,=$T/,g; s, /svc=.*,," <<<"$tree")"
}

run_storm()
{
	storm -d "$T/s/a/1" -d "$T/s/a/2" -d "$T/s/b" -d "$T/s/c/d/e" -d "$T/out" \
		-T "$T/s/t" -S "$T/svc" -l 3 -t "$(storm_seconds)" \
		-q "$(gap)" "$@" 3>&- >"$BATS_TEST_TMPDIR/storm"
}

compared() { head -n -1 "$BATS_TEST_TMPDIR/storm"; }

nothing_left()
{
	local word
	within 20 is / used 0 live 0
	for word in $tree; do
		is "${word%=*}" used 0 live 0
	done
}

@test "under a storm counts equal the kernel's at every quiet point" {
	prepare
	covered() { compared | jq -se 'any(.used > 5 and .live > 5) and any(.used > .live)'; }
	for ((seed = ${CGSPAN_SEED:-1}, last = seed + 9; seed <= last; seed++)); do
		run_storm -s "$seed" -c "$comparison"
		note "$(tail -n 1 "$BATS_TEST_TMPDIR/storm")"
		tail -n 1 "$BATS_TEST_TMPDIR/storm" | jq -e '.quiet_failed == 0 and
			.quiet_points > 3 and .eagain > 0 and .other_errors == 0 and
			([.fork, .exec, .vfork, .thread, .thread_exec, .into_cgroup,
			.move_self, .move_child, .move_thread, .kill, .zombie,
			.killed_fork, .orphan, .io_uring] | all(. > 0))'
		nothing_left
		compared | jq -se 'all(.equal)'
		! covered || break
	done
	covered
}

@test "a service restarted in the storm is gated from its first task each time" {
	prepare
	run_storm -s 2
	note "$(tail -n 1 "$BATS_TEST_TMPDIR/storm")"
	tail -n 1 "$BATS_TEST_TMPDIR/storm" | jq -e '.service_restarts > 2 and
		.service_over == 0 and .service_under == 0'
	is /svc members 1 peak 3
	nothing_left
}

@test "binding and unbinding under the storm loses no task and counts none twice" {
	prepare
	run_storm -s 3 -c "exact /s=$T/s /s/b=$T/s/b /s/t=$T/s/t" &
	storm=$!
	rounds=0
	while kill -0 "$storm" 2>/dev/null; do
		genlclient 3>&- >"$BATS_TEST_TMPDIR/out" <<-END
		member-del member{ cgroup=/t/s/a/1 } member{ cgroup=/t/s/c/d/e }
		member-add member{ group-path=/s/a/1 cgroup=/t/s/a/1 }
		member-del member{ cgroup=/t/s/a }
		member-add member{ group-path=/s/c/e cgroup=/t/s/c/d/e }
		member-add member{ group-path=/s/a cgroup=/t/s/a }
		END
		not grep -q '"ok":false' "$BATS_TEST_TMPDIR/out"
		rounds=$((rounds + 1))
	done
	wait "$storm"
	note "rounds of binding and unbinding: $rounds"
	[ "$rounds" -gt 1 ]
	nothing_left
}

@test "exact detects a wrong count: tasks outside, a zombie, another cgroup" {
	mkcg b
	member a /a
	spawn "$T/a" 2
	exact "/a=$T/a"
	spawn "$T/b" 1
	run exact "/a=$T/b"
	[ "$status" = 1 ]
	run exact "/a=$T/a,$T/b"
	[ "$status" = 1 ]
	drain "$T/b"
	exact "/a=$T/a,$T/b"
	run exact "/a=$T/nothing"
	[ "$status" = 2 ]
	run exact "/no=$T/a"
	[ "$status" = 2 ]
}

@test "a wrong count makes the storm fail" {
	prepare
	CGSPAN_STORM_SECONDS=2
	not run_storm -s 4 -c "exact /s=$T/s/a"
	tail -n 1 "$BATS_TEST_TMPDIR/storm" | jq -e '.quiet_failed > 0'
}
