# SPDX-License-Identifier: GPL-2.0
#
# Judges the oracle's cuts by what the auditor has seen:
#
#	awk -f judge.awk AUDIT-LOG ORACLE-LOG
#
# At each cut, no node may have had more tasks in a group than its lease, and
# all nodes together no more than limit + debt. What a node may use is written
# to the store before its kernel is told, so it is bounded by the revision of
# that moment; the auditor may hear of that up to LAG later, since the member
# that it listens to may have been paused. Both clocks are the host's.
#
# Prints "violation TEXT" for each, then "cuts N".

BEGIN { LAG = 12000 }

# MS REVISION GROUP RESOURCE limit N debt N pool N leases N NODE=N...
FILENAME == ARGV[1] {
	if ($4 != "tasks" || $5 != "limit")
		next
	i = ++last[$3]
	time[$3, i] = $1
	sum[$3, i] = $6 + $8
	for (f = 13; f <= NF; f++) {
		split($f, part, "=")
		lease[$3, part[1], i] = part[2]
	}
	next
}

function bound(group, node, at,    i, most, here)
{
	for (i = from[group]; i < last[group] && time[group, i + 1] <= at; i++)
		;
	from[group] = i
	for (most = 0; i <= last[group]; i++) {
		if (i && time[group, i] > at + LAG)
			break
		here = node == "sum" ? sum[group, i] : lease[group, node, i]
		if (here > most)
			most = here
	}
	return most
}

# cut MS PHASE STOOD sum=WEB/BATCH NODE=WEB/BATCH...
$1 == "cut" {
	cuts++
	for (f = 5; f <= NF; f++) {
		split($f, part, "[=/]")
		for (g = 2; g <= 3; g++) {
			group = g == 2 ? "/web" : "/web/batch"
			most = bound(group, part[1], $2)
			if (part[g] + 0 > most)
				print "violation at " $2 ": " group " has " \
					part[g] " tasks, " part[1] ": " most
		}
	}
}

END { print "cuts " cuts + 0 }
