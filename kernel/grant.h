/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_GRANT_H
#define CGSPAN_GRANT_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "../include/uapi/linux/cgspan.h"

struct cgspan_group;
struct cgspan_node;
struct netlink_ext_ack;
struct pid;

/**
 * struct cgspan_grant - amounts held in a group, or waited for
 * @id: never used twice
 * @group: referenced
 * @amounts: by enum cgspan_resource
 * @pid: of the process that holds it, referenced; NULL: the socket does
 * @port: of the socket that asked for it
 * @seq: of the request
 * @lock: protects @state and @spent; inside a top-level group's lock
 * @state: enum cgspan_grant_state
 * @spent: charged tasks that may spend the reserve; it may be less than they
 * @deadline: jiffies, while it is queued
 * @wait: wakes us when the holder exits
 * @by_id: in the table of ids
 * @by_holder: in the table of holders
 * @queue: while it is queued; under the queue's lock
 * @ref: held by whoever has not ended it yet, by the queue, by the records of
 *       tasks, and by who looked it up
 * @rcu: tables are read without a lock
 */
struct cgspan_grant {
	u64 id;
	struct cgspan_group *group;
	u64 amounts[__CGSPAN_RES_LAST];
	struct pid *pid;
	u32 port;
	u32 seq;
	raw_spinlock_t lock;
	u8 state;
	u64 spent;
	unsigned long deadline;
	wait_queue_entry_t wait;
	struct hlist_node by_id;
	struct hlist_node by_holder;
	struct list_head queue;
	struct kref ref;
	struct rcu_head rcu;
};

/**
 * struct cgspan_request - what an ADMIT asks for
 * @group: referenced by the caller
 * @amounts: by enum cgspan_resource
 * @pid: of the process that shall hold it, referenced by the caller, or NULL
 * @port: of the socket
 * @seq: of the request
 * @wait: ms to queue for; 0: do not
 * @dry: change nothing
 */
struct cgspan_request {
	struct cgspan_group *group;
	u64 amounts[__CGSPAN_RES_LAST];
	struct pid *pid;
	u32 port;
	u32 seq;
	u32 wait;
	bool dry;
};

/**
 * struct cgspan_lack - why an admission fails
 * @group: whose headroom is too small; it is the one asked for or above it
 * @res: of what; enum cgspan_resource
 * @missing: how much more it would need
 */
struct cgspan_lack {
	struct cgspan_group *group;
	u32 res;
	u64 missing;
};

/* What came of a request; @lack.group is NULL where no headroom lacks. */
struct cgspan_answer {
	u64 id;
	u8 state;
	struct cgspan_lack lack;
};

extern atomic_t cgspan_grant_waiting;
extern atomic_t cgspan_grant_reserves;

int cgspan_grant_init(void);
void cgspan_grant_exit(void);
int cgspan_grant_admit(const struct cgspan_request *request,
		       struct cgspan_answer *answer,
		       struct netlink_ext_ack *extack);
struct cgspan_grant *cgspan_grant_get_by_id(struct cgspan_node *node, u64 id);
struct cgspan_grant *cgspan_grant_next(struct cgspan_node *node,
				       unsigned int *bucket, u64 *id);
void cgspan_grant_put(struct cgspan_grant *grant);
bool cgspan_grant_end(struct cgspan_grant *grant);
void cgspan_grant_end_all(struct cgspan_node *node);
void cgspan_grant_serve(void);

/* of tasks */
struct cgspan_grant *cgspan_grant_inherit(struct pid *holder,
					  struct cgspan_grant *inherited,
					  struct cgspan_group *group);
bool cgspan_grant_add_task(struct cgspan_grant *grant);
bool cgspan_grant_del_task(struct cgspan_grant *grant);

/* Nobody can have a grant to inherit: forks need not look. */
static inline bool cgspan_grant_none(void)
{
	return !atomic_read(&cgspan_grant_reserves);
}

/* Headroom has grown somewhere, after which it is seen here who waits. */
static inline void cgspan_grant_kick(void)
{
	/* Pairs with the one in the queue: who waits tries once more. */
	smp_mb();
	if (atomic_read(&cgspan_grant_waiting))
		cgspan_grant_serve();
}

#endif /* CGSPAN_GRANT_H */
