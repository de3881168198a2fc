/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_REFUSAL_H
#define CGSPAN_REFUSAL_H

#include <linux/types.h>

/* Reasons of refusals. */
enum cgspan_reason {
	CGSPAN_REASON_LEASE,	/* a lease has too little headroom */
	CGSPAN_REASON_EXPIRED,	/* on_expiry, or a LEAVE, refuses */
	CGSPAN_REASON_ORPHAN,	/* the network namespace of the group has ended */
};

/**
 * struct cgspan_refusal - refusals of one kind: by one group, resource and reason
 * @count: how many; 0: the entry is free
 * @last: ns of CLOCK_BOOTTIME: of the last refusal
 * @caller: id of the group for which the lease was low then; 0: none
 * @pid: of the task that forked or asked last, in the initial pid namespace
 * @depth: of the group that refused: the requested one, or an ancestor
 * @res: enum cgspan_resource
 * @reason: enum cgspan_reason
 * @cause: enum cgspan_cause: why the lease was low when it refused last
 */
struct cgspan_refusal {
	u64 count;
	u64 last;
	u64 caller;
	u32 pid;
	u8 depth;
	u8 res;
	u8 reason;
	u8 cause;
};

#define CGSPAN_REFUSALS 8

/**
 * struct cgspan_refusals - refused forks and requests of one group
 * @kinds: the latest kinds
 * @other: number of refusals of kinds that later ones have replaced
 *
 * Protected by the lock that protects the group's shares.
 */
struct cgspan_refusals {
	struct cgspan_refusal kinds[CGSPAN_REFUSALS];
	u64 other;
};

void cgspan_refusal_note(struct cgspan_refusals *refusals,
			 const struct cgspan_refusal *refusal);
const char *cgspan_refusal_name(enum cgspan_reason reason);

#endif /* CGSPAN_REFUSAL_H */
