// SPDX-License-Identifier: GPL-2.0
/*
 * Moves between pools, leases and the kernel.
 *
 * Growing: a transaction takes from the pool; after its success the kernel's
 * lease is raised. Shrinking: the kernel shrinks, but not below the use, then a
 * transaction returns the rest. After an unknown result, and when a run begins,
 * the lease is not sure until a barrier has rewritten it under compare: pending
 * transactions are void from then on.
 */
#include "move.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/desired.h"
#include "model/lookup.h"
#include "demand.h"
#include "join.h"
#include "out.h"
#include "request.h"
#include "rule.h"
#include "session.h"
#include "view.h"

/* Least time between two puts of a want, ns. */
#define WANT_EVERY	(SEC / 5)

/* Planning a transaction */

/* Shards: each node has a home shard, to which it gives and from which it takes
 * first. If that is short, the node tries two random shards before it takes the
 * fullest one: if all nodes took that, their transactions would conflict.
 */

static uint32_t other_shard(const struct ledger *l, uint32_t n, int i)
{
	return (l->moves->shard_random >> 32 * i) % n;
}

static uint32_t home_shard(const struct ledger *l, uint32_t n)
{
	return n ? l->moves->home % n : 0;
}

/* Choose the home shard if it has @ask free; else the best of it and of two
 * random ones, if that has @need free; else the fullest one.
 */
static uint32_t shard_to_take(const struct ledger *l, const struct account *a,
			      uint64_t need, uint64_t ask)
{
	uint32_t best = home_shard(l, a->n), k;

	if (a->shards[best].pool.free >= ask)
		return best;
	for (int i = 0; i < 2; i++) {
		k = other_shard(l, a->n, i);
		if (a->shards[k].pool.free > a->shards[best].pool.free)
			best = k;
	}
	if (a->shards[best].pool.free >= max_u64(need, 1))
		return best;
	for (k = 0; k < a->n; k++)
		if (a->shards[k].pool.free > a->shards[best].pool.free)
			best = k;
	return best;
}

/* The shard to give to; a new one while there are too few. */
static uint32_t shard_to_give(const struct ledger *l, const struct account *a)
{
	uint32_t wanted = (view_live(l) + l->shard_nodes - 1) /
			  l->shard_nodes;
	uint32_t most = shards_max(a->res);

	wanted = wanted < most ? wanted : most;
	return min_u64(home_shard(l, wanted > a->n ? wanted : a->n), a->n);
}

/* The amount to take from a pool; @a->at: from which shard first. */
static uint64_t grant_of(const struct ledger *l, const struct lgroup *g,
			 int res, struct account *a)
{
	const struct demand *d = &g->res[res].demand;
	uint64_t share = max_u64(g->rec.limit[res] / (2 * view_live(l)),
				 g->res[res].policy.chunk);
	uint64_t n = min_u64(d->ask, min_u64(account_free(a) / 4, share)), free;

	a->at = shard_to_take(l, a, d->need, max_u64(n, d->need));
	free = account_pool(a)->free;
	n = max_u64(min_u64(n, free), min_u64(d->need, free));
	return demand_useful(l, g, res, n);
}

void move_put(struct ledger *l, struct lgroup *g, int res, struct account *a,
	      uint64_t amount)
{
	const struct lease_res *old = &g->lease.res[res];
	struct lease_res *new = &g->next.res[res];

	new->mean = ceil(g->res[res].policy.mean);
	new->headroom = policy_headroom(&g->res[res].policy);
	account_count(a, old->gen == g->rec.gen[res] ? old : NULL, new);
	new->amount = amount;
	new->gen = g->rec.gen[res];
	account_write(a, l->txn);
}

/* Before all nodes have claimed, a restored store grants nothing. */
static bool no_grants(const struct ledger *l)
{
	return l->session->trust == TRUST_LEARN &&
	       !rule_broken(RULE_GRANT_WHILE_LEARNING);
}

