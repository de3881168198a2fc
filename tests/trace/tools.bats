#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# The tools that cgspan(8) names, with the events of the module.

load ../vm/helper

# /web admits 2 tasks.
refusals()
{
	mkcg a
	group /web
	group /web/front
	bind "$T/a" /web/front
	lease /web 2
}

spawned() { [ "$(spawn "$T/a" 5)" = "$1" ]; }

tool() { type -P "$1" || { echo "$1 is not in this machine"; return 1; }; }

# Run a bpftrace program that counts while COMMAND runs; its output is in $said.
counted() # PROGRAM COMMAND...
{
	local out=$BATS_TEST_TMPDIR/bpftrace program=$1 tracer
	shift
	# The output of an interval probe proves that all probes are attached.
	bpftrace -B line -e "interval:ms:100 { printf(\"ready\\n\"); } $program" \
		>"$out" 2>&1 3>&- &
	tracer=$!
	within 60 grep -q ready "$out"
	"$@"
	kill -INT $tracer
	wait $tracer || :
	said=$(cat "$out")
	echo "$said"
}

@test "bpftrace counts refusals by requesting group and refusing group" {
	tool bpftrace
	refusals
	counted 'tracepoint:cgspan:cgspan_refuse { @[str(args->path), str(args->by_path)] = count(); }' \
		spawned "2 3"
	[[ $said == *'@[/web/front, /web]: 3'* ]]
}

@test "bpftrace counts exits by group and exit code" {
	tool bpftrace
	member a /web
	fail() { for _ in 1 2 3; do inside "$T/a" bash -c 'exit 7' || :; done; }
	counted 'tracepoint:cgspan:cgspan_exit { @[str(args->path), args->code] = count(); }' fail
	[[ $said == *'@[/web, 1792]: 3'* ]]
}

@test "perf counts admissions and refusals exactly" {
	tool perf
	refusals
	perf stat -x, -a -o "$BATS_TEST_TMPDIR/perf" -e cgspan:cgspan_admit,cgspan:cgspan_refuse \
		spawn "$T/a" 5
	cat "$BATS_TEST_TMPDIR/perf"
	grep -q '^2,,cgspan:cgspan_admit,' "$BATS_TEST_TMPDIR/perf"
	grep -q '^3,,cgspan:cgspan_refuse,' "$BATS_TEST_TMPDIR/perf"
}
