// SPDX-License-Identifier: GPL-2.0
/*
 * Reserves: amounts that are held in a group before they are used. A reserve of
 * tasks is used by forks of its holder and of the holder's descendants.
 *
 * A fork finds its holder's reserves by the struct pid of the process, which stays the
 * same when a thread calls exec; else it inherits the reserve of the forking task.
 */
#include "reserve.h"

#include <linux/rculist.h>

#include "holder.h"
#include "trace.h"

atomic_t cgspan_reserve_inheritable = ATOMIC_INIT(0);

/* Amounts. */

static struct cgspan_counter *counter_of(struct cgspan_group *group, u32 res)
{
	return &group->shares[res].counter;
}

static bool lacks(struct cgspan_group *group,
		  const struct cgspan_amounts *amounts, struct cgspan_lack *lack)
{
	struct cgspan_counter *c;
	u32 res;

	cgspan_for_each_amount(res, amounts) {
		c = cgspan_counter_lacking(counter_of(group, res),
					   amounts->of[res], &lack->missing);
		if (!c)
			continue;
		lack->group = container_of(c, struct cgspan_share,
					   counter)->group;
		lack->res = res;
		return true;
	}
	return false;
}

/* Give the amounts of resources before @end back. */
static void give_back(struct cgspan_group *group,
		      const struct cgspan_amounts *amounts, u32 end, u64 spent)
{
	u64 n;
	u32 res;

	cgspan_for_each_amount(res, amounts) {
		if (res >= end)
			break;
		n = amounts->of[res];
		cgspan_counter_unreserve(counter_of(group, res), n,
					 n - (res ? 0 : spent));
	}
}

/* Return: false, with nothing reserved, if another chain has taken the root's room. */
static bool take(struct cgspan_group *group, const struct cgspan_amounts *amounts)
{
	u32 res;

	BUILD_BUG_ON(CGSPAN_RES_TASKS);

	cgspan_for_each_amount(res, amounts) {
		if (cgspan_counter_reserve(counter_of(group, res),
					   amounts->of[res]))
			continue;
		give_back(group, amounts, res, 0);
		return false;
	}
	return true;
}

static void refuse(struct cgspan_group *group,
		   const struct cgspan_amounts *amounts,
		   const struct cgspan_lack *lack)
{
	u64 n = amounts->of[lack->res];

	cgspan_counter_refuse(counter_of(lack->group, lack->res), n);
	cgspan_share_note(group, lack->group, lack->res, n, CGSPAN_REASON_LEASE);
}

static void tell_admit(struct cgspan_group *group,
		       const struct cgspan_amounts *amounts)
{
	u32 res;

	if (!trace_cgspan_admit_enabled())
		return;
	cgspan_for_each_amount(res, amounts)
		cgspan_share_tell(group, res, amounts->of[res]);
}

/* Context: the top-level group's lock is held; @grants is also read without it. */
static void count_grants(struct cgspan_group *group, int n)
{
	WRITE_ONCE(group->grants, group->grants + n);
}

/* Context: the top-level group's lock is held. */
static int try_reserve(struct cgspan_group *group,
		       const struct cgspan_amounts *amounts,
		       enum cgspan_try how, struct cgspan_lack *lack)
{
	if (group->dead)
		return -ENOENT;
	if (cgspan_group_held(group))
		return -ESTALE;

	do {
		if (lacks(group, amounts, lack)) {
			if (how == CGSPAN_TRY)
				refuse(group, amounts, lack);
			return -EAGAIN;
		}
	} while (how != CGSPAN_TRY_DRY && !take(group, amounts));

	if (how != CGSPAN_TRY_DRY) {
		count_grants(group, 1);
		tell_admit(group, amounts);
	}
	return 0;
}

/**
 * cgspan_reserve_take() - reserve all of several amounts, or nothing
 * @group: the group
 * @amounts: how much
 * @how: see enum cgspan_try
 * @lack: set to the shortage, if there is one
 *
 * Return: 0; -EAGAIN: too little headroom; -ESTALE: on_expiry refuses after the
 * deadline, or a LEAVE is in progress; -ENOENT: the group was removed.
 */
int cgspan_reserve_take(struct cgspan_group *group,
			const struct cgspan_amounts *amounts,
			enum cgspan_try how, struct cgspan_lack *lack)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&top->lock, flags);
	ret = try_reserve(group, amounts, how, lack);
	raw_spin_unlock_irqrestore(&top->lock, flags);
	return ret;
}

/* Do grants hold anything in the group or below it? */
bool cgspan_reserve_any(const struct cgspan_group *group)
{
	int res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (atomic64_read(&group->shares[res].counter.reserved))
			return true;
	return false;
}

/**
 * cgspan_reserve_return() - give reserved amounts back
 * @group: the group
 * @amounts: as they were reserved
 * @spent: how many of the reserved tasks are charged: these stay charged
 */
void cgspan_reserve_return(struct cgspan_group *group,
			   const struct cgspan_amounts *amounts, u64 spent)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	give_back(group, amounts, __CGSPAN_RES_LAST, spent);
	count_grants(group, -1);
	raw_spin_unlock_irqrestore(&top->lock, flags);
	cgspan_share_kick(group);
}

/* Would a sum of waiting amounts exceed S64_MAX? */
static bool overflows(const struct cgspan_group *group,
		      const struct cgspan_amounts *amounts)
{
	int res;

	cgspan_for_each_amount(res, amounts)
		if (group->shares[res].waiting + amounts->of[res] > S64_MAX)
			return true;
	return false;
}

