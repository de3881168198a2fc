#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper

NONE=0 LIVE=1 EXPIRED=2

# session NAME VALUE...: compare figures of this node's session
session() { request node-get && fields "$@"; }

renew() # SOCKET EPOCH SENT TTL
{
	ask "$1" session-renew session{ epoch="$2" sent="$3" ttl="$4" }
}

@test "without a session there is none to leave" {
	session state $NONE epoch 0 owned 0
	refused '*' '*' request leave session{ epoch=1 }
}

@test "the first renewal joins: state, epoch, deadline and owner are shown" {
	clock=$(clock)
	open_socket owner
	renew owner 7 "$clock" 30000
	[ "$(field deadline)" = $((clock + 30000000000)) ]
	session state $LIVE epoch 7 sent "$clock" ttl 30000 owned 1 deadline $((clock + 30000000000))
}

@test "joining sets every lease to 0, and a new group starts at 0" {
	group /a
	is /a lease "$MAX"
	join 1
	is /a lease 0
	is / lease 0
	ask owner group-new group{ path=/b }
	is /b lease 0
}

@test "within an epoch an older sent time never shortens the deadline" {
	open_socket owner
	clock=$(clock)
	renew owner 5 "$clock" 60000
	renew owner 5 $((clock - 1000000000)) 60000
	session deadline $((clock + 60000000000))
	renew owner 5 "$clock" 1000
	session deadline $((clock + 60000000000)) state $LIVE
}

@test "the deadline counts from sending, not from arrival" {
	clock=$(clock)
	open_socket owner
	renew owner 5 $((clock - 5000000000)) 60000
	[ "$(field deadline)" = $((clock + 55000000000)) ]
}

@test "a lease of another epoch is refused" {
	group /a
	join 5
	refused ESTALE '*' ask owner lease-set session{ epoch=4 } lease{ group-path=/a res=0 amount=3 }
	refused ESTALE '*' ask owner lease-set session{ epoch=6 } lease{ group-path=/a res=0 amount=3 }
	refused '*' '*' ask owner lease-set lease{ group-path=/a res=0 amount=3 }
	is /a lease 0
	ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=0 amount=3 }
	is /a lease 3
}

@test "a higher epoch takes over at once and sets every lease to 0" {
	member a /a
	join 5
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=9 } lease{ group-path=/a res=0 amount=9 }
	[ "$(spawn "$T/a" 2)" = "2 0" ]
	open_socket next
	renew next 6 now 60000
	is /a lease 0 used 2
	[ "$(spawn "$T/a" 2)" = "0 2" ]
	refused ESTALE '*' renew owner 5 now 60000
	refused ESTALE '*' ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=0 amount=9 }
	refused '*' '*' ask owner lease-set session{ epoch=6 } lease{ group-path=/a res=0 amount=9 }
	ask next lease-set session{ epoch=6 } lease{ group-path=/ res=0 amount=9 } lease{ group-path=/a res=0 amount=3 }
	[ "$(spawn "$T/a" 2)" = "1 1" ]
}

@test "only the owner's socket changes groups, leases and peers of a joined node" {
	group /a
	join 5
	refused EBUSY '*' request session-renew session{ epoch=5 sent=now ttl=60000 }
	for words in 'group-new group{ path=/b }' 'group-set group{ path=/a on-expiry=1 }' \
		'group-del group{ path=/a }' 'node-set node{ name=other }' \
		'lease-set session{ epoch=5 } lease{ group-path=/a res=0 amount=3 }' \
		'peer-set peer{ group-path=/a res=0 used=1 nodes=1 time=now }' \
		'leave session{ epoch=5 }'; do
		# shellcheck disable=SC2086 # words
		refused '*' '*' request $words
	done
	is /a lease 0 on-expiry 0
	ask owner group-new group{ path=/b }
	ask owner node-set node{ name=node-1 }
}

@test "when the owner's socket closes a successor takes over with the same epoch" {
	group /a
	join 5
	ask owner lease-set session{ epoch=5 } lease{ group-path=/a res=0 amount=3 }
	open_socket next
	refused EBUSY '*' renew next 5 now 60000
	close_socket owner
	within 10 session owned 0 state $LIVE
	renew next 5 now 60000
	is /a lease 3
	session owned 1 epoch 5
}

