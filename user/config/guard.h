/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must never be under a limit of this cluster: the daemon that renews the
 * leases, and a member of the store that holds them. Either, once refused
 * a task, could not help the group that refuses it.
 */
#ifndef CGSPAN_GUARD_H
#define CGSPAN_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

struct cgspan_err;

/**
 * guard_contains() - is one cgroup the other, or in its subtree?
 * @cgroup: path inside the cgroup file system
 * @inner: likewise
 *
 * Return: true if @inner is @cgroup or below it.
 */
bool guard_contains(const char *cgroup, const char *inner);

/**
 * guard_cgroup_of() - where a process is
 * @proc: "self" or a pid in decimal
 * @path: its cgroup v2 path
 * @size: of @path
 *
 * Return: 0 or a negative errno; -ENOENT: it has gone or is in no cgroup v2.
 */
int guard_cgroup_of(const char *proc, char *path, size_t size);

/**
 * guard_member() - may this cgroup be bound?
 * @cgroup: path inside the cgroup file system
 * @daemon: name of the daemon's program; processes of that name are kept out
 *	too where they are not the caller
 * @err: which process is in it
 *
 * Return: 0; -EBUSY if it contains the caller, a process named @daemon or
 * a local etcd member; or another negative errno.
 */
int guard_member(const char *cgroup, const char *daemon,
		 struct cgspan_err *err);

#endif /* CGSPAN_GUARD_H */
