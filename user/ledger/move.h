/* SPDX-License-Identifier: GPL-2.0 */
/* Moves between pools and leases. */
#ifndef CGSPAN_LEDGER_MOVE_H
#define CGSPAN_LEDGER_MOVE_H

#include "model/account.h"
#include "group.h"
#include "state.h"

/* Which groups and shards come next. */
struct moves {
	size_t first;			/* index of the next transaction's group */
	uint64_t home;			/* hash of the name: home shard */
	uint64_t shard_random;		/* chooses two other shards */
	bool pools_stale;		/* a move conflicted: pools have changed */
	bool pools_checked;		/* pools were read since */
};

void move_plan(struct ledger *l);
void move_done(struct ledger *l, enum store_result res, int64_t rev);
/* The result of a look: pools are as known, or have changed. */
void move_looked(struct ledger *l, enum store_result res);

/* for claim.c */

/* Read an account; -EAGAIN: the pool is not known yet, the transaction asks for it. */
int move_load(struct ledger *l, struct lgroup *g, int res, struct account *a);
/* Put the new amount of a lease into its account and the pool's sums. */
void move_put(struct ledger *l, struct lgroup *g, int res, struct account *a,
	      uint64_t amount);
void move_put_lease(struct ledger *l, struct lgroup *g);
/* Has the transaction room for a group and so many shards more than its accounts? */
bool move_fits(const struct ledger *l, const struct lgroup *g, size_t shards);
size_t move_all_shards(const struct lgroup *g);

#endif /* CGSPAN_LEDGER_MOVE_H */
