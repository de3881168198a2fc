// SPDX-License-Identifier: GPL-2.0
/*
 * From a kernel event to a notification: a probe sets a bit and queues the
 * object, a work item sends. Nothing is sent, and nothing is allocated, where
 * the event happens.
 *
 * Ended tasks come in numbers: each CPU has a batch of them, and what has come
 * within a moment is sent in few messages.
 *
 * A queued group or member is referenced until it has been told of. A session
 * lives in its node, which waits for the queue before it goes.
 */
#include "event.h"

#include <linux/bitops.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>

#include "group.h"
#include "member.h"
#include "netlink/notify.h"
#include "node.h"
#include "task.h"

/* For how long ended tasks gather, in ms, and how many of one CPU's may. */
#define BATCH_MS	20
#define BATCH_MAX	4096

/* All work of the module, so that the end of one queue ends all of it. */
struct workqueue_struct *cgspan_event_wq;

static LLIST_HEAD(queue);
static bool stopped;

struct batch {
	struct llist_head exits;
	atomic_t n;
};

static DEFINE_PER_CPU(struct batch, batches);

static void get(struct cgspan_event *event)
{
	if (event->kind == CGSPAN_EVENT_GROUP)
		kref_get(&container_of(event, struct cgspan_group, event)->ref);
	else if (event->kind == CGSPAN_EVENT_MEMBER)
		kref_get(&container_of(event, struct cgspan_member, event)->ref);
}

static void tell_and_put(struct cgspan_event *event, unsigned long bits)
{
	struct cgspan_group *group;
	struct cgspan_member *member;
	struct cgspan_node *node;

	switch (event->kind) {
	case CGSPAN_EVENT_GROUP:
		group = container_of(event, struct cgspan_group, event);
		cgspan_netlink_tell_group(group, bits);
		cgspan_group_put(group);
		break;
	case CGSPAN_EVENT_MEMBER:
		member = container_of(event, struct cgspan_member, event);
		cgspan_netlink_tell_member(member, bits);
		cgspan_member_put(member);
		break;
	case CGSPAN_EVENT_SESSION:
		node = container_of(event, struct cgspan_node, session.event);
		cgspan_netlink_tell_session(node, bits);
		break;
	}
}

static void tell_all(struct work_struct *work)
{
	struct cgspan_event *event, *next;
	struct llist_node *list;

	list = llist_reverse_order(llist_del_all(&queue));
	llist_for_each_entry_safe(event, next, list, node) {
		unsigned long bits = xchg(&event->bits, 0);

		tell_and_put(event, READ_ONCE(stopped) ? 0 : bits);
	}
}

static DECLARE_WORK(tell_work, tell_all);

/**
 * cgspan_event_raise() - something is to be told about an object
 * @event: the object's; the caller makes sure that the object is alive
 * @bit: what happened
 *
 * Context: any but NMI; the locks of this module may be held.
 */
void cgspan_event_raise(struct cgspan_event *event, enum cgspan_event_bit bit)
{
	if (READ_ONCE(stopped))
		return;

	set_bit(bit, &event->bits);
	if (test_and_set_bit(CGSPAN_EVENT_QUEUED, &event->bits))
		return;

	get(event);
	llist_add(&event->node, &queue);
	queue_work(cgspan_event_wq, &tell_work);
}

/* Ended tasks. */

static void tell_batch(struct batch *batch)
{
	struct llist_node *list = llist_del_all(&batch->exits);
	struct cgspan_exit *exit, *next;
	int n = 0;

	list = llist_reverse_order(list);
	if (!READ_ONCE(stopped))
		cgspan_netlink_tell_exits(list);
	llist_for_each_entry_safe(exit, next, list, node) {
		cgspan_task_told(exit);
		n++;
	}
	atomic_sub(n, &batch->n);
}

static void tell_exits(struct work_struct *work)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tell_batch(per_cpu_ptr(&batches, cpu));
}

static DECLARE_DELAYED_WORK(exits_work, tell_exits);

/* Does anybody listen to the ends of tasks? */
bool cgspan_event_exits_heard(void)
{
	return !READ_ONCE(stopped) && cgspan_netlink_exits_heard();
}

/**
 * cgspan_event_queue_exit() - an ended task is to be told of
 * @exit: the task; cgspan_task_told() takes it back
 *
 * Context: any but NMI.
 *
 * Return: false if it is lost: too many wait already. It stays the caller's.
 */
bool cgspan_event_queue_exit(struct cgspan_exit *exit)
{
	struct batch *batch = raw_cpu_ptr(&batches);

	if (atomic_inc_return(&batch->n) > BATCH_MAX) {
		atomic_dec(&batch->n);
		cgspan_group_count(exit->group, CGSPAN_STAT_EXITS_LOST, 1);
		return false;
	}
	llist_add(&exit->node, &batch->exits);
	queue_delayed_work(cgspan_event_wq, &exits_work,
			   msecs_to_jiffies(BATCH_MS));
	return true;
}

/* Waits until all that was raised before has been told. */
void cgspan_event_flush(void)
{
	flush_work(&tell_work);
	flush_delayed_work(&exits_work);
}

int cgspan_event_init(void)
{
	cgspan_event_wq = alloc_workqueue("cgspan", WQ_UNBOUND, 0);
	return cgspan_event_wq ? 0 : -ENOMEM;
}

/* From here on nothing more is told: the family may go. */
void cgspan_event_stop(void)
{
	WRITE_ONCE(stopped, true);
	cgspan_event_flush();
}

void cgspan_event_exit(void)
{
	flush_delayed_work(&exits_work);
	destroy_workqueue(cgspan_event_wq);
}
