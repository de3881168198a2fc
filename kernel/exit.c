// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of ended tasks. Each CPU collects records for a moment, so that many
 * are sent in few datagrams.
 */
#include "exit.h"

#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>

#include "charge.h"
#include "event.h"
#include "record.h"
#include "task.h"

/* How long records are collected, in ms; how many that one CPU freed wait at most. */
#define BATCH_MS	20
#define BATCH_MAX	4096

struct batch {
	struct llist_head exits;
	atomic_t n;
};

static DEFINE_PER_CPU(struct batch, batches);
static const struct cgspan_exit_sink *sink;

static void tell_batch(struct batch *batch)
{
	const struct cgspan_exit_sink *to = READ_ONCE(sink);
	struct llist_node *list = llist_del_all(&batch->exits);
	struct cgspan_exit *exit, *next;
	int n = 0;

	list = llist_reverse_order(list);
	if (to)
		to->tell(list);
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

/* Does the sink want records of ended tasks? Context: any but NMI. */
bool cgspan_exit_heard(void)
{
	const struct cgspan_exit_sink *to = READ_ONCE(sink);

	return to && to->heard();
}

/**
 * cgspan_exit_queue() - queue the record of an ended task
 * @exit: the record; passed to cgspan_task_told() after it was sent or dropped
 *
 * Context: any but NMI.
 *
 * Return: false if too many wait: the record is lost and stays the caller's.
 */
bool cgspan_exit_queue(struct cgspan_exit *exit)
{
	struct batch *batch = raw_cpu_ptr(&batches);

	if (atomic_inc_return(&batch->n) > BATCH_MAX) {
		atomic_dec(&batch->n);
		cgspan_charge_count(exit->group, CGSPAN_STAT_EXITS_LOST, 1);
		return false;
	}
	llist_add(&exit->node, &batch->exits);
	queue_delayed_work(cgspan_event_wq, &exits_work,
			   msecs_to_jiffies(BATCH_MS));
	return true;
}

/* Wait until all records queued before this call have been sent or dropped. */
void cgspan_exit_flush(void)
{
	flush_delayed_work(&exits_work);
}

void cgspan_exit_connect(const struct cgspan_exit_sink *to)
{
	WRITE_ONCE(sink, to);
}

/* On return the sink is not called any more; queued records are dropped. */
void cgspan_exit_disconnect(void)
{
	WRITE_ONCE(sink, NULL);
	cgspan_exit_flush();
}
