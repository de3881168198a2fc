// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of notifications. Raising an event sets a bit and queues the object,
 * and neither allocates nor sends: a work item sends.
 *
 * A queued object lives until its notifications have been sent or dropped.
 */
#include "event.h"

#include <linux/bitops.h>
#include <linux/workqueue.h>

/* The workqueue of all work of the module: destroying it ends that work. */
struct workqueue_struct *cgspan_event_wq;

static LLIST_HEAD(queue);
static bool stopped;

static void tell_all(struct work_struct *work)
{
	const struct cgspan_event_type *type;
	struct cgspan_event *event, *next;
	struct llist_node *list;
	unsigned long bits;

	list = llist_reverse_order(llist_del_all(&queue));
	llist_for_each_entry_safe(event, next, list, node) {
		type = event->type;
		bits = xchg(&event->bits, 0);
		if (type->tell && !READ_ONCE(stopped))
			type->tell(event, bits);
		if (type->put)
			type->put(event);
	}
}

static DECLARE_WORK(tell_work, tell_all);

/**
 * cgspan_event_raise() - queue a notification about an object
 * @event: of the object, which the caller keeps alive meanwhile
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

	if (event->type->get)
		event->type->get(event);
	llist_add(&event->node, &queue);
	queue_work(cgspan_event_wq, &tell_work);
}

/* Wait until notifications of all events raised before this call have been sent. */
void cgspan_event_flush(void)
{
	flush_work(&tell_work);
}

int cgspan_event_init(void)
{
	cgspan_event_wq = alloc_workqueue("cgspan", WQ_UNBOUND, 0);
	return cgspan_event_wq ? 0 : -ENOMEM;
}

/* On return @tell is not called any more, and raised events are dropped. */
void cgspan_event_stop(void)
{
	WRITE_ONCE(stopped, true);
	cgspan_event_flush();
}

void cgspan_event_exit(void)
{
	destroy_workqueue(cgspan_event_wq);
}
