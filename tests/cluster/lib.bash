# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A cluster in one kernel, inside a machine: each node is a network namespace
# with a daemon, and the store is an SQLite file. Each test has its own
# directory and cgroups, named after it, so that several can run at once.

NAME=${NAME:-c}
DIR=/run/cluster/$NAME
CG=/sys/fs/cgroup/$NAME
TOP=${TOP:-/cgspan}
CGSPAND=$TOP/build/test/cgspand
AUDIT=$TOP/build/test/audit
export PATH=$PATH:$TOP/build/prog
# shellcheck source=tests/wait.bash
. "$TOP/tests/wait.bash"

fail() { echo "$*" >&2; return 1; }
not() { ! "$@"; }

# ---- nodes ----

# at NODE: set AT to the command that runs another one in the node's namespace
at() { AT=(nsenter --net="/run/netns/$NAME-$1"); }

# in_node NODE COMMAND...: run it in the node's namespace
in_node()
{
	local AT
	at "$1"
	shift
	"${AT[@]}" "$@"
}

# on NODE VERB...: run cgspan there as the administrator
on()
{
	local node=$1
	shift
	in_node "$node" "${CGSPAN:-cgspan}" --config "$DIR/$node.conf" "$@"
}

# make_node NODE: make its namespace and its cgroup /NAME/NODE/web
make_node()
{
	modprobe cgspan
	ip netns add "$NAME-$1"
	mkdir -p "$CG/$1"
	echo +pids >"$CG/cgroup.subtree_control"
	echo +pids >"$CG/$1/cgroup.subtree_control"
	mkdir "$CG/$1/web"
}

# nodes NODE...: make nodes with a short ttl and the member /NAME/NODE/web of
# /web
nodes()
{
	local node
	mkdir -p "$DIR"
	echo "store = sqlite:$DIR/store.db" >"$DIR/audit.conf"
	for node; do
		make_node "$node"
		cat >"$DIR/$node.conf" <<-END
			node = $node
			store = sqlite:$DIR/store.db
			ttl = $((${TTL:-3} * SLOW))
			heartbeat = $(awk "BEGIN { print ${HEARTBEAT:-1} * $SLOW }")
			member = /$NAME/$node/web /web
		END
	done
}

# launch NODE [VARIABLE=VALUE...]: start the daemon without waiting
launch()
{
	local AT node=$1
	shift
	: >"$DIR/$node.log"
	at "$node"
	"${AT[@]}" env "$@" \
		"$CGSPAND" --config "$DIR/$node.conf" >>"$DIR/$node.log" 2>&1 &
	echo $! >"$DIR/$node.pid"
}

pid() { echo "$(<"$DIR/$1.pid")"; }
lives() { kill -0 "$(pid "$1")" 2>&-; }
said() { grep -q "$2" "$DIR/$1.log"; }
is_ready() { said "$1" '>ready'; }

ready()
{
	local node
	for node; do
		within 60 is_ready "$node" || {
			cat "$DIR/$node.log" >&2
			return 1
		}
	done
}

# start NODE...: start daemons and wait until all are ready
start()
{
	local node
	for node; do launch "$node"; done
	ready "$@"
}

# ended NODE STATUS: wait for the end of the daemon; check its exit status
ended()
{
	local status=0 pid
	pid=$(pid "$1")
	within 60 not lives "$1"
	wait "$pid" || status=$?
	[ "$status" = "$2" ] || {
		cat "$DIR/$1.log" >&2
		fail "$1 ended with $status, not $2"
	}
}

stop() { kill -TERM "$(pid "$1")"; ended "$1" 0; }
kill9() { kill -KILL "$(pid "$1")"; ended "$1" 137; }

# ---- state ----

# figure NODE GROUP FIELD [RESOURCE]: print a figure of this node's kernel
figure()
{
	local group resource value
	on "$1" -t -o "group,resource,$3" tree |
		while IFS=$'\t' read -r group resource value; do
			[ "$group $resource" != "$2 ${4:-tasks}" ] || echo "$value"
		done
}

