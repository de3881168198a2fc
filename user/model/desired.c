// SPDX-License-Identifier: GPL-2.0
#include "desired.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account.h"
#include "libcgspan/cgspan.h"

const char *const desired_prefixes[] = {
	KEY_CLUSTER_NAME, "node/", "epoch/", "group/", "debt/", "pool/",
	"usage/", "want/", "lease/", "hb/", NULL
};

/* For account_load(). */
static const struct store_kv *find(const void *from, const char *key)
{
	return kvs_find(from, key);
}

/* A broken value is the store's fault, not the admin's. */
static int broken(struct cgspan_err *err, int ret, const char *key)
{
	if (ret == -ENOMEM)
		return ret;
	cgspan_err_wrap(err, "the store's key %s", key);
	if (err)
		err->no = -EBADMSG;
	return -EBADMSG;
}

static int load_cluster(const struct kvs *d, struct cluster_rec *out,
			int64_t *rev, struct cgspan_err *err)
{
	const struct store_kv *kv = kvs_find(d, KEY_CLUSTER_NAME);
	int ret;

	*out = cluster_fresh();
	*rev = 0;
	if (!kv)
		return 0;
	*rev = kv->mod_rev;
	ret = cluster_parse(kv->val, kv->len, out, err);
	return ret ? broken(err, ret, kv->key) : 0;
}

/* A group as the store has it; "/" needs no key. */
struct desired_group {
	struct group_rec rec;
	int64_t rev;
};

static int load_group(const struct kvs *d, const char *path,
		      struct desired_group *out, struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(d, key_group(key, path));
	int ret;

	out->rev = 0;
	out->rec = group_root();
	if (!kv && path[1])
		return cgspan_err_set(err, -ENOENT, "there is no group %s",
				      path);
	if (!kv)
		return 0;
	out->rev = kv->mod_rev;
	ret = group_parse(kv->val, kv->len, &out->rec, err);
	return ret ? broken(err, ret, kv->key) : 0;
}

static int load_account(const struct kvs *d, uint64_t id, uint32_t res,
			struct account *a, struct cgspan_err *err)
{
	char key[KEY_LEN];
	int ret = account_load(a, id, res, find, d, err);

	return ret ? broken(err, ret, key_debt(key, id, res)) : 0;
}

/* What its leases are worth; one that was never in session is as if fenced. */
static int node_state(const struct kvs *d, const char *node,
		      enum epoch_state *state, struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(d, key_epoch(key, node));
	struct epoch_rec rec;
	int ret;

	*state = EPOCH_FENCED;
	if (!kv)
		return 0;
	ret = epoch_parse(kv->val, kv->len, &rec, err);
	if (ret)
		return broken(err, ret, key);
	*state = rec.state;
	return 0;
}

/* Is @node in session, and not fenced? */
static int node_live(const struct kvs *d, const char *node, bool *live,
		     struct cgspan_err *err)
{
	enum epoch_state state;
	int ret = node_state(d, node, &state, err);

	*live = !ret && state == EPOCH_LIVE;
	return ret;
}

/* Every node that holds leases must answer. The transaction must compare
 * "cluster".
 */
static int await_all(const struct kvs *d, struct account *a,
		     struct cgspan_err *err)
{
	enum epoch_state state;
	struct key key;
	int ret;

	for (size_t i = 0; i < d->n; i++) {
		if (key_parse(d->kv[i].key, &key, NULL) ||
		    key.kind != KEY_EPOCH)
			continue;
		ret = node_state(d, key.node, &state, err);
		if (!ret && state != EPOCH_FENCED)
			ret = account_await(a, key.node);
		if (ret)
			return ret;
	}
	return 0;
}

static int done(struct txn *t, struct cgspan_err *err)
{
	if (!txn_error(t))
		return 0;
	return cgspan_err_set(err, txn_error(t), "%s",
			      txn_error(t) == -ENOMEM ? "no memory" :
			      "too many changes for one transaction");
}

static int check_active(const char *path, const struct group_rec *rec,
			struct cgspan_err *err)
{
	if (rec->state == GROUP_ACTIVE)
		return 0;
	return cgspan_err_set(err, -EBUSY, "the group %.200s is being deleted",
			      path);
}

