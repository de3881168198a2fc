// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: tell a store that has gone back what this kernel holds. Until that is
 * done, the kernel keeps the session that it has.
 */
#include "claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/desired.h"
#include "demand.h"
#include "move.h"
#include "out.h"
#include "rule.h"
#include "session.h"

void claim_fini(struct ledger *l)
{
	while (l->n_orphans)
		free(l->orphans[--l->n_orphans].path);
	free(l->orphans);
	l->orphans = NULL;
}

static struct orphan *find_orphan(const struct ledger *l, const char *path)
{
	for (size_t i = 0; i < l->n_orphans; i++)
		if (!strcmp(l->orphans[i].path, path))
			return &l->orphans[i];
	return NULL;
}

void claim_orphan(struct ledger *l, const struct ledger_fact *f)
{
	struct orphan *o = find_orphan(l, f->path);
	void *p;

	/* Without a session the kernel holds no leases. */
	if (!l->kernel_epoch)
		return;
	if (!o) {
		p = realloc(l->orphans, (l->n_orphans + 1) * sizeof(*o));
		if (!p) {
			ledger_no_memory(l);
			return;
		}
		l->orphans = p;
		o = &l->orphans[l->n_orphans];
		*o = (struct orphan){ .path = strdup(f->path) };
		if (!o->path) {
			ledger_no_memory(l);
			return;
		}
		l->n_orphans++;
		for (int i = 0; i < RES_N; i++)
			o->limit[i] = CGSPAN_MAX;
	}
	o->on_expiry = f->on_expiry;
	o->limit[f->res] = f->limit;
}

/* Parents first: the first of them, by path, that is still missing. */
static struct orphan *next_orphan(const struct ledger *l)
{
	struct orphan *next = NULL;

	for (size_t i = 0; i < l->n_orphans; i++) {
		struct orphan *o = &l->orphans[i];

		if (!o->hopeless && !group_find(l, o->path) &&
		    (!next || strcmp(o->path, next->path) < 0))
			next = o;
	}
	return next;
}

/* Create a group that the store lacks as this kernel has it. */
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
		ret = desired_create(&l->txn, &l->cache, o->path, &c, &err);
		if (!ret)
			return true;
		if (ret == -ENOMEM)
			ledger_no_memory(l);
		else
			ledger_say(l, LEDGER_ST_BAD_VALUE,
				   "the group %.120s of this kernel cannot be in the store: %s",
				   o->path, err.msg);
		o->hopeless = true;
	}
	return false;
}

/* The lease, or what is in use if that is more. After a policy has ended the lease,
 * only what is in use.
 */
static uint64_t claim_of(const struct ledger *l, const struct lgroup *g,
			 int res)
{
	const struct lres *r = &g->res[res];

	if (rule_broken(RULE_BELIEVE_THE_BACKUP))
		return group_amount(g, res);
	if (!g->present)
		return 0;
	/* Of what is not limited there, the kernel does not tell. */
	if (!r->known)
		return CGSPAN_MAX;
	if (g->on_expiry != CGSPAN_ON_EXPIRY_CONTINUE && l->now > l->deadline)
		return r->used;
	return max_u64(r->kernel, r->used);
}

static void claim_res(struct ledger *l, struct lgroup *g, int res)
{
	const struct lease_res *old = &g->lease.res[res];
	uint64_t had = group_amount(g, res), claim = claim_of(l, g, res);
	struct account a;
	int ret = 0;

	if (!group_limited(g, res) || g->res[res].no_pool)
		return;
	if (move_load(l, g, res, &a))
		goto out;
	if (claim == CGSPAN_MAX) {
		/* It had no limit: answered in session, with what is in use. */
		ret = account_await(&a, l->name);
		claim = had;
	} else if (g->rec.state == GROUP_ACTIVE) {
		account_answer(&a, l->name);
	} else if (g->present) {
		ret = account_await(&a, l->name);
	}
	if (ret) {
		ledger_no_memory(l);
		goto out;
	}
	account_give(&a, minus(had, claim));
	account_take(&a, minus(claim, had));
	move_put_sums(&a, &g->res[res], old, old->gen == g->rec.gen[res],
		      &g->next.res[res]);
	g->next.res[res].amount = claim;
	g->next.res[res].gen = g->rec.gen[res];
	account_write(&a, &l->txn);
out:
	account_fini(&a);
}

/* Is there anything of it to be claimed, or to be given back? */
static bool claims(const struct ledger *l, const struct lgroup *g)
{
	for (int i = 0; i < RES_N; i++)
		if (group_limited(g, i) && (g->lease_rev || g->res[i].awaited ||
					    claim_of(l, g, i)))
			return true;
	return false;
}

static bool claim_leases(struct ledger *l)
{
	bool any = false;
	size_t n;

	l->probe = false;
	demand_read_pools(l);
	for (size_t i = 0; i < l->n_groups; i++) {
		struct lgroup *g = l->groups[i];

		if (g->claimed)
			continue;
		if (!claims(l, g)) {
			g->claimed = true;
			g->sure = true;
			continue;
		}
		n = move_accounts(g);
		if (any && (!txn_room(&l->txn, MOVE_ROOM(n, move_all_shards(g))) ||
			    l->txn.view.n_ops + MOVE_OPS(n, move_all_shards(g)) >
			    CHANGES_MAX))
			break;
		g->next = g->lease;
		g->drop = false;
		for (int r = 0; r < RES_N; r++)
			claim_res(l, g, r);
		move_put_lease(l, g);
		any = true;
	}
	return any;
}

void claim_step(struct ledger *l)
{
	char key[KEY_LEN];

	/* An administrator has started another recovery without this node. */
	if (!l->awaited) {
		l->phase = PH_READ;
		ledger_watch_anew(l);
		return;
	}
	if (!l->surveyed || !ledger_watches_seen(l))
		return;
	for (size_t i = 0; i < l->n_groups; i++)
		if (!l->groups[i]->seen)
			return;
	session_compare(l);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	if (create_missing(l) || claim_leases(l)) {
		ledger_send(l, TXN_CLAIM);
		return;
	}
	txn_fini(&l->txn);
	claim_fini(l);
	session_send_claimed(l);
}
