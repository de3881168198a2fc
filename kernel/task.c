// SPDX-License-Identifier: GPL-2.0
/*
 * Charged tasks: one record in a table for each.
 *
 * A task has a record if it is charged. A fork makes the record before the task
 * can run; a move, a scan or an exec makes it for a task that exists. The charge is
 * returned when the task is reaped; the record stays until the task_struct is
 * freed, because the CPU time of the task is final only then.
 *
 * The bucket lock makes "read the task's cgroup, then charge and record" one step.
 * So migrations and scans may visit a task in any order and repeatedly: the last
 * visit sees the present cgroup.
 */
#include "task.h"

#include <linux/cgroup.h>
#include <linux/idr.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "charge.h"
#include "place.h"
#include "record.h"
#include "selftest/bug.h"
#include "trace.h"

/* How many tasks a scan, or buckets a pass, visits before it reschedules. */
#define SCAN_CHUNK	256
/* Totals count as up to date for this many ns per record in the last pass. */
#define SETTLE_NS	(10 * NSEC_PER_USEC)
/* Totals are up to date for at least this many ns per bucket, if there are over LARGE. */
#define BUCKET_NS	250ULL
#define LARGE		262144
/* How many threads of a moved process the probe charges; a scan charges the rest. */
#define ATTACH_MAX	1024
/* ATTACH_MAX while there are reserves, which are searched for each thread. */
#define ATTACH_MAX_RESERVED	16

/* Written once, when the module is loaded: before the hooks are on. */
static void (*on_left)(struct cgspan_group *group);
static void (*on_joined)(struct cgspan_group *group);

/*
 * Call @fn with the locked record of a task, if it has one.
 *
 * Return: the record; it is valid in the caller's RCU section, and the caller's own if
 * @fn has taken it out for cgspan_record_put().
 */
static __always_inline struct cgspan_record *
on_record(struct cgspan_bucket *bucket, const struct task_struct *task,
	  void (*fn)(struct cgspan_record *record))
{
	struct cgspan_record *record;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	record = cgspan_record_find(bucket, task);
	if (record)
		fn(record);
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	return record;
}

/**
 * cgspan_task_provide() - get memory for a record
 * @task: the task for which cgspan_task_fork() has returned -ENOMEM
 *
 * Another task that is forked at the same time may take it. Context: may sleep.
 */
void cgspan_task_provide(struct task_struct *task)
{
	cgspan_record_provide(cgspan_record_bucket(task));
}

static void take_out(struct cgspan_record *record)
{
	hlist_del_rcu(&record->node);
	WRITE_ONCE(record->task, NULL);
}

static void erase(struct cgspan_record *record)
{
	cgspan_reserve_put(record->reserve);
	take_out(record);
	cgspan_record_free(record);
}

/* What tasks use. */

static void read_usage(const struct task_struct *task,
		       struct cgspan_usage *usage)
{
	usage->cpu = READ_ONCE(task->se.sum_exec_runtime);
	usage->voluntary = READ_ONCE(task->nvcsw);
	usage->involuntary = READ_ONCE(task->nivcsw);
	usage->major_faults = READ_ONCE(task->maj_flt);
}

/* Context: @bucket is locked. What the task used before this call is not counted. */
static void insert(struct cgspan_record *record, struct cgspan_bucket *bucket,
		   struct task_struct *task, struct cgspan_group *group,
		   struct cgspan_reserve *reserve)
{
	record->bucket = bucket;
	WRITE_ONCE(record->task, task);
	record->group = group;
	record->reserve = reserve;
	record->ended = false;
	record->reaped = false;
	record->runnable = 0;
	record->exit.end = 0;
	read_usage(task, &record->seen);
	hlist_add_head_rcu(&record->node, &bucket->records);
}

/* Has the task begun to exit? Then it is not moved any more. */
static bool has_exited(const struct cgspan_record *record)
{
	return READ_ONCE(record->task->flags) & PF_EXITING;
}

static bool just_ended(const struct cgspan_record *record)
{
	return !record->ended && has_exited(record);
}