static int check_parent_policy(const struct kvs *d, const char *path,
			       uint8_t on_expiry, struct cgspan_err *err)
{
	char buf[CGSPAN_PATH_LEN + 1];
	struct desired_group parent;
	int ret;

	if (!path_parent(buf, path))
		return 0;
	ret = load_group(d, buf, &parent, err);
	if (ret)
		return ret;
	if (on_expiry >= parent.rec.on_expiry)
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "on-expiry %s is weaker than that of the parent %.100s (%s)",
			      cgspan_expiry_name(on_expiry), buf,
			      cgspan_expiry_name(parent.rec.on_expiry));
}

/* The path of the i-th key if it is a group below @path, else NULL. */
static const char *child_of(const struct store_kv *kv, const char *path,
			    struct key *key)
{
	size_t len = strlen(path);

	if (key_parse(kv->key, key, NULL) ||
	    key->kind != KEY_GROUP || strncmp(key->path, path, len))
		return NULL;
	if (len == 1)
		return key->path[1] ? key->path : NULL;
	return key->path[len] == '/' ? key->path : NULL;
}

static int check_child_policies(const struct kvs *d, const char *path,
				uint8_t on_expiry, struct cgspan_err *err)
{
	struct desired_group child;
	struct key key;
	int ret;

	for (size_t i = 0; i < d->n; i++) {
		if (!child_of(&d->kv[i], path, &key))
			continue;
		ret = load_group(d, key.path, &child, err);
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
		/* A limit where none was has a counter of a new generation. */
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

int desired_create(struct txn *t, const struct kvs *d, const char *path,
		   const struct desired_change *c, struct cgspan_err *err)
{
	char parent_path[CGSPAN_PATH_LEN + 1], key[KEY_LEN];
	struct desired_group parent, new = { .rec = group_root() };
	struct cluster_rec cluster;
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (ret)
		return ret;
	if (!path_parent(parent_path, path) || kvs_find(d, key_group(key, path)))
		return cgspan_err_set(err, -EEXIST,
				      "the group %.200s exists already", path);
	ret = load_group(d, parent_path, &parent, err);
	if (!ret)
		ret = check_active(parent_path, &parent.rec, err);
	if (!ret)
		ret = load_cluster(d, &cluster, &rev, err);
	if (ret)
		return ret;

	new.rec.id = cluster.next_id++;
	new.rec.on_expiry = parent.rec.on_expiry;
	ret = merge(&new.rec, c, err);
	if (!ret)
		ret = check_parent_policy(d, path, new.rec.on_expiry, err);
	if (ret)
		goto out;

	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	/* The parent stays what it is until the child is there. */
	txn_compare(t, key_group(key, parent_path), parent.rev);
	txn_compare(t, key_group(key, path), 0);
	txn_put(t, key, group_format(&new.rec));
	for (int i = 0; i < RES_N; i++)
		if (new.rec.limit[i] != CGSPAN_MAX)
			open_pool(t, new.rec.id, i, new.rec.limit[i]);
	ret = done(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}

/* One resource from one limit to another; nothing if they are the same. */
static int move_limit(struct txn *t, const struct kvs *d, uint64_t id,
		      uint32_t res, uint64_t from, uint64_t to,
		      struct cgspan_err *err)
{
	struct account a;
	int ret;

	if (from == to)
		return 0;
	ret = load_account(d, id, res, &a, err);
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
		ret = await_all(d, &a, err);
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

/* The same wish? (Its id and state do not change here.) */
static bool same_wish(const struct group_rec *a, const struct group_rec *b)
{
	return a->on_expiry == b->on_expiry &&
	       !memcmp(a->limit, b->limit, sizeof(a->limit)) &&
	       !memcmp(a->guarantee, b->guarantee, sizeof(a->guarantee));
}

int desired_set(struct txn *t, const struct kvs *d, const char *path,
		const struct desired_change *c, struct cgspan_err *err)
{
	struct desired_group g;
	struct cluster_rec cluster;
	struct group_rec new;
	char key[KEY_LEN];
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (!ret)
		ret = load_group(d, path, &g, err);
	if (!ret)
		ret = check_active(path, &g.rec, err);
	if (!ret)
		ret = load_cluster(d, &cluster, &rev, err);
	if (ret)
		return ret;

	new = g.rec;
	ret = merge(&new, c, err);
	if (!ret)
		ret = check_parent_policy(d, path, new.on_expiry, err);
	if (!ret)
		ret = check_child_policies(d, path, new.on_expiry, err);
	if (ret || (g.rev && same_wish(&new, &g.rec)))
		goto out;

	/* Pins the nodes that must claim. Two policies of one family may not
	 * pass each other, so a new one moves it.
	 */
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	if (new.on_expiry != g.rec.on_expiry)
		txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	txn_compare(t, key_group(key, path), g.rev);
	txn_put(t, key, group_format(&new));
	for (int i = 0; !ret && i < RES_N; i++)
		ret = move_limit(t, d, new.id, i, g.rec.limit[i], new.limit[i],
				 err);
	if (!ret)
		ret = done(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}

/* Does a node in session use something of the group? */
static int check_unused(const struct kvs *d, const char *path, uint64_t id,
			struct cgspan_err *err)
{
	struct usage_rec use;
	struct key key;
	bool live;
	int ret = 0;

	for (size_t i = 0; !ret && i < d->n; i++) {
		if (key_parse(d->kv[i].key, &key, NULL) ||
		    key.kind != KEY_USAGE)
			continue;
		ret = node_live(d, key.node, &live, err);
		if (ret || !live)
			continue;
		ret = usage_parse(d->kv[i].val, d->kv[i].len, &use, err);
		if (ret)
			return broken(err, ret, d->kv[i].key);
		for (size_t j = 0; !ret && j < use.n; j++)
			if (use.items[j].group == id && use.items[j].used)
				ret = cgspan_err_set(err, -EBUSY,
						     "the group %.100s is in use: the node %s has %" PRIu64 " %s in it",
						     path, key.node,
						     use.items[j].used,
						     cgspan_res_name(use.items[j].res));
		usage_fini(&use);
	}
	return ret;
}

/* Remove the group and all its accounts. */
static int remove_group(struct txn *t, const struct kvs *d,
			const char *path, const struct desired_group *g,
			struct cgspan_err *err)
{
	char key[KEY_LEN];
	struct account a;
	int ret = 0;

	txn_compare(t, key_group(key, path), g->rev);
	txn_delete(t, key);
	for (int i = 0; !ret && i < RES_N; i++) {
		ret = load_account(d, g->rec.id, i, &a, err);
		if (!ret)
			account_remove(&a, t);
		account_fini(&a);
	}
	return ret;
}

/* State deleting: every node in session must remove it from its kernel. */
static int start_delete(struct txn *t, const struct kvs *d,
			const char *path, struct desired_group *g,
			struct cgspan_err *err)
{
	char key[KEY_LEN];
	struct account a;
	int ret = load_account(d, g->rec.id, CGSPAN_RES_TASKS, &a, err);

	if (!ret)
		ret = await_all(d, &a, err);
	if (ret)
		goto out;

	if (!a.debt.await.n) {
		ret = remove_group(t, d, path, g, err);
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

int desired_delete(struct txn *t, const struct kvs *d, const char *path,
		   struct cgspan_err *err)
{
	struct cluster_rec cluster;
	struct desired_group g;
	struct key key;
	int64_t rev;
	int ret;

	ret = cgspan_path_check(path, err);
	if (ret)
		return ret;
	if (!path[1])
		return cgspan_err_set(err, -EBUSY, "\"/\" cannot be deleted");
	ret = load_group(d, path, &g, err);
	if (ret || g.rec.state == GROUP_DELETING)
		return ret;
	for (size_t i = 0; i < d->n; i++)
		if (child_of(&d->kv[i], path, &key))
			return cgspan_err_set(err, -EBUSY,
					      "the group %.100s has children: delete %.100s first",
					      path, key.path);
	ret = check_unused(d, path, g.rec.id, err);
	if (!ret)
		ret = load_cluster(d, &cluster, &rev, err);
	if (ret)
		return ret;

	cluster_fini(&cluster);

	/* A create below it would have moved this, as would a join. */
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	ret = start_delete(t, d, path, &g, err);
	return ret ? ret : done(t, err);
}

int desired_leave(struct txn *t, const struct kvs *d, const char *node,
		  struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(d, key_node(key, node));
	struct node_rec rec;
	bool live;
	int ret;

	if (!kv)
		return cgspan_err_set(err, -ENOENT,
				      "no node %s is registered", node);
	ret = node_parse(kv->val, kv->len, &rec, err);
	if (ret)
		return broken(err, ret, key);
	ret = node_live(d, node, &live, err);
	if (ret || rec.state == NODE_LEAVING)
		return ret;
	if (!live)
		return cgspan_err_set(err, -EPERM,
				      "the node %s is fenced: start its daemon first",
				      node);
	rec.state = NODE_LEAVING;
	txn_compare(t, key, kv->mod_rev);
	txn_put(t, key, node_format(&rec));
	return done(t, err);
}

/* The group with this id: its path into @path; rev 0: there is none. */
static int load_group_id(const struct kvs *d, uint64_t id,
			 char path[CGSPAN_PATH_LEN + 1],
			 struct desired_group *out, struct cgspan_err *err)
{
	struct key key;
	int ret;

	for (size_t i = 0; i < d->n; i++) {
		if (key_parse(d->kv[i].key, &key, NULL) ||
		    key.kind != KEY_GROUP)
			continue;
		ret = load_group(d, key.path, out, err);
		if (ret || out->rec.id == id) {
			strcpy(path, key.path);
			return ret;
		}
	}
	memset(out, 0, sizeof(*out));
	return 0;
}

/* What a fenced node held of one resource goes back. */
static void give_back(struct account *a, const struct group_rec *rec,
		      const struct lease_res *lease)
{
	/* Taken from a counter that is no more: counts for nothing. */
	if (!a->n || lease->gen != rec->gen[a->res])
		return;
	account_give(a, lease->amount);
	account_count(a, lease, NULL);
}

/* One group of a fenced node: its lease back, and it need not answer. */
static int void_group(struct txn *t, const struct kvs *d, const char *node,
		      uint64_t id, struct cgspan_err *err)
{
	char path[CGSPAN_PATH_LEN + 1], key[KEY_LEN];
	const struct store_kv *kv;
	struct lease_rec lease = { 0 };
	struct desired_group g;
	struct account a;
	bool answered = false;
	size_t left = 0;
	int ret = load_group_id(d, id, path, &g, err);

	if (ret)
		return ret;
	kv = kvs_find(d, key_lease(key, node, id));
	if (kv) {
		ret = lease_parse(kv->val, kv->len, &lease, err);
		if (ret)
			return broken(err, ret, key);
		txn_compare(t, key, kv->mod_rev);
		txn_delete(t, key);
	}
	if (kvs_find(d, key_want(key, id, node)))
		txn_delete(t, key);
	if (!g.rev)
		return 0;

	txn_compare(t, key_group(key, path), g.rev);
	for (int i = 0; !ret && i < RES_N; i++) {
		ret = load_account(d, id, i, &a, err);
		if (!ret && account_exists(&a)) {
			give_back(&a, &g.rec, &lease.res[i]);
			answered |= account_answer(&a, node);
			left += a.debt.await.n;
			account_write(&a, t);
		}
		account_fini(&a);
	}
	if (!ret && answered && !left && g.rec.state == GROUP_DELETING)
		ret = remove_group(t, d, path, &g, err);
	return ret;
}

/* Is there something of @node's in the i-th key that has to be undone? */
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
	ret = debt_parse(kv->val, kv->len, &debt, err);
	if (ret)
		return broken(err, ret, kv->key);
	ret = names_have(&debt.await, node);
	debt_fini(&debt);
	return ret;
}

/* As many groups as one transaction takes; 1 if there were any. */
static int void_groups(struct txn *t, const struct kvs *d,
		       const char *node, struct cgspan_err *err)
{
	/* Compares and changes of one group: lease, want, group, accounts. */
	const size_t most = 5 + 4 * RES_N, shards = 2 * SHARDS_MAX;
	uint64_t ids[CHANGES_MAX], id;
	size_t n = 0, j;
	int ret;

	for (size_t i = 0; i < d->n; i++) {
		ret = held_by(&d->kv[i], node, &id, err);
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
		ret = void_group(t, d, node, id, err);
		if (ret)
			return ret;
	}
	return n > 0;
}

/* @jump: its kernel may have an epoch that this store knows nothing of. */
static void put_fenced(struct txn *t, const char *key, int64_t rev,
		       struct epoch_rec *rec, const char *by, bool jump)
{
	rec->state = EPOCH_FENCED;
	snprintf(rec->by, sizeof(rec->by), "%s", by);
	if (jump)
		rec->base += EPOCH_JUMP;
	txn_compare(t, key, rev);
	txn_put(t, key, epoch_format(rec));
}

static int mark_fenced(struct txn *t, const struct kvs *d,
		       const char *node, const struct store_kv *kv,
		       struct epoch_rec *rec, const char *by,
		       struct cgspan_err *err)
{
	struct cluster_rec cluster;
	char key[KEY_LEN];
	bool awaited;
	int64_t rev;
	int ret = load_cluster(d, &cluster, &rev, err);

	if (ret)
		return ret;
	/* What it used last counts in nobody's sum any more. */
	if (kvs_find(d, key_usage(key, node)))
		txn_delete(t, key);
	cluster.generation++;
	awaited = names_del(&cluster.await, node);
	put_fenced(t, kv->key, kv->mod_rev, rec, by,
		   awaited || !strcmp(by, DESIRED_RECOVER));
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	cluster_fini(&cluster);
	return 1;
}

/*
 * A node that is off has nothing to claim; should it not be off, it finds that
 * it was fenced. 1 if it was waited for.
 */
static int wait_no_more(struct txn *t, const struct kvs *d,
			const char *node, struct epoch_rec *rec,
			const char *by, struct cgspan_err *err)
{
	struct cluster_rec cluster;
	const struct store_kv *kv;
	char key[KEY_LEN];
	int64_t rev;
	int ret = load_cluster(d, &cluster, &rev, err);

	if (ret)
		return ret;
	ret = names_del(&cluster.await, node);
	if (ret) {
		txn_compare(t, KEY_CLUSTER_NAME, rev);
		txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
		kv = kvs_find(d, key_epoch(key, node));
		put_fenced(t, key, kv ? kv->mod_rev : 0, rec, by, true);
	}
	cluster_fini(&cluster);
	return ret;
}

int desired_fence(struct txn *t, const struct kvs *d, const char *node,
		  const char *by, int64_t hb_rev, struct cgspan_err *err)
{
	char key[KEY_LEN], hb[KEY_LEN];
	const struct store_kv *kv = kvs_find(d, key_epoch(key, node)), *beat;
	struct epoch_rec rec = { .state = EPOCH_FENCED };
	int ret = 0;

	if (kv)
		ret = epoch_parse(kv->val, kv->len, &rec, err);
	if (ret)
		return broken(err, ret, key);
	/* Who only finishes what another one began knows no more of it. */
	if (rec.state == EPOCH_FENCED && hb_rev != DESIRED_FINISH) {
		ret = wait_no_more(t, d, node, &rec, by, err);
		if (ret)
			return ret > 0 && done(t, err) ? txn_error(t) : ret;
	}
	if (!kv)
		return cgspan_err_set(err, -ENOENT,
				      "no node %s is in session", node);

	if (rec.state != EPOCH_FENCED) {
		if (hb_rev) {
			beat = kvs_find(d, key_hb(hb, node));
			if (!beat || beat->mod_rev != hb_rev)
				return cgspan_err_set(err, -ESTALE,
						      "the node %s has shown a heartbeat since",
						      node);
			txn_compare(t, hb, hb_rev);
		}
		ret = mark_fenced(t, d, node, kv, &rec, by, err);
	} else {
		txn_compare(t, key, kv->mod_rev);
		ret = void_groups(t, d, node, err);
	}
	if (ret > 0 && done(t, err))
		return txn_error(t);
	return ret;
}

int desired_recover(struct txn *t, const struct kvs *d,
		    const char *identity, const struct names *nodes,
		    struct cgspan_err *err)
{
	struct cluster_rec cluster;
	int64_t rev;
	int ret = load_cluster(d, &cluster, &rev, err);

	if (ret)
		return ret;
	names_fini(&cluster.await);
	for (size_t i = 0; !ret && i < nodes->n; i++)
		ret = names_add(&cluster.await, nodes->at[i]);
	if (ret) {
		cgspan_err_set(err, ret, "no memory");
		goto out;
	}
	snprintf(cluster.identity, sizeof(cluster.identity), "%s", identity);
	cluster.generation++;
	cluster.lost = false;
	txn_compare(t, KEY_CLUSTER_NAME, rev);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&cluster));
	ret = done(t, err);
out:
	cluster_fini(&cluster);
	return ret;
}
