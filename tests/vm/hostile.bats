#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Clients that do all they may, over and over, to burden the machine and others:
# without privilege, as root of a user namespace of their own, and with
# CAP_NET_ADMIN alone. A group /n beside theirs forks and admits all the while.

load helper

user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
contained=("${user[@]}" unshare -Urn)
net_admin=(setpriv --bounding-set -all,+net_admin --inh-caps -all,+net_admin)

# How many grants a group may have of unprivileged requests: GROUP_GRANTS_MAX and
# GROUP_QUEUED_MAX of kernel/grant.c.
GRANTS_MAX=$((16384 + 1024))

requests() { long && echo 1000000 || echo 2000; }
rounds() { long && echo 2000 || echo 40; }

setup()
{
	quick
	mkcg a n
	group /a
	group /n
	bind "$T/a" /a
	bind "$T/n" /n
	for resource in 0:500 1:100000 2:1000000; do
		for path in / /a; do
			request lease-set lease{ group-path=$path res=${resource%:*} amount=${resource#*:} }
		done
	done
	lease /n 30
	request lease-set lease{ group-path=/n res=1 amount=10 }
	mkdir "$T/a/own"
	chown -R 65534 "$T/a"
	resident "$T/n"
	victim=$pid
}

# Admit and fork in /n until the file "stop" exists; a line for each.
neighbour()
{
	while [ ! -e "$BATS_TEST_TMPDIR/stop" ]; do
		inside "$T/n" cgspan admit /n cpu 1 -- true && echo good || echo bad
	done >"$BATS_TEST_TMPDIR/neighbour" 2>&1
}

# peak_of COMMAND...: the most grants that existed while it ran, and their bytes
peak_of()
{
	local job now bytes
	peak='0 0'
	"$@" &
	job=$!
	while kill -0 $job 2>&-; do
		read -r now bytes < <(awk '$1 == "cgspan_grant" { print $2, $2 * $4 }' /proc/slabinfo)
		[ "$now" -le "${peak% *}" ] || peak="$now $bytes"
		pause 0.1
	done
	wait $job
}

repeat() { for ((i = 0; i < $1; i++)); do "${@:2}" || :; done; }

directories()
{
	local i
	for ((i = 0; i < $2; i++)); do
		mkdir "$1/x" "$1/x/y"
		rmdir "$1/x/y" "$1/x"
	done
}

listens() { timeout 0.2 "$@" genlclient -m config,credit,session; }

dumps()
{
	yes $'dump group-get\ndump member-get\ndump grant-get\nnode-get' |
		head -n "$1" | "${@:2}" genlclient
}

# Requests that stop, freeze or kill tasks of others if they are allowed.
weapons()
{
	genlclient <<-END
		session-renew session{ epoch=9 sent=now ttl=1 }
		group-set group{ path=/ on-expiry=3 }
		group-new group{ path=/evil on-expiry=3 }
		lease-set lease{ group-path=/n res=0 amount=0 }
		member-add member{ group-path=/a cgroup=/ }
		member-add member{ group-path=/a cgroup=/t/n/x }
		member-del member{ cgroup=/t/n }
		group-del group{ path=/n }
		dump task-get group{ path=/ }
	END
}

# attack PREFIX...: everything at once, in the group /a
attack()
{
	local n jobs=()
	exec 3>&-
	n=$(rounds)
	echo "$BASHPID" >"$T/a/cgroup.procs"
	"$@" hostile exhaust /a "$(requests)" >"$BATS_TEST_TMPDIR/asked" & jobs+=($!)
	"$@" bash -c "$(declare -f weapons); weapons" >"$BATS_TEST_TMPDIR/weapons" & jobs+=($!)
	dumps $((4 * n)) "$@" >/dev/null & jobs+=($!)
	"${user[@]}" bash -c "$(declare -f directories); directories $T/a/own $n" & jobs+=($!)
	repeat "$n" "${user[@]}" unshare -Urn true & jobs+=($!)
	repeat "$n" "$@" genlclient node-get >/dev/null & jobs+=($!)
	repeat 5 listens "$@" >/dev/null & jobs+=($!)
	wait "${jobs[@]}" || :
}

no_grants()
{
	request dump grant-get
	[[ $reply != *'"id":'* ]]
}

# Nothing is held, or waits, in a group.
at_rest()
{
	request group-get group{ path="$1" }
	[[ ! $reply =~ \"(reserved|waiting)\":[1-9] ]]
}

# survives PREFIX...: the attack leaves the neighbours and the memory alone
survives()
{
	local before after admits
	before=$(kernel_memory)
	neighbour 3>&- &
	admits=$!
	peak_of attack "$@"
	touch "$BATS_TEST_TMPDIR/stop"
	wait $admits
	within 20 no_grants
	at_rest /a
	after=$(kernel_memory)
	note "requests accepted, refused and queued: $(cat "$BATS_TEST_TMPDIR/asked"); most grants and their bytes: $peak; kernel memory: $before kB before, $after kB after; admissions beside: $(grep -c good "$BATS_TEST_TMPDIR/neighbour")"
	[ "${peak% *}" -le $((GRANTS_MAX + 1000)) ]
	[ $((after - before)) -lt 4096 ]
	grep -q good "$BATS_TEST_TMPDIR/neighbour"
	not grep -v good "$BATS_TEST_TMPDIR/neighbour"
	[ "$(grep -c '"errno":"EPERM"' "$BATS_TEST_TMPDIR/weapons")" = 9 ]
	kill -0 "$victim"
	grep -qx 'frozen 0' "$T/n/cgroup.events"
	[ "$(spawn "$T/n" 2)" = "2 0" ]
}

# Some of the requests were queued.
queued() { grep -q ' [1-9][0-9]*$' "$BATS_TEST_TMPDIR/asked"; }

@test "an unprivileged user of a group burdens no other group" {
	survives "${user[@]}"
	queued
}

@test "root of a user namespace and a network namespace burdens no group" {
	survives "${contained[@]}"
	grep -q '^0 ' "$BATS_TEST_TMPDIR/asked"
}

@test "CAP_NET_ADMIN alone burdens no other group, and stops no task" {
	survives "${net_admin[@]}"
	queued
}

@test "amounts at every edge are granted, refused or queued, and returned" {
	local amount
	edge() { request admit grant{ group-path=/a "$@" pid="$victim" }; }
	for resource in tasks cpu memory user0; do
		edge $resource=1
		for amount in 0 9007199254740993 4611686018427387904 9223372036854775807 18446744073709551615 -1; do
			refused ERANGE '*' edge $resource=$amount wait=1000
		done
	done
	refused EAGAIN 'cpu*' edge cpu=9007199254740992
	[ "$(jq '.replies[0].grant.missing' <<<"$reply")" = 9007199254640993 ]
	for ((i = 0; i < 1100; i++)); do
		echo "admit grant{ group-path=/a cpu=9007199254740992 wait=86400000 pid=$victim }"
	done | genlclient 3>&- >"$BATS_TEST_TMPDIR/queued" || :
	[ "$(grep -c '"ok":true' "$BATS_TEST_TMPDIR/queued")" = 1023 ]
	[ "$(grep -c EDQUOT "$BATS_TEST_TMPDIR/queued")" = 77 ]
	kill "$victim"
	within 10 no_grants
	at_rest /a
}

@test "an unprivileged reader learns nothing of the tasks of others" {
	request admit grant{ group-path=/a cpu=1 pid="$victim" }
	open_socket other
	ask other admit grant{ group-path=/a cpu=1 }
	reply=$(inside "$T/a" "${user[@]}" genlclient dump grant-get 3>&-)
	[ "$(jq -c '[.replies[].grant | has("pid") or has("port")]' <<<"$reply")" = '[false,false]' ]
	reply=$(inside "$T/a" "${user[@]}" genlclient 3>&- <<-END | tail -n 1
		admit grant{ group-path=/a cpu=1 }
		dump grant-get
	END
	)
	[ "$(jq -c '[.replies[].grant | select(has("port"))] | length' <<<"$reply")" = 1 ]
	request dump grant-get
	[ "$(jq -c '[.replies[].grant | has("pid") or has("port")]' <<<"$reply")" = '[true,true]' ]
	run "${user[@]}" genlclient dump task-get group{ path=/a }
	[[ $output == *EPERM* ]]
	run timeout 20 "${user[@]}" genlclient -m exit
	[ "$status" = 2 ]
}

# beside NAME COMMAND...: the 99th percentile of a fork in /n while COMMAND runs in
# /a. The forks have priority: their CPU time counts, not their turn.
beside()
{
	local busy p99
	inside "$T/a" "${user[@]}" "${@:2}" >&2 3>&- &
	busy=$!
	inside "$T/n" hostile forks 50 >/dev/null 3>&-
	p99=$(inside "$T/n" nice -n -10 hostile forks 1000 3>&-)
	kill $busy || return 1
	wait $busy || :
	drain "$T/a"
	note "99th percentile of a fork beside $1: $p99 ns"
	echo "$p99"
}

@test "a fork takes as long beside ADMITs in another group as beside clones" {
	local crowd clones=0 admits=0
	[ -n "${CGSPAN_ICOUNT:-}" ] || skip "the clock of this machine does not count instructions"
	# As many processes as "exhaust" has.
	crowd='for _ in {1..16}; do hostile clones 100000000 & done; wait'
	for _ in 1 2 3; do
		clones=$((clones + $(beside clones bash -c "$crowd")))
		admits=$((admits + $(beside ADMITs hostile exhaust /a 100000000)))
	done
	[ $((admits * 10)) -le $((clones * 12)) ]
}

# longest COUNT: for how long interrupts are off at most, in us, while 16 processes send
# COUNT requests and exit with the grants
longest()
{
	local dir=/sys/kernel/tracing
	echo 0 >$dir/tracing_max_latency
	echo irqsoff >$dir/current_tracer
	inside "$T/a" "${user[@]}" hostile exhaust /a "$1" >&2 3>&-
	within 60 no_grants
	cat $dir/tracing_max_latency
	sed -n 's/.*=> /# /p' $dir/trace >&2
	echo nop >$dir/current_tracer
}

# The page allocator gives freed pages back in batches, with interrupts off. Without an
# allocation between, each batch is twice the one before: 63 pages, up to the zone's
# high mark, whatever task frees memory and of which kind. Let freed pages stay with the
# processor, so that only the module's sections are compared.
@test "10^6 requests, and the end of their holders, keep interrupts off no longer than 10^3" {
	local few many count=${CGSPAN_MANY:-20000}
	grep -qw irqsoff /sys/kernel/tracing/available_tracers 2>&- ||
		skip "this kernel does not measure for how long interrupts are off"
	echo 0 >/sys/kernel/tracing/options/function-trace
	echo 8 >/proc/sys/vm/percpu_pagelist_high_fraction
	longest 1000 >/dev/null
	few=$(longest 1000)
	many=$(longest "$count")
	echo 0 >/proc/sys/vm/percpu_pagelist_high_fraction
	note "interrupts are off for $few us at most with 1000 requests, for $many us with $count"
	[ "$many" -le $((2 * few)) ]
}
