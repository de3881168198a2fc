// SPDX-License-Identifier: GPL-2.0
/*
 * What this node wants of each group and resource, and which slack it returns.
 * Only figures: move.c builds transactions from them.
 *
 * Each level of the tree is a counter of its own. Upwards: admissions that a
 * group refuses reach its parent as soon as the group itself has room.
 * Downwards: an amount for which an ancestor has no room is useless.
 */
#include "demand.h"

#include <math.h>
#include <string.h>

#include "model/codec.h"
#include "out.h"
#include "request.h"
#include "session.h"
#include "view.h"

#define ANSWER_MAX	(SEC / 2)
/* Time to keep slack of a new or grown lease unless another node wants it. */
#define SETTLED		(2 * SEC)
/* For this time an amount returned for another node's want answers the want. */
#define SERVED		SEC
#define FLOOR_MAX	8
/* Bounds of gamma_of(), which leaves half of limit minus mean in the pool. */
#define GAMMA_MIN	0.02
#define GAMMA_MAX	1.5
/* The limit is short if the mean use is above this part of the limit. */
#define SHORT		0.95

/* The amount that each node with member cgroups keeps for a first fork. 0 for
 * pieces, as the size of the first is unknown, and if the limit is small.
 */
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res)
{
	uint64_t limit = g->rec.limit[res], each;

	if (in_pieces(res) || !g->members || limit < view_live(l))
		return 0;
	each = limit / (8 * view_live(l));
	return each < 1 ? 1 : min_u64(each, FLOOR_MAX);
}

/* Factor of the headroom that nodes keep: equal on all nodes, for fairness. */
static double gamma_of(const struct lgroup *g, int res)
{
	const struct pool_rec *pool = &g->res[res].pool;
	double gamma;

	if (pool->headroom <= 0)
		return 1;
	gamma = ((double)g->rec.limit[res] - (double)pool->mean) / 2 /
		(double)pool->headroom;
	return fmin(fmax(gamma, GAMMA_MIN), GAMMA_MAX);
}

/* Do all nodes together want more than the limit? The sum of means is as old as
 * the last moves, so a long need of this node also counts.
 */
static bool is_short(const struct ledger *l, const struct lgroup *g, int res)
{
	const struct lres *r = &g->res[res];

	return (double)r->pool.mean >= SHORT * (double)g->rec.limit[res] ||
	       (r->hungry && l->now - r->hungry_since >= EXHAUSTED);
}

/* Read the pool, debt and want keys of a group */

static void read_debt(struct ledger *l, struct lgroup *g, int res)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->view->cache,
					       key_debt(key, g->rec.id, res));
	struct lres *r = &g->res[res];
	struct debt_rec debt;

	r->debt_news = false;
	r->blocked = kv;
	r->debt = 0;
	r->awaited = false;
	if (kv && !debt_read(kv, &debt, NULL)) {
		r->debt = debt.debt;
		r->awaited = names_have(&debt.await, l->name);
		debt_fini(&debt);
	}
	if (!r->awaited)
		r->claimable = false;
}

static void read_pool(const struct ledger *l, struct lgroup *g, int res)
{
	struct lres *r = &g->res[res];
	struct pool_rec pool;
	const struct store_kv *kv;
	char key[KEY_LEN];

	r->pool_news = false;
	memset(&r->pool, 0, sizeof(r->pool));
	for (r->n_shards = 0; r->n_shards < shards_max(res); r->n_shards++) {
		kv = kvs_find(&l->view->cache,
			      key_pool(key, g->rec.id, res, r->n_shards));
		if (!kv || pool_read(kv, &pool, NULL))
			return;
		r->pool.free += pool.free;
		r->pool.mean += (uint64_t)pool.mean;
		r->pool.headroom += (uint64_t)pool.headroom;
	}
}

uint32_t demand_asks(const struct want_rec *want)
{
	uint32_t asks = 0;

	for (int i = 0; i < RES_N; i++) {
		if (!want->need[i])
			continue;
		asks |= 1U << i;
		if (want->have[i] != CGSPAN_MAX)
			asks |= 1U << (RES_N + i);
	}
	return asks;
}