/* Change @a and @amount by the next move of a resource; false: nothing moves. */
static bool move_res(struct ledger *l, struct lgroup *g, int res,
		     struct account *a, uint64_t *amount)
{
	struct lres *r = &g->res[res];
	uint64_t n;

	if (r->awaited && (r->claimable || (g->seen && !g->present))) {
		n = g->present ? max_u64(r->kernel, *amount) : *amount;
		account_take(a, n - *amount);
		*amount = n;
		return names_del(&a->debt.await, l->name);
	}
	if (r->awaited)
		return false;
	if (r->shrink == SHRINK_STORE) {
		a->at = shard_to_give(l, a);
		account_give(a, minus(*amount, r->kernel));
		*amount = min_u64(*amount, r->kernel);
		r->left = account_pool(a)->free;
		return true;
	}
	if (r->shrink == SHRINK_KERNEL &&
	    rule_broken(RULE_STORE_FIRST_RETURN)) {
		n = max_u64(r->target, r->used);
		r->shrink = SHRINK_NO;
		if (n >= *amount)
			return false;
		account_give(a, *amount - n);
		*amount = n;
		return true;
	}
	if (r->shrink || !g->present)
		return false;
	if (r->used > *amount) {
		/* Use above the lease (tasks moved in, or a node that was
		 * fenced) is covered at once, by debt if necessary. If the
		 * group is being deleted, the debt now awaits this node.
		 */
		account_take(a, r->used - *amount);
		*amount = r->used;
		if (g->rec.state == GROUP_DELETING &&
		    names_add(&a->debt.await, l->name))
			l->error = -ENOMEM;
		return true;
	}
	if (r->blocked && account_settle(a))
		return true;
	if (r->blocked || account_blocked(a) || g->rec.state != GROUP_ACTIVE ||
	    l->session->leaving || no_grants(l))
		return false;
	n = grant_of(l, g, res, a);
	if (!n)
		return false;
	l->request->grows = !rule_broken(RULE_GRANT_UNAWARES);
	policy_asked(&r->policy, max_u64(1, demand_floor(l, g, res)),
		     max_u64(1, g->rec.limit[res] / 4));
	account_take(a, n);
	*amount += n;
	return true;
}

/* Is a move possible, so that the account must be read? */
static bool wants_move(const struct ledger *l, const struct lgroup *g, int res)
{
	const struct lres *r = &g->res[res];

	if (r->no_pool || !group_limited(g, res))
		return false;
	if (r->awaited)
		return r->claimable || (g->seen && !g->present);
	if (r->shrink == SHRINK_STORE)
		return true;
	if (r->shrink && rule_broken(RULE_STORE_FIRST_RETURN))
		return true;
	if (r->shrink || !g->present)
		return false;
	if (r->used > group_amount(g, res))
		return true;
	if (r->blocked)
		return r->debt && r->pool.free;
	if (g->rec.state != GROUP_ACTIVE || l->session->leaving ||
	    no_grants(l) || !demand_useful(l, g, res, r->demand.ask))
		return false;
	/* The pool of a hungry group is watched: no read is needed. */
	return !r->hungry || r->pool.free;
}

/* Read an account. 0; -EAGAIN: the transaction asks for its pool; or -errno. */
int move_load(struct ledger *l, struct lgroup *g, int res,
	      struct account *a)
{
	struct cgspan_err err;
	char pool[KEY_LEN];
	int ret;

	ret = account_load(a, g->rec.id, res, &l->view->cache, &err);
	if (ret) {
		out_say_unread(l, &err);
		g->res[res].no_pool = true;
		return ret;
	}
	a->at = home_shard(l, a->n);
	if (a->n || !group_limited(g, res))
		return 0;
	txn_compare(l->txn, key_pool(pool, g->rec.id, res, 0), 0);
	l->request->probe = true;
	return -EAGAIN;
}

