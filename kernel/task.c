// SPDX-License-Identifier: GPL-2.0
/*
 * The live-task table: which group was charged for which task.
 *
 * A task counts if and only if it has a record. A record is made before the
 * task can run, or when a task that exists already comes into a group; it goes
 * when the task is reaped, and at the latest when its task_struct does.
 *
 * A record's bucket lock makes "read the task's cgroup, then charge and record
 * accordingly" one step. So it does not matter who looks at a task first, a
 * migration or a scan, nor how often: the last look is always at the truth.
 */
#include "task.h"

#include <linux/cgroup.h>
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "expiry.h"
#include "grant.h"
#include "group.h"
#include "member.h"

#define TABLE_BITS	13
#define LOCK_BITS	8

/* How many tasks a scan looks at before it lets others run. */
#define SCAN_CHUNK	256
/* How often a scan that lost its place starts again, before it holds on. */
#define SCAN_RESTARTS	8

struct record {
	struct hlist_node node;
	struct task_struct *task;
	struct cgspan_group *group;
	struct cgspan_grant *grant;
	bool exited;
	u64 runnable; /* sched.c's: since when, or 0 */
	struct rcu_head rcu;
};

/* Records that a scan has in store: there it may not fail. */
struct store {
	struct hlist_head records;
	unsigned int nr;
};

static struct hlist_head table[1 << TABLE_BITS];
/* Each protects the buckets that share it, and the records in these. */
static raw_spinlock_t locks[1 << LOCK_BITS];
static struct kmem_cache *cache;

static unsigned int hash(const struct task_struct *task)
{
	return hash_ptr(task, TABLE_BITS);
}

static raw_spinlock_t *lock_of(unsigned int bucket)
{
	return &locks[bucket & ((1 << LOCK_BITS) - 1)];
}

static struct record *find(const struct task_struct *task)
{
	struct record *record;

	hlist_for_each_entry_rcu(record, &table[hash(task)], node,
				 lockdep_is_held(lock_of(hash(task))))
		if (record->task == task)
			return record;
	return NULL;
}

/* Tasks outside of all groups pay for no lock. */
static bool recorded(const struct task_struct *task)
{
	bool found;

	rcu_read_lock();
	found = find(task);
	rcu_read_unlock();
	return found;
}

static void free_record(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct record, rcu));
}

static void insert(struct record *record)
{
	hlist_add_head_rcu(&record->node, &table[hash(record->task)]);
}

static void erase(struct record *record)
{
	cgspan_grant_put(record->grant);
	hlist_del_rcu(&record->node);
	call_rcu(&record->rcu, free_record);
}

/* The grant of a task that @task makes, or that it is itself; or NULL. */
static struct cgspan_grant *grant_for(struct task_struct *task,
				      struct cgspan_group *group)
{
	struct record *record;

	if (likely(cgspan_grant_none()))
		return NULL;

	record = find(task);
	return cgspan_grant_inherit(task_tgid(task),
				    record ? record->grant : NULL, group);
}

/* Forks. */

/* A kernel thread that is missing harms more than one too many. */
static bool exempt(const struct task_struct *task)
{
#ifdef CGSPAN_BUG_GATE_OFF
	/* For the tests that must fail without a gate. */
	return true;
#else
	return task->flags & PF_KTHREAD;
#endif
}

/**
 * cgspan_task_fork() - charge a task that is about to be forked
 * @task: the child; nobody else knows it yet
 * @cgrp: where it is going to be
 *
 * Context: holds cgroup_threadgroup_rwsem, so that neither members nor the
 * child's cgroup change. Does not sleep.
 *
 * Return: 0, -EAGAIN if a lease refused, -ENOMEM.
 */
