/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_COUNTER_H
#define CGSPAN_COUNTER_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct cgspan_counter - lease and use of one resource of a group
 * @parent: the next counter up the chain; NULL in the root
 * @tell: called when @credit got worse; it may not sleep
 * @lease: the maximum that may be taken by admissions; CGSPAN_MAX: no limit
 * @used: what is charged here and below
 * @reserved: what grants hold here and below
 * @spare: the part of @reserved that is not spent
 * @room: only in the root: @lease, at most S64_MAX, - @used - @spare
 * @peak: the maximum of @used + @spare; that of the root is not exact while its
 *	  lease is set
 * @refusals: number of admissions that this lease refused
 * @asked: the largest refused amount since @lease was set
 * @low: @tell is called when the headroom falls below it; at most S64_MAX
 * @exhausted: no node can give more: @tell is called for an overdraft only
 * @credit: enum cgspan_credit: the worst value told since @lease was set
 * @held: @lease, or what a drain found taken, if more: above it is an overdraft
 *
 * All counters of a chain but the root are protected by one lock, which the
 * caller holds; one lock may protect many chains. Chains under different locks
 * share the root, so its members are read and written atomically.
 */
struct cgspan_counter {
	struct cgspan_counter *parent;
	void (*tell)(struct cgspan_counter *counter);
	u64 lease;
	atomic64_t used;
	atomic64_t reserved;
	atomic64_t spare;
	atomic64_t room;
	atomic64_t peak;
	atomic64_t refusals;
	u64 asked;
	u64 low;
	bool exhausted;
	u8 credit;
	u64 held;
};

void cgspan_counter_init(struct cgspan_counter *counter,
			 struct cgspan_counter *parent, u64 lease,
			 void (*tell)(struct cgspan_counter *counter));
struct cgspan_counter *
cgspan_counter_try_charge(struct cgspan_counter *counter,
			  const struct cgspan_counter *until, u64 n);
void cgspan_counter_charge(struct cgspan_counter *counter,
			   const struct cgspan_counter *until, u64 n);
void cgspan_counter_uncharge(struct cgspan_counter *counter,
			     const struct cgspan_counter *until, u64 n);
struct cgspan_counter *cgspan_counter_lacking(struct cgspan_counter *counter,
					      u64 n, u64 *missing);
void cgspan_counter_refuse(struct cgspan_counter *counter, u64 n);
bool cgspan_counter_reserve(struct cgspan_counter *counter, u64 n);
void cgspan_counter_unreserve(struct cgspan_counter *counter, u64 n,
			      u64 unspent);
void cgspan_counter_spend(struct cgspan_counter *counter,
			  const struct cgspan_counter *until, u64 n);
void cgspan_counter_unspend(struct cgspan_counter *counter,
			    const struct cgspan_counter *until, u64 n);
u64 cgspan_counter_set(struct cgspan_counter *counter, u64 lease);
u64 cgspan_counter_drain(struct cgspan_counter *counter, u64 lease);
u64 cgspan_counter_held(const struct cgspan_counter *counter);
void cgspan_counter_void(struct cgspan_counter *counter);

static inline u64 cgspan_counter_used(const struct cgspan_counter *counter)
{
	return atomic64_read(&counter->used);
}

/* What is taken of the lease: charges, and reserves that are not spent. */
static inline u64 cgspan_counter_taken(const struct cgspan_counter *counter)
{
	return atomic64_read(&counter->used) + atomic64_read(&counter->spare);
}

#endif /* CGSPAN_COUNTER_H */
