#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

# nlraw sends all invalid messages once; each test judges one kind of fault.
setup_file()
{
	load_module
	mkcg raw
	export RAW=$BATS_FILE_TMPDIR/raw
	nlraw "$T/raw" >"$RAW" 3>&- || echo "nlraw: $?" >&2
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
	covers '^nothing$' NODE_GET NODE_SET SESSION_RENEW LEAVE GROUP_NEW GROUP_SET \
		GROUP_DEL GROUP_GET LEASE_SET MEMBER_ADD MEMBER_DEL MEMBER_GET PEER_SET TASK_GET \
		ADMIT RELEASE GRANT_GET
}

@test "every command refuses a message without a required attribute" {
	all_refused '^(missing|no attributes)'
	covers '^(missing|no attributes)' NODE_SET SESSION_RENEW LEAVE GROUP_NEW GROUP_SET \
		GROUP_DEL GROUP_GET LEASE_SET MEMBER_ADD MEMBER_DEL PEER_SET TASK_GET \
		ADMIT RELEASE GRANT_GET
}

@test "every command refuses a value out of range" {
	all_refused '^out of range'
	covers '^out of range' NODE_SET SESSION_RENEW LEAVE GROUP_NEW GROUP_SET GROUP_DEL \
		GROUP_GET LEASE_SET MEMBER_ADD MEMBER_DEL MEMBER_GET PEER_SET TASK_GET ADMIT RELEASE GRANT_GET
}

@test "every command refuses an attribute of a wrong size" {
	all_refused '^wrong size'
}

@test "every command refuses a group that does not exist" {
	all_refused '^unknown group'
	covers '^unknown group' GROUP_NEW GROUP_SET GROUP_DEL GROUP_GET LEASE_SET MEMBER_ADD \
		MEMBER_GET PEER_SET TASK_GET ADMIT 'GRANT_GET dump'
}

@test "every command that carries an epoch refuses a stale one" {
	all_refused '^stale epoch'
	covers '^stale epoch' SESSION_RENEW LEASE_SET LEAVE
}

@test "every command that changes or shows tasks refuses unprivileged callers with a text" {
	all_refused '^unprivileged$'
	covers '^unprivileged$' NODE_SET SESSION_RENEW LEAVE GROUP_NEW GROUP_SET GROUP_DEL \
		LEASE_SET MEMBER_ADD MEMBER_DEL PEER_SET TASK_GET ADMIT RELEASE
	awk -F '\t' '$3 == "unprivileged" && $4 == "EPERM" && $5 !~ /CAP_NET_ADMIN/ {
		print; bad = 1 } END { exit bad }' "$RAW"
}

@test "root of a user namespace is unprivileged" {
	all_refused '^root of a user namespace$'
}

@test "commands that only show are open to all" {
	[ "$(awk -F '\t' '$3 == "unprivileged" && $4 == 0 { print $2 }' "$RAW" | sort)" = \
		"$(printf '%s\n' GRANT_GET 'GRANT_GET dump' 'GROUP_GET' 'GROUP_GET dump' MEMBER_GET NODE_GET)" ]
}

@test "every command refuses an unknown attribute" {
	all_refused '^unknown (nest|attribute)'
}

@test "every command refuses a malformed message" {
	all_refused '^(nest without its flag|truncated|stray bytes)'
}

@test "more items than a message may have are refused" {
	all_refused '^too many'
	covers '^too many' LEASE_SET MEMBER_ADD MEMBER_DEL PEER_SET
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
