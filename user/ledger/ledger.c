// SPDX-License-Identifier: GPL-2.0
/* Handle events: news of the store enters the view; pump() digests and acts. */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "claim.h"
#include "demand.h"
#include "join.h"
#include "learn.h"
#include "lease_set.h"
#include "lost.h"
#include "move.h"
#include "out.h"
#include "peer.h"
#include "request.h"
#include "session.h"
#include "view.h"

#define TTL_MS		15000
#define HEARTBEAT_MS	5000
/* Default number of nodes per shard: a shard can change once per round trip. */
#define SHARD_NODES	32
#define RTT_FIRST	(2 * MSEC)
#define BACKOFF_MAX	6
#define BACKOFF_NEED	2
#define BACKOFF_TOP	SEC

/* A ledger with all structs to which struct ledger points. */
struct whole {
	struct ledger ledger;
	struct session session;
	struct view view;
	struct out out;
	struct txn txn;
	struct request request;
	struct moves moves;
	struct lease_set set;
	struct claims claims;
	struct peers peers;
};

/* Read all keys again. */
static void read_anew(struct ledger *l)
{
	peer_forget(l);
	out_watch_anew(l);
}

/* Forget all that came from the store, and read it again. */
static void begin_anew(struct ledger *l)
{
	session_event(l->session, EV_FORGOTTEN);
	l->session->reconciled = 0;
	l->session->acked = 0;
	l->request->probe = false;
	l->request->forgotten = l->request->id;
	learn_nothing(l);
	read_anew(l);
}

/* Handle the news of the view: epoch, "cluster", peers, demand. */
static void digest(struct ledger *l)
{
	unsigned int news = l->view->news;

	l->view->news = 0;
	if (news & NEWS_EPOCH)
		join_look_at_epoch(l);
	/* Nodes that waited to claim were silent: restart peers' time-outs. */
	if (news & NEWS_CLUSTER && lost_look_at_cluster(l))
		peer_restart(l);
	if (news & NEWS_NODES)
		peer_choose(l);
	if (news & NEWS_HB)
		peer_digest(l);
	if (news & NEWS_DEMAND)
		demand_digest(l);
}

/* Send the next transaction or request, if it is time for one. */
static void step(struct ledger *l)
{
	struct session *s = l->session;
	struct request *r = l->request;

	if (l->error || r->id || s->leave_sent || s->renew_sent ||
	    l->now < r->retry || r->store == STORE_DOWN)
		return;
	txn_fini(l->txn);
	if (session_reads(s) && out_watches_seen(l))
		join_decide(l);
	if (s->trust == TRUST_CLAIM && !r->id && !l->set->id)
		claim_step(l);
	if (session_owns(s) && !r->id)
		join_take_over(l);
	else if (session_runs(s) && !r->id)
		move_plan(l);
}

/* Advance the state machine; runs at the end of most events. */
static int pump(struct ledger *l)
{
	struct session *s = l->session;

	digest(l);
	if (session_is_void(s))
		begin_anew(l);
	digest(l);
	if (session_runs(s) && !s->leave_sent) {
		if (s->leaving && l->now >= s->leave_at && !l->request->id &&
		    !l->set->id)
			join_leave(l);
		else
			lease_set_send(l);
	}
	step(l);
	return l->error;
}

/* Start and end */

static int copy_conf(struct ledger *l, const struct ledger_conf *c,
		     struct cgspan_err *err)
{
	int ret;

	ret = cgspan_name_check(c->name ? c->name : "", err);
	if (ret)
		return ret;
	strcpy(l->name, c->name);
	snprintf(l->self.machine, ID_LEN, "%s", c->machine);
	snprintf(l->self.boot, ID_LEN, "%s", c->boot);
	snprintf(l->self.uuid, ID_LEN, "%s", c->uuid);
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
	struct whole *w = calloc(1, sizeof(*w));
	struct ledger *l;
	int ret;

	if (!w)
		return cgspan_err_nomem(err);
	l = &w->ledger;
	l->session = &w->session;
	l->view = &w->view;
	l->out = &w->out;
	l->txn = &w->txn;
	l->request = &w->request;
	l->moves = &w->moves;
	l->set = &w->set;
	l->claims = &w->claims;
	l->peers = &w->peers;

