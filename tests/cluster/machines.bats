#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Two machines and an etcd on the host: tests that one kernel cannot do.
#
# CGSPAN_LONG=1: with the default ttl, and one minute without etcd.

load helper
load etcd

setup_file()
{
	local node
	export DIR=$BATS_FILE_TMPDIR ETCD=$BATS_FILE_TMPDIR/store
	etcd_make m
	etcd_start m
	for node in a b; do
		machine "$node" -m 512 -c 1
		cgspan_certs node "$ETCD/certs" "$node"
		prepare "$node"
	done
	etcd_await
	enter a
	enter b
	etcd_conf >"$DIR/audit.conf"
}

teardown_file()
{
	etcd_end
	vm stop a
	vm stop b
}

long() { [ -n "${CGSPAN_LONG:-}" ]; }

# Restore what survives a boot of a real machine: the configuration and the
# module.
prepare()
{
	local file
	for file in ca.pem "$1.pem" "$1.key"; do
		vm exec "$1" "mkdir -p /etc/cgspan; cat >/etc/cgspan/$file" <"$ETCD/certs/$file"
	done
	vm exec "$1" 'cat >/etc/cgspan/cgspan.conf' <<-END
		node = $1
		store = $(etcd_urls_inside)
		cacert = /etc/cgspan/ca.pem
		cert = /etc/cgspan/$1.pem
		key = /etc/cgspan/$1.key
		$(long || printf '%s\n' 'ttl = 6' 'heartbeat = 1.5')
		# The agent records the call and fails: no node is off.
		fence_agent = * touch /run/fenced-%n /run/no/such/folder
		member = /web /web
	END
	vm exec "$1" 'modprobe cgspan; mkdir /sys/fs/cgroup/web'
}

# Start the daemon; wait for a line of its log.
enter() { vm exec "$1" 'setsid -f cgspand </dev/null >/run/cgspand.log 2>&1'; said "$1" '>ready'; }
said()
{
	vm exec "$1" "grep -q -m 1 '$2' < <(timeout 90 tail -n +1 -f /run/cgspand.log 2>&-) ||
		{ cat /run/cgspand.log; exit 1; }" >&2
}
used() { vm exec "$1" 'cat /sys/fs/cgroup/web/pids.current'; }
figure() { vm exec "$1" "cgspan -t -o group,$2 tree" | awk '$1 == "/web" { print $2 }'; }
lease() { figure "$1" lease; }
status() { vm exec "$1" "cgspan -t -o $2 status"; }
# fill NODE COUNT: start tasks repeatedly until COUNT live there
fill()
{
	vm exec "$1" "exec {never}<> <(:); for i in {1..1200}; do
		n=\$(cat /sys/fs/cgroup/web/pids.current); [ \$n -lt $2 ] || exit 0
		spawn /sys/fs/cgroup/web \$(($2 - n)) >/dev/null
		read -r -t 0.05 -u \$never || :; done; exit 1"
}
none() { vm exec "$1" 'echo 1 >/sys/fs/cgroup/web/cgroup.kill'; within 30 empty "$1"; }

empty() { [ "$(used "$1")" = 0 ]; }

# Programs with a constant number of short tasks in a cgroup below the member:
# work NODE COUNT starts them, worked NODE prints how many forks were made,
# refused and failed, rest NODE ends them.
work()
{
	vm exec "$1" "mkdir -p /sys/fs/cgroup/web/crew &&
		crew -r /run/crew /sys/fs/cgroup/web/crew $2 sleep 0.4"
}
worked() { vm exec "$1" cat /run/crew | awk '{ print $2, $4, $6 }'; }
rest() { vm exec "$1" 'echo 1 >/sys/fs/cgroup/web/crew/cgroup.kill'; none "$1"; }

# The leases cover the workers, and no fork was refused for a while.
covered()
{
	local before
	[ "$(lease a)" -ge 7 ] && [ "$(lease b)" -ge 7 ] || return
	before=$(refused)
	pause 2
	[ "$(refused)" = "$before" ]
}
refused() { { worked a; worked b; } | cut -d' ' -f2-; }

# On a busy machine etcd may answer a request too late, and yet carry it out.
create() { in_force || { vm exec a 'cgspan create /web tasks 40 --wait 60' || :; in_force; }; }
in_force() { [ "$(figure a limit) $(figure b limit)" = "40 40" ]; }

sessions() { [ "$(status a session) $(status b session)" = "$1 $1" ]; }

@test "without etcd, forks within a lease are admitted and no node is fenced" {
	local epochs held before node forks start
	within 90 create
	work a 6
	work b 6
	within 60 covered
	epochs="$(status a epoch) $(status b epoch)"
	before=$(refused)
	forks="$(worked a) $(worked b)"
	etcd_kill m
	start=$SECONDS
	! long || pause 60
	within 60 sessions expired
	echo "# without etcd for $((SECONDS - start)) s, leases $(lease a) $(lease b); forks, refused, failed:" \
		"$forks, then $(worked a) $(worked b)" >&3
	[ "$(refused)" = "$before" ]
	for node in a b; do	# the whole lease, and no more
		rest $node
		held=$(lease $node)
		[ "$(vm exec $node spawn /sys/fs/cgroup/web "$held")" = "$held 0" ]
		[ "$(vm exec $node spawn /sys/fs/cgroup/web 1)" = "0 1" ]
	done
	etcd_start m
	etcd_await
	within 90 sessions live
	[ "$(status a epoch) $(status b epoch)" = "$epochs" ]
	for node in a b; do
		vm exec $node 'not() { ! "$@"; }; not ls /run/fenced-*'
	done
	none b
	fill a 38	# the share follows the demand again
	none a
	"$TOP/build/test/audit" -c "$DIR/audit.conf" -1
}

@test "a reset node is bound and its leases cover its use before READY" {
	vm exec a "echo 1 >/sys/fs/cgroup/web/cgroup.kill"
	fill a 5
	local before
	before=$(status a epoch)
	vm reset a >&2
	prepare a
	vm exec a spawn /sys/fs/cgroup/web 3	# tasks that live before the daemon starts
	enter a
	said a 'has booted again'
	[ "$(status a epoch)" -gt "$before" ]
	[ "$(used a)" = 3 ]
	[ "$(lease a)" -ge 3 ]
	vm exec a 'cgspan -t -o group,used tree' | grep -q '^/web'
	fill a 12
	[ $(($(used a) + $(used b))) -le 40 ]
}
