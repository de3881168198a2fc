// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: write what this kernel holds to a restored store. The kernel keeps
 * its old session until all is written.
 */
#include "claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/account.h"
#include "model/desired.h"
#include "demand.h"
#include "join.h"
#include "lost.h"
#include "move.h"
#include "out.h"
#include "request.h"
#include "rule.h"
#include "view.h"

void claim_fini(struct claims *c)
{
	while (c->n_orphans)
		free(c->orphans[--c->n_orphans].path);
	free(c->orphans);
	c->orphans = NULL;
}

void claim_begin(struct ledger *l)
{
	struct lgroup *g;

	l->claims->surveyed = false;
	for_each_group(l, g)
		g->claimed = false;
}

/* The orphan with this path (a group that the store lacks), or a new one. */
static struct orphan *orphan_of(struct ledger *l, const char *path)
{
	struct claims *c = l->claims;
	struct orphan *o;

	for (o = c->orphans; o < c->orphans + c->n_orphans; o++)
		if (!strcmp(o->path, path))
			return o;
	o = ledger_grow(l, c->orphans, c->n_orphans, sizeof(*o));
	if (!o)
		return NULL;
	c->orphans = o;
	o += c->n_orphans;
	*o = (struct orphan){ .path = strdup(path) };
	if (!o->path) {
		ledger_no_memory(l);
		return NULL;
	}
	c->n_orphans++;
	for (int i = 0; i < RES_N; i++)
		o->limit[i] = CGSPAN_MAX;
	return o;
}

void claim_orphan(struct ledger *l, const struct ledger_fact *f)
{
	/* Without a session the kernel holds no leases. */
	struct orphan *o = l->session->kernel_epoch ? orphan_of(l, f->path) :
						      NULL;

	if (!o)
		return;
	o->on_expiry = f->on_expiry;
	o->limit[f->res] = f->limit;
}

/* The first group by path that the store lacks: parents are created first. */
static struct orphan *next_orphan(const struct ledger *l)
{
	struct orphan *next = NULL;

	for (size_t i = 0; i < l->claims->n_orphans; i++) {
		struct orphan *o = &l->claims->orphans[i];

		if (!o->hopeless && !view_group(l, o->path) &&
		    (!next || strcmp(o->path, next->path) < 0))
			next = o;
	}
	return next;
}

/* Create in the store a group that it lacks, as this kernel has the group. */
static bool create_missing(struct ledger *l)
{
	struct desired_change c = { .on_expiry_set = true };
	struct cgspan_err err;
	struct orphan *o;
	int ret;

	while ((o = next_orphan(l))) {
		c.on_expiry = o->on_expiry;
		for (int i = 0; i < RES_N; i++) {
			c.limit_set[i] = true;
			c.limit[i] = o->limit[i];
		}
		ret = desired_create(l->txn, &l->view->cache, o->path, &c, &err);
		if (!ret)
			return true;
		if (ret == -ENOMEM)
			ledger_no_memory(l);
		else
			out_say(l, LEDGER_ST_BAD_VALUE,
				"the group %.120s of this kernel cannot be in the store: %s",
				o->path, err.msg);
		o->hopeless = true;
	}
	return false;
}

/* The amount to claim: the kernel's lease, or the use if that is more or if an
 * on-expiry policy has ended the lease. CGSPAN_MAX: no limit in the kernel.
 */
static uint64_t claim_of(const struct ledger *l, const struct lgroup *g,
			 int res)
{
	const struct lres *r = &g->res[res];

	if (rule_broken(RULE_BELIEVE_THE_BACKUP))
		return group_amount(g, res);
	if (!g->present)
		return 0;
	/* The kernel may not report a resource that has no limit there. */
	if (!r->known)
		return CGSPAN_MAX;
	if (g->on_expiry != CGSPAN_ON_EXPIRY_CONTINUE && l->now > l->session->deadline)
		return r->used;
	return max_u64(r->kernel, r->used);
}

static void claim_res(struct ledger *l, struct lgroup *g, int res)
{
	uint64_t had = group_amount(g, res), claim = claim_of(l, g, res);
	struct account a;
	int ret = 0;

	if (!group_limited(g, res) || g->res[res].no_pool)
		return;
	if (move_load(l, g, res, &a))
		goto out;
	if (claim == CGSPAN_MAX) {
		/* The kernel has no limit for the resource: its use is
		 * claimed later, in session.
		 */
		ret = names_add(&a.debt.await, l->name);
		claim = had;
	} else if (g->rec.state == GROUP_ACTIVE) {
		names_del(&a.debt.await, l->name);
	} else if (g->present) {
		ret = names_add(&a.debt.await, l->name);
	}
	if (ret) {
		ledger_no_memory(l);
		goto out;
	}
	account_give(&a, minus(had, claim));
	account_take(&a, minus(claim, had));
	move_put(l, g, res, &a, claim);
out:
	account_fini(&a);
}

/* Has this node to claim or return anything of @g, or does a debt await it? */
static bool claims(const struct ledger *l, const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (group_limited(g, i) && (g->lease_rev || g->res[i].awaited ||
					    claim_of(l, g, i)))
			return true;
	return false;
}

static void claim_group(struct ledger *l, struct lgroup *g)
{
	g->next = g->lease;
	g->drop = false;
	for (int r = 0; r < RES_N; r++)
		claim_res(l, g, r);
	move_put_lease(l, g);
}

static bool claim_leases(struct ledger *l)
{
	struct lgroup *g;
	bool any = false;

	l->request->probe = false;
	demand_read_pools(l);
	for_each_group(l, g) {
		if (g->claimed)
			continue;
		if (!claims(l, g)) {
			g->claimed = true;
			g->sure = true;
			continue;
		}
		if (any && !move_fits(l, g, move_all_shards(g)))
			break;
		claim_group(l, g);
		any = true;
	}
	return any;
}

void claim_step(struct ledger *l)
{
	enum trust_event says = lost_says(l, NULL);
	struct lgroup *g;

	/* No claim is awaited any longer, e.g. a new recovery left it out. */
	if (says == EV_WHOLE || says == EV_LEARNING) {
		session_event(l->session, EV_NOT_AWAITED);
		out_watch_anew(l);
		return;
	}
	if (!l->claims->surveyed || !out_watches_seen(l))
		return;
	for_each_group(l, g)
		if (!g->seen)
			return;
	join_beat(l);
	if (create_missing(l) || claim_leases(l)) {
		request_send(l, TXN_CLAIM);
		return;
	}
	txn_fini(l->txn);
	claim_fini(l->claims);
	join_send_claimed(l);
}
