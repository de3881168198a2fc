/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of one group and resource: its pool and its debt, as the store
 * has them, and how they change. Where many nodes share a pool it is in several
 * shards, numbered without a gap. Here, and nowhere else, amounts are added and
 * subtracted, so that leases + pool = limit + debt is kept by construction:
 * who gives writes a lease that is smaller by the same amount, who takes one
 * that is larger.
 */
#ifndef CGSPAN_ACCOUNT_H
#define CGSPAN_ACCOUNT_H

#include "codec.h"
#include "kvs.h"
#include "txn.h"

/**
 * struct shard - a part of a pool
 * @pool: free amount and sums
 * @rev: mod_rev of its key; 0: it does not exist
 * @moved: it is not what the store has any more
 */
struct shard {
	struct pool_rec pool;
	int64_t rev;
	bool moved;
};

/**
 * struct account - pool and debt
 * @group: id
 * @res: enum cgspan_resource
 * @shards: the pool, and room for one more
 * @n: how many there are; 0: the limit is "max"
 * @at: the one that is moved first; @n: a new one
 * @debt: above the limit, and who has still to answer
 * @debt_rev: mod_rev of its key; 0: it does not exist: nothing is owed
 */
struct account {
	uint64_t group;
	uint32_t res;
	struct shard shards[SHARDS_MAX + 1];
	uint32_t n;
	uint32_t at;
	struct debt_rec debt;
	int64_t debt_rev;
};

/**
 * account_load() - from its keys, as far as they are known
 * @a: needs account_fini() after it, also after an error
 * @group: id
 * @res: enum cgspan_resource
 * @kvs: the store's keys, as far as known
 * @err: what is wrong with a value
 *
 * Return: 0, or what the value's parser says.
 */
int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct kvs *kvs, struct cgspan_err *err);
void account_fini(struct account *a);

/* The shard that is moved first. */
struct pool_rec *account_pool(struct account *a);
/* What is free, in all shards. */
uint64_t account_free(const struct account *a);

/* A lease's part in the sums: from @old, NULL if that did not count, to @new. */
void account_count(struct account *a, const struct lease_res *old,
		   const struct lease_res *new);

/* Something comes back: debt is paid first, the rest is free. */
void account_give(struct account *a, uint64_t amount);
/* Something goes out: what the pool does not have becomes debt. */
void account_take(struct account *a, uint64_t amount);
/* What is free pays debt: a share that nobody knew of when the debt was made.
 * True if there was any.
 */
bool account_settle(struct account *a);
/* Nothing may be granted as long as this holds. */
bool account_blocked(const struct account *a);

/* @node must answer. 0 or -ENOMEM. */
int account_await(struct account *a, const char *node);
/* @node has answered; true if it was awaited. */
bool account_answer(struct account *a, const char *node);

/* Is there one? Not without a limit, unless somebody has to answer. */
bool account_exists(const struct account *a);
/* Compare what it rests on, put what has changed. */
void account_write(const struct account *a, struct txn *t);
/* Compare all keys, delete them. */
void account_remove(const struct account *a, struct txn *t);

#endif /* CGSPAN_ACCOUNT_H */
