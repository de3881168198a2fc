/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of one group and resource: its pool and its debt, as the store
 * has them, and how they change. The pool may be split into several shards,
 * numbered without a gap. Amounts are added and subtracted only here, so that
 * leases + pool = limit + debt holds: a transaction that gives an amount to the
 * account also lowers a lease or raises the limit by it; one that takes an
 * amount raises a lease or lowers the limit.
 */
#ifndef CGSPAN_ACCOUNT_H
#define CGSPAN_ACCOUNT_H

#include "codec.h"
#include "kvs.h"
#include "txn.h"

/* A shard, which is a part of the pool: its free amount, and its sums. */
struct shard {
	struct pool_rec pool;
	int64_t rev;			/* mod_rev of the shard's key; 0: no key */
	bool moved;			/* an amount was taken: put the shard */
};

/* Pool and debt of a resource, enum cgspan_resource, of a group. */
struct account {
	uint64_t group;			/* id of the group */
	uint32_t res;
	struct shard shards[SHARDS_MAX + 1];	/* shards, with room for one more */
	uint32_t n;			/* number of shards; 0: "max" or unread */
	uint32_t at;			/* shard to change first; @n: a new one */
	struct debt_rec debt;
	int64_t debt_rev;		/* mod_rev of the debt's key; 0: no key */
};

/* Read an account from @kvs. 0; -EBADMSG, with the key in the text; -ENOMEM.
 * Call account_fini() afterwards, also after an error.
 */
int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct kvs *kvs, struct cgspan_err *err);
void account_fini(struct account *a);

/* The record of shard @at. */
struct pool_rec *account_pool(struct account *a);
/* The sum of the free amounts of all shards. */
uint64_t account_free(const struct account *a);

/* In the sums of shard @at, replace the lease @old by @new; NULL: no lease. */
void account_count(struct account *a, const struct lease_res *old,
		   const struct lease_res *new);

/* Give an amount to the account: it pays debt, the rest is free in @at. */
void account_give(struct account *a, uint64_t amount);
/* Take an amount from the shards, @at first; what they lack becomes debt. */
void account_take(struct account *a, uint64_t amount);
/* Pay debt with free amounts: the transaction that made the debt may not have
 * known all shards. True if some debt was paid.
 */
bool account_settle(struct account *a);
/* Must nothing be granted, because there is debt or an answer is awaited? */
bool account_blocked(const struct account *a);

/* Has the account a key? With limit "max" only while answers are awaited. */
bool account_exists(const struct account *a);
/* Add to @t shard @at, other changed shards and the debt, with compares. */
void account_write(const struct account *a, struct txn *t);
/* Add to @t: compares and deletions of all keys of the account. */
void account_remove(const struct account *a, struct txn *t);

#endif /* CGSPAN_ACCOUNT_H */
