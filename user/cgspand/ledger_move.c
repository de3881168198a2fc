// SPDX-License-Identifier: GPL-2.0
/*
 * What moves between pools, leases and the kernel.
 *
 * Growing: a transaction takes from the pool, and only its success raises the
 * kernel. Shrinking: the kernel goes first, stops at what is in use, and what
 * it then no longer holds is given back. After an unknown result, and at the
 * start of a run, the lease is in doubt (!sure) until a barrier has rewritten
 * it under compare: whatever was still under way is void from then on.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "ledger_priv.h"

/* Compares and changes of one group: lease, group, want, accounts. */
#define ROOM		(5 + 4 * RES_N)
#define OPS		(3 + 2 * RES_N)
/* A want is put at most this often. */
#define WANT_EVERY	(SEC / 5)
/* As long in need of a dry pool: exhausted. */
#define EXHAUSTED	SEC
#define ANSWER_PER_NODE	(MSEC / 10)
#define ANSWER_MAX	(SEC / 2)
#define FLOOR_MAX	8
/* Half the slack stays in the pool; bounds of the common factor. */
#define GAMMA_MIN	0.02
#define GAMMA_MAX	1.5

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static bool limited(const struct lgroup *g, int res)
{
	return g->rec.limit[res] != CGSPAN_MAX;
}

uint64_t move_amount(const struct lgroup *g, int res)
{
	const struct lease_res *r = &g->lease.res[res];

	return r->gen == g->rec.gen[res] ? r->amount : 0;
}

/* What every node with members keeps, so that a first fork succeeds. */
static uint64_t floor_of(const struct ledger *l, const struct lgroup *g,
			 int res)
{
	uint64_t limit = g->rec.limit[res], each;

	if (!g->members || limit < l->live)
		return 0;
	each = limit / (8 * (uint64_t)l->live);
	return each < 1 ? 1 : min_u64(each, FLOOR_MAX);
}

static const struct store_kv *cached(const struct ledger *l, char *key)
{
	return cache_find(&l->cache, key);
}

/* The same factor on all nodes: fairness. */
static double gamma_of(const struct ledger *l, const struct lgroup *g, int res)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cached(l, key_pool(key, g->rec.id, res, 0));
	struct pool_rec pool;
	double gamma;

	if (!kv || pool_parse(kv->val, kv->len, &pool, NULL) || !pool.headroom)
		return 1;
	gamma = ((double)g->rec.limit[res] - (double)pool.mean) / 2 /
		(double)pool.headroom;
	return fmin(fmax(gamma, GAMMA_MIN), GAMMA_MAX);
}

static uint64_t pool_free(const struct ledger *l, const struct lgroup *g,
			  int res)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cached(l, key_pool(key, g->rec.id, res, 0));
	struct pool_rec pool;

	if (!kv || pool_parse(kv->val, kv->len, &pool, NULL))
		return 0;
	return pool.free;
}

/* What the debt and want keys say to us, on the group itself. */

static void debt_flags(struct ledger *l, struct lgroup *g, int res)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cached(l, key_debt(key, g->rec.id, res));
	struct lres *r = &g->res[res];
	struct debt_rec debt;

	r->blocked = kv;
	r->awaited = false;
	if (!kv || debt_parse(kv->val, kv->len, &debt, NULL))
		return;
	r->awaited = debt_awaits(&debt, l->name);
	debt_fini(&debt);
}

void move_flags(struct ledger *l, struct lgroup *g)
{
	struct want_rec want;
	char prefix[KEY_LEN];
	struct key key;

	g->own_want = false;
	for (int i = 0; i < RES_N; i++) {
		debt_flags(l, g, i);
		g->res[i].wanted = 0;
	}
	snprintf(prefix, sizeof(prefix), "want/%" PRIu64 "/", g->rec.id);
	for (size_t i = cache_lower(&l->cache, prefix); i < l->cache.n; i++) {
		const struct store_kv *kv = &l->cache.kvs[i];

		if (strncmp(kv->key, prefix, strlen(prefix)))
			break;
		if (key_parse(kv->key, &key, NULL))
			continue;
		if (!strcmp(key.node, l->name)) {
			g->own_want = true;
			continue;
		}
		if (!ledger_node_live(l, key.node) ||
		    want_parse(kv->val, kv->len, &want, NULL))
			continue;
		for (int r = 0; r < RES_N; r++)
			g->res[r].wanted = max_u64(g->res[r].wanted,
						   want.need[r]);
	}
	for (int i = 0; i < RES_N; i++) {
		if (!g->res[i].wanted)
			g->res[i].answer_at = 0;
		if (!g->res[i].awaited)
			g->res[i].claimable = false;
	}
}

