#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# Valid requests, as faults.awk reads them. The holder of grants is this shell; all its
# requests are dry runs.
requests()
{
	cat <<-END
		node.name raw-1 ! "" no/blank
		node.boot-id 00000000000000000000000000000000
		node.resource.id 3 ! 2 8
		node.resource.name raw-gpu ! 9lives user1
		session.epoch 10 ! 0
		session.sent now ! now+3600000000000
		session.ttl 60000 ! 0 86400001
		group.path /raw ! relative /a//b
		group.on-expiry 0 7
		group.resource.id 0 ! 99
		group.resource.limit 50 !
		group.flags 2 1 4
		lease.group-path /raw ! relative /a//b
		lease.res 0 ! 99
		lease.amount 5 !
		lease.low 1
		lease.exhausted 0 2
		lease.drain 0 2
		lease.cause 1 5
		lease.caller /
		member.group-path /raw ! relative /a//b
		member.cgroup /t/raw ! "" relative
		member.fd $dir ! -1 999
		member.freeze-fd $freeze -1 999
		peer.group-path /raw ! relative /a//b
		peer.res 0 ! 99
		peer.used 7 !
		peer.nodes 2 !
		peer.time now !
		peer.node raw-2 ! "" no/blank
		peer.headroom 9 !
		grant.id 1 ! 0
		grant.group-path /raw ! relative /a//b
		grant.tasks 1 ! 0 0x20000000000001
		grant.wait 1 86400001
		grant.flags 1 2
		grant.pid $$ 0 0x7fffffff
		grant.pidfd pid:$$ -1 $dir

		node-get open :
		node-set : node.name node.boot-id node.resource.id node.resource.name
		session-renew : session.epoch session.sent session.ttl
		group-new : group.path=/raw/new group.on-expiry group.resource.id group.resource.limit
		group-set : group.path group.on-expiry group.resource.id group.resource.limit
		lease-set many : session.epoch lease.group-path lease.res lease.amount lease.low lease.exhausted lease.drain lease.cause lease.caller
		member-add many : member.group-path member.cgroup member.freeze-fd
		member-get dump open : group.path
		peer-set many : peer.group-path peer.res peer.used peer.nodes peer.time peer.node peer.headroom
		task-get dump : group.path
		admit : grant.group-path grant.tasks grant.wait grant.flags grant.pid
		admit pidfd : grant.group-path grant.tasks grant.wait grant.flags grant.pidfd
		grant-get open : grant.id
		grant-get dump open : grant.group-path
		release : grant.id
		group-get open : group.path group.flags
		group-get dump open : group.path
		member-del many : member.cgroup
		member-add fd : member.group-path member.fd
		member-del fd : member.fd
		group-del : group.path=/raw/old
		sched-hold :
		leave : session.epoch
	END
}

# judge: print "ok" or "not ok", the request, its fault, the errno or 0, and the text
judge()
{
	awk -F '\t' '
		function want(fault)
		{
			if (fault ~ /^(nothing|.*open to all)$/) return "0"
			if (fault ~ /^(unprivileged|root of)/) return "EPERM"
			if (fault ~ /^unknown group/) return "ENOENT"
			if (fault ~ /^stale epoch/) return "ESTALE"
			# An invalid path names no group, and 0 no grant.
			if (fault ~ /^out of range (id=|.*path)/) return "EINVAL|ENOENT"
			if (fault ~ /^out of range/) return "EINVAL|ERANGE|EBADF|ESRCH"
			if (fault ~ /^wrong size/) return "EINVAL|ERANGE"
			if (fault ~ /^too many/) return "E2BIG|EINVAL"
			return "EINVAL"
		}
		{
			errno = match($4, /"errno":"[A-Z0-9]+"/) ? substr($4, RSTART + 9, RLENGTH - 10) : 0
			text = match($4, /"text":".*"}$/) ? substr($4, RSTART + 8, RLENGTH - 10) : ""
			good = errno ~ ("^(" want($2) ")$") && (text != "" || !errno && $4 ~ /"ok":true}$/)
			print (good ? "ok" : "not ok"), $1, $2, errno, text
		}' OFS='\t'
}

# Each fault is sent once: most from the socket that owns the session, so that only the
# fault can cause the refusal, and then the valid requests. Each test judges one kind.
setup_file()
{
	local dir freeze go part
	export RAW=$BATS_FILE_TMPDIR/raw
	load_module
	mkcg raw
	exec {dir}<"$T/raw" {freeze}<>"$T/raw/cgroup.freeze"
	mkfifo "$RAW.go"
	genlclient <"$RAW.go" >"$RAW.own.said" 3>&- &
	exec {go}>"$RAW.go"
	printf 'before\tnothing\t%s\n' 'session-renew session{ epoch=10 sent=now ttl=60000 }' \
		'group-new group{ path=/raw }' 'group-new group{ path=/raw/old }' \
		'admit grant{ group-path=/raw cpu=1000 wait=86400000 }' >"$RAW.own"
	cut -f 3 "$RAW.own" >&"$go"
	requests | awk -f "$BATS_TEST_DIRNAME/prog/faults.awk" | awk -F '\t' -v raw="$RAW" '
		$2 ~ /^unprivileged/ { print >(raw ".other"); next }
		$2 ~ /^root of/ { print >(raw ".root"); next }
		{ print >>(raw ".own") }'
	prepared() { [ "$(grep -c '"ok":true}' "$RAW.own.said")" = 4 ]; }
	within 20 prepared
	cut -f 3 "$RAW.other" | setpriv --reuid 65534 --regid 65534 --clear-groups \
		genlclient >"$RAW.other.said" 3>&- || :
	cut -f 3 "$RAW.root" | unshare -U genlclient >"$RAW.root.said" 3>&- || :
	tail -n +5 "$RAW.own" | cut -f 3 >&"$go"
	exec {go}>&-
	wait || :
	for part in own other root; do
		paste "$RAW.$part" "$RAW.$part.said"
	done | judge >"$RAW"
	exec {dir}<&- {freeze}<&-
	genlclient dump group-get 3>&- >"$RAW.groups"
	genlclient node-get 3>&- >"$RAW.node"
}

