#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# equal GROUP DIR...: the group has exactly the tasks of these directories
equal()
{
	local dirs=${*:2}
	exact "$1=${dirs// /,}"
}

@test "a cgroup bound by path brings its tasks and those of its subtree" {
	mkcg a/x a/y/z
	spawn "$T/a/x" 3
	spawn "$T/a/y/z" 2
	group /a
	bind "$T/a" /a
	is /a used 5 live 5 members 1
	spawn "$T/a/y/z" 2
	is /a used 7
	equal /a "$T/a"
	request dump member-get
	[ "$(jq -c '.replies[].member[] | [.["group-path"], .cgroup, .["cgroup-id"], .flags]' <<<"$reply")" = \
		"[\"/a\",\"/t/a\",$(stat -c %i "$T/a"),0]" ]
}

@test "a cgroup bound by fd is counted like one bound by path" {
	mkcg a
	spawn "$T/a" 2
	group /a
	request member-add member{ group-path=/a fd="$T/a" }
	is /a used 2 members 1
	request dump member-get
	[ "$(jq '.replies[].member[].flags' <<<"$reply")" = 1 ]
	request member-del member{ fd="$T/a" }
	is /a used 0 members 0
}

@test "a member bound by fd ends with its directory" {
	mkcg a
	group /a
	request member-add member{ group-path=/a fd="$T/a" }
	rmdir "$T/a"
	within 10 is /a members 0
	mkcg a
	spawn "$T/a" 1
	is /a used 0
}

@test "a member bound by path outlives its directory and gates a new one from its first task" {
	member a /a 1
	for round in 1 2 3; do
		[ "$(spawn "$T/a" 2)" = "1 1" ]
		drain "$T/a"
		within 10 is /a used 0
		rmdir "$T/a"
		within 10 is /a members 1
		request dump member-get
		[ "$(field cgroup-id)" = 0 ]
		mkdir "$T/a"
	done
	[ "$(spawn "$T/a" 2)" = "1 1" ]
	request dump member-get
	[ "$(field cgroup-id)" = "$(stat -c %i "$T/a")" ]
}

@test "a member's subdirectories are gated from their first task" {
	member a /a 2
	mkcg a/new/deep
	[ "$(spawn "$T/a/new/deep" 3)" = "2 1" ]
}

@test "a missing cgroup can be bound by path and is gated once it is made" {
	mkcg a/other
	group /a
	bind "$T/a/later" /a
	lease /a 1
	request dump member-get
	[ "$(field cgroup-id)" = 0 ]
	mkcg a/later
	[ "$(spawn "$T/a/later" 2)" = "1 1" ]
	[ "$(spawn "$T/a/other" 2)" = "2 0" ]
}

@test "a task belongs to the innermost member, and the enclosing group has the sum" {
	mkcg a/y
	member a /a
	member a/x /a/x
	spawn "$T/a/x" 3
	spawn "$T/a/y" 2
	is /a used 5
	is /a/x used 3
	equal /a "$T/a"
	equal /a/x "$T/a/x"
}

@test "a nested member must belong to the enclosing group or a subgroup" {
	mkcg a/x
	member a /a
	group /b
	refused '*' '*' bind "$T/a/x" /b
	refused '*' '*' bind "$T/a/x" /
	bind "$T/a/x" /a
}

@test "an enclosing member is refused if an inner one belongs to no subgroup" {
	group /a
	member a/x /b
	refused '*' '*' bind "$T/a" /a
	bind "$T/a" /
	is /b members 1
}

@test "an inner member can be bound before the enclosing one" {
	group /a
	member a/x /a/x
	spawn "$T/a/x" 2
	bind "$T/a" /a
	is /a/x used 2
	equal /a "$T/a"
}

@test "unbinding gives the tasks to the enclosing member's group" {
	member a /a
	member a/x /a/x
	spawn "$T/a/x" 3
	is /a/x used 3
	unbind "$T/a/x"
	is /a/x used 0 members 0
	is /a used 3
	lease /a 3
	[ "$(spawn "$T/a/x" 1)" = "0 1" ]
}

@test "unbinding the outermost member uncharges its tasks" {
	member a /a 2
	[ "$(spawn "$T/a" 3)" = "2 1" ]
	unbind "$T/a"
	is /a used 0 live 0
	[ "$(spawn "$T/a" 3)" = "3 0" ]
	drain "$T/a"
	is /a used 0 live 0
	is / used 0
}

@test "a cgroup has one member" {
	member a /a
	group /b
	refused '*' '*' bind "$T/a" /a
	refused '*' '*' bind "$T/a" /b
	refused '*' '*' request member-add member{ group-path=/a fd="$T/a" }
	is /a members 1
}

