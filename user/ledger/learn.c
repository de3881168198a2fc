// SPDX-License-Identifier: GPL-2.0
/*
 * A store that has gone back: made anew, or restored from a backup. Noticing
 * it, saying so to all, and then telling it what this kernel holds. Until that
 * is done the kernel goes on under the session that it has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/desired.h"
#include "libcgspan/err.h"
#include "priv.h"

void learn_fini(struct ledger *l)
{
	while (l->n_orphans)
		free(l->orphans[--l->n_orphans].path);
	free(l->orphans);
	l->orphans = NULL;
}

/* The key "cluster" */

/* As the cache has it; 0, or it cannot be read, which is said. */
static int read_cluster(struct ledger *l, struct cluster_rec *rec, int64_t *rev)
{
	const struct store_kv *kv = kvs_find(&l->cache, KEY_CLUSTER_NAME);
	struct cgspan_err err;
	int ret;

	*rec = cluster_fresh();
	*rev = kv ? kv->mod_rev : 0;
	ret = kv ? cluster_parse(kv->val, kv->len, rec, &err) : 0;
	if (ret)
		view_bad_value(l, kv, &err);
	return ret;
}

void learn_look_at_cluster(struct ledger *l)
{
	bool was = l->learning, stop;
	struct cluster_rec rec;
	int64_t rev;

	if (read_cluster(l, &rec, &rev))
		return;
	l->lost = rec.lost;
	l->foreign = rec.identity[0] && l->identity[0] &&
		     strcmp(rec.identity, l->identity);
	l->awaited = names_have(&rec.await, l->name);
	l->learning = rec.lost || rec.await.n;
	cluster_fini(&rec);
	/* Who has been silent until now has had a reason. */
	if (was && !l->learning)
		peer_anew(l);
	stop = l->lost || l->foreign;
	if ((l->phase == PH_CLAIM && stop) ||
	    ((l->phase == PH_OWN || l->phase == PH_RUN) &&
	     (stop || l->awaited)))
		session_start_over(l);
}

/* Put a change of the set of nodes on record. */
bool learn_put_cluster(struct ledger *l, bool claimed)
{
	struct cluster_rec rec;
	int64_t rev;

	if (read_cluster(l, &rec, &rev)) {
		l->phase = PH_STUCK;
		return false;
	}
	rec.generation++;
	if (!rec.identity[0])
		strcpy(rec.identity, l->identity);
	if (claimed)
		names_del(&rec.await, l->name);
	txn_compare(&l->txn, KEY_CLUSTER_NAME, rev);
	txn_put(&l->txn, KEY_CLUSTER_NAME, cluster_format(&rec));
	cluster_fini(&rec);
	return true;
}

/* Noticing */

/* The kernel's session was renewed only after a heartbeat was in the store. */
static bool has_heartbeat(const struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_hb(key, l->name));
	struct hb_rec rec;

	if (!kv || hb_parse(kv->val, kv->len, &rec, NULL))
		return false;
	return !rec.sent_ms || rec.sent_ms >= l->kernel_sent / MSEC;
}

bool learn_is_old(const struct ledger *l, const struct store_kv *kv,
		  const struct epoch_rec *rec)
{
	/* A kernel without a session holds nothing that could be lost. */
	if (!l->kernel_epoch || rule_broken(RULE_TRUST_THE_STORE))
		return false;
	if (!kv || epoch_number(rec, kv->mod_rev) < l->kernel_epoch)
		return true;
	if (rec->state == EPOCH_CLAIMING)
		return true;
	/* A higher one is ours to begin: it voids all that the kernel holds. */
	return rec->state == EPOCH_LIVE && session_is_ours(l, rec) &&
	       epoch_number(rec, kv->mod_rev) == l->kernel_epoch &&
	       (l->gone || !has_heartbeat(l));
}

bool learn_conflict(const struct ledger *l, const struct store_kv *kvs,
		    size_t n)
{
	char key[KEY_LEN];
	const struct store_kv *known;

	known = kvs_find(&l->cache, key_hb(key, l->name));
	for (size_t i = 0; known && i < n; i++)
		if (!strcmp(kvs[i].key, key))
			return kvs[i].mod_rev < known->mod_rev;
	return false;
}

/*
 * Who may stop all others? Whom the store knows as in session; and anybody,
 * where there is no cluster yet. A node that was fenced, or has come here from
 * another store, is stopped alone.
 */
static bool may_alarm(const struct ledger *l, const struct store_kv *kv,
		      const struct epoch_rec *rec)
{
	if (l->lost || l->foreign)
		return false;
	return (kv && rec->state == EPOCH_LIVE && session_is_ours(l, rec)) ||
	       !kvs_find(&l->cache, KEY_CLUSTER_NAME);
}

