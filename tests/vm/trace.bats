#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# For researchers: the events cgspan:cgspan_*, debugfs, histograms.

load helper

I=/sys/kernel/tracing/instances/test
D=/sys/kernel/debug/cgspan
NS=$(stat -Lc %i /proc/self/ns/net)

teardown()
{
	[ ! -d $I ] || rmdir $I
	tidy
}

# Have histograms counted until close_socket hist.
hold()
{
	open_socket hist
	ask hist sched-hold
}

is_on() { [ "$(cat $D/sched_on)" = "$1" ]; }

# Record the events from here on.
listen()
{
	mkdir $I
	echo 1 >$I/events/cgspan/enable
}

# happened EVENT FIELDS: there is an event cgspan_EVENT with these fields, in this
# order
happened()
{
	grep -E " cgspan_$1: (.* )?$2( |\$)" $I/trace ||
		{ echo "no $1 with $2 in:"; cat $I/trace; return 1; }
}

count() { grep -cE " cgspan_$1: " $I/trace || :; }

@test "every event occurs, with figures as after the change" {
	mkcg a
	listen
	group /web
	group /web/front
	id=$(field id)
	bind "$T/a" /web/front
	lease /web 2
	happened lease_set "node=$NS id=[0-9]+ path=/web res=tasks asked=2 lease=2 used=0 low=0 exhausted=0"
	[ "$(spawn "$T/a" 3)" = "2 1" ]
	happened admit "node=$NS id=$id path=/web/front res=tasks n=1 used=1 lease=-1"
	happened admit "path=/web/front res=tasks n=1 used=2 lease=-1"
	[ "$(count admit)" = 2 ]
	happened refuse "node=$NS id=$id path=/web/front res=tasks n=1 reason=lease by=[0-9]+ by_path=/web used=2 lease=2"
	[ "$(count refuse)" = 1 ]
	[ "$(count debt)" = 0 ]
	resident "$T/a"
	happened debt "path=/web res=tasks n=1 used=3 lease=2"
	[ "$(count debt)" = 1 ]
	drain "$T/a"
	happened exit "id=$id path=/web/front pid=$pid tgid=$pid comm=sleep code=9"
	[ "$(count exit)" = 3 ]
	[ "$(count expiry)" = 0 ]
	join 3 1000
	happened lease_set "path=/web res=tasks asked=0 lease=0 used=0"
	within 10 happened expiry "node=$NS epoch=3 deadline=[0-9]+ now=[0-9]+"
	ask owner group-set group{ path=/web/front on-expiry=1 }
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	happened refuse "path=/web/front res=tasks n=1 reason=expired by=$id"
}

@test "the module is unloaded while its events are enabled" {
	listen
	group /web
	unload_module
	[ ! -e $I/events/cgspan ]
	load_module
	[ -e $I/events/cgspan/cgspan_admit ]
}

# Wait for trace-cmd's recorders, one for each processor: if stopped before they
# have begun, they record nothing.
recorders()
{
	find /proc/[0-9]*/fd -lname '*/trace_pipe_raw' 2>/dev/null | wc -l
}

@test "trace-cmd records the events and reports them" {
	export -f recorders
	member a /web 1
	# shellcheck disable=SC2016 # for that shell
	timeout 60 trace-cmd record -q -o "$BATS_TEST_TMPDIR/trace.dat" -e cgspan \
		bash -c 'until [ "$(recorders)" -ge "$(nproc)" ]; do :; done
			exec spawn "$0" 3' "$T/a"
	trace-cmd report -i "$BATS_TEST_TMPDIR/trace.dat" >"$BATS_TEST_TMPDIR/report"
	cat "$BATS_TEST_TMPDIR/report"
	[ "$(grep -c 'admit: .* path=/web res=tasks n=1 used=1 lease=1$' "$BATS_TEST_TMPDIR/report")" = 1 ]
	[ "$(grep -c 'refuse: .* path=/web res=tasks n=1 reason=lease by=.* by_path=/web' "$BATS_TEST_TMPDIR/report")" = 2 ]
}

# has FILE LINE: the file has this line
has() { grep -qxF "$2" "$1" || { echo "no '$2' in $1:"; cat "$1"; return 1; }; }