void move_put_lease(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];

	g->next.seq++;
	g->in_txn = true;
	/* The move depends on the group's limit, state and generation. */
	txn_compare(l->txn, key_group(key, g->path), g->rev);
	txn_compare(l->txn, key_lease(key, l->name, g->rec.id), g->lease_rev);
	if (g->drop)
		txn_delete(l->txn, key);
	else
		txn_put(l->txn, key, lease_format(&g->next));
}

static bool plan_res(struct ledger *l, struct lgroup *g, int res)
{
	uint64_t amount = group_amount(g, res);
	struct account a;
	bool moved;

	if (!wants_move(l, g, res))
		return false;
	moved = !move_load(l, g, res, &a) && move_res(l, g, res, &a, &amount);
	if (moved)
		move_put(l, g, res, &a, amount);
	account_fini(&a);
	return moved;
}

/* Give @a this node's lease, and answer. Return: number of nodes yet awaited. */
static size_t give_all(struct ledger *l, struct lgroup *g, struct account *a,
		       bool *done)
{
	if (!account_exists(a))
		return 0;
	account_give(a, a->n ? group_amount(g, a->res) : 0);
	*done |= names_del(&a->debt.await, l->name);
	account_write(a, l->txn);
	return a->debt.await.n;
}

/* A deleted group is gone from this kernel: return its whole lease in one
 * transaction, or nothing.
 */
static bool plan_delete(struct ledger *l, struct lgroup *g)
{
	struct group_at at = { g->rec, g->rev };
	struct account a[RES_N];
	bool done = false;
	size_t left = 0;
	int n = 0, ret;

	do
		ret = move_load(l, g, n, &a[n]);
	while (++n < RES_N && !ret);
	for (int i = 0; !ret && i < n; i++)
		left += give_all(l, g, &a[i], &done);
	while (n)
		account_fini(&a[--n]);
	if (ret)
		return false;
	/* The last node to answer removes the group from the store. */
	if (done && !left)
		desired_remove(l->txn, &l->view->cache, g->path, &at, NULL);
	g->drop = true;
	move_put_lease(l, g);
	return done;
}

static bool is_shrinking(const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (g->res[i].shrink)
			return true;
	return false;
}

/* Put or delete this node's want if demand_asks() of it has changed. A deletion
 * waits until a return under way, which others may need, is in a transaction.
 */
static bool plan_want(struct ledger *l, struct lgroup *g)
{
	struct want_rec want = demand_want(l, g);
	uint32_t asks = demand_asks(&want);
	char key[KEY_LEN];

	if (asks == g->own_want)
		return false;
	key_want(key, g->rec.id, l->name);
	if (!asks && !g->in_txn && is_shrinking(g))
		return false;
	if (!asks) {
		txn_delete(l->txn, key);
		return true;
	}
	if (l->now - g->want_at < WANT_EVERY)
		return false;
	g->want_at = l->now;
	txn_put(l->txn, key, want_format(&want));
	return true;
}

static bool needs_barrier(const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (group_limited(g, i) || g->rec.state == GROUP_DELETING)
			return !g->sure;
	return false;
}

/* Must this node answer that a group in state deleting is gone here? */
static bool must_remove(const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (g->res[i].awaited)
			return g->rec.state == GROUP_DELETING;
	return false;
}

/* Is there room? A group has compares and changes of lease, group and want, of
 * pool and debt for each limit, and of @shards more.
 */
bool move_fits(const struct ledger *l, const struct lgroup *g, size_t shards)
{
	size_t n = 0;

	for (int i = 0; i < RES_N; i++)
		n += group_limited(g, i) || g->res[i].awaited;
	return txn_room(l->txn, 5 + 4 * n + 2 * shards) &&
	       l->txn->view.n_ops + 3 + 2 * n + shards <= CHANGES_MAX;
}

