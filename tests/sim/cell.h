/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells: a limit over more nodes than one store carries. Each cell is a world
 * of its own, with its store and its nodes; the root is a world whose nodes are
 * the cells. The same ledger runs on both levels.
 *
 * What is the daemon's own code here: the ledger of every node and of every
 * cell in the root, and desired_set(), by which a cell's limit moves. What is
 * simulated only: the delegate, which does for a cell what a kernel does for
 * a node. cgspand has none: it runs one level.
 *
 * The delegate
 * ------------
 * To the root's ledger a cell is a node, and its store is that node's kernel.
 * What it was given is its lease; what its nodes hold is in use; what they want
 * and its pool has not, waits. A LEASE_SET moves the limit of the cell's group,
 * by the transaction of an admin:
 *  - up: after the root has committed the larger lease: the root is debited
 *    first;
 *  - down: as far as the pool has free units, and the reply tells how far that
 *    is; only then does the root's ledger give them back: the cell is debited
 *    first. What nodes hold stays, as tasks do in a kernel.
 * As long as the root is in debt, the limit is 0 and all that a cell's nodes
 * hold is debt: so their slack pays. Each change of the limit is one of group/,
 * which every node of the cell acknowledges: that is its price.
 *
 * Each of these writes also puts transfer/job of the cell's store, and compares
 * it: {epoch, seq, amount}. By epoch and seq it is the write of the root's
 * lease/<cell>/<group id> that the cell was given this amount by. A delegate
 * begins by writing it anew, and settles an unknown result in the same way: what
 * was under way until then is void, wherever the last one died. A new epoch in
 * the root makes the amount 0, until a new lease covers what the nodes hold.
 */
#ifndef CGSPAN_SIM_CELL_H
#define CGSPAN_SIM_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "load.h"

struct world;

#define CELLS_COARSE	20

/**
 * struct cells_conf - which cells
 * @seed: of everything
 * @cells: how many
 * @nodes: in each
 * @full: so many, evenly spread, have them all; in the others, CELLS_COARSE nodes
 *	are one, with the load of all of these. 0: all cells
 * @rtt: of all stores, ns, typical
 * @faults: per mille: as of a world, and of the delegates' requests
 * @faults_below: and within the cells
 * @load: over all nodes: @load.kind is how it is spread over the cells; within
 *	them it is uniform. NULL: what world_demand() says of the cells
 */
struct cells_conf {
	uint64_t seed;
	unsigned int cells;
	unsigned int nodes;
	unsigned int full;
	uint64_t rtt;
	unsigned int faults;
	bool faults_below;
	const struct load_conf *load;
};

/**
 * enum cells_crash - where a delegate dies
 * @CRASH_ASKED: the root's ledger has said what the cell is to hold
 * @CRASH_SENT: the cell's store has been asked to, and will do so
 * @CRASH_DONE: it has, and the delegate has not heard
 * @CRASH_HEARD: the ledger is about to hear
 */
enum cells_crash {
	CRASH_ASKED,
	CRASH_SENT,
	CRASH_DONE,
	CRASH_HEARD,
	CRASH_N,
};

/**
 * struct cells_stats - what the delegates have done
 * @up: limits raised
 * @down: limits lowered
 * @unknown: requests whose results they never learnt
 * @late: of these, done after that, and not void
 * @crashes: by where
 */
struct cells_stats {
	uint64_t up;
	uint64_t down;
	uint64_t unknown;
	uint64_t late;
	uint64_t crashes[CRASH_N];
};

struct cells;

struct cells *cells_new(const struct cells_conf *conf);
void cells_free(struct cells *c);
/* Let time pass: ns. Stops at a breach. */
void cells_run(struct cells *c, uint64_t ns);
/* The first one in any store, or of the sum over all. */
const char *cells_breach(const struct cells *c);
const struct cells_stats *cells_stats(const struct cells *c);

struct world *cells_root(struct cells *c);
struct world *cells_cell(struct cells *c, unsigned int i);
/* Has it all its nodes? */
bool cells_full(const struct cells *c, unsigned int i);
/* The limit of /job in the root; what each cell has of its own until it is in
 * session there.
 */
int cells_create(struct cells *c, uint64_t limit, uint64_t each);
/* Is all as it should be when nothing is under way: leases are the cells'
 * limits, and nothing is leaked or owed, in any store?
 */
bool cells_whole(struct cells *c);
/* Faults on or off, everywhere. */
void cells_faults(struct cells *c, bool on);
/* The next time that a delegate gets there, it dies, and is started again. */
void cells_crash(struct cells *c, unsigned int i, enum cells_crash where);

/* Under a load: the limit; measure from now on; what was measured. */
uint64_t cells_limit(const struct cells *c);
void cells_measure(struct cells *c);
void cells_marks(struct cells *c, struct load_marks *sum);

#endif /* CGSPAN_SIM_CELL_H */