/* Facts */

void move_sample(struct ledger *l, struct lgroup *g,
		 const struct ledger_fact *f)
{
	struct lres *r = &g->res[f->res];

	g->present = true;
	g->members = f->members;
	r->used = f->used;
	/* A reply under way knows better. */
	if (!r->setting)
		r->kernel = f->lease;
	policy_sample(&r->policy, l->now, f->used, f->forks, f->refusals,
		      f->refused);
}

/* Need: what must be had; ask: what would be good. */
struct demand {
	uint64_t low;
	uint64_t target;
	uint64_t need;
	uint64_t ask;
};

static struct demand demand_of(const struct ledger *l, const struct lgroup *g,
			       int res)
{
	const struct lres *r = &g->res[res];
	uint64_t amount = move_amount(g, res), head, at_least;
	struct demand d;

	head = ceil(gamma_of(l, g, res) *
		    (double)policy_headroom(&r->policy));
	d.low = min_u64(policy_low(&r->policy, l->rtt), 1 + head / 2);
	if (!g->members && !policy_peak(&r->policy))
		d.low = 0;
	d.target = max_u64(r->used + d.low + head, floor_of(l, g, res));

	at_least = floor_of(l, g, res);
	if (policy_starved(&r->policy, l->now))
		at_least = max_u64(at_least,
				   r->used + max_u64(r->policy.chunk, 1));
	d.need = minus(min_u64(at_least, g->rec.limit[res]), amount);
	d.ask = minus(amount, r->used) < d.low ? minus(d.target, amount) : 0;
	/* While somebody is in need, only need counts. */
	if (r->wanted)
		d.ask = 0;
	d.ask = max_u64(d.ask, d.need);
	return d;
}

/* Returning: which slack goes back, and when */

static void start_shrink(struct lres *r, uint64_t target)
{
	r->shrink = SHRINK_KERNEL;
	r->target = target;
}

/* Others are in need: all slack above the floor, after a random delay, so that
 * not all holders come at once; at once where we alone can satisfy them.
 */
static void answer_want(struct ledger *l, struct lres *r, uint64_t slack,
			uint64_t keep)
{
	uint64_t delay = min_u64(max_u64(ANSWER_PER_NODE * l->live,
					 20 * l->rtt), ANSWER_MAX);

	if (!r->answer_at) {
		r->answer_at = l->now;
		if (l->live > 2 && slack < r->wanted)
			r->answer_at += ledger_random(l, delay);
	}
	if (l->now < r->answer_at)
		return;
	r->answer_at = 0;
	start_shrink(r, keep);
}

static void assess_res(struct ledger *l, struct lgroup *g, int res)
{
	struct lres *r = &g->res[res];
	uint64_t amount = move_amount(g, res), keep, excess;
	struct demand d;

	if (r->shrink || !limited(g, res) || !g->sure || r->awaited)
		return;
	if (g->rec.state == GROUP_DELETING) {
		if (amount > r->used)
			start_shrink(r, 0);
		return;
	}
	if (r->blocked) {
		/* Debt: every slack pays. */
		if (amount > r->used)
			start_shrink(r, 0);
		return;
	}

	keep = max_u64(policy_peak(&r->policy), floor_of(l, g, res));
	if (r->wanted && amount > keep) {
		answer_want(l, r, amount - keep, keep);
		return;
	}
	d = demand_of(l, g, res);
	if (!d.target && amount) {
		start_shrink(r, 0);
		return;
	}
	keep = max_u64(keep, d.target);
	excess = minus(amount, keep);
	if (excess > d.target - min_u64(d.target, r->used + d.low) + 2 &&
	    !d.need && (excess > amount / 10 ||
			excess > pool_free(l, g, res) / 8))
		start_shrink(r, keep);
}

