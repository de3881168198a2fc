// SPDX-License-Identifier: GPL-2.0
#include "kvs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static void kv_fini(struct store_kv *kv)
{
	text_free(kv->key);
	text_free(kv->val);
}

void kvs_fini(struct kvs *s)
{
	for (size_t i = 0; i < s->n; i++)
		kv_fini(&s->kv[i]);
	free(s->kv);
	memset(s, 0, sizeof(*s));
}

size_t kvs_lower(const struct kvs *s, const char *prefix)
{
	size_t from = 0, to = s->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (strcmp(s->kv[mid].key, prefix) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct store_kv *kvs_under(const struct kvs *s, const char *prefix,
				 size_t i)
{
	if (i < s->n && !strncmp(s->kv[i].key, prefix, strlen(prefix)))
		return &s->kv[i];
	return NULL;
}

static bool is_at(const struct kvs *s, size_t i, const char *key)
{
	return i < s->n && !strcmp(s->kv[i].key, key);
}

const struct store_kv *kvs_find(const struct kvs *s, const char *key)
{
	size_t i = kvs_lower(s, key);

	return is_at(s, i, key) ? &s->kv[i] : NULL;
}

/* Grow by an eighth only: a simulator's process has 100,000 containers. */
static int make_room(struct kvs *s)
{
	size_t room = s->room + s->room / 8 + 16;
	void *p;

	if (s->n < s->room)
		return 0;
	p = reallocarray(s->kv, room, sizeof(*s->kv));
	if (!p)
		return -ENOMEM;
	s->kv = p;
	s->room = room;
	return 0;
}

static int insert(struct kvs *s, size_t i, const char *key, size_t key_len,
		  const char *val, size_t len, int64_t mod_rev)
{
	struct store_kv kv = { .len = val ? len : 0, .mod_rev = mod_rev };

	kv.key = text_new(key, key_len);
	kv.val = val ? text_new(val, len) : NULL;
	if (!kv.key || (val && !kv.val) || make_room(s)) {
		kv_fini(&kv);
		return -ENOMEM;
	}
	memmove(&s->kv[i + 1], &s->kv[i], (s->n++ - i) * sizeof(*s->kv));
	s->kv[i] = kv;
	return 0;
}

static int replace(struct store_kv *kv, const char *val, size_t len,
		   int64_t mod_rev)
{
	char *copy = text_new(val, len);

	if (!copy)
		return -ENOMEM;
	text_free(kv->val);
	kv->val = copy;
	kv->len = len;
	kv->mod_rev = mod_rev;
	return 0;
}

static void remove_at(struct kvs *s, size_t i)
{
	kv_fini(&s->kv[i]);
	memmove(&s->kv[i], &s->kv[i + 1], (--s->n - i) * sizeof(*s->kv));
}

int kvs_set(struct kvs *s, const char *key, const char *val, size_t len,
	    int64_t mod_rev)
{
	size_t i = kvs_lower(s, key);
	bool found = is_at(s, i, key);
	int ret;

	if (!val) {
		if (!found || (mod_rev && s->kv[i].mod_rev >= mod_rev))
			return 0;
		remove_at(s, i);
		return 1;
	}
	if (found && s->kv[i].mod_rev >= mod_rev)
		return 0;
	ret = found ? replace(&s->kv[i], val, len, mod_rev) :
		      insert(s, i, key, strlen(key), val, len, mod_rev);
	return ret ? ret : 1;
}

int kvs_append(struct kvs *s, const char *key, size_t key_len, const char *val,
	       size_t len, int64_t mod_rev)
{
	return insert(s, s->n, key, key_len, val, len, mod_rev);
}
