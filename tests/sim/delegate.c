// SPDX-License-Identifier: GPL-2.0
#include "delegate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/rule.h"
#include "model/codec.h"
#include "model/desired.h"
#include "model/kvs.h"
#include "world.h"

void delegate_breach(struct cells *c, const char *fmt, ...)
{
	va_list ap;

	if (c->breach[0])
		return;
	va_start(ap, fmt);
	vsnprintf(c->breach, sizeof(c->breach), fmt, ap);
	va_end(ap);
}

struct transfer delegate_transfer(const struct cell *c)
{
	const struct store_kv *kv = kvs_find(world_store(c->w), TRANSFER);
	struct transfer t = { .amount = CGSPAN_MAX };

	if (kv && sscanf(kv->val, "{\"v\":1,\"epoch\":%" SCNu64 ",\"seq\":%" SCNu64 ",\"amount\":%" SCNu64,
			 &t.epoch, &t.seq, &t.amount) != 3)
		delegate_breach(c->all, "a transfer cannot be read: %s", kv->val);
	return t;
}

static char *format_transfer(const struct transfer *t)
{
	char *val = need(malloc(128));

	snprintf(val, 128, "{\"v\":1,\"epoch\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"amount\":%" PRIu64 "}",
		 t->epoch, t->seq, t->amount);
	return val;
}

uint64_t delegate_wants(const struct cell *c, bool any)
{
	const struct kvs *store = world_store(c->w);
	struct want_rec want;
	uint64_t sum = 0;

	for (size_t i = kvs_lower(store, "want/"); i < store->n; i++) {
		const struct store_kv *kv = &store->kv[i];

		if (!has_prefix(kv->key, "want/"))
			break;
		if (any)
			return 1;
		if (!want_parse(kv->val, kv->len, &want, NULL))
			sum += want.need[TASKS];
	}
	return sum > c->free ? sum - c->free : 0;
}

static uint64_t waiting(void *arg, unsigned int node)
{
	struct cells *c = arg;

	return delegate_wants(&c->cells[node], false);
}

static void begin(struct cell *c);

/* Does the delegate die at @where, as planned or by a fault? Answers to it are dropped. */
static bool crashes(struct cell *c, enum cells_crash where)
{
	struct cells *all = c->all;

	if (c->crash != where && !(fault(all) && rnd(all, 4) == where))
		return false;
	c->crash = CRASH_N;
	c->run++;
	c->n_asks = 0;
	all->stats.crashes[where]++;
	world_after(all->root, c->i, 0, DIE);
	return true;
}

static void die(struct cell *c)
{
	struct cells *all = c->all;

	world_kill(all->root, c->i);
	world_after(all->root, c->i,
		    rnd(all, rnd(all, 2) ? 20 * MSEC : 2 * SEC), RESTART);
}

/* The cell's limit that @a writes. FENCE: unchanged; EPOCH and OWE: 0; LIFT: the given amount;
 * SET: 0 while the root is in debt, else the lease, at least what nodes hold of the given amount.
 */
static uint64_t limit_for(const struct cell *c, const struct ask *a)
{
	bool owes = world_debt(c->all->root, JOB);

	switch (a->what) {
	case FENCE:
		return world_limit(c->w, JOB);
	case SET:
		return owes ? 0 : max_u64(a->amount, min_u64(c->held.used,
							     c->held.amount));
	case LIFT:
		return c->held.amount;
	default:
		return 0;
	}
}

/* The value of the key TRANSFER that @a writes with the limit. */
static struct transfer transfer_for(const struct cell *c, const struct ask *a)
{
	struct transfer t = c->transfer;

	if (t.amount == CGSPAN_MAX)
		t.amount = c->held.amount;
	if (a->what == EPOCH)
		t.amount = 0;
	if (a->what == SET)
		t.amount = max_u64(a->amount, min_u64(c->held.used, t.amount));
	if (a->what == EPOCH || a->what == SET)
		t.epoch = a->epoch;
	if (a->what == SET)
		t.seq = a->seq;
	return t;
}

