# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Lives that end at a crash point, inside a machine. At the moment of death the
# store's sum must be whole and no kernel may hold more than the store knows of;
# the next one must be able to go on.

# The daemon that is to die. The last node to let a group go deletes its key:
# where that is the point, n1 is slow.
born()
{
	local slow=
	[[ $POINT != delete-* ]] || slow=group-del-before:4000
	launch n1 "CGSPAN_CRASH=$POINT" "CGSPAN_DELAY=$slow"
}

# Is what n1's kernel and the store have of /web what the list of points says?
# No other node changes either while n1 is dead.
as_listed()
{
	local kernel store
	kernel=$(lease n1 /web) store=$(stored n1 /web)
	case $POINT in
	acquire-committed | shrink-after) [ "${kernel:-0}" -lt "$store" ] ;;
	return-committed | grow-after) [ "${kernel:-0}" -eq "$store" ] ;;
	group-new-after) [ "$kernel" = 0 ] ;;
	group-del-after) [ -z "$kernel" ] ;;
	esac || fail "$POINT: the kernel has ${kernel:-no such group}, the store $store"
}

# A node that has left is alone, and holds its limits; nothing is left to be done
# then: "cgspan leave" disables the service. What was sent may have been
# committed, too.
gone() { [[ $POINT = leave-* ]] && left; }

judge()
{
	ended n1 137 && said n1 "crash point $POINT" && sound n2 &&
		{ gone || { sound n1 && as_listed; }; }
}

# If n1 has died of its crash point: judge, and start it again. Bash would not
# end at what fails here, since conditions call it: it is told in the end.
look()
{
	[ -z "$crashed" ] && ! lives n1 || return 0
	crashed=well
	judge || crashed=badly
	gone || launch n1
}

# until_so COMMAND...: n1 may die meanwhile
until_so()
{
	local end=$((SECONDS + 90))
	until look && "$@"; do
		[ $SECONDS -lt $end ] || fail "$POINT: not within 90 s: $*" || return
		read -r -t 0.2 <> <(:) || :
	done
}

small() { [ "$(lease n1 /web)" -le "$1" ]; }
no_debt() { [ "$(sums | awk '$3 == "limit" { print $6 }')" = 0 ]; }
no_group() { [ -z "$(sums)$(figure n1 /web used)" ]; }
is_limit() { [ "$(figure n1 /web limit)" = "$1" ]; }
ready_now() { is_ready n1; }
deleted() { no_group || { on n2 delete /web --no-wait || :; no_group; }; } 2>&-
left() { ! on n2 -t -o node nodes | grep -qx n1; }

# What n2 had goes to n1, which asks for it, unless n2 gives it back to the pool
# first. So repeat it where the crash point is the asking.
push()
{
	for _ in 1 2 3 4 5; do
		none n1
		until_so fill n2 14
		until_so fill n1 4
		want n1 8	# more than there is
		none n2
		until_so fill n1 12
		[[ -z "$crashed" && $POINT = want-* ]] || break
	done
}

# life POINT: of a node
life()
{
	POINT=$1 crashed=
	nodes n1 n2
	start n2
	audit
	born
	until_so ready_now
	on n2 create /web tasks 20 --no-wait
	until_so is_limit 20
	push
	if [ -z "$crashed" ]; then
		kill -TERM "$(pid n1)" 2>&- || :
		within 60 not lives n1
		# It may have died of its point first.
		if said n1 "crash point $POINT"; then look; else ended n1 0; born; fi
		until_so ready_now
	fi
	none n1
	until_so small 11
	until_so fill n1 9
	on n2 set /web tasks 5 --no-wait
	until_so is_limit 5
	none n1
	until_so no_debt
	until_so deleted
	on n2 create /web tasks 20 --no-wait
	until_so fill n1 3
	none n1
	until_so is_empty n1
	on n1 leave >"$DIR/leave.log" 2>&1 &
	until_so left
	within 60 not lives n1
	look	# it may have died of its last step
	[ "$crashed" = well ] || fail "$POINT: ${crashed:-never came by}"
	sound n2
	audited
}

fenced() { on n2 -t -o node,state nodes | grep -qx "$1	fenced"; }
given_back() { [ "$(stored n1 /web)" = 0 ]; }

# left_by daemon|command: what a fencer leaves that dies at the COUNT-th passage
# of POINT: has the agent run, is the epoch fenced, is the lease given back?
left_by()
{
	local agent=yes epoch=no lease=no
	case $POINT-$COUNT in
	agent-before-*) agent=no ;;
	fence-committed-1 | fence-sent-2) epoch=yes ;;
	fence-committed-2) epoch=yes lease=yes ;;
	esac
	[ "$1" = daemon ] || agent=no
	echo "# $NAME: agent $agent, fenced $epoch, given back $lease"
	if [ $agent = yes ]; then [ -e "$DIR/off-n1" ]; else [ ! -e "$DIR/off-n1" ]; fi ||
		fail "$POINT: has the agent been run?" || return
	if [ $epoch = yes ]; then fenced n1; else not fenced n1; fi ||
		fail "$POINT: is n1 fenced?" || return
	if [ $lease = yes ]; then given_back; else [ "$(stored n1 /web)" -ge 8 ]; fi ||
		fail "$POINT: n1 has $(stored n1 /web)"
}

# fence_life POINT COUNT daemon|command: n1 is off, and its fencer dies.
fence_life()
{
	POINT=$1 COUNT=$2
	local status=0
	TTL=2 HEARTBEAT=0.5 nodes n1 n2 n3
	[ "$3" = command ] ||
		echo "fence_agent = * touch $DIR/off-%n" >>"$DIR/n2.conf"
	start n1
	start n3
	if [ "$3" = command ]; then start n2; else
		launch n2 "CGSPAN_CRASH=$POINT:$COUNT"
		ready n2
	fi
	audit
	on n3 create /web tasks 20 --wait 60
	within 60 fill n1 8
	kill9 n1
	none n1
	if [ "$3" = daemon ]; then
		ended n2 137
		said n2 "crash point $POINT"
	else
		CGSPAN_CRASH=$POINT:$COUNT on_tested n2 fence n1 --confirm-off \
			2>"$DIR/command.log" || status=$?
		[ $status = 137 ]
		grep -q "crash point $POINT" "$DIR/command.log"
	fi
	left_by "$3"
	sound n2 n3
	[ "$3" = command ] || start n2
	[ "$3" = daemon ] || fenced n1 || on n2 fence n1 --confirm-off
	within 60 given_back
	within 60 fill n2 17
	sound n2 n3
	audited
}
