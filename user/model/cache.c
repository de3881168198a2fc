// SPDX-License-Identifier: GPL-2.0
#include "cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void cache_fini(struct cache *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->kvs[i].key);
		free(c->kvs[i].val);
	}
	free(c->kvs);
	memset(c, 0, sizeof(*c));
}

static void remove_at(struct cache *c, size_t i)
{
	free(c->kvs[i].key);
	free(c->kvs[i].val);
	memmove(&c->kvs[i], &c->kvs[i + 1], (--c->n - i) * sizeof(*c->kvs));
}

static int insert_at(struct cache *c, size_t i, const char *key, char *val,
		     size_t len, int64_t mod_rev)
{
	size_t room = c->room ? 2 * c->room : 64;
	char *copy = strdup(key);
	void *p;

	if (!copy)
		return -ENOMEM;
	if (c->n == c->room) {
		p = realloc(c->kvs, room * sizeof(*c->kvs));
		if (!p) {
			free(copy);
			return -ENOMEM;
		}
		c->kvs = p;
		c->room = room;
	}
	memmove(&c->kvs[i + 1], &c->kvs[i], (c->n++ - i) * sizeof(*c->kvs));
	c->kvs[i] = (struct store_kv){ copy, val, len, mod_rev };
	return 0;
}

/* A copy of a value with a final 0 behind it. */
static char *copy_val(const char *val, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy) {
		memcpy(copy, val, len);
		copy[len] = 0;
	}
	return copy;
}

int cache_set(struct cache *c, const char *key, const char *val, size_t len,
	      int64_t mod_rev)
{
	size_t i = cache_lower(c, key);
	bool there = i < c->n && !strcmp(c->kvs[i].key, key);
	char *copy;

	if (!val) {
		/* An old deletion does not end what was made since. */
		if (!there || (mod_rev && c->kvs[i].mod_rev >= mod_rev))
			return 0;
		remove_at(c, i);
		return 1;
	}
	/* A watch may bring what a transaction's answer has told already. */
	if (there && c->kvs[i].mod_rev >= mod_rev)
		return 0;

	copy = copy_val(val, len);
	if (!copy)
		return -ENOMEM;
	if (there) {
		free(c->kvs[i].val);
		c->kvs[i].val = copy;
		c->kvs[i].len = len;
		c->kvs[i].mod_rev = mod_rev;
	} else if (insert_at(c, i, key, copy, len, mod_rev)) {
		free(copy);
		return -ENOMEM;
	}
	return 1;
}
