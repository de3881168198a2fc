// SPDX-License-Identifier: GPL-2.0
/*
 * Joining, resuming a live session of this node, closing an old session of this
 * node, leaving.
 */
#include "join.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/codec.h"
#include "model/nodes.h"
#include "lost.h"
#include "out.h"
#include "request.h"
#include "rule.h"
#include "view.h"

void join_renew(struct ledger *l, uint64_t sent)
{
	struct ledger_intent in = { .kind = LEDGER_RENEW };

	l->session->renewed = sent;
	l->session->renewing = l->session->epoch;
	in.renew.epoch = l->session->epoch;
	in.renew.sent = sent;
	in.renew.ttl_ms = l->ttl_ms;
	out_queue(l, &in, NULL, NULL);
}

/* The kernel has renewed the session; a new epoch has set all leases to 0. */
void join_renewed(struct ledger *l)
{
	struct session *s = l->session;
	struct lgroup *g;

	if (s->kernel_epoch != s->renewing)
		for_each_group(l, g)
			for (int r = 0; r < RES_N; r++)
				g->res[r].kernel = 0;
	s->kernel_epoch = s->renewing;
	s->kernel_sent = s->renewed;
	s->deadline = s->renewed + l->ttl_ms * MSEC;
}

void join_leave(struct ledger *l)
{
	struct ledger_intent in = { .kind = LEDGER_LEAVE };

	l->session->leave_sent = true;
	in.renew.epoch = l->session->kernel_epoch;
	out_queue(l, &in, NULL, NULL);
}

static void put_beat(struct ledger *l)
{
	struct hb_rec rec = { ++l->session->hb_seq, l->ttl_ms, l->now / MSEC };
	char key[KEY_LEN];

	txn_put(l->txn, key_hb(key, l->name), hb_format(&rec));
}

/* Compare the heartbeat, which only this node writes: if it is not the one in
 * the cache, a late transaction or a second daemon of this node has put it, or
 * the store has gone back.
 */
void join_beat(struct ledger *l)
{
	char key[KEY_LEN];

	txn_compare(l->txn, key_epoch(key, l->name), l->session->epoch_rev);
	if (!rule_broken(RULE_NO_HB_COMPARE))
		request_compare(l, key_hb(key, l->name));
	put_beat(l);
}

/* Has this node put the live epoch, perhaps with an unknown result? */
static bool is_own(const struct ledger *l, const struct store_kv *kv)
{
	struct epoch_rec rec;

	return !epoch_read(kv, &rec, NULL) && rec.state == EPOCH_LIVE &&
	       lost_is_ours(l, &rec);
}

void join_look_at_epoch(struct ledger *l)
{
	const struct store_kv *kv = view_epoch(l, l->name);
	struct session *s = l->session;
	bool newer = kv && kv->mod_rev > s->epoch_rev;

	if (kv && kv->mod_rev == s->epoch_rev)
		return;
	/* A pending TXN_CLAIMED may have changed the key: await its answer. */
	if (l->request->id && l->request->kind == TXN_CLAIMED)
		return;
	if (session_event(s, newer ? EV_FENCED : EV_EPOCH_OLDER) && newer &&
	    !is_own(l, kv))
		out_say_once(l, LEDGER_ST_FENCED,
			     "this node was fenced: it joins anew and admits nothing until what it uses is covered");
}

/* Transactions before and after a session */

/*
 * The new epoch is above all revisions seen, this node's one in the store, and
 * the kernel's one, which may be of the time before the store went back.
 */
static void put_epoch(struct ledger *l, enum epoch_state state)
{
	const struct store_kv *kv = view_epoch(l, l->name);
	struct epoch_rec epoch = { .state = state }, old;
	uint64_t last = l->session->kernel_epoch, rev = l->view->rev;
	char key[KEY_LEN];

	if (kv && !epoch_read(kv, &old, NULL))
		last = max_u64(last, epoch_number(&old, kv->mod_rev));
	epoch.base = rule_broken(RULE_EPOCH_GOES_BACK) ? 0 : minus(last, rev);
	l->session->base = epoch.base;
	strcpy(epoch.machine, l->self.machine);
	strcpy(epoch.boot, l->self.boot);
	strcpy(epoch.uuid, l->self.uuid);
	txn_put(l->txn, key_epoch(key, l->name), epoch_format(&epoch));
}

