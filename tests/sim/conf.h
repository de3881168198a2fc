/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a simulated world is made of.
 */
#ifndef CGSPAN_SIM_CONF_H
#define CGSPAN_SIM_CONF_H

#include <stdbool.h>
#include <stdint.h>

#define WORLD_GROUPS	8

struct load_conf;
struct world_cells;

/**
 * struct world_conf - configuration of a world
 * @seed: of all random numbers
 * @nodes: number of nodes
 * @rtt: typical round trip to the store, ns
 * @faults: per mille of the store's requests that fail, and of kills
 * @restores: faults include restores of the store
 * @steady: faults include neither doubled requests nor changes of the store's
 *	leader
 * @shard_nodes: as in struct ledger_conf
 * @load: use this load instead of world_demand(); the only group is then /job
 * @cells: the nodes are cells: these take the place of their kernels
 * @revised: called after each change of the store
 * @arg: first argument of @revised and of the functions of @cells
 */
struct world_conf {
	uint64_t seed;
	unsigned int nodes;
	uint64_t rtt;
	unsigned int faults;
	bool restores;
	bool steady;
	uint32_t shard_nodes;
	const struct load_conf *load;
	const struct world_cells *cells;
	void (*revised)(void *arg);
	void *arg;
};

#endif /* CGSPAN_SIM_CONF_H */
