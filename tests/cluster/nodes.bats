#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Three nodes in one kernel: network namespaces with a daemon each, on one
# SQLite store. Each revision of the store is audited.

load helper

setup_file() { [ -n "${VM_HAVE:-}" ] || machine nodes; }
teardown_file() { [ -n "${VM_HAVE:-}" ] || vm stop nodes; }

@test "a group made on one node is in force on all, and its limit holds for the sum" {
	inside nodes <<-'END'
		cell n1 n2 n3
		[ "$(on n1 create /web tasks 30)" = "/web: in force on 3 of 3 nodes" ]
		all() {
			for n in n1 n2 n3; do want $n 2; done
			[ "$(total n1 n2 n3)" -le 30 ] || exit 1
			[ "$(total n1 n2 n3)" -ge 27 ]
		}
		within 60 all
		for i in $(seq 20); do all; done
		audited n1 n2 n3
	END
}

@test "a node's share of the limit follows its demand" {
	inside nodes <<-'END'
		cell n1 n2 n3
		on n1 create /web tasks 30
		within 60 fill n2 10
		within 60 fill n3 10
		none n2
		none n3
		SECONDS=0
		within 60 fill n1 28	# the limit without the others' floors of 1
		echo "# $SECONDS s"
		[ $SECONDS -le $((10 * SLOW)) ]
		audited n1 n2 n3
	END
}

@test "every kernel shows the sum over all nodes and its age" {
	inside nodes <<-'END'
		nodes n1 n2
		start n1 n2
		on n1 create /web tasks max
		want n1 3
		want n2 4
		shows() { [ "$(figure $1 /web used) $(figure $1 /web nodes)" = "7 2" ]; }
		within 60 shows n1
		within 60 shows n2
		[ "$(figure n1 /web age_ms)" -lt $((5000 * SLOW)) ]
	END
}

@test "a restart of the daemon refuses no fork and keeps the session" {
	inside nodes TTL=60 <<-'END'
		cell n1 n2
		on n1 create /web tasks 20
		within 60 fill n1 8
		epoch=$(status n1 epoch)
		refusals=$(figure n1 /web refusals)
		lease=$(lease n1 /web)
		room() { want n1 1; [ "$(figure n1 /web refusals)" = "$refusals" ]; }
		stop n1
		[ "$(lease n1 /web)" = "$lease" ]
		[ "$lease" -le 8 ] || room
		start n1
		[ "$(status n1 epoch)" = "$epoch" ]
		[ "$(figure n1 /web refusals)" = "$refusals" ]
		kill9 n1
		[ "$(status n1 session)" = live ]
		start n1
		[ "$(status n1 epoch)" = "$epoch" ]
		[ "$(figure n1 /web refusals)" = "$refusals" ]
		[ "$(used n1)" -ge 8 ]
		within 60 fill n1 14
		audited n1 n2
	END
}

@test "with a stopped daemon hold admits nothing after the deadline and continue admits" {
	inside nodes TTL=2 HEARTBEAT=0.5 <<-'END'
		nodes n1 n2
		for n in n1 n2; do
			mkdir "$CG/$n/hold"
			echo "member = /$NAME/$n/hold /hold" >>"$DIR/$n.conf"
		done
		start n1 n2
		audit
		on n1 create /web tasks 40
		on n1 create /hold tasks 40 on-expiry hold
		within 60 fill n1 10
		held() { spawn "$CG/n1/hold" 1; }
		let_in() { [ "$(held)" = "1 0" ]; }
		within 60 let_in
		lease=$(lease n1 /web)
		kill -STOP "$(pid n1)"
		expired() { [ "$(status n1 session)" = expired ]; }
		within 60 expired
		[ "$(held)" = "0 1" ]
		room=$((lease - $(used n1)))
		want n1 $((room + 5))
		[ "$(used n1)" = "$lease" ]
		[ "$(lease n1 /web)" = "$lease" ]
		kill -CONT "$(pid n1)"
		live() { [ "$(status n1 session)" = live ]; }
		within 60 live
		within 60 let_in
		within 60 fill n1 $((lease + 5))
		audited
	END
}

