# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # what tests/cluster/faults has set
#
# Random schedules of faults, determined by their seed. A line is a fault:
#
#	AT LENGTH KIND TARGET [WORD...]
#
# It begins AT seconds after the schedule and lasts LENGTH seconds. A target has
# one fault at a time; faults of different targets may overlap. Only $ttl
# (seconds) and $where (vms or netns) are read.

# Faults of a node that is a machine, and of a node that is not.
node_faults='daemon-kill daemon-kill daemon-stop power cut cut slow slow twin'
machine_faults='vm-pause skew clock'
member_faults='member-kill member-pause leader-kill leader-kill leader-pause'

# pick WORD...: set $picked to a random one; a subshell would have its own
# random numbers
pick()
{
	picked=${*:1 + RANDOM % $#:1}
}

# between LOW HIGH: set $picked
between() { picked=$(($1 + RANDOM % ($2 - $1 + 1))); }

# line AT LOW-HIGH KIND TARGET [WORD...]: print it unless the target is busy
line()
{
	local at=$1 low=${2%-*} high=${2#*-} target=$4
	((${busy[$target]:-0} <= at)) || return 0
	between "$low" "$high"
	busy[$target]=$((at + picked + rest))
	echo "$at $picked ${*:3}"
}

# Print the machine on which a second one runs under NODE's name.
other_machine() # NODE
{
	if [ "$where" = netns ]; then echo "$1"; else echo n$((${1#n} % 3 + 1)); fi
}

node_fault() # AT
{
	local at=$1 node host kind way kinds=$node_faults
	pick n1 n2 n3
	node=$picked
	[ "$where" != vms ] || kinds+=" $machine_faults"
	# shellcheck disable=SC2086 # words
	pick $kinds
	kind=$picked
	case $kind in
	daemon-kill) line "$at" 1-6 "$kind" "$node" ;;
	daemon-stop | vm-pause) line "$at" $((ttl + 2))-$((2 * ttl)) "$kind" "$node" ;;
	power) line "$at" 1-5 "$kind" "$node" ;;
	twin)
		# The machine of the second one must stay up.
		host=$(other_machine "$node")
		((${busy[$node]:-0} <= at && ${busy[$host]:-0} <= at)) || return 0
		line "$at" 3-6 "$kind" "$node"
		busy[$host]=${busy[$node]} ;;
	cut)
		pick in out both
		line "$at" 3-$((2 * ttl)) "$kind" "$node" "$picked" ;;
	slow)
		between 20 200
		way="delay ${picked}ms $((picked / 2))ms"
		between 0 20
		way+=" loss $picked% "
		between 0 10
		way+="duplicate $picked%"
		line "$at" 5-$((3 * ttl)) "$kind" "$node" "$way" ;;
	skew)
		pick -10 -5 5 10
		line "$at" $((2 * ttl))-$((4 * ttl)) "$kind" "$node" "$picked" ;;
	clock)
		pick -12 -3 3 12
		line "$at" 4-$((2 * ttl)) "$kind" "$node" "$picked" ;;
	esac
}

store_fault() # AT
{
	local member
	pick m1 m2 m3
	member=$picked
	# shellcheck disable=SC2086 # words
	pick $member_faults compact compact disk-full
	case $picked in
	compact) line "$1" 0-0 compact store ;;
	disk-full) line "$1" 5-8 disk-full m3 ;;
	leader-*) line "$1" 2-8 "$picked" leader ;;
	*) line "$1" 2-10 "$picked" "$member" ;;
	esac
}

change() # AT
{
	pick limit limit batch scratch
	case $picked in
	limit)
		between 20 60
		line "$1" 0-0 limit /web "$picked" ;;
	batch)
		between 6 20
		line "$1" 0-0 limit /web/batch "$picked" ;;
	scratch) line "$1" 3-8 group /scratch ;;
	esac
}

# Not a fault: changes of demand make faults matter.
demand() # AT
{
	local web batch scratch
	pick 2 20 60
	web=$picked
	pick 0 4 20
	batch=$picked
	pick 0 3
	scratch=$picked
	pick n1 n2 n3
	line "$1" 0-0 demand "demand-$picked" "$web" "$batch" "$scratch"
}

# schedule SEED SECONDS: print the lines in order
schedule()
{
	local at=1 picked seed
	local rest=2	# seconds without faults after each fault of a target
	local -A busy=()
	seed=$(cksum <<<"$1")
	RANDOM=$((${seed%% *} % 32768))
	for picked in n1 n2 n3; do
		echo "0 0 demand demand-$picked 20 4 2"
	done
	while ((at < $2)); do
		pick node_fault node_fault node_fault store_fault store_fault change demand
		"$picked" $at
		between 1 3
		at=$((at + picked))
	done
}
