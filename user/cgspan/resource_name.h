/* SPDX-License-Identifier: GPL-2.0 */
/* Names of resources: those of the protocol, and those that this node gave. */
#ifndef CGSPAN_RESOURCE_NAME_H
#define CGSPAN_RESOURCE_NAME_H

#include "libcgspan/cgspan.h"

/**
 * resource_name_find() - look up a resource by its name
 * @name: "tasks", "user0", or a name that this node gave
 * @res: enum cgspan_resource
 * @err: why it failed
 *
 * Reads this node's names only if @name is not one of the protocol's.
 *
 * Return: 0; -EINVAL: no resource has that name; or another negative errno.
 */
int resource_name_find(const char *name, uint32_t *res,
		       struct cgspan_err *err);

/**
 * resource_names() - the name of each resource on this node
 * @names: room for CGSPAN_RES_MAX + 1 of them; if the kernel cannot be read,
 *	they are the protocol's names
 */
void resource_names(char names[][CGSPAN_RES_NAME_LEN + 1]);

/**
 * resource_name() - the name of one resource
 * @node: the node, as read from the kernel
 * @res: enum cgspan_resource
 *
 * Return: a string that lives as long as @node.
 */
const char *resource_name(const struct cgspan_node *node, uint32_t res);

#endif /* CGSPAN_RESOURCE_NAME_H */
