# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # what tests/cluster/faults has set
#
# The faults of a schedule: apply_KIND begins one, mend_KIND ends it; arguments
# are the words of its line. If apply fails, there was no fault; if mend fails,
# the cluster did not recover. Each runs in its own shell.

apply_daemon-kill() { on "$1" kill; }
mend_daemon-kill() { on "$1" start; }

apply_daemon-stop() { on "$1" pause; }
mend_daemon-stop() { on "$1" cont; }

# A machine that is off uses nothing; it comes back as a new boot of the same
# machine. A namespace cannot prove a reboot: the administrator confirms it.
apply_power()
{
	tell hold
	if [ "$where" = vms ]; then
		"$vm" kill "$1"
	else
		on "$1" off
	fi && tell "off $1" go
}
mend_power()
{
	if [ "$where" = vms ]; then
		machine_up "$1"
	else
		within 30 admin fence "$1" --confirm-off
	fi && node_up "$1" && tell hold "on $1" go && on "$1" start &&
		on "$1" load 20 4 0
}

apply_cut()
{
	{ [ "$2" = out ] || on "$1" net in loss 100%; } &&
		{ [ "$2" = in ] || on "$1" net out loss 100%; }
}
apply_slow() { on "$1" net in "${@:2}" && on "$1" net out "${@:2}"; }
mend_slow() { within 10 on "$1" net in && within 10 on "$1" net out; }
mend_cut() { mend_slow "$1"; }

# A second machine under a living node's name. It may wait for an unreachable
# store, but never get a session.
apply_twin()
{
	node_conf "$1" | grep -v ^member |
		on_machine "$(other_machine "$1")" up "twin-$1" "10.0.2.3${1#n}" &&
		on_machine "$(other_machine "$1")" launch "twin-$1"
}
mend_twin()
{
	local said
	said=$(on_machine "$(other_machine "$1")" log "twin-$1") || return
	[[ $said != *'>ready'* ]] || violation "a second $1 came into session: $said"
	on_machine "$(other_machine "$1")" off "twin-$1"
}

# A paused machine: its clock stands still, and no cut can be made.
apply_vm-pause() { tell hold && "$vm" pause "$1"; }
mend_vm-pause() { "$vm" cont "$1" && tell go; }

# Change the length of the kernel's tick: its boot clock drifts by so many
# percent.
apply_skew() { "$vm" exec "$(machine_of "$1")" busybox adjtimex -q -t $((10000 + 100 * $2)); }
mend_skew() { "$vm" exec "$(machine_of "$1")" busybox adjtimex -q -t 10000; }

apply_clock() { "$vm" exec "$(machine_of "$1")" date -s "@$(($(date +%s) + 3600 * $2))" >/dev/null; }
mend_clock() { "$vm" exec "$(machine_of "$1")" date -s "@$(date +%s)" >/dev/null; }

apply_member-kill() { etcd_kill "$1"; }
mend_member-kill() { member_start "$1"; }
apply_member-pause() { etcd_pause "$1"; }
mend_member-pause() { etcd_cont "$1"; }

# The leader is looked up when the fault begins.
lead() { leader=$(etcd_leader) && take "$leader"; }
apply_leader-kill() { lead && etcd_kill "$leader"; }
mend_leader-kill() { mend_member-kill "$leader" && give_back "$leader"; }
apply_leader-pause() { lead && etcd_pause "$leader"; }
mend_leader-pause() { mend_member-pause "$leader" && give_back "$leader"; }

# The disk of a member is full; the member exits sooner or later.
apply_disk-full()
{
	cat /dev/zero >"/proc/$(<"$run/holder")/root$ETCD/$1/fill" 2>&- || :
}
mend_disk-full()
{
	rm "/proc/$(<"$run/holder")/root$ETCD/$1/fill" &&
		{ etcd_lives "$1" || member_start "$1"; }
}

# Compact at most to the auditor's revision: it must see each one.
apply_compact()
{
	local revision
	revision=$(awk 'NF > 4 { r = $2 } END { print r }' "$run/audit.log")
	ETCD_WAIT=3s etcd_ctl compact "$revision" >/dev/null 2>&1
}

# An unreachable store may apply a change later, or never: both are correct.
apply_limit() { admin set "$1" tasks "$2" --no-wait; }

# A group that is created under load, and deleted after its tasks have ended.
apply_group() { admin create "$1" tasks 12 on-expiry hold --no-wait; }
mend_group()
{
	local node
	for node in $nodes; do
		on "$node" clear "${1#/}" 2>&- || :
	done
	admin delete "$1" --no-wait || :
}

apply_demand() { on "${1#demand-}" load "${@:2}" 2>&-; }

for kind in compact limit demand; do
	eval "mend_$kind() { :; }"
done
