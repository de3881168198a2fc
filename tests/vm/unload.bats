#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

setup() { quick; [ -d /sys/module/cgspan ] || load_module; }
teardown_file() { [ ! -d /sys/module/cgspan ] || unload_module; }

cycles() { echo "${CGSPAN_CYCLES:-$(long && echo 200 || echo 4)}"; }

one_cycle()
{
	load_module
	genlclient 3>&- >"$BATS_TEST_TMPDIR/cycle" <<-END
	group-new group{ path=/s }
	group-new group{ path=/s/a }
	member-add member{ group-path=/s cgroup=/t/s } member{ group-path=/s/a cgroup=/t/s/a }
	lease-set lease{ group-path=/s res=0 amount=30 }
	group-get group{ path=/s }
	END
	not grep '"ok":false' "$BATS_TEST_TMPDIR/cycle"
	cgspan unload --wait 60
}

@test "repeated loading and unloading under a storm causes no oops, leak or failed fork" {
	rmmod cgspan
	mkcg s/a/1 s/a/2 s/b s/t out
	mkdir "$T/s/t/x" "$T/s/t/y"
	echo threaded >"$T/s/t/x/cgroup.type"
	echo threaded >"$T/s/t/y/cgroup.type"
	one_cycle
	before=$(kernel_memory)
	storm -d "$T/s/a/1" -d "$T/s/a/2" -d "$T/s/b" -d "$T/out" -T "$T/s/t" \
		-t 100000 -q 2000 3>&- >"$BATS_TEST_TMPDIR/storm" &
	storm=$!
	total=$(cycles)
	for ((i = 0; i < total; i++)); do
		one_cycle
		kill -0 "$storm"
	done
	kill "$storm"
	wait "$storm" || :
	drain "$T"
	not grep cgspan /proc/slabinfo
	not grep -w cgspan /proc/modules
	not grep -E 'pids_(can|cancel)_fork|pids_release' /sys/kernel/tracing/enabled_functions
	after=$(kernel_memory)
	note "cycles: $total, kernel memory before: $before kB, after: $after kB"
	[ $((after - before)) -lt $((2048 + total * 4)) ]
	[ "$(spawn "$T/out" 3)" = "3 0" ]
	resident "$T/out"
	echo "$pid" >"$T/s/b/cgroup.procs"
	grep -qx "$pid" "$T/s/b/cgroup.procs"
	load_module
}

@test "a module with members is in use; cgspan unload removes both, and the tasks live on" {
	member a /a 3
	[ "$(spawn "$T/a" 4)" = "3 1" ]
	run rmmod cgspan
	[[ $output == *"in use"* ]]
	is /a used 3
	cgspan unload --wait 60
	[ "$(pids "$T/a")" = 3 ]
	[ "$(spawn "$T/a" 1)" = "1 0" ]
	load_module
	group /a
	bind "$T/a" /a
	is /a used 4 live 4
}

@test "unloading while tasks of an expired group are killed signals no other process" {
	mkcg k out
	inside "$T/out" hostile clones 100000000 3>&- &
	strangers=$!
	for i in 1 2 3; do
		node a
		on a group-new group{ path=/k on-expiry=3 }
		on a member-add member{ group-path=/k cgroup=/t/k }
		spawn "$T/k" 20
		on a session-renew session{ epoch=1 sent=now ttl=1 }
		lose a
		cgspan unload --wait 60
		load_module
	done
	kill "$strangers"
	wait "$strangers" || [ $? = 143 ]
}

@test "a zombie, an open socket and a listener do not hold the module" {
	member a /a
	open_socket idle
	ask idle node-get
	genlclient -m config,credit,session >/dev/null 3>&- &
	exec {hold}<> <(:)
	spawn -z "$T/a" 2 <&"$hold" >/dev/null 3>&- &
	within 10 is /a used 2
	cgspan unload --wait 60
	load_module
}

@test "while another module wraps the gate, limits hold and the module stays loaded" {
	member a /a 2
	modprobe wrap
	[ "$(spawn "$T/a" 3)" = "2 1" ]
	run cgspan unload --wait 1
	[ "$status" -ne 0 ]
	dmesg | grep 'another module has hooked the pids controller after this one'
	[ "$(spawn "$T/a" 2)" = "2 0" ]
	group /b
	bind "$T/a" /b
	is /b used 4
	unbind "$T/a"
	rmmod wrap
	unload_module
	[ "$(spawn "$T/a" 1)" = "1 0" ]
	modprobe wrap
	not load_module
	dmesg | grep 'the pids controller has .*wrap.* for pids_can_fork'
	rmmod wrap
	load_module
}
