// SPDX-License-Identifier: GPL-2.0
/* Leases into the kernel: which are to be set, and what the kernel answered. */
#include "lease_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "rule.h"

/* Is this low-water mark worth telling? One that has been told of is used up,
 * and where that was too early, it is to be told of again.
 */
static bool mark_moves(const struct lres *r, uint64_t low)
{
	return low > 2 * r->low || 2 * low < r->low ||
	       (low < r->low && minus(r->kernel, r->used) < r->low);
}

/* What the kernel is to hold; false: it is as it should be. */
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
		       ledger_watched(l, "group/");
	}
	if (r->awaited) {
		/* To what is in use, and that is then claimed: not while an
		 * older transaction may yet lower the lease.
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
	/* What is above the lease and all in use cannot shrink now. */
	if (r->kernel > amount && r->used >= r->kernel)
		return false;
	return !r->known || r->kernel != amount ||
	       it->exhausted != r->exhausted || mark_moves(r, it->low);
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
		g->rec.id, res, !group_limited(g, res) ? SET_AMOUNT :
		r->awaited ? SET_CLAIM : r->shrink ? SET_SHRINK : SET_AMOUNT };
	r->setting = true;
	r->low = it->low;
	r->exhausted = it->exhausted;
}

void lease_set_send(struct ledger *l)
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
		r->known = false;
		r->used = 0;
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
	for (size_t i = 0; i < l->n_items; i++) {
		struct lgroup *g = group_by_id(l, l->set[i].group);

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