/* In need or not: the pool is watched, and a want stands, only in between. */
static void assess_hunger(struct ledger *l, struct lgroup *g)
{
	bool hungry = false;
	char prefix[KEY_LEN];

	for (int i = 0; i < RES_N; i++) {
		struct lres *r = &g->res[i];
		bool need = g->rec.state == GROUP_ACTIVE && limited(g, i) &&
			    g->present && g->sure && !r->blocked &&
			    demand_of(l, g, i).need && !pool_free(l, g, i);

		if (need && !r->hungry)
			r->hungry_since = l->now;
		/* Once hungry it stays so until the need is met. */
		if (r->hungry && !r->blocked && g->present &&
		    limited(g, i) && g->rec.state == GROUP_ACTIVE)
			need = demand_of(l, g, i).need;
		r->hungry = need;
		hungry |= need;
	}

	snprintf(prefix, sizeof(prefix), "pool/%" PRIu64 "/", g->rec.id);
	if (hungry && !g->watch_pool)
		ledger_watch(l, prefix);
	else if (!hungry && g->watch_pool)
		ledger_unwatch(l, prefix);
	g->watch_pool = hungry;
}

void move_assess(struct ledger *l)
{
	for (size_t i = 0; i < l->n_groups; i++) {
		for (int r = 0; r < RES_N; r++)
			assess_res(l, l->groups[i], r);
		assess_hunger(l, l->groups[i]);
	}
}

bool move_busy(const struct ledger *l)
{
	for (size_t i = 0; l->phase == PH_RUN && i < l->n_groups; i++)
		for (int r = 0; r < RES_N; r++)
			if (limited(l->groups[i], r) && l->groups[i]->present)
				return true;
	return false;
}

/* Planning a transaction */

/* How much of a dry or shared pool to take. */
static uint64_t grant_of(const struct ledger *l, const struct lgroup *g,
			 int res, const struct account *a,
			 const struct demand *d)
{
	uint64_t share = max_u64(g->rec.limit[res] / (2 * (uint64_t)l->live),
				 g->res[res].policy.chunk);
	uint64_t n = min_u64(d->ask, min_u64(a->pool.free / 4, share));

	return max_u64(n, min_u64(d->need, a->pool.free));
}

/* The pool's sums follow the lease's. */
static void put_sums(struct account *a, const struct lres *r,
		     const struct lease_res *old, bool counted,
		     struct lease_res *new)
{
	new->mean = ceil(r->policy.mean);
	new->headroom = policy_headroom(&r->policy);
	if (counted) {
		a->pool.mean = minus(a->pool.mean, old->mean);
		a->pool.headroom = minus(a->pool.headroom, old->headroom);
	}
	a->pool.mean += new->mean;
	a->pool.headroom += new->headroom;
}

/* What changes of this amount; false: nothing. */
static bool move_res(struct ledger *l, struct lgroup *g, int res,
		     struct account *a, uint64_t *amount)
{
	struct lres *r = &g->res[res];
	struct demand d;
	uint64_t n;

