#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# CPU time in microseconds of a directory and of a group.
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

# The CPU times of a group and of its directory agree. The last task's struct is
# freed, and its CPU time counted, a moment after it was reaped.
cpu_agrees() { close_to "$(cpu_usec "$1")" "$(usage_usec "$2")" 10; }

# burn DIR [MS]: run a process that computes, and reap it
burn() { spawn -b "${2:-200}" "$1" 1 >/dev/null; }

ended() { [ "$(grep -c exit-ntf "$heard")" -ge "$1" ]; }

@test "CPU time equals cpu.stat under a mixed load, for a group and its parent" {
	member a /a
	member a/b /a/b
	seconds=$(long && echo 30 || echo 5)
	inside "$T/a/b" stress-ng --quiet --cpu 1 --fork 1 --pthread 1 --pipe 1 \
		--exec 1 -t "$seconds" 3>&-
	within 10 is /a used 0
	within 10 cpu_agrees /a "$T/a"
	cpu_agrees /a/b "$T/a/b"
	note "CPU time: $(cpu_usec /a/b) us, cpu.stat: $(usage_usec "$T/a/b") us"
	[ "$(cpu_usec /a)" -gt $((seconds * 500000)) ]
	# The first process was moved in, not forked there.
	[ "$(figure /a exits)" = $(($(figure /a forks) + 1)) ]
	[ "$(figure /a voluntary)" -gt 10 ]
	[ "$(figure /a involuntary)" -gt 10 ]
}

@test "processes of 1 ms are all counted and reported" {
	member a /a
	count=$(long && echo 20000 || echo 1000)
	listen exit
	[ "$(spawn -b 1 "$T/a" "$count")" = "$count 0" ]
	within 20 ended "$count"
	is /a forks "$count" exits "$count" used 0 live 0
	cpu_agrees /a "$T/a"
	# Each process has one record, and their CPU times add up to the
	# group's. CPU time after "end" counts, too, so lifetimes are compared
	# by their sum.
	jq -s 'map(select(.exit).exit) | { n: length, pids: (map(.pid) | unique | length),
		seq: ((map(.seq) | max) - (map(.seq) | min) + 1), cpu: (map(.cpu) | add),
		lived: (map(.end - .start) | add),
		odd: map(select((.["group-path"] == "/a" and .comm == "spawn" and
			.code == 0 and .pid == .tgid and .cpu >= 1000000 and
			.end > .start) | not)) | .[:3] }' "$heard" \
		>"$BATS_TEST_TMPDIR/sum"
	cat "$BATS_TEST_TMPDIR/sum"
	jq -e --argjson count "$count" --argjson cpu "$(figure /a cpu)" \
		'.n == $count and .pids == $count and .seq == $count and .cpu == $cpu and
		.lived >= $count * 1000000 and .odd == []' "$BATS_TEST_TMPDIR/sum"
}

@test "figures of a group include live tasks" {
	member a /a
	spawn -b 600000 "$T/a" 1 >/dev/null 3>&- &
	ran() { [ "$(figure /a cpu)" -gt "$1" ]; }
	within 10 ran 0
	within 10 ran "$(figure /a cpu)"
	is /a exits 0
	echo 1 >"$T/a/cgroup.kill"
	wait $!
}

