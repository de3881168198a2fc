/* SPDX-License-Identifier: GPL-2.0 */
/* Moves between pools and leases. */
#ifndef CGSPAN_LEDGER_MOVE_H
#define CGSPAN_LEDGER_MOVE_H

#include "model/account.h"
#include "group.h"
#include "state.h"

/* Which groups and shards the next transaction uses. */
struct moves {
	size_t first;			/* index of the group to plan first */
	uint64_t home;			/* hash of name, to find home shard */
	uint64_t shard_random;		/* random; selects two more shards */
	bool pools_stale;		/* a move conflicted: pools may differ */
	bool pools_checked;		/* a look has ended since the last move */
};

void move_plan(struct ledger *l);
void move_done(struct ledger *l, enum store_result res, int64_t rev);
/* A look (transaction without changes) ended. APPLIED: pools are as known. */
void move_looked(struct ledger *l, enum store_result res);

/* Functions for claim.c: */

/* Read an account. 0; -EAGAIN: the transaction asks for its pool; or -errno. */
int move_load(struct ledger *l, struct lgroup *g, int res, struct account *a);
/* Plan @amount as the lease, and the pool's sums with it; write the account. */
void move_put(struct ledger *l, struct lgroup *g, int res, struct account *a,
	      uint64_t amount);
void move_put_lease(struct ledger *l, struct lgroup *g);
/* Has the transaction room for @g, with @shards beyond one for each account? */
bool move_fits(const struct ledger *l, const struct lgroup *g, size_t shards);
size_t move_all_shards(const struct lgroup *g);

#endif /* CGSPAN_LEDGER_MOVE_H */
