#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

orphans()
{
	genlclient dump group-get 3>&- |
		jq -c '[.replies[].group | select(.flags % 2 == 1) | .path | select(. != "/")]'
}

has_orphans() { [ "$(orphans)" = "$1" ]; }

# The node a binds a cgroup to its group /web.
node_with_member()
{
	mkcg a
	node a
	on a group-new group{ path=/web }
	on a member-add member{ group-path=/web cgroup=/t/a }
}

@test "each network namespace is a node: with its own uuid, groups and session" {
	node a
	request node-get
	here=$(field uuid)
	on a node-get
	[ "$(field uuid)" != "$here" ]
	[ "${#here}" = 34 ]
	group /only-here
	on a group-new group{ path=/only-there }
	refused ENOENT '*' on a group-get group{ path=/only-here }
	refused ENOENT '*' request group-get group{ path=/only-there }
	on a session-renew session{ epoch=3 sent=now ttl=60000 }
	request node-get
	[ "$(field epoch)" = 0 ]
	on a leave session{ epoch=3 }
}

@test "two nodes of one kernel each keep their own leases" {
	mkcg a b
	node a
	node b
	for name in a b; do
		on $name group-new group{ path=/web }
		on $name member-add member{ group-path=/web cgroup="/t/$name" }
	done
	on a lease-set lease{ group-path=/web res=0 amount=2 }
	on b lease-set lease{ group-path=/web res=0 amount=3 }
	[ "$(spawn "$T/a" 5)" = "2 3" ]
	[ "$(spawn "$T/b" 5)" = "3 2" ]
	on a group-get group{ path=/web }
	[ "$(field used)" = 2 ]
	on b group-get group{ path=/web }
	[ "$(field used)" = 3 ]
	drain "$T"
	lose a
	lose b
	within 20 has_orphans '[]'
}

@test "members of two nodes do not nest" {
	mkcg a/x b/y
	node a
	group /web
	on a group-new group{ path=/web }
	bind "$T/a" /web
	refused '*' '*' on a member-add member{ group-path=/web cgroup=/t/a/x }
	on a member-add member{ group-path=/web cgroup=/t/b/y }
	refused '*' '*' bind "$T/b" /web
}

@test "removing a node leaves its groups as orphans that refuse forks until they are empty" {
	node_with_member
	on a lease-set lease{ group-path=/web res=0 amount=5 }
	[ "$(spawn "$T/a" 2)" = "2 0" ]
	listen config
	lose a
	within 20 has_orphans '["/web"]'
	[ "$(spawn "$T/a" 2)" = "0 2" ]
	id=$(genlclient dump group-get 3>&- |
		jq '.replies[].group | select(.flags % 2 == 1 and .path == "/web") | .id')
	refused EBUSY '*' request group-del group{ id="$id" }
	drain "$T/a"
	within 20 has_orphans '[]'
	[ "$(spawn "$T/a" 2)" = "2 0" ]
	gone() { [ "$(grep group-del-ntf "$heard" | grep -c -e '"path":"/web"' -e '"path":"/"')" = 2 ]; }
	within 10 gone
}

@test "an orphan is not found by its path, and a new group may have that path" {
	node_with_member
	spawn "$T/a" 1
	lose a
	within 20 has_orphans '["/web"]'
	refused ENOENT '*' request group-get group{ path=/web }
	group /web
	is /web used 0
}

@test "the module is in use while a node has members, or an orphan has tasks" {
	node_with_member
	spawn "$T/a" 3
	not rmmod cgspan
	lose a
	within 20 has_orphans '["/web"]'
	not rmmod cgspan
	cgspan unload --wait 60
	[ "$(spawn "$T/a" 1)" = "1 0" ]
	load_module
	node a
	on a node-get
	[ "$(field groups)" = 1 ]
}

# Calls of a function of the module, by the tracer of functions.
calls_of()
{
	local dir=/sys/kernel/tracing/instances/calls
	mkdir $dir
	echo "$1" >$dir/set_ftrace_filter
	echo function >$dir/current_tracer
}

called() { grep -q " <-" /sys/kernel/tracing/instances/calls/trace; }

stop_calls()
{
	echo nop >/sys/kernel/tracing/instances/calls/current_tracer
	rmdir /sys/kernel/tracing/instances/calls
}

@test "the end of a network namespace that never had a group waits for nothing" {
	[ -e /sys/kernel/tracing/set_ftrace_filter ] || skip "this kernel does not trace functions"
	calls_of cgspan_expiry_flush
	for i in 1 2 3; do unshare -n true; done
	node a
	on a group-new group{ path=/web }
	lose a
	# Namespaces end in order: those before had no call.
	within 20 called
	[ "$(grep -c ' <-' /sys/kernel/tracing/instances/calls/trace)" = 1 ]
	stop_calls
}

@test "the initial namespace removes a member of another node by its cgroup's id" {
	node_with_member
	group /web
	refused EEXIST 'another node' bind "$T/a" /web
	refused ENOENT '*' request member-del member{ cgroup=/t/a }
	request member-del member{ cgroup-id="$(stat -c %i "$T/a")" }
	bind "$T/a" /web
	lose a
}
