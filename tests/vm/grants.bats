#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper
bats_require_minimum_version 1.5.0

TASKS=0 CPU=1
QUEUED=0 GRANTED=1 TIMED_OUT=3 ENDED=4

# taken: set $id and $state to those of the last grant in $reply
taken()
{
	local last=${reply##*'"grant":'}
	[[ $last =~ \"id\":([0-9]+) ]] && id=${BASH_REMATCH[1]}
	[[ $last =~ \"state\":([0-9]+) ]] && state=${BASH_REMATCH[1]}
}

# admit FIELD=VALUE...: a request that is granted or queued; sets $id and $state
admit()
{
	request admit grant{ "$@" } && taken
}

# admit_by NAME FIELD=VALUE...: likewise, from a socket that stays open
admit_by()
{
	local name=$1
	shift
	ask "$name" admit grant{ "$@" } && taken
}

release() { request release grant{ id="$1" }; }
grants() { request dump grant-get; jq '.replies | length' <<<"$reply"; }
no_grants() { request dump grant-get && [[ $reply == *'"replies":[]'* ]]; }
one_grant() { [ "$(grants)" = 1 ]; }
expired() { request node-get && [ "$(field state)" = 2 ]; }
lease_of() { request lease-set lease{ group-path="$1" res="$2" amount="$3" }; }

# res GROUP RES FIELD: print a figure of one resource
res()
{
	request group-get group{ path="$1" } >&2 || return 1
	[[ ${reply#*'"resource":['} =~ \{\"id\":$2,[^}]*\"$3\":\"?([^,\"}]*) ]] || :
	echo "${BASH_REMATCH[1]:-null}"
}

# A process in no group; its pid is in $holder.
new_holder()
{
	sleep 1000 3>&- &
	holder=$!
}

# heard NAME STATE: has the socket received a GRANT_NTF with this state?
heard()
{
	ask "$1" node-get
	[[ $reply == *'{"cmd":"grant-ntf","grant":{"id":'*',"state":'$2[,}]* ]]
}

setup()
{
	new_holder
	group /a
	group /a/b
	lease_of /a $CPU 1000
}

@test "a grant takes headroom up the tree until it is released" {
	admit group-path=/a/b cpu=600 memory=4096 pid="$holder"
	[ "$state" = $GRANTED ]
	[ "$(res /a $CPU reserved)" = 600 ]
	[ "$(res / $CPU reserved)" = 600 ]
	[ "$(res /a/b 2 reserved)" = 4096 ]
	refused EAGAIN 'cpu*headroom' request admit grant{ group-path=/a/b cpu=500 pid="$holder" }
	[ "$(jq -c '.replies[0].grant | [.state, .res, .missing, ."group-path", .id]' <<<"$reply")" = '[2,1,100,"/a",null]' ]
	[ "$(res /a $CPU refusals)" = 1 ]
	request grant-get grant{ id="$id" }
	[ "$(jq -c '.replies[0].grant | [.id, .state, ."group-path", .cpu, .memory, .pid]' <<<"$reply")" = \
		"[$id,1,\"/a/b\",600,4096,$holder]" ]
	refused EBUSY grants request group-del group{ path=/a/b }
	release "$id"
	refused ENOENT '*' release "$id"
	[ "$(res /a $CPU reserved)" = 0 ]
	[ "$(res /a $CPU peak)" = 600 ]
	admit group-path=/a/b cpu=1000 pid="$holder"
	kill "$holder"
	within 10 no_grants
	request group-del group{ path=/a/b }
}

@test "all of several amounts are granted, or none" {
	refused EAGAIN 'cpu*' request admit grant{ group-path=/a memory=1 user4=1 cpu=1001 pid="$holder" }
	refused EINVAL 'no amount*' request admit grant{ group-path=/a pid="$holder" }
	no_grants
	admit group-path=/a memory=1 user4=1 cpu=1000 pid="$holder"
	[ "$(res /a 7 used)" = 1 ]
}

@test "a grant without a process is held until its socket closes" {
	open_socket s
	admit_by s group-path=/a cpu=700
	[ "$state" = $GRANTED ]
	request grant-get grant{ id="$id" }
	[ "$(jq '.replies[0].grant | has("port") and (has("pid") | not)' <<<"$reply")" = true ]
	admit_by s group-path=/a cpu=300
	close_socket s
	within 10 no_grants
	[ "$(res /a $CPU reserved)" = 0 ]
}

@test "a dry run reports the result and changes nothing" {
	admit group-path=/a cpu=600 pid="$holder"
	figures() { request group-get group{ path=/a } && jq -c 'del(.replies[].group.settled)' <<<"$reply"; }
	before=$(figures)
	request admit grant{ group-path=/a cpu=400 pid="$holder" flags=1 }
	[ "$(jq -c '.replies[0].grant' <<<"$reply")" = '{"state":1}' ]
	request admit grant{ group-path=/a cpu=401 pid="$holder" flags=1 wait=9 }
	[ "$(jq '.replies[0].grant | [.state, .missing] == [0, 1]' <<<"$reply")" = true ]
	refused EAGAIN '*' request admit grant{ group-path=/a cpu=401 pid="$holder" flags=1 }
	request group-set group{ path=/a resource{ id=1 limit=500 } }
	refused ERANGE '*limit*' request admit grant{ group-path=/a cpu=501 pid="$holder" flags=1 wait=9 }
	[ "$(jq '.replies[0].grant | [.state, .missing] == [2, 1]' <<<"$reply")" = true ]
	request group-set group{ path=/a resource{ id=1 limit=max } }
	[ "$(figures)" = "$before" ]
	[ "$(grants)" = 1 ]
}

@test "a refusal for lack of headroom names a node with headroom" {
	clock=$(clock)
	told() { jq -c '.replies[0].grant | [.node, .headroom]' <<<"$reply"; }
	request peer-set peer{ group-path=/a res=$CPU used=0 nodes=2 time="$clock" node=n2 headroom=1500 }
	[ "$(res /a $CPU peer-node)" = n2 ]
	[ "$(res /a $CPU peer-headroom)" = 1500 ]
	refused EAGAIN '*' request admit grant{ group-path=/a/b cpu=1500 pid="$holder" }
	[ "$(told)" = '["n2",1500]' ]
	[ "$(res /a $CPU asked)" = 1500 ]
	lease_of /a $CPU 1001
	[ "$(res /a $CPU asked)" = 0 ]
	request admit grant{ group-path=/a cpu=1500 pid="$holder" wait=9 flags=1 }
	[ "$(told)" = '["n2",1500]' ]
	refused EAGAIN '*' request admit grant{ group-path=/a cpu=1501 pid="$holder" }
	[ "$(told)" = '[null,null]' ]
	request peer-set peer{ group-path=/a res=$CPU used=0 nodes=2 time="$clock" }
	refused EAGAIN '*' request admit grant{ group-path=/a cpu=1500 pid="$holder" }
	[ "$(told)" = '[null,null]' ]
	admit group-path=/a cpu=1001 pid="$holder"
	[ "$(told)" = '[null,null]' ]
}

@test "a timed-out GRANT_NTF carries shortage and peer hint" {
	clock=$(clock)
	told() { jq -c '.replies[] | select(.cmd == "grant-ntf") | .grant | [.state, .id, ."group-path", .res, .missing, .node, .headroom]' <<<"$reply"; }
	for s in s behind peers; do open_socket $s; done
	# Start no process here: the time-out runs.
	ask s admit grant{ group-path=/a/b cpu=1500 wait=10000 }
	first=$reply
	ask behind admit grant{ group-path=/a cpu=1200 wait=10000 }
	second=$reply
	ask peers peer-set peer{ group-path=/a res=$CPU used=0 nodes=2 time="$clock" node=n2 headroom=1500 }
	waits() { jq -c '.replies[-1].grant | [.state, .missing, .node]'; }
	[ "$(waits <<<"$first")" = "[$QUEUED,500,null]" ]
	[ "$(waits <<<"$second")" = "[$QUEUED,200,null]" ]
	first=$(jq '.replies[-1].grant.id' <<<"$first") second=$(jq '.replies[-1].grant.id' <<<"$second")
	within 60 heard s $TIMED_OUT
	[ "$(told)" = "[3,$first,\"/a\",$CPU,500,\"n2\",1500]" ]
	within 60 heard behind $TIMED_OUT
	[ "$(told)" = "[3,$second,\"/a\",$CPU,200,\"n2\",1500]" ]
	run -1 cgspan admit /a cpu 1300 wait 200 -- true
	[[ $output == *"waiting: /a lacks 300 of cpu; node n2 has headroom for 1500"* ]]
	[[ $output == *"cgspan: /a lacks 300 of cpu; node n2 has headroom for 1500: no headroom came within 200 ms"* ]]
	no_grants
}

@test "a peer hint covers all requested resources that peers report" {
	clock=$(clock)
	peer() { request peer-set peer{ group-path="$1" res="$2" used=0 nodes=2 time="$clock" node="$3" headroom="$4" }; }
	named()
	{
		refused EAGAIN '*' request admit grant{ group-path=/a/b cpu=1500 "${@:2}" pid="$holder" } || return 1
		[ "$(jq -r '.replies[0].grant.node' <<<"$reply")" = "$1" ]
	}
	# A hint of an ancestor of the short group does not count.
	peer / $CPU n1 9000
	named null
	peer /a $CPU n2 1500
	named n2 memory=4096
	peer / 2 n3 4095
	named null memory=4096
	named n2 memory=4095
	# The hint of the nearest group counts, also if it has less headroom.
	peer /a 2 n3 4096
	named n2 memory=4096
	peer /a/b $CPU n4 1400
	named null
	peer /a/b $CPU n4 1600
	named n4 memory=4096
}

@test "waiting requests are served in order of arrival, and a large one is not starved" {
	admit group-path=/a cpu=600 pid="$holder" && first=$id
	admit group-path=/a cpu=300 pid="$holder" && second=$id
	for s in big small last; do open_socket $s; done
	admit_by big group-path=/a/b cpu=900 wait=60000
	[ "$state" = $QUEUED ]
	big=$id
	admit_by small group-path=/a cpu=100 wait=60000
	[ "$state" = $QUEUED ]
	small=$id
	admit_by last group-path=/a/b cpu=1 wait=60000
	[ "$(res /a/b $CPU waiting)" = 901 ]
	# Small requests would fit, but wait behind the large one.
	refused EAGAIN 'others wait*' request admit grant{ group-path=/a cpu=1 pid="$holder" }
	release "$first"
	refused EAGAIN 'others wait*' request admit grant{ group-path=/a cpu=1 pid="$holder" }
	not heard big $GRANTED
	release "$second"
	within 10 heard big $GRANTED
	within 10 heard small $GRANTED
	not heard last $GRANTED
	release "$small"
	within 10 heard last $GRANTED
	[ "$(res /a $CPU reserved)" = 901 ]
	[ "$(res /a/b $CPU waiting)" = 0 ]
	release "$big"
}

@test "a request that waits in one group does not delay requests in another" {
	group /z
	open_socket s
	admit_by s group-path=/a cpu=1000
	admit_by s group-path=/a/b cpu=5 wait=60000
	[ "$state" = $QUEUED ]
	admit group-path=/z cpu=5 pid="$holder"
	[ "$state" = $GRANTED ]
	# A request for more than an ancestor's lease does not take turns there.
	lease_of /a 2 10
	admit_by s group-path=/a/b memory=20 wait=60000
	admit group-path=/a memory=5 pid="$holder"
	[ "$state" = $GRANTED ]
}

@test "requests of several trees get headroom of / in the order of arrival" {
	local name first second
	for name in b c; do
		group /$name
		open_socket $name
	done
	lease_of / $CPU 10
	admit group-path=/a cpu=5 pid="$holder" && first=$id
	admit group-path=/a cpu=5 pid="$holder" && second=$id
	admit_by b group-path=/b cpu=8 wait=60000
	admit_by c group-path=/c cpu=1 wait=60000
	[ "$state" = $QUEUED ]
	release "$first"
	refused EAGAIN 'others wait*' request admit grant{ group-path=/a cpu=1 pid="$holder" }
	admit group-path=/a memory=1 pid="$holder"
	[ "$state" = $GRANTED ]
	not heard b $GRANTED
	not heard c $GRANTED
	release "$second"
	within 10 heard b $GRANTED
	within 10 heard c $GRANTED
	[ "$(res / $CPU waiting)" = 0 ]
	admit_by b group-path=/b cpu=2 wait=60000
	admit_by c group-path=/c cpu=1 wait=60000
	[ "$state" = $QUEUED ]
	close_socket b
	within 10 heard c $GRANTED
}

@test "a request above the lease of / keeps no other tree from what is left, and is served by a larger lease" {
	group /z
	lease_of / $CPU 10
	open_socket s
	admit_by s group-path=/a cpu=11 wait=60000
	[ "$state" = $QUEUED ]
	admit group-path=/z cpu=10 pid="$holder"
	[ "$state" = $GRANTED ]
	lease_of / $CPU 21
	within 10 heard s $GRANTED
}

@test "an unprivileged request above the lease of its group keeps no subgroup from what is left, until the lease is larger" {
	local out=$BATS_TEST_TMPDIR/out in
	mkcg a
	bind "$T/a" /a
	lease_of /a 2 8192
	mkfifo "$BATS_TEST_TMPDIR/ask"
	inside "$T/a" setpriv --reuid 65534 --regid 65534 --clear-groups genlclient \
		<"$BATS_TEST_TMPDIR/ask" >"$out" 3>&- &
	exec {in}>"$BATS_TEST_TMPDIR/ask"
	echo "admit grant{ group-path=/a cpu=1500 memory=4096 wait=60000 }" >&"$in"
	within 10 holds "$out" '"state":'$QUEUED
	told() { echo node-get >&"$in"; grep -q '"grant-ntf".*"state":'$GRANTED "$out"; }
	admit group-path=/a/b cpu=1000 memory=4096 pid="$holder"
	[ "$state" = $GRANTED ]
	# Now it waits for its turn: a smaller one does not starve it.
	lease_of /a $CPU 1500
	refused EAGAIN 'others wait*' request admit grant{ group-path=/a/b cpu=1 pid="$holder" }
	release "$id"
	within 10 told
	exec {in}>&-
}

@test "a pass tries no request for more than a lease" {
	local tracing=/sys/kernel/tracing n
	[ -e $tracing/kprobe_events ] || skip "this kernel has no kprobe events"
	open_socket s
	admit_by s group-path=/a/b cpu=1500 wait=60000
	[ "$state" = $QUEUED ]
	printf 'p:passes cgspan_queue_begin\np:tries cgspan_reserve_take\n' >$tracing/kprobe_events
	echo >$tracing/trace
	echo 1 >$tracing/events/kprobes/enable
	admit group-path=/a cpu=1 pid="$holder"
	release "$id"
	passed() { grep -q passes: $tracing/trace; }
	within 10 passed
	# Granted after the pass, for which it waits. Each of the two is one try.
	admit group-path=/a cpu=1 pid="$holder"
	n=$(grep -c tries: $tracing/trace) || :
	echo 0 >$tracing/events/kprobes/enable
	echo >$tracing/kprobe_events
	[ "$n" = 2 ]
	lease_of /a $CPU 1501
	within 10 heard s $GRANTED
}

@test "requests to one tree begin no pass over the queue of another" {
	local tracing=/sys/kernel/tracing n
	[ -e $tracing/kprobe_events ] || skip "this kernel has no kprobe events"
	group /z
	lease_of /z $CPU 10
	open_socket s
	admit_by s group-path=/a cpu=1500 wait=60000
	echo 'p:passes cgspan_queue_begin' >$tracing/kprobe_events
	echo >$tracing/trace
	echo 1 >$tracing/events/kprobes/passes/enable
	for ((n = 0; n < 20; n++)); do
		admit group-path=/z cpu=1 pid="$holder"
		release "$id"
	done
	n=$(grep -c passes: $tracing/trace) || :
	lease_of /a $CPU 1500
	within 10 heard s $GRANTED
	grep -q passes: $tracing/trace
	echo 0 >$tracing/events/kprobes/passes/enable
	echo >$tracing/kprobe_events
	[ "$n" = 0 ]
}

@test "a renewal serves requests that wait in a held group" {
	local held
	group /h
	request group-set group{ path=/h on-expiry=1 }
	join 5 6000
	ask owner lease-set session{ epoch=5 } lease{ group-path=/h res=1 amount=9 } lease{ group-path=/ res=1 amount=9 }
	admit group-path=/h cpu=9 pid="$holder" && held=$id
	open_socket s
	admit_by s group-path=/h cpu=5 wait=60000
	within 20 expired
	release "$held"
	not heard s $GRANTED
	ask owner session-renew session{ epoch=5 sent=now ttl=60000 }
	within 10 heard s $GRANTED
}

@test "a larger lease, the end of a holder and the end of a task serve the queue" {
	mkcg a
	bind "$T/a" /a
	lease /a 2
	open_socket s
	admit_by s group-path=/a cpu=1500 wait=60000
	lease_of /a $CPU 1500
	within 10 heard s $GRANTED
	release "$id"
	admit group-path=/a cpu=1500 pid="$holder"
	admit_by s group-path=/a cpu=1 wait=60000
	kill "$holder"
	within 10 heard s $GRANTED
	resident "$T/a"
	admit_by s group-path=/a tasks=2 wait=60000
	[ "$state" = $QUEUED ]
	kill "$pid"
	within 10 heard s $GRANTED
}

@test "a wait ends by time-out, end of its holder, release, or close of its socket" {
	open_socket s
	admit_by s group-path=/a cpu=1000
	admit_by s group-path=/a cpu=1 wait=100
	within 10 heard s $TIMED_OUT
	admit_by s group-path=/a cpu=1 wait=60000 pid="$holder"
	kill "$holder"
	within 10 heard s $ENDED
	admit_by s group-path=/a cpu=1 wait=60000
	release "$id"
	within 10 heard s $ENDED
	open_socket q
	admit_by q group-path=/a cpu=1 wait=60000
	request group-del group{ path=/a/b }
	refused EBUSY grants request group-del group{ path=/a }
	[ "$(grants)" = 2 ]
	close_socket q
	within 10 one_grant
	[ "$(res /a $CPU waiting)" = 0 ]
}

@test "a request above a limit is refused at once, whatever its time-out" {
	request group-set group{ path=/a resource{ id=1 limit=2000 } }
	open_socket s
	refused ERANGE '*limit*' ask s admit grant{ group-path=/a/b cpu=2001 wait=60000 }
	[ "$(jq '.replies[0].grant | [.res, .missing, ."group-path"] == [1, 1, "/a"]' <<<"$reply")" = true ]
	no_grants
}

@test "a holder's descendants use its reserve first and keep their charges" {
	mkcg a
	bind "$T/a" /a
	lease /a 5
	mkfifo "$BATS_TEST_TMPDIR/go"
	spawn -w "$T/a" 4 <"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/spawned" 3>&- &
	holder=$!
	exec {go}>"$BATS_TEST_TMPDIR/go"
	admit group-path=/a tasks=3 pid="$holder"
	[ "$(res /a $TASKS unspent)" = 3 ]
	# Other processes get the rest of the lease only.
	[ "$(spawn "$T/a" 3)" = "2 1" ]
	echo >&"$go"
	within 10 grep -q . "$BATS_TEST_TMPDIR/spawned"
	[ "$(cat "$BATS_TEST_TMPDIR/spawned")" = "3 1" ]
	[ "$(res /a $TASKS used)" = 5 ]
	[ "$(res /a $TASKS unspent)" = 0 ]
	within 10 no_grants
	# The holder has exited; its children live, and stay charged.
	is /a used 5 reserved 0
	drain "$T/a"
	within 10 is /a used 0
	[ "$(res /a $TASKS unspent)" = 0 ]
	exec {go}>&-
}

@test "the unused reserve returns when the holder ends" {
	mkcg a
	bind "$T/a" /a
	lease /a 5
	admit group-path=/a tasks=5 pid="$holder"
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	kill "$holder"
	within 10 no_grants
	[ "$(spawn "$T/a" 6)" = "5 1" ]
}

@test "a grant outlives exec of another thread and exit of the first thread" {
	local how
	for how in exec leader; do
		mkfifo "$BATS_TEST_TMPDIR/$how"
		holder $how <"$BATS_TEST_TMPDIR/$how" 3>&- &
		holder=$!
		exec {go}>"$BATS_TEST_TMPDIR/$how"
		admit group-path=/a cpu=5 pid="$holder"
		echo >&"$go"
		if [ $how = exec ]; then
			within 10 grep -qx sleep "/proc/$holder/comm"
		else
			within 10 grep -q '^State:.*Z' "/proc/$holder/status"
		fi
		[ "$(grants)" = 1 ]
		[ "$(res /a $CPU reserved)" = 5 ]
		if [ $how = exec ]; then kill "$holder"; else echo >&"$go"; fi
		within 10 no_grants
		[ "$(res /a $CPU reserved)" = 0 ]
		exec {go}>&-
	done
}

@test "holders killed at random leave nothing reserved" {
	local count=300
	! long || count=10000
	lease_of /a $CPU 100000
	run -0 holder swarm /a/b $count
	note "$count holders: granted, dead before: $output"
	[ "${output% *}" -gt $((count / 2)) ]
	no_grants
	[ "$(res / $CPU reserved)" = 0 ]
	[ "$(res / $TASKS reserved)" = 0 ]
	[ "$(res / $TASKS unspent)" = 0 ]
}

@test "an unprivileged task may hold grants of its own group only" {
	local unprivileged='setpriv --reuid 65534 --regid 65534 --clear-groups genlclient'
	mkcg a b
	bind "$T/a" /a
	bind "$T/b" /a/b
	inside "$T/a" $unprivileged admit grant{ group-path=/a cpu=5 }
	reply=$(inside "$T/a" $unprivileged admit grant{ group-path=/a/b cpu=5 }) && false
	[[ $reply == *EPERM*CAP_NET_ADMIN* ]]
	reply=$(inside "$T/b" $unprivileged admit grant{ group-path=/a cpu=5 }) && false
	[[ $reply == *EPERM* ]]
	reply=$(inside "$T/a" $unprivileged admit grant{ group-path=/a cpu=5 pid="$holder" }) && false
	[[ $reply == *EPERM* ]]
	admit group-path=/a cpu=5 pid="$holder"
	reply=$(inside "$T/a" $unprivileged release grant{ id="$id" }) && false
	[[ $reply == *EPERM*holder* ]]
}

@test "without a limit an unprivileged task reserves nothing, and a privileged one leaves room for forks" {
	local huge=9007199254740992 n
	mkcg a c
	group /c
	bind "$T/a" /a
	bind "$T/c" /c
	reply=$(inside "$T/c" setpriv --reuid 65534 --regid 65534 --clear-groups genlclient admit grant{ group-path=/c tasks=1 }) && false
	[[ $reply == *EPERM*'no lease of the group limits'* ]]
	# Nor where only an ancestor is limited: its request would claim there.
	mkcg a/b
	bind "$T/a/b" /a/b
	reply=$(inside "$T/a/b" setpriv --reuid 65534 --regid 65534 --clear-groups genlclient admit grant{ group-path=/a/b cpu=1 }) && false
	[[ $reply == *EPERM*'no lease of the group limits'* ]]
	new_holder
	refused ERANGE '*' request admit grant{ group-path=/c tasks=$((huge + 1)) pid="$holder" }
	yes "admit grant{ group-path=/c tasks=$huge pid=$holder }" | head -600 | genlclient >"$BATS_TEST_TMPDIR/huge" 3>&- || :
	n=$(grep -c '"ok":true' "$BATS_TEST_TMPDIR/huge")
	[ "$n" = 511 ]
	[ "$(spawn "$T/a" 3)" = "3 0" ]
	[ "$(spawn "$T/c" 3)" = "3 0" ]
}

@test "an unprivileged holder has 1024 grants and 64 waiting requests, and all end with it" {
	local unprivileged='setpriv --reuid 65534 --regid 65534 --clear-groups genlclient'
	mkcg a
	bind "$T/a" /a
	lease_of /a $CPU 2000
	yes "admit grant{ group-path=/a cpu=1 }" | head -1100 >"$BATS_TEST_TMPDIR/ask"
	inside "$T/a" $unprivileged <"$BATS_TEST_TMPDIR/ask" >"$BATS_TEST_TMPDIR/held" || :
	[ "$(grep -c '"ok":true' "$BATS_TEST_TMPDIR/held")" = 1024 ]
	grep -q '"errno":"EDQUOT".*1024' "$BATS_TEST_TMPDIR/held"
	within 10 no_grants
	[ "$(res /a $CPU reserved)" = 0 ]
	new_holder
	admit group-path=/a cpu=2000 pid="$holder"
	sed 's/ }/ wait=60000 }/' "$BATS_TEST_TMPDIR/ask" | head -80 >"$BATS_TEST_TMPDIR/wait"
	inside "$T/a" $unprivileged <"$BATS_TEST_TMPDIR/wait" >"$BATS_TEST_TMPDIR/queued" || :
	[ "$(grep -c '"ok":true' "$BATS_TEST_TMPDIR/queued")" = 64 ]
	grep -q '"grant":{"state":2.*"errno":"EDQUOT".*64' "$BATS_TEST_TMPDIR/queued"
	within 10 one_grant
	[ "$(res /a $CPU waiting)" = 0 ]
	refused EINVAL 'first process' request admit grant{ group-path=/a cpu=1 pid=1 }
}

@test "a request waits only behind requests that want what it wants" {
	new_holder
	open_socket s
	admit group-path=/a cpu=1 pid="$holder"
	admit_by s group-path=/a cpu=1000 wait=60000
	[ "$state" = $QUEUED ]
	refused EAGAIN 'others wait*' request admit grant{ group-path=/a cpu=1 pid="$holder" }
	admit group-path=/a memory=4096 pid="$holder"
	[ "$state" = $GRANTED ]
	admit group-path=/a/b user0=1 pid="$holder"
	[ "$state" = $GRANTED ]
}

@test "a new epoch leaves grants alone and admits nothing" {
	admit group-path=/a cpu=600 pid="$holder"
	join 5
	refused EAGAIN '*' request admit grant{ group-path=/a cpu=1 pid="$holder" }
	[ "$(res /a $CPU reserved)" = 600 ]
	ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=1 amount=100 } lease{ group-path=/ res=1 amount=601 }
	[ "$(jq -c '[.replies[0].lease[] | [.amount, .used]]' <<<"$reply")" = '[[100,600],[601,600]]' ]
	ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=1 amount=601 }
	admit group-path=/a cpu=1 pid="$holder"
	ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=1 amount=0 }
	[ "$(jq '.replies[0].lease[0].amount' <<<"$reply")" = 601 ]
	refused EBUSY '*grants*' ask owner leave session{ epoch=5 }
}

@test "a held group with an expired session grants nothing" {
	group /h
	request group-set group{ path=/h on-expiry=1 }
	join 5 100
	ask owner lease-set session{ epoch=5 } lease{ group-path=/h res=1 amount=9 } lease{ group-path=/ res=1 amount=9 }
	within 10 expired
	refused ESTALE '*expired*' request admit grant{ group-path=/h cpu=1 pid="$holder" }
}

@test "cgspan admit runs a command under a grant and returns its exit status" {
	run -7 cgspan admit /a cpu 400 memory 1M -- sh -c 'cgspan grants -t; exit 7'
	[[ $output == *$'\t/a\tgranted\tcpu=400 memory=1048576\t'* ]]
	no_grants
	run -1 cgspan admit /a cpu 1500 -- true
	[[ $output == *"/a lacks 500 of cpu"* ]]
	run -0 cgspan admit /a cpu 1000 --dry-run
	[[ $output == *granted* ]]
	cgspan admit /a cpu 1000 pid "$holder"
	(within 10 pgrep -x cgspan && cgspan release "$(cgspan grants -t -o id | head -1)") 3>&- &
	run -0 cgspan admit /a cpu 1000 wait 30000 -- true
	run -1 cgspan release 99999
	[[ $output == *"no such grant"* ]]
}

@test "a resource takes a name, and is limited and granted by it" {
	cgspan resource user2 gpu
	run -1 cgspan resource user3 tasks
	cgspan set /a gpu 2
	[ "$(cgspan tree /a -t -o group,resource,lease | grep gpu)" = $'/a\tgpu\t2' ]
	run -1 cgspan admit /a gpu 3 -- true
	[[ $output == *"lacks 1 of"* ]]
	run -0 cgspan admit /a gpu 2 -- cgspan grants -t -o amounts
	[ "$output" = gpu=2 ]
	run -2 cgspan set /a frob 2
	[[ $output == *'no resource is called "frob"'* ]]
	cgspan resource user2 ''
	not grep -q gpu <(cgspan resource)
}
