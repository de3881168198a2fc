// SPDX-License-Identifier: GPL-2.0
#include "nodes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "desired.h"
#include "libcgspan/err.h"
#include "lookup.h"

/* In a group: return a fenced node's lease, drop its want, await no answer. */
static int void_group(struct txn *t, const struct kvs *kvs, const char *node,
		      uint64_t id, struct cgspan_err *err)
{
	char path[CGSPAN_PATH_LEN + 1], key[KEY_LEN];
	const struct store_kv *kv;
	struct lease_rec lease = { 0 };
	struct group_at g;
	struct account a;
	bool answered = false;
	size_t left = 0;
	int ret = lookup_group_id(kvs, id, path, &g, err);

	if (ret)
		return ret;
	kv = kvs_find(kvs, key_lease(key, node, id));
	if (kv) {
		ret = lease_read(kv, &lease, err);
		if (ret)
			return ret;
		txn_compare(t, key, kv->mod_rev);
		txn_delete(t, key);
	}
	if (kvs_find(kvs, key_want(key, id, node)))
		txn_delete(t, key);
	if (!g.rev)
		return 0;

	txn_compare(t, key_group(key, path), g.rev);
	for (int i = 0; !ret && i < RES_N; i++) {
		ret = account_load(&a, id, i, kvs, err);
		if (!ret && account_exists(&a)) {
			/* A lease of another generation counts as 0. */
			if (a.n && lease.res[i].gen == g.rec.gen[i]) {
				account_give(&a, lease.res[i].amount);
				account_count(&a, &lease.res[i], NULL);
			}
			answered |= names_del(&a.debt.await, node);
			left += a.debt.await.n;
			account_write(&a, t);
		}
		account_fini(&a);
	}
	if (!ret && answered && !left && g.rec.state == GROUP_DELETING)
		ret = desired_remove(t, kvs, path, &g, err);
	return ret;
}

/* Is @kv a lease or want of @node, or a debt awaiting it? 1; 0; or -errno. */
static int held_by(const struct store_kv *kv, const char *node, uint64_t *id,
		   struct cgspan_err *err)
{
	struct debt_rec debt;
	struct key key;
	int ret;

	if (key_parse(kv->key, &key, NULL))
		return 0;
	*id = key.group;
	if (key.kind == KEY_LEASE || key.kind == KEY_WANT)
		return !strcmp(key.node, node);
	if (key.kind != KEY_DEBT)
		return 0;
	ret = debt_read(kv, &debt, err);
	if (ret)
		return ret;
	ret = names_have(&debt.await, node);
	debt_fini(&debt);
	return ret;
}

/* Give back @node's leases of as many groups as fit. 1; 0: none; or -errno. */
static int void_groups(struct txn *t, const struct kvs *kvs,
		       const char *node, struct cgspan_err *err)
{
	/* Bounds of compares and changes: to return one lease; to delete shards. */
	const size_t most = 5 + 4 * RES_N, shards = 2 * SHARDS_MAX;
	uint64_t ids[CHANGES_MAX], id;
	size_t n = 0, j;
	int ret;

	for (size_t i = 0; i < kvs->n; i++) {
		ret = held_by(&kvs->kv[i], node, &id, err);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;
		for (j = 0; j < n && ids[j] != id; j++)
			;
		if (j < n)
			continue;
		if (n && (!txn_room(t, most + shards) ||
			  t->view.n_ops + most > CHANGES_MAX))
			break;
		ids[n++] = id;
		ret = void_group(t, kvs, node, id, err);
		if (ret)
			return ret;
	}
	return n > 0;
}

/*
 * Mark the epoch as fenced, which the node detects if it still runs, and no
 * longer await its claim. Return: 1; 0: both done already; or a negative errno.
 */
