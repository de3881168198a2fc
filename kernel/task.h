/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_TASK_H
#define CGSPAN_TASK_H

#include "record.h"

struct cgroup;

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
void cgspan_task_told(struct cgspan_exit *exit);
bool cgspan_task_attach(struct task_struct *leader, bool threadgroup);
u64 *cgspan_task_runnable(const struct task_struct *task,
			  struct cgspan_group **group);
void cgspan_task_scan(void);
bool cgspan_task_none(void);
u64 cgspan_task_settle(void);

/* The position of a walk over the table of records; begin with zeros. */
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

/* Ends of tasks. Inline is what a task outside of all groups executes. */

void cgspan_task_note_exit(struct cgspan_bucket *bucket,
			   struct task_struct *task, bool (*heard)(void));
void cgspan_task_uncharge(struct cgspan_bucket *bucket,
			  struct task_struct *task);
struct cgspan_exit *cgspan_task_end(struct cgspan_bucket *bucket,
				    struct task_struct *task);

/**
 * cgspan_task_exited() - a task has exited; it stays charged until it is reaped
 * @task: the task
 * @heard: tells whether to send a record of the task after it was freed
 *
 * Context: the sched_process_exit probe.
 */
static inline void cgspan_task_exited(struct task_struct *task,
				      bool (*heard)(void))
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);

	if (!cgspan_record_none(bucket))
		cgspan_task_note_exit(bucket, task, heard);
}

/* The task has been reaped: its charge is returned. */
static inline void cgspan_task_reap(struct task_struct *task)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);

	if (!cgspan_record_none(bucket))
		cgspan_task_uncharge(bucket, task);
}

/**
 * cgspan_task_freed() - a task_struct is freed: its use is final
 * @task: the task; it does not run any more
 *
 * Context: the sched_process_free probe, mostly in a softirq.
 *
 * Return: the record to send, which goes to cgspan_task_told(); NULL: none.
 */
static inline struct cgspan_exit *cgspan_task_freed(struct task_struct *task)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);

	return cgspan_record_none(bucket) ? NULL : cgspan_task_end(bucket, task);
}

#endif /* CGSPAN_TASK_H */
