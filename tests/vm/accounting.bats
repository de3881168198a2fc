#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# Files of /sys/fs/cgroup for a group's figures; CPU time in microseconds.
usage_usec() { sed -n 's/^usage_usec //p' "$1/cpu.stat"; }
cpu_usec() { echo $(($(figure "$1" cpu) / 1000)); }

# close_to A B PERMILLE
close_to()
{
	local diff=$(($1 - $2))
	[ $((${diff#-} * 1000)) -le $(($2 * $3)) ] || {
		echo "$1 is not within $3/1000 of $2"
		return 1
	}
}

# The CPU times of a group and of its directory are the same. The last task's
# struct is freed a moment after it has been reaped.
cpu_agrees() { close_to "$(cpu_usec "$1")" "$(usage_usec "$2")" 10; }

# burn DIR [MS]: a process that computes, and has been reaped
burn() { brief "$1" 1 "${2:-200}" >/dev/null; }

# listen: exit records go to a file, one per line
listen()
{
	heard=$BATS_TEST_TMPDIR/heard
	genlclient -m exit >"$heard" 3>&- &
	within 10 grep -q listening "$heard"
}

ended() { [ "$(grep -c exit-ntf "$heard")" -ge "$1" ]; }

@test "CPU time is that of cpu.stat over a mixed load, for each group and its parent" {
	mkcg a/b
	group /a
	group /a/b
	bind "$T/a" /a
	bind "$T/a/b" /a/b
	seconds=$(long && echo 30 || echo 5)
	inside "$T/a/b" stress-ng --quiet --cpu 1 --fork 1 --pthread 1 --pipe 1 \
		--exec 1 -t "$seconds" 3>&-
	within 10 is /a used 0
	within 10 cpu_agrees /a "$T/a"
	cpu_agrees /a/b "$T/a/b"
	note "CPU time: $(cpu_usec /a/b) us, cpu.stat: $(usage_usec "$T/a/b") us"
	[ "$(cpu_usec /a)" -gt $((seconds * 500000)) ]
	# The first one was not forked there.
	[ "$(figure /a exits)" = $(($(figure /a forks) + 1)) ]
	[ "$(figure /a voluntary)" -gt 100 ]
	[ "$(figure /a involuntary)" -gt 100 ]
}

@test "the briefest processes are counted and reported" {
	mkcg a
	group /a
	bind "$T/a" /a
	count=$(long && echo 20000 || echo 2000)
	listen
	brief "$T/a" "$count" >"$BATS_TEST_TMPDIR/brief"
	seen=$(jq .seen "$BATS_TEST_TMPDIR/brief")
	within 20 ended "$count"
	is /a forks "$count" exits "$count" used 0 live 0
	cpu_agrees /a "$T/a"
	note "of $count processes of 1 ms reading /proc at 1 Hz misses $((count - seen))"
	[ "$seen" -lt $((count / 2)) ]
	# One record each, none twice, and their CPU times make up the whole.
	# A task runs on for a while after "end", which counts as CPU time: that
	# each has lived for as long as it ran shows in the sum.
	jq -s 'map(select(.exit).exit) | { n: length, pids: (map(.pid) | unique | length),
		seq: ((map(.seq) | max) - (map(.seq) | min) + 1), cpu: (map(.cpu) | add),
		lived: (map(.end - .start) | add),
		odd: map(select((.["group-path"] == "/a" and .comm == "brief" and
			.code == 0 and .pid == .tgid and .cpu >= 1000000 and
			.end > .start) | not)) | .[:3] }' "$heard" \
		>"$BATS_TEST_TMPDIR/sum"
	cat "$BATS_TEST_TMPDIR/sum"
	jq -e --argjson count "$count" --argjson cpu "$(figure /a cpu)" \
		'.n == $count and .pids == $count and .seq == $count and .cpu == $cpu and
		.lived >= $count * 1000000 and .odd == []' "$BATS_TEST_TMPDIR/sum"
}

@test "figures of a group include its live tasks" {
	mkcg a
	group /a
	bind "$T/a" /a
	brief "$T/a" 1 600000 >"$BATS_TEST_TMPDIR/brief" 3>&- &
	ran() { [ "$(figure /a cpu)" -gt "$1" ]; }
	within 10 ran 0
	within 10 ran "$(figure /a cpu)"
	is /a exits 0
	echo 1 >"$T/a/cgroup.kill"
	wait $!
}

@test "totals survive exits, unbinding and binding again, and exclude earlier use" {
	mkcg a
	group /a
	burn "$T/a"
	before=$(figure / cpu)
	bind "$T/a" /a
	is /a cpu 0
	burn "$T/a"
	more() { [ "$(cpu_usec /a)" -ge "$1" ]; }
	within 10 more 200000
	unbind "$T/a"
	cpu=$(figure /a cpu)
	burn "$T/a"
	is /a cpu "$cpu" forks 1 exits 1
	bind "$T/a" /a
	is /a cpu "$cpu"
	burn "$T/a"
	within 10 more 400000
	[ "$(cpu_usec /a)" -lt 600000 ]
	# The root has it all.
	[ $(($(figure / cpu) - before)) = "$(figure /a cpu)" ]
}

@test "a moved task charges its further use to the new group only" {
	mkcg a b
	group /a
	group /b
	bind "$T/a" /a
	bind "$T/b" /b
	brief "$T/a" 1 3000 >"$BATS_TEST_TMPDIR/brief" 3>&- &
	within 10 is /a live 1
	ran() { [ "$(cpu_usec "$1")" -gt "$2" ]; }
	within 10 ran /a 300000
	cat "$T/a/cgroup.procs" >"$T/b/cgroup.procs"
	cpu=$(cpu_usec /a)
	wait $!
	within 10 ran /b $((2900000 - cpu))
	[ "$(cpu_usec /a)" = "$cpu" ]
	close_to $((cpu + $(cpu_usec /b))) $(($(usage_usec "$T/a") + $(usage_usec "$T/b"))) 10
}

@test "a group may be removed between the end of a task and the freeing of it" {
	mkcg a
	group /a
	bind "$T/a" /a
	for i in {1..20}; do
		group /a/"$i"
		mkdir "$T/$i"
		bind "$T/$i" /a/"$i"
		brief "$T/$i" 3
		unbind "$T/$i"
		request group-del group{ path=/a/"$i" }
		rmdir "$T/$i"
	done
	within 10 is /a forks 60 exits 60 used 0
	more() { [ "$(cpu_usec /a)" -ge 60000 ]; }
	within 10 more
}

@test "an exit record has the exit status and the use of a process" {
	mkcg a
	group /a
	bind "$T/a" /a
	listen
	inside "$T/a" sh -c 'exit 7' || :
	inside "$T/a" sh -c 'kill -KILL $$' || :
	inside "$T/a" head -c 50000000 /dev/zero | tail -c 1 >"$BATS_TEST_TMPDIR/out"
	within 10 ended 3
	record() { jq -se ".[].exit | select($1)" "$heard"; }
	record '.code == 7 * 256 and .comm == "sh"'
	record '.code == 9'
	record '.code == 0 and .comm == "head" and .["max-rss"] > 500000'
	# The largest of them is the group's.
	[ "$(jq -s 'map(.exit["max-rss"] // 0) | max' "$heard")" = "$(figure /a max-rss)" ]
}

@test "ended tasks are reported only to privileged sockets that subscribed" {
	mkcg a
	group /a
	bind "$T/a" /a
	burn "$T/a" 1
	request node-get
	told=$(field exits-told)
	run setpriv --reuid 65534 --regid 65534 --clear-groups genlclient -m exit
	[ "$status" = 2 ]
	burn "$T/a" 1
	within 10 is /a exits 2
	request node-get
	[ "$(field exits-told)" = "$told" ]
}

@test "a slow listener misses exit records and is told how many" {
	mkcg a
	group /a
	bind "$T/a" /a
	rmem=$(</proc/sys/net/core/rmem_max)
	echo 4096 >/proc/sys/net/core/rmem_max
	listen
	echo "$rmem" >/proc/sys/net/core/rmem_max
	kill -STOP $!
	brief "$T/a" 200 0
	within 10 is /a exits 200
	kill -CONT $!
	# Nothing comes before the buffer has been read to its end.
	hears() { brief "$T/a" 1 0 >&2 && [ "$(grep -c exit-ntf "$heard")" -gt "$1" ]; }
	within 10 grep -q overrun "$heard"
	within 20 hears "$(grep -c exit-ntf "$heard")"
	jq -s 'map(select(.exit).exit.seq) | { n: length, of: (max - min + 1) }' "$heard" \
		>"$BATS_TEST_TMPDIR/sum"
	cat "$BATS_TEST_TMPDIR/sum"
	jq -e '.of > 200 and .n < .of' "$BATS_TEST_TMPDIR/sum"
}

@test "cgspan watch exit shows ended tasks, and only them" {
	mkcg a
	group /a
	bind "$T/a" /a
	cgspan watch -j exit >"$BATS_TEST_TMPDIR/watch" 3>&- &
	# Its memory is 32 pages and more, which is what one processor may have
	# for itself since Linux 6.2; two might have half of it each.
	seen() { taskset 1 brief "$T/a" 1 200 >/dev/null && [ "$(wc -l <"$BATS_TEST_TMPDIR/watch")" -ge 2 ]; }
	within 20 seen
	jq -se 'all(.event == "exit" and .group == "/a" and .comm == "brief" and
		.code == 0 and .cpu_ns >= 1000000 and .max_rss > 4096)' "$BATS_TEST_TMPDIR/watch"
}

# memory DIR...: the sum of their memory.current
memory() { cat "${@/%//memory.current}" | awk '{ sum += $1 } END { print sum }'; }
memory_is() { [ "$(figure "$1" memory)" = "$(memory "${@:2}")" ]; }

# hold DIR MB: pages that stay charged to DIR when their writer has gone
hold() { inside "$1" dd if=/dev/zero of="/dev/shm/${1//\//-}" bs=1M count="$2" status=none; }

@test "memory is the sum of memory.current, with nested members counted once" {
	mkcg a/b c
	echo +memory >"$T/cgroup.subtree_control"
	echo +memory >"$T/a/cgroup.subtree_control"
	group /a
	group /a/b
	group /c
	bind "$T/a/b" /a/b
	bind "$T/a" /a
	bind "$T/c" /a
	hold "$T/a/b" 8
	hold "$T/c" 3
	within 10 memory_is /a/b "$T/a/b"
	within 10 memory_is /a "$T/a" "$T/c"
	within 10 memory_is / "$T/a" "$T/c"
	[ "$(figure /a memory)" -gt 11000000 ]
	[ "$(figure /a/b memory-peak)" = "$(<"$T/a/b/memory.peak")" ]
	is /c memory 0
	# All three figures of one dump.
	request dump group-get
	jq -e --argjson b "$(memory "$T/a/b")" \
		'.replies[].group | select(.path == "/a/b") | .memory == $b' <<<"$reply"
	# What enclosed goes, what was inside counts by itself; and again.
	unbind "$T/a"
	within 10 memory_is /a "$T/a/b" "$T/c"
	bind "$T/a" /a
	within 10 memory_is /a "$T/a" "$T/c"
	unbind "$T/c"
	within 10 memory_is / "$T/a"
	rm /dev/shm/*
}

@test "memory is unmeasured exactly while the memory controller is off" {
	mkcg a/b
	echo +memory >"$T/cgroup.subtree_control"
	group /a
	group /a/b
	bind "$T/a" /a
	bind "$T/a/b" /a/b
	# An enclosing directory's figure is not the one that was asked for.
	not figure /a/b memory
	within 10 memory_is /a "$T/a"
	[ "$(cgspan tree -t -o memory /a/b)" = "" ]
	cgspan tree -j -o memory /a/b | jq -e '.[0].memory == null'
	cgspan tree -o memory /a/b | grep -q unmeasured
	echo +memory >"$T/a/cgroup.subtree_control"
	within 10 memory_is /a/b "$T/a/b"
	rmdir "$T/a/b"
	is /a/b memory 0
	mkdir "$T/a/b"
	hold "$T/a/b" 2
	within 10 memory_is /a/b "$T/a/b"
	rm /dev/shm/*
}
