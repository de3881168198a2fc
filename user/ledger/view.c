// SPDX-License-Identifier: GPL-2.0
/*
 * The view of the store: groups and nodes as the cache has them. What depends on a
 * key that has changed is only marked; ledger.c digests it.
 */
#include "view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "out.h"
#include "rule.h"

/* Groups */

/* Groups were added or removed: find the parent of each. */
static void link_parents(struct ledger *l)
{
	char buf[CGSPAN_PATH_LEN + 1];

	for (size_t i = 0; i < l->n_groups; i++) {
		struct lgroup *g = l->groups[i];

		g->parent = path_parent(buf, g->path) ? group_find(l, buf) :
							NULL;
	}
}

static void group_remove(struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);
	struct lgroup *g = group_find(l, path);
	char key[KEY_LEN];

	if (!g)
		return;
	group_pool_prefix(key, g->rec.id);
	if (g->watch_pool)
		ledger_unwatch(l, key);
	group_free(g);
	memmove(&l->groups[i], &l->groups[i + 1],
		(--l->n_groups - i) * sizeof(*l->groups));
	link_parents(l);
}

static struct lgroup *group_add(struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);
	struct lgroup *g = calloc(1, sizeof(*g));
	void *p = realloc(l->groups, (l->n_groups + 1) * sizeof(*l->groups));

	if (p)
		l->groups = p;
	if (g)
		g->path = strdup(path);
	if (!p || !g || !g->path) {
		if (g)
			group_free(g);
		ledger_no_memory(l);
		return NULL;
	}
	memmove(&l->groups[i + 1], &l->groups[i],
		(l->n_groups++ - i) * sizeof(*l->groups));
	l->groups[i] = g;
	/* No other run can have written a lease of an epoch that this run began. */
	g->sure = !l->resumed;
	link_parents(l);
	return g;
}

/* This node's lease as the cache has it; not used until a barrier rewrote it. */
void view_lease_reload(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];
	const struct store_kv *kv;
	struct lease_rec rec = { 0 };
	struct cgspan_err err;
	int ret = 0;

	kv = kvs_find(&l->cache, key_lease(key, l->name, g->rec.id));
	if ((kv ? kv->mod_rev : 0) == g->lease_rev)
		return;
	if (kv)
		ret = lease_parse(kv->val, kv->len, &rec, &err);
	if (ret)
		ledger_bad_value(l, kv, &err);
	if (!rule_broken(RULE_RAISE_ON_READ))
		g->sure = false;
	if (rule_broken(RULE_BLIND_RETRY) && g->lease_rev)
		g->lease.seq = rec.seq;
	else
		g->lease = rec;
	g->sure |= rule_broken(RULE_BLIND_RETRY);
	g->lease_rev = kv ? kv->mod_rev : 0;
	for (int i = 0; i < RES_N; i++)
		policy_recall(&g->res[i].policy, rec.res[i].headroom);
}

static void want_news(struct ledger *l, struct lgroup *g)
{
	g->want_news = true;
	l->news |= NEWS_DEMAND;
}

static void debt_news(struct ledger *l, struct lgroup *g, int res)
{
	g->res[res].debt_news = true;
	l->news |= NEWS_DEMAND;
}

/* The key of a group has changed. */
void view_group_update(struct ledger *l, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_group(key, path));
	struct lgroup *g = group_find(l, path);
	struct group_rec rec = group_root();
	struct cgspan_err err;

	/* "/" exists without a key, and the kernel needs its "max". */
	if (!kv && strcmp(path, "/")) {
		group_remove(l, path);
		return;
	}
	if (kv && group_parse(kv->val, kv->len, &rec, &err)) {
		ledger_bad_value(l, kv, &err);
		return;
	}
	if (g && g->rec.id != rec.id) {
		group_remove(l, path);
		g = NULL;
	}
	if (!g)
		g = group_add(l, path);
	if (!g)
		return;

	for (int i = 0; i < RES_N; i++) {
		g->res[i].no_pool = false;
		if (g->rec.gen[i] == rec.gen[i] && g->rec.state == rec.state)
			continue;
		g->claimed = false;
		g->res[i].claimable = false;
		g->res[i].shrink = SHRINK_NO;
	}
	g->rec = rec;
	g->rev = kv ? kv->mod_rev : 0;
	view_lease_reload(l, g);
	for (int i = 0; i < RES_N; i++) {
		g->res[i].pool_news = true;
		debt_news(l, g, i);
	}
	want_news(l, g);
}