/* Avoid deadlock over pieces: ignore a want that is later than this node's. */
static bool is_later(const struct lgroup *g, const struct want *want, int res)
{
	return in_pieces(res) && g->own_want & 1U << res &&
	       want->rev > g->own_rev;
}

static void sum_wants(struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++) {
		struct lres *r = &g->res[i];

		r->wanted = 0;
		r->wanted_all = 0;
		r->wanted_rev = 0;
		r->poorest = CGSPAN_MAX;
		for (size_t k = 0; k < g->n_wants; k++) {
			const struct want_rec *want = &g->wants[k].rec;

			if (!want->need[i] || is_later(g, &g->wants[k], i))
				continue;
			r->wanted = max_u64(r->wanted, want->need[i]);
			r->wanted_all += want->need[i];
			r->poorest = min_u64(r->poorest, want->have[i]);
			if (g->wants[k].rev > r->wanted_rev)
				r->wanted_rev = g->wants[k].rev;
		}
		if (!r->wanted)
			r->answer_at = 0;
	}
}

static void add_want(struct ledger *l, struct lgroup *g, const char *node,
		     const struct want_rec *rec, int64_t rev)
{
	struct want *w = ledger_grow(l, g->wants, g->n_wants, sizeof(*w));

	if (!w)
		return;
	g->wants = w;
	w += g->n_wants++;
	strcpy(w->node, node);
	w->rev = rev;
	w->rec = *rec;
}

/* An unreadable want of this node is put or deleted; another's is ignored. */
static void read_want(struct ledger *l, struct lgroup *g, const char *node,
		      const struct store_kv *kv)
{
	struct want_rec want;
	bool bad = want_read(kv, &want, NULL);

	if (!strcmp(node, l->name)) {
		g->own_want = bad ? UINT32_MAX : demand_asks(&want);
		g->own_rev = kv->mod_rev;
	} else if (!bad && view_is_live(l, node)) {
		add_want(l, g, node, &want, kv->mod_rev);
	}
}

static void read_wants(struct ledger *l, struct lgroup *g)
{
	const struct store_kv *kv;
	char prefix[KEY_LEN];
	struct key key;

	g->own_want = 0;
	g->own_rev = 0;
	g->n_wants = 0;
	key_want(prefix, g->rec.id, "");
	kvs_for_each(&l->view->cache, prefix, kv)
		if (!key_parse(kv->key, &key, NULL))
			read_want(l, g, key.node, kv);
	sum_wants(g);
	g->want_news = false;
}

void demand_digest(struct ledger *l)
{
	struct lgroup *g;

	for_each_group(l, g) {
		for (int r = 0; r < RES_N; r++)
			if (g->res[r].debt_news)
				read_debt(l, g, r);
		if (g->want_news)
			read_wants(l, g);
	}
}

/* Facts from the kernel */

void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f)
{
	struct lres *r = &g->res[f->res];

	g->present = true;
	g->members = f->members;
	g->on_expiry = f->on_expiry;
	r->used = f->used;
	/* The reply to the LEASE_SET under way is newer than this fact. */
	if (!r->setting) {
		r->kernel = f->lease;
		r->known = true;
	}
	policy_sample(&r->policy, l->now, f);
}

/* Weighing: need is required, ask is desirable */

/* Headroom below which the node asks for more. Resources in pieces have no
 * rate: their usual rise decides.
 */
static uint64_t low_of(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t head)
{
	const struct policy *p = &g->res[res].policy;

	if (in_pieces(res))
		return head / 2;
	if (!g->members && !policy_peak(p))
		return 0;
	return max_u64(min_u64(policy_low(p, l->request->rtt), 1 + head / 2),
		       p->chunk / 4);
}

