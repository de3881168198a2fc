// SPDX-License-Identifier: GPL-2.0
/*
 * Charges up a chain of counters.
 *
 * A charge is checked against the whole chain before any counter changes. The
 * caller's lock keeps the result valid until the charge is made. So there is no
 * overshoot, and no spurious refusal by a charge that is refused itself, as with
 * counters that are raised first and reverted later.
 *
 * The lock does not cover the root. Its room is taken last, by an atomic operation
 * that either succeeds or changes nothing.
 *
 * A reserve takes room before it is used. Spending moves an amount from @spare to
 * @used: room does not change, and no lease is checked again.
 */
#include "counter.h"

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/minmax.h>

#include "../include/uapi/linux/cgspan.h"
#include "selftest/bug.h"

static bool is_root(const struct cgspan_counter *c)
{
	return !c->parent;
}

/* Only the root counter needs an atomic read-modify-write: others have a lock. */
static u64 add(const struct cgspan_counter *c, atomic64_t *v, s64 n)
{
	s64 sum;

	if (is_root(c))
		return atomic64_add_return(n, v);

	sum = atomic64_read(v) + n;
	atomic64_set(v, sum);
	return sum;
}

/* @room of the root counter is signed: cap its lease at S64_MAX. */
static s64 capped(u64 lease)
{
	return min_t(u64, lease, S64_MAX);
}

/* What is taken of the root's lease, by one atomic read; wrong while that is set. */
static s64 taken_by_room(const struct cgspan_counter *c)
{
	return capped(READ_ONCE(c->lease)) - atomic64_read(&c->room);
}

/*
 * @taken is the sum of two reads, and on the root has an amount twice that is
 * charged, returned and reserved between them: a single read of @room bounds it.
 */
static noinline void set_peak(struct cgspan_counter *c, s64 taken)
{
	s64 peak = atomic64_read(&c->peak);

	if (is_root(c))
		taken = min_t(s64, taken, taken_by_room(c));
	while (peak < taken && !atomic64_try_cmpxchg(&c->peak, &peak, taken))
		;
}

/* Inline: each fork calls it. */
static __always_inline void raise_peak(struct cgspan_counter *c, s64 taken)
{
	if (unlikely(atomic64_read(&c->peak) < taken))
		set_peak(c, taken);
}

/* Racy on the root: two callers may both call @tell, which is harmless. */
static void tell(struct cgspan_counter *c, u8 credit)
{
	if (READ_ONCE(c->credit) >= credit)
		return;
	if (READ_ONCE(c->exhausted) && credit != CGSPAN_CREDIT_OVERDRAWN)
		return;

	WRITE_ONCE(c->credit, credit);
	c->tell(c);
}

/*
 * A reserve is refused if it would raise what is taken above this, so that no sum
 * overflows, and forks have room left in a root counter whose lease is CGSPAN_MAX.
 */
#define SUM_MAX		(S64_MAX / 2)

/* After an admission: raise @peak, tell low headroom. Inline: each fork calls it. */
static __always_inline void check_low(struct cgspan_counter *c, u64 taken)
{
	raise_peak(c, taken);
	if (taken + READ_ONCE(c->low) > READ_ONCE(c->lease))
		tell(c, CGSPAN_CREDIT_LOW);
}

static bool take_room(struct cgspan_counter *c, s64 n)
{
	s64 room = atomic64_read(&c->room);

	do {
		if (room < n)
			return false;
	} while (!atomic64_try_cmpxchg(&c->room, &room, room - n));

	return true;
}

void cgspan_counter_init(struct cgspan_counter *counter,
			 struct cgspan_counter *parent, u64 lease,
			 void (*tell)(struct cgspan_counter *counter))
{
	*counter = (struct cgspan_counter) {
		.parent = parent,
		.tell = tell,
		.lease = lease,
		.held = lease,
		.room = ATOMIC64_INIT(capped(lease)),
	};
}

/**
 * cgspan_counter_try_charge() - charge if every lease up the chain allows it
 * @counter: where the chain begins
 * @until: the counter to stop before; NULL: the root is charged too
 * @n: how much, at most S64_MAX
 *
 * Return: NULL: all are charged; else the counter that refused, which has counted
 * the refusal: none is charged.
 */
