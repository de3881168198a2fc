#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# bomb_leaves LEASE ARGUMENT...: run a bomb; the lease is reached, not exceeded
bomb_leaves()
{
	local n=$1
	shift
	member a /a "$n"
	bomb -g "$T/a" "$@" 3>&- >"$BATS_TEST_TMPDIR/bomb"
	note "lease $n: $(cat "$BATS_TEST_TMPDIR/bomb")"
	jq -e --argjson n "$n" '.full == $n and .max <= $n and
		(.peak == null or .peak <= $n) and
		.refused > 0 and .other_errors == 0' "$BATS_TEST_TMPDIR/bomb"
	within 20 is /a used 0
	is /a peak "$n" live 0
	[ "$(pids "$T/a")" = 0 ]
}

# After a task was reaped, and not before, exactly one fork succeeds.
one_follows_one()
{
	jq -e '(.zombie_admits | not) and .later_admits and (.then_admits | not)' \
		"$BATS_TEST_TMPDIR/bomb"
}

seconds() { if long; then echo 20; else echo 2; fi; }

@test "64 processes that fork-bomb a lease of 1 from inside never get a second task" {
	bomb_leaves 1 -t "$(seconds)"
	one_follows_one
}

@test "64 processes that fork-bomb a lease of 100 from inside never get a 101st task" {
	bomb_leaves 100 -t "$(seconds)"
	one_follows_one
	jq -e '.attackers == 64' "$BATS_TEST_TMPDIR/bomb"
}

@test "64 processes that clone into a cgroup with a lease of 1 never get a second task" {
	bomb_leaves 1 -k into -t "$(seconds)"
	one_follows_one
}

@test "64 processes that clone into a cgroup with a lease of 100 never get a 101st task" {
	bomb_leaves 100 -k into -t "$(seconds)"
	one_follows_one
}

@test "vfork is refused at the lease" {
	bomb_leaves 9 -k vfork -p 3 -t 0
	one_follows_one
}

@test "threads are refused at the lease" {
	bomb_leaves 12 -k thread -p 3 -t 0
}

@test "without a lease only the native limit stops the fork bomb" {
	member a /a
	lease /a max
	echo 150 >"$T/a/pids.max"
	bomb -g "$T/a" -k into -t 0 3>&- >"$BATS_TEST_TMPDIR/bomb"
	jq -e '.full > 130 and .full <= 150 and .peak <= 150' "$BATS_TEST_TMPDIR/bomb"
	within 20 is /a used 0
}

@test "a fork that the native pids.max refuses charges nothing" {
	member a /a 10
	echo 3 >"$T/a/pids.max"
	[ "$(spawn "$T/a" 50)" = "3 47" ]
	is /a used 3 live 3
	request group-get group{ path=/a }
	[ "$(jq '.replies[0].group | .refusals + .resource[0].refusals' <<<"$reply")" = 0 ]
	echo max >"$T/a/pids.max"
	[ "$(spawn "$T/a" 50)" = "7 43" ]
}

@test "a lease of 0 admits nothing" {
	member a /a 0
	[ "$(spawn "$T/a" 3)" = "0 3" ]
	is /a used 0 peak 0
}

@test "the leases of all ancestors hold, and the refusing group counts the refusal" {
	group /a
	member a/x /a/x 3
	member a/y /a/y
	lease /a 5
	[ "$(spawn "$T/a/x" 4)" = "3 1" ]
	[ "$(spawn "$T/a/y" 4)" = "2 2" ]
	is /a used 5
	request dump group-get group{ path=/a }
	# refusals of the lease, and refusals to tasks of the group
	[ "$(jq -c '[.replies[].group | [.path, .resource[0].refusals, .refusals]]' <<<"$reply")" = \
		'[["/a",2,3],["/a/x",1,1],["/a/y",0,2]]' ]
	kill_all "$T/a/x"
	within 20 is /a/x used 0
	[ "$(spawn "$T/a/y" 9)" = "3 6" ]
}

