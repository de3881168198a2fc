// SPDX-License-Identifier: GPL-2.0
#include "mirror.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "state.h"

int mirror_node(const struct world *w, const char *name)
{
	unsigned int i = strtoul(name + 1, NULL, 10);

	if (i < w->conf.nodes && !strcmp(w->nodes[i].name, name))
		return i;
	for (i = 0; i < w->conf.nodes; i++)
		if (!strcmp(w->nodes[i].name, name))
			return i;
	return -1;
}

uint64_t mirror_counted(const struct mirror *m, int res, int n)
{
	const struct lease_res *r = &m->res[res].lease[n];

	return r->gen == m->rec.gen[res] ? r->amount : 0;
}

static void mirror_debt(struct world *w, struct mres *m, const char *val)
{
	struct debt_rec debt = { 0 };

	if (val && debt_parse(val, strlen(val), &debt, NULL))
		state_breach(w, "a debt that cannot be read: %s", val);
	m->debt = debt.debt;
	for (unsigned int n = 0; n < w->conf.nodes; n++)
		m->awaits[n] = names_have(&debt.await, w->nodes[n].name);
	debt_fini(&debt);
}

static void mirror_lease(struct mirror *m, int n, const struct lease_rec *lease)
{
	for (int r = 0; r < RES_N; r++) {
		m->res[r].held -= mirror_counted(m, r, n);
		m->res[r].lease[n] = lease->res[r];
		m->res[r].held += mirror_counted(m, r, n);
	}
}

/* Forget the pools, leases and debts of a group; mirror_group() reads them again. */
static void mirror_clear(struct world *w, struct mirror *m)
{
	for (int i = 0; i < RES_N; i++) {
		struct mres *r = &m->res[i];

		*r = (struct mres){ .awaits = r->awaits, .lease = r->lease };
		memset(r->awaits, 0, w->conf.nodes * sizeof(*r->awaits));
		memset(r->lease, 0, w->conf.nodes * sizeof(*r->lease));
	}
}

void mirror_key(struct world *w, const char *name, const char *val)
{
	size_t len = val ? strlen(val) : 0;
	struct lease_rec lease = { 0 };
	struct pool_rec pool = { 0 };
	struct mirror *m;
	struct key key;
	int i, ret = 0;

	ret = key_parse(name, &key, NULL);
	if (ret == -ENOENT)
		return;
	if (ret) {
		state_breach(w, "a key that cannot be read: %s", name);
		return;
	}
	if (key.kind == KEY_GROUP) {
		m = &w->mirror[path_add(w, key.path)];
		m->exists = val;
		m->rec = (struct group_rec){ 0 };
		m->rev = w->rev;
		mirror_clear(w, m);
		if (val && group_parse(val, len, &m->rec, NULL))
			state_breach(w, "a group that cannot be read: %s", val);
		return;
	}
	if (key.kind != KEY_LEASE && key.kind != KEY_POOL &&
	    key.kind != KEY_DEBT)
		return;
	i = path_by_id(w, key.group);
	if (i < 0)
		return;
	m = &w->mirror[i];
	switch (key.kind) {
	case KEY_LEASE:
		if (val)
			ret = lease_parse(val, len, &lease, NULL);
		mirror_lease(m, mirror_node(w, key.node), &lease);
		break;
	case KEY_POOL:
		if (val)
			ret = pool_parse(val, len, &pool, NULL);
		if (key.shard >= shards_max(key.res)) {
			state_breach(w, "a shard too many: %s", name);
			break;
		}
		m->res[key.res].pool += pool.free -
					m->res[key.res].free[key.shard];
		m->res[key.res].free[key.shard] = pool.free;
		break;
	default:
		mirror_debt(w, &m->res[key.res], val);
		break;
	}
	if (ret)
		state_breach(w, "a value that cannot be read: %s", val);
}

void mirror_group(struct world *w, const char *name)
{
	struct key key, other;
	uint64_t id;

	if (key_parse(name, &key, NULL) || key.kind != KEY_GROUP ||
	    path_index(w, key.path) < 0 ||
	    !w->mirror[path_index(w, key.path)].exists)
		return;
	id = w->mirror[path_index(w, key.path)].rec.id;
	for (size_t i = 0; i < w->store.n; i++)
		if (!key_parse(w->store.kv[i].key, &other, NULL) &&
		    other.kind != KEY_GROUP && other.group == id)
			mirror_key(w, w->store.kv[i].key,
				   w->store.kv[i].val);
}

void mirror_rebuild(struct world *w)
{
	struct key key;

	for (unsigned int i = 0; i < w->n_paths; i++) {
		w->mirror[i].exists = false;
		w->mirror[i].rec = (struct group_rec){ 0 };
		mirror_clear(w, &w->mirror[i]);
	}
	for (size_t i = 0; i < w->store.n; i++) {
		const struct store_kv *kv = &w->store.kv[i];

		if (key_parse(kv->key, &key, NULL) || key.kind != KEY_GROUP)
			continue;
		mirror_key(w, kv->key, kv->val);
		w->mirror[path_index(w, key.path)].rev = kv->mod_rev;
		mirror_group(w, kv->key);
	}
}