int cgspan_task_fork(struct task_struct *task, struct cgroup *cgrp)
{
	struct cgspan_grant *grant;
	struct cgspan_group *group;
	struct record *record;
	unsigned long flags;
	int ret = 0;

	rcu_read_lock();
	group = cgspan_member_group(cgrp);
	if (!group)
		goto unlock;

	ret = -ENOMEM;
	record = kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN);
	if (!record)
		goto unlock;

	grant = grant_for(current, group);
	ret = cgspan_group_fork(group, exempt(task), grant);
	if (ret) {
		cgspan_grant_put(grant);
		kmem_cache_free(cache, record);
		goto unlock;
	}

	record->task = task;
	record->group = group;
	record->grant = grant;
	record->exited = false;
	record->runnable = 0;
	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	insert(record);
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
unlock:
	rcu_read_unlock();
	return ret;
}

/* The fork failed after cgspan_task_fork(). */
void cgspan_task_unfork(struct task_struct *task)
{
	struct cgspan_group *group = NULL;
	struct record *record;
	unsigned long flags;

	if (!recorded(task))
		return;

	rcu_read_lock();
	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	record = find(task);
	if (record) {
		group = record->group;
		cgspan_group_unfork(group, record->grant);
		erase(record);
	}
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
	if (group)
		cgspan_member_idle(group);
	rcu_read_unlock();
}

/* The task has been reaped, or its task_struct goes: the credit returns. */
void cgspan_task_reap(struct task_struct *task)
{
	struct cgspan_group *group = NULL;
	struct record *record;
	unsigned long flags;

	if (!recorded(task))
		return;

	rcu_read_lock();
	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	record = find(task);
	if (record) {
		group = record->group;
		cgspan_group_move(group, NULL, !record->exited, record->grant);
		erase(record);
	}
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
	if (group)
		cgspan_member_idle(group);
	rcu_read_unlock();
}

void cgspan_task_exec(struct task_struct *task)
{
	struct record *record;
	unsigned long flags;

	if (!recorded(task))
		return;

	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	record = find(task);
	if (record)
		cgspan_group_exec(record->group);
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
}

/* The task has exited; it stays charged until it is reaped. */
void cgspan_task_exited(struct task_struct *task)
{
	struct record *record;
	unsigned long flags;

	if (!recorded(task))
		return;

	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	record = find(task);
	if (record && !record->exited) {
		record->exited = true;
		cgspan_group_exit(record->group, task);
	}
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
}

/**
 * cgspan_task_runnable() - since when could a task run?
 * @task: the task
 * @group: set to the group it is charged to
 *
 * Context: an RCU section; what is returned is valid within it.
 *
 * Return: what the histograms keep with the task, or NULL: it is not charged.
 */
u64 *cgspan_task_runnable(const struct task_struct *task,
			  struct cgspan_group **group)
{
	struct record *record = find(task);

	if (!record)
		return NULL;
	*group = READ_ONCE(record->group);
	return &record->runnable;
}

/* Tasks that exist already. */

/*
 * From when it is listed until it gets its cgroup, a child seems to be where
 * the kernel's first task is. Its record is right already: it was charged with
 * the cgroup that it is going to get.
 */
static bool being_forked(struct task_struct *task)
{
	struct task_struct *first = &init_task;

	if (!list_empty_careful(&task->cg_list))
		return false;

	/* Linked after its cgroup was set, so looked at before that. */
	smp_rmb();
	return rcu_access_pointer(task->cgroups) ==
	       rcu_access_pointer(first->cgroups);
}

/* The group that a task belongs to; @now: the one it is charged to. */
static struct cgspan_group *belongs(struct task_struct *task,
				    struct cgspan_group *now)
{
	struct cgroup *cgrp;

	if (being_forked(task) || !pid_alive(task))
		return now;

	/* What has died in a directory that is gone stays where it was. */
	cgrp = task_dfl_cgroup(task);
	if (now && !(cgrp->self.flags & CSS_ONLINE))
		return now;
	return cgspan_member_group(cgrp);
}

static struct record *take(struct store *store)
{
	struct record *record;

	if (!store->nr)
		return kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);

	record = hlist_entry(store->records.first, struct record, node);
	hlist_del(&record->node);
	store->nr--;
	return record;
}

static void record_new(struct task_struct *task, struct cgspan_group *group,
		       struct record *record)
{
	record->task = task;
	record->group = group;
	record->grant = grant_for(task, group);
	record->exited = false;
	record->runnable = 0;
	insert(record);