@test "a second node under a living node's name is refused" {
	inside nodes <<-'END'
		nodes n1 n2
		start n1
		sed -i "s/^node.*/node = n1/" "$DIR/n2.conf"
		launch n2
		ended n2 1
		said n2 'is in session as n1'
		lives n1
	END
}

@test "a second daemon on a node is refused" {
	inside nodes <<-'END'
		nodes n1
		start n1
		cp "$DIR/n1.conf" "$DIR/again.conf"
		in_node n1 timeout 60 "$CGSPAND" --config "$DIR/again.conf" 2>"$DIR/again.log" && exit 1
		grep -q 'owns the session' "$DIR/again.log"
		lives n1
	END
}

@test "a cgroup that holds the daemon, or etcd, is not bound" {
	inside nodes <<-'END'
		nodes n1
		mkdir "$CG/n1/self"
		echo "member = /$NAME/n1/self /" >>"$DIR/n1.conf"
		(echo "$BASHPID" >"$CG/n1/self/cgroup.procs"
		 launch n1)
		ready n1
		said n1 'n1.conf:6:.*must not be under a limit'
		[ "$(status n1 members)" = 0 ]
	END
}

@test "leave returns all leases, clears the kernel and allows unloading" {
	inside nodes <<-'END'
		cell n1 n2
		on n1 create /web tasks 20
		within 60 fill n1 5
		within 60 fill n2 5
		not on n1 leave 2>"$DIR/refused"
		none n1
		on n1 leave
		ended n1 0
		[ "$(on n2 -j nodes | jq -r '.[].node')" = n2 ]
		[ "$(stored n1 /web)" = 0 ]
		[ "$(in_node n1 cgspan --config /dev/null -j status | jq -r '.session')" = none ]
		audited n2
	END
}

@test "a group without tasks on any node is deleted with its lease" {
	inside nodes <<-'END'
		cell n1 n2
		on n1 create /web tasks 20
		within 60 fill n1 5
		not on n2 delete /web
		none n1
		gone() { on n2 delete /web || [ -z "$(sums)" ]; }
		within 60 gone
		clear() { [ -z "$(figure n1 /web used)$(figure n2 /web used)" ]; }
		within 60 clear
		[ -z "$(sums)" ]
		on n1 create /web tasks 10	# and its member is bound again
		within 60 fill n1 5
		audited
	END
}

@test "a limit below use becomes debt and holds once the debt is paid" {
	inside nodes <<-'END'
		cell n1 n2
		on n1 create /web tasks 20
		within 60 fill n1 9
		within 60 fill n2 9
		on n2 set /web tasks 10
		[ "$(sums | awk '$3 == "limit" { print $6 }')" -ge 8 ]
		want n1 3
		[ "$(total n1 n2)" -le 20 ]
		none n2
		paid() { [ "$(sums | awk '$3 == "limit" { print $6 }')" = 0 ]; }
		within 60 paid
		want n1 20
		want n2 20
		[ "$(total n1 n2)" -le 10 ]
		on n2 set /web tasks 30
		within 60 fill n2 15
		audited n1 n2
	END
}

@test "a first limit gives each node a lease that covers its use" {
	inside nodes <<-'END'
		nodes n1 n2
		start n1 n2
		on n1 create /web tasks max
		want n1 6
		want n2 6
		[ "$(total n1 n2)" = 12 ]
		audit
		on n1 set /web tasks 10
		[ "$(sums | awk '$3 == "limit" { print $6 }')" = 2 ]
		want n1 1
		want n2 1
		[ "$(total n1 n2)" = 12 ]
		none n2
		within 60 fill n1 8
		audited n1 n2
	END
}

