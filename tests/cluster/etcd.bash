# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The members of an etcd on the host's loopback, which is 10.0.2.2 in the
# machines. Each can be killed, paused and started by itself. The folder $ETCD
# has:
#
#   certs/	the certificates of the cell
#   NAME/	a member's data;  NAME.log, NAME.pid, NAME.args

cgspan_certs() { "$TOP/user/cgspand/cgspan-certs" "$@"; }

# shellcheck source=tests/ports.bash
. "$TOP/tests/ports.bash"

# etcd_make NAME...: make certificates and settings; start nothing
etcd_make()
{
	local name base peer client all='' i=0
	mkdir -p "$ETCD"
	cgspan_certs init "$ETCD/certs"
	cgspan_certs node "$ETCD/certs" admin
	base=$(free_ports $((2 * $#)))
	for name; do
		cgspan_certs member "$ETCD/certs" "$name" localhost 127.0.0.1 10.0.2.2
		all+=${all:+,}$name=https://127.0.0.1:$((base + $# + i++))
	done
	i=0
	for name; do
		client=https://127.0.0.1:$((base + i))
		peer=https://127.0.0.1:$((base + $# + i++))
		echo "$client" >"$ETCD/$name.url"
		printf '%s\n' --name "$name" --data-dir "$ETCD/$name" --logger zap \
			--listen-client-urls "$client" --advertise-client-urls "$client" \
			--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
			--initial-cluster "$all" --initial-cluster-token "$ETCD" \
			--cert-file "$ETCD/certs/$name.pem" --key-file "$ETCD/certs/$name.key" \
			--peer-cert-file "$ETCD/certs/$name.pem" --peer-key-file "$ETCD/certs/$name.key" \
			--client-cert-auth --peer-client-cert-auth \
			--trusted-ca-file "$ETCD/certs/ca.pem" --peer-trusted-ca-file "$ETCD/certs/ca.pem" \
			>"$ETCD/$name.args"
	done
}

# The URLs of all members for a configuration: on the host, and in a machine.
etcd_urls() { cat "$ETCD"/*.url | paste -sd,; }
etcd_urls_inside() { etcd_urls | sed 's/127\.0\.0\.1/10.0.2.2/g'; }

# The configuration of the administrator, on the host.
etcd_conf()
{
	cat <<-END
		store = $(etcd_urls)
		cacert = $ETCD/certs/ca.pem
		cert = $ETCD/certs/admin.pem
		key = $ETCD/certs/admin.key
	END
}

# etcd_start NAME [COMMAND...]: start a member, by COMMAND if it lives elsewhere
etcd_start()
{
	local name=$1 args
	shift
	mapfile -t args <"$ETCD/$name.args"
	setsid "$@" etcd "${args[@]}" >>"$ETCD/$name.log" 2>&1 </dev/null 3>&- 4>&- &
	echo $! >"$ETCD/$name.pid"
	disown	# etcd_kill reports its end
}

etcd_pid() { cat "$ETCD/$1.pid"; }
etcd_pause() { kill -STOP "$(etcd_pid "$1")"; }
etcd_cont() { kill -CONT "$(etcd_pid "$1")"; }

# etcd_kill NAME: kill a member and wait for its end
etcd_kill()
{
	local pid
	pid=$(etcd_pid "$1")
	kill -KILL "$pid" 2>&- || :
	tail -f --pid="$pid" -s 0.05 /dev/null
}

etcd_lives() { kill -0 "$(etcd_pid "$1")" 2>&-; }

# etcd_ctl WORD...: run etcdctl as the administrator, on any member that answers
etcd_ctl()
{
	ETCDCTL_API=3 etcdctl --endpoints "${ETCD_AT:-$(etcd_urls)}" \
		--cacert "$ETCD/certs/ca.pem" --cert "$ETCD/certs/admin.pem" \
		--key "$ETCD/certs/admin.key" --command-timeout "${ETCD_WAIT:-60s}" "$@"
}

# Wait for an answer: etcdctl waits for a member that can give one.
etcd_await()
{
	etcd_ctl get / >/dev/null || {
		tail -n 5 "$ETCD"/*.log >&2
		return 1
	}
}

# Print the name of the leader; fail if there is none.
etcd_leader()
{
	local name url
	for name in "$ETCD"/*.url; do
		url=$(<"$name")
		name=${name##*/}
		ETCD_AT=$url ETCD_WAIT=2s etcd_ctl endpoint status -w json 2>&- |
			jq -e '.[0].Status | .leader == .header.member_id' >/dev/null || continue
		echo "${name%.url}"
		return
	done
	return 1
}

etcd_end()
{
	local file
	for file in "$ETCD"/*.pid; do
		[ ! -e "$file" ] || kill -KILL "$(<"$file")" 2>&- || :
	done
}
