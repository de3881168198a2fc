/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of groups in a cluster. */
#ifndef CGSPAN_CHANGE_STORE_H
#define CGSPAN_CHANGE_STORE_H

#include "change_kernel.h"

struct sync;

/**
 * struct outcome - how far a change came
 * @revision: a revision of the store that has the change; 0: none, or no store
 * @nodes: number of registered nodes that are not fenced; 1 without a store
 * @in_force: number of nodes, out of @nodes, whose kernels have the change
 * @missing: names of the rest of @nodes, blanks between, to be freed; or NULL
 */
struct outcome {
	int64_t revision;
	size_t nodes;
	size_t in_force;
	char *missing;
};

/**
 * change_store() - change a group in the store; wait until it is in force
 * @ch: the change
 * @s: the store
 * @out: filled; free @out->missing, also after an error
 * @err: why it failed
 *
 * Return: 0: in force, or @ch->wait_ms is 0; -ETIME: not in force on all nodes
 * in time; or another negative errno.
 */
int change_store(const struct change *ch, struct sync *s, struct outcome *out,
		 struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_STORE_H */