/* Set @used to the task's use since the last call for it, or since it was recorded. */
static void take_usage(struct cgspan_record *record, struct cgspan_usage *used)
{
	struct cgspan_usage now;

	read_usage(record->task, &now);
	*used = (struct cgspan_usage) {
		.cpu = now.cpu - record->seen.cpu,
		.voluntary = now.voluntary - record->seen.voluntary,
		.involuntary = now.involuntary - record->seen.involuntary,
		.major_faults = now.major_faults - record->seen.major_faults,
	};
	record->seen = now;
}

/* Count the task's use since that was last counted, and its exit if not yet counted. */
static void settle(struct cgspan_record *record)
{
	bool ended = just_ended(record);
	struct cgspan_usage used;

	take_usage(record, &used);
	cgspan_charge_use(record->group, ended, &used);
	record->ended |= ended;
}

static bool idle_since(const struct cgspan_record *record)
{
	return READ_ONCE(record->task->se.sum_exec_runtime) ==
	       record->seen.cpu;
}

/* Count the use of the tasks of a bucket. Return: how many records it has. */
static unsigned int settle_bucket(struct cgspan_bucket *bucket)
{
	struct cgspan_record *record;
	unsigned long flags;
	unsigned int n = 0;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry(record, &bucket->records, node) {
		if (just_ended(record) || !idle_since(record))
			settle(record);
		n++;
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	return n;
}

/* Serializes passes; protects what follows. */
static DEFINE_MUTEX(settle_lock);
/* When the last pass began, ns of CLOCK_BOOTTIME, and how many records it saw. */
static u64 settled_at;
static u64 settled;

/* The least time between two passes, ns. */
static u64 settle_pause(void)
{
	u64 n = cgspan_record_buckets;

	return max(settled * SETTLE_NS, n > LARGE ? n * BUCKET_NS : 0);
}

/**
 * cgspan_task_settle() - bring the totals of all groups up to date
 *
 * The use of a task is counted when a reader asks, and when the task moves, is
 * reaped and is freed; never when it is scheduled. An exit is counted likewise, at
 * the latest when the task is reaped. All readers share one pass over the table,
 * which is repeated after settle_pause() at the earliest: 1 s for 100,000 tasks.
 * So reads cost a small part of one CPU, however many there are.
 *
 * Context: may sleep.
 *
 * Return: when the last pass began, ns of CLOCK_BOOTTIME: the totals include at
 * least what tasks had used then.
 */
u64 cgspan_task_settle(void)
{
	struct cgspan_bucket *bucket = cgspan_record_table, *end;
	u64 n = 0, at;

	mutex_lock(&settle_lock);
	at = ktime_get_boottime_ns();
	if (settled_at && at - settled_at < settle_pause())
		goto unlock;
	while (bucket < cgspan_record_table + cgspan_record_buckets) {
		for (end = bucket + SCAN_CHUNK; bucket < end; bucket++)
			if (!cgspan_record_none(bucket))
				n += settle_bucket(bucket);
		cond_resched();
	}
	settled_at = at;
	settled = n;
unlock:
	at = settled_at;
	mutex_unlock(&settle_lock);
	return at;
}

/* Forks. */

/* Return: the reserve that @task and its children may use, referenced, or NULL. */
static struct cgspan_reserve *reserve_for(struct task_struct *task,
					  struct cgspan_group *group)
{
	struct cgspan_reserve *reserve;
	struct cgspan_record *record;

	if (likely(cgspan_reserve_none()))
		return NULL;

	rcu_read_lock();
	record = cgspan_record_find(cgspan_record_bucket(task), task);
	reserve = cgspan_reserve_inherit(task_tgid(task),
					 record ? record->reserve : NULL, group);
	rcu_read_unlock();
	return reserve;
}

/* Kernel threads are never refused: a missing one may stop the machine. */
static bool exempt(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD || cgspan_bug(CGSPAN_BUG_GATE_OFF);
}

/* Charge before recording: lock-free readers see records of charged tasks only. */
static noinline int charge_new(struct task_struct *task, struct cgspan_group *group)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);
	struct cgspan_reserve *reserve;
	struct cgspan_record *record;
	unsigned long flags;
	int ret;

	record = cgspan_record_get(bucket);
	if (!record)
		return -ENOMEM;

	reserve = reserve_for(current, group);
	raw_spin_lock_irqsave(&bucket->lock, flags);
	ret = cgspan_charge_fork(group, exempt(task), reserve);
	if (!ret)
		insert(record, bucket, task, group, reserve);
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	if (ret) {
		cgspan_reserve_put(reserve);
		cgspan_record_put(record);
	}
	return ret;
}

