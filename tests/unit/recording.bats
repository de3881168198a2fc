#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# cgspan trace: merging and drawing recordings, without the module.

load command

setup() {
	cd "$BATS_TEST_TMPDIR"
	recording a /web 10:7 12:40 20:1 >a.json
	recording b /web 12:2 39:1 >b.json
}

# recording NODE GROUP BUCKET:COUNT...: print a recording with these delays, and
# twice as many slices
recording() {
	local node=$1 group=$2
	shift 2
	jq -n --arg node "$node" --arg group "$group" '
		[range(40) | if . == 0 then 0 else pow(2; .) end] as $bounds |
		(reduce ($ARGS.positional[] | split(":") | map(tonumber)) as [$i, $n]
			([range(40) | 0]; .[$i] = $n)) as $counts |
		{ group: $group, nodes: [$node], ms: 5000, bounds_ns: $bounds,
		  run_delay: { counts: $counts, sum_ns: 1000000 },
		  slice: { counts: ($counts | map(. * 2)), sum_ns: 500 } }' \
		--args "$@"
}

trace() { cgspan trace "$@"; }

@test "merging recordings of several nodes adds their buckets" {
	trace -j --merge a.json b.json >sum
	jq -e '.nodes == ["a", "b"] and .group == "/web" and .ms == 5000 and
		.run_delay.counts[10] == 7 and .run_delay.counts[12] == 42 and
		.run_delay.counts[20] == 1 and .run_delay.counts[39] == 1 and
		(.run_delay.counts | add) == 51 and .run_delay.sum_ns == 2000000 and
		(.slice.counts | add) == 102 and .slice.sum_ns == 1000' sum
}

@test "a saved recording can be merged again, in any order" {
	trace -s ab.json --merge a.json b.json
	recording c /web 3:1 >c.json
	trace -j --merge ab.json c.json | jq -c '[.run_delay, .slice]' >one
	trace -j --merge c.json b.json a.json | jq -c '[.run_delay, .slice]' >other
	cmp one other
}

@test "a recording is drawn as text, and listed with tabs" {
	trace --merge a.json >drawn
	cat drawn
	diff <(head -n 14 drawn) - <<-END
		/web on a, 5.0 s

		run-queue delay: 48 times, mean 20.8us, half below 8.19us, 99 % below 2.1ms
		  1.02us |#######                                  7
		  2.05us |                                         0
		   4.1us |######################################## 40
		  8.19us |                                         0
		  16.4us |                                         0
		  32.8us |                                         0
		  65.5us |                                         0
		   131us |                                         0
		   262us |                                         0
		   524us |                                         0
		  1.05ms |#                                        1
	END
	grep -x 'slice: 96 times, mean 5.21ns, half below 8.19us, 99 % below 2.1ms' drawn
	[ "$(trace -t --merge a.json | sed -n 13p)" = "4096	40	80" ]
	[ "$(trace -t -o slices --merge a.json | wc -l)" = 40 ]
	recording a /web >empty.json
	trace --merge empty.json | grep -x "slice: 0 times"
}

@test "a file that is no recording, or is of another group, is refused by name" {
	recording a /api 1:1 >api.json
	refused 1 "these recordings are of two groups, /web and /api" trace --merge a.json api.json
	refused 1 "cannot read none.json: No such file or directory" trace --merge none.json
	bad='is no recording: "cgspan trace -s" writes one'
	echo '{' >x.json
	refused 1 "x.json $bad" trace --merge x.json
	for change in '.bounds_ns[3] = 9' '.run_delay.counts[3] = -1' \
		'.slice.counts[3] = "1"' 'del(.slice.counts[3])' 'del(.ms)' \
		'.nodes = []' '.nodes = [null]' '.nodes = ["it'\''s"]' '.group = "web"' 'del(.group)' \
		'.run_delay = 3' '.slice.sum_ns = 1.5' '[.]' 'null'; do
		jq "$change" a.json >x.json
		refused 1 "x.json $bad" trace --merge x.json
	done
	refused 2 'FILE is missing after "--merge"' trace --merge
	refused 2 'unexpected word "/b"' trace /a /b
	refused 2 '"x" after "--seconds" is not a time: write seconds, 0.001 to 86400' trace --seconds x
}

@test "gnuplot draws it as PNG and as SVG" {
	recording n_1 /web_1/a.b 10:7 12:40 >odd.json
	trace --plot x.png --merge a.json b.json
	[ "$(head -c 8 x.png | xxd -p)" = 89504e470d0a1a0a ]
	trace --plot x.svg --merge odd.json
	grep -q '<svg' x.svg
	grep -q '/web_1/a.b on n_1, 5.0 s' x.svg
	grep -q '4.1us' x.svg
	recording a /web >empty.json
	trace --plot x.png --merge empty.json
	refused 1 "x.gif: the name of a picture must end in .png or .svg" \
		trace --plot x.gif --merge a.json
	refused 1 "cannot write none/x.svg: No such file or directory" \
		trace --plot none/x.svg --merge a.json
}

@test "without gnuplot the error says how to install it, and no file is left" {
	run env PATH="$BATS_TEST_TMPDIR" "$CGSPAN" trace --plot y.png --merge a.json
	[ "$status" -eq 1 ]
	[ "$output" = "cgspan: a picture needs gnuplot, which is not installed (in Debian: gnuplot-nox)" ]
	[ ! -e y.png ]
	printf '#!/bin/sh\nexit 3\n' >gnuplot
	chmod +x gnuplot
	PATH=$BATS_TEST_TMPDIR:$PATH refused 1 \
		"gnuplot failed, with the message above" trace --plot y.png --merge a.json
	[ ! -e y.png ]
}
