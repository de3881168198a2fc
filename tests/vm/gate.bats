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

# drained AMOUNT WORD...: drain the lease of /a; the answer tells what is held
drained()
{
	request lease-set lease{ group-path=/a res=0 amount="$1" drain=1 "${@:2}" }
}

# end DIR COUNT: kill tasks, and wait until they are not charged any more
end()
{
	local pids before
	before=$(figure /a used)
	mapfile -t pids < <(head -n "$2" "$1/cgroup.procs")
	kill -KILL "${pids[@]}"
	within 20 is /a used $((before - $2))
}

@test "a lease drained below its use admits no fork until less is used, and tells what is held" {
	member a /a 200
	[ "$(spawn "$T/a" 112)" = "112 0" ]
	drained 50
	fields amount 50 used 112 held 112
	is /a lease 50 used 112
	[ "$(spawn "$T/a" 3)" = "0 3" ]
	end "$T/a" 31
	[ "$(spawn "$T/a" 3)" = "0 3" ]
	drained 50
	fields amount 50 used 81 held 81
	end "$T/a" 31
	[ "$(spawn "$T/a" 3)" = "0 3" ]
	drained 60
	fields amount 50 used 50 held 50
	end "$T/a" 2
	[ "$(spawn "$T/a" 4)" = "2 2" ]
	drained 50
	fields amount 50 used 50 held 50
	lease /a 51
	[ "$(spawn "$T/a" 4)" = "1 3" ]
}

@test "no fork of a storm is admitted while a lease drains" {
	member a /a 40
	[ "$(spawn "$T/a" 40)" = "40 0" ]
	stop=$BATS_TEST_TMPDIR/stop
	storms=()
	for i in 1 2; do
		(while [ ! -e "$stop" ]; do spawn "$T/a" 5; done) >"$BATS_TEST_TMPDIR/storm.$i" 3>&- &
		storms+=($!)
	done
	for n in 25 10; do
		drained $n
		used=$(field held)
		while [ "$used" -gt $n ]; do
			mapfile -t pids < <(head -n 3 "$T/a/cgroup.procs")
			kill -KILL "${pids[@]}"
			before=$used
			used=$(figure /a used)
			[ "$used" -le "$before" ]
		done
		within 20 is /a used $n
	done
	touch "$stop"
	wait "${storms[@]}"
	is /a used 10 peak 40
	awk '{ n += $2 } END { exit n == 0 }' "$BATS_TEST_TMPDIR"/storm.*
}

@test "a grant stays while its lease drains, moved tasks overdraw, and a refusal tells the cause" {
	mkcg a out
	group /calling
	group /a
	bind "$T/a" /a
	lease /a 20
	sleep 1000 3>&- &
	holder=$!
	request admit grant{ group-path=/a tasks=6 pid=$holder }
	[ "$(spawn "$T/a" 4)" = "4 0" ]
	listen credit
	drained 3 cause=2 caller=/calling exhausted=1
	fields amount 3 used 10 held 10
	resident "$T/out"
	echo "$pid" >"$T/a/cgroup.procs"
	told() { tail -n +2 "$heard" | grep -q "\"credit\":3,\"cause\":2,\"caller-id\""; }
	within 10 told
	drained 3 cause=2 caller=/calling
	fields amount 3 used 11 held 11
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	case $(uname -r) in
	6.1.*) text='too little headroom, kept for the guarantee' ;;
	*) text='tasks: too little headroom, kept for the guarantee of /calling' ;;
	esac
	refused EAGAIN "$text" request admit grant{ group-path=/a tasks=1 pid=$holder }
	fields missing 9 cause 2
	request group-get group{ path=/calling }
	id=$(field id)
	is /a cause 2 caller-id "$id" unspent 6
	logged() { dmesg | grep -q "in group /a or below: .* is 3, the limit is max; kept for the guarantee of /calling; see"; }
	within 10 logged
	grep -P "\t2\t$id\$" /sys/kernel/debug/cgspan/*/a/refusals

	# A caller that is gone, or was never here, is left out.
	request group-del group{ path=/calling }
	case $(uname -r) in 6.1.*) ;; *) text='tasks: too little headroom, kept for the guarantee' ;; esac
	refused EAGAIN "$text" request admit grant{ group-path=/a tasks=1 pid=$holder }
	drained 3 cause=4 caller=/none
	not is /a caller-id "$id"
	lease /a 3
	not is /a cause 4
	kill $holder
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
	join 5
	[ "$(spawn "$T/a" 2)" = "0 2" ]
	voided() { dmesg | grep -q "refused in group /logged or below: it uses 3 tasks, this node's lease is 0,"; }
	within 10 voided
}
