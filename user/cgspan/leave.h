/* SPDX-License-Identifier: GPL-2.0 */
/* Leaving the cluster: what leave and unload have in common. */
#ifndef CGSPAN_LEAVE_H
#define CGSPAN_LEAVE_H

#include "cmd.h"

struct config;

/**
 * leave_cluster() - hand everything back, end the session
 * @c: the call, for "--unbind" and "--wait"
 * @config: where there is a store, this node's daemon does it
 * @name: room for the node's name, CGSPAN_NAME_LEN + 1
 * @err: why not; while tasks are charged, -EBUSY
 *
 * Return: 0; 1: it was in none; or a negative errno.
 */
int leave_cluster(struct cmd *c, const struct config *config, char *name,
		  struct cgspan_err *err);

#endif /* CGSPAN_LEAVE_H */
