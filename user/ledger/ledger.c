// SPDX-License-Identifier: GPL-2.0
/* Events in: each is learned, digested, and then the pump runs. */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "claim.h"
#include "demand.h"
#include "lease_set.h"
#include "lost.h"
#include "move.h"
#include "out.h"
#include "peer.h"
#include "session.h"
#include "view.h"

#define TTL_MS		15000
#define HEARTBEAT_MS	5000
/* A shard changes at most once per round trip. */
#define SHARD_NODES	32
#define RTT_FIRST	(2 * MSEC)
#define BACKOFF_MAX	6
#define BACKOFF_NEED	2
#define BACKOFF_TOP	SEC

/* Forget all that came from the store. */
static void begin_anew(struct ledger *l)
{
	l->anew = false;
	l->probe = false;
	l->txn_void = l->txn_id;
	l->epoch = 0;
	l->phase = l->phase == PH_LEFT ? PH_LEFT : PH_READ;
	l->rev = 0;
	l->groups_rev = 0;
	l->reconciled = 0;
	l->acked = 0;
	l->fenced_rev = 0;
	view_forget(l);
	ledger_watch_anew(l);
}

/* Take in what the view has marked: session, learning, peers, demand. */
static void digest(struct ledger *l)
{
	unsigned int news = l->news;

	l->news = 0;
	if (news & NEWS_EPOCH)
		session_look_at_epoch(l);
	if (news & NEWS_CLUSTER)
		lost_look_at_cluster(l);
	if (news & NEWS_NODES)
		peer_choose(l);
	if (news & NEWS_HB)
		peer_digest(l);
	if (news & NEWS_DEMAND)
		demand_digest(l);
}

/* Advance the state machine; runs after every event. */
static int pump(struct ledger *l)
{
	digest(l);
	if (l->anew)
		begin_anew(l);
	digest(l);
	if (l->phase == PH_RUN && !l->leave_sent) {
		if (l->leaving && l->now >= l->leave_at && !l->txn_id &&
		    !l->set_id) {
			session_leave(l);
			return l->error;
		}
		lease_set_send(l);
	}
	if (l->error || l->txn_id || l->leave_sent || l->renew_sent ||
	    l->now < l->retry || l->store == STORE_DOWN)
		return l->error;

	txn_fini(&l->txn);
	if (l->phase == PH_READ && ledger_watches_seen(l))
		session_decide(l);
	if (l->phase == PH_CLAIM && !l->txn_id && !l->set_id)
		claim_step(l);
	if (l->phase == PH_OWN && !l->txn_id)
		session_take_over(l);
	else if (l->phase == PH_RUN && !l->txn_id)
		move_plan(l);
	return l->error;
}

/* Start and end */

static int copy_id(char out[ID_LEN], const char *in, const char *what,
		   struct cgspan_err *err)
{
	if (!in || !in[0] || strlen(in) >= ID_LEN)
		return cgspan_err_set(err, -EINVAL,
				      "the %s must have 1 to %d bytes", what,
				      ID_LEN - 1);
	strcpy(out, in);
	return 0;
}

static int copy_conf(struct ledger *l, const struct ledger_conf *c,
		     struct cgspan_err *err)
{
	int ret;

	ret = cgspan_name_check(c->name ? c->name : "", err);
	if (ret)
		return ret;
	strcpy(l->name, c->name);
	ret = copy_id(l->self.machine, c->machine, "machine id", err);
	if (!ret)
		ret = copy_id(l->self.boot, c->boot, "boot id", err);
	if (!ret)
		ret = copy_id(l->self.uuid, c->uuid, "module's uuid", err);
	if (ret)
		return ret;
	if (c->n_labels > LABELS_MAX)
		return cgspan_err_set(err, -EINVAL, "more than %d labels",
				      LABELS_MAX);
	l->self.n_labels = c->n_labels;
	for (size_t i = 0; i < c->n_labels; i++)
		snprintf(l->self.labels[i], LABEL_LEN + 1, "%s", c->labels[i]);
	snprintf(l->identity, sizeof(l->identity), "%s",
		 c->identity ? c->identity : "");

	l->ttl_ms = c->ttl_ms ? c->ttl_ms : TTL_MS;
	l->shard_nodes = c->shard_nodes ? c->shard_nodes : SHARD_NODES;
	l->heartbeat_ms = c->heartbeat_ms ? c->heartbeat_ms : HEARTBEAT_MS;
	if (l->ttl_ms > CGSPAN_TTL_MAX_MS || 2 * (uint64_t)l->heartbeat_ms >=
					     l->ttl_ms)
		return cgspan_err_set(err, -EINVAL,
				      "the heartbeat (%u ms) must be less than half of the ttl (%u ms)",
				      l->heartbeat_ms, l->ttl_ms);
	return 0;
}

