/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells: a limit over more nodes than one store carries. Each cell is a world
 * of its own, with its store and its nodes; the root is a world whose nodes are
 * the cells. The same ledger runs on both levels.
 *
 * The daemon's own code: the ledger of each node and of each cell in the root, and
 * desired_set(), which changes a cell's limit. Simulated only: the delegate,
 * which does for a cell what a kernel does for a node. cgspand has no delegate:
 * it runs one level.
 *
 * The delegate
 * ------------
 * To the root's ledger a cell is a node, and the cell's store is that node's
 * kernel. The amount that the cell was given is its lease; what its nodes hold is
 * its use; what they want above its pool waits. A LEASE_SET changes the limit of
 * the cell's group, by the transaction of an administrator:
 *  - raised after the root has committed the larger lease: the root is debited
 *    first;
 *  - lowered by at most the free units of the pool, and the reply has the new
 *    limit; only then does the root's ledger return the units: the cell is
 *    debited first. Nodes keep what they hold, as tasks do in a kernel.
 * While the root is in debt, the limit is 0 and all that a cell's nodes hold is
 * debt, so that their slack pays. Each change of the limit costs a change of
 * group/, which every node of the cell acknowledges.
 *
 * Each of these writes also compares and puts transfer/job in the cell's store:
 * {epoch, seq, amount}. Epoch and seq name the write of the root's
 * lease/<cell>/<group id> that gave the cell this amount. A delegate starts by
 * writing the key again, and does the same after an unknown result: earlier
 * requests are then void. A new epoch in the root sets the amount to 0, until a
 * new lease covers what the nodes hold.
 */
#ifndef CGSPAN_SIM_CELL_H
#define CGSPAN_SIM_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "load.h"

struct world;

#define CELLS_COARSE	20

struct cells_conf {
	uint64_t seed;		/* seed of all random numbers */
	unsigned int cells;	/* number of cells */
	unsigned int nodes;	/* nodes of each cell */
	/* Number of cells, evenly spread, that have all their nodes; 0: all. In
	 * the others one node stands for CELLS_COARSE nodes, and has their load.
	 */
	unsigned int full;
	uint64_t rtt;		/* typical round trip to each store, ns */
	/* per mille of requests that fail, of worlds and delegates */
	unsigned int faults;
	bool faults_below;	/* faults also within the cells */
	/* Load over all nodes: spread over the cells by its kind, uniform within a cell.
	 * NULL: world_demand() of the cells.
	 */
	const struct load_conf *load;
};

/* Where a delegate dies. */
enum cells_crash {
	CRASH_ASKED,		/* after it received the root's LEASE_SET */
	/* after it sent the transaction to the cell's store */
	CRASH_SENT,
	/* after the store carried the transaction out, before its answer */
	CRASH_DONE,
	/* after the store's answer, before the root's ledger is told */
	CRASH_HEARD,
	CRASH_N,
};

/* Counters of the delegates. */
struct cells_stats {
	uint64_t up;		/* limits raised */
	uint64_t down;		/* limits lowered */
	uint64_t unknown;	/* requests with an unknown result */
	uint64_t late;		/* requests executed after the time-out */
	uint64_t crashes[CRASH_N];	/* deaths, by crash point */
};

struct cells;

struct cells *cells_new(const struct cells_conf *conf);
void cells_free(struct cells *c);
/* Run for @ns of virtual time; stops at a violation. */
void cells_run(struct cells *c, uint64_t ns);
/* Return: the first violation in any store, or of the total sum; or NULL. */
const char *cells_breach(const struct cells *c);
const struct cells_stats *cells_stats(const struct cells *c);

struct world *cells_root(struct cells *c);
struct world *cells_cell(struct cells *c, unsigned int i);
/* Does the cell have all its nodes? */
bool cells_full(const struct cells *c, unsigned int i);
/* Create /job, with @limit in the root. A cell has the limit @each of its own
 * until it is in session with the root.
 */
int cells_create(struct cells *c, uint64_t limit, uint64_t each);
/* Called while no request is pending: does each lease equal its cell's limit, and
 * is no unit lost or owed in any store?
 */
bool cells_whole(struct cells *c);
/* Turn faults on or off, in the root and in all cells. */
void cells_faults(struct cells *c, bool on);
/* Kill the cell's delegate once, when it is at this point; another one is started. */
void cells_crash(struct cells *c, unsigned int i, enum cells_crash where);

/* Under a load: return the limit; begin to measure; return the measured sums. */
uint64_t cells_limit(const struct cells *c);
void cells_measure(struct cells *c);
void cells_marks(struct cells *c, struct load_marks *sum);

#endif /* CGSPAN_SIM_CELL_H */
