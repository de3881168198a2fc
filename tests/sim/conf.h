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

struct world_conf {
	uint64_t seed;		/* seed of all random numbers */
	unsigned int nodes;	/* number of nodes */
	uint64_t rtt;		/* typical round trip to the store, ns */
	/* per mille of the store's requests that fail, and of kills */
	unsigned int faults;
	bool restores;		/* faults include restores of the store */
	/* faults include no doubled requests and no changes of the leader */
	bool steady;
	uint32_t shard_nodes;	/* nodes for each shard: see struct ledger_conf */
	/* use this load instead of world_demand(); the only group is then /job */
	const struct load_conf *load;
	/* if not NULL, each node is a cell: these functions replace its kernel */
	const struct world_cells *cells;
	/* called after each change of the store */
	void (*revised)(void *arg);
	/* first argument of @revised and of the functions of @cells */
	void *arg;
};

#endif /* CGSPAN_SIM_CONF_H */