int ledger_new(struct ledger **out, const struct ledger_conf *conf,
	       struct cgspan_err *err)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	txn_init(&l->txn);
	l->rng = conf->seed;
	l->rtt = RTT_FIRST;
	l->store = STORE_UP;
	ret = copy_conf(l, conf, err);
	for (const char *c = l->name; *c; c++)
		l->home = l->home * 33 + (unsigned char)*c;
	if (ret) {
		ledger_free(l);
		return ret;
	}
	*out = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_groups; i++)
		group_free(l->groups[i]);
	for (size_t i = 0; i < l->n_watches; i++)
		free(l->watches[i].prefix);
	for (size_t i = 0; i < l->q_n; i++)
		queued_fini(&l->queue[l->q_first + i]);
	queued_fini(&l->taken);
	for (size_t i = 0; i < l->n_items; i++)
		free((char *)l->items[i].path);
	free(l->items);
	free(l->set);
	free(l->queue);
	free(l->watches);
	free(l->groups);
	claim_fini(l);
	kvs_fini(&l->cache);
	kvs_fini(&l->deleted);
	txn_fini(&l->txn);
	free(l);
}

int ledger_start(struct ledger *l, uint64_t now, uint64_t epoch, uint64_t sent,
		 uint64_t deadline)
{
	l->now = now;
	l->kernel_epoch = epoch;
	l->kernel_sent = sent;
	l->deadline = deadline;
	l->renewed = sent;
	view_group_update(l, "/");
	ledger_watch_all(l);
	return l->error;
}

/* Events */

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool snapshot_has(const struct store_kv *kvs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(kvs[i].key, key))
			return true;
	return false;
}

/* What the cache has under the prefix and the snapshot has not, is gone. */
static void forget_missing(struct ledger *l, const char *prefix,
			   const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct store_kv gone = { 0 };
	size_t i = kvs_lower(&l->cache, prefix), seen = 0;
	const char *key;

	while (i < l->cache.n && has_prefix(l->cache.kv[i].key, prefix)) {
		key = l->cache.kv[i].key;
		/* Both are sorted; a store that does not sort is only slower. */
		while (seen < n && strcmp(kvs[seen].key, key) < 0)
			seen++;
		if ((seen < n && !strcmp(kvs[seen].key, key)) ||
		    snapshot_has(kvs, n, key) ||
		    l->cache.kv[i].mod_rev > rev) {
			i++;
			continue;
		}
		gone.key = strdup(key);
		if (!gone.key) {
			ledger_no_memory(l);
			return;
		}
		view_learn(l, &gone, rev);
		free(gone.key);
	}
}

int ledger_snapshot(struct ledger *l, uint64_t now, const char *prefix,
		    const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct watch *w;

	l->now = now;
	forget_missing(l, prefix, kvs, n, rev);
	for (size_t i = 0; i < n; i++)
		view_learn(l, &kvs[i], rev);
	digest(l);
	if (rev > l->rev)
		l->rev = rev;
	w = ledger_find_watch(l, prefix);
	if (w)
		w->seen = true;
	if (has_prefix("group/", prefix) && rev > l->groups_rev)
		l->groups_rev = rev;
	if (has_prefix(prefix, "hb/"))
		peers_restart(l);
	if (l->phase == PH_STUCK)
		l->phase = PH_READ;
	return pump(l);
}

int ledger_change(struct ledger *l, uint64_t now, const struct store_kv *kvs,
		  size_t n, int64_t rev)
{
	bool ours = false, wants = false;

	l->now = now;
	for (size_t i = 0; i < n; i++) {
		view_learn(l, &kvs[i], rev);
		if (has_prefix(kvs[i].key, "group/") && rev > l->groups_rev)
			l->groups_rev = rev;
		wants |= has_prefix(kvs[i].key, "want/");
		ours |= has_prefix(kvs[i].key, "epoch/") ||
			has_prefix(kvs[i].key, "node/") ||
			has_prefix(kvs[i].key, KEY_CLUSTER_NAME);
	}
	digest(l);
	if (rev > l->rev)
		l->rev = rev;
	if (l->phase == PH_STUCK && ours)
		l->phase = PH_READ;
	l->look |= wants && demand_asked(l);
	return pump(l);
}

/* What the transaction wrote is in the store, at this revision. */
static void learn_own(struct ledger *l, int64_t rev)
{
	struct store_kv kv;

	for (size_t i = 0; i < l->txn.view.n_ops; i++) {
		kv.key = (char *)l->txn.ops[i].key;
		kv.val = (char *)l->txn.ops[i].val;
		kv.len = l->txn.ops[i].len;
		kv.mod_rev = rev;
		view_learn(l, &kv, rev);
	}
	digest(l);
	if (rev > l->rev)
		l->rev = rev;
}