@test "a silent node's lease returns after its fence agent switched it off" {
	inside nodes TTL=2 HEARTBEAT=0.5 <<-'END'
		nodes n1 n2
		echo "fence_agent = * touch $DIR/off-%n" >>"$DIR/n2.conf"
		start n1 n2
		audit
		on n1 create /web tasks 20
		within 60 fill n1 8
		kill9 n1
		none n1		# end all tasks, as on a machine that is off
		within 60 test -e "$DIR/off-n1"
		back() { [ "$(stored n1 /web)" = 0 ]; }
		within 60 back
		within 60 fill n2 19
		sound n2
		start n1	# it joins with a higher epoch
		[ "$(status n1 session)" = live ]
		[ "$(lease n1 /web)" -le 2 ]
		audited n1 n2
	END
}

@test "granted units move between nodes, and their sum stays at the limit" {
	inside nodes <<-'END'
		cell n1 n2 n3
		[ "$(on n1 create /web tasks 30 cpu 4000 memory 1G user0 2)" = \
			"/web: in force on 3 of 3 nodes" ]
		big=$(hold n1 cpu 3000)
		[ "$(figure n1 /web used cpu)" = 3000 ]
		[ "$(stored n1 /web cpu)" -ge 3000 ]
		shows() { [ "$(figure n2 /web used cpu)" = 3000 ]; }
		within 60 shows
		not on n2 admit /web cpu 1500 wait 1000 pid $$ 2>"$DIR/refused"
		next=$(hold n2 cpu 1000)
		[ "$(stored n1 /web cpu)" = 3000 ]
		on n1 release "$big"
		hold n3 cpu 3000
		on n2 release "$next"
		hold n1 memory 1000000000
		# Neither of two licences stays on a node that does not use it.
		for n in n1 n2 n3; do
			both=$(hold $n user0 2)
			not on n1 admit /web user0 1 pid $$ 2>"$DIR/refused"
			on $n release "$both"
		done
		within 60 fill n1 5
		within 60 fill n2 5
		[ "$(sums | awk '$2 == "cpu" && $3 == "limit" { print $8 + $10 - $6 }')" = 4000 ]
		on n1 set /web cpu max user0 4
		within 60 hold n1 cpu 5000
		within 60 hold n2 user0 3
		audited n1 n2 n3
	END
}

@test "a refusal names a node with headroom while its reports are recent" {
	inside nodes <<-'END'
		cell n1 n2
		on n1 create /web cpu 4000
		hold n2 cpu 500
		for i in 1 2 3; do
			big=$(hold n2 cpu 1500)
			on n2 release "$big"
		done
		# A dry run makes no node return anything.
		asks() { not on n1 admit /web cpu 400 --dry-run 2>"$DIR/refused"; }
		hinted() { asks && grep -q '/web lacks 400 of cpu; node n2 has headroom for [1-9]' "$DIR/refused"; }
		within 30 hinted
		[ "$(stored n1 /web cpu)" = 0 ]
		waits() { on n1 admit /web cpu 50 wait $((20000 * SLOW)) pid $$ 2>"$DIR/waited"; }
		told() { waits && grep -q 'waiting: /web lacks [0-9]* of cpu; node n2 has' "$DIR/waited"; }
		within 60 told
		kill9 n2
		lost() { asks && not grep -q n2 "$DIR/refused"; }
		within 60 lost
		audited
	END
}

# Points in requests to the module; crash.bats passes all points without it.
@test "a daemon killed after a request to the module leaves the sum whole" {
	vm exec nodes env SLOW="$SLOW" xargs -P 4 -L 1 tests/cluster/life <<-'END'
		agent-after fence_life agent-after 1 daemon
		renew-after life renew-after
		grow-after life grow-after
		shrink-after life shrink-after
		group-set-after life group-set-after
		group-del-after life group-del-after
		member-add-after life member-add-after
		session-end-after life session-end-after
	END
}
