/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_RECORD_H
#define CGSPAN_RECORD_H

#include <linux/hash.h>
#include <linux/llist.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "tree.h"

struct cgspan_reserve;

/**
 * struct cgspan_exit - the record of an ended task that is to be sent
 * @node: in the batch of the CPU that freed the task
 * @group: where the task was charged; referenced
 * @pid: of the task, in the initial pid namespace
 * @tgid: of its process, in the initial pid namespace
 * @code: how the task ended, as a wait() status
 * @comm: the name of the task
 * @start: when the task started, ns of CLOCK_BOOTTIME, as @end
 * @end: when the task exited; 0: the record is not to be sent
 * @cpu: CPU time of its whole life, ns
 * @max_rss: bytes, of the process; 0 for any but its first task
 */
struct cgspan_exit {
	struct llist_node node;
	struct cgspan_group *group;
	u32 pid;
	u32 tgid;
	s32 code;
	char comm[TASK_COMM_LEN];
	u64 start;
	u64 end;
	u64 cpu;
	u64 max_rss;
};

/**
 * struct cgspan_record - a task that is charged, or was and is not yet freed
 * @node: in its bucket; read without a lock, as @task and @group are
 * @bucket: the bucket in which the record is, or was
 * @task: the task; NULL: the record was removed from the table
 * @group: where the task is charged; referenced after the task was reaped
 * @reserve: that the task may use, or NULL; referenced until the task was reaped
 * @ended: its group has counted its exit, or never counted it as live
 * @reaped: the task was reaped and is not charged any more
 * @runnable: time from which the task can run, or 0; owned by sched.c
 * @seen: use of the task when it was last counted, or was recorded
 * @exit: the record to send; its @end is set at the exit if there is a listener
 * @rcu: the table is read without a lock
 */
struct cgspan_record {
	struct hlist_node node;
	struct cgspan_bucket *bucket;
	struct task_struct *task;
	struct cgspan_group *group;
	struct cgspan_reserve *reserve;
	bool ended;
	bool reaped;
	u64 runnable;
	struct cgspan_usage seen;
	struct cgspan_exit exit;
	struct rcu_head rcu;
};

struct cgspan_bucket {
	struct hlist_head records;
	raw_spinlock_t lock; /* protects the bucket's records */
};

extern struct cgspan_bucket *cgspan_record_table;
extern unsigned int cgspan_record_shift;
extern unsigned int cgspan_record_buckets;

int cgspan_record_init(void);
void cgspan_record_exit(void);
struct cgspan_record *cgspan_record_get(struct cgspan_bucket *bucket);
void cgspan_record_provide(struct cgspan_bucket *bucket);
void cgspan_record_put(struct cgspan_record *record);
void cgspan_record_free(struct cgspan_record *record);
void cgspan_record_refill(void);
void cgspan_record_refill_later(void);
struct cgspan_record *cgspan_record_take(void);

/*
 * As hash_ptr(), with a shift in place of a number of bits. The page number is mixed
 * in, because slabs begin at multiples of a power of two: their tasks, hashed by the
 * multiplication alone, share few buckets.
 */
static inline struct cgspan_bucket *
cgspan_record_bucket(const struct task_struct *task)
{
	unsigned long key = (unsigned long)task;

	key ^= key >> PAGE_SHIFT;
	return &cgspan_record_table[key * GOLDEN_RATIO_64 >>
				    cgspan_record_shift];
}

/* Is the bucket empty, so that none of its tasks has a record? Most buckets are. */
static inline bool cgspan_record_none(const struct cgspan_bucket *bucket)
{
	return hlist_empty(&bucket->records);
}

/* Return: the record of @task in its bucket, or NULL. In an RCU section. */
static inline struct cgspan_record *
cgspan_record_find(const struct cgspan_bucket *bucket,
		   const struct task_struct *task)
{
	struct cgspan_record *record;

	hlist_for_each_entry_rcu(record, &bucket->records, node,
				 lockdep_is_held(&bucket->lock))
		if (READ_ONCE(record->task) == task)
			return record;
	return NULL;
}

#endif /* CGSPAN_RECORD_H */
