/* SPDX-License-Identifier: GPL-2.0 */
/* What this node wants, and which slack it returns. */
#ifndef CGSPAN_LEDGER_DEMAND_H
#define CGSPAN_LEDGER_DEMAND_H

#include "fact.h"
#include "group.h"
#include "state.h"

/* As long in need of a dry pool: exhausted. */
#define EXHAUSTED	SEC

/* Read wants and debts that the view has marked. */
void demand_digest(struct ledger *l);
void demand_read_pools(struct ledger *l);
void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f);
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res);
/* After an event: what is wanted now, and what is hungry. */
void demand_weigh(struct ledger *l);
/* The part of @amount that the ancestors' room lets this node use. */
uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount);
/* On each tick, and when others want: returns, too. */
void demand_assess(struct ledger *l);
/* Do others want what this node has? */
bool demand_asked(const struct ledger *l);
/* When the next tick is due for what can be wanted, for a use that falls, or for a
 * want that is to be answered, ns; UINT64_MAX: for none.
 */
uint64_t demand_timer(const struct ledger *l);
/* The record for want/; all needs 0: none. */
struct want_rec demand_want(const struct ledger *l, const struct lgroup *g);
/* Resources that it asks for, a bit each; and RES_N bits further up, those of
 * which it says that there is too little for all.
 */
uint32_t demand_asks(const struct want_rec *want);

#endif /* CGSPAN_LEDGER_DEMAND_H */
