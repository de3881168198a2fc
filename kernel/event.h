/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EVENT_H
#define CGSPAN_EVENT_H

#include <linux/llist.h>
#include <linux/types.h>

enum cgspan_event_bit {
	CGSPAN_EVENT_CHANGED,	/* object is new or changed */
	CGSPAN_EVENT_GONE,	/* object was removed; no event follows */
	CGSPAN_EVENT_CREDIT,	/* headroom is low, gone or overdrawn */
	CGSPAN_EVENT_EMPTY,	/* on_expiry kill: the group has no task left */
	CGSPAN_EVENT_REFUSED,	/* the group's lease or on_expiry refused forks */
	CGSPAN_EVENT_QUEUED,	/* the event is queued; for event.c only */
};

struct cgspan_event;

/**
 * struct cgspan_event_type - what events of one kind of object need
 * @get: reference the object; NULL: it outlives the queue
 * @put: drop the reference of @get; NULL if @get is
 * @tell: send notifications for a set of bits; may sleep. NULL, and nothing is
 *        sent, until a later layer sets it at load
 */
struct cgspan_event_type {
	void (*get)(struct cgspan_event *event);
	void (*put)(struct cgspan_event *event);
	void (*tell)(struct cgspan_event *event, unsigned long bits);
};

/**
 * struct cgspan_event - notifications that an object has still to send
 * @node: in the queue
 * @bits: enum cgspan_event_bit; a bit raised again before that is told counts once
 * @type: what events of this kind of object need
 */
struct cgspan_event {
	struct llist_node node;
	unsigned long bits;
	const struct cgspan_event_type *type;
};

struct workqueue_struct;
extern struct workqueue_struct *cgspan_event_wq;

int cgspan_event_init(void);
void cgspan_event_stop(void);
void cgspan_event_exit(void);
void cgspan_event_raise(struct cgspan_event *event, enum cgspan_event_bit bit);
void cgspan_event_flush(void);

#endif /* CGSPAN_EVENT_H */
