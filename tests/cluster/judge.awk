# SPDX-License-Identifier: GPL-2.0
#
# Judge the oracle's cuts by the auditor's log:
#
#	awk -f judge.awk AUDIT-LOG ORACLE-LOG
#
# At each cut a node's tasks in a group are at most its lease, and the tasks of
# all nodes at most limit + debt. What a kernel may use is in the store first.
# So it was committed between two revisions: the newest one in the auditor's log
# before the cut, and the store's answer to a request that was sent after the
# cut. The auditor may log them late, if its member was paused: its log must
# reach the answer. Both clocks are the host's.
#
# Prints "violation TEXT" for each violation, then "cuts N" with the number of
# revisions between the bounds.

# MS REVISION asked MS, or
# MS REVISION GROUP RESOURCE limit N debt N pool N leases N NODE=N...
FILENAME == ARGV[1] {
	if ($1 !~ /^[0-9]+$/)
		next
	heard[++lines] = $1
	known[lines] = $2 > known[lines - 1] ? $2 + 0 : known[lines - 1]
	if ($3 == "asked") {
		asked[++asks] = $4
		answer[asks] = $2 + 0
	}
	if ($4 != "tasks" || $5 != "limit")
		next
	i = ++last[$3]
	revision[$3, i] = seen = $2 + 0
	sum[$3, i] = $6 + $8
	for (f = 13; f <= NF; f++) {
		split($f, part, "=")
		lease[$3, part[1], i] = part[2]
	}
	next
}

# The largest amount that was committed in any revision from low to high.
function bound(group, node,    i, most, here)
{
	for (i = from[group]; i < last[group] && revision[group, i + 1] <= low; i++)
		;
	from[group] = i
	for (most = 0; i <= last[group] && revision[group, i] <= high; i++) {
		here = node == "sum" ? sum[group, i] : lease[group, node, i]
		if (here > most)
			most = here
	}
	return most
}

# cut MS PHASE STOOD sum=WEB/BATCH NODE=WEB/BATCH...
$1 == "cut" {
	cuts++
	while (line < lines && heard[line + 1] < $2)
		line++
	low = known[line]
	while (ask < asks && asked[ask + 1] <= $2 + $4 + 1)
		ask++
	high = answer[ask + 1]
	if (ask == asks || high > seen) {
		print "violation at " $2 ": what was committed then is unknown"
		next
	}
	wide = line ? high - low : 0
	width += wide
	if (wide > widest)
		widest = wide
	for (f = 5; f <= NF; f++) {
		split($f, part, "[=/]")
		for (g = 2; g <= 3; g++) {
			group = g == 2 ? "/web" : "/web/batch"
			most = bound(group, part[1])
			if (part[g] + 0 > most)
				print "violation at " $2 ": " group " has " \
					part[g] " tasks, " part[1] ": " most
		}
	}
}

END {
	printf "cuts %d, each bounded by %.1f revisions in the mean, %d at most\n",
		cuts, cuts ? width / cuts : 0, widest
}
