/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The delegate of a cell: it does for the cell's ledger in the root what a kernel
 * does for a node's ledger. See cell.h.
 */
#ifndef CGSPAN_SIM_DELEGATE_H
#define CGSPAN_SIM_DELEGATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "model/txn.h"
#include "base.h"
#include "cell.h"
#include "load.h"

struct world;

#define TASKS		CGSPAN_RES_TASKS
#define JOB		"/job"
#define TRANSFER	"transfer" JOB
#define ASKS		4
/* Ids for world_after() that no request has: start, or kill, the cell's daemon and delegate. */
#define RESTART		0
#define DIE		UINT64_MAX

/* Why a delegate writes to its cell's store. */
enum what {
	FENCE,			/* void the requests of earlier delegates */
	EPOCH,			/* a new epoch: the amount given before is void */
	SET,			/* a new lease: the limit follows unless the root is in debt */
	OWE,			/* the root is in debt: put the cell in debt */
	LIFT,			/* the root has no debt any more: the limit is the amount given */
};

struct ask {
	enum what what;
	uint64_t amount;
	uint64_t seq;
	uint64_t epoch;
};

/* The value of the key TRANSFER. */
struct transfer {
	uint64_t epoch;
	uint64_t seq;
	uint64_t amount;
};

/* A request to a cell's store, or its answer. */
struct request {
	uint64_t id;
	uint64_t run;
	bool arrived;
	bool late;
	enum store_result res;
	struct ledger_held held;
	struct txn txn;
	struct request *next;
};

struct cell {
	struct cells *all;
	unsigned int i;		/* index of the cell */
	struct world *w;	/* world with its store and nodes */
	double mean;		/* under a load: mean use of a simulated node at present */
	struct ledger_held held; /* @amount: given by the root; @used: held by the cell's nodes */
	uint64_t sum;		/* pool of the cell plus leases of its nodes */
	uint64_t free;		/* free units of the cell's pool */
	uint64_t taken;		/* counter of units that nodes took from the pool */
	uint64_t run;		/* changes when a delegate ends: answers to it are then dropped */
	struct transfer transfer; /* value of the cell's transfer key */
	struct ask asks[ASKS];	/* queued writes; the first is pending */
	unsigned int n_asks;
	enum cells_crash crash;	/* where the delegate is to die, beside faults; CRASH_N: nowhere */
};

struct cells {
	struct cells_conf conf;
	struct cells_stats stats;
	char breach[512];
	bool faults;
	uint64_t rng;
	uint64_t last_id;
	uint64_t given;		/* sum of cell.held.amount over all cells */
	uint64_t held;		/* sum of cell.sum over all cells */
	uint64_t move_at;
	struct load_sum sum;
	struct world *root;
	struct cell *cells;
	struct request *requests;
};

static inline uint64_t rnd(struct cells *c, uint64_t below)
{
	return draw_below(&c->rng, below);
}

static inline bool fault(struct cells *c)
{
	return c->faults && rnd(c, 1000) < c->conf.faults;
}

static inline uint64_t hop(struct cells *c)
{
	return c->conf.rtt / 4 + rnd(c, c->conf.rtt / 2) +
	       (fault(c) ? rnd(c, 200 * MSEC) : 0);
}

/* Functions for the root's world; their first argument is struct cells. */
extern const struct world_cells delegate_ops;

/* Note a violation; only the first one is kept. */
__attribute__((format(printf, 2, 3)))
void delegate_breach(struct cells *c, const char *fmt, ...);
/* The transfer in the cell's store; its amount is CGSPAN_MAX if there is none. */
struct transfer delegate_transfer(const struct cell *c);
/* Return: what the cell's nodes want beyond its pool; if @any: 1 if there is a want/, else 0. */
uint64_t delegate_wants(const struct cell *c, bool any);
/* Queue a write to the cell's store; it begins after the earlier ones, if the delegate lives. */
void delegate_ask(struct cell *c, struct ask a);
void delegate_free_requests(struct cells *c);

#endif /* CGSPAN_SIM_DELEGATE_H */
