# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Start and stop etcd, machines and daemons of the demonstration.

export ETCD=$out/etcd TOP=$top VM_RUN=$out/vm
# shellcheck source=tests/cluster/etcd.bash
. "$top/tests/cluster/etcd.bash"

on() { "$vm" exec "$@" 3>&-; }

# on_all COMMAND: run it on every node at once, with NODE replaced by the node's
# name
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

# give NODE FILE PATH: copy FILE to PATH on the node
give() { on "$1" "mkdir -p ${3%/*} && cat >$3 && chmod 755 $3" <"$2"; }

kernel_of() { case $1 in n2) echo 6.12 ;; *) echo 6.1 ;; esac; }

kernel_dir() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/cgspan/kernels/$1"; }

# Build what a control breaks; give_control installs it on a node.
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
				KCFLAGS=-DCGSPAN_BUG=CGSPAN_BUG_GATE_OFF modules
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

node_up()
{
	local node=$1 file
	"$vm" start "$node" -k "$(kernel_of "$node")" -m 512 -c 1 3>&-
	for file in ca.pem "$node.pem" "$node.key"; do
		give "$node" "$ETCD/certs/$file" "/etc/cgspan/$file"
	done
	give_control "$node"
	on "$node" tests/demo/node join "$node" "$(etcd_urls_inside)"
}

nodes_up()
{
	local node pid pids=()
	for node in $nodes; do
		cgspan_certs node "$ETCD/certs" "$node"
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

# Stop everything; the logs stay.
stage_clear()
{
	local node
	[ -z "$oracle" ] || kill "$oracle" 2>&- || :
	for node in $nodes; do
		timeout 10 "$vm" exec "$node" 'cat /run/cgspand.log' \
			>"$out/$node.cgspand.log" 2>&- || :
		"$vm" kill "$node" >/dev/null 2>&1 || :
	done
	etcd_end
	wait
	find "$ETCD" -mindepth 1 ! -name '*.log' -delete 2>&- || :
}