# status NODE FIELD
status() { on "$1" -t -o "$2" status | tail -n 1; }

lease() { figure "$1" "$2" lease; }
used() { echo "$(<"$CG/$1/web/pids.current")"; }

total()
{
	local node sum=0
	for node; do sum=$((sum + $(used "$node"))); done
	echo "$sum"
}

sums() { "$AUDIT" -c "$DIR/audit.conf" -1; }
# stored NODE GROUP [RESOURCE]: print the node's lease in the store
stored()
{
	sums | awk -v g="$2 ${3:-tasks} node $1" \
		'$1 " " $2 " " $3 " " $4 == g { a = $5 } END { print a + 0 }'
}

# A lease grows in the kernel last and shrinks there first. So it is too large
# only if it is larger than the store's both before and after the store is read.
covered()
{
	local before store after
	before=$(lease "$1" /web)
	store=$(stored "$1" /web)
	after=$(lease "$1" /web)
	[[ $before,$after =~ ^[0-9]+,[0-9]+$ ]] || return 0
	[ "$before" -le "$store" ] || [ "$after" -le "$store" ] ||
		fail "$1: the kernel has $before and then $after, the store $store"
}

# No kernel's lease is above the store's, and the sum holds.
sound()
{
	local node
	sums >"$DIR/sums" || { cat "$DIR/sums" >&2; return 1; }
	for node; do
		covered "$node" || return
	done
}

# Watch the store during the whole test: every revision must keep the sum.
audit()
{
	: >"$DIR/audit.log"
	"$AUDIT" -c "$DIR/audit.conf" >"$DIR/audit.log" 2>&1 &
	echo $! >"$DIR/audit.pid"
	within 60 grep -q watching "$DIR/audit.log"
}

# audited NODE...: end audit(); all was right, and these nodes are sound
audited()
{
	local pid
	[ $# -eq 0 ] || sound "$@" || return
	pid=$(cat "$DIR/audit.pid")
	kill -TERM "$pid" 2>&- || :
	wait "$pid" || { cat "$DIR/audit.log" >&2; return 1; }
	grep -q '^ok: [1-9]' "$DIR/audit.log"
}

# cell NODE...: make nodes, start them, and begin the audit
cell()
{
	nodes "$@"
	start "$@"
	audit
}

# ---- demand ----

# want NODE COUNT: try to start this many tasks there; they live on
want() { spawn "$CG/$1/web" "$2" >>"$DIR/$1.spawn" 2>&1 3>&- || :; }

# Start as many tasks as fit; succeed if COUNT live.
fill()
{
	local used
	used=$(used "$1")
	[ "$used" -ge "$2" ] || want "$1" $(($2 - used))
	[ "$(used "$1")" -ge "$2" ]
}

is_empty() { [ "$(used "$1")" = 0 ]; }
end_tasks() { echo 1 >"$CG/$1/web/cgroup.kill"; }
none() { end_tasks "$1"; within 60 is_empty "$1"; }

# hold NODE RESOURCE AMOUNT: wait for a grant, which ends with this script;
# print its id
hold()
{
	on "$1" -t -o id admit /web "$2" "$3" wait $((20000 * SLOW)) pid $$ | tail -n 1
}

# ---- leaving nothing behind ----

tidy()
{
	local file dir
	for file in "$DIR"/*.pid; do
		[ ! -e "$file" ] || kill -KILL "$(cat "$file")" 2>&- || :
	done
	[ ! -e "$CG" ] || echo 1 >"$CG/cgroup.kill"
	wait 2>&-
	for dir in /run/netns/"$NAME"-*; do
		[ ! -e "$dir" ] || ip netns delete "${dir##*/}"
	done
	[ ! -e "$CG" ] || find "$CG" -depth -type d -print0 |
		while IFS= read -r -d '' dir; do
			within 60 rmdir "$dir" 2>&-
		done
	rm -rf "$DIR"
}
