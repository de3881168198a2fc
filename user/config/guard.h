/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes that must not be in a member of a group: the daemon, which sets the
 * leases, and etcd, which stores them. If a group's lease refused one of them
 * a task, it might not be raised any more.
 */
#ifndef CGSPAN_GUARD_H
#define CGSPAN_GUARD_H

#include <stdbool.h>

struct cgspan_err;

/* Is the cgroup with path @inner the one with path @cgroup, or below it? */
bool guard_contains(const char *cgroup, const char *inner);

/**
 * guard_member() - check that a cgroup may become a member
 * @cgroup: path inside the cgroup file system
 * @daemon: name of the daemon's program
 * @err: the process that must not be in it
 *
 * Return: 0; -EBUSY: it or a cgroup below it contains the caller, or a process
 * named @daemon or "etcd"; or another negative errno.
 */
int guard_member(const char *cgroup, const char *daemon,
		 struct cgspan_err *err);

#endif /* CGSPAN_GUARD_H */
