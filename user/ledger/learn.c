// SPDX-License-Identifier: GPL-2.0
/*
 * Enter keys of the store into the view. Groups, this node's lease and its
 * state are read at once; what depends on other keys is marked for later.
 */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/codec.h"
#include "out.h"
#include "request.h"
#include "rule.h"
#include "session.h"
#include "view.h"

/* Keys of groups */

/* Set the parent of each group, after groups were added or removed. */
static void link_parents(struct ledger *l)
{
	char buf[CGSPAN_PATH_LEN + 1];
	struct lgroup *g;

	for_each_group(l, g)
		g->parent = path_parent(buf, g->path) ? view_group(l, buf) :
							NULL;
}

static void group_remove(struct ledger *l, struct lgroup *g)
{
	struct view *v = l->view;
	size_t i = view_lower(l, g->path);
	char key[KEY_LEN];

	group_pool_prefix(key, g->rec.id);
	if (g->watch_pool)
		out_unwatch(l, key);
	group_free(g);
	memmove(&v->groups[i], &v->groups[i + 1],
		(--v->n_groups - i) * sizeof(*v->groups));
	link_parents(l);
}

static struct lgroup *group_add(struct ledger *l, const char *path)
{
	struct view *v = l->view;
	size_t i = view_lower(l, path);
	void *p = ledger_grow(l, v->groups, v->n_groups, sizeof(*v->groups));
	struct lgroup *g = group_new(path);

	if (p)
		v->groups = p;
	if (!p || !g) {
		group_free(g);
		ledger_no_memory(l);
		return NULL;
	}
	memmove(&v->groups[i + 1], &v->groups[i],
		(v->n_groups++ - i) * sizeof(*v->groups));
	v->groups[i] = g;
	/* No other run can have written a lease of an epoch that this run began. */
	g->sure = !l->session->resumed;
	link_parents(l);
	return g;
}

void learn_lease(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];
	const struct store_kv *kv;
	struct lease_rec rec = { 0 };
	struct cgspan_err err;

	kv = kvs_find(&l->view->cache, key_lease(key, l->name, g->rec.id));
	if ((kv ? kv->mod_rev : 0) == g->lease_rev)
		return;
	if (kv && lease_read(kv, &rec, &err))
		out_say_unread(l, &err);
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
	l->view->news |= NEWS_DEMAND;
}

static void debt_news(struct ledger *l, struct lgroup *g, int res)
{
	g->res[res].debt_news = true;
	l->view->news |= NEWS_DEMAND;
}

void learn_group(struct ledger *l, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->view->cache, key_group(key, path));
	struct lgroup *g = view_group(l, path);
	struct group_rec rec = group_root();
	struct cgspan_err err;
	/* "/" exists without a key: its lease "max" must be set, too. */
	bool gone = !kv && path[1];

	if (kv && group_read(kv, &rec, &err)) {
		out_say_unread(l, &err);
		return;
	}
	if (g && (gone || g->rec.id != rec.id)) {
		group_remove(l, g);
		g = NULL;
	}
	if (!g && !gone)
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
	learn_lease(l, g);
	for (int i = 0; i < RES_N; i++) {
		g->res[i].pool_news = true;
		debt_news(l, g, i);
	}
	want_news(l, g);
}

/* Keys of nodes */

static void look_at_self(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->view->cache,
					       key_node(key, l->name));
	struct node_rec rec;

	l->session->leaving = kv && !node_read(kv, &rec, NULL) &&
			      rec.state == NODE_LEAVING;
}

static void epoch_news(struct ledger *l, bool ours)
{
	struct lgroup *g;

	/* Wants of a node without a session do not count. */
	for_each_group(l, g)
		want_news(l, g);
	l->view->news |= ours ? NEWS_NODES | NEWS_EPOCH : NEWS_NODES;
}

/* Keys of all kinds */

/* A key of the cache has changed: read it, or mark what depends on it. */
static void notice(struct ledger *l, const struct key *key)
{
	struct lgroup *g = key->group ? view_group_by_id(l, key->group) : NULL;
	bool ours = !strcmp(key->node, l->name);

	switch (key->kind) {
	case KEY_CLUSTER:
		l->view->news |= NEWS_CLUSTER;
		break;
	case KEY_GROUP:
		learn_group(l, key->path);
		break;
	case KEY_EPOCH:
		epoch_news(l, ours);
		break;
	case KEY_NODE:
		if (ours)
			look_at_self(l);
		break;
	case KEY_HB:
		l->view->news |= NEWS_HB;
		break;
	case KEY_LEASE:
		if (g && !g->in_txn && ours)
			learn_lease(l, g);
		break;
	case KEY_POOL:
		if (g)
			g->res[key->res].pool_news = true;
		break;
	case KEY_DEBT:
		if (g)
			debt_news(l, g, key->res);
		break;
	case KEY_WANT:
		if (g)
			want_news(l, g);
		break;
	default:
		break;
	}
}

/* Is @kv older than a known deletion of the key? A late answer must not make
 * the key appear again: while a transaction is pending, deletions are kept.
 */
static bool is_past(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	const struct store_kv *gone = kvs_find(&l->view->deleted, kv->key);

	if (kv->val)
		return gone && kv->mod_rev < gone->mod_rev;
	if (l->request->id && kvs_set(&l->view->deleted, kv->key, "", 0, rev) < 0)
		ledger_no_memory(l);
	return false;
}

void learn_key(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	struct view *v = l->view;
	struct key key;
	bool counts;
	int ret;

	if (key_parse(kv->key, &key, NULL) || is_past(l, kv, rev))
		return;
	counts = key.kind == KEY_EPOCH;
	if (counts)
		v->live -= view_is_live(l, key.node);
	ret = kvs_set(&v->cache, kv->key, kv->val, kv->len,
		      kv->val ? kv->mod_rev : rev);
	if (counts)
		v->live += view_is_live(l, key.node);
	if (ret < 0)
		ledger_no_memory(l);
	else if (ret)
		notice(l, &key);
	if (kv->mod_rev > v->rev)
		v->rev = kv->mod_rev;
}

void learn_nothing(struct ledger *l)
{
	struct view *v = l->view;

	while (v->n_groups)
		group_free(v->groups[--v->n_groups]);
	kvs_fini(&v->cache);
	kvs_fini(&v->deleted);
	v->live = 0;
	v->rev = 0;
	v->groups_rev = 0;
	learn_group(l, "/");
}
