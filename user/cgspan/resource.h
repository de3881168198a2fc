/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of resources, those of the protocol and those that this node gave, and
 * amounts of them in the command line.
 */
#ifndef CGSPAN_RESOURCE_H
#define CGSPAN_RESOURCE_H

#include "cmd.h"

/* The name of a resource on @node; valid as long as @node is. */
const char *resource_name(const struct cgspan_node *node, uint32_t res);

/*
 * Find a resource by its name in the protocol, or by a name that this node has
 * given in its kernel. 0, cmd_usage(), or another negative errno.
 */
int resource_find(struct cmd *c, const char *name, uint32_t *res,
		  struct cgspan_err *err);

/**
 * resource_amounts() - the amounts of resources among the arguments
 * @c: the call
 * @limits: room for CGSPAN_RES_MAX + 1, one for each resource
 * @n: number of amounts given
 * @err: the bad word
 *
 * Return: as resource_find().
 */
int resource_amounts(struct cmd *c, struct cgspan_limit *limits, size_t *n,
		     struct cgspan_err *err);

#endif /* CGSPAN_RESOURCE_H */
