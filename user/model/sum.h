/* SPDX-License-Identifier: GPL-2.0 */
/* What several nodes use of each group, and who has most left. Pure. */
#ifndef CGSPAN_SUM_H
#define CGSPAN_SUM_H

#include "codec.h"

/**
 * struct sum - a group of the store, and what the other nodes use of it
 * @id: its id
 * @path: its path
 * @used: by all of them
 * @headroom: the most that one of them has
 * @node: which one; NULL: none. Of two with as much, the first by name
 */
struct sum {
	uint64_t id;
	const char *path;
	uint64_t used[RES_N];
	uint64_t headroom[RES_N];
	const char *node[RES_N];
};

/* By their ids, as sums_add() needs them. */
void sums_sort(struct sum *sums, size_t n);
/**
 * sums_add() - add what one node has said
 * @sums: the groups, sorted
 * @n: how many
 * @usage: what it uses of them; other groups are passed over
 * @node: its name, which must outlive @sums; NULL: it has not been heard of for
 *	so long that nobody should be sent there
 */
void sums_add(struct sum *sums, size_t n, const struct usage_rec *usage,
	      const char *node);

#endif /* CGSPAN_SUM_H */
