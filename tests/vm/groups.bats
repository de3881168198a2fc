#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

@test "the group / always exists, with id 1, no parent and no limit" {
	is / id 1 path '"/"' parent-id 0 lease "$MAX" used 0 members 0
	request dump group-get
	[ "$(jq -c '[.replies[].group.path]' <<<"$reply")" = '["/"]' ]
}

@test "a group is created, found by path and by id, and removed" {
	request group-new group{ path=/web }
	id=$(field id)
	[ "$(field path)" = '"/web"' ]
	is /web id "$id" parent-id 1 lease "$MAX"
	request group-get group{ id="$id" }
	[ "$(field path)" = '"/web"' ]
	request group-del group{ id="$id" }
	refused ENOENT '*' request group-get group{ path=/web }
	refused ENOENT '*' request group-get group{ id="$id" }
	group /web
	request group-del group{ path=/web }
}

@test "an id is never used twice" {
	group /a
	first=$(field id)
	request group-del group{ path=/a }
	group /a
	[ "$(field id)" -gt "$first" ]
}

@test "a group needs a parent, and a path that is not in use" {
	refused ENOENT '*' group /web/front
	group /web
	group /web/front
	refused EEXIST '*' group /web
	refused EEXIST '*' group /web/front
	refused EEXIST '*' group /
}

@test "an invalid path is refused, and the text says why" {
	open_socket s
	long=$(printf 'x%.0s' {1..64})
	for path in web /web/ // /a//b /. /.. /a/../b "/$long"; do
		refused '*' '*[a-z]*' ask s group-new group{ path="$path" }
		[[ $reply == *EINVAL* || $reply == *ENAMETOOLONG* ]]
	done
	ask s group-new group{ path="/${long:1}" }
}

@test "a group with children is not removed" {
	group /a
	group /a/b
	refused EBUSY '*' request group-del group{ path=/a }
	request group-del group{ path=/a/b }
	request group-del group{ path=/a }
}

@test "a group with a member is not removed" {
	member a /a
	refused EBUSY '*' request group-del group{ path=/a }
	unbind "$T/a"
	request group-del group{ path=/a }
}

@test "a group with a charged task or zombie is not removed" {
	member a /a
	exec {hold}<> <(:)
	spawn -z "$T/a" 1 <&"$hold" >"$BATS_TEST_TMPDIR/out" 3>&- &
	within 10 grep -q '1 0' "$BATS_TEST_TMPDIR/out"
	is /a used 1 live 0
	[ "$(pids "$T/a")" = 1 ]
	refused EBUSY '*' request group-del group{ path=/a }
	kill $!
	wait $! || :
	within 10 is /a used 0 live 0
}

@test "groups nest 32 levels deep, and no deeper" {
	open_socket s
	path=
	for level in {1..32}; do
		path+=/$level
		ask s group-new group{ path="$path" }
	done
	refused '*' '*' ask s group-new group{ path="$path/33" }
	is "$path" path "\"$path\""
}

@test "a charge reaches all of 32 levels, and the lease of each holds" {
	mkcg a
	path=
	for level in {1..32}; do
		path+=/$level
		echo "group-new group{ path=$path }"
	done | genlclient 3>&- >/dev/null
	path=$(printf '/%s' {1..32})
	bind "$T/a" "$path"
	lease /1 4
	[ "$(spawn "$T/a" 6)" = "4 2" ]
	is "$path" used 4
	is /1/2/3/4/5/6/7 used 4
	is /1 used 4
	is / used 4
	lease "$path" 3 || :
	[ "$(spawn "$T/a" 2)" = "0 2" ]
}

@test "ten thousand groups are created, listed parents first, and removed" {
	{
		for top in {0..99}; do
			echo "group-new group{ path=/g$top }"
			for sub in {1..99}; do
				echo "group-new group{ path=/g$top/$sub }"
			done
		done
	} | genlclient 3>&- >"$BATS_TEST_TMPDIR/made"
	[ "$(grep -c '"ok":true' "$BATS_TEST_TMPDIR/made")" = 10000 ]
	request node-get
	[ "$(field groups)" = 10001 ]
	[ "$(genlclient dump group-get 3>&- | awk "$number"'{
		n = split($0, group, /"group":/)
		known[0]
		for (i = 2; i <= n; i++) {
			orphans += !(number(group[i], "parent-id") in known)
			known[number(group[i], "id")]
		}
		print n - 1, length(known), orphans + 0
	}')" = "10001 10002 0" ]
	is /g57/42 path '"/g57/42"'
}

@test "a dump of one group has its subtree and nothing else" {
	for path in /a /a/x /a/x/y /ab /b; do
		group "$path"
	done
	request dump group-get group{ path=/a }
	[ "$(jq -c '[.replies[].group.path]' <<<"$reply")" = '["/a","/a/x","/a/x/y"]' ]
}