static void weigh(const struct ledger *l, struct lgroup *g, int res,
		  uint64_t more)
{
	uint64_t amount = group_amount(g, res), floor, head, at_least;
	struct lres *r = &g->res[res];
	struct demand *d = &r->demand;

	floor = demand_floor(l, g, res);
	head = ceil(gamma_of(g, res) * (double)policy_headroom(&r->policy));
	head += max_u64(policy_ramp(&r->policy), r->policy.chunk);
	/* Keep no headroom for pieces that were not used lately, or while use falls. */
	if ((in_pieces(res) && !policy_peak(&r->policy)) ||
	    policy_falls(&r->policy))
		head = 0;
	d->low = low_of(l, g, res, head);
	at_least = more ? max_u64(floor, r->used + more) : floor;
	at_least = min_u64(at_least, g->rec.limit[res]);
	d->target = max_u64(r->used + d->low + head, at_least);
	d->more = more;
	d->need = minus(at_least, amount);
	d->ask = minus(amount, r->used) < d->low ? minus(d->target, amount) : 0;
	/* Another node wants units: ask for least headroom, no spare piece. */
	if (r->wanted)
		d->ask = in_pieces(res) ? 0 : minus(r->used + d->low, amount);
	d->ask = max_u64(d->ask, d->need);
}

static uint64_t refused(const struct ledger *l, const struct lgroup *g, int res)
{
	const struct policy *p = &g->res[res].policy;
	uint64_t piece = policy_piece(p, l->now, g->rec.limit[res]);

	return in_pieces(res) ? piece : max_u64(piece, policy_more(p, l->now));
}

/* Admissions that a group refused will next be asked of its parent, unless the
 * pool cannot meet the group's need.
 */
static void weigh_res(struct ledger *l, int res)
{
	struct lgroup *g;

	for_each_group(l, g)
		g->res[res].below = 0;
	for (size_t i = l->view->n_groups; i--; ) {
		struct lres *r;
		uint64_t more, own;

		g = l->view->groups[i];
		r = &g->res[res];
		more = r->below;
		if (!g->present || g->rec.state != GROUP_ACTIVE)
			continue;
		if (group_limited(g, res)) {
			own = refused(l, g, res);
			/* The same piece may be refused in a subgroup and here:
			 * take the larger amount, not the sum.
			 */
			more = in_pieces(res) ? max_u64(more, own) : more + own;
			more = min_u64(more, g->rec.limit[res]);
			weigh(l, g, res, more);
			if (r->demand.need && !r->pool.free)
				more = 0;
		}
		if (g->parent)
			g->parent->res[res].below += more;
	}
}

/* How much above its lease the group can use until an ancestor's is full. */
static uint64_t room_for(const struct lgroup *g, int res)
{
	const struct lgroup *up;
	uint64_t room = CGSPAN_MAX, amount;

	for (up = g->parent; up; up = up->parent) {
		if (!up->present || !group_limited(up, res))
			continue;
		amount = up->in_txn ? up->next.res[res].amount :
				      group_amount(up, res);
		room = min_u64(room, minus(amount, up->res[res].used));
	}
	return minus(room, minus(group_amount(g, res), g->res[res].used));
}

uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount)
{
	uint64_t floor = minus(demand_floor(l, g, res), group_amount(g, res));

	return min_u64(amount, max_u64(floor, room_for(g, res)));
}

/* Returning: which slack goes back, and when */

static void start_shrink(struct lres *r, uint64_t target)
{
	r->shrink = SHRINK_KERNEL;
	r->target = target;
}

/* Other nodes are in need: return all slack above @keep. A random delay,
 * shorter for nodes with more slack, avoids that all nodes return at once. No
 * delay if @slack covers the largest want, or no third node is live.
 */
static void answer_want(struct ledger *l, struct lres *r, uint64_t slack,
			uint64_t keep)
{
	/* The delay counts round trips: in each, a pool can change once. */
	double longest = min_u64(max_u64(view_live(l), 20) * l->request->rtt,
				 ANSWER_MAX);
	double part = (double)r->wanted / (double)(slack + r->wanted);

	if (!r->answer_at) {
		r->answer_at = l->now;
		if (view_live(l) > 2 && slack < r->wanted)
			r->answer_at += longest * part * part *
				(0.3 + (double)ledger_random(l, 1000) / 1000);
	}
	if (l->now < r->answer_at)
		return;
	r->answer_at = 0;
	start_shrink(r, keep);
}

