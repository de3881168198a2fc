/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of one group and resource: its pool and its debt, as the store
 * has them, and how they change. The pool may be split into several shards,
 * numbered without a gap. Amounts are added and subtracted only here, so that
 * leases + pool = limit + debt holds: a transaction that gives an amount to the
 * account writes a lease that is smaller by it, one that takes writes a larger
 * one.
 */
#ifndef CGSPAN_ACCOUNT_H
#define CGSPAN_ACCOUNT_H

#include "codec.h"
#include "kvs.h"
#include "txn.h"

/* A part of a pool: its free amount and sums. */
struct shard {
	struct pool_rec pool;
	int64_t rev;			/* mod_rev of the shard's key; 0: no key */
	bool moved;			/* changed since it was loaded: to be put */
};

/* Pool and debt of a resource, enum cgspan_resource, of a group. */
struct account {
	uint64_t group;			/* id of the group */
	uint32_t res;
	struct shard shards[SHARDS_MAX + 1];	/* shards, with room for one more */
	uint32_t n;			/* number of shards; 0: the limit is "max" */
	uint32_t at;			/* shard to change first; @n: a new one */
	struct debt_rec debt;
	int64_t debt_rev;		/* mod_rev of the debt's key; 0: no debt */
};

/* Read an account from @kvs. Call account_fini() afterwards, also after an
 * error: -EBADMSG, with the key in the text; -ENOMEM.
 */
int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct kvs *kvs, struct cgspan_err *err);
void account_fini(struct account *a);

/* The shard with index @at, which is changed first. */
struct pool_rec *account_pool(struct account *a);
/* The sum of the free amounts of all shards. */
uint64_t account_free(const struct account *a);

/* In the pool's sums, replace the lease @old by @new; either may be NULL. */
void account_count(struct account *a, const struct lease_res *old,
		   const struct lease_res *new);

/* Give an amount back to the account: it pays debt, the rest becomes free. */
void account_give(struct account *a, uint64_t amount);
/* Take an amount from the account; what the pool lacks becomes debt. */
void account_take(struct account *a, uint64_t amount);
/* Pay debt with free amounts: the transaction that made the debt may not have
 * known all shards. True if some debt was paid.
 */
bool account_settle(struct account *a);
/* Is anything forbidden to be granted, due to debt or awaited answers? */
bool account_blocked(const struct account *a);

/* Has the account keys? With limit "max" only while answers are awaited. */
bool account_exists(const struct account *a);
/* Add compares of all keys that the change depends on; put changed keys. */
void account_write(const struct account *a, struct txn *t);
/* Add to @t: compares and deletions of all keys of the account. */
void account_remove(const struct account *a, struct txn *t);

#endif /* CGSPAN_ACCOUNT_H */