@test "on_expiry is the parent's by default and may not be weaker than it" {
	request group-new group{ path=/a on-expiry=1 }
	group /a/b
	is /a/b on-expiry 1
	refused '*' '*' request group-set group{ path=/a/b on-expiry=0 }
	refused '*' '*' request group-new group{ path=/a/c on-expiry=0 }
	group /d
	is /d on-expiry 0
	request group-new group{ path=/d/e on-expiry=1 }
	request group-set group{ path=/a on-expiry=1 }
}

@test "on_expiry of a group may not pass that of its children" {
	group /a
	group /a/b
	refused '*' '*' request group-set group{ path=/a on-expiry=1 }
	request group-set group{ path=/a/b on-expiry=1 }
	request group-set group{ path=/a on-expiry=1 }
	is /a on-expiry 1
}

@test "the cluster-wide limit is shown and not enforced here" {
	mkcg a
	request group-new group{ path=/a resource{ id=0 limit=2 } }
	is /a limit 2
	bind "$T/a" /a
	[ "$(spawn "$T/a" 4)" = "4 0" ]
	request group-set group{ path=/a resource{ id=0 limit=max } }
	is /a limit "$MAX"
}

@test "the peers' sum is shown as it was set, with its nodes and age" {
	group /a
	request group-get group{ path=/a }
	[[ $reply != *peer-* ]]
	clock=$(clock)
	request peer-set peer{ group-path=/a res=0 used=41 nodes=3 time="$clock" }
	is /a peer-used 41 peer-nodes 3 peer-time "$clock"
	refused ENOENT '*' request peer-set \
		peer{ group-path=/a res=0 used=1 nodes=1 time="$clock" } \
		peer{ group-path=/b res=0 used=1 nodes=1 time="$clock" }
	is /a peer-used 41
}

@test "a reply and an event have room for the longest path and all of eight resources" {
	local name path='' clock res
	name=$(printf 'x%.0s' {1..63})
	clock=$(clock)
	# 15 names of 63 characters and one of 62.
	for _ in {1..15}; do
		path+=/$name
		group "$path"
	done
	path+=/${name:1}
	group "$path"
	listen config
	for res in {0..7}; do
		request group-set group{ path="$path" resource{ id="$res" limit=9 } }
		request lease-set lease{ group-path="$path" res="$res" amount=9 cause=3 caller=/ }
		request peer-set peer{ group-path="$path" res="$res" used=1 nodes=2 time="$clock" node="$name" headroom=1 }
	done
	whole() { [ "$(grep -o "\"peer-node\":\"$name\"" <<<"$1" | wc -l)" = 8 ] && [[ $1 == *"\"path\":\"$path\""* ]]; }
	request group-get group{ path="$path" }
	whole "$reply"
	request group-set group{ path="$path" resource{ id=0 limit=8 } }
	told() { whole "$(tail -n 1 "$heard")"; }
	within 10 told
}

# torn NOUN REQUEST..., intact NOUN REQUEST...: the request interrupts a dump, whose
# first part is made before it, or does not. "not torn" would also accept a failure.
torn() { dump_around "$@" && [[ $reply == *'"errno":"EINTR"'* ]]; }
intact() { dump_around "$@" && [[ $reply == *'],"ok":true}' ]]; }

dump_around()
{
	genlclient stopped dump "$1-get" >"$BATS_TEST_TMPDIR/dump" 3>&- &
	stopped() { grep -q '^State:.*T' "/proc/$!/status"; }
	within 10 stopped || return
	request "${@:2}" || return
	kill -CONT $!
	wait $! || :
	reply=$(cat "$BATS_TEST_TMPDIR/dump")
}

@test "a change interrupts dumps of its kind: groups, or members" {
	member a /a
	mkcg b
	torn group group-new group{ path=/b }
	torn group group-del group{ path=/b }
	intact group node-get
	intact member group-new group{ path=/b }
	torn member member-add member{ group-path=/b cgroup=/t/b }
	intact group member-del member{ cgroup=/t/b }
	not unbind "$T/b"
}

@test "the low-water mark and the exhausted flag are kept with the lease" {
	group /a
	request lease-set lease{ group-path=/a res=0 amount=9 low=3 exhausted=1 }
	is /a lease 9 low 3 exhausted 1
	request lease-set lease{ group-path=/a res=0 amount=8 exhausted=0 }
	is /a lease 8 exhausted 0
}

@test "many leases are set in one message, all of them or none" {
	group /a
	group /b
	request lease-set lease{ group-path=/a res=0 amount=5 } \
		lease{ group-path=/b res=0 amount=6 }
	[ "$(jq -c '[.replies[0].lease[] | .amount, .used]' <<<"$reply")" = '[5,0,6,0]' ]
	refused ENOENT '*' request lease-set lease{ group-path=/a res=0 amount=1 } \
		lease{ group-path=/no res=0 amount=6 }
	is /a lease 5
}
