/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of a group, and its application to this kernel alone, on a node that
 * is in no cluster.
 */
#ifndef CGSPAN_CHANGE_KERNEL_H
#define CGSPAN_CHANGE_KERNEL_H

#include "libcgspan/cgspan.h"

enum change_kind {
	CHANGE_CREATE,
	CHANGE_SET,
	CHANGE_DELETE,
};

/**
 * struct change - a requested change
 * @kind: its kind
 * @path: path of the group
 * @limits: the limits to set
 * @n_limits: number of @limits
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
 * change_kernel() - change a group of this kernel; set leases to @ch->limits
 * @k: the kernel
 * @ch: the change
 * @err: why it failed
 *
 * Sleeps until the leases are as low as these limits, or about @ch->wait_ms.
 *
 * Return: 0; -ETIME: more than the new limit is in use; or another negative
 * errno.
 */
int change_kernel(struct cgspan *k, const struct change *ch,
		  struct cgspan_err *err);

/* Set each lease to its limit, after a session ended. 0 or a negative errno. */
int change_kernel_restore(struct cgspan *k, struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_KERNEL_H */
