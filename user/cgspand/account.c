// SPDX-License-Identifier: GPL-2.0
#include "account.h"

#include <string.h>

#include "err.h"

int account_load(struct account *a, uint64_t group, uint32_t res,
		 const struct store_kv *pool, const struct store_kv *debt,
		 struct cgspan_err *err)
{
	int ret = 0;

	memset(a, 0, sizeof(*a));
	a->group = group;
	a->res = res;
	if (pool && pool->val) {
		a->pool_rev = pool->mod_rev;
		ret = pool_parse(pool->val, pool->len, &a->pool, err);
	}
	if (!ret && debt && debt->val) {
		a->debt_rev = debt->mod_rev;
		ret = debt_parse(debt->val, debt->len, &a->debt, err);
	}
	if (ret)
		cgspan_err_wrap(err, "pool or debt of group %llu",
				(unsigned long long)group);
	return ret;
}

void account_fini(struct account *a)
{
	debt_fini(&a->debt);
}

void account_give(struct account *a, uint64_t amount)
{
	uint64_t paid = amount < a->debt.debt ? amount : a->debt.debt;

	a->debt.debt -= paid;
	a->pool.free += amount - paid;
}

void account_take(struct account *a, uint64_t amount)
{
	uint64_t had = amount < a->pool.free ? amount : a->pool.free;

	a->pool.free -= had;
	a->debt.debt += amount - had;
}

bool account_blocked(const struct account *a)
{
	return a->debt.debt || a->debt.await.n;
}

int account_await(struct account *a, const char *node)
{
	return names_add(&a->debt.await, node);
}

bool account_answer(struct account *a, const char *node)
{
	return names_del(&a->debt.await, node);
}

bool account_exists(const struct account *a)
{
	return a->pool_rev || a->debt_rev;
}

static void compare_both(const struct account *a, struct txn *t,
			 char pool[KEY_LEN], char debt[KEY_LEN])
{
	txn_compare(t, key_pool(pool, a->group, a->res, 0), a->pool_rev);
	txn_compare(t, key_debt(debt, a->group, a->res), a->debt_rev);
}

void account_write(const struct account *a, struct txn *t)
{
	char pool[KEY_LEN], debt[KEY_LEN];

	compare_both(a, t, pool, debt);
	/* A limit of "max" has no pool; its debt key is there only to await. */
	if (a->pool_rev)
		txn_put(t, pool, pool_format(&a->pool));
	if (account_blocked(a))
		txn_put(t, debt, debt_format(&a->debt));
	else if (a->debt_rev)
		txn_delete(t, debt);
}

void account_remove(const struct account *a, struct txn *t)
{
	char pool[KEY_LEN], debt[KEY_LEN];

	compare_both(a, t, pool, debt);
	if (a->pool_rev)
		txn_delete(t, pool);
	if (a->debt_rev)
		txn_delete(t, debt);
}
