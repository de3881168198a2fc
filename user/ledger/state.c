// SPDX-License-Identifier: GPL-2.0
/* The state of the ledger: questions to it, and small changes. */
#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ledger_no_memory(struct ledger *l)
{
	l->error = -ENOMEM;
}

/* splitmix64: small, and the same everywhere. */
uint64_t ledger_random(struct ledger *l, uint64_t below)
{
	uint64_t z = l->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : 0;
}

/* Index of the first group that is not before @path. */
size_t group_lower(const struct ledger *l, const char *path)
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

struct lgroup *group_find(const struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);

	return i < l->n_groups && !strcmp(l->groups[i]->path, path) ?
	       l->groups[i] : NULL;
}

struct lgroup *group_by_id(const struct ledger *l, uint64_t id)
{
	for (size_t i = 0; i < l->n_groups; i++)
		if (l->groups[i]->rec.id == id)
			return l->groups[i];
	return NULL;
}

void group_free(struct lgroup *g)
{
	free(g->wants);
	free(g->path);
	free(g);
}

void group_pool_prefix(char key[KEY_LEN], uint64_t id)
{
	snprintf(key, KEY_LEN, "pool/%" PRIu64 "/", id);
}

uint64_t group_amount(const struct lgroup *g, int res)
{
	const struct lease_res *r = &g->lease.res[res];

	return r->gen == g->rec.gen[res] ? r->amount : 0;
}

bool node_live(const struct ledger *l, const char *node)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_epoch(key, node));
	struct epoch_rec rec;

	return kv && !epoch_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.state == EPOCH_LIVE;
}

bool session_is_ours(const struct ledger *l, const struct epoch_rec *rec)
{
	return !strcmp(rec->boot, l->self.boot) &&
	       !strcmp(rec->uuid, l->self.uuid);
}

void session_start_over(struct ledger *l)
{
	l->phase = PH_READ;
	l->epoch = 0;
	l->anew = true;
}

void peers_restart(struct ledger *l)
{
	for (int i = 0; i < PEERS; i++) {
		l->peers[i].since = l->now;
		l->peers[i].pace = (struct pace){ 0 };
	}
}