/* Join the cluster; @awaited: first to claim what this kernel holds. */
static void send_join(struct ledger *l, bool awaited)
{
	char key[KEY_LEN];

	if (!lost_put_cluster(l, false))
		return;
	request_compare(l, key_epoch(key, l->name));
	put_epoch(l, awaited ? EPOCH_CLAIMING : EPOCH_LIVE);
	request_put(l, key_node(key, l->name), node_format(&l->self));
	request_compare(l, key_hb(key, l->name));
	put_beat(l);
	txn_delete(l->txn, key_ack(key, l->name));
	request_send(l, awaited ? TXN_JOIN_TO_CLAIM : TXN_JOIN);
}

void join_send_claimed(struct ledger *l)
{
	if (!lost_put_cluster(l, true))
		return;
	put_epoch(l, EPOCH_LIVE);
	join_beat(l);
	request_send(l, TXN_CLAIMED);
}

/* The last transaction of a leaving node deletes its keys. */
static void send_remove(struct ledger *l)
{
	char key[KEY_LEN];

	if (!lost_put_cluster(l, false))
		return;
	request_delete(l, key_epoch(key, l->name));
	request_delete(l, key_node(key, l->name));
	request_delete(l, key_hb(key, l->name));
	txn_delete(l->txn, key_ack(key, l->name));
	txn_delete(l->txn, key_usage(key, l->name));
	request_send(l, TXN_REMOVE);
}

/* Close an old session of this node. 1: a step is pending; 0: closed; or -errno. */
static int send_close(struct ledger *l)
{
	struct cgspan_err err;
	int ret = nodes_fence(l->txn, &l->view->cache, l->name, l->name, 0, &err);

	if (ret > 0) {
		request_send(l, TXN_CLOSE);
	} else if (ret == -ENOMEM) {
		ledger_no_memory(l);
	} else if (ret < 0) {
		out_say_once(l, LEDGER_ST_BAD_VALUE, "%s", err.msg);
		session_event(l->session, EV_REFUSED);
	}
	return ret;
}

/* Deciding what to do in TRUST_READ */

static void resume(struct ledger *l, const struct store_kv *kv,
		   const struct epoch_rec *rec)
{
	struct lgroup *g;

	session_event(l->session, EV_LIVE);
	l->session->epoch = epoch_number(rec, kv->mod_rev);
	l->session->epoch_rev = kv->mod_rev;
	l->session->resumed = true;
	l->session->beat = 0;
	for_each_group(l, g)
		g->sure = rule_broken(RULE_RAISE_ON_READ);
}

/* Refuse to join if another machine, or namespace of this boot, has @rec. */
static bool is_taken(struct ledger *l, const struct epoch_rec *rec)
{
	if (lost_is_ours(l, rec))
		return false;
	if (strcmp(rec->machine, l->self.machine))
		out_say_once(l, LEDGER_ST_DUPLICATE,
			     "another machine (%s) is in session as %s: give this one another name, or, if that one is off for good: cgspan fence %s --confirm-off",
			     rec->machine, l->name, l->name);
	else if (!strcmp(rec->boot, l->self.boot))
		out_say_once(l, LEDGER_ST_DUPLICATE,
			     "another network namespace of this machine, or this one before the module was loaded again, is in session as %s: if it is gone: cgspan fence %s --confirm-off",
			     l->name, l->name);
	else
		return false;
	session_event(l->session, EV_REFUSED);
	return true;
}