	txn_init(l->txn);
	l->rng = conf->seed;
	l->request->rtt = RTT_FIRST;
	l->request->store = STORE_UP;
	l->session->trust = TRUST_READ;
	ret = copy_conf(l, conf, err);
	for (const char *c = l->name; *c; c++)
		l->moves->home = l->moves->home * 33 + (unsigned char)*c;
	if (ret)
		ledger_free(l);
	else
		*out = l;
	return ret;
}

void ledger_free(struct ledger *l)
{
	struct lgroup *g;

	if (!l)
		return;
	for_each_group(l, g)
		group_free(g);
	free(l->view->groups);
	kvs_fini(&l->view->cache);
	kvs_fini(&l->view->deleted);
	out_fini(l->out);
	txn_fini(l->txn);
	free(l->set->batch);
	claim_fini(l->claims);
	free(l);
}

int ledger_start(struct ledger *l, uint64_t now, uint64_t epoch, uint64_t sent,
		 uint64_t deadline)
{
	l->now = now;
	l->session->kernel_epoch = epoch;
	l->session->kernel_sent = sent;
	l->session->deadline = deadline;
	l->session->renewed = sent;
	learn_group(l, "/");
	out_watch_all(l);
	return l->error;
}

const struct ledger_intent *ledger_next(struct ledger *l)
{
	return out_next(l->out);
}

/* Events */

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Forget the keys under @prefix that the cache has, no newer than @rev, and the
 * snapshot lacks. Both are sorted.
 */
static void forget_missing(struct ledger *l, const char *prefix,
			   const struct store_kv *kvs, size_t n, int64_t rev)
{
	const struct kvs *cache = &l->view->cache;
	size_t i = kvs_lower(cache, prefix), seen = 0;
	struct store_kv gone = { 0 };
	const struct store_kv *kv;

	while ((kv = kvs_under(cache, prefix, i))) {
		while (seen < n && strcmp(kvs[seen].key, kv->key) < 0)
			seen++;
		if ((seen < n && !strcmp(kvs[seen].key, kv->key)) ||
		    kv->mod_rev > rev) {
			i++;
			continue;
		}
		gone.key = strdup(kv->key);
		if (!gone.key) {
			ledger_no_memory(l);
			return;
		}
		learn_key(l, &gone, rev);
		free(gone.key);
	}
}

/* Handle the news of revision @rev; @groups: group/ is now known up to @rev. */
static void digest_rev(struct ledger *l, int64_t rev, bool groups)
{
	struct view *v = l->view;

	digest(l);
	if (rev > v->rev)
		v->rev = rev;
	if (groups && rev > v->groups_rev)
		v->groups_rev = rev;
}

int ledger_snapshot(struct ledger *l, uint64_t now, const char *prefix,
		    const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct watch *w;

	l->now = now;
	forget_missing(l, prefix, kvs, n, rev);
	for (size_t i = 0; i < n; i++)
		learn_key(l, &kvs[i], rev);
	digest_rev(l, rev, has_prefix("group/", prefix));
	w = out_find_watch(l, prefix);
	if (w)
		w->seen = true;
	if (has_prefix(prefix, "hb/"))
		peer_restart(l);
	session_event(l->session, EV_NEWS);
	return pump(l);
}

int ledger_change(struct ledger *l, uint64_t now, const struct store_kv *kvs,
		  size_t n, int64_t rev)
{
	bool ours = false, wants = false, groups = false;

	l->now = now;
	for (size_t i = 0; i < n; i++) {
		learn_key(l, &kvs[i], rev);
		groups |= has_prefix(kvs[i].key, "group/");
		wants |= has_prefix(kvs[i].key, "want/");
		ours |= has_prefix(kvs[i].key, "epoch/") ||
			has_prefix(kvs[i].key, "node/") ||
			has_prefix(kvs[i].key, KEY_CLUSTER_NAME);
	}
	digest_rev(l, rev, groups);
	if (ours)
		session_event(l->session, EV_NEWS);
	l->look |= wants && demand_asked(l);
	return pump(l);
}

/* Put the changes of the transaction, applied at @rev, into the cache. */
static void learn_own(struct ledger *l, int64_t rev)
{
	struct store_kv kv = { .mod_rev = rev };

	for (size_t i = 0; i < l->txn->view.n_ops; i++) {
		kv.key = (char *)l->txn->ops[i].key;
		kv.val = (char *)l->txn->ops[i].val;
		kv.len = l->txn->ops[i].len;
		learn_key(l, &kv, rev);
	}
	digest_rev(l, rev, false);
}