@test "a lease on / holds for every group" {
	member a /a
	member b /b
	lease / 4
	[ "$(spawn "$T/a" 3)" = "3 0" ]
	[ "$(spawn "$T/b" 3)" = "1 2" ]
	is / used 4
	lease / max
	[ "$(spawn "$T/b" 3)" = "3 0" ]
}

@test "a lease shrinks to current use at most" {
	member a /a 10
	[ "$(spawn "$T/a" 6)" = "6 0" ]
	lease /a 2
	[ "$(field amount)" = 6 ]
	[ "$(field used)" = 6 ]
	is /a lease 6
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	lease /a 8
	[ "$(field amount)" = 8 ]
	[ "$(spawn "$T/a" 3)" = "2 1" ]
}

@test "a lease cannot be shrunk below an overdraft, nor does the overdraft grow" {
	mkcg out
	member a /a 1
	for i in 1 2 3; do
		resident "$T/out"
		echo "$pid" >"$T/a/cgroup.procs"
	done
	is /a used 3 lease 1
	lease /a 0
	[ "$(field used)" = 3 ]
	[ "$(field amount)" -le 1 ]
	[ "$(spawn "$T/a" 2)" = "0 2" ]
}

@test "a fork ended by SIGKILL returns its charge" {
	member a /a 40
	probe=/sys/kernel/tracing/kprobe_events
	echo p:cancelled pids_cancel_fork >"$probe"
	echo 1 >/sys/kernel/tracing/events/kprobes/cancelled/enable
	hits=0
	for ((seed = 1; seed <= 8 && hits == 0; seed++)); do
		storm -d "$T/a" -s $seed -t 3 -q 500 -c "exact /a=$T/a"
		hits=$(awk '$1 == "cancelled" { print $2 }' /sys/kernel/tracing/kprobe_profile)
	done
	echo 0 >/sys/kernel/tracing/events/kprobes/cancelled/enable
	echo >"$probe"
	note "forks that failed after their charge: $hits"
	[ "$hits" -gt 0 ]
	within 10 is /a used 0
}

@test "the kernel's own threads are charged and never refused" {
	# Between the two leases nothing can fork, not even this shell.
	[ "$(cat /sys/class/net/nodes/threaded)" = 0 ]
	not pgrep napi/nodes
	mkcg a
	open_socket s
	mkfifo "$BATS_TEST_TMPDIR/go"
	spawn -w "$T/a" 2 <"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/out" 3>&- &
	exec {go}>"$BATS_TEST_TMPDIR/go"
	ask s member-add member{ group-path=/ cgroup=/ }

	ask s lease-set lease{ group-path=/ res=0 amount=0 } || :
	shrunk=$reply
	echo >&"$go"
	wait $! || :
	echo 1 >/sys/class/net/nodes/threaded || :
	ask s lease-set lease{ group-path=/ res=0 amount=max } || :

	[[ $shrunk == *'"ok":true'* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "0 2" ]
	pgrep napi/nodes
	request member-del member{ cgroup=/ }
	is / used 0
}

@test "ftrace switched off does not open the gate" {
	member a /a 1
	sysctl -q -w kernel.ftrace_enabled=0
	spawned=$(spawn "$T/a" 2)
	sysctl -q -w kernel.ftrace_enabled=1
	[ "$spawned" = "1 1" ]
}

@test "other tracers on the same functions do not open the gate" {
	member a /a 1
	cd /sys/kernel/tracing
	echo 'p:in pids_can_fork' >kprobe_events
	echo 'r:out pids_can_fork' >>kprobe_events
	echo 1 >events/kprobes/enable
	[ "$(spawn "$T/a" 2)" = "1 1" ]
	echo 0 >events/kprobes/enable
	echo >kprobe_events
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	cd /
}

@test "the kernel's log has one line of a group's refused forks until its lease changes" {
	member a /logged 2
	lines() { [ "$(dmesg | grep -c "a fork was refused in group /logged or below: it uses $1 tasks, this node's lease is $1, the limit is max; see REFUSALS")" = "$2" ]; }
	[ "$(spawn "$T/a" 5)" = "2 3" ]
	within 10 lines 2 1
	lease /logged 3
	[ "$(spawn "$T/a" 5)" = "1 4" ]
	within 10 lines 3 1
	lines 2 1
}
