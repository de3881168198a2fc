/* SPDX-License-Identifier: GPL-2.0 */
/* Sums of what several nodes use of each group, and the node with the most
 * headroom. Pure.
 */
#ifndef CGSPAN_SUM_H
#define CGSPAN_SUM_H

#include "codec.h"

/* A group, and the use of it by all other nodes, per resource. */
struct sum {
	uint64_t id;
	const char *path;
	uint64_t used[RES_N];		/* sum of the use of these nodes */
	uint64_t headroom[RES_N];	/* the largest headroom of a node */
	const char *node[RES_N];	/* node with it, first by name; NULL: none */
};

/* Sort by id, as sums_add() needs. */
void sums_sort(struct sum *sums, size_t n);
/* Add what one node uses to sorted sums; groups that they lack are skipped. @node must
 * outlive them; NULL: it has been silent for so long that its headroom does not count.
 */
void sums_add(struct sum *sums, size_t n, const struct usage_rec *usage,
	      const char *node);

#endif /* CGSPAN_SUM_H */