/**
 * cgspan_reserve_wait() - count a queued request
 * @group: the group
 * @amounts: what it waits for
 * @max: how many requests may wait in the group, this one included
 *
 * Return: 0; -ENOENT: the group was removed; -EDQUOT: too many or too much waits.
 */
int cgspan_reserve_wait(struct cgspan_group *group,
			const struct cgspan_amounts *amounts, unsigned int max)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int res, ret = 0;

	raw_spin_lock_irqsave(&top->lock, flags);
	if (group->dead) {
		ret = -ENOENT;
	} else if (group->queued >= max || overflows(group, amounts)) {
		ret = -EDQUOT;
	} else {
		count_grants(group, 1);
		group->queued++;
		cgspan_for_each_amount(res, amounts)
			group->shares[res].waiting += amounts->of[res];
	}
	raw_spin_unlock_irqrestore(&top->lock, flags);
	return ret;
}

/* Undo cgspan_reserve_wait(): a request has left the queue. */
void cgspan_reserve_unwait(struct cgspan_group *group,
			   const struct cgspan_amounts *amounts)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int res;

	raw_spin_lock_irqsave(&top->lock, flags);
	count_grants(group, -1);
	group->queued--;
	cgspan_for_each_amount(res, amounts)
		group->shares[res].waiting -= amounts->of[res];
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

/* Lifetime and lookup. */

/* The last reference was dropped: see cgspan_reserve_put(). */
void cgspan_reserve_release(struct kref *ref)
{
	struct cgspan_reserve *reserve =
		container_of(ref, struct cgspan_reserve, ref);

	cgspan_group_put(reserve->group);
	reserve->free(reserve);
}

static bool inheritable(const struct cgspan_reserve *reserve)
{
	return reserve->holder->pid && reserve->amounts.of[CGSPAN_RES_TASKS];
}

/**
 * cgspan_reserve_publish() - make a reserve visible to its holder's forks
 * @reserve: the reserve
 * @max: how many the holder may have, this one included
 *
 * Context: a lock of the caller protects all lists of holders.
 *
 * Return: false if the holder has too many.
 */
bool cgspan_reserve_publish(struct cgspan_reserve *reserve, unsigned int max)
{
	struct cgspan_holder *holder = reserve->holder;

	if (holder->nr_held >= max)
		return false;
	list_add_rcu(&reserve->by_holder, &holder->held);
	holder->nr_held++;
	if (inheritable(reserve))
		atomic_inc(&cgspan_reserve_inheritable);
	return true;
}

/* Undo cgspan_reserve_publish(). */
void cgspan_reserve_unpublish(struct cgspan_reserve *reserve)
{
	list_del_rcu(&reserve->by_holder);
	reserve->holder->nr_held--;
	if (inheritable(reserve))
		atomic_dec(&cgspan_reserve_inheritable);
}

static bool is_granted(const struct cgspan_reserve *reserve)
{
	return READ_ONCE(reserve->state) == CGSPAN_GRANT_GRANTED;
}

static bool has_unspent(const struct cgspan_reserve *reserve)
{
	return inheritable(reserve) && is_granted(reserve) &&
	       READ_ONCE(reserve->spent) < reserve->amounts.of[CGSPAN_RES_TASKS];
}

/**
 * cgspan_reserve_inherit() - find the reserve that a new task may use
 * @process: of the task that forks it; of the new task itself, if it moved in
 * @inherited: the reserve of the task that forks it, or NULL
 * @group: the group of the new task
 *
 * Context: the RCU section in which the caller found @inherited.
 *
 * Return: a reserve, referenced, or NULL.
 */
struct cgspan_reserve *cgspan_reserve_inherit(struct pid *process,
					      struct cgspan_reserve *inherited,
					      struct cgspan_group *group)
{
	struct cgspan_holder *holder = cgspan_holder_of_process(process);
	struct cgspan_reserve *reserve;

	if (holder)
		list_for_each_entry_rcu(reserve, &holder->held, by_holder)
			if (has_unspent(reserve) &&
			    cgspan_group_contains(reserve->group, group) &&
			    kref_get_unless_zero(&reserve->ref))
				return reserve;

	if (inherited && is_granted(inherited) &&
	    kref_get_unless_zero(&inherited->ref))
		return inherited;
	return NULL;
}

/**
 * cgspan_reserve_add_task() - count a charged task that may use the reserve
 * @reserve: the reserve; the lock of a top-level group of its tree is held
 *
 * Return: whether the reserve covers the task: it is granted and had an unspent task.
 */
bool cgspan_reserve_add_task(struct cgspan_reserve *reserve)
{
	bool pays;

	raw_spin_lock(&reserve->lock);
	WRITE_ONCE(reserve->spent, reserve->spent + 1);
	pays = reserve->state == CGSPAN_GRANT_GRANTED &&
	       reserve->spent <= reserve->amounts.of[CGSPAN_RES_TASKS];
	raw_spin_unlock(&reserve->lock);
	return pays;
}

/*
 * Undo cgspan_reserve_add_task(). Return: whether the reserve has a task to spare
 * now: it is granted, and holds more tasks than may use it.
 */
bool cgspan_reserve_del_task(struct cgspan_reserve *reserve)
{
	bool paid;

	raw_spin_lock(&reserve->lock);
	WRITE_ONCE(reserve->spent, reserve->spent - 1);
	paid = reserve->state == CGSPAN_GRANT_GRANTED &&
	       reserve->spent < reserve->amounts.of[CGSPAN_RES_TASKS];
	raw_spin_unlock(&reserve->lock);
	return paid;
}
