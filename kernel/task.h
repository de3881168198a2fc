/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_TASK_H
#define CGSPAN_TASK_H

#include <linux/sched.h>
#include <linux/types.h>

struct cgroup;
struct cgspan_exit;
struct cgspan_group;

/* One charged task, for a reader. */
struct cgspan_task_info {
	struct cgspan_group *group;
	u32 pid;
	u32 tgid;
	bool exited;
	char comm[16];
};

void cgspan_task_on_left(void (*fn)(struct cgspan_group *group));
void cgspan_task_on_joined(void (*fn)(struct cgspan_group *group));

int cgspan_task_fork(struct task_struct *task, struct cgroup *cgrp);
void cgspan_task_provide(struct task_struct *task);
void cgspan_task_unfork(struct task_struct *task);
void cgspan_task_exec(struct task_struct *task);
void cgspan_task_exited(struct task_struct *task, bool (*heard)(void));
void cgspan_task_reap(struct task_struct *task);
struct cgspan_exit *cgspan_task_freed(struct task_struct *task);
void cgspan_task_told(struct cgspan_exit *exit);
bool cgspan_task_attach(struct task_struct *leader, bool threadgroup);
u64 *cgspan_task_runnable(const struct task_struct *task,
			  struct cgspan_group **group);
void cgspan_task_scan(void);
bool cgspan_task_none(void);
u64 cgspan_task_settle(void);

/* The position of a walk; begin with zeros. */
struct cgspan_task_cursor {
	unsigned int bucket;
	unsigned int skip;
};

struct task_struct *
cgspan_task_next(struct cgspan_task_cursor *cursor,
		 bool (*wanted)(const struct cgspan_group *group));
int cgspan_task_walk(unsigned int *at, unsigned int *skip,
		     int (*fn)(const struct cgspan_task_info *info, void *arg),
		     void *arg);

#endif /* CGSPAN_TASK_H */
