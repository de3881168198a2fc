// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "event.h"
#include "mirror.h"
#include "state.h"
#include "watch.h"

bool store_has_leader(const struct world *w)
{
	return w->now >= w->leader_at;
}

static bool store_holds(const struct world *w, const struct store_txn *t)
{
	const struct store_kv *kv;

	for (size_t i = 0; i < t->n_cmps; i++) {
		kv = kvs_find(&w->store, t->cmps[i].key);
		if ((kv ? kv->mod_rev : 0) != t->cmps[i].mod_rev)
			return false;
	}
	return true;
}

static struct news *make_news(struct world *w, const struct store_txn *t)
{
	struct news *news = need(calloc(1, sizeof(*news) +
					t->n_ops * sizeof(news->kvs[0])));

	news->refs = 1;
	news->rev = w->rev;
	news->n = t->n_ops;
	for (size_t i = 0; i < t->n_ops; i++)
		news->kvs[i] = (struct store_kv){
			.key = need(strdup(t->ops[i].key)),
			.val = t->ops[i].val ? need(strdup(t->ops[i].val)) :
					       NULL,
			.len = t->ops[i].len,
			.mod_rev = t->ops[i].val ? w->rev : 0,
		};
	return news;
}

enum store_result store_commit(struct world *w,
			       const struct store_txn *t)
{
	struct news *news;

	if (!store_holds(w, t)) {
		w->stats.conflicts++;
		return STORE_CONFLICT;
	}
	if (!t->n_ops)
		return STORE_APPLIED;
	w->rev++;
	w->stats.revisions++;
	for (size_t i = 0; i < t->n_ops; i++)
		kvs_set(&w->store, t->ops[i].key, t->ops[i].val,
			  t->ops[i].len, t->ops[i].val ? w->rev : 0);
	for (size_t i = 0; i < t->n_ops; i++)
		mirror_key(w, t->ops[i].key, t->ops[i].val);
	for (size_t i = 0; i < t->n_ops; i++)
		mirror_group(w, t->ops[i].key);
	check_sums(w);
	check_recovery(w);
	for (size_t i = 0; i < t->n_ops; i++)
		check_key(w, t->ops[i].key);
	news = make_news(w, t);
	watch_wake(w, news);
	event_put_news(news);
	if (w->conf.revised)
		w->conf.revised(w->conf.arg);
	return STORE_APPLIED;
}

static struct store_kv copy_kv(const char *key, const char *val, int64_t rev)
{
	return (struct store_kv){
		.key = need(strdup(key)),
		.val = val ? need(strdup(val)) : NULL,
		.len = val ? strlen(val) : 0,
		.mod_rev = rev,
	};
}

void store_read_compared(struct world *w, const struct store_txn *t,
			 struct event *e)
{
	const struct store_kv *kv;

	e->kvs = need(calloc(t->n_cmps + 1, sizeof(*e->kvs)));
	for (size_t i = 0; i < t->n_cmps; i++) {
		kv = kvs_find(&w->store, t->cmps[i].key);
		e->kvs[e->n++] = copy_kv(t->cmps[i].key, kv ? kv->val : NULL,
					 kv ? kv->mod_rev : 0);
	}
}

void store_read_prefix(struct world *w, const char *prefix, struct event *e)
{
	const struct store_kv *kv;

	e->kvs = need(calloc(w->store.n + 1, sizeof(*e->kvs)));
	for (size_t i = kvs_lower(&w->store, prefix); i < w->store.n; i++) {
		kv = &w->store.kv[i];
		if (!has_prefix(kv->key, prefix))
			break;
		e->kvs[e->n++] = copy_kv(kv->key, kv->val, kv->mod_rev);
	}
	e->rev = w->rev;
}

const struct kvs *world_store(const struct world *w)
{
	return &w->store;
}

uint64_t world_leader_in(const struct world *w)
{
	return store_has_leader(w) ? 0 : w->leader_at - w->now;
}

enum store_result world_commit(struct world *w, const struct store_txn *t)
{
	return store_commit(w, t);
}
