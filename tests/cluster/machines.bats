#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# Two machines and an etcd on the host: what one kernel cannot show.

load helper

setup_file()
{
	export DIR=$BATS_FILE_TMPDIR PORT=$((20000 + RANDOM % 20000))
	local node
	"$TOP/user/cgspand/cgspan-certs" init "$DIR/certs"
	"$TOP/user/cgspand/cgspan-certs" member "$DIR/certs" etcd 127.0.0.1 10.0.2.2
	start_etcd
	for node in a b; do
		machine "$node" -m 384 -c 1
		"$TOP/user/cgspand/cgspan-certs" node "$DIR/certs" "$node"
		prepare "$node"
	done
	await_etcd
	enter a
	enter b
}

teardown_file()
{
	kill -CONT "$(<"$DIR/etcd.pid")"
	kill "$(<"$DIR/etcd.pid")"
	vm stop a
	vm stop b
}

start_etcd()
{
	local peer=http://127.0.0.1:$((PORT + 1)) client=https://127.0.0.1:$PORT
	setsid etcd --name m --data-dir "$DIR/etcd" --logger zap \
		--listen-client-urls "$client" --advertise-client-urls "$client" \
		--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
		--initial-cluster "m=$peer" --client-cert-auth \
		--trusted-ca-file "$DIR/certs/ca.pem" \
		--cert-file "$DIR/certs/etcd.pem" \
		--key-file "$DIR/certs/etcd.key" >"$DIR/etcd.log" 2>&1 3>&- 4>&- &
	echo $! >"$DIR/etcd.pid"
}

await_etcd()
{
	local i
	for i in $(seq 300); do
		! curl -sf --cacert "$DIR/certs/ca.pem" --cert "$DIR/certs/a.pem" \
			--key "$DIR/certs/a.key" "https://127.0.0.1:$PORT/health" |
			grep -q true || return 0
		sleep 0.1
	done
	tail -n 5 "$DIR/etcd.log" >&2
	return 1
}

# What survives a boot on a real machine: the configuration and the module.
prepare()
{
	local file
	for file in ca.pem "$1.pem" "$1.key"; do
		vm exec "$1" "mkdir -p /etc/cgspan; cat >/etc/cgspan/$file" <"$DIR/certs/$file"
	done
	vm exec "$1" 'cat >/etc/cgspan/cgspan.conf' <<-END
		node = $1
		store = https://10.0.2.2:$PORT
		cacert = /etc/cgspan/ca.pem
		cert = /etc/cgspan/$1.pem
		key = /etc/cgspan/$1.key
		ttl = 6
		heartbeat = 1.5
		# It leaves word that it was called, and fails: nobody is off.
		fence_agent = * touch /run/fenced-%n /run/no/such/folder
		member = /web /web
	END
	vm exec "$1" 'modprobe cgspan; mkdir /sys/fs/cgroup/web'
}

# The daemon, and what is said of it.
enter() { vm exec "$1" 'setsid -f cgspand </dev/null >/run/cgspand.log 2>&1'; said "$1" '>ready'; }
said() { vm exec "$1" "for i in \$(seq 900); do grep -q '$2' /run/cgspand.log && exit; sleep 0.1; done; cat /run/cgspand.log; exit 1" >&2; }
used() { vm exec "$1" 'cat /sys/fs/cgroup/web/pids.current'; }
lease() { vm exec "$1" "cgspan -t -o group,lease tree" | awk '$1 == "/web" { print $2 }'; }
status() { vm exec "$1" "cgspan -t -o $2 status"; }
within()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || { echo "not within its time: $*" >&2; return 1; }
	done
}
# fill NODE COUNT: until so many live there
fill()
{
	vm exec "$1" "for i in \$(seq 600); do
		n=\$(cat /sys/fs/cgroup/web/pids.current); [ \$n -lt $2 ] || exit 0
		spawn /sys/fs/cgroup/web \$(($2 - n)) >/dev/null; sleep 0.1; done; exit 1"
}

@test "with etcd gone, no fork is refused that a lease covers, and nobody is fenced" {
	vm exec a 'cgspan create /web tasks 40 --wait 60'
	fill a 10
	fill b 10
	local epochs held refusals
	epochs="$(status a epoch) $(status b epoch)"
	kill -STOP "$(<"$DIR/etcd.pid")"
	expired() { [ "$(status a session) $(status b session)" = "expired expired" ]; }
	within 60 expired
	for node in a b; do
		held=$(lease $node)
		refusals=$(vm exec $node spawn /sys/fs/cgroup/web $((held - $(used $node))))
		echo "$node: $refusals"
		[ "${refusals#* }" = 0 ]
		[ "$(used $node)" = "$held" ]
		[ "$(vm exec $node spawn /sys/fs/cgroup/web 1)" = "0 1" ]
	done
	kill -CONT "$(<"$DIR/etcd.pid")"
	back() { [ "$(status a session) $(status b session)" = "live live" ]; }
	within 90 back
	[ "$(status a epoch) $(status b epoch)" = "$epochs" ]
	vm exec a 'not() { ! "$@"; }; not ls /run/fenced-*' 
	vm exec b 'not() { ! "$@"; }; not ls /run/fenced-*'
}

@test "a node that was reset comes back bound and covered before it is ready" {
	vm exec a "echo 1 >/sys/fs/cgroup/web/cgroup.kill"
	fill a 5
	local before
	before=$(status a epoch)
	vm reset a >&2
	prepare a
	vm exec a spawn /sys/fs/cgroup/web 3	# was there before the daemon
	enter a
	said a 'has booted again'
	[ "$(status a epoch)" -gt "$before" ]
	[ "$(used a)" = 3 ]
	[ "$(lease a)" -ge 3 ]
	vm exec a 'cgspan -t -o group,used tree' | grep -q '^/web'
	fill a 12
	[ $(($(used a) + $(used b))) -le 40 ]
}
