// SPDX-License-Identifier: GPL-2.0
#include "restore.h"

#include <stdio.h>

#include "check.h"
#include "event.h"
#include "mirror.h"
#include "state.h"

void world_backup(struct world *w)
{
	const struct store_kv *kv;

	kvs_fini(&w->backup);
	for (size_t i = 0; i < w->store.n; i++) {
		kv = &w->store.kv[i];
		kvs_set(&w->backup, kv->key, kv->val, kv->len, kv->mod_rev);
	}
	w->backup_rev = w->rev;
}

/*
 * The highest correct lease during the recovery: the largest of the kernel's lease,
 * the use, and the store's lease for the live epoch. CGSPAN_MAX: there is no limit.
 */
static uint64_t cap_for(const struct world *w, unsigned int n, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct kgroup *g = &w->nodes[n].groups[i];
	uint64_t cap = g->exists ? g->res[res].lease : 0;

	if (cap < g->res[res].used)
		cap = g->res[res].used;
	if (m->exists && m->rec.limit[res] == CGSPAN_MAX)
		return CGSPAN_MAX;
	if (m->exists && check_is_live(w, n) && mirror_counted(m, res, n) > cap)
		return mirror_counted(m, res, n);
	return cap;
}

void restore_set_caps(struct world *w)
{
	for (unsigned int n = 0; n < w->conf.nodes; n++)
		for (unsigned int i = 0; i < w->n_paths; i++)
			for (int r = 0; r < RES_N; r++)
				w->nodes[n].cap[i][r] = cap_for(w, n, i, r);
}

/* May a restored backup keep the store's identity? Only if each kernel has a session
 * with a heartbeat newer than that in the backup: a daemon that was restarted detects
 * the restore by that alone.
 */
static bool all_can_tell(const struct world *w)
{
	const struct store_kv *kv;
	char key[KEY_LEN];
	struct hb_rec hb;

	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		const struct wnode *n = &w->nodes[i];

		kv = kvs_find(&w->backup, key_hb(key, n->name));
		if (!n->kernel_epoch ||
		    (kv && !hb_parse(kv->val, kv->len, &hb, NULL) &&
		     hb.sent_ms >= n->sent / MSEC))
			return false;
	}
	return true;
}

bool world_restore(struct world *w, enum world_restore how)
{
	const struct store_kv *kv;
	bool ahead = false;

	if (w->recovering || (how == RESTORE_SAME && !all_can_tell(w)) ||
	    (how != RESTORE_EMPTY && !w->backup_rev))
		return false;
	restore_set_caps(w);
	kvs_fini(&w->store);
	w->rev = how == RESTORE_EMPTY ? 1 : w->backup_rev;
	for (size_t i = 0; how != RESTORE_EMPTY && i < w->backup.n; i++) {
		kv = &w->backup.kv[i];
		kvs_set(&w->store, kv->key, kv->val, kv->len, kv->mod_rev);
	}
	mirror_rebuild(w);
	w->stats.restores++;
	w->stats.same += how == RESTORE_SAME;
	w->restores++;
	w->recovering = true;
	w->told = false;
	if (how != RESTORE_SAME)
		snprintf(w->identity, sizeof(w->identity), "sim-%u",
			 (unsigned int)w->restores);
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		struct wnode *n = &w->nodes[i];

		n->unaware = how == RESTORE_SAME && !rnd(w, 3);
		ahead |= n->unaware;
		if (!n->unaware)
			event_push(w, (struct event){ .kind = EV_BACK, .node = i,
						      .run = n->run },
				   rnd(w, 500 * MSEC));
	}
	/* Unaware nodes connect when the store's revision is above the last one
	 * that they know: they cannot see that it has gone back.
	 */
	if (ahead)
		w->rev += 1000;
	return true;
}

bool world_recovering(const struct world *w)
{
	return w->recovering;
}