struct cgspan_counter *
cgspan_counter_try_charge(struct cgspan_counter *counter,
			  const struct cgspan_counter *until, u64 n)
{
	struct cgspan_counter *c;
	u64 taken;

	for (c = counter; c != until && !is_root(c); c = c->parent)
		if (cgspan_counter_taken(c) + n > c->lease)
			goto refuse;
	if (c != until && !take_room(c, n))
		goto refuse;
	cgspan_delay();

	/* Add, then read @spare: of a charge and a reserve, one sees both. */
	for (c = counter; c != until; c = c->parent) {
		taken = add(c, &c->used, n);
		check_low(c, taken + atomic64_read(&c->spare));
	}
	return NULL;

refuse:
	cgspan_counter_refuse(c, n);
	return c;
}

/**
 * cgspan_counter_lacking() - find a counter that would refuse a reserve
 * @counter: where the chain begins
 * @n: how much, at most CGSPAN_AMOUNT_MAX
 * @missing: set to the missing headroom of the returned counter; includes what is
 *	     taken above its lease
 *
 * Return: the first counter up the chain whose headroom is too small, or NULL.
 */
struct cgspan_counter *cgspan_counter_lacking(struct cgspan_counter *counter,
					      u64 n, u64 *missing)
{
	struct cgspan_counter *c;
	s64 room;

	for (c = counter; c; c = c->parent) {
		room = min_t(u64, READ_ONCE(c->lease), SUM_MAX) -
		       cgspan_counter_taken(c);
		if (is_root(c))
			room = min_t(s64, room, atomic64_read(&c->room));
		if (room >= (s64)n)
			continue;
		*missing = n - room;
		return c;
	}
	return NULL;
}

/* Count a refusal of @n by this counter, and notify. Racy on the root: of two
 * refusals at the same time, @asked may lack the larger.
 */
void cgspan_counter_refuse(struct cgspan_counter *counter, u64 n)
{
	add(counter, &counter->refusals, 1);
	if (READ_ONCE(counter->asked) < n)
		WRITE_ONCE(counter->asked, n);
	tell(counter, CGSPAN_CREDIT_REFUSED);
}

/**
 * cgspan_counter_reserve() - reserve what cgspan_counter_lacking() allows
 * @counter: where the chain begins
 * @n: how much; the caller's lock has been held since the check
 *
 * Return: false if another chain took the root's room meanwhile; nothing is
 * reserved then.
 */
bool cgspan_counter_reserve(struct cgspan_counter *counter, u64 n)
{
	struct cgspan_counter *c;
	u64 taken;

	for (c = counter; !is_root(c); c = c->parent)
		;
	if (!take_room(c, n))
		return false;

	for (c = counter; c; c = c->parent) {
		add(c, &c->reserved, n);
		taken = add(c, &c->spare, n);
		check_low(c, taken + atomic64_read(&c->used));
	}
	return true;
}

/**
 * cgspan_counter_unreserve() - return a reserve
 * @counter: where the chain begins
 * @n: how much was reserved
 * @unspent: how much of it is not spent; the rest stays charged
 */
void cgspan_counter_unreserve(struct cgspan_counter *counter, u64 n,
			      u64 unspent)
{
	struct cgspan_counter *c;

	for (c = counter; c; c = c->parent) {
		WARN_ON_ONCE((s64)add(c, &c->reserved, -(s64)n) < 0);
		add(c, &c->spare, -(s64)unspent);
		if (is_root(c))
			atomic64_add(unspent, &c->room);
	}
}

/* Spend @n of a reserve from @counter up, below @until; leases are not checked. */
void cgspan_counter_spend(struct cgspan_counter *counter,
			  const struct cgspan_counter *until, u64 n)
{
	struct cgspan_counter *c;

	for (c = counter; c != until; c = c->parent) {
		add(c, &c->spare, -(s64)n);
		add(c, &c->used, n);
	}
}

/* Undo cgspan_counter_spend(). */
void cgspan_counter_unspend(struct cgspan_counter *counter,
			    const struct cgspan_counter *until, u64 n)
{
	struct cgspan_counter *c;

	for (c = counter; c != until; c = c->parent) {
		WARN_ON_ONCE((s64)add(c, &c->used, -(s64)n) < 0);
		add(c, &c->spare, n);
	}
}

/**
 * cgspan_counter_charge() - charge without a check of leases; may overdraw
 * @counter: where the chain begins
 * @until: the counter to stop before; NULL: the root is charged too
 * @n: how much, at most S64_MAX
 */
void cgspan_counter_charge(struct cgspan_counter *counter,
			   const struct cgspan_counter *until, u64 n)
{
	struct cgspan_counter *c;
	u64 taken;

	for (c = counter; c != until; c = c->parent) {
		if (is_root(c))
			atomic64_sub(n, &c->room);
		add(c, &c->used, n);
		taken = cgspan_counter_taken(c);
		raise_peak(c, taken);
		if (taken > READ_ONCE(c->held))
			tell(c, CGSPAN_CREDIT_OVERDRAWN);
	}
}

