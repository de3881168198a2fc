/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EVENT_H
#define CGSPAN_EVENT_H

#include <linux/llist.h>
#include <linux/types.h>

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

struct workqueue_struct;
extern struct workqueue_struct *cgspan_event_wq;

int cgspan_event_init(void);
void cgspan_event_stop(void);
void cgspan_event_exit(void);
void cgspan_event_raise(struct cgspan_event *event, enum cgspan_event_bit bit);
void cgspan_event_flush(void);

#endif /* CGSPAN_EVENT_H */
