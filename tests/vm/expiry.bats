#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

FREEZE=2 KILL=3 RESET=4
FREEZABLE=2 FROZEN=4

# policy GROUP ON_EXPIRY: create a group
policy() { request group-new group{ path="$1" on-expiry="$2" }; }

# hand DIR GROUP: bind DIR, or renew the cgroup.freeze of its member
hand()
{
	request member-add member{ group-path="$2" cgroup="${1#"$CG"}" freeze-fd="$1/cgroup.freeze" }
}

# expire GROUP...: a short session whose owner stops, with leases of "/" and
# GROUPs. Start tasks before: on a slow machine the deadline may pass at once.
expire()
{
	local leases=() group
	for group in / "$@"; do
		leases+=(lease{ group-path="$group" res=0 amount=500 })
	done
	join 5 1000
	ask owner lease-set session{ epoch=5 } "${leases[@]}"
	kill -STOP "$owner_pid"
}

renew()
{
	kill -CONT "$owner_pid"
	ask owner session-renew session{ epoch=5 sent=now ttl=60000 }
}

expired()
{
	request node-get
	[ "$(field state)" = 2 ]
}

frozen() { grep -q "^frozen $2" "$1/cgroup.events"; }

# flags DIR: of the member; those bound by path
flags()
{
	genlclient dump member-get 3>&- |
		jq -r --arg c "${1#"$CG"}" '.replies[].member[] | select(.cgroup == $c) | .flags'
}

has_flags() { [ "$(flags "$1")" = "$2" ]; }

told() { grep -q "group-empty-ntf.*\"path\":\"$1\"" "$heard"; }

gone() { [ ! -e "/proc/$1" ]; }

@test "on_expiry freeze refuses a member without its own cgroup.freeze descriptor" {
	mkcg a b
	policy /f $FREEZE
	refused EINVAL '*cgroup.freeze*' bind "$T/a" /f
	refused EINVAL '*another cgroup*' request member-add \
		member{ group-path=/f cgroup=/t/a freeze-fd="$T/b/cgroup.freeze" }
	refused EBADF '*not that of a cgroup.freeze*' request member-add \
		member{ group-path=/f cgroup=/t/a freeze-fd="$T/a/cgroup.procs" }
	refused EBADF '*not that of a cgroup.freeze*' request member-add \
		member{ group-path=/f cgroup=/t/a freeze-fd="$T/a" }
	exec {ro}<"$T/a/cgroup.freeze"
	refused EBADF '*reading and writing*' request member-add \
		member{ group-path=/f cgroup=/t/a freeze-fd=$ro }
	exec {ro}<&-
	refused EBADF '*not open*' request member-add member{ group-path=/f cgroup=/t/a freeze-fd=987 }
	hand "$T/a" /f
	has_flags "$T/a" $FREEZABLE

	group /late
	bind "$T/b" /late
	refused EINVAL '*cgroup.freeze*' request group-set group{ path=/late on-expiry=$FREEZE }
	refused EEXIST '*' hand "$T/b" /f
	hand "$T/b" /late
	request group-set group{ path=/late on-expiry=$FREEZE }
}

@test "on_expiry kill refuses a threaded member, and no policy is weaker than its parent's" {
	mkcg a/t
	echo threaded >"$T/a/t/cgroup.type"
	policy /k $KILL
	refused EOPNOTSUPP '*threaded*' bind "$T/a/t" /k
	group /late
	bind "$T/a/t" /late
	refused EOPNOTSUPP '*threaded*' request group-set group{ path=/late on-expiry=$KILL }
	refused EINVAL '*weaker*' policy /k/x $FREEZE
	policy /k/x $RESET
	refused ERANGE '*' policy /never 5
}

@test "freeze stops tasks at the deadline; renewal thaws all but what users froze" {
	mkcg a b c h
	policy /f $FREEZE
	policy /h 1
	for dir in a b c; do
		hand "$T/$dir" /f
	done
	bind "$T/h" /h
	spawn "$T/a" 2
	spawn "$T/b" 1
	spawn "$T/c" 1
	spawn "$T/h" 1
	echo 1 >"$T/b/cgroup.freeze"
	within 10 frozen "$T/b" 1
	frozen "$T/a" 0
	expire /f /h
	within 20 frozen "$T/a" 1
	expired
	within 10 has_flags "$T/a" $((FREEZABLE + FROZEN))
	within 10 has_flags "$T/c" $((FREEZABLE + FROZEN))
	has_flags "$T/b" $FREEZABLE
	# What something else thaws is frozen again.
	echo 0 >"$T/a/cgroup.freeze"
	within 10 grep -qx 1 "$T/a/cgroup.freeze"
	frozen "$T/h" 0
	[ "$(spawn "$T/a" 2)" = "0 2" ]
	is /f used 4

	# A cgroup that was unbound is not frozen by the group.
	unbind "$T/c"
	within 10 frozen "$T/c" 0

	renew
	within 10 frozen "$T/a" 0
	within 10 has_flags "$T/a" $FREEZABLE
	frozen "$T/b" 1
	[ "$(spawn "$T/a" 1)" = "1 0" ]
	echo 0 >"$T/b/cgroup.freeze"
}