/* Back-off: RTT * (1 + U * 2^k), at most a second; shorter for a node in need. */
static uint64_t backoff(struct ledger *l)
{
	unsigned int most = l->grows ? BACKOFF_NEED : BACKOFF_MAX;
	unsigned int k = l->conflicts / 2 < most ? l->conflicts / 2 : most;
	uint64_t pause = l->rtt + ledger_random(l, l->rtt << k);

	l->conflicts++;
	return pause < BACKOFF_TOP ? pause : BACKOFF_TOP;
}

/* A conflict's answer is true until another node moves: use it at once every other
 * time, and pause before the next look.
 */
static uint64_t conflict_pause(struct ledger *l)
{
	if (l->conflicts % 2)
		return backoff(l);
	l->conflicts++;
	return 0;
}

static void applied(struct ledger *l, int64_t rev)
{
	uint64_t sent = l->txn_sent;

	l->conflicts = 0;
	l->rtt += ((int64_t)(l->now - sent) - (int64_t)l->rtt) / 8;
	if (l->txn_kind == TXN_CLAIMED)
		l->epoch_rev = rev;
	learn_own(l, rev);
	switch (l->txn_kind) {
	case TXN_JOIN:
		session_joined(l, rev);
		return;
	case TXN_CLAIMED:
		session_claimed(l, rev);
		return;
	case TXN_REMOVE:
		l->phase = PH_LEFT;
		ledger_queue(l, (struct queued){ .in.kind = LEDGER_LEFT });
		return;
	case TXN_BEAT:
		l->beat = sent;
		break;
	default:
		break;
	}
	/* Each one carries the heartbeat, but the kernel need not hear all. */
	l->hb_sent = sent;
	if (l->phase == PH_RUN &&
	    sent - l->renewed >= l->heartbeat_ms * MSEC / 5)
		session_renew(l, sent);
}

int ledger_txn_done(struct ledger *l, uint64_t now, uint64_t id,
		    enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n, const char *why)
{
	uint64_t epoch = l->epoch;

	if (!id || id != l->txn_id)
		return l->error;
	l->now = now;
	l->txn_id = 0;
	if (l->txn_void) {
		l->txn_void = false;
		l->probe = false;
		txn_fini(&l->txn);
		return pump(l);
	}
	if (res == STORE_CONFLICT && lost_conflict(l, kvs, n))
		return ledger_gone_back(l, now);
	switch (res) {
	case STORE_APPLIED:
		if (l->txn_kind == TXN_LOOK)
			break;
		applied(l, rev);
		break;
	case STORE_CONFLICT:
		for (size_t i = 0; i < n; i++)
			view_learn(l, &kvs[i], rev);
		digest(l);
		if (!l->probe && l->txn_kind != TXN_LOOK)
			l->retry = now + conflict_pause(l);
		break;
	case STORE_UNKNOWN:
		l->retry = now + backoff(l);
		break;
	case STORE_ERROR:
		ledger_say(l, LEDGER_ST_STORE,
			   "the store refused a transaction: %s",
			   why ? why : "no reason given");
		l->retry = now + SEC;
		break;
	}
	if (l->txn_kind == TXN_MOVE || l->txn_kind == TXN_CLAIM) {
		if (epoch != l->epoch && res == STORE_UNKNOWN)
			res = STORE_CONFLICT;
		move_done(l, res, rev);
		for (size_t i = 0; i < l->n_groups; i++)
			if (res != STORE_APPLIED)
				view_lease_reload(l, l->groups[i]);
	}
	if (l->txn_kind == TXN_LOOK)
		move_looked(l, res);
	if (l->txn_kind == TXN_CLAIMED)
		session_look_at_epoch(l);
	l->probe = false;
	txn_fini(&l->txn);
	return pump(l);
}

int ledger_lease_done(struct ledger *l, uint64_t now, uint64_t id, int no,
		      const struct ledger_held *held, const char *why)
{
	if (!id || id != l->set_id)
		return l->error;
	l->now = now;
	if (no) {
		ledger_say(l, LEDGER_ST_KERNEL,
			   "the kernel refused to set leases: %s",
			   why ? why : strerror(-no));
		l->set_retry = now + SEC;
	}
	lease_set_done(l, no ? NULL : held);
	return pump(l);
}

