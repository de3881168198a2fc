/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of one group and resource: its pool and its debt, as the store
 * has them, and how they change. Here, and nowhere else, amounts are added and
 * subtracted, so that leases + pool = limit + debt is kept by construction:
 * who gives writes a lease that is smaller by the same amount, who takes one
 * that is larger.
 */
#ifndef CGSPAN_ACCOUNT_H
#define CGSPAN_ACCOUNT_H

#include "codec.h"
#include "txn.h"

/**
 * struct account - pool and debt
 * @group: id
 * @res: enum cgspan_resource
 * @pool: free amount and sums
 * @pool_rev: mod_rev of its key; 0: none: the limit is "max"
 * @debt: above the limit, and who has still to answer
 * @debt_rev: mod_rev of its key; 0: it does not exist: nothing is owed
 */
struct account {
	uint64_t group;
	uint32_t res;
	struct pool_rec pool;
	int64_t pool_rev;
	struct debt_rec debt;
	int64_t debt_rev;
};

/* From the two keys as the store has them; NULL or mod_rev 0: not there. */
int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct store_kv *pool, const struct store_kv *debt,
		 struct cgspan_err *err);
void account_fini(struct account *a);

/* Something comes back: debt is paid first, the rest is free. */
void account_give(struct account *a, uint64_t amount);
/* Something goes out: what the pool does not have becomes debt. */
void account_take(struct account *a, uint64_t amount);
/* Nothing may be granted as long as this holds. */
bool account_blocked(const struct account *a);

/* @nodes must answer. 0 or -ENOMEM. */
int account_await(struct account *a, const char *node);
/* @node has answered; true if it was awaited. */
bool account_answer(struct account *a, const char *node);

/* Is there one? Not without a limit, unless somebody has to answer. */
bool account_exists(const struct account *a);
/* Compare both keys, put what they are now. */
void account_write(const struct account *a, struct txn *t);
/* Compare both keys, delete them. */
void account_remove(const struct account *a, struct txn *t);

#endif /* CGSPAN_ACCOUNT_H */