/**
 * cgspan_task_fork() - charge a task that is about to be forked
 * @task: the child; not yet visible to others
 * @cgrp: the cgroup that it will have
 *
 * Context: holds cgroup_threadgroup_rwsem, so that neither members nor the
 * child's cgroup change: the group stays without RCU. Does not sleep.
 *
 * Return: 0, -EAGAIN if a lease or the policy refused, -ENOMEM.
 */
int cgspan_task_fork(struct task_struct *task, struct cgroup *cgrp)
{
	struct cgspan_group *group;

	/* An RCU-sched section is the cheapest kind. */
	rcu_read_lock_sched();
	group = cgspan_place_group(cgrp);
	rcu_read_unlock_sched();
	return group ? charge_new(task, group) : 0;
}

static void cancel(struct cgspan_record *record)
{
	cgspan_charge_unfork(record->group, record->reserve);
	erase(record);
}

/* The fork failed after cgspan_task_fork(). */
void cgspan_task_unfork(struct task_struct *task)
{
	struct cgspan_record *record;

	rcu_read_lock();
	record = on_record(cgspan_record_bucket(task), task, cancel);
	if (record)
		on_left(record->group);
	rcu_read_unlock();
}

/* Ends. */

static void trace_end(const struct cgspan_record *record)
{
	const struct cgspan_group *group = record->group;
	const struct task_struct *task = record->task;

	trace_cgspan_exit(READ_ONCE(group->tree)->inum, cgspan_group_id(group),
			  group->path, task->pid, task->tgid, task->exit_code,
			  task->comm);
}

static void note_exit(struct cgspan_record *record)
{
	if (trace_cgspan_exit_enabled())
		trace_end(record);
}

static void note_heard_exit(struct cgspan_record *record)
{
	const struct cgspan_tree *tree = READ_ONCE(record->group->tree);

	note_exit(record);
	if (time_after_eq(jiffies, READ_ONCE(tree->deaf_until)))
		record->exit.end = ktime_get_boottime_ns();
	else
		cgspan_charge_count(record->group, CGSPAN_STAT_EXITS_LOST, 1);
}

/* A task of the bucket has exited: see cgspan_task_exited(). */
void cgspan_task_note_exit(struct cgspan_bucket *bucket,
			   struct task_struct *task, bool (*heard)(void))
{
	if (heard())
		on_record(bucket, task, note_heard_exit);
	else if (trace_cgspan_exit_enabled())
		on_record(bucket, task, note_exit);
}

/* The first thread is reaped last: then the maximum of the process is final. */
static u64 max_rss(struct task_struct *task)
{
	return thread_group_leader(task) ?
	       (u64)task->signal->maxrss << PAGE_SHIFT : 0;
}

/* The charge no longer pins the group: the record references it from now on. */
static void uncharge(struct cgspan_record *record)
{
	struct cgspan_usage used;

	kref_get(&record->group->ref);
	record->reaped = true;
	take_usage(record, &used);
	cgspan_charge_reap(record->group, !record->ended, record->reserve,
			   &used, max_rss(record->task));
	record->ended = true;
	cgspan_reserve_put(record->reserve);
	record->reserve = NULL;
}

/* A task of the bucket has been reaped. */
void cgspan_task_uncharge(struct cgspan_bucket *bucket,
			  struct task_struct *task)
{
	on_record(bucket, task, uncharge);
}

/* For the first thread the status that wait() returns, for others the thread's own. */
static int exit_code(struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;

	return thread_group_leader(task) &&
	       (signal->flags & SIGNAL_GROUP_EXIT) ?
	       signal->group_exit_code : task->exit_code;
}