int ledger_renew_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	l->now = now;
	l->renew_sent = false;
	if (!no) {
		session_renewed(l);
		if (l->phase == PH_OWN)
			session_begin(l);
		return pump(l);
	}
	l->retry = now + SEC;
	if (no == -EBUSY) {
		ledger_say_once(l, LEDGER_ST_BUSY,
				"another socket owns this node's session: is another daemon running?");
		if (l->phase == PH_RUN)
			l->phase = PH_OWN;
	} else if (no == -ESTALE && l->phase != PH_READ) {
		ledger_say_once(l, LEDGER_ST_STORE_OLD,
				"the kernel has a higher epoch than %" PRIu64 ": has another daemon been here?",
				l->epoch);
		l->phase = PH_STUCK;
	} else if (l->phase != PH_READ) {
		ledger_say(l, LEDGER_ST_KERNEL,
			   "the kernel refused to renew the session: %s",
			   why ? why : strerror(-no));
	}
	return pump(l);
}

int ledger_leave_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	l->now = now;
	l->leave_sent = false;
	if (no) {
		ledger_say_once(l, LEDGER_ST_BLOCKED, "leaving waits: %s",
				why ? why : strerror(-no));
		l->leave_at = now + SEC;
		/* In session until then: its heartbeat goes on. */
		if (l->phase != PH_RUN)
			l->retry = l->leave_at;
		return pump(l);
	}
	ledger_say(l, LEDGER_ST_LEAVING,
		   "the kernel has left: handing everything back");
	l->kernel_epoch = 0;
	l->epoch = 0;
	l->phase = PH_READ;
	ledger_watch_anew(l);
	return pump(l);
}

int ledger_facts(struct ledger *l, uint64_t now, const struct ledger_fact *facts,
		 size_t n, bool complete)
{
	struct lgroup *g;

	l->now = now;
	for (size_t i = 0; complete && i < l->n_groups; i++)
		l->groups[i]->present = false;
	for (size_t i = 0; i < n; i++) {
		g = group_find(l, facts[i].path);
		if (facts[i].res >= RES_N)
			continue;
		if (g)
			demand_sample(l, g, &facts[i]);
		else if (complete && l->phase == PH_CLAIM)
			claim_orphan(l, &facts[i]);
	}
	l->surveyed |= complete && l->phase == PH_CLAIM;
	for (size_t i = 0; complete && i < l->n_groups; i++) {
		g = l->groups[i];
		g->seen = true;
		for (int r = 0; !g->present && r < RES_N; r++) {
			g->res[r].kernel = 0;
			g->res[r].known = false;
			g->res[r].used = 0;
		}
	}
	if (l->phase == PH_RUN)
		demand_assess(l);
	return pump(l);
}

int ledger_reconciled(struct ledger *l, uint64_t now, int64_t rev)
{
	l->now = now;
	if (rev > l->groups_rev)
		rev = l->groups_rev;
	if (rev > l->reconciled)
		l->reconciled = rev;
	return pump(l);
}

int ledger_gone_back(struct ledger *l, uint64_t now)
{
	l->now = now;
	l->gone = true;
	l->anew = true;
	return pump(l);
}

int ledger_store_state(struct ledger *l, uint64_t now, enum store_state state)
{
	l->now = now;
	/* After a gap of the connection, silence is not known. */
	if (state == STORE_UP && l->store != STORE_UP)
		peers_restart(l);
	l->store = state;
	return pump(l);
}

int ledger_tick(struct ledger *l, uint64_t now)
{
	l->now = now;
	l->look = false;
	if (l->phase == PH_RUN) {
		demand_assess(l);
		peer_tick(l);
	}
	return pump(l);
}

uint64_t ledger_timer(const struct ledger *l)
{
	uint64_t next = l->now + SEC;
	uint64_t beat = l->hb_sent + l->heartbeat_ms * MSEC, answer;

	if (demand_any(l) || l->phase == PH_CLAIM)
		next = l->now + (demand_falls(l) ? TICK / 4 : TICK);
	if (l->phase == PH_RUN && beat < next)
		next = beat;
	if (l->retry > l->now && l->retry < next)
		next = l->retry;
	answer = demand_timer(l);
	if (answer < next)
		next = answer;
	/* Another node wants what this node may have: look at the kernel now. */
	if (l->look && l->phase == PH_RUN)
		return l->now;
	return next > l->now ? next : l->now + MSEC;
}

/* What is known */

bool ledger_groups(const struct ledger *l, size_t i, struct ledger_group *out)
{
	const struct lgroup *g;

	if (i >= l->n_groups)
		return false;
	g = l->groups[i];
	out->path = g->path;
	out->rec = &g->rec;
	out->rev = g->rev;
	for (int r = 0; r < RES_N; r++) {
		out->lease[r] = g->rec.limit[r] == CGSPAN_MAX ? CGSPAN_MAX :
				group_amount(g, r);
		out->kernel[r] = g->res[r].kernel;
	}
	return true;
}

int64_t ledger_groups_rev(const struct ledger *l)
{
	return l->groups_rev;
}

bool ledger_in_session(const struct ledger *l)
{
	return l->phase == PH_RUN;
}
