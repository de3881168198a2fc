/* SPDX-License-Identifier: GPL-2.0 */
/* A requested change of a group, and how far it came. */
#ifndef CGSPAN_GROUP_CHANGE_H
#define CGSPAN_GROUP_CHANGE_H

#include "libcgspan/cgspan.h"

enum change_kind {
	CHANGE_CREATE,
	CHANGE_SET,
	CHANGE_DELETE,
};

/**
 * struct change - a requested change
 * @kind: its kind
 * @path: of the group
 * @limits: the limits to set
 * @n_limits: number of them
 * @on_expiry: enum cgspan_on_expiry, or CGSPAN_ON_EXPIRY_KEEP
 * @wait_ms: how long to wait until it is in force, in ms; 0: do not wait
 */
struct change {
	enum change_kind kind;
	const char *path;
	struct cgspan_limit limits[CGSPAN_RES_MAX + 1];
	size_t n_limits;
	int on_expiry;
	unsigned int wait_ms;
};

/**
 * struct outcome - how far a change came
 * @revision: of the store; 0: there is no store
 * @nodes: number of registered nodes that are not fenced; 1 without a store
 * @in_force: number of nodes whose kernels have the change
 * @missing: names of the other nodes, separated by blanks; the caller frees it
 */
struct outcome {
	int64_t revision;
	size_t nodes;
	size_t in_force;
	char *missing;
};

#endif /* CGSPAN_GROUP_CHANGE_H */
