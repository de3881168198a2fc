// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's cache, for a hundred thousand daemons in one process: what many
 * of them have alike, they have once. It takes the place of the other one.
 */
#include "model/cache.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS		(1U << 20)

/* A text that @refs keys and values are. */
struct shared {
	struct shared *next;
	size_t refs;
	char text[];
};

static struct shared *all[BUCKETS];

static struct shared **bucket_of(const char *text, size_t len)
{
	uint32_t h = 2166136261u;

	while (len--)
		h = (h ^ (unsigned char)*text++) * 16777619u;
	return &all[(h ^ h >> 20) % BUCKETS];
}

static char *share(const char *text, size_t len)
{
	struct shared **bucket = bucket_of(text, len), *s;

	for (s = *bucket; s; s = s->next)
		if (!strncmp(s->text, text, len) && !s->text[len]) {
			s->refs++;
			return s->text;
		}
	s = malloc(sizeof(*s) + len + 1);
	if (!s)
		return NULL;
	memcpy(s->text, text, len);
	s->text[len] = 0;
	s->refs = 1;
	s->next = *bucket;
	*bucket = s;
	return s->text;
}

static void unshare(char *text)
{
	struct shared *s = (void *)(text - offsetof(struct shared, text));
	struct shared **p;

	if (--s->refs)
		return;
	for (p = bucket_of(text, strlen(text)); *p != s; p = &(*p)->next)
		;
	*p = s->next;
	free(s);
}

void cache_fini(struct cache *c)
{
	for (size_t i = 0; i < c->n; i++) {
		unshare(c->kvs[i].key);
		unshare(c->kvs[i].val);
	}
	free(c->kvs);
	memset(c, 0, sizeof(*c));
}

static void remove_at(struct cache *c, size_t i)
{
	unshare(c->kvs[i].key);
	unshare(c->kvs[i].val);
	memmove(&c->kvs[i], &c->kvs[i + 1], (--c->n - i) * sizeof(*c->kvs));
}

static int make_room(struct cache *c)
{
	size_t room = c->room ? c->room + c->room / 8 + 8 : 16;
	void *p;

	if (c->n < c->room)
		return 0;
	p = realloc(c->kvs, room * sizeof(*c->kvs));
	if (!p)
		return -ENOMEM;
	c->kvs = p;
	c->room = room;
	return 0;
}

int cache_set(struct cache *c, const char *key, const char *val, size_t len,
	      int64_t mod_rev)
{
	size_t i = cache_lower(c, key);
	bool there = i < c->n && !strcmp(c->kvs[i].key, key);
	struct store_kv kv = { .len = len, .mod_rev = mod_rev };

	if (!val) {
		if (!there || (mod_rev && c->kvs[i].mod_rev >= mod_rev))
			return 0;
		remove_at(c, i);
		return 1;
	}
	if (there && c->kvs[i].mod_rev >= mod_rev)
		return 0;
	kv.key = share(key, strlen(key));
	kv.val = share(val, len);
	if (!kv.key || !kv.val || (!there && make_room(c)))
		return -ENOMEM;
	if (there) {
		unshare(c->kvs[i].key);
		unshare(c->kvs[i].val);
	} else {
		memmove(&c->kvs[i + 1], &c->kvs[i],
			(c->n++ - i) * sizeof(*c->kvs));
	}
	c->kvs[i] = kv;
	return 1;
}