@test "past the deadline hold admits nothing, continue admits within its lease; renewal restores both" {
	mkcg h c
	request group-new group{ path=/h on-expiry=1 }
	group /c
	bind "$T/h" /h
	bind "$T/c" /c
	join 5 4000
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=20 } \
		lease{ group-path=/h res=0 amount=5 } lease{ group-path=/c res=0 amount=5 }
	[ "$(spawn "$T/h" 2)" = "2 0" ]
	[ "$(spawn "$T/c" 2)" = "2 0" ]
	within 20 session state $EXPIRED
	[ "$(spawn "$T/h" 2)" = "0 2" ]
	is /h used 2 lease 5
	[ "$(spawn "$T/c" 4)" = "3 1" ]
	renew owner 5 now 60000
	session state $LIVE
	[ "$(spawn "$T/h" 4)" = "3 1" ]
}

@test "the deadline takes effect at its exact time while the owner is stopped" {
	mkcg h
	request group-new group{ path=/h on-expiry=1 }
	bind "$T/h" /h
	join 5 4000
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=99999 } \
		lease{ group-path=/h res=0 amount=99999 }
	request node-get
	deadline=$(field deadline)
	kill -STOP "$owner_pid"
	# No fork that began after the deadline is admitted.
	while :; do
		request node-get
		before=$(field clock)
		result=$(spawn "$T/h" 1)
		if [ "$before" -ge "$deadline" ]; then
			[ "$result" = "0 1" ]
			break
		fi
		drain "$T/h"
	done
	kill -CONT "$owner_pid"
	renew owner 5 now 60000
	[ "$(spawn "$T/h" 1)" = "1 0" ]
}

@test "tasks that end past the deadline return their charge, and hold still admits none" {
	mkcg h
	request group-new group{ path=/h on-expiry=1 }
	bind "$T/h" /h
	join 5 4000
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=20 } lease{ group-path=/h res=0 amount=5 }
	spawn "$T/h" 2
	within 20 session state $EXPIRED
	drain "$T/h"
	within 10 is /h used 0
	[ "$(spawn "$T/h" 1)" = "0 1" ]
}

@test "a subgroup of a held group is held" {
	mkcg h/x
	request group-new group{ path=/h on-expiry=1 }
	group /h/x
	bind "$T/h/x" /h/x
	join 5 4000
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=20 } \
		lease{ group-path=/h res=0 amount=5 } lease{ group-path=/h/x res=0 amount=5 }
	[ "$(spawn "$T/h/x" 1)" = "1 0" ]
	within 20 session state $EXPIRED
	[ "$(spawn "$T/h/x" 1)" = "0 1" ]
}

@test "leaving is refused while tasks are charged, and sets every lease to 0" {
	member a /a
	join 5
	ask owner lease-set session{ epoch=5 } lease{ group-path=/ res=0 amount=9 } lease{ group-path=/a res=0 amount=9 }
	spawn "$T/a" 1
	refused EBUSY '*' ask owner leave session{ epoch=5 }
	refused ESTALE '*' ask owner leave session{ epoch=4 }
	drain "$T/a"
	within 10 is /a used 0
	ask owner leave session{ epoch=5 }
	session state $NONE epoch 0 owned 0
	is /a lease 0
}

@test "after the owner's socket has closed, any privileged process may leave" {
	join 5
	close_socket owner
	within 10 session owned 0
	request leave session{ epoch=5 }
	session state $NONE
}

@test "the module cannot be unloaded between join and leave" {
	join 5 1000
	not rmmod cgspan
	within 20 session state $EXPIRED
	not rmmod cgspan
	ask owner leave session{ epoch=5 }
	close_socket owner
	unload_module
	load_module
	session state $NONE epoch 0
}

@test "the node's name and boot id are kept, and an invalid name is refused" {
	boot=$(tr -d - </proc/sys/kernel/random/boot_id)
	request node-set node{ name=node-1.example boot-id="$boot" }
	session name '"node-1.example"' boot-id "\"$boot\""
	refused '*' '*' request node-set node{ name=no/slash }
	session name '"node-1.example"'
}

@test "the time that the kernel reports is CLOCK_BOOTTIME" {
	request session-renew session{ epoch=1 sent=now ttl=1000 }
	clock=$(clock)
	read -r uptime _ </proc/uptime
	[ "${uptime%.*}" -ge $((clock / 1000000000 - 1)) ]
	[ "${uptime%.*}" -le $((clock / 1000000000 + 5)) ]
}