	if (r->awaited && (r->claimable || (g->seen && !g->present))) {
		n = g->present ? max_u64(r->kernel, *amount) : *amount;
		account_take(a, n - *amount);
		*amount = n;
		return account_answer(a, l->name);
	}
	if (r->awaited)
		return false;
	if (r->shrink == SHRINK_STORE) {
		account_give(a, minus(*amount, r->kernel));
		*amount = min_u64(*amount, r->kernel);
		return true;
	}
#ifdef CGSPAN_BUG_STORE_FIRST_RETURN
	if (r->shrink == SHRINK_KERNEL) {
		n = max_u64(r->target, r->used);
		r->shrink = SHRINK_NO;
		if (n >= *amount)
			return false;
		account_give(a, *amount - n);
		*amount = n;
		return true;
	}
#endif
	if (r->shrink || !g->present)
		return false;
	if (r->used > *amount) {
		/* Moved in from outside, or used by a node that was fenced:
		 * covered at once, by debt if need be. Who holds something of
		 * a group that is being deleted must answer for it.
		 */
		account_take(a, r->used - *amount);
		*amount = r->used;
		if (g->rec.state == GROUP_DELETING &&
		    account_await(a, l->name))
			l->error = -ENOMEM;
		return true;
	}
	if (r->blocked || account_blocked(a) || g->rec.state != GROUP_ACTIVE ||
	    l->leaving)
		return false;
	d = demand_of(l, g, res);
	n = grant_of(l, g, res, a, &d);
	if (!n)
		return false;
	if (r->policy.missed)
		policy_asked(&r->policy, max_u64(1, floor_of(l, g, res)));
	if (r->policy.chunk > g->rec.limit[res] / 4)
		r->policy.chunk = max_u64(1, g->rec.limit[res] / 4);
	account_take(a, n);
	*amount += n;
	return true;
}

/* Is there anything to do, so that the account is worth a look? */
static bool wants_move(const struct ledger *l, const struct lgroup *g, int res)
{
	const struct lres *r = &g->res[res];

	if (r->no_pool || !limited(g, res))
		return false;
	if (r->awaited)
		return r->claimable || (g->seen && !g->present);
	if (r->shrink == SHRINK_STORE)
		return true;
#ifdef CGSPAN_BUG_STORE_FIRST_RETURN
	if (r->shrink)
		return true;
#endif
	if (r->shrink || !g->present)
		return false;
	if (r->used > move_amount(g, res))
		return true;
	if (r->blocked || g->rec.state != GROUP_ACTIVE || l->leaving ||
	    !demand_of(l, g, res).ask)
		return false;
	/* A watched pool says by itself when there is something to have. */
	return !r->hungry || pool_free(l, g, res);
}

/* -EAGAIN: the pool is not known yet: this transaction only asks for it. */
static int load(struct ledger *l, struct lgroup *g, int res,
		struct account *a)
{
	char pool[KEY_LEN], debt[KEY_LEN];
	struct cgspan_err err;
	int ret;

	ret = account_load(a, g->rec.id, res,
			   cached(l, key_pool(pool, g->rec.id, res, 0)),
			   cached(l, key_debt(debt, g->rec.id, res)), &err);
	if (ret == -ENOMEM)
		l->error = ret;
	if (ret) {
		ledger_say(l, LEDGER_ST_BAD_VALUE, "%s", err.msg);
		g->res[res].no_pool = true;
		return ret;
	}
	if (a->pool_rev || !limited(g, res))
		return 0;
	txn_compare(&l->txn, pool, 0);
	l->probe = true;
	return -EAGAIN;
}

static void put_lease(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];

	g->next.seq++;
	g->in_txn = true;
	/* What is done rests on the group's limit, state and generation. */
	txn_compare(&l->txn, key_group(key, g->path), g->rev);
	txn_compare(&l->txn, key_lease(key, l->name, g->rec.id), g->lease_rev);
	if (g->drop)
		txn_delete(&l->txn, key);
	else
		txn_put(&l->txn, key, lease_format(&g->next));
}

static bool plan_res(struct ledger *l, struct lgroup *g, int res)
{
	bool counted = g->lease.res[res].gen == g->rec.gen[res];
	uint64_t amount = move_amount(g, res);
	struct account a;
	bool moved = false;

	if (!wants_move(l, g, res))
		return false;
	if (!load(l, g, res, &a) && move_res(l, g, res, &a, &amount)) {
		put_sums(&a, &g->res[res], &g->lease.res[res], counted,
			 &g->next.res[res]);
		g->next.res[res].amount = amount;
		g->next.res[res].gen = g->rec.gen[res];
		account_write(&a, &l->txn);
		moved = true;
	}
	account_fini(&a);
	return moved;
}