/* A live epoch has this node's name: resume it, close it, or be stuck. */
static void meet_live(struct ledger *l, const struct store_kv *kv,
		      const struct epoch_rec *rec)
{
	if (is_taken(l, rec))
		return;
	if (lost_is_ours(l, rec)) {
		resume(l, kv, rec);
		return;
	}
	/* A new boot of the same machine proves that the old tasks are gone. */
	out_say_once(l, LEDGER_ST_REBOOTED,
		     "this machine has booted again: the leases from before go back");
	send_close(l);
}

static void decide_leaving(struct ledger *l, const struct store_kv *kv,
			   bool live, const struct epoch_rec *rec)
{
	if (l->session->kernel_epoch && live && !strcmp(rec->uuid, l->self.uuid))
		resume(l, kv, rec);
	else if (l->session->kernel_epoch)
		join_leave(l);
	else if (!kv || !send_close(l))
		send_remove(l);
}

void join_decide(struct ledger *l)
{
	const struct store_kv *kv = view_epoch(l, l->name);
	enum trust_event says = lost_says(l, NULL);
	struct epoch_rec rec = { 0 };
	struct cgspan_err err;
	bool live;

	if (kv && epoch_read(kv, &rec, &err)) {
		out_say_unread(l, &err);
		session_event(l->session, EV_REFUSED);
		return;
	}
	live = kv && rec.state == EPOCH_LIVE;
	if (says == EV_AWAITED) {
		if (!kv || rec.state == EPOCH_FENCED || !is_taken(l, &rec))
			send_join(l, true);
	} else if (says == EV_LOST || lost_is_old(l, kv, &rec)) {
		lost_stop(l, kv, &rec, says == EV_LOST);
	} else if (l->session->leaving) {
		decide_leaving(l, kv, live, &rec);
	} else if (live) {
		meet_live(l, kv, &rec);
	} else if (!kv || !send_close(l)) {
		send_join(l, false);
	}
}

void join_take_over(struct ledger *l)
{
	struct session *s = l->session;

	/* With an old heartbeat the session would expire soon. */
	if (s->beat && l->now - s->beat < l->ttl_ms * MSEC / 2) {
		s->renew_sent = true;
		join_renew(l, s->beat);
		return;
	}
	join_beat(l);
	request_send(l, TXN_BEAT);
}

void join_done(struct ledger *l, enum trust_event event, int64_t rev)
{
	struct session *s = l->session;
	struct lgroup *g;

	session_event(s, event);
	s->epoch = s->base + rev;
	s->epoch_rev = rev;
	s->resumed = false;
	s->beat = l->request->sent;
	s->hb_sent = l->request->sent;
	s->acked = 0;
	s->reconciled = 0;
	if (event == EV_CLAIMED)
		out_say(l, LEDGER_ST_CLAIMED,
			"the store was told what this kernel holds");
	else
		/* A lease in the cache may be of an older epoch: unsure. */
		for_each_group(l, g)
			g->sure = !g->lease_rev;
	if (event == EV_TO_CLAIM) {
		/* Read group/ again, for new limits; see join_begin(). */
		out_unwatch(l, "group/");
		out_watch(l, "group/");
	}
	/* This node may have been fenced before the answer came. */
	join_look_at_epoch(l);
	lost_look_at_cluster(l);
}

void join_begin(struct ledger *l)
{
	bool claimed = l->session->trust == TRUST_CLAIMED;
	char key[KEY_LEN];

	session_event(l->session, EV_RENEWED);
	session_event(l->session, lost_says(l, NULL));
	l->out->has_told = false;
	if (l->session->resumed)
		out_say(l, LEDGER_ST_RESUMED,
			"the session goes on: epoch %" PRIu64, l->session->epoch);
	else
		out_say(l, LEDGER_ST_JOINED, "joined: epoch %" PRIu64,
			l->session->epoch);
	out_unwatch(l, "pool/");
	out_unwatch(l, key_hb(key, l->name));
	/* Read group/ again: only a "max" that is read after joining counts. */
	if (!claimed) {
		out_unwatch(l, "group/");
		out_watch(l, "group/");
	}
	l->view->news |= NEWS_NODES;
}
