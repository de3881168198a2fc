/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EVENT_H
#define CGSPAN_EVENT_H

#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/types.h>

struct cgspan_group;

enum cgspan_event_kind {
	CGSPAN_EVENT_GROUP,
	CGSPAN_EVENT_MEMBER,
	CGSPAN_EVENT_SESSION,
};

enum cgspan_event_bit {
	CGSPAN_EVENT_CHANGED,	/* new, or not as before */
	CGSPAN_EVENT_GONE,	/* said last: nothing follows it */
	CGSPAN_EVENT_CREDIT,
	CGSPAN_EVENT_EMPTY,	/* on_expiry has killed all of it */
	CGSPAN_EVENT_QUEUED,	/* event.c's own */
};

/**
 * struct cgspan_event - what is still to be told about one object
 * @node: in the list of those that have something to tell
 * @bits: enum cgspan_event_bit; several changes of a kind become one message
 * @kind: what the object is
 */
struct cgspan_event {
	struct llist_node node;
	unsigned long bits;
	enum cgspan_event_kind kind;
};

/**
 * struct cgspan_exit - an ended task that is still to be told of
 * @node: in the batch of the CPU that freed it
 * @group: where it was charged; referenced
 * @pid: in the initial pid namespace, as @tgid
 * @tgid: its process
 * @code: as wait() tells it
 * @comm: its name
 * @start: CLOCK_BOOTTIME, ns, as @end
 * @end: when it exited; 0: nobody wants to know of it
 * @cpu: ns, of its whole life
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

struct workqueue_struct;
extern struct workqueue_struct *cgspan_event_wq;

int cgspan_event_init(void);
void cgspan_event_stop(void);
void cgspan_event_exit(void);
void cgspan_event_raise(struct cgspan_event *event, enum cgspan_event_bit bit);
bool cgspan_event_exits_heard(void);
bool cgspan_event_queue_exit(struct cgspan_exit *exit);
void cgspan_event_flush(void);

#endif /* CGSPAN_EVENT_H */
