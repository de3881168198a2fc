// SPDX-License-Identifier: GPL-2.0
/*
 * Expired sessions: freeze and kill the tasks that exist. Admission needs nothing
 * from here: each charge compares the deadline.
 *
 * Two work items make members (freeze, thaw) and tasks (kill) agree with the
 * deadlines. Each change that matters queues both: a deadline that passes, a
 * renewal after it, a new member. So the order of such changes does not matter.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "expiry.h"

#include <linux/cgroup.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "bind.h"
#include "compat.h"
#include "place.h"
#include "session.h"
#include "task.h"
#include "trace.h"

static void freeze_fn(struct work_struct *unused);
static void kill_fn(struct work_struct *unused);
static DECLARE_DELAYED_WORK(freeze_work, freeze_fn);
static DECLARE_DELAYED_WORK(kill_work, kill_fn);

/* Freeze, thaw and kill what the deadlines now demand. Context: any but NMI. */
void cgspan_expiry_kick(void)
{
	mod_delayed_work(cgspan_event_wq, &freeze_work, 0);
	mod_delayed_work(cgspan_event_wq, &kill_work, 0);
}

/* Wait until all calls of cgspan_expiry_kick() before this one have been handled. */
void cgspan_expiry_flush(void)
{
	flush_delayed_work(&freeze_work);
	flush_delayed_work(&kill_work);
}

/* Return: the group's deadline if passed, else 0; U64_MAX for an expired orphan. */
static u64 passed(const struct cgspan_group *group)
{
	const struct cgspan_tree *tree;
	u64 deadline = 0;

	if (READ_ONCE(group->orphan))
		return READ_ONCE(group->expired) ? U64_MAX : 0;

	rcu_read_lock();
	tree = READ_ONCE(group->tree);
	if (cgspan_tree_expired(tree))
		deadline = READ_ONCE(tree->deadline);
	rcu_read_unlock();
	return deadline;
}

/* Freeze. */

/* Orphans are not frozen: no session is left whose renewal could thaw them. */
static bool freezes(const struct cgspan_group *group)
{
	return READ_ONCE(group->on_expiry) == CGSPAN_ON_EXPIRY_FREEZE &&
	       !READ_ONCE(group->orphan) && passed(group);
}

/* Freeze or thaw all member cgroups. Return: whether any is to be frozen now. */
static bool freeze_and_thaw(void)
{
	struct cgspan_member *member = NULL, *next;
	bool frozen, any = false;

	while ((next = cgspan_member_next(NULL, member))) {
		if (member)
			cgspan_member_put(member);
		member = next;
		frozen = freezes(member->group);
		cgspan_bind_freeze(member, frozen);
		any |= frozen;
	}
	if (member)
		cgspan_member_put(member);
	return any;
}

/* Repeated each second while cgroups are to be frozen: userspace may thaw them. */
static void freeze_fn(struct work_struct *unused)
{
	/* This does nothing if the work is queued already. */
	if (freeze_and_thaw())
		queue_delayed_work(cgspan_event_wq, &freeze_work, HZ);
}

/* Kill. */

/* on_expiry "kill" applies to the whole subtree, also to subgroups with "reset". */
static bool killed(const struct cgspan_group *group)
{
	if (READ_ONCE(group->on_expiry) < CGSPAN_ON_EXPIRY_KILL ||
	    !passed(group))
		return false;
	for (; group; group = group->parent)
		if (READ_ONCE(group->on_expiry) == CGSPAN_ON_EXPIRY_KILL)
			return true;
	return false;
}

/* Spare tasks in threaded cgroups: a signal would hit threads in other cgroups. */
static bool is_threaded(struct task_struct *task)
{
	struct cgroup *cgrp;
	bool threaded;

	rcu_read_lock();
	cgrp = task_dfl_cgroup(task);
	threaded = READ_ONCE(cgrp->dom_cgrp) != cgrp;
	rcu_read_unlock();
	return threaded;
}

static bool killable(struct task_struct *task)
{
	return !(task->flags & PF_KTHREAD) && !is_global_init(task) &&
	       !__fatal_signal_pending(task) && !is_threaded(task);
}

/* Kill tasks as a write to cgroup.kill does. Return: how many tasks were signalled. */
static unsigned int kill_tasks(void)
{
	struct cgspan_task_cursor cursor = {};
	struct task_struct *task;
	unsigned int n = 0;

	while ((task = cgspan_task_next(&cursor, killed))) {
		if (killable(task)) {
			send_sig(SIGKILL, task, 0);
			n++;
		}
		put_task_struct(task);
		cond_resched();
	}
	return n;
}

