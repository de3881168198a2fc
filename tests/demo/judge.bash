# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The oracle in the demonstration: phases, the conditions of each, the table and
# the verdict. All figures are from the oracle's log.

log=$out/oracle.log
rows=$out/rows
phase=start
oracle=

say() { printf '%s\n' "$*" >&3; }
step() { printf '\n\033[1m== %s\033[0m\n' "$*" >&3; }

# CLOCK_BOOTTIME, as in the log.
now_ms() { local up; read -r up _ </proc/uptime; echo $((10#${up/./} * 10)); }

# oracle_start NAME=COMMAND...: start the oracle with these agents
oracle_start()
{
	rm -f "$log" "$out/oracle.in" "$rows"
	mkfifo "$out/oracle.in"
	: >"$log"
	"$top/tests/demo/oracle" -s "$seed" -g "$gaps" -o "$log" "$@" \
		<"$out/oracle.in" 2>"$out/oracle.err" 3>&- &
	oracle=$!
	exec {oracle_in}>"$out/oracle.in"
	tell 'phase start'
}

oracle_stop()
{
	[ -n "$oracle" ] || return 0
	exec {oracle_in}>&-
	wait "$oracle" || fail "the oracle failed: $(tail -n 1 "$out/oracle.err")"
	oracle=
}

# follow SECONDS: print the log as it grows, at most as long as the oracle runs
follow()
{
	timeout "$1" tail -s 0.05 --pid="$oracle" -n +1 -f "$log" || :
}

# await MS SECONDS CONDITION: wait for a sample at or after MS for which the
# arithmetic CONDITION holds; print its time after MS. Variables: web, batch
# (all nodes), n1, n1_batch and so on; cut: 1 for a cut.
await()
{
	local kind cut time web batch n1 n1_batch n2 n2_batch n3 n3_batch
	while IFS=' =/' read -r kind time _ _ _ web batch \
		_ n1 n1_batch _ n2 n2_batch _ n3 n3_batch; do
		case $kind in
		cut | see)
			cut=0
			[ "$kind" = see ] || cut=1
			((time >= $1 && ($3))) || continue
			echo $((time - $1))
			return ;;
		esac
	done < <(follow "$2")
	return 1
}

# await_cuts SECONDS: wait for the number of cuts that a run must have
await_cuts()
{
	local kind n=0
	while read -r kind _; do
		[ "$kind" != cut ] || ((++n < cuts_min)) || return 0
	done < <(follow "$1")
	return 1
}

# tell COMMAND: send it to the oracle, and wait until it is done
tell()
{
	local line
	printf '%s\n' "$1" >&"$oracle_in" ||
		fail "the oracle has gone: $(tail -n 1 "$out/oracle.err")"
	while read -r line; do
		[[ $line != "did "*" $1" ]] || return 0
	done < <(follow 30)
	fail "the oracle does not answer: $(tail -n 1 "$out/oracle.err")"
}

# figures PHASE: of the cuts of a phase (""; of all) print CUTS, MEDIAN of /web
# and /web/batch, PEAK of both, and the peak of both in samples without freezing
figures()
{
	awk -F '[ =/]' -v phase="$1" '
		function median(a, n,   i, j, v) {
			for (i = 2; i <= n; i++) {
				v = a[i]
				for (j = i - 1; j && a[j] > v; j--)
					a[j + 1] = a[j]
				a[j + 1] = v
			}
			return n ? a[int((n + 1) / 2)] : 0
		}
		function most(i, v) { if (v + 0 > peak[i]) peak[i] = v + 0 }
		phase != "" && $3 != phase { next }
		$1 == "cut" { n++; w[n] = $6 + 0; b[n] = $7 + 0; most(1, $6); most(2, $7) }
		$1 == "see" { most(3, $6); most(4, $7) }
		END {
			print n + 0, median(w, n), median(b, n),
				peak[1] + 0, peak[2] + 0, peak[3] + 0, peak[4] + 0
		}' "$log"
}

judge_peaks() # WEB BATCH WHEN
{
	(($1 <= limit)) || fail "/web had $1 tasks $3, its limit is $limit"
	(($2 <= limit_batch)) ||
		fail "/web/batch had $2 tasks $3, its limit is $limit_batch"
}

# Judge all cuts, with those between two phases.
judge_all()
{
	local cuts top top_batch
	read -r cuts _ _ top top_batch _ < <(figures '')
	judge_peaks "$top" "$top_batch" 'between two phases'
	((cuts >= cuts_min)) || fail "only $cuts cuts, $cuts_min are needed"
	verdict="PASS peak $top of $limit and $top_batch of $limit_batch in $cuts cuts, all demand moved in $((moved_most / 1000)).$((moved_most % 1000 / 100)) s"
}

# begin NAME TEXT: begin phase NAME
begin()
{
	phase=$1
	step "$1: $2"
	tell "phase $1"
}

# end DEMAND DEMAND_BATCH MOVED_MS [web|both]: judge the phase and add its row
# to the table. MOVED_MS is "-" if nothing had to move. web: the demand was
# always above the limit of /web, so 90 % of it must have been in use; both: of
# /web/batch, too (in other phases /web may be full).
end()
{
	local cuts web batch top top_batch hint hint_batch
	read -r cuts web batch top top_batch hint hint_batch < <(figures "$phase")
	echo "$phase $1 $2 $web $batch $((100 * web / limit)) $top $top_batch" \
		"$hint $hint_batch $3 $cuts" >>"$rows"
	say "   $phase: $cuts cuts, in use $web/$limit and $batch/$limit_batch" \
		"(median), peak $top and $top_batch"
	((cuts)) || fail "no cut in phase $phase"
	judge_peaks "$top" "$top_batch" "in phase $phase"
	[ -n "${4:-}" ] || return 0
	((100 * web >= 90 * limit)) ||
		fail "of /web's $limit only $web were in use in phase $phase"
	[ "$4" = web ] || ((100 * batch >= 90 * limit_batch)) ||
		fail "of /web/batch's $limit_batch only $batch were in use in phase $phase"
}

table()
{
	[ -s "$rows" ] || return 0
	awk -v l="$limit" -v b="$limit_batch" '
		function pair(x, y) { return x "/" y }
		BEGIN {
			f = "%-8s %9s %9s %7s %9s %12s %9s %5s\n"
			printf f, "phase", "demand", "admitted", "in use",
				"peak of", "peak seen", "share", "cuts"
			printf f, "", "web/batch", "(median)", "of " l, "the sum",
				"unfrozen", "moved in", ""
		}
		{
			moved = $11 == "-" ? "-" : sprintf("%.1f s", $11 / 1000)
			printf f, $1, pair($2, $3), pair($4, $5), $6 " %",
				pair($7, $8), pair($9, $10), moved, $12
			cuts += $12
			if ($7 > top) top = $7
			if ($8 > top_batch) top_batch = $8
		}
		END {
			printf f, "all", "", "", "", pair(top, top_batch), "", "", cuts
		}' "$rows"
}
