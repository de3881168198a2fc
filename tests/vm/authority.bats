#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
#
# What a process with some capabilities only may do. It is root: it may open the
# files of cgroups.

load helper

# with CAPABILITY,... WORD...: a request of a process that has no other ones
with()
{
	local caps=-all,$1
	shift
	reply=$(setpriv --bounding-set "$caps" --inh-caps "$caps" genlclient "$@" 3>&-)
}

alone() { with +net_admin "$@"; }
daemon() { with +net_admin,+sys_resource "$@"; }

@test "CAP_NET_ADMIN alone changes nothing" {
	mkcg a
	group /a
	refused EPERM CAP_SYS_RESOURCE alone group-new group{ path=/b }
	refused EPERM CAP_SYS_RESOURCE alone group-set group{ path=/a on-expiry=3 }
	refused EPERM CAP_SYS_RESOURCE alone session-renew session{ epoch=1 sent=now ttl=1 }
	refused EPERM CAP_SYS_RESOURCE alone lease-set lease{ group-path=/a res=0 amount=0 }
	refused EPERM CAP_SYS_RESOURCE alone member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/cgroup.procs" }
	refused EPERM CAP_SYS_RESOURCE alone sched-hold
	bind "$T/a" /a
	refused EPERM CAP_SYS_RESOURCE alone member-del member{ cgroup=/t/a }
	refused EPERM CAP_SYS_RESOURCE alone group-del group{ path=/a }
}

@test "without CAP_SYS_ADMIN a member is bound by path with its parent's cgroup.procs only" {
	mkcg a b
	daemon group-new group{ path=/a }
	refused EPERM PROCS_FD daemon member-add member{ group-path=/a cgroup=/t/a }
	refused EPERM PROCS_FD daemon member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/a/cgroup.procs" }
	refused EPERM PROCS_FD daemon member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/cgroup.threads" }
	daemon member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/cgroup.procs" }
	refused EPERM PROCS_FD daemon member-add member{ group-path=/a fd="$T/b" procs-fd="$T/cgroup.procs" }
	daemon member-add member{ group-path=/a fd="$T/b" procs-fd="$T/b/cgroup.procs" }
	daemon member-add member{ group-path=/a cgroup=/t/later procs-fd="$T/cgroup.procs" }
}

@test "a cgroup.procs that is open for reading only proves nothing" {
	mkcg a
	group /a
	exec {ro}<"$T/cgroup.procs"
	refused EPERM PROCS_FD daemon member-add member{ group-path=/a cgroup=/t/a procs-fd=$ro }
	exec {ro}<&-
}

@test "a group kills only tasks of members that were bound with cgroup.kill" {
	mkcg a b
	group /a
	group /k
	request group-set group{ path=/k on-expiry=3 }
	daemon member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/cgroup.procs" }
	refused EPERM KILL_FD daemon group-set group{ path=/a on-expiry=3 }
	refused EPERM KILL_FD daemon group-set group{ path=/a on-expiry=4 }
	refused EPERM KILL_FD daemon member-add member{ group-path=/k cgroup=/t/b procs-fd="$T/cgroup.procs" }
	daemon member-add member{ group-path=/k cgroup=/t/b procs-fd="$T/cgroup.procs" kill-fd="$T/cgroup.kill" }
	request member-del member{ cgroup=/t/a }
	daemon member-add member{ group-path=/a cgroup=/t/a procs-fd="$T/cgroup.procs" kill-fd="$T/cgroup.kill" }
	daemon group-set group{ path=/a on-expiry=3 }
}
