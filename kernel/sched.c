// SPDX-License-Identifier: GPL-2.0
/*
 * Histograms of run-queue delay and time slices of the tasks of a group, with
 * counters for each processor.
 *
 * Probes are attached, and memory is allocated, only while a socket holds the
 * histograms; that memory is freed with its group.
 *
 * A task's record has the time from which it can run. The scheduler's locks order
 * those that write it: a task is woken after it has left its processor, and runs
 * after it was woken. Times from before the probes were attached do not count.
 */
#include "sched.h"

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/sched.h>

#include "holder.h"
#include "probe.h"
#include "task.h"
#include "tree.h"

/* Protects holders, and "sched" of each holder. Nests in a tree's lock. */
static DEFINE_MUTEX(lock);
static unsigned int holders;

static u64 started;
/* When the present task of this processor began to run. */
static DEFINE_PER_CPU(u64, running_since);

static void count(struct cgspan_group *group, enum cgspan_sched_kind kind,
		  u64 since, u64 now)
{
	struct cgspan_sched __percpu *sched;
	unsigned int bucket;
	u64 ns;

	if (since < READ_ONCE(started))
		return;

	/* Clocks of two processors may differ a little: @now may be before @since. */
	ns = now > since ? now - since : 0;
	bucket = min(ilog2(ns | 1), CGSPAN_SCHED_BUCKETS - 1);
	for (; group; group = group->parent) {
		sched = READ_ONCE(group->sched);
		if (!sched)
			continue;
		this_cpu_inc(sched->counts[kind][bucket]);
		this_cpu_add(sched->sums[kind], ns);
	}
}

/* The probes. */

static void on_wakeup(void *data, struct task_struct *task)
{
	struct cgspan_group *group;
	u64 *since;

	rcu_read_lock();
	since = cgspan_task_runnable(task, &group);
	if (since && READ_ONCE(*since) < READ_ONCE(started))
		WRITE_ONCE(*since, local_clock());
	rcu_read_unlock();
}

static void leave(struct task_struct *task, bool runnable, u64 now)
{
	struct cgspan_group *group;
	u64 *since = cgspan_task_runnable(task, &group);

	if (!since)
		return;
	count(group, CGSPAN_SCHED_SLICE, this_cpu_read(running_since), now);
	WRITE_ONCE(*since, runnable ? now : 0);
}

static void enter(struct task_struct *task, u64 now)
{
	struct cgspan_group *group;
	u64 *since = cgspan_task_runnable(task, &group);

	if (!since)
		return;
	count(group, CGSPAN_SCHED_DELAY, READ_ONCE(*since), now);
	WRITE_ONCE(*since, 0);
}

static void on_switch(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
	u64 now = local_clock();

	rcu_read_lock();
	if (!is_idle_task(prev))
		leave(prev, preempt || prev_state == TASK_RUNNING, now);
	this_cpu_write(running_since, now);
	if (!is_idle_task(next))
		enter(next, now);
	rcu_read_unlock();
}

static struct cgspan_probe probes[] = {
	{ "sched_wakeup", on_wakeup },
	{ "sched_wakeup_new", on_wakeup },
	{ "sched_switch", on_switch },
};

static void __maybe_unused check_types(void)
{
	check_trace_callback_type_sched_wakeup(on_wakeup);
	check_trace_callback_type_sched_wakeup_new(on_wakeup);
	check_trace_callback_type_sched_switch(on_switch);
}

/* On and off. */

static int add(struct cgspan_group *group)
{
	struct cgspan_sched __percpu *sched;

	if (group->sched)
		return 0;
	sched = alloc_percpu_gfp(struct cgspan_sched, GFP_KERNEL_ACCOUNT);
	if (!sched)
		return -ENOMEM;
	/* Publish the zeroed memory before the pointer. */
	smp_store_release(&group->sched, sched);
	return 0;
}

static int add_all(void)
{
	struct cgspan_group *group;
	int ret = 0;
	u64 id = 0;

	while (!ret && (group = cgspan_group_next(NULL, &id))) {
		ret = add(group);
		cgspan_group_put(group);
	}
	return ret;
}

/* On return no probe is running. */
static void stop(void)
{
	cgspan_probe_detach(probes, ARRAY_SIZE(probes));
	tracepoint_synchronize_unregister();
}

static int start(void)
{
	int ret;

	ret = add_all();
	if (ret)
		return ret;

	WRITE_ONCE(started, local_clock());
	ret = cgspan_probe_attach(probes, ARRAY_SIZE(probes));
	if (ret)
		stop();
	return ret;
}

/**
 * cgspan_sched_hold() - count histograms until cgspan_sched_drop()
 * @holder: the socket that wants them; it is in use
 *
 * Context: may sleep. Called again for the same socket, it changes nothing.
 *
 * Return: 0, or an error: the socket does not hold them.
 */
int cgspan_sched_hold(struct cgspan_holder *holder)
{
	int ret = 0;

	mutex_lock(&lock);
	if (!holders)
		ret = start();
	if (!ret && !holder->sched) {
		WRITE_ONCE(holder->sched, true);
		WRITE_ONCE(holders, holders + 1);
	}
	mutex_unlock(&lock);
	return ret;
}

/* The socket was closed; may be called again. Context: may sleep. */
void cgspan_sched_drop(struct cgspan_holder *holder)
{
	if (!READ_ONCE(holder->sched))
		return;
	mutex_lock(&lock);
	if (holder->sched) {
		WRITE_ONCE(holder->sched, false);
		WRITE_ONCE(holders, holders - 1);
		if (!holders)
			stop();
	}
	mutex_unlock(&lock);
}

bool cgspan_sched_on(void)
{
	return READ_ONCE(holders);
}

/* Without memory a new group has no histograms; its ancestors still count. */
static void born(struct cgspan_group *group)
{
	mutex_lock(&lock);
	if (holders)
		add(group);
	mutex_unlock(&lock);
}

/* Add up the counters of all processors; 0 for a group that has no histograms. */
void cgspan_sched_read(const struct cgspan_group *group,
		       struct cgspan_sched *sum)
{
	struct cgspan_sched __percpu *sched = READ_ONCE(group->sched);
	const struct cgspan_sched *one;
	int cpu, kind, i;

	memset(sum, 0, sizeof(*sum));
	if (!sched)
		return;
	for_each_possible_cpu(cpu) {
		one = per_cpu_ptr(sched, cpu);
		for (kind = 0; kind < __CGSPAN_SCHED_LAST; kind++) {
			for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
				sum->counts[kind][i] +=
					READ_ONCE(one->counts[kind][i]);
			sum->sums[kind] += READ_ONCE(one->sums[kind]);
		}
	}
}

/* tree.c frees the histograms with the group. */
static void gone(struct cgspan_group *group)
{
}

static struct cgspan_tree_observer observer = { .born = born, .gone = gone };

int cgspan_sched_init(void)
{
	cgspan_tree_observe(&observer);
	return cgspan_probe_find(probes, ARRAY_SIZE(probes));
}

/* At unload sockets may still be open that hold the histograms. */
void cgspan_sched_exit(void)
{
	if (holders)
		stop();
}