	/*
	 * The exit marks the task, then looks for its record. If the mark is
	 * not to be seen here, the record is to be seen there.
	 */
	smp_mb();
	if (READ_ONCE(task->flags) & PF_EXITING)
		record->exited = true;
	cgspan_group_move(NULL, group, !record->exited, record->grant);
}

/*
 * Make record and charge agree with the task's cgroup. In an RCU section that
 * has found the task.
 *
 * Return: false if there was no memory for a record.
 */
static bool sync_task(struct task_struct *task, struct store *store)
{
	struct cgspan_group *from, *to;
	struct record *record;
	unsigned long flags;
	bool ok = true;

	raw_spin_lock_irqsave(lock_of(hash(task)), flags);
	record = find(task);
	from = record ? record->group : NULL;
	to = belongs(task, from);
	if (from == to)
		goto unlock;

	if (!to) {
		cgspan_group_move(from, NULL, !record->exited, record->grant);
		erase(record);
	} else if (from) {
		cgspan_group_move(from, to, !record->exited, record->grant);
		WRITE_ONCE(record->group, to);
	} else {
		record = take(store);
		ok = record;
		if (ok)
			record_new(task, to, record);
	}
unlock:
	raw_spin_unlock_irqrestore(lock_of(hash(task)), flags);
	if (from && from != to)
		cgspan_member_idle(from);
	if (to && from != to)
		cgspan_expiry_joined(to);
	return ok;
}

/**
 * cgspan_task_attach() - tasks have been moved to another cgroup
 * @leader: the task, or the first of its threads
 * @threadgroup: all threads of it
 *
 * Context: the cgroup_attach_task probe; interrupts are off.
 */
void cgspan_task_attach(struct task_struct *leader, bool threadgroup)
{
	struct store store = {};
	struct task_struct *task;
	bool ok = true;

	rcu_read_lock();
	if (!threadgroup)
		ok = sync_task(leader, &store);
	else
		for_each_thread(leader, task)
			ok &= sync_task(task, &store);
	rcu_read_unlock();

	/* Uncounted until the scan, which has time to wait for memory. */
	if (!ok)
		cgspan_member_rescan();
}

static void fill(struct store *store)
{
	struct record *record;

	for (; store->nr < SCAN_CHUNK; store->nr++) {
		record = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOFAIL);
		hlist_add_head(&record->node, &store->records);
	}
}

static void drain(struct store *store)
{
	struct record *record;
	struct hlist_node *next;

	hlist_for_each_entry_safe(record, next, &store->records, node)
		kmem_cache_free(cache, record);
}

/* Lets others run, and says whether @task is still a place to go on from. */
static bool rest(struct task_struct *task, struct store *store)
{
	bool alive;

	get_task_struct(task);
	rcu_read_unlock();
	fill(store);
	cond_resched();
	rcu_read_lock();
	alive = pid_alive(task);
	put_task_struct(task);
	return alive;
}

/* Return: false: start again; the place is lost, or there was no memory. */
static bool scan(struct store *store, unsigned int chunk)
{
	struct task_struct *process, *task;
	unsigned int n = 0;
	bool ok = true;

	fill(store);
	rcu_read_lock();
	for_each_process(process) {
		for_each_thread(process, task) {
			ok &= sync_task(task, store);
			n++;
		}
		if (n < chunk)
			continue;
		n = 0;
		if (!rest(process, store)) {
			ok = false;
			break;
		}
	}
	rcu_read_unlock();
	return ok;
}

/**
 * cgspan_task_scan() - look at every task once
 *
 * On return every task that existed before is charged as it belongs. Those
 * that come meanwhile are, by their fork.
 */
void cgspan_task_scan(void)
{
	struct store store = {};
	unsigned int chunk = SCAN_CHUNK;
	int restarts = 0;

	while (!scan(&store, chunk))
		if (++restarts == SCAN_RESTARTS)
			chunk = UINT_MAX;
	drain(&store);
}

/* The table as a whole. */

bool cgspan_task_none(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!hlist_empty(&table[i]))
			return false;
	return true;
}

