/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_SCHED_H
#define CGSPAN_SCHED_H

#include <linux/types.h>

struct cgspan_group;
struct cgspan_holder;

enum cgspan_sched_kind {
	CGSPAN_SCHED_DELAY,	/* runnable, but waiting for a processor */
	CGSPAN_SCHED_SLICE,	/* running, from switch to switch */
	__CGSPAN_SCHED_LAST
};

/* Bucket i: 2^i to 2^(i+1) - 1 ns; bucket 0: also 0 ns; the last: also longer. */
#define CGSPAN_SCHED_BUCKETS 40

/**
 * struct cgspan_sched - how the tasks of a group were scheduled
 * @counts: by enum cgspan_sched_kind, then by bucket
 * @sums: by enum cgspan_sched_kind: ns in all
 *
 * The figures include the subtree, and only grow.
 */
struct cgspan_sched {
	u64 counts[__CGSPAN_SCHED_LAST][CGSPAN_SCHED_BUCKETS];
	u64 sums[__CGSPAN_SCHED_LAST];
};

int cgspan_sched_init(void);
void cgspan_sched_exit(void);
int cgspan_sched_hold(struct cgspan_holder *holder);
void cgspan_sched_drop(struct cgspan_holder *holder);
bool cgspan_sched_on(void);
void cgspan_sched_read(const struct cgspan_group *group,
		       struct cgspan_sched *sum);

#endif /* CGSPAN_SCHED_H */