/* The last node that has removed a group from its kernel removes it for good. */
static void remove_group(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];
	struct account a;

	txn_compare(&l->txn, key_group(key, g->path), g->rev);
	txn_delete(&l->txn, key);
	for (int i = 0; i < RES_N; i++) {
		if (!load(l, g, i, &a))
			account_remove(&a, &l->txn);
		account_fini(&a);
	}
}

/* A group in state deleting is gone from this kernel: its lease goes back. */
static bool plan_delete(struct ledger *l, struct lgroup *g)
{
	bool done = false, last = false;
	struct account a;

	for (int i = 0; i < RES_N; i++) {
		if (load(l, g, i, &a)) {
			account_fini(&a);
			return false;
		}
		account_give(&a, a.pool_rev ? move_amount(g, i) : 0);
		if (account_answer(&a, l->name)) {
			done = true;
			last |= !a.debt.n_await;
		}
		account_write(&a, &l->txn);
		account_fini(&a);
	}
	if (last)
		remove_group(l, g);
	g->drop = true;
	put_lease(l, g);
	return done;
}

/* Put or take away our want, where it has changed. */
static bool plan_want(struct ledger *l, struct lgroup *g)
{
	struct want_rec want = { .seq = l->now };
	char key[KEY_LEN];
	bool hungry = false;

	for (int i = 0; i < RES_N; i++) {
		struct lres *r = &g->res[i];

		if (!r->hungry || !g->watch_pool)
			continue;
		snprintf(key, sizeof(key), "pool/%" PRIu64 "/", g->rec.id);
		/* Dry as of now, not as of the last look. */
		if (!ledger_watched(l, key) ||
		    (pool_free(l, g, i) && !g->own_want))
			continue;
		want.need[i] = demand_of(l, g, i).need;
		hungry |= want.need[i] > 0;
	}
	if (hungry == g->own_want)
		return false;
	key_want(key, g->rec.id, l->name);
	if (!hungry) {
		txn_delete(&l->txn, key);
		return true;
	}
	for (int i = 0; i < RES_N; i++) {
		if (l->now - g->res[i].want_at < WANT_EVERY)
			return false;
		g->res[i].want_at = l->now;
	}
	txn_put(&l->txn, key, want_format(&want));
	return true;
}

static bool needs_barrier(const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (limited(g, i) || g->rec.state == GROUP_DELETING)
			return !g->sure;
	return false;
}

/* Is a group being deleted out of this kernel, and do we have to say so? */
static bool deletable(const struct lgroup *g)
{
	return g->rec.state == GROUP_DELETING && g->seen && !g->present &&
	       g->res[CGSPAN_RES_TASKS].awaited;
}

static bool plan_group(struct ledger *l, struct lgroup *g)
{
	bool moved = false;

	g->next = g->lease;
	g->drop = false;
	if (needs_barrier(g)) {
		put_lease(l, g);
		return true;
	}
	if (g->rec.state == GROUP_DELETING && g->res[CGSPAN_RES_TASKS].awaited)
		return deletable(g) && plan_delete(l, g);

	for (int i = 0; i < RES_N; i++)
		moved |= plan_res(l, g, i);
	if (moved)
		put_lease(l, g);
	return plan_want(l, g) || moved;
}

/* Is every lease that group/ up to @rev asks for in force in this kernel? */
static bool in_force(const struct ledger *l, int64_t rev)
{
	for (size_t i = 0; i < l->n_groups; i++) {
		const struct lgroup *g = l->groups[i];

		if (g->rev > rev || g->rec.state == GROUP_DELETING)
			continue;
		for (int r = 0; r < RES_N; r++) {
			bool unlimited = g->res[r].kernel == CGSPAN_MAX;

			if (limited(g, r) && (g->res[r].awaited || !g->sure))
				return false;
			if (g->present && limited(g, r) == unlimited)
				return false;
		}
	}
	return true;
}

static bool plan_ack(struct ledger *l)
{
	struct ack_rec ack = { l->reconciled };
	const struct store_kv *old;
	char key[KEY_LEN];

	if (l->reconciled <= l->acked || !in_force(l, l->reconciled))
		return false;
	l->txn_ack = l->reconciled;
	/* Under compare, so that no late one takes it back. */
	old = cached(l, key_ack(key, l->name));
	txn_compare(&l->txn, key, old ? old->mod_rev : 0);
	txn_put(&l->txn, key, ack_format(&ack));
	return true;
}

