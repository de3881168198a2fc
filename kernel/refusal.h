/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_REFUSAL_H
#define CGSPAN_REFUSAL_H

#include <linux/types.h>

/* Reasons of refusals. */
enum cgspan_reason {
	CGSPAN_REASON_LEASE,	/* the amount is above a lease */
	CGSPAN_REASON_EXPIRED,	/* on_expiry refuses after the deadline */
	CGSPAN_REASON_ORPHAN,	/* the namespace of the group has ended */
};

/**
 * struct cgspan_refusal - one cause of refusals
 * @count: how many; 0: the entry is free
 * @last: ns of CLOCK_BOOTTIME: of the last refusal
 * @pid: of the task refused last, in the initial pid namespace
 * @depth: of the group that refused: the requested one, or an ancestor
 * @res: enum cgspan_resource
 * @reason: enum cgspan_reason
 */
struct cgspan_refusal {
	u64 count;
	u64 last;
	u32 pid;
	u8 depth;
	u8 res;
	u8 reason;
};

#define CGSPAN_REFUSALS 8

/**
 * struct cgspan_refusals - refusals to the tasks of one group
 * @causes: the latest causes
 * @other: the sum of causes that were replaced by later ones
 *
 * Protected by the lock that protects the group's shares.
 */
struct cgspan_refusals {
	struct cgspan_refusal causes[CGSPAN_REFUSALS];
	u64 other;
};

void cgspan_refusal_note(struct cgspan_refusals *refusals, u8 depth, u8 res,
			 enum cgspan_reason reason);
const char *cgspan_refusal_name(enum cgspan_reason reason);

#endif /* CGSPAN_REFUSAL_H */