static void describe_exit(struct cgspan_record *record)
{
	struct task_struct *task = record->task;
	struct cgspan_exit *exit = &record->exit;

	exit->group = record->group;
	exit->pid = task->pid;
	exit->tgid = task->tgid;
	exit->code = exit_code(task);
	exit->start = task->start_boottime;
	exit->cpu = task->se.sum_exec_runtime;
	exit->max_rss = max_rss(task);
	strscpy_pad(exit->comm, task->comm, sizeof(exit->comm));
}

static void finish(struct cgspan_record *record)
{
	/* A scan may have recorded and charged the task while it was being reaped. */
	if (!record->reaped)
		uncharge(record);
	/* If the task was reaped before it stopped running, count its last use. */
	if (!idle_since(record) ||
	    record->task->nvcsw != record->seen.voluntary)
		settle(record);
	if (record->exit.end)
		describe_exit(record);
	take_out(record);
}

/* A task of the bucket is freed: see cgspan_task_freed(). */
struct cgspan_exit *cgspan_task_end(struct cgspan_bucket *bucket,
				    struct task_struct *task)
{
	struct cgspan_record *record = on_record(bucket, task, finish);

	if (!record)
		return NULL;
	on_left(record->group);
	if (record->exit.end)
		return &record->exit;

	cgspan_group_put(record->group);
	cgspan_record_put(record);
	return NULL;
}

/* Free the record of an ended task after it was sent or dropped. */
void cgspan_task_told(struct cgspan_exit *exit)
{
	struct cgspan_record *record = container_of(exit, struct cgspan_record,
						    exit);

	cgspan_group_put(record->group);
	cgspan_record_free(record);
}

/**
 * cgspan_task_runnable() - the time from which a task can run
 * @task: the task
 * @group: set to the group it is charged to
 *
 * Context: an RCU section; what is returned is valid within it.
 *
 * Return: where the record has that time, for sched.c to set; NULL: no record.
 */
u64 *cgspan_task_runnable(const struct task_struct *task,
			  struct cgspan_group **group)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);
	struct cgspan_record *record = cgspan_record_find(bucket, task);

	if (!record)
		return NULL;
	*group = READ_ONCE(record->group);
	return &record->runnable;
}

/* Tasks that exist already. */

/*
 * From when it is listed until it gets its cgroup, a child seems to be where
 * the kernel's first task is. Its record is right already: it was charged with
 * the cgroup that it is going to get. The cgroup is set before the child is linked,
 * but without a barrier: a linked child that has not run may seem to be there, too.
 */
static bool being_forked(struct task_struct *task)
{
	struct task_struct *first = &init_task;

	if (!list_empty_careful(&task->cg_list) &&
	    READ_ONCE(task->__state) != TASK_NEW)
		return false;

	smp_rmb();	/* the state and cg_list, before the cgroup */
	return rcu_access_pointer(task->cgroups) ==
	       rcu_access_pointer(first->cgroups);
}

/*
 * Return: the group that a task belongs to. @now: the group that it is charged to;
 * @moved: the task has just been moved, so that it is not being forked.
 */
static struct cgspan_group *belongs(struct task_struct *task,
				    struct cgspan_group *now, bool moved)
{
	struct cgroup *cgrp;

	if (!pid_alive(task) || (!moved && being_forked(task)))
		return now;

	/* A dead task whose cgroup was removed keeps its group. */
	cgrp = task_dfl_cgroup(task);
	if (now && !(cgrp->self.flags & CSS_ONLINE))
		return now;
	return cgspan_place_group(cgrp);
}

/* Record and charge a task; do neither if the group has been removed. */
static void record_new(struct cgspan_bucket *bucket,
		       struct task_struct *task, struct cgspan_group *group,
		       struct cgspan_record *record)
{
	insert(record, bucket, task, group, reserve_for(task, group));

	/*
	 * An exit sets PF_EXITING, then looks for the record. This inserts the
	 * record, then reads the flag. So one of the two sees the other.
	 */
	smp_mb();
	/* A task that has exited counts neither as joined nor as an exit. */
	record->ended = has_exited(record);
	if (!cgspan_charge_move(NULL, group, !record->ended, record->reserve))
		erase(record);
}

