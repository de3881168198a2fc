/* SPDX-License-Identifier: GPL-2.0 */
/* The state of this node's kernel module, for verbs that read it once. */
#ifndef CGSPAN_THIS_NODE_H
#define CGSPAN_THIS_NODE_H

#include "libcgspan/cgspan.h"

/**
 * this_node_read() - read the node's totals and its session
 * @node: filled
 * @session: filled; may be NULL
 * @err: why it failed; may be NULL
 *
 * Return: 0; -ENOENT: the module is not loaded; or another negative errno.
 */
int this_node_read(struct cgspan_node *node, struct cgspan_session *session,
		   struct cgspan_err *err);

#endif /* CGSPAN_THIS_NODE_H */
