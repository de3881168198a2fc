/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_COUNTER_H
#define CGSPAN_COUNTER_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct cgspan_counter - what a group may use of one resource, and what it does
 * @parent: the next counter up the chain; NULL in the root
 * @tell: called when @credit got worse; it may not sleep
 * @lease: the most that may be admitted; CGSPAN_MAX: no limit
 * @used: what is charged here and below
 * @reserved: what grants hold here and below
 * @spare: of @reserved, what is not spent: not charged by who may spend it
 * @room: @lease - @used - @spare, in the root only: there it decides alone
 * @peak: the most that @used and @spare together have been
 * @refusals: admissions that this very lease refused
 * @asked: the most that one of them asked for since @lease was set
 * @low: low-water mark: below so much headroom, @tell; at most S64_MAX
 * @exhausted: nobody can give more, so that only an overdraft is told
 * @credit: enum cgspan_credit: the worst that was told since @lease was set
 *
 * All counters of a chain but the root are protected by one lock, which the
 * caller holds; one lock may serve many chains that meet in it. The root is
 * shared by chains under different locks, so everything in it is atomic.
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
void cgspan_counter_void(struct cgspan_counter *counter);

static inline u64 cgspan_counter_used(const struct cgspan_counter *counter)
{
	return atomic64_read(&counter->used);
}

/* What stands against the lease: all that is used, and what may be. */
static inline u64 cgspan_counter_taken(const struct cgspan_counter *counter)
{
	return atomic64_read(&counter->used) + atomic64_read(&counter->spare);
}

#endif /* CGSPAN_COUNTER_H */
