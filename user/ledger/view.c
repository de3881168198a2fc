// SPDX-License-Identifier: GPL-2.0
/* The picture of the store: groups and nodes as the cache has them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "priv.h"

/* Groups */

/* Index of the first group that is not before @path. */
static size_t group_lower(const struct ledger *l, const char *path)
{
	size_t from = 0, to = l->n_groups, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (strcmp(l->groups[mid]->path, path) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct lgroup *view_group(const struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);

	return i < l->n_groups && !strcmp(l->groups[i]->path, path) ?
	       l->groups[i] : NULL;
}

struct lgroup *ledger_group_id(const struct ledger *l, uint64_t id)
{
	for (size_t i = 0; i < l->n_groups; i++)
		if (l->groups[i]->rec.id == id)
			return l->groups[i];
	return NULL;
}

/* The groups were added to or taken from: who is above whom. */
static void link_parents(struct ledger *l)
{
	char buf[CGSPAN_PATH_LEN + 1];

	for (size_t i = 0; i < l->n_groups; i++) {
		struct lgroup *g = l->groups[i];

		g->parent = path_parent(buf, g->path) ? view_group(l, buf) :
							NULL;
	}
}

void view_pool_prefix(char key[KEY_LEN], uint64_t id)
{
	snprintf(key, KEY_LEN, "pool/%" PRIu64 "/", id);
}

void view_group_free(struct lgroup *g)
{
	free(g->wants);
	free(g->path);
	free(g);
}

static void group_remove(struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);
	struct lgroup *g = view_group(l, path);
	char key[KEY_LEN];

	if (!g)
		return;
	view_pool_prefix(key, g->rec.id);
	if (g->watch_pool)
		ledger_unwatch(l, key);
	view_group_free(g);
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
			view_group_free(g);
		ledger_no_memory(l);
		return NULL;
	}
	memmove(&l->groups[i + 1], &l->groups[i],
		(l->n_groups++ - i) * sizeof(*l->groups));
	l->groups[i] = g;
	/* Of an epoch that this run began, no one else can have written. */
	g->sure = !l->resumed;
	link_parents(l);
	return g;
}

void view_bad_value(struct ledger *l, const struct store_kv *kv,
		    const struct cgspan_err *err)
{
	if (err->no == -ENOMEM)
		ledger_no_memory(l);
	else
		ledger_say(l, LEDGER_ST_BAD_VALUE,
			   "the store's key %s is left alone: %s", kv->key,
			   err->msg);
}

/* This node's lease as the cache has it; not to be believed until rewritten. */
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
		view_bad_value(l, kv, &err);
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

/* A group's key has changed: take it over. */
void view_group_update(struct ledger *l, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_group(key, path));
	struct lgroup *g = view_group(l, path);
	struct group_rec rec = group_root();
	struct cgspan_err err;

	/* "/" is there without a key, and the kernel must be told its "max". */
	if (!kv && strcmp(path, "/")) {
		group_remove(l, path);
		return;
	}
	if (kv && group_parse(kv->val, kv->len, &rec, &err)) {
		view_bad_value(l, kv, &err);
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
	demand_read(l, g);
}

/* Nodes */

bool ledger_node_live(const struct ledger *l, const char *node)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_epoch(key, node));
	struct epoch_rec rec;

	return kv && !epoch_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.state == EPOCH_LIVE;
}

static void look_at_self(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_node(key, l->name));
	struct node_rec rec;

	l->leaving = kv && !node_parse(kv->val, kv->len, &rec, NULL) &&
		     rec.state == NODE_LEAVING;
}

/* Our epoch's key is no longer what we wrote: somebody fenced this node, or the
 * store has gone back.
 */
void view_look_at_epoch(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_epoch(key, l->name));

	if (l->phase != PH_CLAIM && l->phase != PH_OWN && l->phase != PH_RUN)
		return;
	if (kv && kv->mod_rev == l->epoch_rev)
		return;
	/* It may be our own doing: the answer will tell. */
	if (l->txn_id && l->txn_kind == TXN_CLAIMED)
		return;
	session_start_over(l);
	if (kv && kv->mod_rev > l->epoch_rev)
		ledger_say_once(l, LEDGER_ST_FENCED,
				"this node was fenced: it joins anew and admits nothing until what it uses is covered");
	else
		l->gone = true;
}

/* One key has news, and the cache has them. */
static void notice(struct ledger *l, const struct key *key)
{
	struct lgroup *g;

	switch (key->kind) {
	case KEY_CLUSTER:
		learn_look_at_cluster(l);
		break;
	case KEY_GROUP:
		view_group_update(l, key->path);
		break;
	case KEY_EPOCH:
		/* Those who are not in session want nothing. */
		for (size_t i = 0; i < l->n_groups; i++)
			demand_read_want(l, l->groups[i], key->node);
		peer_choose(l);
		if (!strcmp(key->node, l->name))
			view_look_at_epoch(l);
		break;
	case KEY_NODE:
		if (!strcmp(key->node, l->name))
			look_at_self(l);
		break;
	case KEY_HB:
		peer_heard(l, key->node);
		break;
	case KEY_LEASE:
		g = ledger_group_id(l, key->group);
		if (g && !g->in_txn && !strcmp(key->node, l->name))
			view_lease_reload(l, g);
		break;
	case KEY_POOL:
		g = ledger_group_id(l, key->group);
		if (g)
			g->res[key->res].pool_news = true;
		break;
	case KEY_DEBT:
		g = ledger_group_id(l, key->group);
		if (g)
			demand_read_debt(l, g, key->res);
		break;
	case KEY_WANT:
		g = ledger_group_id(l, key->group);
		if (g)
			demand_read_want(l, g, key->node);
		break;
	default:
		break;
	}
}

/* An answer on its way was given by an older store than what has been heard of
 * since: what it has of a key that was deleted meanwhile would never go again.
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

/* @rev: as of which what is not there is not there. */
void view_learn(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	struct key key;
	bool counts;
	int ret;

	if (key_parse(kv->key, &key, NULL) || is_past(l, kv, rev))
		return;
	counts = key.kind == KEY_EPOCH;
	if (counts)
		l->live -= ledger_node_live(l, key.node);
	ret = kvs_set(&l->cache, kv->key, kv->val, kv->len,
		      kv->val ? kv->mod_rev : rev);
	if (counts)
		l->live += ledger_node_live(l, key.node);
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
		view_group_free(l->groups[--l->n_groups]);
	kvs_fini(&l->cache);
	kvs_fini(&l->deleted);
	l->live = 0;
	l->lost = false;
	l->foreign = false;
	l->learning = false;
	l->awaited = false;
	view_group_update(l, "/");
}
