/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The administrator: the command's transactions on the store, built by the daemon's
 * own code. Each call waits until the store has a leader. Returns 0, or the result
 * of desired_*().
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
/* Recover a restored store: all nodes claim, except node @but, which is fenced. If
 * no node has the number @but, all claim.
 */
void world_recover(struct world *w, unsigned int but);

#endif /* CGSPAN_SIM_ADMIN_H */
