#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# The short form of the fault suite tests/cluster/faults; "make check-faults"
# runs the long one.

load helper

setup()
{
	need_kernel
	export CGSPAN_SHORT=1 FAULTS_ON=netns
}

@test "the same seed gives the same schedules, another seed others" {
	local one
	one=$(SEED=7 "$TOP/tests/cluster/faults" print)
	[ "$(wc -l <<<"$one")" -gt 20 ]
	[ "$(SEED=7 "$TOP/tests/cluster/faults" print)" = "$one" ]
	[ "$(SEED=8 "$TOP/tests/cluster/faults" print)" != "$one" ]
}

@test "schedules of faults cause no violation" {
	# A fixed seed; the long form uses random ones.
	VM_RUN=$VM_RUN/faults SCHEDULES=${SCHEDULES:-3} SEED=${SEED:-7} \
		run "$TOP/tests/cluster/faults" 3>&- 4>&-
	# Print failures first: a viewer may cut off the rest.
	grep VIOLATION <<<"$output" || :
	echo "$output"
	[ "$status" = 0 ]
}