static void send_alarm(struct ledger *l)
{
	struct cluster_rec rec;
	char key[KEY_LEN];
	int64_t rev;

	if (read_cluster(l, &rec, &rev)) {
		l->phase = PH_STUCK;
		return;
	}
	rec.lost = true;
	/* What it rests on: a fence may have come in between. */
	ledger_compare(l, key_epoch(key, l->name));
	txn_compare(&l->txn, KEY_CLUSTER_NAME, rev);
	txn_put(&l->txn, KEY_CLUSTER_NAME, cluster_format(&rec));
	cluster_fini(&rec);
	ledger_send(l, TXN_ALARM);
}

void learn_stop(struct ledger *l, const struct store_kv *kv,
		const struct epoch_rec *rec)
{
	if (may_alarm(l, kv, rec)) {
		send_alarm(l);
		return;
	}
	ledger_say_once(l, LEDGER_ST_STORE_OLD,
			l->lost || l->foreign ?
			"the store was lost or restored from a backup: nothing is granted until, with all nodes up, one of them has been told: cgspan recover --nodes NAME,NAME..." :
			"the store is older than this kernel's session: it was restored from a backup, or this node was left out when it was recovered: cgspan recover --nodes with all nodes' names, this one's too");
	l->phase = PH_STUCK;
}

/* Telling it what this kernel holds */

static struct orphan *find_orphan(const struct ledger *l, const char *path)
{
	for (size_t i = 0; i < l->n_orphans; i++)
		if (!strcmp(l->orphans[i].path, path))
			return &l->orphans[i];
	return NULL;
}

void learn_orphan(struct ledger *l, const struct ledger_fact *f)
{
	struct orphan *o = find_orphan(l, f->path);
	void *p;

	/* Without a session, it is only what members were bound to. */
	if (!l->kernel_epoch)
		return;
	if (!o) {
		p = realloc(l->orphans, (l->n_orphans + 1) * sizeof(*o));
		if (!p) {
			ledger_no_memory(l);
			return;
		}
		l->orphans = p;
		o = &l->orphans[l->n_orphans];
		*o = (struct orphan){ .path = strdup(f->path) };
		if (!o->path) {
			ledger_no_memory(l);
			return;
		}
		l->n_orphans++;
		for (int i = 0; i < RES_N; i++)
			o->limit[i] = CGSPAN_MAX;
	}
	o->on_expiry = f->on_expiry;
	o->limit[f->res] = f->limit;
}

/* Parents first: the first of them, by path, that is still missing. */
static struct orphan *next_orphan(const struct ledger *l)
{
	struct orphan *next = NULL;

	for (size_t i = 0; i < l->n_orphans; i++) {
		struct orphan *o = &l->orphans[i];

		if (!o->hopeless && !view_group(l, o->path) &&
		    (!next || strcmp(o->path, next->path) < 0))
			next = o;
	}
	return next;
}

/* A group that this kernel has and the store has not is made as it is here. */
static bool create_missing(struct ledger *l)
{
	struct desired_change c = { .on_expiry_set = true };
	struct cgspan_err err;
	struct orphan *o;
	int ret;

	while ((o = next_orphan(l))) {
		c.on_expiry = o->on_expiry;
		for (int i = 0; i < RES_N; i++) {
			c.limit_set[i] = true;
			c.limit[i] = o->limit[i];
		}
		ret = desired_create(&l->txn, &l->cache, o->path, &c, &err);
		if (!ret)
			return true;
		if (ret == -ENOMEM)
			ledger_no_memory(l);
		else
			ledger_say(l, LEDGER_ST_BAD_VALUE,
				   "the group %.120s of this kernel cannot be in the store: %s",
				   o->path, err.msg);
		o->hopeless = true;
	}
	return false;
}

void learn_step(struct ledger *l)
{
	char key[KEY_LEN];

	/* An admin has begun anew without us. */
	if (!l->awaited) {
		l->phase = PH_READ;
		ledger_watch_anew(l);
		return;
	}
	if (!l->surveyed || !ledger_watches_seen(l))
		return;
	for (size_t i = 0; i < l->n_groups; i++)
		if (!l->groups[i]->seen)
			return;
	session_compare(l);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	if (create_missing(l) || move_claim(l)) {
		ledger_send(l, TXN_CLAIM);
		return;
	}
	txn_fini(&l->txn);
	learn_fini(l);
	session_send_claimed(l);
}
