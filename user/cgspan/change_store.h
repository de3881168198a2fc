/* SPDX-License-Identifier: GPL-2.0 */
/* Changes of groups in a cluster. */
#ifndef CGSPAN_CHANGE_STORE_H
#define CGSPAN_CHANGE_STORE_H

#include "group_change.h"

struct sync;

/**
 * change_store() - change a group in the store; wait until it is in force
 * @ch: the change
 * @s: the store
 * @out: filled; free @out->missing, also after an error
 * @err: why it failed
 *
 * Return: 0; -ETIME: not in force on all nodes in time; or another negative
 * errno.
 */
int change_store(const struct change *ch, struct sync *s, struct outcome *out,
		 struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_STORE_H */