/* Back-off: RTT * (1 + random * 2^k), at most 1 s; k is small for grants. */
static uint64_t backoff(struct ledger *l)
{
	struct request *r = l->request;
	unsigned int k = min_u64(r->conflicts++ / 2,
				 r->grows ? BACKOFF_NEED : BACKOFF_MAX);

	return min_u64(r->rtt + ledger_random(l, r->rtt << k), BACKOFF_TOP);
}

/* After every second conflict continue at once, with the keys that the answer
 * has; else pause.
 */
static uint64_t conflict_pause(struct ledger *l)
{
	if (l->request->conflicts % 2)
		return backoff(l);
	l->request->conflicts++;
	return 0;
}

static void applied(struct ledger *l, int64_t rev)
{
	struct request *r = l->request;
	struct session *s = l->session;

	r->conflicts = 0;
	r->rtt += ((int64_t)(l->now - r->sent) - (int64_t)r->rtt) / 8;
	if (r->kind == TXN_CLAIMED)
		s->epoch_rev = rev;
	learn_own(l, rev);
	switch (r->kind) {
	case TXN_JOIN:
		join_done(l, EV_LIVE, rev);
		return;
	case TXN_JOIN_TO_CLAIM:
		claim_begin(l);
		join_done(l, EV_TO_CLAIM, rev);
		return;
	case TXN_CLAIMED:
		join_done(l, EV_CLAIMED, rev);
		return;
	case TXN_REMOVE:
		session_event(s, EV_REMOVED);
		out_queue(l, &(struct ledger_intent){ .kind = LEDGER_LEFT },
			  NULL, NULL);
		return;
	case TXN_BEAT:
		s->beat = r->sent;
		break;
	default:
		break;
	}
	/* In session each transaction with changes has a heartbeat; renew the
	 * kernel's session less often.
	 */
	s->hb_sent = r->sent;
	if (session_runs(s) &&
	    r->sent - s->renewed >= l->heartbeat_ms * MSEC / 5)
		join_renew(l, r->sent);
}

/* Handle the result of a transaction with moves or claims. */
static void moved(struct ledger *l, enum store_result res, int64_t rev,
		  uint64_t epoch)
{
	struct lgroup *g;

	if (epoch != l->session->epoch && res == STORE_UNKNOWN)
		res = STORE_CONFLICT;
	move_done(l, res, rev);
	if (res == STORE_APPLIED)
		return;
	for_each_group(l, g)
		learn_lease(l, g);
}

int ledger_txn_done(struct ledger *l, uint64_t now, uint64_t id,
		    enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n, const char *why)
{
	uint64_t epoch = l->session->epoch;
	struct request *r = l->request;

	if (!id || id != r->id)
		return l->error;
	l->now = now;
	r->id = 0;
	if (r->forgotten) {
		r->forgotten = false;
		r->probe = false;
		txn_fini(l->txn);
		return pump(l);
	}
	if (res == STORE_CONFLICT && lost_conflict(l, kvs, n))
		return ledger_gone_back(l, now);
	switch (res) {
	case STORE_APPLIED:
		if (r->kind != TXN_LOOK)
			applied(l, rev);
		break;
	case STORE_CONFLICT:
		for (size_t i = 0; i < n; i++)
			learn_key(l, &kvs[i], rev);
		digest(l);
		if (!r->probe && r->kind != TXN_LOOK)
			r->retry = now + conflict_pause(l);
		break;
	case STORE_UNKNOWN:
		r->retry = now + backoff(l);
		break;
	case STORE_ERROR:
		out_say(l, LEDGER_ST_STORE,
			"the store refused a transaction: %s",
			why ? why : "no reason given");
		r->retry = now + SEC;
		break;
	}
	if (r->kind == TXN_MOVE || r->kind == TXN_CLAIM)
		moved(l, res, rev, epoch);
	if (r->kind == TXN_LOOK)
		move_looked(l, res);
	if (r->kind == TXN_CLAIMED)
		join_look_at_epoch(l);
	r->probe = false;
	txn_fini(l->txn);
	return pump(l);
}

int ledger_lease_done(struct ledger *l, uint64_t now, uint64_t id, int no,
		      const struct ledger_held *held, const char *why)
{
	if (!id || id != l->set->id)
		return l->error;
	l->now = now;
	if (no) {
		out_say(l, LEDGER_ST_KERNEL,
			"the kernel refused to set leases: %s",
			why ? why : strerror(-no));
		l->set->retry = now + SEC;
	}
	lease_set_done(l, no ? NULL : held);
	return pump(l);
}

