/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Actions of a test on a node, and readings of the world. All but world_about()
 * are of one resource, tasks by default.
 */
#ifndef CGSPAN_SIM_OBSERVE_H
#define CGSPAN_SIM_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct world;

/* Select the resource that later calls are about. */
void world_about(struct world *w, uint32_t res);
/* Set the use that a node wants in the group. */
void world_demand(struct world *w, unsigned int node, const char *path,
		  uint64_t tasks);
/* Admit @amount without waiting. world_release() returns what was admitted. */
bool world_admit(struct world *w, unsigned int node, const char *path,
		 uint64_t amount);
void world_release(struct world *w, unsigned int node, const char *path,
		   uint64_t amount);
/* Move tasks in from outside: charged even above the lease. */
void world_move_in(struct world *w, unsigned int node, const char *path,
		   uint64_t tasks);

/* A node's lease, as the store counts it. CGSPAN_MAX: no limit. */
uint64_t world_lease(const struct world *w, unsigned int node,
		     const char *path);
/* A node's lease in its kernel. */
uint64_t world_kernel(const struct world *w, unsigned int node,
		      const char *path);
uint64_t world_used(const struct world *w, unsigned int node, const char *path);
uint64_t world_pool(const struct world *w, const char *path);
uint64_t world_debt(const struct world *w, const char *path);
uint64_t world_limit(const struct world *w, const char *path);
bool world_exists(const struct world *w, const char *path);
/* Has the node acknowledged the group's latest change? */
bool world_acked(const struct world *w, unsigned int node, const char *path);
bool world_in_session(const struct world *w, unsigned int node);
/* Has the node's daemon reported this status since it was started? */
bool world_said(const struct world *w, unsigned int node,
		enum ledger_status code);
/* Has the daemon returned all leases and ended? */
bool world_left(const struct world *w, unsigned int node);

#endif /* CGSPAN_SIM_OBSERVE_H */