/**
 * cgspan_counter_uncharge() - return a charge
 * @counter: where the chain begins
 * @until: the counter to stop before; NULL: the root is uncharged too
 * @n: how much was charged
 */
void cgspan_counter_uncharge(struct cgspan_counter *counter,
			     const struct cgspan_counter *until, u64 n)
{
	struct cgspan_counter *c;

	for (c = counter; c != until; c = c->parent) {
		WARN_ON_ONCE((s64)add(c, &c->used, -(s64)n) < 0);
		/* Raise @room last: until then no admission may use it. */
		if (is_root(c))
			atomic64_add(n, &c->room);
	}
}

static u64 shrink(const struct cgspan_counter *c, u64 lease)
{
	return max(lease, min(c->lease, cgspan_counter_taken(c)));
}

/* Take free room, to shrink the root's lease towards @want. Return: lease to set. */
static u64 shrink_root(struct cgspan_counter *c, u64 want)
{
	s64 over = capped(c->lease) - capped(want);
	s64 room = atomic64_read(&c->room);
	s64 take;

	do {
		take = clamp_t(s64, room, 0, over);
	} while (!atomic64_try_cmpxchg(&c->room, &room, room - take));

	return take == over ? want : (u64)(capped(c->lease) - take);
}

/* Set @lease and @held, clear @asked, and allow notifications again. */
static void renew(struct cgspan_counter *c, u64 lease, u64 held)
{
	WRITE_ONCE(c->lease, lease);
	WRITE_ONCE(c->held, held);
	WRITE_ONCE(c->asked, 0);
	WRITE_ONCE(c->credit, CGSPAN_CREDIT_OK);
}

/**
 * cgspan_counter_set() - set a lease, and allow notifications again
 * @counter: the counter; callers do not set the same one concurrently
 * @lease: the requested lease
 *
 * A lease grows to the requested value. It shrinks no lower than what is taken,
 * and never grows by a shrink, even if more is taken than it allows.
 *
 * Return: the lease now in force.
 */
u64 cgspan_counter_set(struct cgspan_counter *counter, u64 lease)
{
	if (lease < counter->lease)
		lease = is_root(counter) ? shrink_root(counter, lease) :
					   shrink(counter, lease);
	else if (is_root(counter))
		atomic64_add(capped(lease) - capped(counter->lease),
			     &counter->room);

	renew(counter, lease, lease);
	return lease;
}

/**
 * cgspan_counter_held() - the lease, or what is taken if that is more
 * @counter: the counter; its lease is not set concurrently
 *
 * For the root it is computed from @room: an admission takes room first, and adds
 * to @used later, so that @used lacks admissions under way on other processors.
 *
 * Return: the lease, or what is taken if that is more. From a drain until the
 * lease is set again, only cgspan_counter_charge() can make the result grow.
 */
u64 cgspan_counter_held(const struct cgspan_counter *counter)
{
	u64 taken = cgspan_counter_taken(counter);

	if (is_root(counter) && !cgspan_bug(CGSPAN_BUG_HELD_BY_USED))
		taken = taken_by_room(counter);
	return max(counter->lease, taken);
}

/**
 * cgspan_counter_drain() - lower a lease, also below what is taken
 * @counter: the counter; as in cgspan_counter_set()
 * @lease: the requested lease; one above the present lease leaves that as it is
 *
 * Until less is taken than @lease, nothing is admitted. Reserves stay. Charges
 * without a check overdraw only above what is held now.
 *
 * Return: what is held, as cgspan_counter_held().
 */
u64 cgspan_counter_drain(struct cgspan_counter *counter, u64 lease)
{
	u64 held;

	lease = min(lease, counter->lease);
	if (is_root(counter))
		atomic64_sub(capped(counter->lease) - capped(lease),
			     &counter->room);
	WRITE_ONCE(counter->lease, lease);
	held = cgspan_counter_held(counter);
	renew(counter, lease, held);
	return held;
}

/**
 * cgspan_counter_void() - set a lease to 0, and clear @low and @exhausted
 * @counter: the counter; as in cgspan_counter_set()
 *
 * Unlike a shrink it does not stop at what is taken, which is overdrawn then.
 */
void cgspan_counter_void(struct cgspan_counter *counter)
{
	if (is_root(counter))
		atomic64_sub(capped(counter->lease), &counter->room);

	WRITE_ONCE(counter->low, 0);
	WRITE_ONCE(counter->exhausted, false);
	renew(counter, 0, 0);
}

#ifdef CGSPAN_SELFTEST
#include "selftest/counter.c"
#endif
