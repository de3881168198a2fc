// SPDX-License-Identifier: GPL-2.0
#include "view.h"

#include <string.h>

#include "model/lookup.h"

size_t view_lower(const struct ledger *l, const char *path)
{
	size_t from = 0, to = l->view->n_groups, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (strcmp(l->view->groups[mid]->path, path) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

struct lgroup *view_group(const struct ledger *l, const char *path)
{
	size_t i = view_lower(l, path);
	struct lgroup *g = i < l->view->n_groups ? l->view->groups[i] : NULL;

	return g && !strcmp(g->path, path) ? g : NULL;
}

struct lgroup *view_group_by_id(const struct ledger *l, uint64_t id)
{
	struct lgroup *g;

	for_each_group(l, g)
		if (g->rec.id == id)
			return g;
	return NULL;
}

const struct store_kv *view_epoch(const struct ledger *l, const char *node)
{
	char key[KEY_LEN];

	return kvs_find(&l->view->cache, key_epoch(key, node));
}

const struct store_kv *view_hb(const struct ledger *l, const char *node)
{
	char key[KEY_LEN];

	return kvs_find(&l->view->cache, key_hb(key, node));
}

bool view_is_live(const struct ledger *l, const char *node)
{
	enum epoch_state state;

	return !lookup_epoch_state(&l->view->cache, node, &state, NULL) &&
	       state == EPOCH_LIVE;
}