/*
 * All that can go into one transaction, and the heartbeat. Where others keep
 * changing what the moves compare, a heartbeat that is due goes alone: the
 * session must not end because a pool is busy.
 */
void move_plan(struct ledger *l)
{
	bool due = l->now - l->hb_sent >= l->heartbeat_ms * MSEC;
	bool alone = due && l->conflicts;
	char key[KEY_LEN];
	bool moved;

	txn_compare(&l->txn, key_epoch(key, l->name), l->epoch);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	l->probe = false;
	l->txn_ack = 0;
	moved = !alone && plan_ack(l);
	for (size_t i = 0; !alone && i < l->n_groups; i++) {
		if (!txn_room(&l->txn, ROOM) ||
		    l->txn.view.n_ops + OPS > CHANGES_MAX) {
			/* The others have their turn in the next one. */
			l->first += i;
			break;
		}
		moved |= plan_group(l, l->groups[(l->first + i) %
						 l->n_groups]);
	}
	if (moved || due || l->probe)
		ledger_send(l, TXN_MOVE);
	else
		txn_fini(&l->txn);
}

/* Its result */

static void committed(struct lgroup *g, int64_t rev)
{
	struct lres *r;

	for (int i = 0; i < RES_N; i++) {
		r = &g->res[i];
		if (g->next.res[i].gen == g->lease.res[i].gen &&
		    g->next.res[i].amount > g->lease.res[i].amount)
			policy_served(&r->policy);
	}
	g->lease = g->next;
	g->lease_rev = rev;
	if (g->drop) {
		memset(&g->lease, 0, sizeof(g->lease));
		g->lease_rev = 0;
	}
	g->sure = true;
	for (int i = 0; i < RES_N; i++) {
		r = &g->res[i];
		if (r->shrink == SHRINK_STORE &&
		    move_amount(g, i) <= r->kernel)
			r->shrink = SHRINK_NO;
		if (!r->awaited)
			r->claimable = false;
	}
}

void move_done(struct ledger *l, enum store_result res, int64_t rev)
{
	if (res == STORE_APPLIED && l->txn_ack)
		l->acked = l->txn_ack;
	for (size_t i = 0; i < l->n_groups; i++) {
		struct lgroup *g = l->groups[i];

		if (!g->in_txn)
			continue;
		g->in_txn = false;
		if (res == STORE_APPLIED)
			committed(g, rev);
#if defined(CGSPAN_BUG_RAISE_ON_READ)
		else if (res == STORE_UNKNOWN)
			g->res[CGSPAN_RES_TASKS].shrink = SHRINK_NO;
#elif !defined(CGSPAN_BUG_BLIND_RETRY)
		else if (res == STORE_UNKNOWN)
			g->sure = false;
#endif
	}
	/* It asked for pools by comparing them with nothing, and that held. */
	for (size_t i = 0; l->probe && res == STORE_APPLIED &&
	     i < l->n_groups; i++)
		for (int r = 0; r < RES_N; r++) {
			struct lgroup *g = l->groups[i];
			char key[KEY_LEN];

			if (!limited(g, r) ||
			    cached(l, key_pool(key, g->rec.id, r, 0)))
				continue;
			g->res[r].no_pool = true;
			ledger_say(l, LEDGER_ST_BAD_VALUE,
				   "the store has no pool for the group %s: it is damaged",
				   g->path);
		}
}

/* The kernel */

/* What the kernel is to hold; false: it is as it should be. */
static bool kernel_item(struct ledger *l, struct lgroup *g, int res,
			struct ledger_item *it)
{
	struct lres *r = &g->res[res];
	uint64_t amount = move_amount(g, res);
	bool settled = g->sure && !g->in_txn && !r->shrink && !r->awaited;