/*
 * A group is empty if nothing is charged after the barrier, which waits for forks
 * admitted before the deadline, and after a scan, which finds tasks that moved in
 * when there was no memory for a record.
 */
static bool proven_empty(struct cgspan_group *group, bool *settled)
{
	if (cgspan_group_tasks(group))
		return false;
	if (!*settled)
		*settled = !cgspan_bind_settle();
	return *settled && !cgspan_group_tasks(group);
}

static bool told(const struct cgspan_group *group, u64 deadline)
{
	return group->emptied == deadline && !cgspan_group_tasks(group);
}

/* Raise EMPTY for killed groups without tasks. Return: whether one may have tasks. */
static bool tell_empty(void)
{
	struct cgspan_group *group;
	bool settled = false;
	bool left = false;
	u64 id = 0;

	for (; (group = cgspan_group_next(NULL, &id)); cgspan_group_put(group)) {
		u64 deadline = killed(group) ? passed(group) : 0;

		if (!deadline || told(group, deadline))
			continue;
		if (!proven_empty(group, &settled)) {
			group->emptied = 0;
			left = true;
		} else {
			group->emptied = deadline;
			cgspan_event_raise(&group->event, CGSPAN_EVENT_EMPTY);
		}
	}
	return left;
}

/* Poll with back-off until killed tasks are gone. */
static void kill_fn(struct work_struct *unused)
{
	static unsigned long pause;

	pause = kill_tasks() ? 1 : clamp(2 * pause, 1UL, (unsigned long)HZ);
	if (tell_empty())
		queue_delayed_work(cgspan_event_wq, &kill_work, pause);
	else
		pause = 0;
}

/* An existing task came into a group. Context: an RCU section, any but NMI. */
static void joined(struct cgspan_group *group)
{
	if (killed(group))
		mod_delayed_work(cgspan_event_wq, &kill_work, 0);
}

/* Suspend. */

static bool resists(const struct cgspan_group *group)
{
	return READ_ONCE(group->on_expiry) >= CGSPAN_ON_EXPIRY_KILL &&
	       READ_ONCE(READ_ONCE(group->tree)->deadline);
}

/* Refuse suspend: a sleeping machine could neither kill nor reset at the deadline. */
static int before_sleep(struct notifier_block *nb, unsigned long action,
			void *data)
{
	struct cgspan_task_cursor cursor = {};
	struct task_struct *task;

	if (action != PM_SUSPEND_PREPARE && action != PM_HIBERNATION_PREPARE)
		return NOTIFY_DONE;

	task = cgspan_task_next(&cursor, resists);
	if (!task)
		return NOTIFY_OK;
	put_task_struct(task);
	pr_notice("no suspend while tasks are in groups whose on_expiry is kill or reset\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block sleep_nb = { .notifier_call = before_sleep };

/* Timers. */

/* The session may have been renewed or ended while the timer was firing. */
static enum hrtimer_restart expire(struct hrtimer *timer)
{
	struct cgspan_expiry *expiry =
		container_of(timer, struct cgspan_expiry, timer);
	struct cgspan_tree *tree = expiry->session->tree;

	if (cgspan_tree_expired(tree)) {
		trace_cgspan_expiry(tree->inum, READ_ONCE(tree->epoch),
				    READ_ONCE(tree->deadline),
				    ktime_get_boottime_ns());
		cgspan_event_raise(&expiry->session->event,
				   CGSPAN_EVENT_CHANGED);
		cgspan_expiry_kick();
	}
	return HRTIMER_NORESTART;
}

void cgspan_expiry_setup(struct cgspan_expiry *expiry,
			 struct cgspan_session *session)
{
	expiry->session = session;
	hrtimer_setup(&expiry->timer, expire, CLOCK_BOOTTIME,
		      HRTIMER_MODE_ABS);
}

/* Restart the timer after the session was renewed. Context: the tree's lock is held. */
void cgspan_expiry_renewed(struct cgspan_expiry *expiry)
{
	hrtimer_start(&expiry->timer,
		      ns_to_ktime(expiry->session->tree->deadline),
		      HRTIMER_MODE_ABS);
}

/* The node's network namespace ends: stop the timer. Context: may sleep. */
void cgspan_expiry_end(struct cgspan_expiry *expiry)
{
	hrtimer_cancel(&expiry->timer);
}

int cgspan_expiry_init(void)
{
	cgspan_task_on_joined(joined);
	return register_pm_notifier(&sleep_nb);
}

/* At unload no cgroup is bound, so that nothing is to be frozen or killed. */
void cgspan_expiry_exit(void)
{
	unregister_pm_notifier(&sleep_nb);
	cancel_delayed_work_sync(&kill_work);
	cancel_delayed_work_sync(&freeze_work);
}
