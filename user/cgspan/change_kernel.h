/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of groups on a node that is in no cluster. */
#ifndef CGSPAN_CHANGE_KERNEL_H
#define CGSPAN_CHANGE_KERNEL_H

#include "group_change.h"

/**
 * change_kernel() - change a group of this kernel; its leases are the limits
 * @ch: the change
 * @out: filled
 * @err: why it failed
 *
 * Return: 0; -ETIME: more than the new limit is in use; or another negative
 * errno.
 */
int change_kernel(const struct change *ch, struct outcome *out,
		  struct cgspan_err *err);

/**
 * change_kernel_restore() - set each lease to its limit, after a session ended
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int change_kernel_restore(struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_KERNEL_H */
