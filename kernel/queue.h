/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_QUEUE_H
#define CGSPAN_QUEUE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "share.h"

/**
 * struct cgspan_queue - the queue of a top-level group, or of "/"
 * @top: the group, which frees the queue
 * @lock: protects what follows up to @deadline, and claims on groups but "/"
 * @waiters: requests, in the order of arrival
 * @nr: length of @waiters; read without the lock
 * @pass: counts passes; claims of earlier passes, but those on "/", are void
 * @at_root: resources of "/" that its waiters have claimed in the present pass
 * @deadline: the earliest deadline of a waiter, in jiffies
 * @stale: headroom grew since the last pass began
 * @serve: begins a pass; references @top while it is queued
 * @time_out: begins a pass at @deadline; references @top while it is queued
 * @claims_lock: in that of "/": protects @claims, @first and the claims in them
 * @claims: in that of "/": waiters of all queues that have a claim on it, by id
 * @first: in that of "/": by resource, the least id of @claims; read unlocked
 */
struct cgspan_queue {
	struct cgspan_group *top;
	struct mutex lock; /* protects requests, and claims but those on "/" */
	struct list_head waiters;
	unsigned int nr;
	u64 pass;
	u8 at_root;
	unsigned long deadline;
	bool stale;
	struct work_struct serve;
	struct delayed_work time_out;
	spinlock_t claims_lock; /* protects claims on "/" */
	struct list_head claims;
	u64 first[__CGSPAN_RES_LAST];
};

/**
 * struct cgspan_waiter - a request in a queue
 * @node: in the list of the queue
 * @id: that of the grant; a later request has a greater one
 * @group: the group of the request
 * @resources: bits of resources that it wants
 * @needs: bits of resources of "/" that it waited for when it was tried last
 * @claims: bits of resources of "/" that it has claimed
 * @at_root: in the list of claims on "/"
 */
struct cgspan_waiter {
	struct list_head node;
	u64 id;
	struct cgspan_group *group;
	u8 resources;
	u8 needs;
	u8 claims;
	struct list_head at_root;
};

void cgspan_queue_on_pass(void (*fn)(struct cgspan_queue *queue));
struct cgspan_queue *cgspan_queue_make(struct cgspan_group *group);
void cgspan_queue_kick(struct cgspan_group *group);
void cgspan_queue_add(struct cgspan_queue *queue, struct cgspan_waiter *waiter);
void cgspan_queue_del(struct cgspan_queue *queue, struct cgspan_waiter *waiter);
void cgspan_queue_begin(struct cgspan_queue *queue);
void cgspan_queue_arm(struct cgspan_queue *queue);
bool cgspan_queue_claimed(const struct cgspan_queue *queue,
			  struct cgspan_group *group, u8 resources);
bool cgspan_queue_behind(const struct cgspan_queue *queue,
			 struct cgspan_waiter *waiter);
bool cgspan_queue_claim(struct cgspan_queue *queue,
			struct cgspan_waiter *waiter,
			const struct cgspan_lack *lack, bool turn);

/* The queue for requests to a group; NULL: no request has waited in it yet. */
static inline struct cgspan_queue *
cgspan_queue_of(const struct cgspan_group *group)
{
	return READ_ONCE(group->top->queue);
}

#endif /* CGSPAN_QUEUE_H */