/* Nodes */

static void look_at_self(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_node(key, l->name));
	struct node_rec rec;

	l->leaving = kv && !node_parse(kv->val, kv->len, &rec, NULL) &&
		     rec.state == NODE_LEAVING;
}

static void heard(struct ledger *l, const char *node)
{
	for (int i = 0; i < PEERS; i++)
		l->peers[i].heard |= !strcmp(l->peers[i].name, node);
	l->news |= NEWS_HB;
}

static void epoch_news(struct ledger *l, const char *node)
{
	/* Wants of a node without a session do not count. */
	for (size_t i = 0; i < l->n_groups; i++)
		want_news(l, l->groups[i]);
	l->news |= NEWS_NODES;
	if (!strcmp(node, l->name))
		l->news |= NEWS_EPOCH;
}

static void group_news(struct ledger *l, struct lgroup *g,
		       const struct key *key)
{
	if (key->kind == KEY_POOL)
		g->res[key->res].pool_news = true;
	else if (key->kind == KEY_WANT)
		want_news(l, g);
	else if (key->kind == KEY_DEBT)
		debt_news(l, g, key->res);
	else if (!g->in_txn && !strcmp(key->node, l->name))
		view_lease_reload(l, g);
}

/* The cache has a newer key: mark what depends on it. */
static void notice(struct ledger *l, const struct key *key)
{
	struct lgroup *g;

	switch (key->kind) {
	case KEY_CLUSTER:
		l->news |= NEWS_CLUSTER;
		break;
	case KEY_GROUP:
		view_group_update(l, key->path);
		break;
	case KEY_EPOCH:
		epoch_news(l, key->node);
		break;
	case KEY_NODE:
		if (!strcmp(key->node, l->name))
			look_at_self(l);
		break;
	case KEY_HB:
		heard(l, key->node);
		break;
	case KEY_LEASE:
	case KEY_POOL:
	case KEY_DEBT:
	case KEY_WANT:
		g = group_by_id(l, key->group);
		if (g)
			group_news(l, g, key);
		break;
	default:
		break;
	}
}

/* Is this from an answer that is older than a deletion known since? The key must
 * not appear again.
 */
static bool is_past(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	const struct store_kv *gone = kvs_find(&l->deleted, kv->key);

	if (kv->val)
		return gone && kv->mod_rev < gone->mod_rev;
	if (l->txn_id && kvs_set(&l->deleted, kv->key, "", 0, rev) < 0)
		ledger_no_memory(l);
	return false;
}

/* @rev: revision at which an absent key is known to be absent. */
void view_learn(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	struct key key;
	bool counts;
	int ret;

	if (key_parse(kv->key, &key, NULL) || is_past(l, kv, rev))
		return;
	counts = key.kind == KEY_EPOCH;
	if (counts)
		l->live -= node_live(l, key.node);
	ret = kvs_set(&l->cache, kv->key, kv->val, kv->len,
		      kv->val ? kv->mod_rev : rev);
	if (counts)
		l->live += node_live(l, key.node);
	if (ret < 0)
		ledger_no_memory(l);
	else if (ret)
		notice(l, &key);
	if (kv->mod_rev > l->rev)
		l->rev = kv->mod_rev;
}

void view_forget(struct ledger *l)
{
	while (l->n_groups)
		group_free(l->groups[--l->n_groups]);
	kvs_fini(&l->cache);
	kvs_fini(&l->deleted);
	l->live = 0;
	l->lost = false;
	l->foreign = false;
	l->learning = false;
	l->awaited = false;
	view_group_update(l, "/");
}
