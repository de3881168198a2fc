/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_RESERVE_H
#define CGSPAN_RESERVE_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "share.h"

struct cgspan_holder;
struct pid;

/**
 * struct cgspan_reserve - amounts held in a group; a grant embeds it
 * @group: the group that holds them, referenced
 * @amounts: the amounts
 * @holder: the process or socket, referenced
 * @lock: protects @state and @spent; nests in the lock of a top-level group
 * @state: enum cgspan_grant_state
 * @spent: number of charged tasks that may use the reserve; may exceed @amounts
 * @by_holder: in @held of @holder, while published
 * @ref: held by the grant until it has ended, by the queue, by records of tasks,
 *       and by each lookup
 * @free: called after the last reference was dropped: puts @holder and frees the
 *	reserve, for a process after a grace period; any context but NMI
 */
struct cgspan_reserve {
	struct cgspan_group *group;
	struct cgspan_amounts amounts;
	struct cgspan_holder *holder;
	raw_spinlock_t lock;
	u8 state;
	u64 spent;
	struct list_head by_holder;
	struct kref ref;
	void (*free)(struct cgspan_reserve *reserve);
};

enum cgspan_try {
	CGSPAN_TRY,		/* reserve; count and report a refusal */
	CGSPAN_TRY_AGAIN,	/* reserve for a queued request; count no refusal */
	CGSPAN_TRY_DRY,		/* change nothing: only tell the result */
};

/* Number of published reserves of processes, with tasks; also of queued requests. */
extern atomic_t cgspan_reserve_inheritable;

int cgspan_reserve_take(struct cgspan_group *group,
			const struct cgspan_amounts *amounts,
			enum cgspan_try how, struct cgspan_lack *lack);
bool cgspan_reserve_any(const struct cgspan_group *group);
void cgspan_reserve_return(struct cgspan_group *group,
			   const struct cgspan_amounts *amounts, u64 spent);
int cgspan_reserve_wait(struct cgspan_group *group,
			const struct cgspan_amounts *amounts, unsigned int max);
void cgspan_reserve_unwait(struct cgspan_group *group,
			   const struct cgspan_amounts *amounts);

void cgspan_reserve_release(struct kref *ref);
bool cgspan_reserve_publish(struct cgspan_reserve *reserve, unsigned int max);
void cgspan_reserve_unpublish(struct cgspan_reserve *reserve);
struct cgspan_reserve *cgspan_reserve_inherit(struct pid *process,
					      struct cgspan_reserve *inherited,
					      struct cgspan_group *group);
bool cgspan_reserve_add_task(struct cgspan_reserve *reserve);
bool cgspan_reserve_del_task(struct cgspan_reserve *reserve);

/* @reserve may be NULL. */
static inline void cgspan_reserve_put(struct cgspan_reserve *reserve)
{
	if (reserve)
		kref_put(&reserve->ref, cgspan_reserve_release);
}

/* True if no task can have a reserve to inherit. */
static inline bool cgspan_reserve_none(void)
{
	return !atomic_read(&cgspan_reserve_inheritable);
}

#endif /* CGSPAN_RESERVE_H */
