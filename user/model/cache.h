/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of the store: copies of keys and values, sorted by key. It may
 * be behind; every transaction compares, so that only costs a conflict.
 */
#ifndef CGSPAN_CACHE_H
#define CGSPAN_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kv.h"

/**
 * struct cache - sorted copies
 * @kvs: only keys that exist
 * @n: how many
 * @room: allocated
 */
struct cache {
	struct store_kv *kvs;
	size_t n;
	size_t room;
};

/* Index of the first key that is not before @prefix. */
static inline size_t cache_lower(const struct cache *c, const char *prefix)
{
	size_t from = 0, to = c->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (strcmp(c->kvs[mid].key, prefix) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* The key, or NULL if it does not exist as far as known. */
static inline const struct store_kv *cache_find(const struct cache *c,
						const char *key)
{
	size_t i = cache_lower(c, key);

	return i < c->n && !strcmp(c->kvs[i].key, key) ? &c->kvs[i] : NULL;
}

void cache_fini(struct cache *c);
/* @val NULL: it does not exist, as of revision @mod_rev (0: now). Old news are
 * not taken. 1: this is news; 0: it was known; -ENOMEM.
 */
int cache_set(struct cache *c, const char *key, const char *val, size_t len,
	      int64_t mod_rev);

#endif /* CGSPAN_CACHE_H */
