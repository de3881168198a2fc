/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In a world of cells, a cell replaces a node's kernel, for the tasks of /job.
 * A LEASE_SET for them, and a RENEW with a new epoch, go to the functions of
 * world_conf.cells, which answer later, unless the cell's delegate dies.
 */
#ifndef CGSPAN_SIM_KERNEL_CELL_H
#define CGSPAN_SIM_KERNEL_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_held;
struct ledger_item;
struct wnode;
struct world;

/**
 * struct world_cells - functions of the cells, called in place of nodes' kernels
 * @settled: under a load, a cell's lease and use at the start
 * @start: a cell's daemon starts; the answer is world_started()
 * @stop: a cell's daemon has ended: it gets no more answers
 * @renew: a new epoch; the answer is world_renewed()
 * @set: a line of a LEASE_SET; the answer is world_held()
 * @waiting: units that the cell's nodes want beyond its pool
 * @due: the time given to world_after() has passed
 */
struct world_cells {
	void (*settled)(void *arg, unsigned int node, uint64_t *lease,
			uint64_t *used);
	void (*start)(void *arg, unsigned int node);
	void (*stop)(void *arg, unsigned int node);
	void (*renew)(void *arg, unsigned int node, uint64_t epoch);
	void (*set)(void *arg, unsigned int node, uint64_t epoch,
		    const struct ledger_item *item);
	uint64_t (*waiting)(void *arg, unsigned int node);
	void (*due)(void *arg, unsigned int node, uint64_t id);
};

/* If @it, line @at of a LEASE_SET, is for the cell, send it there. Return: is it? */
bool kernel_cell_set(struct world *w, struct wnode *n,
		     const struct ledger_item *it, size_t at);

/* The cell's answer to world_cells.renew(). */
void world_renewed(struct world *w, unsigned int node);
/* The cell's answer to world_cells.set(). */
void world_held(struct world *w, unsigned int node,
		const struct ledger_held *held);
/* Call world_cells.due() with @id, @ns from now. */
void world_after(struct world *w, unsigned int node, uint64_t ns, uint64_t id);
/**
 * world_cell() - tell the root what a cell has now, and its daemon of a shortage
 * @w: the world of cells
 * @node: which cell
 * @held: lease and use, as for world_held()
 * @taken: counter of units that the cell's nodes took from its pool
 * @refuses: the cell's pool is empty, and one of its nodes wants units
 */
void world_cell(struct world *w, unsigned int node,
		const struct ledger_held *held, uint64_t taken, bool refuses);

#endif /* CGSPAN_SIM_KERNEL_CELL_H */