/* Has this node, after the latest want, returned slack to a shard which then
 * had enough for all wants? False after the time SERVED: it may be taken.
 */
static bool is_served(const struct ledger *l, const struct lres *r)
{
	return r->gave > r->wanted_rev && r->left >= r->wanted_all &&
	       l->now - r->gave_at < SERVED;
}

/* The amount to keep when other nodes are in need. If the limit is short and
 * this node holds much more than the poorest node, it returns at least half of
 * the difference, but not the floor, even if that was in use lately.
 */
static uint64_t keep_of(const struct ledger *l, const struct lgroup *g,
			int res)
{
	const struct lres *r = &g->res[res];
	uint64_t amount = group_amount(g, res), floor = demand_floor(l, g, res);
	uint64_t keep = max_u64(policy_keep(&r->policy), floor);

	/* Keep a whole piece for the request that waits for it here. */
	if (in_pieces(res) && amount >= r->used + r->demand.more)
		keep = max_u64(keep, r->used + r->demand.more);
	if (r->poorest != CGSPAN_MAX &&
	    minus(amount, r->poorest) > 2 + amount / 8)
		keep = min_u64(keep, max_u64(amount - (amount - r->poorest) / 2,
					     floor));
	return keep;
}

/* Slack that is not worth a transaction yet. While use falls, each tick adds
 * slack, and none is kept for a rise.
 */
static uint64_t too_little(const struct lres *r)
{
	const struct demand *d = &r->demand;

	if (policy_falls(&r->policy))
		return policy_headroom(&r->policy) / 2;
	return minus(d->target, r->used + d->low);
}

static void assess_res(struct ledger *l, struct lgroup *g, int res)
{
	struct lres *r = &g->res[res];
	const struct demand *d = &r->demand;
	uint64_t amount = group_amount(g, res), keep, excess;

	/* Shrink only while the store is up: else no lease could grow again. */
	if (l->request->store != STORE_UP)
		return;
	if (r->shrink || !group_limited(g, res) || !g->sure || r->awaited)
		return;
	if (g->rec.state == GROUP_DELETING || r->blocked || l->session->leaving) {
		/* Debt, a deletion, or this node leaves: return all slack. */
		if (amount > r->used)
			start_shrink(r, 0);
		return;
	}
	/* Before rates are known, slack and need cannot be told apart. */
	if (!g->present || l->now - r->policy.since < SEC)
		return;
	keep = keep_of(l, g, res);
	if (r->wanted && amount > max_u64(keep, r->used) && !is_served(l, r)) {
		answer_want(l, r, amount - keep, keep);
		return;
	}
	if (!d->target && amount) {
		start_shrink(r, 0);
		return;
	}
	if (l->now - r->policy.since < SETTLED)
		return;
	keep = max_u64(policy_keep(&r->policy), d->target);
	excess = minus(amount, keep);
	/* Keep the last growth until it is known whether it was needed. */
	if (excess <= 2 * r->grown_by && l->now - r->grown < SETTLED)
		return;
	if (excess > too_little(r) + 2 &&
	    !d->need && (excess > amount / 10 || excess > r->pool.free / 8 ||
			 policy_falls(&r->policy)))
		start_shrink(r, keep);
}

/* Does the group need an amount that the pool does not have? */
static bool is_hungry(const struct ledger *l, const struct lgroup *g, int res)
{
	const struct lres *r = &g->res[res];

	if (g->rec.state != GROUP_ACTIVE || !group_limited(g, res) ||
	    !g->present || r->blocked || l->session->trust == TRUST_LEARN || l->session->leaving ||
	    !r->demand.need)
		return false;
	if (!r->pool.free)
		return r->hungry || g->sure;
	/* A group whose pool was empty is hungry until its need is met or
	 * its ancestors' leases make free units useless.
	 */
	return r->hungry && demand_useful(l, g, res, r->demand.need);
}

