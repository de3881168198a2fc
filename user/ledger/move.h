/* SPDX-License-Identifier: GPL-2.0 */
/* Moves between pools and leases. */
#ifndef CGSPAN_LEDGER_MOVE_H
#define CGSPAN_LEDGER_MOVE_H

#include "state.h"

/* Compares and changes of a group: lease, group, want; pool and debt of each of
 * @n accounts; @k more shards.
 */
#define MOVE_ROOM(n, k)	(5 + 4 * (n) + 2 * (k))
#define MOVE_OPS(n, k)	(3 + 2 * (n) + (k))
void move_plan(struct ledger *l);
void move_done(struct ledger *l, enum store_result res, int64_t rev);
/* A look that found all as it was known, or what is not so. */
void move_looked(struct ledger *l, enum store_result res);

/* for claim.c */

/* Read an account; -EAGAIN: the pool is not known yet, the transaction asks for it. */
int move_load(struct ledger *l, struct lgroup *g, int res, struct account *a);
/* Adapt the sums of the pool to the change of the lease. */
void move_put_sums(struct account *a, const struct lres *r,
		   const struct lease_res *old, bool counted,
		   struct lease_res *new);
void move_put_lease(struct ledger *l, struct lgroup *g);
/* The number of accounts that a group may need, and of all their shards. */
size_t move_accounts(const struct lgroup *g);
size_t move_all_shards(const struct lgroup *g);

#endif /* CGSPAN_LEDGER_MOVE_H */
