/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of resources, those of the protocol and those that this node gave, and
 * amounts of them in the command line.
 */
#ifndef CGSPAN_RESOURCE_H
#define CGSPAN_RESOURCE_H

#include "cmd.h"

/* The name of a resource on that node; lives as long as @node. */
const char *resource_name(const struct cgspan_node *node, uint32_t res);

/* The names on this node; those of the protocol if the kernel cannot be read. */
void resource_names(struct cmd *c,
		    char names[CGSPAN_RES_MAX + 1][CGSPAN_RES_NAME_LEN + 1]);

/**
 * resource_amounts() - the amounts of resources among the arguments
 * @c: the call
 * @limits: room for CGSPAN_RES_MAX + 1, one for each resource
 * @n: number of amounts given
 * @err: the bad word
 *
 * Looks up a name that is not one of the protocol's in the kernel.
 *
 * Return: 0, cmd_usage(), or another negative errno.
 */
int resource_amounts(struct cmd *c, struct cgspan_limit *limits, size_t *n,
		     struct cgspan_err *err);

#endif /* CGSPAN_RESOURCE_H */