@test "while members stay frozen, each second looks at members only, at no task" {
	local tracing=/sys/kernel/tracing n
	[ -e $tracing/kprobe_events ] || skip "this kernel has no kprobe events"
	mkcg a
	policy /f $FREEZE
	hand "$T/a" /f
	spawn "$T/a" 1
	expire /f
	within 20 frozen "$T/a" 1
	printf 'p:members cgspan_bind_freeze\np:tasks cgspan_task_next\n' >$tracing/kprobe_events
	echo >$tracing/trace
	echo 1 >$tracing/events/kprobes/enable
	looked() { [ "$(grep -c members: $tracing/trace)" -ge 4 ]; }
	within 30 looked
	# One at most: the deadline's own, if it comes so late.
	n=$(grep -c tasks: $tracing/trace) || :
	echo 0 >$tracing/events/kprobes/enable
	echo >$tracing/kprobe_events
	[ "$n" -le 1 ]
	renew
	within 10 frozen "$T/a" 0
}

@test "a directory made again holds only, until its cgroup.freeze is passed to the kernel" {
	mkcg a
	policy /f $FREEZE
	request member-add member{ group-path=/f cgroup=/t/later }
	hand "$T/a" /f
	rmdir "$T/a"
	mkcg a later
	has_flags "$T/a" 0
	has_flags "$T/later" 0
	spawn "$T/a" 1
	spawn "$T/later" 1
	expire /f
	within 20 expired
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	frozen "$T/a" 0
	refused EEXIST '*' request member-add \
		member{ group-path=/f cgroup=/t/a freeze-fd="$T/a/cgroup.freeze" } \
		member{ group-path=/f cgroup=/t/later }
	has_flags "$T/a" 0
	hand "$T/a" /f
	within 10 frozen "$T/a" 1
	frozen "$T/later" 0
	renew
	within 10 frozen "$T/a" 0
}

@test "kill ends a forking group and its subgroups at the deadline and reports them empty" {
	mkcg k/own k/sub c
	policy /k $KILL
	policy /k/sub $RESET
	group /c
	bind "$T/k" /k
	bind "$T/k/sub" /k/sub
	bind "$T/c" /c
	listen session
	resident "$T/c"
	survivor=$pid
	[ "$(spawn "$T/k/sub" 3)" = "3 0" ]
	[ "$(spawn "$T/k/own" 20)" = "20 0" ]
	inside "$T/k/own" bash -c 'while :; do (sleep 0.1 & sleep 0.05); done' 3>&- 2>&- &
	expire /k /k/sub /c
	within 30 told /k
	within 10 told /k/sub
	is /k used 0
	expired
	[ "$(pids "$T/k")" = 0 ]
	[ "$(spawn "$T/k/own" 1)" = "0 1" ]
	[ -e "/proc/$survivor" ]
	is /c used 1

	# A task that is moved in later is killed too.
	resident "$T/c"
	echo "$pid" >"$T/k/own/cgroup.procs"
	within 10 gone "$pid"
	renew
	[ "$(spawn "$T/k/own" 1)" = "1 0" ]
	is /k used 1
	not told /c
}

@test "a group is reported empty only after its last zombie was reaped" {
	mkcg z
	policy /z $KILL
	bind "$T/z" /z
	listen session
	mkfifo "$BATS_TEST_TMPDIR/end"
	spawn -z "$T/z" 1 <>"$BATS_TEST_TMPDIR/end" 3>&- &
	parent=$!
	within 10 is /z used 1
	spawn "$T/z" 1
	expire /z
	within 20 expired
	within 10 is /z used 1 live 0
	is_empty "$T/z"
	not told /z
	kill "$parent"
	within 10 told /z
	is /z used 0
}

@test "a machine with tasks to kill at a deadline does not suspend" {
	mkcg k
	policy /k $RESET
	bind "$T/k" /k
	join 5
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=9 } lease{ group-path=/k res=0 amount=9 }
	spawn "$T/k" 1
	run bash -c 'echo freeze >/sys/power/state'
	[ "$status" != 0 ]
	[[ $output == *busy* ]]
	dmesg | grep -q 'cgspan: no suspend while'
}

@test "the end of a namespace passes its deadlines: kill kills, freeze holds" {
	mkcg k f
	node n
	on n group-new group{ path=/k on-expiry=$KILL }
	on n group-new group{ path=/f on-expiry=$FREEZE }
	on n member-add member{ group-path=/k cgroup=/t/k } \
		member{ group-path=/f cgroup=/t/f freeze-fd="$T/f/cgroup.freeze" }
	spawn "$T/k" 2
	spawn "$T/f" 1
	on n session-renew session{ epoch=3 sent=now ttl=60000 }
	lose n
	within 20 is_empty "$T/k"
	[ "$(spawn "$T/f" 1)" = "0 1" ]
	frozen "$T/f" 0
	drain "$T/f"
}
