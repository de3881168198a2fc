/* SPDX-License-Identifier: GPL-2.0 */
/* What this node wants, and which slack it returns. */
#ifndef CGSPAN_LEDGER_DEMAND_H
#define CGSPAN_LEDGER_DEMAND_H

#include "fact.h"
#include "group.h"
#include "state.h"

/* A lease is exhausted if an empty pool has not met a need for this long. */
#define EXHAUSTED	SEC

/* Read the wants and debts that learn.c has marked as changed. */
void demand_digest(struct ledger *l);
void demand_read_pools(struct ledger *l);
void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f);
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res);
/* After an event: update the needs, and which of them the pools cannot meet. */
void demand_weigh(struct ledger *l);
/* The part of @amount that the leases of the ancestors make useful. */
uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount);
/* On each tick, and on wants of other nodes: update needs, start returns. */
void demand_assess(struct ledger *l);
/* Has another node a want that this node has not answered? */
bool demand_asked(const struct ledger *l);
/* Time of the next tick, ns, as something can be wanted, use falls, or a want
 * must be answered; UINT64_MAX: nothing of that.
 */
uint64_t demand_timer(const struct ledger *l);
/* The record of this node's want; if all needs are 0 there must be no key. */
struct want_rec demand_want(const struct ledger *l, const struct lgroup *g);
/* A bit for each resource that @want asks for; RES_N bits higher, one for each
 * whose limit is short.
 */
uint32_t demand_asks(const struct want_rec *want);

#endif /* CGSPAN_LEDGER_DEMAND_H */
