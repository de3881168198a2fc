# SPDX-License-Identifier: GPL-2.0
#
# Judges the oracle's cuts by what the auditor has seen:
#
#	awk -f judge.awk AUDIT-LOG ORACLE-LOG
#
# At each cut, no node may have had more tasks in a group than its lease, and
# all nodes together no more than limit + debt. What a node may use is written
# to the store before its kernel is told. So it was committed between two
# revisions: the newest that the auditor knew of before the cut, and the one by
# which the store answered what was asked after it. The auditor may hear of them
# late, since the member that it listens to may have been paused: its log must
# go on until it has. Both clocks are the host's.
#
# Prints "violation TEXT" for each, then "cuts N", and by how many revisions they
# are bounded.

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

# The most that was committed in any revision from low to high.
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
