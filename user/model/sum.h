/* SPDX-License-Identifier: GPL-2.0 */
/* Sums of what several nodes use of each group, and the node with the most
 * headroom. Pure.
 */
#ifndef CGSPAN_SUM_H
#define CGSPAN_SUM_H

#include "codec.h"

/* A group, and sums over the nodes given to sums_add(). */
struct sum {
	uint64_t id;
	const char *path;
	uint64_t used[RES_N];		/* sum of the nodes' use */
	uint64_t headroom[RES_N];	/* the largest headroom of a node */
	const char *node[RES_N];	/* that node, first by name; NULL: none */
};

/* Sort sums by group id, as sums_add() needs. */
void sums_sort(struct sum *sums, size_t n);
/* Add the usage of one node to sorted sums, except of groups not in @sums.
 * @node must outlive the sums; NULL: only the node's use counts, not its
 * headroom.
 */
void sums_add(struct sum *sums, size_t n, const struct usage_rec *usage,
	      const char *node);

#endif /* CGSPAN_SUM_H */
