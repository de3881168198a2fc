// SPDX-License-Identifier: GPL-2.0
/*
 * Causes of refusals. Few causes repeat often: the latest ones have their own
 * counts, all others share a sum.
 */
#include "refusal.h"

#include <linux/sched.h>
#include <linux/timekeeping.h>

static bool same(const struct cgspan_refusal *a, const struct cgspan_refusal *b)
{
	return a->depth == b->depth && a->res == b->res &&
	       a->reason == b->reason;
}

/* The entry of this cause, or the oldest one, which it replaces. */
static struct cgspan_refusal *place(struct cgspan_refusals *refusals,
				    const struct cgspan_refusal *cause)
{
	struct cgspan_refusal *oldest = refusals->causes;
	struct cgspan_refusal *r;

	for (r = refusals->causes; r < refusals->causes + CGSPAN_REFUSALS; r++) {
		if (r->count && same(r, cause))
			return r;
		if (r->last < oldest->last)
			oldest = r;
	}
	refusals->other += oldest->count;
	oldest->count = 0;
	return oldest;
}

/**
 * cgspan_refusal_note() - count a refusal to the current task
 * @refusals: of the requested group
 * @depth: of the group that refused
 * @res: the resource
 * @reason: why
 *
 * Context: holds the lock of @refusals.
 */
void cgspan_refusal_note(struct cgspan_refusals *refusals, u8 depth, u8 res,
			 enum cgspan_reason reason)
{
	struct cgspan_refusal now = {
		.last = ktime_get_boottime_ns(),
		.pid = current->pid,
		.depth = depth,
		.res = res,
		.reason = reason,
	};
	struct cgspan_refusal *r = place(refusals, &now);

	now.count = r->count + 1;
	*r = now;
}

const char *cgspan_refusal_name(enum cgspan_reason reason)
{
	static const char *const names[] = {
		[CGSPAN_REASON_LEASE] = "lease",
		[CGSPAN_REASON_EXPIRED] = "expired",
		[CGSPAN_REASON_ORPHAN] = "orphan",
	};

	return names[reason];
}
