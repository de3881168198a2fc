#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0 All verbs of the command on a real kernel.
# Clusters have one node, and a store in a file.

load helper

setup()
{
	quick
	export CGSPAN_CONFIG=$BATS_TEST_TMPDIR/cgspan.conf
	: >"$CGSPAN_CONFIG"
}

teardown()
{
	if [ -n "${daemon:-}" ]; then
		kill "$daemon" || :
		wait "$daemon" || :
	fi
	tidy
}

# prints STATUS TEXT WORDS...: the command exits so, and prints exactly TEXT
prints()
{
	local wanted=$1 text=$2
	shift 2
	run cgspan "$@"
	[ "$status" -eq "$wanted" ] && [ "$output" = "$text" ] || {
		echo "$*: status $status, not '$text' but: $output"
		return 1
	}
}

says() { prints 0 "$@"; }
refuses() { prints 1 "cgspan: $1" "${@:2}"; }
asleep() { [ "$(cat "/proc/$pid/comm")" = sleep ]; }

# row GROUP FIELDS: print them as tree does, separated by blanks
row() { cgspan tree "$1" -t -o "$2" | head -n 1 | tr '\t' ' '; }

session_is() { [ "$(cgspan status -j | jq -r .session)" = "$1" ]; }

start_daemon()
{
	cgspand --foreground >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	daemon=$!
	within 30 session_is live
}

@test "load and unload report what they did and can be repeated" {
	says "module: removed" unload
	says "module: was not loaded" unload
	refuses 'the cgspan module is not loaded: load it ("cgspan load")' tree
	run cgspan load
	[[ $output = "module "*": loaded" ]]
	run cgspan load
	[[ $output = "module "*": is loaded already" ]]
	cgspan load -j | jq -e .loaded
}

@test "load of a missing file reports it" {
	says "module: removed" unload
	run cgspan load /nonexistent/cgspan.ko
	[ "$status" -eq 1 ]
	[ "$output" = "cgspan: cannot load /nonexistent/cgspan.ko: No such file or directory" ]
	cgspan load
}

@test "without a session, the lease equals the limit" {
	says "/web: in force on 1 of 1 node" create /web tasks 12
	says "/web/batch: in force on 1 of 1 node" create /web/batch tasks 5 on-expiry hold
	[ "$(row /web limit,lease,nodes,on_expiry)" = "12 12 1 continue" ]
	[ "$(row /web/batch limit,lease,nodes,on_expiry)" = "5 5 1 hold" ]
	says "/web: in force on 1 of 1 node" set /web tasks max
	[ "$(row /web limit,lease)" = "max max" ]
	says "/web/batch: gone" delete /web/batch
	says "/web: gone" delete /web
}

@test "without a session, a limit below use takes effect as far as possible and warns" {
	mkcg a
	cgspan create /web tasks 5
	bind "$T/a" /web
	for _ in 1 2 3; do resident "$T/a"; done
	refuses "tasks of /web: 3 are in use, so the lease is still 3: run the command again when tasks or grants have ended" \
		set /web tasks 1 --no-wait
	[ "$(row /web used,limit,lease)" = "3 1 3" ]
	{ pause 1; drain "$T/a"; } 3>&- &
	says "/web: in force on 1 of 1 node" set /web tasks 1 --wait 20
	[ "$(row /web used,limit,lease)" = "0 1 1" ]
}

@test "an unprivileged caller may read the tree and nothing else" {
	local unprivileged=(env -u CGSPAN_CONFIG setpriv --reuid=65534 --regid=65534 --clear-groups)
	local why="cgspan: this needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user namespace"
	"${unprivileged[@]}" cgspan tree -j | jq -e '.[0].group == "/"'
	"${unprivileged[@]}" cgspan status -j | jq -e '.session == "none"'
	for words in "create /u" "set / tasks 1" "delete /u" "unbind /a" "tasks /"; do
		# words
		run "${unprivileged[@]}" cgspan $words
		echo "$words: $output"
		[ "$status" -eq 1 ]
		[ "$output" = "$why" ]
	done
	run "${unprivileged[@]}" cgspan watch
	[ "$output" = 'cgspan: cannot listen to "config": it needs CAP_NET_ADMIN' ]
	run "${unprivileged[@]}" cgspan unload
	[ "$output" = "cgspan: the kernel does not permit removing modules: run as root" ]
}

@test "bind is kept in the configuration, and unbind undoes both" {
	mkcg a
	cgspan create /web
	says "/t/a: bound to /web" bind "$T/a" /web
	[ "$(cgspan bind -t -o cgroup,group)" = $'/t/a\t/web' ]
	[ "$(cat "$CGSPAN_CONFIG.d/member-t-a.conf")" = "member = /t/a /web" ]
	says "/t/no: bound to /web, from when its directory is made" bind /t/no /web
	says "/t/no: unbound" unbind "$T/no"
	says "/t/a: unbound" unbind /t/a
	[ -z "$(cgspan bind -t)" ]
	[ -z "$(ls "$CGSPAN_CONFIG.d")" ]
}