@test "a full read tells when its totals were right; a brief read has none" {
	member a /a
	burn "$T/a"
	within 10 is /a exits 1
	request group-get group{ path=/a }
	[ "$(field settled)" -gt 0 ]
	for command in 'group-get group{ path=/a flags=2 }' \
		'dump group-get group{ path=/a flags=2 }' 'dump group-get group{ flags=2 }'; do
		request $command
		jq -e '[.replies[].group | select(.path == "/a")] | .[0].forks == 1 and .[0].live == 0 and
			(map(.cpu // .settled // .["max-rss"] // .memory) == [null])' <<<"$reply"
	done
	[ "$(jq '.replies | length' <<<"$reply")" -gt 1 ]
}

@test "totals survive exits, unbind and bind, and exclude use before the bind" {
	mkcg a
	group /a
	burn "$T/a" 1000
	before=$(figure / cpu)
	bind "$T/a" /a
	is /a cpu 0
	burn "$T/a"
	more() { [ "$(cpu_usec /a)" -ge "$1" ]; }
	within 10 more 200000
	unbind "$T/a"
	cpu=$(figure /a cpu)
	burn "$T/a" 1000
	is /a cpu "$cpu" forks 1 exits 1
	bind "$T/a" /a
	is /a cpu "$cpu"
	burn "$T/a"
	within 10 more 400000
	[ "$(cpu_usec /a)" -lt 1000000 ]
	# The root includes this use.
	[ $(($(figure / cpu) - before)) = "$(figure /a cpu)" ]
}

@test "a moved task charges later use to its new group only" {
	member a /a
	member b /b
	spawn -b 3000 "$T/a" 1 >/dev/null 3>&- &
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

@test "a group can be removed between reaping and freeing of its tasks" {
	member a /a
	for i in {1..20}; do
		group /a/"$i"
		mkdir "$T/$i"
		bind "$T/$i" /a/"$i"
		spawn -b 1 "$T/$i" 3
		unbind "$T/$i"
		request group-del group{ path=/a/"$i" }
		rmdir "$T/$i"
	done
	within 10 is /a forks 60 exits 60 used 0
	more() { [ "$(cpu_usec /a)" -ge 60000 ]; }
	within 10 more
}

@test "an exit record has exit status and use of the process" {
	member a /a
	listen exit
	inside "$T/a" sh -c 'exit 7' || :
	inside "$T/a" sh -c 'kill -KILL $$' || :
	inside "$T/a" head -c 50000000 /dev/zero | tail -c 1 >"$BATS_TEST_TMPDIR/out"
	within 10 ended 3
	record() { jq -se ".[].exit | select($1)" "$heard"; }
	record '.code == 7 * 256 and .comm == "sh"'
	record '.code == 9'
	record '.code == 0 and .comm == "head" and .["max-rss"] > 500000'
	# The group's maximum is the largest of the records.
	[ "$(jq -s 'map(.exit["max-rss"] // 0) | max' "$heard")" = "$(figure /a max-rss)" ]
}

@test "ended tasks are reported only to privileged sockets that subscribed" {
	member a /a
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

@test "a listener in a user's own network namespace does not switch exit records on" {
	local foreign=$BATS_TEST_TMPDIR/foreign told n
	member a /a
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -U -r -n genlclient -m exit >"$foreign" 3>&- &
	within 10 grep -q listening "$foreign"
	request node-get
	told=$(field exits-told)
	for ((n = 0; n < 100; n++)); do burn "$T/a" 1; done
	request node-get
	n=$(($(field exits-told) - told))
	note "records of 100 tasks: $n"
	[ "$n" -lt 50 ]
	listen exit
	heard_again() { burn "$T/a" 1; ended 1; }
	within 20 heard_again
	not grep -q exit-ntf "$foreign"
}

@test "a slow listener loses exit records and their number is known" {
	member a /a
	rmem=$(</proc/sys/net/core/rmem_max)
	echo 4096 >/proc/sys/net/core/rmem_max
	listen exit
	echo "$rmem" >/proc/sys/net/core/rmem_max
	kill -STOP $!
	spawn -b 0 "$T/a" 200
	within 10 is /a exits 200
	request node-get
	before=$(field exits-lost)
	# After a second they are only counted.
	dropped() { spawn -b 0 "$T/a" 1 >&2 && request node-get && [ "$(field exits-lost)" -gt "$before" ]; }
	within 20 dropped
	exits=$(figure /a exits)
	kill -CONT $!
	# The listener reports new records only after it has read its full
	# buffer.
	hears() { spawn -b 0 "$T/a" 1 >&2 && [ "$(grep -c exit-ntf "$heard")" -gt "$1" ]; }
	within 10 grep -q overrun "$heard"
	within 20 hears "$(grep -c exit-ntf "$heard")"
	jq -s 'map(select(.exit).exit.seq) | { n: length, of: (max - min + 1) }' "$heard" \
		>"$BATS_TEST_TMPDIR/sum"
	cat "$BATS_TEST_TMPDIR/sum"
	jq -e ".of > $exits and .n < .of" "$BATS_TEST_TMPDIR/sum"
}

@test "cgspan watch exit shows ended tasks only" {
	member a /a
	cgspan watch -j exit >"$BATS_TEST_TMPDIR/watch" 3>&- &
	seen() { spawn -b 2 "$T/a" 1 >/dev/null && [ "$(wc -l <"$BATS_TEST_TMPDIR/watch")" -ge 2 ]; }
	within 20 seen
	jq -se 'all(.event == "exit" and .group == "/a" and .comm == "spawn" and
		.code == 0 and .cpu_ns >= 1000000 and .max_rss > 4096)' "$BATS_TEST_TMPDIR/watch"
}

# memory DIR...: print the sum of their memory.current
memory() { cat "${@/%//memory.current}" | awk '{ sum += $1 } END { print sum }'; }
memory_is() { [ "$(figure "$1" memory)" = "$(memory "${@:2}")" ]; }

# hold DIR MB: charge pages to DIR that stay after their writer has exited
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
	# A dump reads the memory once for all groups.
	request dump group-get
	jq -e --argjson b "$(memory "$T/a/b")" \
		'.replies[].group | select(.path == "/a/b") | .memory == $b' <<<"$reply"
	# Without the enclosing member the inner one counts for itself.
	unbind "$T/a"
	within 10 memory_is /a "$T/a/b" "$T/c"
	bind "$T/a" /a
	within 10 memory_is /a "$T/a" "$T/c"
	unbind "$T/c"
	within 10 memory_is / "$T/a"
	rm /dev/shm/*
}

@test "memory is unmeasured while the memory controller is off" {
	mkcg a/b
	echo +memory >"$T/cgroup.subtree_control"
	group /a
	group /a/b
	bind "$T/a" /a
	bind "$T/a/b" /a/b
	# An enclosing directory's memory is no measure of this one.
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
