#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# A store that was lost, or restored from a backup: three nodes in one kernel,
# on one SQLite store.

load helper

setup_file() { [ -n "${VM_HAVE:-}" ] || machine recover; }
teardown_file() { [ -n "${VM_HAVE:-}" ] || vm stop recover; }

# Nodes whose shares have moved since a backup: n1 had 20 tasks then, n3 has 20
# now. The auditor ends with the store that it watched.
# shellcheck disable=SC2016 # for the machine
MOVED='
	nodes n1 n2 n3
	start n1 n2 n3
	on n1 create /web tasks 30
	within 60 fill n1 20
	sqlite3 "$DIR/store.db" ".backup $DIR/backup"
	none n1
	within 60 fill n3 20
	small() { [ "$(lease n1 /web)" -le 8 ]; }
	within 60 small
	restore() { rm -f "$DIR"/store.db*; [ ! -e "$1" ] || cp "$1" "$DIR/store.db"; }
	down() { local n; for n; do stop $n; done; }
	up() { local n; for n; do launch $n; done; }
	stopped() { said $1 "cgspan recover --nodes"; }
	all_stopped() { stopped n1 && stopped n2 && stopped n3; }
	epochs() { local n; for n in n1 n2 n3; do status $n epoch; done; }
	higher() { paste <(echo "$1") <(epochs) | awk "\$2 <= \$1 { bad = 1 } END { exit bad }"; }
'

@test "after a restore nothing is granted until all nodes have claimed their leases" {
	inside recover <<-END
		$MOVED
		before=\$(epochs) held=\$(lease n3 /web)
		down n1 n2 n3
		restore "\$DIR/backup"
		up n1 n2 n3
		within 60 all_stopped
		[ "\$(stored n1 /web)" -ge 20 ]	# as the backup has it
		[ "\$(lease n3 /web)" = "\$held" ]
		want n1 30
		[ "\$(total n1 n2 n3)" -le 30 ]
		not on n1 recover --nodes n1,n2 2>"\$DIR/refused"
		grep -q 'the store knows the node n3, too' "\$DIR/refused"
		[ "\$(on n1 recover --nodes n1,n2,n3)" = "recovered: 3 of 3 nodes have claimed what they hold" ]
		higher_now() { higher "\$before"; }
		within 60 higher_now
		audit
		want n1 30
		[ "\$(total n1 n2 n3)" -le 30 ]
		[ "\$(used n3)" = 20 ]
		none n3
		within 60 fill n1 28
		audited n1 n2 n3
	END
}

@test "running daemons detect a restore by themselves" {
	inside recover <<-END
		$MOVED
		within 60 sqlite3 "\$DIR/store.db" ".restore \$DIR/backup"
		within 60 all_stopped
		want n1 30
		[ "\$(total n1 n2 n3)" -le 30 ]
		on n2 recover --nodes n1,n2,n3 --wait 60
		audit
		none n3
		within 60 fill n1 28
		audited n1 n2 n3
	END
}

@test "an empty store gets groups, limits and leases from the kernels" {
	inside recover <<-END
		$MOVED
		on n1 create /web/batch tasks 7 on-expiry hold
		down n1 n2 n3
		restore none
		up n1 n2 n3
		within 60 all_stopped
		[ -z "\$(sums)" ]
		on n3 recover --nodes n1,n2,n3 --wait 60
		[ "\$(figure n2 /web limit) \$(figure n2 /web/batch limit)" = "30 7" ]
		[ "\$(stored n3 /web)" -ge 20 ]
		audit
		want n1 30
		[ "\$(total n1 n2 n3)" -le 30 ]
		[ "\$(used n3)" = 20 ]
		audited n1 n2 n3
	END
}

@test "a recovery waits for each listed node until the node is declared off" {
	inside recover <<-END
		$MOVED
		down n1 n2
		kill9 n3
		restore "\$DIR/backup"
		up n1 n2
		both() { stopped n1 && stopped n2; }
		within 60 both
		not on n1 recover --nodes n1,n2,n3 --wait 3 2>"\$DIR/late"
		grep -q '2 of 3 nodes have claimed.*not yet: n3' "\$DIR/late"
		want n1 30
		[ "\$(total n1 n2 n3)" -le 30 ]	# nothing is granted
		none n3		# end all tasks, as on a machine that is off
		on n1 recover --nodes n1,n2 --confirm-off --wait 60
		audit
		within 60 fill n1 28
		sound n1 n2
		start n3	# it was fenced and joins again
		[ "\$(lease n3 /web)" -le 4 ]
		audited n1 n2 n3
	END
}
