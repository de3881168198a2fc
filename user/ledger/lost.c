// SPDX-License-Identifier: GPL-2.0
/*
 * A store that has gone back: new, or restored from a backup. Detect it, and stop
 * all nodes until an administrator has named them.
 */
#include "lost.h"

#include <string.h>

#include "libcgspan/err.h"
#include "out.h"
#include "rule.h"

/* The key "cluster" */

/* Return: 0, or an error that was reported: the key cannot be read. */
static int read_cluster(struct ledger *l, struct cluster_rec *rec, int64_t *rev)
{
	const struct store_kv *kv = kvs_find(&l->cache, KEY_CLUSTER_NAME);
	struct cgspan_err err;
	int ret;

	*rec = cluster_fresh();
	*rev = kv ? kv->mod_rev : 0;
	ret = kv ? cluster_parse(kv->val, kv->len, rec, &err) : 0;
	if (ret)
		ledger_bad_value(l, kv, &err);
	return ret;
}

void lost_look_at_cluster(struct ledger *l)
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
	/* Restart peer time-outs: nodes that wait to claim send no heartbeat. */
	if (was && !l->learning)
		peers_restart(l);
	stop = l->lost || l->foreign;
	if ((l->phase == PH_CLAIM && stop) ||
	    ((l->phase == PH_OWN || l->phase == PH_RUN) &&
	     (stop || l->awaited)))
		session_start_over(l);
}

/* Put a change of the set of nodes on record. */
bool lost_put_cluster(struct ledger *l, bool claimed)
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

/* The kernel's session is renewed only after the store has the heartbeat. */
static bool has_heartbeat(const struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_hb(key, l->name));
	struct hb_rec rec;

	if (!kv || hb_parse(kv->val, kv->len, &rec, NULL))
		return false;
	return !rec.sent_ms || rec.sent_ms >= l->kernel_sent / MSEC;
}

bool lost_is_old(const struct ledger *l, const struct store_kv *kv,
		 const struct epoch_rec *rec)
{
	/* A kernel without a session holds nothing that could be lost. */
	if (!l->kernel_epoch || rule_broken(RULE_TRUST_THE_STORE))
		return false;
	if (!kv || epoch_number(rec, kv->mod_rev) < l->kernel_epoch)
		return true;
	if (rec->state == EPOCH_CLAIMING)
		return true;
	/* A higher epoch is of this node: beginning it voids all kernel leases. */
	return rec->state == EPOCH_LIVE && session_is_ours(l, rec) &&
	       epoch_number(rec, kv->mod_rev) == l->kernel_epoch &&
	       (l->gone || !has_heartbeat(l));
}

bool lost_conflict(const struct ledger *l, const struct store_kv *kvs,
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
 * May this node stop all others? Yes, if the store has it in session, or has no
 * cluster yet. A node that was fenced, or comes from another store, stops alone.
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
	/* The alarm depends on this: a fence may have come in between. */
	ledger_compare(l, key_epoch(key, l->name));
	txn_compare(&l->txn, KEY_CLUSTER_NAME, rev);
	txn_put(&l->txn, KEY_CLUSTER_NAME, cluster_format(&rec));
	cluster_fini(&rec);
	ledger_send(l, TXN_ALARM);
}

void lost_stop(struct ledger *l, const struct store_kv *kv,
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