static void put_transfer(const struct cell *c, struct txn *t,
			 const struct ask *a)
{
	const struct store_kv *kv = kvs_find(world_store(c->w), TRANSFER);
	struct transfer to = transfer_for(c, a);

	if (!rule_broken(RULE_NO_TRANSFER))
		txn_compare(t, TRANSFER, kv ? kv->mod_rev : 0);
	txn_put(t, TRANSFER, format_transfer(&to));
}

static void build(struct cell *c, struct txn *t, const struct ask *a)
{
	struct desired_change change = { 0 };
	int ret;

	change.limit_set[TASKS] = true;
	change.limit[TASKS] = limit_for(c, a);
	ret = desired_set(t, world_store(c->w), JOB, &change, NULL);
	if (ret)
		delegate_breach(c->all, "a cell's limit cannot be set: %s",
				strerror(-ret));
	put_transfer(c, t, a);
}

static void post(struct cell *c, struct request *r, uint64_t delay)
{
	struct cells *all = c->all;

	r->id = ++all->last_id;
	r->next = all->requests;
	all->requests = r;
	world_after(all->root, c->i, delay, r->id);
}

static struct request *request(struct cell *c, uint64_t delay)
{
	struct request *r = need(calloc(1, sizeof(*r)));

	r->run = c->run;
	txn_init(&r->txn);
	post(c, r, delay);
	return r;
}

/* After @delay the delegate gets the store's result and the cell's present state. */
static void reply(struct cell *c, enum store_result res, uint64_t delay)
{
	struct request *r = request(c, delay);

	r->arrived = true;
	r->res = res;
	r->held = c->held;
}

/* Report an unknown result to the delegate, which then reads and writes again. */
static void give_up(struct cell *c)
{
	c->all->stats.unknown++;
	reply(c, STORE_UNKNOWN, 100 * MSEC + rnd(c->all, 400 * MSEC));
}

static void send(struct cell *c)
{
	struct cells *all = c->all;
	struct request *r;

	if (fault(all)) {
		give_up(c);
		if (!rnd(all, 3))
			return;
		r = request(c, rnd(all, rnd(all, 2) ? 50 * MSEC : 3 * SEC));
		r->late = true;
	} else {
		r = request(c, hop(all));
	}
	build(c, &r->txn, &c->asks[0]);
	crashes(c, CRASH_SENT);
}

/* Are the limit and amount of a SET in the store already, so that nothing is written? */
static bool is_done(const struct cell *c, const struct ask *a)
{
	return a->what == SET && limit_for(c, a) == world_limit(c->w, JOB) &&
	       transfer_for(c, a).amount == c->transfer.amount;
}

static void answer(struct cell *c, const struct ledger_held *held)
{
	struct cells *all = c->all;
	struct ask a = c->asks[0];

	if (a.what == SET && crashes(c, CRASH_HEARD))
		return;
	memmove(&c->asks[0], &c->asks[1], --c->n_asks * sizeof(a));
	if (c->n_asks)
		begin(c);
	switch (a.what) {
	case FENCE:
		world_started(all->root, c->i);
		break;
	case EPOCH:
		world_renewed(all->root, c->i);
		break;
	case SET:
		world_held(all->root, c->i, held);
		break;
	default:
		break;
	}
}

/* If RULE_CREDIT_FIRST is broken and the SET lowers the amount: answer before the debit. */
static bool tell_first(struct cell *c)
{
	uint64_t limit = transfer_for(c, &c->asks[0]).amount;
	struct request *r;

	if (!rule_broken(RULE_CREDIT_FIRST) || c->asks[0].what != SET ||
	    limit >= c->held.amount)
		return false;
	r = request(c, hop(c->all));
	r->late = true;
	build(c, &r->txn, &c->asks[0]);
	r = request(c, 0);
	r->arrived = true;
	r->held = c->held;
	r->held.amount = limit;
	return true;
}

