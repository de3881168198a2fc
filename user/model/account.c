// SPDX-License-Identifier: GPL-2.0
#include "account.h"

#include <string.h>

static int load_shards(struct account *a, const struct kvs *kvs,
		       struct cgspan_err *err)
{
	const struct store_kv *kv;
	char key[KEY_LEN];
	int ret = 0;

	for (a->n = 0; !ret && a->n < shards_max(a->res); a->n++) {
		kv = kvs_find(kvs, key_pool(key, a->group, a->res, a->n));
		if (!kv)
			break;
		a->shards[a->n].rev = kv->mod_rev;
		ret = pool_read(kv, &a->shards[a->n].pool, err);
	}
	return ret;
}

int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct kvs *kvs, struct cgspan_err *err)
{
	const struct store_kv *kv;
	char key[KEY_LEN];
	int ret;

	memset(a, 0, sizeof(*a));
	a->group = group;
	a->res = res;
	ret = load_shards(a, kvs, err);
	kv = kvs_find(kvs, key_debt(key, group, res));
	if (!ret && kv) {
		a->debt_rev = kv->mod_rev;
		ret = debt_read(kv, &a->debt, err);
	}
	return ret;
}

void account_fini(struct account *a)
{
	debt_fini(&a->debt);
}

struct pool_rec *account_pool(struct account *a)
{
	return &a->shards[a->at].pool;
}

uint64_t account_free(const struct account *a)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < a->n; k++)
		sum += a->shards[k].pool.free;
	return sum;
}

/* A sum in one shard may be negative; added up over all shards it is not. */
void account_count(struct account *a, const struct lease_res *old,
		   const struct lease_res *new)
{
	struct pool_rec *pool = account_pool(a);
	uint64_t mean = pool->mean, headroom = pool->headroom;

	if (old) {
		mean -= old->mean;
		headroom -= old->headroom;
	}
	if (new) {
		mean += new->mean;
		headroom += new->headroom;
	}
	pool->mean = mean;
	pool->headroom = headroom;
}

void account_give(struct account *a, uint64_t amount)
{
	uint64_t paid = amount < a->debt.debt ? amount : a->debt.debt;

	a->debt.debt -= paid;
	account_pool(a)->free += amount - paid;
}

static uint64_t take_of(struct shard *s, uint64_t amount)
{
	uint64_t had = amount < s->pool.free ? amount : s->pool.free;

	s->pool.free -= had;
	s->moved |= had > 0;
	return had;
}

void account_take(struct account *a, uint64_t amount)
{
	amount -= take_of(&a->shards[a->at], amount);
	for (uint32_t k = 0; k < a->n; k++)
		amount -= take_of(&a->shards[k], amount);
	a->debt.debt += amount;
}

bool account_settle(struct account *a)
{
	uint64_t owed = a->debt.debt;

	for (uint32_t k = 0; k < a->n; k++)
		a->debt.debt -= take_of(&a->shards[k], a->debt.debt);
	return a->debt.debt < owed;
}

bool account_blocked(const struct account *a)
{
	return a->debt.debt || a->debt.await.n;
}

bool account_exists(const struct account *a)
{
	return a->n || a->debt_rev;
}

static void compare_shard(const struct account *a, struct txn *t, uint32_t k,
			  char key[KEY_LEN])
{
	if (k < shards_max(a->res))
		txn_compare(t, key_pool(key, a->group, a->res, k),
			    a->shards[k].rev);
}

static void compare_debt(const struct account *a, struct txn *t,
			 char key[KEY_LEN])
{
	txn_compare(t, key_debt(key, a->group, a->res), a->debt_rev);
}

void account_write(const struct account *a, struct txn *t)
{
	char key[KEY_LEN];

	/* Leave no gap: compare that the shard before a new one exists. */
	if (a->at && a->at == a->n)
		compare_shard(a, t, a->n - 1, key);
	for (uint32_t k = 0; k <= a->n; k++) {
		if (k != a->at && !a->shards[k].moved)
			continue;
		compare_shard(a, t, k, key);
		/* With limit "max" no pool is written, only the debt's key. */
		if (a->n)
			txn_put(t, key, pool_format(&a->shards[k].pool));
	}
	compare_debt(a, t, key);
	if (account_blocked(a))
		txn_put(t, key, debt_format(&a->debt));
	else if (a->debt_rev)
		txn_delete(t, key);
}

void account_remove(const struct account *a, struct txn *t)
{
	char key[KEY_LEN];

	for (uint32_t k = 0; k <= a->n; k++) {
		compare_shard(a, t, k, key);
		if (k < a->n)
			txn_delete(t, key);
	}
	compare_debt(a, t, key);
	if (a->debt_rev)
		txn_delete(t, key);
}
