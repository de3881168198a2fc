/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: histograms of how the tasks of a group were scheduled, on one
 * node or merged of several. A file holds it as JSON.
 */
#ifndef CGSPAN_RECORDING_H
#define CGSPAN_RECORDING_H

#include "libcgspan/cgspan.h"

/**
 * struct recording - histograms of a group
 * @group: path of the group; its subtree is included
 * @nodes: names of the nodes, separated by blanks
 * @ms: duration in ms; of merged recordings the longest
 * @sched: the histograms, summed over all nodes
 */
struct recording {
	char group[CGSPAN_PATH_LEN + 1];
	char *nodes;
	uint64_t ms;
	struct cgspan_sched sched;
};

void recording_free(struct recording *r);

/**
 * recording_make() - record a group of this node; sleeps
 * @r: all zero; free it with recording_free(), also after an error
 * @k: the kernel
 * @group: path of the group
 * @ms: duration in ms
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int recording_make(struct recording *r, struct cgspan *k, const char *group,
		   unsigned int ms, struct cgspan_err *err);

/* Read a file into @r, which is all zero; -EINVAL: it is no recording. */
int recording_read(struct recording *r, const char *file,
		   struct cgspan_err *err);
/* Write a recording to a file; to standard output if @file is NULL. */
int recording_write(const struct recording *r, const char *file,
		    struct cgspan_err *err);

/* Add @more, of the same group, to @r; @r all zero: of any group. */
int recording_merge(struct recording *r, const struct recording *more,
		    struct cgspan_err *err);

#endif /* CGSPAN_RECORDING_H */
