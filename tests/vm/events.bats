#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

GOLDEN=$BATS_TEST_DIRNAME/golden

# A notification has the state at the time of sending: wait for each one.
heard_lines() { [ "$(wc -l <"$heard")" -gt "$1" ]; }
then_heard() { within 20 heard_lines "$1"; }

# Replace values that differ between runs. gojq, which is jq here, sorts names.
plain()
{
	tail -n +2 "$heard" | jq 'walk(if type != "object" then . else
		with_entries(if (.key | test("^(id|parent-id|group-id|cgroup-id)$")) and
			(.value | type) == "number" and .value > 1
			then .value = "N"
			elif (.key | IN("sent", "deadline")) and .value > 0 then .value = "T"
			else . end) end)'
}

# matches NAME COUNT: the notifications equal the golden file
matches()
{
	then_heard "$2"
	plain >"$BATS_TEST_TMPDIR/plain"
	diff -u <(jq . "$GOLDEN/$1.json") "$BATS_TEST_TMPDIR/plain"
}

@test "a config event reports new, changed and removed groups and members" {
	mkcg a
	listen config
	request group-new group{ path=/web on-expiry=1 resource{ id=0 limit=60 } }
	then_heard 1
	request group-set group{ path=/web resource{ id=0 limit=50 } }
	then_heard 2
	bind "$T/a" /web
	then_heard 3
	unbind "$T/a"
	then_heard 4
	request group-del group{ path=/web }
	matches config 5
}

@test "a config event reports a member's directory removed and made again" {
	member a /web
	listen config
	rmdir "$T/a"
	then_heard 1
	mkdir "$T/a"
	matches member 2
	tail -n 1 "$heard" | jq -e ".member[0][\"cgroup-id\"] == $(stat -c %i "$T/a")"
}

@test "paths of cgroups are told to privileged listeners, and to no container" {
	local told=$BATS_TEST_TMPDIR/told child
	mkcg a
	group /web
	run setpriv --reuid 65534 --regid 65534 --clear-groups genlclient -m config
	[ "$status" = 2 ]
	unshare -U -r -n genlclient -m config >"$told" 3>&- &
	within 10 grep -q listening "$told"
	child=$!
	nsenter -t $child -n genlclient group-new group{ path=/web }
	nsenter -t $child -n genlclient member-add member{ group-path=/web cgroup=/t/a }
	within 10 grep -q member-ntf "$told"
	not grep -q /t/a "$told"
	nsenter -t $child -n genlclient member-del member{ cgroup=/t/a }
	kill $child
}

@test "a credit event reports low headroom, a refusal and an overdraft once per lease" {
	mkcg out
	member a /web
	request lease-set lease{ group-path=/web res=0 amount=4 low=2 }
	listen credit
	spawn "$T/a" 2
	spawn "$T/a" 1
	then_heard 1
	[ "$(spawn "$T/a" 2)" = "1 1" ]
	then_heard 2
	resident "$T/out"
	echo "$pid" >"$T/a/cgroup.procs"
	matches credit 3
}

@test "credit events repeat after the lease is set again" {
	member a /web 1
	listen credit
	[ "$(spawn "$T/a" 3)" = "1 2" ]
	then_heard 1
	lease /web 1
	[ "$(spawn "$T/a" 1)" = "0 1" ]
	then_heard 2
}

@test "refusals of an exhausted lease send no credit event" {
	member a /web
	member b /other
	request lease-set lease{ group-path=/web res=0 amount=1 exhausted=1 } \
		lease{ group-path=/other res=0 amount=0 }
	listen credit
	[ "$(spawn "$T/a" 3)" = "1 2" ]
	# /other is heard, so a notification about /web would have been heard
	# before.
	[ "$(spawn "$T/b" 1)" = "0 1" ]
	then_heard 1
	tail -n +2 "$heard" | jq -se 'map(.group.path) == ["/other"]'
}

@test "a session event reports joining, takeover, expiry and leaving" {
	listen session
	join 3
	then_heard 1
	open_socket next
	ask next session-renew session{ epoch=4 sent=now ttl=3000 }
	then_heard 3
	ask next leave session{ epoch=4 }
	matches session 4
}

@test "a listener that does not read loses notifications, and requests succeed" {
	listen config
	kill -STOP $!
	for i in {1..300}; do
		echo "group-new group{ path=/g$i }"
		echo "group-del group{ path=/g$i }"
	done | genlclient 3>&- >"$BATS_TEST_TMPDIR/made"
	not grep '"ok":false' "$BATS_TEST_TMPDIR/made"
	kill -CONT $!
}
