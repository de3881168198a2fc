// SPDX-License-Identifier: GPL-2.0
#include "desired.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "account.h"
#include "lookup.h"

const char *const desired_prefixes[] = {
	KEY_CLUSTER_NAME, "node/", "epoch/", "group/", "debt/", "pool/",
	"usage/", "want/", "lease/", "hb/", NULL
};

/* Await an answer of each node that may hold leases. The transaction must
 * compare "cluster", so that no other node can join meanwhile.
 */
static int await_all(const struct kvs *kvs, struct account *a,
		     struct cgspan_err *err)
{
	const struct store_kv *kv;
	enum epoch_state state;
	struct key key;
	int ret;

	kvs_for_each(kvs, "epoch/", kv) {
		if (key_parse(kv->key, &key, NULL))
			continue;
		ret = lookup_epoch_state(kvs, key.node, &state, err);
		if (!ret && state != EPOCH_FENCED)
			ret = names_add(&a->debt.await, key.node);
		if (ret)
			return ret;
	}
	return 0;
}

static int check_active(const char *path, const struct group_rec *rec,
			struct cgspan_err *err)
{
	if (rec->state == GROUP_ACTIVE)
		return 0;
	return cgspan_err_set(err, -EBUSY, "the group %.200s is being deleted",
			      path);
}

static int check_parent_policy(const struct kvs *kvs, const char *path,
			       uint8_t on_expiry, struct cgspan_err *err)
{
	char buf[CGSPAN_PATH_LEN + 1];
	struct group_at parent;
	int ret;

	if (!path_parent(buf, path))
		return 0;
	ret = lookup_group(kvs, buf, &parent, err);
	if (ret)
		return ret;
	if (on_expiry >= parent.rec.on_expiry)
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "on-expiry %s is weaker than that of the parent %.100s (%s)",
			      cgspan_expiry_name(on_expiry), buf,
			      cgspan_expiry_name(parent.rec.on_expiry));
}

/* The next group below @path, at or after index *@i, which moves behind it. */
static bool next_child(const struct kvs *kvs, const char *path, size_t *i,
		       struct key *key)
{
	const struct store_kv *kv;
	char prefix[KEY_LEN];
	size_t first;

	snprintf(prefix, sizeof(prefix), "group%s/", path[1] ? path : "");
	first = kvs_lower(kvs, prefix);
	if (*i < first)
		*i = first;
	while ((kv = kvs_under(kvs, prefix, *i))) {
		++*i;
		if (!key_parse(kv->key, key, NULL) && key->path[1])
			return true;
	}
	return false;
}

static int check_child_policies(const struct kvs *kvs, const char *path,
				uint8_t on_expiry, struct cgspan_err *err)
{
	struct group_at child;
	struct key key;
	size_t i = 0;
	int ret;

	while (next_child(kvs, path, &i, &key)) {
		ret = lookup_group(kvs, key.path, &child, err);
		if (ret)
			return ret;
		if (child.rec.on_expiry < on_expiry)
			return cgspan_err_set(err, -EINVAL,
					      "the group %.100s below has on-expiry %s, which is weaker: set it first",
					      key.path,
					      cgspan_expiry_name(child.rec.on_expiry));
	}
	return 0;
}

static int merge(struct group_rec *rec, const struct desired_change *c,
		 struct cgspan_err *err)
{
	for (int i = 0; i < RES_N; i++) {
		/* A limit instead of "max" starts a new generation. */
		if (c->limit_set[i] && c->limit[i] != CGSPAN_MAX &&
		    rec->limit[i] == CGSPAN_MAX)
			rec->gen[i]++;
		if (c->limit_set[i])
			rec->limit[i] = c->limit[i];
		if (c->guarantee_set[i])
			rec->guarantee[i] = c->guarantee[i];
		if (rec->guarantee[i] > rec->limit[i])
			return cgspan_err_set(err, -EINVAL,
					      "the guarantee of %s (%" PRIu64 ") is above the limit (%" PRIu64 ")",
					      cgspan_res_name(i), rec->guarantee[i],
					      rec->limit[i]);
	}
	if (c->on_expiry_set)
		rec->on_expiry = c->on_expiry;
	if (rec->on_expiry > CGSPAN_ON_EXPIRY_MAX)
		return cgspan_err_set(err, -EINVAL, "no such on-expiry policy");
	return 0;
}