@test "a bind that cannot be written to the configuration fails" {
	mkcg a
	cgspan create /web
	run cgspan --config /proc/none/cgspan.conf bind "$T/a" /web
	[ "$status" -eq 1 ]
	[ -z "$(cgspan bind -t)" ]
}

@test "bind refuses a cgroup that contains the calling shell" {
	cgspan create /web
	run cgspan bind "/$(cut -d: -f3- /proc/self/cgroup | cut -c2-)" /web
	echo "$output"
	[ "$status" -eq 1 ]
	[ -z "$(cgspan bind -t)" ]
}

@test "tasks lists the charged tasks" {
	mkcg a
	cgspan create /web
	bind "$T/a" /web
	resident "$T/a"
	within 20 asleep
	[ "$(cgspan tasks /web -t)" = "$(printf '%s\t%s\tlive\t/web\tsleep' "$pid" "$pid")" ]
	cgspan tasks / -j | jq -e ".[0].pid == $pid and .[0].group == \"/web\""
}

@test "watch prints changes of groups, members and refusals" {
	mkcg a
	cgspan watch -j >"$BATS_TEST_TMPDIR/heard" 3>&- &
	watcher=$!
	within 10 cgspan create /first
	within 10 grep -q . "$BATS_TEST_TMPDIR/heard" || {
		cgspan set /first tasks 5
		within 10 grep -q . "$BATS_TEST_TMPDIR/heard"
	}
	cgspan create /web tasks 1
	bind "$T/a" /web
	resident "$T/a"
	run inside "$T/a" sh -c "sleep 0 & wait"
	cgspan delete /first
	within 10 grep -q '"event":"group-gone"' "$BATS_TEST_TMPDIR/heard"
	kill "$watcher"
	jq -se 'map(select(.group == "/web") | .event) | index("group") < index("member")' \
		"$BATS_TEST_TMPDIR/heard"
	jq -se 'any(.event == "credit" and .group == "/web" and .lease == 1)' \
		"$BATS_TEST_TMPDIR/heard"
}

@test "join checks the store before it changes anything" {
	refuses "the configuration names no store: this node is alone" fence n2 --confirm-off
	run cgspan join sqlite:/nonexistent/store.db --name n1
	[ "$status" -eq 1 ]
	[[ $output = *"/nonexistent/store.db"* ]]
	[ ! -e "$CGSPAN_CONFIG.d" ]
}

@test "a fresh node joins a cluster and leaves it" {
	mkcg a
	says "n1: ready to join; systemd does not run here, so start the daemon: cgspand --config $CGSPAN_CONFIG" \
		join "sqlite:$BATS_TEST_TMPDIR/store.db" --name n1 --label rack=r1 --label row=2
	[ "$(cat "$CGSPAN_CONFIG.d"/*)" = "label = rack=r1
label = row=2
node = n1
store = sqlite:$BATS_TEST_TMPDIR/store.db" ]
	start_daemon
	says "/web: in force on 1 of 1 node" create /web tasks 12
	refuses "the group /web exists already" create /web
	cgspan bind "$T/a" /web
	resident "$T/a"
	cgspan nodes -j | jq -e 'length == 1 and .[0].node == "n1" and .[0].state == "joined" and
		.[0].labels == ["rack=r1", "row=2"]'
	refuses 'this node has joined already, as n1: "cgspan leave" takes it out' \
		join "sqlite:$BATS_TEST_TMPDIR/store.db"
	refuses 'n1 is this node, which is not off: "cgspan leave" takes it out of the cluster' \
		fence n1 --confirm-off
	run rmmod cgspan
	[ "$status" -ne 0 ]
	refuses "1 tasks are charged to groups on this node: end them, or add --unbind" leave
	refuses "1 tasks are charged to groups on this node: end them, or add --unbind" unload
	drain "$T/a"
	says "n1: has left the cluster" leave
	wait "$daemon"
	daemon=
	session_is none
	[ ! -e "$CGSPAN_CONFIG.d/store.conf" ]
	[ "$(row / limit,lease)" = "max max" ]
	says "n1: was in no cluster" leave
}

@test "unload with a live session leaves the cluster first" {
	mkcg a
	cgspan join "sqlite:$BATS_TEST_TMPDIR/store.db" --name n1
	start_daemon
	cgspan create /web tasks 12
	cgspan bind "$T/a" /web
	resident "$T/a"
	says "module: removed" unload --unbind
	wait "$daemon"
	daemon=
	cgspan nodes -j | jq -e 'length == 0'
	grep -q ^store.*sqlite "$CGSPAN_CONFIG.d/store.conf"
	cgspan load
}

# A session ends some time after its network namespace.
@test "unload waits until the module is unused, at most for --wait" {
	local joined=$BATS_TEST_TMPDIR/joined other
	has_joined() { grep -q '"ok":true' "$joined"; }
	unshare -n sh -c 'genlclient session-renew session{ epoch=3 sent=now ttl=60000 } &&
		exec sleep 1000' >"$joined" 3>&- &
	other=$!
	within 20 has_joined
	refuses "the module is in use: a node in another network namespace has joined, or a request is under way" \
		unload --wait 1
	kill "$other"
	wait "$other" || :
	says "module: removed" unload --wait 60
	cgspan load
}