@test "many cgroups are bound at once, all of them or none" {
	mkcg a/1 a/2 a/3
	spawn "$T/a/1" 1
	spawn "$T/a/2" 2
	group /a
	group /b
	refused '*' '*' request member-add \
		member{ group-path=/a cgroup=/t/a/1 } \
		member{ group-path=/no cgroup=/t/a/2 }
	is /a members 0 used 0
	refused '*' '*' request member-add \
		member{ group-path=/a cgroup=/t/a/1 } \
		member{ group-path=/b cgroup=/t/a/1 }
	is /a members 0 used 0
	request member-add member{ group-path=/a cgroup=/t/a/1 } \
		member{ group-path=/a cgroup=/t/a/2 } \
		member{ group-path=/b cgroup=/t/a/3 }
	is /a members 2 used 3
	is /b members 1
	equal /a "$T/a/1" "$T/a/2"
	request member-del member{ cgroup=/t/a/1 } member{ cgroup=/t/a/2 }
	is /a members 0 used 0
}

@test "unbinding a cgroup without member is refused" {
	mkcg a
	refused ENOENT '*' unbind "$T/a"
	refused ENOENT '*' unbind "$T/nothing"
}

@test "a file descriptor of something else than a cgroup directory is refused" {
	group /a
	refused '*' '*' request member-add member{ group-path=/a fd=/tmp }
	refused '*' '*' request member-add member{ group-path=/a fd=999 }
}

@test "tasks that move in are charged above the lease, and then block forks" {
	mkcg out
	member a /a 1
	resident "$T/out"; first=$pid
	resident "$T/out"; second=$pid
	echo "$first" >"$T/a/cgroup.procs"
	echo "$second" >"$T/a/cgroup.procs"
	is /a used 2 lease 1
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	echo "$first" >"$T/out/cgroup.procs"
	is /a used 1
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	echo "$second" >"$T/out/cgroup.procs"
	is /a used 0
	[ "$(spawn "$T/a" 2)" = "1 1" ]
}

@test "the threads of a threaded subtree are counted in their own cgroups" {
	mkcg d
	mkdir "$T/d/x" "$T/d/y"
	echo threaded >"$T/d/x/cgroup.type"
	echo threaded >"$T/d/y/cgroup.type"
	echo +pids >"$T/d/cgroup.subtree_control"
	group /d
	group /d/x
	bind "$T/d" /d
	bind "$T/d/x" /d/x
	storm -d "$T/d" -T "$T/d" -t 2 -q 300 -w 1 \
		-c "exact /d=$T/d /d/x=$T/d/x"
}

@test "a path is read in the caller's cgroup namespace" {
	mkcg ns/a
	group /a
	inside "$T/ns" unshare -C genlclient member-add member{ group-path=/a cgroup=/a }
	spawn "$T/ns/a" 2
	is /a used 2
	request dump member-get
	[ "$(field cgroup)" = '"/t/ns/a"' ]
}

@test "the tasks of a group are listed with pid, name and group, zombies included" {
	mkcg a/y
	member a /a
	member a/x /a/x
	resident "$T/a/x"
	exec {hold}<> <(:)
	spawn -z "$T/a/y" 1 <&"$hold" >"$BATS_TEST_TMPDIR/out" 3>&- &
	spawner=$!
	within 10 grep -q '1 0' "$BATS_TEST_TMPDIR/out"
	request dump task-get group{ path=/a }
	[ "$(jq -c '[.replies[].task | [.comm, .["group-path"], .exited]] | sort' <<<"$reply")" = \
		'[["sleep","/a/x",0],["spawn","/a",1]]' ]
	[ "$(jq -c "[.replies[].task | select(.comm == \"sleep\") | .pid, .tgid]" <<<"$reply")" = "[$pid,$pid]" ]
	request dump task-get group{ path=/a/x }
	[ "$(jq '.replies | length' <<<"$reply")" = 1 ]
	kill "$spawner"
	wait "$spawner" || :
}

@test "forks, execs and exits are counted for the group and its ancestors" {
	member a /a
	member a/x /a/x
	# The shell moves in and executes; a subshell and cat are forked, twice.
	inside "$T/a/x" bash -c 'for i in 1 2; do (:); cat </dev/null; done' 3>&-
	within 10 is /a used 0
	is /a/x forks 4 execs 3 exits 5
	is /a forks 4 execs 3 exits 5
}

@test "the hooks are attached only while a member exists" {
	hooks_idle() { request node-get && [ "$(field hooks)" = 0 ]; }
	within 20 hooks_idle
	member a /a
	request node-get
	[ "$(field hooks)" = 1 ]
	unbind "$T/a"
	within 20 hooks_idle
}
