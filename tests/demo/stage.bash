# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the demonstration is played on: etcd, the machines, the daemons; and
# how all of it is cleared away.

# shellcheck source=tests/ports.bash
. "$top/tests/ports.bash"

certs=$out/certs
members='m1 m2 m3'
etcd=()
endpoints=
export VM_RUN=$out/vm

on() { "$vm" exec "$@" 3>&-; }

# on_all COMMAND: on every node at once, NODE in it standing for its name
on_all()
{
	local node pid pids=() failed=0
	for node in $nodes; do
		on "$node" "${1//NODE/$node}" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=1
	done
	return $failed
}

# give NODE FILE PATH: a copy of FILE, there
give() { on "$1" "mkdir -p ${3%/*} && cat >$3 && chmod 755 $3" <"$2"; }

build_programs()
{
	local program
	for program in crew oracle-agent oracle; do
		gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -static \
			-o "$out/$program" "$top/tests/demo/$program.c"
	done
}

kernel_of() { case $1 in n2) echo 6.12 ;; *) echo 6.1 ;; esac; }

kernel_dir() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/cgspan/kernels/$1"; }

# With a control, something is broken on purpose: built here, and given to the
# nodes in place of what they have.
build_control()
{
	local kernel dir
	case $control in
	gate-off)
		for kernel in 6.1 6.12; do
			dir=$out/gate-off/$kernel
			rm -rf "$dir"
			mkdir -p "$dir"
			cp -r "$top"/{Kbuild,kernel,include} "$dir"
			make -s -C "$(kernel_dir "$kernel")/build" M="$dir" \
				KCFLAGS=-DCGSPAN_BUG_GATE_OFF modules
		done ;;
	esac
}

give_control()
{
	local kernel
	case $control in
	gate-off)
		kernel=$(kernel_of "$1")
		give "$1" "$out/gate-off/$kernel/cgspan.ko" \
			"/lib/modules/$(<"$(kernel_dir "$kernel")/release")/extra/cgspan.ko" ;;
	store-first)
		give "$1" "$top/build/test/cgspand" /usr/sbin/cgspand
		on "$1" "printf 'export %s\n' CGSPAN_DELAY=shrink-before:8000 \
			CGSPAN_BROKEN_RULES=STORE_FIRST_RETURN >>/etc/environment" ;;
	esac
}

# Three members on the host's loopback, which the machines see as 10.0.2.2.
etcd_start()
{
	local base m i=0 cluster=
	"$top/user/cgspand/cgspan-certs" init "$certs"
	base=$(free_ports 6)
	for m in $members; do
		"$top/user/cgspand/cgspan-certs" member "$certs" "$m" \
			localhost 127.0.0.1 10.0.2.2
		cluster+=,$m=https://127.0.0.1:$((base + 3 + i))
		endpoints+=,https://10.0.2.2:$((base + i++))
	done
	cluster=${cluster#,} endpoints=${endpoints#,} i=0
	for m in $members; do
		etcd --name "$m" --data-dir "$out/etcd/$m" \
			--listen-client-urls "https://127.0.0.1:$((base + i))" \
			--advertise-client-urls "https://127.0.0.1:$((base + i))" \
			--listen-peer-urls "https://127.0.0.1:$((base + 3 + i))" \
			--initial-advertise-peer-urls "https://127.0.0.1:$((base + 3 + i))" \
			--initial-cluster "$cluster" --initial-cluster-token "demo$$" \
			--cert-file "$certs/$m.pem" --key-file "$certs/$m.key" \
			--peer-cert-file "$certs/$m.pem" --peer-key-file "$certs/$m.key" \
			--client-cert-auth --trusted-ca-file "$certs/ca.pem" \
			--peer-client-cert-auth --peer-trusted-ca-file "$certs/ca.pem" \
			>"$out/etcd-$m.log" 2>&1 3>&- &
		etcd+=($!)
		: $((i++))
	done
}

node_up()
{
	local node=$1 file
	"$vm" start "$node" -k "$(kernel_of "$node")" -m 512 -c 1 3>&-
	for file in crew oracle-agent; do
		give "$node" "$out/$file" "/cgspan/build/demo/$file"
	done
	give "$node" "$(type -P busybox)" /cgspan/build/demo/busybox
	for file in ca.pem "$node.pem" "$node.key"; do
		give "$node" "$certs/$file" "/etc/cgspan/$file"
	done
	give_control "$node"
	on "$node" tests/demo/node join "$node" "$endpoints"
}

nodes_up()
{
	local node pid pids=()
	for node in $nodes; do
		"$top/user/cgspand/cgspan-certs" node "$certs" "$node"
	done
	for node in $nodes; do
		node_up "$node" >"$out/$node.set-up" 2>&1 &
		pids+=("$node $!")
	done
	for pid in "${pids[@]}"; do
		wait "${pid#* }" || fail "${pid% *}: $(tail -n 3 "$out/${pid% *}.set-up")"
		say "   ${pid% *} ($(kernel_of "${pid% *}")) has joined"
	done
}

# Whatever has been started ends; the logs stay.
stage_clear()
{
	local node
	[ -z "$oracle" ] || kill "$oracle" 2>&- || :
	for node in $nodes; do
		timeout 10 "$vm" exec "$node" 'cat /run/cgspand.log' \
			>"$out/$node.cgspand.log" 2>&- || :
		"$vm" kill "$node" >/dev/null 2>&1 || :
	done
	[ ${#etcd[@]} -eq 0 ] || kill "${etcd[@]}" 2>&- || :
	wait
	rm -rf "$out/etcd" "$certs"
}