/* Forget all, once the hooks are off: nobody could tell when they go. */
void cgspan_task_clear(void)
{
	struct record *record;
	struct hlist_node *next;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		raw_spin_lock_irqsave(lock_of(i), flags);
		hlist_for_each_entry_safe(record, next, &table[i], node) {
			cgspan_group_move(record->group, NULL,
					  !record->exited, record->grant);
			erase(record);
		}
		raw_spin_unlock_irqrestore(lock_of(i), flags);
	}
}

/* Until it has a pid of its own, a child carries its parent's. */
static bool born(struct task_struct *task)
{
	struct pid *pid = READ_ONCE(task->thread_pid);

	return pid && pid_task(pid, PIDTYPE_PID) == task;
}

static struct task_struct *
find_wanted(struct cgspan_task_cursor *cursor,
	    bool (*wanted)(const struct cgspan_group *group))
{
	struct record *record;
	unsigned int n = 0;

	hlist_for_each_entry(record, &table[cursor->bucket], node) {
		if (n++ < cursor->skip)
			continue;
		cursor->skip = n;
		if (!record->exited && born(record->task) &&
		    wanted(record->group))
			return get_task_struct(record->task);
	}
	return NULL;
}

/**
 * cgspan_task_next() - walk the charged tasks that live
 * @cursor: where to go on
 * @wanted: only those of such groups; called with interrupts off, in an RCU
 *	section
 *
 * What comes and goes meanwhile may be missed, or be seen twice.
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

	rcu_read_lock();
	for (; *at < ARRAY_SIZE(table); (*at)++, cursor->skip = 0) {
		if (hlist_empty(&table[*at]))
			continue;
		/* While it has a record, a task has not been freed. */
		raw_spin_lock_irqsave(lock_of(*at), flags);
		task = find_wanted(cursor, wanted);
		raw_spin_unlock_irqrestore(lock_of(*at), flags);
		if (task)
			break;
	}
	rcu_read_unlock();
	return task;
}

/* Return: false for a child that no reader can know yet. */
static bool describe(const struct record *record,
		     struct cgspan_task_info *info)
{
	struct task_struct *task = record->task;

	if (!born(task))
		return false;

	info->group = record->group;
	info->pid = task_pid_vnr(task);
	info->tgid = task_tgid_vnr(task);
	info->exited = record->exited;
	strscpy_pad(info->comm, task->comm, sizeof(info->comm));
	return true;
}

/**
 * cgspan_task_walk() - show the charged tasks to a reader
 * @bucket: where to go on; start with 0
 * @skip: likewise
 * @fn: called with interrupts off, in an RCU section; not 0: stop before this
 *      one, and go on with it the next time
 * @arg: handed to @fn
 *
 * Return: what @fn returned, or 0 at the end.
 */
int cgspan_task_walk(unsigned int *bucket, unsigned int *skip,
		     int (*fn)(const struct cgspan_task_info *info, void *arg),
		     void *arg)
{
	struct cgspan_task_info info;
	struct record *record;
	unsigned long flags;
	unsigned int n;
	int ret = 0;

	rcu_read_lock();
	for (; *bucket < ARRAY_SIZE(table); (*bucket)++, *skip = 0) {
		n = 0;
		raw_spin_lock_irqsave(lock_of(*bucket), flags);
		hlist_for_each_entry(record, &table[*bucket], node) {
			if (n++ < *skip || !describe(record, &info))
				continue;
			ret = fn(&info, arg);
			if (ret)
				break;
			*skip = n;
		}
		raw_spin_unlock_irqrestore(lock_of(*bucket), flags);
		if (ret)
			break;
	}
	rcu_read_unlock();
	return ret;
}

int cgspan_task_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		raw_spin_lock_init(&locks[i]);

	cache = kmem_cache_create("cgspan_task", sizeof(struct record), 0,
				  SLAB_HWCACHE_ALIGN, NULL);
	return cache ? 0 : -ENOMEM;
}

/* Waits for the callbacks that free records, then lets the cache go. */
void cgspan_task_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
