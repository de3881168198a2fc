/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells: one limit for more nodes than one store can serve. Each cell is a world
 * of its own, with its store and its nodes; the root is a world whose nodes are
 * the cells. The same ledger runs on both levels.
 *
 * The ledgers, of each node and of each cell in the root, are the daemon's own code,
 * and so is desired_set(), which changes a cell's limit. The delegate, which does for
 * a cell what a kernel does for a node, is simulated only: cgspand has none and runs
 * one level.
 *
 * The delegate
 * ------------
 * To the root's ledger a cell is a node, and the cell's store is that node's
 * kernel. The amount that the root gave to the cell is the cell's lease; what its
 * nodes hold is its use; what they want beyond its pool is reported as waiting. A
 * LEASE_SET changes the limit of the cell's group, by an administrator's transaction:
 *  - raised after the root has committed the larger lease: the root is debited
 *    first;
 *  - lowered by at most the free units of the pool, and the reply has the new
 *    limit; only then does the root's ledger return the units: the cell is
 *    debited first. Nodes keep what they hold, as tasks do in a kernel.
 * While the root is in debt, each cell's limit is 0, and all that its nodes hold is
 * the cell's debt, so that the unused parts of their leases pay it. Each change of the
 * limit costs a change of group/job, which every node of the cell acknowledges.
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
	/* per mille: base chance of each random fault: see world_conf.faults */
	unsigned int faults;
	bool faults_below;	/* faults inside cells, not only in root and delegates */
	/* Load over all nodes: spread over the cells by its kind, uniform within a cell.
	 * NULL: as the test sets it, by world_demand() on each cell.
	 */
	const struct load_conf *load;
};

/* Points at which a delegate can die. */
enum cells_crash {
	CRASH_ASKED,		/* after the delegate received the root's LEASE_SET */
	CRASH_SENT,		/* after the delegate sent its transaction to the cell's store */
	CRASH_DONE,		/* after the store executed the transaction, before its answer */
	/* after the store's answer to a SET, before the root's ledger is told */
	CRASH_HEARD,
	CRASH_N,
};

/* Counters of the delegates. */
struct cells_stats {
	uint64_t up;		/* how often delegates raised a cell's limit */
	uint64_t down;		/* how often delegates lowered a cell's limit */
	uint64_t unknown;	/* requests of delegates with an unknown result */
	uint64_t late;		/* applied requests that the store does not answer */
	uint64_t crashes[CRASH_N];	/* deaths of delegates at each of these points */
};

struct cells;

struct cells *cells_new(const struct cells_conf *conf);
void cells_free(struct cells *c);
/* Run for @ns of virtual time; stops at a violation. */
void cells_run(struct cells *c, uint64_t ns);
/* Return: a violation, of the sum over all cells, in a cell or in the root; NULL: none. */
const char *cells_breach(const struct cells *c);
const struct cells_stats *cells_stats(const struct cells *c);

struct world *cells_root(struct cells *c);
struct world *cells_cell(struct cells *c, unsigned int i);
/* Does cell @i have all its nodes? See cells_conf.full. */
bool cells_full(const struct cells *c, unsigned int i);
/* Create /job, with @limit in the root, and with @each in each cell: a cell has that
 * limit until it is in session with the root.
 */
int cells_create(struct cells *c, uint64_t limit, uint64_t each);
/* Are all nodes and cells in session, without debt or queued writes; and is each lease
 * what the kernel has, or the cell's limit, and each limit its pool plus leases?
 */
bool cells_whole(struct cells *c);
/* Turn faults on or off: of the root and delegates; of cells if conf.faults_below. */
void cells_faults(struct cells *c, bool on);
/* Let cell @i's delegate die once, when it is next at @where; another one is started. */
void cells_crash(struct cells *c, unsigned int i, enum cells_crash where);

/* With cells_conf.load: cells_limit(): the limit of all cells; cells_measure(): start to
 * measure; cells_marks(): sums over all cells since the start of measuring.
 */
uint64_t cells_limit(const struct cells *c);
void cells_measure(struct cells *c);
void cells_marks(struct cells *c, struct load_marks *sum);

#endif /* CGSPAN_SIM_CELL_H */
