/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_SHARE_H
#define CGSPAN_SHARE_H

#include <linux/atomic.h>
#include <linux/bitops.h>

#include "tree.h"

/**
 * struct cgspan_lease - what LEASE_SET sets, and what that came to
 * @amount: the requested lease; set to the one in force
 * @low: the low-water mark of headroom
 * @used: set to what is used, unspent reserves included
 * @held: set to what is held: see cgspan_counter_held()
 * @caller: id of the group that the missing part is kept for; 0: none
 * @cause: enum cgspan_cause: why the lease is low
 * @exhausted: see struct cgspan_counter
 * @drain: cgspan_counter_drain() sets the lease, else cgspan_counter_set()
 */
struct cgspan_lease {
	u64 amount;
	u64 low;
	u64 used;
	u64 held;
	u64 caller;
	u8 cause;
	bool exhausted;
	bool drain;
};

/* Lease and use of a resource of a group: of one moment, unless it is "/". */
struct cgspan_reading {
	u64 lease;
	u64 used;
	u64 reserved;
	u64 unspent;
	u64 waiting;
	u64 peak;
	u64 refusals;
	u64 asked;
	u64 low;
	u64 limit;
	u64 caller;
	u8 cause;
	bool exhausted;
	u8 credit;
	struct cgspan_peers peers;
};

/**
 * struct cgspan_amounts - how much of each resource
 * @of: by enum cgspan_resource
 * @resources: a bit for each resource of which it is not 0: a walk skips the rest
 */
struct cgspan_amounts {
	u64 of[__CGSPAN_RES_LAST];
	unsigned long resources;
};

#define cgspan_for_each_amount(res, amounts) \
	for_each_set_bit(res, &(amounts)->resources, __CGSPAN_RES_LAST)

/**
 * struct cgspan_lack - a shortage of headroom
 * @group: that has too little headroom: the requested one or an ancestor, or NULL
 * @res: enum cgspan_resource
 * @missing: the missing amount
 */
struct cgspan_lack {
	struct cgspan_group *group;
	u32 res;
	u64 missing;
};

/* The number of requests that wait for headroom, in all queues. */
extern atomic_t cgspan_share_waiting;

void cgspan_share_on_room(void (*fn)(struct cgspan_group *group));
void cgspan_share_room_grew(struct cgspan_group *group);
void cgspan_share_kick_all(struct cgspan_tree *tree);

void cgspan_share_set_lease(struct cgspan_share *share,
			    struct cgspan_lease *lease);
void cgspan_share_void_leases(struct cgspan_tree *tree);
void cgspan_share_set_peers(struct cgspan_share *share,
			    const struct cgspan_peers *peers);
bool cgspan_share_hint(struct cgspan_group *group,
		       const struct cgspan_amounts *amounts,
		       const struct cgspan_lack *lack,
		       struct cgspan_peers *hint);
void cgspan_share_read_refusals(struct cgspan_group *group,
				struct cgspan_refusals *refusals);
void cgspan_share_read(struct cgspan_share *share,
		       struct cgspan_reading *reading);
char *cgspan_share_explain(const struct cgspan_share *share, char *text,
			   size_t size);
void cgspan_share_explain_lack(const struct cgspan_lack *lack,
			       struct netlink_ext_ack *extack);
void cgspan_share_tell(struct cgspan_group *group, u32 res, u64 n);
void cgspan_share_note(struct cgspan_group *group, struct cgspan_group *by,
		       u32 res, u64 n, enum cgspan_reason reason);

/* Headroom grew in a group: wake queues if requests wait. Context: any but NMI. */
static inline void cgspan_share_kick(struct cgspan_group *group)
{
	/* Pairs with the barriers of queue.c, whose callers then try again. */
	smp_mb();
	if (atomic_read(&cgspan_share_waiting))
		cgspan_share_room_grew(group);
}

#endif /* CGSPAN_SHARE_H */
