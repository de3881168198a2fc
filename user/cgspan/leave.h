/* SPDX-License-Identifier: GPL-2.0 */
/* Leaving the cluster, for the verbs leave and unload. */
#ifndef CGSPAN_LEAVE_H
#define CGSPAN_LEAVE_H

#include "cmd.h"

struct cluster;

/**
 * leave_cluster() - return all leases and end the session; sleeps
 * @c: the call, for "--unbind" and "--wait"
 * @cl: the configuration and its store; the node's daemon does the work
 * @name: set to the node's name; room for CGSPAN_NAME_LEN + 1
 * @err: why it failed
 *
 * Return: 0; 1: the node was in no cluster; -EBUSY: tasks are charged; or
 * another negative errno.
 */
int leave_cluster(struct cmd *c, const struct cluster *cl, char *name,
		  struct cgspan_err *err);

#endif /* CGSPAN_LEAVE_H */