int ledger_renew_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	struct session *s = l->session;

	l->now = now;
	s->renew_sent = false;
	if (!no) {
		join_renewed(l);
		if (session_owns(s))
			join_begin(l);
		return pump(l);
	}
	l->request->retry = now + SEC;
	if (no == -EBUSY) {
		out_say_once(l, LEDGER_ST_BUSY,
			     "another socket owns this node's session: is another daemon running?");
		session_event(s, EV_BUSY);
	} else if (no == -ESTALE && !session_reads(s)) {
		out_say_once(l, LEDGER_ST_STORE_OLD,
			     "the kernel has a higher epoch than %" PRIu64 ": has another daemon been here?",
			     s->epoch);
		session_event(s, EV_STALE);
	} else if (!session_reads(s)) {
		out_say(l, LEDGER_ST_KERNEL,
			"the kernel refused to renew the session: %s",
			why ? why : strerror(-no));
	}
	return pump(l);
}

int ledger_leave_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	struct session *s = l->session;

	l->now = now;
	s->leave_sent = false;
	if (no) {
		out_say_once(l, LEDGER_ST_BLOCKED, "leaving waits: %s",
			     why ? why : strerror(-no));
		s->leave_at = now + SEC;
		/* The node stays in session, with heartbeats, until it has left. */
		if (!session_runs(s))
			l->request->retry = s->leave_at;
		return pump(l);
	}
	out_say(l, LEDGER_ST_LEAVING,
		"the kernel has left: handing everything back");
	s->kernel_epoch = 0;
	s->epoch = 0;
	session_event(s, EV_LEFT);
	read_anew(l);
	return pump(l);
}

int ledger_facts(struct ledger *l, uint64_t now, const struct ledger_fact *facts,
		 size_t n, bool complete)
{
	bool claims = complete && l->session->trust == TRUST_CLAIM;
	struct lgroup *g;

	l->now = now;
	if (complete)
		for_each_group(l, g)
			g->present = false;
	for (size_t i = 0; i < n; i++) {
		g = view_group(l, facts[i].path);
		if (facts[i].res >= RES_N)
			continue;
		if (g)
			demand_sample(l, g, &facts[i]);
		else if (claims)
			claim_orphan(l, &facts[i]);
	}
	l->claims->surveyed |= claims;
	if (complete)
		for_each_group(l, g) {
			g->seen = true;
			for (int r = 0; !g->present && r < RES_N; r++)
				group_is_absent(g, r);
		}
	if (session_runs(l->session))
		demand_assess(l);
	return pump(l);
}

int ledger_reconciled(struct ledger *l, uint64_t now, int64_t rev)
{
	l->now = now;
	if (rev > l->view->groups_rev)
		rev = l->view->groups_rev;
	if (rev > l->session->reconciled)
		l->session->reconciled = rev;
	return pump(l);
}

int ledger_gone_back(struct ledger *l, uint64_t now)
{
	l->now = now;
	session_event(l->session, EV_GONE_BACK);
	return pump(l);
}

int ledger_store_state(struct ledger *l, uint64_t now, enum store_state state)
{
	l->now = now;
	/* Peers may have sent heartbeats while the store was not up. */
	if (state == STORE_UP && l->request->store != STORE_UP)
		peer_restart(l);
	l->request->store = state;
	return pump(l);
}

int ledger_tick(struct ledger *l, uint64_t now)
{
	l->now = now;
	l->look = false;
	if (session_runs(l->session)) {
		demand_assess(l);
		peer_tick(l);
	}
	return pump(l);
}

uint64_t ledger_timer(const struct ledger *l)
{
	uint64_t next = min_u64(l->now + SEC, demand_timer(l));

	if (session_runs(l->session)) {
		/* Another node wants what is held here: read the kernel now. */
		if (l->look)
			return l->now;
		next = min_u64(next, l->session->hb_sent +
				     l->heartbeat_ms * MSEC);
	}
	if (l->session->trust == TRUST_CLAIM)
		next = l->now + TICK;
	if (l->request->retry > l->now)
		next = min_u64(next, l->request->retry);
	return next > l->now ? next : l->now + MSEC;
}

/* Queries */

bool ledger_groups(const struct ledger *l, size_t i, struct ledger_group *out)
{
	const struct lgroup *g;

	if (i >= l->view->n_groups)
		return false;
	g = l->view->groups[i];
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
	return l->view->groups_rev;
}

bool ledger_in_session(const struct ledger *l)
{
	return session_runs(l->session);
}
