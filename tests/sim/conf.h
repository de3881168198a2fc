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
	uint64_t seed;		/* seed of all random numbers but those of @load */
	unsigned int nodes;	/* number of nodes */
	uint64_t rtt;		/* typical round trip to the store, ns */
	/* per mille: base chance of a fault, at each point that calls fault() or store_fault() */
	unsigned int faults;
	bool restores;		/* faults include restores of the store */
	/* faults include no doubled requests and no changes of the leader */
	bool steady;
	uint32_t shard_nodes;	/* nodes for each shard of a pool: see struct ledger_conf */
	/* if not NULL: load (with @cells: its limit only) on /job, at first alone below / */
	const struct load_conf *load;
	/* if not NULL, each node is a cell: functions in place of its kernel, for tasks of /job */
	const struct world_cells *cells;
	/* if not NULL, called after each transaction that changed the store */
	void (*revised)(void *arg);
	/* argument of @revised, and first argument of the functions of @cells */
	void *arg;
};

#endif /* CGSPAN_SIM_CONF_H */
