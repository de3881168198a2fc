/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies of keys and values of the store. A container is filled either by
 * kvs_set(), and is then sorted by key and has no deleted keys, or by
 * kvs_append(), and is then in order of arrival. kvs_lower() and kvs_find()
 * need a sorted container.
 */
#ifndef CGSPAN_KVS_H
#define CGSPAN_KVS_H

#include <stddef.h>
#include <stdint.h>

#include "kv.h"

/* A container of keys with their values, owned; all 0: it is empty. */
struct kvs {
	struct store_kv *kv;
	size_t n;
	size_t room;			/* number of allocated entries */
};

/* Free all keys; the container is empty afterwards. */
void kvs_fini(struct kvs *s);

/* Index of the first key of a sorted container that is not before @prefix,
 * which is a key or a prefix of keys; @s->n: there is none.
 */
size_t kvs_lower(const struct kvs *s, const char *prefix);
/* The key at index @i, if there is one and it begins with @prefix; else NULL.
 * Valid until @s changes.
 */
const struct store_kv *kvs_under(const struct kvs *s, const char *prefix,
				 size_t i);
/* Loop over the keys of a sorted container that begin with @prefix. */
#define kvs_for_each(s, prefix, kv)					\
	for (size_t i_ = kvs_lower(s, prefix);				\
	     (kv = kvs_under(s, prefix, i_)); i_++)
/* The key @key of a sorted container, valid until @s changes; NULL: none. */
const struct store_kv *kvs_find(const struct kvs *s, const char *key);

/**
 * kvs_set() - insert, replace or remove a key
 * @s: a sorted container
 * @key: its name, copied
 * @val: its value, copied; NULL removes the key
 * @len: bytes in @val
 * @mod_rev: revision of the change; for a removal 0 means: whatever revision
 *	the key has
 *
 * A change that is not newer than the key's mod_rev in @s is ignored: a watch
 * may repeat what the answer to a transaction has told.
 *
 * Return: 1: the container has changed; 0: it has not; -ENOMEM.
 */
int kvs_set(struct kvs *s, const char *key, const char *val, size_t len,
	    int64_t mod_rev);

/* Append copies of a key of @key_len bytes and of its value (@val NULL: no such
 * key) to a container that is in order of arrival. 0 or -ENOMEM.
 */
int kvs_append(struct kvs *s, const char *key, size_t key_len, const char *val,
	       size_t len, int64_t mod_rev);

#endif /* CGSPAN_KVS_H */
