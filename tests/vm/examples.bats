#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0

load helper
bats_require_minimum_version 1.5.0

# The programs of libcgspan(3).

out() { grep -q "$2" "$BATS_TEST_TMPDIR/$1"; }

@test "the example programs of libcgspan(3) do what the page says" {
	cd "$BATS_TEST_TMPDIR"
	mkcg app
	group /ready
	example-watch >watch 3>&- &
	# It does not report that it listens.
	listens() { request group-set group{ path=/ready on-expiry=0 } && out watch '^/ready is new'; }
	within 20 listens
	request group-del group{ path=/ready }
	run -0 example-limit /t/app
	[ "$output" = "0 of 200 tasks" ]
	within 20 out watch '^/web is new'
	within 20 out watch '^/t/app is in /web$'
	example-delay >delay 3>&- &
	delay=$!
	# Tasks that wait for a processor while it records.
	inside "$T/app" sh -c 'i=0; while [ $i -lt 30 ]; do i=$((i + 1)); sleep 0.1; done'

	run -1 example-limit /t/app
	[[ $output == *exists* ]]
	[ "$(spawn "$T/app" 2)" = "2 0" ]
	run -0 example-tree
	[[ $output == *$'\n/web: 2 live, '*$' forks, 0 refused\n\t'*$' bytes\n\ttasks: 2 here, 0 elsewhere'* ]]

	run -1 example-admit
	[[ $output == *'no such group'* ]]
	group /batch
	run -0 example-admit
	[[ $output == 'grant '*': computing' ]]
	lease_of_user0() { request lease-set lease{ group-path=/batch res=3 amount="$1" }; }
	lease_of_user0 0
	example-admit >admit 3>&- &
	admit=$!
	waiting() { [ "$(request dump grant-get && jq '.replies | length' <<<"$reply")" = 1 ]; }
	within 20 waiting
	lease_of_user0 1
	wait $admit
	out admit '^/batch lacks 1 of user0: waiting$'
	out admit '^grant .*: computing$'
	request dump grant-get
	[ "$(jq '.replies | length' <<<"$reply")" = 0 ]

	within 20 out watch '^sleep ([0-9]*) ended with 0$'
	wait $delay
	out delay '^[1-9][0-9]* times, [1-9][0-9]* ns$'

	example-lease 3>&- &
	lease=$!
	joined() { request node-get && [ "$(field epoch)" = 1 ]; }
	within 20 joined
	leased() { [ "$(figure / lease)" = 1000 ]; }
	within 20 leased
	within 20 out watch '^epoch 1: live$'
	kill $lease
}