static int mark_fenced(struct txn *t, const struct kvs *kvs, const char *node,
		       const struct store_kv *kv, struct epoch_rec *rec,
		       const char *by, struct cgspan_err *err)
{
	bool was_fenced = rec->state == EPOCH_FENCED, awaited;
	struct cluster_rec cluster;
	char key[KEY_LEN];
	int64_t rev;
	int ret = lookup_cluster(kvs, &cluster, &rev, err);

	if (ret)
		return ret;
	awaited = names_del(&cluster.await, node);
	if (was_fenced && !awaited)
		goto out;
	ret = 1;
	/* The usage of a fenced node must not count in sums. */
	if (!was_fenced && kvs_find(kvs, key_usage(key, node)))
		txn_delete(t, key);
	rec->state = EPOCH_FENCED;
	snprintf(rec->by, sizeof(rec->by), "%s", by);
	/* The fenced kernel may have a higher epoch that the store has lost. */
	if (awaited || !strcmp(by, NODES_RECOVER))
		rec->base += EPOCH_JUMP;
	txn_compare(t, key_epoch(key, node), kv ? kv->mod_rev : 0);
	txn_put(t, key, epoch_format(rec));
	cluster.generation += !was_fenced;
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
out:
	cluster_fini(&cluster);
	return ret;
}

/* Compare that the node's heartbeat is still that of @hb_rev. */
static int compare_heartbeat(struct txn *t, const struct kvs *kvs,
			     const char *node, int64_t hb_rev,
			     struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_hb(key, node));

	if (!kv || kv->mod_rev != hb_rev)
		return cgspan_err_set(err, -ESTALE,
				      "the node %s has shown a heartbeat since",
				      node);
	txn_compare(t, key, hb_rev);
	return 0;
}

int nodes_fence(struct txn *t, const struct kvs *kvs, const char *node,
		const char *by, int64_t hb_rev, struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_epoch(key, node));
	struct epoch_rec rec = { .state = EPOCH_FENCED };
	int ret = kv ? epoch_read(kv, &rec, err) : 0;

	if (!ret && rec.state != EPOCH_FENCED && hb_rev)
		ret = compare_heartbeat(t, kvs, node, hb_rev, err);
	/* NODES_FINISH must not change which claims are awaited. */
	if (!ret && (rec.state != EPOCH_FENCED || hb_rev != NODES_FINISH))
		ret = mark_fenced(t, kvs, node, kv, &rec, by, err);
	if (!ret && !kv)
		return cgspan_err_set(err, -ENOENT,
				      "no node %s is in session", node);
	if (!ret) {
		txn_compare(t, key, kv->mod_rev);
		ret = void_groups(t, kvs, node, err);
	}
	if (ret > 0 && txn_check(t, err))
		return t->error;
	return ret;
}

int nodes_recover(struct txn *t, const struct kvs *kvs,
		  const char *identity, const struct names *nodes,
		  struct cgspan_err *err)
{
	struct cluster_rec cluster;
	int64_t rev;
	int ret = lookup_cluster(kvs, &cluster, &rev, err);

	if (ret)
		return ret;
	names_fini(&cluster.await);
	for (size_t i = 0; !ret && i < nodes->n; i++)
		ret = names_add(&cluster.await, nodes->at[i]);
	if (ret) {
		cgspan_err_nomem(err);
		goto out;
	}
	snprintf(cluster.identity, sizeof(cluster.identity), "%s", identity);
	cluster.generation++;
	cluster.lost = false;
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	ret = txn_check(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}

int nodes_leave(struct txn *t, const struct kvs *kvs, const char *node,
		struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_node(key, node));
	struct node_rec rec;
	enum epoch_state state;
	int ret;

	if (!kv)
		return cgspan_err_set(err, -ENOENT,
				      "no node %s is registered", node);
	ret = node_read(kv, &rec, err);
	if (!ret)
		ret = lookup_epoch_state(kvs, node, &state, err);
	if (ret || rec.state == NODE_LEAVING)
		return ret;
	if (state != EPOCH_LIVE)
		return cgspan_err_set(err, -EPERM,
				      "the node %s is fenced: start its daemon first",
				      node);
	rec.state = NODE_LEAVING;
	txn_compare(t, key, kv->mod_rev);
	txn_put(t, key, node_format(&rec));
	return txn_check(t, err);
}
