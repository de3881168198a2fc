/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The administrator: transactions of the command, built by its own code of model/.
 * Each function waits until the store has a leader; @limit is of the resource that
 * world_about() selected. Return, if any: 0, or the error of desired_*() or nodes_*().
 */
#ifndef CGSPAN_SIM_ADMIN_H
#define CGSPAN_SIM_ADMIN_H

#include <stdint.h>

struct world;

int world_create(struct world *w, const char *path, uint64_t limit);
int world_set(struct world *w, const char *path, uint64_t limit);
int world_delete(struct world *w, const char *path);
int world_fence(struct world *w, unsigned int node);
int world_leave(struct world *w, unsigned int node);
int world_policy(struct world *w, const char *path, uint8_t on_expiry);
/* Begin to recover a restored store: each node that has not left must claim what its
 * kernel holds, except node @but, which is fenced; all must if @but is no node's index.
 */
void world_recover(struct world *w, unsigned int but);

#endif /* CGSPAN_SIM_ADMIN_H */
