# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Functions of the kernel tests. They run as root inside a machine, with the
# programs of tests/vm/prog in PATH; `genlclient` sends requests and prints a
# line of JSON for each answer. teardown removes the tasks, cgroups, members,
# session and groups of a test, and fails if it cannot.

shopt -s globstar
CG=/sys/fs/cgroup
T=$CG/t			# all cgroups of a test are below it
MAX='"max"'
PATH+=:$BATS_TEST_DIRNAME/prog	# for "exact"

# Bats traces each line of bash to report the failed one, which takes as long as
# the line itself without KVM. Trace only the lines of the test.
quick() { set +T; declare -ft "$BATS_TEST_NAME"; }

setup_file() { load_module; }
setup() { quick; }
teardown_file() { unload_module; }
teardown() { tidy; }

load_module() { modprobe cgspan; }

# The module is in use until its hooks are detached, shortly after the last member.
unload_module() { within 60 rmmod cgspan; }

# CGSPAN_LONG=1: long runs; otherwise tests do the minimum.
long() { [ -n "${CGSPAN_LONG:-}" ]; }

# Print a figure into the TAP.
note() { echo "# $*" >&3; }

# "! command" in a test never fails: use "not command".
not() { ! "$@"; }

SLOW=1
# shellcheck source=tests/wait.bash
. "$BATS_TEST_DIRNAME/../wait.bash"

# holds FILE TEXT: the file has this text; without a process
holds()
{
	local text=''
	IFS= read -r -d '' text <"$1" || [[ $'\n'$text == *"$2"* ]]
}

# ---- requests ----

# request WORD...: one request on a new socket; the answer is in $reply
request()
{
	reply=$(genlclient "$@" 3>&-) || { echo "$* -> $reply"; return 1; }
}

# A socket that stays open: open_socket NAME; ask NAME WORD...; close_socket
# NAME
open_socket()
{
	local dir=$BATS_TEST_TMPDIR in out
	mkfifo "$dir/$1.in" "$dir/$1.out"
	genlclient <"$dir/$1.in" >"$dir/$1.out" 3>&- &
	printf -v "$1_pid" %d $!
	exec {in}>"$dir/$1.in" {out}<"$dir/$1.out"
	printf -v "$1_in" %d "$in"
	printf -v "$1_out" %d "$out"
}

ask()
{
	local in=$1_in out=$1_out
	shift
	echo "$*" >&"${!in}"
	read -r -t 30 reply <&"${!out}" || { echo "$*: no answer"; return 2; }
	[[ $reply == *'"ok":true}' ]] || { echo "$* -> $reply"; return 1; }
}

close_socket()
{
	local in=$1_in out=$1_out pid=$1_pid
	# Children hold the other end of its input open: kill it.
	kill -KILL "${!pid}" || :
	eval "exec ${!in}>&- ${!out}<&-"
	wait "${!pid}" || :
	rm "$BATS_TEST_TMPDIR/$1."{in,out}
}

# listen GROUP[,GROUP]: write notifications to the file $heard, one per line
listen()
{
	heard=$BATS_TEST_TMPDIR/heard
	genlclient -m "$1" >"$heard" 3>&- &
	within 10 holds "$heard" listening
}

# refused ERRNO TEXT COMMAND...: the request is refused with ERRNO, and the
# kernel's text matches the pattern TEXT
refused()
{
	local errno=$1 text=$2
	shift 2
	! "$@" >/dev/null || { echo "not refused: $* -> $reply"; return 1; }
	# shellcheck disable=SC2053 # patterns, both
	[[ $reply == *'"errno":"'$errno'"'* ]] || { echo "another errno than $errno: $reply"; return 1; }
	[[ $reply == *'"text":"'*$text*'"}' ]] || { echo "no '$text' in $reply"; return 1; }
	[[ $reply != *'"text":""'* ]] || { echo "refused without a text: $reply"; return 1; }
}

