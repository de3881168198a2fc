/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel in a file: stands in for libcgspan's requests, so that a daemon and
 * the command run without the module. It keeps groups, members, leases and the
 * session as the module does, for tasks alone. All of it lies in a file that its
 * processes map: it outlives each of them, as a kernel does. Its tasks are a
 * number: those of KERNEL_GROUP.
 */
#ifndef CGSPAN_STARVE_KERNEL_H
#define CGSPAN_STARVE_KERNEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcgspan/cgspan.h"

/* Doubles and callbacks do not use all parameters. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define KERNEL_GROUP	"/web"
#define KERNEL_SLOTS	4	/* maximum number of groups, and of members */

/**
 * struct kernel - what the file holds
 * @wanted: tasks of KERNEL_GROUP; set it with kernel_want()
 * @used: of those, the tasks that live
 * @lease: of KERNEL_GROUP
 * @since: set to 0 before, and then: when the lease grew for the first time, ns
 *	of loop_now()
 * @node: the answer to cgspan_node_get()
 * @session: without @owned
 * @groups: parents first
 * @n: their number
 * @last_id: of a group
 * @news: KERNEL_GROUP has a "credit" notification that was not received
 * @members: of all groups
 * @n_members: their number
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
 * @fd: of the file
 * @owner: this process owns the session
 * @which: CGSPAN_EVENT_* that it listens to
 */
struct cgspan {
	struct kernel *kernel;
	int fd;
	bool owner;
	unsigned int which;
};

/**
 * kernel_open() - open a kernel; a file that is missing is made
 * @path: of the file; at most one handle for each file in a process
 *
 * Return: never NULL: ends the process on an error.
 */
struct cgspan *kernel_open(const char *path);

/**
 * kernel_want() - set how many tasks are wanted; those that fit live at once
 * @c: the kernel
 * @tasks: number of tasks; fewer than live now: the others end
 */
void kernel_want(struct cgspan *c, uint64_t tasks);

#endif /* CGSPAN_STARVE_KERNEL_H */
