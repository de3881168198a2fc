/* SPDX-License-Identifier: GPL-2.0 */
/* Fencing, for the verbs fence and recover. */
#ifndef CGSPAN_FENCE_H
#define CGSPAN_FENCE_H

struct cgspan_err;
struct sync;

/**
 * fence_node() - return all that a node held to the pools
 * @s: the store
 * @node: a node that is switched off
 * @by: "admin", or NODES_RECOVER
 * @steps: incremented by the number of transactions
 * @err: why it failed; a later call continues
 *
 * Return: 0 or a negative errno.
 */
int fence_node(struct sync *s, const char *node, const char *by,
	       unsigned int *steps, struct cgspan_err *err);

#endif /* CGSPAN_FENCE_H */