# field NAME: print the first value of that name in $reply
field()
{
	[[ $reply =~ \"$1\":(\"[^\"]*\"|[0-9]+) ]] || { echo "no $1 in $reply" >&2; return 1; }
	echo "${BASH_REMATCH[1]}"
}

# The kernel's clock in ns.
clock() { request node-get >&2 && field clock; }

# figure GROUP NAME: print a present figure of a group
figure()
{
	request group-get group{ path="$1" } >&2 || return 1
	field "$2"
}

# fields NAME VALUE...: compare the first values of these names in $reply
fields()
{
	while [ $# -gt 0 ]; do
		[[ $reply =~ \"$1\":(\"[^\"]*\"|[0-9]+) && ${BASH_REMATCH[1]} = "$2" ]] ||
			{ echo "$1 is ${BASH_REMATCH[1]:-absent}, not $2: $reply"; return 1; }
		shift 2
	done
}

# is GROUP NAME VALUE...: compare figures of a group
is() { request group-get group{ path="$1" } && fields "${@:2}"; }

group() { request group-new group{ path="$1" }; }
lease() { request lease-set lease{ group-path="$1" res=0 amount="$2" }; }

# bind DIR GROUP: DIR is the directory of a cgroup
bind() { request member-add member{ group-path="$2" cgroup="${1#"$CG"}" }; }
unbind() { request member-del member{ cgroup="${1#"$CG"}" }; }

# join: start a session, owned by the socket "owner"
join() # EPOCH [TTL_MS]
{
	open_socket owner
	ask owner session-renew session{ epoch="$1" sent=now ttl="${2:-60000}" }
}

# ---- cgroups and tasks ----

# mkcg NAME...: make directories below $T, all with pids.current
mkcg()
{
	local name dir part parts
	for name; do
		dir=$T
		[ -d "$T" ] || mkdir "$T"
		IFS=/ read -ra parts <<<"$name"
		for part in "${parts[@]}"; do
			holds "$dir/cgroup.subtree_control" pids ||
				echo +pids >"$dir/cgroup.subtree_control"
			dir+=/$part
			[ -d "$dir" ] || mkdir "$dir"
		done
	done
}

# member NAME GROUP [LEASE]: make a group with the cgroup $T/NAME as its member
member()
{
	mkcg "$1"
	group "$2"
	bind "$T/$1" "$2"
	[ -z "${3:-}" ] || lease "$2" "$3"
}

# inside DIR COMMAND...: run the command in the cgroup DIR
inside()
{
	local dir=$1
	shift
	(
		echo "$BASHPID" >"$dir/cgroup.procs"
		exec "$@"
	)
}

# resident DIR: start a task in DIR; its pid is in $pid
resident()
{
	(
		echo "$BASHPID" >"$1/cgroup.procs"
		exec sleep infinity
	) 3>&- &
	pid=$!
	within 10 holds "$1/cgroup.procs" $'\n'"$pid"$'\n'
}

pids() { cat "$1/pids.current"; }

# Do not use cgroup.kill: 6.12 then kills each task that clone3() makes in that
# cgroup from another one.
kill_all()
{
	local dir pids
	for dir in "$1"/**/; do
		pids=()
		mapfile -t pids <"$dir/cgroup.procs" || :
		[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" || :
	done 2>&-
}

is_empty() { holds "$1/cgroup.events" 'populated 0'; }
emptied() { is_empty "$1" || { kill_all "$1"; is_empty "$1"; }; }

# drain DIR: end all tasks below DIR and wait for their end
drain() { within 20 emptied "$1"; }

remove_cgroups()
{
	[ -d "$T" ] || return 0
	drain "$T"
	find "$T" -depth -type d -exec rmdir {} +
}

# Kernel memory in kB that a leak would raise.
kernel_memory()
{
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|KernelStack|Percpu|PageTables|VmallocUsed):/ { kb += $2 }
		END { print kb }' /proc/meminfo
}

# ---- nodes ----

# A network namespace is a node. node NAME: create one; on NAME COMMAND...: run
# it there; lose NAME: end the namespace.
node()
{
	local own
	own=$(readlink /proc/self/ns/net)
	unshare -n sleep 1000 3>&- &
	printf -v "$1_node" %d $!
	elsewhere() { [ "$(readlink "/proc/$1/ns/net")" != "$own" ]; }
	within 10 elsewhere $!
}

on()
{
	local pid=$1_node
	shift
	reply=$(nsenter -t "${!pid}" -n genlclient "$@" 3>&-) ||
		{ echo "$* -> $reply"; return 1; }
}

lose()
{
	local pid=$1_node
	kill "${!pid}"
	wait "${!pid}" || :
}

# ---- leaving nothing behind ----

no_charge() { request node-get && fields tasks 0; }

# An awk function: the first value of that name in a text.
number='
	function number(text, name)
	{
		return match(text, "\"" name "\":[0-9]+") ? \
			substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0
	}
'

# Convert three lines of replies to the requests that remove what is left. LEAVE
# sets every lease to 0; orphans disappear by themselves.
removal='
	NR == 1 && match($0, /"epoch":("max"|[1-9][0-9]*)/) {
		epoch = substr($0, RSTART + 8, RLENGTH - 8)
		gsub(/"/, "", epoch)
		print "leave session{ epoch=" epoch " }"
	}
	NR == 2 {
		n = split($0, member, /"group-id":/)
		for (i = 2; i <= n; i++)
			if ((id = number(member[i], "cgroup-id")) + 0)
				print "member-del member{ cgroup-id=" id " }"
			else if (match(member[i], /"cgroup":"[^"]*"/))
				print "member-del member{ cgroup=" substr(member[i], RSTART + 10, RLENGTH - 11) " }"
	}
	NR == 3 {
		for (n = split($0, group, /"group":/); n > 1; n--)
			if (number(group[n], "id") != 1 && number(group[n], "flags") % 2 == 0)
				print "group-del group{ id=" number(group[n], "id") " }"
	}
	END {
		for (res = 0; res < 8; res++)
			print "lease-set lease{ group-path=/ res=" res " amount=max }"
	}'

remove_rest()
{
	printf '%s\n' node-get 'dump member-get' 'dump group-get' |
		genlclient 3>&- | awk "$number$removal" |
		genlclient 3>&- >"$BATS_TEST_TMPDIR/removed" || {
		grep -v '"ok":true' "$BATS_TEST_TMPDIR/removed"
		return 1
	}
}

tidy()
{
	local name pid
	[ -d /sys/module/cgspan ] || { remove_cgroups; return; }
	for name in "$BATS_TEST_TMPDIR"/*.in; do
		name=${name##*/}
		[ "$name" = '*.in' ] || close_socket "${name%.in}"
	done
	remove_cgroups
	for pid in $(jobs -p); do kill "$pid" || :; done
	wait
	within 20 no_charge
	remove_rest
}
