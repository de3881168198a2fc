/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_HOOK_H
#define CGSPAN_HOOK_H

#include <linux/types.h>

struct cgroup;
struct netlink_ext_ack;
struct task_struct;

/**
 * struct cgspan_hook_receiver - what the kernel's events call
 * @fork: charge a task before it exists; 0 or a negative errno that refuses it
 * @provide: get memory for @fork, which has returned -ENOMEM; may sleep
 * @unfork: a fork failed after @fork
 * @reap: a task was reaped
 * @exec: a task has called exec
 * @exit: a task exits
 * @free: a task_struct is freed
 * @attach: a task, or with @threadgroup all threads of a process, has moved
 * @mkdir: a cgroup was made, and is not yet visible
 * @rmdir: a cgroup was removed
 *
 * Only @provide may sleep. Cgroups are those of version 2.
 */
struct cgspan_hook_receiver {
	int (*fork)(struct task_struct *task, struct cgroup *cgrp);
	void (*provide)(struct task_struct *task);
	void (*unfork)(struct task_struct *task);
	void (*reap)(struct task_struct *task);
	void (*exec)(struct task_struct *task);
	void (*exit)(void *unused, struct task_struct *task);
	void (*free)(void *unused, struct task_struct *task);
	void (*attach)(struct task_struct *task, bool threadgroup);
	void (*mkdir)(struct cgroup *cgrp);
	void (*rmdir)(struct cgroup *cgrp);
};

int cgspan_hook_init(const struct cgspan_hook_receiver *to);
int cgspan_hook_attach(struct netlink_ext_ack *extack);
int cgspan_hook_detach(bool *finish);
void cgspan_hook_finish(void);
bool cgspan_hook_attached(void);
int cgspan_hook_barrier(void (*fn)(void *arg), void *arg);

#endif /* CGSPAN_HOOK_H */