/* Number of shards that moves may change beyond one for each account. */
static size_t more_shards(const struct lgroup *g)
{
	size_t n = 0;

	for (int i = 0; i < RES_N; i++)
		if (g->rec.state == GROUP_DELETING || g->res[i].blocked ||
		    g->res[i].used > group_amount(g, i))
			n += g->res[i].n_shards;
	return n;
}

size_t move_all_shards(const struct lgroup *g)
{
	size_t n = 0;

	for (int i = 0; i < RES_N; i++)
		n += g->res[i].n_shards;
	return n;
}

static bool plan_group(struct ledger *l, struct lgroup *g)
{
	bool moved = false;

	g->next = g->lease;
	g->drop = false;
	if (needs_barrier(g)) {
		move_put_lease(l, g);
		return true;
	}
	if (must_remove(g))
		return g->seen && !g->present && plan_delete(l, g);

	for (int i = 0; i < RES_N; i++)
		moved |= plan_res(l, g, i);
	if (moved)
		move_put_lease(l, g);
	return plan_want(l, g) || moved;
}

/* Are limits and "max" of group/ up to @rev in force here, and claims made? */
static bool in_force(const struct ledger *l, int64_t rev)
{
	const struct lgroup *g;

	for_each_group(l, g) {
		if (g->rev > rev || g->rec.state == GROUP_DELETING)
			continue;
		for (int r = 0; r < RES_N; r++) {
			bool unlimited = g->res[r].kernel == CGSPAN_MAX;

			if (group_limited(g, r) && (g->res[r].awaited || !g->sure))
				return false;
			if (g->present && (!g->res[r].known ||
					   group_limited(g, r) == unlimited))
				return false;
		}
	}
	return true;
}

static bool plan_ack(struct ledger *l)
{
	struct ack_rec ack = { l->session->reconciled };
	char key[KEY_LEN];

	if (l->session->reconciled <= l->session->acked || !in_force(l, l->session->reconciled))
		return false;
	l->request->ack = l->session->reconciled;
	/* Compare the old ack, so that no late transaction puts it again. */
	request_put(l, key_ack(key, l->name), ack_format(&ack));
	return true;
}

/* Compare those keys of a group's moves that other nodes change. */
static bool look_at(struct ledger *l, const struct lgroup *g)
{
	char key[KEY_LEN];
	bool any = false;

	for (int i = 0; i < RES_N; i++) {
		const struct lres *r = &g->res[i];

		if (r->hungry || !wants_move(l, g, i) ||
		    !txn_room(l->txn, r->n_shards + 2))
			continue;
		for (uint32_t k = 0; k <= r->n_shards && k < shards_max(i); k++)
			request_compare(l, key_pool(key, g->rec.id, i, k));
		request_compare(l, key_debt(key, g->rec.id, i));
		any = true;
	}
	return any;
}

/* A pool of many nodes may have changed since a conflict, and one more conflict
 * would cost an entry in the store's log. So read it first, by a transaction
 * without changes. A watched pool is up to date.
 */
static bool look_first(struct ledger *l)
{
	struct lgroup *g;
	bool any = false;

	if (!l->moves->pools_stale || l->moves->pools_checked ||
	    l->request->conflicts)
		return false;
	for_each_group(l, g)
		any |= look_at(l, g);
	if (any)
		request_send(l, TXN_LOOK);
	else
		txn_fini(l->txn);
	return any;
}

void move_looked(struct ledger *l, enum store_result res)
{
	l->moves->pools_checked = true;
	if (res == STORE_APPLIED)
		l->moves->pools_stale = false;
}

/*
 * Plan one transaction with the heartbeat and as many moves as fit. After
 * conflicts a due heartbeat goes alone: a busy pool must not end the session.
 */
