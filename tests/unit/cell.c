// SPDX-License-Identifier: GPL-2.0
/*
 * A limit over three cells of four nodes: the ledger on two levels, and the
 * delegates between them; first single scenarios, then seeds with faults.
 * "cell SEEDS [FIRST]" runs only SEEDS seeds, from FIRST on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "../sim/base.h"
#include "../sim/cell.h"
#include "../sim/world.h"
#include "tap.h"

#define CELLS	3
#define NODES	4
#define LIMIT	600
#define SEEDS	6

static struct tap tap;

static void ok(bool good, const char *what, const struct cells *c)
{
	tap_result(&tap, good, "", what);
	if (!good && c)
		printf("# %s\n", cells_breach(c) ? cells_breach(c) :
						   "no breach");
}

static struct cells *make(uint64_t seed, unsigned int faults)
{
	struct cells_conf conf = {
		.seed = seed, .cells = CELLS, .nodes = NODES,
		.rtt = 2 * MSEC, .faults = faults,
		.faults_below = seed % 2,
	};

	return cells_new(&conf);
}

/* Run until @cond or a breach, at most @ms of virtual time. Value: @cond and no breach. */
#define UNTIL(c, ms, cond) ({						\
	uint64_t _end = world_now(cells_root(c)) + (ms) * MSEC;		\
	while (!(cond) && world_now(cells_root(c)) < _end &&		\
	       !cells_breach(c))					\
		cells_run(c, 50 * MSEC);				\
	(cond) && !cells_breach(c);					\
})

static void demand(struct cells *c, unsigned int cell, uint64_t each)
{
	for (unsigned int n = 0; n < NODES; n++)
		world_demand(cells_cell(c, cell), n, "/job", each);
}

static uint64_t used(struct cells *c, unsigned int cell)
{
	uint64_t sum = 0;

	for (unsigned int n = 0; n < NODES; n++)
		sum += world_used(cells_cell(c, cell), n, "/job");
	return sum;
}

static uint64_t limit(struct cells *c, unsigned int cell)
{
	return world_limit(cells_cell(c, cell), "/job");
}

/* Return: cells that have joined the root, each with a part of the root's limit. */
static struct cells *begun(uint64_t seed)
{
	struct cells *c = make(seed, 0);

	cells_create(c, LIMIT, 0);
	UNTIL(c, 5000, limit(c, 0) && limit(c, 1) && limit(c, 2));
	return c;
}

static void test_share(void)
{
	struct cells *c = begun(1);

	ok(limit(c, 0) && limit(c, 1) && limit(c, 2),
	   "every cell has its floor before the first fork", c);
	for (int i = 0; i < CELLS; i++)
		demand(c, i, 40);
	ok(UNTIL(c, 5000, used(c, 0) == 160 && used(c, 1) == 160 &&
		 used(c, 2) == 160), "cells get all that they want while the limit suffices", c);
	demand(c, 0, 0);
	demand(c, 1, 0);
	demand(c, 2, 150);
	ok(UNTIL(c, 10000, used(c, 2) >= 540),
	   "a cell with all the demand gets nine tenths of the limit", c);
	demand(c, 2, 0);
	ok(UNTIL(c, 20000, cells_whole(c) &&
		 world_pool(cells_root(c), "/job") >= LIMIT / 2),
	   "idle cells return their units to the root", c);
	cells_free(c);
}

/* Cells with a limit of their own, which the nodes of one cell use, join the root. */
static void test_joins(void)
{
	struct cells *c = make(2, 0);
	bool some;

	cells_create(c, LIMIT, 100);
	demand(c, 0, 20);
	some = UNTIL(c, 10000, cells_whole(c) && used(c, 0) == 80);
	ok(some && limit(c, 0) >= 80,
	   "the root covers the use of a cell that joins", c);
	cells_free(c);
}

static void test_lowered(void)
{
	struct cells *c = begun(3);
	struct world *root = cells_root(c);
	uint64_t left;
	bool paid;

	for (int i = 0; i < CELLS; i++)
		demand(c, i, 40);
	UNTIL(c, 5000, used(c, 0) + used(c, 1) + used(c, 2) == 480);
	world_set(root, "/job", 300);
	ok(world_debt(root, "/job") > 0, "a limit below use becomes debt in the root",
	   c);
	cells_run(c, 2 * SEC);
	left = used(c, 0) + used(c, 1) + used(c, 2);
	ok(!cells_breach(c) && 300 + world_debt(root, "/job") <= left + 12,
	   "the slack of all cells' nodes pays a debt of the root", c);
	demand(c, 0, 10);
	demand(c, 1, 10);
	paid = UNTIL(c, 10000, cells_whole(c) && !world_debt(root, "/job"));
	ok(paid && limit(c, 0) + limit(c, 1) + limit(c, 2) <= 300,
	   "ended tasks pay the rest of the debt, and no cell stays in debt", c);
	demand(c, 2, 50);
	ok(UNTIL(c, 10000, used(c, 2) == 200), "free units are granted after the debt is paid",
	   c);
	cells_free(c);
}

