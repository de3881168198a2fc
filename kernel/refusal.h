/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_REFUSAL_H
#define CGSPAN_REFUSAL_H

#include <linux/types.h>

/* Why something is refused. */
enum cgspan_reason {
	CGSPAN_REASON_LEASE,	/* it would be above a lease */
	CGSPAN_REASON_EXPIRED,	/* past the session's deadline, by on_expiry */
	CGSPAN_REASON_ORPHAN,	/* the group's namespace has gone */
};

/**
 * struct cgspan_refusal - one cause of refusals
 * @count: how many; 0: this place is free
 * @last: ns of CLOCK_BOOTTIME: when it last refused
 * @pid: the task that was refused then, in the initial pid namespace
 * @depth: of the group that refused: the one that asked, or an ancestor
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
 * struct cgspan_refusals - what was refused to the tasks of one group, and why
 * @causes: the latest causes
 * @other: how often those refused that had to make room for later ones
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