/* Watch a group's pools while one was empty in need, or has shards and debt. */
static void assess_hunger(struct ledger *l, struct lgroup *g)
{
	bool hungry = false;
	char prefix[KEY_LEN];

	for (int i = 0; i < RES_N; i++) {
		struct lres *r = &g->res[i];
		bool now = is_hungry(l, g, i);

		if (now && !r->hungry)
			r->hungry_since = l->now;
		r->hungry = now;
		/* Debt in a sharded pool: watch the pool, so that free units
		 * pay the debt.
		 */
		hungry |= now || (r->debt && r->n_shards > 1);
	}

	group_pool_prefix(prefix, g->rec.id);
	if (hungry && !g->watch_pool)
		out_watch(l, prefix);
	else if (!hungry && g->watch_pool)
		out_unwatch(l, prefix);
	g->watch_pool = hungry;
}

/* Read changed pools once, after all changes were taken in. */
void demand_read_pools(struct ledger *l)
{
	struct lgroup *g;

	for_each_group(l, g)
		for (int r = 0; r < RES_N; r++)
			if (g->res[r].pool_news)
				read_pool(l, g, r);
}

void demand_weigh(struct ledger *l)
{
	struct lgroup *g;

	demand_read_pools(l);
	for (int i = 0; i < RES_N; i++)
		weigh_res(l, i);
	for_each_group(l, g)
		assess_hunger(l, g);
}

void demand_assess(struct ledger *l)
{
	struct lgroup *g;

	demand_weigh(l);
	for_each_group(l, g)
		for (int r = 0; r < RES_N; r++)
			assess_res(l, g, r);
}

bool demand_asked(const struct ledger *l)
{
	const struct lgroup *g;

	if (!session_runs(l->session))
		return false;
	for_each_group(l, g)
		for (int r = 0; r < RES_N; r++)
			if (g->res[r].wanted && !g->res[r].answer_at &&
			    group_amount(g, r))
				return true;
	return false;
}

uint64_t demand_timer(const struct ledger *l)
{
	uint64_t answer = UINT64_MAX;
	bool any = false, falls = false;
	const struct lgroup *g;

	if (!session_runs(l->session))
		return answer;
	for_each_group(l, g)
		for (int r = 0; r < RES_N; r++) {
			if (g->res[r].answer_at > l->now)
				answer = min_u64(answer, g->res[r].answer_at);
			if (!group_limited(g, r))
				continue;
			any |= g->present || !g->seen;
			falls = falls || policy_falls(&g->res[r].policy);
		}
	if (!any)
		return answer;
	return min_u64(answer, l->now + (falls ? TICK / 4 : TICK));
}

/* Wants of this node */

/* Is the pool, as last read, empty, or too small for a piece that is needed?
 * Not if the transaction under construction takes units, or the whole piece.
 */
static bool is_dry(const struct lgroup *g, int res)
{
	const struct lres *r = &g->res[res];
	uint64_t taken = 0;

	if (g->in_txn)
		taken = minus(g->next.res[res].amount, group_amount(g, res));
	if (in_pieces(res))
		return r->demand.need > max_u64(r->pool.free, taken);
	return !r->pool.free && !taken;
}

struct want_rec demand_want(const struct ledger *l, const struct lgroup *g)
{
	struct want_rec want = { .seq = l->now };
	char prefix[KEY_LEN];

	group_pool_prefix(prefix, g->rec.id);
	for (int i = 0; i < RES_N; i++) {
		const struct lres *r = &g->res[i];
		uint64_t amount = group_amount(g, i);

		want.have[i] = is_short(l, g, i) ? amount : CGSPAN_MAX;
		if (!r->hungry || !g->watch_pool || !is_dry(g, i) ||
		    !out_watched(l, prefix))
			continue;
		want.need[i] = max_u64(r->demand.need, r->demand.ask);
	}
	return want;
}
