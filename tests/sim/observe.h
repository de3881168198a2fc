/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Actions of a test on a node, and readings of the world. Amounts are of the resource
 * that world_about() selected: tasks by default.
 */
#ifndef CGSPAN_SIM_OBSERVE_H
#define CGSPAN_SIM_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct world;

/* Select the resource of later calls, of admin.h too. */
void world_about(struct world *w, uint32_t res);
/* Set the use that the node wants in the group; work_step() moves towards it. */
void world_demand(struct world *w, unsigned int node, const char *path,
		  uint64_t tasks);
/* Try once to admit @amount; false: refused. world_release() gives it back. */
bool world_admit(struct world *w, unsigned int node, const char *path,
		 uint64_t amount);
void world_release(struct world *w, unsigned int node, const char *path,
		   uint64_t amount);
/* Move @tasks units in: charged even above the lease, added to kres.demand, told as overdraft. */
void world_move_in(struct world *w, unsigned int node, const char *path,
		   uint64_t tasks);

/* The node's lease, as the store counts it; CGSPAN_MAX: the group has no limit. */
uint64_t world_lease(const struct world *w, unsigned int node,
		     const char *path);
/* The node's lease, as its kernel has it. */
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
/* Has the node's daemon returned all leases and ended? */
bool world_left(const struct world *w, unsigned int node);

#endif /* CGSPAN_SIM_OBSERVE_H */
