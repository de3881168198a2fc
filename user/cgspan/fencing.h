/* SPDX-License-Identifier: GPL-2.0 */
/* Fencing: what the verbs fence and recover have in common. */
#ifndef CGSPAN_FENCING_H
#define CGSPAN_FENCING_H

#include "cmd.h"

struct sync;

/**
 * fencing_run() - take back all that a node held
 * @s: the store
 * @node: it is off
 * @by: who says so: "admin", or NODES_RECOVER
 * @steps: how many transactions it took are added to it
 * @err: why it is not complete; say it again, then
 *
 * Return: 0 or a negative errno.
 */
int fencing_run(struct sync *s, const char *node, const char *by,
		unsigned int *steps, struct cgspan_err *err);

#endif /* CGSPAN_FENCING_H */
