// SPDX-License-Identifier: GPL-2.0
/*
 * A store that has gone back: new, or restored from a backup. Detect it, and stop
 * all nodes until an administrator has named them.
 */
#include "lost.h"

#include <string.h>

#include "libcgspan/err.h"
#include "model/lookup.h"
#include "out.h"
#include "request.h"
#include "rule.h"
#include "view.h"

/* The key "cluster" */

enum trust_event lost_says(const struct ledger *l, struct cgspan_err *err)
{
	enum trust_event says = EV_WHOLE;
	struct cluster_rec rec;
	int64_t rev;

	if (lookup_cluster(&l->view->cache, &rec, &rev, err))
		return EV_UNREADABLE;
	if (rec.lost || (rec.identity[0] && l->identity[0] &&
			 strcmp(rec.identity, l->identity)))
		says = EV_LOST;
	else if (names_have(&rec.await, l->name))
		says = EV_AWAITED;
	else if (rec.await.n)
		says = EV_LEARNING;
	cluster_fini(&rec);
	return says;
}

bool lost_look_at_cluster(struct ledger *l)
{
	struct cgspan_err err;
	enum trust_event says = lost_says(l, &err);

	if (says == EV_UNREADABLE)
		out_say_unread(l, &err);
	return session_event(l->session, says) &&
	       l->session->trust == TRUST_RUN;
}

/* Read the key "cluster" to change it; false: unreadable; the node is stuck. */
static bool read_cluster(struct ledger *l, struct cluster_rec *rec)
{
	struct cgspan_err err;
	int64_t rev;

	if (!lookup_cluster(&l->view->cache, rec, &rev, &err))
		return true;
	out_say_unread(l, &err);
	session_event(l->session, EV_REFUSED);
	return false;
}

bool lost_put_cluster(struct ledger *l, bool claimed)
{
	struct cluster_rec rec;

	if (!read_cluster(l, &rec))
		return false;
	rec.generation++;
	if (!rec.identity[0])
		strcpy(rec.identity, l->identity);
	if (claimed)
		names_del(&rec.await, l->name);
	request_put(l, KEY_CLUSTER_NAME, cluster_format(&rec));
	cluster_fini(&rec);
	return true;
}

bool lost_is_ours(const struct ledger *l, const struct epoch_rec *rec)
{
	return !strcmp(rec->boot, l->self.boot) &&
	       !strcmp(rec->uuid, l->self.uuid);
}

/* Has the store a heartbeat as new as the kernel's last renewal, or undated? */
static bool has_heartbeat(const struct ledger *l)
{
	const struct store_kv *kv = view_hb(l, l->name);
	struct hb_rec rec;

	if (!kv || hb_read(kv, &rec, NULL))
		return false;
	return !rec.sent_ms || rec.sent_ms >= l->session->kernel_sent / MSEC;
}

bool lost_is_old(const struct ledger *l, const struct store_kv *kv,
		 const struct epoch_rec *rec)
{
	const struct session *s = l->session;

	/* A kernel without a session holds nothing that could be lost. */
	if (!s->kernel_epoch || rule_broken(RULE_TRUST_THE_STORE))
		return false;
	if (!kv || epoch_number(rec, kv->mod_rev) < s->kernel_epoch)
		return true;
	if (rec->state == EPOCH_CLAIMING)
		return true;
	/* A store with a higher epoch than the kernel's is not old: all kernel
	 * leases are void when the session of that epoch begins.
	 */
	return rec->state == EPOCH_LIVE && lost_is_ours(l, rec) &&
	       epoch_number(rec, kv->mod_rev) == s->kernel_epoch &&
	       (s->trust == TRUST_OLD_READ || !has_heartbeat(l));
}

bool lost_conflict(const struct ledger *l, const struct store_kv *kvs,
		   size_t n)
{
	const struct store_kv *known = view_hb(l, l->name);

	for (size_t i = 0; known && i < n; i++)
		if (!strcmp(kvs[i].key, known->key))
			return kvs[i].mod_rev < known->mod_rev;
	return false;
}

/*
 * May this node stop all others? Yes, if the store has it in session, or has no
 * key "cluster" yet. A node that was fenced, or that comes from another store,
 * only stops itself.
 */
static bool may_alarm(const struct ledger *l, const struct store_kv *kv,
		      const struct epoch_rec *rec)
{
	return (kv && rec->state == EPOCH_LIVE && lost_is_ours(l, rec)) ||
	       !kvs_find(&l->view->cache, KEY_CLUSTER_NAME);
}

static void send_alarm(struct ledger *l)
{
	struct cluster_rec rec;
	char key[KEY_LEN];

	if (!read_cluster(l, &rec))
		return;
	rec.lost = true;
	/* Compare the epoch: a node fenced meanwhile must not stop others. */
	request_compare(l, key_epoch(key, l->name));
	request_put(l, KEY_CLUSTER_NAME, cluster_format(&rec));
	cluster_fini(&rec);
	request_send(l, TXN_ALARM);
}

void lost_stop(struct ledger *l, const struct store_kv *kv,
	       const struct epoch_rec *rec, bool said)
{
	if (!said && may_alarm(l, kv, rec)) {
		send_alarm(l);
		return;
	}
	out_say_once(l, LEDGER_ST_STORE_OLD,
		     said ?
		     "the store was lost or restored from a backup: nothing is granted until, with all nodes up, one of them has been told: cgspan recover --nodes NAME,NAME..." :
		     "the store is older than this kernel's session: it was restored from a backup, or this node was left out when it was recovered: cgspan recover --nodes with all nodes' names, this one's too");
	session_event(l->session, EV_REFUSED);
}