@test "debugfs has a directory for each group, with its figures and tasks" {
	mkcg a
	group /web
	group /web/front
	group /web/stat
	id=$(field id)
	bind "$T/a" /web/front
	lease /web 5
	resident "$T/a"
	dir=$D/$NS/web
	has $dir/stat "path /web"
	has $dir/stat "tasks.lease 5"
	has $dir/stat "tasks.used 1"
	has $dir/front/stat "live 1"
	has $dir/front/stat "tasks.limit max"
	has "$dir/#$id/stat" "path /web/stat"
	for name in $D/$NS $dir $dir/front; do
		has $name/tasks "$pid	$pid	live	/web/front	sleep"
	done
	[ "$(wc -l <"$dir/#$id/tasks")" = 1 ]
	# A kernel under lockdown refuses to open a file that has other modes than to read.
	[ -z "$(find $D -type f ! -perm 400)" ]
}

@test "debugfs shows the causes of refusals: group, resource and reason" {
	group /web
	member a /web/front
	lease /web 1
	file=$D/$NS/web/front/refusals
	[ "$(wc -l <$file)" = 1 ]
	[ "$(spawn "$T/a" 4)" = "1 3" ]
	lease /web/front 1
	[ "$(spawn "$T/a" 2)" = "0 2" ]
	join 3 1000
	ask owner group-set group{ path=/web/front on-expiry=1 }
	expired() { request node-get && [ "$(field state)" = 2 ]; }
	within 10 expired
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	cut -f 1-4 $file >"$BATS_TEST_TMPDIR/causes"
	diff - "$BATS_TEST_TMPDIR/causes" <<-END
		count	reason	resource	by
		3	lease	tasks	/web
		2	lease	tasks	/web/front
		1	expired	tasks	/web/front
	END
	[ "$(wc -l <$D/$NS/web/refusals)" = 1 ]
}

@test "the latest causes are kept, the sum of all is right" {
	mkcg a
	path=
	for name in a b c d e f g h i j; do
		path+=/$name
		group $path
	done
	bind "$T/a" $path
	while [ -n "$path" ]; do
		lease $path 0
		[ "$(spawn "$T/a" 2)" = "0 2" ]
		lease $path max
		path=${path%/*}
	done
	file=$D/$NS/a/b/c/d/e/f/g/h/i/j/refusals
	cat "$file"
	[ "$(grep -c lease "$file")" = 8 ]
	has "$file" "4	other"
	awk '$2 == "lease" { print $4 }' "$file" | sort | head -n 1 | grep -x /a
	not grep -q /a/b/c/d/e/f/g/h/i "$file"
}

# busy SCRIPT: run a script in the cgroup; it must not fork
busy()
{
	(
		echo "$BASHPID" >"$T/a/cgroup.procs"
		exec bash -c "$1"
	) 3>&- &
	pids+=($!)
}

stopped()
{
	local pid
	for pid in "${pids[@]}"; do
		grep -q '^[0-9]* (.*) T' "/proc/$pid/stat" || return 1
	done
}

# Figures of the scheduler: ns on a processor, ns of delay, number of times.
schedstat()
{
	local pid
	for pid in "${pids[@]}"; do cat "/proc/$pid/schedstat"; done |
		awk '{ run += $1; delay += $2; n += $3 } END { printf "%.0f %.0f %d\n", run, delay, n }'
}

histogram() # FILE: the same three
{
	awk '$1 == "sum" { run = $3; delay = $2 } $1 != "sum" { n += $2 }
		END { printf "%.0f %.0f %d\n", run, delay, n }' "$1"
}

# counts GROUP N: more than N delays were counted
counts()
{
	read -r _ _ counted <<<"$(histogram "$D/$NS$1/sched")"
	[ "$counted" -gt "$2" ]
}

# near A B: within 5 %; the kernel counts the time of a switch differently
near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0.95 * b && a < 1.05 * b) }'; }

@test "histograms agree with the scheduler's figures of the tasks" {
	[ -e /proc/self/schedstat ] || skip "this kernel keeps no figures of its own"
	group /web
	member a /web/front
	pids=()
	for _ in 1 2 3; do busy 'while :; do :; done'; done
	busy "while :; do read -r -t 0.002 -u $never || :; done"
	arrived() { [ "$(wc -l <"$T/a/cgroup.procs")" -ge 4 ]; }
	within 10 arrived
	# Stop the tasks while both are read.
	kill -STOP "${pids[@]}"
	within 10 stopped
	hold
	read -r run delay n <<<"$(schedstat)"
	kill -CONT "${pids[@]}"
	within 20 counts /web 500
	kill -STOP "${pids[@]}"
	within 10 stopped
	read -r run2 delay2 n2 <<<"$(schedstat)"
	run=$((run2 - run)) delay=$((delay2 - delay)) n=$((n2 - n))
	for dir in web/front web; do
		read -r run2 delay2 n2 <<<"$(histogram $D/$NS/$dir/sched)"
		note "/$dir: slices $run2 ns (schedstat $run), delays $delay2 ns ($delay), $n2 times ($n)"
		near "$run2" "$run"
		near "$delay2" "$delay"
		[ "$n2" = "$n" ]
	done
	[ "$n2" -gt 100 ]
}

@test "while histograms are off no probe is attached to the scheduler and no count changes" {
	member a /web
	mkdir $I
	echo on_switch:mod:cgspan >$I/set_ftrace_filter
	echo function >$I/current_tracer
	called() { grep -q on_switch $I/trace; }
	is_on 0
	pids=()
	busy "while :; do read -r -t 0.002 -u $never || :; done"
	hold
	is_on 1
	within 10 counts /web 5
	called
	close_socket hist
	is_on 0
	echo >$I/trace
	before=$(cat $D/$NS/web/sched)
	switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/${pids[0]}/status"; }
	was=$(switches)
	more() { [ "$(switches)" -gt $((was + 50)) ]; }
	within 10 more
	not called
	[ "$(cat $D/$NS/web/sched)" = "$before" ]
	not eval 'echo 1 >$D/sched_on'
	is_on 0
}

@test "histograms are counted until the last socket that asked for them is closed, also of a killed process" {
	member a /web
	pids=()
	busy "while :; do read -r -t 0.002 -u $never || :; done"
	hold
	ask hist sched-hold
	open_socket other
	ask other sched-hold
	close_socket hist
	is_on 1
	within 10 counts /web 5
	ask other node-get
	close_socket other
	is_on 0
}

@test "the module is unloaded while a socket holds the histograms" {
	hold
	is_on 1
	unload_module
	load_module
	is_on 0
	# A client that ends does not close its socket itself.
	request sched-hold
	is_on 0
}

@test "a group is removed while its files are open; they then fail to be read" {
	group /web
	for name in stat tasks sched refusals; do
		exec {fd}<$D/$NS/web/$name
		fds+=("$fd")
	done
	request group-del group{ path=/web }
	[ ! -e $D/$NS/web ]
	for fd in "${fds[@]}"; do
		not cat <&"$fd"
		exec {fd}<&-
	done
	# Remove groups while other processes read their files.
	for _ in 1 2 3; do
		(while :; do cat $D/$NS/*/{stat,tasks,sched,refusals}; done) >/dev/null 2>&1 3>&- &
	done
	hold
	for _ in {1..40}; do
		group /web
		group /api
		request group-del group{ path=/web }
		request group-del group{ path=/api }
	done
}

@test "a namespace has its own directory; its orphans move to the initial namespace's" {
	mkcg a
	node n
	ns=$(stat -Lc %i "/proc/$n_node/ns/net")
	on n group-new group{ path=/web }
	on n group-new group{ path=/web/x }
	on n member-add member{ group-path=/web/x cgroup=/t/a }
	spawn "$T/a" 2
	has $D/$ns/web/stat "tasks.used 2"
	[ ! -e $D/$NS/web ]
	lose n
	gone() { [ ! -e $D/$ns ]; }
	within 20 gone
	orphan=$(grep -lx "path /web/x" $D/$NS/*/stat)
	[[ $orphan == $D/$NS/#* ]]
	has "$orphan" "tasks.used 2"
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	grep -P "^1\torphan\ttasks\t" "${orphan%stat}refusals"
	drain "$T/a"
	forgotten() { [ ! -e "$orphan" ]; }
	within 20 forgotten
}

@test "cgspan trace records a group, restores all tracing settings, and saves for merging" {
	group /web
	member a /web/sched
	pids=()
	busy "while :; do read -r -t 0.002 -u $never || :; done"
	cd "$BATS_TEST_TMPDIR"
	cgspan trace /web --seconds 1 -s a.json
	[ "$(cat $D/sched_on)" = 0 ]
	jq -e '.group == "/web" and .ms == 1000 and (.run_delay.counts | add) > 50 and
		(.slice.counts | add) > 50 and .slice.sum_ns > 0' a.json
	cgspan trace / --seconds 0.2 | grep -E '^run-queue delay: [1-9][0-9]* times, mean '
	cgspan -j trace --merge a.json a.json >sum.json
	[ "$(jq '.slice.sum_ns' sum.json)" = $(($(jq '.slice.sum_ns' a.json) * 2)) ]
	run cgspan trace /none
	[ "$status" = 1 ]
	[ "$output" = "cgspan: there is no group /none on this node" ]
}
