/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: how the tasks of a group were scheduled for some time on one
 * node, or on several whose recordings were merged. A file holds it as JSON.
 */
#ifndef CGSPAN_RECORDING_H
#define CGSPAN_RECORDING_H

#include <stdio.h>

#include "libcgspan/cgspan.h"

/**
 * struct recording - what was counted
 * @group: the group, with its subtree
 * @nodes: the names of the nodes, parted by blanks
 * @ms: how long; of merged ones the longest
 * @sched: the histograms, of all nodes in one
 */
struct recording {
	char group[CGSPAN_PATH_LEN + 1];
	char *nodes;
	uint64_t ms;
	struct cgspan_sched sched;
};

void recording_free(struct recording *r);

/* Record a group of this node for so many ms. */
int recording_make(struct recording *r, const char *group, unsigned int ms,
		   struct cgspan_err *err);

int recording_read(struct recording *r, const char *file,
		   struct cgspan_err *err);
int recording_write(const struct recording *r, FILE *f,
		    struct cgspan_err *err);
int recording_save(const struct recording *r, const char *file,
		   struct cgspan_err *err);

/* Adds another one, which must be of the same group; an empty one takes any. */
int recording_merge(struct recording *r, const struct recording *more,
		    struct cgspan_err *err);

#endif /* CGSPAN_RECORDING_H */
