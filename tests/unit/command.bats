#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# The command without root and without the module: errors in the command line,
# and changes of a store.

load command

setup() {
	export CGSPAN_CONFIG=$BATS_TEST_TMPDIR/cgspan.conf
	printf 'node = n1\nstore = sqlite:%s/store.db\n' \
		"$BATS_TEST_TMPDIR" > "$CGSPAN_CONFIG"
}

needs_no_module() {
	[ ! -e /sys/module/cgspan ] || skip "the module is loaded here"
}

@test "an error in the command line names the word, what is missing or what is valid" {
	local text line words
	while IFS='|' read -r text line; do
		eval "words=($line)"
		refused 2 "$text" "${words[@]}"
	done <<-'END'
		unknown verb "frob"|frob
		unknown option "--frob"|set /web --frob
		unexpected word "/b"|delete /a /b
		GROUP is missing|create
		STORE is missing|join
		CGROUP is missing|unbind
		GROUP is missing|bind /sys/fs/cgroup/web
		NODE is missing|fence
		"tasks" wants AMOUNT after it|create /web tasks
		"--config" wants FILE after it|tree --config
		"tasks" is given twice|set /web tasks 1 tasks 2
		tasks: "many" is not an amount: write a whole number, or max|set /web tasks many
		tasks: "-1" is not an amount: write a whole number, or max|set /web tasks -1
		tasks: "18446744073709551616" is too large: write max for no limit|set /web tasks 18446744073709551616
		"explode" is no policy: write continue, hold, freeze, kill or reset|create /web on-expiry explode
		"web" cannot name a group: write it from the root, as "/web"|create web
		"/web/" cannot name a group: it has an empty level: write single slashes, and none at the end|create /web/
		"/a b" cannot name a group: only A-Z a-z 0-9 . _ - are allowed between slashes|tree "/a b"
		"web" is no cgroup: write its whole path, as "/sys/fs/cgroup/web"|bind web /web
		"soon" after "--wait" is not a time: write seconds, 0.001 to 86400|set /web tasks 1 --wait soon
		"nan" after "--wait" is not a time: write seconds, 0.001 to 86400|set /web tasks 1 --wait nan
		"-j" and "-t" exclude each other|tree -j -t
		"--wait" and "--no-wait" exclude each other|set /web tasks 1 --wait 1 --no-wait
		nothing is given to set: write tasks, cpu, memory, on-expiry ...|set /web
		fencing gives away all that n2 holds: switch it off first, then add --confirm-off|fence n2
		"--nodes" must name all nodes, separated by commas|recover
		"" is no node's name|recover --nodes n1,,n2
		"n/1" is no node's name|recover --nodes n/1
		"--wait" and "--no-wait" exclude each other|recover --nodes n1 --wait 1 --no-wait
	END
	refused 2 'unknown option "--frob"' set /web --frob
	[[ ${lines[1]} = "usage: cgspan set GROUP [RESOURCE AMOUNT]..."* ]]
}

@test "without the module, verbs that need it say how to load it" {
	needs_no_module
	for words in tree "tree -j" status "tasks /web" watch bind \
		"unbind /web" "leave"; do
		refused 1 'the cgspan module is not loaded: load it ("cgspan load")' $words
	done
}

@test "unload without the module succeeds" {
	needs_no_module
	run cgspan unload
	[ "$status" -eq 0 ]
	[ "$output" = "module: was not loaded" ]
	[ "$(cgspan unload -j | jq -c .)" = '{"loaded":false}' ]
}

@test "a configuration given by name must exist" {
	export CGSPAN_CONFIG=
	unset CGSPAN_CONFIG
	run cgspan --config "$BATS_TEST_TMPDIR/none" nodes
	[ "$status" -eq 1 ]
	[[ $output = *"$BATS_TEST_TMPDIR/none: No such file or directory" ]]
}

@test "the error for a bad configuration contains its line" {
	echo "colour = red" >> "$CGSPAN_CONFIG"
	run cgspan nodes
	[ "$status" -eq 1 ]
	[[ $output = "cgspan: $CGSPAN_CONFIG:3: "* ]]
}

@test "the error for a store that cannot be opened contains its path" {
	echo "store = sqlite:/nonexistent/store.db" > "$CGSPAN_CONFIG"
	run cgspan create /web tasks 1
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output = *"/nonexistent/store.db"* ]]
}

@test "groups can be created before any node has joined" {
	run cgspan create /web tasks 60
	[ "$status" -eq 0 ]
	[ "$output" = "/web: written, no node has joined yet" ]
	cgspan create /web/batch tasks 20 on-expiry hold
	refused 1 'the group /web exists already' create /web tasks 60
	refused 1 'there is no group /nope' set /nope tasks 1
	refused 1 'the group /web has children: delete /web/batch first' \
		delete /web
	cgspan set /web tasks max
	cgspan delete /web/batch
	cgspan delete /web
	refused 1 'there is no group /web' delete /web
}

@test "a change that changes nothing keeps the revision" {
	a=$(cgspan -j create /web tasks 60 | jq .revision)
	b=$(cgspan -j set /web tasks 60 | jq .revision)
	c=$(cgspan -j set /web tasks 61 | jq .revision)
	[ "$a" -eq "$b" ]
	[ "$c" -gt "$b" ]
}

@test "twenty concurrent creates all succeed" {
	cgspan create /web tasks 1
	for i in $(seq 20); do
		cgspan create "/web/g$i" tasks "$i" > \
			"$BATS_TEST_TMPDIR/out$i" &
	done
	wait
	for i in $(seq 20); do
		[ "$(cat "$BATS_TEST_TMPDIR/out$i")" = \
			"/web/g$i: written, no node has joined yet" ]
	done
}

