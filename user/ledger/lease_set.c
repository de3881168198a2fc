// SPDX-License-Identifier: GPL-2.0
/* Leases into the kernel: which are to be set, and what the kernel answered. */
#include "lease_set.h"

#include <stdlib.h>

#include "demand.h"
#include "out.h"
#include "rule.h"
#include "session.h"
#include "view.h"

/* Must the low-water mark be set? If it has more than doubled or halved; or if
 * it falls and headroom is below the old mark: the kernel tells that only once.
 */
static bool mark_moves(const struct lres *r, uint64_t low)
{
	return low > 2 * r->low || 2 * low < r->low ||
	       (low < r->low && minus(r->kernel, r->used) < r->low);
}

/* Set @it to the lease that the kernel should have; false: set nothing now. */
static bool kernel_item(struct ledger *l, struct lgroup *g, int res,
			struct ledger_item *it)
{
	struct lres *r = &g->res[res];
	uint64_t amount = group_amount(g, res);
	bool settled = g->sure && !g->in_txn && !r->shrink && !r->awaited;

	it->path = g->path;
	it->res = res;
	it->seq = g->lease.seq;
	it->low = r->low;
	it->exhausted = r->exhausted;
	if (!group_limited(g, res)) {
		it->amount = CGSPAN_MAX;
		return g->rec.state == GROUP_ACTIVE &&
		       (!r->known || r->kernel != CGSPAN_MAX) &&
		       out_watched(l, "group/");
	}
	if (r->awaited) {
		/* Set the store's lease, or shrink to the use if more, and then
		 * claim it; not while a transaction may still lower the lease.
		 */
		it->amount = amount;
		return !r->claimable && g->sure && !g->in_txn;
	}
	if (r->shrink == SHRINK_KERNEL &&
	    !rule_broken(RULE_STORE_FIRST_RETURN)) {
		it->amount = r->target;
		return true;
	}
	if (!settled)
		return false;
	it->amount = amount;
	it->low = r->demand.low;
	it->exhausted = r->hungry && l->now - r->hungry_since > EXHAUSTED;
	/* What is in use above the lease cannot be taken back now. */
	if (r->kernel > amount && r->used >= r->kernel)
		return false;
	return !r->known || r->kernel != amount ||
	       it->exhausted != r->exhausted || mark_moves(r, it->low);
}

/* Allocate the batch in session, not in ledger_new(): it takes much memory. */
static bool has_batch(struct ledger *l)
{
	if (!l->set->batch)
		l->set->batch = calloc(1, sizeof(*l->set->batch));
	if (!l->set->batch)
		ledger_no_memory(l);
	return l->set->batch;
}

static void add_item(struct lease_set *set, struct lgroup *g,
		     const struct ledger_item *it)
{
	struct lres *r = &g->res[it->res];

	set->batch->items[set->n] = *it;
	set->batch->set[set->n++] = (struct set_item){
		g->rec.id, !group_limited(g, it->res) ? SET_AMOUNT :
		r->awaited ? SET_CLAIM : r->shrink ? SET_SHRINK : SET_AMOUNT };
	r->setting = true;
	r->low = it->low;
	r->exhausted = it->exhausted;
}

void lease_set_send(struct ledger *l)
{
	struct ledger_intent in = { .kind = LEDGER_LEASE_SET };
	struct lease_set *set = l->set;
	struct ledger_item it;
	struct lgroup *g;

	if (set->id || l->now < set->retry || !has_batch(l))
		return;
	for_each_group(l, g)
		for (int r = 0; g->present && r < RES_N; r++)
			if (set->n < CGSPAN_LEASES_MAX &&
			    kernel_item(l, g, r, &it))
				add_item(set, g, &it);
	if (!set->n)
		return;
	set->id = ++l->out->last_id;
	in.id = set->id;
	in.lease.epoch = l->session->epoch;
	in.lease.items = set->batch->items;
	in.lease.n = set->n;
	out_queue(l, &in, NULL, NULL);
}

static void held(struct lgroup *g, int res, enum set_why why,
		 const struct ledger_held *h)
{
	struct lres *r = &g->res[res];

	if (h->missing) {
		g->present = false;
		group_is_absent(g, res);
		r->shrink = SHRINK_NO;
		return;
	}
	r->kernel = h->amount;
	r->known = true;
	r->used = h->used;
	if (r->shrink == SHRINK_KERNEL && why == SET_SHRINK)
		r->shrink = r->kernel < group_amount(g, res) ? SHRINK_STORE :
							      SHRINK_NO;
	if (r->awaited && why == SET_CLAIM)
		r->claimable = true;
}

void lease_set_done(struct ledger *l, const struct ledger_held *reply)
{
	struct lease_set *set = l->set;

	for (size_t i = 0; i < set->n; i++) {
		const struct set_item *it = &set->batch->set[i];
		struct lgroup *g = view_group_by_id(l, it->group);
		uint32_t res = set->batch->items[i].res;

		if (!g)
			continue;
		g->res[res].setting = false;
		if (reply)
			held(g, res, it->why, &reply[i]);
		else
			g->res[res].shrink = SHRINK_NO;
	}
	set->n = 0;
	set->id = 0;
}