/* At each crash point a delegate dies twice: while its cell grows, and while it shrinks. */
static void test_crashes(void)
{
	static const char *const where[] = {
		"asked", "sent", "done", "heard",
	};
	char what[128];

	for (int i = 0; i < CRASH_N; i++) {
		struct cells *c = begun(10 + i);
		bool grown, moved;

		cells_crash(c, 0, i);
		demand(c, 0, 100);
		grown = UNTIL(c, 15000, used(c, 0) == 400 &&
			      cells_stats(c)->crashes[i] == 1);
		cells_crash(c, 0, i);
		demand(c, 0, 0);
		demand(c, 1, 130);
		moved = UNTIL(c, 15000, used(c, 1) == 520 && cells_whole(c));
		snprintf(what, sizeof(what),
			 "a delegate that dies %s loses and doubles nothing",
			 where[i]);
		ok(grown && moved && cells_stats(c)->crashes[i] == 2, what, c);
		cells_free(c);
	}
}

/* Run with faults, then without until all sums are right. Return: what failed, or NULL. */
static const char *storm(struct cells *c, uint64_t seed)
{
	static const uint64_t limits[] = { 0, 30, 100, 300, 600, 2000 };
	uint64_t r = seed;

	cells_create(c, LIMIT, seed % 2 ? 0 : 50);
	cells_run(c, SEC);
	cells_faults(c, true);
	for (int i = 0; i < 15; i++) {
		for (int k = 0; k < CELLS; k++)
			demand(c, k, draw_below(&r, 2) ? draw_below(&r, 150) : 0);
		/* Wait until the root's store has a leader: world_set() would
		 * let time pass in the root alone.
		 */
		if (!draw_below(&r, 3) &&
		    UNTIL(c, 2000, !world_leader_in(cells_root(c))))
			world_set(cells_root(c), "/job", limits[draw_below(&r, 6)]);
		cells_run(c, draw_below(&r, 3) * SEC + draw_below(&r, 1000) * MSEC);
		if (cells_breach(c))
			return "faults";
	}
	cells_faults(c, false);
	UNTIL(c, 2000, !world_leader_in(cells_root(c)));
	for (int k = 0; k < CELLS; k++)
		demand(c, k, 0);
	world_set(cells_root(c), "/job", LIMIT);
	if (!UNTIL(c, 40000, cells_whole(c)))
		return "healing";
	demand(c, seed % CELLS, 200);
	if (!UNTIL(c, 15000, used(c, seed % CELLS) >= LIMIT * 9 / 10))
		return "the cell with demand";
	return NULL;
}

static void add_stats(struct cells_stats *sum, const struct cells_stats *s)
{
	const uint64_t *from = (const uint64_t *)s;
	uint64_t *to = (uint64_t *)sum;

	for (size_t i = 0; i < sizeof(*s) / sizeof(*to); i++)
		to[i] += from[i];
}

static void test_storms(uint64_t seeds, uint64_t first)
{
	struct cells_stats sum = { 0 };
	uint64_t bad = 0, hits = 0;

	for (uint64_t s = first; s < first + seeds && bad < 4; s++) {
		struct cells *c = make(s, 30);
		const char *why = storm(c, s);

		if (why) {
			bad++;
			printf("# seed %" PRIu64 " (%s): %s\n", s, why,
			       cells_breach(c) ? cells_breach(c) :
						 "not in time");
		}
		add_stats(&sum, cells_stats(c));
		cells_free(c);
	}
	for (int i = 0; i < CRASH_N; i++)
		hits += sum.crashes[i] > 0;
	printf("# %" PRIu64 " seeds: limits raised %" PRIu64 ", lowered %" PRIu64 ", unknown results %" PRIu64 ", late ones %" PRIu64 ", delegates died %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " times\n",
	       seeds, sum.up, sum.down, sum.unknown, sum.late,
	       sum.crashes[0], sum.crashes[1], sum.crashes[2], sum.crashes[3]);
	ok(!bad && (seeds < SEEDS || hits == CRASH_N),
	   "under storms of faults the sum over all cells holds, and no unit is lost",
	   NULL);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		test_storms(strtoull(argv[1], NULL, 0),
			    argc > 2 ? strtoull(argv[2], NULL, 0) : 1);
	} else {
		test_share();
		test_joins();
		test_lowered();
		test_crashes();
		test_storms(SEEDS, 1);
	}
	return tap_end(&tap);
}