@test "an empty cluster has no nodes" {
	[ "$(cgspan nodes -j | jq length)" -eq 0 ]
	refused 1 'no node n9 is in session' fence n9 --confirm-off
}

# key NAME: print its value in the store. put_key NAME VALUE: set it, as a
# node's daemon would.
key() {
	sqlite3 "$BATS_TEST_TMPDIR/store.db" \
		"SELECT CAST(val AS TEXT) FROM kv WHERE CAST(key AS TEXT) LIKE '%/$1'"
}

put_key() {
	sqlite3 "$BATS_TEST_TMPDIR/store.db" \
		"UPDATE meta SET rev = rev + 1; INSERT OR REPLACE INTO kv
		SELECT CAST('/cgspan/$1' AS BLOB), CAST('$2' AS BLOB), rev FROM meta"
}

@test "recover waits for the given nodes, and lists those that have not claimed" {
	cgspan create /web tasks 60
	run cgspan recover --nodes n1,n2,n1 --no-wait
	[ "$status" -eq 0 ]
	[ "$output" = "begun: 0 of 2 nodes have claimed what they hold" ]
	[ "$(key cluster | jq -c .await)" = '["n1","n2"]' ]
	[ "$(key cluster | jq -r .identity)" = \
		"$(sqlite3 "$BATS_TEST_TMPDIR/store.db" 'SELECT identity FROM meta')" ]
	refused 1 '0 of 2 nodes have claimed what they hold, not yet: n1 n2 (start their daemons; if one is off for good, recover again without it)' \
		recover --nodes n1,n2 --wait 0.1
	[ "$(cgspan recover --nodes n1,n2 --no-wait -j | jq -c .)" = \
		'{"nodes":2,"claimed":0,"missing":["n1","n2"],"left_out":[]}' ]
	# Fenced nodes need not claim.
	cgspan fence n2 --confirm-off
	[ "$(key cluster | jq -c .await)" = '["n1"]' ]
	cgspan fence n1 --confirm-off
	[ "$(key cluster | jq -c .await)" = null ]
}

@test "recover leaves out a node only if --confirm-off is given" {
	local live='{"v":1,"state":"live","machine":"m","boot":"b","uuid":"u","by":""}'
	cgspan create /web tasks 60
	put_key epoch/n3 "$live"
	refused 1 'the store knows the node n3, too: name it with the others, or, if it is off, add --confirm-off' \
		recover --nodes n1 --no-wait
	[ "$(key cluster | jq -c .await)" = null ]
	[ "$(cgspan recover --nodes n1 --confirm-off --no-wait -j | jq -c .left_out)" = '["n3"]' ]
	[ "$(key epoch/n3 | jq -r '.state + " " + .by')" = "fenced recover" ]
	[ "$(key epoch/n3 | jq '.base >= 1099511627776')" = true ]
	[ "$(key cluster | jq -c .await)" = '["n1"]' ]
}

@test "libcurl is loaded only for etcd, and reported if it cannot be" {
	: >"$BATS_TEST_TMPDIR/libcurl.so.4"
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR run cgspan create /web
	[ "$status" -eq 0 ]
	printf 'node = n1\nstore = https://127.0.0.1:1\n' > "$CGSPAN_CONFIG"
	LD_LIBRARY_PATH=$BATS_TEST_TMPDIR run cgspan create /web
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"a store on etcd needs libcurl, which cannot be loaded: "*"file too short"* ]]
}

@test "output that cannot be written is an error" {
	for words in nodes --help "create /web"; do
		run bash -c "'$CGSPAN' $words 2>&1 > /dev/full"
		[ "$status" -eq 1 ]
		[ "$output" = "cgspan: cannot write the output" ]
	done
}

@test "help lists every verb, and every verb has a usage" {
	run cgspan --help
	[ "$status" -eq 0 ]
	for verb in tree create set delete bind unbind tasks admit release grants resource join leave fence recover \
		nodes status watch load unload; do
		[[ $output = *"  $verb "* ]]
		[[ $(cgspan $verb --help) = "usage: cgspan $verb"* ]]
	done
	[[ $(cgspan --version) = "cgspan "[0-9]* ]]
}

@test "completion offers verbs, keywords and values" {
	[ "$(cgspan --complete un)" = $'unbind\nunload' ]
	[ "$(cgspan --complete set /web ta)" = tasks ]
	[ "$(cgspan --complete set /web on-expiry '')" = $'continue\nhold\nfreeze\nkill\nreset' ]
	[ "$(cgspan --complete set /web tasks m)" = max ]
	[ "$(cgspan --complete set /web tasks 5 ta)" = "" ]
	[ "$(cgspan --complete join x --label a=b --la)" = --label ]
}

@test "bash completes through the command" {
	run bash -c "cgspan() { '$CGSPAN' \"\$@\"; }
		. '$ROOT/user/completion/cgspan.bash'
		COMP_WORDS=(cgspan st); COMP_CWORD=1; _cgspan
		echo \"\${COMPREPLY[@]}\"
		COMP_WORDS=(cgspan set /web ''); COMP_CWORD=3; _cgspan
		echo \"\${COMPREPLY[@]}\""
	echo "$output"
	[ "${lines[0]}" = status ]
	[ "${lines[1]}" = "--config -j -t -o tasks cpu memory user0 user1 user2 user3 user4 on-expiry --wait --no-wait" ]
}