static void begin(struct cell *c)
{
	if (tell_first(c))
		return;
	if (is_done(c, &c->asks[0]))
		reply(c, STORE_APPLIED, MSEC / 10);
	else
		send(c);
}

void delegate_ask(struct cell *c, struct ask a)
{
	c->asks[c->n_asks++] = a;
	if (c->n_asks == 1)
		begin(c);
}

/* The transaction of @r reaches the cell's store. */
static void arrive(struct cell *c, struct request *r)
{
	uint64_t limit = world_limit(c->w, JOB);
	enum store_result res = world_commit(c->w, &r->txn.view);
	struct cells *all = c->all;

	all->stats.up += world_limit(c->w, JOB) > limit;
	all->stats.down += world_limit(c->w, JOB) < limit;
	all->stats.late += r->late && res == STORE_APPLIED;
	if (r->late || r->run != c->run || crashes(c, CRASH_DONE))
		return;
	if (fault(all))
		give_up(c);
	else
		reply(c, res, hop(all));
}

static void request_free(struct request *r)
{
	txn_fini(&r->txn);
	free(r);
}

/* Has the store no leader? If so, a later leader carries @r out, or @r is lost. */
static bool is_stuck(struct cell *c, struct request *r)
{
	uint64_t leader_in = world_leader_in(c->w);

	if (!leader_in)
		return false;
	if (!r->late && r->run == c->run)
		give_up(c);
	r->late = true;
	if (rnd(c->all, 2))
		post(c, r, leader_in + rnd(c->all, 3 * SEC));
	else
		request_free(r);
	return true;
}

static struct request *take(struct cells *c, uint64_t id)
{
	struct request **p = &c->requests, *r;

	while (*p && (*p)->id != id)
		p = &(*p)->next;
	r = *p;
	if (r)
		*p = r->next;
	return r;
}

static void due(void *arg, unsigned int node, uint64_t id)
{
	struct cells *all = arg;
	struct cell *c = &all->cells[node];
	struct request *r;

	if (id == RESTART) {
		world_start(all->root, node);
		return;
	}
	if (id == DIE) {
		die(c);
		return;
	}
	r = take(all, id);
	if (!r->arrived && is_stuck(c, r))
		return;
	if (!r->arrived)
		arrive(c, r);
	else if (r->run == c->run && r->res == STORE_APPLIED)
		answer(c, &r->held);
	else if (r->run == c->run)
		send(c);
	request_free(r);
}

/* Functions that the root's world calls in place of a node's kernel */

static void start(void *arg, unsigned int node)
{
	struct cells *c = arg;

	delegate_ask(&c->cells[node], (struct ask){ .what = FENCE });
}

static void stop(void *arg, unsigned int node)
{
	struct cells *c = arg;

	c->cells[node].run++;
	c->cells[node].n_asks = 0;
}

static void renew(void *arg, unsigned int node, uint64_t epoch)
{
	struct cells *c = arg;

	delegate_ask(&c->cells[node],
		     (struct ask){ .what = EPOCH, .epoch = epoch });
}

static void set(void *arg, unsigned int node, uint64_t epoch,
		const struct ledger_item *it)
{
	struct cells *all = arg;
	struct cell *c = &all->cells[node];

	if (!crashes(c, CRASH_ASKED))
		delegate_ask(c, (struct ask){ SET, it->amount, it->seq, epoch });
}

static void settled(void *arg, unsigned int node, uint64_t *lease,
		    uint64_t *used)
{
	struct cells *c = arg;

	*lease = c->cells[node].held.amount;
	*used = c->cells[node].held.used;
}

const struct world_cells delegate_ops = {
	settled, start, stop, renew, set, waiting, due,
};

void delegate_free_requests(struct cells *c)
{
	struct request *r;

	while ((r = c->requests)) {
		c->requests = r->next;
		request_free(r);
	}
}
