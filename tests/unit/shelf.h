/* SPDX-License-Identifier: GPL-2.0 */
/* A store in memory, for transactions that are applied at once. */
#ifndef TESTS_UNIT_SHELF_H
#define TESTS_UNIT_SHELF_H

#include <stdlib.h>
#include <string.h>

#include "model/kvs.h"
#include "store/store.h"

struct shelf {
	struct kvs kvs;
	int64_t rev;
};

/* Put a key at the present revision, or delete it (@val is NULL). */
static inline void shelf_set(struct shelf *s, const char *key, const char *val)
{
	kvs_set(&s->kvs, key, val, val ? strlen(val) : 0, val ? s->rev : 0);
}

/* Put a key in a new revision, and free @val. */
static inline void shelf_put(struct shelf *s, const char *key, char *val)
{
	s->rev++;
	shelf_set(s, key, val);
	free(val);
}

static inline const char *shelf_get(const struct shelf *s, const char *key)
{
	const struct store_kv *kv = kvs_find(&s->kvs, key);

	return kv ? kv->val : NULL;
}

/* Make the changes of @t if all its compares hold. Return: whether they held. */
static inline bool shelf_commit(struct shelf *s, const struct store_txn *t)
{
	for (size_t i = 0; i < t->n_cmps; i++) {
		const struct store_kv *kv = kvs_find(&s->kvs, t->cmps[i].key);

		if ((kv ? kv->mod_rev : 0) != t->cmps[i].mod_rev)
			return false;
	}
	s->rev++;
	for (size_t i = 0; i < t->n_ops; i++)
		shelf_set(s, t->ops[i].key, t->ops[i].val);
	return true;
}

#endif /* TESTS_UNIT_SHELF_H */