	it->path = g->path;
	it->res = res;
	it->low = r->low;
	it->exhausted = r->exhausted;
	if (!limited(g, res)) {
		it->amount = CGSPAN_MAX;
		return g->rec.state == GROUP_ACTIVE &&
		       r->kernel != CGSPAN_MAX && ledger_watched(l, "group/");
	}
	if (r->awaited) {
		/* To what is in use, and that is then claimed. */
		it->amount = amount;
		return !r->claimable && g->sure;
	}
#ifndef CGSPAN_BUG_STORE_FIRST_RETURN
	if (r->shrink == SHRINK_KERNEL) {
		it->amount = r->target;
		return true;
	}
#endif
	if (!settled)
		return false;
	it->amount = amount;
	it->low = demand_of(l, g, res).low;
	it->exhausted = r->hungry && l->now - r->hungry_since > EXHAUSTED;
	/* What is above the lease and all in use cannot shrink now. */
	if (r->kernel > amount && r->used >= r->kernel)
		return false;
	return r->kernel != amount || it->exhausted != r->exhausted ||
	       it->low > 2 * r->low || 2 * it->low < r->low;
}

static bool room_for_items(struct ledger *l)
{
	if (!l->items)
		l->items = calloc(CGSPAN_LEASES_MAX, sizeof(*l->items));
	if (!l->set)
		l->set = calloc(CGSPAN_LEASES_MAX, sizeof(*l->set));
	if (!l->items || !l->set)
		l->error = -ENOMEM;
	return !l->error;
}

static void add_item(struct ledger *l, struct lgroup *g, int res,
		     const struct ledger_item *it)
{
	struct lres *r = &g->res[res];

	l->items[l->n_items] = *it;
	l->items[l->n_items].path = strdup(g->path);
	if (!l->items[l->n_items].path) {
		l->error = -ENOMEM;
		return;
	}
	l->set[l->n_items++] = (struct set_item){
		g->rec.id, res, !limited(g, res) ? SET_AMOUNT :
		r->awaited ? SET_CLAIM : r->shrink ? SET_SHRINK : SET_AMOUNT };
	r->setting = true;
	r->low = it->low;
	r->exhausted = it->exhausted;
}

void move_set(struct ledger *l)
{
	struct queued q = { .in.kind = LEDGER_LEASE_SET };
	struct ledger_item it;

	if (l->set_id || l->now < l->set_retry || !room_for_items(l))
		return;
	for (size_t i = 0; i < l->n_groups; i++) {
		struct lgroup *g = l->groups[i];

		for (int r = 0; g->present && r < RES_N; r++)
			if (l->n_items < CGSPAN_LEASES_MAX &&
			    kernel_item(l, g, r, &it))
				add_item(l, g, r, &it);
	}
	if (!l->n_items || l->error)
		return;
	l->set_id = ++l->last_id;
	q.in.id = l->set_id;
	q.in.lease.epoch = l->epoch;
	q.in.lease.items = l->items;
	q.in.lease.n = l->n_items;
	ledger_queue(l, q);
}

static void held(struct lgroup *g, int res, enum set_why why,
		 const struct ledger_held *h)
{
	struct lres *r = &g->res[res];

	if (h->missing) {
		g->present = false;
		r->kernel = 0;
		r->used = 0;
		r->shrink = SHRINK_NO;
		return;
	}
	r->kernel = h->amount;
	r->used = h->used;
	if (r->shrink == SHRINK_KERNEL && why == SET_SHRINK)
		r->shrink = r->kernel < move_amount(g, res) ? SHRINK_STORE :
							      SHRINK_NO;
	if (r->awaited && why == SET_CLAIM)
		r->claimable = true;
}

void move_set_done(struct ledger *l, const struct ledger_held *reply)
{
	for (size_t i = 0; i < l->n_items; i++) {
		struct lgroup *g = ledger_group_id(l, l->set[i].group);

		if (g) {
			g->res[l->set[i].res].setting = false;
			if (reply)
				held(g, l->set[i].res, l->set[i].why,
				     &reply[i]);
			else
				g->res[l->set[i].res].shrink = SHRINK_NO;
		}
		free((char *)l->items[i].path);
	}
	l->n_items = 0;
	l->set_id = 0;
}
