// SPDX-License-Identifier: GPL-2.0
#include "settle.h"

#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "kernel_cell.h"
#include "load.h"
#include "mirror.h"
#include "path.h"
#include "state.h"

static bool load_admit(void *arg, unsigned int node, bool again)
{
	struct world *w = arg;

	return kernel_admit(w, &w->nodes[node], w->load_group, TASKS, 1,
			    again);
}

static void load_leave(void *arg, unsigned int node)
{
	struct world *w = arg;

	kernel_charge(w, &w->nodes[node], w->load_group, TASKS, -1);
}

static void load_wait(void *arg, unsigned int node, uint64_t waiting)
{
	struct world *w = arg;

	w->nodes[node].waiting = waiting;
}

static void put_key(struct world *w, const char *key, char *val)
{
	kvs_set(&w->store, key, need(val), strlen(val), ++w->rev);
	mirror_key(w, key, val);
	free(val);
}

/* Set a node's initial use, and a lease at most @free units above it; of a cell: what it has. */
static void settled_use(const struct world *w, unsigned int i, uint64_t free,
			uint64_t *lease, uint64_t *used)
{
	if (w->conf.cells) {
		w->conf.cells->settled(w->conf.arg, i, lease, used);
		return;
	}
	*used = load_used(w->load, i);
	*lease = *used + *used / 20 + 1;
	if (*lease > *used + free)
		*lease = *used + free;
}

static void settle_node(struct world *w, struct wnode *n, uint64_t id,
			struct pool_rec *pool)
{
	struct epoch_rec epoch = { .state = EPOCH_LIVE };
	unsigned int i = n - w->nodes;
	struct hb_rec hb = { .seq = 1, .ttl_ms = 15000 };
	struct kres *g = &n->groups[w->load_group].res[TASKS], *root;
	struct lease_rec lease = { .seq = 1 };
	struct node_rec node = { 0 };
	char key[KEY_LEN];

	strcpy(epoch.machine, n->machine);
	strcpy(epoch.boot, n->boot);
	strcpy(epoch.uuid, n->uuid);
	strcpy(node.machine, n->machine);
	strcpy(node.boot, n->boot);
	strcpy(node.uuid, n->uuid);
	put_key(w, key_epoch(key, n->name), epoch_format(&epoch));
	n->kernel_epoch = w->rev;
	n->sent = w->now;
	put_key(w, key_node(key, n->name), node_format(&node));
	put_key(w, key_hb(key, n->name), hb_format(&hb));

	kernel_add_group(n, path_index(w, "/"));
	kernel_add_group(n, w->load_group);
	settled_use(w, i, pool->free, &g->lease, &g->used);
	g->own = g->used;
	lease.res[TASKS] = (struct lease_res){ g->lease, 1, g->used,
					       g->lease - g->used };
	pool->free -= g->lease - g->used;
	pool->mean += g->used;
	pool->headroom += g->lease - g->used;
	put_key(w, key_lease(key, n->name, id), lease_format(&lease));
	root = &n->groups[path_index(w, "/")].res[TASKS];
	root->lease = CGSPAN_MAX;
	root->used = g->used;
}

/* Divide the pool among its shards, of world_conf.shard_nodes (0: 32) nodes each. */
static void put_shards(struct world *w, uint64_t id, struct pool_rec all)
{
	unsigned int each = w->conf.shard_nodes ? w->conf.shard_nodes : 32;
	unsigned int n = (w->conf.nodes + each - 1) / each;
	struct pool_rec one;
	char key[KEY_LEN];

	n = n < SHARDS_MAX ? n : SHARDS_MAX;
	for (unsigned int k = 0; k < n; k++) {
		one.free = all.free / (n - k);
		one.mean = all.mean / (n - k);
		one.headroom = all.headroom / (n - k);
		all.free -= one.free;
		all.mean -= one.mean;
		all.headroom -= one.headroom;
		put_key(w, key_pool(key, id, TASKS, k), pool_format(&one));
	}
}

void settle_load(struct world *w)
{
	static const struct load_ops ops = {
		load_admit, load_leave, load_wait,
	};
	struct cluster_rec cluster = cluster_fresh();
	struct load_conf conf = *w->conf.load;
	struct group_rec rec = group_root();
	struct pool_rec pool = { 0 };
	uint64_t lease, used;
	char key[KEY_LEN];

	conf.start = w->now;
	if (!w->conf.cells)
		w->load = load_new(&conf, &ops, w);
	path_add(w, "/");
	w->load_group = path_add(w, "/job");
	rec.id = cluster.next_id++;
	rec.limit[TASKS] = w->load ? load_limit(w->load) : conf.limit;
	rec.gen[TASKS] = 1;
	put_key(w, KEY_CLUSTER_NAME, cluster_format(&cluster));
	put_key(w, key_group(key, "/job"), group_format(&rec));
	pool.free = rec.limit[TASKS];
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		settled_use(w, i, 0, &lease, &used);
		pool.free -= used;
	}
	for (unsigned int i = 0; i < w->conf.nodes; i++)
		settle_node(w, &w->nodes[i], rec.id, &pool);
	put_shards(w, rec.id, pool);
}
