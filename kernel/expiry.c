// SPDX-License-Identifier: GPL-2.0
/*
 * What is done to tasks that exist when a session has expired: freeze, kill.
 * That no group but those that continue admits a new one needs nothing from
 * here: the deadline is compared on each charge.
 *
 * One work item makes everything agree with the deadlines as they are, and is
 * queued by whatever may have changed that. So it does not matter what came
 * first, a deadline, its renewal, or the binding of a member.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "expiry.h"

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/suspend.h>
#include <linux/workqueue.h>

#include "event.h"
#include "group.h"
#include "member.h"
#include "node.h"
#include "task.h"

static void enforce(struct work_struct *unused);
static DECLARE_DELAYED_WORK(work, enforce);

/* Something has changed that decides who is frozen or killed. Any context. */
void cgspan_expiry_kick(void)
{
	mod_delayed_work(cgspan_event_wq, &work, 0);
}

/* Waits until what was kicked before has been looked at. */
void cgspan_expiry_flush(void)
{
	flush_delayed_work(&work);
}

/*
 * The deadline that has passed for a group, or 0. A namespace that has gone is
 * past every deadline, if it had one.
 */
static u64 passed(const struct cgspan_group *group)
{
	const struct cgspan_session *session;
	u64 deadline = 0;

	if (READ_ONCE(group->orphan))
		return READ_ONCE(group->doomed) ? U64_MAX : 0;

	rcu_read_lock();
	session = &READ_ONCE(group->node)->session;
	if (cgspan_session_expired(session))
		deadline = READ_ONCE(session->deadline);
	rcu_read_unlock();
	return deadline;
}

/* Freeze. */

/* Nobody could thaw what is frozen for a namespace that has gone: hold. */
static bool freezes(const struct cgspan_group *group)
{
	return READ_ONCE(group->on_expiry) == CGSPAN_ON_EXPIRY_FREEZE &&
	       !READ_ONCE(group->orphan) && passed(group);
}

static void freeze_and_thaw(void)
{
	struct cgspan_member *member = NULL, *next;

	while ((next = cgspan_member_next(NULL, member))) {
		if (member)
			cgspan_member_put(member);
		member = next;
		cgspan_member_freeze(member, freezes(member->group));
	}
	if (member)
		cgspan_member_put(member);
}

/* Kill. */

/* A group that is killed takes with it what is below, whatever that does. */
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

static bool mortal(struct task_struct *task)
{
	return !(task->flags & PF_KTHREAD) && !is_global_init(task) &&
	       !__fatal_signal_pending(task);
}

/* As a write to cgroup.kill does. Return: how many were told to die. */
static unsigned int kill_tasks(void)
{
	struct cgspan_task_cursor cursor = {};
	struct task_struct *task;
	unsigned int n = 0;

	while ((task = cgspan_task_next(&cursor, killed))) {
		if (mortal(task)) {
			send_sig(SIGKILL, task, 0);
			n++;
		}
		put_task_struct(task);
		cond_resched();
	}
	return n;
}

/*
 * A group is empty if it has no charge after the barrier, which waits for the
 * forks that were admitted before the deadline, and after a scan, which finds
 * what has been moved in without memory for a record.
 */
static bool proven_empty(struct cgspan_group *group, bool *settled)
{
	if (cgspan_group_tasks(group))
		return false;
	if (!*settled)
		*settled = !cgspan_member_settle();
	return *settled && !cgspan_group_tasks(group);
}

static bool told(const struct cgspan_group *group, u64 deadline)
{
	return group->emptied == deadline && !cgspan_group_tasks(group);
}

/* Return: whether somebody is left. */
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

/* Those that are told to die need their time; those in a driver, even more. */
static void enforce(struct work_struct *unused)
{
	static unsigned long pause;

	freeze_and_thaw();
	pause = kill_tasks() ? 1 : clamp(2 * pause, 1UL, (unsigned long)HZ);
	if (tell_empty())
		queue_delayed_work(cgspan_event_wq, &work, pause);
	else
		pause = 0;
}

/**
 * cgspan_expiry_joined() - a task has been moved into a group
 * @group: the group; the caller is in an RCU section
 *
 * Context: any but NMI.
 */
void cgspan_expiry_joined(struct cgspan_group *group)
{
	if (killed(group))
		cgspan_expiry_kick();
}

/* Suspend. */

static bool resists(const struct cgspan_group *group)
{
	return READ_ONCE(group->on_expiry) >= CGSPAN_ON_EXPIRY_KILL &&
	       READ_ONCE(READ_ONCE(group->node)->session.deadline);
}

/* Asleep, nobody would kill or reset at the deadline. */
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

int cgspan_expiry_init(void)
{
	return register_pm_notifier(&sleep_nb);
}

/* No session is joined: the last run thaws what may still be frozen. */
void cgspan_expiry_exit(void)
{
	unregister_pm_notifier(&sleep_nb);
	cgspan_expiry_flush();
	cancel_delayed_work_sync(&work);
}