/* Move a charge to another group, or to none. */
static void move(struct cgspan_record *record, struct cgspan_group *to)
{
	settle(record);
	if (cgspan_charge_move(record->group, to, !record->ended,
			       record->reserve))
		WRITE_ONCE(record->group, to);
	else
		erase(record);
}

/*
 * Make record and charge agree with the task's cgroup. In an RCU section that
 * has found the task. @moved: see belongs().
 *
 * Return: false if there was no memory for a record.
 */
static bool sync_task(struct task_struct *task, bool moved)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);
	struct cgspan_group *from, *to;
	struct cgspan_record *record;
	unsigned long flags;
	bool ok = true;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	record = cgspan_record_find(bucket, task);
	from = record ? record->group : NULL;
	to = record && record->reaped ? from : belongs(task, from, moved);
	if (from == to)
		goto unlock;

	if (from) {
		move(record, to);
	} else {
		record = cgspan_record_take();
		ok = record;
		if (ok)
			record_new(bucket, task, to, record);
	}
unlock:
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	if (from && from != to)
		on_left(from);
	if (to && from != to)
		on_joined(to);
	return ok;
}

static void count_exec(struct cgspan_record *record)
{
	cgspan_charge_exec(record->group);
}

/**
 * cgspan_task_attach() - tasks have been moved to another cgroup
 * @leader: the task, or with @threadgroup the first thread of its process
 * @threadgroup: all threads of the process have been moved
 *
 * Context: the cgroup_attach_task probe; interrupts may be off. So the number of
 * threads that are charged here is bounded.
 *
 * Return: false if a scan has to charge the rest: there was no memory for a
 * record, or there are too many threads.
 */
bool cgspan_task_attach(struct task_struct *leader, bool threadgroup)
{
	unsigned int max = cgspan_reserve_none() ? ATTACH_MAX :
						   ATTACH_MAX_RESERVED;
	struct task_struct *task;
	unsigned int n = 0;
	bool ok = true;

	rcu_read_lock();
	if (!threadgroup)
		ok = sync_task(leader, true);
	else
		for_each_thread(leader, task) {
			ok &= n < max && sync_task(task, true);
			if (++n > max)
				break;
		}
	rcu_read_unlock();
	cgspan_record_refill_later();
	return ok;
}

/**
 * cgspan_task_exec() - a task has called exec
 * @task: the task
 *
 * Counts the exec. A scan goes by thread ids: it may have missed a thread that has
 * got the id of its process meanwhile. So a task without a record is looked at again.
 */
void cgspan_task_exec(struct task_struct *task)
{
	struct cgspan_bucket *bucket = cgspan_record_bucket(task);

	rcu_read_lock();
	if ((cgspan_record_none(bucket) ||
	     !on_record(bucket, task, count_exec)) &&
	    cgspan_place_group(task_dfl_cgroup(task)) && sync_task(task, false))
		on_record(bucket, task, count_exec);
	rcu_read_unlock();
}

/* Sync some tasks. Return: false at the end; else *@nr is the id to continue at. */
static bool scan(int *nr)
{
	struct task_struct *task;
	struct pid *pid;
	unsigned int n;

	for (n = 0; n < SCAN_CHUNK; n++, (*nr)++) {
		pid = idr_get_next(&init_pid_ns.idr, nr);
		if (!pid)
			return false;
		task = pid_task(pid, PIDTYPE_PID);
		if (task && !sync_task(task, false))
			break;
	}
	return true;
}

/**
 * cgspan_task_scan() - make all charges agree with the tasks' cgroups
 *
 * On return every task that existed before the call is charged where it belongs.
 * Newer tasks are charged by their fork. Context: may sleep.
 */
void cgspan_task_scan(void)
{
	bool more;
	int nr = 1;

	do {
		cgspan_record_refill();
		rcu_read_lock();
		more = scan(&nr);
		rcu_read_unlock();
		cond_resched();
	} while (more);
	cgspan_record_refill();
}

/* The table as a whole. */

bool cgspan_task_none(void)
{
	unsigned int i;

	for (i = 0; i < cgspan_record_buckets; i++)
		if (!cgspan_record_none(&cgspan_record_table[i]))
			return false;
	return true;
}

