// SPDX-License-Identifier: GPL-2.0
/*
 * The way into a session and out of it: joining, taking up what an earlier run
 * began, closing an old session of our own, leaving.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desired.h"
#include "err.h"
#include "ledger_priv.h"

/* Sending */

void ledger_send(struct ledger *l, enum txn_kind kind)
{
	struct queued q = { .in.kind = LEDGER_TXN };

	if (txn_error(&l->txn)) {
		/* Too large is our own fault: the room is checked before. */
		ledger_no_memory(l);
		return;
	}
	l->txn_id = ++l->last_id;
	l->txn_kind = kind;
	l->txn_sent = l->now;
	q.in.id = l->txn_id;
	q.in.txn = &l->txn.view;
	ledger_queue(l, q);
}

char *ledger_beat(struct ledger *l)
{
	struct hb_rec rec = { ++l->hb_seq, l->ttl_ms, l->now / MSEC };

	return hb_format(&rec);
}

void session_renew(struct ledger *l, uint64_t sent)
{
	struct queued q = { .in.kind = LEDGER_RENEW };

	l->renewed = sent;
	q.in.renew.epoch = l->epoch;
	q.in.renew.sent = sent;
	q.in.renew.ttl_ms = l->ttl_ms;
	ledger_queue(l, q);
}

void session_leave(struct ledger *l)
{
	struct queued q = { .in.kind = LEDGER_LEAVE };

	l->leave_sent = true;
	q.in.renew.epoch = l->kernel_epoch;
	ledger_queue(l, q);
}

/* Put a change of the set of nodes on record. */
static void put_cluster(struct ledger *l, struct txn *t)
{
	const struct store_kv *kv = cache_find(&l->cache, KEY_CLUSTER_NAME);
	struct cluster_rec rec = cluster_fresh();
	struct cgspan_err err;

	if (kv && cluster_parse(kv->val, kv->len, &rec, &err)) {
		view_bad_value(l, kv, &err);
		l->phase = PH_STUCK;
		return;
	}
	rec.generation++;
	if (!rec.identity[0])
		strcpy(rec.identity, l->identity);
	txn_compare(t, KEY_CLUSTER_NAME, kv ? kv->mod_rev : 0);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&rec));
}

/* Compare a key as the cache has it. */
static void compare_cached(struct ledger *l, const char *key)
{
	const struct store_kv *kv = cache_find(&l->cache, key);

	txn_compare(&l->txn, key, kv ? kv->mod_rev : 0);
}

/* Phases before and after a session */

static void send_join(struct ledger *l)
{
	struct epoch_rec epoch = { .state = EPOCH_LIVE };
	char key[KEY_LEN];

	/* A new epoch is a later revision than all that was ever seen. */
	if (l->kernel_epoch > (uint64_t)l->rev) {
		ledger_say_once(l, LEDGER_ST_STORE_OLD,
				"the store is older than this kernel's session (revision %" PRId64 ", epoch %" PRIu64 "): was it restored from a backup?",
				l->rev, l->kernel_epoch);
		l->phase = PH_STUCK;
		return;
	}
	strcpy(epoch.machine, l->self.machine);
	strcpy(epoch.boot, l->self.boot);
	strcpy(epoch.uuid, l->self.uuid);

	put_cluster(l, &l->txn);
	if (l->phase == PH_STUCK)
		return;
	compare_cached(l, key_epoch(key, l->name));
	txn_put(&l->txn, key, epoch_format(&epoch));
	compare_cached(l, key_node(key, l->name));
	txn_put(&l->txn, key, node_format(&l->self));
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	txn_delete(&l->txn, key_ack(key, l->name));
	ledger_send(l, TXN_JOIN);
}

/* The last transaction of a node that leaves: its keys go. */
static void send_remove(struct ledger *l)
{
	char key[KEY_LEN];

	put_cluster(l, &l->txn);
	if (l->phase == PH_STUCK)
		return;
	compare_cached(l, key_epoch(key, l->name));
	txn_delete(&l->txn, key);
	compare_cached(l, key_node(key, l->name));
	txn_delete(&l->txn, key);
	txn_delete(&l->txn, key_hb(key, l->name));
	txn_delete(&l->txn, key_ack(key, l->name));
	txn_delete(&l->txn, key_usage(key, l->name));
	ledger_send(l, TXN_REMOVE);
}

/* Close our own old session. 1: a step is on its way; 0: it is closed. */
static int send_close(struct ledger *l)
{
	struct desired d = { l->cache.kvs, l->cache.n };
	struct cgspan_err err;
	int ret = desired_fence(&l->txn, &d, l->name, l->name, 0, &err);

	if (ret > 0) {
		ledger_send(l, TXN_CLOSE);
	} else if (ret == -ENOMEM) {
		ledger_no_memory(l);
	} else if (ret < 0) {
		ledger_say_once(l, LEDGER_ST_BAD_VALUE, "%s", err.msg);
		l->phase = PH_STUCK;
	}
	return ret;
}