void move_plan(struct ledger *l)
{
	bool due = l->now - l->session->hb_sent >= l->heartbeat_ms * MSEC;
	struct request *req = l->request;
	bool alone = due && req->conflicts;
	size_t n = l->view->n_groups, i;
	struct lgroup *g;
	bool moved;

	demand_weigh(l);
	if (!due && look_first(l))
		return;
	join_beat(l);
	req->probe = false;
	req->grows = false;
	req->ack = 0;
	moved = !alone && plan_ack(l);
	for (i = 0; !alone && i < n; i++) {
		g = l->view->groups[(l->moves->first + i) % n];
		/* A transaction always has room for one group. */
		if (i && !move_fits(l, g, more_shards(g)))
			break;
		moved |= plan_group(l, g);
	}
	/* The next transaction begins with the group that found no room in this
	 * one; if all had room, with the first group by path.
	 */
	if (!alone)
		l->moves->first = i < n ? l->moves->first + i : 0;
	/* Compare "cluster", so that a store found to be restored grants nothing. */
	if (req->grows)
		request_compare(l, KEY_CLUSTER_NAME);
	if (moved || due || req->probe)
		request_send(l, TXN_MOVE);
	else
		txn_fini(l->txn);
}

/* The result of a transaction */

static void committed(const struct ledger *l, struct lgroup *g, int64_t rev)
{
	struct lres *r;

	for (int i = 0; i < RES_N; i++) {
		r = &g->res[i];
		if (g->next.res[i].gen == g->lease.res[i].gen &&
		    g->next.res[i].amount > g->lease.res[i].amount) {
			r->policy.missed = 0;
			r->grown = l->now;
			r->grown_by = g->next.res[i].amount -
				      g->lease.res[i].amount;
		}
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
		    group_amount(g, i) <= r->kernel) {
			r->shrink = SHRINK_NO;
			r->gave = rev;
			r->gave_at = l->now;
		}
		if (!r->awaited)
			r->claimable = false;
	}
}

/* Did the transaction compare @pool, and is the group unchanged since @rev? */
static bool was_asked(const struct ledger *l, const struct lgroup *g,
		      const char *pool, int64_t rev)
{
	for (size_t i = 0; i < l->txn->view.n_cmps; i++)
		if (!strcmp(l->txn->cmps[i].key, pool))
			return g->rev <= rev;
	return false;
}

/* Mark pools that do not exist: the compare with "absent" has held. */
static void miss_pools(struct ledger *l, int64_t rev)
{
	char key[KEY_LEN];
	struct lgroup *g;

	for_each_group(l, g)
		for (int r = 0; r < RES_N; r++) {
			if (!group_limited(g, r) ||
			    kvs_find(&l->view->cache,
				     key_pool(key, g->rec.id, r, 0)) ||
			    !was_asked(l, g, key, rev))
				continue;
			g->res[r].no_pool = true;
			out_say(l, LEDGER_ST_BAD_VALUE,
				"the store has no pool for the group %s: it is damaged",
				g->path);
		}
}

static void group_done(struct ledger *l, struct lgroup *g,
		       enum store_result res, int64_t rev)
{
	g->in_txn = false;
	if (res == STORE_APPLIED) {
		committed(l, g, rev);
		g->claimed |= l->request->kind == TXN_CLAIM;
	} else if (res == STORE_UNKNOWN) {
		if (rule_broken(RULE_RAISE_ON_READ))
			g->res[CGSPAN_RES_TASKS].shrink = SHRINK_NO;
		else if (!rule_broken(RULE_BLIND_RETRY))
			g->sure = false;
	}
}

void move_done(struct ledger *l, enum store_result res, int64_t rev)
{
	struct moves *m = l->moves;
	struct lgroup *g;

	if (res == STORE_APPLIED && l->request->ack)
		l->session->acked = l->request->ack;
	m->pools_stale |= res == STORE_CONFLICT && !m->pools_checked;
	m->pools_checked = false;
	if (res == STORE_APPLIED)
		m->shard_random = ledger_random(l, UINT64_MAX);
	for_each_group(l, g)
		if (g->in_txn)
			group_done(l, g, res, rev);
	if (l->request->probe && res == STORE_APPLIED)
		miss_pools(l, rev);
}
