// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of refusals. Few kinds repeat often: the latest ones have their own counts,
 * all others share a sum.
 */
#include "refusal.h"

#include <linux/sched.h>
#include <linux/timekeeping.h>

static bool same(const struct cgspan_refusal *a, const struct cgspan_refusal *b)
{
	return a->depth == b->depth && a->res == b->res &&
	       a->reason == b->reason;
}

/* Return: the entry of this kind, or else the oldest entry, to be replaced by it. */
static struct cgspan_refusal *place(struct cgspan_refusals *refusals,
				    const struct cgspan_refusal *refusal)
{
	struct cgspan_refusal *oldest = refusals->kinds;
	struct cgspan_refusal *r;

	for (r = refusals->kinds; r < refusals->kinds + CGSPAN_REFUSALS; r++) {
		if (r->count && same(r, refusal))
			return r;
		if (r->last < oldest->last)
			oldest = r;
	}
	refusals->other += oldest->count;
	oldest->count = 0;
	return oldest;
}

/**
 * cgspan_refusal_note() - count a refusal of a request by the current task
 * @refusals: of the requested group
 * @refusal: its kind, cause and caller
 *
 * Context: the lock that protects @refusals is held.
 */
void cgspan_refusal_note(struct cgspan_refusals *refusals,
			 const struct cgspan_refusal *refusal)
{
	struct cgspan_refusal *r = place(refusals, refusal);
	u64 count = r->count + 1;

	*r = *refusal;
	r->count = count;
	r->last = ktime_get_boottime_ns();
	r->pid = current->pid;
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
