// SPDX-License-Identifier: GPL-2.0
#include "observe.h"

#include "event.h"
#include "kernel.h"
#include "mirror.h"
#include "path.h"
#include "state.h"

void world_about(struct world *w, uint32_t res)
{
	w->res = res;
}

void world_demand(struct world *w, unsigned int node, const char *path,
		  uint64_t tasks)
{
	w->nodes[node].groups[path_add(w, path)].res[w->res].demand = tasks;
}

bool world_admit(struct world *w, unsigned int node, const char *path,
		 uint64_t amount)
{
	int i = path_index(w, path);
	struct wnode *n = &w->nodes[node];

	if (!kernel_admit(w, n, i, w->res, amount, false))
		return false;
	n->groups[i].res[w->res].own -= amount;
	return true;
}

void world_release(struct world *w, unsigned int node, const char *path,
		   uint64_t amount)
{
	int i = path_index(w, path);
	struct wnode *n = &w->nodes[node];

	n->groups[i].res[w->res].own += amount;
	kernel_charge(w, n, i, w->res, -amount);
}

void world_move_in(struct world *w, unsigned int node, const char *path,
		   uint64_t tasks)
{
	int i = path_index(w, path);

	kernel_charge(w, &w->nodes[node], i, w->res, tasks);
	w->nodes[node].groups[i].res[w->res].demand += tasks;
	kernel_tell(w, &w->nodes[node], i, w->res, CGSPAN_CREDIT_OVERDRAWN);
}

uint64_t world_lease(const struct world *w, unsigned int node,
		     const char *path)
{
	const struct mirror *m = &w->mirror[path_index(w, path)];

	return m->rec.limit[w->res] == CGSPAN_MAX ? CGSPAN_MAX :
						     mirror_counted(m, w->res, node);
}

uint64_t world_kernel(const struct world *w, unsigned int node,
		      const char *path)
{
	return w->nodes[node].groups[path_index(w, path)].res[w->res].lease;
}

uint64_t world_used(const struct world *w, unsigned int node, const char *path)
{
	return w->nodes[node].groups[path_index(w, path)].res[w->res].used;
}

uint64_t world_pool(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].res[w->res].pool;
}

uint64_t world_debt(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].res[w->res].debt;
}

uint64_t world_limit(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].rec.limit[w->res];
}

bool world_exists(const struct world *w, const char *path)
{
	int i = path_index(w, path);

	return i >= 0 && w->mirror[i].exists;
}

bool world_acked(const struct world *w, unsigned int node, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&w->store,
				key_ack(key, w->nodes[node].name));
	struct ack_rec ack;

	return kv && !ack_parse(kv->val, kv->len, &ack, NULL) &&
	       ack.rev >= w->mirror[path_index(w, path)].rev;
}

bool world_in_session(const struct world *w, unsigned int node)
{
	return w->nodes[node].ledger &&
	       ledger_in_session(w->nodes[node].ledger);
}

bool world_said(const struct world *w, unsigned int node,
		enum ledger_status code)
{
	return w->nodes[node].said[code];
}

bool world_left(const struct world *w, unsigned int node)
{
	return w->nodes[node].left;
}
