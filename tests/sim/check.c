// SPDX-License-Identifier: GPL-2.0
#include "check.h"

#include <inttypes.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "mirror.h"
#include "path.h"
#include "state.h"

static void check_sum(struct world *w, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct mres *r = &m->res[res];
	uint64_t sum = r->pool + r->held;

	if (!m->exists || m->rec.limit[res] == CGSPAN_MAX)
		return;
	if (sum != m->rec.limit[res] + r->debt)
		state_breach(w, "revision %" PRId64 ": %s %s: leases and pool are %" PRIu64 ", limit and debt %" PRIu64 "+%" PRIu64,
			     w->rev, w->paths[i], cgspan_res_name(res), sum,
			     m->rec.limit[res], r->debt);
}

void check_sums(struct world *w)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; r < RES_N; r++)
			check_sum(w, i, r);
}

/* Return: the node's key epoch/, parsed into @rec; NULL if it is not live. */
static const struct store_kv *live_epoch(const struct world *w,
					 const struct wnode *n,
					 struct epoch_rec *rec)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&w->store,
					     key_epoch(key, n->name));

	return kv && !epoch_parse(kv->val, kv->len, rec, NULL) &&
	       rec->state == EPOCH_LIVE ? kv : NULL;
}

bool check_is_live(const struct world *w, unsigned int n)
{
	const struct wnode *node = &w->nodes[n];
	struct epoch_rec rec;
	const struct store_kv *kv = live_epoch(w, node, &rec);

	return kv && epoch_number(&rec, kv->mod_rev) == node->kernel_epoch;
}

static void check_lease(struct world *w, unsigned int n, int i, int res)
{
	const struct kgroup *g = &w->nodes[n].groups[i];
	const struct mirror *m = &w->mirror[i];
	const struct kres *r = &g->res[res];

	/* In a group without a limit a node may claim any amount. */
	if (g->exists && m->exists && m->rec.limit[res] == CGSPAN_MAX)
		w->nodes[n].cap[i][res] = CGSPAN_MAX;
	if (!g->exists || !m->exists || m->rec.limit[res] == CGSPAN_MAX ||
	    m->res[res].awaits[n])
		return;
	if (w->recovering) {
		if (r->lease > w->nodes[n].cap[i][res])
			state_breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": %s %s: %s was granted %" PRIu64 ", had %" PRIu64 ", and not all have claimed",
				     w->now / MSEC, w->rev, w->paths[i],
				     cgspan_res_name(res), w->nodes[n].name, r->lease,
				     w->nodes[n].cap[i][res]);
		return;
	}
	if (!check_is_live(w, n))
		return;
	if (r->lease > mirror_counted(m, res, n))
		state_breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": %s %s: the kernel of %s holds %" PRIu64 ", the store %" PRIu64,
			     w->now / MSEC, w->rev, w->paths[i], cgspan_res_name(res),
			     w->nodes[n].name, r->lease, mirror_counted(m, res, n));
}

void check_kernel(struct world *w, unsigned int n, int i)
{
	for (int r = 0; r < RES_N; r++)
		check_lease(w, n, i, r);
}

/* Does the store have a live epoch of this node, begun since its last boot? */
static bool is_in_store(const struct world *w, const struct wnode *n)
{
	struct epoch_rec rec;

	return live_epoch(w, n, &rec) && !strcmp(rec.uuid, n->uuid);
}

static void check_claim(struct world *w, unsigned int n, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct kres *r = &w->nodes[n].groups[i].res[res];

	if (m->rec.limit[res] != CGSPAN_MAX && !m->res[res].awaits[n] &&
	    r->lease > mirror_counted(m, res, n))
		state_breach(w, "revision %" PRId64 ": all have claimed, but of %s %s the kernel of %s holds %" PRIu64 ", the store %" PRIu64,
			     w->rev, w->paths[i], cgspan_res_name(res), w->nodes[n].name,
			     r->lease, mirror_counted(m, res, n));
}

/* When a recovery ends, each kernel in session holds at most what the store counts. */
static void check_claims(struct world *w)
{
	for (unsigned int k = 0; k < w->conf.nodes; k++) {
		struct wnode *n = &w->nodes[k];

		for (unsigned int i = 0; i < w->n_paths; i++) {
			if (!n->kernel_epoch || n->disowned ||
			    !n->groups[i].exists || !w->mirror[i].exists ||
			    !is_in_store(w, n) ||
			    state_on_hold(w, n, &n->groups[i]))
				continue;
			for (int r = 0; r < RES_N; r++)
				check_claim(w, k, i, r);
		}
	}
}

void check_recovery(struct world *w)
{
	const struct store_kv *kv = kvs_find(&w->store, KEY_CLUSTER_NAME);
	struct cluster_rec rec;

	if (!w->recovering || !w->told || !kv ||
	    cluster_parse(kv->val, kv->len, &rec, NULL))
		return;
	if (!rec.lost && !rec.await.n) {
		w->recovering = false;
		w->stats.recoveries++;
		check_claims(w);
	}
	cluster_fini(&rec);
}

void check_key(struct world *w, const char *name)
{
	struct key key;
	int i, n;

	if (key_parse(name, &key, NULL))
		return;
	i = key.kind == KEY_GROUP ? path_index(w, key.path) :
				    path_by_id(w, key.group);
	switch (key.kind) {
	case KEY_LEASE:
		n = mirror_node(w, key.node);
		if (i >= 0 && n >= 0)
			check_kernel(w, n, i);
		break;
	case KEY_EPOCH:
		n = mirror_node(w, key.node);
		for (i = w->n_paths; n >= 0 && i--; )
			check_kernel(w, n, i);
		break;
	case KEY_GROUP:
	case KEY_DEBT:
		for (n = w->conf.nodes; i >= 0 && n--; )
			check_kernel(w, n, i);
		break;
	default:
		break;
	}
}