static void resume(struct ledger *l, uint64_t epoch)
{
	if (l->kernel_epoch > epoch) {
		ledger_say_once(l, LEDGER_ST_STORE_OLD,
				"the store's epoch %" PRIu64 " is older than this kernel's (%" PRIu64 "): was it restored from a backup?",
				epoch, l->kernel_epoch);
		l->phase = PH_STUCK;
		return;
	}
	l->epoch = epoch;
	l->resumed = true;
	l->phase = PH_OWN;
	l->beat = 0;
	for (size_t i = 0; i < l->n_groups; i++) {
		l->groups[i]->sure = false;
#ifdef CGSPAN_BUG_RAISE_ON_READ
		l->groups[i]->sure = true;
#endif
	}
}

/* A live epoch under our name: whose? */
static void meet_live(struct ledger *l, const struct epoch_rec *rec,
		      uint64_t epoch)
{
	if (!strcmp(rec->boot, l->self.boot) &&
	    !strcmp(rec->uuid, l->self.uuid)) {
		resume(l, epoch);
		return;
	}
	if (strcmp(rec->machine, l->self.machine)) {
		ledger_say_once(l, LEDGER_ST_DUPLICATE,
				"another machine (%s) is in session as %s: give this one another name, or, if that one is off for good: cgspan fence %s --confirm-off",
				rec->machine, l->name, l->name);
		l->phase = PH_STUCK;
		return;
	}
	if (!strcmp(rec->boot, l->self.boot)) {
		ledger_say_once(l, LEDGER_ST_DUPLICATE,
				"another network namespace of this machine, or this one before the module was loaded again, is in session as %s: if it is gone: cgspan fence %s --confirm-off",
				l->name, l->name);
		l->phase = PH_STUCK;
		return;
	}
	/* A new boot of the same machine proves that the old tasks are gone. */
	ledger_say_once(l, LEDGER_ST_REBOOTED,
			"this machine has booted again: the leases from before go back");
	send_close(l);
}

static void close_or_join(struct ledger *l)
{
	if (!send_close(l))
		send_join(l);
}

static void decide_leaving(struct ledger *l, const struct store_kv *kv,
			   bool live, const struct epoch_rec *rec)
{
	if (l->kernel_epoch && live && !strcmp(rec->uuid, l->self.uuid))
		resume(l, kv->mod_rev);
	else if (l->kernel_epoch)
		session_leave(l);
	else if (!kv || !send_close(l))
		send_remove(l);
}

void session_decide(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache,
					       key_epoch(key, l->name));
	struct epoch_rec rec = { 0 };
	struct cgspan_err err;
	bool live;

	if (kv && epoch_parse(kv->val, kv->len, &rec, &err)) {
		view_bad_value(l, kv, &err);
		l->phase = PH_STUCK;
		return;
	}
	live = kv && rec.state == EPOCH_LIVE;
	if (l->leaving)
		decide_leaving(l, kv, live, &rec);
	else if (live)
		meet_live(l, &rec, kv->mod_rev);
	else if (kv)
		close_or_join(l);
	else
		send_join(l);
}

/* PH_OWN: a beat under our epoch, then the kernel's session. */
void session_take_over(struct ledger *l)
{
	char key[KEY_LEN];

	if (l->beat) {
		l->renew_sent = true;
		session_renew(l, l->beat);
		return;
	}
	txn_compare(&l->txn, key_epoch(key, l->name), l->epoch);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	ledger_send(l, TXN_BEAT);
}

void session_joined(struct ledger *l, int64_t rev)
{
	l->epoch = rev;
	l->resumed = false;
	l->phase = PH_OWN;
	l->beat = l->txn_sent;
	l->hb_sent = l->txn_sent;
	l->acked = 0;
	l->reconciled = 0;
	/* A lease whose end we have not heard of yet is not this epoch's. */
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->sure = !l->groups[i]->lease_rev;
	/* A fence may have been heard of before our own success. */
	view_look_at_epoch(l);
}

void session_begin(struct ledger *l)
{
	l->phase = PH_RUN;
	l->has_told = false;
	ledger_say(l, l->resumed ? LEDGER_ST_RESUMED : LEDGER_ST_JOINED,
		   l->resumed ? "the session goes on: epoch %" PRIu64 :
				"joined: epoch %" PRIu64, l->epoch);
	/* A higher epoch has zeroed every lease. */
	for (size_t i = 0; l->kernel_epoch != l->epoch && i < l->n_groups; i++)
		for (int r = 0; r < RES_N; r++)
			l->groups[i]->res[r].kernel = 0;
	l->kernel_epoch = l->epoch;
	ledger_unwatch(l, "pool/");
	/* "max" may be set only as of a revision that knew this node. */
	ledger_unwatch(l, "group/");
	ledger_watch(l, "group/");
	peer_choose(l);
}