# all_refused FAULT: each message with this fault (a pattern) was refused with a
# text
all_refused()
{
	local lines
	lines=$(awk -F '\t' -v kind="$1" '$3 ~ kind' "$RAW")
	[ -n "$lines" ]
	echo "$lines"
	not grep -q '^not ok' <<<"$lines"
}

# covers FAULT COMMAND...: each command was sent with this fault
covers()
{
	local kind=$1 command
	shift
	for command; do
		awk -F '\t' -v kind="$kind" -v command="$command" \
			'$2 == command && $3 ~ kind { found = 1 } END { exit !found }' \
			"$RAW" || { echo "$command has no $kind"; return 1; }
	done
}

@test "a valid message of each command is accepted" {
	all_refused '^nothing$'
	covers '^nothing$' node-get node-set session-renew leave group-new group-set \
		group-del group-get lease-set member-add member-del 'member-get dump' peer-set 'task-get dump' \
		admit release grant-get sched-hold
}

@test "every command refuses a message without a required attribute" {
	all_refused '^(missing|no attributes)'
	covers '^(missing|no attributes)' node-set session-renew leave group-new group-set \
		group-del group-get lease-set member-add member-del peer-set 'task-get dump' \
		admit release grant-get
}

@test "every command refuses a value out of range" {
	all_refused '^out of range'
	covers '^out of range' node-set session-renew leave group-new group-set group-del \
		group-get lease-set member-add member-del 'member-get dump' peer-set 'task-get dump' admit release grant-get
}

@test "every command refuses an attribute of a wrong size" {
	all_refused '^wrong size'
}

@test "every command refuses a group that does not exist" {
	all_refused '^unknown group'
	covers '^unknown group' group-new group-set group-del group-get lease-set member-add \
		'member-get dump' peer-set 'task-get dump' admit 'grant-get dump'
}

@test "every command that carries an epoch refuses a stale one" {
	all_refused '^stale epoch'
	covers '^stale epoch' session-renew lease-set leave
}

@test "every command that changes or shows tasks refuses unprivileged callers with a text" {
	all_refused '^unprivileged$'
	covers '^unprivileged$' node-set session-renew leave group-new group-set group-del \
		lease-set member-add member-del peer-set 'task-get dump' admit release sched-hold
	awk -F '\t' '$3 == "unprivileged" && $4 == "EPERM" && $5 !~ /CAP_NET_ADMIN/ {
		print; bad = 1 } END { exit bad }' "$RAW"
}

@test "root of a user namespace is unprivileged" {
	all_refused '^root of a user namespace'
}

@test "commands that only show are open to all" {
	[ "$(awk -F '\t' '$3 ~ /^unprivileged/ && $4 == 0 { print $2 }' "$RAW" | sort)" = \
		"$(printf '%s\n' grant-get 'grant-get dump' 'group-get' 'group-get dump' 'member-get dump' node-get)" ]
}

@test "every command refuses an unknown attribute" {
	all_refused '^unknown (nest|attribute)'
}

@test "every command refuses a malformed message" {
	all_refused '^(nest without its flag|truncated|stray bytes)'
}

@test "more items than a message may have are refused" {
	all_refused '^too many'
	covers '^too many' lease-set member-add member-del peer-set
}

@test "the text names the wrong attribute" {
	# The text contains the name of the missing attribute.
	awk -F '\t' '$3 ~ /^missing/ {
		name = substr($3, 9); sub(/^fd$/, "descriptor", name); sub(/^(resource|group)-/, "", name)
		if (index(tolower($5), name) == 0) { print; bad = 1 }
	} END { exit bad }' "$RAW"
}

@test "a refused message has changed nothing" {
	[ "$(jq -c '[.replies[].group.path] | sort' "$RAW.groups")" = '["/","/raw","/raw/new"]' ]
	jq -e '.replies[0] | .node.members == 0 and .session.epoch == 0' "$RAW.node"
}

@test "the command prints the kernel's text and exits with 1" {
	group /raw
	for words in 'create /no/such|group-new group{ path=/no/such }' \
		'create /raw|group-new group{ path=/raw }' \
		'set /no tasks 1|group-set group{ path=/no }' \
		'tasks /no|dump task-get group{ path=/no }' \
		'delete /|group-del group{ path=/ }'; do
		# shellcheck disable=SC2086 # words
		not request ${words#*|}
		text=$(jq -r .text <<<"$reply")
		# shellcheck disable=SC2086 # words
		run cgspan ${words%|*}
		[ "$status" = 1 ]
		echo "$output"
		[[ $output == *"$text"* ]]
	done
}
