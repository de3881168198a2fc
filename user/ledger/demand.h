/* SPDX-License-Identifier: GPL-2.0 */
/* What this node wants, and which slack it returns. */
#ifndef CGSPAN_LEDGER_DEMAND_H
#define CGSPAN_LEDGER_DEMAND_H

#include "fact.h"
#include "group.h"
#include "state.h"

/* After this long with a need and a dry pool, the lease is exhausted. */
#define EXHAUSTED	SEC

/* Read wants and debts that the view has marked. */
void demand_digest(struct ledger *l);
void demand_read_pools(struct ledger *l);
void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f);
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res);
/* Update needs and hunger after an event. */
void demand_weigh(struct ledger *l);
/* The part of @amount that the leases of the ancestors make useful. */
uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount);
/* On each tick, and on wants of others: update needs, and start returns. */
void demand_assess(struct ledger *l);
/* Has another node a want that this node has not answered? */
bool demand_asked(const struct ledger *l);
/* When the next tick is due for what can be wanted, for a use that falls, or for a
 * want that is to be answered, ns; UINT64_MAX: for none.
 */
uint64_t demand_timer(const struct ledger *l);
/* The record of the key want/; all needs 0: no key. */
struct want_rec demand_want(const struct ledger *l, const struct lgroup *g);
/* Bits of the resources that a want asks for; RES_N bits higher, those whose
 * limit is short.
 */
uint32_t demand_asks(const struct want_rec *want);

#endif /* CGSPAN_LEDGER_DEMAND_H */
