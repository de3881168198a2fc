/* SPDX-License-Identifier: GPL-2.0 */
/* What this node wants, and which slack it returns. */
#ifndef CGSPAN_LEDGER_DEMAND_H
#define CGSPAN_LEDGER_DEMAND_H

#include "fact.h"
#include "group.h"
#include "state.h"

/* A lease is exhausted if the pool has not met a need for so long, ns. */
#define EXHAUSTED	SEC

/* Read the wants and debts that learn.c has marked as changed. */
void demand_digest(struct ledger *l);
void demand_read_pools(struct ledger *l);
void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f);
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res);
/* Update the needs, which of them pools cannot meet, and watches of pools. */
void demand_weigh(struct ledger *l);
/* How much of @amount the ancestors' leases have room for, or the lease lacks
 * of demand_floor(), whichever is more.
 */
uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount);
/* On each tick, and on facts of the kernel: update needs, start returns. */
void demand_assess(struct ledger *l);
/* Does another node want units of this node, with no time to answer set? */
bool demand_asked(const struct ledger *l);
/* Time of the next tick, ns: to answer a want, or to read groups with limits,
 * more often while use falls; UINT64_MAX: no tick is needed.
 */
uint64_t demand_timer(const struct ledger *l);
/* The record of this node's want; if all needs are 0, no key shall exist. */
struct want_rec demand_want(const struct ledger *l, const struct lgroup *g);
/* Bit i: @want asks for resource i; bit RES_N + i: and the limit of resource i
 * is short.
 */
uint32_t demand_asks(const struct want_rec *want);

#endif /* CGSPAN_LEDGER_DEMAND_H */