static void open_pool(struct txn *t, uint64_t id, uint32_t res, uint64_t limit)
{
	struct pool_rec pool = { .free = limit };
	char key[KEY_LEN];

	txn_compare(t, key_pool(key, id, res, 0), 0);
	txn_put(t, key, pool_format(&pool));
}

int desired_create(struct txn *t, const struct kvs *kvs, const char *path,
		   const struct desired_change *c, struct cgspan_err *err)
{
	char parent_path[CGSPAN_PATH_LEN + 1], key[KEY_LEN];
	struct group_at parent, new = { .rec = group_root() };
	struct cluster_rec cluster;
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (ret)
		return ret;
	if (!path_parent(parent_path, path) || kvs_find(kvs, key_group(key, path)))
		return cgspan_err_set(err, -EEXIST,
				      "the group %.200s exists already", path);
	ret = lookup_group(kvs, parent_path, &parent, err);
	if (!ret)
		ret = check_active(parent_path, &parent.rec, err);
	if (!ret)
		ret = lookup_cluster(kvs, &cluster, &rev, err);
	if (ret)
		return ret;

	new.rec.id = cluster.next_id++;
	new.rec.on_expiry = parent.rec.on_expiry;
	ret = merge(&new.rec, c, err);
	if (!ret)
		ret = check_parent_policy(kvs, path, new.rec.on_expiry, err);
	if (ret)
		goto out;

	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	/* Compare the parent's key: it must not be deleted meanwhile. */
	txn_compare(t, key_group(key, parent_path), parent.rev);
	txn_compare(t, key_group(key, path), 0);
	txn_put(t, key, group_format(&new.rec));
	for (int i = 0; i < RES_N; i++)
		if (new.rec.limit[i] != CGSPAN_MAX)
			open_pool(t, new.rec.id, i, new.rec.limit[i]);
	ret = txn_check(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}

/* Adapt a resource's pool and debt to a limit that changes. */
static int move_limit(struct txn *t, const struct kvs *kvs, uint64_t id,
		      uint32_t res, uint64_t from, uint64_t to,
		      struct cgspan_err *err)
{
	struct account a;
	int ret;

	if (from == to)
		return 0;
	ret = account_load(&a, id, res, kvs, err);
	if (ret)
		goto out;
	if (from != CGSPAN_MAX && !a.n) {
		ret = cgspan_err_set(err, -EBADMSG,
				     "the store has no pool for the limit of %s: it is damaged",
				     cgspan_res_name(res));
		goto out;
	}

	if (to == CGSPAN_MAX) {
		account_remove(&a, t);
	} else if (from == CGSPAN_MAX) {
		open_pool(t, id, res, to);
		ret = await_all(kvs, &a, err);
		account_write(&a, t);
	} else {
		if (to > from)
			account_give(&a, to - from);
		else
			account_take(&a, from - to);
		account_write(&a, t);
	}
out:
	account_fini(&a);
	return ret;
}

/* Does a "set" command change nothing? It never changes id and state. */
static bool is_same(const struct group_rec *a, const struct group_rec *b)
{
	return a->on_expiry == b->on_expiry &&
	       !memcmp(a->limit, b->limit, sizeof(a->limit)) &&
	       !memcmp(a->guarantee, b->guarantee, sizeof(a->guarantee));
}

int desired_set(struct txn *t, const struct kvs *kvs, const char *path,
		const struct desired_change *c, struct cgspan_err *err)
{
	struct group_at g;
	struct cluster_rec cluster;
	struct group_rec new;
	char key[KEY_LEN];
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (!ret)
		ret = lookup_group(kvs, path, &g, err);
	if (!ret)
		ret = check_active(path, &g.rec, err);
	if (!ret)
		ret = lookup_cluster(kvs, &cluster, &rev, err);
	if (ret)
		return ret;

	new = g.rec;
	ret = merge(&new, c, err);
	if (!ret)
		ret = check_parent_policy(kvs, path, new.on_expiry, err);
	if (!ret)
		ret = check_child_policies(kvs, path, new.on_expiry, err);
	if (ret || (g.rev && is_same(&new, &g.rec)))
		goto out;

	/* Compare "cluster", so that no node joins without having to claim. A
	 * new policy rewrites it: if a parent's and a child's policy are set
	 * at the same time, only one of the two transactions may succeed.
	 */
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	if (new.on_expiry != g.rec.on_expiry)
		txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	txn_compare(t, key_group(key, path), g.rev);
	txn_put(t, key, group_format(&new));
	for (int i = 0; !ret && i < RES_N; i++)
		ret = move_limit(t, kvs, new.id, i, g.rec.limit[i], new.limit[i],
				 err);
	if (!ret)
		ret = txn_check(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}

/* Refuse the deletion if @node uses something of the group. */
static int check_usage(const struct store_kv *kv, const char *node,
		       const char *path, uint64_t id, struct cgspan_err *err)
{
	struct usage_rec use;
	int ret = usage_read(kv, &use, err);

	for (size_t i = 0; !ret && i < use.n; i++)
		if (use.items[i].group == id && use.items[i].used)
			ret = cgspan_err_set(err, -EBUSY,
					     "the group %.100s is in use: the node %s has %" PRIu64 " %s in it",
					     path, node, use.items[i].used,
					     cgspan_res_name(use.items[i].res));
	usage_fini(&use);
	return ret;
}

static int check_unused(const struct kvs *kvs, const char *path, uint64_t id,
			struct cgspan_err *err)
{
	const struct store_kv *kv;
	enum epoch_state state;
	struct key key;
	int ret;

	kvs_for_each(kvs, "usage/", kv) {
		if (key_parse(kv->key, &key, NULL))
			continue;
		ret = lookup_epoch_state(kvs, key.node, &state, err);
		if (!ret && state == EPOCH_LIVE)
			ret = check_usage(kv, key.node, path, id, err);
		if (ret)
			return ret;
	}
	return 0;
}

int desired_remove(struct txn *t, const struct kvs *kvs, const char *path,
		   const struct group_at *g, struct cgspan_err *err)
{
	char key[KEY_LEN];
	struct account a;
	int ret = 0;

	txn_compare(t, key_group(key, path), g->rev);
	txn_delete(t, key);
	for (int i = 0; !ret && i < RES_N; i++) {
		ret = account_load(&a, g->rec.id, i, kvs, err);
		if (!ret)
			account_remove(&a, t);
		account_fini(&a);
	}
	return ret;
}

/* Set state deleting: each node that may hold leases must remove the group from
 * its kernel. If there is no such node, remove the group at once.
 */
static int start_delete(struct txn *t, const struct kvs *kvs,
			const char *path, struct group_at *g,
			struct cgspan_err *err)
{
	char key[KEY_LEN];
	struct account a;
	int ret = account_load(&a, g->rec.id, CGSPAN_RES_TASKS, kvs, err);

	if (!ret)
		ret = await_all(kvs, &a, err);
	if (ret)
		goto out;

	if (!a.debt.await.n) {
		ret = desired_remove(t, kvs, path, g, err);
		goto out;
	}
	g->rec.state = GROUP_DELETING;
	txn_compare(t, key_group(key, path), g->rev);
	txn_put(t, key, group_format(&g->rec));
	account_write(&a, t);
out:
	account_fini(&a);
	return ret;
}

int desired_delete(struct txn *t, const struct kvs *kvs, const char *path,
		   struct cgspan_err *err)
{
	struct cluster_rec cluster;
	struct group_at g;
	struct key key;
	size_t i = 0;
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (ret)
		return ret;
	if (!path[1])
		return cgspan_err_set(err, -EBUSY, "\"/\" cannot be deleted");
	ret = lookup_group(kvs, path, &g, err);
	if (ret || g.rec.state == GROUP_DELETING)
		return ret;
	if (next_child(kvs, path, &i, &key))
		return cgspan_err_set(err, -EBUSY,
				      "the group %.100s has children: delete %.100s first",
				      path, key.path);
	ret = check_unused(kvs, path, g.rec.id, err);
	if (!ret)
		ret = lookup_cluster(kvs, &cluster, &rev, err);
	if (ret)
		return ret;

	cluster_fini(&cluster);

	/* Compare "cluster": a create below, or a join, rewrites it. */
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	ret = start_delete(t, kvs, path, &g, err);
	return ret ? ret : txn_check(t, err);
}
