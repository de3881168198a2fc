/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel in a file: stands in for libcgspan's requests, so that a daemon and
 * the command run without the module. It keeps groups, members, leases and the
 * session much as the module does, for tasks alone. All of it lies in a file that the
 * processes map, and that outlives each of them, as a kernel does. Tasks are only a
 * number, and all are in KERNEL_GROUP.
 */
#ifndef CGSPAN_STARVE_KERNEL_H
#define CGSPAN_STARVE_KERNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcgspan/cgspan.h"

/* What stands in for libcgspan's functions, and callbacks, do not use all parameters. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define KERNEL_GROUP	"/web"
#define KERNEL_SLOTS	4	/* maximum of groups, with "/", and of members */

/**
 * struct kernel - what the file holds
 * @wanted: number of tasks wanted in KERNEL_GROUP; set it with kernel_want()
 * @used: number of tasks that live in KERNEL_GROUP
 * @lease: lease of KERNEL_GROUP
 * @since: when @lease first grew after the test had set @since to 0, ns of
 *	loop_now()
 * @node: the answer to cgspan_node_get()
 * @session: the session; its @owned is not used
 * @groups: all groups; a parent is before its children
 * @n: number of @groups
 * @last_id: id of the group that was created last
 * @news: KERNEL_GROUP has a "credit" notification that was not received
 * @members: members of all groups
 * @n_members: number of @members
 */
struct kernel {
	_Atomic uint64_t wanted;
	_Atomic uint64_t used;
	_Atomic uint64_t lease;
	_Atomic uint64_t since;
	struct cgspan_node node;
	struct cgspan_session session;
	struct cgspan_group groups[KERNEL_SLOTS];
	size_t n;
	uint64_t last_id;
	bool news;
	struct cgspan_member members[KERNEL_SLOTS];
	size_t n_members;
};

/**
 * struct cgspan - the handle of a process; cgspan_open() opens the file that the
 * environment variable CGSPAN_KERNEL names
 * @kernel: the file, mapped
 * @fd: descriptor of the file
 * @owner: this process owns the session
 * @which: events (CGSPAN_EVENT_*) that the process listens to
 */
struct cgspan {
	struct kernel *kernel;
	int fd;
	bool owner;
	unsigned int which;
};

/**
 * kernel_open() - open a kernel; a file that is missing is made
 * @path: path of the file; a process may open each file only once
 *
 * Return: the handle, never NULL: an error ends the process.
 */
struct cgspan *kernel_open(const char *path);

/**
 * kernel_want() - set how many tasks are wanted; those that fit are started at once
 * @c: the kernel; while KERNEL_GROUP has no member, no task starts or ends
 * @tasks: number of tasks wanted; if more live now, the others end
 */
void kernel_want(struct cgspan *c, uint64_t tasks);

#endif /* CGSPAN_STARVE_KERNEL_H */