/* Has the task its own pid? While being forked it has thread_pid of its parent. */
static bool born(struct task_struct *task)
{
	struct pid *pid = READ_ONCE(task->thread_pid);

	return pid && pid_task(pid, PIDTYPE_PID) == task;
}

static struct task_struct *
find_wanted(struct cgspan_bucket *bucket, struct cgspan_task_cursor *cursor,
	    bool (*wanted)(const struct cgspan_group *group))
{
	struct cgspan_record *record;
	unsigned int n = 0;

	hlist_for_each_entry(record, &bucket->records, node) {
		if (n++ < cursor->skip)
			continue;
		cursor->skip = n;
		if (!has_exited(record) && born(record->task) &&
		    wanted(record->group))
			return get_task_struct(record->task);
	}
	return NULL;
}

/**
 * cgspan_task_next() - walk the charged tasks that live
 * @cursor: the position
 * @wanted: whether to return tasks of a group; called with interrupts off, in an
 *	    RCU section
 *
 * If tasks are added or removed meanwhile, any task may be missed or returned twice.
 *
 * Return: a task, referenced, or NULL at the end.
 */
struct task_struct *
cgspan_task_next(struct cgspan_task_cursor *cursor,
		 bool (*wanted)(const struct cgspan_group *group))
{
	struct task_struct *task = NULL;
	unsigned long flags;
	unsigned int *at = &cursor->bucket;
	struct cgspan_bucket *bucket;

	rcu_read_lock();
	for (; *at < cgspan_record_buckets; (*at)++, cursor->skip = 0) {
		bucket = &cgspan_record_table[*at];
		if (cgspan_record_none(bucket))
			continue;
		/* While it has a record, a task has not been freed. */
		raw_spin_lock_irqsave(&bucket->lock, flags);
		task = find_wanted(bucket, cursor, wanted);
		raw_spin_unlock_irqrestore(&bucket->lock, flags);
		if (task)
			break;
	}
	rcu_read_unlock();
	return task;
}

/* Return: false if the task has no pid yet, or was reaped. */
static bool describe(const struct cgspan_record *record,
		     struct cgspan_task_info *info)
{
	struct task_struct *task = record->task;

	if (record->reaped || !born(task))
		return false;

	info->group = record->group;
	info->pid = task_pid_vnr(task);
	info->tgid = task_tgid_vnr(task);
	info->exited = has_exited(record);
	strscpy_pad(info->comm, task->comm, sizeof(info->comm));
	return true;
}

/**
 * cgspan_task_walk() - show the charged tasks to a reader
 * @at: the position, a bucket; start with 0
 * @skip: number of records of that bucket to skip; start with 0
 * @fn: called with interrupts off, in an RCU section; if it returns not 0, the
 *      walk stops, and the next call begins with the same task
 * @arg: passed to @fn
 *
 * Return: what @fn returned, or 0 at the end.
 */
int cgspan_task_walk(unsigned int *at, unsigned int *skip,
		     int (*fn)(const struct cgspan_task_info *info, void *arg),
		     void *arg)
{
	struct cgspan_task_info info;
	struct cgspan_bucket *bucket;
	struct cgspan_record *record;
	unsigned long flags;
	unsigned int n;
	int ret = 0;

	rcu_read_lock();
	for (; *at < cgspan_record_buckets; (*at)++, *skip = 0) {
		bucket = &cgspan_record_table[*at];
		if (cgspan_record_none(bucket))
			continue;
		n = 0;
		raw_spin_lock_irqsave(&bucket->lock, flags);
		hlist_for_each_entry(record, &bucket->records, node) {
			if (n++ < *skip || !describe(record, &info))
				continue;
			ret = fn(&info, arg);
			if (ret)
				break;
			*skip = n;
		}
		raw_spin_unlock_irqrestore(&bucket->lock, flags);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

/* @fn is called when a group has lost the record of a task; any context but NMI. */
void cgspan_task_on_left(void (*fn)(struct cgspan_group *group))
{
	on_left = fn;
}

/* @fn is called when a task that existed came into a group; any context but NMI. */
void cgspan_task_on_joined(void (*fn)(struct cgspan_group *group))
{
	on_joined = fn;
}

#ifdef CGSPAN_SELFTEST
#include "selftest/task.c"
#endif
