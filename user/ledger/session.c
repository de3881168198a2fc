// SPDX-License-Identifier: GPL-2.0
/*
 * The way into a session and out of it: joining, taking up what an earlier run
 * began, closing an old session of our own, leaving.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "model/nodes.h"
#include "libcgspan/err.h"
#include "lost.h"
#include "out.h"
#include "rule.h"

void session_renew(struct ledger *l, uint64_t sent)
{
	struct queued q = { .in.kind = LEDGER_RENEW };

	l->renewed = sent;
	l->renewing = l->epoch;
	q.in.renew.epoch = l->epoch;
	q.in.renew.sent = sent;
	q.in.renew.ttl_ms = l->ttl_ms;
	ledger_queue(l, q);
}

/* The kernel has taken it: a higher epoch has zeroed every lease. */
void session_renewed(struct ledger *l)
{
	for (size_t i = 0; l->kernel_epoch != l->renewing && i < l->n_groups; i++)
		for (int r = 0; r < RES_N; r++)
			l->groups[i]->res[r].kernel = 0;
	l->kernel_epoch = l->renewing;
	l->kernel_sent = l->renewed;
	l->deadline = l->renewed + l->ttl_ms * MSEC;
}

void session_leave(struct ledger *l)
{
	struct queued q = { .in.kind = LEDGER_LEAVE };

	l->leave_sent = true;
	q.in.renew.epoch = l->kernel_epoch;
	ledger_queue(l, q);
}

/* Only this node writes its heartbeat. If it is not the last one that we know of,
 * a transaction of ours is in flight, or the store has gone back.
 */
void session_compare(struct ledger *l)
{
	char key[KEY_LEN];

	txn_compare(&l->txn, key_epoch(key, l->name), l->epoch_rev);
	if (!rule_broken(RULE_NO_HB_COMPARE))
		ledger_compare(l, key_hb(key, l->name));
}

/* Our epoch's key has changed: this node was fenced, or the store has gone back. */
void session_look_at_epoch(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_epoch(key, l->name));

	if (l->phase != PH_CLAIM && l->phase != PH_OWN && l->phase != PH_RUN)
		return;
	if (kv && kv->mod_rev == l->epoch_rev)
		return;
	/* Our own transaction may have changed it: its answer tells. */
	if (l->txn_id && l->txn_kind == TXN_CLAIMED)
		return;
	session_start_over(l);
	if (kv && kv->mod_rev > l->epoch_rev)
		ledger_say_once(l, LEDGER_ST_FENCED,
				"this node was fenced: it joins anew and admits nothing until what it uses is covered");
	else
		l->gone = true;
}

/* Phases before and after a session */

/* The highest epoch of this name that any node can know of. */
static uint64_t last_epoch(const struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_epoch(key, l->name));
	uint64_t last = l->kernel_epoch, stored;
	struct epoch_rec rec;

	if (!kv || epoch_parse(kv->val, kv->len, &rec, NULL))
		return last;
	stored = epoch_number(&rec, kv->mod_rev);
	return stored > last ? stored : last;
}

/*
 * The epoch is a later revision than all that was ever seen, and above the last
 * one, which may come from before the store went back.
 */
static void put_epoch(struct ledger *l, enum epoch_state state)
{
	struct epoch_rec epoch = { .state = state };
	uint64_t last = last_epoch(l);
	char key[KEY_LEN];

	l->base = last > (uint64_t)l->rev ? last - l->rev : 0;
	if (rule_broken(RULE_EPOCH_GOES_BACK))
		l->base = 0;
	epoch.base = l->base;
	strcpy(epoch.machine, l->self.machine);
	strcpy(epoch.boot, l->self.boot);
	strcpy(epoch.uuid, l->self.uuid);
	txn_put(&l->txn, key_epoch(key, l->name), epoch_format(&epoch));
}

/* If the store waits for what this kernel holds, claim it first. */
static void send_join(struct ledger *l)
{
	char key[KEY_LEN];

	if (!lost_put_cluster(l, false))
		return;
	l->claiming = l->awaited;
	ledger_compare(l, key_epoch(key, l->name));
	put_epoch(l, l->claiming ? EPOCH_CLAIMING : EPOCH_LIVE);
	ledger_compare(l, key_node(key, l->name));
	txn_put(&l->txn, key, node_format(&l->self));
	ledger_compare(l, key_hb(key, l->name));
	txn_put(&l->txn, key, ledger_beat(l));
	txn_delete(&l->txn, key_ack(key, l->name));
	ledger_send(l, TXN_JOIN);
}

/* PH_CLAIM: all is claimed. */
void session_send_claimed(struct ledger *l)
{
	char key[KEY_LEN];

	if (!lost_put_cluster(l, true))
		return;
	session_compare(l);
	put_epoch(l, EPOCH_LIVE);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	ledger_send(l, TXN_CLAIMED);
}

/* The last transaction of a node that leaves: its keys go. */
static void send_remove(struct ledger *l)
{
	char key[KEY_LEN];

	if (!lost_put_cluster(l, false))
		return;
	ledger_compare(l, key_epoch(key, l->name));
	txn_delete(&l->txn, key);
	ledger_compare(l, key_node(key, l->name));
	txn_delete(&l->txn, key);
	ledger_compare(l, key_hb(key, l->name));
	txn_delete(&l->txn, key);
	txn_delete(&l->txn, key_ack(key, l->name));
	txn_delete(&l->txn, key_usage(key, l->name));
	ledger_send(l, TXN_REMOVE);
}

/* Close our own old session. 1: a step is on its way; 0: it is closed. */
static int send_close(struct ledger *l)
{
	struct cgspan_err err;
	int ret = nodes_fence(&l->txn, &l->cache, l->name, l->name, 0, &err);

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

static void resume(struct ledger *l, const struct store_kv *kv,
		   const struct epoch_rec *rec)
{
	l->epoch = epoch_number(rec, kv->mod_rev);
	l->epoch_rev = kv->mod_rev;
	l->resumed = true;
	l->claiming = false;
	l->phase = PH_OWN;
	l->beat = 0;
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->sure = rule_broken(RULE_RAISE_ON_READ);
}

/* An epoch under our name that may be of another machine or namespace. */
static bool is_taken(struct ledger *l, const struct epoch_rec *rec)
{
	if (session_is_ours(l, rec))
		return false;
	if (strcmp(rec->machine, l->self.machine)) {
		ledger_say_once(l, LEDGER_ST_DUPLICATE,
				"another machine (%s) is in session as %s: give this one another name, or, if that one is off for good: cgspan fence %s --confirm-off",
				rec->machine, l->name, l->name);
		l->phase = PH_STUCK;
		return true;
	}
	if (!strcmp(rec->boot, l->self.boot)) {
		ledger_say_once(l, LEDGER_ST_DUPLICATE,
				"another network namespace of this machine, or this one before the module was loaded again, is in session as %s: if it is gone: cgspan fence %s --confirm-off",
				l->name, l->name);
		l->phase = PH_STUCK;
		return true;
	}
	return false;
}

/* There is a live epoch under our name. */
static void meet_live(struct ledger *l, const struct store_kv *kv,
		      const struct epoch_rec *rec)
{
	if (is_taken(l, rec))
		return;
	if (session_is_ours(l, rec)) {
		resume(l, kv, rec);
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
		resume(l, kv, rec);
	else if (l->kernel_epoch)
		session_leave(l);
	else if (!kv || !send_close(l))
		send_remove(l);
}

void session_decide(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache,
					       key_epoch(key, l->name));
	struct epoch_rec rec = { 0 };
	struct cgspan_err err;
	bool live;

	if (kv && epoch_parse(kv->val, kv->len, &rec, &err)) {
		ledger_bad_value(l, kv, &err);
		l->phase = PH_STUCK;
		return;
	}
	live = kv && rec.state == EPOCH_LIVE;
	if (l->awaited && !l->lost && !l->foreign) {
		if (!kv || rec.state == EPOCH_FENCED || !is_taken(l, &rec))
			send_join(l);
	} else if (l->lost || l->foreign || lost_is_old(l, kv, &rec)) {
		lost_stop(l, kv, &rec);
	} else if (l->leaving) {
		decide_leaving(l, kv, live, &rec);
	} else if (live) {
		meet_live(l, kv, &rec);
	} else if (kv) {
		close_or_join(l);
	} else {
		send_join(l);
	}
}

/* PH_OWN: a beat under our epoch, then the kernel's session. */
void session_take_over(struct ledger *l)
{
	char key[KEY_LEN];

	/* A deadline from long ago would be over at once. */
	if (l->beat && l->now - l->beat < l->ttl_ms * MSEC / 2) {
		l->renew_sent = true;
		session_renew(l, l->beat);
		return;
	}
	session_compare(l);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	ledger_send(l, TXN_BEAT);
}

static void begin_epoch(struct ledger *l, int64_t rev, enum phase phase)
{
	l->epoch = l->base + rev;
	l->epoch_rev = rev;
	l->resumed = false;
	l->gone = false;
	l->phase = phase;
	l->beat = l->txn_sent;
	l->hb_sent = l->txn_sent;
	l->acked = 0;
	l->reconciled = 0;
}

void session_joined(struct ledger *l, int64_t rev)
{
	begin_epoch(l, rev, l->claiming ? PH_CLAIM : PH_OWN);
	/* A lease that the cache still has is of an older epoch. */
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->sure = !l->groups[i]->lease_rev;
	if (l->claiming) {
		l->surveyed = false;
		for (size_t i = 0; i < l->n_groups; i++)
			l->groups[i]->claimed = false;
		/* What has a limit by now must be known; see session_begin(). */
		ledger_unwatch(l, "group/");
		ledger_watch(l, "group/");
	}
	/* A fence may have become known before our own success. */
	session_look_at_epoch(l);
	lost_look_at_cluster(l);
}

void session_claimed(struct ledger *l, int64_t rev)
{
	begin_epoch(l, rev, PH_OWN);
	ledger_say(l, LEDGER_ST_CLAIMED,
		   "the store was told what this kernel holds");
	session_look_at_epoch(l);
	lost_look_at_cluster(l);
}

void session_begin(struct ledger *l)
{
	char key[KEY_LEN];

	l->phase = PH_RUN;
	l->has_told = false;
	ledger_say(l, l->resumed ? LEDGER_ST_RESUMED : LEDGER_ST_JOINED,
		   l->resumed ? "the session goes on: epoch %" PRIu64 :
				"joined: epoch %" PRIu64, l->epoch);
	ledger_unwatch(l, "pool/");
	ledger_unwatch(l, key_hb(key, l->name));
	/* "max" may be set only as of a revision that knew this node. */
	if (!l->claiming) {
		ledger_unwatch(l, "group/");
		ledger_watch(l, "group/");
	}
	l->claiming = false;
	l->news |= NEWS_NODES;
}
